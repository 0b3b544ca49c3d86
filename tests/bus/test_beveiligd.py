"""Services on a bus that asks who they are: with the rights of acls.yaml, and without."""

import asyncio
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from deploy.lokaal import gereedschap
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.sleutels import Sleutels
from deploy.lokaal.toegang import PLAINTEXT, SSL, Toegang
from tests.bus.conftest import schakel_topics
from tests.bus.deur import deur, orchestrator, proces
from tests.bus.meelezen import Log
from tests.kern.proef import tot
from tests.proef import vijand

from schakel.contracts.topics import topic_van
from schakel.contracts.werkstromen import Proces

H = Proces.HERSTELLEN

# aiokafka closes TLS without waiting for the goodbye of the other side.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def kafka(beveiligd: Kafka, oin: str) -> Kafka:
    """With the topics and rights of an organisation that no other test knows."""
    schakel_topics(beveiligd, oin)
    return beveiligd


def toegang(kafka: Kafka, oin: str, dienst: str) -> Toegang:
    return kafka.toegang(f"{oin}.{dienst}")


async def test_met_de_rechten_van_het_bestand_en_niet_meer_komt_alles_aan(
    kafka: Kafka, oin: str, tmp_path: Path, log: Log
) -> None:
    async with (
        deur(proces(H, toegang(kafka, oin, "herstellen"), oin, tmp_path)) as h,
        deur(orchestrator(toegang(kafka, oin, "orchestrator"), oin, tmp_path)) as o,
    ):
        gemeld = {await h.meld() for _ in range(10)}
        await tot(lambda: o.gezien() == gemeld, 30)
        await h.op_de_bus()
        await o.op_de_bus()
    assert list(log.regels("taak_hervat", "onverwachte_fout", "bibliotheek_bericht")) == []


def zonder_bewijs(goed: Toegang, map_: Path) -> Iterator[tuple[Toegang, str]]:
    """Ways in which a service is not let in, each with the reason it gives."""
    vreemden = Sleutels(map_ / "vreemd")
    yield dataclasses.replace(goed, ca=vreemden.ca), "bus-niet-vertrouwd"
    yield dataclasses.replace(goed, beveiliging=PLAINTEXT), "bus-verbroken"
    if goed.beveiliging == SSL:
        kaal = dataclasses.replace(goed, certificaat=None, sleutel=None)
        yield kaal, "bus-weigert-certificaat"
        certificaat, sleutel = vreemden.certificaat("herstellen")
        vals = dataclasses.replace(goed, certificaat=certificaat, sleutel=sleutel)
        yield vals, "bus-weigert-certificaat"
    else:
        geraden = map_ / "geraden"
        geraden.write_text("geraden")
        yield dataclasses.replace(goed, wachtwoordbestand=geraden), "bus-weigert-wachtwoord"


async def test_wie_niet_binnenkomt_zegt_een_keer_waarom_en_werkt_door(
    kafka: Kafka, oin: str, tmp_path: Path, log: Log
) -> None:
    goed = toegang(kafka, oin, "herstellen")
    for nummer, (verkeerd, reden) in enumerate(zonder_bewijs(goed, tmp_path)):
        log.wis()
        map_ = tmp_path / str(nummer)
        async with deur(proces(H, verkeerd, oin, map_)) as h:
            await h.meld()
            await tot(lambda: len(list(log.regels("taak_hervat"))) >= 2, 30)
            await asyncio.sleep(2)  # several attempts
            await h.meld()
            assert (await h.onderdelen())["bus"] == "gestoord"
        gezegd = sorted((r["taak"], r["reden"]) for r in log.regels("taak_hervat"))
        assert gezegd == [("ontvangst", reden), ("relais", reden)]
        vreemd = log.regels("onverwachte_fout", "bibliotheek_bericht", "taak_hersteld")
        assert list(vreemd) == []
        # With the right keys it goes on where it was.
        async with deur(proces(H, goed, oin, map_)) as h:
            await h.op_de_bus()


def recht(kafka: Kafka, oin: str, wat: str) -> None:
    """Give herstellen its right to write, or take it away."""
    gereedschap.voer_uit(
        kafka.toegang(),
        gereedschap.ACLS,
        wat,
        *(["--force"] if wat == "--remove" else []),
        "--allow-principal",
        f"User:{oin}.herstellen",
        "--operation",
        "WRITE",
        "--topic",
        topic_van(oin, H),
    )


async def test_een_recht_dat_wegvalt_en_terugkomt_laat_niets_liggen(
    kafka: Kafka, oin: str, tmp_path: Path, log: Log
) -> None:
    """The living idempotent producer would refuse everything from then on: it is made anew."""
    async with (
        deur(proces(H, toegang(kafka, oin, "herstellen"), oin, tmp_path)) as h,
        deur(orchestrator(toegang(kafka, oin, "orchestrator"), oin, tmp_path)) as o,
    ):
        gemeld = {await h.meld()}
        await tot(lambda: o.gezien() == gemeld, 30)
        await asyncio.to_thread(recht, kafka, oin, "--remove")
        gemeld.add(await h.meld())
        await tot(lambda: bool(list(log.regels("taak_hervat"))), 30)
        await asyncio.to_thread(recht, kafka, oin, "--add")
        gemeld.add(await h.meld())
        await tot(lambda: o.gezien() == gemeld, 30)
    assert {r["reden"] for r in log.regels("taak_hervat")} == {"geen-recht"}


async def test_wie_zich_voor_een_ander_uitgeeft_wordt_geweigerd_en_bewaard(
    kafka: Kafka, oin: str, tmp_path: Path
) -> None:
    """It may write on its own topic, and there says to be herstellen."""
    uitvoeren = toegang(kafka, oin, "uitvoeren")
    async with (
        deur(proces(H, toegang(kafka, oin, "herstellen"), oin, tmp_path)) as h,
        deur(orchestrator(toegang(kafka, oin, "orchestrator"), oin, tmp_path)) as o,
    ):
        gemeld = {await h.meld()}
        await tot(lambda: o.gezien() == gemeld, 30)
        waarde = o.dienst.opslag.vraag("SELECT waarde FROM gezien")[0][0]
        await zend(uitvoeren, topic_van(oin, "uitvoeren"), bytes(waarde))
        for dienst in (h, o):
            await tot(lambda dienst=dienst: bool(dienst.geparkeerd()), 30)
            ((bron, reden),) = dienst.geparkeerd()
            assert (bron.partition("/")[0], reden) == (
                topic_van(oin, "uitvoeren"),
                "verkeerde-bron",
            )
        gemeld.add(await h.meld())
        await tot(lambda: o.gezien() == gemeld, 30)


@pytest.mark.parametrize("beveiligd", [SSL], indirect=True)
def test_wie_een_topic_mag_schrijven_heeft_niets_over_anderen_te_zeggen(
    beveiligd: Kafka, oin: str
) -> None:
    """A small fixed sample of ``make proef PROEF_ARGS=vijand``."""
    vijand.beproef_op(beveiligd, oin, 0, 1)


async def zend(toegang: Toegang, topic: str, waarde: bytes) -> None:
    """As a client that is not ours."""
    zender = AIOKafkaProducer(**toegang.voor_aiokafka(), acks="all")
    await zender.start()
    try:
        koppen = [("content-type", b"application/cloudevents+json")]
        await zender.send_and_wait(topic, waarde, headers=koppen)
    finally:
        await zender.stop()
