"""Each benchmark runs and yields figures that can be right. How fast it is, is not asked here."""

import json
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from random import Random

import pytest
from deploy.lokaal.postgres import Databases
from deploy.lokaal.toegang import Toegang
from eventsourcing.persistence import StoredEvent
from tests.bench import __main__ as bench
from tests.bench import gelijken, httpketen, ketenmeting
from tests.bench.achterstand import Achterstand, meet_achterstand
from tests.bench.deur import meet_deur
from tests.bench.geheugen import meet_geheugen
from tests.bench.groei import meet_groei
from tests.bench.historie import meet_historie
from tests.bench.hop import meet_hop
from tests.bench.inboxmeting import meet_inbox
from tests.bench.infra import Bus, Postgres
from tests.bench.ketenproces import Gesloten, Soort
from tests.bench.lezen import Volger, meet_lezen
from tests.bench.opslag import ids
from tests.bench.overgang import meet_overgang
from tests.bench.paginas import meet_paginas
from tests.bench.partners import meet_partners
from tests.bench.pgschrijven import meet_pgschrijven
from tests.bench.relaismeting import meet_relais
from tests.bench.schaal import meet_schaal
from tests.bench.schrijven import meet_schrijven
from tests.bench.verslag import Uitkomst
from tests.bench.vorige.vergelijking import WEGEN, kwartielen, meet_vorige, versies

from schakel.kern.opslag import KERNTABELLEN, Lading
from schakel.kern.opslag.sqlite import SqliteOpslag

KALE: dict[Soort, Gesloten] = {"kaal": Gesloten(40, 20, 20)}


@pytest.fixture
def pg(postgres: Databases) -> Postgres:
    return Postgres(postgres)


@pytest.fixture
def bus(kafka: Toegang) -> Bus:
    return Bus(kafka)


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


def test_de_deur_wordt_met_en_zonder_opslag_gemeten(pg: Postgres) -> None:
    uitkomst = meet_deur(pg, 70, 1, Random(1))
    assert len(uitkomst.rijen) == 6
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


def test_een_overdracht_komt_over_de_grens() -> None:
    uitkomst = meet_overgang(3)
    assert [rij["wat"] for rij in uitkomst.rijen] == ["in huis, 3 keer", "over de grens, 3 keer"]
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))


def test_een_achterstand_kost_niet_meer_aanroepen_dan_mag() -> None:
    """With pages that are full of leaves, and that are full of bytes."""
    uitkomst = meet_achterstand(Achterstand("klein", 1_200), Achterstand("groot", 60, 65_536))
    assert [rij["bladen"] for rij in uitkomst.rijen] == [1_200, 60]
    assert uitkomst.rijen[0]["aanroepen"] == 3
    assert all(t.gehaald for t in uitkomst.toetsen if "aanroepen" in t.naam)
    assert all(isfinite(x) for x in getallen(uitkomst))


def test_wat_partners_van_elkaar_merken_wordt_gemeten() -> None:
    """What was said to each arrives, also beside who is dead and who floods."""
    uitkomst = meet_partners({"gezond": 2, "zwijgt": 1, "weigert": 1, "vloedt": 1}, 10, 1)
    assert [rij["wat"] for rij in uitkomst.rijen] == [
        "2 partners",
        "met 1 zwijgt, 1 weigert, 1 vloedt",
    ]
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))


def test_het_relais_staat_naast_een_kale_producent(pg: Postgres, bus: Bus) -> None:
    uitkomst = meet_relais(pg, bus, 100, 5, 1)
    assert len(uitkomst.rijen) == 6
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))


def test_de_inbox_staat_naast_dezelfde_rijen_rechtstreeks(pg: Postgres, bus: Bus) -> None:
    uitkomst = meet_inbox(pg, bus, 50, 3, 1)
    assert len(uitkomst.rijen) == 8
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))


def test_paginas_staan_naast_de_eigen_inbox(pg: Postgres, bus: Bus) -> None:
    uitkomst = meet_paginas(pg, bus, 50, 1)
    assert len(uitkomst.rijen) == 4
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))


def test_de_keten_loopt_op_tempo_en_zo_snel_het_gaat(pg: Postgres, bus: Bus) -> None:
    maat = ketenmeting.Maat(1, KALE, 0.5, 0.5, (20,))
    uitkomst = ketenmeting.meet_keten(pg, bus, maat)
    assert len(uitkomst.rijen) == 2
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))


