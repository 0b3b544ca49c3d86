"""What an address leads to: the API under /v1, what stands beside it, or nothing at all."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from schakel.kern.grond.weigering import NietGevonden, Overbelast

from .gezondheid import Gereedheid
from .omloop import omloop_van
from .problemen import antwoord, van_fout

BASIS: Final = "/v1"
OPENAPI: Final = f"{BASIS}/openapi.json"
GEZONDHEID: Final = frozenset({"/gezond", "/klaar"})
METINGEN: Final = "/metrics"
_BUITEN: Final = frozenset({OPENAPI, BASIS + METINGEN})


class Wegwijzer:
    """Plain ASGI instead of mounts, which every request would pay for."""

    def __init__(self, api: ASGIApp, gereedheid: Gereedheid, openapi: Callable[[], bytes]) -> None:
        """``openapi`` gives the description of the API, which anyone may read."""
        self._api = api
        self._gereedheid = gereedheid
        self._openapi = openapi

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        pad = scope.get("path", "")
        if scope["type"] != "http" or pad == METINGEN:
            await self._api(scope, receive, send)
        elif pad.startswith(BASIS + "/") and pad not in _BUITEN:
            scope["root_path"] = BASIS
            await self._api(scope, receive, send)
        else:
            await (await self._beantwoord(scope))(scope, receive, send)

    async def _beantwoord(self, scope: Scope) -> Response:
        pad = scope["path"]
        if pad != OPENAPI and pad not in GEZONDHEID:
            raise NietGevonden("niet-gevonden", "dit adres bestaat niet")
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"allow": "GET, HEAD"})
        if pad == OPENAPI:
            vrij = {"access-control-allow-origin": "*"}
            return Response(self._openapi(), 200, vrij, media_type="application/json")
        if pad == "/gezond":
            return _json({"status": "gezond"})
        return await self._klaar(scope)

    async def _klaar(self, scope: Scope) -> Response:
        klaar, staten = await self._gereedheid.vraag()
        delen: dict[str, Any] = {"onderdelen": staten}
        if toelichting := self._gereedheid.toelichting():
            delen["toelichting"] = toelichting
        if klaar:
            return _json({"status": "klaar", **delen})
        fout = Overbelast("niet-klaar", "deze dienst kan zijn werk nu niet doen")
        inhoud, koppen = van_fout(fout)
        return antwoord(omloop_van(scope), inhoud | delen, koppen)


def _json(inhoud: Mapping[str, Any]) -> Response:
    return Response(msgspec.json.encode(inhoud), media_type="application/json")
