"""What a process does until it is killed at a named point."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.sqlite import SQLiteConnection
from tests.kern.bussen import Kanaal, Topic
from tests.kern.conftest import Plek
from tests.kern.proef import Dienst, levering, record, verzending, vultaak

from schakel.kern.bezorging.relais import Relais
from schakel.kern.bus.bericht import Levering
from schakel.kern.opslag import postgres
from schakel.kern.opslag.sqlite import SqliteOpslag

KISTEN = [UUID(int=i) for i in range(1, 5)]
GIF = 22
PUNTEN = ("na de gebeurtenissen", "voor commit", "na commit", "na zenden")


def binnengekomen() -> Levering:
    """Good, poison, behind the poison, and good again: all that a delivery can leave behind."""
    return levering(
        *(record(i + 1, KISTEN[i % 2], 20 + i, id_=f"{i}") for i in range(6)),
    )


def sterf(*_: Any, **__: Any) -> Any:
    """As ``kill -9`` does: nothing is tidied up."""
    os.kill(os.getpid(), 9)


def na(wat: Callable[..., Any]) -> Callable[..., Any]:
    """The same, and then dead."""

    def en_sterf(*delen: Any, **anders: Any) -> Any:
        wat(*delen, **anders)
        return sterf()

    return en_sterf


def zet_val(punt: str) -> None:
    """Let this process die at ``punt``."""
    if punt == "na de gebeurtenissen":
        SqliteOpslag._insert_events = na(SqliteOpslag._insert_events)  # type: ignore[method-assign]
        postgres._voeg_in = na(postgres._voeg_in)
    elif punt == "voor commit":
        SQLiteConnection.commit = sterf  # type: ignore[method-assign]
        psycopg.Connection.commit = sterf  # type: ignore[method-assign]
    elif punt == "na commit":
        SqliteOpslag.schrijf = na(SqliteOpslag.schrijf)  # type: ignore[method-assign]
        postgres.PostgresOpslag.schrijf = na(postgres.PostgresOpslag.schrijf)  # type: ignore[method-assign]
    elif punt == "na zenden":
        Kanaal.zend = na(Kanaal.zend)  # type: ignore[method-assign]


async def leef(waar: Path | str, punt: str) -> None:
    """Two commands, a delivery and a relay; somewhere in there it ends."""
    dienst = Dienst(Plek(waar).open())
    dienst.vuller.weigert = {GIF}
    await dienst.schrijver.voer_uit(vultaak(KISTEN[2], 1, "eerste"))
    zet_val(punt)
    if punt == "na zenden":
        await Relais(dienst.opslag, verzending, Topic().uitgang).draai()
    await asyncio.gather(
        dienst.schrijver.voer_uit(vultaak(KISTEN[3], 2, "tweede")),
        dienst.ontvanger.ontvang(binnengekomen()),
    )


def begin(waar: Path | str, punt: str) -> None:
    """What the process does."""
    asyncio.run(leef(waar, punt))
