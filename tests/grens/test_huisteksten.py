"""Texts of this house: asked from the service of the melding, at a known address, with a token."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from uuid_utils.compat import uuid7

from schakel.grens import huisteksten
from schakel.grens.huisteksten import Huisteksten, TekstNietTeKrijgen

SCHAKEL = uuid7()
HIER = f"http://127.0.0.1:8102/v1/meldingen/{SCHAKEL}/inhoud"
GINDS = HIER.replace("127.0.0.1", "meldingen.example.nl")


class Dienst(httpx.AsyncBaseTransport):
    """A service that answers this, and remembers what it was asked."""

    def __init__(self, status: int, inhoud: bytes) -> None:
        self._antwoord = (status, inhoud)
        self.vragen: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.vragen.append(request)
        status, inhoud = self._antwoord
        koppen = {"location": "http://127.0.0.1:9/"} if status == 302 else {}
        return httpx.Response(status, content=inhoud, headers=koppen)


GOED = b'{"inhoud":{"opdracht":"hang hem recht"}}'


async def test_de_opdracht_komt_van_de_dienst_van_de_melding(tmp_path: Path) -> None:
    dienst = Dienst(200, GOED)
    bestand = tmp_path / "token"
    bestand.write_text("eerste\n")
    bron = Huisteksten({}, bestand, dienst)
    assert await bron.haal("herstellen", HIER, SCHAKEL) == "hang hem recht"
    bestand.write_text("tweede\n")
    await bron.haal("herstellen", HIER, SCHAKEL)
    assert [str(een.url) for een in dienst.vragen] == [HIER] * 2
    tokens = [een.headers["authorization"] for een in dienst.vragen]
    assert tokens == ["Bearer eerste", "Bearer tweede"]


async def test_een_genoemd_adres_gaat_voor_dat_in_het_bericht() -> None:
    dienst = Dienst(200, GOED)
    bron = Huisteksten({"herstellen": "http://herstellen:8102/"}, None, dienst)
    assert await bron.haal("herstellen", GINDS, SCHAKEL) == "hang hem recht"
    (vraag,) = dienst.vragen
    assert str(vraag.url) == f"http://herstellen:8102/v1/meldingen/{SCHAKEL}/inhoud"
    assert "authorization" not in vraag.headers


async def test_naar_een_adres_dat_niemand_noemde_gaat_geen_vraag() -> None:
    dienst = Dienst(200, GOED)
    with pytest.raises(TekstNietTeKrijgen, match="SCHAKEL_ADRESSEN"):
        await Huisteksten({}, None, dienst).haal("herstellen", GINDS, SCHAKEL)
    assert dienst.vragen == []


async def test_alleen_wat_de_dienst_zegt_niet_te_hebben_is_gewist() -> None:
    dienst = Dienst(404, b'{"code":"inhoud-niet-gevonden"}')
    assert await Huisteksten({}, None, dienst).haal("herstellen", HIER, SCHAKEL) is None


@pytest.mark.parametrize(
    ("status", "inhoud"),
    [
        (404, b'{"code":"niet-gevonden"}'),
        (404, b"nginx"),
        (401, b'{"code":"niet-aangemeld"}'),
        (302, b""),
        (503, b"{}"),
        (200, b"{}"),
        (200, b'{"inhoud":{"tekst":"wat de melder Testpersoon schreef"}}'),
        (200, b'{"inhoud":{"opdracht":5}}'),
        (200, b'{"inhoud":{"opdracht":"Testpersoon'),
        (200, b"x" * 262_145),
    ],
)
async def test_al_het_andere_is_later_te_krijgen_en_wordt_nergens_herhaald(
    status: int, inhoud: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    bron = Huisteksten({}, None, Dienst(status, inhoud))
    with pytest.raises(TekstNietTeKrijgen) as fout:
        await bron.haal("herstellen", HIER, SCHAKEL)
    gemeld = capsys.readouterr()
    assert "tekst_niet_te_krijgen" in gemeld.out + gemeld.err
    assert "Testpersoon" not in f"{fout.value}{gemeld}"


def _met_accent(map_: Path) -> Path:
    (bestand := map_ / "token").write_text("é")
    return bestand


@pytest.mark.parametrize(
    "maak",
    [lambda map_: map_ / "er-niet", lambda map_: map_, _met_accent],
    ids=["geen bestand", "een map", "geen token"],
)
async def test_zonder_leesbaar_token_gaat_er_geen_vraag(
    tmp_path: Path, maak: Callable[[Path], Path]
) -> None:
    dienst = Dienst(200, GOED)
    with pytest.raises(TekstNietTeKrijgen):
        await Huisteksten({}, maak(tmp_path), dienst).haal("herstellen", HIER, SCHAKEL)
    assert dienst.vragen == []


async def test_een_adres_dat_geen_adres_is_houdt_de_tekst_hier() -> None:
    bron = Huisteksten({"herstellen": "http://herstellen:hier"}, None, Dienst(200, GOED))
    with pytest.raises(TekstNietTeKrijgen):
        await bron.haal("herstellen", HIER, SCHAKEL)


async def test_een_dienst_die_zwijgt_houdt_niemand_lang_op(monkeypatch: pytest.MonkeyPatch) -> None:
    class Zwijgt(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            del request
            await asyncio.sleep(60)
            raise AssertionError

    monkeypatch.setattr(huisteksten, "GEDULD", 0.05)
    with pytest.raises(TekstNietTeKrijgen):
        await Huisteksten({}, None, Zwijgt()).haal("herstellen", HIER, SCHAKEL)
