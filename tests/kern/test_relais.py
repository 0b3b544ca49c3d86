"""The relay may repeat, never lose (D2)."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import OperationalError, Tracking
from tests.kern.bussen import Topic
from tests.kern.proef import Dienst, inhoud, levering, opgeslagen, verzending

from schakel.kern.bericht import Record
from schakel.kern.opslag import Lading, Opslag
from schakel.kern.relais import NAAM, Relais


@pytest.fixture
async def dienst(opslag: Opslag) -> AsyncIterator[Dienst]:
    dienst = Dienst(opslag)
    yield dienst
    await dienst.schrijver.sluit()


async def leeg(relais: Relais) -> int:
    """Until nothing is left; how many went out."""
    aantal = 0
    while doorgestuurd := await relais.stuur_door():
        aantal += doorgestuurd
    return aantal


def ids(topic: Topic) -> list[str]:
    return [waarde.split(b'"id": "')[1].split(b'"')[0].decode() for waarde in topic.berichten()]


async def vul(dienst: Dienst, aantal: int) -> list[UUID]:
    kisten = [uuid4() for _ in range(aantal)]
    await asyncio.gather(*(dienst.vul(k, 20) for k in kisten))
    return kisten


async def test_elk_bericht_gaat_eruit_en_daarna_niet_meer(dienst: Dienst) -> None:
    topic = Topic()
    relais = Relais(dienst.opslag, verzending, topic)
    kisten = await vul(dienst, 1_200)
    assert await leeg(relais) == 1_200
    assert sorted(ids(topic)) == sorted(f"{k}.1" for k in kisten)
    assert await leeg(Relais(dienst.opslag, verzending, topic)) == 0


@pytest.mark.parametrize("fout", ["antwoord_weg", "halverwege"])
async def test_de_positie_schuift_pas_op_na_het_antwoord_van_de_bus(
    dienst: Dienst, fout: str
) -> None:
    topic = Topic()
    setattr(topic, fout, 2)
    relais = Relais(dienst.opslag, verzending, topic)
    kisten = await vul(dienst, 10)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await relais.stuur_door()
        assert dienst.opslag.max_tracking_id(NAAM) is None
    await leeg(relais)
    assert set(ids(topic)) == {f"{k}.1" for k in kisten}
    assert dienst.opslag.max_tracking_id(NAAM) is not None


async def test_een_positie_die_niet_werd_bewaard_geeft_een_herhaling_geen_verlies(
    dienst: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = Topic()
    kisten = await vul(dienst, 10)

    def weg(_tracking: Tracking) -> None:
        raise OperationalError("de opslag viel weg na het zenden")

    with monkeypatch.context() as m:
        m.setattr(dienst.opslag, "insert_tracking", weg)
        with pytest.raises(OperationalError):
            await Relais(dienst.opslag, verzending, topic).stuur_door()
    await leeg(Relais(dienst.opslag, verzending, topic))
    assert sorted(ids(topic)) == sorted([f"{k}.1" for k in kisten] * 2)


async def test_een_herhaling_is_byte_voor_byte_hetzelfde(dienst: Dienst) -> None:
    topic, nog_een = Topic(), Topic()
    await vul(dienst, 20)
    await leeg(Relais(dienst.opslag, verzending, topic))
    dienst.opslag.schrijf(Lading(posities={NAAM: 0}))
    await leeg(Relais(dienst.opslag, verzending, nog_een))
    assert topic.berichten() == nog_een.berichten()


async def test_de_sleutel_is_de_boom_zodat_de_volgorde_per_boom_blijft(dienst: Dienst) -> None:
    """A child goes to the partition of its tree, behind what came before it."""
    topic, wortel = Topic(), uuid4()
    await dienst.vul(wortel, 20)
    for _ in range(5):
        await dienst.vul(uuid4(), 21, boom=wortel)
    await dienst.vul(wortel, 22)
    await leeg(Relais(dienst.opslag, verzending, topic))
    (rij,) = topic.partities.values()
    assert {sleutel for sleutel, _ in rij} == {str(wortel).encode()}
    assert ids(topic)[0] == f"{wortel}.1"
    assert ids(topic)[-1] == f"{wortel}.2"


async def test_een_onbekende_gebeurtenis_wordt_niet_overgeslagen(dienst: Dienst) -> None:
    """Nothing goes out past it: the log is the truth, so this is for a person to see."""
    topic = Topic()
    relais = Relais(dienst.opslag, verzending, topic)
    await vul(dienst, 1)
    await leeg(relais)
    vreemd = opgeslagen(uuid4(), 1)
    object.__setattr__(vreemd, "topic", "proef/kist.onbekend")
    dienst.opslag.schrijf(Lading([vreemd]))
    await vul(dienst, 1)
    for _ in range(2):
        with pytest.raises(ValueError, match="onbekende opslagnaam"):
            await relais.stuur_door()
    assert len(topic.berichten()) == 1


async def test_wat_het_relais_herhaalt_heeft_in_de_inbox_een_effect(dienst: Dienst) -> None:
    topic = Topic()
    topic.antwoord_weg = 3
    relais = Relais(dienst.opslag, verzending, topic)
    await vul(dienst, 5)
    for _ in range(3):
        with pytest.raises(ConnectionError):
            await relais.stuur_door()
    await leeg(relais)
    assert len(topic.berichten()) == 20
    for bron, rij in topic.partities.items():
        records = [Record(i + 1, s, _koppen(), w) for i, (s, w) in enumerate(rij)]
        await dienst.ontvanger.ontvang(levering(*records, bron=str(bron)))
    # The box was there with 20 in it; each message put it in once more, and only once.
    assert set(map(tuple, inhoud(dienst.opslag).values())) == {(20, 20)}


def _koppen() -> tuple[tuple[str, bytes], ...]:
    return (("content-type", b"application/cloudevents+json"),)
