"""Kill the embedded process with -9 at random moments while the written set is played.

``python -m tests.e2e.chaos.ingebed --kills 200`` prints its seed; the same seed chooses the same
moments. Each life is a process of its own on the same folder; when a set is finished it is audited
and a new one begins. A life is forked from here, so that it starts at once with everything
imported.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from select import select
from typing import Any

from tests.e2e.audit.oordeel import fouten
from tests.e2e.audit.opslagen import in_map

from schakel.cli.alles import Geheel, bouw_geheel, draai
from schakel.cli.instellingen import Instellingen
from schakel.cli.logbestand import in_logbestand
from schakel.contracts.werkstromen import WERKSTROOM, Proces
from schakel.klant import Klant, klanten
from schakel.proefspel.dossier import Huis
from schakel.proefspel.medewerkers import Medewerkers
from schakel.proefspel.plan import Plan, kenmerk, lees_plannen
from schakel.proefspel.uitslag import Uitslagregel, lees_uitslag, uitslagvragen

BIJ_START = 0.2
"""The share of kills that come while a life is still opening its stores."""
LANGST_BEZIG = 0.8
"""Seconds that a life takes new steps at most before it is killed."""
GEDULD = 90.0
"""Seconds in which the last life must finish the set."""


class Getuige(Klant):
    """A customer that writes down every answer it got: what was promised must be kept."""

    geschiedenis: Path

    async def stuur(
        self, pad: str, inhoud: Mapping[str, Any], sleutel: str, als_versie: int | None = None
    ) -> Any:
        antwoord = await super().stuur(pad, inhoud, sleutel, als_versie)
        regel = json.dumps({"sleutel": sleutel, "antwoord": antwoord}) + "\n"
        with self.geschiedenis.open("a") as bestand:  # one write of one line: whole or not at all
            bestand.write(regel)
        return antwoord


class Begonnen:
    """Says that a life has found its place in the set and takes new steps."""

    def __init__(self, naar: int) -> None:
        self._naar = naar
        self._gezegd = False

    def gezet(self, proces: str) -> None:  # noqa: ARG002 - every toeschouwer is told
        if not self._gezegd:
            os.write(self._naar, b"!")
        self._gezegd = True

    def voorraad(self, proces: str, gezien: int, open_: int) -> None: ...
    def eerste_meldingen(self, klaar: int) -> None: ...


@dataclass(frozen=True)
class Set:
    """One folder in which the set is played."""

    map: Path

    @property
    def geschiedenis(self) -> Path:
        return self.map / "antwoorden.jsonl"

    @property
    def uitslag(self) -> Path:
        return self.map / "uitslag.json"


def verwachte_tabel(plannen: list[Plan]) -> list[Uitslagregel]:
    """What an undisturbed run shows, from the written expectations alone."""
    procesletters = {proces.letter: proces.value for proces in Proces}
    regels = [
        Uitslagregel(
            id=plan.id,
            meldingsoort=plan.meldingsoort.value,
            kandidaten=list(plan.verwacht.alle_kandidaten),
            werkstroom=(nummer := plan.verwacht.werkstroom),
            woord=WERKSTROOM[nummer].woord if nummer is not None else None,
            pad=[procesletters[letter] for letter in plan.verwacht.pad],
            status=plan.verwacht.status,
            uitkomst=plan.verwacht.uitkomst,
            afwijkingen=[],
        )
        for eerste in plannen
        for plan in eerste.alle()
    ]
    return sorted(regels, key=lambda regel: regel["id"])


async def leef(spel: Set, begonnen: int) -> None:
    """One life: go on with the set, and when it is done write the table."""
    plannen = list(lees_plannen())
    with in_logbestand(spel.map, Instellingen()):
        geheel = bouw_geheel(spel.map, vrije_poorten=True)
        async with draai(geheel) as alles, klanten(alles.adressen) as gewoon:
            bij = {naam: _getuige(klant, spel.geschiedenis) for naam, klant in gewoon.items()}
            ids = await Medewerkers([Huis(bij)], plannen, kenmerk(), Begonnen(begonnen)).speel()
            regels, mis = await lees_uitslag(bij["orchestrator"], uitslagvragen(plannen, ids))
            await _tot_rust(geheel)
    spel.uitslag.write_text(json.dumps({"regels": regels, "mis": mis}))


def _getuige(klant: Klant, geschiedenis: Path) -> Klant:
    getuige = Getuige(klant.dienst, klant.adres, klant._http)
    getuige.geschiedenis = geschiedenis
    return getuige


async def _tot_rust(geheel: Geheel) -> None:
    """Until the orchestrator has seen every event: the last news travels after the table."""

    def achterstand() -> int:
        tel = "SELECT count(*) FROM stored_events"
        geschreven = sum(proces.opslag.vraag(tel)[0][0] for proces in geheel.processen)
        return int(
            geschreven - geheel.orchestrator.opslag.vraag("SELECT count(*) FROM gezien")[0][0]
        )

    for _ in range(400):
        if await asyncio.to_thread(achterstand) == 0:
            return
        await asyncio.sleep(0.05)


def begin_leven(spel: Set) -> tuple[int, int]:
    """Fork a life; return its process id and where it says that it is under way."""
    lees, schrijf = os.pipe()
    sys.stdout.flush()
    kind = os.fork()
    if kind:
        os.close(schrijf)
        return kind, lees
    os.close(lees)
    code = 3
    try:
        asyncio.run(leef(spel, schrijf))
        code = 0
    finally:
        if code:
            traceback.print_exc()
        os._exit(code)  # nothing of the parent may run on here


def dood_na(kind: int, lees: int, toeval: random.Random) -> int | None:
    """Kill a life at a random moment; return its exit code if it was done before that."""
    if toeval.random() < BIJ_START:
        time.sleep(toeval.uniform(0, 0.5))
    else:
        select([lees], [], [], 30)
        time.sleep(toeval.uniform(0, LANGST_BEZIG))
    os.close(lees)
    klaar, status = os.waitpid(kind, os.WNOHANG)
    if klaar:
        return os.waitstatus_to_exitcode(status)
    os.kill(kind, signal.SIGKILL)
    os.waitpid(kind, 0)
    return None


def wacht_op(kind: int, lees: int) -> int:
    """Let a life finish."""
    tot = time.monotonic() + GEDULD
    while time.monotonic() < tot:
        klaar, status = os.waitpid(kind, os.WNOHANG)
        if klaar:
            os.close(lees)
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.kill(kind, signal.SIGKILL)
    os.waitpid(kind, 0)
    os.close(lees)
    return -1


def controleer(spel: Set) -> list[str]:
    """Everything that is wrong with a finished set."""
    plannen = list(lees_plannen())
    uitslag = json.loads(spel.uitslag.read_text())
    mis: list[str] = list(uitslag["mis"])
    if uitslag["regels"] != verwachte_tabel(plannen):
        mis.append("de tabel is een andere dan die van een ongestoorde loop")
    bevestigd = [json.loads(r) for r in spel.geschiedenis.read_text().splitlines()]
    with in_map(spel.map) as opslagen:
        mis += fouten(opslagen, bevestigd, sum(1 for eerste in plannen for _ in eerste.alle()))
    return mis


def speel_uit(map_: Path, kills: int, toeval: random.Random) -> tuple[Set, int, list[str]]:
    """Play one set to its end over as many lives as it takes; return how many were killed."""
    spel = Set(Path(tempfile.mkdtemp(prefix="chaos-", dir=map_)))
    gedood = 0
    code: int | None = None
    while code is None:
        kind, lees = begin_leven(spel)
        code = dood_na(kind, lees, toeval) if gedood < kills else wacht_op(kind, lees)
        gedood += code is None
    return spel, gedood, controleer(spel) if code == 0 else [f"een leven eindigde met {code}"]


def main() -> int:
    """Kill, restart, audit; 0 when nothing was lost, doubled or changed."""
    vraag = argparse.ArgumentParser(description=__doc__)
    vraag.add_argument("--kills", type=int, default=20)
    vraag.add_argument("--zaad", type=int, default=random.SystemRandom().randrange(2**32))
    vraag.add_argument("--map", type=Path, help="keep the sets below this folder")
    gevraagd = vraag.parse_args()
    zeg(f"zaad {gevraagd.zaad}")
    toeval = random.Random(gevraagd.zaad)
    begin, kills, mis = time.monotonic(), 0, list[str]()
    while not mis:
        spel, gedood, mis = speel_uit(gevraagd.map, gevraagd.kills - kills, toeval)
        kills += gedood
        zeg(f"{kills} kills, {len(mis)} fouten, {time.monotonic() - begin:.0f} s")
        if not mis and not gevraagd.map:
            shutil.rmtree(spel.map)
        if kills >= gevraagd.kills:
            break
    for een in mis:
        zeg(een)
    zeg(f"mislukt, zie {spel.map}" if mis else f"{kills} kills, 0 verloren, 0 dubbel, zelfde tabel")
    return 1 if mis else 0


def zeg(regel: str) -> None:
    """To whoever watches, at once."""
    sys.stdout.write(regel + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
