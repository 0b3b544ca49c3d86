"""Closing a store waits for who is reading from it: pulling it away would crash the process."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from eventsourcing.persistence import OperationalError
from tests.kern.conftest import Plek

from schakel.kern.opslag import Opslag
from schakel.kern.opslag.bezetting import Bezetting

LANG = (
    "WITH RECURSIVE tel(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM tel WHERE n < 300000)"
    " SELECT count(*) FROM tel"
)


def test_sluiten_wacht_op_wie_nog_leest(plek: Plek) -> None:
    opslag = plek.open()
    begonnen = Event()

    def lees() -> int:
        begonnen.set()
        return int(opslag.vraag(LANG)[0][0])

    with ThreadPoolExecutor(4) as draden:
        lezers = [draden.submit(lees) for _ in range(4)]
        begonnen.wait()
        while not all(lezer.running() or lezer.done() for lezer in lezers):
            pass
        opslag.sluit()
        uitslagen = [_uitslag(lezer) for lezer in lezers]

    assert 300000 in uitslagen
    assert set(uitslagen) <= {300000, None}


def _uitslag(lezer: object) -> int | None:
    """What it read, or None when it came too late to get in."""
    try:
        return lezer.result()  # type: ignore[attr-defined,no-any-return]
    except OperationalError:
        return None


def test_na_het_sluiten_komt_niemand_meer_binnen(opslag: Opslag) -> None:
    opslag.sluit()
    with pytest.raises(OperationalError):
        opslag.vraag("SELECT 1")


def test_wie_te_lang_blijft_wordt_niet_onderuitgehaald(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schakel.kern.opslag.bezetting.GEDULD", 0.01)
    bezetting = Bezetting()
    with bezetting.gebruik():
        assert bezetting.sluit() is False
    assert bezetting.sluit() is True
