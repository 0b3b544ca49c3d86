"""What is parked takes no more room than it may, and is dealt with many at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.kern.proef import (
    BRON,
    DOOR,
    KOPPEN,
    Dienst,
    bericht,
    inhoud,
    levering,
    record,
    tot,
)
from tests.kern.test_ontvangst import reeks

from schakel.kern.bezorging.ontvanger import Ontvanger
from schakel.kern.bezorging.parkeerbeheer import PARTIJ, Parkeerbeheer
from schakel.kern.bezorging.parkeergrenzen import _TEL
from schakel.kern.bezorging.parkeerplaats import BEGIN
from schakel.kern.bezorging.parkeerzeef import ALLES, Zeef
from schakel.kern.bus import IngebedeIngang, ingebed
from schakel.kern.bus.bericht import Levering, Record
from schakel.kern.grond.instellingen import Parkeerinstellingen
from schakel.kern.opslag import Opslag, lees_posities
from schakel.kern.zicht.taken import niemand

MaakDienst = Callable[..., Dienst]


@pytest.fixture
async def maak(opslag: Opslag) -> AsyncIterator[MaakDienst]:
    diensten: list[Dienst] = []

    def maak(**grenzen: Any) -> Dienst:
        dienst = Dienst(opslag)
        dienst.ontvanger = Ontvanger(
            dienst.schrijver,
            opslag,
            dienst.vuller,
            meten=dienst.meten,
            grenzen=Parkeerinstellingen(**grenzen),
        )
        diensten.append(dienst)
        return dienst

    yield maak
    for dienst in diensten:
        await dienst.schrijver.sluit()


def rommel(nummer: int, omvang: int = 10, bron: str = "proef") -> Levering:
    """One record that nobody can read, and that no other is equal to."""
    waarde = f"<{nummer}".encode().ljust(omvang, b"x")
    return Levering(bron, BRON, [Record(nummer, None, KOPPEN, waarde)])


def samen(*leveringen: Levering) -> Levering:
    records = [record for een in leveringen for record in een.records]
    return Levering(leveringen[0].bron, BRON, records)


@pytest.mark.parametrize(
    ("grenzen", "omvang"),
    [
        ({"parkeer_rijen_per_bron": 3}, 10),
        ({"parkeer_rijen": 3}, 10),
        ({"parkeer_bytes_per_bron": 35_000}, 10_000),
        ({"parkeer_bytes": 35_000}, 10_000),
    ],
    ids=["rijen per bron", "rijen", "bytes per bron", "bytes"],
)
@pytest.mark.parametrize("ineens", [True, False])
async def test_wat_niet_meer_past_blijft_op_de_bus_met_wat_erop_volgt(
    maak: MaakDienst, grenzen: dict[str, int], omvang: int, ineens: bool
) -> None:
    dienst = maak(**grenzen)
    kist, later = uuid4(), uuid4()
    alles = [
        *(rommel(n, omvang) for n in (1, 2)),
        levering(record(3, kist, 7)),
        *(rommel(n, omvang) for n in (4, 5)),
        levering(record(6, later, 8)),
    ]
    if ineens:
        await dienst.ontvanger.ontvang(samen(*alles))
    else:
        for een in alles[:5]:
            await dienst.ontvanger.ontvang(een)
    assert [positie for positie, _ in dienst.geparkeerd()] == [1, 2, 4]
    assert inhoud(dienst.opslag) == {kist: [7]}
    assert lees_posities(dienst.opslag)["proef"] == 4
    assert dienst.parkeerplaats.ruimte.vulling() > 0.8
    # It comes again, until there is room.
    rest = samen(*alles[4:])
    await dienst.ontvanger.ontvang(rest)
    assert lees_posities(dienst.opslag)["proef"] == 4
    await dienst.ontvanger.verwerp(1, "rommel", DOOR)
    await dienst.ontvanger.ontvang(rest)
    assert [positie for positie, _ in dienst.geparkeerd()] == [2, 4, 5]
    assert inhoud(dienst.opslag) == {kist: [7], later: [8]}
    assert lees_posities(dienst.opslag)["proef"] == 6


async def test_wie_een_topic_vol_schrijft_neemt_een_ander_geen_plaats_af(
    maak: MaakDienst,
) -> None:
    """Whichever partition it uses for it."""
    dienst = maak(parkeer_rijen_per_bron=4)
    for nummer in range(1, 4):
        for partitie in range(3):
            await dienst.ontvanger.ontvang(rommel(nummer, bron=f"vol/{partitie}"))
    assert dienst.parkeerplaats.aantal() == 4
    kist = uuid4()
    await dienst.ontvanger.ontvang(
        Levering("ander/0", BRON, [*rommel(1).records, record(2, kist, 5)])
    )
    assert dienst.parkeerplaats.aantal() == 5
    assert inhoud(dienst.opslag) == {kist: [5]}


async def test_parkeren_telt_niet_elke_keer_wat_er_al_staat(
    maak: MaakDienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    dienst = maak(parkeer_rijen_per_bron=500)
    geteld, vraag = [], dienst.opslag.vraag
    monkeypatch.setattr(
        dienst.opslag, "vraag", lambda *wat: geteld.append(wat[0] == _TEL) or vraag(*wat)
    )
    for nummer in range(1, 101):
        await dienst.ontvanger.ontvang(rommel(nummer))
    assert dienst.parkeerplaats.aantal() == 100
    assert 1 <= sum(geteld) <= 10


async def test_ook_wat_een_replica_parkeert_neemt_plaats(maak: MaakDienst) -> None:
    """It is not seen at once, but long before it would be twice as much as may be."""
    dienst = maak(parkeer_rijen=500)
    replica = maak(parkeer_rijen=500)
    for nummer in range(1, 501):
        await dienst.ontvanger.ontvang(rommel(nummer, bron="een/0"))
        await replica.ontvanger.ontvang(rommel(nummer, bron="ander/0"))
    assert 500 <= dienst.parkeerplaats.aantal() <= 500 + 0.02 * 500 + 1


async def test_wat_er_al_staat_vraagt_geen_plaats_als_de_bus_opnieuw_wordt_gevuld(
    maak: MaakDienst,
) -> None:
    dienst = maak(parkeer_rijen_per_bron=2)
    kist = uuid4()
    await dienst.ontvanger.ontvang(samen(rommel(1), rommel(2)))
    opnieuw = [Record(r.nummer + 10, r.sleutel, r.koppen, r.waarde) for r in rommel(1).records]
    await dienst.ontvanger.ontvang(levering(*opnieuw, record(12, kist, 5)))
    assert inhoud(dienst.opslag) == {kist: [5]}
    assert lees_posities(dienst.opslag)["proef"] == 12


async def test_een_rij_die_wacht_verliest_niets_als_het_vol_is(maak: MaakDienst) -> None:
    """What is itself fine and waits its turn is no rubbish: it may not be cut off either."""
    dienst = maak(parkeer_rijen_per_bron=2)
    dienst.vuller.weigert = {1}
    kist = uuid4()
    records = reeks(kist, 1, 2, 3, 4)
    await dienst.ontvanger.ontvang(levering(*records))
    assert dienst.geparkeerd() == [(1, "nog-niet"), (2, "achter-geparkeerd")]
    dienst.vuller.weigert = set()
    assert await dienst.ontvanger.geef_vrij(1, DOOR) == 2
    await dienst.ontvanger.ontvang(levering(*records[2:]))
    assert inhoud(dienst.opslag) == {kist: [1, 2, 3, 4]}


@pytest.mark.parametrize("omvang", [65_537, 900_000])
async def test_van_wat_te_groot_is_blijft_het_begin_en_wat_het_was(
    maak: MaakDienst, omvang: int
) -> None:
    dienst = maak()
    kist = uuid4()
    groot = Record(1, str(kist).encode(), KOPPEN, bericht(kist, 1, vulling="x" * omvang))
    veel = Record(2, None, (("x", b"y" * omvang),), b"{}")
    await dienst.ontvanger.ontvang(levering(groot, veel, record(3, kist, 2)))
    assert [reden for _, reden in dienst.geparkeerd()] == [
        "te-groot",
        "geen-cloudevent",
        "achter-geparkeerd",
    ]
    assert dienst.parkeerplaats.toon(1)[1] == groot.waarde[:BEGIN]
    digest, was = dienst.parkeerplaats.kenmerken(1)
    koppen = b"".join(
        len(deel).to_bytes(4) + deel
        for deel in (str(kist).encode(), *(d for n, w in KOPPEN for d in (n.encode(), w)))
    )
    assert (digest, was) == (sha256(koppen + groot.waarde).digest(), len(groot.waarde))
    ((bytes_,),) = dienst.opslag.vraag("SELECT sum(length(kop) + length(waarde)) FROM geparkeerd")
    assert bytes_ < 4 * BEGIN
    # Not all of it is there, so it can only be rejected.
    assert await dienst.ontvanger.geef_vrij(1, DOOR) == 0
    assert dienst.geparkeerd()[0] == (1, "te-groot")
    await dienst.ontvanger.verwerp(1, "te-groot", DOOR)
    await dienst.ontvanger.ontvang(levering(groot))
    assert len(dienst.geparkeerd()) == 2


async def test_wat_de_bus_niet_open_kreeg_gaat_ook_na_vrijgave_niet_door(maak: MaakDienst) -> None:
    dienst = maak()
    kist = uuid4()
    record_ = Record(1, None, (), bericht(kist, 1), "de CRC van een partij klopt niet")
    await dienst.ontvanger.ontvang(levering(record_))
    ((nummer, reden, uitleg),) = dienst.opslag.vraag("SELECT nummer, reden, uitleg FROM geparkeerd")
    assert (reden, uitleg) == ("record-onleesbaar", "de CRC van een partij klopt niet")
    assert await dienst.ontvanger.geef_vrij(nummer, DOOR) == 0
    assert dienst.geparkeerd() == [(1, "record-onleesbaar")]
    assert inhoud(dienst.opslag) == {}


async def test_een_topic_houdt_een_boom_alleen_voor_zichzelf_op(maak: MaakDienst) -> None:
    """Otherwise whoever writes one topic could stop the work of all others in any tree."""
    dienst = maak()
    kist = uuid4()
    gif = Record(1, str(kist).encode(), KOPPEN, b"{")
    await dienst.ontvanger.ontvang(Levering("vijand/2", BRON, [gif, record(2, kist, 9)]))
    await dienst.ontvanger.ontvang(Levering("vriend/0", BRON, [record(1, kist, 1)]))
    assert inhoud(dienst.opslag) == {kist: [1]}
    await dienst.ontvanger.ontvang(Levering("vijand/1", BRON, [record(1, kist, 8)]))
    assert [reden for _, reden in dienst.geparkeerd()] == ["geen-json", *["achter-geparkeerd"] * 2]
    await dienst.ontvanger.ontvang(
        Levering("vriend/0", BRON, [Record(2, gif.sleutel, KOPPEN, b"{ ")])
    )
    assert await dienst.ontvanger.geef_vrij(2, DOOR) == 0  # the first of its own row is not fit
    await dienst.ontvanger.verwerp(1, "gif", DOOR)
    assert await dienst.ontvanger.geef_vrij(2, DOOR) == 2
    assert inhoud(dienst.opslag) == {kist: [1, 9, 8]}
    assert [reden for _, reden in dienst.geparkeerd()] == ["geen-json"]


@pytest.mark.parametrize("keer", [1, 2])
async def test_wat_verworpen_is_staat_een_ander_bericht_met_dat_id_niet_in_de_weg(
    maak: MaakDienst, keer: int
) -> None:
    """The first content was forged, and had no effect; the true one comes later."""
    dienst = maak()
    dienst.vuller.weigert = {2, 3}
    kist = uuid4()
    vals = [record(n, kist, wat, id_="x") for n, wat in enumerate((2, 3), 1)][:keer]
    for een in vals:
        await dienst.ontvanger.ontvang(levering(een))
        await dienst.ontvanger.verwerp(een.nummer, "vals", DOOR)
    dienst.vuller.weigert = set()
    anders = [Record(r.nummer + 5, r.sleutel, r.koppen, b" " + r.waarde) for r in vals]
    assert await dienst.ontvanger.ontvang(levering(*anders)) == 0
    waar = record(9, kist, 1, id_="x")
    assert await dienst.ontvanger.ontvang(levering(waar, waar)) == 1
    assert await dienst.ontvanger.ontvang(levering(waar)) == 0
    assert inhoud(dienst.opslag) == {kist: [1]}
    assert dienst.geparkeerd() == []
    await dienst.ontvanger.ontvang(levering(*anders))
    assert [reden for _, reden in dienst.geparkeerd()] == ["tegenstrijdig"] * keer


# With a filter


async def gevuld(dienst: Dienst) -> UUID:
    """Two topics, three reasons, a tree in which one holds up another."""
    kist = uuid4()
    dienst.vuller.weigert = {2}
    await dienst.ontvanger.ontvang(samen(*(rommel(n, bron="a/0") for n in (1, 2))))
    await dienst.ontvanger.ontvang(samen(rommel(1, bron="a/1"), rommel(2, bron="a/1")))
    await dienst.ontvanger.ontvang(rommel(1, bron="ab"))
    await dienst.ontvanger.ontvang(Levering("b/0", BRON, reeks(kist, 2, 3)))
    dienst.vuller.weigert = set()
    return kist


def per_zeef(kist: UUID) -> dict[Zeef, int]:
    return {
        ALLES: 7,
        Zeef(reden="geen-json"): 5,
        Zeef(reden="nog-niet"): 1,
        Zeef(bron="a"): 4,
        Zeef(bron="a/1"): 2,
        Zeef(bron="ab"): 1,
        Zeef(bron="_"): 0,
        Zeef(bron="a", reden="geen-json", na=3): 1,
        Zeef(boom=str(kist)): 2,
        Zeef(van="2026-01-02"): 7,
        Zeef(van="2026-01-02T03:04:05Z"): 7,
        Zeef(van="2026-01-02T03:04:06Z"): 0,
        Zeef(tot="2026-01-02T03:04:05Z"): 0,
        Zeef(tot="2026-01-02T03:04:05.5Z"): 7,
        Zeef(bron="b", tot="2026-01-03"): 2,
    }


async def test_een_zeef_kiest_op_reden_bron_boom_en_tijd(maak: MaakDienst) -> None:
    dienst = maak()
    kist = await gevuld(dienst)
    beheer = Parkeerbeheer(dienst.ontvanger)
    for zeef, aantal in per_zeef(kist).items():
        assert dienst.parkeerplaats.aantal(zeef) == aantal, zeef
        assert len(dienst.parkeerplaats.lijst(zeef=zeef)) == aantal, zeef
        for uitslag in (
            await beheer.verwerp(zeef, "proef", DOOR, proef=True),
            await beheer.geef_vrij(zeef, DOOR, proef=True),
        ):
            assert uitslag == (aantal, 0, None)
    assert dienst.parkeerplaats.aantal() == 7
    assert inhoud(dienst.opslag) == {}


async def test_verwerpen_en_vrijgeven_gaat_met_alles_wat_past(maak: MaakDienst) -> None:
    dienst = maak()
    kist = await gevuld(dienst)
    beheer = Parkeerbeheer(dienst.ontvanger)
    assert await beheer.verwerp(Zeef(bron="a"), "rommel", DOOR, proef=False) == (4, 4, None)
    assert await beheer.geef_vrij(Zeef(reden="achter-geparkeerd"), DOOR, proef=False) == (
        1,
        2,
        None,
    )
    assert inhoud(dienst.opslag) == {kist: [2, 3]}
    assert await beheer.geef_vrij(ALLES, DOOR, proef=False) == (1, 0, None)
    assert [een.afloop for een in dienst.parkeerplaats.lijst(alles=True)] == [
        *["verworpen door iemand: rommel"] * 4,
        None,
        *["verwerkt"] * 2,
    ]


async def test_meer_dan_een_partij_gaat_in_stukken(maak: MaakDienst) -> None:
    dienst = maak()
    aantal = PARTIJ + 7
    await dienst.ontvanger.ontvang(samen(*(rommel(n) for n in range(1, aantal + 1))))
    beheer = Parkeerbeheer(dienst.ontvanger)
    eerst = await beheer.verwerp(ALLES, "rommel", DOOR, proef=False)
    assert eerst[:2] == (aantal, PARTIJ)
    rest = await beheer.verwerp(Zeef(na=eerst.volgende or 0), "rommel", DOOR, proef=False)
    assert rest == (7, 7, None)
    assert dienst.parkeerplaats.aantal() == 0


async def test_wat_verworpen_is_verliest_op_verzoek_zijn_bytes(maak: MaakDienst) -> None:
    dienst = maak()
    await gevuld(dienst)
    beheer = Parkeerbeheer(dienst.ontvanger)
    await beheer.verwerp(Zeef(bron="a"), "rommel", DOOR, proef=False)
    assert await beheer.wis(Zeef(bron="a/0"), DOOR, proef=True) == (2, 0, None)
    assert await beheer.wis(Zeef(bron="a/0"), DOOR, proef=False) == (2, 2, None)
    assert await beheer.wis(Zeef(bron="a/0"), DOOR, proef=False) == (0, 0, None)
    assert await beheer.wis(ALLES, DOOR, proef=True) == (2, 0, None)
    een, waarde = dienst.parkeerplaats.toon(1)
    assert (een.afloop, waarde) == ("verworpen door iemand: rommel; bytes gewist", b"")
    assert dienst.parkeerplaats.kenmerken(1)[1] == 10
    # What it was is still known, so it does not come back.
    await dienst.ontvanger.ontvang(samen(rommel(1, bron="a/0"), rommel(2, bron="a/0")))
    assert dienst.parkeerplaats.aantal(Zeef(bron="a")) == 0


@pytest.mark.parametrize("termijn", [timedelta(0), timedelta(days=1)])
async def test_na_de_termijn_gaan_de_bytes_vanzelf(maak: MaakDienst, termijn: timedelta) -> None:
    dienst = maak()
    gisteren = datetime.now(UTC) - timedelta(hours=12)
    dienst.schrijver._klok = lambda: gisteren
    await gevuld(dienst)
    beheer = Parkeerbeheer(dienst.ontvanger)
    await beheer.verwerp(Zeef(bron="a"), "rommel", DOOR, proef=False)
    gedaan = asyncio.Event()
    taak = asyncio.create_task(beheer.ruim_op(termijn, gedaan.set))
    await gedaan.wait()
    taak.cancel()
    await asyncio.gather(taak, return_exceptions=True)
    over = dienst.parkeerplaats.aantal(ALLES, klaar=True)
    assert over == (4 if termijn else 0)
    assert dienst.parkeerplaats.toon(5)[1]  # that still waits


# With a bus


@asynccontextmanager
async def leest(dienst: Dienst, ingang: Any) -> AsyncIterator[None]:
    taak = asyncio.create_task(dienst.ontvanger.draai(ingang, niemand))
    try:
        yield
    finally:
        taak.cancel()
        await asyncio.gather(taak, return_exceptions=True)


class Log:
    """As much as there is to read."""

    def __init__(self, bron: str, records: list[Record]) -> None:
        self.bron = bron
        self._records = records

    def lees(self, na: int) -> Levering:
        return Levering(self.bron, BRON, self._records[na : na + 3])

    def achterstand(self, na: int) -> int:
        return len(self._records) - na


async def test_een_bron_die_stilstaat_gaat_door_zodra_er_plaats_is(
    maak: MaakDienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingebed, "OPHOUD", 0.1)
    monkeypatch.setattr(ingebed, "WACHT", 0.05)
    dienst = maak(parkeer_rijen_per_bron=2)
    vol, ander, later = (uuid4() for _ in range(3))
    slecht = [*(rommel(n).records[0] for n in range(1, 6)), record(6, vol, 6)]
    goed = [record(n, ander, n) for n in range(1, 9)]
    ingang = IngebedeIngang([Log("slecht", slecht), Log("goed", goed)])
    async with leest(dienst, ingang):
        await tot(lambda: inhoud(dienst.opslag) == {ander: [*range(1, 9)]})
        await tot(lambda: set(dienst.ontvanger.gestopt) == {"slecht"})
        assert lees_posities(dienst.opslag)["slecht"] == 2
        goed.append(record(9, later, 9))
        ingang.wek()
        await tot(lambda: later in inhoud(dienst.opslag))
        while dienst.parkeerplaats.aantal():
            for een in dienst.parkeerplaats.lijst():
                await dienst.ontvanger.verwerp(een.nummer, "rommel", DOOR)
            await asyncio.sleep(0.2)
        await tot(lambda: vol in inhoud(dienst.opslag))
        await tot(lambda: not dienst.ontvanger.gestopt)
    assert lees_posities(dienst.opslag)["slecht"] == 6
