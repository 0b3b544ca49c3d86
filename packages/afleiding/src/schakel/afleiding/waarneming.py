"""One message as the derivation reads it: decoded in one go, only the fields that it needs.

A type that is listed in neither ``LOOP`` nor ``FEITEN`` is a note: it fills its place in the order,
nothing more.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from schakel.contracts import deelproces, gelijkheid, melding
from schakel.contracts.catalogus import EIGEN
from schakel.contracts.werkstromen import Proces

Versie = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Ordinaal = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class Deelplaats(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """The schakel that a melding carries out, and who waits for it there."""

    schakel_id: str
    organisatie: str
    proces: Proces
    n: Ordinaal | None = None
    ronde: Ordinaal | None = None


class Berichtplaats(Struct, frozen=True, gc=False, rename="camel"):
    """Where a message stands, in its melding and its tree. Foreign logs lack ``versie``."""

    melding_id: str
    wortel_id: str
    proces: Proces
    versie: Versie | None = None
    ouder_id: str | None = None
    ouder_proces: Proces | None = None
    n: Ordinaal | None = None
    ronde: Ordinaal | None = None
    uitgave: int | None = None
    """Of an import: the last one takes the place of those before."""
    deel_van: Deelplaats | None = None


class Overdrachtsdeel(Struct, frozen=True, gc=False, rename="camel"):
    """What the giver says of a hand-over."""

    kind_id: str
    naar: Proces
    n: Ordinaal | None = None
    ronde: Ordinaal | None = None
    uiterlijk: str | None = None


class Termijndeel(Struct, frozen=True, gc=False, rename="camel"):
    """What the end of a pause says of one term."""

    termijn: str
    uiterlijk: str
    kind_id: str | None = None


class Berichtinhoud(Berichtplaats, frozen=True, gc=False, rename="camel"):
    """The fields of all types of ``FEITEN`` together; a type fills those that are its own."""

    overdracht: Overdrachtsdeel | None = None
    kind_id: str | None = None
    resultaat: str | None = None
    goed: bool | None = None
    gecontroleerde_ronde: Ordinaal | None = None
    oordeel: str | None = None
    uitkomst: str | None = None
    termijn: str | None = None
    uiterlijk: str | None = None
    termijnen: tuple[Termijndeel, ...] = ()
    soort: str | None = None
    organisatie: str | None = None
    keten_id: str | None = None
    diepte: int | None = None
    vanuit: str | None = None


class Waarneming(Struct, frozen=True, gc=False, rename={"ruw": "(ruw)"}):
    """A CloudEvent that was seen. ``ruw`` is the message as it came."""

    id: str
    source: str
    type: str
    data: Berichtinhoud
    ruw: bytes = b""
    time: str | None = None


class _Notitie(Struct, frozen=True, gc=False):
    """A message of a type that we do not know, of which only the place is read."""

    id: str
    source: str
    type: str
    data: Berichtplaats
    time: str | None = None


AANGENOMEN = melding.Aangenomen.type
VERHELDERD = melding.Verhelderd.type
BEOORDEELD = melding.Beoordeeld.type
OMGEZET = melding.Omgezet.type
OVERGEDRAGEN = melding.Overgedragen.type
AANGEBODEN = deelproces.OverdrachtAangeboden.type
TERUGGENOMEN = deelproces.OverdrachtTeruggenomen.type
GEWEIGERD = melding.OverdrachtGeweigerd.type
TERUGGEKEERD = melding.Teruggekeerd.type
GECONTROLEERD = melding.Gecontroleerd.type
GEREEDGEMELD = melding.Gereedgemeld.type
TEVREDENHEID_GEVRAAGD = melding.TevredenheidGevraagd.type
TEVREDENHEID_GECONTROLEERD = melding.TevredenheidGecontroleerd.type
VOLTOOID = melding.Voltooid.type
GESLOTEN = melding.Gesloten.type
INGETROKKEN = melding.Ingetrokken.type
AFGEWEZEN = melding.Afgewezen.type
AFGEBROKEN = melding.Afgebroken.type
OPGESCHORT = melding.Opgeschort.type
HERVAT = melding.Hervat.type
TERMIJN_VERSTREKEN = melding.TermijnVerstreken.type

GEGEVEN = (OVERGEDRAGEN, AANGEBODEN)
"""The giver's words of a hand-over: to a process of the house, and to another organisation."""

