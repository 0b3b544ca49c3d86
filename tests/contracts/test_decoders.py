"""A struct that several threads read for the first time at once."""

import subprocess
import sys

import pytest

_SAMEN = """
import sys, threading
from typing import Annotated
import msgspec
from schakel.contracts.decoders import decoder_van, zet_om

HOE = sys.argv[1]

sys.setswitchinterval(1e-6)
TEKST = Annotated[str, msgspec.Meta(min_length=1)]
VELDEN = ",".join(f'"a{i}":"x"' for i in range(20))
RUW = ('{"f29":null,"f1":{' + VELDEN + '}}').encode()
WAARDE = msgspec.json.decode(RUW)
mis = []

def lees(soort, samen):
    samen.wait()
    for _ in range(3):
        wat = decoder_van(soort).decode(RUW) if HOE == "lees" else zet_om(WAARDE, soort)
        if wat.f1.a19 != "x":
            mis.append(soort)

for n in range(600):
    binnen = msgspec.defstruct(f"Binnen{n}", [(f"a{i}", TEKST) for i in range(20)])
    buiten = msgspec.defstruct(f"Buiten{n}", [(f"f{i}", binnen | None, None) for i in range(30)])
    samen = threading.Barrier(6)
    draden = [threading.Thread(target=lees, args=(buiten, samen)) for _ in range(6)]
    for draad in draden: draad.start()
    for draad in draden: draad.join()
print(len(mis))
"""


@pytest.mark.parametrize("hoe", ["lees", "zet om"])
def test_wie_tegelijk_voor_het_eerst_lezen_maken_er_geen_eind_aan(hoe: str) -> None:
    """With ``json.decode`` or ``convert`` of msgspec itself it ends in a segmentation fault."""
    gelopen = subprocess.run(
        [sys.executable, "-c", _SAMEN, hoe], check=False, capture_output=True, text=True
    )
    assert (gelopen.returncode, gelopen.stdout) == (0, "0\n"), gelopen.stderr
