"""Effects that a message has on other meldingen here: the sender may be this process itself.

What a process says that concerns itself (a split into several of its own soort, a duplicate) is
done in the transaction of the saying: it does not listen to its own messages.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from schakel.contracts.organisatie import Verwijzing
from schakel.kern.vastlegging.gebeurtenis import Plaats
from schakel.kern.vastlegging.werk import Werk

from .melding import Melding
from .stappen.begin import Aangenomen
from .stappen.einde import Voltooid
from .stappen.rand import Gekoppeld
from .stappen.voortgekomen import Herkomst, NieuweMelding, Voortgekomen
from .stappen.voortijdig import Omgezet
from .volgnummer import volgend_volgnummer

M = TypeVar("M", bound=Melding)
BeslisUiterlijk = Callable[[str, datetime], datetime]
"""The beslistermijn of a dienst from a moment on."""


class Opening:
    """Opens meldingen that came forth from others."""

    def __init__(self, soort: type[Melding], beslis_uiterlijk: BeslisUiterlijk) -> None:
        """``soort`` is the one that this process knows."""
        self._soort = soort
        self._beslis_uiterlijk = beslis_uiterlijk

    def open(self, werk: Werk[M], nieuw: NieuweMelding, uit: Verwijzing, aanleiding: str) -> None:
        """Open a first melding; raises Weigering when this melder cannot start this process."""
        if werk.zoek(nieuw.id) is not None:
            return
        melding = self._soort(nieuw.id, Plaats(nieuw.id))
        werk.voeg_toe(melding)  # type: ignore[arg-type]
        melding.neem_aan(
            Aangenomen(
                volgend_volgnummer(werk, melding.PROCES),
                nieuw.kanaal,
                nieuw.dienst,
                nieuw.melder,
                self._beslis_uiterlijk(nieuw.dienst, werk.nu),
                soort_volgens_melder=nieuw.soort_volgens_melder,
                voortgekomen_uit=Herkomst(uit.id, uit.proces, aanleiding),
                dataref=nieuw.dataref,
            )
        )

    def verwerk_eigen(self, werk: Werk[M], melding: M) -> None:
        """Do what just happened to ``melding`` means for others of this process."""
        hier = melding.PROCES
        for gebeurtenis in tuple(melding.nieuw):
            match gebeurtenis:
                case Omgezet(nieuwe_meldingen=nieuwe):
                    for een in nieuwe:
                        if een.naar is hier:
                            self.open(werk, een, melding.waar, "omgezet")
                case Voortgekomen(aanleiding=aanleiding, nieuwe_melding=een):
                    if een.naar is hier:
                        self.open(werk, een, melding.waar, aanleiding)
                case Gekoppeld(andere_id=andere_id, andere_proces=proces, soort=soort):
                    if proces is hier:
                        koppel_terug(werk, andere_id, melding.waar, soort)
                case Voltooid(gekoppeld=gekoppeld):
                    vertel_voltooiing(werk, gekoppeld, melding.id)
                case _:
                    pass


def koppel_terug(werk: Werk[M], id_: UUID, andere: Verwijzing, soort: str) -> None:
    """A koppeling holds both ways, as long as the other side can have one."""
    melding = werk.zoek(id_)
    if melding is not None and "koppelingen" in melding.mogelijke_stappen():
        melding.koppel(andere, soort)


def vertel_voltooiing(werk: Werk[M], ids: tuple[UUID, ...], andere_id: UUID) -> None:
    """The meldingen among ``ids`` that are here hear that ``andere_id`` is voltooid."""
    for id_ in ids:
        if (melding := werk.zoek(id_)) is not None:
            melding.hoor_voltooiing(andere_id)