def test_wie_niet_gemeten_kan_worden_staat_er_met_reden(
    pg: Postgres, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gelijken, "find_spec", lambda _: None)
    uitkomst = gelijken.meet_gelijken(pg, bus, 1, {}, KALE)
    assert all("make bench" in str(rij["af per s"]) for rij in uitkomst.rijen[:-1])
    assert float(uitkomst.rijen[-1]["af per s"]) > 0


def test_de_gelijken_doen_werkstroom_drie(pg: Postgres, bus: Bus) -> None:
    for module in ("SpiffWorkflow", "dbos", "temporalio"):
        pytest.importorskip(module, reason="alleen met: make bench")
    aantallen = {"spiff": 3, "spiff-sqlite": 3, "dbos": 3, "temporal": 3}
    uitkomst = gelijken.meet_gelijken(pg, bus, 1, aantallen, KALE)
    assert all(float(rij["af per s"]) > 0 for rij in uitkomst.rijen[:6])
    assert [rij["kaal / deze"] == "" for rij in uitkomst.rijen[:6]] == [False, True] * 3


def test_zes_processen_doen_werkstroom_drie_over_http(pg: Postgres, bus: Bus) -> None:
    uitkomst = httpketen.meet_http(pg, bus, httpketen.Maat(1, 2, 4, 2, 0, 0))
    assert len(uitkomst.rijen) == 1
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))


def test_een_achterstand_wordt_door_twee_processen_weggewerkt(pg: Postgres, bus: Bus) -> None:
    uitkomst = meet_schaal(pg, bus, 20, 1, ((2, 2),))
    assert len(uitkomst.rijen) == 1
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))


def test_een_geschiedenis_groeit_en_wordt_gemeten(pg: Postgres, bus: Bus) -> None:
    uitkomst = meet_groei(pg, bus, (20, 40), 20, 1, 4)
    assert [int(rij["gebeurd"]) > 20 * 12 for rij in uitkomst.rijen] == [True, True]
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))


def test_de_afleiding_staat_naast_alleen_ontleden() -> None:
    uitkomst = bench.afleiding((200, 400), 1, Random(1))
    assert len(uitkomst.rijen) == 2
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))


@pytest.mark.traag
def test_de_vorige_versie_staat_naast_deze(pg: Postgres, bus: Bus) -> None:
    """With this version as the former one: whatever moves here has to stay within its reach."""
    beide, eisen = versies(Path(__file__).parents[2]), {"vlot": 1e9}
    # One of each kind: the others differ in their store, or are parts of these.
    wegen = ["schrijven-postgres", "opdrachten-sqlite", "inbox", "afleiding", "vlot"]
    assert {*wegen} < {*WEGEN}
    uitkomst = meet_vorige(pg, bus, beide, 1, wegen, eisen, 0.01)
    assert [rij["wat"] for rij in uitkomst.rijen] == wegen
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))
    (vlot,) = (toets for toets in uitkomst.toetsen if toets.naam == "vlot")
    assert not vlot.gehaald


def test_een_vorige_versie_zonder_omgeving_wordt_niet_gemeten(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make install"):
        versies(tmp_path)


def test_kwartielen_van_een_ronde_zijn_die_ronde() -> None:
    assert kwartielen([0.9]) == (0.9, 0.9, 0.9)
    assert kwartielen([1.0, 3.0, 2.0, 5.0, 4.0]) == (2.0, 3.0, 4.0)


def test_het_commando_geeft_een_json_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "metingen", lambda **_: {"hop": lambda: [meet_hop(5)]})
    bench.main(["--json"])
    verslag = json.loads(capsys.readouterr().out)
    assert [uitkomst["doel"] for uitkomst in verslag["uitkomsten"]] == ["hop"]
    assert {"python", "kernen", "belastingVooraf"} <= verslag.keys()


def test_leid_af_meet_ons_en_het_lezen_van_hetzelfde_bestand() -> None:
    uitkomst = meet_historie(20_000, 1_000, 1)
    assert str(uitkomst.rijen[2]["wat"]).startswith("leid-af, ")
    assert all(isfinite(x) and x > 0 for x in getallen(uitkomst))
