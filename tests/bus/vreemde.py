"""A stranger who writes on the bus with Kafka's own console producer."""

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from deploy.lokaal.gereedschap import VLAGGEN, ZENDER
from deploy.lokaal.jars import opdracht
from deploy.lokaal.toegang import Toegang

_DEEL, _NIETS = "\t", "<niets>"


class Vreemde:
    """It writes what it wants on one topic."""

    def __init__(self, proces: Process) -> None:
        self._proces = proces

    async def zend(
        self, waarde: str | None, *, sleutel: str | None, koppen: Mapping[str, str]
    ) -> None:
        """One record; None is a null of Kafka."""
        kop = ",".join(f"{naam}:{tekst}" for naam, tekst in koppen.items())
        delen = (kop or _NIETS, sleutel or _NIETS, _NIETS if waarde is None else waarde)
        assert self._proces.stdin is not None
        self._proces.stdin.write(_DEEL.join(delen).encode() + b"\n")
        await self._proces.stdin.drain()


@asynccontextmanager
async def vreemde(toegang: Toegang, topic: str) -> AsyncIterator[Vreemde]:
    """Started, and gone at the end of the block."""
    eigenschappen = {
        "parse.headers": "true",
        "parse.key": "true",
        "headers.delimiter": _DEEL,
        "key.separator": _DEEL,
        "null.marker": _NIETS,
    }
    proces = await asyncio.create_subprocess_exec(
        *opdracht(ZENDER, *VLAGGEN),
        "--bootstrap-server",
        toegang.bootstrap,
        "--topic",
        topic,
        "--sync",
        *(deel for k, w in eigenschappen.items() for deel in ("--reader-property", f"{k}={w}")),
        stdin=PIPE,
        stdout=PIPE,
        env=os.environ,
    )
    try:
        yield Vreemde(proces)
    finally:
        assert proces.stdin is not None
        proces.stdin.close()
        await asyncio.wait_for(proces.communicate(), 30)
    assert proces.returncode == 0
