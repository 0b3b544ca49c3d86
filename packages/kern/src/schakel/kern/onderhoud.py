"""What somebody on the machine does to a store: booked there as what operators do over HTTP is."""

from datetime import UTC, datetime
from typing import Final

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.rollen import Rol
from schakel.kern.opslag import AUDIT, Lading, Tabellen, migreer_opslag, open_opslag
from schakel.kern.vastlegging.audit import GEDAAN, Handeling

_OP_DE_MACHINE: Final = "machine"
"""Who has a shell there has no pseudonym: the machine itself knows who that was."""


def migreer(
    instellingen: Instellingen, naam: str, tabellen: Tabellen, *, rond_af: bool = False
) -> int:
    """As ``migreer_opslag``, with a row in the table of audit events. Raises StartFout."""
    versie = migreer_opslag(instellingen, naam, tabellen, rond_af=rond_af)
    if AUDIT in tabellen.stappen:
        wat = "migreer --rond-af" if rond_af else "migreer"
        gedaan = Handeling(
            _OP_DE_MACHINE, Rol.BEHEERDER, wat, f"versie {versie}", _OP_DE_MACHINE, None
        )
        sql, rij = gedaan.rij(datetime.now(UTC), GEDAAN)
        opslag = open_opslag(instellingen, naam, tabellen)
        try:
            opslag.schrijf(Lading(rijen={sql: [rij]}))
        finally:
            opslag.sluit()
    return versie
