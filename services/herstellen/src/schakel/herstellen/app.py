"""What makes herstellen herstellen, its domain and its messages; and how it starts."""

from schakel.skelet.proces import Omschrijving
from schakel.skelet.start import start as start_proces

from .domein import ACTIES, GEBEURTENISSEN, Storing
from .uitgaand import vertaal

DIENST = Omschrijving(Storing, GEBEURTENISSEN, vertaal, acties=ACTIES)


def start() -> None:
    """The command ``schakel-herstellen``."""
    start_proces(DIENST)
