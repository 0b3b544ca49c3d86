"""The five processes, the relations between them, and the eight werkstromen that follow.

``OVERDRACHT_NAAR`` is the only data. Everything else in this module is derived from it: which
hand-overs are allowed, which werkstromen exist, their words and which melding starts them.

Source: NORA, "Het procesmodel en de werkstromen van de overheidsorganisatie".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass as pydantic_dataclass


class Proces(StrEnum):
    """One of the five processes; the value is the word used in code, JSON, topics and images."""

    AFSPREKEN = "afspreken"
    WIJZIGEN = "wijzigen"
    HERSTELLEN = "herstellen"
    UITVOEREN = "uitvoeren"
    VERBETEREN = "verbeteren"

    @property
    def letter(self) -> str:
        """The capital that stands for this process in a word; verbeteren is V."""
        return self.value[0].upper()


class Meldingsoort(StrEnum):
    """What is asked. Each process knows exactly one soort."""

    WENS = "wens"
    WIJZIGINGSVERZOEK = "wijzigingsverzoek"
    FOUTMELDING = "foutmelding"
    AANVRAAG = "aanvraag"
    VERBETERVOORSTEL = "verbetervoorstel"


SOORT_VAN: Mapping[Proces, Meldingsoort] = {
    Proces.AFSPREKEN: Meldingsoort.WENS,
    Proces.WIJZIGEN: Meldingsoort.WIJZIGINGSVERZOEK,
    Proces.HERSTELLEN: Meldingsoort.FOUTMELDING,
    Proces.UITVOEREN: Meldingsoort.AANVRAAG,
    Proces.VERBETEREN: Meldingsoort.VERBETERVOORSTEL,
}
PROCES_VAN: Mapping[Meldingsoort, Proces] = {soort: p for p, soort in SOORT_VAN.items()}

Relaties = Mapping[Proces, tuple[Proces, ...]]

OVERDRACHT_NAAR: Relaties = {
    Proces.AFSPREKEN: (Proces.WIJZIGEN,),
    Proces.WIJZIGEN: (Proces.UITVOEREN,),
    Proces.HERSTELLEN: (Proces.WIJZIGEN, Proces.UITVOEREN),
    Proces.VERBETEREN: (Proces.AFSPREKEN, Proces.WIJZIGEN, Proces.UITVOEREN),
    Proces.UITVOEREN: (),
}

# The order in which NORA numbers the processes that a melding can start in.
_NUMMERVOLGORDE = (
    Proces.AFSPREKEN,
    Proces.WIJZIGEN,
    Proces.HERSTELLEN,
    Proces.UITVOEREN,
    Proces.VERBETEREN,
)


@dataclass(frozen=True)
class Werkstroom:
    """One of the eight: the way there (``heenweg``) and its mirror back."""

    nummer: int
    heenweg: tuple[Proces, ...]

    @cached_property
    def pad(self) -> tuple[Proces, ...]:
        """The canonical path: there and back, e.g. herstellen, uitvoeren, herstellen."""
        return self.heenweg + self.heenweg[-2::-1]

    @cached_property
    def woord(self) -> str:
        """The canonical word: the capitals of the path, e.g. ``HUH``."""
        return "".join(proces.letter for proces in self.pad)

    @property
    def eerste(self) -> Proces:
        """The process that the first melding enters."""
        return self.heenweg[0]

    @property
    def meldingsoort(self) -> Meldingsoort:
        """The soort of the first melding."""
        return SOORT_VAN[self.eerste]


def paden_naar_het_blad(van: Proces, relaties: Relaties) -> Iterator[tuple[Proces, ...]]:
    """Yield every way from ``van`` to a process without relations of its own, longest first."""
    if not relaties[van]:
        yield (van,)
    for naar in relaties[van]:
        for rest in paden_naar_het_blad(naar, relaties):
            yield (van, *rest)


def leid_werkstromen_af(relaties: Relaties) -> tuple[Werkstroom, ...]:
    """Derive the numbered werkstromen from the relations (domain, section 2)."""
    paden = [pad for van in _NUMMERVOLGORDE for pad in paden_naar_het_blad(van, relaties)]
    return tuple(Werkstroom(nummer, pad) for nummer, pad in enumerate(paden, start=1))


WERKSTROMEN: tuple[Werkstroom, ...] = leid_werkstromen_af(OVERDRACHT_NAAR)
WERKSTROOM: Mapping[int, Werkstroom] = {w.nummer: w for w in WERKSTROMEN}
NUMMER_VAN_WOORD: Mapping[str, int] = {w.woord: w.nummer for w in WERKSTROMEN}
"""No other word over the five capitals is a werkstroom."""


def rangorde_in(relaties: Relaties) -> Mapping[Proces, int]:
    """Rank processes by the length of their longest way to the leaf: U 0, W 1, A 2."""
    return {p: max(map(len, paden_naar_het_blad(p, relaties))) - 1 for p in relaties}


RANG: Mapping[Proces, int] = rangorde_in(OVERDRACHT_NAAR)


def mag_overdragen(van: Proces, naar: Proces) -> bool:
    """Whether the model allows a hand-over from ``van`` to ``naar``."""
    return naar in OVERDRACHT_NAAR[van]


def beginnend_met(eerste: Proces) -> tuple[Werkstroom, ...]:
    """The werkstromen that a first melding in ``eerste`` can still follow."""
    return tuple(w for w in WERKSTROMEN if w.eerste is eerste)


def werkstroom_via(eerste: Proces, naar: Proces | None) -> Werkstroom:
    """The werkstroom of a first melding in ``eerste`` whose highest own target is ``naar``.

    ``naar`` is None for a process that hands over to nobody (the leaf). Raises LookupError when
    the relations have no such way or more than one.
    """
    gevonden = [w for w in beginnend_met(eerste) if w.heenweg[1:2] == ((naar,) if naar else ())]
    if len(gevonden) != 1:
        raise LookupError(f"{eerste} -> {naar} bepaalt geen werkstroom")
    return gevonden[0]


@pydantic_dataclass(
    frozen=True, config=ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")
)
class VierFeiten:
    """The four facts that select a werkstroom when a melding is judged (domain, section 2)."""

    proactief: bool
    afwijking: bool
    binnen_afspraken: bool
    raakt_beheerde_infrastructuur: bool


def werkstroom_bij(feiten: VierFeiten) -> Werkstroom:
    """The werkstroom that the four facts point to. They guide a service; they settle nothing."""
    naar = Proces.WIJZIGEN if feiten.raakt_beheerde_infrastructuur else Proces.UITVOEREN
    if feiten.proactief:
        return werkstroom_via(
            Proces.VERBETEREN, naar if feiten.binnen_afspraken else Proces.AFSPREKEN
        )
    if feiten.afwijking:
        return werkstroom_via(Proces.HERSTELLEN, naar)
    if not feiten.binnen_afspraken:
        return werkstroom_via(Proces.AFSPREKEN, Proces.WIJZIGEN)
    if feiten.raakt_beheerde_infrastructuur:
        return werkstroom_via(Proces.WIJZIGEN, Proces.UITVOEREN)
    return werkstroom_via(Proces.UITVOEREN, None)
