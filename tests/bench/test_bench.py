"""Each benchmark runs and yields figures that can be right. How fast it is, is not asked here."""

import json
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from random import Random

import pytest
from eventsourcing.persistence import StoredEvent
from tests.bench import __main__ as bench
from tests.bench.deur import meet_deur
from tests.bench.geheugen import meet_geheugen
from tests.bench.hop import meet_hop
from tests.bench.lezen import Volger, meet_lezen
from tests.bench.opslag import ids
from tests.bench.pgschrijven import meet_pgschrijven
from tests.bench.schrijven import meet_schrijven
from tests.bench.verslag import Uitkomst

from schakel.kern.opslag import KERNTABELLEN, Lading
from schakel.kern.opslag.sqlite import SqliteOpslag


@pytest.fixture(autouse=True)
def _hier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_MAP", str(tmp_path))


def getallen(uitkomst: Uitkomst) -> Iterator[float]:
    for rij in uitkomst.rijen:
        yield from (waarde for waarde in rij.values() if not isinstance(waarde, str))
    yield from (toets.waarde for toets in uitkomst.toetsen)


def test_schrijven_meet_ons_de_grens_en_de_bibliotheek() -> None:
    uitkomst = meet_schrijven(400, 2)
    assert len(uitkomst.rijen) == 3
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))
    assert uitkomst.rijen[0]["t.o.v. de grens"] == 1


def test_schrijven_in_postgresql_meet_alle_manieren() -> None:
    uitkomst = meet_pgschrijven(400, 1)
    assert len(uitkomst.rijen) == 7
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))
    assert [toets.naam[:2] for toets in uitkomst.toetsen] == ["G1", "G1", "G2", "G3", "G3"]


def test_de_deur_wordt_met_en_zonder_opslag_gemeten() -> None:
    uitkomst = meet_deur(70, 1, Random(1))
    assert len(uitkomst.rijen) == 4
    assert all(isfinite(x) and x >= 0 for x in getallen(uitkomst))
    assert all(float(rij["per s"]) > 0 for rij in uitkomst.rijen)


def test_een_lezer_mist_niets_en_een_grote_bewaring_hangt_niet() -> None:
    volgen, groot = meet_lezen(800, 160, 1)
    assert [rij["gemist"] for rij in volgen.rijen] == [0, 0]
    assert all(toets.gehaald for toets in volgen.toetsen)
    assert all(isfinite(x) and x > 0 for x in getallen(groot))


def test_de_volger_telt_wat_hij_niet_te_zien_krijgt() -> None:
    opslag = SqliteOpslag(None, KERNTABELLEN)
    opslag.schrijf(Lading([StoredEvent(id_, 1, "bench/gezet", b"x") for id_ in ids(3)]))
    volger = Volger(opslag, 4)
    volger.opgeven.set()
    volger.start()
    volger.join(10)
    assert len(volger.gezien) == 3
    opslag.sluit()


def test_geheugen_meet_elke_stand() -> None:
    uitkomst = meet_geheugen((100, 200), (20, 40))
    assert [rij["gebeurtenissen"] for rij in uitkomst.rijen] == [100, 200, 20, 40]
    assert all(float(rij["MB"]) > 1 for rij in uitkomst.rijen)


def test_een_hop_komt_aan() -> None:
    uitkomst = meet_hop(20)
    assert all(isfinite(float(uitkomst.rijen[0][naam])) for naam in ("p50 in ms", "p99 in ms"))


def test_de_afleiding_staat_naast_alleen_ontleden() -> None:
    uitkomst = bench.afleiding((200, 400), 1, Random(1))
    assert len(uitkomst.rijen) == 2
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))


def test_het_commando_geeft_een_json_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "metingen", lambda **_: {"hop": lambda: [meet_hop(5)]})
    bench.main(["--json"])
    verslag = json.loads(capsys.readouterr().out)
    assert [uitkomst["doel"] for uitkomst in verslag["uitkomsten"]] == ["hop"]
    assert {"python", "kernen", "belastingVooraf"} <= verslag.keys()
