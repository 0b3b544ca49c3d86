"""What makes afspreken afspreken, its domain and its messages; and how it starts."""

from schakel.skelet.proces import Omschrijving
from schakel.skelet.start import start as start_proces

from .domein import ACTIES, GEBEURTENISSEN, Wens
from .uitgaand import vertaal

DIENST = Omschrijving(Wens, GEBEURTENISSEN, vertaal, acties=ACTIES)


def start() -> None:
    """The command ``schakel-afspreken``."""
    start_proces(DIENST)
