"""Calling a partner that calls us too: who resumes undoes the session of the other."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from schakel.grens.beller import Beller
from schakel.grens.kanaal import Partnerkanaal
from schakel.grens.vormen import Logboekhervatting
from schakel.kern.vastlegging.schrijver import Schrijver
from schakel.kern.vastlegging.transactie import AlleenRijen

from .contract import overeenkomst
from .test_verkeer import Kant, hervat
from .zijden import A, B


def met(status: int, inhoud: bytes) -> httpx.Response:
    """An answer that is read as it comes."""

    async def stroom() -> AsyncIterator[bytes]:
        yield inhoud

    return httpx.Response(status, content=stroom())


async def test_een_hervatting_van_de_ander_wordt_niet_met_een_eigen_ongedaan_gemaakt(
    tmp_path: Path,
) -> None:
    """The page was under way when they resumed; it goes once more, in the session that holds."""
    adres = {"adres": "https://localhost:9"}
    getekend = overeenkomst({A: adres, B: adres}, beller="zender")
    a, b = (Kant(wie, tmp_path / f"{wie}.db", getekend) for wie in "AB")
    hervat(a, b)
    a.zeg(b"een")
    schrijver = Schrijver(AlleenRijen(a.zijde.opslag), lambda: a.zijde.nu)
    kanaal = Partnerkanaal(schrijver, a.zijde.verkeer)
    geroepen: list[str] = []

    async def beantwoord(vraag: httpx.Request) -> httpx.Response:
        wat = vraag.url.path.rpartition("/")[2]
        geroepen.append(wat)
        if geroepen == ["paginas"]:
            van_b = b.zijde.doe(b.zijde.verkeer.begin_hervatting)
            antwoord = await kanaal.hervat(van_b)
            b.zijde.doe(b.zijde.verkeer.rond_hervatting, antwoord)
            return met(409, b'{"code":"sessie-onbekend"}')
        if wat == "hervattingen":
            gezegd = b.zijde.doe(b.zijde.verkeer.hervat, Logboekhervatting.lees(vraag.content))
            return met(200, gezegd.schrijf())
        inname = b.zijde.doe(b.zijde.verkeer.neem_pagina, vraag.content)
        return met(200, inname.ontvangst.schrijf())

    async with httpx.AsyncClient(transport=httpx.MockTransport(beantwoord)) as klant:
        taak = asyncio.create_task(Beller(kanaal.verkeer.partij, kanaal, klant).draai())
        async with asyncio.timeout(10):
            while b.zijde.bladen("in") != (b"een",):  # noqa: ASYNC110 - it tells when asked
                await asyncio.sleep(0.01)
        taak.cancel()
        await asyncio.wait([taak])
    assert geroepen == ["paginas", "paginas"]
    await schrijver.sluit()
    for een in (a, b):
        een.sluit()
