import io
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from tests.kern.http.organisatie import Organisatie
from tests.kern.http.proefdienst import proefapp

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.http import Webdienst
from schakel.kern.zicht import logboek


class Log:
    """What was logged, as the lines that an operator reads."""

    def __init__(self) -> None:
        self.tekst = io.StringIO()

    def regels(self, naam: str) -> list[dict[str, Any]]:
        alle = [json.loads(regel) for regel in self.tekst.getvalue().splitlines()]
        return [regel for regel in alle if regel["gebeurtenis"] == naam]


@pytest.fixture(autouse=True)
def log() -> Iterator[Log]:
    log = Log()
    logboek.stel_in(strikt=True, uit=log.tekst)
    yield log
    logboek.stel_in(strikt=True)


@pytest.fixture
def instellingen(tmp_path: Any) -> Instellingen:
    return Instellingen(gegevensmap=tmp_path)


@pytest.fixture
def organisatie(tmp_path: Any) -> Organisatie:
    return Organisatie(tmp_path)


@pytest.fixture
def app(instellingen: Instellingen) -> Webdienst:
    return proefapp(instellingen)


Klant = httpx.AsyncClient


def klant_van(app: Webdienst) -> Klant:
    return Klant(
        transport=httpx.ASGITransport(app, raise_app_exceptions=True),
        base_url="http://localhost/v1",
    )


@pytest.fixture
async def klant(app: Webdienst) -> AsyncIterator[Klant]:
    async with klant_van(app) as klant:
        yield klant
