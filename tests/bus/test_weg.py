"""The bus is away: work goes on, little is said of it, and afterwards nothing is missing."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.toegang import Toegang
from deploy.lokaal.vragen import maak_topics
from tests.bus.deur import deur, orchestrator, proces
from tests.bus.meelezen import Log
from tests.kern.proef import tot

from schakel.contracts.topics import topics_van
from schakel.contracts.werkstromen import Proces

H = Proces.HERSTELLEN
WEG = 10.0
"""Seconds."""
LEZERS = {("herstellen", "ontvangst"), ("orchestrator", "ontvangst")}
RELAIS = ("herstellen", "relais")
"""It may well sit this out: what is under way is tried again for half a minute."""
VERANDERINGEN = {"taak_hervat", "taak_hersteld", "gereedheid_veranderd"}


def taak(regel: Mapping[str, str]) -> tuple[str, str]:
    return regel["dienst"], regel["taak"]


async def test_een_broker_die_tien_tellen_weg_is_houdt_niemand_op(
    breekbaar: Kafka, oin: str, tmp_path: Path, log: Log
) -> None:
    maak_topics(breekbaar.toegang(), topics_van(oin))
    async with (
        deur(proces(H, breekbaar.toegang(), oin, tmp_path)) as h,
        deur(orchestrator(breekbaar.toegang(), oin, tmp_path)) as o,
    ):
        gemeld = {await h.meld() for _ in range(5)}
        await tot(lambda: o.gezien() == gemeld, 30)
        await h.op_de_bus()
        log.wis()

        breekbaar.brokers[0].breek_af()
        begin = time.monotonic()
        langste = 0.0
        while time.monotonic() - begin < WEG:
            gevraagd = time.monotonic()
            gemeld.add(await h.meld())
            langste = max(langste, time.monotonic() - gevraagd)
            await asyncio.sleep(0.2)
        assert langste < 2
        assert await h.onderdelen() == {
            "opslag": "goed",
            "schrijver": "goed",
            "bus": "gestoord",
            "ontvangst": "goed",
        }
        assert (await o.onderdelen())["bus"] == "gestoord"

        await asyncio.to_thread(breekbaar.start)
        await tot(lambda: o.gezien() == gemeld, 30)
        await tot(lambda: {taak(r) for r in log.regels("taak_hersteld")} >= LEZERS, 30)
        await h.op_de_bus()
    mis = [(r["dienst"], r["taak"], r["reden"]) for r in log.regels("taak_hervat")]
    assert len(mis) == len(set(mis))
    assert LEZERS <= {taak(r) for r in log.regels("taak_hervat")} <= {*LEZERS, RELAIS}
    weer = [taak(r) for r in log.regels("taak_hersteld")]
    assert sorted(weer) == sorted({taak(r) for r in log.regels("taak_hervat")})
    assert {r["gebeurtenis"] for r in log.regels()} <= {*VERANDERINGEN, "verzoek_afgehandeld"}


async def _zwijg(lezer: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
    """Take whatever comes until the other goes, and never answer."""
    try:
        while await lezer.read(65_536):
            pass
    finally:
        schrijver.close()


@asynccontextmanager
async def zwart_gat() -> AsyncIterator[Toegang]:
    """Something that accepts connections, and that is all."""
    async with await asyncio.start_server(_zwijg, "127.0.0.1", 0) as server:
        poort = server.sockets[0].getsockname()[1]
        yield Toegang(f"127.0.0.1:{poort}")


async def stopt_op_tijd(einde: AsyncExitStack) -> None:
    """A service must be gone within ten seconds, whatever the bus does."""
    begin = time.monotonic()
    await einde.aclose()
    assert time.monotonic() - begin < 10


async def test_een_bus_die_nooit_antwoordt_houdt_niets_op_ook_het_stoppen_niet(
    oin: str, tmp_path: Path, log: Log
) -> None:
    async with zwart_gat() as kafka, AsyncExitStack() as einde:
        h = await einde.enter_async_context(deur(proces(H, kafka, oin, tmp_path)))
        begin = time.monotonic()
        for _ in range(20):
            await h.meld()
        assert time.monotonic() - begin < 5
        assert (await h.onderdelen())["bus"] == "gestoord"
        await tot(lambda: len(list(log.regels("taak_hervat"))) == 2, 30)
        await stopt_op_tijd(einde)


@pytest.mark.parametrize("hoe_lang", [0.5, 8], ids=["net", "al even"])
async def test_een_broker_die_bevriest_houdt_het_stoppen_niet_op(
    breekbaar: Kafka, oin: str, tmp_path: Path, hoe_lang: float
) -> None:
    """Just frozen, the relay waits for an answer; later it is connecting anew."""
    maak_topics(breekbaar.toegang(), topics_van(oin))
    async with AsyncExitStack() as einde:
        h = await einde.enter_async_context(deur(proces(H, breekbaar.toegang(), oin, tmp_path)))
        await h.op_de_bus()
        breekbaar.brokers[0].pauzeer()
        try:
            for _ in range(20):
                await h.meld()
            await asyncio.sleep(hoe_lang)
            await stopt_op_tijd(einde)
        finally:
            breekbaar.brokers[0].hervat()
