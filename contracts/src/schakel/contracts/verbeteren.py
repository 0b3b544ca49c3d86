"""What only verbeteren says."""

from typing import ClassVar

from .feit import Code, Feit


class OorzaakVastgesteld(Feit):
    """The cause is known: from here on this is a bekende fout."""

    type: ClassVar[str] = "nl.meldingen.verbeteren.oorzaak-vastgesteld.v1"
    oorzaak: Code


class RestrisicoBepaald(Feit):
    """What risk remains after the measure."""

    type: ClassVar[str] = "nl.meldingen.verbeteren.restrisico-bepaald.v1"
    restrisico: Code


EIGEN: tuple[type[Feit], ...] = (OorzaakVastgesteld, RestrisicoBepaald)
