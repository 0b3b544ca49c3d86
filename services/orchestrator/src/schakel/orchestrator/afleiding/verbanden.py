"""Which hand-overs there are in a tree, which of them count, and which returns fit."""

from collections.abc import Iterable

from schakel.contracts.werkstromen import Proces, mag_overdragen

from .knoop import Knoop
from .overdracht import Overdracht
from .waarneming import GEWEIGERD, OVERGEDRAGEN, TERUGGEKEERD, Waarneming


def verbind(wortel_id: str, knopen: dict[str, Knoop]) -> None:
    """Find and judge all hand-overs. A giver that was never seen itself comes into being here."""
    for knoop in knopen.values():
        if OVERGEDRAGEN in knoop.feiten:
            _neem_woorden(knoop)
    for knoop in list(knopen.values()):
        if knoop.id != wortel_id:
            _neem_bewijs(knoop, knopen)
    gevers = [knoop for knoop in knopen.values() if knoop.overdrachten]
    for gever in gevers:
        if gever.proces is None:
            gever.proces = _bewezen_proces(gever)
    for gever in gevers:
        _oordeel(gever, wortel_id, knopen)
    for knoop in knopen.values():
        if TERUGGEKEERD in knoop.feiten:
            _laat_terugkeren(knoop)


def _neem_woorden(gever: Knoop) -> None:
    for w in gever.op_volgorde(OVERGEDRAGEN):
        deel = w.data.overdracht
        if deel is None:
            continue
        overdracht = gever.overdrachten.get(deel.kind_id)
        if overdracht is None:
            gever.overdrachten[deel.kind_id] = Overdracht(
                gever.id, deel.kind_id, deel.naar, deel.n, deel.ronde or 1, [w]
            )
        else:
            overdracht.woorden.append(w)


def _neem_bewijs(kind: Knoop, knopen: dict[str, Knoop]) -> None:
    """Take the child's ``aangenomen`` as proof; any other fact only places it in the tree."""
    if kind.ouder_id is not None and kind.ouder_id not in knopen:
        knopen[kind.ouder_id] = Knoop(kind.ouder_id)
    bewijs = kind.aangenomen
    if bewijs is None or bewijs.data.ouder_id in (None, kind.id):
        return
    data = bewijs.data
    gever = knopen.get(str(data.ouder_id))
    if gever is None:
        knopen[str(data.ouder_id)] = gever = Knoop(str(data.ouder_id))
    overdracht = gever.overdrachten.get(kind.id)
    if overdracht is None:
        overdracht = Overdracht(gever.id, kind.id, data.proces, data.n, data.ronde or 1)
        gever.overdrachten[kind.id] = overdracht
    overdracht.bewijs = bewijs


def _bewezen_proces(gever: Knoop) -> Proces | None:
    genoemd = {
        van
        for o in gever.overdrachten.values()
        if o.bewijs is not None
        and (van := o.bewijs.data.ouder_proces) is not None
        and mag_overdragen(van, o.naar)
    }
    return genoemd.pop() if len(genoemd) == 1 else None


def _oordeel(gever: Knoop, wortel_id: str, knopen: dict[str, Knoop]) -> None:
    einde = gever.einde
    geweigerd = {w.data.kind_id for w in gever.feiten.get(GEWEIGERD, ())}
    for overdracht in gever.overdrachten.values():
        overdracht.buiten_model = _buiten_model(overdracht, gever.proces)
        overdracht.is_geweigerd = overdracht.kind_id in geweigerd
        if einde is not None:
            overdracht.is_na_einde = bool(overdracht.woorden) and all(
                is_na(w, einde) for w in overdracht.woorden
            )
        overdracht.telt = not (
            overdracht.is_geweigerd or overdracht.is_na_einde or overdracht.buiten_model is not None
        )
        kind = knopen.get(overdracht.kind_id)
        if (
            kind is not None
            and kind.id != wortel_id
            and kind.ouder_id in (None, gever.id)
            and kind.proces in (None, overdracht.naar)
        ):
            overdracht.kind = kind


def is_na(w: Waarneming, versie: int) -> bool:
    """Whether a message certainly stands after a versie of its own melding."""
    return w.data.versie is not None and w.data.versie > versie


def _buiten_model(overdracht: Overdracht, van: Proces | None) -> tuple[Proces, Proces] | None:
    """Find who handed to whom outside section 2, if anybody did.

    The giver's own words are judged one by one, so that no later one takes an afwijking away; what
    the child claims is judged only as long as the giver did not speak.
    """
    for w in overdracht.woorden:
        deel = w.data.overdracht
        if deel is not None and not mag_overdragen(w.data.proces, deel.naar):
            return w.data.proces, deel.naar
    if not overdracht.woorden and overdracht.bewijs is not None:
        beweerd = overdracht.bewijs.data.ouder_proces
        if beweerd is not None and not mag_overdragen(beweerd, overdracht.naar):
            return beweerd, overdracht.naar
    if van is not None and not mag_overdragen(van, overdracht.naar):
        return van, overdracht.naar
    return None


def _laat_terugkeren(gever: Knoop) -> None:
    stop = gever.stopt_terugkeer()
    for w in gever.op_volgorde(TERUGGEKEERD):
        if w.data.kind_id is None:
            continue
        overdracht = gever.overdrachten.get(w.data.kind_id)
        is_notitie = stop is not None and (w.data.versie is None or w.data.versie > stop)
        past = is_notitie or _past(w, overdracht, gever.feiten.get(GEWEIGERD, ()))
        if past and overdracht is not None and overdracht.terug is None:
            overdracht.terug = w
        elif not is_notitie:
            gever.ongepast.append(w)


def _past(
    terug: Waarneming, overdracht: Overdracht | None, weigeringen: Iterable[Waarneming]
) -> bool:
    """Whether the hand-over was open when this return came; what has no versie fits anywhere."""
    versie = terug.data.versie
    if overdracht is None:
        return False
    if versie is None:
        return True
    begonnen = not overdracht.woorden or any(
        w.data.versie is None or w.data.versie < versie for w in overdracht.woorden
    )
    return begonnen and not any(
        w.data.kind_id == overdracht.kind_id
        and w.data.versie is not None
        and w.data.versie < versie
        for w in weigeringen
    )
