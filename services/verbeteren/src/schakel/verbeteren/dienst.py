"""What makes verbeteren verbeteren: its domain, its messages, its steps over HTTP."""

from schakel.skelet.proces import Omschrijving

from .domein import GEBEURTENISSEN, Verbetervoorstel
from .http import ACTIES
from .uitgaand import vertaal

DIENST = Omschrijving(Verbetervoorstel, GEBEURTENISSEN, vertaal, acties=ACTIES)
