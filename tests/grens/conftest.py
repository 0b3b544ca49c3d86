"""What the tests of the grens have in common."""

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.bus.meelezen import Log

from schakel.kern.zicht import logboek

from .huizen import TweeHuizen


@pytest.fixture
def log() -> Iterator[Log]:
    """What all in this process log; a line that is not in the catalogue raises."""
    uit = io.StringIO()
    logboek.stel_in(strikt=True, uit=uit)
    yield Log(uit)
    logboek.stel_in(strikt=True)


@pytest.fixture
async def huizen(tmp_path: Path) -> AsyncIterator[TweeHuizen]:
    """Two organisations, resumed."""
    huizen = await TweeHuizen(tmp_path).open()
    await huizen.hervat()
    yield huizen
    await huizen.sluit()
