"""The contract between two organisations: what it says, and whether a question falls under it.

Who signed it, ``schakel.bewijs`` knows. The payload is the bytes that the proposer wrote; nobody
writes them again, so whatever stands there that is not known here stays where it is.
"""

import base64
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from schakel.contracts.organisatie import Schakelsoort
from schakel.contracts.werkstromen import Meldingsoort, Proces

from .berichten import SchakelAangeboden
from .codes import TAALCODES, Codelijst
from .jws import lees_ondertekend
from .tijd import lees_duur, lees_tijdstip
from .woorden import (
    Code,
    Coordinatiemodel,
    Duur,
    Oin,
    Positief,
    Tijdstip,
    heel,
)

ZENDER: Final = "zender"
_UUID: Final = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ADRES: Final = (
    r"https://([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[1-9][0-9]{0,4})?"
    r"(/[A-Za-z0-9_.~%-]+)*/?"
)
_Adres = Annotated[str, Meta(max_length=400, pattern=heel(_ADRES))]
_Tekst = Annotated[str, Meta(pattern=heel(r"[^\u0000-\u001f\u007f-\u009f]{1,200}"))]
_Codes = Annotated[tuple[Code, ...], Meta(max_length=1_000)]


class Partij(Struct, frozen=True, kw_only=True, rename="camel"):
    """One of the two: who it is, where it listens, which keys it signs with."""

    oin: Oin
    naam: _Tekst
    adres: _Adres | None
    """An https address without query; ``None``: it cannot be called."""
    contractsleutel: dict[str, Any]
    """A JWK; ``schakel.bewijs`` judges it."""
    logsleutel: str
    """A vkey, valid from size 0."""
    zonder_schakel: bool = False

    def __post_init__(self) -> None:
        try:
            _ = self.adres and urlsplit(self.adres).port
        except ValueError:
            raise ValueError("adres noemt geen host met een poort die kan bestaan") from None

    @property
    def basis(self) -> str | None:
        """What stands before each path: the address without a slash at its end."""
        return None if self.adres is None else self.adres.rstrip("/")


