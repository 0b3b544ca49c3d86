"""The inbox and parking, delivery by delivery, on every store."""

import asyncio
import io
import json
import random
import threading
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from tests.kern.conftest import Plek
from tests.kern.proef import (
    BRON,
    DOOR,
    KOPPEN,
    Dienst,
    bericht,
    inhoud,
    levering,
    record,
    sporen,
    tot,
)

from schakel.kern.bus import Posities, Vergeet, vergeet_niets
from schakel.kern.bus.bericht import Levering, Record
from schakel.kern.grond.weigering import NietGevonden
from schakel.kern.opslag import Opslag, lees_posities
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.zicht import logboek


@pytest.fixture
async def dienst(opslag: Opslag) -> AsyncIterator[Dienst]:
    dienst = Dienst(opslag)
    yield dienst
    await dienst.schrijver.sluit()


def reeks(kist: UUID, *wat: int, begin: int = 1, id_: str = "m") -> list[Record]:
    """Messages about one box; the same arguments give the same messages."""
    return [record(begin + i, kist, w, id_=f"{kist}.{id_}{begin + i}") for i, w in enumerate(wat)]


async def test_een_levering_is_een_transactie(dienst: Dienst) -> None:
    kisten = [uuid4() for _ in range(4)]
    records = [record(i + 1, kisten[i % 4], i + 20) for i in range(200)]
    assert await dienst.ontvanger.ontvang(levering(*records)) == 200
    assert dienst.schrijver.aantal_transacties == 1
    assert inhoud(dienst.opslag) == {k: list(range(20 + i, 220, 4)) for i, k in enumerate(kisten)}
    assert lees_posities(dienst.opslag)["proef"] == 200


async def test_wat_dubbel_komt_heeft_een_effect(dienst: Dienst) -> None:
    kist = uuid4()
    records = reeks(kist, 1, 2, 3)
    dubbel = [r for r in records for _ in range(2)]
    assert await dienst.ontvanger.ontvang(levering(*dubbel)) == 3
    assert await dienst.ontvanger.ontvang(levering(*records)) == 0
    assert inhoud(dienst.opslag) == {kist: [1, 2, 3]}
    assert dienst.geparkeerd() == []


async def test_twee_keer_dezelfde_levering_tegelijk_heeft_een_effect(dienst: Dienst) -> None:
    """As two replicas do during a rebalance: both read, both write, one is first."""
    kist = uuid4()
    zelfde = levering(*reeks(kist, 1, 2, 3))
    await asyncio.gather(*(dienst.ontvanger.ontvang(zelfde) for _ in range(3)))
    assert inhoud(dienst.opslag) == {kist: [1, 2, 3]}


async def test_een_drie_twee_gaat_niet_verloren(dienst: Dienst) -> None:
    """A high-water mark would refuse 2 as if it were a duplicate."""
    kist = uuid4()
    een, twee, drie = reeks(kist, 1, 2, 3)
    for verschoven in (een, drie, twee, drie, een):
        await dienst.ontvanger.ontvang(levering(verschoven))
    assert inhoud(dienst.opslag) == {kist: [1, 3, 2]}


async def test_dubbel_geschud_en_laat_geeft_elk_effect_een_keer(dienst: Dienst) -> None:
    willekeurig = random.Random(20260102)
    kisten = [uuid4() for _ in range(5)]
    berichten = {f"{i}": (kisten[i % 5], i + 20) for i in range(60)}
    stroom = [*berichten, *willekeurig.choices(list(berichten), k=120)]
    willekeurig.shuffle(stroom)
    for begin in range(0, len(stroom), 7):
        records = [
            record(begin + i + 1, *berichten[id_], id_=id_)
            for i, id_ in enumerate(stroom[begin : begin + 7])
        ]
        await dienst.ontvanger.ontvang(levering(*records))
    verwacht = {k: {w for kist, w in berichten.values() if kist == k} for k in kisten}
    gevonden = inhoud(dienst.opslag)
    assert {k: set(w) for k, w in gevonden.items()} == verwacht
    assert sum(map(len, gevonden.values())) == 60
    assert dienst.geparkeerd() == []


