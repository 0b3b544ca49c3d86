"""What makes wijzigen wijzigen: its domain, its messages, its steps over HTTP."""

from schakel.skelet.proces import Omschrijving

from .domein import GEBEURTENISSEN, Wijziging
from .http import ACTIES
from .uitgaand import vertaal

DIENST = Omschrijving(Wijziging, GEBEURTENISSEN, vertaal, acties=ACTIES)
