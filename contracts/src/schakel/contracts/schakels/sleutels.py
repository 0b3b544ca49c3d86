"""What the contract key says of the keys of a log: which come, which go."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from .codes import Codelijst, Leescode
from .jws import Contractfout, Jws, lees_ondertekend
from .lezen import GelezenBlad, lees
from .verbinding import VerbindingSleutels
from .woorden import Positief

_Vkeys = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=400)], ...], Meta(max_length=100)
]


_ALLE: Final = Codelijst(None, None, None, None, None)
"""In what role somebody changed the keys says nothing about the keys."""


class Sleutelverklaring(Struct, frozen=True, kw_only=True):
    """The payload of ``verbinding.sleutels``; ``volgnummer`` rises per log, so nothing is replayed.

    ``logboek`` is the origin of the log in which it stands. ``erbij`` and ``eraf`` are vkeys.
    """

    logboek: Annotated[str, Meta(min_length=1, max_length=255)]
    volgnummer: Positief
    erbij: _Vkeys
    eraf: _Vkeys

    def in_json(self) -> bytes:
        """The bytes that are signed."""
        return msgspec.json.encode(self)


def lees_sleutelverklaring(payload: bytes) -> Sleutelverklaring:
    """What was signed about keys; raises Contractfout."""
    return lees_ondertekend(payload, Sleutelverklaring)


def verklaring_in(blad: bytes, zender: str) -> Jws | None:
    """The statement about keys in a leaf of the log of ``zender``; None in any other leaf.

    Contractfout if it wants to be one and is not. Of most leaves a look is enough: only what is
    written with escapes could say it unseen.
    """
    if b"verbinding.sleutels" not in blad and b"\\u" not in blad:
        return None
    gelezen = lees(blad, zender, codes=_ALLE)
    if isinstance(gelezen, GelezenBlad):
        bericht = gelezen.bericht
        return bericht.verklaring if isinstance(bericht, VerbindingSleutels) else None
    if (gelezen.feit, gelezen.code) == (VerbindingSleutels.FEIT, Leescode.ONGELDIGE_INHOUD):
        raise Contractfout(gelezen.uitleg)
    return None
