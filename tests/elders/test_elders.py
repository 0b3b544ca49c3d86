"""What compares the surroundings, and what it found: print and write the same everywhere."""

import json
import os
import subprocess
from pathlib import Path

from tests.afleiding.verzamelingen import schrijf, trek
from tests.elders.__main__ import SCHAKEL, te_open, verschillen

from schakel.cli.logbestand import in_logbestand
from schakel.kern.grond.instellingen import Instellingen


def test_wat_anders_is_of_ontbreekt_wordt_genoemd() -> None:
    gelijk = {"a": "1", "b": "2"}
    assert list(verschillen({"thuis": gelijk, "oost": dict(gelijk)})) == []
    assert list(verschillen({"thuis": gelijk, "oost": gelijk, "west": {"a": "3"}})) == [
        "a is in west not what it is in thuis",
        "b is in west not what it is in thuis",
    ]


def test_een_opslag_die_anderen_kunnen_lezen_wordt_genoemd(tmp_path: Path) -> None:
    (tmp_path / "dicht").touch(mode=0o600)
    assert list(te_open(tmp_path)) == []
    (tmp_path / "open").touch()
    (tmp_path / "open").chmod(0o640)
    assert list(te_open(tmp_path)) == ["open has mode 640"]


def test_json_en_tabellen_zijn_utf_8_ook_waar_alleen_ascii_is(tmp_path: Path) -> None:
    waar = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    berichten = tmp_path / "berichten.jsonl"
    berichten.write_bytes(b"".join(schrijf(b) + b"\n" for getal in range(10) for b in trek(getal)))

    def zeg(vorm: str) -> str:
        opdracht = [SCHAKEL, "leid-af", berichten, "-o", vorm]
        omgeving = {**os.environ, **waar}
        return subprocess.run(
            opdracht, check=True, capture_output=True, env=omgeving
        ).stdout.decode()

    assert "ë" in json.dumps(json.loads(zeg("json")), ensure_ascii=False)
    assert "─" in zeg("tekst")


def test_het_logbestand_is_van_zijn_eigenaar_alleen(tmp_path: Path) -> None:
    was = os.umask(0)
    try:
        with in_logbestand(tmp_path / "map", Instellingen(gegevensmap=tmp_path)):
            assert list(te_open(tmp_path / "map")) == []
    finally:
        os.umask(was)
