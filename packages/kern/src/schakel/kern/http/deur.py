"""The one layer around the application: load, host, headers, and the log line of a request.

Plain ASGI and no more than this, because every request pays for it.
"""

import ipaddress
import re
import secrets
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schakel.kern.grond.weigering import Fout, Ongeldig, Overbelast
from schakel.kern.zicht.logboek import noteer, plek
from schakel.kern.zicht.meten import ANDERE, METHODEN, Meten
from schakel.kern.zicht.sporen import Sporen, traceparent_van

from .aanvaarden import aanvaardt
from .omloop import Omloop, Poortwachter, traceparent_uit
from .problemen import NietLeverbaar, actie_van, antwoord, route_van, van_fout
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
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

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
        max_body: int,
        max_verzoeken: int,
        mediatypen: Iterable[str],
        meten: Meten,
        sporen: Sporen | None,
    ) -> None:
        """``mediatypen`` are those that the routes answer with."""
        self._app = app
        self._dienst = dienst
        self._poortwachter = poortwachter
        self._hosts = hosts
        self._max_body = max_body
        self._max_verzoeken = max_verzoeken
        self._mediatypen = tuple(mediatypen)
        self._koppen = (*_VEILIG, (b"api-version", versie.encode()))
        self._meten = meten
        self._sporen = sporen
        self._bezig = 0

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
        omloop = Omloop(self._poortwachter, self._max_body, correlatie, koppen, traceparent)
        scope["schakel"] = omloop
        merk = plek.set((self._dienst, omloop.correlatie))

        async def stuur(bericht: Message) -> None:
            if bericht["type"] == "http.response.start":
                omloop.status = bericht["status"]
                bericht["headers"] = [*bericht["headers"], *self._koppen]
            await send(bericht)

        self._bezig += 1
        try:
            bezwaar = self._bezwaar(scope, omloop)
            if bezwaar is None:
                await self._app(scope, receive, stuur)
            else:
                await antwoord(omloop, *van_fout(bezwaar))(scope, receive, stuur)
        finally:
            self._bezig -= 1
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
        if self._bezig > self._max_verzoeken:
            return Overbelast("te-druk", "er zijn nu te veel verzoeken; probeer het zo weer")
        if len(koppen) != len(scope["headers"]) and (dubbel := _dubbele_kop(scope)):
            return Ongeldig("koptekst-dubbel", f"{dubbel} staat er meer dan eens")
        if _hostnaam(koppen.get(b"host", b"")) not in self._hosts:
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


def _dubbele_kop(scope: Scope) -> str | None:
    namen = [naam for naam, _ in scope["headers"]]
    return next((naam.decode() for naam in _ENKEL if namen.count(naam) > 1), None)


@lru_cache(maxsize=256)
def _hostnaam(host: bytes) -> str:
    """Without port and brackets, in lower case."""
    naam = host.decode("latin-1").lower()
    if naam.startswith("["):
        return naam[1:].partition("]")[0]
    return naam.partition(":")[0]


@lru_cache(maxsize=4096)
def _oorsprong(adres: str) -> str:
    """The network a client is in: enough to trace an attack, not enough to point out a person."""
    try:
        ip = ipaddress.ip_address(adres)
    except ValueError:
        return "onbekend"
    if ip.is_loopback:
        return "loopback"
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))  # noqa: PLR2004


def _schrijf_regel(scope: Scope, omloop: Omloop, duur: float) -> None:
    klant = scope.get("client")
    noteer(
        "verzoek_afgehandeld",
        {
            "actie": actie_van(scope),
            "object": _object(scope.get("path_params")),
            "resultaat": omloop.status,
            "code": omloop.code,
            "oorsprong": _oorsprong(klant[0]) if klant else "onbekend",
            "actor": omloop.identiteit.wie if omloop.identiteit else None,
            "rol": omloop.rol,
            "duur_ms": round(duur * 1000, 3),
        },
    )


def _object(waarden: Mapping[str, Any] | None) -> str | None:
    """Only a UUID: whatever else stands in a path may have been typed by a person."""
    for waarde in (waarden or {}).values():
        if isinstance(waarde, str) and _UUID.fullmatch(waarde):
            return waarde.lower()
    return None
