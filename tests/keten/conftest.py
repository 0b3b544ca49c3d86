import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.keten.proefketen import Proefketen, proefketen

from schakel.kern.zicht import logboek


@pytest.fixture(autouse=True)
def _strikt_log() -> Iterator[None]:
    logboek.stel_in(strikt=True, uit=io.StringIO())
    yield
    logboek.stel_in(strikt=True)


@pytest.fixture
async def keten(tmp_path: Path) -> AsyncIterator[Proefketen]:
    async with proefketen(tmp_path) as keten:
        yield keten