async def test_een_teruggezette_positie_herhaalt_geen_effect(plek: Plek) -> None:
    kisten = [uuid4() for _ in range(3)]
    records = [r for i, k in enumerate(kisten) for r in reeks(k, 1, 2, begin=1 + 2 * i)]
    dienst = Dienst(plek.open())
    await dienst.ontvanger.ontvang(levering(*records))
    voor = sporen(dienst.opslag)
    await dienst.sluit()
    dienst = Dienst(plek.open())
    # The bus was filled anew: same messages, other places.
    verplaatst = [Record(r.nummer + 1000, r.sleutel, r.koppen, r.waarde) for r in records]
    for opnieuw in (records, verplaatst, records[3:]):
        assert await dienst.ontvanger.ontvang(levering(*opnieuw)) == 0
    assert sporen(dienst.opslag) == voor
    assert inhoud(dienst.opslag) == {k: [1, 2] for k in kisten}
    await dienst.sluit()


async def test_zelfde_id_met_andere_inhoud_wordt_bewaard_en_houdt_niemand_op(
    dienst: Dienst,
) -> None:
    kist = uuid4()
    await dienst.ontvanger.ontvang(levering(record(1, kist, 1, id_="x")))
    await dienst.ontvanger.ontvang(levering(record(2, kist, 2, id_="x"), record(3, kist, 3)))
    assert dienst.geparkeerd() == [(2, "tegenstrijdig")]
    assert inhoud(dienst.opslag) == {kist: [1, 3]}


async def test_zelfde_id_van_een_andere_bron_is_een_ander_bericht(dienst: Dienst) -> None:
    kist, ander = uuid4(), "urn:nld:oin:00000099000000002000:systeem:ander"
    await dienst.ontvanger.ontvang(levering(record(1, kist, 1, id_="x")))
    vreemd = Levering("ander", ander, [record(1, kist, 2, id_="x", source=ander)])
    await dienst.ontvanger.ontvang(vreemd)
    assert inhoud(dienst.opslag) == {kist: [1, 2]}


GEWOON = uuid4()
FOUTIEF: Mapping[str, tuple[bytes, str]] = {
    "te groot": (bericht(GEWOON, 1, vulling="x" * 70_000), "te-groot"),
    "geen JSON": (b"<kist/>", "geen-json"),
    "bodemloos": (b'{"data":' + b"[" * 60_000, "geen-json"),
    "geen object": (b"[]", "geen-cloudevent"),
    "zonder id": (bericht(GEWOON, 1, id=None), "geen-cloudevent"),
    "NUL in het id": (bericht(GEWOON, 1, id_="a\0b"), "geen-cloudevent"),
    "verkeerde bron": (bericht(GEWOON, 1, source=BRON[:-1] + "x"), "verkeerde-bron"),
    "onbekend type": (bericht(GEWOON, 1, type="nl.proef.geleegd.v1"), "onbekend-type"),
    "nieuwere versie": (bericht(GEWOON, 1, type="nl.proef.gevuld.v2"), "nieuwere-versie"),
    "ongeldige inhoud": (bericht(GEWOON, 1, data={"kist": "geen id"}), "ongeldige-inhoud"),
    "verkeerde sleutel": (bericht(GEWOON, 1, partitionkey=str(uuid4())), "verkeerde-sleutel"),
}


@pytest.mark.parametrize("soort", FOUTIEF)
async def test_wat_onleesbaar_is_wordt_geparkeerd_en_anderen_gaan_door(
    dienst: Dienst, soort: str
) -> None:
    waarde, reden = FOUTIEF[soort]
    kist = uuid4()
    fout = Record(2, str(GEWOON).encode(), KOPPEN, waarde)
    await dienst.ontvanger.ontvang(levering(record(1, kist, 1), fout, record(3, kist, 3)))
    assert dienst.geparkeerd() == [(2, reden)]
    assert dienst.parkeerplaats.toon(1)[1] == (waarde[:1024] if soort == "te groot" else waarde)
    assert inhoud(dienst.opslag) == {kist: [1, 3]}
    assert lees_posities(dienst.opslag)["proef"] == 3


