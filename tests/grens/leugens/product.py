"""Who is lied to: the product's grens, whole, on a store of its own, and the house behind it.

The house is played: a giver that asks and takes back, and a worker that registers whatever it is
asked and does some of it. It says the real messages and counts what it is told.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.grens.beurten.huis import Gever, Huis
from tests.grens.beurten.kant import Vlot
from tests.grens.leugens.partner import als_json
from tests.grens.leugens.verhaal import uuid7

from schakel.contracts.werkstromen import Proces
from schakel.grens import dienst
from schakel.grens.instellingen import Instellingen
from schakel.kern.opslag import lees_posities

OP = datetime(2026, 11, 30, 12, tzinfo=UTC)
PLANNEN: Mapping[int, tuple[str, ...]] = {1: (), 2: ("gereed", "voltooid"), 3: ("afgewezen",)}
"""What the worker does, by ``n`` of what was asked; of others too it has nothing to say."""


class Product:
    """See the module."""

    def __init__(
        self,
        r: Random,
        map_: Path,
        wij: str,
        zij: str,
        contracten: Mapping[str, Any],
        geheim: bytes,
    ) -> None:
        """``contracten`` are signed, by partner; the house asks things of ``zij``."""
        (map_ / "partners").mkdir()
        for oin, jws in contracten.items():
            (map_ / "partners" / f"{oin}.overeenkomst.json").write_bytes(als_json(jws))
        (map_ / "log.pem").write_bytes(
            Ed25519PrivateKey.from_private_bytes(geheim).private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self._r = r
        self._tijd = _klok()
        instellingen = Instellingen(oin=wij, gegevensmap=map_, logsleutels=(map_ / "log.pem",))
        with patch.object(dienst, "Schrijver", Vlot):
            self.grens = dienst.Grens(instellingen, klok=self.klok)
        gever = Gever(uuid7(r))
        self.huis = Huis(wij, zij, Proces.WIJZIGEN, Proces.UITVOEREN, gever, PLANNEN, [])
        self._posities: dict[str, int] = {}

    def klok(self) -> datetime:
        """A second later each time."""
        return next(self._tijd)

    async def open(self) -> None:
        """As a service starts."""
        await self.grens.vergeet_sessies()
        await self.grens.partners.ververs(bel=False)
        self._posities = dict(lees_posities(self.grens.opslag))

    async def sluit(self) -> None:
        """Nothing of it runs any more."""
        await self.grens.schrijver.sluit()
        self.grens.opslag.sluit()

    async def leef(self) -> None:
        """The house does something, and hears and answers until nobody there has anything new."""
        kinderen = self.huis.gever.kinderen
        match self._r.choices("bt-", (4, 2, 4))[0]:
            case "b":
                self.huis.opdrachten.append(("bied", len(kinderen) + 1))
            case "t" if kinderen:
                self.huis.opdrachten.append(("terug", self._r.randint(1, len(kinderen))))
        self.huis.geef(lambda _: uuid7(self._r), self.klok())
        self.huis.werk_verder(self.klok())
        bezig = True
        while bezig:
            records = self.grens.log.lees(self.huis.gelezen).records
            bezig = self.huis.hoor(records, self.klok())
            for levering in self.huis.leveringen(self._posities):
                await self.grens.ontvanger.ontvang(levering)
                self._posities[levering.positienaam] = levering.records[-1].nummer
                bezig = True


def _klok() -> Iterator[datetime]:
    nu = OP
    while True:
        nu += timedelta(seconds=1)
        yield nu


__all__ = ["Product"]
