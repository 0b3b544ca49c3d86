"""Asks an application as a client would, without a socket between."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

_VERZOEK = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "scheme": "http",
    "root_path": "",
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 80),
}


class Antwoord(NamedTuple):
    """What came back."""

    status: int
    tekst: bytes
    etag: str | None

    @property
    def inhoud(self) -> Any:
        """The body, read."""
        return json.loads(self.tekst)


class Klant:
    """A client of one service."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def haal(self, pad: str, vraag: str = "") -> Antwoord:
        """GET this path below /v1."""
        return await self._vraag("GET", pad, b"", {}, vraag)

    async def stuur(self, pad: str, inhoud: bytes, koppen: Mapping[str, str]) -> Antwoord:
        """POST these bytes as JSON."""
        soort = {"content-type": "application/json", "content-length": str(len(inhoud))}
        return await self._vraag("POST", pad, inhoud, {**soort, **koppen}, "")

    async def _vraag(
        self, methode: str, pad: str, inhoud: bytes, koppen: Mapping[str, str], vraag: str
    ) -> Antwoord:
        pad = f"/v1{pad}"
        alle = {"host": "127.0.0.1", **koppen}
        wat = {
            "method": methode,
            "path": pad,
            "raw_path": pad.encode(),
            "query_string": vraag.encode(),
            "headers": [(naam.encode(), waarde.encode()) for naam, waarde in alle.items()],
        }
        status, etag, delen = 0, None, list[bytes]()

        async def lees() -> dict[str, Any]:
            return {"type": "http.request", "body": inhoud, "more_body": False}

        async def schrijf(bericht: Mapping[str, Any]) -> None:
            nonlocal status, etag
            if bericht["type"] == "http.response.start":
                status = bericht["status"]
                etag = {k: w.decode() for k, w in bericht["headers"]}.get(b"etag")
            delen.append(bericht.get("body", b""))

        await self._app(_VERZOEK | wat, lees, schrijf)
        return Antwoord(status, b"".join(delen), etag)
