"""The description of an API as the NL API Design Rules want it, made from the routes themselves."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from .beveiliging import is_openbaar, toegangen
from .koppen import Opdrachttoegang
from .problemen import MEDIATYPE, Probleem
from .routes import Route, methoden_van

LICENTIE: Final = {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}

_UITLEG: Final = {
    400: "De invoer klopt niet; `fouten` noemt veld en regel.",
    401: "Niet aangemeld.",
    403: "Aangemeld, maar zonder een rol die dit mag.",
    404: "Dit bestaat niet.",
    406: "Accept sluit application/json uit.",
    408: "De inhoud kwam te traag binnen.",
    409: "Deze stap kan nu niet; `toegestaan` noemt wat wel kan.",
    412: "If-Match noemt een andere versie dan de huidige.",
    413: "De inhoud is te groot.",
    415: "De inhoud is geen application/json.",
    500: "Er ging bij de dienst iets mis.",
    503: "Tijdelijk niet beschikbaar; zie Retry-After.",
}
_ALTIJD: Final = (400, 406, 500, 503)
_MET_ROL: Final = (401, 403)
_MET_INHOUD: Final = (408, 413, 415)
_VAN_OPDRACHT: Final = (409, 412)
_HTTP_OK: Final = range(200, 400)


def beschrijf(app: FastAPI, *, met_token: bool) -> dict[str, Any]:
    """The OpenAPI 3.1 document of this application; ``met_token`` unless everyone is lokaal."""
    routes = [route for route in app.routes if isinstance(route, Route)]
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=app.description,
        license_info=app.license_info,
        servers=app.servers,
        routes=routes,
    )
    # Not through get_openapi: that wants a package to check the address with.
    document["info"]["contact"] = app.contact
    for route in routes:
        for methode in methoden_van(route):
            bewerking = document["paths"].get(route.path_format, {}).get(methode.lower())
            if bewerking is not None:
                _vul_aan(bewerking, route, app.title)
                if met_token and not is_openbaar(route.dependant):
                    bewerking["security"] = [{"token": []}]
    document["tags"] = [{"name": naam} for naam in _tags(document)]
    _vul_onderdelen(document.setdefault("components", {}))
    return document


def _vul_aan(bewerking: dict[str, Any], route: Route, titel: str) -> None:
    antwoorden = bewerking.setdefault("responses", {})
    antwoorden.pop("422", None)
    for status, antwoord in antwoorden.items():
        if status.isdigit() and int(status) in _HTTP_OK:
            antwoord.setdefault("headers", {})["API-Version"] = _verwijs("headers", "API-Version")
    opdracht = any(isinstance(een, Opdrachttoegang) for een in toegangen(route.dependant))
    for status in _fouten(route, opdracht=opdracht):
        antwoorden[str(status)] = _verwijs("responses", f"Fout{status}")
    if opdracht:
        koppen = [_verwijs("parameters", naam) for naam in ("IdempotencyKey", "IfMatch")]
        bewerking.setdefault("parameters", []).extend(koppen)
        for status, antwoord in antwoorden.items():
            if status == "201":
                antwoord["headers"]["ETag"] = _verwijs("headers", "ETag")
    bewerking.setdefault("tags", [titel])


def _fouten(route: Route, *, opdracht: bool) -> Iterator[int]:
    yield from _ALTIJD
    if not is_openbaar(route.dependant):
        yield from _MET_ROL
    if "{" in route.path_format:
        yield 404
    if opdracht or route.body_field is not None:
        yield from _MET_INHOUD
    if opdracht:
        yield from _VAN_OPDRACHT


def _tags(document: dict[str, Any]) -> Iterable[str]:
    namen = (
        naam
        for pad in document["paths"].values()
        for bewerking in pad.values()
        for naam in bewerking["tags"]
    )
    return dict.fromkeys(namen)


def _verwijs(soort: str, naam: str) -> dict[str, str]:
    return {"$ref": f"#/components/{soort}/{naam}"}


def _vul_onderdelen(onderdelen: dict[str, Any]) -> None:
    schemas = onderdelen.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    probleem = Probleem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= probleem.pop("$defs")
    schemas["Probleem"] = probleem
    versie = _verwijs("headers", "API-Version")
    onderdelen["responses"] = {
        f"Fout{status}": {
            "description": uitleg,
            "headers": {"API-Version": versie}
            | ({"Retry-After": _verwijs("headers", "Retry-After")} if status == 503 else {}),  # noqa: PLR2004
            "content": {MEDIATYPE: {"schema": _verwijs("schemas", "Probleem")}},
        }
        for status, uitleg in _UITLEG.items()
    }
    onderdelen["headers"] = _KOPPEN
    onderdelen["parameters"] = _PARAMETERS
    onderdelen["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }


_KOPPEN: Final = {
    "API-Version": {
        "description": "De volledige versie van deze API.",
        "schema": {"type": "string", "example": "1.0.0"},
    },
    "ETag": {
        "description": "De versie na deze stap, voor If-Match.",
        "schema": {"type": "string", "example": '"3"'},
    },
    "Retry-After": {
        "description": "Na hoeveel seconden opnieuw proberen zin heeft.",
        "schema": {"type": "integer"},
    },
}
_PARAMETERS: Final = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Eigen kenmerk van dit ene verzoek: herhalen geeft hetzelfde antwoord.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "De versie waarop deze stap voortbouwt; een andere geeft 412.",
        "schema": {"type": "string", "pattern": '^("[0-9]{1,15}"|[0-9]{1,15})$'},
    },
}
