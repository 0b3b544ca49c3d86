"""The chain with nothing of the domain in it: five steps, five events, through three services.

Store, writer, relay, bus and inbox are the real ones; a step only keeps that it was taken. It shows
what the mechanics can carry, as the workflows of the other systems (``peers``) do.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import ClassVar
from uuid import UUID

import msgspec
from eventsourcing.persistence import Notification
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from schakel.contracts.topics import topic_van, topics_van
from schakel.kern.bezorging.ontvanger import Effect, Ontvanger
from schakel.kern.bus import Topic, Verzending, open_bus
from schakel.kern.bus.bericht import Bericht
from schakel.kern.deelnemer import Deelnemer
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.opslag import KERNTABELLEN, open_opslag
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis, Plaats, Register
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.werk import Voorraad, Werk

from .keten import Klaar, klaar_na
from .opslag import DOOR, TEKST, Vak, nu
from .peers.stap import WEG

TYPE = "nl.meldingen.bench.gezet.v1"


class Gezet(Gebeurtenis, frozen=True):
    """A step was taken."""

    NAAM: ClassVar[str] = "bench/stap.gezet"
    stap: int
    tekst: str

    def pas_toe(self, op: Vak) -> None:
        op.tekst = self.tekst


class _Feit(msgspec.Struct, frozen=True, gc=False):
    stap: int
    tekst: str


class _Omslag(msgspec.Struct, frozen=True, gc=False):
    id: str
    source: str
    subject: str
    time: str
    partitionkey: str
    data: _Feit
    specversion: str = "1.0"
    type: str = TYPE
    datacontenttype: str = "application/json"


_SCHRIJF = msgspec.json.Encoder().encode
REGISTER = Register([Gezet])


class Vertaler:
    """An event to its message."""

    def __init__(self, bron: str) -> None:
        self.bron = bron

    def __call__(self, notificatie: Notification) -> Verzending:
        """See ``Vertaal``."""
        v = REGISTER.lees(notificatie)
        boom = str(v.plaats.boom)
        assert isinstance(v.gebeurtenis, Gezet)
        omslag = _Omslag(
            f"{v.originator_id}.{v.originator_version}",
            self.bron,
            str(v.originator_id),
            v.op.isoformat(),
            boom,
            _Feit(v.gebeurtenis.stap, v.gebeurtenis.tekst),
        )
        return Verzending(notificatie.id, boom.encode(), _SCHRIJF(omslag), TYPE)


class Stappen:
    """The reactions of one service: take the next step when it is mine."""

    typen = raakt_ons = frozenset([TYPE])

    def __init__(self, naam: str, klaar: Klaar) -> None:
        self._mijne = {nr for nr, wie in enumerate(WEG) if nr and wie == naam}
        self._klaar = klaar

    def duid(self, bericht: Bericht) -> Effect | None:
        """See ``Verwerker``."""
        stap = bericht.lees(_Feit).stap + 1
        if stap not in self._mijne:
            return None
        id_ = UUID(bericht.subject)
        return Effect(partial(self._zet, id_, stap), (id_,))

    def _zet(self, id_: UUID, stap: int, werk: Werk[Vak]) -> None:
        vak = werk.zoek(id_)
        if vak is None:
            vak = Vak(id_, Plaats(id_))
            werk.voeg_toe(vak)
        vak.gebeurt(Gezet(stap, TEKST))
        if stap == len(WEG) - 1:
            klaar_na(werk, id_, self._klaar)


class KaleDienst(Deelnemer):
    """One service of this chain."""

    def __init__(self, naam: str, instellingen: Instellingen, klaar: Klaar) -> None:
        super().__init__(naam, "1.0.0")
        self.instellingen = instellingen
        self.opslag = open_opslag(instellingen, naam, KERNTABELLEN)
        voorraad = Voorraad(Vak, REGISTER, self.opslag)
        self.schrijver = Schrijver(
            voorraad, nu, wachtrij=instellingen.wachtrij, na_commit=self._wek, meten=self.meten
        )
        self.lezer = Ontvanger(
            self.schrijver, self.opslag, Stappen(naam, klaar), meten=self.meten, sporen=self.sporen
        )
        eigen = topic_van(instellingen.oin, naam)
        topics = topics_van(instellingen.oin)
        ingang, uitgang = open_bus(
            instellingen,
            naam,
            [Topic(topic, bron) for topic, bron in topics.items() if topic != eigen],
            eigen,
        )
        self.vertaal = Vertaler(topics[eigen])
        if ingang is not None and uitgang is not None:
            self.verbind(ingang)
            self.zend_naar(uitgang, self.vertaal)


class KaleKeten:
    """The three services; ``begin`` takes the first step of a new one."""

    def __init__(self, instellingen: Mapping[str, Instellingen], klaar: Klaar) -> None:
        self.diensten = {naam: KaleDienst(naam, i, klaar) for naam, i in instellingen.items()}

    @property
    def deelnemers(self) -> Sequence[Deelnemer]:
        """See ``Keten``."""
        return list(self.diensten.values())

    async def begin(self) -> UUID:
        """See ``Keten``."""
        id_ = uuid7()

        def doe(werk: Werk[Vak]) -> None:
            vak = Vak(id_, Plaats(id_))
            werk.voeg_toe(vak)
            vak.gebeurt(Gezet(0, TEKST))

        await self.diensten[WEG[0]].schrijver.voer_uit(Taak(doe, type(None), DOOR))
        return id_

    @asynccontextmanager
    async def draaiend(self) -> AsyncIterator[None]:
        """Run all of them."""
        async with AsyncExitStack() as opruimen:
            for dienst in self.diensten.values():
                await opruimen.enter_async_context(dienst.levensloop(FastAPI()))
            yield
