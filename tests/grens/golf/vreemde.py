"""A stranger who made a program from the text of the wire format alone.

Nothing here comes from the product: trees, notes, receipts and signatures are made as the text and
the standards behind it say. So what both get wrong in the same way shows here.
"""

import asyncio
import json
import ssl
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

A, B = "00000099000000001000", "00000099000000002000"
VAN_A, VAN_B = f"schakel/{A}/{B}", f"schakel/{B}/{A}"
SESSIE = "3f0f6a1f-5d12-4c3e-9a52-0198c1de7b1a"
JSON = "Content-Type: application/json"


def compact(waarde: Any) -> bytes:
    return json.dumps(waarde, separators=(",", ":"), ensure_ascii=False).encode()


def b64url(ruw: bytes) -> str:
    return urlsafe_b64encode(ruw).decode().rstrip("=")


# RFC 6962, from its definition


def bladhash(blad: bytes) -> bytes:
    return sha256(b"\0" + blad).digest()


def wortel(bladen: Sequence[bytes]) -> bytes:
    if not bladen:
        return sha256(b"").digest()
    if len(bladen) == 1:
        return bladhash(bladen[0])
    midden = 1
    while midden * 2 < len(bladen):
        midden *= 2
    return sha256(b"\x01" + wortel(bladen[:midden]) + wortel(bladen[midden:])).digest()


def drie_regels(oorsprong: str, omvang: int, wortel_: bytes) -> str:
    return f"{oorsprong}\n{omvang}\n{b64encode(wortel_).decode()}\n"


@dataclass(frozen=True)
class Logsleutel:
    """One Ed25519 key, for both uses, under the name of a log."""

    naam: str
    privaat: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def publiek(self) -> bytes:
        return self.privaat.public_key().public_bytes_raw()

    def id(self, soort: int = 1) -> bytes:
        return sha256(self.naam.encode() + b"\n" + bytes([soort]) + self.publiek).digest()[:4]

    @property
    def vkey(self) -> str:
        sleutel = b64encode(b"\x01" + self.publiek).decode()
        return f"{self.naam}+{self.id().hex()}+{sleutel}"

    def regel(self, tekst: str) -> str:
        waarde = b64encode(self.id() + self.privaat.sign(tekst.encode())).decode()
        return f"\u2014 {self.naam} {waarde}\n"

    def medetekening(self, tekst: str, tijd: int) -> str:
        onder = f"cosignature/v1\ntime {tijd}\n{tekst}".encode()
        waarde = self.id(4) + tijd.to_bytes(8, "big") + self.privaat.sign(onder)
        return f"\u2014 {self.naam} {b64encode(waarde).decode()}\n"


def keur_ontvangstbewijs(note: str, tekst: str, naam: str, publiek: bytes) -> int:
    """Byte for byte what section 3 says of a receipt; gives its time."""
    begin, regel = note.split("\n\n")
    assert f"{begin}\n" == tekst
    streep, wie, waarde = regel.removesuffix("\n").split(" ")
    assert (streep, wie, regel[-1], regel.count("\n")) == ("\u2014", naam, "\n", 1)
    ruw = b64decode(waarde, validate=True)
    assert b64encode(ruw).decode() == waarde
    assert len(ruw) == 4 + 8 + 64
    assert ruw[:4] == sha256(naam.encode() + b"\n\x04" + publiek).digest()[:4]
    tijd = int.from_bytes(ruw[4:12], "big")
    onder = f"cosignature/v1\ntime {tijd}\n{tekst}".encode()
    Ed25519PublicKey.from_public_bytes(publiek).verify(ruw[12:], onder)
    return tijd


