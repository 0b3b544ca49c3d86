"""The command of a service that runs alone: ``schakel-<dienst>``; ``migreer`` makes its tables."""

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from fastapi import FastAPI

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.stromen import spreek_utf8
from schakel.kern.grond.weigering import StartFout
from schakel.kern.http import serveer
from schakel.kern.onderhoud import migreer
from schakel.kern.opslag import Tabellen
from schakel.kern.tempo import stel_af
from schakel.kern.zicht.logboek import stel_in

S = TypeVar("S", bound=Instellingen)


def start(
    naam: str,
    tabellen: Tabellen,
    lees: Callable[[], S],
    bouw: Callable[[S], FastAPI],
    argumenten: Sequence[str] | None = None,
) -> None:
    """Run until told to stop; what prevents that is one line and exit 2.

    ``argumenten`` are those of the process unless given.
    """
    spreek_utf8()
    gevraagd = list(sys.argv[1:] if argumenten is None else argumenten)
    if gevraagd not in ([], ["migreer"], ["migreer", "--rond-af"]):
        sys.stderr.write(f"gebruik: schakel-{naam} [migreer]\n")
        raise SystemExit(2)
    try:
        instellingen = lees()
        if gevraagd:
            rond_af = gevraagd[1:] == ["--rond-af"]
            versie = migreer(instellingen, naam, tabellen, rond_af=rond_af)
            sys.stdout.write(f"{naam}: de tabellen zijn van versie {versie}\n")
            return
        stel_in(instellingen.logformaat, instellingen.logniveau)
        app = bouw(instellingen)
    except StartFout as fout:
        sys.stderr.write(f"{fout.uitleg}\n")
        raise SystemExit(2) from None
    stel_af()
    serveer(app, instellingen)
