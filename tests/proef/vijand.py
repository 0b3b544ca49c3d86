"""Who may write one topic has no power over anybody else, whatever it writes there.

A real broker that asks who you are, with the rights of acls.yaml, and the six on it. A case is one
service whose key was stolen, and what the thief writes: every type of message about meldingen of
others, as itself, as their owner and as somebody else, and things that are no message at all. On
the topics of others it gets nothing. On its own: of the stores nothing changes but what is parked
and how far was read, and the six go on with what honest services say. At the orchestrator what it
claims for itself is kept beside what the owner says, and counts for nothing.
"""

import asyncio
import json
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.toegang import SSL
from tests.bus.conftest import schakel_topics
from tests.bus.deur import Deur, deur, orchestrator, proces
from tests.contracts.voorbeelden import VOORBEELDEN
from tests.keten.test_ingebed import Samen
from tests.proef import Proef, Tegenvoorbeeld

from schakel.contracts.envelop import bron_van
from schakel.contracts.organisatie import ORCHESTRATOR
from schakel.contracts.topics import topic_van
from schakel.contracts.werkstromen import SOORT_VAN, Proces
from schakel.kern.opslag import lees_posities

A, W, H, U, V = (
    Proces.AFSPREKEN,
    Proces.WIJZIGEN,
    Proces.HERSTELLEN,
    Proces.UITVOEREN,
    Proces.VERBETEREN,
)
GEDULD = 60.0
RECORDS = 60
LEEFT = frozenset({"inbox", "geparkeerd", "tracking", "posities", "audit", "sqlite_sequence"})
"""Tables that say what was read and what was kept aside."""
DOEN_IETS = tuple(
    f"nl.meldingen.{een}.v1"
    for een in (
        *("overgedragen", "omgezet", "voortgekomen", "voltooid", "gesloten", "afgewezen"),
        *("gekoppeld", "persoonsgegevens-gewist"),
    )
)
"""The types that do something at another service, when their owner says them."""
KOPPELT = "nl.meldingen.gekoppeld.v1"


def beproef(van: int, tot: int) -> None:
    """See ``Proef``: a broker, and an organisation that nobody else knows."""
    with Kafka(beveiliging=SSL) as kafka:
        beproef_op(kafka, f"00000099{int(uuid4()) % 10**12:012}", van, tot)


def beproef_op(kafka: Kafka, oin: str, van: int, tot: int) -> None:
    """The same on a broker that runs."""
    with redirect_stdout(StringIO()):
        schakel_topics(kafka, oin)
    asyncio.run(_beproef(kafka, oin, van, tot))


PROEF = Proef(aantal=200, per_portie=10, beproef=beproef)


async def _beproef(kafka: Kafka, oin: str, van: int, tot: int) -> None:
    with tempfile.TemporaryDirectory() as map_:
        async with bedrijf(kafka, oin, Path(map_)) as zes:
            for getal in range(van, tot):
                await Vijand(getal, zes).val_aan()


class Wezen(NamedTuple):
    """A melding and its place."""

    proces: Proces
    id: str
    wortel: str
    ouder: tuple[Proces, str] | None = None


