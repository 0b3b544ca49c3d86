"""S-5 at one moment: of each schakel the work is with one, and nobody does it twice.

Looked at after every transaction of either border and after every turn, so between any two portions
of a page too. The work of a hand-over is with the giver (which never asked it, took it back, or has
it back), on its way there, with the worker, or on its way back; the giver waits in the last three.
Each of these is looked for where it would be, apart from the product: on a bus, in a log, with the
houses. In none of them it is lost; in two of them it is done twice.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from .huis import Werk
from .kant import Kant
from .keuringen import eis
from .weg import Weg

WACHT: Final = "open"
TERUG: Final = "teruggenomen"
_EINDEN: Final = frozenset({"voltooid", "afgewezen", "gesloten"})


class Blik:
    """What one side has, as it stands now; read when it is asked for."""

    def __init__(self, kant: Kant, ander: Kant) -> None:
        self.kant = kant
        self._uit = f"schakel/{kant.oin}/{ander.oin}"
        self._in = f"schakel/{ander.oin}/{kant.oin}"

    @cached_property
    def schakels(self) -> dict[tuple[str, UUID], dict[str, Any]]:
        """By our side and schakelId, as the border shows them."""
        rijen = self.kant.vraag("SELECT wij, schakel, overzicht FROM schakels")
        return {(wij, UUID(hex=id_)): json.loads(bytes(o)) for wij, id_, o in rijen}

    @cached_property
    def gezegd(self) -> int:
        """The leaves of its log."""
        return self._omvang(self._uit)

    @cached_property
    def gehoord(self) -> int:
        """The leaves of the other that had their effect here."""
        rijen = self.kant.vraag("SELECT tot FROM gehoord WHERE logboek = ?", self._in)
        return int(rijen[0][0]) if rijen else self._omvang(self._in)

    def _omvang(self, logboek: str) -> int:
        ((aantal,),) = self.kant.vraag("SELECT count(*) FROM bladen WHERE logboek = ?", logboek)
        return int(aantal)

    def meent(self, id_: UUID) -> bool:
        """Whether its house said something about this that its border did not read."""
        naam, posities = str(id_).encode(), self.kant.posities
        leveringen = self.kant.huis.leveringen(posities)
        return any(naam in record.waarde for een in leveringen for record in een.records)

    def vertelt(self, id_: UUID) -> bool:
        """Whether its border said something about this that its house did not read."""
        naam, log = str(id_).encode(), self.kant.grens.log
        # Past its cache: who looks must not change what the house reads next.
        return any(naam in log._vertaal(een).waarde for een in log._rijen(self.kant.huis.gelezen))


@dataclass
class Kijker:
    """Looks at both sides; at what did not change since, once."""

    weg: Weg
    _blikken: dict[str, tuple[object, int, Blik]] = field(default_factory=dict)

    def __call__(self) -> None:
        """Raises Mis."""
        a, b = self._blik(self.weg.a), self._blik(self.weg.b)
        for gever, ander in ((a, b), (b, a)):
            werk = _werk_bij(ander.kant)
            kinderen = gever.kant.huis.gever.kinderen
            gevraagd = {id_ for wij, id_ in gever.schakels if wij == "v"}
            for id_ in kinderen.keys() | werk.keys() | gevraagd:
                hier, daar = gever.schakels.get(("v", id_)), ander.schakels.get(("u", id_))
                overdracht = Overdracht(id_, kinderen.get(id_), hier, daar, werk.get(id_, []))
                _niet_twee_keer(overdracht, gever.kant, ander.kant)
                if not self.weg.beide_kwijt:
                    _niet_kwijt(overdracht, gever, ander)

    def _blik(self, kant: Kant) -> Blik:
        grens = kant.grens
        stand = grens.schrijver.aantal_transacties
        gezien = self._blikken.get(kant.wie)
        if gezien is not None and gezien[:2] == (grens, stand):
            return gezien[2]
        blik = Blik(kant, self.weg.ander(kant))
        self._blikken[kant.wie] = (grens, stand, blik)
        return blik


@dataclass
class Overdracht:
    """One hand-over: what the giver knows, what both borders show, who works at it."""

    id: UUID
    status: str | None
    hier: dict[str, Any] | None
    daar: dict[str, Any] | None
    werk: list[Werk]

    @property
    def levend(self) -> bool:
        """Whether somebody works at it."""
        return any(een.uitkomst is None for een in self.werk)


def _werk_bij(kant: Kant) -> dict[UUID, list[Werk]]:
    gevonden: dict[UUID, list[Werk]] = {}
    for een in kant.huis.werk.values():
        if (deel := een.ingekomen.deel_van) is not None:
            gevonden.setdefault(deel.schakel_id, []).append(een)
    return gevonden


def _niet_twee_keer(o: Overdracht, gever: Kant, ander: Kant) -> None:
    """One melding at most; none at work for who has it back, or on what is dicht."""
    eis(len(o.werk) <= 1, "S-5", f"{o.id}: {len(o.werk)} meldingen for one schakel")
    einden = [f for f in gever.huis.verteld.get(o.id, ()) if f.type.split(".")[-2] in _EINDEN]
    if not gever.is_vergeetachtig:  # else it may be told again, under another id
        eis(len(einden) <= 1, "S-5", f"{o.id}: the giver has it back {len(einden)} times")
    if not o.levend:
        return
    if not gever.is_teruggezet:
        eis(o.status is not None, "S-5", f"{o.id}: {ander.wie} works for nobody")
    if ander.is_vergeetachtig:  # what it had ended, its people find open
        return
    eis(o.status in (None, WACHT, TERUG), "S-5", f"{o.id}: {o.status}, and it is worked at")
    for kant, rij in ((gever, o.hier), (ander, o.daar)):
        is_dicht = rij is not None and rij["isDicht"]
        eis(not is_dicht, "S-5", f"{o.id}: dicht at {kant.wie}, and it is worked at")


def _niet_kwijt(o: Overdracht, gever: Blik, ander: Blik) -> None:
    """Whoever waits, waits for something that is somewhere."""
    if o.status != WACHT or o.levend:
        return
    if o.hier is None:
        eis(gever.meent(o.id), "S-5", f"{o.id}: {gever.kant.wie} waits for what it never asked")
    elif not o.hier["gezegd"]:
        eis(o.hier["teZeggen"], "S-5", f"{o.id}: asked, and never to be said")
    elif o.hier["isDicht"]:
        # Put back, it may know what was said again, and not yet which melding of the house asked.
        zal = gever.vertelt(o.id) or (o.hier["meldingId"] is None and gever.meent(o.id))
        eis(zal, "S-5", f"{o.id}: over, and the giver is not told")
    elif o.daar is None or not o.daar["gehoord"]:
        eis(ander.gehoord < gever.gezegd, "S-5", f"{o.id}: heard, and nobody knows of it")
    elif o.daar["isDicht"]:
        eis(gever.gehoord < ander.gezegd, "S-5", f"{o.id}: over, and the giver never hears")
    elif not o.daar["teZeggen"]:
        melding = UUID(o.daar["meldingId"]) if o.daar["meldingId"] else o.id
        onderweg = ander.meent(melding) if o.werk else ander.vertelt(melding)
        eis(onderweg, "S-5", f"{o.id}: with nobody")


__all__ = ["Kijker"]
