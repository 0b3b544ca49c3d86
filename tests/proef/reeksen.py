"""Every sequence over a border at every point: on each werkstroom, and in a chain of three.

A case is a point of the way to the other side: so far is the work there when something happens. At
three or four of them the same runs with all other tests.
"""

import os
import subprocess
import sys

from tests.grens import test_drie_organisaties, test_reeksen
from tests.grens.punten import WELKE
from tests.proef import Proef, Tegenvoorbeeld

MODULES = (test_reeksen, test_drie_organisaties)
AANTAL = max(len(module.WEG) for module in MODULES)


def beproef(van: int, tot: int) -> None:
    """Try the points from ``van`` up to ``tot``."""
    bestanden = [str(module.__file__) for module in MODULES]
    for punt in range(van, tot):
        gedaan = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-m", "punt", *bestanden],
            env={**os.environ, WELKE: str(punt)},
            capture_output=True,
            text=True,
            check=False,
        )
        if gedaan.returncode:
            raise Tegenvoorbeeld(punt, gedaan.stdout[-2_000:])


PROEF = Proef(aantal=AANTAL, per_portie=1, beproef=beproef)
