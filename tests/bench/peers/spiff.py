"""SpiffWorkflow: a BPMN process in memory, of which the state is saved after every step.

One thread does one workflow after the other: Python is what costs here, and more threads gave
no more. Saving is what its documentation shows: the serialised workflow in a row of its own.
"""

import io
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from .stap import TEKST, main

_TABEL = "CREATE TABLE werkstromen (id integer PRIMARY KEY, staat text NOT NULL)"
_BEWAAR = (
    "INSERT INTO werkstromen VALUES ({0}, {0})"
    " ON CONFLICT (id) DO UPDATE SET staat = excluded.staat"
)
Bewaar = Callable[[int, str], Any]


def bpmn(weg: Sequence[str]) -> bytes:
    """The steps as a process: start, one user task after the other, end."""
    knopen = ["begin", *(f"stap{nummer}" for nummer in range(len(weg))), "eind"]
    taken = "".join(
        f'<userTask id="stap{nummer}" name="{proces}"/>' for nummer, proces in enumerate(weg)
    )
    pijlen = "".join(
        f'<sequenceFlow id="{van}-{naar}" sourceRef="{van}" targetRef="{naar}"/>'
        for van, naar in pairwise(knopen)
    )
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">'
        f'<process id="hwuwh" isExecutable="true"><startEvent id="begin"/>{taken}'
        f'<endEvent id="eind"/>{pijlen}</process></definitions>'
    ).encode()


@contextmanager
def opslag(waar: str) -> Any:
    """Save a state durably, in PostgreSQL by its address or in SQLite in a folder."""
    if waar.startswith("postgres"):
        with psycopg.connect(waar, autocommit=True) as pg:
            pg.execute(_TABEL)
            sql = _BEWAAR.format("%s")
            yield lambda id_, staat: pg.execute(sql, (id_, staat), prepare=True)
        return
    with closing(sqlite3.connect(Path(waar) / "spiff.db", isolation_level=None)) as lite:
        lite.execute("PRAGMA journal_mode = WAL")
        lite.execute("PRAGMA synchronous = FULL")
        lite.execute(_TABEL)
        yield lambda id_, staat: lite.execute(_BEWAAR.format("?"), (id_, staat))


def stappen(werkstroom: BpmnWorkflow, weg: Sequence[str]) -> Iterator[None]:
    """Take all steps of one workflow, in order; yields after each."""
    werkstroom.do_engine_steps()
    for proces in weg:
        (taak,) = werkstroom.get_tasks(state=TaskState.READY, manual=True)
        taak.data[f"{proces}-{taak.task_spec.name}"] = TEKST
        taak.run()
        werkstroom.do_engine_steps()
        yield
    if not werkstroom.is_completed():
        raise RuntimeError("de werkstroom is niet af")


def draai(waar: str, aantal: int, tegelijk: int, weg: Sequence[str]) -> float:
    """``tegelijk`` means nothing here: one after the other."""
    del tegelijk
    lezer = BpmnParser()
    lezer.add_bpmn_io(io.BytesIO(bpmn(weg)))
    soort = lezer.get_spec("hwuwh")
    naar_tekst = BpmnWorkflowSerializer().serialize_json
    open_opslag: AbstractContextManager[Bewaar] = opslag(waar)
    with open_opslag as bewaar:
        begin = time.perf_counter()
        for nummer in range(aantal):
            werkstroom = BpmnWorkflow(soort)
            for _ in stappen(werkstroom, weg):
                bewaar(nummer, naar_tekst(werkstroom))
        return time.perf_counter() - begin


if __name__ == "__main__":
    main(draai)
