"""Heads of logs, told to each other (``verbinding.controlepunten``): two stories are found so.

What the other says of the two logs between us is held against what we have. Heads of other logs
are kept in the leaf as it came, and verified no further.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from schakel.bewijs import BewijsFout, Controlepunt, lees_note, lees_tekst
from schakel.contracts.schakels.verbinding import VerbindingControlepunten
from schakel.kern.vastlegging.transactie import Transactie

from .fouten import SlechtePagina
from .logboek import Aangroei, Grenslogboek, Logstand, verbindingsbericht_in

TUSSENTIJD: Final = timedelta(hours=1)
"""So long at least between two times that we tell them."""
_KIJK: Final = 8
"""So many leaves of theirs are looked at to tell whether there is news."""

_BEWAAR: Final = "INSERT INTO controlepunten VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_BEREIKT: Final = (
    "SELECT omvang, wortel FROM controlepunten WHERE logboek = ? AND omvang > ? AND omvang <= ?"
)
_LEES: Final = "SELECT op, uit, in_ FROM controlepuntmeldingen WHERE partner = ?"
_ZET: Final = (
    "INSERT INTO controlepuntmeldingen VALUES (?, ?, ?, ?) ON CONFLICT (partner) DO UPDATE SET"
    " op = excluded.op, uit = excluded.uit, in_ = excluded.in_"
)


def keur_controlepunten(
    werk: Transactie,
    erbij: Aangroei,
    voor: Logstand,
    in_: Grenslogboek,
    uit: Grenslogboek,
    stand_uit: Logstand,
) -> None:
    """Hold what these new leaves say of the two logs against what is here.

    Raises SlechtePagina ``vork``: no honest log has a leaf that contradicts what both signed. A
    head of their log above what is here is kept, and compared once we are there. One of ours above
    all that we ever said is a contradiction too: what was lost here, came back before this.
    """
    tot = erbij.stand.omvang
    gezegd = list(_gezegd(erbij))
    for punt in gezegd:
        if punt.oorsprong == uit.oorsprong:
            if punt.omvang > stand_uit.omvang or uit.boom.wortel(punt.omvang) != punt.wortel:
                raise _vork()
        elif punt.oorsprong == in_.oorsprong:
            if punt.omvang > tot:
                werk.rij(_BEWAAR, (in_.oorsprong, punt.omvang, punt.wortel))
            elif _wortel(in_, voor, erbij, punt.omvang) != punt.wortel:
                raise _vork()
    for omvang, wortel in werk.vraag(_BEREIKT, (in_.oorsprong, voor.omvang, tot)):
        if _wortel(in_, voor, erbij, int(omvang)) != bytes(wortel):
            raise _vork()


def _gezegd(erbij: Aangroei) -> Iterator[Controlepunt]:
    for blad in erbij.bladen:
        bericht = verbindingsbericht_in(blad, erbij.stand.oorsprong)
        if isinstance(bericht, VerbindingControlepunten):
            for note in bericht.controlepunten:
                with suppress(BewijsFout):  # a head of some kind that we do not know
                    yield lees_tekst(lees_note(note).tekst)


def _wortel(in_: Grenslogboek, voor: Logstand, erbij: Aangroei, omvang: int) -> bytes:
    if omvang <= voor.omvang:
        return in_.boom.wortel(omvang)
    rand, _ = voor.rand.met(erbij.hashes[: omvang - voor.omvang])
    return rand.wortel


def _vork() -> SlechtePagina:
    return SlechtePagina("vork", "een controlepunt hierin is van een andere geschiedenis")


def te_zeggen(
    werk: Transactie, partner: str, logboeken: Sequence[Grenslogboek], omvangen: tuple[int, int]
) -> tuple[str, ...]:
    """The heads to tell now, of (our log, theirs); nothing when that is not needed.

    At most once in ``TUSSENTIJD``, and only when something else than heads was said since: two that
    only tell each other heads would never stop.
    """
    uit, in_ = logboeken
    rijen = werk.vraag(_LEES, (partner,))
    op, toen_uit, toen_in = rijen[0] if rijen else (None, 0, 0)
    if op is not None and werk.nu - datetime.fromisoformat(op) < TUSSENTIJD:
        return ()
    if omvangen[0] <= toen_uit and not _is_nieuws(in_, int(toen_in)):
        return ()
    notes = [een.laatste_note("controlepunt") for een in (uit, in_)]
    return tuple(note[1] for note in notes if note is not None)


def _is_nieuws(in_: Grenslogboek, vanaf: int) -> bool:
    bladen = in_.bladen(vanaf, vanaf + _KIJK)
    soorten = (verbindingsbericht_in(blad, in_.oorsprong) for blad in bladen)
    return len(bladen) == _KIJK or not all(
        isinstance(een, VerbindingControlepunten) for een in soorten
    )


def onthoud(werk: Transactie, partner: str, uit: int, in_: int) -> None:
    """They were told, at these sizes of both logs."""
    werk.rij(_ZET, (partner, werk.nu.isoformat(), uit, in_))
