"""The HTTP side of a process: one resource per step, and the werkvoorraad.

Routes say who may ask (deny unless allowed) and hand the command on; they never catch.
"""

from collections.abc import Callable, Coroutine, Iterable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, Path, Query
from pydantic import Field
from starlette.responses import Response

from schakel.contracts.catalogus import berichten_van
from schakel.contracts.feit import Code
from schakel.contracts.feit import Tijdstip as Moment
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.kop import Kop
from schakel.kern.grond.rollen import Rol
from schakel.kern.http.beveiliging import openbaar, vereist
from schakel.kern.http.koppen import etag, opdracht
from schakel.kern.http.routes import Router
from schakel.kern.http.strikt import Zoekvraag

from .antwoorden import (
    Antwoord,
    Gebeurtenistype,
    Gebeurtenistypen,
    Geschiedenis,
    Inhoud,
    Weergave,
    Werkvoorraad,
)
from .dienst import Dienst
from .stappen.begin import Intake
from .stappen.opdracht import Actie

INZIEN = (Rol.LEZER, Rol.BEHANDELAAR, Rol.INTAKER, Rol.BEHEERDER)

MeldingId = Annotated[UUID, Path(alias="meldingId")]

_CODEER = msgspec.json.Encoder().encode


class Filters(Zoekvraag):
    """Which meldingen of the werkvoorraad, and which page."""

    open: bool | None = True
    status: Annotated[str | None, Field(max_length=40, pattern=r"^[a-z_]+$")] = None
    dienst: Code | None = None
    stap: Annotated[str | None, Field(max_length=40, pattern=r"^[a-z-]+$")] = None
    wortel_id: UUID | None = None
    uiterlijk_voor: Moment | None = None
    limiet: Annotated[int, Field(ge=1, le=200)] = 50
    na: UUID | None = None

    def als_waarden(self) -> dict[str, Any]:
        """The filters as the store knows them."""
        return {
            "is_open": None if self.open is None else int(self.open),
            "status": self.status,
            "dienst": self.dienst,
            "wortel_id": self.wortel_id and self.wortel_id.hex,
            "uiterlijk_voor": self.uiterlijk_voor and self.uiterlijk_voor.isoformat(),
            "stap": self.stap,
            "na": self.na and self.na.hex,
        }


def maak_router(proces: Proces, dienst: Dienst[Any], acties: Iterable[Actie[Any]]) -> Router:
    """The routes of one process: the common ones, and one per step."""
    router = Router(tags=["meldingen"])
    _voeg_lezen_toe(router, proces, dienst)

    @router.post("/meldingen", status_code=201, response_model=Antwoord)
    async def neem_melding_aan(
        intake: Intake, kop: Annotated[Kop, Depends(opdracht(Intake.ROL))]
    ) -> Response:
        """Neem een melding aan: ze krijgt een volgnummer."""
        return _gemaakt(await dienst.neem_aan(intake, kop))

    for actie in acties:
        router.add_api_route(
            f"/meldingen/{{meldingId}}/{actie.stap}",
            _maak_stap(dienst, actie),
            methods=["POST"],
            status_code=201,
            response_model=Antwoord,
            name=f"{actie.stap}_toevoegen",
            description=f"{actie.uitleg}.",
            summary=actie.uitleg,
        )
    return router


def _maak_stap(
    dienst: Dienst[Any], actie: Actie[Any]
) -> Callable[..., Coroutine[Any, Any, Response]]:
    async def zet_stap(melding_id: MeldingId, gevraagd: Any, kop: Any) -> Response:
        return _gemaakt(await dienst.doe(melding_id, gevraagd, kop))

    # FastAPI reads the annotations: the body is the command of this step.
    zet_stap.__annotations__ |= {
        "gevraagd": actie.opdracht,
        "kop": Annotated[Kop, Depends(opdracht(actie.rol))],
    }
    return zet_stap


def _voeg_lezen_toe(router: Router, proces: Proces, dienst: Dienst[Any]) -> None:
    inzien = [Depends(vereist(*INZIEN))]

    @router.get("/meldingen", response_model=Werkvoorraad, dependencies=inzien)
    def toon_werkvoorraad(filters: Annotated[Filters, Query()]) -> Response:
        """De werkvoorraad: meldingen met hun uiterste datum en de stappen die nu mogelijk zijn."""
        return _json(dienst.werkvoorraad(filters.als_waarden(), filters.limiet))

    @router.get("/meldingen/{meldingId}", response_model=Weergave, dependencies=inzien)
    def toon_melding(melding_id: MeldingId) -> Response:
        """Een melding zoals ze nu is."""
        weergave = dienst.toon(melding_id)
        return _json(weergave, {"etag": etag(weergave["versie"])})

    @router.get(
        "/meldingen/{meldingId}/geschiedenis", response_model=Geschiedenis, dependencies=inzien
    )
    def toon_geschiedenis(melding_id: MeldingId) -> Response:
        """Wat er met een melding is gebeurd, in volgorde."""
        return _json({"gebeurtenissen": dienst.geschiedenis(melding_id)})

    @router.get(
        "/meldingen/{meldingId}/inhoud",
        response_model=Inhoud,
        dependencies=[Depends(vereist(Rol.BEHANDELAAR, Rol.SYSTEEM))],
    )
    def toon_inhoud(melding_id: MeldingId) -> Response:
        """Wat de melder schreef en wie dat is."""
        return _json({"inhoud": dienst.inhoud(melding_id)})

    @router.get(
        "/gebeurtenistypen", response_model=Gebeurtenistypen, dependencies=[Depends(openbaar)]
    )
    def toon_gebeurtenistypen() -> Response:
        """Welke berichten deze dienst publiceert en wat ze betekenen."""
        typen = [
            Gebeurtenistype(
                type=soort.type,
                betekenis=" ".join((soort.__doc__ or "").split()),
                schema=soort.model_json_schema(by_alias=True),
            )
            for soort in berichten_van(proces)
        ]
        return _json({"gebeurtenistypen": typen})


def _gemaakt(antwoord: Antwoord) -> Response:
    return _json(antwoord, {"etag": etag(antwoord["versie"])}, 201)


def _json(waarde: Any, koppen: dict[str, str] | None = None, status: int = 200) -> Response:
    return Response(_CODEER(waarde), status, koppen, "application/json")
