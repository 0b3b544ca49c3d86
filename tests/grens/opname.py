"""All that crosses between organisations, as it stands inside TLS: a door that passes it on."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

INHOUD = re.compile(rb"/v1/schakels/([^/ ]+/inhoud/(v|u)/[0-9]+) ")
"""The channel for texts, by its name: the only place where a person may stand."""
_NODIG = re.compile(rb"(?i)(host|content-length|content-type):")
"""What no proxy may leave out."""


def kaal(kop: bytes) -> bytes:
    """The head of a message, with no more fields than it must have."""
    regel, *velden = kop.removesuffix(b"\r\n\r\n").split(b"\r\n")
    return b"\r\n".join([regel, *filter(_NODIG.match, velden), b"", b""])


@dataclass(frozen=True)
class Stuk:
    """A request or an answer: its head as it came, and its body."""

    kop: bytes
    inhoud: bytes

    @property
    def regel(self) -> bytes:
        """What is asked, or how it ended."""
        return self.kop.partition(b"\r\n")[0]


@dataclass(frozen=True)
class Uitwisseling:
    """A call and what came of it."""

    van: str
    naar: str
    vraag: Stuk
    antwoord: Stuk

    @property
    def tekst(self) -> str | None:
        """Which text this is about, by its address below the schakels; None of all other calls."""
        gevonden = INHOUD.search(self.vraag.regel)
        return None if gevonden is None else gevonden[1].decode()

    @property
    def bytes_(self) -> bytes:
        """All that crossed; of a text all but the text itself."""
        vraag, antwoord = self.vraag, self.antwoord
        if self.tekst is not None and antwoord.regel.split()[1] in {b"200", b"204"}:
            return vraag.kop + antwoord.kop
        return vraag.kop + vraag.inhoud + antwoord.kop + antwoord.inhoud


@dataclass
class Opname:
    """What came through the doors so far, as it came.

    A door passes it on without the fields of HTTP that a proxy may leave out (S-12).
    """

    alles: list[Uitwisseling] = field(default_factory=list)

    @asynccontextmanager
    async def deur(
        self,
        van: str,
        naar: str,
        hier: tuple[int, ssl.SSLContext],
        daar: tuple[int, ssl.SSLContext],
    ) -> AsyncIterator[None]:
        """``hier`` stands for ``naar``, and passes on ``daar``, where it is taken for ``van``."""
        open_: set[asyncio.Task[None]] = set()

        async def neem(lezer: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
            taak = asyncio.current_task()
            assert taak is not None
            open_.add(taak)
            verder = None
            try:
                with suppress(OSError, asyncio.IncompleteReadError):
                    daar_lezer, verder = await asyncio.open_connection(
                        "localhost", daar[0], ssl=daar[1]
                    )
                    while True:
                        vraag = await _breng(lezer, verder)
                        antwoord = await _breng(daar_lezer, schrijver)
                        self.alles.append(Uitwisseling(van, naar, vraag, antwoord))
            finally:
                open_.discard(taak)
                schrijver.close()
                if verder is not None:
                    verder.close()

        server = await asyncio.start_server(neem, "localhost", hier[0], ssl=hier[1])
        try:
            yield
        finally:
            server.close()
            for taak in open_:
                taak.cancel()
            if open_:
                await asyncio.wait(open_)


async def _breng(van: asyncio.StreamReader, naar: asyncio.StreamWriter) -> Stuk:
    """One message of HTTP/1.1 that names its length, passed on; as it came."""
    kop = await van.readuntil(b"\r\n\r\n")
    lengte = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)\r\n", kop)
    inhoud = await van.readexactly(int(lengte[1]) if lengte else 0)
    naar.write(kaal(kop) + inhoud)
    await naar.drain()
    return Stuk(kop, inhoud)
