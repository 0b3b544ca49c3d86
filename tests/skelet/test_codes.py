"""Codes come from lists where there are lists, and never hide the number of a person."""

import asyncio
import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import BaseModel, StringConstraints
from tests.keten.proefketen import kop
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.feit import Code
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.weigering import Ongeldig, StartFout
from schakel.kern.http import Rol
from schakel.skelet.codes import CODES, Codelijsten, Codes
from schakel.skelet.instellingen import Instellingen
from schakel.skelet.melding import ACTIES
from schakel.skelet.proces import Procesdienst
from schakel.skelet.stappen.begin import Intake
from schakel.skelet.termijnen import Dienstencatalogus, Termijnen

H = OMSCHRIJVING[Proces.HERSTELLEN]
PATROON = next(een.pattern for een in get_args(Code) if isinstance(een, StringConstraints))


def velden_van(soort: type[BaseModel]) -> Iterator[str]:
    """The fields of a command, and of what stands in it, that are codes."""
    for naam, veld in soort.model_fields.items():
        if any(getattr(een, "pattern", None) == PATROON for een in veld.metadata):
            yield naam
        yield from _in(naam, veld.annotation)


def _in(naam: str, soort: Any) -> Iterator[str]:
    if isinstance(soort, type) and issubclass(soort, BaseModel):
        yield from velden_van(soort)
    elif get_origin(soort) is Annotated and get_args(soort)[1:] == get_args(Code)[1:]:
        yield naam
    elif isinstance(soort, types.UnionType) or get_origin(soort) is not None:
        for deel in get_args(soort):
            yield from _in(naam, deel)


def opdrachten() -> set[type[BaseModel]]:
    eigen = [actie for omschrijving in OMSCHRIJVING.values() for actie in omschrijving.acties]
    return {Intake, *(actie.opdracht for actie in (*ACTIES, *eigen))}  # type: ignore[arg-type]


def test_elk_veld_dat_een_code_is_wordt_bekeken() -> None:
    """Whoever adds a command with another one adds it there."""
    gevonden = {naam for soort in opdrachten() for naam in velden_van(soort)}
    assert gevonden == CODES


def intake(**anders: Any) -> Intake:
    vast = {
        "dienst": "verlichting",
        "kanaal": "web",
        "melder": {"soort": "burger", "naam": "Jan 0612345678"},
        "tekst": "bel 0612345678",
        "namens": {"naam": "Piet", "machtiging": "volmacht"},
    }
    return Intake.model_validate_json(json.dumps(vast | anders))


def omzetting(*diensten: str, reden: str = "ander-soort") -> Any:
    soort = next(actie.opdracht for actie in ACTIES if actie.stap == "omzettingen")
    naar = [{"meldingsoort": "wens", "dienst": dienst} for dienst in diensten]
    return soort.model_validate({"reden": reden, "naar": naar})  # type: ignore[attr-defined]


VRIJ = Codes(Dienstencatalogus(), Codelijsten())
MET_NUMMER = ["0612345678", "123456", "bsn-123456782", "a1234567", "0-000000-0", "x000000"]


@pytest.mark.parametrize("code", MET_NUMMER)
def test_een_code_met_zes_cijfers_achter_elkaar_wordt_geweigerd(code: str) -> None:
    for gevraagd in (
        intake(dienst=code),
        intake(namens={"naam": "Piet", "machtiging": code}),
        omzetting("goed", reden=code),
        omzetting("goed", code),
    ):
        with pytest.raises(Ongeldig, match="code-met-nummer") as fout:
            VRIJ.keur(gevraagd)
        assert code not in fout.value.uitleg


def test_wat_geen_nummer_is_mag() -> None:
    for code in ("12345", "wet-2024-12345-a", "1-2-3-4-5-6-7", "a12345b12345", "x" * 64):
        VRIJ.keur(intake(dienst=code))
        VRIJ.keur(omzetting(code, reden=code))


def test_met_lijsten_mag_alleen_wat_daarin_staat() -> None:
    catalogus = Dienstencatalogus(diensten={"verlichting": Termijnen()})
    codes = Codes(catalogus, Codelijsten(reden=frozenset({"dubbel"}), soort=frozenset({"dubbel"})))
    codes.keur(intake())
    codes.keur(omzetting("verlichting", reden="dubbel"))
    for gevraagd, veld in (
        (intake(dienst="riolering"), "dienst"),
        (omzetting("verlichting", reden="anders"), "reden"),
        (omzetting("verlichting", "riolering", reden="dubbel"), "dienst"),
    ):
        with pytest.raises(Ongeldig, match=f"code-onbekend: {veld}"):
            codes.keur(gevraagd)


@pytest.mark.parametrize(
    ("tekst", "code"),
    [
        (None, "codes-onleesbaar"),
        ("{", "codes-ongeldig"),
        ('{"redenen": ["dubbel"]}', "codes-ongeldig"),
        ('{"reden": ["Geen Code"]}', "codes-ongeldig"),
        ('{"reden": []}', "codes-ongeldig"),
    ],
)
def test_een_onbruikbare_lijst_houdt_de_start_tegen(
    tmp_path: Path, tekst: str | None, code: str
) -> None:
    bestand = tmp_path / "codes.json"
    if tekst is not None:
        bestand.write_text(tekst)
    with pytest.raises(StartFout) as fout:
        Procesdienst(H, Instellingen(gegevensmap=tmp_path, codes=bestand))
    assert (fout.value.code, "\n" in fout.value.uitleg) == (code, False)


async def test_wie_een_oude_opdracht_herhaalt_krijgt_zijn_antwoord_ook_al_mag_de_code_niet_meer(
    tmp_path: Path,
) -> None:
    """The same key and the same request: the same answer, for ever."""
    eerst = Procesdienst(H, Instellingen(gegevensmap=tmp_path))
    antwoord = await eerst.dienst.neem_aan(intake(), kop("een", rol=Rol.INTAKER))
    await eerst.schrijver.sluit()
    eerst.opslag.sluit()
    (tmp_path / "diensten.json").write_text('{"diensten": {"riolering": {}}}')
    eigen = Instellingen(gegevensmap=tmp_path, dienstencatalogus=tmp_path / "diensten.json")
    later = Procesdienst(H, eigen)
    assert await later.dienst.neem_aan(intake(), kop("een", rol=Rol.INTAKER)) == antwoord
    with pytest.raises(Ongeldig, match="code-onbekend"):
        await later.dienst.neem_aan(intake(), kop("twee", rol=Rol.INTAKER))
    assert len(await asyncio.to_thread(later.voorraad.opslag.select_notifications, None, 9)) == 1
    await later.schrijver.sluit()
    later.opslag.sluit()
