"""The start command of one process."""

import os
import sys
from typing import Any

from schakel.kern.http import serveer
from schakel.kern.logboek import stel_in
from schakel.kern.tempo import stel_af
from schakel.kern.weigering import StartFout

from .instellingen import Instellingen
from .proces import Omschrijving, Procesdienst


def instellingen_voor(omschrijving: Omschrijving[Any], **waarden: Any) -> Instellingen:
    """Settings from the environment, with the process's own port unless another is chosen."""
    if "SCHAKEL_POORT" not in os.environ:
        waarden.setdefault("poort", omschrijving.poort)
    return Instellingen(**waarden)


def start(omschrijving: Omschrijving[Any]) -> None:
    """Run one process until it is told to stop; what prevents a start is one line and exit 2."""
    try:
        instellingen = instellingen_voor(omschrijving)
        stel_in(instellingen.logformaat, instellingen.logniveau)
        proces = Procesdienst(omschrijving, instellingen)
    except StartFout as fout:
        sys.stderr.write(f"{fout.uitleg}\n")
        raise SystemExit(2) from None
    stel_af()
    serveer(proces.app, instellingen)
