"""``/metrics``: what this service measures, for whoever looks after it."""

import asyncio

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from schakel.kern.grond.rollen import Rol
from schakel.kern.zicht.meten import Meten

from .beveiliging import vereist
from .gezondheid import Gereedheid
from .omloop import omloop_van
from .routes import Router
from .wegwijzer import METINGEN


def maak_meetrouter(meten: Meten, gereedheid: Gereedheid) -> Router:
    """The one route that stands beside /v1 and still asks who you are."""
    router = Router(include_in_schema=False)
    mag = [Depends(vereist(Rol.SYSTEEM, Rol.BEHEERDER))]

    @router.get(METINGEN, dependencies=mag, response_class=Response)
    async def toon_metingen(request: Request) -> Response:
        """De metingen van deze dienst, als tekst voor Prometheus."""
        _, onderdelen = await gereedheid.vraag()
        aanvaardt = omloop_van(request.scope).koppen.get(b"accept", b"").decode("latin-1")
        # Standen are looked up in the store, and writing it all down takes milliseconds.
        inhoud, mediatype = await asyncio.to_thread(meten.schrijf, aanvaardt, onderdelen)
        return Response(inhoud, media_type=mediatype)

    return router
