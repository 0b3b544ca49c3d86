"""An example of every event there is, made from its fields; also writes the golden files.

``python -m tests.skelet.voorbeelden`` writes the golden file of an event that has none. A golden
file that is there never changes: what was stored once has to load for ever (D11).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

import msgspec
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.werkstromen import Proces
from schakel.kern.vastlegging.gebeurtenis import (
    Door,
    Gebeurtenis,
    Ouder,
    Plaats,
    Register,
    Vastgelegd,
)

GOUD = Path(__file__).parent / "goud"
WORTEL_ID = UUID("0190a000-0000-7000-8000-000000000001")
MELDING_ID = UUID("0190a000-0000-7000-8000-000000000002")
OP = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
BIJ_NAAM: dict[str, Any] = {
    "volgnummer": "H-2026-000001",
    "dataref": "https://meldingen.example.nl/v1/meldingen/1/inhoud",
    "organisatie": "00000099000000002000",
}
BIJ_SOORT: dict[Any, Any] = {
    str: "code-1",
    int: 2,
    float: 86400.5,
    bool: True,
    datetime: OP,
    UUID: MELDING_ID,
}


def voorbeeld(soort: Any, naam: str = "", *, vol: bool = True) -> Any:
    """A value of this type; without ``vol`` only what it must have."""
    if naam in BIJ_NAAM:
        return BIJ_NAAM[naam]
    if get_origin(soort) in {Union, UnionType}:
        return voorbeeld(get_args(soort)[0], naam, vol=vol)
    if get_origin(soort) is tuple:
        return (voorbeeld(get_args(soort)[0], naam, vol=vol),)
    if get_origin(soort) is dict:
        return {f"overdracht:{MELDING_ID}": OP}
    if isinstance(soort, type) and issubclass(soort, Enum):
        return list(soort)[-1]
    if isinstance(soort, type) and issubclass(soort, msgspec.Struct):
        velden = (veld for veld in msgspec.structs.fields(soort) if vol or veld.required)
        return soort(**{veld.name: voorbeeld(veld.type, veld.name, vol=vol) for veld in velden})
    return BIJ_SOORT[soort]


def gebeurtenissen() -> Iterator[tuple[Proces, type[Gebeurtenis]]]:
    """Every event of every process; the common ones once per process."""
    for proces, omschrijving in OMSCHRIJVING.items():
        for soort in omschrijving.gebeurtenissen:
            yield proces, soort


def soort_per_naam() -> dict[str, type[Gebeurtenis]]:
    """Every event class by its stored name."""
    return {soort.NAAM: soort for _, soort in gebeurtenissen()}


def leg_vast(feit: Gebeurtenis, *, genest: bool = True, versie: int = 7) -> Vastgelegd:
    """The event as recorded by a medewerker, nested or not."""
    boom = WORTEL_ID if genest else MELDING_ID
    ouder = Ouder(WORTEL_ID, "herstellen", 1, 2) if genest else None
    door = Door("mw-0123456789abcdef0123", "behandelaar", "regel-1")
    spoor = f"00-{'a' * 32}-{'b' * 16}-01"
    return Vastgelegd(MELDING_ID, versie, OP, door, Plaats(boom, ouder), feit, spoor)


def bestand_van(naam: str) -> Path:
    """Where the golden file of a stored name stands."""
    return GOUD / f"{naam.replace('/', '.')}.json"


def schrijf_ontbrekende() -> None:
    """Write the golden files that are not there yet."""
    for naam, soort in soort_per_naam().items():
        bestand = bestand_van(naam)
        if not bestand.exists():
            staat = Register([soort]).leg_weg(leg_vast(voorbeeld(soort)))
            bestand.write_bytes(staat.state + b"\n")


if __name__ == "__main__":
    schrijf_ontbrekende()
