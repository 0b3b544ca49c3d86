"""Keys as C2SP writes them (vkey), for two uses of one Ed25519 key: signing and cosigning."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .fout import BewijsFout
from .schrift import NAAM_MAX, als_base64, keur_naam, uit_base64

ED25519: Final = 1
"""Signs the text of a note."""

COSIGNATURE: Final = 4
"""Signs "taken in at this time" over it: tlog-cosignature, v1."""

SLEUTEL: Final = 32
TIJD: Final = 8
TIJD_MAX: Final = 2**63 - 1

_VKEY: Final = re.compile(r"([^+]+)\+([0-9a-f]{8})\+(.+)")
_PRIEM: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _PRIEM) % _PRIEM
_ACHT: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_KLEIN: Final = frozenset({0, 1, _PRIEM - 1, _ACHT, _PRIEM - _ACHT})
"""The y of the eight points for which one signature can fit many texts."""


@dataclass(frozen=True)
class Handtekening:
    """One signature line of a note: whose key, and what it gave."""

    naam: str
    sleutel_id: bytes
    waarde: bytes

    def __str__(self) -> str:
        return f"— {self.naam} {als_base64(self.sleutel_id + self.waarde)}\n"


@dataclass(frozen=True)
class Sleutel:
    """What verifies: a name, a use (``soort``) and a public key."""

    naam: str
    soort: int
    publiek: bytes

    def __post_init__(self) -> None:
        keur_naam(self.naam, "sleutel")
        if self.soort not in {ED25519, COSIGNATURE}:
            raise BewijsFout("sleutel", "een sleutel is van soort 1 of 4")
        if len(self.publiek) != SLEUTEL:
            raise BewijsFout("sleutel", f"een publieke sleutel heeft {SLEUTEL} bytes")
        _keur_punt(self.publiek)

    @cached_property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart; they prove nothing."""
        deel = bytes((self.soort,)) + self.publiek
        return sha256(self.naam.encode() + b"\n" + deel).digest()[:4]

    @property
    def vkey(self) -> str:
        """As it is written."""
        return f"{self.naam}+{self.id.hex()}+{als_base64(bytes((self.soort,)) + self.publiek)}"

    def voor(self, soort: int) -> "Sleutel":
        """The same key for another use: a vkey in JSON is always that for signing."""
        return Sleutel(self.naam, soort, self.publiek)

    def klopt(self, tekst: str, handtekening: Handtekening) -> bool:
        """Whether this key gave this signature on this text."""
        waarde, bericht = handtekening.waarde, tekst.encode()
        if self.soort == COSIGNATURE:
            tijd, waarde = int.from_bytes(waarde[:TIJD]), waarde[TIJD:]
            if tijd > TIJD_MAX:
                return False
            bericht = meegetekend(tekst, tijd)
        try:
            self._ed25519.verify(waarde, bericht)
        except InvalidSignature:
            return False
        return True

    @cached_property
    def _ed25519(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.publiek)


@lru_cache(maxsize=1024)
def lees_vkey(tekst: str) -> Sleutel:
    """A verifier key, of which name, id and key belong together."""
    if len(tekst) > NAAM_MAX + 64 or not (delen := _VKEY.fullmatch(tekst)):
        raise BewijsFout("sleutel", "een sleutel is geschreven als naam+id+base64")
    naam, id_, rest = delen.groups()
    ruw = uit_base64(rest, "sleutel")
    sleutel = Sleutel(naam, ruw[0], ruw[1:])
    if sleutel.id.hex() != id_:
        raise BewijsFout("sleutel", "het id hoort niet bij deze naam en sleutel")
    return sleutel


class Ondertekenaar:
    """Who signs: a private key under the name of a log."""

    def __init__(self, naam: str, privaat: bytes) -> None:
        """``privaat`` is the 32 bytes of RFC 8032."""
        if len(privaat) != SLEUTEL:
            raise BewijsFout("sleutel", f"een private sleutel heeft {SLEUTEL} bytes")
        self._ed25519 = Ed25519PrivateKey.from_private_bytes(privaat)
        self.sleutel = Sleutel(naam, ED25519, self._ed25519.public_key().public_bytes_raw())

    def teken(self, tekst: str) -> Handtekening:
        """Sign the text of a note."""
        waarde = self._ed25519.sign(tekst.encode())
        return Handtekening(self.sleutel.naam, self.sleutel.id, waarde)

    def teken_mee(self, tekst: str, tijd: int) -> Handtekening:
        """Cosign it: taken in at ``tijd``, in POSIX seconds."""
        if not 0 <= tijd <= TIJD_MAX:
            raise BewijsFout("vorm", f"een tijd ligt tussen 0 en {TIJD_MAX}")
        waarde = tijd.to_bytes(TIJD) + self._ed25519.sign(meegetekend(tekst, tijd))
        return Handtekening(self.sleutel.naam, self.sleutel.voor(COSIGNATURE).id, waarde)


def meegetekend(tekst: str, tijd: int) -> bytes:
    """The bytes under a cosignature."""
    return f"cosignature/v1\ntime {tijd}\n{tekst}".encode()


@lru_cache(maxsize=1024)
def _keur_punt(publiek: bytes) -> None:
    """A key is a point of the curve, written in the one way, and no signature fits many texts.

    To look takes three times as long as to sign, and the same few keys are looked at all day.
    """
    y = int.from_bytes(publiek, "little") & 2**255 - 1
    u, v = y * y - 1, _D * y * y + 1
    op_kromme = pow(u * v, (_PRIEM - 1) // 2, _PRIEM) != _PRIEM - 1
    if y >= _PRIEM or y in _KLEIN or not op_kromme:
        raise BewijsFout("sleutel", "dit is geen bruikbare publieke sleutel")
