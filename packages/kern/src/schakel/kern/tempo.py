"""The interpreter of a process that serves, set for many short requests and one writer's thread."""

import gc
import sys

WISSEL: float = 0.0005
"""Seconds that the event loop may keep the interpreter when the writer has a batch to finish."""

DREMPELS = (20_000, 10, 100)
"""How many objects more than before make Python look for cycles: young, older, all."""


def stel_af() -> None:
    """Called once, when everything is loaded.

    What is loaded stays, so it is not looked through any more; and the recent aggregates, tens of
    thousands of objects without a cycle, are looked through a hundred times less often.
    """
    sys.setswitchinterval(WISSEL)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*DREMPELS)
