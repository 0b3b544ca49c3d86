"""Talks to the services over their public HTTP API: the only way in for everything here."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from typing import Any

import httpx

from schakel.contracts.fout import Fout

GEDULD = httpx.Timeout(10.0, connect=3.0)


class Onbereikbaar(Fout):
    """A service does not answer."""


class Geweigerd(Fout):
    """A service refused; ``status`` is that of HTTP, ``toegestaan`` what is possible instead."""

    def __init__(self, dienst: str, antwoord: httpx.Response) -> None:
        """Read the problem as the service told it."""
        probleem = _probleem(antwoord)
        fouten = [f"{f['veld']}: {f['uitleg']}" for f in probleem.get("fouten") or ()]
        uitleg = "; ".join(fouten) or str(probleem.get("detail", f"status {antwoord.status_code}"))
        super().__init__(str(probleem.get("code", "onbekend")), f"{dienst}: {uitleg}")
        self.status = antwoord.status_code
        self.is_verkeerd_gebruik = antwoord.status_code == HTTPStatus.BAD_REQUEST
        self.toegestaan: tuple[str, ...] = tuple(probleem.get("toegestaan") or ())


class Klant:
    """A customer of one service."""

    def __init__(self, dienst: str, adres: str, http: httpx.AsyncClient) -> None:
        """``adres`` is the root; the API stands below /v1."""
        self.dienst = dienst
        self.adres = adres.rstrip("/")
        self._http = http

    async def haal(self, pad: str, **zoek: Any) -> Any:
        """Read; raises Onbereikbaar or Geweigerd."""
        gevraagd = {naam: _als_tekst(waarde) for naam, waarde in zoek.items() if waarde is not None}
        return await self._vraag("GET", f"/v1{pad}", params=gevraagd)

    async def stuur(
        self, pad: str, inhoud: Mapping[str, Any], sleutel: str, als_versie: int | None = None
    ) -> Any:
        """Command; the same ``sleutel`` gets the same answer. Raises Onbereikbaar or Geweigerd."""
        koppen = {"Idempotency-Key": sleutel}
        if als_versie is not None:
            koppen["If-Match"] = f'"{als_versie}"'
        return await self._vraag("POST", f"/v1{pad}", json=inhoud, headers=koppen)

    async def klaar(self) -> Mapping[str, Any]:
        """What the service says of its own state, good or bad; raises Onbereikbaar."""
        antwoord = await self._verstuur("GET", "/klaar")
        return _probleem(antwoord)

    async def luister(self, pad: str, **zoek: Any) -> AsyncIterator[Any]:
        """What its server-sent events hold, until it stops; raises Onbereikbaar or Geweigerd."""
        gevraagd = {naam: _als_tekst(waarde) for naam, waarde in zoek.items() if waarde is not None}
        try:
            async with self._http.stream(
                "GET",
                f"{self.adres}/v1{pad}",
                params=gevraagd,
                headers={"Accept": "text/event-stream"},
                timeout=httpx.Timeout(None, connect=3.0),
            ) as antwoord:
                if antwoord.is_error:
                    await antwoord.aread()
                    raise Geweigerd(self.dienst, antwoord)
                async for regel in antwoord.aiter_lines():
                    veld, _, waarde = regel.partition(": ")
                    if veld == "data":
                        yield json.loads(waarde)
        except httpx.HTTPError as fout:
            raise self._onbereikbaar() from fout

    async def _vraag(self, methode: str, pad: str, **opties: Any) -> Any:
        antwoord = await self._verstuur(methode, pad, **opties)
        if antwoord.is_error:
            raise Geweigerd(self.dienst, antwoord)
        return antwoord.json()

    async def _verstuur(self, methode: str, pad: str, **opties: Any) -> httpx.Response:
        try:
            return await self._http.request(methode, f"{self.adres}{pad}", **opties)
        except httpx.HTTPError as fout:
            raise self._onbereikbaar() from fout

    def _onbereikbaar(self) -> Onbereikbaar:
        return Onbereikbaar(
            "onbereikbaar",
            f"{self.dienst} antwoordt niet op {self.adres}; draait de dienst?"
            " Start met: schakel start alles",
        )


@asynccontextmanager
async def klanten(
    adressen: Mapping[str, str], token: str = ""
) -> AsyncIterator[Mapping[str, Klant]]:
    """A customer of each service."""
    koppen = {"Authorization": f"Bearer {token}"} if token else {}
    async with AsyncExitStack() as opruimen:
        # A pool each: at every request a pool looks at all the connections that it has.
        yield {
            naam: Klant(
                naam,
                adres,
                await opruimen.enter_async_context(
                    httpx.AsyncClient(timeout=GEDULD, headers=koppen, trust_env=False)
                ),
            )
            for naam, adres in adressen.items()
        }


def _als_tekst(waarde: Any) -> str:
    return str(waarde).lower() if isinstance(waarde, bool) else str(waarde)


def _probleem(antwoord: httpx.Response) -> dict[str, Any]:
    try:
        gelezen = antwoord.json()
    except ValueError:
        return {}
    return gelezen if isinstance(gelezen, dict) else {}
