"""A crossing at rest beside a hop in the house: until what a hand-over opens is stored there.

Two organisations, each a process with stores of its own, over HTTPS. Hand-overs to a service of the
own house and to the other organisation go in turns, one at a time.
"""

import asyncio
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from schakel.cli.alles import Geheel, bouw_geheel, draai
from schakel.cli.opstelling import Organisatie, gemeente_en_uitvoerder, richt_in
from schakel.contracts.deelproces import melding_voor
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.rollen import Rol
from schakel.skelet.proces import Procesdienst
from schakel.skelet.stappen.overdracht import Overdracht

from .eigen import als_dienst, in_eigen_proces
from .hop import Staat, kop, maak_gereed
from .verslag import Cel, Toets, Uitkomst, percentiel, schone_map

RUST = 0.05
"""Seconds between two hand-overs: nothing waits for anything else."""


@contextmanager
def _als(map_: Path, wie: Organisatie) -> Iterator[None]:
    """With the settings of this organisation."""
    eigen, eerder = map_ / wie.naam, dict(os.environ)
    os.environ |= {
        "SCHAKEL_OIN": wie.oin,
        "SCHAKEL_ROUTERING": str(eigen / "routering.json"),
        "SCHAKEL_LOGSLEUTELS": json.dumps([str(eigen / "log.pem")]),
        "SCHAKEL_PARTNERPOORT": str(wie.partnerpoort),
        "SCHAKEL_PARTNERCERTIFICAAT": str(eigen / "tls.pem"),
        "SCHAKEL_PARTNER_CA": str(map_ / "ca.pem"),
        "SCHAKEL_EIGEN_HOSTS": '["localhost"]',
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(eerder)


class _Oog:
    """Sees when a service stored the first event of a tree."""

    def __init__(self, proces: Procesdienst[Any], meld: Callable[[UUID, float], None]) -> None:
        self._opslag, self._positie, self._meld = proces.opslag, 0, meld
        proces.na_commit.append(self._kijk)

    def _kijk(self) -> None:
        nu = time.perf_counter()
        rijen = self._opslag.select_notifications(self._positie, 1_000, inclusive_of_start=False)
        for rij in rijen:
            self._positie = rij.id
            self._meld(msgspec.json.decode(rij.state, type=Staat).boom, nu)


class _Gezien:
    """When each tree was first seen. The clock is one for all processes of a machine."""

    def __init__(self) -> None:
        self._op: dict[UUID, float] = {}
        self._nieuws = asyncio.Event()

    def meld(self, boom: UUID, op: float) -> None:
        self._op.setdefault(boom, op)
        self._nieuws.set()

    async def wacht_op(self, boom: UUID) -> float:
        async with asyncio.timeout(30):
            while boom not in self._op:
                self._nieuws.clear()
                await self._nieuws.wait()
        return self._op[boom]


def _proces(geheel: Geheel, proces: Proces) -> Procesdienst[Any]:
    return next(een for een in geheel.processen if een.proces is proces)


def _bouw(map_: Path, wie: Organisatie, diensten: Sequence[str]) -> Geheel:
    with _als(map_, wie):
        return bouw_geheel(map_ / wie.naam, diensten, vrije_poorten=True)


def _draai_daar(map_: Path, wie: Organisatie, lijn: Connection) -> None:
    """The other organisation, in a process of its own as it would be, until ``lijn`` is closed."""

    async def draai_tot_het_uit_is() -> None:
        geheel = _bouw(map_, wie, ["wijzigen", "grens"])
        _Oog(_proces(geheel, Proces.WIJZIGEN), lambda boom, op: lijn.send((boom, op)))
        async with draai(geheel):
            lijn.send(None)
            with suppress(EOFError):
                await asyncio.to_thread(lijn.recv)

    als_dienst()
    asyncio.run(draai_tot_het_uit_is())


@contextmanager
def _daar(map_: Path, wie: Organisatie) -> Iterator[Connection]:
    hier, daar = get_context("spawn").Pipe()
    proces = get_context("spawn").Process(target=_draai_daar, args=(map_, wie, daar))
    proces.start()
    daar.close()
    try:
        hier.recv()
        yield hier
    finally:
        hier.close()
        proces.join()


async def _meet(map_: Path, aantal: int) -> dict[Proces, list[float]]:
    hier, daar = gemeente_en_uitvoerder(map_)
    richt_in(map_, hier, daar)
    geheel = _bouw(map_, hier, ["herstellen", "uitvoeren", "grens"])
    gever, gezien = _proces(geheel, Proces.HERSTELLEN), _Gezien()
    _Oog(_proces(geheel, Proces.UITVOEREN), gezien.meld)
    duren: dict[Proces, list[float]] = {Proces.UITVOEREN: [], Proces.WIJZIGEN: []}
    async with AsyncExitStack() as opruimen:
        lijn = opruimen.enter_context(_daar(map_, daar))
        lus = asyncio.get_running_loop()
        lus.add_reader(lijn.fileno(), lambda: gezien.meld(*lijn.recv()))
        opruimen.callback(lus.remove_reader, lijn.fileno())
        await opruimen.enter_async_context(draai(geheel))
        for nummer in range(aantal + 1):
            for naar, gemeten in duren.items():
                boom = await maak_gereed(gever, nummer * 2 + (naar is Proces.WIJZIGEN))
                await asyncio.sleep(RUST)
                opdracht = Overdracht(naar=naar, dienst="verkeerslichten")
                await gever.dienst.doe(boom, opdracht, kop(Rol.BEHANDELAAR, f"o{naar}{nummer}"))
                begin = time.perf_counter()
                kind = next(iter(gever.dienst.toon(boom)["kinderen"]))
                geopend = boom
                if kind["organisatie"] is not None:
                    geopend = melding_voor(UUID(kind["meldingId"]), daar.oin, hier.oin)
                duur = max(0.0, await gezien.wacht_op(geopend) - begin) * 1e3
                if nummer:  # the first pays for the resumption
                    gemeten.append(duur)
    return duren


def _meet_hier(map_: Path, aantal: int) -> dict[Proces, list[float]]:
    return asyncio.run(_meet(map_, aantal))


def meet_overgang(aantal: int) -> Uitkomst:
    """``aantal`` of each."""
    with schone_map() as map_:
        duren = in_eigen_proces(_meet_hier, map_, aantal)
    namen = {Proces.UITVOEREN: "in huis", Proces.WIJZIGEN: "over de grens"}
    rijen: list[dict[str, Cel]] = [
        {
            "wat": f"{namen[naar]}, {aantal} keer",
            "p50 in ms": percentiel(gemeten, 0.5),
            "p99 in ms": percentiel(gemeten, 0.99),
        }
        for naar, gemeten in duren.items()
    ]
    huis, grens = (percentiel(duren[naar], 0.5) for naar in namen)
    toetsen = [Toets("p50 over de grens / in huis", grens / huis, "<=", 4.0)]
    return Uitkomst("overgang", "een overdracht in rust, in huis en over de grens", rijen, toetsen)
