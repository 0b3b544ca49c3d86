"""What makes uitvoeren uitvoeren, its domain and its messages; and how it starts."""

from schakel.skelet.proces import Omschrijving
from schakel.skelet.start import start as start_proces

from .domein import ACTIES, GEBEURTENISSEN, Aanvraag
from .uitgaand import vertaal

DIENST = Omschrijving(Aanvraag, GEBEURTENISSEN, vertaal, acties=ACTIES)


def start() -> None:
    """The command ``schakel-uitvoeren``."""
    start_proces(DIENST)
