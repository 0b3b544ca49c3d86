"""Parked messages over HTTP: list, inspect, release, reject. For the beheerder only."""

import base64
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Query
from pydantic import Field, StringConstraints
from starlette.responses import Response
from typing_extensions import TypedDict

from schakel.kern.grond.kop import Kop
from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.http.beveiliging import vereist
from schakel.kern.http.koppen import opdracht
from schakel.kern.http.routes import Router
from schakel.kern.http.strikt import Zoekvraag
from schakel.kern.vastlegging.gebeurtenis import Door

from .lezer import Lezer

_CODEER = msgspec.json.Encoder().encode
BEHEER = Depends(vereist(Rol.BEHEERDER))
_CODE = r"^([0-9]{1,5}|[a-z][0-9]{0,5})([a-z-][0-9]{0,5})*$"
"""As a command of a process wants it too: in no code stand six digits in a row."""
Nummer = Annotated[int, Field(ge=1, le=2**53 - 1)]


class GeparkeerdBericht(TypedDict):
    """A parked message: where it came from and why it waits."""

    nummer: int
    bron: str
    positie: int
    boom: str | None
    bericht: str | None
    reden: str
    uitleg: str
    op: str
    klaar: str | None
    afloop: str | None


class GeparkeerdeBerichten(TypedDict):
    """A page of parked messages, in the order in which they came."""

    geparkeerd: list[GeparkeerdBericht]


class GeparkeerdBerichtMetInhoud(GeparkeerdBericht):
    """The same with its bytes in base64."""

    waarde: str


class Vrijgaveresultaat(TypedDict):
    """How many messages were handled: the released one and those behind it."""

    verwerkt: int


class Verwerping(Verzoek):
    """Why a message is given up."""

    reden: Annotated[str, StringConstraints(max_length=64, pattern=_CODE)]


class Vrijgeven(Verzoek):
    """Nothing needs to be said."""


class Bladeren(Zoekvraag):
    """Which page; ``alles`` also shows what is done with."""

    alles: bool = False
    na: Annotated[int, Field(ge=0, le=2**53 - 1)] = 0
    limiet: Annotated[int, Field(ge=1, le=200)] = 50


def maak_parkeerrouter(lezer: Lezer[Any, Any]) -> Router:
    """The routes over the parked messages of one service."""
    router = Router(tags=["geparkeerd"])
    plaats = lezer.parkeerplaats
    commando = Annotated[Kop, Depends(opdracht(Rol.BEHEERDER))]

    @router.get("/geparkeerd", response_model=GeparkeerdeBerichten, dependencies=[BEHEER])
    def toon_geparkeerd(filters: Annotated[Bladeren, Query()]) -> Response:
        """Berichten die niet konden worden verwerkt, en wat daarop wacht."""
        lijst = plaats.lijst(alles=filters.alles, na=filters.na, limiet=filters.limiet)
        return _json({"geparkeerd": lijst})

    @router.get(
        "/geparkeerd/{nummer}", response_model=GeparkeerdBerichtMetInhoud, dependencies=[BEHEER]
    )
    def toon_geparkeerd_bericht(nummer: Nummer) -> Response:
        """Een geparkeerd bericht met zijn inhoud."""
        bericht, waarde = plaats.toon(nummer)
        return _json(msgspec.to_builtins(bericht) | {"waarde": base64.b64encode(waarde).decode()})

    @router.post(
        "/geparkeerd/{nummer}/vrijgaven", status_code=201, response_model=Vrijgaveresultaat
    )
    async def geef_geparkeerd_bericht_vrij(
        nummer: Nummer,
        gevraagd: Vrijgeven,  # noqa: ARG001 - an empty object, like every command without words
        kop: commando,
    ) -> Response:
        """Verwerk een geparkeerd bericht en wat erachter wacht alsnog, in volgorde."""
        return _json({"verwerkt": await lezer.geef_vrij(nummer, _door(kop))}, 201)

    @router.post(
        "/geparkeerd/{nummer}/verwerpingen", status_code=201, response_model=Vrijgaveresultaat
    )
    async def verwerp_geparkeerd_bericht(
        nummer: Nummer, gevraagd: Verwerping, kop: commando
    ) -> Response:
        """Geef een bericht op, met de reden; wat erachter wacht blijft staan."""
        await lezer.verwerp(nummer, gevraagd.reden, _door(kop))
        return _json({"verwerkt": 0}, 201)

    return router


def _door(kop: Kop) -> Door:
    return Door(kop.door.wie, kop.rol.value)


def _json(waarde: Any, status: int = 200) -> Response:
    return Response(_CODEER(waarde), status, media_type="application/json")
