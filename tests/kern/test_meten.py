"""What a service measures of its own work: the numbers move with what is durable, and only then."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from deploy.lokaal.toegang import Toegang
from eventsourcing.persistence import OperationalError
from tests.kern.bussen import PARTITIES, Topic, leeg
from tests.kern.kafkabus import KafkaTopic
from tests.kern.proef import (
    BRON,
    DOOR,
    KOPPEN,
    NU,
    Dienst,
    bericht,
    gemeten,
    levering,
    record,
    tot,
    verzending,
)

from schakel.kern.bezorging.relais import Relais
from schakel.kern.bus import Bronlog, IngebedeIngang
from schakel.kern.bus.bericht import Record
from schakel.kern.grond.weigering import BusFout, OpslagFout, Weigering
from schakel.kern.opslag import Lading, Opslag
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.vastlegging.werk import Werk
from schakel.kern.zicht.meten import Meten


@pytest.fixture
async def dienst(opslag: Opslag) -> AsyncIterator[Dienst]:
    dienst = Dienst(opslag)
    yield dienst
    await dienst.schrijver.sluit()


def ontvangen(dienst: Dienst) -> dict[str, float | None]:
    """What became of the messages that were read."""
    uitkomsten = ("verwerkt", "dubbel", "niet-voor-ons", "geparkeerd")
    return {
        uitkomst: dienst.meting("schakel_berichten_ontvangen_total", uitkomst=uitkomst)
        for uitkomst in uitkomsten
    }


async def test_wat_samen_wacht_is_een_transactie_met_zijn_taken_en_gebeurtenissen(
    dienst: Dienst,
) -> None:
    await asyncio.gather(*(dienst.vul(uuid4(), n) for n in range(20, 50)))
    transacties = dienst.schrijver.aantal_transacties
    assert dienst.meting("schakel_transactie_seconds_count") == transacties
    assert dienst.meting("schakel_transactie_taken_count") == transacties
    assert dienst.meting("schakel_transactie_taken_sum") == 30
    assert dienst.meting("schakel_transactie_gebeurtenissen_sum") == 30
    assert 0 < (dienst.meting("schakel_transactie_seconds_sum") or 0) < 30
    assert dienst.meting("schakel_transacties_mislukt_total") == 0


async def test_een_weigering_schrijft_niets_en_is_geen_mislukking(dienst: Dienst) -> None:
    with pytest.raises(Weigering):
        await dienst.vul(uuid4(), -1)
    assert dienst.meting("schakel_transactie_seconds_count") == 0
    assert dienst.meting("schakel_transacties_mislukt_total") == 0


async def test_wat_niet_wordt_opgeslagen_telt_als_mislukt_en_verder_nergens(
    dienst: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    def weiger(_: Lading) -> None:
        raise OperationalError("de schijf is vol")

    monkeypatch.setattr(dienst.opslag, "schrijf", weiger)
    with pytest.raises(OpslagFout):
        await dienst.ontvanger.ontvang(levering(record(1, uuid4(), 1), record(2, uuid4(), -1)))
    assert dienst.meting("schakel_transacties_mislukt_total") == 2  # together, and then alone
    assert dienst.meting("schakel_transactie_seconds_count") == 0
    assert set(ontvangen(dienst).values()) == {0}
    assert dienst.meting("schakel_berichten_geparkeerd_total", reden="negatief") is None
    assert dienst.meting("schakel_bericht_leeftijd_seconds_count") == 0


async def test_wie_wacht_staat_in_de_rij(dienst: Dienst) -> None:
    begonnen, verder = asyncio.Event(), asyncio.Event()
    lus = asyncio.get_running_loop()

    def houd_op(_: Werk[object]) -> None:
        lus.call_soon_threadsafe(begonnen.set)
        asyncio.run_coroutine_threadsafe(verder.wait(), lus).result(10)

    taken = [asyncio.create_task(dienst.schrijver.voer_uit(Taak(houd_op, type(None), DOOR)))]
    await begonnen.wait()
    taken += [asyncio.create_task(dienst.vul(uuid4(), n)) for n in (1, 2, 3)]
    await tot(lambda: dienst.schrijver.aantal_wachtend == 3)
    verder.set()
    await asyncio.gather(*taken)
    assert dienst.schrijver.aantal_wachtend == 0


async def test_van_elk_bericht_is_te_zien_wat_ervan_kwam(dienst: Dienst) -> None:
    goed = [record(n, uuid4(), n) for n in (1, 2, 3)]
    vreemd = Record(5, b"x", KOPPEN, bericht(uuid4(), 1, source="urn:nld:oin:1:systeem:ander"))
    records = [*goed, goed[0], vreemd, record(6, uuid4(), 0), record(7, uuid4(), -1)]
    await dienst.ontvanger.ontvang(levering(*records))
    assert ontvangen(dienst) == {"verwerkt": 3, "dubbel": 1, "niet-voor-ons": 1, "geparkeerd": 2}
    for reden in ("verkeerde-bron", "negatief"):
        assert dienst.meting("schakel_berichten_geparkeerd_total", reden=reden) == 1


async def test_wat_geen_transactie_kan_bevatten_telt_als_geparkeerd(dienst: Dienst) -> None:
    dienst.vuller.struikelt.add(9)
    await dienst.ontvanger.ontvang(levering(record(1, uuid4(), 9), record(2, uuid4(), 5)))
    aantallen = ontvangen(dienst)
    assert (aantallen["verwerkt"], aantallen["geparkeerd"]) == (1, 1)


async def test_een_reden_bestaat_al_voordat_zij_voorkomt(dienst: Dienst) -> None:
    """Of a series that begins at 1, Prometheus sees no increase: the alarm would stay silent."""
    for reden in ("verkeerde-bron", "verkeerde-sleutel", "tegenstrijdig"):
        assert dienst.meting("schakel_berichten_geparkeerd_total", reden=reden) == 0


async def test_de_leeftijd_is_die_van_het_oudste_en_het_nieuwste_effect(dienst: Dienst) -> None:
    def van(nummer: int, leeftijd: float) -> Record:
        tijd = (NU - timedelta(seconds=leeftijd)).isoformat()
        return record(nummer, uuid4(), 1, time=tijd)

    async def in_bak(tot_en_met: str) -> float | None:
        return dienst.meting("schakel_bericht_leeftijd_seconds_bucket", le=tot_en_met)

    oud, midden, nieuw = van(1, 200), van(2, 40), van(3, 0.02)
    await dienst.ontvanger.ontvang(levering(oud, midden, nieuw))
    assert await in_bak("+Inf") == 2
    assert await in_bak("0.025") == 1
    assert await in_bak("60.0") == 1
    assert await in_bak("300.0") == 2
    await dienst.ontvanger.ontvang(levering(oud, midden))  # no effect, so no age
    assert await in_bak("+Inf") == 2


async def test_een_bericht_uit_de_toekomst_verraadt_een_klok(dienst: Dienst) -> None:
    for nummer, seconden in ((1, 0.5), (2, 5)):
        tijd = (NU + timedelta(seconds=seconden)).isoformat()
        await dienst.ontvanger.ontvang(levering(record(nummer, uuid4(), 1, time=tijd)))
    assert dienst.meting("schakel_berichten_uit_de_toekomst_total") == 1
    assert dienst.meting("schakel_bericht_leeftijd_seconds_sum") == 0


async def test_wat_de_bus_bevestigt_is_verzonden_en_het_oudste_daarna_is_bekend(
    dienst: Dienst,
) -> None:
    topic, meten = Topic(), Meten()
    relais = Relais(dienst.opslag, verzending, topic.uitgang, meten=meten)
    assert relais.oudste_onverzonden() is None
    for wat in (1, 2, 3):
        await dienst.vul(uuid4(), wat)
    assert relais.oudste_onverzonden() == NU

    topic.antwoord_weg = 1
    with pytest.raises(BusFout):
        await relais.draai()
    assert relais.oudste_onverzonden() == NU

    taak = asyncio.create_task(relais.draai())
    await tot(lambda: relais.oudste_onverzonden() is None)
    taak.cancel()
    await asyncio.wait([taak])
    tekst = meten.schrijf("", {})[0].decode()
    assert gemeten(tekst, "schakel_berichten_verzonden_total") == 3


async def test_na_een_nieuwe_bus_is_alles_weer_onverzonden(dienst: Dienst) -> None:
    topic = Topic()
    await dienst.vul(uuid4(), 1)
    await leeg(dienst.opslag, topic)
    ander = Relais(dienst.opslag, verzending, topic.uitgang)
    assert ander.oudste_onverzonden() is None  # another process did it
    await topic.wis()
    topic.antwoord_weg = 1
    with pytest.raises(BusFout):
        await ander.draai()
    assert ander.oudste_onverzonden() == NU
    taak = asyncio.create_task(ander.draai())
    await tot(lambda: ander.oudste_onverzonden() is None)
    taak.cancel()
    await asyncio.wait([taak])


@pytest.mark.parametrize("soort", ["ingebed", "topics"])
async def test_de_achterstand_is_wat_nog_op_de_bus_staat(dienst: Dienst, soort: str) -> None:
    topic = Topic()
    for wat in range(1, 8):
        await dienst.vul(uuid4(), wat)
    await leeg(dienst.opslag, topic)
    log = Bronlog("proef", BRON, dienst.opslag, verzending)
    ingang = IngebedeIngang([log]) if soort == "ingebed" else topic.ingang
    async with ingang.open(dict) as aanvoer:
        assert sum(aanvoer.achterstand().values()) == 7
        while await aanvoer.haal():
            pass
        assert set(aanvoer.achterstand().values()) == {0}
        await dienst.vul(uuid4(), 8)
        await leeg(dienst.opslag, topic)
        assert sum(aanvoer.achterstand().values()) == 1
    log.sluit()


async def test_de_achterstand_op_kafka_loopt_terug_met_wat_gelezen_is(
    dienst: Dienst, kafka: Toegang
) -> None:
    topic = KafkaTopic(kafka)
    await topic.maak()
    await asyncio.gather(*(dienst.vul(uuid4(), wat) for wat in range(20, 720)))
    relais = Relais(dienst.opslag, verzending, topic.uitgang)
    taak = asyncio.create_task(relais.draai())
    await tot(lambda: taak.done() or relais.oudste_onverzonden() is None)
    taak.cancel()
    await asyncio.wait([taak])
    gelezen = 0
    async with topic.ingang.open(dict) as aanvoer:
        assert len(aanvoer.achterstand()) == PARTITIES
        while gelezen < 700:
            assert sum(aanvoer.achterstand().values()) == 700 - gelezen
            gelezen += sum(len(levering.records) for levering in await aanvoer.haal())
        assert set(aanvoer.achterstand().values()) == {0}
    await topic.verwijder()


async def test_wie_niet_verbonden_is_weet_zijn_achterstand_niet(dienst: Dienst) -> None:
    assert dienst.ontvanger.achterstand() == {}
    taak = asyncio.create_task(dienst.ontvanger.draai(Topic().ingang))
    await tot(lambda: dienst.ontvanger.is_verbonden)
    taak.cancel()
    await asyncio.wait([taak])
    assert not dienst.ontvanger.is_verbonden
