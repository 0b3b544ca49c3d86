"""The auditor as a process of its own: ``python -m tests.e2e.audit MAP``.

The folder says where the stores and the bus are, what was answered, and what was written. Exit code
0 and a line of counts when nothing is wrong, else 1 and what is.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.lokaal.toegang import Toegang
from tests.e2e.audit import bus
from tests.e2e.audit.oordeel import fouten, onverwacht
from tests.e2e.audit.opslagen import PROCESSEN, op_postgres

from schakel.proefspel.plan import lees_plannen

MEESTE = 40
"""Lines about what is wrong; after so many it is clear."""


async def _op_de_bus(waar: dict[str, str]) -> list[bus.Plaatsing]:
    toegang = Toegang(waar["kafka"])
    return [een async for een in bus.lees_bus(toegang, waar["oin"], PROCESSEN)]


def keur(map_: Path) -> Iterator[str]:
    """Everything that is wrong; at last a line of counts."""
    waar = json.loads((map_ / "toneel.json").read_text())
    ids = [(melding, plan) for melding, plan in json.loads((map_ / "ids.json").read_text())]
    antwoorden = [json.loads(r) for r in (map_ / "antwoorden.jsonl").read_text().splitlines()]
    with op_postgres(waar["urls"]) as opslagen:
        yield from fouten(opslagen, antwoorden, len(ids))
        yield from onverwacht(opslagen, lees_plannen(), ids)
        geplaatst = asyncio.run(_op_de_bus(waar))
        yield from bus.fouten(opslagen, geplaatst)
        sys.stdout.write(
            f"{len(ids)} eerste meldingen, {len(antwoorden)} bevestigde antwoorden,"
            f" {len(opslagen.nummers)} gebeurtenissen, {len(geplaatst)} berichten op de bus\n"
        )


def main() -> int:
    """Say what is wrong."""
    mis = list(keur(Path(sys.argv[1])))
    for een in mis[:MEESTE]:
        sys.stdout.write(f"MIS {een}\n")
    sys.stdout.write(f"{len(mis)} fouten\n")
    return 1 if mis else 0


if __name__ == "__main__":
    sys.exit(main())
