"""Routes that check before they read: who, then the query, then the body."""

import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response

from schakel.kern.grond.verzoek import Verzoek

from .beveiliging import toegangen
from .inhoud import GelezenVerzoek, heeft_inhoud, lees_inhoud
from .omloop import omloop_van
from .strikt import Veldfout

_LIJSTEN = re.compile(r"\b(list|tuple|set|frozenset|Sequence)\[")


class Route(APIRoute):
    """A route of this API. Nothing of a request is looked at before the asker may ask it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, with the checks in front."""
        handel_af = super().get_route_handler()
        toegang = tuple(toegangen(self.dependant))
        enkel, lijsten = _queryparameters(self.dependant)

        async def controleer_eerst(request: Request) -> Response:
            omloop = omloop_van(request.scope)
            if toegang:
                omloop.identiteit = await omloop.poortwachter.herken(omloop.koppen)
                for een in toegang:
                    een.van(omloop)
            if request.scope["query_string"]:
                _weiger_vreemde_query(request, enkel, lijsten)
            if heeft_inhoud(omloop.koppen):
                await lees_inhoud(request, omloop)
                request = GelezenVerzoek(request.scope, request.receive)
            return await handel_af(request)

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


def _queryparameters(dependant: Dependant) -> tuple[frozenset[str], frozenset[str]]:
    """The names a route knows: those that may stand once, and those that may be repeated."""
    enkel: set[str] = set()
    lijsten: set[str] = set()
    for naam, soort in _velden(dependant):
        (lijsten if _LIJSTEN.search(str(soort)) else enkel).add(naam)
    return frozenset(enkel), frozenset(lijsten)


def _velden(dependant: Dependant) -> Iterator[tuple[str, Any]]:
    for veld in dependant.query_params:
        soort = veld.field_info.annotation
        if isinstance(soort, type) and issubclass(soort, BaseModel):
            if issubclass(soort, Verzoek):
                raise TypeError(f"{soort.__name__} staat in de query: maak er een Zoekvraag van")
            for naam, info in soort.model_fields.items():
                yield info.alias or naam, info.annotation
        else:
            yield veld.alias, soort
    for deel in dependant.dependencies:
        yield from _velden(deel)


def _weiger_vreemde_query(request: Request, enkel: frozenset[str], lijsten: frozenset[str]) -> None:
    gezien = set()
    for naam, waarde in request.query_params.multi_items():
        if naam not in enkel and naam not in lijsten:
            raise Veldfout("query-onbekend", "deze queryparameter bestaat niet", naam)
        if naam in gezien and naam not in lijsten:
            raise Veldfout("query-dubbel", "deze queryparameter staat er meer dan eens", naam)
        if "\x00" in waarde:
            raise Veldfout("query-nul", "deze waarde bevat een NUL-teken", naam)
        gezien.add(naam)
