"""Who waits for a large log sees what is being done, and how far it is."""

import re
from pathlib import Path

import duckdb
import pytest
from tests.historie.proef import mapping

from schakel.historie import voortgang
from schakel.historie.analyse import Hoe, analyseer


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
