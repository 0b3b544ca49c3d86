"""The embedded process is killed with -9, 20 times at random moments; the stores are audited."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.e2e.audit import fouten

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
        "DELETE FROM antwoorden WHERE sleutel LIKE '%D-29.intake'",
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
}


@pytest.mark.traag
@pytest.mark.parametrize("wat", SCHADE)
def test_de_audit_ziet(chaos: tuple[str, Path], tmp_path: Path, wat: str) -> None:
    dienst, sql, verwacht = SCHADE[wat]
    map_ = tmp_path / "kopie"
    shutil.copytree(chaos[1], map_)
    bevestigd = _bevestigd(map_)
    assert list(fouten(map_, bevestigd, EERSTE_MELDINGEN)) == []
    with closing(sqlite3.connect(map_ / f"{dienst}.db")) as verbinding:
        assert verbinding.execute(sql).rowcount > 0
        verbinding.commit()
    assert any(verwacht in fout for fout in fouten(map_, bevestigd, EERSTE_MELDINGEN))


def _bevestigd(map_: Path) -> list[dict[str, object]]:

    return [json.loads(regel) for regel in (map_ / "antwoorden.jsonl").read_text().splitlines()]
