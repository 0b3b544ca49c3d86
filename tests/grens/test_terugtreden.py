"""How long a caller waits after what went wrong: later each time, at random, up to five minutes."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import httpx
import pytest

from schakel.grens import beller
from schakel.grens.beller import Beller
from schakel.grens.fouten import Golffout
from schakel.grens.oproep import LANGST, Weer, roep

from .zijden import B


class _Partner:
    zij, wij, adres = B, "wij", "https://partner"
    wij_sturen = wij_halen = False


class Gebeld:
    """A caller whose one task does as it is told, and whose sleep is written down."""

    def __init__(self, toeval: int = 1) -> None:
        self.slaapjes: list[float] = []
        self.geslapen = asyncio.Event()
        partner: Any = _Partner()
        leeg: Any = None
        self.beller = Beller(partner, leeg, leeg, slaap=self._slaap, toeval=Random(toeval))

    async def _slaap(self, seconden: float) -> None:
        self.slaapjes.append(seconden)
        self.geslapen.set()

    async def doe(self, *uitkomsten: Exception | None) -> list[float]:
        """What it slept while one task came to each of these."""
        rij = iter(uitkomsten)

        async def stap() -> None:
            try:
                fout = next(rij)
            except StopIteration:
                raise asyncio.CancelledError from None
            if fout is not None:
                raise fout

        with pytest.raises(asyncio.CancelledError):
            await self.beller._steeds(stap)
        return self.slaapjes


async def test_elke_keer_langer_tot_vijf_minuten_en_steeds_anders() -> None:
    geslapen = await Gebeld().doe(*[Weer("weg")] * 14)
    for keer, seconden in enumerate(geslapen):
        langst = min(LANGST, 2.0**keer)
        assert langst / 2 <= seconden <= langst
    assert LANGST == 300
    assert geslapen != await Gebeld(2).doe(*[Weer("weg")] * 14)


async def test_wat_goed_gaat_begint_weer_vooraan() -> None:
    *_, voor, na = await Gebeld().doe(*[Weer("weg")] * 6, None, Weer("weg"))
    assert voor > 10
    assert na <= 1


async def test_wie_vraagt_om_te_wachten_krijgt_dat() -> None:
    (seconden,) = await Gebeld().doe(Weer("druk", 120.0))
    assert seconden == 120


async def test_wie_weigert_wordt_pas_na_de_langste_tijd_weer_gevraagd(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gezegd: list[str] = []

    class Log:
        def error(self, wat: str, **_: object) -> None:
            gezegd.append(wat)

    monkeypatch.setattr(beller, "log", Log())
    (seconden,) = await Gebeld().doe(Golffout("geen-overeenkomst", "proef"))
    assert (seconden, gezegd) == (LANGST, ["partner_weigert"])


async def test_een_teken_van_leven_maakt_een_eind_aan_het_wachten() -> None:
    gebeld = Gebeld()
    begonnen = asyncio.Event()

    async def eeuwig(_: float) -> None:
        begonnen.set()
        await asyncio.Event().wait()

    gebeld.beller._slaap = eeuwig
    wachten = asyncio.create_task(gebeld.beller._wacht(5, 0.0))
    await begonnen.wait()
    gebeld.beller.geef_teken()
    async with asyncio.timeout(5):
        assert await wachten == 0


Doe = Callable[[], Awaitable[bytes]]


def antwoordt(status: int, code: str, **koppen: str) -> Doe:
    """A call that gets this answer."""
    inhoud = json.dumps({"code": code}).encode()

    def geef(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, stream=httpx.ByteStream(inhoud), headers=koppen)

    klant = httpx.AsyncClient(transport=httpx.MockTransport(geef))
    return lambda: roep(klant, "GET", "https://partner/x", None)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("kop", "na"), [("7", 7.0), ("100000", LANGST), ("", 0.0), ("-1", 0.0), ("morgen", 0.0)]
)
async def test_retry_after_wordt_geloofd_maar_niet_langer_dan_de_langste_tijd(
    status: int, kop: str, na: float
) -> None:
    with pytest.raises(Weer) as gezegd:
        await antwoordt(status, "te-druk", **{"retry-after": kop})()
    assert gezegd.value.na == na


async def test_een_code_bij_een_andere_status_is_weer_en_geen_weigering() -> None:
    with pytest.raises(Weer):
        await antwoordt(500, "gestopt")()
    with pytest.raises(Golffout) as gezegd:
        await antwoordt(Golffout("gestopt", "").status, "gestopt")()
    assert gezegd.value.code == "gestopt"
