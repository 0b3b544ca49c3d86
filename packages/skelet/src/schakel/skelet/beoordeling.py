"""What a judgement has to agree with (domain, sections 2 and 5)."""

from schakel.contracts.werkstromen import SOORT_VAN, Proces, VierFeiten, werkstroom_bij

from .stappen.stap import Bezwaar


def feiten_passen(proces: Proces, feiten: VierFeiten) -> Bezwaar | None:
    """The facts are those of the one soort that this process knows."""
    soort, hier = werkstroom_bij(feiten).meldingsoort, SOORT_VAN[proces]
    if soort is not hier:
        return (
            "ander-soort",
            f"deze feiten horen bij een {soort}, niet bij een {hier}:"
            " zet de melding om (omzettingen)",
        )
    return None


def maatwerk_past(proces: Proces, feiten: VierFeiten) -> Bezwaar | None:
    """Maatwerk within W&R is an aanvraag; outside it is a wens, which needs no such flag."""
    if proces is Proces.UITVOEREN and feiten.binnen_afspraken:
        return None
    return (
        "maatwerk-past-niet",
        "maatwerk binnen de wet- en regelgeving is een aanvraag; daarbuiten is het een wens",
    )
