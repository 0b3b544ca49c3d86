"""Which schedules there are, and which one a number is.

A scenario is a program for each actor: what the giver does, the worker, each road, and what goes
wrong. A schedule is one interleaving of those programs. The interleavings of a scenario are counted
and numbered as a depth-first walk over "who goes next" meets them; so any of them is found from its
number alone. Cases go round the scenarios in a fixed, shuffled order, and in each with a stride
that misses none: the first thousand are spread over all of it.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import factorial, gcd, prod
from typing import Any, Final

Programma = tuple[str, ...]
Opdracht = tuple[str, int]

_BIED: Final[Opdracht] = ("bied", 1)
GEVERS: Final[Sequence[tuple[Opdracht, ...]]] = (
    (_BIED,),
    (_BIED, ("terug", 1)),
    (_BIED, ("sluit", 0)),
)
PLANNEN: Final[Sequence[Programma]] = (
    ("gereed", "voltooid"),
    (),
    ("afgewezen",),
    ("opgeschort", "gereed", "voltooid"),
    ("omgezet",),
    ("gereed",),
    ("opgeschort", "hervat", "afgebroken"),
    ("geen_overeenstemming",),
)
"""An empty one never does anything: only the giver can end that."""
WEGEN: Final[Sequence[Programma]] = (
    ("pagina", "pagina"),
    ("bewijs-kwijt", "pagina"),
    ("dubbel", "pagina"),
    ("later", "pagina", "komt"),
    ("bewijs-later", "pagina", "komt"),
    ("dood-voor", "pagina"),
    ("dood-na", "pagina"),
    ("zender-dood", "pagina"),
    ("half", "pagina"),
    ("kwijt", "pagina"),
    ("kopie", "later", "terug", "pagina", "komt"),
    ("kwijt", "dood-tussen", "pagina"),
)
"""The last but one: a page of before a restore of its sender arrives after that. The last: what did
not arrive comes with more, and who takes it in is killed halfway."""
FOUTEN: Final[Sequence[Programma]] = (
    (),
    ("A.dood",),
    ("B.dood",),
    ("A.dood", "B.dood"),
    ("A.kopie", "A.terug"),
    ("B.kopie", "B.terug"),
    ("A.kopie", "B.kopie", "A.terug", "B.terug"),
    ("B.kopie", "B.terug", "A.dood"),
    ("A.kopie", "A.terug", "kruis"),
    ("A.kopie", "A.grens-terug"),
    ("B.kopie", "B.grens-terug"),
    ("A.kopie", "B.kopie", "A.grens-terug", "B.grens-terug"),
    ("kruis",),
)


@dataclass(frozen=True)
class Extra:
    """What there is besides one schakel from A to B between two of one version.

    ``nieuwer`` are the messages that a side says in a version that the other cannot read. With
    ``een_beller`` A makes all calls; else each brings its own.
    """

    naam: str = "-"
    tweede: tuple[Opdracht, ...] = ()
    plan_2: Programma = ()
    terug: tuple[Opdracht, ...] = ()
    nieuwer: frozenset[tuple[str, str]] = frozenset()
    een_beller: bool = False


EXTRAS: Final[Sequence[Extra]] = (
    Extra(),
    Extra("twee", tweede=(("bied", 2),), plan_2=("gereed", "voltooid")),
    Extra("heen en terug", terug=(_BIED, ("terug", 1))),
    Extra("een beller", een_beller=True),
    Extra("een beller, heen en terug", terug=(_BIED,), een_beller=True),
    Extra("nieuwer aanbod", nieuwer=frozenset({("A", "aangeboden")})),
    Extra("nieuwe intrekking", nieuwer=frozenset({("A", "ingetrokken")})),
    Extra("nieuwe registratie", nieuwer=frozenset({("B", "aangenomen")})),
    Extra("nieuwere voortgang", nieuwer=frozenset({("B", "voortgang")})),
    Extra("nieuwe gereedmelding", nieuwer=frozenset({("B", "gereedgemeld")})),
)


@dataclass(frozen=True)
class Scenario:
    """What the houses want, and the programs whose interleavings are tried."""

    gever: tuple[Opdracht, ...]
    plan: Programma
    heen: Programma
    weer: Programma
    fout: Programma
    extra: Extra

    @property
    def opdrachten(self) -> Mapping[str, Sequence[Opdracht]]:
        """What the giver of each side does."""
        return {"A": (*self.gever, *self.extra.tweede), "B": self.extra.terug}

    @property
    def plannen(self) -> Mapping[str, Mapping[int, Programma]]:
        """What the worker of each side does, by the ``n`` of the hand-over."""
        return {"A": {1: ("gereed", "voltooid")}, "B": {1: self.plan, 2: self.extra.plan_2}}

    @property
    def programmas(self) -> tuple[Programma, ...]:
        """One for each actor; none is empty."""
        stappen = len(self.plan) + len(self.extra.plan_2)
        alle = (
            ("A.geef",) * (len(self.gever) + len(self.extra.tweede)),
            ("B.werk",) * (1 + stappen),
            tuple(f"AB.{een}" for een in self.heen),
            tuple(f"BA.{een}" for een in self.weer),
            self.fout,
            ("B.geef",) * len(self.extra.terug),
            ("A.werk",) * (2 if self.extra.terug else 0),
        )
        return tuple(filter(None, alle))

    @property
    def omvang(self) -> int:
        """How many interleavings there are."""
        return aantal(tuple(map(len, self.programmas)))

    def beurten(self, rang: int) -> list[str]:
        """The interleaving with this number, as a depth-first walk meets it."""
        over, volgorde = [*map(len, self.programmas)], []
        while any(over):
            for actor, rest in enumerate(over):
                if not rest:
                    continue
                over[actor] -= 1
                if rang < (onder := aantal(tuple(over))):
                    programma = self.programmas[actor]
                    volgorde.append(programma[len(programma) - rest])
                    break
                rang -= onder
                over[actor] += 1
        return volgorde


@cache
def aantal(lengtes: tuple[int, ...]) -> int:
    """The interleavings of programs of these lengths."""
    return factorial(sum(lengtes)) // prod(map(factorial, lengtes))


_ZEGT: Final = {"gereed": "gereedgemeld", "opgeschort": "voortgang"}
_ASSEN: Final[Sequence[Sequence[Any]]] = (GEVERS, PLANNEN, WEGEN, WEGEN, FOUTEN, EXTRAS)


def _past(
    gever: tuple[Opdracht, ...],
    plan: Programma,
    heen: Programma,
    weer: Programma,
    fout: Programma,
    extra: Extra,
) -> bool:
    """Whether what is newer is said at all.

    And a later version cannot be put back here: what it said itself, this one could not read.
    """
    if not extra.nieuwer:
        return True
    terug = {een[0] for een in fout if een.endswith("terug")}
    terug |= {wie for wie, weg in (("A", heen), ("B", weer)) if "terug" in weg}
    gezegd = {("A", "aangeboden"), ("B", "aangenomen")}
    gezegd |= {("B", _ZEGT[stap]) for stap in plan if stap in _ZEGT}
    gezegd |= {("A", "ingetrokken")} if len(gever) > 1 else set()
    return extra.nieuwer <= gezegd and not terug & {wie for wie, _ in extra.nieuwer}


@cache
def _passend() -> Sequence[int]:
    """The places, in the product of all that can be chosen, of what fits together."""
    return array("L", (i for i, keus in enumerate(product(*_ASSEN)) if _past(*keus)))


def aantal_scenarios() -> int:
    """How many there are."""
    return len(_passend())


def scenario(plek: int) -> Scenario:
    """The one at this place, in one fixed order."""
    rest, keus = _passend()[plek], []
    for as_ in reversed(_ASSEN):
        rest, welke = divmod(rest, len(as_))
        keus.append(as_[welke])
    return Scenario(*reversed(keus))


@dataclass(frozen=True)
class Geval:
    """A case: one schedule of one scenario."""

    getal: int
    scenario: Scenario
    beurten: Sequence[str]

    def __str__(self) -> str:
        s = self.scenario
        wat = f"giver {s.gever}, worker {s.plan}, {s.extra.naam}"
        return f"{wat}; {' '.join(self.beurten)}"


def plaats(getal: int) -> tuple[int, int]:
    """Which scenario this number is, and which of its schedules.

    No two numbers are the same as long as a scenario has more.
    """
    alle = aantal_scenarios()
    keer, plek = getal // alle, (getal * _stap(alle) + 1) % alle
    omvang = scenario(plek).omvang
    return plek, (plek * 2_654_435_761 + keer * _stap(omvang)) % omvang


def geval(getal: int) -> Geval:
    """The case with this number."""
    plek, rang = plaats(getal)
    een = scenario(plek)
    return Geval(getal, een, tuple(een.beurten(rang)))


@cache
def _stap(omvang: int) -> int:
    """Near the golden section, and with no divisor in common: it comes everywhere, far apart."""
    stap = max(1, int(omvang * 0.618_033_988_75))
    while gcd(stap, omvang) != 1:
        stap += 1
    return stap


def ruimte() -> int:
    """How many schedules there are in all."""
    return sum(scenario(plek).omvang for plek in range(aantal_scenarios()))
