"""Thousands of meldingen on the real chain while everything is killed, and then count.

``python -m tests.e2e.chaos --meldingen 5000 --kills 110`` prints its seed; ``--zaad`` repeats what
it did. The staff work on over the public API; services, broker and database server are killed with
-9, frozen, and sent everything twice; topics are wiped. When all is healed it must become quiet,
and then an auditor, a process of its own, counts in the stores and on the bus.
"""

import argparse
import asyncio
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from schakel.proefspel.plan import lees_plannen

from .belasting import Stand, Vastgelopen, speel_alles, volhouders
from .plaaggeest import Plaaggeest
from .plagen import SOORTEN, Plaag, beraam, beraam_precies
from .rust import tot_rust
from .toneel import WORTEL, Toneel

KIJK = 0.05
MELD = 15.0
"""Seconds between two lines about how far it is."""


@dataclass
class Verslag:
    """What came of a run."""

    zaad: int
    duur: float = 0.0
    herhaald: int = 0
    stand: Stand = field(default_factory=lambda: Stand(0))
    kills: dict[str, int] = field(default_factory=dict)
    gedaan: dict[str, int] = field(default_factory=dict)
    mis: list[str] = field(default_factory=list)

    def regels(self) -> Iterator[str]:
        """For people."""
        kills = ", ".join(f"{naam} {n}" for naam, n in sorted(self.kills.items()))
        gedaan = ", ".join(f"{naam} {n}" for naam, n in sorted(self.gedaan.items()))
        yield (
            f"{self.stand.klaar} meldingen, {self.stand.stappen} stappen,"
            f" {self.herhaald} keer opnieuw gevraagd, {self.duur:.0f} s"
        )
        yield f"{sum(self.kills.values())} keer kill -9: {kills}"
        yield f"plagen: {gedaan}"
        yield from self.mis


async def speel(toneel: Toneel, gevraagd: argparse.Namespace) -> Verslag:
    """The whole run: load and misfortune, healing, quiet."""
    toeval = random.Random(gevraagd.zaad)
    plannen = lees_plannen()
    per_kopie = sum(1 for eerste in plannen for _ in eerste.alle())
    kopieen = -(-gevraagd.meldingen // per_kopie)
    stand = Stand(kopieen * per_kopie)
    wie = list(toneel.diensten)
    if gevraagd.precies:
        plagen = beraam_precies(toeval, dict(gevraagd.precies), stand.totaal, wie)
    else:
        zonder = set() if toneel.schijven else {"schijf vol"}
        plagen = beraam(toeval, gevraagd.kills, stand.totaal, zonder, wie)
    geest = Plaaggeest(toneel, toeval)
    verslag = Verslag(gevraagd.zaad, stand=stand)
    begin = time.monotonic()
    async with (
        toneel.bemand(),
        volhouders(toneel.adressen, toneel.map / "antwoorden.jsonl") as bij,
    ):
        plaag = asyncio.create_task(_plaag(geest, plagen, stand))
        meld = asyncio.create_task(_meld(stand, geest))
        try:
            werk = asyncio.create_task(speel_alles(bij, plannen, kopieen, gevraagd.tegelijk, stand))
            await asyncio.wait({werk, plaag}, return_when=asyncio.FIRST_EXCEPTION)
            if werk.done() and werk.exception():
                plaag.cancel()
            await asyncio.gather(werk, plaag)
            verslag.duur = time.monotonic() - begin
            verslag.mis += await tot_rust(toneel)
        except Vastgelopen as fout:
            verslag.mis.append(str(fout))
        finally:
            meld.cancel()
            plaag.cancel()
        verslag.herhaald = sum(klant.herhaald for klant in bij.values())
    verslag.kills, verslag.gedaan = dict(geest.kills), dict(geest.gedaan)
    verslag.mis += [f"{n} stopt met code {code}" for n, code in toneel.slecht_gestopt.items()]
    (toneel.map / "ids.json").write_text(json.dumps(stand.ids))
    return verslag


async def _plaag(geest: Plaaggeest, plagen: list[Plaag], stand: Stand) -> None:
    """Each at its moment; they overlap when their moments do."""
    async with asyncio.TaskGroup() as groep:
        for plaag in plagen:
            while stand.klaar < plaag.na:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(KIJK)
            zeg(f"  na {stand.klaar}: {plaag}")
            groep.create_task(geest.doe(plaag))


async def _meld(stand: Stand, geest: Plaaggeest) -> None:
    begin = time.monotonic()
    while True:
        await asyncio.sleep(MELD)
        zeg(
            f"{time.monotonic() - begin:5.0f} s  {stand.klaar} van {stand.totaal} meldingen,"
            f" {stand.stappen} stappen, {geest.kills.total()} kills"
        )


def keur(map_: Path) -> list[str]:
    """What the auditor says."""
    gelopen = subprocess.run(
        [sys.executable, "-m", "tests.e2e.audit", map_],
        cwd=WORTEL,
        check=False,
        capture_output=True,
        text=True,
    )
    zeg(gelopen.stdout.rstrip())
    return [] if gelopen.returncode == 0 else [f"audit: {gelopen.stderr[-2000:] or 'zie boven'}"]


def main() -> int:
    """0 when nothing was lost, doubled, out of order or parked."""
    vraag = argparse.ArgumentParser(description=__doc__)
    vraag.add_argument("--meldingen", type=int, default=5000)
    vraag.add_argument("--kills", type=int, default=110)
    vraag.add_argument("--tegelijk", type=int, default=96, help="meldingen in hand at a time")
    vraag.add_argument("--zaad", type=int, default=random.SystemRandom().randrange(2**32))
    vraag.add_argument("--map", type=Path, help="keep everything below this folder")
    vraag.add_argument(
        "--volle-schijf", action="store_true", help="small disks that are full at times: for root"
    )
    vraag.add_argument("--replicas", type=int, default=1, help="processes of each service")
    vraag.add_argument("--brokers", type=int, default=1, help="3: three copies, two in sync")
    vraag.add_argument(
        "--precies",
        type=_keren,
        action="append",
        metavar="PLAAG=KEREN",
        help=f"instead of chance: so often this one; may be repeated ({', '.join(SOORTEN)})",
    )
    gevraagd = vraag.parse_args()
    zeg(f"zaad {gevraagd.zaad}")
    map_ = Path(tempfile.mkdtemp(prefix="chaos-", dir=gevraagd.map))
    vorm = {"brokers": gevraagd.brokers, "replicas": gevraagd.replicas}
    try:
        toneel = Toneel(map_, kleine_schijf=gevraagd.volle_schijf, **vorm)
    except OSError as fout:
        zeg(f"een volle schijf kan hier niet worden gemaakt: {fout}")
        toneel = Toneel(map_, **vorm)
    try:
        toneel.start()
        verslag = asyncio.run(speel(toneel, gevraagd))
        verslag.mis += keur(map_)
    finally:
        toneel.sluit()
    for regel in verslag.regels():
        zeg(regel)
    if verslag.mis:
        zeg(f"mislukt, zie {map_}")
        return 1
    zeg("0 verloren, 0 dubbel, volgorde per melding gelijk, 0 geparkeerd")
    if not gevraagd.map:
        shutil.rmtree(map_)
    return 0


def _keren(tekst: str) -> tuple[str, int]:
    soort, _, keren = tekst.partition("=")
    if soort not in SOORTEN:
        raise argparse.ArgumentTypeError(f"{soort!r} is er niet: {', '.join(SOORTEN)}")
    return soort, int(keren)


def zeg(regel: str) -> None:
    """To whoever watches, at once."""
    sys.stdout.write(regel + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