def keur_controlepunt(note: str, tekst: str, naam: str, publiek: bytes) -> None:
    """Byte for byte what section 3 says of a checkpoint."""
    begin, regel = note.split("\n\n")
    assert f"{begin}\n" == tekst
    streep, wie, waarde = regel.removesuffix("\n").split(" ")
    assert (streep, wie, regel.count("\n")) == ("\u2014", naam, 1)
    ruw = b64decode(waarde, validate=True)
    assert ruw[:4] == sha256(naam.encode() + b"\n\x01" + publiek).digest()[:4]
    Ed25519PublicKey.from_public_bytes(publiek).verify(ruw[4:], tekst.encode())


# JOSE


def _getal(getal: int) -> str:
    return b64url(getal.to_bytes((getal.bit_length() + 7) // 8, "big"))


@dataclass(frozen=True)
class Contractsleutel:
    """EC P-256 or RSA."""

    privaat: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def alg(self) -> str:
        return "RS256" if isinstance(self.privaat, rsa.RSAPrivateKey) else "ES256"

    @property
    def jwk(self) -> dict[str, str]:
        getallen = self.privaat.public_key().public_numbers()
        if self.alg == "RS256":
            return {"e": _getal(getallen.e), "kty": "RSA", "n": _getal(getallen.n)}
        x, y = (b64url(een.to_bytes(32, "big")) for een in (getallen.x, getallen.y))
        return {"crv": "P-256", "kty": "EC", "x": x, "y": y}

    @property
    def kid(self) -> str:
        return b64url(sha256(compact(self.jwk)).digest())

    def teken(self, ruw: bytes) -> bytes:
        if self.alg == "RS256":
            return bytes(self.privaat.sign(ruw, padding.PKCS1v15(), hashes.SHA256()))
        r, s = decode_dss_signature(self.privaat.sign(ruw, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def handtekening(
        self, payload: bytes, typ: str, kop: Mapping[str, Any] | None = None
    ) -> dict[str, str]:
        kop = {"alg": self.alg, "kid": self.kid, "typ": typ} | (kop or {})
        kop = {naam: waarde for naam, waarde in kop.items() if waarde is not None}
        protected = b64url(compact(kop))
        onder = f"{protected}.{b64url(payload)}".encode()
        return {"protected": protected, "signature": b64url(self.teken(onder))}


def jws(payload: bytes, *handtekeningen: Mapping[str, Any]) -> dict[str, Any]:
    return {"payload": b64url(payload), "signatures": list(handtekeningen)}


@dataclass
class Sleutelbos:
    """All keys of both, and the contract under them."""

    a: Logsleutel = field(default_factory=lambda: Logsleutel(VAN_A))
    b: Logsleutel = field(default_factory=lambda: Logsleutel(VAN_B))
    contract_a: Contractsleutel = field(default_factory=Contractsleutel)
    contract_b: Contractsleutel = field(default_factory=Contractsleutel)

    def inhoud(self) -> dict[str, Any]:
        """A contract, as the text has its members."""
        return {
            "versie": 1,
            "overeenkomstId": "0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d12",
            "volgnummer": 1,
            "geldigVanaf": "2026-01-01T00:00:00Z",
            "geldigTot": "2036-01-01T00:00:00Z",
            "beller": "zender",
            "partijen": [
                {
                    "oin": A,
                    "naam": "Een",
                    "adres": "https://een.example/grens/",
                    "contractsleutel": self.contract_a.jwk,
                    "logsleutel": self.a.vkey,
                },
                {
                    "oin": B,
                    "naam": "Twee",
                    "adres": "https://twee.example",
                    "contractsleutel": self.contract_b.jwk,
                    "logsleutel": self.b.vkey,
                },
            ],
            "afspraken": [
                {
                    "soort": "deelproces",
                    "vrager": A,
                    "uitvoerder": B,
                    "processen": ["wijzigen"],
                    "meldingsoorten": [],
                    "diensten": ["verlichting"],
                    "modellen": ["hoofdaannemer"],
                    "termijnen": {
                        "ontvangst": "PT4H",
                        "eersteWoord": "P2D",
                        "vraag": "P5D",
                        "beoordeling": "P14D",
                    },
                }
            ],
        }

    def onderteken(self, payload: bytes) -> bytes:
        typ = "schakel-overeenkomst+json"
        wie = (self.contract_a, self.contract_b)
        return compact(jws(payload, *(een.handtekening(payload, typ) for een in wie)))


@dataclass
class Logboek:
    """What A says to B: leaves, and what it signs over them."""

    sleutel: Logsleutel
    bladen: list[bytes] = field(default_factory=list)

    def tekst(self, omvang: int) -> str:
        return drie_regels(self.sleutel.naam, omvang, wortel(self.bladen[:omvang]))

    def controlepunt(self, omvang: int, sleutel: Logsleutel | None = None) -> str:
        tekst = self.tekst(omvang)
        return f"{tekst}\n{(sleutel or self.sleutel).regel(tekst)}"

    def pagina(self, sessie: str, vanaf: int, tot: int | None = None, **anders: Any) -> Any:
        tot = len(self.bladen) if tot is None else tot
        return {
            "sessie": sessie,
            "vanaf": vanaf,
            "bladen": [b64encode(een).decode() for een in self.bladen[vanaf:tot]],
            "controlepunt": self.controlepunt(tot) if tot else "",
        } | anders


def sleutelblad(
    wie: Contractsleutel, nummer: int, verklaring: Mapping[str, Any], typ: str | None = None
) -> bytes:
    """The leaf of A with a key list."""
    payload = compact(verklaring)
    getekend = jws(payload, wie.handtekening(payload, typ or "schakel-sleutels+json"))
    return verbindingsblad("sleutels", nummer, verklaring=getekend)


def verbindingsblad(feit: str, nummer: int, **data: Any) -> bytes:
    """A leaf of A about the link itself."""
    return compact(
        {
            "specversion": "1.0",
            "id": f"{A}.{nummer}",
            "source": f"urn:nld:oin:{A}:systeem:eigen",
            "type": f"nl.schakels.verbinding.{feit}.v1",
            "subject": A,
            "time": "2026-11-30T12:00:00.000000Z",
            "datacontenttype": "application/json",
            "data": {"nummer": nummer, "door": {"organisatie": A, "rol": "beheer"}, **data},
        }
    )


@dataclass(frozen=True)
class Antwoord:
    """What came back."""

    status: int
    koppen: Mapping[str, str]
    inhoud: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.inhoud)

    @property
    def wat(self) -> tuple[int, str]:
        """Status and ``code``; of a bad page its ``reden``."""
        gelezen = self.json if self.inhoud else {}
        return self.status, gelezen.get("reden") or gelezen.get("code", "")


class Lijn:
    """One connection, bytes as they are."""

    def __init__(self, lezer: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
        self.lezer, self.schrijver = lezer, schrijver

    def schrijf(self, ruw: bytes) -> None:
        self.schrijver.write(ruw)

    async def lees(self, *, is_head: bool = False) -> Antwoord:
        async with asyncio.timeout(5):
            kop = (await self.lezer.readuntil(b"\r\n\r\n")).decode("latin-1").strip()
            status, *regels = kop.split("\r\n")
            koppen = {naam.lower(): w for naam, w in (een.split(": ", 1) for een in regels)}
            lengte = 0 if is_head else int(koppen.get("content-length", 0))
            inhoud = await self.lezer.readexactly(lengte)
        return Antwoord(int(status.split()[1]), koppen, inhoud)

    def sluit(self) -> None:
        self.schrijver.transport.abort()  # to say goodbye over TLS may outlive the test


@dataclass
class Vreemde:
    """A, who calls B."""

    poort: int
    tls: ssl.SSLContext
    kenmerk: str
    sleutels: Sleutelbos
    log: Logboek = field(init=False)
    sessie: str = ""
    """Drawn by B for the log of A."""

    def __post_init__(self) -> None:
        self.log = Logboek(self.sleutels.a)

    async def lijn(self) -> Lijn:
        return Lijn(*await asyncio.open_connection("localhost", self.poort, ssl=self.tls))

    async def stuur(
        self, regel: str, *koppen: str, inhoud: bytes = b"", host: str = "localhost"
    ) -> Antwoord:
        """Just these bytes; every answer keeps rules 6 and 7 of section 1."""
        lijn = await self.lijn()
        kop = "\r\n".join([f"{regel} HTTP/1.1", f"Host: {host}", *koppen, "", ""])
        lijn.schrijf(kop.encode("latin-1") + inhoud)
        try:
            antwoord = await lijn.lees(is_head=regel.startswith("HEAD"))
        finally:
            lijn.sluit()
        keur_vorm(antwoord, is_head=regel.startswith("HEAD"))
        return antwoord

    async def vraag(self, methode: str, wat: str, waarde: Any = None, oin: str = A) -> Antwoord:
        """A call about a log, with this body."""
        ruw = waarde if isinstance(waarde, bytes) else compact(waarde)
        koppen = () if waarde is None else (JSON, f"Content-Length: {len(ruw)}")
        inhoud = b"" if waarde is None else ruw
        return await self.stuur(f"{methode} /v1/logboeken/{oin}/{wat}", *koppen, inhoud=inhoud)

    def hervatting(self, **anders: Any) -> dict[str, Any]:
        omvang = len(self.log.bladen)
        return {
            "overeenkomst": self.kenmerk,
            "ontvangen": {"sessie": SESSIE, "omvang": 0, "ontvangstbewijs": None},
            "gezegd": {
                "omvang": omvang,
                "controlepunt": self.log.controlepunt(omvang) if omvang else None,
            },
        } | anders

    async def hervat(self, **anders: Any) -> Any:
        antwoord = await self.vraag("POST", "hervattingen", self.hervatting(**anders))
        assert antwoord.status == 200, antwoord
        self.sessie = antwoord.json["ontvangen"]["sessie"]
        return antwoord.json

    async def breng(self, vanaf: int, tot: int | None = None, **anders: Any) -> Antwoord:
        pagina = self.log.pagina(self.sessie, vanaf, tot, **anders)
        return await self.vraag("POST", "paginas", pagina)

    async def zeg(self, *bladen: bytes) -> Antwoord:
        vanaf = len(self.log.bladen)
        self.log.bladen += bladen
        return await self.breng(vanaf)


def keur_vorm(antwoord: Antwoord, *, is_head: bool = False) -> None:
    """What section 1 says of every answer."""
    koppen = antwoord.koppen
    assert koppen["api-version"]
    assert koppen["cache-control"] == "no-store"
    if is_head:
        assert antwoord.inhoud == b""
    elif antwoord.status >= 400:
        gelezen = antwoord.json
        assert koppen["content-type"] == "application/problem+json"
        assert gelezen["type"] == "about:blank"
        assert gelezen["status"] == antwoord.status
        assert all(gelezen[naam] for naam in ("title", "detail", "code"))
        assert gelezen.keys() <= {"type", "title", "status", "detail", "code", "omvang", "reden"}
        assert (koppen.get("www-authenticate") == "Bearer") is (antwoord.status == 401)
        assert ("retry-after" in koppen) is (antwoord.status in {429, 503})
        assert ("reden" in gelezen) is (gelezen["code"] == "slechte-pagina")
    elif antwoord.status == 200:
        assert koppen["content-type"] == "application/json"
    else:
        assert (antwoord.status, antwoord.inhoud) == (204, b"")


__all__ = [
    "JSON",
    "SESSIE",
    "VAN_A",
    "VAN_B",
    "A",
    "Antwoord",
    "B",
    "Contractsleutel",
    "Lijn",
    "Logboek",
    "Logsleutel",
    "Sleutelbos",
    "Vreemde",
    "b64url",
    "bladhash",
    "compact",
    "drie_regels",
    "jws",
    "keur_controlepunt",
    "keur_ontvangstbewijs",
    "keur_vorm",
    "sleutelblad",
    "verbindingsblad",
    "wortel",
]
