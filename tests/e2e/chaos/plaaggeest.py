"""Lets misfortunes happen to the chain, and heals what does not heal by itself."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from deploy.lokaal.broker import Broker

from .plagen import Plaag
from .toneel import Toneel

STAAT_OP = 60.0
"""Seconds in which whoever was killed must be there again, to be killed once more."""
KIJK = 0.05
HERHAALD = 300
"""Records that somebody sends once more."""


class Plaaggeest:
    """Lets misfortunes happen, and heals what does not heal by itself."""

    def __init__(self, toneel: Toneel, toeval: random.Random) -> None:
        self.kills: Counter[str] = Counter()
        self.gedaan: Counter[str] = Counter()
        self._toneel = toneel
        self._toeval = toeval
        self._broker = asyncio.Lock()
        self._database = asyncio.Lock()
        self._dienst = {naam: asyncio.Lock() for naam in toneel.diensten}
        self._doe: Mapping[str, Callable[[Plaag], Awaitable[None]]] = {
            "dood": self._dood,
            "samen dood": self._dood,
            "dood bij start": self._dood_bij_start,
            "broker dood": self._broker_dood,
            "database dood": self._database_dood,
            "alles dood": self._alles_dood,
            "bevroren": self._bevroren,
            "broker bevroren": self._broker_bevroren,
            "database bevroren": self._database_bevroren,
            "topics gewist": self._topics_gewist,
            "relais terug": self._relais_terug,
            "lezer terug": self._lezer_terug,
            "herhaald": self._herhaald,
            "klok verzet": self._klok_verzet,
            "schijf vol": self._schijf_vol,
            "opnieuw verdeeld": self._opnieuw_verdeeld,
            "leider dood": self._leider_dood,
            "controller dood": self._controller_dood,
        }

    async def doe(self, plaag: Plaag) -> None:
        """Let it happen; returns when it is over."""
        await self._doe[plaag.soort](plaag)
        self.gedaan[plaag.soort] += 1

    async def _dood(self, plaag: Plaag) -> None:
        await asyncio.gather(*map(self._dood_een, plaag.wie))

    async def _dood_een(self, naam: str) -> None:
        async with self._dienst[naam]:
            await self._tot_hij_leeft(naam)
            await asyncio.to_thread(self._toneel.diensten[naam].dood)
            self.kills[naam] += 1

    async def _tot_hij_leeft(self, naam: str) -> None:
        async with asyncio.timeout(STAAT_OP):
            while not self._toneel.diensten[naam].leeft:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(KIJK)

    async def _tot_hij_leest(self, naam: str) -> None:
        """Until it has its share of the partitions, by its own account."""
        async with asyncio.timeout(STAAT_OP):
            while not await self._toneel.is_klaar(naam):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(KIJK)

    async def _dood_bij_start(self, plaag: Plaag) -> None:
        """And again while it is starting."""
        (naam,) = plaag.wie
        await self._dood_een(naam)
        await self._tot_hij_leeft(naam)
        await asyncio.sleep(plaag.duur)
        await self._dood_een(naam)

    async def _broker_dood(self, plaag: Plaag) -> None:
        await self._breek_af(self._een_broker, plaag.duur)

    async def _leider_dood(self, plaag: Plaag) -> None:
        """All that send to this partition depend on it."""
        topic = self._toeval.choice(self._toneel.topics)
        await self._breek_af(lambda: self._toneel.kafka.leider(topic), plaag.duur)

    async def _controller_dood(self, plaag: Plaag) -> None:
        """The others choose another."""
        await self._breek_af(self._toneel.kafka.controller, plaag.duur)

    async def _breek_af(self, welke: Callable[[], Broker], duur: float) -> None:
        async with self._broker:
            broker = await asyncio.to_thread(welke)
            await asyncio.to_thread(broker.breek_af)
            self.kills["broker"] += 1
            await asyncio.sleep(duur)
            await asyncio.to_thread(self._toneel.herstel, "kafka")

    def _een_broker(self) -> Broker:
        return self._toeval.choice(self._toneel.kafka.brokers)

    async def _opnieuw_verdeeld(self, plaag: Plaag) -> None:
        """A replica leaves in an orderly way and comes back: its group divides twice."""
        (naam,) = plaag.wie
        dienst = self._toneel.diensten[naam]
        async with self._dienst[naam]:
            await self._tot_hij_leeft(naam)
            code = await asyncio.to_thread(dienst.stop)
            if code:
                self._toneel.slecht_gestopt[naam] = code
            dienst.moet_draaien = True
            await self._tot_hij_leest(naam)

    async def _database_dood(self, plaag: Plaag) -> None:
        async with self._database:
            await asyncio.to_thread(self._toneel.postgres.breek_af)
            self.kills["database"] += 1
            await asyncio.sleep(plaag.duur)
            await asyncio.to_thread(self._toneel.herstel, "postgres")

    async def _alles_dood(self, plaag: Plaag) -> None:
        """As when the machine stops."""
        await asyncio.gather(
            *map(self._dood_een, self._dienst), self._broker_dood(plaag), self._database_dood(plaag)
        )

    async def _schijf_vol(self, plaag: Plaag) -> None:
        """Whoever cannot write may well end: it is started again when there is room."""
        (welke,) = plaag.wie
        schijf = self._toneel.schijven[welke]
        async with self._broker if welke == "kafka" else self._database:
            schijf.vol()
            await asyncio.sleep(plaag.duur)
            schijf.ruim()
            await asyncio.to_thread(self._toneel.herstel, welke)

    async def _bevroren(self, plaag: Plaag) -> None:
        """Frozen longer than others wait for it, and then it goes on as if nothing happened."""
        (naam,) = plaag.wie
        dienst = self._toneel.diensten[naam]
        async with self._dienst[naam]:
            dienst.sein(signal.SIGSTOP)
            await asyncio.sleep(plaag.duur)
            dienst.sein(signal.SIGCONT)

    async def _broker_bevroren(self, plaag: Plaag) -> None:
        async with self._broker:
            broker = self._een_broker()
            broker.pauzeer()
            await asyncio.sleep(plaag.duur)
            broker.hervat()

    async def _database_bevroren(self, plaag: Plaag) -> None:
        async with self._database:
            await asyncio.to_thread(self._toneel.postgres.pauzeer)
            await asyncio.sleep(plaag.duur)
            await asyncio.to_thread(self._toneel.postgres.hervat)

    async def _topics_gewist(self, plaag: Plaag) -> None:
        """The whole bus: it is made again, and fills itself from the stores."""
        async with self._broker:
            await self._toneel.wis_topics()
            await asyncio.sleep(plaag.duur)
            await asyncio.to_thread(self._toneel.maak_topics)

    async def _relais_terug(self, plaag: Plaag) -> None:
        """It sends everything once more."""
        await self._vergeet_posities(plaag.wie[0], "relais@%")

    async def _lezer_terug(self, plaag: Plaag) -> None:
        """It reads everything once more."""
        await self._vergeet_posities(plaag.wie[0], "schakel.%")

    async def _vergeet_posities(self, naam: str, welke: str) -> None:
        replicas = self._toneel.replicas(naam)
        async with AsyncExitStack() as opruimen:
            for een in replicas:
                await opruimen.enter_async_context(self._dienst[een.naam])
            await opruimen.enter_async_context(self._database)
            for een in replicas:
                await self._tot_hij_leeft(een.naam)
                een.moet_draaien = False
                await asyncio.to_thread(een.dood)
                self.kills[een.naam] += 1
            sql = f"DELETE FROM tracking WHERE application_name LIKE '{welke}'"
            await asyncio.to_thread(self._toneel.vraag, naam, sql)
            for een in replicas:
                een.moet_draaien = True

    async def _klok_verzet(self, plaag: Plaag) -> None:
        """From its next start on: that is now."""
        (naam,) = plaag.wie
        self._toneel.diensten[naam].klok = int(plaag.duur)
        await self._dood_een(naam)

    async def _herhaald(self, plaag: Plaag) -> None:
        """Somebody sends what was sent before, in an order of chance."""
        topic = next(naam for naam in self._toneel.topics if f".{plaag.wie[0]}." in naam)
        toegang = self._toneel.kafka.toegang().voor_aiokafka()
        async with self._broker, asyncio.timeout(60):
            async with AIOKafkaConsumer(**toegang, enable_auto_commit=False) as lezer:
                deel = TopicPartition(topic, 0)
                lezer.assign([deel])
                einde = (await lezer.end_offsets([deel]))[deel]
                lezer.seek(deel, self._toeval.randrange(einde) if einde else 0)
                gehaald = await lezer.getmany(timeout_ms=500, max_records=HERHAALD)
            records = [record for rij in gehaald.values() for record in rij]
            self._toeval.shuffle(records)
            async with AIOKafkaProducer(**toegang, acks="all") as zender:
                for r in records:
                    await zender.send(
                        topic, r.value, key=r.key, partition=0, headers=list(r.headers)
                    )
