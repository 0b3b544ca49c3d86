"""Two sides of a link on stores of their own, and the test keys of the published vectors."""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from schakel.bewijs import Ondertekenaar, lees_vkey
from schakel.grens.overeenkomsten import Partner, lees_getekend
from schakel.grens.tabellen import TABELLEN
from schakel.grens.verkeer import Verkeer
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.transactie import AlleenRijen, Transactie

VECTOREN: Mapping[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golf" / "vectoren.json").read_text(encoding="utf-8")
)
A, B = VECTOREN["sleutels"]["A"]["oin"], VECTOREN["sleutels"]["B"]["oin"]
GETEKEND = json.dumps(VECTOREN["overeenkomst"]["jws"]).encode()
OP = datetime(2026, 11, 30, 12, tzinfo=UTC)

T = TypeVar("T")


def ondertekenaar(wie: str) -> Ondertekenaar:
    """One of the test keys, under the name of its log."""
    gegeven = VECTOREN["sleutels"][wie]
    return Ondertekenaar(lees_vkey(gegeven["vkey"]).naam, b64decode(gegeven["ed25519"]))


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


def zijde(opslag: Opslag, wie: str, *sleutels: str, overeenkomst: bytes = GETEKEND) -> Zijde:
    """A or B of the vectors; ``sleutels`` are the private keys that it has, the newest first."""
    wij, zij = (A, B) if wie == "A" else (B, A)
    partij = Partner(wij, zij, lees_getekend(overeenkomst))
    return Zijde(
        opslag, Verkeer(opslag, partij, [ondertekenaar(een) for een in sleutels or (wie,)])
    )


__all__ = ["OP", "TABELLEN", "VECTOREN", "A", "B", "Zijde", "ondertekenaar", "zijde"]
