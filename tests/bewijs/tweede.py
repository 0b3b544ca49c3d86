"""What others made of trees and notes, built once to be asked: see `go/main.go`."""

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

Vraag = Mapping[str, Any]
Vragen = Callable[[Sequence[Vraag]], Sequence[tuple[str, str]]]


def vragen_aan_go(map_: Path) -> Vragen:
    """Ask the others: per question an answer and, if so, what is wrong. Skips without Go."""
    if not (programma := shutil.which("go")):
        pytest.skip("geen Go")
    bron, gebouwd = Path(__file__).parent / "go", map_ / "tweede"
    roep = partial(subprocess.run, cwd=bron, capture_output=True, text=True, timeout=240)
    try:
        gehaald = roep([programma, "mod", "download"], check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("Go wacht op de modules")
    if gehaald.returncode:
        pytest.skip(f"Go haalt de modules niet: {gehaald.stderr.splitlines()[:1]}")
    roep([programma, "build", "-o", gebouwd, "."], check=True)

    def vraag(vragen: Sequence[Vraag]) -> Sequence[tuple[str, str]]:
        antwoord = roep([gebouwd], input=json.dumps(vragen), check=True)
        return [(tekst, fout) for tekst, fout in json.loads(antwoord.stdout)]

    return vraag
