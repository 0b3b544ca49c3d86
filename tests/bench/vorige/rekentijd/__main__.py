"""``python -m rekentijd``, with a ``Plek`` as JSON."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import msgspec

import schakel.kern
from schakel.kern.tempo import stel_af

from .bezorging import afleiding, gever, inbox, relais, vlot
from .opdrachten import opdrachten, schrijf_postgres, schrijf_sqlite
from .plek import Plek
from .versie import stel_in
from .verzoeken import deur, ingebed

WEGEN: Mapping[str, Callable[[Plek], float | Coroutine[Any, Any, float]]] = {
    "gever": gever,
    "schrijven-sqlite": schrijf_sqlite,
    "schrijven-postgres": schrijf_postgres,
    "opdrachten-sqlite": opdrachten,
    "opdrachten-postgres": opdrachten,
    "deur": deur,
    "inbox": inbox,
    "relais": relais,
    "afleiding": afleiding,
    "ingebed": ingebed,
    "vlot": vlot,
}


def main(argument: str) -> None:
    """Do it, and print what it took."""
    plek = msgspec.json.decode(argument, type=Plek)
    if not Path(schakel.kern.__file__).is_relative_to(plek.wortel):
        raise RuntimeError(f"deze omgeving is niet die van {plek.wortel}")
    # A service writes a line for every request.
    stel_in("json", "info" if plek.weg == "deur" else "error")
    stel_af()
    us = WEGEN[plek.weg](plek)
    if asyncio.iscoroutine(us):
        us = asyncio.run(us)
    sys.stdout.write(f"{us}\n")


if __name__ == "__main__":
    main(sys.argv[1])