@pytest.mark.parametrize("sleutel", [None, b"", b"\0\0", b"\xff" * 5_000])
async def test_geen_enkele_sleutel_houdt_de_ontvangst_op(
    dienst: Dienst, sleutel: bytes | None
) -> None:
    kist = uuid4()
    fout = Record(1, sleutel, (("x", b"\0"),), b"\0\0")
    await dienst.ontvanger.ontvang(levering(fout, record(2, kist, 2)))
    assert dienst.geparkeerd() == [(1, "geen-cloudevent")]
    assert inhoud(dienst.opslag) == {kist: [2]}


async def test_gif_houdt_alleen_zijn_eigen_boom_op(dienst: Dienst) -> None:
    ziek, gezond = uuid4(), uuid4()
    dienst.vuller.weigert = {2}
    records = [*reeks(ziek, 1, 2, 3), *reeks(gezond, 4, 5, begin=4), *reeks(ziek, 6, begin=6)]
    await dienst.ontvanger.ontvang(levering(*records))
    await dienst.ontvanger.ontvang(levering(*reeks(ziek, 7, begin=7), *reeks(gezond, 8, begin=8)))
    assert inhoud(dienst.opslag) == {ziek: [1], gezond: [4, 5, 8]}
    assert dienst.geparkeerd() == [
        (2, "nog-niet"),
        (3, "achter-geparkeerd"),
        (6, "achter-geparkeerd"),
        (7, "achter-geparkeerd"),
    ]


async def test_wat_voor_het_gif_kwam_gaat_door(dienst: Dienst) -> None:
    """In one delivery: only what comes behind it waits."""
    kist = uuid4()
    goed, fout, later = reeks(kist, 1, 2, 3)
    fout = Record(2, fout.sleutel, KOPPEN, b"{")
    await dienst.ontvanger.ontvang(levering(goed, fout, later))
    assert inhoud(dienst.opslag) == {kist: [1]}
    assert dienst.geparkeerd() == [(2, "geen-json"), (3, "achter-geparkeerd")]


async def test_de_sleutel_van_een_vreemd_record_komt_niet_in_het_logboek(dienst: Dienst) -> None:
    """Only when it is the id of a tree: anybody may have written anything there."""
    uit, boom = io.StringIO(), uuid4()
    logboek.stel_in(strikt=True, uit=uit)
    for nummer, sleutel in enumerate((b"Jan Jansen 0612345678", str(boom).encode()), start=1):
        kapot = Record(nummer, sleutel, KOPPEN, b"{")
        await dienst.ontvanger.ontvang(levering(kapot))
    logboek.stel_in(strikt=True)
    regels = [json.loads(regel) for regel in uit.getvalue().splitlines()]
    assert [regel.get("boom") for regel in regels] == [None, str(boom)]
    assert "Jansen" not in uit.getvalue()
    namen = {"Jan Jansen 0612345678", str(boom)}
    assert {boom for _, boom in dienst.parkeerplaats.vastgehouden(namen)} == namen


@pytest.mark.parametrize("wat", [13, -1, 77])
async def test_een_bericht_dat_code_laat_struikelen_wordt_geparkeerd(
    dienst: Dienst, wat: int
) -> None:
    """While applying it, refused by the aggregate, or while asking what it means."""
    ziek, gezond = uuid4(), uuid4()
    dienst.vuller.struikelt = {77}
    await dienst.ontvanger.ontvang(levering(*reeks(ziek, wat, 1), *reeks(gezond, 2, begin=3)))
    assert [positie for positie, _ in dienst.geparkeerd()] == [1, 2]
    assert inhoud(dienst.opslag) == {gezond: [2]}


async def test_wat_pas_bij_het_schrijven_misgaat_houdt_alleen_zichzelf_op(
    dienst: Dienst,
) -> None:
    """It spoils the transaction of the whole delivery: the others go in one by one."""
    ziek, gezond = uuid4(), uuid4()
    projecteer = dienst.voorraad.projecteer

    def struikel(werk: object, kist: object) -> None:
        if getattr(kist, "id", None) == ziek:
            raise ZeroDivisionError
        projecteer(werk, kist)  # type: ignore[misc,arg-type]

    dienst.voorraad.projecteer = struikel  # type: ignore[assignment]
    records = [*reeks(gezond, 1), *reeks(ziek, 2, 3, begin=2), *reeks(gezond, 4, begin=4)]
    assert await dienst.ontvanger.ontvang(levering(*records)) == 2
    assert inhoud(dienst.opslag) == {gezond: [1, 4]}
    assert dienst.geparkeerd() == [(2, "verwerking-mislukt"), (3, "achter-geparkeerd")]
    assert lees_posities(dienst.opslag)["proef"] == 4
    dienst.voorraad.projecteer = projecteer
    assert await dienst.ontvanger.geef_vrij(1, DOOR) == 2
    assert inhoud(dienst.opslag) == {gezond: [1, 4], ziek: [2, 3]}


