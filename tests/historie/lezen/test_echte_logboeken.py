"""Real logs of a bank and of a municipality, counted by others before us."""

from pathlib import Path

from tests.historie.lezen.conftest import Openen


def test_het_logboek_van_een_gemeente(openen: Openen, echt: Path) -> None:
    geopend = openen(echt / "wabo-ontvangst" / "receipt.xes.gz")
    assert geopend.vraag(
        'SELECT count(*), max(_rij), count(DISTINCT "case:concept:name") FROM logboek'
    ) == [(8_577, 8_577, 1_434)]
    assert geopend.vraag(
        'SELECT "case:channel", count(DISTINCT "case:concept:name") AS n FROM logboek'
        " GROUP BY ALL ORDER BY n DESC"
    ) == [("Internet", 1_250), ("Desk", 109), ("Post", 53), ("e-mail", 21), ("Intern", 1)]
    assert geopend.vraag(
        'SELECT "case:concept:name", "concept:name", "time:timestamp" FROM logboek WHERE _rij = 1'
    ) == [("case-10011", "Confirmation of receipt", "2011-10-11T13:45:40.276+02:00")]
    assert geopend.geweigerd == []


def test_de_activiteiten_van_een_bank(openen: Openen, echt: Path) -> None:
    geopend = openen(echt / "rabobank-itil-2014" / "activities.csv.gz")
    assert geopend.vraag(
        "SELECT count(*), max(_rij), count(DISTINCT incident_id) FROM logboek"
    ) == [(39_911, 39_911, 4_000)]
    assert geopend.vraag(
        "SELECT count(*) FROM logboek WHERE incident_activity_type = 'Reopen'"
    ) == [(206,)]
    assert geopend.geweigerd == []


def test_de_incidenten_van_een_bank(openen: Openen, echt: Path) -> None:
    geopend = openen(echt / "rabobank-itil-2014" / "incidents.csv.gz")
    assert len(geopend.bron.kolommen) == 28
    assert geopend.vraag(
        "SELECT category, related_change IS NULL AS zonder, count(*) FROM logboek"
        " GROUP BY ALL ORDER BY ALL"
    ) == [
        ("incident", False, 62),
        ("incident", True, 3_136),
        ("request for information", False, 1),
        ("request for information", True, 801),
    ]
    assert geopend.geweigerd == []
