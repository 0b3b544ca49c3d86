"""What makes verbeteren verbeteren: its domain and its messages."""

from schakel.skelet.proces import Omschrijving

from .domein import ACTIES, GEBEURTENISSEN, Verbetervoorstel
from .uitgaand import vertaal

DIENST = Omschrijving(Verbetervoorstel, GEBEURTENISSEN, vertaal, acties=ACTIES)
