"""OpenTelemetry: one trace from the request, by way of outbox, bus and inbox, to its effects.

What travels is a W3C ``traceparent``: in the header of a request, in the event, in the CloudEvent
(its distributed tracing extension) and in the event that an effect records. Where tracing is off
there is None instead of ``Sporen``: no span is made and no message looked into. Whether a trace is
kept is decided once, where it begins; further on its flag is followed.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    Tracer,
    get_current_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from schakel.kern.bus.bericht import Bericht
from schakel.kern.grond.weigering import StartFout

ADRESSEN: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_BUS: Final = {"messaging.system": "kafka"}
_ONZE_FOUT: Final = 500
_W3C: Final = TraceContextTextMapPropagator()


class Sporen:
    """Makes the spans of one service."""

    def __init__(self, tracer: Tracer, sluit: Callable[[], None] = lambda: None) -> None:
        """``sluit`` sends what was not yet sent; it is given little time."""
        self._tracer = tracer
        self.sluit = sluit

    def verzoek(self, methode: str, traceparent: str | None) -> Span:
        """A request comes in; without a trace it belongs to, one begins here."""
        return self._tracer.start_span(methode, _ouder(traceparent), SpanKind.SERVER)

    def beantwoord(self, span: Span, methode: str, route: str, status: int) -> None:
        """The request is answered. Its address is not told: somebody may have typed it."""
        span.update_name(f"{methode} {route}")
        span.set_attributes(
            {
                "http.request.method": methode,
                "http.route": route,
                "http.response.status_code": status,
            }
        )
        if status >= _ONZE_FOUT:
            span.set_status(StatusCode.ERROR)
        span.end()

    @contextmanager
    def zending(self, traceparents: Iterable[str | None]) -> Iterator[None]:
        """A batch goes to the bus, with links to the traces that its messages are part of."""
        sporen = [_ouder(t) for t in dict.fromkeys(traceparents) if t is not None]
        links = [Link(c) for c in map(_context_van, sporen) if c.trace_flags.sampled]
        if not links:
            yield
            return
        span = self._tracer.start_span("send", Context(), SpanKind.PRODUCER, links=links)
        span.set_attributes(_BUS | {"messaging.operation.name": "send"})
        is_bevestigd = False
        try:
            yield
            is_bevestigd = True
        finally:
            if not is_bevestigd:
                span.set_status(StatusCode.ERROR)
            span.end()

    def effect(self, bericht: Bericht) -> Span | None:
        """A message has its effect; None when its trace is not kept. Ended when that is durable."""
        ouder = _ouder(bericht.traceparent)
        if not _context_van(ouder).trace_flags.sampled:
            return None
        attributen = {
            "messaging.operation.name": "process",
            "cloudevents.event_id": bericht.id,
            "cloudevents.event_source": bericht.source,
            "cloudevents.event_type": bericht.type,
        }
        naam = f"process {bericht.type}"
        return self._tracer.start_span(naam, ouder, SpanKind.CONSUMER, _BUS | attributen)


def traceparent_van(span: Span) -> str:
    """What makes another span a child of this one."""
    c = span.get_span_context()
    return f"00-{c.trace_id:032x}-{c.span_id:016x}-{c.trace_flags:02x}"


def _context_van(context: Context) -> SpanContext:
    return get_current_span(context).get_span_context()


def _ouder(traceparent: str | None) -> Context:
    """Never the context that happens to be current: only what travelled along counts."""
    return _W3C.extract({} if traceparent is None else {"traceparent": traceparent}, Context())


def uit_omgeving(dienst: str, versie: str) -> Sporen | None:
    """The spans of this service when OpenTelemetry's own settings name an address for them."""
    is_uit = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if is_uit or not any(map(os.environ.get, ADRESSEN)):
        return None
    try:
        from .spoorbezorging import bezorg  # noqa: PLC0415 - an extra, and only needed here
    except ModuleNotFoundError as fout:
        raise StartFout(
            "otel-ontbreekt",
            f"er is een adres voor sporen ingesteld, maar {fout.name} is niet geïnstalleerd:"
            " installeer schakel-kern[otel]",
        ) from None
    return bezorg(dienst, versie)
