"""Builds the application of a service: its routes, and what every service does the same."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRouter
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.rollen import Rol
from schakel.kern.zicht.meten import Meten
from schakel.kern.zicht.sporen import Sporen

from .aanmelding import LokalePoortwachter, poortwachter_voor
from .beveiliging import is_openbaar, toegangen
from .deur import Deur
from .drukte import Drukte
from .gezondheid import Gereedheid, Gezondheid, Toelichting, altijd_gereed
from .klantadres import Klantadressen
from .metingen import maak_meetrouter
from .omloop import Poortwachter
from .openapi import LICENTIE, beschrijf
from .problemen import vertaal
from .routes import Route, methoden_van
from .toezicht import Boek
from .wegwijzer import BASIS, Wegwijzer

Levensloop = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class OnbeschermdeRoute(Exception):
    """A route does not say who may use it; the service does not start."""


class Webdienst(FastAPI):
    """A FastAPI whose only layers are the door, the translation of errors and FastAPI's own."""

    met_token: bool
    wegwijzer: Callable[[ASGIApp], Wegwijzer]
    deur: Callable[[ASGIApp], Deur]

    def build_middleware_stack(self) -> ASGIApp:
        """Fewer layers than the default; ``add_middleware`` would not be heard: refused."""
        if self.user_middleware:
            raise RuntimeError("de lagen van een dienst liggen vast: gebruik een dependency")
        binnen = self.wegwijzer(AsyncExitStackMiddleware(self.router))
        vertalers: dict[Any, Any] = {
            ClientDisconnect: _zwijg,
            HTTPException: self._vertaal,
            Exception: self._vertaal,
        }
        return self.deur(ExceptionMiddleware(binnen, vertalers))

    def openapi(self) -> dict[str, Any]:
        """The description of the API, made once."""
        if not self.openapi_schema:
            self.openapi_schema = beschrijf(self, met_token=self.met_token)
        return self.openapi_schema

    async def _vertaal(self, request: Request, fout: Exception) -> Response:
        # Starlette names the methods of one route; the address may have more.
        niet_zo = isinstance(fout, HTTPException) and fout.status_code == 405  # noqa: PLR2004
        if niet_zo and (methoden := self._methoden(request)):
            fout = HTTPException(405, headers={"allow": ", ".join(methoden)})
        return await vertaal(request, fout)

    def _methoden(self, request: Request) -> Sequence[str]:
        passend = (r for r in _routes(self) if r.matches(request.scope)[0] is not Match.NONE)
        methoden = {methode for route in passend for methode in methoden_van(route)}
        return sorted(methoden | {"HEAD"} if "GET" in methoden else methoden)


def maak_app(
    *,
    dienst: str,
    titel: str,
    omschrijving: str,
    versie: str,
    routers: Sequence[APIRouter],
    instellingen: Instellingen,
    levensloop: Levensloop | None = None,
    gezondheid: Gezondheid = altijd_gereed,
    toelichting: Toelichting = dict,
    poortwachter: Poortwachter | None = None,
    meten: Meten | None = None,
    sporen: Sporen | None = None,
    boek: Boek | None = None,
) -> Webdienst:
    """The application: the routes of ``routers`` under /v1; /gezond, /klaar and /metrics beside it.

    ``versie`` is the semantic version of the API, ``dienst`` the name in the log; ``boek`` writes
    down what operators do. Raises OnbeschermdeRoute when a route neither asks a role nor says it is
    public.
    """
    app = Webdienst(
        title=titel,
        description=omschrijving,
        version=versie,
        contact={
            "name": f"Beheer van {titel}",
            "url": instellingen.publieke_url,
            "email": instellingen.contact_email,
        },
        license_info=LICENTIE,
        servers=[{"url": instellingen.publieke_url.rstrip("/") + BASIS}],
        redirect_slashes=False,
        openapi_url=None,
        lifespan=levensloop or _niets,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.dienst = dienst
    app.state.boek = boek
    gereedheid = Gereedheid(gezondheid, toelichting)
    gemeten = meten or Meten(dienst, versie)
    # Taken over one by one: an included router is matched twice on every request.
    for router in (*routers, maak_meetrouter(gemeten, gereedheid)):
        app.router.routes.extend(router.routes)
    _controleer_routes(app)
    wachter = poortwachter or poortwachter_voor(instellingen)
    drukte = Drukte(
        instellingen.max_verzoeken, instellingen.max_volgers, instellingen.max_per_adres
    )

    def deur(binnen: ASGIApp) -> Deur:
        return Deur(
            binnen,
            dienst=dienst,
            versie=versie,
            poortwachter=wachter,
            hosts=instellingen.hosts,
            adressen=Klantadressen(instellingen.vertrouwde_proxies),
            drukte=drukte,
            max_body=instellingen.max_body,
            mediatypen=_mediatypen(app),
            meten=gemeten,
            sporen=sporen,
        )

    beschrijving = _eenmaal(lambda: msgspec.json.encode(app.openapi()))
    app.deur = deur
    app.met_token = not isinstance(wachter, LokalePoortwachter)
    app.wegwijzer = lambda binnen: Wegwijzer(binnen, gereedheid, beschrijving)
    return app


def rollen_per_route(app: FastAPI) -> Mapping[tuple[str, str], frozenset[Rol] | None]:
    """Who may use which (method, path template); None means everyone. For the table of access."""
    tabel: dict[tuple[str, str], frozenset[Rol] | None] = {}
    for route in _routes(app):
        gevraagd = [frozenset(een.rollen) for een in toegangen(route.dependant)]
        rollen = frozenset.intersection(*gevraagd) if gevraagd else None
        tabel |= {(methode, route.path): rollen for methode in methoden_van(route)}
    return tabel


def _routes(app: FastAPI) -> Iterator[Route]:
    return (route for route in app.routes if isinstance(route, Route))


def _controleer_routes(app: FastAPI) -> None:
    gezien: dict[str, str] = {}
    for route in app.routes:
        if not isinstance(route, Route):
            naam = getattr(route, "path", type(route).__name__)
            raise OnbeschermdeRoute(f"{naam} staat niet op een schakel.kern.http.Router")
        gevraagd = any(True for _ in toegangen(route.dependant))
        if gevraagd == is_openbaar(route.dependant):
            raise OnbeschermdeRoute(f"{route.path}: vraag een rol (vereist) of zeg openbaar")
        if (ander := gezien.setdefault(route.unique_id, route.path)) != route.path:
            raise ValueError(f"{route.path} en {ander} heten allebei {route.unique_id}")


def _mediatypen(app: FastAPI) -> Sequence[str]:
    soorten = (getattr(route.response_class, "media_type", None) for route in _routes(app))
    return tuple(dict.fromkeys(["application/json", *(soort for soort in soorten if soort)]))


def _eenmaal(maak: Callable[[], bytes]) -> Callable[[], bytes]:
    gemaakt: list[bytes] = []

    def geef() -> bytes:
        if not gemaakt:
            gemaakt.append(maak())
        return gemaakt[0]

    return geef


async def _zwijg(_request: Request, _fout: Exception) -> None:
    """There is nobody left to answer."""


@asynccontextmanager
async def _niets(_app: FastAPI) -> AsyncIterator[None]:
    yield
