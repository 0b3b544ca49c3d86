"""Which hand-overs there are in a tree, which of them count, and which returns fit."""

from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces, mag_overdragen

from .knoop import Knoop
from .overdracht import Overdracht
from .waarneming import AANGENOMEN, GEWEIGERD, OVERGEDRAGEN, TERUGGEKEERD, Waarneming


def verbind(wortel_id: str, knopen: dict[str, Knoop]) -> None:
    """Find and judge all hand-overs. A giver that was never seen itself comes into being here."""
    for knoop in knopen.values():
        if OVERGEDRAGEN in knoop.feiten:
            _neem_woorden(knoop)
    for knoop in list(knopen.values()):
        if knoop.ouder_id is not None:
            _neem_bewijs(knoop, knoop.ouder_id, knopen)
    for knoop in knopen.values():
        if knoop.proces is None:
            knoop.proces = _bewezen_proces(knoop)
    for knoop in knopen.values():
        if knoop.overdrachten:
            _oordeel(knoop, wortel_id, knopen)
        if TERUGGEKEERD in knoop.feiten:
            _laat_terugkeren(knoop)


def _neem_woorden(gever: Knoop) -> None:
    for w in gever.op_volgorde(OVERGEDRAGEN):
        deel = w.data.overdracht
        if deel is None:
            continue
        if deel.kind_id in gever.overdrachten:
            gever.overdrachten[deel.kind_id].woorden.append(w)
        else:
            gever.overdrachten[deel.kind_id] = Overdracht(
                gever.id, deel.kind_id, deel.naar, deel.n, deel.ronde or 1, [w]
            )


def _neem_bewijs(kind: Knoop, ouder_id: str, knopen: dict[str, Knoop]) -> None:
    """Take the child's ``aangenomen`` as proof; any other fact only places it in the tree."""
    gever = knopen.get(ouder_id)
    if gever is None:
        knopen[ouder_id] = gever = Knoop(ouder_id)
    if AANGENOMEN not in kind.feiten or gever is kind:
        return
    bewijs = kind.op_volgorde(AANGENOMEN)[0]
    if kind.id not in gever.overdrachten:
        data = bewijs.data
        gever.overdrachten[kind.id] = Overdracht(
            ouder_id, kind.id, data.proces, data.n, data.ronde or 1
        )
    gever.overdrachten[kind.id].bewijs = bewijs


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
    einde = None if gever.einde is None else gever.laagste_einde()
    weigeringen = gever.feiten.get(GEWEIGERD)
    for o in gever.overdrachten.values():
        o.buiten_model = _buiten_model(o, gever.proces)
        if weigeringen is not None:
            o.weigeringen = [w for w in weigeringen if w.data.kind_id == o.kind_id]
        if einde is not None:
            o.te_laat = [w for w in o.woorden if _is_na(w, einde)]
        o.telt = (
            o.buiten_model is None
            and not o.weigeringen
            and (not o.te_laat or len(o.te_laat) < len(o.woorden))
        )
        kind = knopen.get(o.kind_id)
        if kind is not None and kind.id != wortel_id and _is_dit_kind(kind, o):
            o.kind = kind


def _is_na(w: Waarneming, versie: int) -> bool:
    """Whether a message certainly stands after a versie of its own melding."""
    return w.data.versie is not None and w.data.versie > versie


def _is_dit_kind(kind: Knoop, overdracht: Overdracht) -> bool:
    """Whether a melding says itself that it is the child of this hand-over, or says nothing."""
    return (kind.proces is overdracht.naar or kind.proces is None) and (
        kind.ouder_id is None or kind.ouder_id == overdracht.gever_id
    )


def _buiten_model(overdracht: Overdracht, van: Proces | None) -> tuple[Proces, Proces] | None:
    """Find who handed to whom outside section 2, if anybody did.

    The giver's own words are judged one by one, so that no later one takes an afwijking away; what
    the child claims is judged only as long as the giver did not speak.
    """
    for w in overdracht.woorden:
        deel = w.data.overdracht
        if deel is not None and deel.naar not in OVERDRACHT_NAAR[w.data.proces]:
            return w.data.proces, deel.naar
    if not overdracht.woorden and overdracht.bewijs is not None:
        beweerd = overdracht.bewijs.data.ouder_proces
        if beweerd is not None and not mag_overdragen(beweerd, overdracht.naar):
            return beweerd, overdracht.naar
    if van is not None and overdracht.naar not in OVERDRACHT_NAAR[van]:
        return van, overdracht.naar
    return None


def _laat_terugkeren(gever: Knoop) -> None:
    stop = None if gever.einde is None else gever.stopt_terugkeer()
    for w in gever.op_volgorde(TERUGGEKEERD):
        if w.data.kind_id is None:
            continue
        overdracht = gever.overdrachten.get(w.data.kind_id)
        is_notitie = stop is not None and (w.data.versie is None or w.data.versie > stop)
        past = is_notitie or _past(w.data.versie, overdracht)
        if past and overdracht is not None and overdracht.terug is None:
            overdracht.terug = w
        elif not is_notitie:
            gever.ongepast.append(w)


def _past(versie: int | None, overdracht: Overdracht | None) -> bool:
    """Whether the hand-over was open when a return came; what has no versie fits anywhere."""
    if overdracht is None or versie is None:
        return overdracht is not None
    for weigering in overdracht.weigeringen:
        if weigering.data.versie is not None and weigering.data.versie < versie:
            return False
    woorden = overdracht.woorden
    return not woorden or len([w for w in woorden if _is_na(w, versie)]) < len(woorden)
