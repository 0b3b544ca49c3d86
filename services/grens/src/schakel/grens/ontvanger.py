"""Taking in what a partner says: every page is judged whole, and then kept whole.

The order of what is looked at is part of the wire format: two receivers give one reason.
"""

from collections.abc import Collection

from schakel.bewijs import (
    BewijsFout,
    Controlepunt,
    Note,
    Ondertekenaar,
    Sleutel,
    lees_controlepunt,
    lees_note,
)

from .fouten import Golffout, SlechtePagina
from .logboek import Aangroei, Grenslogboek, Logstand, groei
from .vormen import Bladen, Paginaplek


def keur_plek(plek: Paginaplek, sessie: str | None, omvang: int) -> None:
    """Whether a page of this session, from here on, can be taken in at all; raises Golffout."""
    if plek.sessie != sessie:
        raise Golffout("sessie-onbekend", "deze sessie is hier niet (meer) aan de orde: hervat")
    if plek.vanaf > omvang:
        uitleg = "deze pagina begint achter wat hier is"
        raise Golffout("andere-positie", uitleg, omvang=omvang)


def keur(stand: Logstand, logboek: Grenslogboek, stuk: Bladen) -> Aangroei:
    """What a stretch adds to ``logboek``; raises SlechtePagina, with nothing taken in.

    What was taken in before may come again, in any cut: then nothing, or only the rest, is added.
    """
    bladen = stuk.inhoud()
    note, punt = _lees(stuk.controlepunt)
    if punt.oorsprong != stand.oorsprong:
        raise SlechtePagina("oorsprong", "dit controlepunt is van een ander logboek")
    if punt.omvang != stuk.tot:
        raise SlechtePagina("omvang", "het controlepunt hoort bij een ander aantal bladen")
    bekend = max(0, min(stand.omvang, stuk.tot) - stuk.vanaf)
    if logboek.bladen(stuk.vanaf, stuk.vanaf + bekend) != bladen[:bekend]:
        raise SlechtePagina("vork", "eerder stonden hier andere bladen")
    try:
        erbij = groei(stand, bladen[bekend:])
    except BewijsFout:
        raise SlechtePagina("sleutels", "een sleutellijst in deze pagina mag dit niet") from None
    _keur_handtekening(note, erbij.stand.sleutels.geldig(punt.omvang))
    is_oud = punt.omvang <= stand.omvang
    wortel = logboek.boom.wortel(punt.omvang) if is_oud else erbij.stand.rand.wortel
    if wortel != punt.wortel:
        uitleg = "de bladen geven een andere wortel dan het controlepunt"
        raise SlechtePagina("vork" if is_oud else "wortel", uitleg)
    return erbij


def bewijs_ontvangst(stand: Logstand, ondertekenaar: Ondertekenaar, tijd: int) -> str:
    """The receipt for all that was taken in; ``tijd`` is that of the transaction, in seconds."""
    return str(stand.punt.ontvang(ondertekenaar, tijd))


def _lees(controlepunt: str) -> tuple[Note, Controlepunt]:
    try:
        note = lees_note(controlepunt)
        return note, lees_controlepunt(note)
    except BewijsFout as fout:
        raise SlechtePagina("vorm", fout.uitleg) from None


def _keur_handtekening(note: Note, sleutels: Collection[Sleutel]) -> None:
    try:
        note.controleer(sleutels)
    except BewijsFout:
        uitleg = "geen sleutel die voor deze omvang geldt tekende dit controlepunt"
        raise SlechtePagina("handtekening", uitleg) from None
