"""The steps of verbeteren alone, as commands over HTTP; the common ones stand in the skelet."""

from schakel.contracts.feit import Code
from schakel.kern.grond.verzoek import Verzoek
from schakel.skelet.stappen.opdracht import Actie, Bij

from .domein import Verbetervoorstel


class Oorzaak(Verzoek):
    """The cause, as a code: a bekende fout."""

    oorzaak: Code

    def doe(self, melding: Verbetervoorstel, bij: Bij) -> None:
        """Ask it."""
        melding.stel_oorzaak_vast(self.oorzaak)


class Maatregel(Verzoek):
    """What will be done about it, as a code."""

    maatregel: Code

    def doe(self, melding: Verbetervoorstel, bij: Bij) -> None:
        """Ask it."""
        melding.kies_maatregel(self.maatregel)


class Restrisico(Verzoek):
    """What risk remains, as a code."""

    restrisico: Code

    def doe(self, melding: Verbetervoorstel, bij: Bij) -> None:
        """Ask it."""
        melding.bepaal_restrisico(self.restrisico)


ACTIES: tuple[Actie[Verbetervoorstel], ...] = (
    Actie("oorzaken", Oorzaak, "Stel de oorzaak vast"),
    Actie("maatregelen", Maatregel, "Kies een maatregel"),
    Actie("restrisicos", Restrisico, "Bepaal het restrisico"),
)
