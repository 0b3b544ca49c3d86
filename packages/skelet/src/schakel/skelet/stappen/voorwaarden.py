"""The conditions of the common steps: each a rule of the domain with its code and explanation."""

from typing import TYPE_CHECKING

from schakel.contracts.melding import Uitkomst
from schakel.skelet.kind import Kindstatus

from .stap import Bezwaar, Voorwaarde

if TYPE_CHECKING:
    from schakel.skelet.stand import Melding

MEESTE_KOPPELINGEN = 100


def loopt(melding: "Melding") -> Bezwaar | None:
    """The melding has not ended."""
    if melding.uitkomst is not None:
        return ("al-beeindigd", f"{melding.volgnummer} is al beëindigd: {melding.uitkomst}")
    return None


def niet_opgeschort(melding: "Melding") -> Bezwaar | None:
    """Nothing moves while the terms are paused."""
    if melding.opgeschort_sinds is not None:
        return ("opgeschort", f"{melding.volgnummer} is opgeschort; hervat de melding eerst")
    return None


def opgeschort(melding: "Melding") -> Bezwaar | None:
    """Only what is paused can go on."""
    if melding.opgeschort_sinds is None:
        return ("niet-opgeschort", f"{melding.volgnummer} is niet opgeschort")
    return None


def eerste(melding: "Melding") -> Bezwaar | None:
    """Only the first melding talks with the melder (section 3)."""
    if melding.is_genest:
        return (
            "genest",
            "een overgedragen melding heeft geen contact met de melder:"
            " dat doet het proces waar de melding binnenkwam",
        )
    return None


def bevoegd(melding: "Melding") -> Bezwaar | None:
    """Who acts for another needs a machtiging (section 3.1)."""
    if not melding.is_bevoegd:
        return (
            "niet-bevoegd",
            "de melder handelt namens een ander zonder machtiging: wijs de melding af",
        )
    return None


def niet_verhelderd(melding: "Melding") -> Bezwaar | None:
    """Verhelderen is done once."""
    if melding.is_verhelderd:
        return ("al-verhelderd", f"{melding.volgnummer} is al verhelderd")
    return None


def niet_beoordeeld(melding: "Melding") -> Bezwaar | None:
    """Refusing is done at intake, before judgement (section 5)."""
    if melding.is_beoordeeld:
        return (
            "al-beoordeeld",
            f"{melding.volgnummer} is al beoordeeld: na de beoordeling kan een melding"
            " worden omgezet, afgebroken of ingetrokken, maar niet meer afgewezen",
        )
    return None


def verhelderd(melding: "Melding") -> Bezwaar | None:
    """A first melding is judged after both sides agree what is meant; a nested one skips that."""
    if not melding.is_verhelderd and not melding.is_genest:
        return ("niet-verhelderd", f"verhelder {melding.volgnummer} eerst met de melder")
    return None


def beoordeeld(melding: "Melding") -> Bezwaar | None:
    """Own steps follow judgement."""
    if not melding.is_beoordeeld:
        return ("niet-beoordeeld", f"beoordeel {melding.volgnummer} eerst")
    return None


def niet_gereedgemeld(melding: "Melding") -> Bezwaar | None:
    """What is reported as done is not worked on."""
    if melding.is_gereedgemeld:
        return ("al-gereedgemeld", f"{melding.volgnummer} is al gereedgemeld")
    return None


def gereedgemeld(melding: "Melding") -> Bezwaar | None:
    """The melder judges what is reported as done."""
    if not melding.is_gereedgemeld:
        return ("niet-gereedgemeld", f"{melding.volgnummer} is nog niet gereedgemeld")
    return None


def voorbereid(melding: "Melding") -> Bezwaar | None:
    """The own steps come before the hand-over."""
    for naam in melding.VOOR_OVERDRACHT:
        if naam not in melding.gezet:
            return ("stap-ontbreekt", f"eerst nog: {naam}")
    return None


def ronde_open(melding: "Melding") -> Bezwaar | None:
    """After a good check there is nothing left to hand over, unless it is judged anew."""
    if melding.is_goedgekeurd and not melding.wil_nieuwe_ronde:
        return (
            "al-goedgekeurd",
            f"ronde {melding.ronde} is goedgekeurd; draag alleen opnieuw over na een nieuwe"
            " beoordeling",
        )
    return None


def kinderen_terug(melding: "Melding") -> Bezwaar | None:
    """One verdict, when all children are back (section 3.6)."""
    if any(kind.status is Kindstatus.OPEN for kind in melding.kinderen.values()):
        return ("wacht-op-terugkeer", "nog niet alles wat is overgedragen is terug")
    if not any(kind.is_terug for kind in melding.kinderen_in_ronde):
        return ("niets-te-controleren", "er is in deze ronde niets teruggekomen")
    return None


