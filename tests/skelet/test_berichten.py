"""The one door: each stored event gives exactly one public message, that the contract accepts."""

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import jsonschema
import msgspec
import pytest
from eventsourcing.persistence import Notification
from tests.skelet.geval import in_behandeling
from tests.skelet.soorten import OMSCHRIJVING, SOORT
from tests.skelet.voorbeelden import MELDING_ID, WORTEL_ID, gebeurtenissen, leg_vast, voorbeeld
from uuid_utils.compat import uuid7

from schakel.contracts.catalogus import berichten_van
from schakel.contracts.envelop import CONTENT_TYPE, feit_uit, feit_van, lees
from schakel.contracts.feit import Feit
from schakel.contracts.genereer import schema_van
from schakel.contracts.melding import Lopend, StapGezet
from schakel.contracts.snelschrift import als_tekst, vlug
from schakel.contracts.werkstromen import Proces
from schakel.kern.vastlegging.gebeurtenis import Register
from schakel.skelet.stappen.stap import EigenStap
from schakel.skelet.uitgaand import Uitgaand

BRON = "urn:nld:oin:00000099000000001000:systeem:schakel-proef"
ELK = pytest.mark.parametrize("proces", Proces)


def uitgaand(proces: Proces) -> Uitgaand:
    """The door of one process."""
    omschrijving = OMSCHRIJVING[proces]
    return Uitgaand(proces, BRON, Register(omschrijving.gebeurtenissen), omschrijving.vertaal)


def verzend(proces: Proces, feit: Any, *, genest: bool = True, spoor: str | None = None) -> bytes:
    """The bytes of the message of this event, by way of the store."""
    register = Register(OMSCHRIJVING[proces].gebeurtenissen)
    vastgelegd = leg_vast(feit, genest=genest)
    if spoor is not None:
        vastgelegd = msgspec.structs.replace(vastgelegd, spoor=spoor)
    staat = register.leg_weg(vastgelegd)
    rij = Notification(
        originator_id=staat.originator_id,
        originator_version=staat.originator_version,
        topic=staat.topic,
        state=staat.state,
        id=42,
    )
    verzending = uitgaand(proces)(rij)
    boom = WORTEL_ID if genest else MELDING_ID
    assert (verzending.nummer, verzending.sleutel) == (42, str(boom).encode())
    return verzending.waarde


def ontvang(waarde: bytes) -> Feit:
    """What a reader of the contract makes of it."""
    return feit_uit(lees({"content-type": CONTENT_TYPE}.items(), waarde, verwachte_bron=BRON))


@cache
def toets_van(soort: type[Feit]) -> Any:
    """Checks data against the published schema of this type."""
    return jsonschema.Draft202012Validator(schema_van(soort))


@ELK
@pytest.mark.parametrize("vol", [True, False])
@pytest.mark.parametrize("genest", [True, False])
def test_elke_gebeurtenis_is_een_bericht_dat_het_contract_aanvaardt(
    proces: Proces, vol: bool, genest: bool
) -> None:
    for soort in OMSCHRIJVING[proces].gebeurtenissen:
        waarde = verzend(proces, voorbeeld(soort, vol=vol), genest=genest)
        bericht = ontvang(waarde)
        assert type(bericht) in berichten_van(proces)
        assert (bericht.proces, bericht.versie, bericht.melding_id) == (proces, 7, MELDING_ID)
        assert bericht.wortel_id == (WORTEL_ID if genest else MELDING_ID)
        plaats = (bericht.ouder_id, bericht.ouder_proces, bericht.n, bericht.ronde)
        assert plaats == ((WORTEL_ID, Proces.HERSTELLEN, 1, 2) if genest else (None,) * 4)
        assert bericht.door.wie.startswith("mw-")
        assert [*toets_van(type(bericht)).iter_errors(json.loads(waarde)["data"])] == []


@ELK
def test_hetzelfde_opnieuw_gepubliceerd_geeft_dezelfde_bytes(proces: Proces) -> None:
    for soort in OMSCHRIJVING[proces].gebeurtenissen:
        assert verzend(proces, voorbeeld(soort)) == verzend(proces, voorbeeld(soort))


