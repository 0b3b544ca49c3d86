"""What makes wijzigen wijzigen, its domain and its messages; and how it starts."""

from schakel.skelet.proces import Omschrijving
from schakel.skelet.start import start as start_proces

from .domein import ACTIES, GEBEURTENISSEN, Wijziging
from .uitgaand import vertaal

DIENST = Omschrijving(Wijziging, GEBEURTENISSEN, vertaal, acties=ACTIES)


def start() -> None:
    """The command ``schakel-wijzigen``."""
    start_proces(DIENST)
