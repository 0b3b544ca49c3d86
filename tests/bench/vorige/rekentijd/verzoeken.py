"""Requests, as far as the door of the application: one service, and all six in one process."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from tests.bench.gang import DELEN, INTAKE

from schakel.cli.alles import bouw_geheel
from schakel.kern.bus import IngebedeIngang
from schakel.skelet.instellingen import Instellingen
from schakel.skelet.proces import Procesdienst

from .opdrachten import EERSTE, EERSTE_DEEL
from .plek import Klok, Plek, gemeten

WERK: Mapping[tuple[str, str], Sequence[tuple[str, bytes]]] = {
    (deel.proces.value, f"nl.meldingen.{deel.na.__name__.lower()}.v1"): [
        (stap, json.dumps(inhoud).encode()) for stap, inhoud in deel.handelingen
    ]
    for deel in DELEN
}
"""What a service does after each of these messages."""
KLAAR = (EERSTE.proces.value, "nl.meldingen.gesloten.v1")
_INTAKE = json.dumps(INTAKE).encode()
_VERZOEK = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "query_string": b"",
    "root_path": "",
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 80),
}


class Aanvrager:
    """Asks an application without a socket between."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._sleutels = count()

    async def stuur(self, pad: str, inhoud: bytes) -> bytes:
        """The body of the answer; raises when it is not 201."""
        koppen = (
            (b"host", b"127.0.0.1"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(inhoud)).encode()),
            (b"idempotency-key", f"s{next(self._sleutels)}".encode()),
        )
        wat = {"path": f"/v1{pad}", "raw_path": f"/v1{pad}".encode(), "headers": koppen}
        status, delen = 0, list[bytes]()

        async def lees() -> dict[str, Any]:
            return {"type": "http.request", "body": inhoud, "more_body": False}

        async def schrijf(bericht: Mapping[str, Any]) -> None:
            nonlocal status
            status = bericht.get("status", status)
            delen.append(bericht.get("body", b""))

        await self._app(_VERZOEK | wat, lees, schrijf)
        antwoord = b"".join(delen)
        if status != 201:
            raise RuntimeError(antwoord.decode())
        return antwoord

    async def doe(self, id_: str, handelingen: Sequence[tuple[str, bytes]]) -> None:
        """These steps of one melding, one after the other."""
        for stap, inhoud in handelingen:
            await self.stuur(f"/meldingen/{id_}/{stap}", inhoud)


async def deur(plek: Plek) -> float:
    """The commands of the first stretch, each a request."""
    proces = Procesdienst(EERSTE, Instellingen(gegevensmap=Path(plek.map), poort=0))
    klant = Aanvrager(proces.app)
    handelingen = next(iter(WERK.values()))

    async def vraag() -> None:
        antwoord = json.loads(await klant.stuur("/meldingen", _INTAKE))
        await klant.doe(antwoord["meldingId"], handelingen)

    async with proces.app.router.lifespan_context(proces.app):
        return await gemeten(vraag, plek.aantal) / EERSTE_DEEL


class _Feit(msgspec.Struct):
    melding_id: str = msgspec.field(name="meldingId")
    proces: str


class _Bericht(msgspec.Struct):
    type: str
    data: _Feit


async def werk(
    ingang: IngebedeIngang, klanten: Mapping[str, Aanvrager], aantal: int, groep: asyncio.TaskGroup
) -> None:
    """As employees, who hear from the bus what there is to do, until so many are closed."""
    async with ingang.open(dict) as aanvoer:
        while aantal > 0:
            records = [r for levering in await aanvoer.haal() for r in levering.records]
            for record in records:
                bericht = msgspec.json.decode(record.waarde, type=_Bericht)
                proces, id_ = bericht.data.proces, bericht.data.melding_id
                if handelingen := WERK.get((proces, bericht.type)):
                    groep.create_task(klanten[proces].doe(id_, handelingen))
                aantal -= (proces, bericht.type) == KLAAR


async def ingebed(plek: Plek) -> float:
    """Werkstroom 3 from intake to derivation, all six in this process, each step a request."""
    geheel = bouw_geheel(Path(plek.map), vrije_poorten=True)
    processen, waarnemer = geheel.processen, geheel.orchestrator
    klanten = {proces.proces.value: Aanvrager(proces.app) for proces in processen}
    eerste = klanten[EERSTE.proces.value]
    ingang = IngebedeIngang([proces.log for proces in processen])
    gezien, klok = asyncio.Event(), Klok()
    waarnemer.na_commit.append(gezien.set)
    for proces in processen:
        proces.na_commit.append(ingang.wek)

    def in_logs() -> int:
        return sum(proces.log.achterstand(0) for proces in processen)

    async with AsyncExitStack() as opruimen:
        opruimen.callback(geheel.historie.sluit)
        for app in (*(proces.app for proces in processen), waarnemer.app):
            await opruimen.enter_async_context(app.router.lifespan_context(app))
        with klok.loopt():
            async with asyncio.TaskGroup() as groep:
                groep.create_task(werk(ingang, klanten, plek.aantal, groep))
                for _ in range(plek.aantal):
                    groep.create_task(eerste.stuur("/meldingen", _INTAKE))
            while waarnemer.opslag.vraag("SELECT count(*) FROM gezien") != [(in_logs(),)]:
                gezien.clear()
                await gezien.wait()
        return klok.us / in_logs()
