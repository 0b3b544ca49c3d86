"""Temporal: a workflow with local activities, on the dev server with its state in a file."""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from .stap import TEKST, main

RIJ = "bench"


@activity.defn
async def zet(proces: str) -> str:
    """One step; what it returns is what is recorded."""
    return proces + TEKST


@workflow.defn(name="werkstroom3")
class Werkstroom:
    """Werkstroom 3."""

    @workflow.run
    async def draai(self, weg: Sequence[str]) -> int:
        """All steps, each after the former."""
        gezet = [
            await workflow.execute_local_activity(
                zet, proces, start_to_close_timeout=timedelta(seconds=10)
            )
            for proces in weg
        ]
        return len(gezet)


async def _draai(waar: str, aantal: int, tegelijk: int, weg: Sequence[str]) -> float:
    klant = await Client.connect(waar)
    # Without the sandbox, which costs and protects nothing here.
    werker = Worker(
        klant,
        task_queue=RIJ,
        workflows=[Werkstroom],
        activities=[zet],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    werk = iter(range(aantal))

    async def roep() -> None:
        for _ in werk:
            gedaan = await klant.execute_workflow(
                Werkstroom.draai, weg, id=str(uuid4()), task_queue=RIJ
            )
            if gedaan != len(weg):
                raise RuntimeError("de werkstroom is niet af")

    async with werker:
        begin = time.perf_counter()
        await asyncio.gather(*(roep() for _ in range(tegelijk)))
        return time.perf_counter() - begin


def draai(waar: str, aantal: int, tegelijk: int, weg: Sequence[str]) -> float:
    """``waar`` is the address of a server, host and port."""
    return asyncio.run(_draai(waar, aantal, tegelijk, weg))


if __name__ == "__main__":
    main(draai)
    sys.stdout.flush()
    os._exit(0)  # its core may abort when the interpreter ends in the ordinary way
