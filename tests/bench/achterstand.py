"""S-9: a partner that was away for a week, over HTTPS: how often it is called, and in what memory.

The sender is a process of its own, started on a store in which all of it stands already.
"""

import asyncio
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

import httpx
import msgspec
from tests.grens.contract import overeenkomst
from tests.grens.organisaties import Organisatie, Uitgever, organisatie
from tests.grens.test_over_https import vrije_poorten
from tests.grens.test_verkeer import Kant, hervat
from tests.grens.zijden import VECTOREN, A, B

from schakel.grens.vormen import BLADEN_MAX

from .eigen import als_dienst
from .geheugen import resident
from .verslag import Cel, Toets, Uitkomst, schone_map

BLAD = VECTOREN["eersteBlad"].encode()
BYTES = 458_752
"""So many bytes at least are in a page that is full."""
GEDEELTEN = (0.2, 1.0)
"""Of the backlog, at which memory is looked at: after the first everything was used once."""


class Achterstand(NamedTuple):
    """How much there is to say."""

    wat: str
    aantal: int
    tot_bytes: int | None = None
    """Leaves of 1 to so many bytes; None: each as a message is."""

    def bladen(self) -> list[bytes]:
        """All of them."""
        toeval = Random(self.aantal)
        if self.tot_bytes is None:
            return [BLAD] * self.aantal
        return [toeval.randbytes(toeval.randint(1, self.tot_bytes)) for _ in range(self.aantal)]


class Gemeten(msgspec.Struct):
    """What the sender tells."""

    aanroepen: int
    duur: float
    megabytes: tuple[float, float]


@dataclass(frozen=True)
class Papierwerk:
    """What somebody else made: an authority, and a certificate under it."""

    map: Path

    @property
    def ca(self) -> Path:
        """See ``Papieren``."""
        return self.map / "ca.pem"

    def certificaat(self, oin: str) -> Path:
        """See ``Papieren``."""
        return self.map / f"{oin}.pem"


def _vul(map_: Path, getekend: bytes, bladen: list[bytes]) -> None:
    """Said at A, while B was away."""
    a, b = (Kant(wie, map_ / f"{wie}.db", getekend) for wie in "AB")
    hervat(a, b)
    for begin in range(0, len(bladen), BLADEN_MAX):
        a.zijde.doe(a.zijde.verkeer.zeg, bladen[begin : begin + BLADEN_MAX])
    for een in (a, b):
        een.sluit()


async def _ontvang(map_: Path, achterstand: Achterstand) -> Gemeten:
    uitgever = Uitgever(map_)
    uitgever.certificaat(A)
    bladen = achterstand.bladen()
    poort = vrije_poorten()[0]
    adres = {"adres": f"https://localhost:{poort}"}
    getekend = overeenkomst({A: adres, B: adres}, beller="zender")
    (map_ / "overeenkomst.json").write_bytes(getekend)
    _vul(map_, getekend, bladen)
    async with organisatie(map_, "B", getekend, uitgever, poort, belt=False) as b:
        gelopen = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.bench.achterstand",
            str(map_),
            str(len(bladen)),
            stdout=subprocess.PIPE,
        )
        uit, _ = await gelopen.communicate()
        if gelopen.returncode:
            raise RuntimeError("de zender is niet klaar gekomen")
        if b.kanaal.verkeer.stand_in().omvang != len(bladen):
            raise RuntimeError("niet alles is ingenomen")
    return msgspec.json.decode(uit, type=Gemeten)


def meet_achterstand(*achterstanden: Achterstand) -> Uitkomst:
    """Each in stores of its own."""
    rijen: list[dict[str, Cel]] = []
    toetsen: list[Toets] = []
    for een in achterstanden:
        with schone_map() as map_:
            gemeten = asyncio.run(_ontvang(map_, een))
        bytes_ = sum(map(len, een.bladen()))
        grens = -(-een.aantal // BLADEN_MAX) + -(-bytes_ // BYTES)
        eerst, laatst = gemeten.megabytes
        rijen.append(
            {
                "wat": een.wat,
                "bladen": een.aantal,
                "MB bladen": bytes_ / 2**20,
                "aanroepen": gemeten.aanroepen,
                "hoogstens": grens,
                "per s": een.aantal / gemeten.duur,
                "MB geheugen op een vijfde": eerst,
                "aan het eind": laatst,
            }
        )
        toetsen += [
            Toets(f"{een.wat}: aanroepen", gemeten.aanroepen, "<=", grens),
            Toets(
                f"{een.wat}: bytes geheugen per blad",
                (laatst - eerst) * 2**20 / (een.aantal * (GEDEELTEN[1] - GEDEELTEN[0])),
                "<=",
                10,
            ),
        ]
    return Uitkomst("achterstand", "na een week zonder partner, over HTTPS", rijen, toetsen)


async def stuur(map_: Path, aantal: int) -> Gemeten:
    """As the grens does it from its start on, until all of it is receipted."""
    getekend = (map_ / "overeenkomst.json").read_bytes()
    aanroepen = 0

    async def tel(vraag: httpx.Request) -> None:
        nonlocal aanroepen
        aanroepen += vraag.url.path.endswith("/paginas")

    async with organisatie(map_, "A", getekend, Papierwerk(map_), 0, belt=False) as a:
        a.klant.event_hooks["request"].append(tel)
        begin = time.perf_counter()
        lopend = asyncio.create_task(a.beller.draai())
        gezien = [await _tot(a, int(aantal * deel), lopend) for deel in GEDEELTEN]
        duur = time.perf_counter() - begin
        lopend.cancel()
        await asyncio.wait([lopend])
    return Gemeten(aanroepen, duur, (gezien[0], gezien[1]))


async def _tot(a: Organisatie, aantal: int, lopend: "asyncio.Task[None]") -> float:
    """When so much is receipted: the megabytes in memory."""
    while a.kanaal.verkeer.verbinding().vanaf < aantal:
        if lopend.done():
            lopend.result()
        await asyncio.sleep(0.05)
    return resident()


if __name__ == "__main__":
    waar, hoeveel = sys.argv[1:]
    als_dienst()
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(stuur(Path(waar), int(hoeveel)))))
