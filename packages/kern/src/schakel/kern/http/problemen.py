"""Every error as problem+json (RFC 9457), translated in one place and without internals."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schakel.kern.grond.invoerregels import leg_uit
from schakel.kern.grond.weigering import (
    Aangetast,
    BusFout,
    Fout,
    NietGevonden,
    OpslagFout,
    Overbelast,
    SleutelHergebruikt,
    VersieVerouderd,
    Weigering,
)
from schakel.kern.opslag import PersistenceError
from schakel.kern.zicht.logboek import meld_onverwacht
from schakel.kern.zicht.meten import ANDERE, METHODEN

from .omloop import Omloop
from .strikt import Veldfout, toonbaar

MEDIATYPE: Final = "application/problem+json"
MEESTE_FOUTEN: Final = 20
_TYPE: Final = "urn:problem-type:schakel:"

_BEKEND: Final[Mapping[int, tuple[str, str, str]]] = {
    400: ("ongeldig", "Ongeldig verzoek", "het verzoek is niet te begrijpen"),
    404: ("niet-gevonden", "Niet gevonden", "dit adres bestaat niet"),
    405: ("methode-onbekend", "Methode niet toegestaan", "dit adres kent deze methode niet"),
    500: ("interne-fout", "Interne fout", "er ging bij ons iets mis; probeer het later opnieuw"),
}


class Invoerfout(BaseModel):
    """One thing that is wrong with the input."""

    veld: Annotated[str, Field(description="Waar het staat, bijvoorbeeld `onderdeel.naam`.")]
    regel: Annotated[str, Field(description="De regel die niet klopt, als code.")]
    uitleg: str


class Probleem(BaseModel):
    """Why a request was not done, and what would help."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": True})

    type: Annotated[str, Field(description="De soort fout, als URI.")]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    instance: Annotated[str, Field(description="Dit ene voorval; noem het bij een vraag hierover.")]
    code: Annotated[str, Field(description="De fout als code, voor programma's.")]
    fouten: Annotated[
        list[Invoerfout] | None, Field(description="Bij ongeldige invoer: alles wat niet klopt.")
    ] = None
    toegestaan: Annotated[
        list[str] | None, Field(description="Bij een geweigerde stap: wat nu wel kan.")
    ] = None


class GeenHttp(Fout):
    """Whoever stands in between may read this request as another one: the connection ends."""


class TeGroot(Fout):
    """The body is larger than the limit."""


class TeTraag(Fout):
    """The body did not arrive in time."""


class VerkeerdMediatype(Fout):
    """The body is not application/json."""


class NietLeverbaar(Fout):
    """``Accept`` excludes everything this API can answer with."""


class NietAangemeld(Fout):
    """No valid token; the answer is the same whatever is wrong with it."""

    def __init__(self) -> None:
        """One text for every reason: it must not help who guesses."""
        super().__init__("niet-aangemeld", "geef een geldig toegangstoken mee")


class GeenToegang(Fout):
    """Known, but without a role that may do this; ``rollen`` are those that may."""

    def __init__(self, rollen: Sequence[str]) -> None:
        """Names the roles, so that the asker knows whom to turn to."""
        super().__init__("geen-toegang", f"dit vraagt een van deze rollen: {', '.join(rollen)}")
        self.rollen = tuple(rollen)


class SleutelsOnbereikbaar(Fout):
    """Tokens cannot be checked because the issuer's keys cannot be read."""


class _Soort(NamedTuple):
    """How an error of ours is told over HTTP."""

    status: int
    titel: str
    koppen: Mapping[str, str] = {}


_SLUIT: Final = {"connection": "close"}
_STRAKS: Final = {"retry-after": "5"}
_SOORTEN: Final[Mapping[type[Exception], _Soort]] = {
    GeenHttp: _Soort(400, "Ongeldig verzoek", _SLUIT),
    NietAangemeld: _Soort(401, "Niet aangemeld", {"www-authenticate": 'Bearer realm="schakel"'}),
    GeenToegang: _Soort(403, "Geen toegang"),
    NietGevonden: _Soort(404, "Niet gevonden"),
    NietLeverbaar: _Soort(406, "Niet leverbaar"),
    TeTraag: _Soort(408, "Verzoek te traag", _SLUIT),
    Weigering: _Soort(409, "Stap geweigerd"),
    SleutelHergebruikt: _Soort(409, "Idempotency-Key hergebruikt"),  # as the RFC draft asks
    VersieVerouderd: _Soort(412, "Versie verouderd"),
    TeGroot: _Soort(413, "Verzoek te groot", _SLUIT),
    VerkeerdMediatype: _Soort(415, "Mediatype niet ondersteund", {"accept": "application/json"}),
    Aangetast: _Soort(500, "Inhoud aangetast"),
    Overbelast: _Soort(503, "Tijdelijk niet beschikbaar", {"retry-after": "1"}),
    SleutelsOnbereikbaar: _Soort(503, "Tijdelijk niet beschikbaar", _STRAKS),
    OpslagFout: _Soort(503, "Opslag niet beschikbaar", _STRAKS),
    BusFout: _Soort(503, "Bus niet beschikbaar", _STRAKS),
    Fout: _Soort(400, "Ongeldig verzoek"),
}


