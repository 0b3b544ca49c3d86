"""A whole address as the target of a request (RFC 9112, 3.2.2): what a server has to accept too."""

import re
from typing import Final
from urllib.parse import unquote

from starlette.types import ASGIApp, Receive, Scope, Send

_HEEL: Final = re.compile(rb"https?://([^/?#@]+)(/.*)?", re.IGNORECASE)


class Doelvorm:
    """Around an application, which then only sees the path: and as Host the one of the address."""

    def __init__(self, app: ASGIApp) -> None:
        """``app`` gets every request, whatever its target is."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and (heel := _HEEL.fullmatch(scope["raw_path"])):
            pad = heel[2] or b"/"
            scope["raw_path"], scope["path"] = pad, unquote(pad.decode("ascii"))
            andere = [kop for kop in scope["headers"] if kop[0] != b"host"]
            scope["headers"] = [*andere, (b"host", heel[1])]
        await self._app(scope, receive, send)
