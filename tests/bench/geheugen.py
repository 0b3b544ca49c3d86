"""G15: the memory of a process does not grow with the history that it has stored.

Each size of store is a step in one process of its own, so that nothing else is counted.
"""

import asyncio
import gc
import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from schakel.herstellen.app import DIENST
from schakel.kern.grond.kop import Identiteit, Kop
from schakel.kern.grond.rollen import Rol
from schakel.kern.opslag import KERNTABELLEN
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.skelet.instellingen import Instellingen
from schakel.skelet.proces import Procesdienst
from schakel.skelet.stappen.begin import Intake

from .opslag import ids, schrijver_op, zet
from .verslag import Cel, Toets, Uitkomst, schone_map

TEGELIJK = 256
INTAKE = Intake.model_validate(
    {
        "dienst": "verlichting",
        "kanaal": "web",
        "melder": {"soort": "burger", "naam": "Jo Proef"},
        "tekst": "De lamp op de hoek brandt al een week niet meer.",
    }
)
LOKAAL = Identiteit("lokaal", frozenset(Rol))


def resident() -> float:
    """Megabytes in memory now; where that cannot be read, the most there ever were."""
    gc.collect()
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


async def vul_kern(map_: Path, standen: Sequence[int]) -> list[float]:
    """A new aggregate per event, through the writer."""
    opslag = SqliteOpslag(map_ / "kern.db", KERNTABELLEN)
    schrijver = schrijver_op(opslag)
    gemeten: list[float] = []
    klaar = 0
    for stand in standen:
        while klaar < stand:
            taken = [zet(id_) for id_ in ids(min(TEGELIJK, stand - klaar))]
            await asyncio.gather(*map(schrijver.voer_uit, taken))
            klaar += len(taken)
        gemeten.append(resident())
    await schrijver.sluit()
    opslag.sluit()
    return gemeten


async def vul_dienst(map_: Path, standen: Sequence[int]) -> list[float]:
    """A new melding per event, with its vault, answer and row of the werkvoorraad."""
    proces = Procesdienst(DIENST, Instellingen(gegevensmap=map_, poort=0))
    gemeten: list[float] = []
    klaar = 0
    for stand in standen:
        while klaar < stand:
            sleutels = range(klaar, min(klaar + TEGELIJK, stand))
            koppen = [Kop(str(n), b"", None, LOKAAL, Rol.INTAKER) for n in sleutels]
            await asyncio.gather(*(proces.dienst.neem_aan(INTAKE, kop) for kop in koppen))
            klaar += len(koppen)
        gemeten.append(resident())
    await proces.schrijver.sluit()
    proces.opslag.sluit()
    return gemeten


def _in_eigen_proces(wat: str, standen: Sequence[int]) -> list[float]:
    with schone_map() as map_:
        opdracht = [sys.executable, "-m", "tests.bench.geheugen", wat, str(map_)]
        gelopen = subprocess.run(
            [*opdracht, *map(str, standen)], check=True, stdout=subprocess.PIPE, text=True
        )
    gemeten: list[float] = json.loads(gelopen.stdout)
    return gemeten


def meet_geheugen(kern: Sequence[int], dienst: Sequence[int]) -> Uitkomst:
    """``kern`` and ``dienst`` are the sizes of the store at which is measured, rising.

    Memory fills up to the bound of the caches (10,000 aggregates); only what follows is growth.
    """
    rijen: list[dict[str, Cel]] = []
    toetsen: list[Toets] = []
    for wat, naam, standen in (("kern", "schrijver", kern), ("dienst", "dienst", dienst)):
        gemeten = _in_eigen_proces(wat, standen)
        rijen += [
            {"wat": naam, "gebeurtenissen": stand, "MB": mb}
            for stand, mb in zip(standen, gemeten, strict=True)
        ]
        groei = (gemeten[-1] - gemeten[-2]) * 2**20 / (standen[-1] - standen[-2])
        toetsen.append(Toets(f"{naam}: bytes groei per gebeurtenis", groei, "<=", 10))
    return Uitkomst("G15", "geheugen bij een groeiende geschiedenis", rijen, toetsen)


def main(wat: str, map_: str, *standen: str) -> None:
    """Print the megabytes at each size."""
    vul = {"kern": vul_kern, "dienst": vul_dienst}[wat]
    sys.stdout.write(json.dumps(asyncio.run(vul(Path(map_), [int(s) for s in standen]))))


if __name__ == "__main__":
    main(*sys.argv[1:])
