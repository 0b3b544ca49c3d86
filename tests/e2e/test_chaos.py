"""The real chain for a minute: all are killed, the bus is wiped; stores and bus agree."""

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.chaos.plagen import MINSTENS, beraam

WORTEL = Path(__file__).resolve().parents[2]


@pytest.mark.traag
def test_op_kafka_en_postgresql_is_na_kill_9_van_alles_niets_verloren_of_dubbel() -> None:
    gelopen = subprocess.run(
        [sys.executable, "-m", "tests.e2e.chaos", "--meldingen", "61", "--kills", "6"],
        cwd=WORTEL,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    gezegd = gelopen.stdout + gelopen.stderr
    klaar = "0 verloren, 0 dubbel, volgorde per melding gelijk, 0 geparkeerd\n"
    assert gezegd.endswith(klaar), gezegd
    assert all(re.search(rf"\b{soort} \d", gezegd) for soort in MINSTENS)


def test_hetzelfde_zaad_geeft_dezelfde_plagen() -> None:
    een, ander, derde = (beraam(random.Random(zaad), 110, 5000, set()) for zaad in (1, 1, 2))
    assert een == ander != derde
    assert sum(plaag.kills for plaag in een) >= 110
    assert set(MINSTENS) <= {plaag.soort for plaag in een}
    assert [plaag.na for plaag in een] == sorted(plaag.na for plaag in een)
    zonder = beraam(random.Random(1), 110, 5000, {"bevroren"})
    assert "bevroren" not in {plaag.soort for plaag in zonder}
