"""What a replica of a service does in a process of its own, next to others on the same database."""

import asyncio
import signal
import threading
from uuid import UUID

from tests.kern.proef import TABELLEN, Dienst, levering, record, vultaak

from schakel.kern.opslag import postgres
from schakel.kern.opslag.postgres import PostgresOpslag

KISTEN = [UUID(int=i) for i in range(1, 6)]
SAMEN = levering(*(record(i + 1, KISTEN[i % 5], 10_000 + i, id_=f"samen-{i}") for i in range(50)))
"""What every replica receives: after a rebalance two may both have it in hand."""


async def werk_weg(url: str, eerste: int, aantal: int) -> None:
    """Commands of its own from sixteen callers, and a delivery that others get too."""
    dienst = Dienst(PostgresOpslag(url, TABELLEN))
    nummers = iter(range(eerste, eerste + aantal))

    async def roep() -> None:
        for wat in nummers:
            await dienst.vul(KISTEN[wat % 5], wat, f"sleutel-{wat}")
            await dienst.schrijver.voer_uit(vultaak(KISTEN[0], 20_000 + wat % 10, f"om-{wat % 10}"))

    await asyncio.gather(*(roep() for _ in range(16)), dienst.ontvanger.ontvang(SAMEN))
    await dienst.sluit()


async def bevries_en_ga_door(url: str, wat: int) -> None:
    """One command; between its events and its commit this process is frozen, once."""
    dienst = Dienst(PostgresOpslag(url, TABELLEN))
    await dienst.vul(KISTEN[0], 1)
    voeg_in = postgres._voeg_in

    def en_bevries(*delen: object) -> object:
        nummers = voeg_in(*delen)  # type: ignore[arg-type]
        postgres._voeg_in = voeg_in
        # To this thread: sent to the process, another may take it while this one still commits.
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
        return nummers

    postgres._voeg_in = en_bevries  # type: ignore[assignment]
    await dienst.vul(KISTEN[0], wat)
    await dienst.sluit()


def begin_werk(url: str, eerste: int, aantal: int) -> None:
    asyncio.run(werk_weg(url, eerste, aantal))


def begin_en_bevries(url: str, wat: int) -> None:
    asyncio.run(bevries_en_ga_door(url, wat))
