"""The conformance scenarios of CNCF CloudEvents (Apache-2.0, see the folder cloudevents)."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from tests.contracts.gherkin import Scenario, Stap, lees_scenarios

from schakel.contracts.cloudevents import CloudEvent, Kopregels, OnleesbaarBericht, ontleed
from schakel.contracts.envelop import CONTENT_TYPE, lees

MAP = Path(__file__).parent / "cloudevents"
SCENARIOS = [
    pytest.param(scenario, id=f"{pad.stem}: {scenario.naam}")
    for pad in sorted(MAP.glob("*.feature"))
    for scenario in lees_scenarios(pad)
]
GEBEURTENISSEN = list(yaml.load_all((MAP / "v1_minimum.yaml").read_bytes(), yaml.BaseLoader))


class Verloop:
    """What a scenario has set so far, and what each step does with it."""

    def __init__(self) -> None:
        self.body = b""
        self.kopregels: Kopregels = {}
        self.gelezen: CloudEvent | None = None
        self.stappen: Mapping[str, Callable[[Stap], None]] = {
            "Kafka Protocol Binding is supported": lambda _: None,
            "HTTP Protocol Binding is supported": lambda _: None,
            "a Kafka message with payload:": self.kafka_waarde,
            "Kafka headers:": self.kafka_koppen,
            "an HTTP request": self.http_verzoek,
            "parsed as Kafka message": self.lees,
            "parsed as HTTP request": self.lees,
            "the attributes are:": self.de_attributen_zijn,
            "the data is equal to the following JSON:": self.de_data_zijn,
        }

    def kafka_waarde(self, stap: Stap) -> None:
        self.body = str(stap.blok).encode()

    def kafka_koppen(self, stap: Stap) -> None:
        self.kopregels = [(kop, waarde.encode()) for kop, waarde in stap.tabel[1:]]

    def http_verzoek(self, stap: Stap) -> None:
        kop, _, body = str(stap.blok).partition("\n\n")
        self.kopregels = dict(regel.split(": ", 1) for regel in kop.splitlines()[1:])
        self.body = body.encode()

    def lees(self, _: Stap) -> None:
        self.gelezen = ontleed(self.kopregels, self.body)

    def de_attributen_zijn(self, stap: Stap) -> None:
        assert self.gelezen is not None
        assert self.gelezen.attributen == dict(stap.tabel[1:])

    def de_data_zijn(self, stap: Stap) -> None:
        assert self.gelezen is not None
        assert self.gelezen.data == json.loads(str(stap.blok))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_het_scenario_van_cncf_slaagt(scenario: Scenario) -> None:
    verloop = Verloop()
    for stap in scenario.stappen:
        verloop.stappen[stap.tekst](stap)
    assert verloop.gelezen is not None


def test_alle_scenarios_en_gebeurtenissen_zijn_gelezen() -> None:
    assert len(SCENARIOS) == 7
    assert len(GEBEURTENISSEN) == 6


_SOORT = "datacontenttype"
Verzonden = tuple[Kopregels, bytes, Any]
"""The header lines, the body, and the data that a reader must make of them."""


def _kafka(attributen: dict[str, str], data: str) -> Verzonden:
    koppen = [(f"ce_{naam}", w.encode()) for naam, w in attributen.items() if naam != _SOORT]
    soort = ("content-type", attributen[_SOORT].encode())
    return [*koppen, soort], data.encode(), _json_of(data.encode(), attributen, data)


def _http(attributen: dict[str, str], data: str) -> Verzonden:
    koppen = {f"ce-{naam}": quote(w) for naam, w in attributen.items() if naam != _SOORT}
    soort = {"Content-Type": attributen[_SOORT]}
    return {**koppen, **soort}, data.encode(), _json_of(data.encode(), attributen, data)


def _gestructureerd(attributen: dict[str, str], data: str) -> Verzonden:
    verwacht = _json_of(data, attributen, data)
    omslag = json.dumps({**attributen, "data": verwacht})
    return {"content-type": CONTENT_TYPE}, omslag.encode(), verwacht


def _json_of(anders: Any, attributen: dict[str, str], data: str) -> Any:
    return json.loads(data) if "json" in attributen[_SOORT] else anders


@pytest.mark.parametrize("als", [_kafka, _http, _gestructureerd])
@pytest.mark.parametrize("gebeurtenis", GEBEURTENISSEN, ids=lambda g: g["ContextAttributes"]["id"])
def test_de_voorbeeldgebeurtenis_van_cncf_komt_er_heel_uit(
    als: Callable[[dict[str, str], str], Verzonden], gebeurtenis: dict[str, Any]
) -> None:
    attributen = gebeurtenis["ContextAttributes"]
    kopregels, body, data = als(attributen, gebeurtenis["Data"])
    assert ontleed(kopregels, body) == CloudEvent(attributen, data)
    with pytest.raises(OnleesbaarBericht, match="verkeerde-bron"):  # a CloudEvent, not NL GOV
        lees(kopregels, body)
