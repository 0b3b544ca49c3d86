"""Where partners call: these routes and no others, each for the organisation that it names.

Its errors are those of the wire format, which other implementations know: not those of our own API.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from ssl import SSLContext
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from schakel.contracts.schakels.woorden import UUID7, Kant
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import Fout
from schakel.kern.http import Server, Weigervorm
from schakel.kern.http.deur import is_te_lang
from schakel.kern.http.verbindingen import GEDULD as GEDULD_VAN_HET_HUIS
from schakel.kern.http.verbindingen import Fase

from .fouten import Golffout, SlechtePagina, Vork
from .inhoudlijst import Tekstbericht
from .kanaal import Partnerkanaal
from .schakel import Tekstplek
from .vormen import (
    INHOUD_MAX,
    TEKST_MAX,
    Bijgehaald,
    Bladen,
    Logboekhervatting,
    Ontvangst,
    Pagina,
    Tekstinhoud,
)

log = structlog.get_logger()

WACHT_MAX: Final = 20
"""Seconds that a reader may ask to wait for news."""
GEDULD: Final = 30.0
"""Seconds in which a whole request must have come."""
PARTNERGEDULD: Final = {
    **GEDULD_VAN_HET_HUIS,
    Fase.KOP: GEDULD,
    Fase.INHOUD: GEDULD + 1,  # the listener is quicker, and says why it ends
    Fase.RUST: 80.0,  # it is open for another request for three quarters of that
}
"""Seconds that a partner may keep the listener waiting, in each phase."""
OPEN_MAX: Final = 4
"""Calls that one partner may have open."""
API_VERSIE: Final = "1.0.0"
_HERHAAL: Final = 1.0
"""Seconds after which is looked for what another replica said."""

_GETAL: Final = re.compile("0|[1-9][0-9]{0,15}")
_UUID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ROUTE: Final = re.compile(
    "/v1/logboeken/([0-9]{20})/(paginas|ontvangstbewijzen|hervattingen|bladen)"
)
_TEKSTROUTE: Final = re.compile(f"/v1/schakels/({UUID7})/inhoud/(v|u)/([1-9][0-9]{{0,6}})")
_TITELS: Final = {
    400: "Ongeldig",
    401: "Niet herkend",
    403: "Mag niet",
    404: "Onbekend",
    405: "Methode niet toegestaan",
    409: "Kan nu niet",
    410: "Weg",
    411: "Zonder lengte",
    413: "Te groot",
    415: "Mediatype niet ondersteund",
    429: "Te druk",
    503: "Tijdelijk niet beschikbaar",
}

Herken = Callable[[Scope], str | None]
"""The OIN of who calls, as its road proves it; None when it does not."""


class Kanalen(Protocol):
    """The links that there are."""

    def van(self, oin: str) -> Partnerkanaal | None:
        """That with ``oin``, if a contract with it holds now."""


class Teksten(Protocol):
    """The channel for what people wrote; both raise Golffout."""

    async def geef(self, partner: str, bericht: Tekstbericht) -> Tekstinhoud:
        """What we wrote."""

    async def neem(self, partner: str, bericht: Tekstbericht, inhoud: Tekstinhoud) -> None:
        """What they wrote."""


Levensloop = Callable[[Starlette], AbstractAsyncContextManager[None]]
_Handeling = Callable[["_Vraag"], Awaitable[msgspec.Struct | None]]
_Teksthandeling = Callable[[Teksten, "_Vraag", Tekstbericht], Awaitable[Tekstinhoud | None]]


class _Vraag:
    """One call, as far as it was looked at."""

    def __init__(self, request: Request, kanaal: Partnerkanaal) -> None:
        self.request = request
        self.kanaal = kanaal

    async def inhoud(self, hoogstens: int = INHOUD_MAX) -> bytes:
        """The whole body; bounded in size and time."""
        koppen = self.request.headers
        lengte = koppen.get("content-length", "")
        if not lengte.isdigit():
            raise Golffout("zonder-lengte", "noem de lengte van de inhoud")
        if koppen.get("content-encoding", "identity") != "identity":
            raise Golffout("mediatype", "stuur de inhoud zonder Content-Encoding")
        if koppen.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            raise Golffout("mediatype", "stuur de inhoud als application/json")
        if int(lengte) > hoogstens:
            raise Golffout("te-groot", f"de inhoud is meer dan {hoogstens} bytes")
        async with asyncio.timeout(GEDULD):
            return await self.request.body()

    def stopt(self) -> bool:
        """Whether this server takes no more requests: then nobody is kept waiting."""
        stopt: asyncio.Event = self.request.app.state.stopt
        return stopt.is_set()

    def waarde(self, naam: str, patroon: re.Pattern[str], standaard: str | None = None) -> str:
        """Of the query."""
        waarden = self.request.query_params.getlist(naam)
        if not waarden and standaard is not None:
            return standaard
        if len(waarden) != 1 or not patroon.fullmatch(waarden[0]):
            raise Golffout("ongeldig", f"{naam} ontbreekt of klopt niet")
        return waarden[0]


async def _geef_pagina(vraag: _Vraag) -> Pagina | None:
    vanaf = int(vraag.waarde("vanaf", _GETAL))
    sessie = vraag.waarde("sessie", _UUID)
    wacht = int(vraag.waarde("wacht", _GETAL, "0"))
    if wacht > WACHT_MAX:
        raise Golffout("ongeldig", f"wacht is hoogstens {WACHT_MAX}")
    kanaal, lus = vraag.kanaal, asyncio.get_running_loop()
    tot = lus.time() + wacht
    while True:
        kanaal.let_op()
        pagina = await kanaal.pagina(sessie, vanaf)
        rest = tot - lus.time()
        if pagina is not None or rest <= 0 or vraag.stopt():
            return pagina
        klaar = await kanaal.wacht_op_nieuws(min(rest, _HERHAAL))
        if klaar is not None and (klaar.sessie, klaar.vanaf) == (sessie, vanaf):
            return klaar


async def _neem_pagina(vraag: _Vraag) -> Ontvangst:
    return (await vraag.kanaal.neem_pagina(await vraag.inhoud())).ontvangst


async def _neem_ontvangst(vraag: _Vraag) -> None:
    await vraag.kanaal.neem_ontvangst(Ontvangst.lees(await vraag.inhoud()))


async def _geef_ontvangst(vraag: _Vraag) -> Ontvangst:
    return await vraag.kanaal.ontvangst()


async def _hervat(vraag: _Vraag) -> Logboekhervatting:
    return await vraag.kanaal.hervat(Logboekhervatting.lees(await vraag.inhoud()))


async def _geef_bladen(vraag: _Vraag) -> Bladen:
    return await vraag.kanaal.geef_bladen(int(vraag.waarde("vanaf", _GETAL)))


async def _neem_bladen(vraag: _Vraag) -> Bijgehaald:
    return Bijgehaald(await vraag.kanaal.neem_bladen(Bladen.lees(await vraag.inhoud())))


_HANDELINGEN: Final[Mapping[str, Mapping[str, _Handeling]]] = {
    "paginas": {"GET": _geef_pagina, "POST": _neem_pagina},
    "ontvangstbewijzen": {"GET": _geef_ontvangst, "POST": _neem_ontvangst},
    "hervattingen": {"POST": _hervat},
    "bladen": {"GET": _geef_bladen, "POST": _neem_bladen},
}


_KIJKT_ZELF: Final = frozenset({_geef_pagina, _neem_pagina})
"""What happens all day, and looks in its turn whether the link was stopped."""


async def _handel_af(handeling: _Handeling, vraag: _Vraag) -> msgspec.Struct | None:
    """Whatever is asked, and however badly: only a person begins a stopped link anew."""
    loopt = vraag.kanaal.verkeer.loopt
    if handeling not in _KIJKT_ZELF:
        await asyncio.to_thread(loopt)
    try:
        return await handeling(vraag)
    except (SlechtePagina, Vork):  # that is what stopped it
        raise
    except (Golffout, TimeoutError):
        await asyncio.to_thread(loopt)
        raise


async def _geef_tekst(teksten: Teksten, vraag: _Vraag, bericht: Tekstbericht) -> Tekstinhoud:
    return await teksten.geef(vraag.kanaal.partner, bericht)


async def _neem_tekst(teksten: Teksten, vraag: _Vraag, bericht: Tekstbericht) -> None:
    inhoud = Tekstinhoud.lees(await vraag.inhoud(TEKST_MAX))
    await teksten.neem(vraag.kanaal.partner, bericht, inhoud)


_TEKSTHANDELINGEN: Final[Mapping[str, _Teksthandeling]] = {"GET": _geef_tekst, "PUT": _neem_tekst}


class AndereMethode(Golffout):
    """An address that is asked for in a way that it does not know."""

    def __init__(self, mag: Iterable[str]) -> None:
        """``mag`` are the methods that it does know."""
        super().__init__("methode", "dit adres kent deze methode niet")
        self.mag = ", ".join(sorted(mag))


class Luisteraar:
    """The partner listener, as an ASGI application."""

    def __init__(self, kanalen: Kanalen, herken: Herken, teksten: Teksten | None = None) -> None:
        """``herken`` tells who calls; whom we have a contract with, ``kanalen``.

        Without ``teksten`` there is no channel for them.
        """
        self._kanalen = kanalen
        self._herken = herken
        self._teksten = teksten
        self._open: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        request = Request(scope, receive)
        oin = self._herken(scope)
        code = None
        try:
            antwoord = await self._beantwoord(request, oin)
        except ClientDisconnect:
            return
        except (Golffout, TimeoutError, Fout) as fout:
            antwoord, code = _probleem(fout)
        antwoord.headers["api-version"] = API_VERSIE
        antwoord.headers["cache-control"] = "no-store"
        if transactie := request.headers.get("fsc-transaction-id"):
            antwoord.headers["fsc-transaction-id"] = transactie[:64]
        if code is not None:
            log.warning("partner_geweigerd", partner=oin, code=code, resultaat=antwoord.status_code)
        await antwoord(scope, receive, send)

    async def _beantwoord(self, request: Request, oin: str | None) -> Response:
        if is_te_lang(request.scope):
            raise Golffout("ongeldig", "de kop is samen te groot")
        if oin is None:
            raise Golffout("niet-herkend", "wie dit vraagt is niet vast te stellen")
        handeling = self._handeling(request, oin)
        if "transfer-encoding" in request.headers:  # whatever is asked: also what has no body
            raise Golffout("zonder-lengte", "stuur de inhoud in een keer en noem de lengte")
        kanaal = self._kanalen.van(oin)
        if kanaal is None:
            raise Golffout("geen-overeenkomst", "met deze organisatie geldt nu geen overeenkomst")
        if self._open.get(oin, 0) >= OPEN_MAX:
            raise Golffout("te-druk", f"hoogstens {OPEN_MAX} vragen tegelijk")
        self._open[oin] = self._open.get(oin, 0) + 1
        try:
            antwoord = await _handel_af(handeling, _Vraag(request, kanaal))
        finally:
            self._open[oin] -= 1
        if antwoord is None:
            return Response(status_code=204)
        return Response(msgspec.json.encode(antwoord), media_type="application/json")

    def _handeling(self, request: Request, oin: str) -> _Handeling:
        """What this address is for; raises Golffout."""
        if (teksten := self._teksten) and (plek := _TEKSTROUTE.fullmatch(request.url.path)):
            doe = _TEKSTHANDELINGEN.get(request.method)
            if doe is None:
                raise AndereMethode(_TEKSTHANDELINGEN)
            bericht = Tekstbericht(UUID(plek[1]), Tekstplek(Kant(plek[2]), int(plek[3])))
            return lambda vraag: doe(teksten, vraag, bericht)
        if not (route := _ROUTE.fullmatch(request.url.path)):
            raise Golffout("onbekend", "dit adres bestaat niet")
        handeling = _HANDELINGEN[route[2]].get(request.method)
        if handeling is None:
            raise AndereMethode(_HANDELINGEN[route[2]])
        if route[1] != oin:
            raise Golffout("andere-organisatie", "het OIN in het adres is dat van wie vraagt")
        return handeling


def maak_app(luisteraar: Luisteraar, levensloop: Levensloop | None = None) -> Starlette:
    """The listener as the server of the house runs it."""
    app = Starlette(lifespan=levensloop)
    app.router.default = luisteraar
    return app


def _probleem(fout: Exception) -> tuple[Response, str]:
    koppen: dict[str, str] = {}
    match fout:
        case Golffout():
            status, code, uitleg = fout.status, fout.code, fout.uitleg
        case TimeoutError():
            status, code, uitleg = 400, "ongeldig", "de inhoud kwam niet op tijd"
        case _:
            status, code, uitleg = 503, "te-druk", "deze dienst kan dit nu niet; probeer het zo"
    inhoud = _inhoud(status, code, uitleg)
    if isinstance(fout, Golffout) and fout.omvang is not None:
        inhoud["omvang"] = fout.omvang
    if isinstance(fout, SlechtePagina):
        inhoud["reden"] = fout.reden
    if isinstance(fout, AndereMethode):
        koppen["allow"] = fout.mag
    if status == 401:  # noqa: PLR2004
        koppen["www-authenticate"] = "Bearer"
    if status in {429, 503}:
        koppen["retry-after"] = "1"
    if status in {400, 411, 413, 415}:  # what was not read is not read as another request
        koppen["connection"] = "close"
    inhoud_json = msgspec.json.encode(inhoud)
    return Response(inhoud_json, status, koppen, media_type="application/problem+json"), code


def _inhoud(status: int, code: str, uitleg: str) -> dict[str, Any]:
    vast = {"type": "about:blank", "title": _TITELS[status], "status": status}
    return {**vast, "detail": uitleg, "code": code}


WEIGERVORM: Final = Weigervorm(
    ongeldig=msgspec.json.encode(_inhoud(400, "ongeldig", "dit is geen geldig HTTP/1.1")),
    te_grote_kop=msgspec.json.encode(_inhoud(400, "ongeldig", "de kop is samen te groot")),
    druk=msgspec.json.encode(_inhoud(503, "te-druk", "er zijn nu te veel verbindingen")),
    koppen=((b"api-version", API_VERSIE.encode()),),
)
"""What is refused before it is a request, is refused in the language of the link too."""


def maak_server(luisteraar: Luisteraar, instellingen: Instellingen, tls: SSLContext) -> Server:
    """The listener on a port of its own, with the limits of the wire."""
    app = maak_app(luisteraar)
    return Server(
        app,
        instellingen,
        tls=tls,
        max_body=INHOUD_MAX,
        vorm=WEIGERVORM,
        geduld=PARTNERGEDULD,
    )
