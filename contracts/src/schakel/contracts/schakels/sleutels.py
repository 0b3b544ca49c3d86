"""What the contract key says of the keys of a log: which come, which go."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from .jws import lees_ondertekend
from .woorden import Positief

_Vkeys = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=400)], ...], Meta(max_length=100)
]


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
