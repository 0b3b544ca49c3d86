"""What people wrote and who they are: beside the events, encrypted with a key per aggregate (D7).

The data key of an aggregate is wrapped by a master key outside the database. Every ciphertext is
bound to its place (aggregate and kind), so two of them cannot be swapped unseen. Erasure destroys
the data key: history and replay do not notice.
"""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import Any
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .opslag import Opslag
from .weigering import NietGevonden, StartFout
from .werk import Werk

_SLEUTEL = 32
"""AES-256."""
_NONCE = 12
_BEWAAR_SLEUTEL = "INSERT INTO sleutels VALUES (?, ?)"
_BEWAAR = (
    "INSERT INTO kluis VALUES (?, ?, ?)"
    " ON CONFLICT (reeks, soort) DO UPDATE SET inhoud = excluded.inhoud"
)
_WIS_SLEUTEL = "DELETE FROM sleutels WHERE reeks = ?"
_WIS = "DELETE FROM kluis WHERE reeks = ?"


def lees_hoofdsleutel(bestand: Path) -> bytes:
    """The organisation's master key of 32 bytes; made when absent, readable by its owner only.

    Raises StartFout when the file is unusable.
    """
    try:
        bestand.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not bestand.exists():
            _maak_hoofdsleutel(bestand)
        sleutel = bestand.read_bytes()
    except OSError as fout:
        raise StartFout(
            "sleutel-onbereikbaar", f"kan {bestand} niet lezen of maken: {fout.strerror}"
        ) from fout
    if len(sleutel) != _SLEUTEL:
        raise StartFout("sleutel-onbruikbaar", f"{bestand} is geen sleutel van 32 bytes")
    return sleutel


def _maak_hoofdsleutel(bestand: Path) -> None:
    """Whole or not at all; of services that start at once, all keep the key of the first."""
    with NamedTemporaryFile(dir=bestand.parent, prefix=f"{bestand.name}.") as nieuw:
        nieuw.write(os.urandom(_SLEUTEL))
        nieuw.flush()
        os.fsync(nieuw.fileno())
        with suppress(FileExistsError):
            os.link(nieuw.name, bestand)


def leid_sleutel_af(hoofdsleutel: bytes, doel: bytes) -> bytes:
    """A key for one purpose, so that no key is used for two."""
    return HKDF(hashes.SHA256(), _SLEUTEL, salt=None, info=doel).derive(hoofdsleutel)


class _Toeval:
    """Random bytes of the system, drawn in bulk: each drawing hands over the interpreter."""

    def __init__(self) -> None:
        self._voorraad = b""
        self._slot = Lock()

    def trek(self, aantal: int) -> bytes:
        """Bytes that are given out once, also when two threads ask at the same moment."""
        with self._slot:
            if len(self._voorraad) < aantal:
                self._voorraad = os.urandom(4096)
            deel, self._voorraad = self._voorraad[:aantal], self._voorraad[aantal:]
        return deel


def _ontsleutel(sleutel: bytes, geheim: bytes, plek: str) -> bytes:
    return AESGCM(sleutel).decrypt(geheim[:_NONCE], geheim[_NONCE:], plek.encode())


class Kluis:
    """Puts texts away in the transaction of the batch, and gives them back to who may see them."""

    def __init__(self, opslag: Opslag, hoofdsleutel: bytes) -> None:
        """``hoofdsleutel`` never goes into the database."""
        self._opslag = opslag
        self._hoofdsleutel = leid_sleutel_af(hoofdsleutel, b"schakel/kluis/v1")
        self._toeval = _Toeval()

    def bewaar(self, werk: Werk[Any], reeks: UUID, soort: str, inhoud: Any) -> None:
        """Put ``inhoud`` away under a fresh data key, as the first text of ``reeks``."""
        sleutel = self._toeval.trek(_SLEUTEL)
        ingepakt = self._versleutel(self._hoofdsleutel, sleutel, reeks.hex)
        werk.rij(_BEWAAR_SLEUTEL, (reeks.hex, ingepakt))
        self._bewaar(werk, sleutel, reeks, soort, inhoud)

    def bewaar_bij(self, werk: Werk[Any], reeks: UUID, soort: str, inhoud: Any) -> None:
        """Put another text with it; the first one if there is none yet."""
        if (sleutel := self._sleutel(reeks)) is None:
            self.bewaar(werk, reeks, soort, inhoud)
        else:
            self._bewaar(werk, sleutel, reeks, soort, inhoud)

    def _bewaar(
        self, werk: Werk[Any], sleutel: bytes, reeks: UUID, soort: str, inhoud: Any
    ) -> None:
        tekst = msgspec.json.encode(inhoud)
        geheim = self._versleutel(sleutel, tekst, f"{reeks.hex}|{soort}")
        werk.rij(_BEWAAR, (reeks.hex, soort, geheim))

    def _versleutel(self, sleutel: bytes, tekst: bytes, plek: str) -> bytes:
        nonce = self._toeval.trek(_NONCE)
        return nonce + AESGCM(sleutel).encrypt(nonce, tekst, plek.encode())

    def _sleutel(self, reeks: UUID) -> bytes | None:
        rijen = self._opslag.vraag("SELECT sleutel FROM sleutels WHERE reeks = ?", (reeks.hex,))
        if not rijen:
            return None
        return _ontsleutel(self._hoofdsleutel, bytes(rijen[0][0]), reeks.hex)

    def lees(self, reeks: UUID) -> dict[str, Any]:
        """All texts of ``reeks`` by kind; raises NietGevonden when there are none (any more)."""
        rijen = self._opslag.vraag("SELECT soort, inhoud FROM kluis WHERE reeks = ?", (reeks.hex,))
        try:
            sleutel = self._sleutel(reeks)
            if sleutel is None or not rijen:
                raise NietGevonden("inhoud-niet-gevonden", "hiervan is geen inhoud (meer) bewaard")
            return {
                soort: msgspec.json.decode(
                    _ontsleutel(sleutel, bytes(geheim), f"{reeks.hex}|{soort}")
                )
                for soort, geheim in rijen
            }
        except InvalidTag as fout:
            raise NietGevonden(
                "inhoud-aangetast", "de bewaarde inhoud is gewijzigd of verwisseld; meld dit"
            ) from fout

    def wis(self, werk: Werk[Any], reeks: UUID) -> None:
        """Destroy the data key and the texts of ``reeks``."""
        werk.rij(_WIS_SLEUTEL, (reeks.hex,))
        werk.rij(_WIS, (reeks.hex,))
