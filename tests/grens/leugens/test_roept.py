"""Lies in what a partner answers when we call it."""

import json
from collections.abc import Callable, Mapping

import pytest
from tests.grens.leugens.golf import b64
from tests.grens.leugens.over_bewijzen import (
    Bewering,
    ander_bit,
    andere_wortel,
    boven_onze_omvang,
    geen_note,
    vreemd,
)
from tests.grens.leugens.over_hervattingen import ander_verleden, ontvangen_als
from tests.grens.leugens.over_paginas import SLECHT, kopie
from tests.grens.leugens.over_vormen import Buig
from tests.grens.leugens.partner import Antwoord, fout
from tests.grens.leugens.roept import Gesprek, Vervang, gesprek, stroom
from tests.grens.leugens.toneel import Toneel


def pagina(buig: Buig) -> Vervang:
    """A bad page in the place of the true one."""

    def vervang(spel: Toneel, _: Antwoord) -> Antwoord:
        partner = spel.partner
        eerlijk = partner.zender
        partner.zender = kopie(eerlijk)
        partner.zender.zeg(*(spel.blad() for _ in range(spel.r.randint(3, 6))))
        gebogen = buig(spel, partner.pagina())
        partner.zender = eerlijk
        assert isinstance(gebogen, dict)
        return 200, gebogen

    return vervang


def bewijs(zeg: Bewering) -> Vervang:
    """Another receipt in the place of the true one."""

    def vervang(spel: Toneel, _: Antwoord) -> Antwoord:
        omvang, note = zeg(spel)
        return 200, {"omvang": omvang, "ontvangstbewijs": note}

    return vervang


async def staat_stil(een: Gesprek, reden: str, gezegd: bytes) -> None:
    """It stopped, once, with what was said kept; it calls no more until a person begins anew."""
    spel = een.spel
    await een.tot(lambda: spel.kanaal.verkeer.verbinding().gestopt is not None)
    await een.tot(lambda: len(spel.gezien().stukken) > 0)
    geroepen = len(een.oproepen)
    for _ in range(5):
        await een.spel.kanaal.wacht_op_nieuws(0.01)
    assert len(een.oproepen) <= geroepen + 1, "it went on calling"  # one may be on its way
    ((_, waarom, stuk),) = spel.gezien().stukken
    assert (waarom, spel.kanaal.verkeer.verbinding().gestopt) == (reden, reden)
    assert json.loads(stuk) == json.loads(gezegd)
    await spel.kanaal.start_weer()
    await een.wissel_uit()


PER_REDEN = {reden: naam for naam, (_, reden) in SLECHT.items()}
"""One lie for each reason; that every lie has its reason is seen where pages are brought."""


@pytest.mark.parametrize("naam", PER_REDEN.values())
async def test_een_slechte_pagina_die_wij_halen_zet_de_verbinding_stil(naam: str) -> None:
    buig, reden = SLECHT[naam]
    async with gesprek(1) as een:
        een.op, een.vervang = ("GET", "paginas"), pagina(buig)
        await staat_stil_na(een, reden)


async def staat_stil_na(een: Gesprek, reden: str) -> None:
    await een.tot(lambda: bool(een.gezegd))
    await staat_stil(een, reden, een.gezegd)


@pytest.mark.parametrize("zeg", [andere_wortel, boven_onze_omvang])
async def test_een_ontvangstbewijs_over_iets_anders_zet_de_verbinding_stil(zeg: Bewering) -> None:
    async with gesprek(2) as een:
        een.op, een.vervang = ("POST", "paginas"), bewijs(zeg)
        await een.spel.zeg(een.spel.ons_blad())
        await staat_stil_na(een, "vork")


@pytest.mark.parametrize("zeg", [vreemd, ander_bit, geen_note])
async def test_een_slecht_ontvangstbewijs_wordt_opnieuw_gevraagd(zeg: Bewering) -> None:
    async with gesprek(3) as een:
        een.op, een.vervang = ("POST", "paginas"), bewijs(zeg)
        await een.wissel_uit()
        assert een.vervang is None
        assert ("GET", "ontvangstbewijzen") in een.oproepen
        gebracht = een.gebracht
        assert len({*gebracht}) == len(gebracht), "the page was taken in: it is not sent again"
        assert not een.spel.gezien().stukken


@pytest.mark.parametrize("buig", [ander_verleden, ontvangen_als(andere_wortel)])
async def test_een_hervatting_over_een_ander_verleden_zet_de_verbinding_stil(
    buig: Callable[..., dict[str, object]],
) -> None:
    async with gesprek(4) as een:
        een.op = ("POST", "hervattingen")
        een.vervang = lambda spel, waar: (200, buig(spel, waar[1] or {}))
        een.spel.partner.trek_sessie()  # so that the product has to resume
        await een.spel.zeg(een.spel.ons_blad())
        await staat_stil_na(een, "vork")


async def test_wie_onze_pagina_slecht_noemt_zet_de_verbinding_stil_met_de_pagina_erbij() -> None:
    async with gesprek(5) as een:
        een.op = ("POST", "paginas")
        een.vervang = lambda _spel, _: fout(400, "slechte-pagina", reden="wortel")
        blad = een.spel.ons_blad()
        await een.spel.zeg(blad)
        await een.tot(lambda: bool(een.gezegd))
        verkeer = een.spel.kanaal.verkeer
        tot = verkeer.stand_uit().omvang
        sessie = een.spel.partner.ontvanger.sessie
        note = verkeer.uit.note("controlepunt", tot)
        onze = {"sessie": sessie, "vanaf": tot - 1, "bladen": [b64(blad)], "controlepunt": note}
        await staat_stil(een, "slechte-pagina", json.dumps(onze).encode())


RAAR: Mapping[str, Vervang] = {
    "een doorverwijzing": lambda _s, _: stroom(302, b"", location="https://elders.example/"),
    "geen JSON": lambda _s, _: stroom(200, b"<html>"),
    "een lege 200": lambda _s, _: stroom(200, b""),
    "veel te veel": lambda _s, _: stroom(200, b" " * 786_433),
    "een fout van een tussenstation": lambda _s, _: stroom(502, b"<html>"),
    "een code die niet bestaat": lambda _s, _: fout(400, "verzonnen"),
    "te druk": lambda _s, _: fout(429, "te-druk"),
}


@pytest.mark.parametrize("naam", RAAR)
@pytest.mark.parametrize("op", [("POST", "paginas"), ("GET", "paginas"), ("POST", "hervattingen")])
async def test_een_raar_antwoord_is_weer_dat_overgaat(naam: str, op: tuple[str, str]) -> None:
    async with gesprek(6) as een:
        een.op, een.vervang = op, RAAR[naam]
        if op[1] == "hervattingen":
            een.spel.partner.trek_sessie()
        await een.wissel_uit()
        assert een.vervang is None
        assert not een.spel.gezien().stukken
