"""What the house says, as far as grens acts on it: work given away, and work done for partners."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from schakel.contracts import deelproces as d
from schakel.contracts import melding as m
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.contracts.envelop import feit_van
from schakel.contracts.feit import Feit
from schakel.contracts.organisatie import Schakelsoort
from schakel.contracts.topics import mag_zeggen
from schakel.contracts.werkstromen import Proces
from schakel.kern.bezorging.ontvanger import Effect
from schakel.kern.bus.bericht import Bericht

from .gesprek import Gesprek

VAN_GEBONDENE: Final = (
    m.Aangenomen,
    m.Opgeschort,
    m.Hervat,
    m.Gereedgemeld,
    m.Afgewezen,
    m.Voltooid,
    m.Omgezet,
    m.Gesloten,
)
"""What a melding that does work of a partner says, of which the partner may hear."""


class Huisreacties:
    """The reactions of the grens; see ``Verwerker``."""

    typen = frozenset(CATALOGUS)
    raakt_ons = frozenset(
        soort.type
        for soort in (
            *VAN_GEBONDENE,
            d.OverdrachtAangeboden,
            d.OverdrachtTeruggenomen,
            m.PersoonsgegevensGewist,
        )
    )

    def __init__(self, gesprek: Gesprek, processen: Mapping[str, Proces]) -> None:
        """``processen`` are the writers of this house (``processen_van``)."""
        self._gesprek = gesprek
        self._processen = processen

    def duid(self, bericht: Bericht) -> Effect | None:
        """See ``Verwerker``."""
        if bericht.type not in self.raakt_ons:
            return None
        feit = feit_van(bericht.type, bytes(bericht.data))
        if not mag_zeggen(bericht.source, bericht.type, feit.proces, self._processen):
            uitleg = f"dit is geen woord van {feit.proces} zelf"
            raise OnleesbaarBericht(Leesfout.GEEN_EIGENAAR, uitleg)
        if bericht.subject != str(feit.melding_id) or bericht.partitionkey != str(feit.wortel_id):
            raise OnleesbaarBericht(
                Leesfout.ONGELDIGE_INHOUD, "subject of partitionkey is niet die van de data"
            )
        doe = self._gevolgen(feit)
        if not doe:
            return None

        def effect(werk: Any) -> None:
            for een in doe:
                een(werk)

        return Effect(effect)

    def _gevolgen(self, feit: Feit) -> list[Callable[[Any], None]]:
        gesprek = self._gesprek
        gevolgen: list[Callable[[Any], None]] = []
        match feit:
            case d.OverdrachtAangeboden(soort=Schakelsoort.DEELPROCES):
                gevolgen.append(lambda werk: gesprek.vraag(werk, feit))
            case d.OverdrachtTeruggenomen():
                gevolgen.append(lambda werk: gesprek.neem_terug(werk, feit))
            case m.PersoonsgegevensGewist():
                gevolgen.append(lambda werk: gesprek.wis(werk, feit))
            case m.Gesloten():
                gevolgen.append(lambda werk: gesprek.gever_eindigt(werk, feit))
        if feit.deel_van is not None and isinstance(feit, VAN_GEBONDENE):
            gevolgen.append(lambda werk: gesprek.zeg_voor(werk, feit))
        return gevolgen
