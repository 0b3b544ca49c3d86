"""Another key for a log: what the contract key signs, for the grens to say in that log."""

import json
from collections.abc import Sequence

from schakel.bewijs import (
    VERKLARING,
    Contractondertekenaar,
    als_base64url,
    keur_logsleutel,
    lees_logsleutel,
    onderteken_jws,
)
from schakel.contracts.schakels.sleutels import Sleutelverklaring
from schakel.kern.grond.weigering import Ongeldig

from .partnermap import in_het_kort


def maak_verklaring(
    oorsprong: str,
    volgnummer: int,
    ondertekenaar: Contractondertekenaar,
    *,
    erbij: Sequence[bytes],
    eraf: Sequence[str],
) -> bytes:
    """The signed statement; ``erbij`` are keys as PEM, ``eraf`` vkeys. Raises Ongeldig.

    Whether it follows on what the log already says, the grens judges: it has the log.
    """
    if not erbij and not eraf:
        raise Ongeldig("verklaring-leeg", "noem een sleutel die erbij komt, of een die eraf gaat")
    with in_het_kort():
        payload = Sleutelverklaring(
            logboek=oorsprong,
            volgnummer=volgnummer,
            erbij=tuple(lees_logsleutel(pem, oorsprong).sleutel.vkey for pem in erbij),
            eraf=tuple(keur_logsleutel(vkey, oorsprong).vkey for vkey in eraf),
        ).in_json()
    kop, waarde = onderteken_jws(payload, VERKLARING, ondertekenaar)
    jws = {
        "payload": als_base64url(payload),
        "signatures": [{"protected": kop, "signature": waarde}],
    }
    return json.dumps(jws, indent=1).encode() + b"\n"
