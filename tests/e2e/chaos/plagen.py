"""What happens to the chain, drawn from a seed: with the same one the same, in the same order."""

import random
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from tests.e2e.audit.opslagen import ALLEN, PROCESSEN


class Plaag(NamedTuple):
    """One misfortune. ``na`` is how many meldingen are finished by then."""

    na: int
    soort: str
    wie: tuple[str, ...] = ()
    duur: float = 0.0

    @property
    def kills(self) -> int:
        """How many processes it ends with -9."""
        return len(self.wie) if self.soort == "samen dood" else KILLS.get(self.soort, 0)

    def __str__(self) -> str:
        wie = f" {' '.join(self.wie)}" if self.wie else ""
        return f"{self.soort}{wie}{f' {self.duur:.1f} s' if self.duur else ''}"


GEWICHT: Mapping[str, float] = {
    "dood": 30,
    "dood bij start": 5,
    "samen dood": 4,
    "broker dood": 6,
    "database dood": 6,
    "alles dood": 1,
    "bevroren": 5,
    "broker bevroren": 2,
    "database bevroren": 2,
    "topics gewist": 2,
    "relais terug": 3,
    "lezer terug": 3,
    "herhaald": 3,
    "klok verzet": 3,
    "schijf vol": 3,
}
"""How often each comes, in a run that has it."""
MINSTENS = ("dood", "broker dood", "database dood", "topics gewist")
"""What every run has, however short."""
KILLS: Mapping[str, int] = {
    "dood": 1,
    "dood bij start": 2,
    "broker dood": 1,
    "database dood": 1,
    "alles dood": len(ALLEN) + 2,
    "relais terug": 1,
    "lezer terug": 1,
    "klok verzet": 1,
    "leider dood": 1,
    "controller dood": 1,
}
ALLER = {
    "alles dood",
    "broker dood",
    "controller dood",
    "database dood",
    "leider dood",
    "topics gewist",
}
"""What is of all services, and for how long."""
SOORTEN = (*GEWICHT, "opnieuw verdeeld", "leider dood", "controller dood")
"""All that can be asked for by name; what a run has by itself is in GEWICHT."""


def beraam_precies(
    toeval: random.Random, keren: Mapping[str, int], meldingen: int, wie: Sequence[str] = ALLEN
) -> list[Plaag]:
    """Each kind exactly so often, and nothing else."""
    getrokken = [_werk_uit(toeval, s, wie) for s, n in keren.items() for _ in range(n)]
    return _verspreid(toeval, getrokken, meldingen)


def beraam(
    toeval: random.Random,
    kills: int,
    meldingen: int,
    zonder: AbstractSet[str],
    wie: Sequence[str] = ALLEN,
) -> list[Plaag]:
    """So many kills and whatever comes with them, spread over the run; of the processes ``wie``.

    Which kinds there are, and how often each comes, differs per run: what never goes together in
    one where all is mixed has its chance too.
    """
    gewicht = {
        soort: g * toeval.uniform(0.3, 1.7)
        for soort, g in GEWICHT.items()
        if (toeval.random() < 0.8 or soort in MINSTENS) and soort not in zonder
    }
    getrokken = [_werk_uit(toeval, s, wie) for s in (*MINSTENS, "schijf vol") if s not in zonder]
    while sum(plaag.kills for plaag in getrokken) < kills:
        soort = toeval.choices(list(gewicht), list(gewicht.values()))[0]
        getrokken.append(_werk_uit(toeval, soort, wie))
    return _verspreid(toeval, getrokken, meldingen)


def _verspreid(toeval: random.Random, getrokken: list[Plaag], meldingen: int) -> list[Plaag]:
    toeval.shuffle(getrokken)
    momenten = sorted(toeval.uniform(0, 0.95 * meldingen) for _ in getrokken)
    return [p._replace(na=int(na)) for p, na in zip(getrokken, momenten, strict=True)]


def _werk_uit(toeval: random.Random, soort: str, wie: Sequence[str]) -> Plaag:
    een = (toeval.choice(wie),)
    proces = (toeval.choice(PROCESSEN),)
    match soort:
        case "dood" | "opnieuw verdeeld":
            return Plaag(0, soort, een)
        case "lezer terug":
            return Plaag(0, soort, (toeval.choice(ALLEN),))
        case "dood bij start":
            return Plaag(0, soort, een, toeval.uniform(0.2, 2.5))
        case "samen dood":
            return Plaag(0, soort, tuple(toeval.sample(wie, toeval.randint(2, len(wie)))))
        case _ if soort in ALLER:
            return Plaag(0, soort, (), toeval.uniform(0, 3))
        case "bevroren":
            # Kafka gives up on a member after 6 s, PostgreSQL on a transaction after 5, on the
            # relay's right after 15.
            return Plaag(0, soort, een, toeval.choice((0.5, 2.0, 6.5, 9.0, 18.0)))
        case "broker bevroren" | "database bevroren":
            return Plaag(0, soort, (), toeval.uniform(0.5, 8))
        case "relais terug" | "herhaald":
            return Plaag(0, soort, proces)
        case "schijf vol":
            welke = toeval.choice(("kafka", "postgres"))
            return Plaag(0, soort, (welke,), toeval.uniform(0.5, 4))
        case _:
            return Plaag(0, soort, proces, toeval.choice((-86_400, -3_600, 3_600, 86_400)))
