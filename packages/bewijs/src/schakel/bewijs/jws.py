"""What is signed with contract keys: JSON Web Signatures (RFC 7515) over bytes as they are.

A signature is the pair (protected, signature) of the general serialization, both base64url. Its
protected header says three things and no more: the algorithm of the key, the key, and what kind of
text was signed. So one kind never passes for another.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .contractsleutel import Contractondertekenaar, Contractsleutel, keur_certificaat, lees_jwk
from .fout import BewijsFout
from .logsleutels import keur_logsleutel
from .schrift import als_base64url, uit_base64url

OVEREENKOMST: Final = "schakel-overeenkomst+json"
VERKLARING: Final = "schakel-sleutels+json"

_KOP_MAX: Final = 512
"""Characters: so short that no nesting in it is deep."""

Handtekeningpaar = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Contractant:
    """A party of a contract, as the contract itself says: who, with which keys."""

    oin: str
    contractsleutel: Mapping[str, Any]
    logsleutel: str


def onderteken_jws(
    payload: bytes, soort: str, ondertekenaar: Contractondertekenaar
) -> Handtekeningpaar:
    """Sign these bytes, as text of this kind."""
    sleutel = ondertekenaar.sleutel
    kop = {"alg": sleutel.alg, "kid": sleutel.kid, "typ": soort}
    beschermd = als_base64url(json.dumps(kop, separators=(",", ":")).encode())
    bericht = f"{beschermd}.{als_base64url(payload)}".encode()
    return beschermd, als_base64url(ondertekenaar.teken(bericht))


def controleer_jws(
    payload: str,
    handtekeningen: Sequence[Handtekeningpaar],
    soort: str,
    sleutels: Collection[Contractsleutel],
) -> bytes:
    """The bytes that each of these keys signed once, and nobody else; refused otherwise."""
    ruw = uit_base64url(payload)
    open_ = {sleutel.kid: sleutel for sleutel in sleutels}
    for beschermd, handtekening in handtekeningen:
        kop = _lees_kop(beschermd, soort)
        if (sleutel := open_.pop(kop["kid"], None)) is None:
            raise BewijsFout("onbekende-sleutel", "een handtekening is van een andere sleutel")
        if kop["alg"] != sleutel.alg:
            raise BewijsFout("vorm", "het algoritme hoort niet bij deze sleutel")
        if not sleutel.klopt(f"{beschermd}.{payload}".encode(), uit_base64url(handtekening)):
            raise BewijsFout("handtekening", "een handtekening past niet bij deze tekst")
    if open_:
        raise BewijsFout("handtekening", "niet iedereen die moet tekenen heeft getekend")
    return ruw


def controleer_overeenkomst(
    payload: str,
    handtekeningen: Sequence[Handtekeningpaar],
    contractanten: Sequence[Contractant],
    ondertekend_door: Collection[str] | None = None,
) -> None:
    """Refuse a contract that its parties did not both sign, or whose keys are not as they must be.

    ``ondertekend_door`` are the OINs that signed as yet, of a contract under way.
    """
    een, ander = contractanten
    sleutels = {partij.oin: lees_jwk(partij.contractsleutel) for partij in contractanten}
    if len({sleutel.kid for sleutel in sleutels.values()}) != len(contractanten):
        raise BewijsFout("sleutel", "beide partijen hebben dezelfde contractsleutel")
    for partij, partner in ((een, ander), (ander, een)):
        keur_certificaat(partij.contractsleutel, partij.oin)
        keur_logsleutel(partij.logsleutel, f"schakel/{partij.oin}/{partner.oin}")
    wie = sleutels.keys() if ondertekend_door is None else ondertekend_door
    controleer_jws(payload, handtekeningen, OVEREENKOMST, [sleutels[oin] for oin in wie])


def _lees_kop(beschermd: str, soort: str) -> dict[str, str]:
    """A protected header, which is exactly what it must be."""
    if len(beschermd) > _KOP_MAX:
        raise BewijsFout("te-groot", f"een beschermde kop heeft hoogstens {_KOP_MAX} tekens")
    try:
        kop = json.loads(uit_base64url(beschermd).decode(), object_pairs_hook=_eenmaal)
    except ValueError:
        raise BewijsFout("vorm", "een beschermde kop is een JSON-object") from None
    if not isinstance(kop, dict) or kop.keys() != {"alg", "kid", "typ"}:
        raise BewijsFout("vorm", "een beschermde kop is precies alg, kid en typ")
    if not all(isinstance(een, str) for een in kop.values()):
        raise BewijsFout("vorm", "een beschermde kop heeft alleen teksten")
    if kop["typ"] != soort:
        raise BewijsFout("vorm", f"dit is niet getekend als {soort}")
    return kop


def _eenmaal(paren: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(paren)) != len(paren):
        raise ValueError("dubbel")
    return dict(paren)
