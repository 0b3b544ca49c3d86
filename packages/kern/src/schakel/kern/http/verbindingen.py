"""Who is connected, who keeps us waiting, and who has to make room.

Nobody needs a token to connect, so a connection must not cost more than it is worth: each waits
for its client only so long, and when there is no more room the one that waits longest goes. So
whoever sends nothing, drips, or never reads loses its place to whoever does ask something.
"""

import asyncio
import math
import resource
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import partial
from socket import socket
from ssl import SSLContext
from typing import Final, Protocol

import structlog

from .klantadres import netwerk_van
from .tlsfout import waarom

log = structlog.get_logger()


class Fase(Enum):
    """What a connection is waiting for."""

    KOP = "the headers of a request"
    INHOUD = "its body, whether anyone wants that or not"
    WERK = "us"
    LEZEN = "the client to read"
    RUST = "another request"
    EINDE = "the client to read the last of it"


GEDULD: Final[Mapping[Fase, float]] = {
    Fase.KOP: 10.0,
    Fase.INHOUD: 15.0,
    Fase.WERK: math.inf,
    Fase.LEZEN: 10.0,
    Fase.RUST: 20.0,
    Fase.EINDE: 5.0,
}
"""Seconds that a client may keep us waiting. The application is quicker, and says why it ends."""

TRAAGST: Final = 8_192
"""Bytes a second that whoever reads takes at least."""

OVER: Final = 8
"""Connections above the limit that are told so, or how we are."""
_PER_KEER: Final = 64
_RUST: Final = 0.05
_AFSCHEID: Final = 1.0
"""Seconds that the other gets to close TLS in turn."""
_GROETEND: Final = 128
"""Connections that greet by TLS at once: each may take its time, until others want its place."""
_EIGEN: Final = 128
"""File descriptors that a service has besides its connections: store, bus, and those above."""
_VAN_HET_PROCES: Final = 32
_STIL: Final = 60.0
"""Seconds between two lines that say that it is full, or that somebody is not let in."""


class Verbonden(Protocol):
    """A connection."""

    adres: str
    fase: Fase
    sinds: float
    tot: float
    """When we have waited long enough."""

    def herzie(self) -> None:
        """See which phase it is in."""

    def breek_af(self) -> None:
        """Close it now, whatever was still to be said."""


class Toeloop:
    """Those of one server."""

    def __init__(
        self,
        meeste: int,
        per_adres: int,
        is_vertrouwd: Callable[[str], bool],
        klok: Callable[[], float],
    ) -> None:
        """A proxy that is trusted (``is_vertrouwd``) may have as many as it likes."""
        self.meeste = meeste
        self._per_adres = per_adres
        self._is_vertrouwd = is_vertrouwd
        self._klok = klok
        self._per_netwerk: dict[str, dict[Verbonden, None]] = {}
        self.aantal = 0
        self._gemeld = -_STIL

    def erbij(self, nieuw: Verbonden) -> bool:
        """Give it a place; False when there is none left, and nobody who can make room."""
        netwerk = netwerk_van(nieuw.adres)
        deze = self._per_netwerk.setdefault(netwerk, {})
        deze[nieuw] = None
        self.aantal += 1
        if len(deze) > self._per_adres and not self._is_vertrouwd(nieuw.adres):
            return self._maak_ruimte(deze, nieuw)
        return self.aantal <= self.meeste or self._maak_ruimte(self._drukste(), nieuw)

    def eraf(self, weg: Verbonden) -> None:
        """It is closed."""
        netwerk = netwerk_van(weg.adres)
        deze = self._per_netwerk.get(netwerk, {})
        if weg in deze:
            del deze[weg]
            self.aantal -= 1
        if not deze:
            self._per_netwerk.pop(netwerk, None)

    def heeft_plek(self) -> bool:
        """Whether one more can at least be told that it is full."""
        return self.aantal < self.meeste + OVER or self._maak_ruimte(self._drukste())

    def _drukste(self) -> Iterable[Verbonden]:
        """Of whoever has the most connections; of all, when those are all at work."""
        deze = max(self._per_netwerk.values(), key=len)
        if all(een.fase is Fase.WERK for een in deze):
            return self._alle()
        return deze

    def _alle(self) -> list[Verbonden]:
        return [een for deze in self._per_netwerk.values() for een in deze]

    def _maak_ruimte(self, deze: Iterable[Verbonden], nieuw: Verbonden | None = None) -> bool:
        self.meld_vol()
        wachtend = (een for een in deze if een is not nieuw and een.fase is not Fase.WERK)
        langste = min(wachtend, key=lambda een: een.sinds, default=None)
        if langste is None:
            return False
        self.eraf(langste)
        langste.breek_af()
        return True

    def ruim_op(self) -> None:
        """Close whatever has kept us waiting for too long; asked for every second."""
        nu = self._klok()
        for een in self._alle():
            een.herzie()
            if nu > een.tot:
                een.breek_af()

    def meld_vol(self) -> None:
        """Once in a while: it is somebody else who decides how often this happens."""
        if (nu := self._klok()) - self._gemeld >= _STIL:
            self._gemeld = nu
            log.warning("te_veel_verbindingen", grens=self.meeste)


