"""Schemathesis on every service: what its OpenAPI allows, and what it does not, never breaks it.

Requests go in over ASGI; half of them are about meldingen that exist, in different steps.
"""

import asyncio
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.skelet.conftest import Diensten
from tests.skelet.geval import FEITEN, als_body

from schakel.contracts.werkstromen import Proces

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
VOORBEELDEN = 4
GELDIGE_SLEUTEL = re.compile("[A-Za-z0-9._:-]{1,128}")
_sleutels = itertools.count(1)


class Proefpersoon(NamedTuple):
    """A service on a loop of its own, its operations, and meldingen that it knows."""

    loop: asyncio.AbstractEventLoop
    klant: httpx.AsyncClient
    bewerkingen: Mapping[str, Any]
    proces: Proces

    def nieuwe_meldingen(self) -> list[str]:
        """Meldingen in different steps; each operation gets its own, for it may end them."""
        return self.loop.run_until_complete(maak_meldingen(self.klant, self.proces))

    def vraag(self, case: Any, melding: str | None) -> httpx.Response:
        """Send it: often with a key that is new, sometimes about a melding that is there."""
        if GELDIGE_SLEUTEL.fullmatch(str(case.headers.get("Idempotency-Key", ""))):
            case.headers["Idempotency-Key"] = f"schema-{next(_sleutels)}"
        if melding is not None and "meldingId" in case.path_parameters:
            case.path_parameters["meldingId"] = melding
            case.headers.pop("If-Match", None)
        delen = case.as_transport_kwargs(base_url="http://localhost/v1")
        delen = {naam: waarde for naam, waarde in delen.items() if waarde is not None}
        if "data" in delen:
            delen["content"] = delen.pop("data")
        delen.pop("cookies", None)
        return self.loop.run_until_complete(self.klant.request(**delen))


@pytest.fixture(scope="module", params=Proces)
def proefpersoon(request: pytest.FixtureRequest, diensten: Diensten) -> Iterator[Proefpersoon]:
    loop = asyncio.new_event_loop()
    app = diensten[request.param].app
    klant = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost/v1", timeout=30
    )
    schema = schemathesis.openapi.from_dict(app.openapi())
    bewerkingen = {
        f"{b.ok().method.upper()} {b.ok().path}": b.ok() for b in schema.get_all_operations()
    }
    yield Proefpersoon(loop, klant, bewerkingen, request.param)
    loop.run_until_complete(klant.aclose())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


async def maak_meldingen(klant: httpx.AsyncClient, proces: Proces) -> list[str]:
    """Meldingen that were accepted, judged and withdrawn."""
    oordeel = {"feiten": als_body(FEITEN[proces][0]), "impact": 2, "urgentie": 2}
    verhelderd, beoordeeld = ("verhelderingen", {}), ("beoordelingen", oordeel)
    ids = []
    for stappen in ((), (verhelderd, beoordeeld), (verhelderd, ("intrekkingen", {}))):
        body = {
            "dienst": "verlichting",
            "kanaal": "web",
            "melder": {"soort": "ambtenaar"},
            "tekst": "de lantaarn is uit",
        }
        ids.append((await _post(klant, "/meldingen", body)).json()["meldingId"])
        for stap, inhoud in stappen:
            await _post(klant, f"/meldingen/{ids[-1]}/{stap}", inhoud)
    return ids


async def _post(klant: httpx.AsyncClient, pad: str, body: dict[str, Any]) -> httpx.Response:
    return await klant.post(
        pad, json=body, headers={"Idempotency-Key": f"schema-{next(_sleutels)}"}
    )


def test_geen_enkele_invoer_breekt_een_dienst(proefpersoon: Proefpersoon) -> None:
    for naam, bewerking in proefpersoon.bewerkingen.items():
        goed = bewerking.as_strategy(generation_mode=GenerationMode.POSITIVE)
        kwaad = bewerking.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        bekend = st.sampled_from((None, *proefpersoon.nieuwe_meldingen()))

        @settings(
            max_examples=VOORBEELDEN,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=st.one_of(goed, kwaad), melding=bekend)
        def toets(case: Any, melding: str | None) -> None:
            antwoord = proefpersoon.vraag(case, melding)
            case.validate_response(antwoord, checks=CHECKS)

        try:
            toets()
        except AssertionError as fout:
            fout.add_note(naam)
            raise
