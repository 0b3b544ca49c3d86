"""What makes afspreken afspreken: its domain and its messages."""

from schakel.skelet.proces import Omschrijving

from .domein import ACTIES, GEBEURTENISSEN, Wens
from .uitgaand import vertaal

DIENST = Omschrijving(Wens, GEBEURTENISSEN, vertaal, acties=ACTIES)
