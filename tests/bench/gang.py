"""How werkstroom 3, HWUWH, is walked when measured: what each process does, and after what.

Five stretches through three services, twenty-five commands, thirty-three events. The stretches are
the five steps that other systems are asked to keep (``peers``).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from schakel.contracts.werkstromen import Proces
from schakel.herstellen.app import DIENST as HERSTELLEN
from schakel.kern.grond.kop import Identiteit, Kop
from schakel.kern.grond.rollen import Rol
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.melding import ACTIES
from schakel.skelet.proces import Omschrijving
from schakel.skelet.stappen.begin import Aangenomen, Intake
from schakel.skelet.stappen.overdracht import Teruggekeerd
from schakel.uitvoeren.app import DIENST as UITVOEREN
from schakel.wijzigen.app import DIENST as WIJZIGEN

Handeling = tuple[str, Mapping[str, Any]]
"""A step and the body of its request."""

DIENSTEN: tuple[Omschrijving[Any], ...] = (HERSTELLEN, WIJZIGEN, UITVOEREN)
LOKAAL = Identiteit("lokaal", frozenset(Rol))
INTAKE: Mapping[str, Any] = {
    "dienst": "verlichting",
    "kanaal": "web",
    "melder": {"soort": "burger", "naam": "Jo Proef", "contact": "jo@proef.example"},
    "tekst": "De lamp op de hoek brandt al een week niet meer. " * 3,
}
_BEOORDELING: Handeling = (
    "beoordelingen",
    {
        "feiten": {
            "proactief": False,
            "afwijking": True,
            "binnenAfspraken": True,
            "raaktBeheerdeInfrastructuur": True,
        },
        "impact": 2,
        "urgentie": 2,
    },
)


class Deel(NamedTuple):
    """One stretch: what a process does when ``na`` has happened there."""

    proces: Proces
    na: type[Gebeurtenis]
    handelingen: Sequence[Handeling]


DELEN: Sequence[Deel] = (
    Deel(
        Proces.HERSTELLEN,
        Aangenomen,
        (
            ("verhelderingen", {}),
            _BEOORDELING,
            ("analyses", {}),
            ("overdrachten", {"naar": "wijzigen"}),
        ),
    ),
    Deel(
        Proces.WIJZIGEN,
        Aangenomen,
        (
            _BEOORDELING,
            ("planningen", {}),
            ("accorderingen", {}),
            ("voorbereidingen", {}),
            ("testen", {"geslaagd": True}),
            ("vrijgaven", {}),
            ("overdrachten", {"naar": "uitvoeren"}),
        ),
    ),
    Deel(
        Proces.UITVOEREN,
        Aangenomen,
        (
            _BEOORDELING,
            ("planningen", {}),
            ("uitvoeringen", {}),
            ("gereedmeldingen", {}),
            ("sluitingen", {}),
        ),
    ),
    Deel(
        Proces.WIJZIGEN,
        Teruggekeerd,
        (
            ("controles", {"goed": True}),
            ("registraties", {"onderdeel": "lantaarn"}),
            ("gereedmeldingen", {}),
            ("sluitingen", {}),
        ),
    ),
    Deel(
        Proces.HERSTELLEN,
        Teruggekeerd,
        (
            ("controles", {"goed": True}),
            ("gereedmeldingen", {}),
            ("tevredenheidscontroles", {"oordeel": "tevreden"}),
            ("sluitingen", {}),
        ),
    ),
)
OPDRACHTEN = 1 + sum(len(deel.handelingen) for deel in DELEN)
"""Commands in all, the intake included."""


def opdrachten_na(omschrijving: Omschrijving[Any]) -> Mapping[type[Gebeurtenis], Sequence[Any]]:
    """What this process does after each of these events, as commands that were validated once."""
    soorten: dict[str, Any] = {
        actie.stap: actie.opdracht for actie in (*ACTIES, *omschrijving.acties)
    }
    return {
        deel.na: [soorten[stap].model_validate(inhoud) for stap, inhoud in deel.handelingen]
        for deel in DELEN
        if deel.proces is omschrijving.proces
    }


def intake() -> Intake:
    """The same melding for everyone."""
    return Intake.model_validate(INTAKE)


def kop(sleutel: str, rol: Rol = Rol.BEHANDELAAR) -> Kop:
    """The head of a command that did not come over HTTP."""
    return Kop(sleutel, b"", None, LOKAAL, rol)
