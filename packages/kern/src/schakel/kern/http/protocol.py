"""uvicorn's HTTP/1.1 protocol with the bounds it lacks: slow headers, too many connections."""

import asyncio
import sys
from typing import Any, Final

import h11
import msgspec
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

log = structlog.get_logger()

GEDULD_KOP: Final = 10.0
"""Seconds within which the headers of a request must have arrived."""
_TE_GROOT: Final = 431


class Protocol(H11Protocol):
    """Every refusal made below the application is problem+json too."""

    def __init__(self, *args: Any, **opties: Any) -> None:
        """``limit_concurrency`` of the configuration is the number of connections here."""
        super().__init__(*args, **opties)
        self._meeste, self.limit_concurrency = self.limit_concurrency, None
        self._kop_op_tijd: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """One connection too many is told so, whatever it asks."""
        super().connection_made(transport)  # type: ignore[arg-type]
        if self._meeste is not None and len(self.connections) > self._meeste:
            self.app = _vol
            if len(self.connections) == self._meeste + 1:
                log.warning("te_veel_verbindingen", grens=self._meeste)
        self._wacht_op_kop()

    def data_received(self, data: bytes) -> None:
        """The deadline runs from the first byte to the last of the headers."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wacht_op_kop()
        else:
            self._wacht_niet_meer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is left behind."""
        self._wacht_niet_meer()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Called while the error of h11 is handled, which knows the status."""
        del msg
        fout = sys.exc_info()[1]
        status = fout.error_status_hint if isinstance(fout, h11.RemoteProtocolError) else 400
        inhoud = _TE_GROTE_KOP if status == _TE_GROOT else _ONGELDIG
        koppen = [*_KOPPEN, (b"content-length", str(len(inhoud)).encode())]
        antwoord = h11.Response(status_code=status, headers=koppen, reason=b"")
        for deel in (antwoord, h11.Data(data=inhoud), h11.EndOfMessage()):
            self.transport.write(self.conn.send(deel) or b"")
        self.transport.close()

    def _wacht_op_kop(self) -> None:
        if self._kop_op_tijd is None:
            self._kop_op_tijd = self.loop.call_later(GEDULD_KOP, self.transport.close)

    def _wacht_niet_meer(self) -> None:
        if self._kop_op_tijd is not None:
            self._kop_op_tijd.cancel()
            self._kop_op_tijd = None


def _probleem(status: int, code: str, titel: str, uitleg: str) -> bytes:
    return msgspec.json.encode(
        {
            "type": f"urn:problem-type:schakel:{code}",
            "title": titel,
            "status": status,
            "detail": uitleg,
            "code": code,
        }
    )


_KOPPEN: Final = (
    (b"content-type", b"application/problem+json"),
    (b"cache-control", b"no-store"),
    (b"connection", b"close"),
)
_ONGELDIG: Final = _probleem(
    400, "http-ongeldig", "Ongeldig verzoek", "dit is geen geldig HTTP/1.1"
)
_TE_GROTE_KOP: Final = _probleem(
    _TE_GROOT, "koptekst-te-groot", "Kopteksten te groot", "de kopteksten zijn samen te groot"
)
_DRUK: Final = _probleem(
    503, "te-druk", "Tijdelijk niet beschikbaar", "er zijn nu te veel verbindingen"
)


async def _vol(_scope: Any, _receive: Any, send: Any) -> None:
    koppen = [*_KOPPEN, (b"retry-after", b"1"), (b"content-length", str(len(_DRUK)).encode())]
    await send({"type": "http.response.start", "status": 503, "headers": koppen})
    await send({"type": "http.response.body", "body": _DRUK})
