"""Texts over the border, apart from the messages: given and taken, each with its line in the books.

A text lives once in the house that wrote it: in the service of the melding, which gives it when it
is asked for. In the house that needs it to work with, this grens keeps it under a key of its own,
until it is erased there. Who may have it is decided in the turn of the writer, right before it
leaves or is kept: what was erased meanwhile is gone.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from uuid import UUID

from schakel.contracts.organisatie import Schakelsoort
from schakel.kern.geheim.kluis import Kluis
from schakel.kern.grond.weigering import NietGevonden
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.audit import GEDAAN, Handeling
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.werk import Werk

from .fouten import Golffout
from .inhoudlijst import (
    Tekstbericht,
    Tekststand,
    Teksttaak,
    boek,
    geef_op,
    is_geboekt,
    stand_van,
    stel_uit,
    volgende,
    zet_er,
    zet_geboekt,
)
from .kanaal import SYSTEEM
from .lijn import Lijn
from .rem import rem_van
from .schakel import Schakel, Tekstplek, id_tussen
from .vormen import Tekstinhoud

T = TypeVar("T")

GEVEN: Final = "inhoud geven"
BRENGEN: Final = "inhoud brengen"
HALEN: Final = "inhoud halen"
ONTVANGEN: Final = "inhoud ontvangen"
LEZEN: Final = "inhoud lezen"
"""What the books say of a text: given to who asked, brought, fetched, received; read by somebody
of this house."""
EIGEN: Final = "schakel-grens"


class Tekstbron(Protocol):
    """Where the texts of this house are."""

    async def haal(self, proces: str, dataref: str, schakel: UUID) -> str | None:
        """What goes with the hand-over ``schakel``; None when that is erased. Raises Fout."""


class Vindplaats(NamedTuple):
    """Where in this house a text of ours is."""

    proces: str
    dataref: str


class Inhouden:
    """The channel for texts, whoever of the two makes the call."""

    def __init__(
        self,
        oin: str,
        lijn_naar: Callable[[str], Lijn | None],
        schrijver: Schrijver[Any],
        kluis: Kluis,
        bron: Tekstbron,
    ) -> None:
        """``oin`` is ours; ``kluis`` keeps what partners wrote, ``bron`` gives what we did."""
        self._oin = oin
        self._lijn_naar = lijn_naar
        self._schrijver = schrijver
        self._kluis = kluis
        self.bron = bron

    # A partner calls; both raise Golffout

    async def geef(self, partner: str, bericht: Tekstbericht) -> Tekstinhoud:
        """What we wrote, as the server of it."""
        tekst = await self._eigen_tekst(partner, bericht)

        def doe(werk: Werk[Schakel]) -> None:
            schakel = self._keur(werk, partner, bericht, van_ons=True)
            zet_er(werk, schakel.id, bericht.plek)
            boek(werk, wat=GEVEN, wie=partner, partner=partner, bericht=bericht)

        await self._doe(doe)
        return Tekstinhoud(tekst)

    async def neem(self, partner: str, bericht: Tekstbericht, inhoud: Tekstinhoud) -> None:
        """What they wrote and bring; the same once more is success."""
        if await self._bewaar(partner, bericht, inhoud, ONTVANGEN, wie=partner):
            return
        id_ = self._id(partner, bericht, van_ons=False)
        if await asyncio.to_thread(self._bewaarde, id_, bericht.plek) != inhoud.tekst:
            raise Golffout("andere-inhoud", "hier staat een andere tekst bij dit bericht")

    # We call

    def volgende(self, opslag: Opslag, nu: datetime, partner: str) -> Teksttaak | None:
        """What there is to fetch, or to bring where they never call; for a thread."""
        lijn = self._lijn_naar(partner)
        if lijn is None or not self._gaan_over(partner):
            return None
        if rem_van(opslag, partner).geblokkeerd or lijn.verkeer.verbinding().gestopt:
            return None
        taak = volgende(opslag, partner, nu, van_ons=False) if lijn.partner.wij_sturen else None
        if taak is None and lijn.partner.wij_halen:
            taak = volgende(opslag, partner, nu, van_ons=True)
        return taak

    async def te_brengen(self, partner: str, taak: Teksttaak) -> Tekstinhoud:
        """What we wrote, about to be brought; booked once, before the first time that it leaves."""
        bericht = taak.bericht
        tekst = await self._eigen_tekst(partner, bericht)

        def doe(werk: Werk[Schakel]) -> None:
            self._keur(werk, partner, bericht, van_ons=True)
            if not is_geboekt(werk, taak):
                boek(werk, wat=BRENGEN, wie=EIGEN, partner=partner, bericht=bericht)
                zet_geboekt(werk, taak)

        await self._doe(doe)
        return Tekstinhoud(tekst)

    async def gebracht(self, taak: Teksttaak) -> None:
        """They have it."""
        await self._doe(lambda werk: zet_er(werk, taak.id, taak.bericht.plek))

    async def gehaald(self, partner: str, taak: Teksttaak, inhoud: Tekstinhoud) -> None:
        """They gave it; raises Golffout: what was erased meanwhile is not kept."""
        await self._bewaar(partner, taak.bericht, inhoud, HALEN, wie=EIGEN)

    async def stel_uit(self, taak: Teksttaak, minstens: float = 0.0) -> None:
        """It did not go now."""
        await self._doe(lambda werk: stel_uit(werk, taak, minstens))

    async def geef_op(self, taak: Teksttaak, stand: Tekststand) -> None:
        """It does not come any more."""
        await self._doe(lambda werk: geef_op(werk, taak, stand))

    # Somebody of this house

    async def lees(self, partner: str, bericht: Tekstbericht, wie: Handeling) -> str:
        """What the partner wrote; raises NietGevonden. Who reads it is written down with that."""
        id_ = self._id(partner, bericht, van_ons=False)

        def doe(werk: Werk[Schakel]) -> None:
            schakel = werk.zoek(id_)
            stand = stand_van(werk, id_, bericht.plek)
            is_gewist = schakel is None or schakel.is_gewist
            if stand is Tekststand.WACHT and not is_gewist:
                if not self._gaan_over(partner):
                    uitleg = "met deze organisatie is afgesproken dat er geen teksten overgaan"
                    raise NietGevonden("inhoud-niet-afgesproken", uitleg)
                raise NietGevonden("inhoud-onderweg", "deze tekst is nog niet hier; probeer het zo")
            if stand is not Tekststand.ER or is_gewist:
                raise _niet_gevonden()
            wie.boek(werk, GEDAAN)

        await self._doe(doe, Door(wie.wie, wie.rol))
        return await asyncio.to_thread(self._bewaarde, id_, bericht.plek)

    # What is asked in the turn of the writer

    def _gaan_over(self, partner: str) -> bool:
        """Whether the contract that holds now has texts cross."""
        lijn = self._lijn_naar(partner)
        return lijn is not None and lijn.partner.nu.inhoud.inhoud

    def _keur(
        self, werk: Werk[Schakel], partner: str, bericht: Tekstbericht, *, van_ons: bool
    ) -> Schakel:
        """The schakel, if a text may cross on it now; raises Golffout."""
        if not self._gaan_over(partner):
            raise Golffout("geen-overeenkomst", "met deze organisatie gaan geen teksten over")
        if rem_van(werk, partner).geblokkeerd:
            raise Golffout("te-druk", "hier gaan nu geen teksten over; probeer het later")
        schakel = werk.zoek(self._id(partner, bericht, van_ons=van_ons))
        if schakel is None or bericht.plek not in schakel.teksten:
            raise Golffout("onbekend", "bij zo een bericht is hier geen tekst")
        if schakel.is_gewist:
            raise Golffout("gewist", "deze tekst is gewist")
        if schakel.stand.is_dicht or (schakel.is_uitvoerder_zonder_melding and schakel.weigert):
            raise Golffout("dicht", "deze schakel is voorbij")
        return schakel

    async def _eigen_tekst(self, partner: str, bericht: Tekstbericht) -> str:
        """What we wrote; raises Golffout, or Fout where our own service cannot give it now."""

        def zoek(werk: Werk[Schakel]) -> Vindplaats:
            schakel = self._keur(werk, partner, bericht, van_ons=True)
            ouder, gevraagd = schakel.plaats.ouder, schakel.gevraagd
            if ouder is None or gevraagd is None or gevraagd.dataref is None:
                # A store that was put back hears of it again from the house.
                raise Golffout("te-druk", "deze tekst is nu niet te geven; probeer het later")
            return Vindplaats(ouder.soort, gevraagd.dataref)

        tekst = await self.bron.haal(*await self._doe(zoek), bericht.schakel)
        if tekst is None:
            raise Golffout("gewist", "deze tekst is gewist")
        return tekst

    async def _bewaar(
        self, partner: str, bericht: Tekstbericht, inhoud: Tekstinhoud, wat: str, *, wie: str
    ) -> bool:
        """Keep what they wrote; False when there is one already."""

        def doe(werk: Werk[Schakel]) -> bool:
            schakel = self._keur(werk, partner, bericht, van_ons=False)
            aanbod = schakel.aanbod
            if inhoud.melder is not None and (
                aanbod is None or aanbod.soort is not Schakelsoort.ESTAFETTE
            ):
                raise Golffout("ongeldig", "een melder gaat alleen over in een estafette")
            if stand_van(werk, schakel.id, bericht.plek) is Tekststand.ER:
                return False
            self._kluis.bewaar_bij(werk, schakel.id, _soort(bericht.plek), inhoud.tekst)
            zet_er(werk, schakel.id, bericht.plek)
            boek(werk, wat=wat, wie=wie, partner=partner, bericht=bericht)
            return True

        return await self._doe(doe)

    def _bewaarde(self, id_: UUID, plek: Tekstplek) -> str:
        tekst: str | None = self._kluis.lees(id_).get(_soort(plek))
        if tekst is None:
            raise _niet_gevonden()
        return tekst

    def _id(self, partner: str, bericht: Tekstbericht, *, van_ons: bool) -> UUID:
        """Who of the two asks, follows from who wrote it and on which side."""
        wij = bericht.plek.kant if van_ons else bericht.plek.kant.overkant
        return id_tussen(self._oin, partner, wij, bericht.schakel)

    async def _doe(self, doe: Callable[[Werk[Schakel]], T], door: Door = SYSTEEM) -> T:
        soort: type[Any] = object
        return await self._schrijver.voer_uit(Taak(doe, soort, door))


def _soort(plek: Tekstplek) -> str:
    return f"{plek.kant}{plek.nummer}"


def _niet_gevonden() -> NietGevonden:
    return NietGevonden("inhoud-niet-gevonden", "hiervan is geen inhoud (meer) bewaard")
