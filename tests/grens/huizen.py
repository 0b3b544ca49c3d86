"""Two organisations, each with its five services and its grens; what is said goes when a test asks.

No network: the pages of each are brought to the other as a caller would, one at a time.
"""

import json
import shutil
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.keten.proefketen import Klok, Proefketen, Ref

from schakel.afleiding import Afleiding, lees, leid_boom_af, stel_samen
from schakel.contracts.deelproces import melding_voor
from schakel.contracts.envelop import feit_uit
from schakel.contracts.envelop import lees as lees_envelop
from schakel.contracts.feit import Feit
from schakel.contracts.werkstromen import Proces
from schakel.grens.dienst import Grens
from schakel.grens.fouten import Golffout
from schakel.grens.huisteksten import TekstNietTeKrijgen
from schakel.grens.instellingen import Instellingen
from schakel.grens.kanaal import Partnerkanaal
from schakel.kern.bus.bericht import KOPPEN, Record
from schakel.kern.grond.weigering import NietGevonden

from .contract import overeenkomst
from .zijden import VECTOREN, A, B

OINS = {"A": A, "B": B}
NIEMAND: Mapping[str, Any] = {"standaard": None}
NIETS: Mapping[str, Any] = MappingProxyType({})


def afspraak(vrager: str, uitvoerder: str, *processen: str, **anders: Any) -> dict[str, Any]:
    """What one may ask of the other."""
    return {
        "soort": "deelproces",
        "vrager": vrager,
        "uitvoerder": uitvoerder,
        "processen": list(processen),
        "meldingsoorten": [],
        "diensten": ["verlichting"],
        "modellen": ["hoofdaannemer"],
        "termijnen": {"eersteWoord": "P2D", "beoordeling": "P14D"},
        **anders,
    }


AFSPRAKEN = [afspraak(A, B, "wijzigen"), afspraak(B, A, "uitvoeren")]


def zet_klaar(map_: Path, wie: str, getekend: bytes, routering: Mapping[str, Any]) -> None:
    """What an organisation has in its folder before it starts."""
    (map_ / "partners").mkdir(parents=True)
    (map_ / "partners" / "b.overeenkomst.json").write_bytes(getekend)
    (map_ / "routering.json").write_text(json.dumps({"processen": routering}))
    ruw = b64decode(VECTOREN["sleutels"][wie]["ed25519"])
    pem = Ed25519PrivateKey.from_private_bytes(ruw).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (map_ / "log.pem").write_bytes(pem)


class Teksten:
    """What the services of a house have written down, without HTTP in between."""

    def __init__(self, huis: "Huis") -> None:
        self._huis = huis
        self.is_weg = False
        self.gevraagd: list[tuple[str, str]] = []

    async def haal(self, proces: str, dataref: str, schakel: UUID) -> str | None:
        """See ``Tekstbron``."""
        self.gevraagd.append((proces, dataref))
        if self.is_weg:
            raise TekstNietTeKrijgen("tekst-niet-te-krijgen", "proef")
        try:
            gelezen = self._huis.keten.diensten[Proces(proces)].dienst.inhoud(schakel)
        except NietGevonden:
            return None
        return str(gelezen["opdracht"])


class Huis:
    """One organisation."""

    def __init__(self, map_: Path, wie: str, klok: Klok, opslag: str = "sqlite") -> None:
        self.map, self.wie, self.klok, self.opslag = map_, wie, klok, opslag
        self.oin = OINS[wie]

    async def open(self) -> None:
        """Start all six on their stores."""
        self.keten = Proefketen(
            self.map, self.klok, oin=self.oin, routering=self.map / "routering.json"
        )
        instellingen = Instellingen(
            oin=self.oin,
            gegevensmap=self.map,
            logsleutels=(self.map / "log.pem",),
            opslag=self.opslag,
        )
        self.grens = Grens(instellingen, klok=self.klok)
        self.grens.inhouden.bron = self.teksten = Teksten(self)
        self._gelezen: dict[str, int] = {}
        await self.grens.vergeet_sessies()
        await self.grens.partners.ververs(bel=False)

    async def sluit(self) -> None:
        await self.keten.sluit()
        await self.grens.schrijver.sluit()
        self.grens.opslag.sluit()

    @property
    def kanaal(self) -> Partnerkanaal:
        (kanaal,) = filter(None, map(self.grens.partners.van, OINS.values()))
        return kanaal

    async def bezorg(self) -> None:
        """Within the house, until nobody has anything new to say."""
        bezig = True
        while bezig:
            await self.keten.bezorg()
            bezig = False
            for proces, dienst in self.keten.diensten.items():
                if (levering := dienst.log.lees(self._gelezen.get(proces, 0))).records:
                    self._gelezen[proces] = levering.records[-1].nummer
                    await self.grens.ontvanger.ontvang(levering)
                    bezig = True
            if (levering := self.grens.log.lees(self._gelezen.get("grens", 0))).records:
                self._gelezen["grens"] = levering.records[-1].nummer
                for dienst in self.keten.diensten.values():
                    await dienst.ontvanger.ontvang(levering)
                bezig = True

    def van_grens(self) -> list[Feit]:
        """All that the grens told the house."""
        return [feit_uit(lees_envelop(KOPPEN, een.waarde)) for een in self._records()]

    def _records(self) -> list[Record]:
        records: list[Record] = []
        while deel := self.grens.log.lees(records[-1].nummer if records else 0).records:
            records += deel
        return records

    def afleiding(self, wortel_id: UUID) -> Afleiding:
        """Of one tree, from all that was said in this house."""
        ruw = [r.waarde for proces in Proces for r in self.keten.records(proces)]
        ruw += [record.waarde for record in self._records()]
        alle = [w for w in map(lees, ruw) if w.data.wortel_id == str(wortel_id)]
        return leid_boom_af(str(wortel_id), alle)

    def gezegd(self) -> list[str]:
        """The types that stand in our log, without what is the same in each."""
        bladen = self.kanaal.verkeer.uit.bladen(0, 10_000)
        return [json.loads(b)["type"].removeprefix("nl.schakels.")[:-3] for b in bladen]

    def geparkeerd(self) -> int:
        """What somebody here could not handle."""
        elders = sum(self.keten.geparkeerd().values())
        return elders + self.grens.ontvanger.parkeerplaats.aantal()

    def schakels(self) -> list[dict[str, Any]]:
        """As the API shows them."""
        rijen = self.grens.opslag.vraag("SELECT overzicht FROM schakels ORDER BY schakel")
        return [json.loads(bytes(rij)) for (rij,) in rijen]


