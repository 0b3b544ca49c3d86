"""What came of a set, as an orchestrator tells it, and where that is not as written."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple, TypedDict

from schakel.contracts.werkstromen import Meldingsoort
from schakel.klant import Geweigerd, Klant

from .beslissing import Spelmelding
from .plan import Plan, Verwacht

GEDULD = 15.0
"""Seconds that the orchestrator gets to catch up with what the services have done."""


class Uitslagregel(TypedDict):
    """One melding of the set: nothing that differs from run to run."""

    id: str
    meldingsoort: str
    kandidaten: list[int]
    werkstroom: int | None
    woord: str | None
    pad: list[str]
    status: str
    uitkomst: str | None
    afwijkingen: list[str]


class Uitslagvraag(NamedTuple):
    """What is asked about one first melding; without ``verwacht`` there is to be none."""

    id: str
    melding_id: str
    verwacht: Verwacht | None
    meldingsoort: Meldingsoort | None = None
    oin: str = ""
    """Whose it is, if somebody was asked."""

    @classmethod
    def van(cls, plan: Plan, melding_id: str = "") -> "Uitslagvraag":
        """That of a first melding of the set."""
        return cls(plan.id, melding_id, plan.verwacht, plan.meldingsoort)


def uitslagvragen(plannen: Iterable[Plan], ids: Mapping[str, str]) -> list[Uitslagvraag]:
    """About every first melding of the set; ``ids`` are those of its keys."""
    return [Uitslagvraag.van(plan, ids[plan.id]) for eerste in plannen for plan in eerste.alle()]


def uitslagvragen_elders(
    plannen: Iterable[Plan], elders: Mapping[str, Mapping[str, Spelmelding]]
) -> list[Uitslagvraag]:
    """About every part that another organisation was asked to do, by key and place.

    A part that the plan has and that nobody was asked for has no melding.
    """
    gevraagd: list[Uitslagvraag] = []
    for plan in (plan for eerste in plannen for plan in eerste.alle()):
        knopen = elders.get(plan.id, {})
        for plek in sorted({*knopen, *plan.elders}):
            vraag = Uitslagvraag(f"{plan.id} {plek}", "", plan.elders.get(plek))
            if (knoop := knopen.get(plek)) is not None:
                vraag = vraag._replace(melding_id=knoop.id, oin=knoop.oin)
            gevraagd.append(vraag)
    return gevraagd


async def lees_uitslag(
    orchestrator: Klant, gevraagd: Sequence[Uitslagvraag]
) -> tuple[list[Uitslagregel], list[str]]:
    """The table, and what is not as written; waits for the orchestrator while it catches up."""
    lus = asyncio.get_running_loop()
    tot = lus.time() + GEDULD
    nog = {vraag.id: vraag for vraag in gevraagd}
    regels: dict[str, Uitslagregel] = {}
    fouten: dict[str, list[str]] = {}
    while nog:
        for sleutel, vraag in list(nog.items()):
            regel = await _lees(orchestrator, vraag)
            fouten[sleutel] = verschillen(vraag, regel)
            if regel is not None:
                regels[sleutel] = regel
            if not fouten[sleutel]:
                del nog[sleutel]
        if lus.time() > tot:
            break
        if nog:
            await asyncio.sleep(0.05)
    tabel = [regels[sleutel] for sleutel in sorted(regels)]
    return tabel, [fout for sleutel in sorted(fouten) for fout in fouten[sleutel]]


async def _lees(orchestrator: Klant, vraag: Uitslagvraag) -> Uitslagregel | None:
    if not vraag.melding_id:
        return None
    try:
        afleiding: dict[str, Any] = await orchestrator.haal(f"/meldingen/{vraag.melding_id}")
    except Geweigerd as fout:
        if fout.status == HTTPStatus.NOT_FOUND:  # not seen yet
            return None
        raise
    return Uitslagregel(
        id=vraag.id,
        meldingsoort=afleiding["meldingsoort"],
        kandidaten=afleiding["kandidaten"],
        werkstroom=afleiding["werkstroom"],
        woord=afleiding["woord"],
        pad=afleiding["pad"],
        status=afleiding["status"],
        uitkomst=afleiding["uitkomst"],
        afwijkingen=sorted(een["code"] for een in afleiding["afwijkingen"]),
    )


def verschillen(vraag: Uitslagvraag, regel: Uitslagregel | None) -> list[str]:
    """Each expectation that is not met, in Dutch."""
    verwacht = vraag.verwacht
    if verwacht is None:
        return [] if regel is None else [f"{vraag.id}: hier hoort geen melding van te zijn"]
    if regel is None:
        return [f"{vraag.id}: de orchestrator heeft deze melding niet gezien"]
    letters = "".join(proces[0].upper() for proces in regel["pad"])
    soort = vraag.meldingsoort
    paren = {
        "meldingsoort": (soort and soort.value, regel["meldingsoort"] if soort else None),
        "werkstroom": (verwacht.werkstroom, regel["werkstroom"]),
        "kandidaten": (list(verwacht.alle_kandidaten), regel["kandidaten"]),
        "pad": (verwacht.pad, letters),
        "status": (verwacht.status.value, regel["status"]),
        "uitkomst": (verwacht.uitkomst, regel["uitkomst"]),
        "afwijkingen": ([], regel["afwijkingen"]),
    }
    return [
        f"{vraag.id}: {wat} is {is_!r}, verwacht werd {moet!r}"
        for wat, (moet, is_) in paren.items()
        if moet != is_
    ]
