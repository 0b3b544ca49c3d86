"""The relay may repeat, never lose (D2)."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import OperationalError
from tests.kern.bussen import Kanaal, Topic, leeg, positie
from tests.kern.proef import Dienst, inhoud, levering, opgeslagen, tot, verzending

from schakel.kern.bezorging.relais import NAAM, Relais
from schakel.kern.bus import Verzending
from schakel.kern.bus.bericht import KOPPEN, Record
from schakel.kern.grond.weigering import BusFout, BusIngekort
from schakel.kern.opslag import Lading, Opslag


@pytest.fixture
async def dienst(opslag: Opslag) -> AsyncIterator[Dienst]:
    dienst = Dienst(opslag)
    yield dienst
    await dienst.schrijver.sluit()


async def mislukt(opslag: Opslag, topic: Topic) -> None:
    """One run that the bus ends."""
    with pytest.raises(BusFout):
        await Relais(opslag, verzending, topic.uitgang).draai()


def ids(topic: Topic) -> list[str]:
    return [waarde.split(b'"id": "')[1].split(b'"')[0].decode() for waarde in topic.berichten()]


async def vul(dienst: Dienst, aantal: int) -> list[UUID]:
    kisten = [uuid4() for _ in range(aantal)]
    await asyncio.gather(*(dienst.vul(k, 20) for k in kisten))
    return kisten


async def test_elk_bericht_gaat_eruit_en_daarna_niet_meer(dienst: Dienst) -> None:
    topic = Topic()
    kisten = await vul(dienst, 2_400)
    await leeg(dienst.opslag, topic)
    assert sorted(ids(topic)) == sorted(f"{k}.1" for k in kisten)
    await leeg(dienst.opslag, topic)
    assert len(topic.berichten()) == 2_400


@pytest.mark.parametrize("fout", ["antwoord_weg", "halverwege"])
async def test_de_positie_schuift_pas_op_na_het_antwoord_van_de_bus(
    dienst: Dienst, fout: str
) -> None:
    topic = Topic()
    setattr(topic, fout, 2)
    kisten = await vul(dienst, 10)
    for _ in range(2):
        await mislukt(dienst.opslag, topic)
        assert positie(dienst.opslag, topic) == 0
    await leeg(dienst.opslag, topic)
    assert set(ids(topic)) == {f"{k}.1" for k in kisten}


async def test_een_positie_die_niet_werd_bewaard_geeft_een_herhaling_geen_verlies(
    dienst: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = Topic()
    kisten = await vul(dienst, 10)
    recht = dienst.opslag.alleenrecht(NAAM)

    def weg(_: object) -> None:
        raise OperationalError("de opslag viel weg na het zenden")

    with monkeypatch.context() as m:
        m.setattr(type(recht), "bewaar", lambda _, posities: weg(posities))
        with pytest.raises(OperationalError):
            await Relais(dienst.opslag, verzending, topic.uitgang).draai()
    await leeg(dienst.opslag, topic)
    assert sorted(ids(topic)) == sorted([f"{k}.1" for k in kisten] * 2)


async def test_een_bus_die_opnieuw_is_gemaakt_wordt_vanzelf_weer_gevuld(dienst: Dienst) -> None:
    """Byte for byte the same: its position belongs to another incarnation."""
    topic = Topic()
    await vul(dienst, 20)
    await leeg(dienst.opslag, topic)
    eerder = topic.berichten()
    await topic.wis()
    await leeg(dienst.opslag, topic)
    assert topic.berichten() == eerder


async def test_een_draaiend_relais_merkt_dat_de_bus_opnieuw_is_gemaakt(dienst: Dienst) -> None:
    topic = Topic()
    await vul(dienst, 5)
    relais = asyncio.create_task(Relais(dienst.opslag, verzending, topic.uitgang).draai())
    await tot(lambda: len(topic.berichten()) == 5)
    await topic.wis()
    with pytest.raises(BusFout, match="topic-vernieuwd"):
        await relais


async def test_ook_wie_steeds_voor_niets_wordt_gewekt_merkt_dat_de_bus_weg_is(
    dienst: Dienst,
) -> None:
    """A service that only receives: each of its transactions wakes its relay."""
    topic = Topic()
    await vul(dienst, 5)
    relais = Relais(dienst.opslag, verzending, topic.uitgang)
    loopt = asyncio.create_task(relais.draai())
    await tot(lambda: len(topic.berichten()) == 5)
    await topic.wis()
    async with asyncio.timeout(10):
        while not loopt.done():
            relais.wek()
            await asyncio.sleep(0.01)
    with pytest.raises(BusFout, match="topic-vernieuwd"):
        await loopt


async def test_een_bus_die_zijn_einde_verloor_krijgt_alles_nog_eens(dienst: Dienst) -> None:
    """Acknowledged is not the same as on the disk of the broker."""
    topic = Topic()
    kisten = await vul(dienst, 20)
    await leeg(dienst.opslag, topic)
    topic.verlies(3)
    relais = asyncio.create_task(Relais(dienst.opslag, verzending, topic.uitgang).draai())
    await tot(lambda: set(ids(topic)) == {f"{k}.1" for k in kisten})
    relais.cancel()
    await asyncio.wait([relais])


async def test_wat_de_bus_verloor_terwijl_het_relais_liep_komt_ook_nog_eens(
    dienst: Dienst,
) -> None:
    """It shows at the next answer; by then the bus is as long again as what it once confirmed."""
    topic = Topic()
    kisten = await vul(dienst, 20)
    relais = Relais(dienst.opslag, verzending, topic.uitgang)
    loopt = asyncio.create_task(relais.draai())
    await tot(lambda: len(topic.berichten()) == 20)
    topic.verlies(1)
    kisten += await vul(dienst, 20)
    relais.wek()
    with pytest.raises(BusIngekort):
        await loopt
    await leeg(dienst.opslag, topic)
    assert set(ids(topic)) == {f"{k}.1" for k in kisten}


async def test_wie_wacht_op_zijn_beurt_merkt_dat_de_bus_weg_is(dienst: Dienst) -> None:
    """Two replicas: the second says that it is connected only while it is."""
    topic = Topic()
    een, ander = (Relais(dienst.opslag, verzending, topic.uitgang) for _ in "ab")
    lopend = [asyncio.create_task(relais.draai()) for relais in (een, ander)]
    await tot(lambda: een.is_verbonden and ander.is_verbonden)
    await topic.wis()
    for taak in lopend:
        with pytest.raises(BusFout, match="topic-vernieuwd"):
            await taak
    assert not een.is_verbonden
    assert not ander.is_verbonden


async def test_de_sleutel_is_de_boom_zodat_de_volgorde_per_boom_blijft(dienst: Dienst) -> None:
    """A child goes to the partition of its tree, behind what came before it."""
    topic, wortel = Topic(), uuid4()
    await dienst.vul(wortel, 20)
    for _ in range(5):
        await dienst.vul(uuid4(), 21, boom=wortel)
    await dienst.vul(wortel, 22)
    await leeg(dienst.opslag, topic)
    (rij,) = topic.partities.values()
    assert {sleutel for sleutel, _ in rij} == {str(wortel).encode()}
    assert ids(topic)[0] == f"{wortel}.1"
    assert ids(topic)[-1] == f"{wortel}.2"


async def test_een_onbekende_gebeurtenis_wordt_niet_overgeslagen(dienst: Dienst) -> None:
    """Nothing goes out past it: the log is the truth, so this is for a person to see."""
    topic = Topic()
    await vul(dienst, 1)
    await leeg(dienst.opslag, topic)
    vreemd = opgeslagen(uuid4(), 1)
    object.__setattr__(vreemd, "topic", "proef/kist.onbekend")
    dienst.opslag.schrijf(Lading([vreemd]))
    await vul(dienst, 1)
    for _ in range(2):
        with pytest.raises(ValueError, match="onbekende opslagnaam"):
            await Relais(dienst.opslag, verzending, topic.uitgang).draai()
    assert len(topic.berichten()) == 1


async def test_wat_het_relais_herhaalt_heeft_in_de_inbox_een_effect(dienst: Dienst) -> None:
    topic = Topic()
    topic.antwoord_weg = 3
    await vul(dienst, 5)
    for _ in range(3):
        await mislukt(dienst.opslag, topic)
    await leeg(dienst.opslag, topic)
    assert len(topic.berichten()) == 20
    for bron, rij in topic.partities.items():
        records = [Record(i + 1, s, KOPPEN, w) for i, (s, w) in enumerate(rij)]
        await dienst.ontvanger.ontvang(levering(*records, bron=str(bron)))
    # The box was there with 20 in it; each message put it in once more, and only once.
    assert set(map(tuple, inhoud(dienst.opslag).values())) == {(20, 20)}


async def test_een_gebeurtenis_kost_een_keer_lezen(
    dienst: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic, gelezen = Topic(), []
    relais = Relais(dienst.opslag, verzending, topic.uitgang)
    lees = relais._lees
    monkeypatch.setattr(relais, "_lees", lambda na: gelezen.append(na) or lees(na))
    loopt = asyncio.create_task(relais.draai())
    await tot(lambda: bool(gelezen))
    gelezen.clear()
    for nummer in range(1, 4):
        await vul(dienst, 1)
        relais.wek()
        await tot(lambda nummer=nummer: positie(dienst.opslag, topic) == nummer)
    assert gelezen == [0, 1, 2]
    loopt.cancel()
    await asyncio.wait([loopt])


async def test_wat_wordt_geschreven_terwijl_er_wordt_verzonden_gaat_er_meteen_achteraan(
    dienst: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads ahead of a short stretch: the waking must not be lost."""
    monkeypatch.setattr("schakel.kern.bezorging.relais.WACHT", 3600)
    topic = Topic()
    relais = Relais(dienst.opslag, verzending, topic.uitgang)
    zend = Kanaal.zend

    async def en_schrijf_intussen(
        kanaal: Kanaal, verzendingen: Sequence[Verzending]
    ) -> Mapping[str, int]:
        einden = await zend(kanaal, verzendingen)
        if len(topic.berichten()) < 5:
            await vul(dienst, 1)
            relais.wek()
        return einden

    monkeypatch.setattr(Kanaal, "zend", en_schrijf_intussen)
    loopt = asyncio.create_task(relais.draai())
    await vul(dienst, 1)
    relais.wek()
    await tot(lambda: len(topic.berichten()) == 5)
    loopt.cancel()
    await asyncio.wait([loopt])
