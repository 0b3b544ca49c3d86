"""A domain of no importance: boxes that are filled. The kern must carry it without knowing it."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from eventsourcing.persistence import Notification, StoredEvent
from prometheus_client.parser import text_string_to_metric_families

from schakel.kern.bezorging.ontvanger import Effect, Ontvanger
from schakel.kern.bus import Verzending
from schakel.kern.bus.bericht import KOPPEN, Bericht, Levering, Record
from schakel.kern.geheim.antwoorden import Antwoorden
from schakel.kern.geheim.hoofdsleutel import Hoofdsleutels
from schakel.kern.geheim.kluis import Kluis
from schakel.kern.grond.weigering import Weigering
from schakel.kern.opslag import KERNTABELLEN, PERSOONLIJK, Opslag
from schakel.kern.vastlegging.aggregaat import Aggregaat
from schakel.kern.vastlegging.gebeurtenis import Door, Gebeurtenis, Plaats, Register
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.werk import Voorraad, Werk
from schakel.kern.zicht.meten import Meten
from schakel.kern.zicht.sporen import Sporen

NU = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DOOR = Door("iemand", "behandelaar")
BRON = "urn:nld:oin:00000099000000001000:systeem:proef"
GEVULD = "nl.proef.gevuld.v1"
BEKEKEN = "nl.proef.bekeken.v1"
HOOFDSLEUTEL = b"h" * 32
TABELLEN = KERNTABELLEN.met(
    ("CREATE TABLE kisten (id TEXT PRIMARY KEY, inhoud TEXT NOT NULL)",), *PERSOONLIJK
)
_ZET = "INSERT INTO kisten VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET inhoud = excluded.inhoud"


class Gevuld(Gebeurtenis, frozen=True):
    """Something was put in."""

    NAAM = "proef/kist.gevuld"
    wat: int
    ballast: str = ""

    def pas_toe(self, op: "Kist") -> None:
        op.inhoud.append(self.wat)


class Kist(Aggregaat):
    """A box; it takes nothing twice, nothing negative, and 13 breaks it."""

    def __init__(self, id: UUID, plaats: Plaats) -> None:  # noqa: A002
        super().__init__(id, plaats)
        self.inhoud: list[int] = []

    def vul(self, wat: int, ballast: str = "") -> None:
        if wat < 0:
            raise Weigering("negatief", "een kist bevat niets negatiefs", ["vul"])
        if wat == 13:
            raise RuntimeError("dertien")
        self.gebeurt(Gevuld(wat, ballast))


REGISTER = Register([Gevuld])


def projecteer(werk: Werk[Kist], kist: Kist) -> None:
    werk.rij(_ZET, (kist.id.hex, json.dumps(kist.inhoud)))


def klok() -> datetime:
    return NU


class Gevraagd(msgspec.Struct):
    """The data of our one message."""

    kist: UUID
    wat: int


class Vuller:
    """Fills the box that a message names; what stands in ``weigert`` is refused for now."""

    def __init__(self) -> None:
        self.raakt_ons = frozenset({GEVULD})
        self.typen = self.raakt_ons | {BEKEKEN}
        self.weigert: set[int] = set()
        self.struikelt: set[int] = set()

    def duid(self, bericht: Bericht) -> Effect | None:
        feit = bericht.lees(Gevraagd)
        if feit.wat == 0:
            return None
        if feit.wat in self.struikelt:
            raise KeyError(feit.wat)

        def effect(werk: Werk[Kist]) -> None:
            kist = werk.zoek(feit.kist)
            if kist is None:
                kist = Kist(feit.kist, Plaats(UUID(bericht.partitionkey)))
                werk.voeg_toe(kist)
            if feit.wat in self.weigert:
                raise Weigering("nog-niet", "hier moet eerst iets worden hersteld")
            kist.vul(feit.wat)

        return Effect(effect, (feit.kist,))


class Dienst:
    """A service around one store, without HTTP."""

    def __init__(
        self,
        opslag: Opslag,
        na_commit: Callable[[], None] | None = None,
        sporen: Sporen | None = None,
    ) -> None:
        self.opslag = opslag
        self.meten = Meten()
        self.voorraad = Voorraad(Kist, REGISTER, opslag, projecteer=projecteer)
        sleutels = Hoofdsleutels(lambda: [HOOFDSLEUTEL])
        self.kluis = Kluis(opslag, sleutels, self.meten)
        self.antwoorden = Antwoorden(opslag, self.kluis, sleutels)
        self.schrijver = Schrijver(
            self.voorraad,
            klok,
            na_commit=na_commit,
            meten=self.meten,
            antwoorden=self.antwoorden,
        )
        self.vuller = Vuller()
        self.ontvanger = Ontvanger(
            self.schrijver, opslag, self.vuller, meten=self.meten, sporen=sporen
        )

    async def vul(self, kist: UUID, wat: int, sleutel: str | None = None, **anders: Any) -> int:
        """The one command; the answer is the version."""
        return await self.schrijver.voer_uit(vultaak(kist, wat, sleutel, **anders))

    @property
    def parkeerplaats(self) -> Any:
        return self.ontvanger.parkeerplaats

    def geparkeerd(self) -> list[tuple[int, str]]:
        """Place and reason of what is parked."""
        return [(g.positie, g.reden) for g in self.parkeerplaats.lijst()]

    def meting(self, naam: str, **labels: str) -> float | None:
        """What a scraper would see; None when it is not there."""
        return gemeten(self.meten.schrijf("", {})[0].decode(), naam, **labels)

    async def sluit(self) -> None:
        await self.schrijver.sluit()
        self.opslag.sluit()


def gemeten(tekst: str, naam: str, **labels: str) -> float | None:
    """One number out of what a scraper sees; None when it is not there."""
    for familie in text_string_to_metric_families(tekst):
        for reeks in familie.samples:
            if reeks.name == naam and labels.items() <= reeks.labels.items():
                return float(reeks.value)
    return None


def vultaak(
    kist: UUID,
    wat: int,
    sleutel: str | None = None,
    *,
    boom: UUID | None = None,
    digest: bytes | None = None,
    ballast: str = "",
) -> Taak[Kist, int]:
    def doe(werk: Werk[Kist]) -> int:
        gevonden = werk.zoek(kist)
        if gevonden is None:
            gevonden = Kist(kist, Plaats(boom or kist))
            werk.voeg_toe(gevonden)
        gevonden.vul(wat, ballast)
        return gevonden.versie

    return Taak(doe, int, DOOR, sleutel=sleutel, digest=digest or b"%d" % wat)


def geprojecteerd(opslag: Opslag) -> dict[UUID, list[int]]:
    """What is in the boxes, from the projection: one read, so it may be asked at any moment."""
    rijen = opslag.vraag("SELECT id, inhoud FROM kisten")
    return {UUID(hex=id_): json.loads(tekst) for id_, tekst in rijen}


def inhoud(opslag: Opslag) -> dict[UUID, list[int]]:
    """What is in the boxes, from the events; the projection must say the same."""
    voorraad = Voorraad(Kist, REGISTER, opslag)
    kisten = {n.originator_id for n in opslag.select_notifications(None, 100_000)}
    uit_gebeurtenissen = {id_: voorraad.lees(id_).inhoud for id_ in kisten}  # type: ignore[union-attr]
    assert geprojecteerd(opslag) == uit_gebeurtenissen
    return uit_gebeurtenissen


def sporen(opslag: Opslag) -> dict[str, int]:
    """How many rows stand where: for 'nothing was written'."""
    tabellen = ("stored_events", "gegeven_antwoorden", "inbox", "geparkeerd", "tracking", "kisten")
    return {t: int(opslag.vraag(f"SELECT count(*) FROM {t}")[0][0]) for t in tabellen}


def opgeslagen(kist: UUID, versie: int, wat: int = 1) -> StoredEvent:
    """A stored event as another process would write it."""
    staat = {"op": NU, "door": DOOR, "boom": kist, "feit": {"wat": wat}}
    return StoredEvent(kist, versie, Gevuld.NAAM, msgspec.json.encode(staat))


def bericht(kist: UUID, wat: int, *, id_: str | None = None, **anders: Any) -> bytes:
    """A message as it goes over the bus; ``anders`` changes attributes, None leaves one out."""
    omslag = {
        "specversion": "1.0",
        "id": id_ or f"{uuid4()}.1",
        "source": BRON,
        "type": GEVULD,
        "subject": str(kist),
        "time": "2026-01-02T03:04:05.000000Z",
        "partitionkey": str(kist),
        "data": {"kist": str(kist), "wat": wat},
        **anders,
    }
    return json.dumps({k: w for k, w in omslag.items() if w is not None}).encode()


def record(nummer: int, kist: UUID, wat: int, **anders: Any) -> Record:
    boom = anders.get("partitionkey", str(kist))
    return Record(nummer, boom.encode(), KOPPEN, bericht(kist, wat, **anders))


def levering(*records: Record, bron: str = "proef") -> Levering:
    return Levering(bron, BRON, records)


def verzending(notificatie: Notification) -> Verzending:
    """The door between the events of a sender and its messages."""
    vastgelegd = REGISTER.lees(notificatie)
    boom = vastgelegd.plaats.boom
    id_ = f"{vastgelegd.originator_id}.{vastgelegd.originator_version}"
    waarde = bericht(
        vastgelegd.originator_id,
        vastgelegd.gebeurtenis.wat,  # type: ignore[attr-defined]
        id_=id_,
        partitionkey=str(boom),
        traceparent=vastgelegd.spoor,
    )
    return Verzending(notificatie.id, str(boom).encode(), waarde, GEVULD, vastgelegd.spoor)


async def tot(voorwaarde: Callable[[], bool], seconden: float = 10) -> None:
    """Poll until it holds."""
    async with asyncio.timeout(seconden):
        while not voorwaarde():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.01)
