"""What stands in the way: of work that is asked here, and of who speaks of it in the house."""

from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.contracts.feit import Feit
from schakel.contracts.organisatie import Schakelsoort
from schakel.contracts.schakels import berichten as s

from .ketens import DIEPST
from .lijn import Lijn, afspraak_over, is_nieuw
from .schakel import Schakel
from .vragers import gevers_van


def keur_gever(schakel: Schakel, feit: Feit) -> None:
    """Raise OnleesbaarBericht unless the process that says this is who asked for the schakel."""
    ouder = schakel.plaats.ouder
    if ouder is None or ouder.soort != feit.proces.value:
        raise OnleesbaarBericht(Leesfout.GEEN_EIGENAAR, "dit is hier niet van dat proces")


def bezwaar(schakel: Schakel, lijn: Lijn, gevraagd: s.SchakelAangeboden) -> str | None:
    """Why this is not taken on, as the language has it."""
    if gevraagd.diepte > DIEPST:
        return "te-diep"
    if is_nieuw(gevraagd) and schakel.is_na_einde:
        return "uitloop"
    kan = gevraagd.soort is Schakelsoort.DEELPROCES and gevers_van(gevraagd.naar)
    if not kan or afspraak_over(lijn, lijn.partner.zij, gevraagd) is None:
        return "niet-afgesproken"
    return None
