"""Which hand-overs there are in a tree, which of them count, and which returns fit."""

from collections.abc import Sequence

from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces, mag_overdragen

from .knoop import Knoop
from .overdracht import Buiten, Overdracht
from .waarneming import (
    AANGEBODEN,
    AANGENOMEN,
    GEGEVEN,
    GEWEIGERD,
    OVERGEDRAGEN,
    TERUGGEKEERD,
    TERUGGENOMEN,
    Waarneming,
    volgorde,
)


def verbind(wortel_id: str, knopen: dict[str, Knoop]) -> None:
    """Find and judge all hand-overs. A giver that was never seen itself comes into being here."""
    for knoop in knopen.values():
        if OVERGEDRAGEN in knoop.feiten or AANGEBODEN in knoop.feiten:
            _neem_woorden(knoop)
    for knoop in list(knopen.values()):
        if knoop.id != wortel_id:
            _plaats(knoop, knopen)
    for knoop in knopen.values():
        if knoop.proces is None:
            knoop.proces = _bewezen_proces(knoop)
        if AANGEBODEN in knoop.feiten:
            _wijs_plaatsvervangers_aan(knoop, wortel_id, knopen)
    for knoop in knopen.values():
        _oordeel(knoop, wortel_id, knopen)
        if TERUGGEKEERD in knoop.feiten or TERUGGENOMEN in knoop.feiten:
            _laat_terugkeren(knoop)


def _samen(knoop: Knoop, een: str, ander: str) -> Sequence[Waarneming]:
    """The messages of two types, in one order."""
    if ander not in knoop.feiten:
        return knoop.op_volgorde(een)
    return sorted([*knoop.op_volgorde(een), *knoop.feiten[ander]], key=volgorde)


def _wijs_plaatsvervangers_aan(gever: Knoop, wortel_id: str, knopen: dict[str, Knoop]) -> None:
    """Whoever this giver says another organisation has, whatever became of it."""
    for w in gever.feiten.get(AANGEBODEN, ()):
        kind = None if w.data.overdracht is None else knopen.get(w.data.overdracht.kind_id)
        if kind is not None and kind.id != wortel_id:
            kind.is_plaatsvervanger = True


def _neem_woorden(gever: Knoop) -> None:
    einde = None if gever.einde is None else gever.laagste_einde()
    for w in _samen(gever, OVERGEDRAGEN, AANGEBODEN):
        deel = w.data.overdracht
        if deel is None:
            continue
        eerste = gever.overdrachten.get(deel.kind_id)
        gezegd = Overdracht(gever.id, deel.kind_id, deel.naar, deel.n, deel.ronde or 1, (w,))
        is_te_laat = einde is not None and _is_na(w, einde)
        if eerste is None:
            gever.overdrachten[deel.kind_id] = gezegd
            if is_te_laat:
                gezegd.woorden, gezegd.te_laat = (), (w,)
        elif is_te_laat:
            eerste.te_laat = (*eerste.te_laat, w)
        else:
            if not eerste.woorden:
                eerste.neem_plaats_van(gezegd)
            elif eerste.plaats != gezegd.plaats:
                eerste.anders = (*eerste.anders, gezegd)
            eerste.woorden = (*eerste.woorden, w)


def _plaats(kind: Knoop, knopen: dict[str, Knoop]) -> None:
    """Take the child's ``aangenomen`` as proof; any other fact only places it in the tree."""
    if kind.ouder_id is not None and kind.ouder_id not in knopen:
        knopen[kind.ouder_id] = Knoop(kind.ouder_id)
    if AANGENOMEN not in kind.feiten:
        return
    for w in kind.op_volgorde(AANGENOMEN):
        data = w.data
        if data.ouder_id is None or data.ouder_id == kind.id:
            continue
        gever = knopen.get(data.ouder_id)
        if gever is None:
            knopen[data.ouder_id] = gever = Knoop(data.ouder_id)
        overdracht = gever.overdrachten.get(kind.id)
        if overdracht is None or overdracht.eerste is None:
            bewezen = Overdracht(gever.id, kind.id, data.proces, data.n, data.ronde or 1)
            overdracht = gever.overdrachten.setdefault(kind.id, bewezen)
            overdracht.neem_plaats_van(bewezen)
        overdracht.bewijzen = (*overdracht.bewijzen, w)


