"""The HTTP side of the orchestrator: it observes and derives, and commands no process."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, Path, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.kop import Kop
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.http import Rol, Router, opdracht, vereist
from schakel.kern.http.strikt import Zoekvraag
from schakel.kern.vastlegging.gebeurtenis import Door

from .herbouw import Herbouw
from .stroom import Wijzigingen
from .vragen import Vragen

INZIEN = Depends(vereist(Rol.LEZER, Rol.BEHANDELAAR, Rol.INTAKER, Rol.BEHEERDER))
_CODEER = msgspec.json.Encoder().encode
MeldingId = Annotated[UUID, Path(alias="meldingId")]
Nummer = Annotated[int, Field(ge=0, le=2**53 - 1)]


class Boomfilters(Zoekvraag):
    """Which first meldingen, and which page."""

    werkstroom: Annotated[int | None, Field(ge=1, le=8)] = None
    status: Annotated[str | None, Field(max_length=40, pattern=r"^[a-z_]+$")] = None
    proces: Proces | None = None
    afwijking: bool | None = None
    onbeslist: bool | None = None
    limiet: Annotated[int, Field(ge=1, le=200)] = 50
    na: UUID | None = None

    def als_waarden(self) -> dict[str, Any]:
        """The filters as the store knows them."""
        return {
            "werkstroom": self.werkstroom,
            "status": self.status,
            "proces": self.proces,
            "afwijking": self.afwijking,
            "onbeslist": self.onbeslist,
            "na": self.na and str(self.na),
        }


class Volgen(Zoekvraag):
    """From which change on, and of which first melding."""

    na: Nummer | None = None
    wortel_id: UUID | None = None


class Werkstroomaantal(TypedDict):
    """One of the eight and how many follow it."""

    nummer: int
    woord: str
    pad: list[str]
    meldingsoort: str
    aantal: int


class Werkstroomaantallen(TypedDict):
    """The eight, and how many meldingen have no number (yet)."""

    werkstromen: list[Werkstroomaantal]
    onbeslist: int


class Herbouwstand(TypedDict):
    """How far a rebuild is."""

    bezig: bool
    bomen: int
    gedaan: int
    veranderd: int
    fout: str | None


class Herbouwen(Verzoek):
    """Nothing needs to be said."""


def maak_router(vragen: Vragen, wijzigingen: Wijzigingen, herbouw: Herbouw) -> Router:
    """The routes of the orchestrator."""
    router = Router(tags=["werkstromen"])
    _voeg_lezen_toe(router, vragen)

    @router.get("/wijzigingen", dependencies=[INZIEN], response_class=EventSourceResponse)
    async def volg_wijzigingen(
        request: Request, filters: Annotated[Volgen, Query()]
    ) -> AsyncIterator[ServerSentEvent]:
        """Wijzigingen terwijl ze gebeuren (server-sent events); Last-Event-ID gaat verder."""
        vanaf = _vanaf(request.headers.get("last-event-id"), filters.na)
        wortel = str(filters.wortel_id) if filters.wortel_id else None
        async for wijziging in wijzigingen.stroom(vanaf, wortel, request.app.state.stopt):
            yield wijziging

    @router.post("/herbouw", status_code=202, response_model=Herbouwstand)
    async def begin_herbouw(
        gevraagd: Herbouwen,  # noqa: ARG001 - an empty object, like every command without words
        kop: Annotated[Kop, Depends(opdracht(Rol.BEHEERDER))],
    ) -> Response:
        """Leid alles opnieuw af uit de ontvangen berichten; antwoorden gaat intussen door."""
        return _json(herbouw.begin(Door(kop.door.wie, kop.rol.value)), 202)

    @router.get(
        "/herbouw", response_model=Herbouwstand, dependencies=[Depends(vereist(Rol.BEHEERDER))]
    )
    def toon_herbouw() -> Response:
        """Hoe ver de herbouw is."""
        return _json(herbouw.stand)

    return router


def _voeg_lezen_toe(router: Router, vragen: Vragen) -> None:
    @router.get("/werkstromen", response_model=Werkstroomaantallen, dependencies=[INZIEN])
    def toon_werkstromen() -> Response:
        """De acht werkstromen, met het aantal meldingen dat ze volgt."""
        return _json({"werkstromen": vragen.werkstromen(), "onbeslist": vragen.onbeslist()})

    @router.get("/meldingen", dependencies=[INZIEN])
    def toon_meldingen(filters: Annotated[Boomfilters, Query()]) -> Response:
        """Eerste meldingen met hun werkstroom of kandidaten, status en afwijkingen."""
        afleidingen, volgende = vragen.lijst(filters.als_waarden(), filters.limiet)
        return _json({"meldingen": [msgspec.Raw(a) for a in afleidingen], "volgende": volgende})

    @router.get("/meldingen/{meldingId}", dependencies=[INZIEN])
    def toon_melding(melding_id: MeldingId) -> Response:
        """De werkstroom waarin een melding staat: waar ze is, wat volgt en wat afwijkt."""
        return Response(vragen.afleiding(str(melding_id)), media_type="application/json")

    @router.get("/meldingen/{meldingId}/tijdlijn", dependencies=[INZIEN])
    def toon_tijdlijn(melding_id: MeldingId) -> Response:
        """Alle berichten van de werkstroom waarin een melding staat."""
        return _json({"berichten": vragen.tijdlijn(str(melding_id))})


def _vanaf(kop: str | None, na: int | None) -> int | None:
    """A client that resumes says so in the header; a number it cannot have had is ignored."""
    if kop is not None and kop.isascii() and kop.isdigit() and len(kop) < 16:  # noqa: PLR2004
        return int(kop)
    return na


def _json(waarde: Any, status: int = 200) -> Response:
    return Response(_CODEER(waarde), status, media_type="application/json")
