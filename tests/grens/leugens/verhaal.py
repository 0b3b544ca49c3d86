"""What a partner says that means something: work that it asks and takes back, work that it does.

Written from the language alone. Every leaf would have its effect wherever it is taken in, whether
it is part of a true history or of a lie. What a leaf says is kept beside it, so that whoever judges
afterwards need not read it again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from tests.golf.tweede import nummer
from tests.grens.leugens.partner import Partner, als_json

MILLIS = 1_796_040_000_000
WERK: Mapping[str, Mapping[str, Any]] = {
    "aangenomen": {
        "volgnummer": "U-2026-000001",
        "meldingsoort": "aanvraag",
        "uiterlijk": "2027-01-31T12:00:00Z",
    },
    "voortgang": {"stand": "opgeschort"},
    "gereedgemeld": {
        "resultaat": "uitgevoerd",
        "ronde": 1,
        "uiterlijk": "2027-01-31T12:00:00Z",
        "heeftInhoud": False,
    },
    "afgesloten": {"uitkomst": "voltooid"},
    "geweigerd": {"reden": "te-laat"},
}
"""What a worker says."""


@dataclass(frozen=True)
class Gezegd:
    """A leaf: where it stands, what it says, and the code that it has to be answered with."""

    schakel: str
    kant: str
    deel: Any
    antwoord: str = ""


def uuid7(r: Random) -> UUID:
    """Another one each time."""
    bits = MILLIS << 80 | r.getrandbits(80)
    return UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | 7 << 76 | 2 << 62)


@lru_cache(maxsize=20_000)
def lees_van_hen(blad: bytes) -> Gezegd | None:
    """What the product said; None where that is no message on a schakel."""
    try:
        gelezen = json.loads(blad)
        schakel, kant, _ = gelezen["id"].split(".")
    except (ValueError, TypeError, KeyError):
        return None
    feit = gelezen["type"].removeprefix("nl.schakels.").removesuffix(".v1")
    return Gezegd(schakel, kant, SimpleNamespace(FEIT=feit, **gelezen["data"]))


class Verhaal:
    """All that one partner could say."""

    def __init__(self, r: Random, wie: Partner) -> None:
        """Nothing yet."""
        self._r, self._wie = r, wie
        self.geschreven: dict[bytes, Gezegd] = {}
        """Every leaf that was made, true or not."""
        self._vervolgd: set[tuple[str, int]] = set()
        self._teller = 0

    def blad(self) -> bytes:
        """The next leaf, on top of what is said by now; none twice."""
        match self._r.choices("avuzx", (8, 7, 7, 1, 4))[0]:
            case "v" if (vervolg := self._vervolg("v")) is not None:
                return self._over(*vervolg)
            case "u" if (vervolg := self._vervolg("u")) is not None:
                return self._werk(*vervolg)
            case "z":  # as if it had been asked
                return self._schrijf(str(uuid7(self._r)), "u", 1, 0, "geweigerd", reden="te-laat")
            case "x":
                return self._wat_dan_ook()
            case _:
                return self._bied()

    def _wat_dan_ook(self) -> bytes:
        self._teller += 1
        rest = [self._r.randbytes(self._r.randint(1, 200)), b'{"a":1}', b"tekst"]
        return b"%d." % self._teller + self._r.choice(rest)

    def _vervolg(self, kant: str) -> tuple[str, int, int] | None:
        """A schakel that began lately, on which we are this side, the next number, and ``bij``."""
        gezegd = [*filter(None, map(self.geschreven.get, self._wie.zender.bladen))]
        gehoord = [*filter(None, map(lees_van_hen, self._wie.ontvanger.bladen))]
        begonnen = [
            een.schakel
            for een in (gezegd if kant == "v" else gehoord)[-60:]
            if getattr(een.deel, "FEIT", "") == "aangeboden" and not een.antwoord
        ]
        if not begonnen:
            return None
        schakel, omvang = self._r.choice(begonnen), len(self._wie.zender.bladen)
        if (schakel, omvang) in self._vervolgd:  # what comes next may not be said yet
            return None
        self._vervolgd.add((schakel, omvang))
        nummers = [nummer(een.deel) for een in gezegd if (een.schakel, een.kant) == (schakel, kant)]
        bij = sum(een.schakel == schakel for een in gehoord)
        return schakel, max(nummers, default=0) + 1, bij

    def _bied(self) -> bytes:
        schakel = str(uuid7(self._r))
        anders, antwoord = self._r.choices(
            (
                ({}, ""),
                ({"dienst": "water"}, "niet-afgesproken"),
                ({"naar": "herstellen"}, "niet-afgesproken"),
                ({"diepte": 16}, "te-diep"),
                ({"kanaal": "rooksignaal"}, "ongeldige-inhoud"),
            ),
            (16, 1, 1, 1, 1),
        )[0]
        vast = {
            "soort": "deelproces",
            "ketenId": str(uuid7(self._r)),
            "diepte": 1,
            "model": "hoofdaannemer",
            "naar": "wijzigen",
            "dienst": "wegen",
            "kanaal": "web",
            "melder": "burger",
            "ronde": 1,
            "n": self._r.randint(1, 4),
            "uiterlijk": "2026-12-02T12:00:00Z",
            "wacht": True,
            "heeftInhoud": False,
        }
        return self._schrijf(schakel, "v", 1, 0, "aangeboden", antwoord, **(vast | anders))

    def _over(self, schakel: str, nummer: int, bij: int) -> bytes:
        """What a vrager says after its offer."""
        feit, antwoord, data = self._r.choices(
            (
                ("ingetrokken", "", {"aanleiding": "vrager"}),
                ("wissing-gevraagd", "", {"grond": "avg"}),
                ("gebaard", "onbekend-type", {}),
                ("gat", "gat", {"grond": "avg"}),
            ),
            (5, 3, 1, 1),
        )[0]
        if feit == "gat":  # the right one is left out
            feit, nummer = "wissing-gevraagd", nummer + 1
        return self._schrijf(schakel, "v", nummer, bij, feit, antwoord, **data)

    def _werk(self, schakel: str, nummer: int, bij: int) -> bytes:
        """What an uitvoerder says: mostly that it took it on, and then how it goes."""
        gewichten = (6, 0, 0, 0, 1) if nummer == 1 else (1, 3, 4, 3, 1)
        feit = self._r.choices([*WERK], gewichten)[0]
        return self._schrijf(schakel, "u", nummer, bij, feit, **WERK[feit])

    def _schrijf(
        self,
        schakel: str,
        kant: str,
        nummer: int,
        bij: int,
        feit: str,
        antwoord: str = "",
        **data: Any,
    ) -> bytes:
        self._teller += 1
        oin = self._wie.oin
        alles = {
            "schakelId": schakel,
            "nummer": nummer,
            "bij": bij,
            "door": {"organisatie": oin, "rol": "medewerker"},
            **data,
        }
        blad = als_json(
            {
                "specversion": "1.0",
                "id": f"{schakel}.{kant}.{nummer}",
                "source": f"urn:nld:oin:{oin}:systeem:zaaksysteem",
                "type": f"nl.schakels.{feit}.v1",
                "subject": schakel,
                "time": f"2026-11-30T12:00:00.{self._teller:06}Z",
                "datacontenttype": "application/json",
                "data": alles,
            }
        )
        deel = SimpleNamespace(FEIT=feit, **alles)
        if antwoord in ("onbekend-type", "ongeldige-inhoud"):
            gelezen = "aangeboden" if antwoord == "ongeldige-inhoud" else None
            deel = onleesbaar(nummer, gelezen)
        self.geschreven[blad] = Gezegd(schakel, kant, deel, antwoord)
        return blad


def onleesbaar(nummer: int, feit: str | None = None) -> Any:
    """A place in a row that says nothing that can be read."""
    return SimpleNamespace(plek=SimpleNamespace(nummer=nummer), feit=feit)


__all__ = ["Gezegd", "Verhaal", "lees_van_hen", "onleesbaar", "uuid7"]
