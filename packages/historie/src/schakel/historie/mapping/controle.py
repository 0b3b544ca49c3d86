"""What is wrong with a well-formed mapping: rules that can never hold, patterns that are none."""

from collections.abc import Iterator

import duckdb

from .model import Mapping, Tijd, Zaaktijd
from .voorwaarden import Alle, Een, Vergelijking, Voorwaarde, bladeren

_LEEG = frozenset({""})


def bezwaren(mapping: Mapping) -> list[str]:
    """Each with its place and what to do; nothing when the mapping can be used."""
    return [*_patronen(mapping), *_tijden(mapping), *_nooit(mapping)]


def _patronen(mapping: Mapping) -> Iterator[str]:
    with duckdb.connect() as db:
        for plek, voorwaarde in _voorwaarden(mapping):
            for blad in bladeren(voorwaarde):
                if isinstance(blad, Vergelijking) and blad.past_op is not None:
                    try:
                        db.execute("SELECT regexp_matches('', ?)", [blad.past_op])
                    except duckdb.Error as fout:
                        uitleg = str(fout).splitlines()[0]
                        yield f"{plek}: past_op is geen reguliere expressie: {uitleg}"


def _tijden(mapping: Mapping) -> Iterator[str]:
    plekken: list[tuple[str, Tijd | Zaaktijd | None]] = [("tijd", mapping.tijd)]
    plekken += [(f"zaakregels[{i}].tijd", r.tijd) for i, r in enumerate(mapping.zaakregels, 1)]
    with duckdb.connect() as db:
        for plek, tijd in plekken:
            if tijd is not None and tijd.formaat is not None:
                try:
                    db.execute("SELECT try_strptime('', ?)", [tijd.formaat])
                except duckdb.Error as fout:
                    yield f"{plek}.formaat is niet bruikbaar: {str(fout).splitlines()[0]}"


def _nooit(mapping: Mapping) -> Iterator[str]:
    for plek, voorwaarde in _voorwaarden(mapping):
        if _is_onmogelijk(voorwaarde):
            yield f"{plek} kan nooit gelden: de voorwaarden sluiten elkaar uit"
    eerder: list[tuple[str, Voorwaarde]] = []
    for i, regel in enumerate(mapping.regels, 1):
        plek = f"regels[{i}]"
        if door := _overschaduwd(regel.als, eerder):
            yield f"{plek} kan nooit gelden: wat hier past, nam {door} al; zet {plek} ervoor"
        eerder.append((plek, regel.als))


def _voorwaarden(mapping: Mapping) -> Iterator[tuple[str, Voorwaarde]]:
    for i, zaakregel in enumerate(mapping.zaakregels, 1):
        yield f"zaakregels[{i}]", zaakregel.als
    for i, regel in enumerate(mapping.regels, 1):
        yield f"regels[{i}]", regel.als


def _is_onmogelijk(voorwaarde: Voorwaarde) -> bool:
    match voorwaarde:
        case Een(een=delen):
            return all(map(_is_onmogelijk, delen))
        case Alle(alle=delen):
            return any(map(_is_onmogelijk, delen)) or _sluit_uit(delen)
        case _:
            return False


def _sluit_uit(delen: list[Voorwaarde]) -> bool:
    mogelijk: dict[tuple[str | None, str | None], frozenset[str]] = {}
    for deel in delen:
        if isinstance(deel, Vergelijking) and (waarden := _waarden(deel)) is not None:
            kolom = (deel.kolom, deel.kenmerk)
            mogelijk[kolom] = mogelijk.get(kolom, waarden) & waarden
    return any(not waarden for waarden in mogelijk.values())


def _waarden(blad: Vergelijking) -> frozenset[str] | None:
    """The only values that pass, where they can be named."""
    if blad.is_ is not None:
        return frozenset({blad.is_})
    if blad.een_van is not None:
        return frozenset(blad.een_van)
    return _LEEG if blad.is_leeg else None


def _overschaduwd(voorwaarde: Voorwaarde, eerder: list[tuple[str, Voorwaarde]]) -> str:
    """The rules before it that take all that it could take."""
    for plek, ander in eerder:
        if ander == voorwaarde:
            return plek
    if not isinstance(voorwaarde, Vergelijking) or (over := _waarden(voorwaarde)) is None:
        return ""
    nemers = []
    for plek, ander in eerder:
        if isinstance(ander, Vergelijking) and _kolom(ander) == _kolom(voorwaarde):
            genomen = (_waarden(ander) or frozenset()) & over
            if genomen:
                nemers.append(plek)
                over -= genomen
    return "" if over else " en ".join(nemers)


def _kolom(blad: Vergelijking) -> tuple[str | None, str | None]:
    return blad.kolom, blad.kenmerk
