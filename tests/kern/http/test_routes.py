"""No route without an answer to who may use it."""

from typing import Any

import pytest
from fastapi import APIRouter, Depends
from tests.kern.http.proefdienst import proefapp

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.http import OnbeschermdeRoute, Rol, Router, openbaar, vereist


def bouw(instellingen: Instellingen, router: Any) -> None:
    proefapp(instellingen, routers=[router])


def test_een_route_die_niemand_iets_vraagt_houdt_de_bouw_tegen(instellingen: Instellingen) -> None:
    router = Router()

    @router.get("/open")
    async def open_() -> dict[str, str]:
        """Vergeten."""
        return {}

    with pytest.raises(OnbeschermdeRoute, match="/open: vraag een rol"):
        bouw(instellingen, router)


def test_een_route_is_niet_tegelijk_openbaar_en_beschermd(instellingen: Instellingen) -> None:
    router = Router()

    @router.get("/beide", dependencies=[Depends(openbaar), Depends(vereist(Rol.LEZER))])
    async def beide() -> dict[str, str]:
        """Onduidelijk."""
        return {}

    with pytest.raises(OnbeschermdeRoute):
        bouw(instellingen, router)


def test_een_gewone_fastapi_route_komt_er_niet_in(instellingen: Instellingen) -> None:
    router = APIRouter()

    @router.get("/gewoon", dependencies=[Depends(vereist(Rol.LEZER))])
    async def gewoon() -> dict[str, str]:
        """Zonder onze controles."""
        return {}

    with pytest.raises(OnbeschermdeRoute, match="/gewoon"):
        bouw(instellingen, router)


def test_een_rol_noemen_is_verplicht() -> None:
    with pytest.raises(ValueError, match="minstens een rol"):
        vereist()
