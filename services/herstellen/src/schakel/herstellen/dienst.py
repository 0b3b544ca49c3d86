"""What makes herstellen herstellen: its domain, its messages, its steps over HTTP."""

from schakel.skelet.proces import Omschrijving

from .domein import GEBEURTENISSEN, Storing
from .http import ACTIES
from .uitgaand import vertaal

DIENST = Omschrijving(Storing, GEBEURTENISSEN, vertaal, acties=ACTIES)
