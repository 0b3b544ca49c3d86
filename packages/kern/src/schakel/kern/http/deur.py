"""The one layer around the application: load, host, headers, and the log line of a request.

Plain ASGI and no more than this, because every request pays for it.
"""

import re
import secrets
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any, Final
from uuid import UUID

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schakel.kern.grond.spelling import SPELLING
from schakel.kern.grond.weigering import Fout, Ongeldig
from schakel.kern.zicht.logboek import noteer, plek
from schakel.kern.zicht.meten import ANDERE, METHODEN, Meten
from schakel.kern.zicht.sporen import Sporen, traceparent_van

from .aanvaarden import aanvaardt
from .drukte import Drukte
from .klantadres import Klantadressen, omgeving_van
from .omloop import Omloop, Poortwachter, traceparent_uit
from .problemen import GeenHttp, NietLeverbaar, actie_van, antwoord, route_van, van_fout
from .wegwijzer import GEZONDHEID, METINGEN

_PEILINGEN: Final = GEZONDHEID | {METINGEN}
_ENKEL: Final = (
    b"host",
    b"authorization",
    b"content-type",
    b"content-length",
    b"idempotency-key",
    b"if-match",
)
LANGSTE_KOP: Final = 16_384
"""Bytes of the request line and all headers together."""
_HOST: Final = re.compile(rb"(\[[0-9a-f:.]+\]|[a-z0-9._-]*)(:[0-9]*)?", re.IGNORECASE)

# ADR /core/transport/security-headers. Without Access-Control-Allow-Origin no other site may read.
_VEILIG: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)


