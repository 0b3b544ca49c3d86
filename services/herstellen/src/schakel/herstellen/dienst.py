"""What makes herstellen herstellen: its domain and its messages."""

from schakel.skelet.proces import Omschrijving

from .domein import ACTIES, GEBEURTENISSEN, Storing
from .uitgaand import vertaal

DIENST = Omschrijving(Storing, GEBEURTENISSEN, vertaal, acties=ACTIES)
