"""The terms of a melding, as its own messages tell them; no clock is read here."""

from collections.abc import Iterator

from .knoop import Knoop
from .toestand import is_opgeschort
from .uitkomst import Termijn
from .waarneming import (
    AANGENOMEN,
    HERVAT,
    TERMIJN_VERSTREKEN,
    TEVREDENHEID_GECONTROLEERD,
    TEVREDENHEID_GEVRAAGD,
)

BESLISTERMIJN = "beslistermijn"
OVERDRACHT = "overdracht"
ANTWOORD = "antwoord"


def termijnen_van(knoop: Knoop) -> Iterator[Termijn]:
    """Give the terms that run, are paused or passed; a term that was met is no longer shown."""
    verstreken: set[tuple[str, str | None]] = set()
    for w in knoop.op_volgorde(TERMIJN_VERSTREKEN):
        if w.data.termijn is not None:
            verstreken.add((w.data.termijn, w.data.kind_id))
    lopend: dict[tuple[str, str | None], str] = {}
    if knoop.einde is None:
        lopend = {sleutel: uiterlijk for sleutel, uiterlijk in _lopend(knoop) if uiterlijk}
    status = "opgeschort" if lopend and is_opgeschort(knoop) else "open"
    for (soort, kind_id), uiterlijk in lopend.items():
        if (soort, kind_id) not in verstreken:
            yield Termijn(knoop.id, soort, kind_id, uiterlijk, status)
    for soort, kind_id in verstreken:
        yield Termijn(knoop.id, soort, kind_id, lopend.get((soort, kind_id)), "verstreken")


def _lopend(knoop: Knoop) -> Iterator[tuple[tuple[str, str | None], str | None]]:
    for aangenomen in knoop.op_volgorde(AANGENOMEN)[:1]:
        verlengd = [w.data.uiterlijk for w in knoop.op_volgorde(HERVAT) if w.data.uiterlijk]
        yield (BESLISTERMIJN, None), verlengd[-1] if verlengd else aangenomen.data.uiterlijk
    for o in knoop.overdrachten.values():
        deel = o.woorden[0].data.overdracht if o.is_open and o.woorden else None
        if deel is not None:
            yield (OVERDRACHT, o.kind_id), deel.uiterlijk
    gevraagd = knoop.feiten.get(TEVREDENHEID_GEVRAAGD, ())
    if len(gevraagd) > len(knoop.feiten.get(TEVREDENHEID_GECONTROLEERD, ())):
        yield (ANTWOORD, None), knoop.op_volgorde(TEVREDENHEID_GEVRAAGD)[-1].data.uiterlijk