async def test_na_herstel_volgt_alles_in_volgorde(plek: Plek) -> None:
    kist = uuid4()
    dienst = Dienst(plek.open())
    dienst.vuller.weigert = {2}
    await dienst.ontvanger.ontvang(levering(*reeks(kist, 1, 2, 3, 4)))
    await dienst.sluit()
    dienst = Dienst(plek.open())
    assert dienst.geparkeerd()[0] == (2, "nog-niet")
    await dienst.ontvanger.ontvang(levering(*reeks(kist, 5, begin=5)))
    assert await dienst.ontvanger.geef_vrij(1, DOOR) == 4
    assert inhoud(dienst.opslag) == {kist: [1, 2, 3, 4, 5]}
    assert dienst.parkeerplaats.aantal() == 0
    assert [g.afloop for g in dienst.parkeerplaats.lijst(alles=True)] == ["verwerkt"] * 4
    await dienst.ontvanger.ontvang(levering(*reeks(kist, 6, begin=6)))
    assert inhoud(dienst.opslag) == {kist: [1, 2, 3, 4, 5, 6]}
    await dienst.sluit()


async def test_vrijgeven_stopt_bij_de_eerste_die_weer_misgaat(dienst: Dienst) -> None:
    kist = uuid4()
    dienst.vuller.weigert = {2, 4}
    await dienst.ontvanger.ontvang(levering(*reeks(kist, 2, 3, 4, 5)))
    dienst.vuller.weigert = {4}
    assert await dienst.ontvanger.geef_vrij(1, DOOR) == 2
    assert inhoud(dienst.opslag) == {kist: [2, 3]}
    assert dienst.geparkeerd() == [(3, "nog-niet"), (4, "achter-geparkeerd")]
    dienst.vuller.weigert = set()
    assert await dienst.ontvanger.geef_vrij(3, DOOR) == 2
    assert inhoud(dienst.opslag) == {kist: [2, 3, 4, 5]}


async def test_een_nieuwere_versie_volgt_in_volgorde_zodra_de_dienst_haar_kent(
    dienst: Dienst,
) -> None:
    kist = uuid4()
    nieuw = record(1, kist, 1, type="nl.proef.gevuld.v2")
    await dienst.ontvanger.ontvang(levering(nieuw, record(2, kist, 2)))
    dienst.vuller.typen |= {"nl.proef.gevuld.v2"}
    assert await dienst.ontvanger.geef_vrij(1, DOOR) == 2
    assert inhoud(dienst.opslag) == {kist: [1, 2]}


@pytest.mark.parametrize("andere_plaats", [False, True])
async def test_een_dubbel_geparkeerd_bericht_heeft_na_vrijgave_een_effect(
    dienst: Dienst, andere_plaats: bool
) -> None:
    kist = uuid4()
    dienst.vuller.weigert = {2}
    records = reeks(kist, 2, 3)
    await dienst.ontvanger.ontvang(levering(*records))
    opnieuw = records
    if andere_plaats:  # and other bytes: a producer that wrote it anew
        opnieuw = [Record(r.nummer + 10, r.sleutel, r.koppen, b" " + r.waarde) for r in records]
    await dienst.ontvanger.ontvang(levering(*opnieuw))
    assert dienst.parkeerplaats.aantal() == (4 if andere_plaats else 2)
    dienst.vuller.weigert = set()
    await dienst.ontvanger.geef_vrij(1, DOOR)
    assert inhoud(dienst.opslag) == {kist: [2, 3]}
    assert dienst.parkeerplaats.aantal() == 0


