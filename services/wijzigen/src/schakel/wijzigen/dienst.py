"""What makes wijzigen wijzigen: its domain and its messages."""

from schakel.skelet.proces import Omschrijving

from .domein import ACTIES, GEBEURTENISSEN, Wijziging
from .uitgaand import vertaal

DIENST = Omschrijving(Wijziging, GEBEURTENISSEN, vertaal, acties=ACTIES)
