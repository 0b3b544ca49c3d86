"""The summary as the report reads it."""

from collections.abc import Mapping

import msgspec


class Samenvatting(msgspec.Struct, frozen=True, rename="camel"):
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
    vuil: Mapping[str, int]
    bestanden: tuple[str, ...]
    mapping: str
    ongebruikte_regels: tuple[str, ...] = ()
