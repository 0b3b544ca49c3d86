"""A store of SQLite is one process's, whatever the store is called."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.kern.proef import TABELLEN
from tests.kern.test_opslag import probeer

from schakel.kern.opslag.sqlite import SqliteOpslag


def test_een_tweede_proces_op_hetzelfde_bestand_wordt_geweigerd(tmp_path: Path) -> None:
    """SQLite before 3.51.3 may corrupt a file that two processes write."""
    bestand = tmp_path / "kast.db"
    opslag = SqliteOpslag(bestand, TABELLEN)
    tweede = probeer(f"SqliteOpslag(Path({str(bestand)!r}), TABELLEN)")
    assert tweede.returncode != 0
    laatste = tweede.stderr.strip().splitlines()[-1]
    assert laatste.endswith(
        f"opslag-in-gebruik: {bestand} is in gebruik door een ander proces;"
        " stop dat proces of kies een andere SCHAKEL_GEGEVENSMAP"
    )
    opslag.sluit()


@pytest.mark.parametrize("verwijs", [Path.hardlink_to, Path.symlink_to])
def test_een_verwijzing_naar_een_opslag_is_dezelfde_opslag(
    tmp_path: Path, verwijs: Callable[[Path, Path], None]
) -> None:
    bestand, elders = tmp_path / "kast.db", tmp_path / "elders" / "kast.db"
    elders.parent.mkdir()
    opslag = SqliteOpslag(bestand, TABELLEN)
    verwijs(elders, bestand)
    tweede = probeer(f"SqliteOpslag(Path({str(elders)!r}), TABELLEN)")
    assert tweede.returncode != 0
    assert "opslag-in-gebruik" in tweede.stderr
    assert not (elders.parent / "kast.db-wal").exists()
    opslag.sluit()
    assert probeer(f"SqliteOpslag(Path({str(elders)!r}), TABELLEN).sluit()").returncode == 0


def test_een_vorige_versie_houdt_haar_eigen_slot(tmp_path: Path) -> None:
    """It only knows ``<store>.slot``."""
    bestand = tmp_path / "kast.db"
    vorige = ["import fcntl", f"f = open({str(bestand) + '.slot'!r}, 'w')"]
    opslag = SqliteOpslag(bestand, TABELLEN)
    assert "BlockingIOError" in probeer(*vorige, "fcntl.flock(f, 6)").stderr
    opslag.sluit()
    assert probeer(*vorige, "fcntl.flock(f, 6)").returncode == 0


@pytest.mark.parametrize("masker", [0o000, 0o022, 0o077])
def test_een_opslag_is_van_haar_eigenaar_alleen(tmp_path: Path, masker: int) -> None:
    bestand = tmp_path / "kast.db"
    gemaakt = probeer(
        f"import os; os.umask({masker})", f"SqliteOpslag(Path({str(bestand)!r}), TABELLEN).sluit()"
    )
    assert gemaakt.returncode == 0, gemaakt.stderr
    assert {een.stat().st_mode & 0o777 for een in tmp_path.iterdir()} == {0o600}


def test_een_slot_gaat_open_als_het_proces_dood_is(tmp_path: Path) -> None:
    bestand = tmp_path / "kast.db"
    dood = probeer(
        f"SqliteOpslag(Path({str(bestand)!r}), TABELLEN)", "import os; os.kill(os.getpid(), 9)"
    )
    assert dood.returncode == -9
    SqliteOpslag(bestand, TABELLEN).sluit()
