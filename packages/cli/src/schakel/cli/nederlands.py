"""Help and usage errors in Dutch: what the library says in English is said again here."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from typer import Typer, rich_utils
from typer.core import TyperCommand, TyperGroup

_ZINNEN: tuple[tuple[str, str], ...] = (
    (r"^Missing command\.?$", "zeg wat er moet gebeuren"),
    (r"^No such command '(.*)'\..*$", r"de opdracht {0} bestaat niet"),
    (r"^No such option: (\S+)(?: \(Possible options: (.*)\))?$", "de optie {0} bestaat niet"),
    (r"^Missing (?:option|argument|parameter) '?([^'.]*)'?\..*$", "{0} ontbreekt"),
    (r"^Option '(.*)' requires an argument\.$", "de optie {0} vraagt een waarde"),
    (r"^Option '(.*)' does not take a value\.$", "de optie {0} neemt geen waarde"),
    (r"^Got unexpected extra argument\(?s?\)? \((.*)\)$", "dit hoort er niet bij: {0}"),
    (r"^Invalid value for (.+?): .*'(.*)' is not one of (.*)\.$", "{0}: kies uit {2}"),
    (r"^Invalid value for (.+?): .*valid UUID.*$", "{0} is geen id van een melding"),
    (r"^Invalid value for (.+?): (.*)$", "{0} is ongeldig: {1}"),
)


def in_het_nederlands(melding: str) -> str:
    """A usage error as a Dutch sentence; what is not known is left as it is."""
    for patroon, zin in _ZINNEN:
        if gevonden := re.match(patroon, melding, re.DOTALL):
            return zin.format(*((deel or "").replace("'", "") for deel in gevonden.groups()))
    return melding


class Commando(TyperCommand):
    """A command whose own words are Dutch."""

    def get_help_option(self, ctx: Any) -> Any:
        """The option ``--help``, explained in Dutch."""
        return _uitgelegd(super().get_help_option(ctx))

    def get_usage(self, ctx: Any) -> str:
        """The line that shows how to use it."""
        return _gebruik(super().get_usage, ctx)


class Opdrachten(TyperGroup):
    """A group of such commands."""

    def get_help_option(self, ctx: Any) -> Any:
        """The option ``--help``, explained in Dutch."""
        return _uitgelegd(super().get_help_option(ctx))

    def get_usage(self, ctx: Any) -> str:
        """The line that shows how to use it."""
        return _gebruik(super().get_usage, ctx)


Voorbeelden = Sequence[tuple[Callable[..., None], str]]
"""Commands, each with an example that begins with its name."""


def voeg_toe(app: Typer, groep: str, opdrachten: Voorbeelden) -> None:
    """Add commands to ``app``, which people know as ``groep``."""
    for opdracht, voorbeeld in opdrachten:
        uitleg = f"Voorbeeld: {groep} {voorbeeld}"
        app.command(voorbeeld.split()[0], cls=Commando, epilog=uitleg)(opdracht)


def stel_taal_in() -> None:
    """The headings of the help pages."""
    rich_utils.ARGUMENTS_PANEL_TITLE = "Argumenten"
    rich_utils.OPTIONS_PANEL_TITLE = "Opties"
    rich_utils.COMMANDS_PANEL_TITLE = "Opdrachten"
    rich_utils.DEFAULT_STRING = "[standaard: {}]"
    rich_utils.REQUIRED_LONG_STRING = "[verplicht]"


def _uitgelegd(optie: Any) -> Any:
    if optie is not None:
        optie.help = "Toon deze uitleg en stop."
    return optie


def _gebruik(maak: Callable[[Any], str], ctx: Any) -> str:
    woorden = {"[OPTIONS]": "[OPTIES]", "COMMAND [ARGS]...": "OPDRACHT ...", "Usage:": "Gebruik:"}
    tekst = maak(ctx)
    for engels, nederlands in woorden.items():
        tekst = tekst.replace(engels, nederlands)
    return tekst
