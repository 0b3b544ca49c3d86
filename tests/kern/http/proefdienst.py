"""A small service of its own, so that kern's tests need no other package."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.kop import Identiteit, Kop
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.grond.weigering import NietGevonden, OpslagFout, VersieVerouderd, Weigering
from schakel.kern.http import (
    Rol,
    Router,
    Webdienst,
    Zoekvraag,
    etag,
    maak_app,
    opdracht,
    openbaar,
    vereist,
)


class Kleur(StrEnum):
    ROOD = "rood"
    BLAUW = "blauw"


class Maker(Verzoek):
    naam: Annotated[str, Field(max_length=20)]
    leeftijd: Annotated[int, Field(ge=0, le=150)] | None = None


class Doos(Verzoek):
    tekst: Annotated[str, Field(min_length=1, max_length=200)]
    maker_van: Maker | None = None
    kleur: Kleur = Kleur.ROOD
    is_open: bool = False
    gewicht: Annotated[float, Field(ge=0, le=1_000_000)] = 0
    op: AwareDatetime | None = None
    kenmerk: UUID | None = None
    delen: Annotated[tuple[Maker, ...], Field(max_length=3)] = ()


class Gemaakt(BaseModel):
    sleutel: str
    digest: str
    versie: int | None
    wie: str
    rol: Rol


class Filter(Zoekvraag):
    limiet: Annotated[int, Field(ge=1, le=200)] = 50
    is_open: bool = True


ZAAK = "0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d10"
GEHEIM = "Willemijn van Buren, 06-12345678"


def proefrouter() -> Router:
    router = Router()

    @router.post("/dozen", status_code=201)
    async def maak_doos(
        doos: Doos,
        kop: Annotated[Kop, Depends(opdracht(Rol.INTAKER, Rol.BEHANDELAAR))],
        r: Response,
    ) -> Gemaakt:
        """Maak een doos."""
        r.headers["ETag"] = etag(1)
        return Gemaakt(
            sleutel=kop.sleutel,
            digest=kop.digest.hex(),
            versie=kop.als_versie,
            wie=kop.door.wie,
            rol=kop.rol,
        )

    @router.get("/dozen")
    async def toon_dozen(
        filters: Annotated[Filter, Query()],
        wie: Annotated[Identiteit, Depends(vereist(Rol.LEZER))],
    ) -> dict[str, Any]:
        """Toon de dozen."""
        return {"wie": wie.wie, "limiet": filters.limiet, "open": filters.is_open}

    @router.get("/dozen/{doosId}", dependencies=[Depends(vereist(Rol.LEZER, Rol.BEHEERDER))])
    def toon_doos(doosId: UUID, kleur: Annotated[list[Kleur], Query()] = []) -> dict[str, Any]:  # noqa: B006, N803
        """Toon een doos."""
        return {"doosId": doosId, "kleur": kleur}

    @router.delete("/dozen/{doosId}", dependencies=[Depends(vereist(Rol.BEHEERDER))])
    def verwijder_doos(doosId: UUID) -> dict[str, Any]:  # noqa: N803
        """Verwijder een doos."""
        return {}

    _voeg_fouten_toe(router)
    return router


def _voeg_fouten_toe(router: Router) -> None:
    @router.get("/fouten/{soort}", dependencies=[Depends(openbaar)])
    async def maak_fout(soort: str) -> dict[str, Any]:
        """Laat zien wat er bij een fout gebeurt."""
        match soort:
            case "weigering":
                raise Weigering("al-dicht", "deze doos is al dicht", ["openingen", "sluitingen"])
            case "verouderd":
                raise VersieVerouderd("versie-verouderd", "de doos is intussen versie 4")
            case "weg":
                raise NietGevonden("doos-onbekend", "deze doos bestaat niet")
            case "opslag":
                raise OpslagFout("opslag-vol", "de schijf is vol")
            case "antwoord":
                return {"half": float("nan"), "niet": object()}
            case _:
                raise KeyError(GEHEIM)


def proefapp(instellingen: Instellingen, **anders: Any) -> Webdienst:
    opties: dict[str, Any] = {
        "dienst": "proef",
        "titel": "Proef",
        "omschrijving": "Een dienst om mee te proeven.",
        "versie": "1.2.3",
        "routers": [proefrouter()],
    }
    return maak_app(**(opties | anders), instellingen=instellingen)
