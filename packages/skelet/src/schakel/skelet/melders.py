"""Who may start which process (domain, section 2)."""

from schakel.contracts.melding import Meldersoort
from schakel.contracts.werkstromen import SOORT_VAN, Proces

from .stappen.stap import Bezwaar


def melder_past(proces: Proces, melder: Meldersoort) -> Bezwaar | None:
    """A verbetervoorstel comes from the organisation itself, never from outside."""
    if proces is Proces.VERBETEREN and melder is not Meldersoort.AMBTENAAR:
        return (
            "melder-past-niet",
            f"een {SOORT_VAN[proces]} komt van de organisatie zelf, niet van een {melder}:"
            " neem het aan als wens, wijzigingsverzoek of foutmelding",
        )
    return None
