"""The conditions that steps of several phases share: each a rule with its code and explanation."""

from schakel.skelet.stand import Stand

from .stap import Bezwaar, Voorwaarde


def loopt(melding: Stand) -> Bezwaar | None:
    """The melding has not ended."""
    if melding.uitkomst is not None:
        return ("al-beeindigd", f"{melding.volgnummer} is al beëindigd: {melding.uitkomst}")
    return None


def niet_opgeschort(melding: Stand) -> Bezwaar | None:
    """Nothing moves while the terms are paused."""
    if melding.opgeschort_sinds is not None:
        return ("opgeschort", f"{melding.volgnummer} is opgeschort; hervat de melding eerst")
    return None


def niet_gesloten(melding: Stand) -> Bezwaar | None:
    """Nothing follows closing."""
    if melding.is_gesloten:
        return ("al-gesloten", f"{melding.volgnummer} is gesloten ({melding.uitkomst})")
    return None


def eerste(melding: Stand) -> Bezwaar | None:
    """Only the first melding talks with the melder (section 3)."""
    if melding.is_genest:
        return (
            "genest",
            "een overgedragen melding heeft geen contact met de melder:"
            " dat doet het proces waar de melding binnenkwam",
        )
    return None


def bevoegd(melding: Stand) -> Bezwaar | None:
    """Who acts for another needs a machtiging (section 3.1)."""
    if not melding.is_bevoegd:
        return (
            "niet-bevoegd",
            "de melder handelt namens een ander zonder machtiging: wijs de melding af",
        )
    return None


def beoordeeld(melding: Stand) -> Bezwaar | None:
    """Own steps follow judgement."""
    if not melding.is_beoordeeld:
        return ("niet-beoordeeld", f"beoordeel {melding.volgnummer} eerst")
    return None


def niet_gereedgemeld(melding: Stand) -> Bezwaar | None:
    """What is reported as done is not worked on."""
    if melding.is_gereedgemeld:
        return ("al-gereedgemeld", f"{melding.volgnummer} is al gereedgemeld")
    return None


def goedgekeurd(melding: Stand) -> Bezwaar | None:
    """After the check on the way back."""
    if not melding.is_goedgekeurd:
        return ("niet-goedgekeurd", "dit volgt op een interne controle met goed resultaat")
    return None


def na(eerder: str) -> Voorwaarde:
    """An own step that follows another one."""

    def voorwaarde(melding: Stand) -> Bezwaar | None:
        if eerder not in melding.gezet:
            return ("stap-ontbreekt", f"eerst nog: {eerder}")
        return None

    return voorwaarde


def eenmaal(naam: str) -> Voorwaarde:
    """An own step that is done once (per ronde, where the ronde clears it)."""

    def voorwaarde(melding: Stand) -> Bezwaar | None:
        if naam in melding.gezet:
            return ("stap-al-gezet", f"{naam} is al gedaan")
        return None

    return voorwaarde


LOOPT: tuple[Voorwaarde, ...] = (loopt, niet_opgeschort)
"""What every step asks that is about the work itself."""

IN_BEHANDELING: tuple[Voorwaarde, ...] = (*LOOPT, beoordeeld, niet_gereedgemeld)
"""What every own step asks."""
