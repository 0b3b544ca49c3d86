"""The wire format as a stranger reads it: trees, notes, receipts, key lists, contracts' signatures.

Written from the annex on the wire format alone, with the standard library and `cryptography`: no
product code is imported here, so a misreading on our side cannot hide in both halves of a test.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

SLEUTELS = "nl.schakels.verbinding.sleutels.v1"
PUNT, BEWIJS = 1, 4
"""The type bytes of a signature under a checkpoint and of a cosignature."""

MAX_BLAD, MAX_BLADEN, MAX_PAGINA, MAX_BODY, MAX_NOTE = 65_536, 500, 524_288, 786_432, 8_192


class Vals(Exception):
    """What was said does not hold; `reden` is the word of the annex for it."""

    def __init__(self, reden: str) -> None:
        super().__init__(reden)
        self.reden = reden


def b64(ruw: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(ruw).decode()


def onb64(tekst: object) -> bytes:
    """The bytes of canonical base64; anything else is `vorm`."""
    try:
        ruw = (
            base64.b64decode(tekst.encode("ascii"), validate=True)
            if isinstance(tekst, str)
            else None
        )
    except ValueError as fout:
        raise Vals("vorm") from fout
    if ruw is None or b64(ruw) != tekst:
        raise Vals("vorm")
    return ruw


def b64url(ruw: bytes) -> str:
    """Base64url without padding, as JOSE writes it."""
    return base64.urlsafe_b64encode(ruw).rstrip(b"=").decode()


def onb64url(tekst: str) -> bytes:
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(tekst + "=" * (-len(tekst) % 4))


@lru_cache(maxsize=4_096)
def bladhash(blad: bytes) -> bytes:
    """RFC 6962, section 2.1: the hash of one leaf."""
    return hashlib.sha256(b"\0" + blad).digest()


def wortel(bladen: list[bytes]) -> bytes:
    """RFC 6962, section 2.1: the root of a list of leaves; of none, the hash of nothing."""
    if not bladen:
        return hashlib.sha256(b"").digest()
    laag = [bladhash(blad) for blad in bladen]
    while len(laag) > 1:
        # Left is the largest power of two below n: pairing layer by layer gives the same tree.
        laag = [
            hashlib.sha256(b"\1" + laag[i] + laag[i + 1]).digest() if i + 1 < len(laag) else laag[i]
            for i in range(0, len(laag), 2)
        ]
    return laag[0]


def punttekst(oorsprong: str, bladen: list[bytes]) -> str:
    """The three lines of a checkpoint."""
    return f"{oorsprong}\n{len(bladen)}\n{b64(wortel(bladen))}\n"


def sleutel_id(naam: str, soort: int, publiek: bytes) -> bytes:
    """C2SP signed-note: the first four bytes of the hash over the name, the type and the key."""
    return hashlib.sha256(naam.encode() + b"\n" + bytes([soort]) + publiek).digest()[:4]


@dataclass(frozen=True)
class Sleutel:
    """One Ed25519 key under one name, which is the origin of the log of its owner."""

    naam: str
    geheim: bytes

    @property
    def publiek(self) -> bytes:
        """The 32 bytes of the public key."""
        return Ed25519PrivateKey.from_private_bytes(self.geheim).public_key().public_bytes_raw()

    @property
    def vkey(self) -> str:
        """How the key is written in JSON: always with type 0x01."""
        kop = sleutel_id(self.naam, PUNT, self.publiek).hex()
        return f"{self.naam}+{kop}+{b64(bytes([PUNT]) + self.publiek)}"

    def regel(self, soort: int, inhoud: bytes) -> str:
        """One signature line of a note."""
        return f"— {self.naam} {b64(sleutel_id(self.naam, soort, self.publiek) + inhoud)}\n"

    def teken(self, tekst: str) -> str:
        """A note over the three lines: the checkpoint."""
        hand = Ed25519PrivateKey.from_private_bytes(self.geheim).sign(tekst.encode())
        return f"{tekst}\n{self.regel(PUNT, hand)}"

    def medeteken(self, tekst: str, tijd: int) -> str:
        """The receipt over the three lines, at a time in POSIX seconds."""
        hand = Ed25519PrivateKey.from_private_bytes(self.geheim).sign(medetekst(tekst, tijd))
        return f"{tekst}\n{self.regel(BEWIJS, tijd.to_bytes(8, 'big') + hand)}"


def medetekst(tekst: str, tijd: int) -> bytes:
    """The bytes under a receipt."""
    return f"cosignature/v1\ntime {tijd}\n{tekst}".encode()


def lees_vkey(vkey: str) -> tuple[str, bytes]:
    """Name and public key of a vkey of type 0x01; anything else is `sleutels`."""
    delen = vkey.split("+", 2)
    try:
        ruw = onb64(delen[2]) if len(delen) == 3 else b""
    except Vals as fout:
        raise Vals("sleutels") from fout
    if len(ruw) != 33 or ruw[0] != PUNT or sleutel_id(delen[0], PUNT, ruw[1:]).hex() != delen[1]:
        raise Vals("sleutels")
    return delen[0], ruw[1:]


@dataclass(frozen=True)
class Note:
    """A note with one signature line, taken apart."""

    tekst: str
    oorsprong: str
    omvang: int
    wortel: bytes
    naam: str
    handtekening: bytes


VORM = re.compile(
    r"(?P<tekst>(?P<oorsprong>[^\n]+)\n(?P<omvang>0|[1-9][0-9]{0,15})\n(?P<wortel>[A-Za-z0-9+/]{43}=)\n)\n"
    r"— (?P<naam>[^ +\n]+) (?P<hand>[A-Za-z0-9+/=]+)\n"
)


def lees_note(note: object) -> Note:
    """A checkpoint or a receipt taken apart; `vorm` unless it is three lines, one, a signature."""
    past = VORM.fullmatch(note) if isinstance(note, str) and len(note) <= MAX_NOTE else None
    if past is None:
        raise Vals("vorm")
    omvang = int(past["omvang"])
    return Note(
        past["tekst"],
        past["oorsprong"],
        omvang,
        onb64(past["wortel"]),
        past["naam"],
        onb64(past["hand"]),
    )


def klopt(note: Note, soort: int, vkeys: list[str]) -> bool:
    """Whether one of these keys signed the note, as a checkpoint (1) or as a receipt (4)."""
    lengte = {PUNT: 68, BEWIJS: 76}[soort]
    for vkey in vkeys:
        naam, publiek = lees_vkey(vkey)
        hand = note.handtekening
        if naam != note.naam or len(hand) != lengte or hand[:4] != sleutel_id(naam, soort, publiek):
            continue
        tijd = int.from_bytes(hand[4:12], "big")
        onder = note.tekst.encode() if soort == PUNT else medetekst(note.tekst, tijd)
        try:
            Ed25519PublicKey.from_public_bytes(publiek).verify(hand[-64:], onder)
        except InvalidSignature:
            continue
        return True
    return False


def _uniek(leden: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({naam for naam, _ in leden}) != len(leden):
        raise ValueError("double member")
    return dict(leden)


def _geen(waarde: str) -> float:
    raise ValueError(waarde)


def lees_json(ruw: bytes) -> Any:
    """JSON as the annex wants it: UTF-8, no double members, no NaN; else a ValueError."""
    return json.loads(ruw.decode("utf-8"), object_pairs_hook=_uniek, parse_constant=_geen)


# Contract keys and key lists


@dataclass(frozen=True)
class Contractsleutel:
    """A P-256 key that signs contracts and key lists (ES256)."""

    geheim: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def jwk(self) -> dict[str, str]:
        """The public half."""
        getallen = self.geheim.public_key().public_numbers()
        x, y = (b64url(getal.to_bytes(32, "big")) for getal in (getallen.x, getallen.y))
        return {"crv": "P-256", "kty": "EC", "x": x, "y": y}

    def jws(self, payload: bytes, typ: str) -> dict[str, Any]:
        """A JWS in general serialization with this one signature."""
        kop = {"alg": "ES256", "kid": duimafdruk(self.jwk), "typ": typ}
        protected = b64url(json.dumps(kop, separators=(",", ":")).encode())
        inhoud = b64url(payload)
        r, s = decode_dss_signature(
            self.geheim.sign(f"{protected}.{inhoud}".encode(), ec.ECDSA(hashes.SHA256()))
        )
        hand = b64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return {"payload": inhoud, "signatures": [{"protected": protected, "signature": hand}]}


def duimafdruk(jwk: dict[str, str]) -> str:
    """RFC 7638 of a P-256 key."""
    leden = {naam: jwk[naam] for naam in ("crv", "kty", "x", "y")}
    return b64url(hashlib.sha256(json.dumps(leden, separators=(",", ":")).encode()).digest())


def verklaring(
    sleutel: Contractsleutel, logboek: str, volgnummer: int, erbij: list[str], eraf: list[str]
) -> Any:
    """A signed key list."""
    inhoud = {"logboek": logboek, "volgnummer": volgnummer, "erbij": erbij, "eraf": eraf}
    return sleutel.jws(json.dumps(inhoud, separators=(",", ":")).encode(), "schakel-sleutels+json")


def jws_klopt(jwk: dict[str, str], jws: dict[str, Any], typ: str) -> bytes | None:
    """The payload if the only signature is of this P-256 key under this `typ`, else None."""
    try:
        [hand] = jws["signatures"]
        kop = json.loads(onb64url(hand["protected"]))
        x, y = (int.from_bytes(onb64url(jwk[naam]), "big") for naam in "xy")
        ruw = onb64url(hand["signature"])
        if kop != {"alg": "ES256", "kid": duimafdruk(jwk), "typ": typ} or len(ruw) != 64:
            return None
        der = encode_dss_signature(int.from_bytes(ruw[:32], "big"), int.from_bytes(ruw[32:], "big"))
        onder = f"{hand['protected']}.{jws['payload']}".encode()
        ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key().verify(
            der, onder, ec.ECDSA(hashes.SHA256())
        )
        return onb64url(jws["payload"])
    except (KeyError, ValueError, TypeError, InvalidSignature):
        return None


@dataclass(frozen=True)
class Sleutelrij:
    """The keys of one log by position: vkey -> the first and the last size that it may sign."""

    logboek: str
    geldig: dict[str, tuple[int, float]]
    volgnummer: int = 0

    @classmethod
    def begin(cls, logboek: str, vkey: str) -> "Sleutelrij":
        """The first key stands in the contract and is valid from size 0."""
        return cls(logboek, {vkey: (0, float("inf"))})

    def voor(self, omvang: int) -> list[str]:
        """The keys that may sign this size."""
        return [vkey for vkey, (van, tot) in self.geldig.items() if van <= omvang <= tot]

    def na(self, plek: int, blad: bytes, jwk: dict[str, str]) -> "Sleutelrij":
        """The row after the leaf at this index; a key list that does not hold is `sleutels`."""
        try:
            leaf = lees_json(blad)
        except ValueError:
            return self
        if not isinstance(leaf, dict) or leaf.get("type") != SLEUTELS:
            return self
        try:
            inhoud = json.loads(
                jws_klopt(jwk, leaf["data"]["verklaring"], "schakel-sleutels+json") or b"null"
            )
            logboek, nummer, erbij, eraf = (
                inhoud[n] for n in ("logboek", "volgnummer", "erbij", "eraf")
            )
        except (KeyError, TypeError, ValueError) as fout:
            raise Vals("sleutels") from fout
        geldig = dict(self.geldig)
        for vkey in erbij:
            if vkey in geldig or lees_vkey(vkey)[0] != self.logboek:
                raise Vals("sleutels")
            geldig[vkey] = (plek + 1, float("inf"))
        for vkey in eraf:
            if geldig.get(vkey, (0, 0.0))[1] != float("inf"):
                raise Vals("sleutels")
            geldig[vkey] = (geldig[vkey][0], plek)
        rij = Sleutelrij(self.logboek, geldig, nummer)
        if logboek != self.logboek or nummer <= self.volgnummer or not rij.voor(plek + 1):
            raise Vals("sleutels")
        return rij
