"""Background work goes on whatever happens to it, and the log tells what changed, once."""

import asyncio
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from schakel.kern.grond.weigering import BusFout
from schakel.kern.zicht import logboek, taken
from schakel.kern.zicht.taken import Goed, blijvend


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    monkeypatch.setattr(taken, "EERSTE_WACHT", 0.001)
    monkeypatch.setattr(taken, "LANGSTE_WACHT", 0.001)
    uit = io.StringIO()
    logboek.stel_in(strikt=True, uit=uit)
    yield uit
    logboek.stel_in(strikt=True)


def regels(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(regel) for regel in log.getvalue().splitlines()]


class Werk:
    """Does what it is told: an exception is raised, None goes well; after that it waits."""

    def __init__(self, *verloop: type[BaseException] | BusFout | None) -> None:
        self._verloop = iter(verloop)
        self.klaar = asyncio.Event()

    async def draai(self, goed: Goed) -> None:
        for een in self._verloop:
            if een is not None:
                raise een
            goed()
        self.klaar.set()
        await asyncio.Event().wait()


async def laat_lopen(*verloop: type[BaseException] | BusFout | None) -> None:
    werk = Werk(*verloop)
    async with blijvend("proef", werk.draai), asyncio.timeout(5):
        await werk.klaar.wait()


async def test_werk_dat_telkens_om_hetzelfde_stopt_geeft_een_regel(log: io.StringIO) -> None:
    weg, traag = BusFout("bus-fout", ""), BusFout("bus-traag", "")
    await laat_lopen(None, *[weg] * 20, *[traag, weg] * 5)
    assert [(r["gebeurtenis"], r["reden"]) for r in regels(log)] == [
        ("taak_hervat", "bus-fout"),
        ("taak_hervat", "bus-traag"),
    ]


async def test_dat_het_weer_gaat_is_een_regel_en_daarna_telt_alles_opnieuw(
    log: io.StringIO,
) -> None:
    weg = BusFout("bus-fout", "")
    await laat_lopen(None, weg, weg, weg, None, None, weg, None)
    assert [(r["gebeurtenis"], r.get("pogingen")) for r in regels(log)] == [
        ("taak_hervat", None),
        ("taak_hersteld", 3),
        ("taak_hervat", None),
        ("taak_hersteld", 1),
    ]


async def test_dezelfde_eigen_fout_staat_er_een_keer(log: io.StringIO) -> None:
    await laat_lopen(*[KeyError] * 5, TypeError, None)
    assert [(r["gebeurtenis"], r.get("soort")) for r in regels(log)] == [
        ("onverwachte_fout", "KeyError"),
        ("onverwachte_fout", "TypeError"),
        ("taak_hersteld", None),
    ]


async def test_een_bibliotheek_die_iets_afbreekt_beeindigt_het_werk_niet(
    log: io.StringIO,
) -> None:
    await laat_lopen(asyncio.CancelledError, None)
    assert [r["gebeurtenis"] for r in regels(log)] == ["taak_hervat", "taak_hersteld"]


async def test_wie_het_werk_beeindigt_wordt_gehoorzaamd(log: io.StringIO) -> None:
    async with asyncio.timeout(1):
        await laat_lopen(None)
    assert regels(log) == []
