"""The real chain for a minute: all are killed, the bus is wiped; stores and bus agree."""

import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from tests.e2e.chaos.plagen import MINSTENS, beraam, beraam_precies

WORTEL = Path(__file__).resolve().parents[2]


KLAAR = "0 verloren, 0 dubbel, volgorde per melding gelijk, 0 geparkeerd\n"


def speel(*hoe: str) -> str:
    """What a run says, to its end."""
    gelopen = subprocess.run(
        [sys.executable, "-m", "tests.e2e.chaos", "--meldingen", "61", *hoe],
        cwd=WORTEL,
        check=False,
        capture_output=True,
        text=True,
        timeout=280,
    )
    return gelopen.stdout + gelopen.stderr


@pytest.mark.traag
def test_op_kafka_en_postgresql_is_na_kill_9_van_alles_niets_verloren_of_dubbel() -> None:
    gezegd = speel("--kills", "6")
    assert gezegd.endswith(KLAAR), gezegd
    assert all(re.search(rf"\b{soort} \d", gezegd) for soort in MINSTENS)


@pytest.mark.traag
def test_met_twee_replicas_van_elke_dienst_op_drie_brokers_ook_niet() -> None:
    """They share the work anew, and who leads a topic or the cluster dies."""
    precies = {"opnieuw verdeeld": 3, "dood": 1, "leider dood": 1, "controller dood": 1}
    hoe = [deel for soort, n in precies.items() for deel in ("--precies", f"{soort}={n}")]
    gezegd = speel("--replicas", "2", "--brokers", "3", *hoe)
    assert gezegd.endswith(KLAAR), gezegd
    assert all(re.search(rf"\b{soort} {n}\b", gezegd) for soort, n in precies.items())


def test_hetzelfde_zaad_geeft_dezelfde_plagen() -> None:
    een, ander, derde = (beraam(random.Random(zaad), 110, 5000, set()) for zaad in (1, 1, 2))
    assert een == ander != derde
    assert sum(plaag.kills for plaag in een) >= 110
    assert set(MINSTENS) <= {plaag.soort for plaag in een}
    assert [plaag.na for plaag in een] == sorted(plaag.na for plaag in een)
    zonder = beraam(random.Random(1), 110, 5000, {"bevroren"})
    assert "bevroren" not in {plaag.soort for plaag in zonder}


def test_precies_geeft_wat_is_gevraagd_en_niets_anders() -> None:
    plagen = beraam_precies(random.Random(1), {"dood": 2, "opnieuw verdeeld": 20}, 5000, ["a-2"])
    assert Counter(plaag.soort for plaag in plagen) == {"dood": 2, "opnieuw verdeeld": 20}
    assert {plaag.wie for plaag in plagen} == {("a-2",)}
