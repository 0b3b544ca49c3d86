"""Reading tolerantly: every message that the contract allows can be read by every process."""

import json
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contracts.strategie import data_van
from tests.skelet.soorten import SOORT

from schakel.contracts import deelproces as d
from schakel.contracts import melding as m
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.contracts.werkstromen import Proces
from schakel.kern.bus.bericht import Bericht
from schakel.skelet.opening import Opening
from schakel.skelet.reacties import Reacties

DEELT_MEE = (
    m.Overgedragen,
    m.Omgezet,
    m.Voortgekomen,
    m.Voltooid,
    m.Gesloten,
    m.Afgewezen,
    m.Gekoppeld,
    m.PersoonsgegevensGewist,
    d.OverdrachtTeruggenomen,
)
"""The messages that may mean something to another process."""


BRON = "urn:nld:oin:00000099000000001000:systeem:schakel-proef"


def reacties(proces: Proces, van: Proces) -> Reacties:
    """The ears of a process, to which another speaks; nothing they say is done here."""
    soort = SOORT[proces]
    opening = Opening(soort, lambda _, vanaf: vanaf)
    return Reacties(soort, opening, lambda _werk, _id: None, {BRON: van})


def bericht(type_: str, data: dict[str, Any]) -> Bericht:
    """The message as the inbox has it."""
    return msgspec.convert(
        {
            "id": f"{data['meldingId']}.{data['versie']}",
            "source": BRON,
            "type": type_,
            "specversion": "1.0",
            "subject": str(UUID(data["meldingId"])),
            "time": "2026-01-02T03:04:05Z",
            "partitionkey": str(UUID(data["wortelId"])),
            "data": msgspec.Raw(json.dumps(data).encode()),
        },
        Bericht,
    )


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(Proces), st.sampled_from(DEELT_MEE), st.data())
def test_wat_het_contract_toelaat_kan_elk_proces_lezen(
    proces: Proces, soort: Any, toeval: st.DataObject
) -> None:
    data = toeval.draw(data_van(soort)) | {"laterBedacht": {"veld": 1}}
    effect = reacties(proces, Proces(data["proces"])).duid(bericht(soort.type, data))
    assert effect is None or callable(effect.doe)


def test_alle_andere_typen_zijn_bekend_en_gaan_alleen_de_afzender_aan() -> None:
    melding = {"meldingId": str(UUID(int=1)), "wortelId": str(UUID(int=1)), "versie": 1}
    rest = set(CATALOGUS) - {soort.type for soort in (*DEELT_MEE, *d.INGEKOMEN)}
    for proces in Proces:
        oren = reacties(proces, proces)
        assert oren.typen == set(CATALOGUS)
        assert [oren.duid(bericht(type_, melding)) for type_ in rest] == [None] * len(rest)


@pytest.mark.parametrize(
    "uiterlijk",
    [
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-14:00",
        "9001-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01T00:00:00",
        "10000-01-01T00:00:00Z",
    ],
)
def test_een_uiterlijk_buiten_de_kalender_is_ongeldige_inhoud(uiterlijk: str) -> None:
    """Or so late that a pause could move it out of it."""
    data: dict[str, Any] = {
        "meldingId": str(UUID(int=1)),
        "wortelId": str(UUID(int=1)),
        "proces": "herstellen",
        "versie": 1,
        "overdracht": {"kindId": str(UUID(int=2)), "naar": "wijzigen", "n": 1, "ronde": 1},
    }
    oren = reacties(Proces.WIJZIGEN, Proces.HERSTELLEN)
    assert oren.duid(bericht(m.Overgedragen.type, data)) is not None
    data["overdracht"] |= {"uiterlijk": uiterlijk}
    with pytest.raises(OnleesbaarBericht) as fout:
        oren.duid(bericht(m.Overgedragen.type, data))
    assert fout.value.code == Leesfout.ONGELDIGE_INHOUD
