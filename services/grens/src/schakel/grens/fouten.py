"""What one side answers the other when it will not do what was asked (the wire format)."""

from collections.abc import Mapping
from typing import Final, Literal

Reden = Literal["vorm", "oorsprong", "omvang", "sleutels", "handtekening", "wortel", "vork"]
"""What is wrong with a page."""

STATUS: Final[Mapping[str, int]] = {
    "ongeldig": 400,
    "slechte-pagina": 400,
    "slecht-bewijs": 400,
    "niet-herkend": 401,
    "geen-overeenkomst": 403,
    "andere-organisatie": 403,
    "gestopt": 403,
    "onbekend": 404,
    "methode": 405,
    "sessie-onbekend": 409,
    "achterop": 409,
    "andere-positie": 409,
    "andere-overeenkomst": 409,
    "andere-inhoud": 409,
    "niet-achterop": 409,
    "gewist": 410,
    "dicht": 410,
    "zonder-lengte": 411,
    "te-groot": 413,
    "mediatype": 415,
    "te-druk": 429,
}
"""The codes of the wire; two implementations tell them apart by these alone."""


class Golffout(Exception):
    """A refusal that the other side is told: ``code`` and a Dutch ``uitleg``.

    ``omvang`` is how far the one who answers is, where that helps. The text repeats nothing of what
    was sent.
    """

    def __init__(self, code: str, uitleg: str, *, omvang: int | None = None) -> None:
        """``code`` is one of ``STATUS``."""
        super().__init__(f"{code}: {uitleg}")
        self.code = code
        self.uitleg = uitleg
        self.omvang = omvang
        self.status = STATUS[code]


class SlechtePagina(Golffout):
    """A page that no honest log has: the link stops, and what was sent is kept as evidence."""

    def __init__(self, reden: Reden, uitleg: str) -> None:
        """``reden`` tells which rule it broke."""
        super().__init__("slechte-pagina", uitleg)
        self.reden: Reden = reden


class Vork(Golffout):
    """The other side has another history of one of our logs: the link stops."""

    def __init__(self, uitleg: str) -> None:
        """Told as a link that is stopped: there is nothing that the other could do anew."""
        super().__init__("gestopt", uitleg)


def reden_van(fout: Golffout) -> str:
    """Why a link stopped, in one word."""
    match fout:
        case SlechtePagina():
            return fout.reden
        case Vork():
            return "vork"
        case _:
            return fout.code