def _bewezen_proces(gever: Knoop) -> Proces | None:
    genoemd = {
        van
        for o in gever.overdrachten.values()
        for w in o.bewijzen
        if (van := w.data.ouder_proces) is not None and mag_overdragen(van, w.data.proces)
    }
    return genoemd.pop() if len(genoemd) == 1 else None


def _oordeel(gever: Knoop, wortel_id: str, knopen: dict[str, Knoop]) -> None:
    weigeringen = gever.feiten.get(GEWEIGERD)
    for o in gever.overdrachten.values():
        if weigeringen is not None:
            o.weigeringen = [w for w in weigeringen if w.data.kind_id == o.kind_id]
        if o.weigeringen or not _is_eenvoudig(o, gever):
            o.buiten_model = _buiten_model(o, gever)
            for zo in (o, *o.anders):
                zo.telt = not o.weigeringen and zo.is_gezegd_binnen(o.buiten_model)
        kind = knopen.get(o.kind_id)
        if kind is not None and kind.id != wortel_id and _is_dit_kind(kind, o):
            o.kind = kind


def _is_dit_kind(kind: Knoop, overdracht: Overdracht) -> bool:
    """Whether a melding says itself that it is the child of this hand-over, or says nothing."""
    return (kind.proces is overdracht.naar or kind.proces is None) and (
        kind.ouder_id is None or kind.ouder_id == overdracht.gever_id
    )


def _is_eenvoudig(overdracht: Overdracht, gever: Knoop) -> bool:
    """Whether all say the same and section 2 allows it, as nearly always."""
    o, van = overdracht, gever.proces
    if o.anders or o.te_laat or not gever.is_eenduidig:
        return False
    for w in o.bewijzen:
        if w.data.proces is not o.naar or w.data.ouder_proces is not van:
            return False
    return van is not None and o.naar in OVERDRACHT_NAAR[van]


def _buiten_model(overdracht: Overdracht, gever: Knoop) -> list[Buiten]:
    """Find who handed to whom outside section 2, if anybody did.

    Every message is judged by itself, so that no other one takes an afwijking away. The giver is
    what it says itself; what a child says of its giver is judged too.
    """
    gevonden = []
    gezegd = gever.processen()
    for w in (*overdracht.woorden, *overdracht.te_laat, *overdracht.bewijzen):
        deel, naar = w.data.overdracht, w.data.proces
        van: Proces | None = naar
        if w.type in GEGEVEN and deel is not None:
            naar = deel.naar
        else:
            van = w.data.ouder_proces or gever.proces
        for proces in (van, *gezegd):
            if proces is not None and naar not in OVERDRACHT_NAAR[proces]:
                is_vast = w.data.versie is not None and (proces is van or bool(gever.gezien))
                gevonden.append(Buiten(proces, naar, w, is_vast))
                break
    return gevonden


def _laat_terugkeren(gever: Knoop) -> None:
    """Returns, and what was taken back: that closes too, and makes what returns later a note."""
    stop = None if gever.einde is None else gever.stopt_terugkeer()
    for w in _samen(gever, TERUGGEKEERD, TERUGGENOMEN):
        if w.data.kind_id is None:
            continue
        overdracht = gever.overdrachten.get(w.data.kind_id)
        is_notitie = stop is not None and (w.data.versie is None or w.data.versie > stop)
        if w.type == TERUGGEKEERD and overdracht is not None and overdracht.is_teruggenomen:
            continue
        past = is_notitie or (overdracht is not None and _past(w.data.versie, overdracht, gever))
        if past and overdracht is not None and overdracht.terug is None:
            overdracht.terug = w
        elif not is_notitie:
            gever.ongepast.append(w)


def _past(versie: int | None, overdracht: Overdracht, gever: Knoop) -> bool:
    """Whether the hand-over was open when a return came; what has no versie fits anywhere."""
    if versie is None:
        return overdracht.eerste is not None
    for weigering in overdracht.weigeringen:
        if weigering.data.versie is not None and weigering.data.versie < versie:
            return False
    for woord in overdracht.woorden:
        if not _is_na(woord, versie):
            return True
    return bool(overdracht.bewijzen) and gever.mist_onder(versie)


def _is_na(w: Waarneming, versie: int) -> bool:
    """Whether a message certainly stands after a versie of its own melding."""
    return w.data.versie is not None and w.data.versie > versie
