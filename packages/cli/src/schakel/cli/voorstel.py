"""A contract under way: proposed and signed by one, and then by the other."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from schakel.bewijs import (
    OVEREENKOMST,
    BewijsFout,
    Contractondertekenaar,
    als_base64url,
    controleer_overeenkomst,
    keur_certificaat,
    lees_certificaten,
    lees_jwk,
    lees_logsleutel,
    onderteken_jws,
)
from schakel.contracts.envelop import schrijf_tijdstip
from schakel.contracts.schakels.overeenkomst import (
    Overeenkomst,
    lees_overeenkomst,
    oorsprong_van,
)
from schakel.contracts.strikt import Jsonfout, lees_json
from schakel.kern.grond.weigering import Ongeldig, Weigering

from .partnermap import contractanten, in_het_kort, lees_voorstel


def eigen_partij(
    oin: str,
    partner: str,
    ondertekenaar: Contractondertekenaar,
    logsleutel: bytes,
    *,
    naam: str,
    adres: str | None = None,
    certificaten: bytes | None = None,
) -> dict[str, Any]:
    """One side of a contract, as it stands in ``partijen``; keys and certificates are PEM.

    Raises Ongeldig where one of them cannot be used.
    """
    with in_het_kort():
        log = lees_logsleutel(logsleutel, oorsprong_van(oin, partner))
        jwk: dict[str, Any] = dict(ondertekenaar.sleutel.jwk)
        if certificaten is not None:
            jwk["x5c"] = lees_certificaten(certificaten)
        keur_certificaat(jwk, oin)
    return {
        "oin": oin,
        "naam": naam,
        "adres": adres,
        "contractsleutel": jwk,
        "logsleutel": log.sleutel.vkey,
    }


def maak_voorstel(
    inhoud: bytes, ondertekenaar: Contractondertekenaar, *, id_: UUID, nu: datetime
) -> bytes:
    """The file of a proposal, signed by who proposes.

    What ``inhoud`` leaves out is filled in: versie, overeenkomstId, volgnummer, geldigVanaf. The
    bytes that come of it are the payload, and nobody writes them again.
    """
    try:
        gegeven = lees_json(inhoud)
    except Jsonfout as fout:
        raise Ongeldig("overeenkomst-ongeldig", fout.uitleg) from None
    if not isinstance(gegeven, dict):
        raise Ongeldig("overeenkomst-ongeldig", "dit is geen JSON-object")
    begin = {
        "versie": 1,
        "overeenkomstId": str(id_),
        "volgnummer": 1,
        "geldigVanaf": schrijf_tijdstip(nu),
    }
    payload = json.dumps({**begin, **gegeven}, ensure_ascii=False, separators=(",", ":")).encode()
    with in_het_kort():
        _wie(lees_overeenkomst(payload), ondertekenaar)
        return _bestand(payload, [onderteken_jws(payload, OVEREENKOMST, ondertekenaar)])


def teken_mee(voorstel: bytes, ondertekenaar: Contractondertekenaar) -> bytes:
    """The same file with a second signature, of the party that did not sign yet."""
    jws, payload, inhoud = lees_voorstel(voorstel)
    with in_het_kort():
        wij = _wie(inhoud, ondertekenaar)
        if len(jws.paren) > 1 or _is_getekend_door(jws.payload, jws.paren, inhoud, wij):
            raise Weigering("al-getekend", "met deze sleutel is dit al getekend")
        ander = inhoud.partner(wij).oin
        controleer_overeenkomst(jws.payload, jws.paren, contractanten(inhoud), [ander])
        eigen = onderteken_jws(payload, OVEREENKOMST, ondertekenaar)
    return _bestand(payload, [*jws.paren, eigen])


def _wie(inhoud: Overeenkomst, ondertekenaar: Contractondertekenaar) -> str:
    """The OIN of the party whose key this is."""
    for partij in inhoud.partijen:
        if lees_jwk(partij.contractsleutel) == ondertekenaar.sleutel:
            return partij.oin
    raise Weigering("andere-sleutel", "deze sleutel is van geen van beide partijen")


def _is_getekend_door(
    payload: str, paren: Sequence[tuple[str, str]], inhoud: Overeenkomst, oin: str
) -> bool:
    try:
        controleer_overeenkomst(payload, paren, contractanten(inhoud), [oin])
    except BewijsFout:
        return False
    return True


def _bestand(payload: bytes, paren: Sequence[tuple[str, str]]) -> bytes:
    getekend = [{"protected": kop, "signature": waarde} for kop, waarde in paren]
    jws = {"payload": als_base64url(payload), "signatures": getekend}
    return json.dumps(jws, indent=1).encode() + b"\n"
