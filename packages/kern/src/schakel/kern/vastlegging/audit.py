"""What operators did and were refused (BIO2 8.15): a row each, in the transaction of the action.

It says who, in what role, what, on what, with what result and from where, and is joined to the log
and the traces by its trace id. No name, no text: who is a pseudonym, from where is a network.
"""

from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final

import msgspec

from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.weigering import Fout
from schakel.kern.opslag import Rij

from .transactie import Transactie

GEDAAN: Final = "gedaan"
AFGEBROKEN: Final = "afgebroken"
MISLUKT: Final = "interne-fout"
_BOEK: Final = "INSERT INTO audit (inhoud) VALUES (?)"


class Handeling(msgspec.Struct):
    """One thing that an operator asks for."""

    wie: str
    rol: str
    wat: str
    waarop: str | None
    vanwaar: str
    spoor: str | None
    is_open: bool = True
    """Whether nobody has seen to it yet that it is written down."""

    def in_rol(self, rol: Rol | None) -> None:
        """The role that gave access; what is done in another than the operator's is no matter."""
        if rol is not None:
            self.rol = rol.value
        if rol is not Rol.BEHEERDER:
            self.is_open = False

    def boek(self, werk: Transactie, resultaat: str) -> None:
        """Write it down in the transaction of this batch; ``resultaat`` is GEDAAN, or a code."""
        werk.rij(*self.rij(werk.nu, resultaat))

    def rij(self, op: datetime, resultaat: str) -> tuple[str, Rij]:
        """How that is written: a statement, and what it is executed with."""
        feit = {
            "op": op.isoformat(),
            "wie": self.wie,
            "rol": self.rol,
            "wat": self.wat,
            "waarop": self.waarop,
            "resultaat": resultaat,
            "vanwaar": self.vanwaar,
            "spoor": self.spoor,
        }
        return _BOEK, (msgspec.json.encode(feit),)


def resultaat_van(uitslag: Any) -> str:
    """What came of it, as a code."""
    if isinstance(uitslag, Fout):
        return uitslag.code
    return MISLUKT if isinstance(uitslag, Exception) else GEDAAN


BEZIG: Final[ContextVar[Handeling | None]] = ContextVar("handeling", default=None)
"""What an operator is doing here: the writer takes it along with the first task of it."""
