"""The API of the grens inside its own organisation: to see what there is.

What changes something stands in ``beheer``.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, Path, Query
from pydantic import Field
from starlette.responses import Response

from schakel.kern.grond.weigering import NietGevonden
from schakel.kern.http import Rol, Router, vereist
from schakel.kern.http.strikt import Zoekvraag
from schakel.kern.opslag import Opslag

from . import overzicht
from .partners import Partners
from .rem import rem_van

INZIEN = Depends(vereist(Rol.LEZER, Rol.BEHANDELAAR, Rol.INTAKER, Rol.BEHEERDER))
BEHEER = Depends(vereist(Rol.BEHEERDER))
SchakelId = Annotated[UUID, Path(alias="schakelId")]
_CODEER = msgspec.json.Encoder().encode
_STUKKEN = (
    "SELECT nummer, partner, op, reden, length(inhoud) FROM bewijsstukken"
    " WHERE nummer > ? ORDER BY nummer LIMIT ?"
)
_STUK = "SELECT inhoud FROM bewijsstukken WHERE nummer = ?"
Stuknummer = Annotated[int, Field(ge=1, le=2**53 - 1)]


class Bladzijde(Zoekvraag):
    """Which page of the schakels."""

    limiet: Annotated[int, Field(ge=1, le=200)] = 50
    na: UUID | None = None


class Stukkenbladzijde(Zoekvraag):
    """Which page of the evidence."""

    limiet: Annotated[int, Field(ge=1, le=200)] = 50
    na: Annotated[int, Field(ge=0, le=2**53 - 1)] = 0


def maak_router(opslag: Opslag, partners: Partners) -> Router:
    """The routes of the grens."""
    router = Router(tags=["schakels"])

    @router.get("/schakels", dependencies=[INZIEN])
    def toon_schakels(filters: Annotated[Bladzijde, Query()]) -> Response:
        """Wat er over de grens van deze organisatie ging, met de stand aan beide kanten."""
        rijen, volgende = overzicht.lijst(opslag, filters.na, filters.limiet)
        return _json({"schakels": [msgspec.Raw(rij) for rij in rijen], "volgende": volgende})

    @router.get("/schakels/{schakelId}", dependencies=[INZIEN])
    def toon_schakel(schakel_id: SchakelId) -> Response:
        """Een schakel: bij elke partner die haar zo noemt een."""
        rijen = overzicht.met_schakelid(opslag, schakel_id)
        if not rijen:
            raise NietGevonden("niet-gevonden", "deze schakel is hier niet bekend")
        return _json({"schakels": [msgspec.Raw(rij) for rij in rijen]})

    @router.get("/partners", dependencies=[INZIEN])
    def toon_partners() -> Response:
        """De organisaties waarmee nu een overeenkomst geldt, en hoe de verbinding staat."""
        return _json({"partners": [_partner(opslag, lijn) for lijn in partners.alle.values()]})

    @router.get("/bewijsstukken", dependencies=[BEHEER])
    def toon_bewijsstukken(filters: Annotated[Stukkenbladzijde, Query()]) -> Response:
        """Wat een verbinding deed stoppen: wanneer, van wie en waarom."""
        rijen = opslag.vraag(_STUKKEN, (filters.na, filters.limiet))
        namen = ("nummer", "partner", "op", "reden", "bytes")
        return _json({"bewijsstukken": [dict(zip(namen, rij, strict=True)) for rij in rijen]})

    @router.get(
        "/bewijsstukken/{nummer}",
        dependencies=[BEHEER],
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}}},
    )
    def haal_bewijsstuk(nummer: Stuknummer) -> Response:
        """De bytes van een bewijsstuk, zoals zij kwamen."""
        rijen = opslag.vraag(_STUK, (nummer,))
        if not rijen:
            raise NietGevonden("niet-gevonden", f"er is geen bewijsstuk {nummer}")
        naam = f'attachment; filename="bewijsstuk-{nummer}.bin"'
        return Response(
            bytes(rijen[0][0]),
            media_type="application/octet-stream",
            headers={"Content-Disposition": naam},
        )

    return router


def _partner(opslag: Opslag, lijn: Any) -> dict[str, Any]:
    verkeer, inhoud = lijn.verkeer, lijn.partner.nu.inhoud
    verbinding = verkeer.verbinding()
    rem = rem_van(opslag, lijn.partner.zij)
    return {
        "oin": lijn.partner.zij,
        "naam": inhoud.partij(lijn.partner.zij).naam,
        "kenmerk": lijn.partner.nu.kenmerk,
        "geldigTot": inhoud.geldig_tot,
        "isHervat": verbinding.is_hervat,
        "gestopt": verbinding.gestopt,
        "mistLogsleutel": verkeer.mist_logsleutel(),
        "isGeblokkeerd": rem.geblokkeerd,
        "eindigtWij": rem.eindigt or overzicht.is_geeindigd(opslag, verkeer.uit.oorsprong),
        "eindigtZij": overzicht.is_geeindigd(opslag, verkeer.in_.oorsprong),
        "gezegd": verkeer.stand_uit().omvang,
        "ontvangstBevestigd": verbinding.vanaf,
        "gehoord": verkeer.stand_in().omvang,
    }


def _json(waarde: Any) -> Response:
    return Response(_CODEER(waarde), media_type="application/json")
