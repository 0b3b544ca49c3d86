"""Traces at the door: a span per request, part of the caller's trace, that tells of nobody."""

import io
import json
import logging
import re
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler
from opentelemetry.trace import SpanKind, StatusCode
from tests.kern.http.conftest import Log, klant_van
from tests.kern.http.proefdienst import ZAAK, proefapp
from tests.kern.verzamelpunt import verzamelpunt

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import StartFout
from schakel.kern.zicht import sporen as sporenmodule
from schakel.kern.zicht.spoorbezorging import Bezorger, bezorg
from schakel.kern.zicht.sporen import Sporen, uit_omgeving

TRACE, OUDER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
KANARIE = "Kanarie-Zangvogelplein-7"


class Spoor:
    """A service whose spans stay in memory."""

    def __init__(self, instellingen: Instellingen, sampler: Sampler | None = None) -> None:
        self.geheugen = InMemorySpanExporter()
        leverancier = TracerProvider(sampler=sampler, shutdown_on_exit=False)
        leverancier.add_span_processor(SimpleSpanProcessor(self.geheugen))
        self.app = proefapp(instellingen, sporen=Sporen(leverancier.get_tracer("proef")))

    async def vraag(self, pad: str, methode: str = "GET", **koppen: str) -> Sequence[ReadableSpan]:
        """The spans of one request."""
        self.geheugen.clear()
        async with klant_van(self.app) as klant:
            await klant.request(methode, pad, headers=koppen)
        return self.geheugen.get_finished_spans()


@pytest.fixture
def spoor(instellingen: Instellingen) -> Spoor:
    return Spoor(instellingen)


async def test_een_verzoek_is_een_stap_in_het_spoor_van_de_vrager(spoor: Spoor, log: Log) -> None:
    (span,) = await spoor.vraag(f"/dozen/{ZAAK}", traceparent=f"00-{TRACE}-{OUDER}-01")
    assert (span.name, span.kind) == ("GET /dozen/{doosId}", SpanKind.SERVER)
    assert span.context is not None
    assert span.parent is not None
    assert f"{span.context.trace_id:032x}" == TRACE
    assert f"{span.parent.span_id:016x}" == OUDER
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/dozen/{doosId}",
        "http.response.status_code": 200,
    }
    assert log.regels("verzoek_afgehandeld")[0]["correlatie"] == TRACE


async def test_zonder_spoor_van_de_vrager_begint_er_een(spoor: Spoor, log: Log) -> None:
    (span,) = await spoor.vraag("/dozen", traceparent="00-spoor")
    assert span.parent is None
    assert span.context is not None
    assert log.regels("verzoek_afgehandeld")[0]["correlatie"] == f"{span.context.trace_id:032x}"


async def test_wat_de_vrager_niet_bewaart_wordt_niet_bewaard(spoor: Spoor) -> None:
    assert await spoor.vraag("/dozen", traceparent=f"00-{TRACE}-{OUDER}-00") == ()


async def test_de_vrager_beslist_ook_als_hier_niets_begint(instellingen: Instellingen) -> None:
    spoor = Spoor(instellingen, ParentBased(ALWAYS_OFF))
    assert await spoor.vraag("/dozen") == ()
    assert len(await spoor.vraag("/dozen", traceparent=f"00-{TRACE}-{OUDER}-01")) == 1


async def test_een_fout_van_ons_is_een_fout_en_een_weigering_niet(spoor: Spoor) -> None:
    (onze,) = await spoor.vraag("/fouten/opslag")
    (die_van_een_ander,) = await spoor.vraag("/fouten/weigering")
    assert onze.status.status_code is StatusCode.ERROR
    assert die_van_een_ander.status.status_code is StatusCode.UNSET


async def test_een_spoor_vertelt_van_niemand(spoor: Spoor) -> None:
    """Not what was typed in an address, a query or a header."""
    for pad in (f"/{KANARIE}", f"/dozen/{KANARIE}", f"/dozen?{KANARIE}=1"):
        (span,) = await spoor.vraag(pad, **{"x-naam": KANARIE, "user-agent": KANARIE})
        assert "Zangvogelplein" not in span.to_json()
    (span,) = await spoor.vraag("/dozen", methode=KANARIE)
    assert "Zangvogelplein" not in span.to_json()