async def test_een_opnieuw_gevulde_bus_verbergt_geen_nieuw_gif(dienst: Dienst) -> None:
    """Offsets start again at the beginning: a place says nothing about what is there."""
    oud, nieuw = uuid4(), uuid4()
    dienst.vuller.weigert = {2}
    await dienst.ontvanger.ontvang(levering(*reeks(oud, 2)))
    await dienst.ontvanger.ontvang(levering(*reeks(nieuw, 2, id_="anders")))
    assert dienst.geparkeerd() == [(1, "nog-niet"), (1, "nog-niet")]


async def test_een_tegenspraak_in_de_wachtrij_houdt_na_vrijgave_niets_vast(
    dienst: Dienst,
) -> None:
    kist = uuid4()
    dienst.vuller.weigert = {2}
    een, nog_een = record(1, kist, 2, id_="x"), record(2, kist, 3, id_="x")
    await dienst.ontvanger.ontvang(levering(een, nog_een, *reeks(kist, 4, begin=3)))
    dienst.vuller.weigert = set()
    await dienst.ontvanger.geef_vrij(1, DOOR)
    await dienst.ontvanger.ontvang(levering(*reeks(kist, 5, begin=4)))
    assert inhoud(dienst.opslag) == {kist: [2, 4, 5]}
    assert dienst.geparkeerd() == [(2, "tegenstrijdig")]


async def test_wat_verworpen_is_komt_niet_terug(dienst: Dienst) -> None:
    kist = uuid4()
    dienst.vuller.weigert = {2}
    records = reeks(kist, 1, 2, 3)
    await dienst.ontvanger.ontvang(levering(*records))
    await dienst.ontvanger.verwerp(1, "onzin", DOOR)
    assert dienst.geparkeerd() == [(3, "achter-geparkeerd")]
    assert await dienst.ontvanger.geef_vrij(2, DOOR) == 1
    dienst.vuller.weigert = set()
    verplaatst = [Record(r.nummer + 10, r.sleutel, r.koppen, r.waarde) for r in records]
    for opnieuw in (records, verplaatst):
        assert await dienst.ontvanger.ontvang(levering(*opnieuw)) == 0
    assert inhoud(dienst.opslag) == {kist: [1, 3]}
    assert dienst.geparkeerd() == []
    with pytest.raises(NietGevonden, match="al-afgehandeld"):
        await dienst.ontvanger.verwerp(1, "nog eens", DOOR)
    with pytest.raises(NietGevonden, match="niet-geparkeerd"):
        await dienst.ontvanger.geef_vrij(99, DOOR)


async def test_verworpen_rommel_houdt_een_boom_niet_opnieuw_vast(dienst: Dienst) -> None:
    kist = uuid4()
    rommel = Record(1, str(kist).encode(), KOPPEN, b"{")
    await dienst.ontvanger.ontvang(levering(rommel))
    await dienst.ontvanger.verwerp(1, "rommel", DOOR)
    await dienst.ontvanger.ontvang(levering(rommel, *reeks(kist, 2, begin=2)))
    assert inhoud(dienst.opslag) == {kist: [2]}
    assert dienst.geparkeerd() == []


class Bron:
    """A way in over a list of deliveries; when it is empty it waits."""

    def __init__(self, *leveringen: Levering) -> None:
        self.leveringen = list(leveringen)
        self.posities: list[dict[str, int]] = []

    @asynccontextmanager
    async def open(
        self,
        posities: Posities,
        vergeet: Vergeet = vergeet_niets,  # noqa: ARG002
        stil: frozenset[bytes] = frozenset(),  # noqa: ARG002
    ) -> AsyncIterator["Bron"]:
        self._lees = posities
        yield self

    async def haal(self) -> Sequence[Levering]:
        self.posities.append(dict(self._lees()))
        await asyncio.sleep(0)
        if not self.leveringen:
            await asyncio.sleep(3600)
        return [self.leveringen.pop(0)]


