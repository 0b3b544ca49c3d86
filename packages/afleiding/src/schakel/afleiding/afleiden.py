"""The derivation: a pure function of the set of messages of one tree (domain, section 6)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from schakel.contracts.envelop import oin_van
from schakel.contracts.werkstromen import SOORT_VAN, WERKSTROOM

from . import bladen
from .afwijkingen import vind_afwijkingen
from .bereik import bereik
from .knoop import Knoop, groepeer
from .nummer import geschiedenis, is_afgewezen_voor_oordeel, kandidaten, pad
from .termijnen import termijnen
from .toestand import posities
from .uitkomst import Afleiding
from .verbanden import verbind
from .waarneming import Waarneming, lees, lees_zonder_bytes
from .zuivering import Tegenspraak, laatste_uitgaven, zuiver


def leid_af(berichten: Iterable[Waarneming]) -> dict[str, Afleiding]:
    """Derive every tree in a set of messages, by ``wortel_id``.

    Variants of one message that name different trees are shown to each of those trees.
    """
    per_wortel: dict[str, list[Waarneming]] = defaultdict(list)
    per_id: dict[tuple[str, str], list[Waarneming]] = defaultdict(list)
    for w in berichten:
        per_wortel[w.data.wortel_id].append(w)
        per_id[w.source, w.id].append(w)
    for varianten in per_id.values():
        for wortel_id in {w.data.wortel_id for w in varianten} if len(varianten) > 1 else ():
            per_wortel[wortel_id] += varianten
    return {wortel_id: leid_boom_af(wortel_id, per_wortel[wortel_id]) for wortel_id in per_wortel}


def leid_boom_af(wortel_id: str, berichten: Iterable[Waarneming]) -> Afleiding:
    """Derive one tree. Messages of another tree only matter as variants of one of this tree."""
    alle = laatste_uitgaven(list(berichten))
    afleiding = _leid_eenduidig_af(wortel_id, alle)
    if afleiding is None:
        schoon, tegenspraken = zuiver(wortel_id, alle)
        knopen, _ = groepeer(wortel_id, schoon)
        verbind(wortel_id, knopen)
        afleiding = _vat_samen(knopen[wortel_id], knopen, tegenspraken)
    return afleiding


def leid_ruwe_boom_af(wortel_id: str, berichten: Sequence[bytes]) -> Afleiding:
    """Do the same from the messages themselves: the quickest way for whoever stores them.

    Only when two messages want one place does it matter what exactly their bytes are.
    """
    afleiding = _leid_eenduidig_af(wortel_id, laatste_uitgaven(lees_zonder_bytes(berichten)))
    return leid_boom_af(wortel_id, map(lees, berichten)) if afleiding is None else afleiding


def _leid_eenduidig_af(wortel_id: str, berichten: list[Waarneming]) -> Afleiding | None:
    """Derive a tree in which every message has an id and a place of its own; None if it is not."""
    if len({w.id for w in berichten}) < len(berichten):
        return None
    knopen, botst = groepeer(wortel_id, berichten)
    if botst:
        return None
    verbind(wortel_id, knopen)
    return _vat_samen(knopen[wortel_id], knopen, ())


def _vat_samen(
    wortel: Knoop, knopen: dict[str, Knoop], tegenspraken: Iterable[Tegenspraak]
) -> Afleiding:
    tellend_ids, onder = bereik(wortel, knopen)
    alle = [knopen[id_] for id_ in sorted(knopen)]
    tellend = alle
    if len(tellend_ids) < len(alle):
        tellend = [knoop for knoop in alle if knoop.id in tellend_ids]
    is_afgewezen = is_afgewezen_voor_oordeel(wortel)
    bepalingen = () if is_afgewezen else geschiedenis(wortel)
    nummer = bepalingen[-1].werkstroom if bepalingen else None
    wachtend = bladen.wacht_op_eigen_woord(tellend)
    takken = bladen.takken(alle, wortel)
    status = takken[0].status
    return Afleiding(
        wortel_id=wortel.id,
        organisatie=None if wortel.eerste is None else _organisatie(wortel.eerste.source),
        proces=wortel.proces,
        meldingsoort=None if wortel.proces is None else SOORT_VAN[wortel.proces],
        kandidaten=() if is_afgewezen else kandidaten(wortel, onder),
        werkstroom=nummer,
        bepaald_door=bepalingen[-1] if bepalingen else None,
        geschiedenis=bepalingen,
        woord=None if nummer is None else WERKSTROOM[nummer].woord,
        pad=() if is_afgewezen else pad(wortel),
        posities=posities(wortel),
        rondes=bladen.rondes(wortel, tellend),
        afwijkingen=vind_afwijkingen(wortel, knopen, tegenspraken),
        open_overdrachten=bladen.open_overdrachten(tellend),
        wacht_op_eigen_woord=wachtend,
        gaten=bladen.gaten(alle),
        termijnen=termijnen(alle),
        status=status,
        toelichting=_toelichting(status, wachtend),
        uitkomst=takken[0].uitkomst,
        meldingen=takken,
    )


def _toelichting(status: str, wachtend: tuple[str, ...]) -> str:
    zin = status.replace("_", " ")
    if wachtend:
        zin += f"; wacht op het eigen woord van de gever over {len(wachtend)} overdracht"
        zin += "en" if len(wachtend) > 1 else ""
    return zin


@lru_cache(maxsize=1024)
def _organisatie(bron: str) -> str | None:
    """The OIN of whoever took the first melding; a foreign log may name none."""
    try:
        return oin_van(bron)
    except ValueError:
        return None
