"""Calling a partner that calls us too: who resumes undoes the session of the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from time import monotonic

import httpx
import pytest
from msgspec.structs import replace

from schakel.bewijs import Ondertekenaar
from schakel.grens.beller import Beller
from schakel.grens.fouten import Golffout
from schakel.grens.kanaal import Partnerkanaal
from schakel.grens.verbinding import vergeet_sessies
from schakel.grens.vormen import Logboekhervatting, Ontvangst
from schakel.kern.vastlegging.schrijver import Schrijver
from schakel.kern.vastlegging.transactie import AlleenRijen

from .contract import overeenkomst
from .test_verkeer import Kant, hervat, pagina_van, stuur
from .zijden import A, B


def met(status: int, inhoud: bytes) -> httpx.Response:
    """An answer that is read as it comes."""

    async def stroom() -> AsyncIterator[bytes]:
        yield inhoud

    return httpx.Response(status, content=stroom())


async def als_luisteraar(b: Kant, vraag: httpx.Request) -> httpx.Response:
    """What the listener of ``b`` answers; who waits for news, waits a tenth of a second."""
    wat, verkeer = vraag.url.path.rpartition("/")[2], b.zijde.verkeer
    try:
        match vraag.method, wat:
            case "POST", "hervattingen":
                zij = Logboekhervatting.lees(vraag.content)
                return met(200, b.zijde.doe(verkeer.hervat, zij).schrijf())
            case "POST", "paginas":
                inname = b.zijde.doe(verkeer.neem_pagina, vraag.content)
                return met(200, inname.ontvangst.schrijf())
            case "POST", _:
                b.zijde.doe(verkeer.neem_ontvangst, Ontvangst.lees(vraag.content))
                return met(204, b"")
            case _, "ontvangstbewijzen":
                return met(200, b.zijde.doe(verkeer.ontvangst).schrijf())
        vragen = vraag.url.params
        for _ in range(5):
            pagina = b.zijde.doe(verkeer.pagina, vragen["sessie"], int(vragen["vanaf"]))
            if pagina is not None:
                return met(200, pagina.schrijf())
            await asyncio.sleep(0.02)
    except Golffout as fout:
        return met(fout.status, b'{"code":"%s"}' % fout.code.encode())
    return met(204, b"")


async def bel(
    kanaal: Partnerkanaal,
    beantwoord: Callable[[httpx.Request], Awaitable[httpx.Response]],
    tot: Callable[[], bool],
    klok: Callable[[], float] = monotonic,
) -> None:
    """Call, and call again at once, until something is so."""

    async def meteen(_: float) -> None:
        """Nobody waits here."""

    async with httpx.AsyncClient(transport=httpx.MockTransport(beantwoord)) as klant:
        beller = Beller(kanaal.verkeer.partij, kanaal, klant, slaap=meteen, klok=klok)
        taak = asyncio.create_task(beller.draai())
        async with asyncio.timeout(10):
            while not tot():  # noqa: ASYNC110 - it tells when asked
                await asyncio.sleep(0.01)
        taak.cancel()
        await asyncio.wait([taak])


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

    await bel(kanaal, beantwoord, tot=lambda: b.zijde.bladen("in") == (b"een",))
    assert geroepen == ["paginas", "paginas"]
    await schrijver.sluit()
    for een in (a, b):
        een.sluit()


async def test_wie_terugvraagt_wat_de_ander_ook_verloor_hervat_opnieuw(tmp_path: Path) -> None:
    """Only A calls: B, put back after it said what it had, would never say that it has less."""
    getekend = overeenkomst({A: {"adres": None}, B: {"adres": "https://localhost:9"}}, beller=A)
    a, b = (Kant(wie, tmp_path / f"{wie}.db", getekend) for wie in "AB")
    kopieen = [een.kopieer(tmp_path / een.wie) for een in (a, b)]
    hervat(a, b)
    a.zeg(b"een")
    assert stuur(a, b)
    a.zet_terug(kopieen[0])
    vraag = a.zijde.doe(a.zijde.verkeer.begin_hervatting)
    antwoord = b.zijde.doe(b.zijde.verkeer.hervat, vraag)
    a.zijde.doe(a.zijde.verkeer.rond_hervatting, antwoord)
    assert a.zijde.verkeer.verbinding().achterop
    b.zet_terug(kopieen[1])
    schrijver = Schrijver(AlleenRijen(a.zijde.opslag), lambda: a.zijde.nu)
    kanaal = Partnerkanaal(schrijver, a.zijde.verkeer)
    geroepen: list[str] = []

    async def beantwoord(vraag: httpx.Request) -> httpx.Response:
        geroepen.append(vraag.url.path.rpartition("/")[2])
        if geroepen[-1] == "hervattingen":
            gezegd = b.zijde.doe(b.zijde.verkeer.hervat, Logboekhervatting.lees(vraag.content))
            return met(200, gezegd.schrijf())
        with pytest.raises(Golffout) as fout:
            b.zijde.verkeer.geef_bladen(0)
        return met(409, b'{"code":"%s"}' % fout.value.code.encode())

    await bel(kanaal, beantwoord, tot=lambda: a.zijde.verkeer.verbinding().is_hervat)
    assert geroepen[:2] == ["bladen", "hervattingen"]
    await schrijver.sluit()
    for een in (a, b):
        een.sluit()


async def test_een_bewijs_dat_niet_aankwam_wordt_opnieuw_gegeven(tmp_path: Path) -> None:
    """Only A calls: it fetched all there is, and B heard of it by nothing else."""
    getekend = overeenkomst({A: {"adres": None}, B: {"adres": "https://localhost:9"}}, beller=A)
    a, b = (Kant(wie, tmp_path / f"{wie}.db", getekend) for wie in "AB")
    hervat(a, b)
    b.zeg(b"terug")
    schrijver = Schrijver(AlleenRijen(a.zijde.opslag), lambda: a.zijde.nu)
    kanaal = Partnerkanaal(schrijver, a.zijde.verkeer)
    gegeven: list[bytes] = []

    async def beantwoord(vraag: httpx.Request) -> httpx.Response:
        if vraag.method == "POST":
            gegeven.append(vraag.content)
            if len(gegeven) == 1:
                raise httpx.ConnectError("weg")
            b.zijde.doe(b.zijde.verkeer.neem_ontvangst, Ontvangst.lees(vraag.content))
            return met(204, b"")
        vragen = vraag.url.params
        sessie, vanaf = vragen["sessie"], int(vragen["vanaf"])
        pagina = b.zijde.doe(b.zijde.verkeer.pagina, sessie, vanaf)
        await asyncio.sleep(0.01)
        return met(204, b"") if pagina is None else met(200, pagina.schrijf())

    await bel(kanaal, beantwoord, tot=lambda: b.zijde.verkeer.verbinding().vanaf == 1)
    assert gegeven[0] == gegeven[1]
    await schrijver.sluit()
    for een in (a, b):
        een.sluit()


@pytest.mark.parametrize("gezegd", [(b"terug",), ()], ids=["een pagina genomen", "niets genomen"])
async def test_een_bewijs_dat_een_val_tegenhield_wordt_na_de_start_eenmaal_gegeven(
    tmp_path: Path, gezegd: tuple[bytes, ...]
) -> None:
    """Only A calls: it was killed between taking the page in and giving the receipt for it."""
    getekend = overeenkomst({A: {"adres": None}, B: {"adres": "https://localhost:9"}}, beller=A)
    a, b = (Kant(wie, tmp_path / f"{wie}.db", getekend) for wie in "AB")
    hervat(a, b)
    for blad in gezegd:
        b.zeg(blad)
        a.zijde.doe(a.zijde.verkeer.neem_pagina, pagina_van(b))
    schrijver = Schrijver(AlleenRijen(a.zijde.opslag), lambda: a.zijde.nu)
    kanaal = Partnerkanaal(schrijver, a.zijde.verkeer)
    geroepen: list[str] = []

    async def beantwoord(vraag: httpx.Request) -> httpx.Response:
        geroepen.append(vraag.method)
        if vraag.method == "POST":
            b.zijde.doe(b.zijde.verkeer.neem_ontvangst, Ontvangst.lees(vraag.content))
        await asyncio.sleep(0.01)
        return met(204, b"")

    await bel(kanaal, beantwoord, tot=lambda: len(geroepen) > 6)
    assert geroepen.count("POST") == len(gezegd)
    assert b.zijde.verkeer.verbinding().vanaf == len(gezegd)
    await schrijver.sluit()
    for een in (a, b):
        een.sluit()


@pytest.mark.parametrize("beller", [A, "zender"], ids=["een belt voor beide", "elk het zijne"])
async def test_twee_replicas_maken_elkaars_hervatting_niet_steeds_ongedaan(
    tmp_path: Path, beller: str
) -> None:
    """Both call for A, on its one store; B starts anew, and each hears that its session is over."""
    adres = {"adres": "https://localhost:9"}
    getekend = overeenkomst({A: adres, B: adres}, beller=beller)
    a, b = (Kant(wie, tmp_path / f"{wie}.db", getekend) for wie in "AB")
    hervat(a, b)
    schrijver = Schrijver(AlleenRijen(a.zijde.opslag), lambda: a.zijde.nu)
    kanalen = [Partnerkanaal(schrijver, a.zijde.verkeer) for _ in range(2)]
    geroepen: list[str] = []

    async def beantwoord(traag: float, vraag: httpx.Request) -> httpx.Response:
        geroepen.append(vraag.url.path.rpartition("/")[2])
        await asyncio.sleep(traag)
        return await als_luisteraar(b, vraag)

    async def zeg() -> None:
        await asyncio.sleep(0.1)
        b.zijde.doe(vergeet_sessies)
        for n in range(60):
            await asyncio.sleep(0.02)
            for kanaal in kanalen[:1]:
                with suppress(Golffout):
                    await kanaal.zeg([b"%d" % n])
            b.zeg(b"terug %d" % n)

    zegt = asyncio.create_task(zeg())
    bellers = [
        bel(kanaal, partial(beantwoord, traag), tot=zegt.done)
        for kanaal, traag in zip(kanalen, (0.01, 0.03), strict=True)
    ]
    await asyncio.gather(*bellers)
    assert geroepen.count("paginas") > 10
    assert 1 <= geroepen.count("hervattingen") <= 10  # some may cross
    assert "hervattingen" not in geroepen[-20:], "they did not come to rest"
    assert a.zijde.verkeer.verbinding().is_hervat
    assert b.zijde.bladen("in")
    assert bool(a.zijde.bladen("in")) is (beller == A)
    await schrijver.sluit()
    for een in (a, b):
        een.sluit()


async def test_een_pagina_die_een_andere_replica_achterhaalde_hervat_niets(tmp_path: Path) -> None:
    """It was fetched in a session that the other replica replaced before it was taken in."""
    getekend = overeenkomst({A: {"adres": None}, B: {"adres": "https://localhost:9"}}, beller=A)
    a, b = (Kant(wie, tmp_path / f"{wie}.db", getekend) for wie in "AB")
    hervat(a, b)
    b.zeg(b"terug")
    schrijver = Schrijver(AlleenRijen(a.zijde.opslag), lambda: a.zijde.nu)
    kanaal = Partnerkanaal(schrijver, a.zijde.verkeer)
    geroepen: list[str] = []

    async def beantwoord(vraag: httpx.Request) -> httpx.Response:
        geroepen.append(vraag.url.path.rpartition("/")[2])
        await asyncio.sleep(0.01)
        if vraag.method == "POST":
            assert geroepen[-1] == "ontvangstbewijzen"
            b.zijde.doe(b.zijde.verkeer.neem_ontvangst, Ontvangst.lees(vraag.content))
            return met(204, b"")
        vragen = vraag.url.params
        pagina = b.zijde.doe(b.zijde.verkeer.pagina, vragen["sessie"], int(vragen["vanaf"]))
        if len(geroepen) == 1:
            vraag_ = await kanaal.begin_hervatting()
            antwoord = b.zijde.doe(b.zijde.verkeer.hervat, vraag_)
            await kanaal.rond_hervatting(antwoord)
        return met(204, b"") if pagina is None else met(200, pagina.schrijf())

    await bel(kanaal, beantwoord, tot=lambda: b.zijde.verkeer.verbinding().vanaf == 1)
    assert "hervattingen" not in geroepen
    assert a.zijde.bladen("in") == (b"terug",)
    await schrijver.sluit()
    for een in (a, b):
        een.sluit()


async def test_een_plaats_zonder_bewijs_wordt_alsnog_bewezen_en_na_een_uur_alarm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a resumption a receipt of an unknown key is a place; its proof is asked for."""
    adres = {"adres": "https://localhost:9"}
    getekend = overeenkomst({A: adres, B: adres}, beller="zender")
    a, b = (Kant(wie, tmp_path / f"{wie}.db", getekend) for wie in "AB")
    hervat(a, b)
    a.zeg(b"een")
    b.zijde.doe(b.zijde.verkeer.neem_pagina, pagina_van(a))
    punt = b.zijde.verkeer.stand_in().punt
    vreemd = str(punt.ontvang(Ondertekenaar(f"schakel/{B}/{A}", b"x" * 32), 1))
    goed = b.zijde.doe(b.zijde.verkeer.ontvangst)
    vraag = a.zijde.doe(a.zijde.verkeer.begin_hervatting)
    antwoord = b.zijde.doe(b.zijde.verkeer.hervat, vraag)
    half = replace(antwoord.ontvangen, ontvangstbewijs=vreemd)
    a.zijde.doe(a.zijde.verkeer.rond_hervatting, replace(antwoord, ontvangen=half))
    assert (a.zijde.verkeer.verbinding().vanaf, a.zijde.verkeer.mist_bewijs()) == (1, True)
    schrijver = Schrijver(AlleenRijen(a.zijde.opslag), lambda: a.zijde.nu)
    kanaal = Partnerkanaal(schrijver, a.zijde.verkeer)
    gevraagd: list[str] = []
    uren = iter([0.0] * 12 + [3600.0] * 100_000)

    async def beantwoord(vraag: httpx.Request) -> httpx.Response:
        gevraagd.append(f"{vraag.method} {vraag.url.path.rpartition('/')[2]}")
        await asyncio.sleep(0.01)
        gegeven = vreemd if len(gevraagd) < 8 else goed.ontvangstbewijs
        return met(200, Ontvangst(1, gegeven).schrijf())

    def is_bewezen() -> bool:
        return not a.zijde.verkeer.mist_bewijs()

    await bel(kanaal, beantwoord, tot=is_bewezen, klok=lambda: next(uren))
    assert gevraagd == ["GET ontvangstbewijzen"] * 8
    assert 0 < "".join(capsys.readouterr()).count("ontvangstbewijs_ontbreekt") < 7
    await schrijver.sluit()
    for een in (a, b):
        een.sluit()


