"""The five services with their real stores, on one clock; messages go when a test says so."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from tests.skelet.geval import FEITEN, als_body
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.envelop import CONTENT_TYPE, feit_uit, lees
from schakel.contracts.feit import Feit
from schakel.contracts.werkstromen import Proces, VierFeiten
from schakel.kern.bus.bericht import Levering, Record
from schakel.kern.grond.kop import Kop
from schakel.kern.http import LOKAAL, Rol
from schakel.skelet.antwoorden import Antwoord, Weergave
from schakel.skelet.melding import ACTIES
from schakel.skelet.proces import Procesdienst
from schakel.skelet.stappen.begin import Intake
from schakel.skelet.stappen.opdracht import Actie
from schakel.skelet.start import instellingen_voor

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
_sleutels = count(1)


class Klok:
    """The time, as a test wants it."""

    def __init__(self) -> None:
        self.nu = BEGIN

    def __call__(self) -> datetime:
        return self.nu

    def verder(self, **duur: float) -> None:
        """Time passes."""
        self.nu += timedelta(**duur)


class Ref(NamedTuple):
    """Where a melding is, and its id."""

    proces: Proces
    id: UUID


def kop(sleutel: str | None = None, *, rol: Rol = Rol.BEHANDELAAR, digest: bytes = b"") -> Kop:
    """The head of a command by whoever may give it."""
    return Kop(sleutel or f"proef-{next(_sleutels)}", digest, None, LOKAAL, rol)


class Proefketen:
    """Commands go in as over HTTP, deliveries are handed out by ``bezorg``."""

    def __init__(self, map_: Path, klok: Klok | None = None, **instellingen: Any) -> None:
        self.klok = klok or Klok()
        self._instellingen = {"gegevensmap": map_, **instellingen}
        self.diensten = self._open_alle()
        self._acties: Mapping[Proces, Mapping[str, Actie[Any]]] = {
            proces: {actie.stap: actie for actie in (*ACTIES, *omschrijving.acties)}
            for proces, omschrijving in OMSCHRIJVING.items()
        }
        self.doof: set[Proces] = set()
        self._posities: dict[tuple[Proces, Proces], int] = {}

    def _open_alle(self) -> Mapping[Proces, Procesdienst[Any]]:
        return {proces: self.open(proces) for proces in Proces}

    def open(self, proces: Proces, **anders: Any) -> Procesdienst[Any]:
        """This service on its store, not running."""
        omschrijving = OMSCHRIJVING[proces]
        instellingen = instellingen_voor(omschrijving, **self._instellingen, **anders)
        return Procesdienst(omschrijving, instellingen, klok=self.klok)

    async def sluit(self) -> None:
        """Stop all, so that the stores can be opened again."""
        for dienst in self.diensten.values():
            await dienst.schrijver.sluit()
            dienst.opslag.sluit()

    # Commands

    async def meld(self, proces: Proces, **anders: Any) -> Ref:
        """A new melding from somebody who may start this process."""
        soort = "ambtenaar" if proces is Proces.VERBETEREN else "burger"
        vast: dict[str, Any] = {
            "dienst": "verlichting",
            "kanaal": "web",
            "melder": {"soort": soort, "naam": "Testpersoon van Proef"},
            "tekst": "de lantaarn is uit",
        }
        intake = Intake.model_validate_json(json.dumps(vast | anders))
        antwoord = await self.diensten[proces].dienst.neem_aan(intake, kop(rol=Rol.INTAKER))
        return Ref(proces, UUID(antwoord["meldingId"]))

    async def doe(self, melding: Ref, stap: str, **body: Any) -> Antwoord:
        """Take a step, with its body as the API wants it."""
        return await self._doe(melding, stap, body, kop())

    async def _doe(self, melding: Ref, stap: str, body: dict[str, Any], kop: Kop) -> Antwoord:
        opdracht = self._acties[melding.proces][stap].opdracht
        gevraagd = opdracht.model_validate_json(json.dumps(body))  # type: ignore[attr-defined]
        return await self.diensten[melding.proces].dienst.doe(melding.id, gevraagd, kop)

    async def stappen(self, melding: Ref, *stappen: str | tuple[str, dict[str, Any]]) -> Antwoord:
        """Take these steps, one after the other; the messages of each are delivered."""
        antwoord: Antwoord | None = None
        for een in stappen:
            stap, body = een if isinstance(een, tuple) else (een, {})
            antwoord = await self.doe(melding, stap, **(BODY.get(stap, {}) | body))
            await self.bezorg()
        assert antwoord is not None
        return antwoord

    async def beoordeel(self, melding: Ref, feiten: VierFeiten | None = None) -> None:
        """Verhelderen if that is still to be done, then judge."""
        if "verhelderingen" in self.toon(melding)["mogelijkeStappen"]:
            await self.doe(melding, "verhelderingen")
        gekozen = als_body(feiten or FEITEN[melding.proces][0])
        await self.doe(melding, "beoordelingen", feiten=gekozen, impact=2, urgentie=2)

    async def draag_over(self, melding: Ref, naar: Proces, **body: Any) -> Ref:
        """Hand over; return the child after it was delivered."""
        await self.doe(melding, "overdrachten", naar=naar, **body)
        await self.bezorg()
        return self.kinderen(melding)[-1]

    async def verstrijk(self) -> None:
        """What the alarm clock of every service does."""
        for dienst in self.diensten.values():
            while await dienst.dienst.bewaak_termijnen(self.klok()):
                pass
        await self.bezorg()

    # Messages

    async def bezorg(self) -> None:
        """Hand out until nobody has anything new to say; not to who is ``doof``."""
        horend = [proces for proces in Proces if proces not in self.doof]
        while any([await self._bezorg(naar, van) for naar in horend for van in Proces]):
            pass

    async def _bezorg(self, naar: Proces, van: Proces) -> bool:
        if naar is van:
            return False
        positie = self._posities.get((naar, van), 0)
        levering = self.diensten[van].log.lees(positie)
        if not levering.records:
            return False
        await self.diensten[naar].ontvanger.ontvang(levering)
        self._posities[naar, van] = levering.records[-1].nummer
        return True

    def gehad(self, naar: Proces, van: Proces) -> int:
        """Up to where ``naar`` has heard ``van``."""
        return self._posities.get((naar, van), 0)

    def records(self, proces: Proces) -> list[Record]:
        """All that this service ever said."""
        log, gelezen = self.diensten[proces].log, list[Record]()
        while deel := log.lees(gelezen[-1].nummer if gelezen else 0).records:
            gelezen += deel
        return gelezen

    def levering(self, proces: Proces, records: Sequence[Record]) -> Levering:
        """A delivery of these records of this service."""
        log = self.diensten[proces].log
        return Levering(log.bron, log.schrijver, records)

    def berichten(self) -> Iterator[Feit]:
        """All that was ever said, as a reader of the contract sees it."""
        for proces in Proces:
            schrijver = self.diensten[proces].log.schrijver
            for record in self.records(proces):
                koppen = {"content-type": CONTENT_TYPE}
                gelezen = lees(koppen, record.waarde, record.sleutel, verwachte_bron=schrijver)
                yield feit_uit(gelezen)

    # Reads

    def toon(self, melding: Ref) -> Weergave:
        """A melding as its service shows it."""
        return self.diensten[melding.proces].dienst.toon(melding.id)

    def kinderen(self, melding: Ref) -> list[Ref]:
        """The hand-overs of a melding, in order."""
        return [
            Ref(Proces(kind["naar"]), UUID(kind["meldingId"]))
            for kind in self.toon(melding)["kinderen"]
        ]

    def meldingen(self, proces: Proces, **filters: Any) -> list[dict[str, Any]]:
        """The rows of a werkvoorraad, also of what is closed."""
        pagina = self.diensten[proces].dienst.werkvoorraad(filters, 200)
        return [json.loads(bytes(rij)) for rij in pagina["meldingen"]]

    def geparkeerd(self) -> dict[Proces, int]:
        """How many messages each service could not handle; only those with any."""
        aantallen = {p: d.ontvanger.parkeerplaats.aantal() for p, d in self.diensten.items()}
        return {proces: aantal for proces, aantal in aantallen.items() if aantal}


BODY: Mapping[str, dict[str, Any]] = {
    "overeenstemmingen": {"bereikt": True},
    "vaststellingen": {"afspraak": "afspraak-1"},
    "testen": {"geslaagd": True},
    "registraties": {"onderdeel": "brug-7"},
    "workarounds": {"workaround": "noodverlichting"},
    "oorzaken": {"oorzaak": "kabelbreuk"},
    "maatregelen": {"maatregel": "kabel-vervangen"},
    "restrisicos": {"restrisico": "klein"},
    "controles": {"goed": True},
    "tevredenheidscontroles": {"oordeel": "tevreden"},
    "wissingen": {"grond": "verzoek-betrokkene"},
    "afwijzingen": {"reden": "niet-voor-ons"},
    "afbrekingen": {"reden": "geen-middelen"},
    "opschortingen": {"reden": "wacht-op-melder"},
}
"""What a step is asked with, unless a test says otherwise."""


@asynccontextmanager
async def proefketen(map_: Path, **anders: Any) -> AsyncIterator[Proefketen]:
    """A chain that is closed afterwards."""
    keten = Proefketen(map_, **anders)
    try:
        yield keten
    finally:
        await keten.sluit()
        await asyncio.sleep(0)
