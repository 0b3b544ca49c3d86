"""Two organisations on Kafka and PostgreSQL; one has its grens twice, and both of it are killed."""

import asyncio
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from deploy.lokaal.postgres import Databases
from deploy.lokaal.toegang import Toegang
from tests.cli.conftest import SCHAKEL

from schakel.cli import opstelling
from schakel.cli.opstelling import Organisatie, begin, tot_klaar
from schakel.cli.organisaties import laat_werken
from schakel.contracts.organisatie import GRENS
from schakel.kern.geheim.hoofdsleutel import maak_hoofdsleutel
from schakel.klant import klanten
from schakel.proefspel.dossier import Huis
from schakel.proefspel.plan import TUSSEN_ORGANISATIES, lees_plannen


def op_kafka_en_postgres(
    map_: Path, wie: Organisatie, oin: str, kafka: Toegang, postgres: Databases
) -> Organisatie:
    """The same organisation, on a bus and databases of its own; both made as an operator does."""
    eerste = postgres.maak_database()
    naam = urlsplit(eerste).path.removeprefix("/")
    with psycopg.connect(postgres.url(), autocommit=True) as verbinding:
        for dienst in wie.diensten:
            verbinding.execute(f"CREATE DATABASE {naam}_{dienst}".encode())
    bus = {n.removeprefix("SCHAKEL_"): waarde for n, waarde in kafka.omgeving().items()}
    sleutel = map_ / f"{wie.naam}.sleutel"
    maak_hoofdsleutel(sleutel)
    opslag = eerste.replace(naam, f"{naam}_{{dienst}}")
    anders = {**bus, "OPSLAG": opslag, "SLEUTELBESTAND": str(sleutel)}
    hier = replace(wie, oin=oin, instellingen=anders)
    voer(hier, "topics", "--replicatiefactor", "1")
    voer(hier, "migreer", *hier.diensten)
    return hier


def voer(wie: Organisatie, *opdracht: str) -> None:
    omgeving = {f"SCHAKEL_{naam}": waarde for naam, waarde in wie.instellingen.items()}
    subprocess.run(
        [SCHAKEL, *opdracht],
        check=True,
        env={"PATH": os.defpath, "SCHAKEL_OIN": wie.oin, **omgeving},
        cwd=Path(__file__).parents[2],
        timeout=120,
    )


def bladen(wie: Organisatie) -> Mapping[str, list[bytes]]:
    """Both logs as the store of its grens has them."""
    gevonden: dict[str, list[bytes]] = {}
    with psycopg.connect(wie.instellingen["OPSLAG"].format(dienst=GRENS)) as verbinding:
        rijen = verbinding.execute("SELECT logboek, blad FROM bladen ORDER BY logboek, nummer")
        for logboek, blad in rijen:
            gevonden.setdefault(logboek, []).append(bytes(blad))
    return gevonden


def geparkeerd(wie: Organisatie) -> dict[str, int]:
    aantallen = {}
    for dienst in wie.diensten:
        with psycopg.connect(wie.instellingen["OPSLAG"].format(dienst=dienst)) as verbinding:
            rij = verbinding.execute("SELECT count(*) FROM geparkeerd").fetchone()
            aantallen[dienst] = rij[0] if rij else -1
    return aantallen


@pytest.mark.traag
async def test_het_werk_gaat_over_terwijl_replicas_van_de_grens_doodgaan(
    tmp_path: Path, kafka: Toegang, postgres: Databases, oin: str
) -> None:
    hun_oin = oin[::-1] if oin != oin[::-1] else f"{int(oin) ^ 1:020}"
    vrager, uitvoerder = opstelling.gemeente_en_uitvoerder(tmp_path)
    vrager = replace(vrager, elders=dict.fromkeys(vrager.elders, hun_oin))
    vrager = op_kafka_en_postgres(tmp_path, vrager, oin, kafka, postgres)
    uitvoerder = op_kafka_en_postgres(tmp_path, uitvoerder, hun_oin, kafka, postgres)
    opstelling.richt_in(tmp_path, vrager, uitvoerder)
    tweede = replace(uitvoerder, basispoort=opstelling.vrije_poorten()[0])
    zonder_grens = [naam for naam in uitvoerder.diensten if naam != GRENS]
    async with AsyncExitStack() as opruimen:
        hier = begin(tmp_path, vrager, vrager.diensten, opruimen)
        daar = begin(tmp_path, uitvoerder, zonder_grens, opruimen)
        grens, replica = (begin(tmp_path, een, [GRENS], opruimen) for een in (uitvoerder, tweede))
        bij_hen = await opruimen.enter_async_context(klanten(uitvoerder.adressen))
        bij_ons = await opruimen.enter_async_context(klanten(vrager.adressen))
        bij_replica = await opruimen.enter_async_context(klanten(tweede.adressen))
        await tot_klaar(tmp_path, vrager, hier, bij_ons)
        await tot_klaar(tmp_path, uitvoerder, daar, {n: bij_hen[n] for n in zonder_grens})
        await tot_klaar(tmp_path, uitvoerder, grens, {GRENS: bij_hen[GRENS]})
        await tot_klaar(tmp_path, uitvoerder, replica, {GRENS: bij_replica[GRENS]})

        async def dood_ze() -> None:
            """The one that partners reach comes back, the other does not."""
            nonlocal grens
            for _ in range(2):
                await asyncio.sleep(4)
                grens.kill()
                await asyncio.to_thread(grens.wait)
                grens = begin(tmp_path, uitvoerder, [GRENS], opruimen)
                await tot_klaar(tmp_path, uitvoerder, grens, {GRENS: bij_hen[GRENS]})
            replica.kill()

        async with asyncio.TaskGroup() as groep:
            groep.create_task(dood_ze())
            spel = groep.create_task(
                laat_werken(
                    [Huis(bij_ons, oin, "gemeente"), Huis(bij_hen, hun_oin, "uitvoerder")],
                    lees_plannen(TUSSEN_ORGANISATIES),
                )
            )
        uitslag = spel.result()
        assert uitslag.fouten == []
        assert replica.wait() < 0
        await tot_gelijk(lambda: (bladen(vrager), bladen(uitvoerder)))
        partners = await bij_ons[GRENS].haal("/partners")
        assert [een["gestopt"] for een in partners["partners"]] == [None]
    assert {*geparkeerd(vrager).values(), *geparkeerd(uitvoerder).values()} == {0}
    zij_zeiden = [json.loads(blad)["id"] for log in bladen(vrager).values() for blad in log]
    assert len(zij_zeiden) == len(set(zij_zeiden)) > 40


async def tot_gelijk(lees: Callable[[], tuple[object, object]]) -> None:
    """What one said last may still be on its way to the other."""
    for _ in range(100):
        een, ander = await asyncio.to_thread(lees)
        if een == ander:
            return
        await asyncio.sleep(0.2)
    assert een == ander
