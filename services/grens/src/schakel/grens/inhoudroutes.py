"""The API of the grens for texts: what partners wrote, for who works with it here."""

from typing import Annotated, Literal

import msgspec
from fastapi import Depends, Path
from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from schakel.contracts.organisatie import OIN
from schakel.contracts.schakels.woorden import MEESTE, Kant
from schakel.kern.grond.kop import Identiteit
from schakel.kern.http import Rol, Router, vereist
from schakel.kern.http.klantadres import omgeving_van
from schakel.kern.http.omloop import omloop_van
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.audit import Handeling

from .http import INZIEN, SchakelId
from .inhoud import LEZEN, Inhouden
from .inhoudlijst import Tekstbericht, van_schakel
from .schakel import Tekstplek

Partneroin = Annotated[str, StringConstraints(pattern=f"^{OIN}$"), Path(alias="oin")]
Berichtnummer = Annotated[int, Field(ge=1, le=MEESTE)]
Lezer = Annotated[Identiteit, Depends(vereist(Rol.BEHANDELAAR, Rol.SYSTEEM))]
_CODEER = msgspec.json.Encoder().encode


def maak_inhoudrouter(opslag: Opslag, inhouden: Inhouden) -> Router:
    """Where a ``dataref`` of the grens leads, and what there is."""
    router = Router(tags=["schakels"])

    @router.get("/partners/{oin}/schakels/{schakelId}/inhoud/{kant}/{nummer}")
    async def toon_inhoud(
        oin: Partneroin,
        schakel_id: SchakelId,
        kant: Literal["v", "u"],
        nummer: Berichtnummer,
        lezer: Lezer,
        request: Request,
    ) -> Response:
        """Wat de partner bij een bericht schreef; dat u het las wordt vastgelegd."""
        bericht = Tekstbericht(schakel_id, Tekstplek(Kant(kant), nummer))
        omloop = omloop_van(request.scope)
        rol = omloop.rol.value if omloop.rol else ""
        vanwaar, spoor = omgeving_van(omloop.adres), omloop.correlatie
        wie = Handeling(lezer.wie, rol, LEZEN, str(bericht), vanwaar, spoor)
        tekst = await inhouden.lees(oin, bericht, wie)
        return _json({"inhoud": {"tekst": tekst}})

    @router.get("/schakels/{schakelId}/inhoud", dependencies=[INZIEN])
    def toon_teksten(schakel_id: SchakelId) -> Response:
        """Bij welke berichten een tekst hoort, en of die is waar zij moet zijn; zonder de tekst."""
        return _json({"teksten": van_schakel(opslag, schakel_id)})

    return router


def _json(waarde: object) -> Response:
    return Response(_CODEER(waarde), media_type="application/json")
