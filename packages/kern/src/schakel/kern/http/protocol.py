"""uvicorn's HTTP/1.1 protocol with the bounds it lacks, and without the answers it loses."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import h11
import msgspec
from uvicorn.protocols.http.h11_impl import H11Protocol

from .deur import LANGSTE_KOP
from .verbindingen import TRAAGST, Fase, Toeloop
from .wegwijzer import GEZONDHEID

_TE_GROOT: Final = 431
_OMSLAG: Final = 8
"""A body in chunks of one byte is six times as large on the wire; what is larger is no body."""


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


Kop = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Weigervorm:
    """What is answered below the application, each a whole problem; ``koppen`` go with all."""

    ongeldig: bytes = _probleem(
        400, "http-ongeldig", "Ongeldig verzoek", "dit is geen geldig HTTP/1.1"
    )
    te_grote_kop: bytes = _probleem(
        400, "koptekst-te-groot", "Ongeldig verzoek", "de kop is samen te groot"
    )
    druk: bytes = _probleem(
        503, "te-druk", "Tijdelijk niet beschikbaar", "er zijn nu te veel verbindingen"
    )
    koppen: tuple[Kop, ...] = ()

    def koppen_bij(self, inhoud: bytes) -> list[Kop]:
        """Those of an answer after which nothing more is said."""
        return [
            (b"content-type", b"application/problem+json"),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
            (b"content-length", str(len(inhoud)).encode()),
            *self.koppen,
        ]


class Protocol(H11Protocol):
    """Every refusal made below the application is problem+json too."""

    def __init__(
        self,
        *args: Any,
        verbindingen: Toeloop,
        max_body: int,
        vorm: Weigervorm,
        geduld: Mapping[Fase, float],
        **opties: Any,
    ) -> None:
        """``verbindingen`` gives it a place, and takes it away again."""
        super().__init__(*args, **opties)
        self._geduld = geduld
        self._vorm = vorm
        self._verbindingen = verbindingen
        self._nog = self._meeste_bytes = LANGSTE_KOP + _OMSLAG * max_body
        self._is_uitgesproken = False
        self._met_tls = False
        self.adres = ""
        self.fase = Fase.KOP
        self.sinds = self.loop.time()
        self.tot = self.sinds + geduld[Fase.KOP]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """One connection too many is told so, whatever it asks but how we are."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self.adres = self.client[0] if self.client else ""
        self._met_tls = transport.get_extra_info("ssl_object") is not None
        if self._met_tls:
            self.app_state = {"peercert": transport.get_extra_info("peercert")}
        if not self._verbindingen.erbij(self):
            self.app = self._vol

    def data_received(self, data: bytes) -> None:
        """Counts what belongs to one request, also when the answer to it has been given."""
        self._nog -= len(data)
        if self._nog < 0 and self.fase is Fase.INHOUD:
            self.breek_af()
            return
        super().data_received(data)
        if self.fase is Fase.RUST and self.conn.their_state is h11.IDLE:
            self._begin(Fase.KOP)
        self.herzie()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Who has said all may still be listening; not to a stream, which has no end."""
        self._is_uitgesproken = True
        stroomt = self.scope is not None and getattr(self.scope.get("schakel"), "volgt", False)
        # TLS cannot be closed on one side alone.
        return self.fase in {Fase.WERK, Fase.LEZEN} and not stroomt and not self._met_tls

    def on_response_complete(self) -> None:
        """What was asked behind it is answered too, also to who is half gone."""
        super().on_response_complete()
        self.herzie()

    def pause_writing(self) -> None:
        """The client does not read as fast as we write."""
        super().pause_writing()
        self.herzie()

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self.herzie()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is left behind."""
        self._verbindingen.eraf(self)
        super().connection_lost(exc)

    def herzie(self) -> None:
        """See which phase it is in; how long it has been so counts from here when it is another."""
        bezig = self.cycle is not None and not self.cycle.response_complete
        if self.transport.is_closing():
            fase = Fase.EINDE
        elif self.flow.write_paused:
            fase = Fase.LEZEN
        elif self.conn.their_state is h11.SEND_BODY:
            fase = Fase.INHOUD
        elif bezig:
            fase = Fase.WERK
        else:
            fase = Fase.KOP if self.fase is Fase.KOP else Fase.RUST
        if fase is not self.fase:
            self._begin(fase)
            if fase is Fase.RUST and self._is_uitgesproken:
                self.transport.close()

    def _begin(self, fase: Fase) -> None:
        self.fase, self.sinds = fase, self.loop.time()
        self.tot = self.sinds + self._geduld[fase]
        if fase in {Fase.LEZEN, Fase.EINDE}:
            self.tot += self.transport.get_write_buffer_size() / TRAAGST
        if fase is not Fase.INHOUD:
            self._nog = self._meeste_bytes

    def breek_af(self) -> None:
        """Close it now, whatever was still to be said."""
        with suppress(AttributeError):  # of early 3.11: over TLS, closed twice, it is going already
            self.transport.abort()

    def _should_upgrade(self) -> bool:
        return False  # no other protocol is spoken here, and that is nothing to write down

    def send_400_response(self, msg: str) -> None:
        """Called while the error of h11 is handled, which knows what is wrong."""
        del msg
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.breek_af()  # an answer was begun or given: nothing can be said any more
            return
        fout = sys.exc_info()[1]
        groot = isinstance(fout, h11.RemoteProtocolError) and fout.error_status_hint == _TE_GROOT
        inhoud = self._vorm.te_grote_kop if groot else self._vorm.ongeldig
        koppen = self._vorm.koppen_bij(inhoud)
        antwoord = h11.Response(status_code=400, headers=koppen, reason=b"")
        for deel in (antwoord, h11.Data(data=inhoud), h11.EndOfMessage()):
            self.transport.write(self.conn.send(deel) or b"")
        if self.cycle is not None:  # whoever was reading the body need not answer too
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    async def _vol(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] in GEZONDHEID:
            await self.config.loaded_app(scope, receive, send)
            return
        inhoud = self._vorm.druk
        koppen = [*self._vorm.koppen_bij(inhoud), (b"retry-after", b"1")]
        await send({"type": "http.response.start", "status": 503, "headers": koppen})
        await send({"type": "http.response.body", "body": inhoud})
