"""What parking costs does not grow with what was ever parked."""

from pathlib import Path

import pytest

from schakel.grens.tabellen import TABELLEN as GRENS
from schakel.kern.bezorging.parkeergrenzen import _TEL
from schakel.kern.opslag import Tabellen
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.orchestrator.tabellen import TABELLEN as ORCHESTRATOR
from schakel.skelet.overzicht import TABELLEN as SKELET


@pytest.mark.parametrize(
    "tabellen", [SKELET, ORCHESTRATOR, GRENS], ids=["vijf", "orchestrator", "grens"]
)
def test_wat_is_afgehandeld_wordt_bij_het_parkeren_niet_meer_bezien(
    tmp_path: Path, tabellen: Tabellen
) -> None:
    opslag = SqliteOpslag(tmp_path / "opslag.db", tabellen)
    try:
        plan = opslag.vraag(f"EXPLAIN QUERY PLAN {_TEL}")
        assert any("geparkeerd_open" in str(rij) for rij in plan)
    finally:
        opslag.sluit()
