"""What happens to the chain, drawn from a seed: with the same one the same, in the same order."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from tests.e2e.audit.opslagen import ALLEN, PROCESSEN

from .toneel import Toneel

STAAT_OP = 30.0
"""Seconds in which whoever was killed must be there again, to be killed once more."""
HERHAALD = 300
"""Records that somebody sends once more."""


class Plaag(NamedTuple):
    """One misfortune. ``na`` is how many meldingen are finished by then."""

    na: int
    soort: str
    wie: tuple[str, ...] = ()
    duur: float = 0.0

    @property
    def kills(self) -> int:
        """How many processes it ends with -9."""
        return len(self.wie) if self.soort == "samen dood" else KILLS.get(self.soort, 0)

    def __str__(self) -> str:
        wie = f" {' '.join(self.wie)}" if self.wie else ""
        return f"{self.soort}{wie}{f' {self.duur:.1f} s' if self.duur else ''}"


GEWICHT: Mapping[str, float] = {
    "dood": 30,
    "dood bij start": 5,
    "samen dood": 4,
    "broker dood": 6,
    "database dood": 6,
    "alles dood": 1,
    "bevroren": 5,
    "broker bevroren": 2,
    "database bevroren": 2,
    "topics gewist": 2,
    "relais terug": 3,
    "lezer terug": 3,
    "herhaald": 3,
    "klok verzet": 3,
    "schijf vol": 3,
}
"""How often each comes, in a run that has it."""
MINSTENS = ("dood", "broker dood", "database dood", "topics gewist")
"""What every run has, however short."""
KILLS: Mapping[str, int] = {
    "dood": 1,
    "dood bij start": 2,
    "broker dood": 1,
    "database dood": 1,
    "alles dood": len(ALLEN) + 2,
    "relais terug": 1,
    "lezer terug": 1,
    "klok verzet": 1,
}


def beraam(
    toeval: random.Random, kills: int, meldingen: int, zonder: AbstractSet[str]
) -> list[Plaag]:
    """So many kills and whatever comes with them, spread over the run.

    Which kinds there are, and how often each comes, differs per run: what never goes together in
    one where all is mixed has its chance too.
    """
    gewicht = {
        soort: g * toeval.uniform(0.3, 1.7)
        for soort, g in GEWICHT.items()
        if (toeval.random() < 0.8 or soort in MINSTENS) and soort not in zonder
    }
    getrokken = [_werk_uit(toeval, s) for s in (*MINSTENS, "schijf vol") if s not in zonder]
    while sum(plaag.kills for plaag in getrokken) < kills:
        soort = toeval.choices(list(gewicht), list(gewicht.values()))[0]
        getrokken.append(_werk_uit(toeval, soort))
    toeval.shuffle(getrokken)
    momenten = sorted(toeval.uniform(0, 0.95 * meldingen) for _ in getrokken)
    return [p._replace(na=int(na)) for p, na in zip(getrokken, momenten, strict=True)]


def _werk_uit(toeval: random.Random, soort: str) -> Plaag:
    een = (toeval.choice(ALLEN),)
    proces = (toeval.choice(PROCESSEN),)
    match soort:
        case "dood" | "lezer terug":
            return Plaag(0, soort, een)
        case "dood bij start":
            return Plaag(0, soort, een, toeval.uniform(0.2, 2.5))
        case "samen dood":
            return Plaag(0, soort, tuple(toeval.sample(ALLEN, toeval.randint(2, len(ALLEN)))))
        case "bevroren":
            # Kafka gives up on a member after 6 s, PostgreSQL on a transaction after 5, on the
            # relay's right after 15.
            return Plaag(0, soort, een, toeval.choice((0.5, 2.0, 6.5, 9.0, 18.0)))
        case "broker dood" | "database dood" | "alles dood" | "topics gewist":
            return Plaag(0, soort, (), toeval.uniform(0, 3))
        case "broker bevroren" | "database bevroren":
            return Plaag(0, soort, (), toeval.uniform(0.5, 8))
        case "relais terug" | "herhaald":
            return Plaag(0, soort, proces)
        case "schijf vol":
            welke = toeval.choice(("kafka", "postgres"))
            return Plaag(0, soort, (welke,), toeval.uniform(0.5, 4))
        case _:
            return Plaag(0, soort, proces, toeval.choice((-86_400, -3_600, 3_600, 86_400)))


class Plaaggeest:
    """Lets misfortunes happen, and heals what does not heal by itself."""

    def __init__(self, toneel: Toneel, toeval: random.Random) -> None:
        self.kills: Counter[str] = Counter()
        self.gedaan: Counter[str] = Counter()
        self._toneel = toneel
        self._toeval = toeval
        self._broker = asyncio.Lock()
        self._database = asyncio.Lock()
        self._dienst = {naam: asyncio.Lock() for naam in ALLEN}
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
                await asyncio.sleep(0.05)

    async def _dood_bij_start(self, plaag: Plaag) -> None:
        """And again while it is starting."""
        (naam,) = plaag.wie
        await self._dood_een(naam)
        await self._tot_hij_leeft(naam)
        await asyncio.sleep(plaag.duur)
        await self._dood_een(naam)

    async def _broker_dood(self, plaag: Plaag) -> None:
        async with self._broker:
            await asyncio.to_thread(self._toneel.kafka.brokers[0].breek_af)
            self.kills["broker"] += 1
            await asyncio.sleep(plaag.duur)
            await asyncio.to_thread(self._toneel.herstel, "kafka")

    async def _database_dood(self, plaag: Plaag) -> None:
        async with self._database:
            await asyncio.to_thread(self._toneel.postgres.breek_af)
            self.kills["database"] += 1
            await asyncio.sleep(plaag.duur)
            await asyncio.to_thread(self._toneel.herstel, "postgres")

    async def _alles_dood(self, plaag: Plaag) -> None:
        """As when the machine stops."""
        await asyncio.gather(
            *map(self._dood_een, ALLEN), self._broker_dood(plaag), self._database_dood(plaag)
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
            broker = self._toneel.kafka.brokers[0]
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
        dienst = self._toneel.diensten[naam]
        async with self._dienst[naam], self._database:
            await self._tot_hij_leeft(naam)
            dienst.moet_draaien = False
            await asyncio.to_thread(dienst.dood)
            self.kills[naam] += 1
            sql = f"DELETE FROM tracking WHERE application_name LIKE '{welke}'"
            await asyncio.to_thread(self._toneel.vraag, naam, sql)
            dienst.moet_draaien = True

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
