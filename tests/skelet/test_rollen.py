"""Who may use which route of which service: the table, and every route really asked."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.werkstromen import Proces
from schakel.kern.geheim.token import maak_sleutel, munt, schrijf_jwks
from schakel.kern.http import Rol, Webdienst, rollen_per_route
from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor

UITGEVER, PUBLIEK = "https://idp.example.nl", "schakel-proef"
INZIEN = frozenset({Rol.LEZER, Rol.BEHANDELAAR, Rol.INTAKER, Rol.BEHEERDER})
BEHANDELAAR, BEHEERDER = frozenset({Rol.BEHANDELAAR}), frozenset({Rol.BEHEERDER})
Tabel = Mapping[tuple[str, str], frozenset[Rol] | None]

VAN_ALLEN: Tabel = {
    ("POST", "/meldingen"): frozenset({Rol.INTAKER}),
    ("GET", "/meldingen"): INZIEN,
    ("GET", "/meldingen/{meldingId}"): INZIEN,
    ("GET", "/meldingen/{meldingId}/geschiedenis"): INZIEN,
    ("GET", "/meldingen/{meldingId}/inhoud"): frozenset({Rol.BEHANDELAAR, Rol.SYSTEEM}),
    ("GET", "/gebeurtenistypen"): None,
    ("GET", "/metrics"): frozenset({Rol.SYSTEEM, Rol.BEHEERDER}),
    ("GET", "/geparkeerd"): BEHEERDER,
    ("GET", "/geparkeerd/{nummer}"): BEHEERDER,
    ("POST", "/geparkeerd/{nummer}/vrijgaven"): BEHEERDER,
    ("POST", "/geparkeerd/{nummer}/verwerpingen"): BEHEERDER,
    ("POST", "/geparkeerd/vrijgaven"): BEHEERDER,
    ("POST", "/geparkeerd/verwerpingen"): BEHEERDER,
    ("POST", "/geparkeerd/wissingen"): BEHEERDER,
    ("POST", "/meldingen/{meldingId}/afwijzingen"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/verhelderingen"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/beoordelingen"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/omzettingen"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/overdrachten"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/overdracht-terugnames"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/controles"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/gereedmeldingen"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/tevredenheidscontroles"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/evaluaties"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/sluitingen"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/intrekkingen"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/afbrekingen"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/koppelingen"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/opschortingen"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/hervattingen"): BEHANDELAAR,
    ("POST", "/meldingen/{meldingId}/wissingen"): BEHEERDER,
}
EIGEN: Mapping[Proces, tuple[str, ...]] = {
    Proces.AFSPREKEN: ("specificaties", "aanbiedingen", "overeenstemmingen", "vaststellingen"),
    Proces.WIJZIGEN: (
        *("planningen", "accorderingen", "voorbereidingen", "testen", "vrijgaven"),
        "registraties",
    ),
    Proces.HERSTELLEN: ("analyses", "workarounds"),
    Proces.UITVOEREN: ("planningen", "uitvoeringen", "signaleringen"),
    Proces.VERBETEREN: ("oorzaken", "maatregelen", "restrisicos"),
}


def tabel_van(proces: Proces) -> Tabel:
    """Who may use which route of this service, as published."""
    eigen = {("POST", f"/meldingen/{{meldingId}}/{stap}"): BEHANDELAAR for stap in EIGEN[proces]}
    return {**VAN_ALLEN, **eigen}


class Bewaakt(NamedTuple):
    """A service that asks for tokens, and a token per role."""

    app: Webdienst
    tokens: Mapping[Rol, str]
    intaker: Callable[[str], str]


@pytest.fixture(scope="module", params=Proces)
def bewaakt(
    request: pytest.FixtureRequest, omgeving: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bewaakt]:
    map_: Path = tmp_path_factory.mktemp(f"bewaakt-{request.param}")
    sleutel = maak_sleutel(map_ / "eigen.json")
    schrijf_jwks(sleutel, map_ / "jwks.json")
    vast = {"uitgever": UITGEVER, "publiek": PUBLIEK}
    omschrijving = OMSCHRIJVING[request.param]
    dienst: Procesdienst[Any] = Procesdienst(
        omschrijving,
        instellingen_voor(omschrijving, gegevensmap=map_, jwks=str(map_ / "jwks.json"), **vast),
    )

    def token(wie: str, rol: Rol = Rol.INTAKER) -> str:
        duur = timedelta(minutes=10)
        return munt(sleutel, **vast, sub=wie, rollen=[rol], geldig=duur)

    yield Bewaakt(dienst.app, {rol: token(f"wie-{rol}", rol) for rol in Rol}, token)
    asyncio.run(dienst.schrijver.sluit())
    dienst.opslag.sluit()


@pytest.mark.parametrize("proces", Proces)
def test_de_rollen_van_elke_route_zijn_die_van_de_tabel(proces: Proces, diensten: Any) -> None:
    assert dict(rollen_per_route(diensten[proces].app)) == tabel_van(proces)


async def vraag(bewaakt: Bewaakt, methode: str, pad: str, rol: Rol | None) -> httpx.Response:
    """Ask this route as somebody with one role, or as nobody."""
    koppen = {"Idempotency-Key": f"rol-{methode}-{rol}"}
    if rol is not None:
        koppen["Authorization"] = f"Bearer {bewaakt.tokens[rol]}"
    basis = "" if pad == "/metrics" else "/v1"
    adres = f"http://localhost{basis}{pad.format(meldingId=UUID(int=1), nummer=1)}"
    transport = httpx.ASGITransport(bewaakt.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/v1") as klant:
        return await klant.request(methode, adres, headers=koppen)


async def test_wie_een_route_niet_mag_wordt_op_die_route_geweigerd(bewaakt: Bewaakt) -> None:
    """Whatever the request looks like: who may not is told before anything is read."""
    for (methode, pad), rollen in rollen_per_route(bewaakt.app).items():
        for rol in Rol:
            antwoord = await vraag(bewaakt, methode, pad, rol)
            mag = rollen is None or rol in rollen
            assert (antwoord.status_code != 403) == mag, (methode, pad, rol, antwoord.text)
            assert antwoord.status_code != 401
            if not mag:
                assert antwoord.headers["content-type"] == "application/problem+json"


async def test_zonder_token_is_alleen_open_wat_openbaar_heet(bewaakt: Bewaakt) -> None:
    for (methode, pad), rollen in rollen_per_route(bewaakt.app).items():
        antwoord = await vraag(bewaakt, methode, pad, None)
        assert antwoord.status_code == (200 if rollen is None else 401), (methode, pad)


async def test_wie_handelde_is_een_pseudoniem(bewaakt: Bewaakt) -> None:
    """The name in the token is in no event."""
    koppen = {"Idempotency-Key": "wie-1"}
    transport = httpx.ASGITransport(bewaakt.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/v1") as klant:
        body = {
            "dienst": "verlichting",
            "kanaal": "web",
            "melder": {"soort": "ambtenaar"},
            "tekst": "de lantaarn is uit",
        }
        intaker = {"Authorization": f"Bearer {bewaakt.tokens[Rol.INTAKER]}"}
        antwoord = await klant.post("/meldingen", json=body, headers=koppen | intaker)
        pad = f"/meldingen/{antwoord.json()['meldingId']}/geschiedenis"
        geschiedenis = (await klant.get(pad, headers=intaker)).json()["gebeurtenissen"]
    (aangenomen,) = geschiedenis
    assert aangenomen["door"]["rol"] == "intaker"
    assert aangenomen["door"]["wie"].startswith("mw-")
    assert "intaker" not in aangenomen["door"]["wie"]


async def test_de_sleutel_van_de_een_is_niet_die_van_de_ander(bewaakt: Bewaakt) -> None:
    """The same Idempotency-Key in the hands of somebody else is another request."""
    transport = httpx.ASGITransport(bewaakt.app)
    ids = []
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/v1") as klant:
        for wie in ("een", "ander"):
            body = {
                "dienst": "verlichting",
                "kanaal": "web",
                "melder": {"soort": "ambtenaar"},
                "tekst": f"de lantaarn van {wie} is uit",
            }
            drager = f"Bearer {bewaakt.intaker(wie)}"
            koppen = {"Idempotency-Key": "gedeeld", "Authorization": drager}
            antwoord = await klant.post("/meldingen", json=body, headers=koppen)
            assert antwoord.status_code == 201
            ids.append(antwoord.json()["meldingId"])
    assert len({*ids}) == 2
