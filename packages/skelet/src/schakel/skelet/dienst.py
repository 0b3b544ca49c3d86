"""What a process offers, whatever stands in front of it: commands that are stored, and reads.

A command is get, ask, save; the saving is the writer's, for all that waits at once.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from schakel.contracts.snelschrift import als_tekst
from schakel.kern.geheim.antwoorden import Antwoorden
from schakel.kern.geheim.kluis import Kluis
from schakel.kern.grond.kop import Kop
from schakel.kern.grond.weigering import NietGevonden, VersieVerouderd
from schakel.kern.vastlegging.gebeurtenis import Door, Plaats
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.werk import Voorraad, Werk

from .antwoorden import Antwoord, Gebeurtenisweergave, Weergave
from .codes import Codes
from .inhoud import is_van_intake, persoonlijk, teksten_van_intake
from .instellingen import inhoud_adres
from .melding import Melding
from .opening import Opening
from .overzicht import verlopen, werkvoorraad
from .routering import Routering
from .stappen.begin import Aangenomen, Intake
from .stappen.opdracht import Bij, Opdracht
from .stappen.rand import Wissing
from .termijnen import Dienstencatalogus
from .volgnummer import volgend_volgnummer
from .weergave import deel_van, kenmerken, tijdstip

M = TypeVar("M", bound=Melding)

WACHTER = Door("schakel", "systeem", "termijn")


class Dienst(Generic[M]):
    """One process at work on its own store."""

    def __init__(
        self,
        voorraad: Voorraad[M],
        schrijver: Schrijver[Werk[M]],
        kluis: Kluis,
        antwoorden: Antwoorden,
        catalogus: Dienstencatalogus,
        codes: Codes,
        publieke_url: str,
        routering: Routering,
    ) -> None:
        """``publieke_url`` is where other services reach this one: it goes into ``dataref``."""
        self._routering = routering
        self._voorraad = voorraad
        self._schrijver = schrijver
        self._kluis = kluis
        self._antwoorden = antwoorden
        self._catalogus = catalogus
        self._codes = codes
        self._dataref = partial(inhoud_adres, publieke_url)
        self.opening = Opening(voorraad.soort, self.beslis_uiterlijk)

    # Commands

    async def neem_aan(self, intake: Intake, kop: Kop) -> Antwoord:
        """Register a new melding; raises SleutelHergebruikt, Overbelast, OpslagFout."""
        return await self._voer_uit(partial(self._neem_aan, intake, uuid7()), kop)

    async def doe(self, melding_id: UUID, opdracht: Opdracht[M], kop: Kop) -> Antwoord:
        """Ask a melding; raises NietGevonden, VersieVerouderd, Weigering, and as above."""
        return await self._voer_uit(partial(self._vraag, melding_id, opdracht, kop.als_versie), kop)

    async def _voer_uit(self, doe: Callable[[Werk[M]], Antwoord], kop: Kop) -> Antwoord:
        wie = kop.door.wie
        taak = Taak(
            doe,
            Antwoord,
            Door(wie, kop.rol.value),
            kop.traceparent,
            sleutel=f"{wie}:{kop.sleutel}",
            digest=kop.digest,
        )
        return await self._schrijver.voer_uit(taak)

    def _neem_aan(self, intake: Intake, id_: UUID, werk: Werk[M]) -> Antwoord:
        self._codes.keur(intake)  # not before it is known to be no repeat of what was answered
        melding = self._voorraad.soort(id_, Plaats(id_))
        werk.voeg_toe(melding)
        namens = intake.namens
        melding.neem_aan(
            Aangenomen(
                volgend_volgnummer(werk, melding.PROCES),
                intake.kanaal,
                intake.dienst,
                intake.melder.soort,
                self.beslis_uiterlijk(intake.dienst, werk.nu),
                namens is not None,
                namens.machtiging if namens else None,
                intake.soort_volgens_melder,
                dataref=self._dataref(id_),
            )
        )
        teksten = persoonlijk(intake)
        self._kluis.bewaar(werk, id_, teksten, teksten_van_intake(teksten))
        return _antwoord(melding)

    def _vraag(
        self, melding_id: UUID, opdracht: Opdracht[M], als_versie: int | None, werk: Werk[M]
    ) -> Antwoord:
        self._codes.keur(opdracht)
        melding = werk.haal(melding_id)
        if als_versie is not None and als_versie != melding.versie:
            raise VersieVerouderd(
                "versie-verouderd",
                f"{melding.volgnummer} is van versie {melding.versie}, niet {als_versie}:"
                " haal de melding opnieuw op",
            )
        opdracht.doe(melding, self._bij(melding, werk))
        self.opening.verwerk_eigen(werk, melding)
        if isinstance(opdracht, Wissing):
            for id_ in (melding.id, *melding.kinderen):
                self.wis(werk, id_)
        return _antwoord(melding)

    def wis(self, werk: Werk[Any], melding_id: UUID) -> None:
        """Destroy what was written about a melding."""
        self._kluis.wis(werk, melding_id)
        self._antwoorden.vergeet(werk, melding_id)

    def _bij(self, melding: M, werk: Werk[M]) -> Bij:
        return Bij(
            werk.nu,
            self._catalogus.van(melding.dienst),
            uuid7,
            partial(self._kluis.bewaar_bij, werk),
            self._dataref,
            self._routering,
        )

    def beslis_uiterlijk(self, dienst: str, vanaf: datetime) -> datetime:
        """When a decision on a melding of this dienst is due."""
        return vanaf + self._catalogus.van(dienst).beslistermijn

    async def bewaak_termijnen(self, nu: datetime) -> int:
        """Record the terms that have passed; return how many meldingen that concerned."""
        ids = await asyncio.to_thread(verlopen, self._voorraad.opslag, nu.isoformat())

        def doe(werk: Werk[M]) -> int:
            for id_ in ids:
                melding = werk.haal(id_)
                melding.laat_verstrijken(nu)
                self.opening.verwerk_eigen(werk, melding)
            return len(ids)

        return await self._schrijver.voer_uit(Taak(doe, int, WACHTER)) if ids else 0

    # Reads

    def toon(self, melding_id: UUID) -> Weergave:
        """One melding as it is now; raises NietGevonden."""
        melding = self._voorraad.lees(melding_id)
        if melding is None:
            raise NietGevonden("niet-gevonden", f"er is hier geen melding met id {melding_id}")
        return Weergave(
            **kenmerken(melding),
            deelVan=deel_van(melding),
            kinderen=[
                {
                    "meldingId": str(kind.id),
                    "naar": kind.naar.value,
                    "organisatie": kind.organisatie,
                    "n": kind.n,
                    "ronde": kind.ronde,
                    "status": kind.status.value,
                }
                for kind in melding.kinderen.values()
            ],
            koppelingen=[
                {
                    "meldingId": str(andere.id),
                    "proces": andere.proces.value,
                    "voltooid": andere.id in melding.voltooide_koppelingen,
                }
                for andere in melding.koppelingen.values()
            ],
            voortgekomen=[str(id_) for id_ in melding.voortgekomen],
            gezet=sorted(melding.gezet),
            termijnen={naam: tijdstip(op) for naam, op in melding.termijnen.items()},
            dataref=melding.dataref,
        )

    def geschiedenis(self, melding_id: UUID) -> list[Gebeurtenisweergave]:
        """What happened, in order; raises NietGevonden."""
        vastgelegd = self._voorraad.geschiedenis(melding_id)
        if not vastgelegd:
            raise NietGevonden("niet-gevonden", f"er is hier geen melding met id {melding_id}")
        return [
            Gebeurtenisweergave(
                versie=v.originator_version,
                gebeurtenis=v.gebeurtenis.NAAM,
                tijdstipGeregistreerd=tijdstip(v.op),
                door=msgspec.to_builtins(v.door),
                feit=msgspec.to_builtins(v.gebeurtenis),
            )
            for v in vastgelegd
        ]

    def werkvoorraad(self, filters: dict[str, Any], limiet: int) -> dict[str, Any]:
        """A page of meldingen; see ``overzicht.FILTERS``."""
        return werkvoorraad(self._voorraad.opslag, filters, limiet)

    def inhoud(self, melding_id: UUID) -> dict[str, Any]:
        """What was written about a melding, for those with the right to see it."""
        teksten = self._kluis.lees(melding_id)
        geschiedenis = self._voorraad.geschiedenis(melding_id)
        return teksten_van_intake(teksten) if is_van_intake(geschiedenis) else teksten


def _antwoord(melding: Melding) -> Antwoord:
    return Antwoord(
        meldingId=als_tekst(melding.id),
        volgnummer=melding.volgnummer,
        versie=melding.versie,
        status=melding.status,
        mogelijkeStappen=melding.mogelijke_stappen(),
    )
