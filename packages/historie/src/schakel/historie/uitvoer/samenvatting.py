"""The summary as the report reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Samenvatting:
    """What was counted while the log was read and derived."""

    zaken: int
    werkstromen: Mapping[int, int]
    onbeslist: int
    onbeslist_redenen: Mapping[str, int]
    verplaatst: int
    rijen: Mapping[str, int]
    kanalen: Mapping[str, int]
    woorden: tuple[tuple[str, int], ...]
    afwijkingen: tuple[tuple[str, str, int], ...]
    onaangeraakt: tuple[tuple[str, int], ...]
    ongebruikte_regels: tuple[str, ...]
    vuil: Mapping[str, int]
    bestanden: tuple[str, ...]
    mapping: str


def lees_samenvatting(s: Mapping[str, Any]) -> Samenvatting:
    """Raises KeyError when something that the report needs is missing."""
    return Samenvatting(
        zaken=s["zaken"],
        werkstromen={int(nummer): n for nummer, n in s["werkstromen"].items()},
        onbeslist=s["onbeslist"],
        onbeslist_redenen=s["onbeslistRedenen"],
        verplaatst=s["verplaatst"],
        rijen=s["rijen"],
        kanalen=s["kanalen"],
        woorden=tuple((pad, n) for pad, n in s["woorden"]),
        afwijkingen=tuple((code, uitleg, n) for code, uitleg, n in s["afwijkingen"]),
        onaangeraakt=tuple((waarde, n) for waarde, n in s["onaangeraakt"]),
        ongebruikte_regels=tuple(s.get("ongebruikteRegels", ())),
        vuil=s["vuil"],
        bestanden=tuple(s["bestanden"]),
        mapping=s["mapping"],
    )
