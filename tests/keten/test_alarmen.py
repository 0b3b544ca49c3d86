"""The alarms that are shipped: each can go off on what a service really tells, and is explained."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import promql_parser
import pytest
import yaml
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from tests.kern.bussen import Topic
from tests.kern.proef import gemeten, tot

from schakel.grens.dienst import Grens
from schakel.grens.instellingen import Instellingen as GrensInstellingen
from schakel.herstellen.app import DIENST as HERSTELLEN
from schakel.kern.bus import IngebedeIngang
from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor
from schakel.wijzigen.app import DIENST as WIJZIGEN

WORTEL = Path(__file__).parents[2]
PROMETHEUS = WORTEL / "deploy" / "prometheus"
HANDLEIDING = (WORTEL / "docs" / "beheer.md").read_text()
VAN_PROMETHEUS = {"up": {"job", "instance", "dienst"}}
VAN_HET_DOEL = {"job", "instance", "dienst"}
KANARIE = "Kanarie, Zangvogelplein 7"
ALARMEN: list[dict[str, Any]] = [
    alarm
    for groep in yaml.safe_load((PROMETHEUS / "alarmen.yaml").read_text())["groups"]
    for alarm in groep["rules"]
]


@pytest.fixture
async def herstellen(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A service that sends to a bus, listens to another, and took a melding."""
    zelf = Procesdienst(HERSTELLEN, instellingen_voor(HERSTELLEN, gegevensmap=tmp_path))
    ander = Procesdienst(WIJZIGEN, instellingen_voor(WIJZIGEN, gegevensmap=tmp_path))
    zelf.zend_naar(Topic().uitgang, zelf.uitgaand)
    zelf.verbind(IngebedeIngang([ander.log]))
    async with AsyncExitStack() as opruimen:
        for dienst in (ander, zelf):
            await opruimen.enter_async_context(dienst.app.router.lifespan_context(dienst.app))
        klant = httpx.AsyncClient(
            transport=httpx.ASGITransport(zelf.app), base_url="http://127.0.0.1"
        )
        await opruimen.enter_async_context(klant)
        await tot(lambda: zelf.lezer.is_verbonden)
        intake = {
            "dienst": "straatverlichting",
            "kanaal": "web",
            "melder": {"soort": "burger", "naam": KANARIE, "contact": KANARIE},
            "tekst": KANARIE,
        }
        koppen = {"Idempotency-Key": "meten-1"}
        antwoord = await klant.post("/v1/meldingen", json=intake, headers=koppen)
        assert antwoord.status_code == 201
        yield klant


