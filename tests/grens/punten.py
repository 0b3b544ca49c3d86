"""At which points of the way to the other side a sequence is tried."""

import os
from collections.abc import Callable
from typing import Any

import pytest

WELKE = "SCHAKEL_PROEF_PUNT"
"""Set by the trial that tries them one by one, all of them."""


def op_punten(aantal: int, *gewoon: int) -> Callable[[Any], Any]:
    """Run at ``gewoon``; or at the one that is asked for, of the ``aantal`` that there are."""
    gevraagd = os.environ.get(WELKE)
    punten = gewoon if gevraagd is None else tuple({int(gevraagd)} & {*range(aantal)})
    op_elk = pytest.mark.parametrize("punt", punten)
    return lambda test: pytest.mark.punt(op_elk(test))
