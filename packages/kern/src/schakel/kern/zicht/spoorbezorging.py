"""Sends spans to a collector over OTLP; set up by OpenTelemetry's own environment variables."""

import logging
from collections.abc import Sequence
from threading import Thread
from typing import Final

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from .logboek import plek
from .sporen import Sporen

log = structlog.get_logger()

GEDULD: Final = 1.0
"""Seconds in which the last spans must be gone when a service stops."""


def bezorg(dienst: str, versie: str) -> Sporen:
    """The spans of one service, sent from a thread of their own."""
    # Two or three lines per attempt; Bezorger says once what an operator needs to know.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    bron = Resource.create({"service.name": f"schakel-{dienst}", "service.version": versie})
    # Per service, never the global one: several run in one process.
    leverancier = TracerProvider(resource=bron, shutdown_on_exit=False)
    leverancier.add_span_processor(BatchSpanProcessor(Bezorger(dienst, OTLPSpanExporter())))

    def sluit() -> None:
        # Its own wait for a collector that is away is longer than a service may take to stop.
        laatste = Thread(target=leverancier.shutdown, name="sporen", daemon=True)
        laatste.start()
        laatste.join(GEDULD)

    return Sporen(leverancier.get_tracer("schakel", versie), sluit)


class Bezorger(SpanExporter):
    """Logs when the collector goes away or comes back, and only then."""

    def __init__(self, dienst: str, naar: SpanExporter) -> None:
        """``naar`` does the work."""
        self._dienst = dienst
        self._naar = naar
        self._is_bereikt = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """What did not arrive is lost: a trace helps to look, nothing depends on it."""
        uitslag = self._naar.export(spans)
        is_bereikt = uitslag is SpanExportResult.SUCCESS
        if is_bereikt is not self._is_bereikt:
            self._is_bereikt = is_bereikt
            merk = plek.set((self._dienst, None))
            if is_bereikt:
                log.info("sporen_bezorgd")
            else:
                log.warning("sporen_onbereikbaar")
            plek.reset(merk)
        return uitslag

    def shutdown(self) -> None:
        """Ends a wait for a collector that is away."""
        self._naar.shutdown()
