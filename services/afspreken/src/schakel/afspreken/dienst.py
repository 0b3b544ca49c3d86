"""What makes afspreken afspreken: its domain, its messages, its steps over HTTP."""

from schakel.skelet.proces import Omschrijving

from .domein import GEBEURTENISSEN, Wens
from .http import ACTIES
from .uitgaand import vertaal

DIENST = Omschrijving(Wens, GEBEURTENISSEN, vertaal, acties=ACTIES)
