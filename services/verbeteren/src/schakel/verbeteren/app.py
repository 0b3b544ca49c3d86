"""What makes verbeteren verbeteren, its domain and its messages; and how it starts."""

from schakel.skelet.proces import Omschrijving
from schakel.skelet.start import start as start_proces

from .domein import ACTIES, GEBEURTENISSEN, Verbetervoorstel
from .uitgaand import vertaal

DIENST = Omschrijving(Verbetervoorstel, GEBEURTENISSEN, vertaal, acties=ACTIES)


def start() -> None:
    """The command ``schakel-verbeteren``."""
    start_proces(DIENST)
