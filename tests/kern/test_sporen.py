"""A trace goes on from the inbox: an effect is a step in it, and so is what follows from that."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import OperationalError
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from tests.kern.bussen import Topic
from tests.kern.proef import (
    BRON,
    DOOR,
    GEVULD,
    KOPPEN,
    REGISTER,
    Dienst,
    levering,
    record,
    tot,
    verzending,
    vultaak,
)

from schakel.kern.bezorging.relais import Relais
from schakel.kern.bus.bericht import Record, lees_bericht
from schakel.kern.grond.weigering import OpslagFout
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.zicht.sporen import Sporen

TRACE, OUDER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
BEWAARD, NIET_BEWAARD = f"00-{TRACE}-{OUDER}-01", f"00-{TRACE}-{OUDER}-00"


class Gevolgd:
    """A service whose spans stay in memory."""

    def __init__(self, opslag: Opslag) -> None:
        self._geheugen = InMemorySpanExporter()
        leverancier = TracerProvider(shutdown_on_exit=False)
        leverancier.add_span_processor(SimpleSpanProcessor(self._geheugen))
        self.sporen = Sporen(leverancier.get_tracer("proef"))
        self.dienst = Dienst(opslag, sporen=self.sporen)

    @property
    def spannen(self) -> tuple[ReadableSpan, ...]:
        return self._geheugen.get_finished_spans()

    def sporen_in_de_opslag(self) -> list[str | None]:
        """What is recorded with each event."""
        rijen = self.dienst.opslag.select_notifications(None, 100)
        return [REGISTER.lees(rij).spoor for rij in rijen]


@pytest.fixture
async def gevolgd(opslag: Opslag) -> AsyncIterator[Gevolgd]:
    gevolgd = Gevolgd(opslag)
    yield gevolgd
    await gevolgd.dienst.schrijver.sluit()


def met(traceparent: str | None, nummer: int = 1, wat: int = 5) -> Record:
    """A message that is part of this trace."""
    return record(nummer, uuid4(), wat, traceparent=traceparent)


async def test_een_effect_is_een_stap_na_die_van_de_zender(gevolgd: Gevolgd) -> None:
    await gevolgd.dienst.ontvanger.ontvang(levering(met(BEWAARD)))
    (span,) = gevolgd.spannen
    assert (span.name, span.kind) == (f"process {GEVULD}", SpanKind.CONSUMER)
    assert span.context is not None
    assert span.parent is not None
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (TRACE, OUDER)
    # What the effect recorded follows from this step, and no longer from that of the sender.
    assert gevolgd.sporen_in_de_opslag() == [f"00-{TRACE}-{span.context.span_id:016x}-01"]


@pytest.mark.parametrize("traceparent", [NIET_BEWAARD, None])
async def test_wat_niet_wordt_bewaard_reist_ongewijzigd_mee(
    gevolgd: Gevolgd, traceparent: str | None
) -> None:
    await gevolgd.dienst.ontvanger.ontvang(levering(met(traceparent)))
    assert gevolgd.spannen == ()
    assert gevolgd.sporen_in_de_opslag() == [traceparent]


@pytest.mark.parametrize(
    "traceparent",
    ["00-onzin", "Jan 0612345678", NIET_BEWAARD.upper(), f"{NIET_BEWAARD}-jan", NIET_BEWAARD[:-1]],
)
async def test_wat_geen_spoor_is_komt_niet_in_een_gebeurtenis(
    gevolgd: Gevolgd, traceparent: str
) -> None:
    """There it would stay for ever, whatever somebody wrote in the header."""
    await gevolgd.dienst.ontvanger.ontvang(levering(met(traceparent)))
    assert gevolgd.sporen_in_de_opslag() == [None]


async def test_wat_niet_werd_opgeslagen_is_geen_stap(
    gevolgd: Gevolgd, monkeypatch: pytest.MonkeyPatch
) -> None:
    def weiger(_: Any) -> None:
        raise OperationalError("weg")

    with monkeypatch.context() as tijdelijk:
        tijdelijk.setattr(gevolgd.dienst.opslag, "schrijf", weiger)
        with pytest.raises(OpslagFout):
            await gevolgd.dienst.ontvanger.ontvang(levering(met(BEWAARD)))
    assert gevolgd.spannen == ()


async def test_wat_geparkeerd_of_dubbel_is_is_geen_stap(gevolgd: Gevolgd) -> None:
    goed = met(BEWAARD)
    await gevolgd.dienst.ontvanger.ontvang(levering(met(BEWAARD, 1, -1), goed, goed))
    assert len(gevolgd.spannen) == 1


async def test_een_vrijgegeven_bericht_is_alsnog_een_stap(gevolgd: Gevolgd) -> None:
    dienst = gevolgd.dienst
    dienst.vuller.weigert.add(5)
    await dienst.ontvanger.ontvang(levering(met(BEWAARD)))
    assert gevolgd.spannen == ()
    dienst.vuller.weigert.clear()
    (geparkeerd,) = dienst.parkeerplaats.lijst()
    assert await dienst.ontvanger.geef_vrij(geparkeerd.nummer, DOOR) == 1
    assert len(gevolgd.spannen) == 1


async def stuur(gevolgd: Gevolgd, topic: Topic, *traceparents: str | None) -> None:
    """Record an event in each of these traces, and relay them together."""

    def vul(taak: Taak[Any, int], spoor: str | None) -> Taak[Any, int]:
        return Taak(taak.doe, taak.soort, taak.door, spoor)

    taken = [vul(vultaak(uuid4(), 1), spoor) for spoor in traceparents]
    await asyncio.gather(*map(gevolgd.dienst.schrijver.voer_uit, taken))
    relais = Relais(gevolgd.dienst.opslag, verzending, topic.uitgang, sporen=gevolgd.sporen)
    taak = asyncio.create_task(relais.draai())
    await tot(lambda: taak.done() or relais.oudste_onverzonden() is None)
    taak.cancel()
    await asyncio.wait([taak])


async def test_een_partij_naar_de_bus_heeft_een_band_met_elk_spoor(gevolgd: Gevolgd) -> None:
    topic = Topic()
    ander = BEWAARD.replace("4bf92f", "abcdef")
    await stuur(gevolgd, topic, BEWAARD, ander, BEWAARD, NIET_BEWAARD, None)
    (span,) = gevolgd.spannen
    assert (span.name, span.kind, span.parent) == ("send", SpanKind.PRODUCER, None)
    sporen = {f"{band.context.trace_id:032x}" for band in span.links}
    assert sporen == {TRACE, TRACE.replace("4bf92f", "abcdef")}
    records = [Record(1, None, KOPPEN, waarde) for waarde in topic.berichten()]
    berichten = [lees_bericht(r, BRON, frozenset({GEVULD})) for r in records]
    assert {b.traceparent for b in berichten} == {BEWAARD, ander, NIET_BEWAARD, None}


async def test_een_partij_zonder_bewaard_spoor_is_er_geen(gevolgd: Gevolgd) -> None:
    await stuur(gevolgd, Topic(), NIET_BEWAARD, None)
    assert gevolgd.spannen == ()


async def test_een_partij_die_niet_werd_bevestigd_is_mislukt(gevolgd: Gevolgd) -> None:
    topic = Topic()
    topic.antwoord_weg = 1
    await stuur(gevolgd, topic, BEWAARD)
    (span,) = gevolgd.spannen
    assert span.status.status_code is StatusCode.ERROR


async def test_zonder_sporen_wordt_er_geen_enkele_span_gemaakt(
    opslag: Opslag, monkeypatch: pytest.MonkeyPatch
) -> None:
    def weiger(*_: Any, **__: Any) -> Any:
        pytest.fail("er werd een span gemaakt")

    for soort in ("opentelemetry.sdk.trace.Span", "opentelemetry.trace.NonRecordingSpan"):
        monkeypatch.setattr(f"{soort}.__init__", weiger)
    dienst = Dienst(opslag)
    await dienst.ontvanger.ontvang(levering(met(BEWAARD)))
    topic = Topic()
    relais = asyncio.create_task(Relais(opslag, verzending, topic.uitgang).draai())
    await tot(lambda: len(topic.berichten()) == 1)
    relais.cancel()
    await asyncio.wait([relais])
    await dienst.schrijver.sluit()
    assert BEWAARD.encode() in topic.berichten()[0]
