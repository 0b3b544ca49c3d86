"""A log in a file: what one process writes, whole and in order, the bus of another reads."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schakel.kern.bus import Bestandslog, Bestandsuitgang, IngebedeIngang, Topic, Verzending
from schakel.kern.grond.weigering import BusFout

BRON = Topic("schakel.historie", "urn:nld:oin:00000000000000000000:systeem:schakel-historie")


@pytest.fixture
def pad(tmp_path: Path) -> Path:
    return tmp_path / "historie.db"


@pytest.fixture
def log(pad: Path) -> Iterator[Bestandslog]:
    log = Bestandslog(BRON, pad)
    yield log
    log.sluit()


def berichten(van: int, tot: int) -> list[Verzending]:
    return [Verzending(0, b"boom", str(n).encode(), "type") for n in range(van, tot)]


async def schrijf(pad: Path, van: int, tot: int) -> None:
    async with Bestandsuitgang(pad).open() as kanaal:
        assert await kanaal.zend(berichten(van, tot)) == {"historie.db": tot}
        assert await kanaal.keur({})


async def test_wat_er_staat_komt_in_volgorde_en_niet_alles_tegelijk(
    pad: Path, log: Bestandslog
) -> None:
    assert (log.lees(0).records, log.achterstand(0)) == ([], 0)
    await schrijf(pad, 0, 700)
    await schrijf(pad, 700, 1_200)
    gelezen: list[bytes] = []
    na = 0
    while records := log.lees(na).records:
        assert len(records) <= 500
        gelezen += [record.waarde for record in records]
        na = records[-1].nummer
    assert gelezen == [str(n).encode() for n in range(1_200)]
    assert (log.achterstand(0), log.achterstand(na)) == (1_200, 0)


async def test_wie_al_leest_ziet_wat_erbij_komt(pad: Path, log: Bestandslog) -> None:
    async with IngebedeIngang([log]).open(dict) as aanvoer:
        assert not await aanvoer.haal()
        await schrijf(pad, 0, 3)
        (levering,) = await aanvoer.haal()
        assert (levering.bron, levering.schrijver) == BRON
        assert [record.waarde for record in levering.records] == [b"0", b"1", b"2"]
        await schrijf(pad, 3, 4)
        (levering,) = await aanvoer.haal()
        assert [record.waarde for record in levering.records] == [b"3"]
        assert aanvoer.achterstand() == {BRON.naam: 0}


KAP_AF = """
import asyncio, os, sys
from pathlib import Path
from schakel.kern.bus import Bestandsuitgang
from tests.kern.test_bestandslog import berichten

async def main():
    async with Bestandsuitgang(Path(sys.argv[1])).open() as kanaal:
        for n in range(0, 10**9, 400):
            await kanaal.zend(berichten(n, n + 400))
            print(n + 400, flush=True)

asyncio.run(main())
"""


async def test_wie_halverwege_wordt_gedood_laat_hele_partijen_achter(
    pad: Path, log: Bestandslog
) -> None:
    schrijver = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KAP_AF, str(pad), stdout=subprocess.PIPE
    )
    assert schrijver.stdout is not None
    for _ in range(20):
        bevestigd = int(await schrijver.stdout.readline())
    schrijver.kill()
    await schrijver.wait()
    einde = log.achterstand(0)
    assert einde >= bevestigd
    assert einde % 400 == 0
    laatste = log.lees(einde - 1).records
    assert [record.waarde for record in laatste] == [str(einde - 1).encode()]


@pytest.fixture
def vreemd(pad: Path) -> Path:
    pad.write_bytes(b"dit is geen database" * 100)
    return pad


@pytest.mark.usefixtures("vreemd")
async def test_een_vreemd_bestand_wordt_gezegd(pad: Path, log: Bestandslog) -> None:
    with pytest.raises(BusFout, match=r"historie\.db is niet te gebruiken"):
        log.lees(0)
    with pytest.raises(BusFout, match=r"historie\.db is niet te gebruiken"):
        async with Bestandsuitgang(pad).open():
            pass
    with pytest.raises(BusFout, match="niet te gebruiken"):
        async with Bestandsuitgang(pad.parent / "nergens" / "historie.db").open():
            pass


async def test_een_bestand_dat_nog_leeg_is_is_er_nog_niet(pad: Path, log: Bestandslog) -> None:
    sqlite3.connect(pad).close()
    assert log.lees(0).records == []
    await schrijf(pad, 0, 1)
    assert log.achterstand(0) == 1


async def test_na_sluiten_komt_er_niets_meer(pad: Path, log: Bestandslog) -> None:
    await schrijf(pad, 0, 1)
    assert log.achterstand(0) == 1
    log.sluit()
    assert (log.lees(0).records, log.achterstand(0)) == ([], 0)


BREEK_AF = """
import asyncio, sys
from pathlib import Path
from schakel.kern.bus import Bestandsuitgang
from tests.kern.test_bestandslog import berichten

async def main():
    veel = berichten(0, 50_000)
    for n in range(40):
        async with Bestandsuitgang(Path(sys.argv[1])).open() as kanaal:
            taak = asyncio.create_task(kanaal.zend(veel))
            await asyncio.sleep(n / 1000)
            taak.cancel()

asyncio.run(main())
"""


async def test_wie_midden_in_het_schrijven_wordt_afgebroken_sluit_pas_daarna(
    pad: Path, log: Bestandslog
) -> None:
    """A thread cannot be cancelled: closing what it still writes to would end the interpreter."""
    proces = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BREEK_AF, str(pad), stderr=subprocess.PIPE
    )
    _, gezegd = await proces.communicate()
    assert proces.returncode == 0, gezegd.decode()
    assert log.achterstand(0) % 50_000 == 0
