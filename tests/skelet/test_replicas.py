"""Two replicas of a service on one database: the rules of a melding hold over both."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from deploy.lokaal.postgres import Databases
from tests.keten.proefketen import Klok, kop
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.werkstromen import Proces
from schakel.kern.geheim.hoofdsleutel import maak_hoofdsleutel
from schakel.kern.grond.weigering import Weigering
from schakel.kern.http import Rol
from schakel.kern.opslag.postgres import migreer
from schakel.skelet.melding import ACTIES
from schakel.skelet.overzicht import TABELLEN
from schakel.skelet.proces import Procesdienst
from schakel.skelet.stappen.begin import Intake
from schakel.skelet.start import instellingen_voor

HERSTELLEN = OMSCHRIJVING[Proces.HERSTELLEN]
Paar = tuple[Procesdienst[Any], Procesdienst[Any]]
INTAKE = Intake.model_validate_json(
    json.dumps(
        {
            "dienst": "verlichting",
            "kanaal": "web",
            "melder": {"soort": "burger", "naam": "Testpersoon van Proef"},
            "tekst": "de lantaarn is uit",
        }
    )
)
VERHELDER = next(a for a in ACTIES if a.stap == "verhelderingen").opdracht


@pytest.fixture
def klok() -> Klok:
    return Klok()


@pytest.fixture
def paar(omgeving: None, postgres: Databases, tmp_path: Path, klok: Klok) -> Iterator[Paar]:
    url = postgres.maak_database()
    migreer(url, TABELLEN)
    maak_hoofdsleutel(tmp_path / "sleutel")
    instellingen = instellingen_voor(HERSTELLEN, gegevensmap=tmp_path, opslag=url)
    een, ander = (Procesdienst(HERSTELLEN, instellingen, klok=klok) for _ in "12")
    yield een, ander
    for dienst in (een, ander):
        asyncio.run(dienst.schrijver.sluit())
        dienst.opslag.sluit()


async def neem_aan(proces: Procesdienst[Any]) -> dict[str, Any]:
    return dict(await proces.dienst.neem_aan(INTAKE, kop(rol=Rol.INTAKER)))


async def test_een_volgnummer_wordt_een_keer_gegeven(paar: Paar) -> None:
    antwoorden: list[dict[str, Any]] = []
    for _ in range(8):  # each replica has just seen the other go on
        antwoorden += await asyncio.gather(*(neem_aan(proces) for proces in paar for _ in range(4)))
    nummers = sorted(een["volgnummer"] for een in antwoorden)
    assert nummers == [f"H-2026-{n:06}" for n in range(1, 65)]


async def test_een_stap_wordt_bij_een_van_beide_gezet(paar: Paar) -> None:
    for _ in range(10):
        id_ = UUID((await neem_aan(paar[0]))["meldingId"])
        uitslagen = await asyncio.gather(
            *(p.dienst.doe(id_, VERHELDER.model_validate_json("{}"), kop()) for p in paar),  # type: ignore[attr-defined]
            return_exceptions=True,
        )
        assert sorted(isinstance(u, Weigering) for u in uitslagen) == [False, True]
        assert paar[1].dienst.toon(id_)["versie"] == 2


async def test_een_termijn_verstrijkt_een_keer(paar: Paar, klok: Klok) -> None:
    ids = [UUID((await neem_aan(proces))["meldingId"]) for proces in paar for _ in range(5)]
    klok.nu += timedelta(days=400)
    await asyncio.gather(*(proces.dienst.bewaak_termijnen(klok.nu) for proces in paar))
    for id_ in ids:
        gebeurd = [g["gebeurtenis"] for g in paar[0].dienst.geschiedenis(id_)]
        assert len(gebeurd) == len(set(gebeurd)) == 2
