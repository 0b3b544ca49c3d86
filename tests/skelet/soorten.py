"""The five kinds of melding, for what holds for all of them."""

from collections.abc import Mapping
from typing import Any

from schakel.afspreken.app import DIENST as AFSPREKEN
from schakel.contracts.werkstromen import Proces
from schakel.herstellen.app import DIENST as HERSTELLEN
from schakel.skelet.melding import Melding
from schakel.skelet.proces import Omschrijving
from schakel.uitvoeren.app import DIENST as UITVOEREN
from schakel.verbeteren.app import DIENST as VERBETEREN
from schakel.wijzigen.app import DIENST as WIJZIGEN

OMSCHRIJVING: Mapping[Proces, Omschrijving[Any]] = {
    een.proces: een for een in (AFSPREKEN, WIJZIGEN, HERSTELLEN, UITVOEREN, VERBETEREN)
}
SOORT: Mapping[Proces, type[Melding]] = {p: een.soort for p, een in OMSCHRIJVING.items()}
