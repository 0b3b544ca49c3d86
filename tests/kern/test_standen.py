"""What a task of a batch sees of what the tasks before it did, and of what was undone."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.kern.opslag.tabellen import KERNTABELLEN
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.transactie import AlleenRijen, Transactie

DOOR = Door("schakel", "systeem", "proef")


def test_wat_een_geweigerde_taak_maakte_ziet_de_volgende_niet(tmp_path: Path) -> None:
    opslag = SqliteOpslag(tmp_path / "proef.db", KERNTABELLEN)
    rijen = AlleenRijen(opslag)
    werk = rijen.begin(datetime(2026, 11, 30, tzinfo=UTC))
    werk.standen["log"] = 1
    punt = werk.punt()
    werk.standen["log"] = 2
    werk.standen["ander"] = 1
    werk.terug(punt)
    assert werk.standen == {"log": 1}
    assert rijen.begin(werk.nu).standen == {}
    opslag.sluit()


async def test_taken_van_een_partij_gaan_op_elkaar_verder(tmp_path: Path) -> None:
    opslag = SqliteOpslag(tmp_path / "proef.db", KERNTABELLEN)
    schrijver = Schrijver(AlleenRijen(opslag), lambda: datetime(2026, 11, 30, tzinfo=UTC))

    def tel(werk: Transactie) -> int:
        werk.standen["log"] = werk.standen.get("log", 0) + 1
        stand: int = werk.standen["log"]
        return stand

    samen = [schrijver.voer_uit(Taak(tel, int, DOOR)) for _ in range(3)]
    assert await asyncio.gather(*samen) == [1, 2, 3]
    await schrijver.sluit()
    opslag.sluit()


def test_wat_is_opgeslagen_wordt_per_partij_een_keer_gelezen(tmp_path: Path) -> None:
    """A turn has the store to itself: another replica may have been there before the next one."""
    opslag = SqliteOpslag(tmp_path / "proef.db", KERNTABELLEN)
    rijen, gelezen = AlleenRijen(opslag), list[int]()

    def lees() -> int:
        gelezen.append(1)
        return len(gelezen)

    werk = rijen.begin(datetime(2026, 11, 30, tzinfo=UTC))
    punt = werk.punt()
    assert werk.eenmaal("log", lees) == 1
    werk.terug(punt)  # what is stored is not undone
    assert werk.eenmaal("log", lees) == 1
    assert rijen.begin(werk.nu).eenmaal("log", lees) == 2
    opslag.sluit()
