"""What the tests of the grens have in common."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .huizen import TweeHuizen


@pytest.fixture
async def huizen(tmp_path: Path) -> AsyncIterator[TweeHuizen]:
    """Two organisations, resumed."""
    huizen = await TweeHuizen(tmp_path).open()
    await huizen.hervat()
    yield huizen
    await huizen.sluit()
