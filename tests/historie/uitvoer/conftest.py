"""A derivation to write, and one of nothing at all."""

from collections.abc import Iterator

import duckdb
import pytest
from tests.historie.uitvoer.vulling import TABELLEN, vul


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    """The dozen zaken."""
    with duckdb.connect() as verbinding:
        vul(verbinding)
        yield verbinding


@pytest.fixture
def leeg() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables, and nothing in them."""
    with duckdb.connect() as verbinding:
        verbinding.execute(TABELLEN)
        yield verbinding