async def test_wat_tijdens_een_vrijgave_binnenkomt_blijft_niet_hangen(dienst: Dienst) -> None:
    """In one batch the delivery would still see the tree as held, and nobody would release it."""
    kist = uuid4()
    dienst.vuller.weigert = {2}
    await dienst.ontvanger.ontvang(levering(*reeks(kist, 2)))
    dienst.vuller.weigert = set()
    bron = Bron(levering(*reeks(kist, 3, begin=2)))
    begonnen, ga_door = threading.Event(), threading.Event()
    wacht = Taak(lambda _: begonnen.set() or ga_door.wait(10), bool, DOOR)
    bezig = asyncio.create_task(dienst.schrijver.voer_uit(wacht))
    await tot(begonnen.is_set)
    vrijgave = asyncio.create_task(dienst.ontvanger.geef_vrij(1, DOOR))
    ontvangst = asyncio.create_task(dienst.ontvanger.draai(bron))
    await tot(lambda: len(bron.posities) == 1)
    await asyncio.sleep(0.05)
    ga_door.set()
    assert await bezig
    assert await vrijgave == 1
    await tot(lambda: lees_posities(dienst.opslag)["proef"] == 2)
    ontvangst.cancel()
    await asyncio.gather(ontvangst, return_exceptions=True)
    assert inhoud(dienst.opslag) == {kist: [2, 3]}
    assert dienst.geparkeerd() == []


async def test_de_ontvangst_gaat_verder_waar_zij_was(plek: Plek) -> None:
    kist = uuid4()
    dienst = Dienst(plek.open())
    await dienst.ontvanger.ontvang(levering(*reeks(kist, 1, 2, begin=7)))
    await dienst.sluit()
    dienst = Dienst(plek.open())
    bron = Bron(levering(*reeks(kist, 3, begin=9)))
    ontvangst = asyncio.create_task(dienst.ontvanger.draai(bron))
    await tot(lambda: len(bron.posities) == 2)
    ontvangst.cancel()
    await asyncio.gather(ontvangst, return_exceptions=True)
    assert [p.get("proef") for p in bron.posities] == [8, 9]
    assert inhoud(dienst.opslag) == {kist: [1, 2, 3]}
    await dienst.sluit()


async def test_opzoeken_in_de_inbox_leest_geen_hele_tabel(opslag: Opslag, plek: Plek) -> None:
    """It grows for ever; a look-up must not grow with it."""
    sql = "SELECT bron, bericht, digest FROM inbox WHERE bericht IN (?, ?)"
    if isinstance(plek.waar, str):
        rijen = opslag.vraag(f"EXPLAIN {sql.replace('?', chr(39) + 'x' + chr(39))}")
        plan = " ".join(str(rij[0]) for rij in rijen)
        assert "Index" in plan or "Bitmap" in plan
    else:
        plan = " ".join(
            str(rij[3]) for rij in opslag.vraag(f"EXPLAIN QUERY PLAN {sql}", ("x", "y"))
        )
        assert "SEARCH" in plan


async def test_een_levering_leest_al_haar_aggregaten_in_een_vraag(
    plek: Plek, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those that are not there: a question for each would be most of the work."""
    bekend, nieuw = [uuid4() for _ in range(20)], [uuid4() for _ in range(20)]
    eerst = Dienst(plek.open())
    await asyncio.gather(*(eerst.vul(kist, 20) for kist in bekend))
    plek.sluit()
    dienst = Dienst(plek.open())
    gevraagd: list[object] = []
    een_voor_een, samen = dienst.opslag.select_events, dienst.opslag.select_events_van

    def noteer_een(**vraag: Any) -> Sequence[StoredEvent]:
        gevraagd.append(vraag)
        return een_voor_een(**vraag)

    def noteer_samen(ids: Collection[UUID]) -> Sequence[StoredEvent]:
        gevraagd.append(set(ids))
        return samen(ids)

    monkeypatch.setattr(dienst.opslag, "select_events", noteer_een)
    monkeypatch.setattr(dienst.opslag, "select_events_van", noteer_samen)
    records = [record(i, kist, 21) for i, kist in enumerate((*bekend, *nieuw), 1)]
    assert await dienst.ontvanger.ontvang(levering(*records)) == 40
    assert gevraagd == [{*bekend, *nieuw}]
    monkeypatch.undo()
    verwacht = {kist: [20, 21] for kist in bekend} | {kist: [21] for kist in nieuw}
    assert inhoud(dienst.opslag) == verwacht
    await dienst.sluit()
