"""From the log of one service to the effect in another: on every store, over every kind of bus."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from tests.conftest import KAFKAS
from tests.kern.bussen import Topic
from tests.kern.conftest import MaakPlek, Plek
from tests.kern.kafkabus import KafkaTopic
from tests.kern.proef import BRON, DOOR, Dienst, Kist, geprojecteerd, inhoud, tot, verzending

from schakel.kern.bezorging.relais import Relais
from schakel.kern.bus import Bronlog, Ingang, IngebedeIngang
from schakel.kern.grond.weigering import BusFout, Overbelast
from schakel.kern.vastlegging.gebeurtenis import Plaats
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.vastlegging.werk import Werk


class Keten:
    """A sender, a bus and a receiver."""

    def __init__(self, topic: Topic | KafkaTopic | None, zender: Plek, ontvanger: Plek) -> None:
        """Without ``topic`` the receiver reads the log of the sender."""
        self.topic = topic
        self._plekken = (zender, ontvanger)
        self._taken: list[asyncio.Task[None]] = []
        self.begin()

    def begin(self) -> None:
        zender, ontvanger = self._plekken
        self.zender = Dienst(zender.open(), na_commit=self._wek)
        self.ontvanger = Dienst(ontvanger.open())
        self._ingebed = IngebedeIngang([Bronlog("proef", BRON, self.zender.opslag, verzending)])
        self.relais: Relais | None = None
        if self.topic is not None:
            self.relais = Relais(self.zender.opslag, verzending, self.topic.uitgang)
        self.wekt = True

    def _wek(self) -> None:
        if self.wekt:
            self._ingebed.wek()
            if self.relais is not None:
                self.relais.wek()

    @property
    def ingang(self) -> Ingang:
        return self._ingebed if self.topic is None else self.topic.ingang

    def draai(self) -> None:
        """Let the messages flow."""
        self._blijf(lambda: self.ontvanger.ontvanger.draai(self.ingang))
        if self.relais is not None:
            self._blijf(self.relais.draai)

    async def wis(self) -> None:
        """The bus is deleted and made again; one that is embedded keeps nothing."""
        if self.topic is not None:
            await self.topic.wis()

    def _blijf(self, werk: Callable[[], Awaitable[None]]) -> None:
        async def telkens() -> None:
            while True:
                with suppress(BusFout):
                    await werk()

        self._taken.append(asyncio.create_task(telkens()))

    async def stop(self) -> None:
        for taak in self._taken:
            taak.cancel()
        uitkomsten = await asyncio.gather(*self._taken, return_exceptions=True)
        assert all(isinstance(u, asyncio.CancelledError) for u in uitkomsten), uitkomsten
        self._taken.clear()
        await self.zender.sluit()
        await self.ontvanger.sluit()

    async def herstart(self) -> None:
        await self.stop()
        self.begin()

    async def is_bezorgd(self) -> None:
        """Until the receiver has what the sender has."""
        verzonden = inhoud(self.zender.opslag)
        await tot(lambda: geprojecteerd(self.ontvanger.opslag) == verzonden)
        assert inhoud(self.ontvanger.opslag) == verzonden


@pytest.fixture(params=["ingebed", "topics", *KAFKAS])
async def topic(request: pytest.FixtureRequest) -> AsyncIterator[Topic | KafkaTopic | None]:
    if request.param in KAFKAS:
        topic = KafkaTopic(request.getfixturevalue(request.param))
        await topic.maak()
        yield topic
        await topic.verwijder()
    else:
        yield Topic() if request.param == "topics" else None


@pytest.fixture
async def keten(topic: Topic | KafkaTopic | None, maak_plek: MaakPlek) -> AsyncIterator[Keten]:
    keten = Keten(topic, maak_plek(), maak_plek())
    yield keten
    await keten.stop()


async def vul(keten: Keten, kisten: list[UUID], begin: int, aantal: int) -> None:
    await asyncio.gather(
        *(keten.zender.vul(kisten[i % len(kisten)], i) for i in range(begin, begin + aantal))
    )


async def test_alles_komt_aan_een_keer_en_in_volgorde(keten: Keten) -> None:
    kisten = [uuid4() for _ in range(7)]
    keten.draai()
    for begin in range(20, 1_220, 300):
        await vul(keten, kisten, begin, 300)
    await keten.is_bezorgd()
    # More than one stretch of the log, and far fewer transactions than messages.
    assert keten.ontvanger.schrijver.aantal_transacties < 100


async def test_wie_later_komt_leest_vanaf_het_begin(keten: Keten) -> None:
    kisten = [uuid4() for _ in range(3)]
    await vul(keten, kisten, 20, 700)
    keten.draai()
    await keten.is_bezorgd()


async def test_na_een_herstart_gaat_het_verder(keten: Keten) -> None:
    kisten = [uuid4() for _ in range(3)]
    for begin in (20, 60, 100):
        keten.draai()
        await vul(keten, kisten, begin, 40)
        await keten.herstart()
    keten.draai()
    await keten.is_bezorgd()


async def test_gaten_in_de_nummers_houden_niets_op(keten: Keten) -> None:
    """On PostgreSQL a transaction that is undone takes its numbers with it."""
    kisten = [uuid4() for _ in range(3)]
    keten.draai()
    for begin in range(20, 26):
        await vul(keten, kisten, begin, 1)
        with pytest.raises(Overbelast):
            await keten.zender.schrijver.voer_uit(Taak(_stoot_zich, int, DOOR))
    await keten.is_bezorgd()


def _stoot_zich(werk: Werk[Kist]) -> int:
    """Its event gets a number, and then its row is refused."""
    kist = uuid4()
    werk.voeg_toe(Kist(kist, Plaats(kist)))
    werk.haal(kist).vul(1)
    werk.rij("INSERT INTO kisten VALUES (?, ?)", (kist.hex, None))
    return 1


async def test_gif_wordt_geparkeerd_en_na_herstel_bezorgd(keten: Keten) -> None:
    ziek, gezond = uuid4(), uuid4()
    keten.ontvanger.vuller.weigert = {22}
    keten.draai()
    for wat in range(20, 26):
        await keten.zender.vul(ziek, wat)
        await keten.zender.vul(gezond, wat + 100)
    await tot(lambda: geprojecteerd(keten.ontvanger.opslag).get(gezond) == list(range(120, 126)))
    await tot(lambda: len(keten.ontvanger.geparkeerd()) == 4)
    assert geprojecteerd(keten.ontvanger.opslag)[ziek] == [20, 21]
    keten.ontvanger.vuller.weigert = set()
    assert await keten.ontvanger.ontvanger.geef_vrij(1, DOOR) == 4
    await keten.zender.vul(ziek, 26)
    await keten.is_bezorgd()


async def test_een_gemiste_wekker_kost_hoogstens_een_seconde(keten: Keten) -> None:
    """A wake-up is a hint; without one the log is read all the same."""
    keten.draai()
    await keten.zender.vul(uuid4(), 1)
    await keten.is_bezorgd()
    keten.wekt = False
    await keten.zender.vul(uuid4(), 1)
    async with asyncio.timeout(2.5):
        await keten.is_bezorgd()


async def test_een_gewiste_bus_wordt_zonder_herhaald_effect_opnieuw_gevuld(
    keten: Keten,
) -> None:
    """D1: everything is sent again, to other places; nothing happens twice, nothing is lost."""
    kisten = [uuid4() for _ in range(4)]
    keten.draai()
    await vul(keten, kisten, 20, 200)
    await keten.is_bezorgd()
    for ronde in range(3):
        await keten.wis()
        await vul(keten, kisten, 300 + 50 * ronde, 50)
        await keten.is_bezorgd()
