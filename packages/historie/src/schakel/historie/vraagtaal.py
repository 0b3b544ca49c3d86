"""Conditions and times as SQL."""

from collections.abc import Callable, Sequence

from .mapping import Tijd, Zaaktijd
from .mapping.voorwaarden import Alle, Een, Niet, Rijplaats, Vergelijking, Voorwaarde
from .sql import lijst, tekst

_ZONE_ERBIJ = "'(?i):[0-9.,]+ *([a-z][a-z_/]*|[+-][0-9]{2}(:?[0-9]{2})?)$'"
VERGELIJKBAAR = {
    "gevuld": "({} IS NOT NULL)",
    "leeg": "({} IS NOT NULL)",
    "anders": "{}",
    "hoger": "try_cast({} AS DOUBLE)",
}
"""What is kept of a value to see how it changed; see ``wending``."""
Bladvertaler = Callable[[Vergelijking | Rijplaats], str]


def gevuld(uitdrukking: str, leeg: Sequence[str]) -> str:
    """The value, or NULL where the file writes one of the marks for nothing."""
    marken = list(dict.fromkeys(["", *leeg]))
    return f"CASE WHEN trim({uitdrukking}) IN {lijst(marken)} THEN NULL ELSE {uitdrukking} END"


def tijdstip(uitdrukking: str, tijd: Tijd | Zaaktijd) -> str:
    """As TIMESTAMP in UTC; NULL when it cannot be read.

    A time that says its own zone is taken at its word: a plain cast of DuckDB would drop it.
    """
    if tijd.formaat is None:
        kaal = f"try_cast({uitdrukking} AS TIMESTAMP)"
        return f"""
            CASE WHEN suffix({uitdrukking}, 'Z') AND contains({uitdrukking}, ':') THEN {kaal}
                 WHEN regexp_matches({uitdrukking}, {_ZONE_ERBIJ})
                 THEN {_zonder_zone(f"try_cast({uitdrukking} AS TIMESTAMPTZ)")}
                 ELSE {_in_utc(kaal, tijd.zone)} END"""
    gelezen = f"try_strptime({uitdrukking}, {tekst(tijd.formaat)})"
    if "%z" in tijd.formaat or "%Z" in tijd.formaat:
        return _zonder_zone(gelezen)
    return _in_utc(gelezen, tijd.zone)


def _in_utc(uitdrukking: str, zone: str) -> str:
    if zone == "UTC":
        return uitdrukking
    return _zonder_zone(f"timezone({tekst(zone)}, {uitdrukking})")


def _zonder_zone(uitdrukking: str) -> str:
    """A TIMESTAMPTZ as TIMESTAMP in UTC; ``AT TIME ZONE`` says the same and takes twice as long."""
    return f"make_timestamp(epoch_us({uitdrukking}))"


def vertaal(voorwaarde: Voorwaarde, blad: Bladvertaler) -> str:
    """A condition as a boolean that is never NULL, as long as ``blad`` gives such ones."""
    match voorwaarde:
        case Alle(alle=delen):
            return f"({' AND '.join(vertaal(deel, blad) for deel in delen)})"
        case Een(een=delen):
            return f"({' OR '.join(vertaal(deel, blad) for deel in delen)})"
        case Niet(niet=deel):
            return f"(NOT {vertaal(deel, blad)})"
        case toets:
            return blad(toets)


def toets(vergelijking: Vergelijking, waarde: str) -> str:
    """What a test on one value is in SQL, but for what looks at the row before; never NULL."""
    match vergelijking:
        case Vergelijking(is_leeg=bool(is_leeg)):
            return f"({waarde} IS {'' if is_leeg else 'NOT '}NULL)"
        case Vergelijking(is_=str(gezocht)):
            return f"coalesce({waarde} = {tekst(gezocht)}, false)"
        case Vergelijking(een_van=tuple(gezocht)):
            return f"coalesce({waarde} IN {lijst(gezocht)}, false)"
        case Vergelijking(past_op=str(patroon)):
            return f"coalesce(regexp_matches({waarde}, {tekst(patroon)}), false)"
        case _:
            raise LookupError(f"geen toets op een waarde: {vergelijking}")


def wending(vergelijking: Vergelijking, nu: str, vorige: str, is_eerste: str) -> str:
    """How a value changed against the row before, of both what is in ``VERGELIJKBAAR``.

    Before the first row there was nothing.
    """
    match vergelijking.wordt:
        case "gevuld":
            return f"({nu} AND NOT coalesce({vorige}, false))"
        case "leeg":
            return f"(NOT {nu} AND coalesce({vorige}, false))"
        case "anders":
            return f"({nu} IS DISTINCT FROM {vorige} AND NOT {is_eerste})"
        case "hoger":
            return f"coalesce({nu} > {vorige}, false)"
        case _:
            raise LookupError(f"geen wending: {vergelijking}")
