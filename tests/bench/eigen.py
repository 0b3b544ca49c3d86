"""A measurement in a process of its own, set as one that serves."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

from schakel.kern.tempo import stel_af
from schakel.kern.zicht.logboek import stel_in

P = ParamSpec("P")
T = TypeVar("T")


def als_dienst() -> None:
    """What ``start`` asks of the interpreter: it holds for the whole process."""
    stel_in("json", "error")
    stel_af()


def in_eigen_proces(doe: Callable[P, T], *wat: P.args, **hoe: P.kwargs) -> T:
    """What ``doe`` gives there."""
    with ProcessPoolExecutor(1, get_context("spawn"), als_dienst) as proces:
        return proces.submit(doe, *wat, **hoe).result()
