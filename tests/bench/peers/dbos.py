"""DBOS: a workflow function of which every step is recorded in PostgreSQL before the next."""

import asyncio
import time
from collections.abc import Sequence

from dbos import DBOS, DBOSConfig

from .stap import TEKST, main


@DBOS.step()
async def zet(proces: str) -> str:
    """One step; what it returns is what is recorded."""
    return proces + TEKST


@DBOS.workflow()
async def werkstroom(weg: Sequence[str]) -> int:
    """Werkstroom 3."""
    return len([await zet(proces) for proces in weg])


async def _draai(aantal: int, tegelijk: int, weg: Sequence[str]) -> float:
    werk = iter(range(aantal))

    async def roep() -> None:
        for _ in werk:
            handvat = await DBOS.start_workflow_async(werkstroom, weg)
            if await handvat.get_result() != len(weg):
                raise RuntimeError("de werkstroom is niet af")

    begin = time.perf_counter()
    await asyncio.gather(*(roep() for _ in range(tegelijk)))
    return time.perf_counter() - begin


def draai(waar: str, aantal: int, tegelijk: int, weg: Sequence[str]) -> float:
    """``waar`` is the address of an empty database."""
    instellingen: DBOSConfig = {
        "name": "bench",
        "system_database_url": waar,
        "log_level": "ERROR",
    }
    DBOS(config=instellingen)
    DBOS.launch()
    try:
        return asyncio.run(_draai(aantal, tegelijk, weg))
    finally:
        DBOS.destroy()


if __name__ == "__main__":
    main(draai)