@pytest.fixture
async def grens(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The one service that has something else to tell."""
    zelf = Grens(GrensInstellingen(gegevensmap=tmp_path / "grens", poort=0))
    zelf.verbind(IngebedeIngang([]))
    async with AsyncExitStack() as opruimen:
        await opruimen.enter_async_context(zelf.app.router.lifespan_context(zelf.app))
        klant = httpx.AsyncClient(
            transport=httpx.ASGITransport(zelf.app), base_url="http://127.0.0.1"
        )
        yield await opruimen.enter_async_context(klant)


async def scrape(klant: httpx.AsyncClient) -> str:
    """What Prometheus sees."""
    return (await klant.get("/metrics")).text


def families(tekst: str) -> dict[str, Metric]:
    """By the name in the text."""
    gevonden = {}
    for familie in text_string_to_metric_families(tekst):
        suffix = "_total" if familie.type == "counter" else ""
        gevonden[familie.name + suffix] = familie
    return gevonden


def reeksen(*teksten: str) -> Mapping[str, Mapping[str, set[str]]]:
    """Every series that there is: its labels, with the values that they have."""
    gevonden: dict[str, dict[str, set[str]]] = {}
    for familie in chain.from_iterable(map(text_string_to_metric_families, teksten)):
        for reeks in familie.samples:
            labels = gevonden.setdefault(reeks.name, {})
            for label, waarde in reeks.labels.items():
                labels.setdefault(label, set()).add(waarde)
    return gevonden


def gevraagd(expr: str) -> list[tuple[str, list[Any]]]:
    """The series that an expression asks for, with its conditions; raises when it is not PromQL."""
    gevonden: list[tuple[str, list[Any]]] = []

    def zie(knoop: Any) -> None:
        if isinstance(knoop, promql_parser.VectorSelector):
            gevonden.append((str(knoop.name), list(knoop.matchers.matchers)))

    promql_parser.walk(promql_parser.parse(expr), zie)
    return gevonden


async def test_een_melding_is_te_zien_en_wie_haar_deed_niet(herstellen: httpx.AsyncClient) -> None:
    tekst = await scrape(herstellen)
    verzoek = {"methode": "POST", "route": "/meldingen", "status": "201"}
    assert gemeten(tekst, "schakel_http_verzoek_seconds_count", **verzoek) == 1
    assert gemeten(tekst, "schakel_transactie_gebeurtenissen_sum") == 1
    assert gemeten(tekst, "schakel_wachtrij_grens_taken") == 10_000
    assert gemeten(tekst, "schakel_geparkeerd_berichten") == 0
    bus = {"onderdeel": "bus", "schakel_onderdeel": "goed"}
    assert gemeten(tekst, "schakel_onderdeel", **bus) == 1
    assert "Zangvogelplein" not in tekst
    assert re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", tekst) is None  # nor which melding it was


async def test_elk_alarm_kijkt_naar_wat_er_is(
    herstellen: httpx.AsyncClient, grens: httpx.AsyncClient
) -> None:
    """A name that is mistyped gives an alarm that never goes off."""
    bestaand = reeksen(await scrape(herstellen), await scrape(grens))
    for alarm in ALARMEN:
        selecties = gevraagd(alarm["expr"])
        assert selecties, alarm["alert"]
        for naam, voorwaarden in selecties:
            assert naam in bestaand or naam in VAN_PROMETHEUS, (alarm["alert"], naam)
            labels = bestaand.get(naam, {})
            for voorwaarde in voorwaarden:
                bekend = voorwaarde.name in labels or voorwaarde.name in VAN_HET_DOEL
                assert bekend, (alarm["alert"], naam, voorwaarde.name)


async def test_een_alarm_op_een_reden_of_staat_noemt_een_die_bestaat(
    herstellen: httpx.AsyncClient, grens: httpx.AsyncClient
) -> None:
    bestaand = reeksen(await scrape(herstellen), await scrape(grens))
    getoetst = 0
    for alarm in ALARMEN:
        for naam, voorwaarden in gevraagd(alarm["expr"]):
            for voorwaarde in voorwaarden:
                if voorwaarde.name in {"reden", "onderdeel", "schakel_onderdeel", "uitkomst"}:
                    waarden = set(voorwaarde.value.split("|"))
                    assert waarden <= bestaand[naam][voorwaarde.name], alarm["alert"]
                    getoetst += 1
    assert getoetst >= 4


async def test_elke_meting_staat_in_de_handleiding(
    herstellen: httpx.AsyncClient, grens: httpx.AsyncClient
) -> None:
    namen = families(await scrape(herstellen)) | families(await scrape(grens))
    eigen = {n for n in namen if n.startswith("schakel_")}
    beschreven = re.findall(r"^\| `(schakel_[a-z_]+)` \|", HANDLEIDING, re.MULTILINE)
    assert sorted(beschreven) == sorted(n for n in eigen if not n.endswith("_created"))


def test_elk_alarm_staat_in_de_handleiding_en_elk_heeft_zijn_zin() -> None:
    namen = [alarm["alert"] for alarm in ALARMEN]
    assert re.findall(r"^### (Schakel\w+)$", HANDLEIDING, re.MULTILINE) == namen
    for alarm in ALARMEN:
        assert alarm.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert alarm["labels"].keys() == {"ernst"}
        assert alarm["labels"]["ernst"] in {"kritiek", "waarschuwing"}
        assert promql_parser.parse_duration(alarm.get("for", "1m"))
        assert alarm["annotations"]["summary"]


def test_prometheus_vindt_de_alarmen() -> None:
    ingesteld = yaml.safe_load((PROMETHEUS / "prometheus.yaml").read_text())
    assert [(PROMETHEUS / naam).is_file() for naam in ingesteld["rule_files"]] == [True]
    (werk,) = ingesteld["scrape_configs"]
    assert werk["job_name"] == "schakel"