@ELK
def test_wat_een_proces_kan_zeggen_zegt_het_ook(proces: Proces) -> None:
    """Every message of the contract has an event, and two events never hide in one message."""
    soorten = OMSCHRIJVING[proces].gebeurtenissen
    gezegd = Counter(type(ontvang(verzend(proces, voorbeeld(soort)))) for soort in soorten)
    zonder_stap = {*berichten_van(proces)} - {StapGezet}
    assert set(gezegd) - {StapGezet} == zonder_stap
    assert {naam: aantal for naam, aantal in gezegd.items() if naam is not StapGezet} == (
        dict.fromkeys(zonder_stap, 1)
    )


@ELK
def test_stappen_die_niemand_anders_begrijpt_hebben_elk_hun_eigen_naam(proces: Proces) -> None:
    eigen = [s for s in OMSCHRIJVING[proces].gebeurtenissen if issubclass(s, EigenStap)]
    berichten = [ontvang(verzend(proces, voorbeeld(soort))) for soort in eigen]
    namen = [b.stap if isinstance(b, StapGezet) else type(b).__name__ for b in berichten]
    assert len({*namen}) == len(eigen) > 0


def test_een_gebeurtenis_van_een_ander_proces_heeft_hier_geen_bericht() -> None:
    vreemd = [s for p, s in gebeurtenissen() if p is Proces.WIJZIGEN][-1]
    for proces in set(Proces) - {Proces.WIJZIGEN}:
        with pytest.raises(LookupError):
            uitgaand(proces).feit(leg_vast(voorbeeld(vreemd)))


def test_een_onleesbaar_spoor_van_een_ander_houdt_het_eigen_log_niet_tegen() -> None:
    feit = voorbeeld(next(gebeurtenissen())[1])
    assert b"traceparent" not in verzend(Proces.AFSPREKEN, feit, spoor="01-zomaar-iets")
    assert b"traceparent" in verzend(Proces.AFSPREKEN, feit)


@ELK
def test_de_versies_van_een_melding_sluiten_aan(proces: Proces) -> None:
    feiten = in_behandeling(SOORT[proces])
    versies = [
        uitgaand(proces).feit(leg_vast(feit, versie=versie)).versie
        for versie, feit in enumerate(feiten, start=1)
    ]
    assert versies == [1, 2, 3]


def test_geen_bericht_draagt_vrije_tekst() -> None:
    """Only codes, ids, terms and enumerations: what people write has no field to stand in."""
    vrij = {
        (feit.type, naam)
        for proces in Proces
        for feit in berichten_van(proces)
        for naam, veld in schema_van(feit)["properties"].items()
        if veld.get("type") == "string" and not ({"pattern", "format", "enum", "const"} & {*veld})
    }
    assert vrij == set()


def test_de_id_van_een_bericht_is_melding_en_versie() -> None:
    waarde = json.loads(verzend(Proces.HERSTELLEN, voorbeeld(next(gebeurtenissen())[1])))
    assert waarde["id"] == f"{MELDING_ID}.7"
    assert UUID(waarde["partitionkey"]) == WORTEL_ID
    assert waarde["sequence"] == f"{42:020d}"


@ELK
@pytest.mark.parametrize("vol", [True, False])
@pytest.mark.parametrize("genest", [True, False])
def test_vlug_geschreven_is_wat_het_model_zelf_zou_schrijven(
    proces: Proces, vol: bool, genest: bool
) -> None:
    for soort in OMSCHRIJVING[proces].gebeurtenissen:
        feit = uitgaand(proces).feit(leg_vast(voorbeeld(soort, vol=vol), genest=genest))
        model = feit_van(feit.type, feit.in_json())
        assert feit.in_json() == model.in_json()
        assert not isinstance(feit, type(model))


@pytest.mark.parametrize("id_", [UUID(int=0), UUID(int=2**128 - 1), uuid4(), uuid7()])
def test_vlug_geschreven_is_een_id_wat_str_ervan_maakt(id_: UUID) -> None:
    assert als_tekst(id_) == str(id_)


def test_vlug_geschreven_staat_een_tijdstip_ook_in_utc() -> None:
    elders = datetime(2026, 7, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    velden = {"termijn": "antwoord", "uiterlijk": elders}
    assert (
        vlug(Lopend)(**velden).in_json()
        == Lopend(**velden).model_dump_json(by_alias=True, exclude_none=True).encode()
    )


def test_vlug_geschreven_wordt_een_tijdstip_zonder_zone_geweigerd() -> None:
    with pytest.raises(ValueError, match="uiterlijk heeft geen tijdzone"):
        vlug(Lopend)(termijn="antwoord", uiterlijk=datetime(2026, 7, 1))  # noqa: DTZ001
