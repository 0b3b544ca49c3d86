"""Two sides of a link on stores of their own, and the test keys of the published vectors."""

import json
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from schakel.bewijs import BewijsFout, Ondertekenaar, Sleutel, lees_vkey
from schakel.grens.tabellen import TABELLEN
from schakel.grens.verkeer import Verkeer
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.transactie import AlleenRijen, Transactie

VECTOREN: Mapping[str, Any] = json.loads(
    (Path(__file__).parents[1] / "voorbeelden" / "golf.json").read_text(encoding="utf-8")
)
A, B = VECTOREN["sleutels"]["A"]["oin"], VECTOREN["sleutels"]["B"]["oin"]
KENMERK = VECTOREN["overeenkomst"]["kenmerk"]
OP = datetime(2026, 11, 30, 12, tzinfo=UTC)

T = TypeVar("T")


def ondertekenaar(wie: str) -> Ondertekenaar:
    """One of the test keys, under the name of its log."""
    gegeven = VECTOREN["sleutels"][wie]
    return Ondertekenaar(lees_vkey(gegeven["vkey"]).naam, b64decode(gegeven["ed25519"]))


@dataclass(frozen=True)
class Sleutels:
    """The keys of a log, of statements that are believed without their signature."""

    van_tot: tuple[tuple[str, int, int | None], ...]

    @classmethod
    def lees(cls, eerste: str) -> Callable[[bytes | None], "Sleutels"]:
        def lezer(rij: bytes | None) -> Sleutels:
            if rij is None:
                return cls(((eerste, 0, None),))
            return cls(tuple((a, b, c) for a, b, c in json.loads(rij)))

        return lezer

    def geldig(self, omvang: int) -> list[Sleutel]:
        return [
            lees_vkey(vkey)
            for vkey, van, tot in self.van_tot
            if van <= omvang and (tot is None or omvang <= tot)
        ]

    def met(self, nummer: int, blad: bytes) -> "Sleutels":
        if b"nl.schakels.verbinding.sleutels.v1" not in blad:
            return self
        verklaring = json.loads(blad)["data"]["verklaring"]
        ruw = verklaring["payload"] + "=" * (-len(verklaring["payload"]) % 4)
        lijst = json.loads(urlsafe_b64decode(ruw))
        rest = [
            (vkey, van, nummer if vkey in lijst["eraf"] else tot) for vkey, van, tot in self.van_tot
        ]
        nieuw = tuple((vkey, nummer + 1, None) for vkey in lijst["erbij"])
        if set(lijst["erbij"]) & {vkey for vkey, _, _ in self.van_tot}:
            raise BewijsFout("sleutel", "een sleutel komt niet terug")
        return Sleutels((*rest, *nieuw))

    def rij(self) -> bytes:
        return json.dumps(self.van_tot).encode()


@dataclass
class Partij:
    """See ``verkeer.Partij``."""

    wij: str
    zij: str
    sleutels_uit: Any
    sleutels_in: Any
    kenmerken: tuple[str, ...] = (KENMERK,)


@dataclass
class Zijde:
    """One organisation: its store, and what it says to and hears of the other."""

    opslag: Opslag
    verkeer: Verkeer
    nu: datetime = OP
    _rijen: AlleenRijen = field(init=False)

    def __post_init__(self) -> None:
        self._rijen = AlleenRijen(self.opslag)

    def doe(self, wat: Callable[..., T], *waarden: Any) -> T:
        """One call in a transaction of its own, as the writer does it."""
        with self._rijen.beurt():
            werk: Transactie = self._rijen.begin(self.nu)
            antwoord = wat(werk, *waarden)
            if lading := werk.sluit_af():
                self.opslag.schrijf(lading)
        self.nu += timedelta(seconds=1)
        return antwoord

    def bladen(self, logboek: str) -> tuple[bytes, ...]:
        een = self.verkeer.uit if logboek == "uit" else self.verkeer.in_
        return een.bladen(0, 10_000)


def zijde(opslag: Opslag, wie: str, *sleutels: str) -> Zijde:
    """A or B of the vectors; ``sleutels`` are the private keys that it has, the newest first."""
    wij, zij = (A, B) if wie == "A" else (B, A)
    ander = "B" if wie == "A" else "A"
    partij = Partij(
        wij,
        zij,
        Sleutels.lees(VECTOREN["sleutels"][wie]["vkey"]),
        Sleutels.lees(VECTOREN["sleutels"][ander]["vkey"]),
    )
    return Zijde(
        opslag, Verkeer(opslag, partij, [ondertekenaar(een) for een in sleutels or (wie,)])
    )


__all__ = ["KENMERK", "OP", "TABELLEN", "VECTOREN", "A", "B", "Zijde", "ondertekenaar", "zijde"]
