"""Where work left the model, one afwijking per cause, in plain Dutch with what was allowed."""

from collections.abc import Iterable, Mapping

from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces

from .knoop import Knoop
from .overdracht import Overdracht
from .uitkomst import Afwijking
from .waarneming import GESLOTEN, Waarneming
from .zuivering import Tegenspraak

NIET_TOEGESTAAN = "overdracht-niet-toegestaan"
NA_EINDE = "overdracht-na-einde"
TERUGKEER = "terugkeer-zonder-overdracht"
KIND = "kind-zonder-overdracht"
TEGENSTRIJDIG = "tegenstrijdig"


def vind_afwijkingen(
    knopen: Mapping[str, Knoop], tegenspraken: Iterable[Tegenspraak]
) -> tuple[Afwijking, ...]:
    """Find all of them, also below an illegal hand-over, in a fixed order."""
    gevonden = [_tegenstrijdig(t) for t in tegenspraken]
    for knoop in knopen.values():
        for overdracht in knoop.overdrachten.values():
            if overdracht.buiten_model is not None:
                gevonden.append(_niet_toegestaan(overdracht, *overdracht.buiten_model))
            if overdracht.te_laat:
                gevonden.append(_na_einde(overdracht, knoop))
        if knoop.ongepast:
            gevonden += [_terugkeer(knoop, w) for w in knoop.ongepast]
        if knoop.ouder_id is not None:
            ouder = knopen[knoop.ouder_id]
            if GESLOTEN in ouder.feiten and not _is_overgedragen(knoop, ouder):
                gevonden.append(_kind(knoop, ouder))
    if len(gevonden) > 1:
        gevonden.sort(key=lambda a: (a.melding_id, a.code, a.kind_id or "", a.gebeurtenissen))
    return tuple(gevonden)


def _ids(berichten: Iterable[Waarneming]) -> tuple[str, ...]:
    return tuple(w.id for w in berichten)


def _doelen(proces: Proces | None) -> tuple[str, ...]:
    return () if proces is None else tuple(p.value for p in OVERDRACHT_NAAR[proces])


def _opsomming(mogelijk: Iterable[str]) -> str:
    return " of ".join(mogelijk) or "niets"


def _niet_toegestaan(overdracht: Overdracht, van: Proces, naar: Proces) -> Afwijking:
    doelen = _doelen(van)
    return Afwijking(
        code=NIET_TOEGESTAAN,
        melding_id=overdracht.gever_id,
        kind_id=overdracht.kind_id,
        uitleg=f"{van.value} droeg over aan {naar.value};"
        f" toegestaan is een overdracht naar {_opsomming(doelen)}",
        toegestaan=doelen,
        vast=any(w.data.versie is not None for w in overdracht.berichten),
        gebeurtenissen=_ids(overdracht.berichten),
    )


def _na_einde(overdracht: Overdracht, gever: Knoop) -> Afwijking:
    return Afwijking(
        code=NA_EINDE,
        melding_id=overdracht.gever_id,
        kind_id=overdracht.kind_id,
        uitleg=f"overdracht naar {overdracht.naar.value} nadat de melding bij versie"
        f" {gever.laagste_einde()} was geëindigd; na het einde is geen overdracht toegestaan",
        toegestaan=(),
        vast=True,
        gebeurtenissen=_ids(overdracht.te_laat),
    )


def _terugkeer(gever: Knoop, terug: Waarneming) -> Afwijking:
    open_ = tuple(sorted(o.kind_id for o in gever.overdrachten.values() if o.is_open))
    versie = terug.data.versie
    return Afwijking(
        code=TERUGKEER,
        melding_id=gever.id,
        kind_id=terug.data.kind_id,
        uitleg="een terugkeer die op geen openstaande overdracht past;"
        f" toegestaan is de terugkeer van {_opsomming(open_)}",
        toegestaan=open_,
        vast=versie is not None and not gever.mist_onder(versie),
        gebeurtenissen=(terug.id,),
    )


def _is_overgedragen(kind: Knoop, ouder: Knoop) -> bool:
    overdracht = ouder.overdrachten.get(kind.id)
    if overdracht is None or not overdracht.woorden:
        return False
    return kind.proces is overdracht.naar or kind.proces in _gezegd(overdracht)


def _gezegd(overdracht: Overdracht) -> list[Proces]:
    """To whom the giver said to hand over."""
    delen = [w.data.overdracht for w in overdracht.woorden]
    return [deel.naar for deel in delen if deel is not None]


def _kind(kind: Knoop, ouder: Knoop) -> Afwijking:
    overdracht = ouder.overdrachten.get(kind.id)
    gezegd = sorted({doel.value for doel in _gezegd(overdracht)} if overdracht is not None else ())
    gesloten = ouder.op_volgorde(GESLOTEN)[0]
    doelen = _doelen(ouder.proces)
    return Afwijking(
        code=KIND,
        melding_id=kind.id,
        kind_id=kind.id,
        uitleg=f"deze melding zegt een overdracht te zijn, maar haar gesloten ouder droeg haar"
        f" {'aan ' + _opsomming(gezegd) if gezegd else 'niet'} over;"
        f" toegestaan is wat de ouder zelf overdraagt, naar {_opsomming(doelen)}",
        toegestaan=doelen,
        vast=ouder.is_dicht and bool(kind.gezien) and gesloten.data.versie is not None,
        gebeurtenissen=_ids([gesloten] if kind.eerste is None else [kind.eerste, gesloten]),
    )


def _tegenstrijdig(tegenspraak: Tegenspraak) -> Afwijking:
    return Afwijking(
        code=TEGENSTRIJDIG,
        melding_id=tegenspraak.melding_id,
        kind_id=None,
        uitleg=f"{tegenspraak.uitleg}; geen ervan telt, toegestaan is een bericht per id en versie",
        toegestaan=(),
        vast=True,
        gebeurtenissen=tegenspraak.gebeurtenissen,
    )
