"""Heads of logs that are told: two that fit go on, two stories stop the link."""

import json
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from schakel.bewijs import Controlepunt
from schakel.grens.fouten import SlechtePagina

from .huizen import TweeHuizen
from .test_gif import aangeboden
from .zijden import A, B, ondertekenaar

IN, UIT = f"schakel/{A}/{B}", f"schakel/{B}/{A}"
SOORT = "nl.schakels.verbinding.controlepunten.v1"


@pytest.fixture
async def huizen(huizen: TweeHuizen) -> TweeHuizen:
    """In which A said something."""
    await huizen.a.kanaal.zeg([aangeboden(uuid7())])
    await huizen.volg()
    return huizen


def note(wie: str, oorsprong: str, omvang: int, wortel: bytes) -> str:
    return str(Controlepunt(oorsprong, omvang, wortel).onderteken(ondertekenaar(wie)))


def controlepunten(nummer: int, *notes: str) -> bytes:
    """The leaf in which A tells them."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"{A}.{nummer}",
            "source": f"urn:nld:oin:{A}:systeem:grens",
            "type": SOORT,
            "subject": A,
            "time": "2026-11-30T12:00:00.000000Z",
            "datacontenttype": "application/json",
            "data": {
                "nummer": nummer,
                "door": {"organisatie": A, "rol": "systeem"},
                "controlepunten": notes,
            },
        }
    ).encode()


async def breng(huizen: TweeHuizen, *bladen: bytes) -> Any:
    """What A says, as B takes it in."""
    a, b = huizen.a.kanaal, huizen.b.kanaal
    await a.zeg(list(bladen))
    verbinding = await a.verbinding()
    pagina = await a.pagina(verbinding.sessie_uit or "", verbinding.vanaf)
    assert pagina is not None
    inname = await b.neem_pagina(pagina.schrijf())
    await a.neem_ontvangst(inname.ontvangst)
    return inname


def stukken(huizen: TweeHuizen) -> list[tuple[str, str]]:
    rijen = huizen.b.grens.opslag.vraag("SELECT partner, reden FROM bewijsstukken")
    return [(partner, reden) for partner, reden in rijen]


@pytest.mark.parametrize("welk", ["eigen", "hun"])
async def test_een_andere_wortel_laat_de_verbinding_stoppen(huizen: TweeHuizen, welk: str) -> None:
    vals = note("B", UIT, 1, b"x" * 32) if welk == "eigen" else note("A", IN, 1, b"x" * 32)
    voor = huizen.b.kanaal.verkeer.stand_in().omvang
    with pytest.raises(SlechtePagina) as fout:
        await breng(huizen, controlepunten(1, vals))
    assert fout.value.reden == "vork"
    assert (await huizen.b.kanaal.verbinding()).gestopt == "vork"
    assert stukken(huizen) == [(A, "vork")]
    assert huizen.b.kanaal.verkeer.stand_in().omvang == voor


async def test_meer_dan_wij_ooit_zeiden_is_ook_een_ander_verhaal(huizen: TweeHuizen) -> None:
    with pytest.raises(SlechtePagina):
        await breng(huizen, controlepunten(1, note("B", UIT, 9, b"x" * 32)))
    assert (await huizen.b.kanaal.verbinding()).gestopt == "vork"


async def test_wat_klopt_en_wat_over_een_ander_logboek_gaat_wordt_ingenomen(
    huizen: TweeHuizen,
) -> None:
    verkeer = huizen.b.kanaal.verkeer
    waar = [
        note("B", UIT, 1, verkeer.uit.boom.wortel(1)),
        note("A", IN, 1, verkeer.in_.boom.wortel(1)),
        f"schakel/{A}/herstellen\n7\n{'A' * 43}=\n\n— schakel/{A}/herstellen {'A' * 92}\n",
        "geen note",
    ]
    await breng(huizen, controlepunten(1, *waar))
    assert (await huizen.b.kanaal.verbinding()).gestopt is None
    assert stukken(huizen) == []


async def test_een_kop_die_nog_niet_te_controleren_is_wordt_dat_later(huizen: TweeHuizen) -> None:
    await breng(huizen, controlepunten(1, note("A", IN, 3, b"x" * 32)))
    assert (await huizen.b.kanaal.verbinding()).gestopt is None
    with pytest.raises(SlechtePagina):
        await breng(huizen, aangeboden(uuid7()))
    assert (await huizen.b.kanaal.verbinding()).gestopt == "vork"


async def test_een_kop_in_dezelfde_pagina_telt_ook(huizen: TweeHuizen) -> None:
    with pytest.raises(SlechtePagina):
        await breng(huizen, aangeboden(uuid7()), controlepunten(1, note("A", IN, 2, b"x" * 32)))


async def test_controlepunten_worden_hoogstens_eens_per_uur_gezegd_als_er_iets_was(
    huizen: TweeHuizen,
) -> None:
    def gezegd() -> list[int]:
        return [huis.gezegd().count("verbinding.controlepunten") for huis in (huizen.a, huizen.b)]

    async def zeg() -> None:
        for huis in (huizen.a, huizen.b):
            await huis.kanaal.zeg_controlepunten()
        await huizen.volg()

    await zeg()
    assert gezegd() == [1, 1]
    await huizen.a.kanaal.zeg([aangeboden(uuid7())])
    await huizen.volg()
    await zeg()
    assert gezegd() == [1, 1]
    huizen.klok.verder(hours=1)
    await zeg()
    assert gezegd() == [2, 2]
    for _ in range(3):
        huizen.klok.verder(hours=1)
        await zeg()
    assert gezegd() == [2, 2]
    for huis in (huizen.a, huizen.b):
        assert (await huis.kanaal.verbinding()).gestopt is None
    laatste = json.loads(huizen.a.kanaal.verkeer.uit.bladen(0, 100)[-1])
    assert len(laatste["data"]["controlepunten"]) == 2
