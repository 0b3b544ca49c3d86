"""What a serving process asks of the interpreter; in a process of its own, for it holds for all."""

import subprocess
import sys

PROEF = """
import gc, sys
from schakel.kern.tempo import stel_af
stel_af()
assert gc.get_freeze_count() > 1_000
assert gc.isenabled()
assert gc.get_threshold()[0] > 700
assert sys.getswitchinterval() < 0.005
"""


def test_wat_geladen_is_wordt_niet_meer_nagelopen() -> None:
    subprocess.run([sys.executable, "-c", PROEF], check=True)
