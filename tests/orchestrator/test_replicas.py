"""Two orchestrators on one database: what they derive together is what one derives alone."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from deploy.lokaal.postgres import Databases
from tests.afleiding.boombouw import Boom, H, U, W, als_json
from tests.orchestrator.conftest import KOPPEN, bron_van

from schakel.kern.bus.bericht import Levering, Record
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.opslag.postgres import migreer
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.orchestrator.dienst import Orchestrator
from schakel.orchestrator.tabellen import TABELLEN

Paar = tuple[Orchestrator, Orchestrator]


@pytest.fixture
async def paar(postgres: Databases, tmp_path: Path) -> AsyncIterator[Paar]:
    url = postgres.maak_database()
    migreer(url, TABELLEN)
    instellingen = Instellingen(gegevensmap=tmp_path, poort=8100, opslag=url)
    een, ander = Orchestrator(instellingen), Orchestrator(instellingen)
    yield een, ander
    for orchestrator in (een, ander):
        await orchestrator.schrijver.sluit()
        orchestrator.opslag.sluit()


def hwuwh(nummer: int) -> Boom:
    boom = Boom(H, nummer)
    wijziging = boom.wortel.loop().draag_over(W)
    wijziging.loop().heen_en_weer(U).rond_af()
    boom.wortel.keer_terug(wijziging).controleer().rond_af()
    return boom


def levering(bericht: bytes, nummer: int) -> Levering:
    bron = bron_van(bericht)
    return Levering(bron.rpartition(":")[2], bron, [Record(nummer, None, KOPPEN, bericht)])


async def test_twee_die_dezelfde_boom_zien_groeien_verliezen_geen_bericht(paar: Paar) -> None:
    toeval = random.Random(20260401)
    bomen = [hwuwh(nummer) for nummer in range(1, 6)]
    # Everything once at a random one of the two, a third of it also at the other.
    werk = [(toeval.choice(paar), b) for boom in bomen for b in boom.berichten]
    werk += [(toeval.choice(paar), b) for _, b in toeval.sample(werk, len(werk) // 3)]
    toeval.shuffle(werk)
    for begin in range(0, len(werk), 16):
        await asyncio.gather(
            *(
                orchestrator.verzamelaar.ontvang(levering(bericht, begin + i))
                for i, (orchestrator, bericht) in enumerate(werk[begin : begin + 16])
            )
        )
    for boom in bomen:
        assert paar[0].vragen.afleiding(str(boom.wortel_id)) == als_json(boom.af())
    assert paar[1].opslag.vraag("SELECT count(*) FROM gezien") == [
        (sum(len(boom.berichten) for boom in bomen),)
    ]


async def test_herbouwen_terwijl_de_ander_ontvangt_verandert_niets_en_mist_niets(
    paar: Paar,
) -> None:
    een, ander = paar
    bomen = [hwuwh(nummer) for nummer in range(1, 20)]
    berichten = [b for boom in bomen for b in boom.berichten]
    helft = len(berichten) // 2
    for i, bericht in enumerate(berichten[:helft]):
        await een.verzamelaar.ontvang(levering(bericht, i))
    een.herbouw.begin(Door("mw-1", "beheerder"))
    ander.herbouw.begin(Door("mw-1", "beheerder"))
    await asyncio.gather(
        *(ander.verzamelaar.ontvang(levering(b, i)) for i, b in enumerate(berichten[helft:]))
    )
    async with asyncio.timeout(20):
        while een.herbouw.stand.bezig or ander.herbouw.stand.bezig:  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.01)
    assert (een.herbouw.stand.fout, een.herbouw.stand.veranderd) == (None, 0)
    for boom in bomen:
        assert ander.vragen.afleiding(str(boom.wortel_id)) == als_json(boom.af())


async def test_wanneer_iets_binnenkwam_stijgt_met_zijn_plaats(
    paar: Paar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with two, of which one clock is behind: no two moments are equal, none goes back."""
    toeval = random.Random(20261201)
    achter = timedelta(hours=1)
    monkeypatch.setattr(paar[1].schrijver, "_klok", lambda: datetime.now(UTC) - achter)
    berichten = [b for nummer in range(1, 6) for b in hwuwh(nummer).berichten]
    for begin in range(0, len(berichten), 16):
        await asyncio.gather(
            *(
                toeval.choice(paar).verzamelaar.ontvang(levering(bericht, begin + i))
                for i, bericht in enumerate(berichten[begin : begin + 16])
            )
        )
    rijen = paar[0].opslag.vraag("SELECT ontvangen FROM gezien ORDER BY volgorde")
    momenten = [moment for (moment,) in rijen]
    assert len(momenten) == len(berichten)
    assert all(eerder < later for eerder, later in pairwise(momenten))