def niet_gecontroleerd(melding: "Melding") -> Bezwaar | None:
    """One verdict per ronde."""
    if melding.gecontroleerde_ronde == melding.ronde:
        return ("al-gecontroleerd", f"ronde {melding.ronde} is al gecontroleerd")
    return None


def klaar(melding: "Melding") -> Bezwaar | None:
    """What was asked is done: a good check, or in the leaf the act itself; then the last steps."""
    if melding.draagt_over and not melding.is_goedgekeurd:
        return (
            "niet-goedgekeurd",
            "meld pas gereed na een interne controle met goed resultaat",
        )
    for naam in melding.VOOR_GEREEDMELDING:
        if naam not in melding.gezet:
            return ("stap-ontbreekt", f"eerst nog: {naam}")
    return None


def werkstroom_niet_voltooid(melding: "Melding") -> Bezwaar | None:
    """Withdrawing is allowed until the werkstroom is voltooid (section 5)."""
    if melding.uitkomst is Uitkomst.VOLTOOID:
        return (
            "al-voltooid",
            f"{melding.volgnummer} is voltooid en kan niet meer worden ingetrokken",
        )
    return None


def voltooid(melding: "Melding") -> Bezwaar | None:
    """Evaluation follows completion."""
    if melding.uitkomst is not Uitkomst.VOLTOOID:
        return ("niet-voltooid", f"{melding.volgnummer} is niet voltooid")
    return None


def beeindigd(melding: "Melding") -> Bezwaar | None:
    """Only what has ended is closed."""
    if melding.uitkomst is None:
        return ("niet-beeindigd", f"{melding.volgnummer} loopt nog")
    return None


def niet_gesloten(melding: "Melding") -> Bezwaar | None:
    """Nothing follows closing."""
    if melding.is_gesloten:
        return ("al-gesloten", f"{melding.volgnummer} is gesloten ({melding.uitkomst})")
    return None


def ruimte_voor_koppeling(melding: "Melding") -> Bezwaar | None:
    """All of them are told in one message at completion."""
    if len(melding.koppelingen) >= MEESTE_KOPPELINGEN:
        return ("te-veel-koppelingen", f"er zijn al {MEESTE_KOPPELINGEN} koppelingen")
    return None


def antwoord_verstreken(melding: "Melding") -> Bezwaar | None:
    """No reaction is what the passing of the term says, not a medewerker (section 5)."""
    if "antwoord" in melding.termijnen:
        return (
            "termijn-loopt-nog",
            "de melder kan nog antwoorden; verstrijkt de termijn, dan wordt"
            " zonder_reactie vanzelf vastgelegd",
        )
    return None


def gesloten(melding: "Melding") -> Bezwaar | None:
    """Only what is closed is erased."""
    if not melding.is_gesloten:
        return ("niet-gesloten", f"{melding.volgnummer} is nog niet gesloten")
    return None


def niet_geevalueerd(melding: "Melding") -> Bezwaar | None:
    """Evaluation is done once."""
    if melding.is_geevalueerd:
        return ("al-geevalueerd", f"{melding.volgnummer} is al geëvalueerd")
    return None


def niet_gewist(melding: "Melding") -> Bezwaar | None:
    """What is erased cannot be erased again."""
    if melding.is_gewist:
        return ("al-gewist", f"de persoonsgegevens van {melding.volgnummer} zijn al gewist")
    return None


def na(eerder: str) -> Voorwaarde:
    """An own step that follows another one."""

    def voorwaarde(melding: "Melding") -> Bezwaar | None:
        if eerder not in melding.gezet:
            return ("stap-ontbreekt", f"eerst nog: {eerder}")
        return None

    return voorwaarde


def eenmaal(naam: str) -> Voorwaarde:
    """An own step that is done once (per ronde, where the ronde clears it)."""

    def voorwaarde(melding: "Melding") -> Bezwaar | None:
        if naam in melding.gezet:
            return ("stap-al-gezet", f"{naam} is al gedaan")
        return None

    return voorwaarde


def goedgekeurd(melding: "Melding") -> Bezwaar | None:
    """After the check on the way back."""
    if not melding.is_goedgekeurd:
        return ("niet-goedgekeurd", "dit volgt op een interne controle met goed resultaat")
    return None


IN_BEHANDELING: tuple[Voorwaarde, ...] = (loopt, niet_opgeschort, beoordeeld, niet_gereedgemeld)
"""What every own step asks."""
