"""The service that ``deur.py`` loads, in a process of its own: ``python -m tests.bench.server``.

``geen`` as its store is the same application with the same door, validation and decisions, of which
the writer stores nothing: what a request costs before there is a store.
"""

import asyncio
import cProfile
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from schakel.herstellen.app import DIENST
from schakel.kern.http import Server
from schakel.kern.opslag import Rij
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.kern.tempo import stel_af
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.zicht.logboek import stel_in
from schakel.skelet.instellingen import Instellingen
from schakel.skelet.overzicht import TABELLEN
from schakel.skelet.proces import Procesdienst

GEEN = "geen"


class GeenOpslag(SqliteOpslag):
    """Has nothing and keeps nothing."""

    def vraag(self, sql: str, waarden: Sequence[Any] = ()) -> list[Rij]:
        del sql, waarden
        return []


class ZonderOpslag(Schrijver[Any]):
    """Decides at once and keeps the outcome in memory only."""

    async def voer_uit(self, taak: Taak[Any, Any]) -> Any:
        werk = self._transacties.begin(self._klok())
        antwoord = taak.doe(werk)
        werk.leg_vast(taak.door)
        werk.is_geschreven()
        return antwoord


def bouw(opslag: str, map_: Path) -> Procesdienst[Any]:
    """The service on SQLite, on the PostgreSQL at an address, or without a store."""
    keuze = "sqlite" if opslag == GEEN else opslag
    proces = Procesdienst(DIENST, Instellingen(gegevensmap=map_, poort=0, opslag=keuze))
    if opslag == GEEN:
        proces.voorraad.opslag = GeenOpslag(None, TABELLEN)
        proces.dienst._schrijver = ZonderOpslag(proces.voorraad, proces._klok)
    return proces


async def draai(proces: Procesdienst[Any]) -> None:
    """Serve until the other side closes our standard input."""
    server = Server(proces.app, proces.instellingen)
    await server.start()
    sys.stdout.write(f"{server.poort}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()


def main(opslag: str, map_: str, profiel: str | None = None) -> None:
    """``profiel`` is a file for what cProfile saw of the event loop's thread."""
    stel_in("json", "info")
    proces = bouw(opslag, Path(map_))
    stel_af()
    if profiel is None:
        asyncio.run(draai(proces))
        return
    with cProfile.Profile() as meter:
        asyncio.run(draai(proces))
    meter.dump_stats(profiel)


if __name__ == "__main__":
    main(*sys.argv[1:])
