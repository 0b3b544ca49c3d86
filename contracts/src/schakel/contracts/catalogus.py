"""Every public message type there is. A type that is not in here is parked, never guessed."""

from collections.abc import Mapping

from . import afspreken, deelproces, herstellen, melding, uitvoeren, verbeteren, wijzigen
from .feit import Feit
from .werkstromen import Proces

EIGEN: Mapping[Proces, tuple[type[Feit], ...]] = {
    Proces.AFSPREKEN: afspreken.EIGEN,
    Proces.WIJZIGEN: wijzigen.EIGEN,
    Proces.HERSTELLEN: herstellen.EIGEN,
    Proces.UITVOEREN: uitvoeren.EIGEN,
    Proces.VERBETEREN: verbeteren.EIGEN,
}


def berichten_van(proces: Proces) -> tuple[type[Feit], ...]:
    """All message types that a process may publish."""
    return melding.UNIFORM + deelproces.GEGEVEN + EIGEN[proces]


PLAATSVERVANGEND: tuple[type[Feit], ...] = (
    melding.Aangenomen,
    melding.Opgeschort,
    melding.Afgewezen,
    melding.Gereedgemeld,
    melding.Voltooid,
    melding.Gesloten,
)
"""What the grens says as the stand-in of a child that another organisation has."""

VAN_GRENS: tuple[type[Feit], ...] = PLAATSVERVANGEND + deelproces.INGEKOMEN
"""All message types that the grens may publish."""

CATALOGUS: Mapping[str, type[Feit]] = {
    feit.type: feit
    for feit in (
        *melding.UNIFORM,
        *(feit for eigen in EIGEN.values() for feit in eigen),
        *deelproces.GEGEVEN,
        *deelproces.INGEKOMEN,
    )
}