INGEKOMEN = frozenset({feit.type for feit in deelproces.INGEKOMEN})
"""What the grens says about a melding: no word of it, and without a place in its order."""

STAPPEN = frozenset(
    {melding.StapGezet.type, *(feit.type for eigen in EIGEN.values() for feit in eigen)}
)
"""The steps of one process: to the derivation they are all 'work goes on'."""

_LOOP = (
    AANGENOMEN,
    VERHELDERD,
    BEOORDEELD,
    *sorted(STAPPEN),
    OVERGEDRAGEN,
    AANGEBODEN,
    GEWEIGERD,
    TERUGGEKEERD,
    TERUGGENOMEN,
    GECONTROLEERD,
    GEREEDGEMELD,
    TEVREDENHEID_GEVRAAGD,
    TEVREDENHEID_GECONTROLEERD,
)
LOOP: Mapping[str, int] = {soort: gewicht for gewicht, soort in enumerate(_LOOP)}
"""What a melding says while it is open. The number orders only messages without a versie."""

EINDE = (GESLOTEN, INGETROKKEN, OMGEZET, AFGEWEZEN, AFGEBROKEN, VOLTOOID)
"""After any of these nothing is awaited; the first one that was said gives the status."""

FEITEN = frozenset(
    {
        AANGENOMEN,
        BEOORDEELD,
        *GEGEVEN,
        GEWEIGERD,
        TERUGGEKEERD,
        TERUGGENOMEN,
        GECONTROLEERD,
        TEVREDENHEID_GEVRAAGD,
        TEVREDENHEID_GECONTROLEERD,
        OPGESCHORT,
        HERVAT,
        TERMIJN_VERSTREKEN,
        *EINDE,
    }
)
"""The types that rules look for. All others only fill their place."""

_LEES = msgspec.json.Decoder(Waarneming).decode
_NOTITIELEZER = msgspec.json.Decoder(_Notitie)


def lees(ruw: bytes) -> Waarneming:
    """Decode one structured CloudEvent; ``msgspec.DecodeError`` when it is none of ours.

    A number may be spelled 1.0. A note may use our field names for other things: of such a one only
    the place is read.
    """
    try:
        waarneming = _LEES(ruw)
    except msgspec.ValidationError:
        waarneming = _lees_anders(gelijkheid.spel(ruw))
    except UnicodeDecodeError as fout:
        raise msgspec.DecodeError(str(fout)) from fout
    force_setattr(waarneming, "ruw", ruw)
    return waarneming


def lees_zonder_bytes(berichten: Sequence[bytes]) -> list[Waarneming]:
    """Decode many at once, for whoever keeps the bytes: without ``ruw`` variants look the same."""
    try:
        return list(map(_LEES, berichten))  # quicker than decode_lines of all together
    except (msgspec.DecodeError, UnicodeDecodeError):
        return [lees(ruw) for ruw in berichten]


def _lees_anders(ruw: bytes) -> Waarneming:
    try:
        return _LEES(ruw)
    except msgspec.ValidationError:
        notitie = _NOTITIELEZER.decode(ruw)
    if notitie.type in FEITEN or notitie.type in LOOP:
        raise msgspec.ValidationError(f"{notitie.type} is niet te lezen")
    plaats = Berichtinhoud(**msgspec.structs.asdict(notitie.data))
    return Waarneming(notitie.id, notitie.source, notitie.type, plaats, time=notitie.time)


def volgorde(waarneming: Waarneming) -> tuple[Any, ...]:
    """Sort key inside a melding: by versie; those without one last, in the order of the rulings."""
    w = waarneming
    if w.data.versie is not None:
        return (w.data.versie,)
    soort = _ZONDER_VERSIE.get(w.type, len(_ZONDER_VERSIE))
    return (2**31, soort, *_moment(w.time), w.id, w.source)


_ZONDER_VERSIE = {AANGENOMEN: 0, OVERGEDRAGEN: 1, AANGEBODEN: 1}
_GEEN_TIJD = (True, datetime.max.replace(tzinfo=UTC))


def _moment(tijd: str | None) -> tuple[bool, datetime]:
    """Whatever the offset and the digits; without a time last."""
    if tijd is None:
        return _GEEN_TIJD
    try:
        return False, datetime.fromisoformat(tijd).astimezone(UTC)
    except (ValueError, OverflowError):
        return _GEEN_TIJD
