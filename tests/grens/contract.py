"""A contract of A and B with contract keys that we have ourselves: the vectors keep theirs."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from schakel.bewijs import (
    OVEREENKOMST,
    VERKLARING,
    Contractondertekenaar,
    als_base64url,
    onderteken_jws,
)

from .zijden import VECTOREN, A, B

CONTRACTSLEUTELS = {
    oin: Contractondertekenaar(ec.generate_private_key(ec.SECP256R1())) for oin in (A, B)
}


def jws(payload: bytes, soort: str, *wie: str) -> dict[str, Any]:
    """``payload`` with the signature of each."""
    paren = [onderteken_jws(payload, soort, CONTRACTSLEUTELS[oin]) for oin in wie]
    return {
        "payload": als_base64url(payload),
        "signatures": [{"protected": kop, "signature": waarde} for kop, waarde in paren],
    }


def overeenkomst(per_partij: Mapping[str, Any] = MappingProxyType({}), **anders: Any) -> bytes:
    """The contract of the vectors under these keys, with other members."""
    inhoud = json.loads(VECTOREN["overeenkomst"]["bytes"]) | anders
    for partij in inhoud["partijen"]:
        partij["contractsleutel"] = dict(CONTRACTSLEUTELS[partij["oin"]].sleutel.jwk)
        partij.update(per_partij.get(partij["oin"], {}))
    return json.dumps(jws(json.dumps(inhoud).encode(), OVEREENKOMST, A, B)).encode()


def sleutelblad(van: str, naar: str, volgnummer: int, erbij: list[str], eraf: list[str]) -> bytes:
    """The leaf in which ``van`` says which keys of its log come and go."""
    lijst = {
        "logboek": f"schakel/{van}/{naar}",
        "volgnummer": volgnummer,
        "erbij": erbij,
        "eraf": eraf,
    }
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"{van}.{volgnummer}",
            "source": f"urn:nld:oin:{van}:systeem:grens",
            "type": "nl.schakels.verbinding.sleutels.v1",
            "subject": van,
            "time": "2026-11-30T12:00:06.000000Z",
            "datacontenttype": "application/json",
            "data": {
                "nummer": volgnummer,
                "door": {"organisatie": van, "rol": "beheer"},
                "verklaring": jws(json.dumps(lijst).encode(), VERKLARING, van),
            },
        }
    ).encode()


__all__ = ["CONTRACTSLEUTELS", "jws", "overeenkomst", "sleutelblad"]
