"""The eight werkstromen in the words of the report."""

from collections.abc import Mapping

from schakel.contracts.werkstromen import WERKSTROOM

ONBESLIST = "onbeslist"

UITLEG: Mapping[int, str] = {
    1: "Een wens verandert de afspraken of de regels; daarna wordt gewijzigd en uitgevoerd.",
    2: "Een voorziening of werkwijze verandert binnen de afspraken, en dat wordt uitgevoerd.",
    3: "Een storing die pas voorbij is als er iets blijvend verandert.",
    4: "Een storing die wordt verholpen zonder dat er iets blijvend verandert.",
    5: "Een aanvraag die direct wordt uitgevoerd: een vergunning, een antwoord, gegevens.",
    6: "Een eigen verbetering die nieuwe afspraken nodig heeft, en daarna een wijziging.",
    7: "Een eigen verbetering die een voorziening of werkwijze verandert, binnen de afspraken.",
    8: "Een eigen verbetering waarvoor alleen iets uitgevoerd hoeft te worden.",
}


def naam(nummer: int | None) -> str:
    """Number and word, as they stand along every figure."""
    return ONBESLIST if nummer is None else f"{nummer} {WERKSTROOM[nummer].woord}"
