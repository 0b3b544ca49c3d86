"""What follows from the story of a case, by the derivation of the orchestrator; or why nothing."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from msgspec import Struct

from schakel.afleiding import Afleiding, Waarneming, leid_boom_af
from schakel.afleiding.knoop import Knoop
from schakel.afleiding.nummer import kandidaten
from schakel.contracts.melding import Status
from schakel.contracts.werkstromen import Proces

from .mapping import gebeurtenissen as g
from .verhaal import Uitspraak, Verhaal, vertel


class Nummerstand(Struct, frozen=True):
    """A number that a case had, and the fact that settled it: an index, or None (whole case)."""

    werkstroom: int
    plek: int | None


class Zaakafwijking(Struct, frozen=True):
    """Where the case left the model."""

    code: str
    uitleg: str
    zekerheid: str
    plek: int | None


class Vermeld(Struct, frozen=True):
    """An event as it is shown and exported."""

    plek: int | None
    gebeurtenis: str
    proces: str
    naar: str | None
    bijzonderheid: str | None


class Uitslag(Struct, frozen=True, kw_only=True):
    """All that is the same for every case with the same story."""

    proces: str | None = None
    werkstroom: int | None = None
    kandidaten: tuple[int, ...]
    geschiedenis: tuple[Nummerstand, ...] = ()
    woord: str | None = None
    pad: str = ""
    compleet: bool = False
    afwijkingen: tuple[Zaakafwijking, ...] = ()
    status: str
    uitkomst: str | None = None
    reden: str | None
    gebeurtenissen: tuple[Vermeld, ...] = ()


def beoordeel(feiten: Sequence[Uitspraak]) -> Uitslag:
    """What a case with these facts is; ``feiten`` in order, first those of the whole case."""
    verhaal = vertel("deze zaak", "", feiten)
    if not verhaal.berichten:
        naar = {
            Proces(f.gebeurtenis.naar) for f in feiten if isinstance(f.gebeurtenis, g.Overdracht)
        }
        return Uitslag(
            kandidaten=kandidaten(Knoop(verhaal.melding_id), naar),
            status=Status.ONBEKEND,
            reden="geen regel zegt bij welk proces de melding binnenkwam",
        )
    afleiding = leid_boom_af(verhaal.melding_id, verhaal.berichten)
    plek = {b.id: feit.plek for b, feit in zip(verhaal.berichten, verhaal.feiten, strict=True)}
    return _van(afleiding, plek, _reden(verhaal.processen, afleiding), tuple(_vermeld(verhaal)))


def beoordeel_berichten(wortel_id: str, berichten: Sequence[Waarneming]) -> Uitslag:
    """What a tree is of which the messages themselves are there; their place is their index."""
    afleiding = leid_boom_af(wortel_id, berichten)
    plek: dict[str, int | None] = {b.id: i for i, b in reversed(list(enumerate(berichten)))}
    vermeld = [
        Vermeld(
            plek[b.id],
            b.type.removeprefix("nl.meldingen.").rpartition(".")[0],
            b.data.proces.value,
            None if b.data.overdracht is None else b.data.overdracht.naar.value,
            b.data.uitkomst or b.data.resultaat or b.data.oordeel,
        )
        for b in {b.id: b for b in reversed(berichten)}.values()
    ]
    return _van(afleiding, plek, _reden((), afleiding), tuple(reversed(vermeld)))


def _van(
    afleiding: Afleiding,
    plek: Mapping[str, int | None],
    reden: str | None,
    gebeurtenissen: tuple[Vermeld, ...],
) -> Uitslag:
    woord = afleiding.woord
    pad = "".join(proces.letter for proces in afleiding.pad)
    return Uitslag(
        proces=None if afleiding.proces is None else afleiding.proces.value,
        werkstroom=afleiding.werkstroom,
        kandidaten=afleiding.kandidaten,
        geschiedenis=tuple(
            Nummerstand(stand.werkstroom, plek[stand.gebeurtenis_id])
            for stand in afleiding.geschiedenis
        ),
        woord=woord,
        pad=pad,
        compleet=pad == woord,
        afwijkingen=tuple(
            Zaakafwijking(een.code, een.uitleg, een.zekerheid, plek[een.gebeurtenissen[0]])
            for een in afleiding.afwijkingen
        ),
        status=afleiding.status,
        uitkomst=afleiding.uitkomst,
        reden=reden,
        gebeurtenissen=gebeurtenissen,
    )


def _reden(processen: Sequence[Proces], afleiding: Afleiding) -> str | None:
    """Why there is no number, as far as there is none."""
    if afleiding.werkstroom is not None:
        return None
    if len(processen) > 1:
        plekken = " en ".join(processen)
        return f"regels spreken elkaar tegen: binnengekomen bij {plekken}"
    if not afleiding.kandidaten:
        return "afgewezen voor de beoordeling: dan is er geen werkstroom"
    mogelijk = " of ".join(map(str, afleiding.kandidaten))
    if afleiding.afwijkingen:
        return f"de overdracht is er geen van het model; mogelijk blijft {mogelijk}"
    return f"nog geen overdracht gezien; mogelijk is {mogelijk}"


def _vermeld(verhaal: Verhaal) -> list[Vermeld]:
    proces = verhaal.processen[0].value
    return [
        Vermeld(feit.plek, feit.gebeurtenis.gebeurtenis, proces, *_bij(feit.gebeurtenis))
        for feit in verhaal.feiten
    ]


@cache
def _bij(gebeurtenis: g.Gebeurtenis) -> tuple[str | None, str | None]:
    """To whom it went, and what more a rule says of it; a mapping has few events."""
    velden = gebeurtenis.model_dump(exclude={"gebeurtenis", "naar", "proces"})
    bijzonder = ", ".join(f"{naam}: {_tekst(w)}" for naam, w in velden.items() if w is not None)
    naar = gebeurtenis.naar if isinstance(gebeurtenis, g.Overdracht) else None
    return naar, bijzonder or None


def _tekst(waarde: Any) -> str:
    if isinstance(waarde, bool):
        return "ja" if waarde else "nee"
    return str(waarde)
