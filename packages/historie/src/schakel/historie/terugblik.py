"""The rows of a case in order of time: what rules say that look around, and the dirt in a log.

This is the one time that all rows are sorted. The order is that of the time, then of what the
mapping names, then of what is in the row: not that of the file, which means nothing here.
"""

from collections.abc import Iterable, Iterator

from .mapping.voorwaarden import Rijplaats, Vergelijking, bladeren
from .namen import Namen, is_kenmerk, zaakfeit
from .vraagtaal import vertaal, wending

VUIL = {
    "dubbel": "h = lag(h) OVER w",
    "gelijktijdig": "t = lag(t) OVER w OR t = lead(t) OVER w",
}
"""Double rows, and rows that share a time."""


def venster(volgorde: Iterable[str] = ()) -> str:
    """What ``w`` is; ``volgorde``: columns that order rows of one time."""
    sleutel = ", ".join(["t NULLS FIRST", *(f"{kolom} NULLS FIRST" for kolom in volgorde)])
    return f"WINDOW w AS (PARTITION BY zaak ORDER BY {sleutel}, h, rij)"


def vuil() -> list[str]:
    """What is dirt, as fields that are never NULL."""
    return [f"coalesce({wat}, false) AS {soort}" for soort, wat in VUIL.items()]


def geordend(namen: Namen) -> str:
    """Every row of ``rijen`` with its place ``n`` in the case, ``regel``, and what is dirt."""
    bron = "rijen"
    if any(is_kenmerk(blad) for _, blad in _late_bladen(namen)):
        bron = "rijen LEFT JOIN kenmerken USING (zaak)"
    velden = ["row_number() OVER w AS n", *vuil(), *_omgeving(namen)]
    return f"""
        SELECT *, {_regel(namen)} AS regel
        FROM (SELECT *, {", ".join(velden)} FROM {bron} {venster(namen.volgorde)})
    """


def _late_bladen(namen: Namen) -> Iterator[tuple[int, Vergelijking | Rijplaats]]:
    for i in namen.laat:
        for blad in bladeren(namen.mapping.regels[i].als):
            yield i, blad


def _omgeving(namen: Namen) -> list[str]:
    """What late rules want to know of the rows around; a double of the last row is the last too."""
    velden = [f"lag({w}) OVER w AS v_{w}" for w in namen.wendingen.values()]
    if Rijplaats(rij="laatste") in [blad for _, blad in _late_bladen(namen)]:
        alle = "(w ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
        velden.append(f"h = last_value(h) OVER {alle} AS is_laatste")
    return velden


def _regel(namen: Namen) -> str:
    """The first rule that holds on a row."""
    regels = namen.mapping.regels
    proef = {nummers[0]: s for s, nummers in namen.vroeg.items()}
    proef |= {
        i: f"CASE WHEN {vertaal(regels[i].als, lambda blad: _blad(namen, blad))} THEN {i} END"
        for i in namen.laat
    }
    op_volgorde = ", ".join(proef[i] for i in sorted(proef))
    return f"coalesce({op_volgorde or 'NULL'})::USMALLINT"


def _blad(namen: Namen, blad: Vergelijking | Rijplaats) -> str:
    if isinstance(blad, Rijplaats):
        return "(n = 1)" if blad.rij == "eerste" else "is_laatste"
    if blad.kolom is None:
        return zaakfeit(namen, blad)
    if blad.wordt is None:
        return namen.rijtoetsen[blad]
    w = namen.wendingen[blad.kolom, blad.wordt]
    return wending(blad, w, f"v_{w}", "(n = 1)")