class Aanname:
    """Takes connections in, as fast as there is room for.

    asyncio's own way logs every failure to accept, a thousand a second when descriptors run out.
    """

    def __init__(
        self,
        contact: socket,
        verbindingen: Toeloop,
        maak: Callable[[], asyncio.BaseProtocol],
        tls: SSLContext | None = None,
    ) -> None:
        """``contact`` listens; nothing is taken in yet. With ``tls`` who comes greets first."""
        self._contact = contact
        self._verbindingen = verbindingen
        self._maak = maak
        self._tls = tls
        self._lus = asyncio.get_running_loop()
        self._straks: asyncio.TimerHandle | None = None
        self._gemeld: dict[str, float] = {}
        self._taken: dict[asyncio.Task[object], None] = {}
        """Who greets, the longest first."""

    def begin(self) -> None:
        """From now on."""
        self._straks = None
        self._lus.add_reader(self._contact, self._neem_aan)

    async def stop(self) -> None:
        """No more; who still greets by TLS has asked nothing yet, and is let go."""
        self._lus.remove_reader(self._contact)
        if self._straks is not None:
            self._straks.cancel()
        groetend = [*self._taken]
        for taak in groetend:
            taak.cancel()
        await asyncio.gather(*groetend, return_exceptions=True)

    def _neem_aan(self) -> None:
        for _ in range(_PER_KEER):
            if not self._verbindingen.heeft_plek():
                return self._wacht_even()
            try:
                verbinding, _ = self._contact.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return None
            except OSError:  # no more descriptors or memory: whoever asks waits until there are
                return self._wacht_even()
            if self._tls is not None and len(self._taken) >= _GROETEND:
                self._laat_gaan()
            verbinding.settimeout(0)
            groet = self._lus.connect_accepted_socket(
                self._maak,
                verbinding,
                ssl=self._tls,
                ssl_handshake_timeout=GEDULD[Fase.KOP] if self._tls else None,
                ssl_shutdown_timeout=_AFSCHEID if self._tls else None,
            )
            taak = self._lus.create_task(groet)
            self._taken[taak] = None
            taak.add_done_callback(partial(self._af, verbinding))
        return None

    def _laat_gaan(self) -> None:
        """Who greets longest makes room: whoever means it is done in a moment."""
        self._verbindingen.meld_vol()
        langste = next(iter(self._taken))
        del self._taken[langste]
        langste.cancel()

    def _af(self, verbinding: socket, taak: "asyncio.Task[object]") -> None:
        self._taken.pop(taak, None)
        fout = None if taak.cancelled() else taak.exception()
        if taak.cancelled() or fout is not None:
            verbinding.close()
        if fout is not None and (reden := waarom(fout)) is not None:
            self._meld(reden)

    def _meld(self, reden: str) -> None:
        """Each reason once in a while: it is somebody else who decides how often it happens."""
        if (nu := self._lus.time()) - self._gemeld.get(reden, -_STIL) >= _STIL:
            self._gemeld[reden] = nu
            log.warning("certificaat_geweigerd", reden=reden)

    def _wacht_even(self) -> None:
        self._verbindingen.meld_vol()
        self._lus.remove_reader(self._contact)
        self._straks = self._lus.call_later(_RUST, self.begin)


def plaatsen(gevraagd: int, servers: int) -> int:
    """How many connections each of so many servers may have, in this process.

    As many file descriptors as that takes are asked of the system; with fewer, fewer connections.
    """
    mag, hoogstens = resource.getrlimit(resource.RLIMIT_NOFILE)
    nodig = _VAN_HET_PROCES + servers * (gevraagd + _EIGEN)
    if mag == resource.RLIM_INFINITY:
        return gevraagd
    if mag < nodig:
        mag = nodig if hoogstens == resource.RLIM_INFINITY else min(nodig, hoogstens)
        resource.setrlimit(resource.RLIMIT_NOFILE, (mag, hoogstens))
    return max(1, min(gevraagd, (mag - _VAN_HET_PROCES) // servers - _EIGEN))
