"""Who fetches and brings texts: each by itself, again until it is done, and none before another."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from uuid_utils.compat import uuid7

from schakel.grens import inhoudbode
from schakel.grens.fouten import Golffout
from schakel.grens.oproep import Roep, Weer

from .huizen import TweeHuizen
from .tekstverkeer import (
    TEKST,
    antwoordt,
    boeken,
    doe,
    draag_over,
    druk,
    roep_bij,
    standen,
    vraag,
    weg,
)
from .test_gif import aangeboden
from .test_rem import beheer
from .zijden import A, B


def weigert(code: str) -> Roep:
    """They refuse, with this code."""

    async def een(methode: str, pad: str, ruw: bytes | None) -> bytes:
        del methode, pad, ruw
        raise Golffout(code, "proef")

    return een


@pytest.fixture
async def brenger(tmp_path: Path) -> AsyncIterator[TweeHuizen]:
    """Two of which A cannot be called: it makes all calls, and so brings its texts."""
    huizen = await TweeHuizen(tmp_path, per_partij={A: {"adres": None}}, beller=A).open()
    await huizen.hervat()
    yield huizen
    await huizen.sluit()


@pytest.fixture(autouse=True)
def _geen_rust(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inhoudbode, "RUST", 0.0)


async def test_zolang_de_ander_weg_is_wacht_de_tekst_en_daarna_komt_zij(
    huizen: TweeHuizen,
) -> None:
    await draag_over(huizen)
    for _ in range(3):
        with pytest.raises(httpx.ConnectError):
            await doe(huizen.b, huizen.a, weg)
    assert standen(huizen.b) == [("v/1", "wacht")]
    # The line is down, not the text: as soon as they are back it is fetched.
    await doe(huizen.b, huizen.a)
    assert standen(huizen.b) == [("v/1", "er")]
    assert len(boeken(huizen.b)) == len(boeken(huizen.a)) == 1


async def test_wat_niet_gaat_wacht_steeds_langer_en_houdt_geen_ander_op(
    huizen: TweeHuizen,
) -> None:
    await draag_over(huizen)
    huizen.klok.verder(milliseconds=1)
    await draag_over(huizen)
    pogingen: list[tuple[int, str]] = []

    async def eerste_is_druk(methode: str, pad: str, ruw: bytes | None) -> bytes:
        pogingen.append((round((huizen.klok.nu - begin).total_seconds()), pad))
        if pad == pogingen[0][1]:
            raise Weer("te-druk")
        return await roep_bij(huizen.a, huizen.b)(methode, pad, ruw)

    begin = huizen.klok.nu
    with pytest.raises(Weer):
        await doe(huizen.b, huizen.a, eerste_is_druk)
    await doe(huizen.b, huizen.a, eerste_is_druk)
    assert sorted(stand for _, stand in standen(huizen.b)) == ["er", "wacht"]
    for _ in range(1_300):
        huizen.klok.verder(seconds=1)
        try:
            await doe(huizen.b, huizen.a, eerste_is_druk)
        except Weer:
            continue
    eerste = [op for op, pad in pogingen if pad == pogingen[0][1]]
    tussen = [later - op for op, later in pairwise(eerste)]
    assert tussen == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    huizen.klok.verder(seconds=300)
    await doe(huizen.b, huizen.a)
    assert {stand for _, stand in standen(huizen.b)} == {"er"}


async def test_wie_vraagt_om_te_wachten_krijgt_die_tijd(huizen: TweeHuizen) -> None:
    await draag_over(huizen)
    with pytest.raises(Weer):
        await doe(huizen.b, huizen.a, druk)
    for seconden, stand in ((6, "wacht"), (1, "er")):
        huizen.klok.verder(seconds=seconden)
        await doe(huizen.b, huizen.a)
        assert standen(huizen.b) == [("v/1", stand)]


@pytest.mark.parametrize("code", ["gewist", "dicht"])
async def test_wat_weg_is_wordt_opgegeven(huizen: TweeHuizen, code: str) -> None:
    await draag_over(huizen)
    await doe(huizen.b, huizen.a, weigert(code))
    assert standen(huizen.b) == [("v/1", code)]
    huizen.klok.verder(days=1)
    await doe(huizen.b, huizen.a)
    assert standen(huizen.b) == [("v/1", code)]


@pytest.mark.parametrize("code", ["niet-herkend", "geen-overeenkomst", "gestopt"])
async def test_wat_de_verbinding_aangaat_wordt_aan_haar_gemeld(
    huizen: TweeHuizen, code: str
) -> None:
    await draag_over(huizen)
    with pytest.raises(Golffout, match=code):
        await doe(huizen.b, huizen.a, weigert(code))
    await doe(huizen.b, huizen.a)
    assert standen(huizen.b) == [("v/1", "er")]


@pytest.mark.parametrize(
    "inhoud",
    [
        b"",
        b"{}",
        b"geen json",
        b'{"tekst":""}',
        b'{"tekst":"Testpersoon","melder":{"naam":"Testpersoon","contact":[]}}',
        b'{"tekst":"Testpersoon","vul":"' + b"x" * 65_536 + b'"}',
    ],
)
async def test_een_antwoord_dat_geen_tekst_is_wordt_niet_bewaard_en_nergens_herhaald(
    huizen: TweeHuizen, inhoud: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    await draag_over(huizen)
    await doe(huizen.b, huizen.a, antwoordt(inhoud))
    assert standen(huizen.b) == [("v/1", "wacht")]
    assert boeken(huizen.b) == []
    gemeld = capsys.readouterr()
    assert "tekst_geweigerd" in gemeld.out + gemeld.err
    assert "Testpersoon" not in gemeld.out + gemeld.err
    huizen.klok.verder(seconds=299)
    await doe(huizen.b, huizen.a)
    assert standen(huizen.b) == [("v/1", "wacht")]
    huizen.klok.verder(seconds=1)
    await doe(huizen.b, huizen.a)
    assert standen(huizen.b) == [("v/1", "er")]


async def test_wie_niet_gebeld_kan_worden_brengt_zijn_tekst_zelf(brenger: TweeHuizen) -> None:
    _, schakel = await draag_over(brenger)
    # B makes no calls at all.
    assert not brenger.b.grens.inhouden.volgende(brenger.b.grens.opslag, brenger.klok(), A)
    with pytest.raises(httpx.ConnectError):
        await doe(brenger.a, brenger.b, weg)
    await doe(brenger.a, brenger.b)
    pad = f"{schakel}/inhoud/v/1"
    assert standen(brenger.a) == standen(brenger.b) == [("v/1", "er")]
    # Once, though it was tried twice: it may have arrived the first time.
    assert boeken(brenger.a) == [("schakel-grens", "inhoud brengen", pad)]
    assert boeken(brenger.b) == [(A, "inhoud ontvangen", pad)]
    gevraagd = len(brenger.a.teksten.gevraagd)
    await doe(brenger.a, brenger.b)
    assert len(brenger.a.teksten.gevraagd) == gevraagd


async def test_wat_de_eigen_dienst_niet_geeft_wordt_later_gebracht(brenger: TweeHuizen) -> None:
    await draag_over(brenger)
    brenger.a.teksten.is_weg = True
    await doe(brenger.a, brenger.b)
    assert (standen(brenger.a), boeken(brenger.a)) == ([("v/1", "wacht")], [])
    brenger.a.teksten.is_weg = False
    brenger.klok.verder(seconds=1)
    await doe(brenger.a, brenger.b)
    assert standen(brenger.b) == [("v/1", "er")]
    assert [wat for _, wat, _ in boeken(brenger.a)] == ["inhoud brengen"]


async def test_een_tekst_die_voor_haar_bericht_aankomt_wordt_nog_eens_gebracht(
    brenger: TweeHuizen,
) -> None:
    await draag_over(brenger, over=False)
    await doe(brenger.a, brenger.b)
    assert standen(brenger.a) == [("v/1", "wacht")]
    await brenger.volg()
    brenger.klok.verder(seconds=1)
    await doe(brenger.a, brenger.b)
    assert standen(brenger.a) == standen(brenger.b) == [("v/1", "er")]


async def test_een_andere_tekst_daar_wordt_gemeld_en_de_rest_gaat_door(
    brenger: TweeHuizen, capsys: pytest.CaptureFixture[str]
) -> None:
    _, schakel = await draag_over(brenger)
    pad = f"{schakel}/inhoud/v/1"
    assert await vraag(brenger.b, "PUT", pad, json={"tekst": "iets anders"}) == (204, "")
    await doe(brenger.a, brenger.b)
    assert standen(brenger.a) == [("v/1", "geweigerd")]
    gemeld = capsys.readouterr()
    assert "andere-inhoud" in gemeld.out + gemeld.err
    assert "Testpersoon" not in gemeld.out + gemeld.err
    await draag_over(brenger)
    await doe(brenger.a, brenger.b)
    assert sorted(stand for _, stand in standen(brenger.a)) == ["er", "geweigerd"]


async def test_een_herstart_halverwege_doet_het_niet_over_en_verliest_niets(
    huizen: TweeHuizen,
) -> None:
    await draag_over(huizen)

    async def en_dan_uit(methode: str, pad: str, ruw: bytes | None) -> bytes:
        await roep_bij(huizen.a, huizen.b)(methode, pad, ruw)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await doe(huizen.b, huizen.a, en_dan_uit)
    await huizen.herstart(huizen.b)
    assert standen(huizen.b) == [("v/1", "wacht")]
    await doe(huizen.b, huizen.a)
    assert standen(huizen.b) == [("v/1", "er")]
    # It was given twice, and is kept once.
    assert [wat for _, wat, _ in boeken(huizen.a)] == ["inhoud geven"] * 2
    assert [wat for _, wat, _ in boeken(huizen.b)] == ["inhoud halen"]
    await huizen.herstart(huizen.b)
    await huizen.herstart(huizen.a)
    await doe(huizen.b, huizen.a)
    assert len(boeken(huizen.a)) == 2


@pytest.mark.parametrize("wie", "ab")
async def test_een_kopie_van_voor_de_vraag_krijgt_de_tekst_alsnog(
    huizen: TweeHuizen, wie: str
) -> None:
    huis = getattr(huizen, wie)
    kopie = await huizen.kopieer(huis)
    if wie == "b":
        await draag_over(huizen)
        await doe(huizen.b, huizen.a)
        await huizen.zet_terug(huizen.b, kopie)
    else:
        # The services of A keep what they have: only its grens is put back.
        await draag_over(huizen)
        await huizen.a.sluit()
        for oud in huizen.a.map.glob("grens.db*"):
            oud.unlink()
        for bewaard in kopie.glob("grens.db*"):
            (huizen.a.map / bewaard.name).write_bytes(bewaard.read_bytes())
        await huizen.a.open()
        await huizen.hervat()
        assert standen(huizen.a) == [("v/1", "wacht")]
        # Regained from the other: that a text goes with it. Where it is, the house says again.
        huizen.klok.verder(seconds=1)
    await huizen.volg()
    await doe(huizen.b, huizen.a)
    assert standen(huizen.b) == [("v/1", "er")]
    assert huizen.a.gezegd().count("aangeboden") == 1


async def test_een_herkregen_bericht_zonder_vindplaats_wordt_later_gegeven(
    huizen: TweeHuizen,
) -> None:
    schakel = uuid7()
    await huizen.a.kanaal.zeg([aangeboden(schakel, heeftInhoud=True)])
    await huizen.volg()
    ruw = huizen.a.kanaal.verkeer.uit.bladen(0, 1)
    await huizen.a.kanaal._doe(lambda werk: huizen.a.grens.gesprek.herkregen(werk, B, ruw))
    assert await vraag(huizen.a, "GET", f"{schakel}/inhoud/v/1") == (429, "te-druk")


async def test_in_een_blokkade_of_bij_een_stilstaande_verbinding_wordt_niets_gevraagd(
    huizen: TweeHuizen,
) -> None:
    await draag_over(huizen)
    await beheer(huizen.b, A, "blokkades")
    await doe(huizen.b, huizen.a, weigert("gestopt"))
    await beheer(huizen.b, A, "blokkade-opheffingen")
    await huizen.b.kanaal.sta_stil(Golffout("gestopt", "proef"), b"")
    await doe(huizen.b, huizen.a, weigert("gestopt"))
    assert standen(huizen.b) == [("v/1", "wacht")]


async def test_geen_tekst_of_naam_staat_in_de_boeken(huizen: TweeHuizen) -> None:
    await draag_over(huizen)
    await doe(huizen.b, huizen.a)
    for huis in (huizen.a, huizen.b):
        ((ruw,),) = huis.grens.opslag.vraag("SELECT inhoud FROM audit")
        regel = json.loads(bytes(ruw))
        assert TEKST not in bytes(ruw).decode()
        assert set(regel) == {
            "op", "wie", "rol", "wat", "waarop", "resultaat", "vanwaar", "spoor"
        }  # fmt: skip
        assert (regel["resultaat"], regel["spoor"]) == ("gedaan", None)
        ander = B if huis is huizen.a else A
        assert regel["vanwaar"] == ander
