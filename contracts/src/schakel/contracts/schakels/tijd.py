"""Time stamps of the language: text as it was written, and the moment that it names."""

import re
from datetime import datetime
from typing import Final

from .woorden import TIJDSTIP

_VORM: Final = re.compile(TIJDSTIP)


def lees_tijdstip(tekst: str) -> datetime:
    """The moment, in UTC; ValueError unless it is one, written with a Z."""
    if not _VORM.fullmatch(tekst):
        raise ValueError("dit is geen tijdstip in UTC met een Z")
    try:
        return datetime.fromisoformat(tekst)
    except ValueError:
        raise ValueError("dit tijdstip bestaat niet") from None
