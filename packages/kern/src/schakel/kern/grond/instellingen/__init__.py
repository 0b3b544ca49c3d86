"""Typed settings, by the part of a service that asks for them, and all of them together."""

from .aanmelding import Aanmeldinstellingen
from .adres import is_loopback
from .bus import Businstellingen
from .geheel import TEST_OIN, VOORVOEGSEL, Instellingen
from .parkeren import Parkeerinstellingen

__all__ = [
    "TEST_OIN",
    "VOORVOEGSEL",
    "Aanmeldinstellingen",
    "Businstellingen",
    "Instellingen",
    "Parkeerinstellingen",
    "is_loopback",
]
