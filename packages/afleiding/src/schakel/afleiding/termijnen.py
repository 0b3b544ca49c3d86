"""The terms of a melding, as its own messages tell them; no clock is read here."""

from collections.abc import Iterable

from .knoop import Knoop
from .toestand import is_opgeschort
from .uitkomst import Termijn
from .waarneming import (
    AANGENOMEN,
    HERVAT,
    TERMIJN_VERSTREKEN,
    TEVREDENHEID_GECONTROLEERD,
    TEVREDENHEID_GEVRAAGD,
    Waarneming,
    volgorde,
)

BESLISTERMIJN = "beslistermijn"
OVERDRACHT = "overdracht"
ANTWOORD = "antwoord"


Sleutel = tuple[str, str | None]
"""The kind of term and, for a hand-over, its child."""


def termijnen(alle: Iterable[Knoop]) -> tuple[Termijn, ...]:
    """Give the terms that run, are paused or passed; a term that was met is no longer shown."""
    gevonden: list[Termijn] = []
    for knoop in alle:
        if knoop.einde is None or TERMIJN_VERSTREKEN in knoop.feiten:
            gevonden += _termijnen_van(knoop)
    if len(gevonden) > 1:
        gevonden.sort(key=lambda t: (t.melding_id, t.soort, t.kind_id is not None, t.kind_id or ""))
    return tuple(gevonden)


def _termijnen_van(knoop: Knoop) -> list[Termijn]:
    verstreken = {
        (w.data.termijn, w.data.kind_id)
        for w in knoop.feiten.get(TERMIJN_VERSTREKEN, ())
        if w.data.termijn is not None
    }
    lopend = _lopend(knoop) if knoop.einde is None else {}
    status = "opgeschort" if is_opgeschort(knoop) else "open"
    gevonden = [
        Termijn(knoop.id, sleutel[0], sleutel[1], uiterlijk, status)
        for sleutel, uiterlijk in lopend.items()
        if sleutel not in verstreken
    ]
    return gevonden + [
        Termijn(knoop.id, sleutel[0], sleutel[1], lopend.get(sleutel), "verstreken")
        for sleutel in verstreken
    ]


def _lopend(knoop: Knoop) -> dict[Sleutel, str]:
    """The terms that are set and not met yet, with the moment at which each passes."""
    gezet: dict[Sleutel, tuple[Waarneming, str | None]] = {}
    if AANGENOMEN in knoop.feiten:
        w = knoop.op_volgorde(AANGENOMEN)[0]
        gezet[BESLISTERMIJN, None] = (w, w.data.uiterlijk)
    for o in knoop.overdrachten.values():
        if o.is_open and o.woorden and (deel := o.woorden[0].data.overdracht) is not None:
            gezet[OVERDRACHT, o.kind_id] = (o.woorden[0], deel.uiterlijk)
    if TEVREDENHEID_GEVRAAGD in knoop.feiten:
        gevraagd = knoop.op_volgorde(TEVREDENHEID_GEVRAAGD)
        if len(gevraagd) > len(knoop.op_volgorde(TEVREDENHEID_GECONTROLEERD)):
            gezet[ANTWOORD, None] = (gevraagd[-1], gevraagd[-1].data.uiterlijk)
    lopend = {sleutel: uiterlijk for sleutel, (_, uiterlijk) in gezet.items()}
    for w in knoop.op_volgorde(HERVAT) if gezet else ():
        nieuw: dict[Sleutel, str | None] = {
            (BESLISTERMIJN, None): w.data.uiterlijk,
            **{(t.termijn, t.kind_id): t.uiterlijk for t in w.data.termijnen},
        }
        # A term that was set after the pause is none of those that it moved.
        lopend |= {
            sleutel: uiterlijk
            for sleutel, uiterlijk in nieuw.items()
            if uiterlijk and sleutel in gezet and volgorde(w) > volgorde(gezet[sleutel][0])
        }
    return {sleutel: uiterlijk for sleutel, uiterlijk in lopend.items() if uiterlijk is not None}