class TweeHuizen:
    """A asks wijzigen of B, B may ask uitvoeren of A."""

    def __init__(
        self,
        map_: Path,
        afspraken: list[dict[str, Any]] | None = None,
        opslag: Mapping[str, str] = NIETS,
        per_partij: Mapping[str, Any] = NIETS,
        **contract: Any,
    ) -> None:
        """``opslag`` is that of the grens of each; ``contract`` has members that differ."""
        self.klok = Klok()
        geldig = {"geldigVanaf": "2026-01-01T00:00:00Z", "geldigTot": "2028-01-01T00:00:00Z"}
        anders = {"afspraken": afspraken or AFSPRAKEN, **geldig, **contract}
        getekend = overeenkomst(per_partij, **anders)
        zet_klaar(map_ / "A", "A", getekend, {"wijzigen": {"standaard": B}})
        anderen = dict.fromkeys(("afspreken", "herstellen", "verbeteren"), NIEMAND)
        zet_klaar(map_ / "B", "B", getekend, anderen)
        self.a, self.b = (
            Huis(map_ / wie, wie, self.klok, opslag.get(wie, "sqlite")) for wie in "AB"
        )

    async def open(self) -> "TweeHuizen":
        await self.a.open()
        await self.b.open()
        return self

    async def sluit(self) -> None:
        await self.a.sluit()
        await self.b.sluit()

    async def hervat(self) -> None:
        """A calls: resume both directions, give back what either lost."""
        vraag = await self.a.kanaal.begin_hervatting()
        antwoord = await self.b.kanaal.hervat(vraag)
        await self.a.kanaal.rond_hervatting(antwoord)
        for hier, daar in ((self.a, self.b), (self.b, self.a)):
            while hier.kanaal.verkeer.mist_bladen():
                omvang = hier.kanaal.verkeer.stand_uit().omvang
                await hier.kanaal.neem_bladen(await daar.kanaal.geef_bladen(omvang))

    async def volg(self, *, over: bool = True) -> None:
        """Deliver in both houses and, with ``over``, across, until nobody says anything new."""
        bezig = True
        while bezig:
            bezig = False
            for huis in (self.a, self.b):
                await huis.bezorg()
            if over:
                bezig = any([await self._breng(self.a, self.b), await self._breng(self.b, self.a)])

    async def _breng(self, van: Huis, naar: Huis) -> bool:
        verbinding = await van.kanaal.verbinding()
        with suppress(Golffout):
            pagina = await van.kanaal.pagina(verbinding.sessie_uit or "", verbinding.vanaf)
            if pagina is not None:
                inname = await naar.kanaal.neem_pagina(pagina.schrijf())
                await van.kanaal.neem_ontvangst(inname.ontvangst)
                return True
        return False

    async def herstart(self, huis: Huis) -> None:
        """Stop it and start it again, where it was."""
        await huis.sluit()
        await huis.open()
        await self.hervat()

    async def kopieer(self, huis: Huis) -> Path:
        """A copy of all its stores, as a backup has it."""
        await huis.sluit()
        kopie = huis.map.with_name(f"{huis.wie}-kopie")
        shutil.copytree(huis.map, kopie)
        await huis.open()
        await self.hervat()
        return kopie

    async def zet_terug(self, huis: Huis, kopie: Path) -> None:
        """What happened since is gone."""
        await huis.sluit()
        shutil.rmtree(huis.map)
        shutil.copytree(kopie, huis.map)
        await huis.open()
        await self.hervat()

    def daar(self, melding: Ref, nummer: int = -1) -> Ref:
        """The melding at B that does what ``melding`` of A handed over."""
        kind = self.a.keten.kinderen(melding)[nummer]
        return Ref(kind.proces, melding_voor(kind.id, B, A))

    def pad(self, wortel: Ref, *anderen: Ref) -> str:
        """The path of a tree of A, composed with trees of B."""
        eerste = self.a.afleiding(wortel.id)
        bomen = [eerste, *(self.b.afleiding(een.id) for een in anderen)]
        pad = stel_samen(bomen)[eerste.organisatie, eerste.wortel_id]
        return "".join(proces.letter for proces in pad)
