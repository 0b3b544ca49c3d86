"""``schakel vernieuw-hoofdsleutel``, and the service that is started anew after it."""

import asyncio
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.bus.deur import INTAKE, Deur, deur
from tests.bus.meelezen import Log
from tests.cli.conftest import Gezegd
from tests.kern.proef import tot
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.weigering import StartFout
from schakel.kern.zicht import logboek
from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor

Schakel = Callable[..., Gezegd]


async def gelezen(h: Deur, melding: str) -> str:
    antwoord = await h.klant.get(f"/v1/meldingen/{melding}/inhoud")
    assert antwoord.status_code == 200, antwoord.text
    return str(antwoord.json()["inhoud"]["intake"]["tekst"])


async def test_na_vernieuwen_en_herstarten_is_alles_leesbaar_zonder_de_oude_sleutel(
    schakel: Schakel, tmp_path: Path
) -> None:
    uit = io.StringIO()
    logboek.stel_in(strikt=True, uit=uit)
    log, sleutel = Log(uit), tmp_path / "gegevens" / "sleutel"
    herstellen = OMSCHRIJVING[Proces.HERSTELLEN]

    def dienst() -> Procesdienst:
        return Procesdienst(herstellen, instellingen_voor(herstellen))

    async with deur(dienst()) as h:
        meldingen = [await h.meld() for _ in range(3)]
    gezegd = schakel("vernieuw-hoofdsleutel", "-o", "json")
    assert json.loads(gezegd.uit) == {"bestand": "gegevens/sleutel", "sleutels": 2}
    async with deur(dienst()) as h:
        await tot(lambda: any(log.regels("hoofdsleutel_vervangen")))
        assert [r["aantal"] for r in log.regels("hoofdsleutel_vervangen")] == [3]
        assert [await gelezen(h, een) for een in meldingen] == [INTAKE["tekst"]] * 3
    nieuw, oud = sleutel.read_bytes()[:32], sleutel.read_bytes()[32:]
    sleutel.write_bytes(nieuw)
    async with deur(dienst()) as h:
        assert await gelezen(h, meldingen[0]) == INTAKE["tekst"]
    sleutel.write_bytes(oud)
    with pytest.raises(StartFout, match="geen hoofdsleutel in het sleutelbestand opent"):
        dienst()


async def test_een_sleutel_die_weg_is_wordt_nooit_vervangen(
    schakel: Schakel, tmp_path: Path
) -> None:
    """Neither the key of a service that has texts, nor beside it for one that has none."""
    sleutel = tmp_path / "gegevens" / "sleutel"
    herstellen, wijzigen = OMSCHRIJVING[Proces.HERSTELLEN], OMSCHRIJVING[Proces.WIJZIGEN]
    async with deur(Procesdienst(herstellen, instellingen_voor(herstellen))) as h:
        melding = await h.meld()
    goed = sleutel.read_bytes()
    sleutel.unlink()
    for dienst in (herstellen, wijzigen):
        with pytest.raises(StartFout, match="er is geen hoofdsleutel in"):
            Procesdienst(dienst, instellingen_voor(dienst))
        assert not sleutel.exists()
    gezegd = await asyncio.to_thread(schakel, "start", "alles")
    assert gezegd.code == 2
    assert "er is geen hoofdsleutel in" in gezegd.fout
    assert gezegd.fout.count("\n") == 1
    sleutel.write_bytes(goed)
    async with deur(Procesdienst(herstellen, instellingen_voor(herstellen))) as h:
        assert await gelezen(h, melding) == INTAKE["tekst"]


def test_zonder_hoofdsleutel_is_er_niets_te_vernieuwen(schakel: Schakel, tmp_path: Path) -> None:
    gezegd = schakel("vernieuw-hoofdsleutel", tmp_path / "weg")
    assert gezegd.code == 2
    assert gezegd.fout == f"er is geen hoofdsleutel in {tmp_path / 'weg'}\n"


def test_de_uitleg_zegt_wat_er_nog_moet_gebeuren(schakel: Schakel, tmp_path: Path) -> None:
    (tmp_path / "sleutel").write_bytes(b"s" * 32)
    gezegd = schakel("vernieuw-hoofdsleutel", tmp_path / "sleutel")
    assert gezegd.code == 0
    assert "herstart de processen" in " ".join(gezegd.fout.split())
    assert (tmp_path / "sleutel").stat().st_size == 64
