"""Commands: what the writer costs, alone and with the domain in it, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.bench import opslag, pgschrijven
from tests.bench.gang import DELEN, DIENSTEN
from tests.bench.keten import Medewerkers

from schakel.kern.opslag import KERNTABELLEN
from schakel.kern.opslag.postgres import migreer
from schakel.skelet.instellingen import Instellingen
from schakel.skelet.overzicht import TABELLEN
from schakel.skelet.proces import Procesdienst

from .plek import TEGELIJK, Plek, gemeten

EERSTE = DIENSTEN[0]
EERSTE_DEEL = 1 + len(DELEN[0].handelingen)
"""Commands of the first stretch, the intake included."""


def schrijf_sqlite(plek: Plek) -> float:
    """An event per caller, without a domain."""
    return float(opslag.ons(Path(plek.map), plek.aantal, TEGELIJK).rekentijd)


def schrijf_postgres(plek: Plek) -> float:
    """The same, in a database."""
    (url,) = plek.databases
    migreer(url, KERNTABELLEN)
    return float(pgschrijven.ons(url, plek.aantal, TEGELIJK).rekentijd)


@asynccontextmanager
async def dienst(omschrijving: Any, map_: str, url: str = "sqlite") -> AsyncIterator[Any]:
    """A service of which only the store and the writer are at work."""
    proces = Procesdienst(omschrijving, Instellingen(gegevensmap=Path(map_), poort=0, opslag=url))
    try:
        yield proces
    finally:
        await proces.schrijver.sluit()
        proces.opslag.sluit()


async def opdrachten(plek: Plek) -> float:
    """The commands of the first stretch, each by itself, given in code."""
    for url in plek.databases:
        migreer(url, TABELLEN)
    async with (
        dienst(EERSTE, plek.map, *plek.databases) as proces,
        asyncio.TaskGroup() as groep,
    ):
        zij = Medewerkers(proces, EERSTE, groep)

        async def neem_aan() -> None:
            await zij.neem_aan("los", lambda _ids, _op: None)

        return await gemeten(neem_aan, plek.aantal) / EERSTE_DEEL
