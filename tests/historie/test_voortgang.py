"""Who waits for a large log sees what is being done, and how far it is."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import duckdb
import pytest
from tests.historie.proef import mapping

from schakel.historie import voortgang
from schakel.historie.analyse import Hoe, analyseer
from schakel.historie.ernaast import ernaast


def test_elke_stap_wordt_genoemd_en_hoe_ver_hij_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voortgang, "ELKE", 0.01)
    log = tmp_path / "log.csv"
    duckdb.execute(
        "COPY (SELECT 'Z' || i // 5 AS zaak, '2026-01-01T10:00:00Z' AS tijd, i % 7 AS wat"
        f" FROM range(1000000) t(i)) TO '{log}'"
    )
    regels = """
    [[regels]]
    als = { kolom = "wat", wordt = "hoger" }
    dan = { gebeurtenis = "aangenomen", proces = "uitvoeren" }
    """
    gezegd: list[str] = []
    with analyseer([log], mapping(regels), Hoe(meld=gezegd.append)):
        aantal = len(gezegd)
    stappen = ["rijen lezen en regels toepassen", "zaken samenstellen", "werkstromen afleiden"]
    assert [tekst for tekst in gezegd if "%" not in tekst] == stappen
    for stap in stappen[:2]:
        delen = [int(n) for n in re.findall(rf"{stap}: (\d+) %", "\n".join(gezegd))]
        assert len(delen) > 1
        assert max(delen) <= 100
    assert len(gezegd) == aantal


def test_wie_het_afbreekt_is_er_meteen_vanaf(tmp_path: Path) -> None:
    log, regels, uit = (tmp_path / naam for naam in ("log.csv", "m.toml", "uit.txt"))
    duckdb.execute(
        "COPY (SELECT 'Z' || i // 5 AS zaak, '2026-01-01T10:00:00Z' AS tijd, i % 7 AS wat"
        f" FROM range(4000000) t(i)) TO '{log}'"
    )
    regels.write_text("""
    [zaak]
    sleutel = "zaak"
    [tijd]
    kolom = "tijd"
    [[regels]]
    als = { kolom = "wat", wordt = "hoger" }
    dan = { gebeurtenis = "aangenomen", proces = "uitvoeren" }
    """)
    werk = tmp_path / "werk"
    werk.mkdir()
    schakel = Path(sys.executable).with_name("schakel")
    # Whoever waits for it comes first, however busy this machine is.
    opdracht = ["nice", "-n", "19", schakel, "leid-af", log, "-m", regels]
    with uit.open("w") as doel:
        proces = subprocess.Popen(
            opdracht,
            stdout=doel,
            stderr=subprocess.STDOUT,
            env={"TMPDIR": str(werk), "PATH": os.environ["PATH"]},
        )
    while not any(werk.glob("schakel-*/lezen-*")):
        assert proces.poll() is None, uit.read_text()
        time.sleep(0.01)
    time.sleep(0.3)
    assert proces.poll() is None, uit.read_text()
    proces.send_signal(signal.SIGINT)
    assert proces.wait(10) == 130, uit.read_text()
    assert "Traceback" not in uit.read_text()
    assert list(werk.iterdir()) == []


def test_wie_het_afbreekt_breekt_ook_af_wat_ernaast_wordt_geteld() -> None:
    """DuckDB refuses to close while it still counts; that used to end as an error of its own."""
    begonnen, geteld = Event(), Event()
    lang = "SELECT sum(hash(a.i + b.i)) FROM range(10000000) a(i), range(9999) b(i)"

    def tel(db: duckdb.DuckDBPyConnection) -> None:
        begonnen.set()
        db.execute(lang).fetchall()
        geteld.set()

    def breek_af(db: duckdb.DuckDBPyConnection) -> None:
        with ernaast(db, tel):
            begonnen.wait()
            raise KeyboardInterrupt

    with duckdb.connect() as db, pytest.raises(KeyboardInterrupt):
        breek_af(db)
    assert not geteld.is_set()
