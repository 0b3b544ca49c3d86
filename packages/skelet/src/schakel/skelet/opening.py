"""Effects that a message has on other meldingen here: the sender may be this process itself.

What a process says that concerns itself (a split into several of its own soort, a duplicate) is
done in the transaction of the saying: it does not listen to its own messages.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.contracts.melding import Kanaal, Meldersoort
from schakel.contracts.organisatie import Verwijzing
from schakel.contracts.werkstromen import Proces, mag_overdragen
from schakel.kern.grond.weigering import Weigering
from schakel.kern.vastlegging.gebeurtenis import Deelwerk, Plaats
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


class Gevraagd(Protocol):
    """What another organisation asks for."""

    @property
    def kanaal(self) -> Kanaal:
        """The channel through which the first melding came in, there."""

    @property
    def dienst(self) -> str:
        """What it is about."""

    @property
    def melder(self) -> Meldersoort:
        """Who reported it, there."""

    @property
    def dataref(self) -> str | None:
        """Where what is asked can be read."""


class Opening:
    """Opens meldingen that came forth from others."""

    def __init__(self, soort: type[Melding], beslis_uiterlijk: BeslisUiterlijk) -> None:
        """``soort`` is the one that this process knows."""
        self._soort = soort
        self._beslis_uiterlijk = beslis_uiterlijk

    def open(self, werk: Werk[M], nieuw: NieuweMelding, uit: Verwijzing, aanleiding: str) -> None:
        """Open a first melding; raises Weigering when this melder cannot start this process.

        Raises OnleesbaarBericht when it is here already, and came forth from another.
        """
        if (bekend := werk.zoek(nieuw.id)) is not None:
            if bekend.herkomst != uit:
                raise geen_eigenaar("deze melding is er al, en komt niet hieruit voort")
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

    def open_deel(self, werk: Werk[M], id_: UUID, deel: Deelwerk, gevraagd: Gevraagd) -> None:
        """Open a melding that does a part of the work of another organisation.

        Its terms are our own. Raises Weigering when the model does not allow it, and
        OnleesbaarBericht when the id is here already, for other work.
        """
        if (bekend := werk.zoek(id_)) is not None:
            if bekend.plaats.deel != deel:
                raise geen_eigenaar("deze melding is er al, en voor iets anders")
            return
        melding = self._soort(id_, Plaats(id_, deel=deel))
        if not mag_overdragen(Proces(deel.soort), melding.PROCES):
            uitleg = f"{deel.soort} draagt niet over aan {melding.PROCES}"
            raise Weigering("overdracht-niet-toegestaan", uitleg)
        werk.voeg_toe(melding)  # type: ignore[arg-type]
        melding.neem_aan(
            Aangenomen(
                volgend_volgnummer(werk, melding.PROCES),
                gevraagd.kanaal,
                gevraagd.dienst,
                gevraagd.melder,
                self._beslis_uiterlijk(gevraagd.dienst, werk.nu),
                dataref=gevraagd.dataref,
            )
        )

    def verwerk_eigen(self, werk: Werk[M], melding: M) -> None:
        """Do what just happened to ``melding`` means for others of this process."""
        hier = melding.PROCES
        for gebeurtenis in tuple(melding.nieuw):
            match gebeurtenis:
                case Omgezet(nieuwe_meldingen=nieuwe):
                    for een in () if melding.is_deel else nieuwe:
                        if een.naar is hier:
                            self.open(werk, een, melding.waar, "omgezet")
                case Voortgekomen(aanleiding=aanleiding, nieuwe_melding=een):
                    if een.naar is hier:
                        self.open(werk, een, melding.waar, aanleiding)
                case Gekoppeld(andere_id=andere_id, andere_proces=proces, soort=soort):
                    if proces is hier:
                        koppel_terug(werk, andere_id, melding.waar, soort)
                case Voltooid(gekoppeld=gekoppeld):
                    vertel_voltooiing(werk, gekoppeld, melding.waar)
                case _:
                    pass


def geen_eigenaar(uitleg: str) -> OnleesbaarBericht:
    """Who says so has no say over what it is about."""
    return OnleesbaarBericht(Leesfout.GEEN_EIGENAAR, uitleg)


def koppel_terug(werk: Werk[M], id_: UUID, andere: Verwijzing, soort: str) -> None:
    """A koppeling holds both ways, as long as the other side can have one.

    Raises OnleesbaarBericht when that knows ``andere`` as a melding of another process.
    """
    melding = werk.zoek(id_)
    if melding is not None:
        if melding.koppelingen.get(andere.id, andere) != andere:
            raise geen_eigenaar(f"{melding.volgnummer} kent dit als een melding van een ander")
        if "koppelingen" in melding.mogelijke_stappen():
            melding.koppel(andere, soort)


def vertel_voltooiing(werk: Werk[M], ids: tuple[UUID, ...], andere: Verwijzing) -> bool:
    """The meldingen among ``ids`` that are here hear that ``andere`` is voltooid.

    False when none of them knows it as that of this process, and one as that of another.
    """
    hier = [melding for id_ in ids if (melding := werk.zoek(id_)) is not None]
    bekend = [melding for melding in hier if andere.id in melding.koppelingen]
    eigen = [melding for melding in bekend if melding.koppelingen[andere.id] == andere]
    for melding in eigen:
        melding.hoor_voltooiing(andere.id)
    return bool(eigen) or not bekend
