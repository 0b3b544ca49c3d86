"""A partner that lies, in every way that there is, against the product's own listener and store.

A case is one seed: both sides have a history that follows from it, and every lie is told once, in
an order that follows from it, each in the middle of honest traffic. The partner is a program of its
own (tests/grens/leugens), written from the wire format alone; what it says, true or false, is work
that the product's house would do. Each lie has its expected answer; of what is false nothing is
taken in, what the house did follows from the true leaves alone, what stops a link is kept as
evidence, and traffic goes on.
"""

import asyncio
from random import Random

from tests.grens.leugens.tabel import LEUGENS
from tests.grens.leugens.toneel import toneel
from tests.grens.leugens.verwacht import beproef as beproef_leugen
from tests.proef import Proef, Tegenvoorbeeld


def beproef(van: int, tot: int) -> None:
    """Try the seeds from ``van`` up to ``tot``."""
    for zaad in range(van, tot):
        asyncio.run(_vertel(zaad))


ZWAAR = ("precies 500 bladen", "precies 512 KiB", "wat dan ook als blad")
"""What makes a log long: last, but for one case in ten, so that there is time for many cases."""


async def _vertel(zaad: int) -> None:
    namen = [*LEUGENS]
    Random(zaad).shuffle(namen)
    if zaad % 10:
        namen.sort(key=ZWAAR.__contains__)
    async with toneel(zaad) as spel:
        for naam in namen:
            try:
                await beproef_leugen(spel, *LEUGENS[naam])
            except AssertionError as fout:
                raise Tegenvoorbeeld(zaad, f"{naam}: {fout}") from fout


PROEF = Proef(aantal=200, per_portie=5, beproef=beproef)