class Schakeltermijnen(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """How long things may take, each side by its own clock; without one nothing is expected."""

    ontvangst: Duur | None = None
    eerste_woord: Duur | None = None
    vraag: Duur | None = None
    beoordeling: Duur | None = None

    def __post_init__(self) -> None:
        for een in (self.ontvangst, self.eerste_woord, self.vraag, self.beoordeling):
            if een is not None:
                lees_duur(een)


class Afspraak(Struct, frozen=True, kw_only=True, rename="camel"):
    """What one of them may ask of the other."""

    soort: Schakelsoort
    vrager: Oin
    uitvoerder: Oin
    processen: Annotated[tuple[Proces, ...], Meta(max_length=50)]
    meldingsoorten: Annotated[tuple[Meldingsoort, ...], Meta(max_length=50)]
    diensten: _Codes
    modellen: Annotated[tuple[Coordinatiemodel, ...], Meta(max_length=50)]
    termijnen: Schakeltermijnen

    def omvat(self, vrager: str, gevraagd: SchakelAangeboden) -> bool:
        """Whether this is what was agreed about."""
        wat = (
            gevraagd.naar in self.processen
            if gevraagd.soort is Schakelsoort.DEELPROCES
            else gevraagd.soort_volgens_vrager in self.meldingsoorten
        )
        return (
            wat
            and gevraagd.soort is self.soort
            and vrager == self.vrager
            and gevraagd.dienst in self.diensten
            and gevraagd.model in self.modellen
        )


class Contractcodes(Struct, frozen=True, kw_only=True):
    """The codes that these two have besides those of the language."""

    redenen: _Codes = ()
    aanleidingen: _Codes = ()
    gronden: _Codes = ()
    resultaten: _Codes = ()
    rollen: _Codes = ()


class Overeenkomst(Struct, frozen=True, kw_only=True, rename="camel"):
    """A contract of two parties; a higher ``volgnummer`` takes its place."""

    versie: Literal[1]
    overeenkomst_id: Annotated[str, Meta(pattern=heel(_UUID))]
    volgnummer: Positief
    geldig_vanaf: Tijdstip
    geldig_tot: Tijdstip
    beller: str
    partijen: tuple[Partij, Partij]
    afspraken: Annotated[tuple[Afspraak, ...], Meta(min_length=1, max_length=100)]
    codes: Contractcodes = Contractcodes()
    inhoud: bool = True

    def __post_init__(self) -> None:
        if lees_tijdstip(self.geldig_vanaf) >= lees_tijdstip(self.geldig_tot):
            raise ValueError("geldigTot ligt na geldigVanaf")
        een, ander = self.partijen
        if een.oin == ander.oin:
            raise ValueError("de partijen zijn twee organisaties")
        if self.beller not in (ZENDER, een.oin, ander.oin):
            raise ValueError("beller is zender, of het OIN van een van de partijen")
        if any(partij.adres is None and self.beller != partij.oin for partij in self.partijen):
            raise ValueError("wie geen adres heeft, is zelf de beller")
        for partij, partner in ((een, ander), (ander, een)):
            if not partij.logsleutel.startswith(f"{oorsprong_van(partij.oin, partner.oin)}+"):
                raise ValueError("logsleutel is niet die van het logboek voor de ander")
        samen = {een.oin, ander.oin}
        if any({afspraak.vrager, afspraak.uitvoerder} != samen for afspraak in self.afspraken):
            raise ValueError("vrager en uitvoerder van een afspraak zijn de twee partijen")

    def partij(self, oin: str) -> Partij:
        """The party with this OIN; raises LookupError."""
        return next(filter(lambda een: een.oin == oin, self.partijen), None) or _geen(oin)

    def partner(self, eigen: str) -> Partij:
        """The other one; raises LookupError when ``eigen`` is no party."""
        self.partij(eigen)
        een, ander = self.partijen
        return ander if een.oin == eigen else een

    def geldt_op(self, tijd: datetime) -> bool:
        """Whether it is in force: from the first moment until just before the last."""
        return self.is_begonnen_op(tijd) and not self.is_voorbij_op(tijd)

    def is_begonnen_op(self, tijd: datetime) -> bool:
        """Whether its first moment was there; what has not begun replaces nothing."""
        return lees_tijdstip(self.geldig_vanaf) <= tijd

    def is_voorbij_op(self, tijd: datetime) -> bool:
        """Whether it no longer holds, and never will again."""
        return tijd >= lees_tijdstip(self.geldig_tot)

    def afspraak_over(self, vrager: str, gevraagd: SchakelAangeboden) -> Afspraak | None:
        """What was agreed about this question; None is ``niet-afgesproken``."""
        return next((een for een in self.afspraken if een.omvat(vrager, gevraagd)), None)

    @property
    def codelijst(self) -> Codelijst:
        """The codes of the language and those of these two."""
        erbij = self.codes
        return TAALCODES.met(
            redenen=erbij.redenen,
            aanleidingen=erbij.aanleidingen,
            gronden=erbij.gronden,
            resultaten=erbij.resultaten,
            rollen=erbij.rollen,
        )


def lees_overeenkomst(payload: bytes) -> Overeenkomst:
    """What the payload of a contract says; raises Contractfout."""
    return lees_ondertekend(payload, Overeenkomst)


def oorsprong_van(zender: str, ontvanger: str) -> str:
    """The origin of the log of all that ``zender`` says to ``ontvanger``."""
    return f"schakel/{zender}/{ontvanger}"


def kenmerk_van(payload: bytes) -> str:
    """What a contract is known by: base64url of the SHA-256 of its bytes."""
    return base64.urlsafe_b64encode(sha256(payload).digest()).rstrip(b"=").decode()


def _geen(oin: str) -> Any:
    raise LookupError(f"{oin} is geen partij bij deze overeenkomst")
