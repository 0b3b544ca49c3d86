"""One process of the chain, as ``keten_meten`` starts it: ``python -m tests.bench.ketenproces``.

It reads what to do as JSON from its first argument and prints what came of it as JSON.
"""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from schakel.kern.deelnemer import Deelnemer
from schakel.kern.http import Staat
from schakel.skelet.instellingen import Instellingen
from schakel.skelet.proces import Procesdienst

from .eigen import als_dienst
from .gang import DIENSTEN
from .geheugen import resident
from .kaal import KaleKeten
from .keten import Dienstketen, Klaar
from .last import Last

Soort = Literal["kaal", "vlot", "los"]


class Gesloten(msgspec.Struct, frozen=True, tag="gesloten"):
    """Always so many under way."""

    aantal: int
    tegelijk: int
    warm: int


class Open(msgspec.Struct, frozen=True, tag="open"):
    """So many per second; ``warm`` seconds of it do not count."""

    per_seconde: int
    seconden: float
    warm: float


class Begin(msgspec.Struct, frozen=True, tag="begin"):
    """Let so many begin, and stop."""

    aantal: int


class Werk(msgspec.Struct, frozen=True, tag="werk"):
    """Do what there is, until standard input ends."""


class Opzet(msgspec.Struct, frozen=True):
    """What to run, where, and under which load."""

    soort: Soort
    map: str
    oin: str
    opslag: Mapping[str, str]
    kafka: str
    last: Gesloten | Open | Begin | Werk


class Opbrengst(msgspec.Struct, frozen=True):
    """What came of it."""

    per_seconde: float = 0.0
    wachttijden: Sequence[float] = ()
    """In milliseconds, in the order of beginning."""
    rekentijd: float = 0.0
    """Seconds of processor of this process, over all that was done."""
    gedaan: int = 0
    megabytes: float = 0.0


class Keten(Protocol):
    """Three services on a bus, with whoever works there."""

    @property
    def deelnemers(self) -> Sequence[Deelnemer]:
        """The services, the first one first."""

    async def begin(self) -> UUID:
        """Let one begin; returns when the first step is stored."""

    def draaiend(self) -> AbstractAsyncContextManager[None]:
        """Run all of it."""


def instellingen(opzet: Opzet) -> Mapping[str, Instellingen]:
    """Of each service: a store of its own, one bus."""
    return {
        naam: Instellingen(
            gegevensmap=Path(opzet.map),
            poort=0,
            oin=opzet.oin,
            opslag=url,
            kafka=opzet.kafka,
            wachtrij=1_000_000,
        )
        for naam, url in opzet.opslag.items()
    }


def bouw(opzet: Opzet, klaar: Klaar, groep: asyncio.TaskGroup) -> Keten:
    """Open the stores; nothing runs yet."""
    per_naam = instellingen(opzet)
    if opzet.soort == "kaal":
        return KaleKeten(per_naam, klaar)
    paren = [(Procesdienst(d, per_naam[d.proces.value]), d) for d in DIENSTEN]
    return Dienstketen(paren, opzet.soort, klaar, groep)


async def verbonden(keten: Keten) -> None:
    """Until every service has its bus."""
    async with asyncio.timeout(60):
        for een in keten.deelnemers:
            while (await asyncio.to_thread(een.staat))["bus"] is not Staat.GOED:  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # it tells when asked


async def draai(opzet: Opzet) -> Opbrengst:
    """Run the load."""
    async with asyncio.TaskGroup() as groep:
        last = Last(groep)
        keten = bouw(opzet, last.is_klaar, groep)
        async with keten.draaiend():
            match opzet.last:
                case Begin(aantal=aantal):
                    await last.begin(keten.begin, aantal)
                    return Opbrengst()
                case Werk():
                    await asyncio.to_thread(sys.stdin.read)
                    return Opbrengst(megabytes=resident())
                case Gesloten(aantal=aantal, tegelijk=tegelijk, warm=warm):
                    await verbonden(keten)
                    begin = time.process_time()
                    per_seconde = await last.gesloten(keten.begin, aantal, tegelijk, warm)
                    wachttijden = last.verloop.wachttijden[warm:]
                case Open(per_seconde=tempo, seconden=seconden, warm=warm_s):
                    await verbonden(keten)
                    begin = time.process_time()
                    per_seconde = await last.open(keten.begin, tempo, warm_s + seconden)
                    wachttijden = last.verloop.wachttijden[int(tempo * warm_s) :]
            rekentijd = time.process_time() - begin
            gedaan = len(last.verloop.klaar)
            return Opbrengst(per_seconde, wachttijden, rekentijd, gedaan, resident())


def main(opzet: str) -> None:
    """Do it and tell."""
    als_dienst()
    opbrengst = asyncio.run(draai(msgspec.json.decode(opzet, type=Opzet)))
    sys.stdout.buffer.write(msgspec.json.encode(opbrengst))


if __name__ == "__main__":
    main(sys.argv[1])
