"""The names of the columns of a file, and of several files together."""

from collections.abc import Iterable, Sequence

from .bron import NUMMERING, Bestandsdeel
from .fout import Bestandsfout

MEESTE_KOLOMMEN = 4_096


def kolomnamen(bestand: str, kop: Iterable[str]) -> tuple[str, ...]:
    """The names as they stand in the file; one without a name is called after its place."""
    namen = tuple(naam or f"kolom_{nummer}" for nummer, naam in enumerate(kop, 1))
    if len(namen) > MEESTE_KOLOMMEN:
        raise Bestandsfout(
            "te-veel-kolommen",
            bestand,
            f"het bestand heeft {len(namen)} kolommen, meer dan {MEESTE_KOLOMMEN};"
            " exporteer alleen de kolommen die u nodig hebt",
        )
    gezien: dict[str, str] = {}
    for naam in namen:
        # DuckDB sees no difference between capitals and small letters.
        if eerder := gezien.get(naam.lower()):
            raise Bestandsfout(
                "dubbele-kolom",
                bestand,
                f"twee kolommen heten {eerder!r} en {naam!r}, en hoofdletters tellen niet mee;"
                " geef er een in het bestand een andere naam",
            )
        if naam.lower() in NUMMERING:
            raise Bestandsfout(
                "kolomnaam-bezet",
                bestand,
                f"de naam {naam!r} gebruikt schakel zelf; geef die kolom een andere naam",
            )
        gezien[naam.lower()] = naam
    return namen


def gezamenlijk(delen: Sequence[Bestandsdeel]) -> tuple[str, ...]:
    """The columns of all files together; a file with columns of its own is not joined in."""
    eerste = delen[0]
    if not any(deel.vast for deel in delen):
        alle = dict.fromkeys(k for deel in delen for k in deel.kolommen)
        return kolomnamen(eerste.naam, alle)
    for deel in delen[1:]:
        mist = [k for k in eerste.kolommen if k not in deel.kolommen]
        extra = [k for k in deel.kolommen if k not in eerste.kolommen]
        if mist or extra:
            verschil = "; ".join(
                f"{woord} {', '.join(map(repr, namen))}"
                for woord, namen in (("mist", mist), ("heeft extra", extra))
                if namen
            )
            raise Bestandsfout(
                "andere-kolommen",
                deel.naam,
                f"de kolommen zijn anders dan die van {eerste.naam} ({verschil});"
                " geef alleen bestanden van dezelfde export bij elkaar",
            )
    return eerste.kolommen
