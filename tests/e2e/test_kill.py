"""The embedded process is killed with -9, 20 times at random moments; the stores are audited."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.e2e.audit.bus import Plaatsing
from tests.e2e.audit.bus import fouten as busfouten
from tests.e2e.audit.oordeel import fouten
from tests.e2e.audit.opslagen import Opslagen, in_map

WORTEL = Path(__file__).resolve().parents[2]
EERSTE_MELDINGEN = 61


@pytest.fixture(scope="module")
def chaos(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the run with 20 kills said, and the folder of the set that it finished last."""
    map_ = tmp_path_factory.mktemp("chaos")
    gelopen = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-m",
            "tests.e2e.chaos.ingebed",
            "--kills",
            "20",
            "--map",
            map_,
        ],
        cwd=WORTEL,
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    return gelopen.stdout + gelopen.stderr, max(map_.iterdir(), key=lambda m: m.stat().st_mtime)


@pytest.mark.traag
def test_na_20_keer_kill_9_is_niets_verloren_niets_dubbel_en_de_tabel_gelijk(
    chaos: tuple[str, Path],
) -> None:
    gezegd, _ = chaos
    assert gezegd.endswith("20 kills, 0 verloren, 0 dubbel, zelfde tabel\n"), gezegd


SCHADE = {
    "een verloren gebeurtenis": (
        "wijzigen",
        "DELETE FROM stored_events WHERE rowid = (SELECT min(rowid) + 3 FROM stored_events)",
        "gebeurtenissen",
    ),
    "een verloren antwoord": (
        "uitvoeren",
        """DELETE FROM gegeven_antwoorden WHERE CAST(antwoord AS TEXT) LIKE '%"versie":1,%'""",
        ".D-29.intake",
    ),
    "een antwoord zonder gebeurtenis": (
        "uitvoeren",
        "DELETE FROM stored_events WHERE originator_id = (SELECT originator_id FROM stored_events"
        " ORDER BY rowid LIMIT 1)",
        "antwoord zonder gebeurtenis",
    ),
    "een verloren bericht": (
        "orchestrator",
        "DELETE FROM gezien WHERE volgorde = (SELECT max(volgorde) FROM gezien"
        " WHERE CAST(waarde AS TEXT) LIKE '%nl.meldingen.teruggekeerd%')",
        "nooit teruggekeerd",
    ),
    "een dubbele terugkeer": (
        "orchestrator",
        "INSERT INTO gezien (bron, bericht, digest, wortel, melding, tijdstip, waarde)"
        " SELECT bron, bericht, x'00', wortel, melding, tijdstip, waarde FROM gezien"
        " WHERE CAST(waarde AS TEXT) LIKE '%nl.meldingen.teruggekeerd%' LIMIT 1",
        "twee keer teruggekeerd",
    ),
    "een dubbel kind": (
        "orchestrator",
        "INSERT INTO gezien (bron, bericht, digest, wortel, melding, tijdstip, waarde)"
        " SELECT bron, bericht || 'x', digest, wortel, melding, tijdstip, waarde FROM gezien"
        " WHERE CAST(waarde AS TEXT) LIKE '%nl.meldingen.aangenomen%ouderId%' LIMIT 1",
        "aangenomen kinderen",
    ),
    "een geparkeerd bericht": (
        "herstellen",
        "INSERT INTO geparkeerd (bron, positie, reden, uitleg, digest, kop, waarde, op)"
        " VALUES ('b', 1, 'gat', '', x'', x'', x'', '')",
        "geparkeerd",
    ),
    "een bericht dat nooit is ontvangen": (
        "wijzigen",
        "DELETE FROM inbox WHERE bericht = (SELECT max(bericht) FROM inbox)",
        "niet ontvangen: ['",
    ),
    "een bericht dat voor een ander was": (
        "uitvoeren",
        "INSERT INTO inbox VALUES ('bron', 'vreemd.1', x'00')",
        "niet bedoeld: ['vreemd.1']",
    ),
    "een andere volgorde": (
        "herstellen",
        "UPDATE stored_events SET rowid = -rowid",
        "kwam in herstellen te laat",
    ),
    "een teller die achterloopt": (
        "uitvoeren",
        "UPDATE tellers SET stand = 1 WHERE naam LIKE 'volgnummer-%'",
        "de teller staat op 1",
    ),
    "een volgnummer voor twee meldingen": (
        "orchestrator",
        "UPDATE gezien SET waarde = CAST(replace(CAST(waarde AS TEXT), '-000002\"', '-000001\"')"
        " AS BLOB) WHERE CAST(waarde AS TEXT) LIKE '%nl.meldingen.aangenomen%-000002\"%'",
        "volgnummer dubbel",
    ),
    "een tabel die niet klopt": (
        "orchestrator",
        "UPDATE bomen SET afleiding = x'7b7d' WHERE wortel = (SELECT min(wortel) FROM bomen)",
        "is niet afgeleid uit alles",
    ),
}


def mis(map_: Path) -> list[str]:
    """What the auditor says of a folder."""
    bevestigd = [json.loads(r) for r in (map_ / "antwoorden.jsonl").read_text().splitlines()]
    with in_map(map_) as opslagen:
        return list(fouten(opslagen, bevestigd, EERSTE_MELDINGEN))


@pytest.mark.traag
@pytest.mark.parametrize("wat", SCHADE)
def test_de_audit_ziet(chaos: tuple[str, Path], tmp_path: Path, wat: str) -> None:
    dienst, sql, verwacht = SCHADE[wat]
    map_ = tmp_path / "kopie"
    shutil.copytree(chaos[1], map_)
    assert mis(map_) == []
    with closing(sqlite3.connect(map_ / f"{dienst}.db")) as verbinding:
        assert verbinding.execute(sql).rowcount > 0
        verbinding.commit()
    assert any(verwacht in een for een in mis(map_))


BUSSCHADE: dict[str, tuple[Callable[[list[Plaatsing]], object], str]] = {
    "een bericht te weinig": (lambda bus: bus.pop(), "staan niet op de bus"),
    "een bericht van niemand": (
        lambda bus: bus.append(bus[0]._replace(waarde=b'{"id": "vreemd.1"}')),
        "vreemd.1 staat op de bus en niet in een opslag",
    ),
    "andere bytes": (
        lambda bus: bus.append(bus[0]._replace(waarde=bus[0].waarde + b" ")),
        "met andere bytes",
    ),
    "een andere sleutel": (
        lambda bus: bus.append(bus[0]._replace(sleutel=b"een-ander")),
        "heeft niet de sleutel van zijn boom",
    ),
    "een boom in twee partities": (
        lambda bus: bus.append(bus[0]._replace(partitie=9)),
        "staat in twee partities",
    ),
    "omgekeerd": (lambda bus: bus.reverse(), "staat achter een later bericht"),
}


def op_de_bus(opslagen: Opslagen) -> list[Plaatsing]:
    """As the relays would have sent it."""
    return [
        Plaatsing(b.data.proces, 0, b.partitionkey.encode(), waarde)
        for b, waarde in zip(opslagen.berichten, opslagen.waarden, strict=True)
    ]


@pytest.mark.traag
@pytest.mark.parametrize("wat", BUSSCHADE)
def test_de_audit_ziet_op_de_bus(chaos: tuple[str, Path], wat: str) -> None:
    beschadig, verwacht = BUSSCHADE[wat]
    with in_map(chaos[1]) as opslagen:
        bus = op_de_bus(opslagen)
        assert list(busfouten(opslagen, [*bus, *bus])) == []
        beschadig(bus)
        assert any(verwacht in een for een in busfouten(opslagen, bus))
