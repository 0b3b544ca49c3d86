"""Where work left the model, one afwijking per cause, in plain Dutch with what was allowed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces

from .knoop import Knoop
from .overdracht import Overdracht
from .uitkomst import Afwijking
from .waarneming import AANGEBODEN, GEGEVEN, GESLOTEN, OVERGEDRAGEN, TERUGGENOMEN, Waarneming
from .zuivering import Tegenspraak

NIET_TOEGESTAAN = "overdracht-niet-toegestaan"
NA_EINDE = "overdracht-na-einde"
DUBBEL = "overdracht-dubbel"
TERUGKEER = "terugkeer-zonder-overdracht"
TERUGNAME = "terugname-zonder-overdracht"
KIND = "kind-zonder-overdracht"
TEGENSTRIJDIG = "tegenstrijdig"


def vind_afwijkingen(
    wortel: Knoop, knopen: Mapping[str, Knoop], tegenspraken: Iterable[Tegenspraak]
) -> tuple[Afwijking, ...]:
    """Find all of them, also below an illegal hand-over, in a fixed order."""
    gevonden = [_tegenstrijdig(t) for t in tegenspraken]
    is_buiten = False
    for knoop in knopen.values():
        for overdracht in knoop.overdrachten.values():
            if overdracht.buiten_model or overdracht.te_laat or overdracht.anders:
                gevonden += _van_overdracht(overdracht, knoop)
        if knoop.ongepast:
            gevonden += [_terugkeer(knoop, w) for w in knoop.ongepast]
        is_buiten = is_buiten or AANGEBODEN in knoop.feiten
        for ouder_id in () if knoop is wortel else knoop.ouders():
            ouder = knopen.get(ouder_id)
            if ouder is not None and GESLOTEN in ouder.feiten and not _draagt(ouder, knoop):
                gevonden.append(_kind(knoop, ouder))
    if is_buiten:
        gevonden += _twee_soorten(knopen.values())
    return op_volgorde(gevonden)


def op_volgorde(gevonden: Sequence[Afwijking]) -> tuple[Afwijking, ...]:
    """By melding, code and what they are about."""
    return tuple(sorted(gevonden, key=_op_plaats)) if gevonden else ()


def _op_plaats(a: Afwijking) -> tuple[Any, ...]:
    return a.melding_id, a.code, a.kind_id or "", a.gebeurtenissen, a.uitleg


def _van_overdracht(overdracht: Overdracht, gever: Knoop) -> Iterator[Afwijking]:
    if overdracht.buiten_model:
        yield _niet_toegestaan(overdracht)
    if overdracht.te_laat:
        yield _na_einde(overdracht, gever)
    if len(gezegd := dict.fromkeys(map(_gezegd, _woorden(overdracht)))) > 1:
        yield _dubbel(overdracht, gezegd)


def _woorden(overdracht: Overdracht) -> list[Waarneming]:
    """All own words, also those after the end: no further message takes them away."""
    return [*overdracht.woorden, *overdracht.te_laat]


def _gezegd(w: Waarneming) -> str:
    deel = w.data.overdracht
    return "" if deel is None else f"{deel.naar.value} (n {deel.n}, ronde {deel.ronde})"


def _ids(berichten: Iterable[Waarneming]) -> tuple[str, ...]:
    return tuple(w.id for w in berichten)


def _doelen(proces: Proces | None) -> tuple[str, ...]:
    return () if proces is None else tuple(p.value for p in OVERDRACHT_NAAR[proces])


def _opsomming(mogelijk: Iterable[str]) -> str:
    return " of ".join(mogelijk) or "niets"


def _niet_toegestaan(overdracht: Overdracht) -> Afwijking:
    buiten = overdracht.buiten_model
    van, naar = buiten[0].van, buiten[0].naar
    doelen = _doelen(van)
    return Afwijking(
        code=NIET_TOEGESTAAN,
        melding_id=overdracht.gever_id,
        kind_id=overdracht.kind_id,
        uitleg=f"{van.value} droeg over aan {naar.value};"
        f" toegestaan is een overdracht naar {_opsomming(doelen)}",
        toegestaan=doelen,
        vast=any(b.is_vast for b in buiten),
        gebeurtenissen=_ids(b.bericht for b in buiten),
    )


def _na_einde(overdracht: Overdracht, gever: Knoop) -> Afwijking:
    deel = overdracht.te_laat[0].data.overdracht
    naar = overdracht.naar if deel is None else deel.naar
    return Afwijking(
        code=NA_EINDE,
        melding_id=overdracht.gever_id,
        kind_id=overdracht.kind_id,
        uitleg=f"overdracht naar {naar.value} nadat de melding bij versie"
        f" {gever.laagste_einde()} was geëindigd; na het einde is geen overdracht toegestaan",
        toegestaan=(),
        vast=True,
        gebeurtenissen=_ids(overdracht.te_laat),
    )


def _dubbel(overdracht: Overdracht, gezegd: Iterable[str]) -> Afwijking:
    return Afwijking(
        code=DUBBEL,
        melding_id=overdracht.gever_id,
        kind_id=overdracht.kind_id,
        uitleg=f"een overdracht is herhaald en zegt dan iets anders: {' en '.join(gezegd)};"
        " toegestaan is een herhaling die hetzelfde zegt",
        toegestaan=(),
        vast=any(w.data.versie is not None for w in _woorden(overdracht)),
        gebeurtenissen=_ids(_woorden(overdracht)),
    )


def _terugkeer(gever: Knoop, terug: Waarneming) -> Afwijking:
    open_ = tuple(sorted(o.kind_id for o in gever.overdrachten.values() if o.is_open))
    versie = terug.data.versie
    woord = "terugname" if terug.type == TERUGGENOMEN else "terugkeer"
    return Afwijking(
        code=TERUGNAME if terug.type == TERUGGENOMEN else TERUGKEER,
        melding_id=gever.id,
        kind_id=terug.data.kind_id,
        uitleg=f"een {woord} die op geen openstaande overdracht past;"
        f" toegestaan is de {woord} van {_opsomming(open_)}",
        toegestaan=open_,
        vast=versie is not None and not gever.mist_onder(versie),
        gebeurtenissen=(terug.id,),
    )


def _twee_soorten(knopen: Iterable[Knoop]) -> Iterator[Afwijking]:
    """One id that is said to be in the house, and to be elsewhere (domain, section 6.10)."""
    per_kind: dict[str, list[tuple[str, str, Waarneming]]] = defaultdict(list)
    for knoop in knopen:
        for soort in GEGEVEN:
            for w in knoop.op_volgorde(soort):
                if w.data.overdracht is not None:
                    waar = "in huis" if soort == OVERGEDRAGEN else w.data.soort or "elders"
                    per_kind[w.data.overdracht.kind_id].append((waar, knoop.id, w))
    for kind_id, gezegd in per_kind.items():
        soorten = sorted({waar for waar, *_ in gezegd})
        for melding_id in {m for _, m, _ in gezegd} if len(soorten) > 1 else ():
            yield Afwijking(
                code=TEGENSTRIJDIG,
                melding_id=melding_id,
                kind_id=kind_id,
                uitleg=f"een overdracht is hier {' en '.join(soorten)}; toegestaan is een ervan",
                toegestaan=(),
                vast=any(w.data.versie is not None for *_, w in gezegd),
                gebeurtenissen=tuple(sorted(w.id for _, m, w in gezegd if m == melding_id)),
            )


def _draagt(ouder: Knoop, kind: Knoop) -> bool:
    """Whether the giver's own word, in time, is of this child."""
    overdracht = ouder.overdrachten.get(kind.id)
    if overdracht is None or not overdracht.woorden:
        return False
    return kind.proces is overdracht.naar and (
        kind.is_eenduidig or kind.processen() == [overdracht.naar]
    )


def _kind(kind: Knoop, ouder: Knoop) -> Afwijking:
    overdracht = ouder.overdrachten.get(kind.id)
    gezegd = (overdracht.naar.value,) if overdracht is not None and overdracht.woorden else ()
    gesloten = ouder.op_volgorde(GESLOTEN)[0]
    einde = ouder.laagste_einde()
    doelen = _doelen(ouder.proces)
    return Afwijking(
        code=KIND,
        melding_id=kind.id,
        kind_id=kind.id,
        uitleg=f"deze melding zegt een overdracht te zijn, maar haar gesloten ouder droeg haar"
        f" {'aan ' + _opsomming(gezegd) if gezegd else 'niet'} over;"
        f" toegestaan is wat de ouder zelf overdraagt, naar {_opsomming(doelen)}",
        toegestaan=doelen,
        vast=gesloten.data.versie is not None
        and einde is not None
        and not ouder.mist_onder(einde)
        and bool(kind.gezien),
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
