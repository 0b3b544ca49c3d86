"""Time stamps and terms: text as it was written, and the moment or the time that it names."""

import re
from datetime import datetime, timedelta
from typing import Final

from .woorden import DUUR, TIJDSTIP

_VORM: Final = re.compile(TIJDSTIP)
_DUUR: Final = re.compile(DUUR)
_DEEL: Final = re.compile(r"([0-9]+(?:[.,][0-9]+)?)([A-Z])")
_EENHEID: Final = {"W": "weeks", "D": "days", "H": "hours", "M": "minutes", "S": "seconds"}


def lees_tijdstip(tekst: str) -> datetime:
    """The moment, in UTC; ValueError unless it is one, written with a Z."""
    if not _VORM.fullmatch(tekst):
        raise ValueError("dit is geen tijdstip in UTC met een Z")
    try:
        return datetime.fromisoformat(tekst)
    except ValueError:
        raise ValueError("dit tijdstip bestaat niet") from None


def lees_duur(tekst: str) -> timedelta:
    """The time that an ISO 8601 duration names; ValueError unless it is one, longer than nothing.

    In weeks alone, or in days, hours, minutes and seconds: months and years are of no fixed length.
    """
    if not _DUUR.fullmatch(tekst):
        raise ValueError("dit is geen duur in weken, of in dagen, uren, minuten en seconden")
    delen = _DEEL.findall(tekst)
    if any(not getal.isdigit() for getal, _ in delen[:-1]):
        raise ValueError("alleen het kleinste deel van een duur heeft een breuk")
    duur = timedelta(**{_EENHEID[soort]: float(g.replace(",", ".")) for g, soort in delen})
    if not duur:
        raise ValueError("een termijn is langer dan niets")
    return duur
