"""The state of a schakel: a pair of phases, and the one table that moves it.

A message is applied when a rule of the table says so, and is a note otherwise: it is kept, shown,
and changes nothing. So the table is total. In which order the messages of both sides are judged,
``vouw`` says.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

from schakel.contracts.organisatie import Schakelsoort

from .woorden import NIET_TEVREDEN


class Vragerfase(StrEnum):
    """How far the side that asks is."""

    GEEN = "-"
    AANGEBODEN = "aangeboden"
    INGETROKKEN = "ingetrokken"
    OVERGEGAAN = "overgegaan"
    TE_LAAT = "te-laat"


class Uitvoerderfase(StrEnum):
    """How far the side that does it is; at ``einde`` the last word was said."""

    GEEN = "-"
    AANVAARD = "aanvaard"
    AANGENOMEN = "aangenomen"
    GEREED = "gereed"
    EINDE = "einde"


@dataclass(slots=True)
class Schakelstand:
    """Where a schakel stands.

    ``soort`` is that of its ``aangeboden``, None where that is not known. ``vraag`` is the question
    that is open. ``ronde`` is the current one. ``uitkomst`` is the last word: ``geweigerd``, or
    what ``afgesloten`` said.
    """

    soort: Schakelsoort | None = None
    vrager: Vragerfase = Vragerfase.GEEN
    uitvoerder: Uitvoerderfase = Uitvoerderfase.GEEN
    uitkomst: str | None = None
    ronde: int = 1
    vraag: int | None = None
    vragen: set[int] = field(default_factory=set)
    """The numbers of questions that were asked: each counts once."""

    @property
    def is_estafette(self) -> bool:
        """Whether the responsibility itself goes on."""
        return self.soort is Schakelsoort.ESTAFETTE

    @property
    def is_dicht(self) -> bool:
        """Whether the uitvoerder is at its end: in an estafette that is ``aangenomen`` too."""
        return self.uitvoerder is Uitvoerderfase.EINDE or (
            self.is_estafette and self.uitvoerder is Uitvoerderfase.AANGENOMEN
        )

    @property
    def paar(self) -> tuple[str, str]:
        """The pair of phases, as both sides write it."""
        einde = f"{self.uitvoerder}:{self.uitkomst}"
        return str(self.vrager), einde if self.uitkomst else str(self.uitvoerder)


class Voorwaarde(NamedTuple):
    """What must be true besides the phases, in words and as a claim about state and message."""

    tekst: str
    geldt: Callable[[Schakelstand, Any], bool]


class Gevolg(NamedTuple):
    """What changes besides the phases, in words and as an effect on the state."""

    tekst: str
    doe: Callable[[Schakelstand, Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabelregel:
    """One line of the table: what is said, when that is applied, and what it becomes.

    A phase that is not named may be any; what it does not become stays.
    """

    feit: str
    vrager: Vragerfase | None = None
    uitvoerder: tuple[Uitvoerderfase, ...] = ()
    mits: tuple[Voorwaarde, ...] = ()
    wordt: Vragerfase | Uitvoerderfase | None = None
    dan: Gevolg | None = None

    def geldt(self, stand: Schakelstand, bericht: Any) -> bool:
        """Whether this line is about this message in this state."""
        return (
            self.vrager in (None, stand.vrager)
            and (not self.uitvoerder or stand.uitvoerder in self.uitvoerder)
            and all(een.geldt(stand, bericht) for een in self.mits)
        )

    def pas_toe(self, stand: Schakelstand, bericht: Any) -> None:
        """Change the state as this line says."""
        if isinstance(self.wordt, Vragerfase):
            stand.vrager = self.wordt
        elif self.wordt is not None:
            stand.uitvoerder = self.wordt
        if self.dan is not None:
            self.dan.doe(stand, bericht)


def _weiger(stand: Schakelstand, _: Any) -> None:
    stand.uitkomst = "geweigerd"


def _sluit(stand: Schakelstand, bericht: Any) -> None:
    stand.uitkomst = str(bericht.uitkomst)


def _vraag(stand: Schakelstand, bericht: Any) -> None:
    stand.vraag = bericht.vraag
    stand.vragen.add(bericht.vraag)


def _antwoord(stand: Schakelstand, _: Any) -> None:
    stand.vraag = None


def _volgende_ronde(stand: Schakelstand, _: Any) -> None:
    stand.ronde += 1


def _bod_bindt(stand: Schakelstand) -> bool:
    return (stand.vrager, stand.uitvoerder) == (Vragerfase.AANGEBODEN, Uitvoerderfase.AANVAARD)


ESTAFETTE: Final = Voorwaarde("it is an estafette", lambda stand, _: stand.is_estafette)
GEEN_ESTAFETTE: Final = Voorwaarde("it is no estafette", lambda stand, _: not stand.is_estafette)
EERSTE: Final = Voorwaarde("it is number 1", lambda _, bericht: bericht.nummer == 1)
OPEN: Final = Voorwaarde("u is not at its end", lambda stand, _: not stand.is_dicht)
GEEN_BOD: Final = Voorwaarde("no bid binds", lambda stand, _: not _bod_bindt(stand))
RONDE: Final = Voorwaarde(
    "its `ronde` is the current one", lambda stand, bericht: bericht.ronde == stand.ronde
)
NIEUWE_VRAAG: Final = Voorwaarde(
    "its `vraag` was not asked before", lambda stand, bericht: bericht.vraag not in stand.vragen
)
DEZE_VRAAG: Final = Voorwaarde(
    "that question is open", lambda stand, bericht: bericht.vraag == stand.vraag
)
NIET_GOED: Final = Voorwaarde(
    "it says niet_tevreden", lambda _, bericht: bericht.oordeel == NIET_TEVREDEN
)
GOED: Final = Voorwaarde("it says tevreden", lambda _, bericht: bericht.oordeel != NIET_TEVREDEN)

_V, _U = Vragerfase, Uitvoerderfase
_VRAAG_OPEN: Final = Gevolg("that question is open", _vraag)

TABEL: Final[tuple[Tabelregel, ...]] = (
    Tabelregel(feit="aangeboden", vrager=_V.GEEN, mits=(EERSTE,), wordt=_V.AANGEBODEN),
    Tabelregel(feit="aanvaard", uitvoerder=(_U.GEEN,), mits=(ESTAFETTE,), wordt=_U.AANVAARD),
    Tabelregel(
        feit="overgegaan",
        vrager=_V.AANGEBODEN,
        uitvoerder=(_U.AANVAARD,),
        wordt=_V.OVERGEGAAN,
    ),
    Tabelregel(feit="te-laat", vrager=_V.AANGEBODEN, wordt=_V.TE_LAAT),
    Tabelregel(
        feit="aangenomen", uitvoerder=(_U.GEEN,), mits=(GEEN_ESTAFETTE,), wordt=_U.AANGENOMEN
    ),
    Tabelregel(
        feit="aangenomen",
        vrager=_V.OVERGEGAAN,
        uitvoerder=(_U.AANVAARD,),
        mits=(ESTAFETTE,),
        wordt=_U.AANGENOMEN,
        dan=Gevolg("dicht", lambda _, __: None),
    ),
    Tabelregel(
        feit="vraag-gesteld",
        uitvoerder=(_U.AANGENOMEN,),
        mits=(GEEN_ESTAFETTE, NIEUWE_VRAAG),
        dan=_VRAAG_OPEN,
    ),
    Tabelregel(
        feit="vraag-gesteld",
        uitvoerder=(_U.GEEN, _U.AANVAARD),
        mits=(ESTAFETTE, NIEUWE_VRAAG),
        dan=_VRAAG_OPEN,
    ),
    Tabelregel(feit="voortgang", uitvoerder=(_U.AANGENOMEN,), mits=(GEEN_ESTAFETTE,)),
    Tabelregel(feit="voortgang", uitvoerder=(_U.GEEN, _U.AANVAARD), mits=(ESTAFETTE,)),
    Tabelregel(
        feit="antwoord-gegeven",
        mits=(OPEN, DEZE_VRAAG),
        dan=Gevolg("no question is open", _antwoord),
    ),
    Tabelregel(
        feit="gereedgemeld",
        uitvoerder=(_U.AANGENOMEN,),
        mits=(GEEN_ESTAFETTE, RONDE),
        wordt=_U.GEREED,
    ),
    Tabelregel(
        feit="beoordeeld",
        uitvoerder=(_U.GEREED,),
        mits=(RONDE, NIET_GOED),
        wordt=_U.AANGENOMEN,
        dan=Gevolg("the next ronde", _volgende_ronde),
    ),
    Tabelregel(feit="beoordeeld", uitvoerder=(_U.GEREED,), mits=(RONDE, GOED)),
    Tabelregel(feit="ingetrokken", vrager=_V.AANGEBODEN, wordt=_V.INGETROKKEN),
    Tabelregel(
        feit="geweigerd",
        mits=(OPEN, GEEN_BOD),
        wordt=_U.EINDE,
        dan=Gevolg("dicht: geweigerd", _weiger),
    ),
    Tabelregel(
        feit="afgesloten",
        mits=(OPEN,),
        wordt=_U.EINDE,
        dan=Gevolg("dicht: its `uitkomst`", _sluit),
    ),
    Tabelregel(feit="wissing-gevraagd"),
    Tabelregel(feit="wissing-beantwoord"),
    Tabelregel(feit="onbegrepen"),
)
"""The first line that holds is the one; without one the message is a note."""


def _per_feit() -> Mapping[str, tuple[Tabelregel, ...]]:
    gevonden: defaultdict[str, list[Tabelregel]] = defaultdict(list)
    for regel in TABEL:
        gevonden[regel.feit].append(regel)
    return {feit: tuple(regels) for feit, regels in gevonden.items()}


_REGELS: Final = _per_feit()


def zet(stand: Schakelstand, bericht: Any) -> bool:
    """Judge the next message: whether it was applied, or is a note."""
    if (regel := _regel(stand, bericht)) is not None:
        regel.pas_toe(stand, bericht)
    return regel is not None


def zou_gelden(stand: Schakelstand, bericht: Any) -> bool:
    """Whether a message would be applied in this state: for who thinks of saying it."""
    return _regel(stand, bericht) is not None


def _regel(stand: Schakelstand, bericht: Any) -> Tabelregel | None:
    return next((een for een in _REGELS[bericht.FEIT] if een.geldt(stand, bericht)), None)
