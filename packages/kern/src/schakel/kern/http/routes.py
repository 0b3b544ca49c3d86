"""Routes that check before they read: who, then the query, then the body."""

import re
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.sse import EventSourceResponse
from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Message, Receive, Scope, Send

from schakel.kern.grond.spelling import Spelling, spelling_van
from schakel.kern.grond.verzoek import Verzoek

from .beveiliging import toegangen
from .inhoud import GelezenVerzoek, heeft_inhoud, lees_inhoud
from .omloop import Omloop, omloop_van
from .strikt import Veldfout
from .toezicht import is_beheer, onder_toezicht

_LIJSTEN = re.compile(r"\b(list|tuple|set|frozenset|Sequence)\[")


class Veld(NamedTuple):
    """What may stand in the address under one name."""

    mag_herhaald: bool
    spelling: Spelling | None


class Route(APIRoute):
    """A route of this API. Nothing of a request is looked at before the asker may ask it."""

    @cached_property
    def _slot(self) -> str:
        """What every path of this route ends with."""
        return self.path_format.rpartition("}")[2]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """HEAD is answered where GET is (RFC 9110, 9.3.2)."""
        if not scope["path"].endswith(self._slot):  # a service has a route for every step
            return Match.NONE, {}
        match, verder = super().matches(scope)
        if match is Match.PARTIAL and _is_head(scope, self):
            return Match.FULL, verder
        return match, verder

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As GET, without the body."""
        if _is_head(scope, self):
            await self.app(scope, receive, _zonder_inhoud(send))
        else:
            await super().handle(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, with the checks in front."""
        handel_af = super().get_route_handler()
        toegang = tuple(toegangen(self.dependant))
        beheer = is_beheer(methoden_van(self), toegang)
        query = dict(_velden(self.dependant, "query_params"))
        pad = dict(_velden(self.dependant, "path_params"))
        stroomt = self.is_sse_stream

        async def laat_door(request: Request, omloop: Omloop) -> Response:
            request = await _lees(request, omloop, query, pad)
            if stroomt and request.method == "HEAD":
                return Response(media_type=EventSourceResponse.media_type)
            if stroomt:
                omloop.volg()
            omloop.drukte.begin(omloop.adres)
            try:
                return await handel_af(request)
            finally:
                omloop.drukte.eind(omloop.adres)

        async def controleer_eerst(request: Request) -> Response:
            omloop = omloop_van(request.scope)
            omloop.drukte.keur(omloop.adres)
            if toegang:
                omloop.identiteit = await omloop.poortwachter.herken(omloop.koppen)
            if not beheer:
                for een in toegang:
                    een.van(omloop)
                return await laat_door(request, omloop)
            async with onder_toezicht(request, omloop, request.app.state.boek) as handeling:
                for een in toegang:
                    een.van(omloop)
                handeling.in_rol(omloop.rol)
                return await laat_door(request, omloop)

        return controleer_eerst


class Router(APIRouter):
    """An APIRouter of such routes; operation ids are the function names in camelCase."""

    def __init__(self, **opties: Any) -> None:
        """Takes what APIRouter takes."""
        super().__init__(
            route_class=Route,
            redirect_slashes=False,
            generate_unique_id_function=lambda route: to_camel(route.name),
            **opties,
        )


def methoden_van(route: APIRoute) -> frozenset[str]:
    """The HTTP methods a route answers to."""
    return frozenset(route.methods or ())


async def _lees(
    request: Request, omloop: Omloop, query: Mapping[str, Veld], pad: Mapping[str, Veld]
) -> Request:
    """The query, then the path, then the body: each read and checked once."""
    if request.scope["query_string"]:
        _weiger_vreemde_query(request, query)
    if pad:
        _weiger_andere_spelling("path", pad, request.path_params.items())
    if not heeft_inhoud(omloop.koppen):
        return request
    await lees_inhoud(request, omloop)
    return GelezenVerzoek(request.scope, request.receive)


def _is_head(scope: Scope, route: APIRoute) -> bool:
    return scope["method"] == "HEAD" and "GET" in methoden_van(route)


def _zonder_inhoud(send: Send) -> Send:
    async def stuur(bericht: Message) -> None:
        await send({**bericht, "body": b""} if "body" in bericht else bericht)

    return stuur


def _velden(dependant: Dependant, waar: str) -> Iterator[tuple[str, Veld]]:
    """What a route knows of in its path or its query."""
    for veld in getattr(dependant, waar):
        soort = veld.field_info.annotation
        if isinstance(soort, type) and issubclass(soort, BaseModel):
            if issubclass(soort, Verzoek):
                raise TypeError(f"{soort.__name__} staat in de query: maak er een Zoekvraag van")
            for naam, info in soort.model_fields.items():
                yield info.alias or naam, _veld(info.annotation)
        else:
            yield veld.alias, _veld(soort)
    for deel in dependant.dependencies:
        yield from _velden(deel, waar)


def _veld(soort: Any) -> Veld:
    return Veld(_LIJSTEN.search(str(soort)) is not None, spelling_van(soort))


def _weiger_vreemde_query(request: Request, velden: Mapping[str, Veld]) -> None:
    gezien = set()
    waarden = request.query_params.multi_items()
    for naam, waarde in waarden:
        if naam not in velden:
            raise Veldfout("query-onbekend", "deze queryparameter bestaat niet", naam)
        if naam in gezien and not velden[naam].mag_herhaald:
            raise Veldfout("query-dubbel", "deze queryparameter staat er meer dan eens", naam)
        if "\x00" in waarde:
            raise Veldfout("query-nul", "deze waarde bevat een NUL-teken", naam)
        gezien.add(naam)
    _weiger_andere_spelling("query", velden, waarden)


def _weiger_andere_spelling(
    waar: str, velden: Mapping[str, Veld], waarden: Iterable[tuple[str, Any]]
) -> None:
    """As pydantic tells it, and before that: it reads more than the description promises."""
    fouten = [
        {"type": spelling.fout, "loc": (waar, naam)}
        for naam, waarde in waarden
        if (spelling := velden[naam].spelling) is not None and not spelling.past(waarde)
    ]
    if fouten:
        raise RequestValidationError(fouten)