class Deur:
    """Lets a request in, and sees to it that every answer leaves in the same dress."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        dienst: str,
        versie: str,
        poortwachter: Poortwachter,
        hosts: frozenset[str],
        adressen: Klantadressen,
        drukte: Drukte,
        max_body: int,
        mediatypen: Iterable[str],
        meten: Meten,
        sporen: Sporen | None,
    ) -> None:
        """``mediatypen`` are those that the routes answer with."""
        self._app = app
        self._dienst = dienst
        self._poortwachter = poortwachter
        self._hosts = hosts
        self._adressen = adressen
        self._drukte = drukte
        self._max_body = max_body
        self._mediatypen = tuple(mediatypen)
        self._koppen = (*_VEILIG, (b"api-version", versie.encode()))
        self._meten = meten
        self._sporen = sporen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin = time.perf_counter()
        koppen = dict(scope["headers"])
        traceparent, methode, span = traceparent_uit(koppen), scope["method"], None
        if methode not in METHODEN:
            methode = ANDERE
        if self._sporen is not None and scope["path"] not in _PEILINGEN:
            span = self._sporen.verzoek(methode, traceparent)
            traceparent = traceparent_van(span)
        correlatie = traceparent[3:35] if traceparent else secrets.token_hex(16)
        klant = scope.get("client")
        adres = self._adressen.van(klant[0] if klant else "", scope["headers"])
        omloop = Omloop(
            self._poortwachter,
            self._drukte,
            adres,
            self._max_body,
            correlatie,
            koppen,
            traceparent,
        )
        scope["schakel"] = omloop
        merk = plek.set((self._dienst, omloop.correlatie))

        async def stuur(bericht: Message) -> None:
            if bericht["type"] == "http.response.start":
                omloop.status = bericht["status"]
                bericht["headers"] = [*bericht["headers"], *self._koppen]
            await send(bericht)

        try:
            bezwaar = self._bezwaar(scope, omloop)
            if bezwaar is None:
                await self._app(scope, receive, stuur)
            else:
                await antwoord(omloop, *van_fout(bezwaar))(scope, receive, stuur)
        finally:
            if omloop.volgt:
                self._drukte.volg_niet_meer(adres)
            route, duur = route_van(scope), time.perf_counter() - begin
            if span is not None and self._sporen is not None:
                self._sporen.beantwoord(span, methode, route, omloop.status)
            # Who asks every few seconds how we are is no news; being refused that is.
            if scope["path"] not in _PEILINGEN or omloop.status in {401, 403}:
                self._meten.verzoek(methode, route, omloop.status, duur)
                _schrijf_regel(scope, omloop, duur)
            plek.reset(merk)

    def _bezwaar(self, scope: Scope, omloop: Omloop) -> Fout | None:
        """Why this request goes no further, if so; nothing of it has been read yet."""
        koppen = omloop.koppen
        if (dubbelzinnig := _dubbelzinnig(scope, koppen)) is not None:
            return dubbelzinnig
        if len(koppen) != len(scope["headers"]) and (dubbel := _dubbele_kop(scope)):
            return Ongeldig("koptekst-dubbel", f"{dubbel} staat er meer dan eens")
        host = _hostnaam(koppen.get(b"host", b""))
        if host is None:
            return Ongeldig("host-ongeldig", "dit is geen hostnaam")
        if scope["path"] in GEZONDHEID:  # who asks how we are may know us by any name
            return None
        if host not in self._hosts:
            return Ongeldig("host-onbekend", "deze dienst luistert niet naar deze hostnaam")
        if "\x00" in scope["path"]:
            return Ongeldig("adres-nul", "het adres bevat een NUL-teken")
        aanvaard = koppen.get(b"accept")
        if aanvaard is None or aanvaardt(aanvaard, self._mediatypen):
            return None
        if scope["path"] != METINGEN:  # who measures is always answered in text
            soorten = " of ".join(self._mediatypen)
            return NietLeverbaar("niet-leverbaar", f"deze dienst antwoordt met {soorten}")
        return None


def _dubbelzinnig(scope: Scope, koppen: Mapping[bytes, bytes]) -> GeenHttp | None:
    """Where this request ends, somebody in between may see otherwise."""
    if scope["http_version"][:2] != "1.":
        return GeenHttp("http-ongeldig", "deze dienst spreekt HTTP/1.1")
    if b"transfer-encoding" in koppen and (
        b"content-length" in koppen or scope["http_version"] == "1.0"
    ):
        return GeenHttp("http-ongeldig", "Transfer-Encoding staat alleen, in HTTP/1.1")
    if is_te_lang(scope):
        return GeenHttp("koptekst-te-groot", f"de kop is samen meer dan {LANGSTE_KOP} bytes")
    return None


def is_te_lang(scope: Scope) -> bool:
    """Whether the head is more than ``LANGSTE_KOP``: below us only what is not whole is bounded."""
    regel = len(scope["query_string"]) + len(scope.get("raw_path") or b"")
    delen = chain.from_iterable(scope["headers"])
    return regel + 4 * len(scope["headers"]) + sum(map(len, delen)) > LANGSTE_KOP


def _dubbele_kop(scope: Scope) -> str | None:
    namen = [naam for naam, _ in scope["headers"]]
    return next((naam.decode() for naam in _ENKEL if namen.count(naam) > 1), None)


@lru_cache(maxsize=256)
def _hostnaam(host: bytes) -> str | None:
    """Without port and brackets, in lower case; None when it is not a host at all."""
    if (delen := _HOST.fullmatch(host)) is None:
        return None
    return delen[1].decode().lower().strip("[]")


def _schrijf_regel(scope: Scope, omloop: Omloop, duur: float) -> None:
    noteer(
        "verzoek_afgehandeld",
        {
            "actie": actie_van(scope),
            "object": _object(scope.get("path_params")),
            "resultaat": omloop.status,
            "code": omloop.code,
            "oorsprong": omgeving_van(omloop.adres),
            "actor": omloop.identiteit.wie if omloop.identiteit else None,
            "rol": omloop.rol,
            "duur_ms": round(duur * 1000, 3),
        },
    )


def _object(waarden: Mapping[str, Any] | None) -> str | None:
    """Only a UUID: whatever else stands in a path may have been typed by a person."""
    for waarde in (waarden or {}).values():
        if SPELLING[UUID].past(waarde):
            return str(waarde).lower()
    return None
