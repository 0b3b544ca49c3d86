"""A collector of traces: keeps what it is sent over OTLP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Stap(NamedTuple):
    """A span as it arrived; ids in hexadecimals."""

    dienst: str
    naam: str
    trace: str
    id: str
    ouder: str
    banden: tuple[str, ...]


class Verzamelpunt(HTTPServer):
    """Listens on a port of its own."""

    def __init__(self) -> None:
        self.ontvangen: list[tuple[str, bytes]] = []
        super().__init__(("127.0.0.1", 0), _Ontvang)

    @property
    def adres(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def stappen(self) -> Iterator[Stap]:
        """All spans that came in, with the traces that each has links to."""
        for _, inhoud in self.ontvangen:
            for van_een in ExportTraceServiceRequest.FromString(inhoud).resource_spans:
                kenmerken = {k.key: k.value.string_value for k in van_een.resource.attributes}
                for span in (s for bereik in van_een.scope_spans for s in bereik.spans):
                    yield Stap(
                        kenmerken["service.name"],
                        span.name,
                        span.trace_id.hex(),
                        span.span_id.hex(),
                        span.parent_span_id.hex(),
                        tuple(band.trace_id.hex() for band in span.links),
                    )


class _Ontvang(BaseHTTPRequestHandler):
    server: Verzamelpunt

    def do_POST(self) -> None:
        inhoud = self.rfile.read(int(self.headers["content-length"]))
        self.server.ontvangen.append((self.path, inhoud))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def verzamelpunt() -> Iterator[Verzamelpunt]:
    """One that listens."""
    with Verzamelpunt() as punt:
        draad = threading.Thread(target=punt.serve_forever, args=(0.05,))
        draad.start()
        try:
            yield punt
        finally:
            punt.shutdown()
            draad.join()
