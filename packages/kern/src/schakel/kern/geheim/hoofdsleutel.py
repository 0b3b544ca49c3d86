"""The master key of a service: a file beside the database, never in it.

The file holds keys of 32 bytes, the newest first. The newest one wraps; each of them unwraps, so a
key can be replaced while there is text in store. Pseudonyms are made with the oldest: another key
would make another person of everybody in the history. A key that is lost is never replaced by
another: one is made only where nothing was ever kept.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from threading import Lock
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import StartFout
from schakel.kern.opslag import is_leeg

SLEUTEL = 32
"""Bytes: AES-256."""
NONCE = 12
_MERK = 4
ONGEMERKT = NONCE + SLEUTEL + 16
"""The length of what was wrapped before it said in which key: that was the oldest."""
_MEESTE = 64
"""Keys in one file; who has more replaces them by mistake."""


def hoofdsleutels_voor(instellingen: Instellingen) -> tuple[bytes, ...]:
    """The keys of a service, made if it begins on an empty file; raises StartFout."""
    bestand = instellingen.sleutelbestand
    if not bestand.exists() and is_leeg(instellingen):
        maak_hoofdsleutel(bestand)
    return lees_hoofdsleutels(bestand)


def lees_hoofdsleutels(bestand: Path) -> tuple[bytes, ...]:
    """The keys in ``bestand``, the newest first; raises StartFout."""
    try:
        inhoud = bestand.read_bytes()
    except FileNotFoundError as fout:
        raise StartFout(
            "sleutel-ontbreekt",
            f"er is geen hoofdsleutel in {bestand}: zet de reservekopie terug (alleen een dienst"
            f" die nog niets bewaart krijgt een nieuwe: head -c {SLEUTEL} /dev/urandom)",
        ) from fout
    except OSError as fout:
        raise _onbereikbaar(bestand, "lezen", fout) from fout
    if not past_als_sleutels(len(inhoud)):
        raise StartFout(
            "sleutel-onbruikbaar", f"{bestand} is geen sleutel van 32 bytes, en geen rij daarvan"
        )
    return tuple(inhoud[begin : begin + SLEUTEL] for begin in range(0, len(inhoud), SLEUTEL))


def maak_hoofdsleutel(bestand: Path) -> None:
    """A first key in ``bestand``; of services that start at once, all keep that of the first."""
    try:
        bestand.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _ernaast(bestand, os.urandom(SLEUTEL)) as nieuw, suppress(FileExistsError):
            os.link(nieuw, bestand)
    except OSError as fout:
        raise _onbereikbaar(bestand, "maken", fout) from fout


def _onbereikbaar(bestand: Path, wat: str, fout: OSError) -> StartFout:
    return StartFout("sleutel-onbereikbaar", f"kan {bestand} niet {wat}: {fout.strerror}")


def past_als_sleutels(lengte: int) -> bool:
    """Whether a file of so many bytes can hold keys."""
    return lengte % SLEUTEL == 0 and 0 < lengte <= _MEESTE * SLEUTEL


def vernieuw_hoofdsleutel(bestand: Path) -> int:
    """Put a new key before those in ``bestand``; return how many it holds then.

    Raises StartFout when there is none to replace, or it cannot be.
    """
    if not bestand.exists():
        raise StartFout("sleutel-ontbreekt", f"er is geen hoofdsleutel in {bestand}")
    sleutels = (os.urandom(SLEUTEL), *lees_hoofdsleutels(bestand))
    if len(sleutels) > _MEESTE:
        raise StartFout("sleutel-te-vaak", f"{bestand} heeft er al {_MEESTE}")
    try:
        with _ernaast(bestand, b"".join(sleutels)) as nieuw:
            # Who could read it still can, and nobody else; where that cannot be, nothing is done.
            shutil.copymode(bestand, nieuw)
            os.chown(nieuw, bestand.stat().st_uid, bestand.stat().st_gid)
            nieuw.replace(bestand)
    except OSError as fout:
        raise _onbereikbaar(bestand, "vervangen", fout) from fout
    return len(sleutels)


@contextmanager
def _ernaast(bestand: Path, inhoud: bytes) -> Iterator[Path]:
    """A file beside it that is on disk and only its owner can read; what is left of it goes."""
    greep, naam = mkstemp(dir=bestand.parent, prefix=f"{bestand.name}.")
    try:
        with os.fdopen(greep, "wb") as nieuw:
            nieuw.write(inhoud)
            nieuw.flush()
            os.fsync(nieuw.fileno())
        yield Path(naam)
    finally:
        Path(naam).unlink(missing_ok=True)


def leid_sleutel_af(hoofdsleutel: bytes, doel: bytes) -> bytes:
    """A key for one purpose, so that no key is used for two."""
    return HKDF(hashes.SHA256(), SLEUTEL, salt=None, info=doel).derive(hoofdsleutel)


class Toeval:
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


def versleutel(toeval: Toeval, sleutel: bytes, tekst: bytes, plek: str) -> bytes:
    """``tekst`` under ``sleutel``, good in this place only."""
    return versleutel_met(AESGCM(sleutel), toeval.trek(NONCE), tekst, plek.encode())


def versleutel_met(sleutel: AESGCM, nonce: bytes, tekst: bytes, plek: bytes) -> bytes:
    """The same for who does much of it; a nonce is good for once."""
    return nonce + sleutel.encrypt(nonce, tekst, plek)


def ontsleutel(sleutel: bytes, geheim: Any, plek: str) -> bytes:
    """The text; raises InvalidTag when it was changed, or put in another place."""
    geheim = _als_bytes(geheim)
    if len(geheim) <= NONCE or len(sleutel) != SLEUTEL:
        raise InvalidTag
    return AESGCM(sleutel).decrypt(geheim[:NONCE], geheim[NONCE:], plek.encode())


def _als_bytes(waarde: Any) -> bytes:
    """SQLite keeps any value in any column: what is not of the right kind was put there."""
    if not isinstance(waarde, bytes | memoryview):
        raise InvalidTag
    return bytes(waarde)


class OnbekendeHoofdsleutel(Exception):
    """What is wrapped says that it is in a key that the file does not have."""


class Hoofdsleutels:
    """Wraps data keys in the newest master key, and unwraps them with the one that they name."""

    def __init__(self, lees: Callable[[], Sequence[bytes]]) -> None:
        """``lees`` gives them, the newest first; it is asked again for one that is not known yet.

        Of replicas one is the first that starts with a new key.
        """
        self._lees = lees
        self._toeval = Toeval()
        sleutels = lees()
        self._bij_merk = _gemerkt(sleutels)
        self.merk, *_ = self._bij_merk
        """How what is wrapped in the newest begins."""
        self._eerste = sleutels[-1]
        *_, self._oudste = self._bij_merk.values()

    def leid_af(self, doel: bytes) -> bytes:
        """A key for one purpose that stays the same when the master key is replaced."""
        return leid_sleutel_af(self._eerste, doel)

    def pak_in(self, sleutel: bytes, plek: str) -> bytes:
        """A data key, wrapped."""
        return self.merk + versleutel(self._toeval, self._bij_merk[self.merk], sleutel, plek)

    def kent(self, ingepakt: bytes) -> bool:
        """Whether the key that it is wrapped in is here."""
        return len(ingepakt) == ONGEMERKT or ingepakt[:_MERK] in self._bij_merk

    @property
    def merken(self) -> Sequence[bytes]:
        """How what is wrapped in each of them begins."""
        return tuple(self._bij_merk)

    def pak_uit(self, ingepakt: Any, plek: str) -> bytes:
        """The data key; raises InvalidTag, or OnbekendeHoofdsleutel when its key is not here."""
        ingepakt = _als_bytes(ingepakt)
        if len(ingepakt) == ONGEMERKT:
            return ontsleutel(self._oudste, ingepakt, plek)
        if not self.kent(ingepakt):
            with suppress(StartFout):
                self._bij_merk |= _gemerkt(self._lees())
            if not self.kent(ingepakt):
                raise OnbekendeHoofdsleutel
        return ontsleutel(self._bij_merk[ingepakt[:_MERK]], ingepakt[_MERK:], plek)


def _gemerkt(sleutels: Sequence[bytes]) -> dict[bytes, bytes]:
    """What wraps, by how what is wrapped in it begins."""
    return {
        leid_sleutel_af(een, b"schakel/merk/v1")[:_MERK]: leid_sleutel_af(een, b"schakel/kluis/v1")
        for een in sleutels
    }