async def vertaal(request: Request, fout: Exception) -> Response:
    """The one exception handler: from whatever was raised to the answer."""
    omloop: Omloop = request.scope["schakel"]
    inhoud, koppen = _probleem(fout, request)
    return antwoord(omloop, inhoud, koppen)


def antwoord(omloop: Omloop, inhoud: dict[str, Any], koppen: Mapping[str, str]) -> Response:
    """Finishes a problem: its type and occurrence, and the code for the log."""
    omloop.code = inhoud["code"]
    c = omloop.correlatie
    eigen = {
        "type": _TYPE + inhoud["code"],
        "instance": f"urn:uuid:{c[:8]}-{c[8:12]}-{c[12:16]}-{c[16:20]}-{c[20:]}",
    }
    return Response(
        msgspec.json.encode(eigen | inhoud), inhoud["status"], dict(koppen), media_type=MEDIATYPE
    )


def van_fout(fout: Fout) -> tuple[dict[str, Any], dict[str, str]]:
    """Body and headers for one of our own errors."""
    status, titel, koppen = next(_SOORTEN[s] for s in type(fout).__mro__ if s in _SOORTEN)
    inhoud: dict[str, Any] = {
        "title": titel,
        "status": status,
        "detail": fout.uitleg,
        "code": fout.code,
    }
    if isinstance(fout, Weigering):
        inhoud["toegestaan"] = fout.toegestaan
    if isinstance(fout, GeenToegang):
        inhoud["rollen"] = fout.rollen
    if isinstance(fout, Veldfout):
        inhoud["fouten"] = [
            {"veld": toonbaar(fout.veld), "regel": fout.code, "uitleg": fout.uitleg}
        ]
    return inhoud, dict(koppen)


def _probleem(fout: Exception, request: Request) -> tuple[dict[str, Any], Mapping[str, str]]:
    match fout:
        case Fout():
            return van_fout(fout)
        case PersistenceError():
            return van_fout(OpslagFout("opslag-fout", "de opslag antwoordt nu niet"))
        case RequestValidationError():
            return _ongeldige_invoer(fout), {}
        case HTTPException(status_code=status) if status in _BEKEND:
            return _bekend(status), fout.headers or {}
        case HTTPException(status_code=status):
            return _bekend(400) | {"status": status}, fout.headers or {}
        case _:
            meld_onverwacht(actie_van(request.scope), fout)
            return _bekend(500), {}


def code_van(fout: Exception) -> str:
    """What went wrong, as the code that the answer will have."""
    match fout:
        case Fout():
            return fout.code
        case PersistenceError():
            return "opslag-fout"
        case RequestValidationError():
            return "invoer-ongeldig"
        case _:
            return "interne-fout"


def actie_van(scope: Mapping[str, Any]) -> str:
    """Method and route template: what was asked, without what somebody filled in."""
    methode = scope["method"]
    return f"{methode if methode in METHODEN else ANDERE} {route_van(scope)}"


def route_van(scope: Mapping[str, Any]) -> str:
    """The template of the route that this request came to; a dash when there is none."""
    return str(getattr(scope.get("route"), "path", "-"))


def _bekend(status: int) -> dict[str, Any]:
    code, titel, uitleg = _BEKEND[status]
    return {"title": titel, "status": status, "detail": uitleg, "code": code}


def _ongeldige_invoer(fout: RequestValidationError) -> dict[str, Any]:
    fouten = []
    for een in fout.errors()[:MEESTE_FOUTEN]:
        regel, uitleg = leg_uit(een["type"], een.get("ctx"))
        fouten.append({"veld": _veld(een["loc"]), "regel": regel, "uitleg": uitleg})
    eerste = fouten[0]
    return {
        "title": "Ongeldige invoer",
        "status": 400,
        "detail": f"{eerste['veld']} {eerste['uitleg']}",
        "code": "invoer-ongeldig",
        "fouten": fouten,
    }


def _veld(plaats: Sequence[str | int]) -> str:
    """``("body", "naar", 0, "dienst")`` as ``naar[0].dienst``."""
    if len(plaats) == 1:
        return str(plaats[0])
    veld = ""
    for deel in plaats[1:]:
        veld += f"[{deel}]" if isinstance(deel, int) else f".{deel}" if veld else deel
    return toonbaar(veld)
