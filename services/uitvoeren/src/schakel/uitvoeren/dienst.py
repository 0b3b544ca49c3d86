"""What makes uitvoeren uitvoeren: its domain and its messages."""

from schakel.skelet.proces import Omschrijving

from .domein import ACTIES, GEBEURTENISSEN, Aanvraag
from .uitgaand import vertaal

DIENST = Omschrijving(Aanvraag, GEBEURTENISSEN, vertaal, acties=ACTIES)
