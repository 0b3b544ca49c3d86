"""``python -m tests.bench``: ours, the raw limit and the peer, in one run and in turns.

``--snel`` takes a minute and is for looking whether something broke; figures come from a full run
on a machine that does nothing else.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from rich.console import Console

from .afleiding import meet as meet_afleiding
from .deur import meet_deur
from .geheugen import meet_geheugen
from .hop import meet_hop
from .lezen import meet_lezen
from .pgschrijven import meet_pgschrijven
from .schrijven import meet_schrijven
from .verslag import Cel, Toets, Uitkomst, machine, toon

ZAAD = 20_260_101
RONDES = 5


def afleiding(standen: Sequence[int], rondes: int, toeval: Random) -> Uitkomst:
    """The derivation, of which ``afleiding.py`` measures each size of history."""
    gemeten = [meet_afleiding(stand, rondes, toeval) for stand in standen]
    rijen: list[dict[str, Cel]] = [
        {
            "wat": f"{meting['gebeurtenissen']:,.0f} gebeurtenissen",
            "alleen ontleden per s": meting["ontledenPerSeconde"],
            "ons per s": meting["afleidenPerSeconde"],
            "verhouding": meting["verhouding"],
            "us per gebeurtenis": meting["microsecondenPerGebeurtenis"],
            "us per nieuw bericht": meting["microsecondenPerNieuwBericht"],
        }
        for meting in gemeten
    ]
    groei = gemeten[-1]["microsecondenPerGebeurtenis"] / gemeten[0]["microsecondenPerGebeurtenis"]
    return Uitkomst(
        "afleiding",
        "werkstromen afleiden, een kern",
        rijen,
        [
            Toets("ons / alleen ontleden", min(m["verhouding"] for m in gemeten), ">=", 0.5),
            Toets("per gebeurtenis, grootste / kleinste geschiedenis", groei, "<=", 1.25),
        ],
    )


Meting = Callable[[], Sequence[Uitkomst]]


def metingen(*, snel: bool, toeval: Random) -> Mapping[str, Meting]:
    """By name what can be measured, in the order in which it is done."""
    if snel:
        return {
            "schrijven": lambda: [meet_schrijven(5_000, RONDES), meet_pgschrijven(5_000, RONDES)],
            "deur": lambda: [meet_deur(500, 2, toeval)],
            "lezen": lambda: meet_lezen(20_000, 5_000, 1),
            "geheugen": lambda: [meet_geheugen((10**4, 2 * 10**4, 5 * 10**4), (1_000, 2_000))],
            "afleiding": lambda: [afleiding((10**3, 10**4), RONDES, toeval)],
            "hop": lambda: [meet_hop(400)],
        }
    return {
        "schrijven": lambda: [
            meet_schrijven(40_000, 2 * RONDES + 1),
            meet_pgschrijven(40_000, 2 * RONDES + 1),
        ],
        "deur": lambda: [meet_deur(4_000, RONDES, toeval)],
        "lezen": lambda: meet_lezen(10**6, 10**6),
        "geheugen": lambda: [
            meet_geheugen((10**4, 10**5, 10**6), (10**4, 2 * 10**4, 5 * 10**4, 10**5))
        ],
        "afleiding": lambda: [afleiding((10**4, 10**5, 10**6), RONDES, toeval)],
        "hop": lambda: [meet_hop(4_000)],
    }


def meet(gekozen: Mapping[str, Meting], scherm: Console) -> Iterator[Uitkomst]:
    """Measure, showing each table when it is there."""
    for naam, meting in gekozen.items():
        with scherm.status(f"meten: {naam}"):
            uitkomsten = meting()
        for uitkomst in uitkomsten:
            toon(uitkomst, scherm)
            yield uitkomst


def main(argumenten: Sequence[str] | None = None) -> None:
    """Measure what was asked and print it."""
    lezer = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    lezer.add_argument("--snel", action="store_true", help="small sizes")
    lezer.add_argument("--json", action="store_true", help="one JSON object on stdout")
    alle = list(metingen(snel=True, toeval=Random(ZAAD)))
    lezer.add_argument("namen", nargs="*", metavar=f"{{{','.join(alle)}}}", help="default: all")
    gekozen = lezer.parse_args(argumenten)
    if onbekend := set(gekozen.namen) - set(alle):
        lezer.error(f"onbekend: {', '.join(sorted(onbekend))}")
    scherm = Console(stderr=gekozen.json)
    bekend = metingen(snel=gekozen.snel, toeval=Random(ZAAD))
    namen = gekozen.namen or alle
    vooraf = machine()
    uitkomsten = list(meet({naam: bekend[naam] for naam in namen}, scherm))
    if gekozen.json:
        verslag = vooraf | {"uitkomsten": [u.als_json() for u in uitkomsten]}
        sys.stdout.write(f"{json.dumps(verslag)}\n")


if __name__ == "__main__":
    main()
