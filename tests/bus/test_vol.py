"""A parking place that is full: one partition waits on Kafka, and the others go on."""

from pathlib import Path
from uuid import uuid4

import pytest
from deploy.lokaal.toegang import Toegang
from tests.bus.dozen import Ontvanger, topic_op
from tests.bus.meelezen import Log
from tests.bus.ruw import partij, zend_ruw
from tests.kern.proef import DOOR, TABELLEN, bericht, geprojecteerd, tot

from schakel.kern.bezorging.parkeerbeheer import Parkeerbeheer
from schakel.kern.bezorging.parkeergrenzen import Parkeerruimte
from schakel.kern.bezorging.parkeerzeef import ALLES
from schakel.kern.bus.kafka import ingang
from schakel.kern.grond.instellingen import Parkeerinstellingen
from schakel.kern.opslag import lees_posities
from schakel.kern.opslag.sqlite import SqliteOpslag


async def test_een_volle_partitie_wacht_op_de_bus_en_gaat_later_door(
    kafka: Toegang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    monkeypatch.setattr(ingang, "OPHOUD", 0.3)
    monkeypatch.setattr(ingang, "KEUR_SECONDEN", 0.5)
    opslag = SqliteOpslag(tmp_path / "lezer.db", TABELLEN)
    async with topic_op(kafka, partities=2) as topic:
        een = Ontvanger(opslag, topic)
        lezer = een.dienst.ontvanger
        lezer.parkeerplaats.ruimte = Parkeerruimte(opslag, Parkeerinstellingen(parkeer_rijen=3))
        async with een:
            achteraan, vlot = uuid4(), uuid4()
            rommel = [(None, b"<%d" % n) for n in range(5)]
            staart = [(None, bericht(achteraan, 7))]
            await zend_ruw(kafka, topic.naam, partij([*rommel, *staart]), 0)
            await tot(lambda: len(lezer.gestopt) == 1, 30)
            for wat in range(1, 4):
                await zend_ruw(kafka, topic.naam, partij([(None, bericht(vlot, wat))]), 1)
                await tot(lambda wat=wat: geprojecteerd(opslag).get(vlot, [])[-1:] == [wat], 30)
            bron = f"{topic.naam}/0"
            assert [*lezer.gestopt] == [bron]
            stand = {n.partition("@")[0]: p for n, p in lees_posities(opslag).items()}
            assert (stand[bron], achteraan in geprojecteerd(opslag)) == (3, False)
            beheer = Parkeerbeheer(lezer)
            assert (await beheer.verwerp(ALLES, "rommel", DOOR, proef=False)).verwerkt == 3
            await tot(lambda: geprojecteerd(opslag).get(achteraan) == [7], 30)
            await tot(lambda: not lezer.gestopt, 30)
            assert lezer.parkeerplaats.aantal() == 2
    assert [regel["bron"] for regel in log.regels("parkeerplaats_vol")] == [bron]
    assert not list(log.regels("taak_hervat"))
