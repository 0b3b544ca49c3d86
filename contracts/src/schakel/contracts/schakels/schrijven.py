"""A message of ours as the bytes of a leaf. Nothing is written that we would not read."""

from datetime import datetime
from typing import Final

import msgspec

from schakel.contracts.envelop import bron_van, schrijf_tijdstip

from .berichten import VERSIE, VOORVOEGSEL, Schakelbericht
from .codes import TAALCODES, Codelijst
from .lezen import Bericht, OnleesbaarBlad, lees
from .woorden import Kant

GRENS: Final = "grens"
"""The system that speaks, where no other is named."""


_SCHRIJF: Final = msgspec.json.Encoder().encode


def schrijf(
    bericht: Bericht,
    *,
    oin: str,
    tijdstip: datetime,
    kant: Kant | None = None,
    systeem: str = GRENS,
    traceparent: str | None = None,
    codes: Codelijst = TAALCODES,
) -> bytes:
    """The one byte string of a message of ``oin``: the same for the same arguments.

    ``kant`` is needed for what both sides say (``wissing-*``, ``onbegrepen``). ValueError if this
    is no message of the language, or a code in it is in no list.
    """
    if isinstance(bericht, Schakelbericht):
        kant = kant or (bericht.KANTEN[0] if len(bericht.KANTEN) == 1 else None)
        if kant is None:
            raise ValueError(f"{bericht.FEIT} zeggen beide kanten: noem de kant")
        id_, subject = f"{bericht.schakel_id}.{kant}.{bericht.nummer}", bericht.schakel_id
    else:
        id_, subject = f"{oin}.{bericht.nummer}", oin
    if tijdstip.tzinfo is None:
        raise ValueError("tijdstip heeft geen tijdzone")
    delen = {
        "specversion": "1.0",
        "id": id_,
        "source": bron_van(oin, systeem),
        "type": f"{VOORVOEGSEL}{bericht.FEIT}{VERSIE}",
        "subject": subject,
        "time": schrijf_tijdstip(tijdstip),
        "datacontenttype": "application/json",
        **({} if traceparent is None else {"traceparent": traceparent}),
        "data": bericht,
    }
    blad = _SCHRIJF(delen)
    gelezen = lees(blad, oin, kant=kant, codes=codes)
    if isinstance(gelezen, OnleesbaarBlad):
        raise ValueError(f"{gelezen.code}: {gelezen.uitleg}")  # noqa: TRY004 - what it says is wrong
    if gelezen.bericht != bericht or gelezen.traceparent != traceparent:
        raise ValueError("wat geschreven is, leest anders terug")
    return blad
