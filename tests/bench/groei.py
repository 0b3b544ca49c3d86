"""G15 and what history costs: one service with 10^4, 10^5 and 10^6 closed meldingen in its store.

The history is that of meldingen which the chain really finished, copied under new ids with all that
belongs to them: events, answers to keys, inbox rows, vault. Each size is then measured by a process
of its own: commands with 256 callers, and reads of old meldingen.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from schakel.kern.grond.rollen import Rol
from schakel.kern.tempo import stel_af
from schakel.skelet.instellingen import Instellingen
from schakel.skelet.proces import Procesdienst
from schakel.skelet.stappen.begin import Aangenomen

from .gang import DIENSTEN, intake, kop, opdrachten_na
from .geheugen import resident
from .infra import Bus, Postgres
from .ketenmeting import draai, opzet
from .ketenproces import Gesloten
from .verslag import Cel, Toets, Uitkomst, mediaan, percentiel, schone_map

TEGELIJK = 256
SJABLONEN = 100
EERSTE = DIENSTEN[0]

# Ids and keys of chance are put in in order: that makes the same index, and sooner.
_KOPIEER = (
    "CREATE UNLOGGED TABLE kopie AS SELECT m.id AS van, uuidv7() AS naar, k AS keer FROM"
    " (SELECT id FROM meldingen WHERE is_open = 0 ORDER BY id LIMIT {sjablonen}) m"
    " CROSS JOIN generate_series({vanaf}::bigint, {tot}::bigint) k",
    "INSERT INTO stored_events (originator_id, originator_version, topic, state)"
    " SELECT naar, originator_version, topic, state"
    " FROM kopie JOIN stored_events ON originator_id = van::uuid ORDER BY naar, originator_version",
    "INSERT INTO meldingen SELECT replace(naar::text, '-', ''), replace(naar::text, '-', ''),"
    " NULL, volgnummer || '-' || keer, loopt, is_open, status, dienst, uiterlijk, stappen,"
    " overzicht FROM kopie JOIN meldingen ON id = van ORDER BY naar",
    "INSERT INTO inbox SELECT bron, naar || substring(bericht FROM 37), digest FROM kopie JOIN"
    " (SELECT * FROM inbox LIMIT 1) een ON true ORDER BY naar",
    "INSERT INTO gegeven_antwoorden SELECT uuid_send(sleutel), plekken, digest, antwoord FROM"
    " (SELECT gen_random_uuid() AS sleutel FROM kopie CROSS JOIN generate_series(1, 9)) nieuw"
    " JOIN (SELECT plekken, digest, antwoord FROM gegeven_antwoorden LIMIT 1) een ON true",
    "INSERT INTO sleutels SELECT replace(naar::text, '-', ''), sleutel"
    " FROM kopie JOIN sleutels ON reeks = van ORDER BY naar",
    "INSERT INTO teksten SELECT replace(naar::text, '-', ''), soort, versie, inhoud, hmac, sleutel"
    " FROM kopie JOIN teksten ON reeks = van ORDER BY naar",
    "DROP TABLE kopie",
    "ANALYZE",
    "CHECKPOINT",
)


def _sjablonen(pg: Postgres, bus: Bus, aantal: int) -> str:
    """A store of the first service with so many finished meldingen: its address."""
    with schone_map() as map_:
        een = opzet("los", pg, bus, str(map_), Gesloten(aantal, aantal, 1))
        draai(een)
    return een.opslag[EERSTE.proces.value]


def _vul_aan(url: str, sjablonen: int, vanaf: int, tot: int) -> None:
    """Copy the first meldingen, from their ``vanaf``-th time to their ``tot``-th."""
    with psycopg.connect(url, autocommit=True) as verbinding:
        verbinding.execute("SET synchronous_commit = off")
        for opdracht in _KOPIEER:
            ingevuld = opdracht.format(sjablonen=sjablonen, vanaf=vanaf, tot=tot)
            verbinding.execute(ingevuld.encode())


async def _belast(proces: Procesdienst[Any], aantal: int) -> list[float]:
    """Take in so many meldingen and bring them to their hand-over; seconds for each command."""
    opdrachten = opdrachten_na(EERSTE)[Aangenomen]
    wachttijden: list[float] = []
    sleutels = count()
    nog = iter(range(aantal))
    run = f"{time.time_ns():x}"

    async def een(taak: Any) -> Any:
        begin = time.perf_counter()
        antwoord = await taak
        wachttijden.append(time.perf_counter() - begin)
        return antwoord

    async def roep() -> None:
        for _ in nog:
            sleutel = f"{run}.{next(sleutels)}"
            antwoord = await een(proces.dienst.neem_aan(intake(), kop(sleutel, Rol.INTAKER)))
            id_ = UUID(antwoord["meldingId"])
            for opdracht in opdrachten:
                sleutel = f"{run}.{next(sleutels)}"
                await een(proces.dienst.doe(id_, opdracht, kop(sleutel)))

    await asyncio.gather(*(roep() for _ in range(TEGELIJK)))
    return wachttijden


async def _meet(url: str, map_: Path, aantal: int) -> dict[str, float]:
    instellingen = Instellingen(gegevensmap=map_, poort=0, opslag=url)
    proces = Procesdienst(EERSTE, instellingen)
    await _belast(proces, TEGELIJK)  # warm
    begin = time.perf_counter()
    wachttijden = await _belast(proces, aantal)
    duur = time.perf_counter() - begin
    oud = proces.opslag.vraag(
        "SELECT id FROM (SELECT id FROM meldingen WHERE is_open = 0 ORDER BY id LIMIT 100000) een"
        " ORDER BY random() LIMIT 500"
    )
    gelezen = []
    for (id_,) in oud:
        begin = time.perf_counter()
        proces.dienst.toon(UUID(hex=id_))
        gelezen.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    proces.dienst.werkvoorraad({"is_open": 1}, 200)
    bladzij = time.perf_counter() - begin
    await proces.schrijver.sluit()
    proces.opslag.sluit()
    return {
        "per s": len(wachttijden) / duur,
        "p99 in ms": percentiel(wachttijden, 0.99) * 1e3,
        "oude lezen, ms": percentiel(gelezen, 0.5) * 1e3,
        "bladzij, ms": bladzij * 1e3,
        "MB": resident(),
    }


def _ronde(url: str, aantal: int) -> dict[str, float]:
    """Measured in a process of its own."""
    with schone_map() as map_:
        opdracht = [sys.executable, "-m", "tests.bench.groei", url, str(map_), str(aantal)]
        gelopen = subprocess.run(opdracht, check=True, stdout=subprocess.PIPE, text=True)
    gemeten: dict[str, float] = json.loads(gelopen.stdout)
    return gemeten


def meet_groei(
    pg: Postgres,
    bus: Bus,
    standen: Sequence[int],
    aantal: int,
    rondes: int,
    sjablonen: int = SJABLONEN,
) -> Uitkomst:
    """``standen`` are the numbers of meldingen in store, rising; ``aantal`` are added per round."""
    rijen: list[dict[str, Cel]] = []
    url = _sjablonen(pg, bus, sjablonen)
    keer = 0
    for stand in standen:
        _vul_aan(url, sjablonen, keer + 1, stand // sjablonen)
        keer = stand // sjablonen
        ronden = [_ronde(url, aantal) for _ in range(rondes)]
        medianen = {naam: mediaan([r[naam] for r in ronden]) for naam in ronden[0]}
        gebeurtenissen = pg.vraag(url, "SELECT count(*) FROM stored_events")
        rijen.append({"wat": f"{stand:,} meldingen", "gebeurd": gebeurtenissen, **medianen})
    tempo, p99, mb = (
        float(rijen[-1][naam]) / float(rijen[0][naam]) for naam in ("per s", "p99 in ms", "MB")
    )
    return Uitkomst(
        "G15",
        "een dienst op PostgreSQL bij een groeiende geschiedenis",
        rijen,
        [
            Toets("opdrachten per s, grootste / kleinste geschiedenis", tempo, ">=", 0.9),
            Toets("p99, grootste / kleinste geschiedenis", p99, "<=", 1.1),
            Toets("MB, grootste / kleinste geschiedenis", mb, "<=", 1.1),
        ],
    )


def main(url: str, map_: str, aantal: str) -> None:
    """Print what was measured."""
    stel_af()
    sys.stdout.write(json.dumps(asyncio.run(_meet(url, Path(map_), int(aantal)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