class Bedrijf(NamedTuple):
    """The six, each with the rights of its own name."""

    kafka: Kafka
    oin: str
    deuren: Mapping[str, Deur]
    samen: Samen
    lezer: AIOKafkaConsumer

    def topic(self, wie: Proces) -> str:
        return topic_van(self.oin, wie)

    async def is_rustig(self) -> None:
        """All that was said was sent, and all that stands on the bus was read."""
        async with asyncio.timeout(GEDULD):
            while not await self._is_rustig():  # noqa: ASYNC110 - a broker sets no event
                await asyncio.sleep(0.05)

    async def _is_rustig(self) -> bool:
        voor = self._gebeurtenissen()  # before all else: what comes of what was read is unsent
        for deur_ in self.deuren.values():
            relais = deur_.dienst._relais
            if relais is not None and relais.oudste_onverzonden() is not None:
                return False
        for wie in Proces:
            topic = self.topic(wie)
            plekken = [TopicPartition(topic, p) for p in self.lezer.partitions_for_topic(topic)]
            einden = await self.lezer.end_offsets(plekken)
            for naam, deur_ in self.deuren.items():
                if naam == wie:
                    continue
                posities = lees_posities(deur_.dienst.opslag)
                gehad = {plek.partition("@")[0]: tot for plek, tot in posities.items()}
                if any(gehad.get(f"{topic}/{tp.partition}", 0) < o for tp, o in einden.items()):
                    return False
        return voor == self._gebeurtenissen()

    def _gebeurtenissen(self) -> list[Any]:
        opslagen = (self.deuren[wie].dienst.opslag for wie in Proces)
        return [opslag.max_notification_id() for opslag in opslagen]

    def stand(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """What the six know: of a service by table, of the orchestrator by tree."""
        standen: dict[tuple[str, str], list[str]] = defaultdict(list)
        for naam, deur_ in self.deuren.items():
            vraag = deur_.dienst.opslag.vraag
            if naam == ORCHESTRATOR:
                for wat in ("afleiding FROM bomen", "waarde FROM gezien WHERE vreemd = 0"):
                    for wortel, waarde in vraag(f"SELECT wortel, {wat}"):
                        standen[naam, wortel].append(repr(waarde))
                continue
            for (tabel,) in vraag("SELECT name FROM sqlite_master WHERE type = 'table'"):
                if tabel not in LEEFT:
                    rijen = vraag(f"SELECT * FROM {tabel}")
                    standen[naam, tabel] += map(repr, rijen)
        return standen


@asynccontextmanager
async def bedrijf(kafka: Kafka, oin: str, map_: Path) -> AsyncIterator[Bedrijf]:
    """At work until the end of the block."""
    lezer = AIOKafkaConsumer(
        *(topic_van(oin, wie) for wie in Proces), **kafka.toegang().voor_aiokafka()
    )
    async with AsyncExitStack() as einde:
        deuren: dict[str, Deur] = {}
        klanten: dict[Proces, httpx.AsyncClient] = {}
        for wie in Proces:
            dienst = proces(wie, kafka.toegang(f"{oin}.{wie}"), oin, map_, wekker=3600)
            deuren[wie.value] = await einde.enter_async_context(deur(dienst))
            klant = httpx.AsyncClient(
                transport=httpx.ASGITransport(dienst.app), base_url="http://127.0.0.1/v1"
            )
            klanten[wie] = await einde.enter_async_context(klant)
        waarnemer = orchestrator(kafka.toegang(f"{oin}.{ORCHESTRATOR}"), oin, map_)
        deuren[ORCHESTRATOR] = await einde.enter_async_context(deur(waarnemer))
        await lezer.start()
        einde.push_async_callback(lezer.stop)
        yield Bedrijf(kafka, oin, deuren, Samen(klanten), lezer)


class Vijand:
    """One case."""

    def __init__(self, getal: int, zes: Bedrijf) -> None:
        self._getal = getal
        self._zes = zes
        self._toeval = Random(f"vijand {getal}")
        self._wie = self._toeval.choice(list(Proces))
        self._wezens: list[Wezen] = []

    async def val_aan(self) -> None:
        """Raises Tegenvoorbeeld."""
        await self._bouw()
        await self._zes.is_rustig()
        voor = self._zes.stand()
        toegang = self._zes.kafka.toegang(f"{self._zes.oin}.{self._wie}")
        zender = AIOKafkaProducer(**toegang.voor_aiokafka(), acks="all")
        await zender.start()
        try:
            await self._blijft_buiten(zender)
            for een in self._records():
                await zender.send_and_wait(
                    self._zes.topic(self._wie), een.waarde, key=een.sleutel, headers=een.koppen
                )
        finally:
            await zender.stop()
        await self._zes.is_rustig()
        na = self._zes.stand()
        anders = {waar: set(voor.get(waar, ())) ^ set(na.get(waar, ())) for waar in voor | na}
        anders = {waar: sorted(rijen) for waar, rijen in anders.items() if rijen}
        self._eis(not anders, f"{self._wie} changed {anders}")
        await self._gaat_door()

    def _eis(self, goed: bool, uitleg: str) -> None:
        if not goed:
            raise Tegenvoorbeeld(self._getal, uitleg)

    async def _bouw(self) -> None:
        """Meldingen of all five, alone and in trees, some linked, one closed."""
        samen, wezens = self._zes.samen, self._wezens
        storing = await samen.meld(H)
        await samen.tot_overdracht(H, storing)
        wijziging = await samen.draag_over(H, storing, W)
        await samen.tot_overdracht(W, wijziging)
        aanvraag = await samen.draag_over(W, wijziging, U)
        tweede = await samen.draag_over(H, storing, U)
        eersten = {soort: await samen.meld(soort) for soort in (A, W, U)}
        weg = await samen.meld(A)
        await samen.stappen(A, weg, "intrekkingen")
        await samen.stappen(
            H, storing, "koppelingen", andereId=eersten[A], andereProces="afspreken", soort="dubbel"
        )
        wezens += [Wezen(soort, id_, id_) for soort, id_ in eersten.items()]
        wezens += [
            Wezen(H, storing, storing),
            Wezen(W, wijziging, storing, (H, storing)),
            Wezen(U, aanvraag, storing, (W, wijziging)),
            Wezen(U, tweede, storing, (H, storing)),
            Wezen(A, weg, weg),
        ]

    async def _blijft_buiten(self, zender: AIOKafkaProducer) -> None:
        for ander in Proces:
            if ander is self._wie:
                continue
            try:
                await zender.send_and_wait(self._zes.topic(ander), b"x")
            except TopicAuthorizationFailedError:
                continue
            self._eis(goed=False, uitleg=f"{self._wie} may write on the topic of {ander}")

    async def _gaat_door(self) -> None:
        """What honest services say still does what it should, and nobody is down."""
        samen = self._zes.samen
        storing = await samen.meld(H)
        await samen.tot_overdracht(H, storing)
        kind = await samen.draag_over(H, storing, U)
        await samen.tot_overdracht(U, kind)
        await samen.stappen(U, kind, "gereedmeldingen", "sluitingen")
        await samen.rond_af(H, storing)
        for naam, deur_ in self._zes.deuren.items():
            gezond = (await deur_.klant.get("/gezond")).status_code
            self._eis(gezond == 200, f"{naam} is down: {gezond}")
        await self._zes.is_rustig()

    # What it writes

    def _records(self) -> Iterator["_Record"]:
        """First lies that are well told: behind what cannot be read of a tree, none is heard."""
        for nummer in range(RECORDS):
            is_goed = nummer < RECORDS / 2
            if not is_goed and self._toeval.random() < 0.3:
                yield self._rommel()
            else:
                yield self._bericht(is_goed=is_goed)

    def _rommel(self) -> "_Record":
        rommel = self._toeval.randbytes(self._toeval.choice((0, 1, 40, 300_000)))
        koppen = self._toeval.choice(([], [("content-type", _STRUCTUUR)], [("ce_id", b"\xff")]))
        return _Record(rommel, None, koppen)

    def _bericht(self, *, is_goed: bool) -> "_Record":
        kies, over = self._toeval.choice, self._slachtoffer()
        type_ = kies(DOEN_IETS if self._toeval.random() < 0.7 else list(VOORBEELDEN))
        als = kies((over.proces, over.proces, self._wie, self._wie, kies(list(Proces))))
        data = json.loads(VOORBEELDEN[type_].in_json())
        data |= {"meldingId": over.id, "wortelId": over.wortel, "proces": als.value}
        data["versie"] = self._toeval.randint(1, 12)
        for naam in ("ouderId", "ouderProces", "n", "ronde"):
            data.pop(naam, None)
        ouder = over.ouder
        if self._toeval.random() < 0.2:
            ouder = ((een := self._slachtoffer()).proces, een.id)
        if ouder is not None and ouder[1] != over.id:
            data |= {"ouderProces": ouder[0].value, "ouderId": ouder[1], "n": 1, "ronde": 1}
        if self._toeval.random() < 0.1:
            data["wortelId"] = self._slachtoffer().wortel
        self._noem_anderen(data)
        bron = bron_van(self._zes.oin, f"schakel-{self._wie}")
        if self._toeval.random() < 0.1 or (als is self._wie and type_ == KOPPELT):
            # A link between its own and another's is its to make: here it says to be another.
            ander = kies([een for een in Proces if een is not self._wie])
            bron = bron_van(self._zes.oin, f"schakel-{ander}")
        omslag = {
            "specversion": "1.0",
            "id": kies((f"{over.id}.{data['versie']}", str(self._id()))),
            "source": bron,
            "type": type_ if is_goed else kies((type_, type_, f"{type_[:-1]}2", f"{type_[:-1]}0")),
            "subject": over.id,
            "time": "2026-03-02T09:00:00Z",
            "datacontenttype": "application/json",
            "sequence": f"{self._toeval.randint(1, 99):020}",
            "partitionkey": data["wortelId"],
            "data": data,
        }
        return self._verpak(omslag, is_goed=is_goed)

    def _verpak(self, omslag: dict[str, Any], *, is_goed: bool) -> "_Record":
        kies = self._toeval.choice
        sleutel = omslag["partitionkey"].encode()
        if not is_goed and self._toeval.random() < 0.2:
            sleutel = kies((None, str(self._id()).encode()))
        if self._toeval.random() < 0.2:
            attributen = [
                (f"ce_{naam}", str(waarde).encode())
                for naam, waarde in omslag.items()
                if naam not in {"data", "datacontenttype"}
            ]
            koppen = [("content-type", b"application/json"), *attributen]
            return _Record(json.dumps(omslag["data"]).encode(), sleutel, koppen)
        koppen = [("content-type", _STRUCTUUR)]
        if not is_goed and self._toeval.random() < 0.5:
            koppen.append(("ce_type", kies([omslag["type"], *VOORBEELDEN]).encode()))
        if not is_goed and self._toeval.random() < 0.1:
            omslag["data"]["ballast"] = "x" * 80_000
        return _Record(json.dumps(omslag).encode(), sleutel, koppen)

    def _noem_anderen(self, data: dict[str, Any]) -> None:
        """Whatever it asks for is there already, and is another's."""
        gevraagd = [data[naam] for naam in ("overdracht", "nieuweMelding") if naam in data]
        for deel in (*gevraagd, *data.get("nieuweMeldingen", ())):
            er = self._slachtoffer()
            deel |= {"naar": er.proces.value, "meldingsoort": SOORT_VAN[er.proces].value}
            deel["kindId" if "kindId" in deel else "meldingId"] = er.id
        if "uitkomst" in data:
            data["uitkomst"] = self._toeval.choice(("afgebroken", "ingetrokken", "omgezet"))
        if "kindId" in data:
            data["kindId"] = self._slachtoffer().id
        if "andereId" in data:
            er = self._slachtoffer()
            data["andereId"] = er.id
            if "andereProces" in data:
                data["andereProces"] = er.proces.value
        if "gekoppeld" in data:
            data["gekoppeld"] = [self._slachtoffer().id]

    def _slachtoffer(self) -> Wezen:
        return self._toeval.choice(self._slachtoffers())

    def _slachtoffers(self) -> list[Wezen]:
        """Not its own."""
        return [een for een in self._wezens if een.proces is not self._wie]

    def _id(self) -> UUID:
        return UUID(int=self._toeval.getrandbits(128), version=4)


class _Record(NamedTuple):
    waarde: bytes
    sleutel: bytes | None
    koppen: Sequence[tuple[str, bytes]]


_STRUCTUUR = b"application/cloudevents+json"
