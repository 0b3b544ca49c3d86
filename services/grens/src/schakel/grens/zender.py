"""Handing out the own log, in pages that each end at a size that is signed once, and for ever."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schakel.bewijs import (
    COSIGNATURE,
    BewijsFout,
    Note,
    Ondertekenaar,
    Sleutel,
    lees_note,
    lees_ontvangstbewijs,
)
from schakel.bewijs import Ontvangstbewijs as Gelezen

from .fouten import Golffout, Vork
from .logboek import Grenslogboek, Logstand
from .vormen import BLADEN_MAX, BYTES_MAX, Bladen, Ontvangst, bladen_van


@dataclass(frozen=True)
class Stuk:
    """A stretch to hand out; ``is_nieuw`` says that its note must be kept before it leaves."""

    bladen: Bladen
    is_nieuw: bool

    @property
    def tot(self) -> int:
        """The size that its note is over."""
        return self.bladen.tot


def stuk_vanaf(
    logboek: Grenslogboek, stand: Logstand, vanaf: int, ondertekenaars: Sequence[Ondertekenaar]
) -> Stuk | None:
    """The leaves from ``vanaf`` on, as many as fit; None when there are none, or nobody can sign.

    An old stretch ends where a note was kept: the key that could sign another size may be gone.
    """
    if vanaf >= stand.omvang:
        return None
    tot = vanaf + passend(logboek.lengtes(vanaf, vanaf + BLADEN_MAX))
    note = logboek.note("controlepunt", tot)
    is_nieuw = False
    if note is None:
        if (tekenaar := tekenaar_van(stand, tot, ondertekenaars)) is not None:
            note, is_nieuw = str(logboek.punt(tot).onderteken(tekenaar)), True
        elif (bewaard := logboek.laatste_note("controlepunt", vanaf, tot)) is not None:
            tot, note = bewaard
        else:
            return None
    bladen = bladen_van(logboek.bladen(vanaf, tot))
    return Stuk(Bladen(vanaf=vanaf, bladen=bladen, controlepunt=note), is_nieuw)


def keur_ontvangst(
    logboek: Grenslogboek, stand: Logstand, ontvangst: Ontvangst, *, tekst_alleen: bool = False
) -> Gelezen | None:
    """What a receipt says of the own log; None for one over nothing.

    Raises Vork when it is over another history, ``slecht-bewijs`` when it is no receipt at all.
    Whose it is, ``controleer`` tells: in a resumption the text alone decides.
    """
    if ontvangst.ontvangstbewijs is None:
        return None
    gelezen, _ = lees_bewijs(ontvangst.ontvangstbewijs)
    punt = gelezen.controlepunt
    if punt.oorsprong != stand.oorsprong or punt.omvang != ontvangst.omvang:
        raise Golffout("slecht-bewijs", "dit ontvangstbewijs hoort bij iets anders")
    if punt.omvang > stand.omvang:
        if tekst_alleen:
            return gelezen
        raise Vork("een ontvangstbewijs over meer dan hier ooit gezegd is")
    if logboek.punt(punt.omvang).tekst != punt.tekst:
        raise Vork("een ontvangstbewijs over een andere geschiedenis van dit logboek")
    return gelezen


def controleer(bewijs: str, geldig: Iterable[Sleutel]) -> None:
    """Whether one of these keys gave this receipt: their names say whose log they are of."""
    _, note = lees_bewijs(bewijs)
    try:
        note.controleer([sleutel.voor(COSIGNATURE) for sleutel in geldig])
    except BewijsFout as fout:
        raise Golffout("slecht-bewijs", fout.uitleg) from None


def lees_bewijs(bewijs: str) -> tuple[Gelezen, Note]:
    """A receipt as it came; raises ``slecht-bewijs``."""
    try:
        note = lees_note(bewijs)
        return lees_ontvangstbewijs(note), note
    except BewijsFout as fout:
        raise Golffout("slecht-bewijs", fout.uitleg) from None


def past_in_pagina(bladen: Sequence[bytes]) -> bool:
    """Whether one page holds all of them."""
    return len(bladen) <= BLADEN_MAX and sum(map(len, bladen)) <= BYTES_MAX


def passend(lengtes: Sequence[int]) -> int:
    """How many of these leaves one page holds: filled as far as it goes."""
    samen = 0
    for aantal, lengte in enumerate(lengtes):
        samen += lengte
        if samen > BYTES_MAX:
            return aantal
    return len(lengtes)


def tekenaar_van(
    stand: Logstand, omvang: int, ondertekenaars: Sequence[Ondertekenaar]
) -> Ondertekenaar | None:
    """The first of these that may sign this size of the log."""
    geldig = stand.sleutels.geldig(omvang)
    return next((een for een in ondertekenaars if een.sleutel in geldig), None)