async def test_wie_peilt_laat_geen_spoor_na(spoor: Spoor) -> None:
    for adres in ("gezond", "klaar", "metrics"):
        assert await spoor.vraag(f"http://localhost/{adres}") == ()


async def test_zonder_adres_worden_er_geen_sporen_gemaakt(
    instellingen: Instellingen, monkeypatch: pytest.MonkeyPatch
) -> None:
    for naam in (*sporenmodule.ADRESSEN, "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(naam, raising=False)
    assert uit_omgeving("proef", "1.0.0") is None

    def weiger(*_: Any, **__: Any) -> Any:
        pytest.fail("er werd een span gemaakt")

    monkeypatch.setattr(Sporen, "verzoek", weiger)
    monkeypatch.setattr("opentelemetry.trace.NonRecordingSpan.__init__", weiger)
    monkeypatch.setattr("opentelemetry.sdk.trace.Span.__init__", weiger)
    async with klant_van(proefapp(instellingen)) as klant:
        koppen = {"traceparent": f"00-{TRACE}-{OUDER}-01"}
        assert (await klant.get("/dozen", headers=koppen)).status_code == 200


def test_met_een_adres_en_zonder_bibliotheek_start_een_dienst_niet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setitem(__import__("sys").modules, "schakel.kern.zicht.spoorbezorging", None)
    with pytest.raises(StartFout, match=re.escape("schakel-kern[otel]")):
        uit_omgeving("proef", "1.0.0")
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert uit_omgeving("proef", "1.0.0") is None


async def test_wat_een_dienst_maakt_komt_voor_het_stoppen_bij_de_verzamelaar(
    instellingen: Instellingen, monkeypatch: pytest.MonkeyPatch
) -> None:
    with verzamelpunt() as punt:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", punt.adres)
        sporen = uit_omgeving("proef", "1.2.3")
        assert sporen is not None
        async with klant_van(proefapp(instellingen, sporen=sporen)) as klant:
            await klant.get("/dozen")
        sporen.sluit()
    assert [pad for pad, _ in punt.ontvangen] == ["/v1/traces"]
    (stap,) = punt.stappen()
    assert (stap.dienst, stap.naam) == ("schakel-proef", "GET /dozen")


def test_een_verzamelaar_die_niet_antwoordt_houdt_het_stoppen_niet_op(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as zwijgt:
        monkeypatch.setenv(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"http://127.0.0.1:{zwijgt.getsockname()[1]}"
        )
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "3")
        sporen = bezorg("proef", "1.2.3")
        sporen.beantwoord(sporen.verzoek("GET", None), "GET", "/", 200)
        begin = time.monotonic()
        sporen.sluit()
        assert time.monotonic() - begin < 1.9
        for draad in threading.enumerate():
            if draad.name.startswith(("sporen", "OtelBatch")):
                draad.join(10)
    assert [regel for regel in caplog.records if regel.levelno < logging.CRITICAL] == []


class Wisselend(SpanExporter):
    """Says what it is told to say."""

    def __init__(self) -> None:
        self.zegt = SpanExportResult.SUCCESS

    def export(self, _spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self.zegt


def test_een_verzamelaar_die_weggaat_of_terugkomt_is_een_regel(log: Log) -> None:
    naar = Wisselend()
    bezorger = Bezorger("proef", naar)
    for uitslag in (SpanExportResult.SUCCESS, SpanExportResult.FAILURE, SpanExportResult.SUCCESS):
        naar.zegt = uitslag
        for _ in range(3):
            assert bezorger.export(()) is uitslag
    regels = [json.loads(regel) for regel in io.StringIO(log.tekst.getvalue())]
    assert [(r["gebeurtenis"], r["dienst"]) for r in regels] == [
        ("sporen_onbereikbaar", "proef"),
        ("sporen_bezorgd", "proef"),
    ]
