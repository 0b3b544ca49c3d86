"""The derivation: a pure function of the set of messages of one tree (domain, section 6)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from schakel.contracts.envelop import oin_van
from schakel.contracts.melding import Status
from schakel.contracts.werkstromen import SOORT_VAN, WERKSTROOM

from . import bladen
from .afwijkingen import op_volgorde, vind_afwijkingen
from .bereik import bereik
from .deel import afwijkingen_van, deelname_van
from .knoop import Knoop, groepeer
from .nummer import gang, geschiedenis, is_afgewezen_voor_oordeel, kandidaten
from .regels import REGELS, REGELVERSIE, nieuwer
from .schakels import keten, schakels
from .termijnen import termijnen
from .toestand import posities
from .uitkomst import Afleiding
from .verbanden import verbind
from .waarneming import AANGEBODEN, INGEKOMEN, Waarneming, lees, lees_zonder_bytes
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


def leid_boom_af(
    wortel_id: str, berichten: Iterable[Waarneming], regels: int = REGELVERSIE
) -> Afleiding:
    """Derive one tree. Messages of another tree only matter as variants of one of this tree.

    ``regels`` is the version of the rules to judge by.
    """
    alle = laatste_uitgaven(list(berichten))
    afleiding = _leid_eenduidig_af(wortel_id, alle, regels)
    if afleiding is None:
        schoon, tegenspraken = zuiver(wortel_id, alle)
        typen = {w.type for w in schoon}
        eigen, ingekomen = _splits(schoon, typen)
        knopen, _ = groepeer(wortel_id, eigen)
        verbind(wortel_id, knopen)
        afleiding = _vat_samen(knopen[wortel_id], knopen, tegenspraken, ingekomen, typen, regels)
    return afleiding


def leid_ruwe_boom_af(
    wortel_id: str, berichten: Sequence[bytes], regels: int = REGELVERSIE
) -> Afleiding:
    """Do the same from the messages themselves: the quickest way for whoever stores them.

    Only when two messages want one place does it matter what exactly their bytes are.
    """
    eerst = laatste_uitgaven(lees_zonder_bytes(berichten))
    afleiding = _leid_eenduidig_af(wortel_id, eerst, regels)
    if afleiding is None:
        afleiding = leid_boom_af(wortel_id, map(lees, berichten), regels)
    return afleiding


def _leid_eenduidig_af(
    wortel_id: str, berichten: list[Waarneming], regels: int
) -> Afleiding | None:
    """Derive a tree in which every message has an id and a place of its own; None if it is not."""
    typen = {w.type for w in berichten}
    if not typen <= REGELS[regels]:
        van_hier = {w.type for w in berichten if w.data.wortel_id == wortel_id}
        if onbekend := nieuwer(van_hier, regels):
            return _niet_beoordeeld(wortel_id, onbekend, regels)
    eigen, ingekomen = _splits(berichten, typen)
    if len({w.id for w in eigen}) < len(eigen):
        return None
    if ingekomen:
        kenmerken = {(w.source, w.id) for w in berichten}
        if len(kenmerken) < len(berichten) or any(w.data.wortel_id != wortel_id for w in ingekomen):
            return None
    knopen, botst = groepeer(wortel_id, eigen)
    if botst:
        return None
    verbind(wortel_id, knopen)
    return _vat_samen(knopen[wortel_id], knopen, (), ingekomen, typen, regels)


def _splits(
    berichten: list[Waarneming], typen: set[str]
) -> tuple[list[Waarneming], list[Waarneming]]:
    """What meldingen say themselves, and what the grens says about one."""
    if INGEKOMEN.isdisjoint(typen):
        return berichten, []
    return (
        [w for w in berichten if w.type not in INGEKOMEN],
        [w for w in berichten if w.type in INGEKOMEN],
    )


def _niet_beoordeeld(wortel_id: str, typen: tuple[str, ...], regels: int) -> Afleiding:
    """What is known of a tree with messages of later rules: that it is not for these."""
    return Afleiding(
        wortel_id=wortel_id,
        organisatie=None,
        proces=None,
        meldingsoort=None,
        kandidaten=(),
        werkstroom=None,
        bepaald_door=None,
        geschiedenis=(),
        woord=None,
        pad=(),
        posities=(),
        rondes=(),
        afwijkingen=(),
        open_overdrachten=(),
        wacht_op_eigen_woord=(),
        gaten=(),
        termijnen=(),
        status=Status.ONBEKEND,
        toelichting="regels-nieuwer: deze boom is van nieuwere regels dan deze lezer kent",
        uitkomst=None,
        meldingen=(),
        regels=regels,
        regels_nieuwer=typen,
    )


def _vat_samen(
    wortel: Knoop,
    knopen: dict[str, Knoop],
    tegenspraken: Iterable[Tegenspraak],
    ingekomen: Sequence[Waarneming],
    typen: set[str],
    regels: int,
) -> Afleiding:
    tellend_ids, onder = bereik(wortel, knopen)
    alle = [knopen[id_] for id_ in sorted(knopen)]
    tellend = alle
    if len(tellend_ids) < len(alle):
        tellend = [knoop for knoop in alle if knoop.id in tellend_ids]
    deel = deelname_van(wortel)
    is_niets = is_afgewezen_voor_oordeel(wortel) or (deel is not None and not deel.mag)
    bepalingen = () if is_niets else geschiedenis(wortel)
    gelopen = [] if is_niets else gang(wortel)
    buiten = schakels(alle, gelopen) if AANGEBODEN in typen else ()
    afwijkingen = vind_afwijkingen(wortel, knopen, tegenspraken)
    if deel is not None:
        afwijkingen = op_volgorde((*afwijkingen, *afwijkingen_van(wortel, deel)))
    nummer = bepalingen[-1].werkstroom if bepalingen else None
    wachtend = bladen.wacht_op_eigen_woord(tellend)
    takken = bladen.takken(alle, wortel)
    status = takken[0].status
    return Afleiding(
        wortel_id=wortel.id,
        organisatie=None if wortel.eerste is None else _organisatie(wortel.eerste.source),
        proces=wortel.proces,
        meldingsoort=None if wortel.proces is None else SOORT_VAN[wortel.proces],
        kandidaten=() if is_niets else kandidaten(wortel, onder),
        werkstroom=nummer,
        bepaald_door=bepalingen[-1] if bepalingen else None,
        geschiedenis=bepalingen,
        woord=None if nummer is None else WERKSTROOM[nummer].woord,
        pad=tuple([proces for proces, _ in gelopen]),
        posities=posities(wortel, None if deel is None else deel.plaats.proces),
        rondes=bladen.rondes(wortel, tellend),
        afwijkingen=afwijkingen,
        open_overdrachten=bladen.open_overdrachten(tellend),
        wacht_op_eigen_woord=wachtend,
        gaten=bladen.gaten(alle),
        termijnen=termijnen(alle),
        status=status,
        toelichting=_toelichting(status, wachtend, sum(s.is_open for s in buiten)),
        uitkomst=takken[0].uitkomst,
        meldingen=takken,
        regels=regels,
        deel_van=None if deel is None else deel.plaats,
        keten=keten([w for w in ingekomen if w.data.wortel_id == wortel.id]) if ingekomen else None,
        schakels=buiten,
    )


def _toelichting(status: str, wachtend: tuple[str, ...], open_schakels: int) -> str:
    zin = status.replace("_", " ")
    if wachtend:
        zin += f"; wacht op het eigen woord van de gever over {len(wachtend)} overdracht"
        zin += "en" if len(wachtend) > 1 else ""
    if open_schakels:
        zin += "; open schakel" if open_schakels == 1 else f"; {open_schakels} open schakels"
    return zin


@lru_cache(maxsize=1024)
def _organisatie(bron: str) -> str | None:
    """The OIN of whoever took the first melding; a foreign log may name none."""
    try:
        return oin_van(bron)
    except ValueError:
        return None
