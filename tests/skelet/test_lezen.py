"""Reading tolerantly: every message that the contract allows can be read by every process."""

import json
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contracts.strategie import data_van
from tests.skelet.soorten import SOORT

from schakel.contracts import melding as m
from schakel.contracts.catalogus import CATALOGUS
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
)
"""The messages that may mean something to another process."""


def reacties(proces: Proces) -> Reacties:
    """The ears of a process; nothing they say is done here."""
    soort = SOORT[proces]
    return Reacties(soort, Opening(soort, lambda _, vanaf: vanaf), lambda _werk, _id: None)


def bericht(type_: str, data: dict[str, Any]) -> Bericht:
    """The message as the inbox has it."""
    return msgspec.convert(
        {
            "id": f"{data['meldingId']}.{data['versie']}",
            "source": "urn:nld:oin:00000099000000001000:systeem:schakel-proef",
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
    effect = reacties(proces).duid(bericht(soort.type, data))
    assert effect is None or callable(effect.doe)


def test_alle_andere_typen_zijn_bekend_en_gaan_alleen_de_afzender_aan() -> None:
    melding = {"meldingId": str(UUID(int=1)), "wortelId": str(UUID(int=1)), "versie": 1}
    rest = set(CATALOGUS) - {soort.type for soort in DEELT_MEE}
    for proces in Proces:
        oren = reacties(proces)
        assert oren.typen == set(CATALOGUS)
        assert [oren.duid(bericht(type_, melding)) for type_ in rest] == [None] * len(rest)
