"""The log of everything in one process goes to a file, so that the screen shows the work."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import StartFout
from schakel.kern.zicht.logboek import stel_in

NAAM = "schakel.log"


def van_ons(pad: str, hoe: int) -> int:
    """Nobody else reads or writes it, whatever the umask."""
    return os.open(pad, hoe, 0o600)


@contextmanager
def in_logbestand(map_: Path, instellingen: Instellingen) -> Iterator[Path]:
    """Log to a file in ``map_`` as long as this lasts; raises StartFout when that cannot be."""
    bestand = map_ / NAAM
    try:
        map_.mkdir(parents=True, exist_ok=True, mode=0o700)
        open_bestand = open(bestand, "a", encoding="utf-8", buffering=1, opener=van_ons)  # noqa: SIM115 - closed below; a Path has no opener
    except OSError as fout:
        raise StartFout(
            "opslag-onbereikbaar", f"kan {bestand} niet schrijven: {fout.strerror}"
        ) from fout
    with open_bestand:
        stel_in(instellingen.logformaat, instellingen.logniveau, uit=open_bestand)
        try:
            yield bestand
        finally:
            stel_in(instellingen.logformaat, instellingen.logniveau)
