"""``python -m tests.bench``: ours, the raw limit and the peer, in one run and in turns.

``--snel`` takes some minutes and is for looking whether something broke; figures come from a full
run on a machine that does nothing else.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rich.console import Console

from schakel.bewijs import BLAD_MAX

from . import httpketen, ketenmeting
from .achterstand import Achterstand, meet_achterstand
from .afleiding import meet as meet_afleiding
from .deur import meet_deur
from .geheugen import meet_geheugen
from .gelijken import meet_gelijken
from .groei import meet_groei
from .historie import meet_historie
from .hop import meet_hop
from .inboxmeting import meet_inbox
from .infra import Bus, Postgres, servers
from .ketenproces import Gesloten, Soort
from .lezen import meet_lezen
from .overgang import meet_overgang
from .paginas import meet_paginas
from .partners import meet_partners
from .pgschrijven import meet_pgschrijven
from .relaismeting import meet_relais
from .schaal import meet_schaal
from .schrijven import meet_schrijven
from .verslag import Cel, Toets, Uitkomst, machine, toon
from .vorige.vergelijking import RONDES_NAAST, WEGEN, meet_vorige, versies

ZAAD = 20_260_101
RONDES = 5
VIJFTIG = {"gezond": 44, "zwijgt": 3, "weigert": 2, "vloedt": 1}


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


def achterstand(berichten: int, grote: int) -> Uitkomst:
    """So many leaves as messages are, and so many of any size."""
    return meet_achterstand(
        Achterstand("zoals berichten zijn", berichten),
        Achterstand("1 tot 65.536 bytes", grote, BLAD_MAX),
    )


Meting = Callable[[], Sequence[Uitkomst]]


def op_servers(meting: Callable[[Postgres, Bus], Uitkomst]) -> Meting:
    """Measured on a database server and a broker of its own."""

    def meet() -> Sequence[Uitkomst]:
        with servers() as (pg, bus):
            return [meting(pg, bus)]

    return meet


@dataclass(frozen=True)
class Maten:
    """How much is measured of what runs on Kafka and PostgreSQL."""

    rondes: int
    relais: tuple[int, int]
    """Events, and those of them that go one by one."""
    inbox: tuple[int, int]
    paginas: int
    gelijken: Mapping[str, int]
    ons: Mapping[Soort, Gesloten]
    keten: ketenmeting.Maat
    http: httpketen.Maat
    schaal: tuple[int, int]
    """Meldingen, and rounds."""
    groei: tuple[Sequence[int], int]
    """Meldingen in store, and those that are added per round."""


_ONS: Mapping[Soort, Gesloten] = {
    "kaal": Gesloten(20_000, 2_000, 4_000),
    "vlot": Gesloten(4_000, 1_000, 1_500),
    "los": Gesloten(2_000, 500, 1_000),
}
VOLLEDIG = Maten(
    RONDES,
    (60_000, 500),
    (20_000, 300),
    20_000,
    {"spiff": 500, "spiff-sqlite": 500, "dbos": 250, "temporal": 250},
    _ONS,
    ketenmeting.Maat(3, _ONS, 6, 3),
    httpketen.Maat(3, 100, 1_000, 64, 10, 20),
    (3_000, 3),
    ((10**4, 10**5, 10**6), 3_000),
)
SNEL = Maten(
    1,
    (5_000, 50),
    (2_000, 50),
    2_000,
    {"spiff": 50, "spiff-sqlite": 50, "dbos": 30, "temporal": 30},
    {"kaal": Gesloten(1_000, 200, 400), "vlot": Gesloten(300, 100, 200)},
    ketenmeting.Maat(1, {"kaal": Gesloten(1_000, 200, 400)}, 2, 2),
    httpketen.Maat(1, 10, 50, 16, 5, 4),
    (200, 1),
    ((1_000, 10_000), 300),
)


def metingen_met_bus(maten: Maten) -> Mapping[str, Meting]:
    """What runs on Kafka and PostgreSQL."""
    return {
        "relais": op_servers(lambda pg, bus: meet_relais(pg, bus, *maten.relais, maten.rondes)),
        "inbox": op_servers(lambda pg, bus: meet_inbox(pg, bus, *maten.inbox, maten.rondes)),
        "grens": op_servers(lambda pg, bus: meet_paginas(pg, bus, maten.paginas, maten.rondes)),
        "gelijken": op_servers(
            lambda pg, bus: meet_gelijken(pg, bus, maten.rondes, maten.gelijken, maten.ons)
        ),
        "keten": op_servers(lambda pg, bus: ketenmeting.meet_keten(pg, bus, maten.keten)),
        "http": op_servers(lambda pg, bus: httpketen.meet_http(pg, bus, maten.http)),
        "schaal": op_servers(lambda pg, bus: meet_schaal(pg, bus, *maten.schaal)),
        "groei": op_servers(lambda pg, bus: meet_groei(pg, bus, *maten.groei, maten.rondes)),
    }


def metingen(*, snel: bool, toeval: Random) -> Mapping[str, Meting]:
    """By name what can be measured, in the order in which it is done."""
    if snel:
        return {
            "schrijven": lambda: [meet_schrijven(5_000, RONDES), meet_pgschrijven(5_000, RONDES)],
            "deur": op_servers(lambda pg, _: meet_deur(pg, 500, 2, toeval)),
            "lezen": lambda: meet_lezen(20_000, 5_000, 1),
            "geheugen": lambda: [meet_geheugen((10**4, 2 * 10**4, 5 * 10**4), (1_000, 2_000))],
            "afleiding": lambda: [afleiding((10**3, 10**4), RONDES, toeval)],
            "hop": lambda: [meet_hop(400)],
            "overgang": lambda: [meet_overgang(50)],
            "achterstand": lambda: [achterstand(5_000, 300)],
            "partners": lambda: [meet_partners(VIJFTIG, 100, 1)],
            "leid-af": lambda: [meet_historie(200_000, 5_000, 1)],
            **metingen_met_bus(SNEL),
        }
    return {
        "schrijven": lambda: [
            meet_schrijven(40_000, 2 * RONDES + 1),
            meet_pgschrijven(40_000, 2 * RONDES + 1),
        ],
        "deur": op_servers(lambda pg, _: meet_deur(pg, 4_000, RONDES, toeval)),
        "lezen": lambda: meet_lezen(10**6, 10**6),
        "geheugen": lambda: [
            meet_geheugen((10**4, 10**5, 10**6), (10**4, 2 * 10**4, 5 * 10**4, 10**5))
        ],
        "afleiding": lambda: [afleiding((10**4, 10**5, 10**6), RONDES, toeval)],
        "hop": lambda: [meet_hop(4_000)],
        "overgang": lambda: [meet_overgang(500)],
        "achterstand": lambda: [achterstand(100_000, 4_000)],
        "partners": lambda: [meet_partners(VIJFTIG, 500, RONDES)],
        "leid-af": lambda: [meet_historie(20_000_000, 50_000, 1), meet_historie(10**6, 50_000, 3)],
        **metingen_met_bus(VOLLEDIG),
    }


def meet(gekozen: Mapping[str, Meting], scherm: Console) -> Iterator[Uitkomst]:
    """Measure, showing each table when it is there."""
    for naam, meting in gekozen.items():
        with scherm.status(f"meten: {naam}"):
            uitkomsten = meting()
        for uitkomst in uitkomsten:
            toon(uitkomst, scherm)
            yield uitkomst


def _eis(tekst: str) -> tuple[str, float]:
    naam, _, factor = tekst.partition("=")
    if naam not in WEGEN:
        raise argparse.ArgumentTypeError(f"onbekend: {naam}")
    return naam, float(factor)


def main(argumenten: Sequence[str] | None = None) -> None:
    """Measure what was asked and print it."""
    lezer = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    lezer.add_argument("--snel", action="store_true", help="small sizes")
    lezer.add_argument("--json", action="store_true", help="one JSON object on stdout")
    bekend = dict(metingen(snel=True, toeval=Random(ZAAD)))
    alle = [*bekend, "vorige"]
    lezer.add_argument("namen", nargs="*", metavar=f"{{{','.join(alle)}}}", help="default: all")
    ander = lezer.add_argument_group("vorige", "processor time beside that of a former version")
    ander.add_argument("--basis", type=Path, help="a worktree of it where make install was done")
    ander.add_argument("--rondes", type=int, default=RONDES_NAAST)
    ander.add_argument("--wegen", nargs="+", choices=WEGEN, default=list(WEGEN))
    ander.add_argument(
        "--eis", nargs="+", type=_eis, default=[], help="how much faster one is to be: vlot=1.33"
    )
    gekozen = lezer.parse_args(argumenten)
    if onbekend := set(gekozen.namen) - set(alle):
        lezer.error(f"onbekend: {', '.join(sorted(onbekend))}")
    scherm = Console(stderr=gekozen.json)
    bekend = dict(metingen(snel=gekozen.snel, toeval=Random(ZAAD)))
    if gekozen.basis is not None:
        try:
            beide = versies(gekozen.basis)
        except FileNotFoundError as fout:
            lezer.error(str(fout))
        naast = (
            beide,
            gekozen.rondes,
            gekozen.wegen,
            dict(gekozen.eis),
            0.05 if gekozen.snel else 1.0,
        )
        bekend["vorige"] = op_servers(lambda pg, bus: meet_vorige(pg, bus, *naast))
    elif "vorige" in gekozen.namen:
        lezer.error("vorige vraagt ook --basis")
    namen = gekozen.namen or bekend
    vooraf = machine()
    uitkomsten = list(meet({naam: bekend[naam] for naam in namen}, scherm))
    if gekozen.json:
        verslag = vooraf | {"uitkomsten": [u.als_json() for u in uitkomsten]}
        sys.stdout.write(f"{json.dumps(verslag)}\n")


if __name__ == "__main__":
    main()