async def test_wie_geen_bewijs_krijgt_gaat_na_een_minuut_verder_met_een_hervatting(
    tmp_path: Path,
) -> None:
    """Both changed keys at once: what makes the receipt one stands behind what waits for it."""
    adres = {"adres": "https://localhost:9"}
    getekend = overeenkomst({A: adres, B: adres}, beller="zender")
    a, b = (Kant(wie, tmp_path / f"{wie}.db", getekend) for wie in "AB")
    hervat(a, b)
    a.zeg(b"een")
    schrijver = Schrijver(AlleenRijen(a.zijde.opslag), lambda: a.zijde.nu)
    kanaal = Partnerkanaal(schrijver, a.zijde.verkeer)
    vreemd = Ondertekenaar(f"schakel/{B}/{A}", b"x" * 32)
    geroepen: list[str] = []
    seconden = count()

    async def beantwoord(vraag: httpx.Request) -> httpx.Response:
        geroepen.append(f"{vraag.method} {vraag.url.path.rpartition('/')[2]}")
        antwoord = await als_luisteraar(b, vraag)
        if geroepen[-1] == "POST hervattingen":
            await kanaal.zeg([b"twee"])
            return antwoord
        stand = b.zijde.verkeer.stand_in()
        gegeven = Ontvangst(stand.omvang, str(stand.punt.ontvang(vreemd, 1)))
        return met(200, gegeven.schrijf())

    def is_verder() -> bool:
        return b.zijde.bladen("in") == (b"een", b"twee")

    await bel(kanaal, beantwoord, tot=is_verder, klok=lambda: float(next(seconden)))
    assert geroepen.count("POST paginas") == 2
    assert geroepen.count("POST hervattingen") == 1
    assert geroepen.count("GET ontvangstbewijzen") > 5
    await schrijver.sluit()
    for een in (a, b):
        een.sluit()
