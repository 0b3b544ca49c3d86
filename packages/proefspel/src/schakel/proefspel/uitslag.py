"""What came of a set, as the orchestrator tells it, and where that is not as written."""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypedDict

from schakel.klant import Geweigerd, Klant

from .plan import Plan

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


async def lees_uitslag(
    orchestrator: Klant, plannen: Sequence[Plan], ids: Mapping[str, str]
) -> tuple[list[Uitslagregel], list[str]]:
    """The table, and what is not as written; waits for the orchestrator while it catches up."""
    lus = asyncio.get_running_loop()
    tot = lus.time() + GEDULD
    nog = {plan.id: plan for eerste in plannen for plan in eerste.alle()}
    regels: dict[str, Uitslagregel] = {}
    fouten: dict[str, list[str]] = {}
    while nog:
        for sleutel, plan in list(nog.items()):
            regel = await _lees(orchestrator, plan, ids[sleutel])
            fouten[sleutel] = verschillen(plan, regel)
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


async def _lees(orchestrator: Klant, plan: Plan, melding_id: str) -> Uitslagregel | None:
    try:
        afleiding: dict[str, Any] = await orchestrator.haal(f"/meldingen/{melding_id}")
    except Geweigerd as fout:
        if fout.status == HTTPStatus.NOT_FOUND:  # not seen yet
            return None
        raise
    return Uitslagregel(
        id=plan.id,
        meldingsoort=afleiding["meldingsoort"],
        kandidaten=afleiding["kandidaten"],
        werkstroom=afleiding["werkstroom"],
        woord=afleiding["woord"],
        pad=afleiding["pad"],
        status=afleiding["status"],
        uitkomst=afleiding["uitkomst"],
        afwijkingen=sorted(een["code"] for een in afleiding["afwijkingen"]),
    )


def verschillen(plan: Plan, regel: Uitslagregel | None) -> list[str]:
    """Each expectation that is not met, in Dutch."""
    if regel is None:
        return [f"{plan.id}: de orchestrator heeft deze melding niet gezien"]
    verwacht = plan.verwacht
    letters = "".join(proces[0].upper() for proces in regel["pad"])
    paren = {
        "meldingsoort": (plan.meldingsoort.value, regel["meldingsoort"]),
        "werkstroom": (verwacht.werkstroom, regel["werkstroom"]),
        "kandidaten": (list(verwacht.alle_kandidaten), regel["kandidaten"]),
        "pad": (verwacht.pad, letters),
        "status": (verwacht.status.value, regel["status"]),
        "uitkomst": (verwacht.uitkomst, regel["uitkomst"]),
        "afwijkingen": ([], regel["afwijkingen"]),
    }
    return [
        f"{plan.id}: {wat} is {is_!r}, verwacht werd {moet!r}"
        for wat, (moet, is_) in paren.items()
        if moet != is_
    ]
