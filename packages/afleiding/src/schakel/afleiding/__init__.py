"""The derivation of werkstromen from messages: pure, and the same for every order of arrival."""

from .afleiden import leid_af, leid_boom_af, leid_ruwe_boom_af
from .regels import REGELS, REGELVERSIE
from .schakels import stel_samen
from .uitkomst import (
    Afleiding,
    Afwijking,
    Bepaling,
    Gat,
    Keten,
    OpenOverdracht,
    Positie,
    Rondes,
    Schakeluitkomst,
    Tak,
    Termijn,
)
from .waarneming import Waarneming, lees
from .zuivering import laatste_uitgaven

__all__ = [
    "REGELS",
    "REGELVERSIE",
    "Afleiding",
    "Afwijking",
    "Bepaling",
    "Gat",
    "Keten",
    "OpenOverdracht",
    "Positie",
    "Rondes",
    "Schakeluitkomst",
    "Tak",
    "Termijn",
    "Waarneming",
    "laatste_uitgaven",
    "lees",
    "leid_af",
    "leid_boom_af",
    "leid_ruwe_boom_af",
    "stel_samen",
]
