"""A leaf of a log of another organisation, read: a message, or the code of why it is none.

The bytes are whatever the other wrote. Nothing here raises because of them, and no explanation
repeats them, but for names of members that are known.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from schakel.contracts.cloudevents import MAX_BYTES
from schakel.contracts.envelop import oin_van
from schakel.contracts.strikt import Jsonfout

from .berichten import SCHAKELBERICHTEN, VERSIE, VOORVOEGSEL, Schakelbericht
from .codes import TAALCODES, Codelijst, Leescode
from .jsonregels import bouw, lees_waarde
from .tijd import lees_tijdstip
from .verbinding import VERBINDINGSBERICHTEN, Verbindingsbericht
from .woorden import MEESTE, UUID7, Kant

Bericht = Schakelbericht | Verbindingsbericht

BERICHT_VAN: Final[Mapping[str, type[Bericht]]] = {
    **{f"{VOORVOEGSEL}{soort.FEIT}{VERSIE}": soort for soort in SCHAKELBERICHTEN},
    **{f"{VOORVOEGSEL}{soort.FEIT}{VERSIE}": soort for soort in VERBINDINGSBERICHTEN},
}
"""Every type that may cross, each with its model."""

_ATTRIBUTEN: Final = ("id", "source", "type", "subject", "time", "datacontenttype")
_ID: Final = re.compile(rf"({UUID7})\.([vu])\.([1-9][0-9]{{0,6}})")
_TYPE: Final = re.compile(r"(.+)\.v([1-9][0-9]{0,8})")
_TRACEPARENT: Final = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_TIJDEN: Final = ("uiterlijk", "gereed_voor", "per")

_CODES: Final[Mapping[str, Callable[[Codelijst], frozenset[str] | None]]] = {
    "redenen": lambda lijst: lijst.redenen,
    "aanleidingen": lambda lijst: lijst.aanleidingen,
    "gronden": lambda lijst: lijst.gronden,
    "resultaten": lambda lijst: lijst.resultaten,
}


@dataclass(frozen=True, slots=True)
class Plek:
    """Where in a schakel a message stands, as its ``id`` says."""

    schakel_id: str
    kant: Kant
    nummer: int


@dataclass(frozen=True, slots=True)
class GelezenBlad:
    """A leaf that can be read. ``plek`` is None for a message about the link itself."""

    bericht: Bericht
    plek: Plek | None
    tijd: datetime
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class OnleesbaarBlad:
    """A leaf that cannot be read, and why.

    ``plek`` is where it stands, when its ``id`` could be read: then it is answered with ``code``.
    ``feit`` is what it wanted to say, when that is one of the list.
    """

    code: Leescode
    uitleg: str
    plek: Plek | None = None
    feit: str | None = None


def lees(
    blad: bytes, zender: str, *, kant: Kant | None = None, codes: Codelijst = TAALCODES
) -> GelezenBlad | OnleesbaarBlad:
    """Read the bytes of one leaf of the log of ``zender`` (OIN).

    ``kant`` is the side that this organisation has in the schakel, where that is known. ``codes``
    are those that may be said: of the language and of the overeenkomst.
    """
    if not 0 < len(blad) <= MAX_BYTES:
        return OnleesbaarBlad(Leescode.TE_GROOT, f"een blad heeft 1 tot {MAX_BYTES} bytes")
    try:
        waarde = lees_waarde(blad)
    except Jsonfout as fout:
        return OnleesbaarBlad(Leescode.GEEN_JSON, fout.uitleg)
    if not isinstance(waarde, dict):
        return OnleesbaarBlad(Leescode.GEEN_CLOUDEVENT, "de inhoud is geen JSON-object")
    plek = _plek(waarde.get("id"))
    oordeel = _keur_envelop(waarde, zender) or _keur_kant(plek, kant)
    if oordeel is not None:
        return OnleesbaarBlad(*oordeel, plek, _feit(waarde.get("type")))
    soort = BERICHT_VAN.get(waarde["type"])
    if soort is None:
        return OnleesbaarBlad(*_onbekend(waarde["type"]), plek, _feit(waarde["type"]))
    if plek is not None and issubclass(soort, Schakelbericht) and plek.kant not in soort.KANTEN:
        return OnleesbaarBlad(
            Leescode.VERKEERDE_KANT, "dit zegt alleen de andere kant", plek, soort.FEIT
        )
    try:
        bericht = bouw(waarde.get("data"), soort)
        _keur_inhoud(waarde, zender, plek, bericht, codes)
    except ValueError as fout:
        return OnleesbaarBlad(Leescode.ONGELDIGE_INHOUD, f"data: {fout}", plek, soort.FEIT)
    spoor = waarde.get("traceparent")
    return GelezenBlad(
        bericht,
        plek if isinstance(bericht, Schakelbericht) else None,
        lees_tijdstip(waarde["time"]),
        spoor if isinstance(spoor, str) and _TRACEPARENT.fullmatch(spoor) else None,
    )


def _plek(id_: Any) -> Plek | None:
    gevonden = _ID.fullmatch(id_) if isinstance(id_, str) else None
    if gevonden is None or int(gevonden[3]) > MEESTE:
        return None
    return Plek(gevonden[1], Kant(gevonden[2]), int(gevonden[3]))


def _keur_envelop(waarde: Mapping[str, Any], zender: str) -> tuple[Leescode, str] | None:
    if waarde.get("specversion") != "1.0":
        return Leescode.GEEN_CLOUDEVENT, "specversion is niet 1.0"
    for naam in _ATTRIBUTEN:
        if not isinstance(waarde.get(naam), str) or not waarde[naam]:
            return Leescode.GEEN_CLOUDEVENT, f"{naam} ontbreekt, of is geen tekst"
    if waarde["datacontenttype"] != "application/json":
        return Leescode.GEEN_CLOUDEVENT, "datacontenttype is niet application/json"
    try:
        lees_tijdstip(waarde["time"])
    except ValueError as fout:
        return Leescode.GEEN_CLOUDEVENT, f"time: {fout}"
    try:
        oin = oin_van(waarde["source"])
    except ValueError:
        return Leescode.VERKEERDE_BRON, "source is geen urn:nld:oin:<20 cijfers>:systeem:<naam>"
    if oin != zender:
        return Leescode.VERKEERDE_BRON, "source is niet van wie dit logboek schrijft"
    return None


def _keur_kant(plek: Plek | None, kant: Kant | None) -> tuple[Leescode, str] | None:
    if plek is None or kant is None or plek.kant is kant:
        return None
    return Leescode.VERKEERDE_KANT, "deze organisatie heeft in deze schakel de andere kant"


def _onbekend(type_: str) -> tuple[Leescode, str]:
    delen = _TYPE.fullmatch(type_)
    if delen is not None and f"{delen[1]}{VERSIE}" in BERICHT_VAN:
        return Leescode.NIEUWERE_VERSIE, "van dit type is hier alleen v1 bekend"
    return Leescode.ONBEKEND_TYPE, "dit type staat niet in de lijst"


def _feit(type_: Any) -> str | None:
    """What of the list a type names, whatever its version."""
    delen = _TYPE.fullmatch(type_) if isinstance(type_, str) else None
    soort = BERICHT_VAN.get(f"{delen[1]}{VERSIE}") if delen else None
    return soort.FEIT if soort else None


def _keur_inhoud(
    waarde: Mapping[str, Any], zender: str, plek: Plek | None, bericht: Bericht, codes: Codelijst
) -> None:
    """What the members say of each other and of the envelope, which no schema says."""
    if isinstance(bericht, Verbindingsbericht):
        hoort = (f"{zender}.{bericht.nummer}", zender)
    elif plek is None:
        raise ValueError("id is niet <schakelId>.<v of u>.<nummer>")
    else:
        hoort = (f"{bericht.schakel_id}.{plek.kant}.{bericht.nummer}", bericht.schakel_id)
    if (waarde["id"], waarde["subject"]) != hoort:
        raise ValueError("id en subject zijn niet die van de inhoud")
    for naam in _TIJDEN:
        if tijd := getattr(bericht, naam, None):
            lees_tijdstip(tijd)
    _keur_code("door.rol", bericht.door.rol, codes.rollen)
    for naam, lijst in bericht.CODES.items():
        _keur_code(naam, getattr(bericht, naam), _CODES[lijst](codes))


def _keur_code(naam: str, code: str | None, lijst: frozenset[str] | None) -> None:
    if code is not None and lijst is not None and code not in lijst:
        raise ValueError(f"{naam} staat niet in de taal en niet in de overeenkomst")
