"""What is not ours costs no transaction: its position waits for one that there is anyway."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from tests.kern.bussen import Topic
from tests.kern.proef import BEKEKEN, GEVULD, Dienst, bericht, inhoud, levering, record, sporen, tot

from schakel.kern.bezorging import lezer
from schakel.kern.bus.bericht import KOPPEN, Record, koppen_van
from schakel.kern.opslag import Lading, Opslag, lees_posities


@pytest.fixture
async def dienst(opslag: Opslag) -> AsyncIterator[Dienst]:
    dienst = Dienst(opslag)
    yield dienst
    await dienst.schrijver.sluit()


@pytest.fixture(autouse=True)
def _lang(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, nothing is due by itself."""
    monkeypatch.setattr(lezer, "UITSTEL", 3600.0)


def vreemd(nummer: int) -> Record:
    """The sender's own affair: boxes take no notice of a nought."""
    return record(nummer, uuid4(), 0)


def posities(dienst: Dienst) -> dict[str, int]:
    """Of sources: the library keeps its own migrations there too."""
    alle = lees_posities(dienst.opslag)
    return {naam: nummer for naam, nummer in alle.items() if not naam.startswith("__")}


async def test_wat_niet_voor_ons_is_schrijft_niets(dienst: Dienst) -> None:
    voor = sporen(dienst.opslag)
    for nummer in range(1, 4):
        assert await dienst.ontvanger.ontvang(levering(vreemd(nummer))) == 0
    veel = [vreemd(nummer) for nummer in range(4, 4 + 2 * lezer.KLEIN)]
    assert await dienst.ontvanger.ontvang(levering(*veel)) == 0
    assert sporen(dienst.opslag) == voor
    assert dienst.schrijver.aantal_transacties == 0


@pytest.mark.parametrize("type_", [BEKEKEN, GEVULD, "nl.proef.bekeken.v2"])
async def test_wat_volgens_zijn_kop_niet_voor_ons_is_wordt_niet_gelezen(
    dienst: Dienst, type_: str
) -> None:
    """Only of a type that we know, and have nothing to do with."""
    await dienst.ontvanger.ontvang(levering(Record(1, b"k", koppen_van(type_), b"{")))
    assert dienst.geparkeerd() == ([] if type_ == BEKEKEN else [(1, "geen-json")])


async def test_wat_stil_is_wordt_overgeslagen_maar_telt_en_schuift_de_positie_op(
    dienst: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    geduid: list[int] = []
    duid = type(dienst.ontvanger).duid

    def let_op(ontvanger: Any, een: Record, schrijver: str) -> Any:
        geduid.append(een.nummer)
        return duid(ontvanger, een, schrijver)

    monkeypatch.setattr(type(dienst.ontvanger), "duid", let_op)
    kist = uuid4()
    stil = [Record(nummer, b"k", koppen_van(BEKEKEN), b"{") for nummer in range(1, 9)]
    wel = record(4, kist, 20)
    rij = [*stil[:3], wel, *stil[4:]]
    assert await dienst.ontvanger.ontvang(levering(*rij), levering(bron="leeg")) == 1
    assert (inhoud(dienst.opslag), posities(dienst)) == ({kist: [20]}, {"proef": 8})
    assert geduid == [4, 8]
    geteld = dienst.meting("schakel_berichten_ontvangen_total", uitkomst="niet-voor-ons")
    assert geteld == 7


async def test_de_positie_gaat_mee_met_wat_wel_voor_ons_is(dienst: Dienst) -> None:
    kist = uuid4()
    await dienst.ontvanger.ontvang(levering(vreemd(7), bron="ander"))
    await dienst.ontvanger.ontvang(levering(vreemd(1)))
    await dienst.ontvanger.ontvang(levering(record(2, kist, 20), vreemd(3)))
    assert posities(dienst) == {"ander": 7, "proef": 3}
    assert dienst.schrijver.aantal_transacties == 1
    # Once written it is not written again: another replica may be further by now.
    await dienst.ontvanger.ontvang(levering(record(4, kist, 21)))
    assert inhoud(dienst.opslag) == {kist: [20, 21]}


async def test_ook_zonder_iets_van_ons_wacht_de_positie_niet_lang(
    dienst: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    await dienst.ontvanger.ontvang(levering(vreemd(5)))
    assert await dienst.ontvanger.ontvang() == 0
    assert posities(dienst) == {}
    monkeypatch.setattr(lezer, "UITSTEL", 0.0)
    assert await dienst.ontvanger.ontvang() == 0
    assert posities(dienst) == {"proef": 5}
    assert await dienst.ontvanger.ontvang() == 0
    assert dienst.schrijver.aantal_transacties == 1


async def test_een_onleesbaar_bericht_wordt_niet_uitgesteld(dienst: Dienst) -> None:
    await dienst.ontvanger.ontvang(levering(vreemd(1), Record(2, b"k", KOPPEN, b"{")))
    assert dienst.geparkeerd() == [(2, "geen-json")]
    assert posities(dienst) == {"proef": 2}


async def test_wie_zijn_deel_kwijt_is_zet_een_ander_niet_terug(
    dienst: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another replica read on from where we last wrote, before our position was due."""
    await dienst.ontvanger.ontvang(levering(vreemd(25)))
    dienst.opslag.schrijf(Lading(posities={"proef": 28}))
    monkeypatch.setattr(lezer, "UITSTEL", 0.0)
    await dienst.ontvanger.ontvang()
    assert posities(dienst) == {"proef": 28}


async def test_wie_opnieuw_wordt_geplaatst_schrijft_niet_meer_hoe_ver_hij_was(
    dienst: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another replica may have found the log shorter meanwhile, and begun anew: that stands."""
    await dienst.ontvanger.ontvang(levering(vreemd(100)))
    assert dienst.ontvanger._lees_posities().get("proef") is None
    dienst.opslag.schrijf(Lading(posities={"proef": 80}))
    monkeypatch.setattr(lezer, "UITSTEL", 0.0)
    await dienst.ontvanger.ontvang()
    assert posities(dienst) == {"proef": 80}


async def test_wie_opnieuw_begint_kijkt_nog_eens_en_er_gebeurt_niets(dienst: Dienst) -> None:
    """A position that was not written when the reader stopped is not kept for the next one."""
    topic = Topic()
    for _ in range(3):
        kist = uuid4()
        topic.partities[0].append((str(kist).encode(), bericht(kist, 0)))
    for _ in range(2):
        leest = asyncio.create_task(dienst.ontvanger.draai(topic.ingang))
        await tot(lambda: dienst.ontvanger.achterstand() == {"proef/0": 0})
        leest.cancel()
        with suppress(asyncio.CancelledError):
            await leest
    await dienst.ontvanger.ontvang(levering(record(1, uuid4(), 20), bron="ander"))
    assert posities(dienst) == {"ander": 1}
    geteld = dienst.meting("schakel_berichten_ontvangen_total", uitkomst="niet-voor-ons")
    assert geteld == 6
