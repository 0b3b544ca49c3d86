"""What version 0.1.0 does to a store, written down once more: its code is not here any more."""

import hashlib
import os
from typing import Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from tests.kern.proef import HOOFDSLEUTEL

from schakel.kern.opslag import Lading, Opslag


def _afgeleid(doel: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=doel).derive(HOOFDSLEUTEL)


def _versleutel(sleutel: bytes, tekst: bytes, plek: str) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(sleutel).encrypt(nonce, tekst, plek.encode())


def _ontsleutel(sleutel: bytes, geheim: bytes, plek: str) -> bytes:
    return AESGCM(sleutel).decrypt(geheim[:12], geheim[12:], plek.encode())


def sleutel_van(opslag: Opslag, reeks: UUID) -> bytes | None:
    """The data key of a melding."""
    rijen = opslag.vraag("SELECT sleutel FROM sleutels WHERE reeks = ?", (reeks.hex,))
    if not rijen:
        return None
    return _ontsleutel(_afgeleid(b"schakel/kluis/v1"), bytes(rijen[0][0])[4:], reeks.hex)


def bewaar_als_vroeger(opslag: Opslag, reeks: UUID, soort: str, inhoud: Any) -> None:
    """All texts of a melding under its one key."""
    rijen: dict[str, list[Any]] = {}
    sleutel = sleutel_van(opslag, reeks)
    if sleutel is None:
        sleutel, merk = os.urandom(32), _afgeleid(b"schakel/merk/v1")[:4]
        ingepakt = merk + _versleutel(_afgeleid(b"schakel/kluis/v1"), sleutel, reeks.hex)
        rijen["INSERT INTO sleutels VALUES (?, ?)"] = [(reeks.hex, ingepakt)]
    geheim = _versleutel(sleutel, msgspec.json.encode(inhoud), f"{reeks.hex}|{soort}")
    rijen["INSERT INTO kluis VALUES (?, ?, ?)"] = [(reeks.hex, soort, geheim)]
    opslag.schrijf(Lading(rijen=rijen))


def lees_als_vroeger(opslag: Opslag, reeks: UUID) -> dict[str, Any]:
    """All texts of a melding that it can read."""
    sleutel = sleutel_van(opslag, reeks)
    assert sleutel is not None
    return {
        soort: msgspec.json.decode(_ontsleutel(sleutel, bytes(inhoud), f"{reeks.hex}|{soort}"))
        for soort, inhoud in opslag.vraag(
            "SELECT soort, inhoud FROM kluis WHERE reeks = ?", (reeks.hex,)
        )
    }


def wis_als_vroeger(opslag: Opslag, reeks: UUID) -> None:
    """All that it knows of."""
    weg = ("DELETE FROM sleutels WHERE reeks = ?", "DELETE FROM kluis WHERE reeks = ?")
    opslag.schrijf(Lading(rijen={sql: [(reeks.hex,)] for sql in weg}))


def digest_als_vroeger(methode: str, pad: str, ruw: bytes) -> bytes:
    """Of a command: anybody who guesses what was asked can compute it."""
    return hashlib.sha256(f"{methode} {len(pad)} {pad}\n".encode() + ruw).digest()


def antwoord_als_vroeger(opslag: Opslag, sleutel: str, digest: bytes, antwoord: Any) -> None:
    """Kept as it came."""
    rij = (sleutel, digest, msgspec.json.encode(antwoord))
    opslag.schrijf(Lading(rijen={"INSERT INTO antwoorden VALUES (?, ?, ?)": [rij]}))
