"""What makes uitvoeren uitvoeren: its domain, its messages, its steps over HTTP."""

from schakel.skelet.proces import Omschrijving

from .domein import GEBEURTENISSEN, Aanvraag
from .http import ACTIES
from .uitgaand import vertaal

DIENST = Omschrijving(Aanvraag, GEBEURTENISSEN, vertaal, acties=ACTIES)
