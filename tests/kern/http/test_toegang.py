"""Who may do what: tokens, roles, pseudonyms, and no route without an answer to that."""

import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from tests.kern.http.conftest import Log, klant_van
from tests.kern.http.organisatie import PUBLIEK, UITGEVER, WEG, Organisatie, b64, drager
from tests.kern.http.proefdienst import ZAAK, proefapp

from schakel.kern.http import (
    Rol,
    aanmelding,
    rollen_per_route,
)


@pytest.fixture
async def klant(organisatie: Organisatie) -> AsyncIterator[httpx.AsyncClient]:
    async with klant_van(proefapp(organisatie.instellingen())) as klant:
        yield klant


async def test_met_een_geldig_token_en_de_juiste_rol_komt_iemand_binnen(
    klant: httpx.AsyncClient, organisatie: Organisatie, log: Log
) -> None:
    antwoord = await klant.get("/dozen", headers=drager(organisatie.token(Rol.LEZER)))
    assert antwoord.status_code == 200
    wie = antwoord.json()["wie"]
    assert wie.startswith("mw-")
    assert len(wie) == 23
    assert log.regels("verzoek_afgehandeld")[0]["actor"] == wie


@pytest.mark.parametrize("sub", ["\ud800", "jan\udfff", "\udc00\ud800"])
async def test_een_token_met_een_half_teken_is_een_ongeldig_verzoek(
    klant: httpx.AsyncClient, organisatie: Organisatie, sub: str
) -> None:
    antwoord = await klant.get("/dozen", headers=drager(organisatie.vrij_token(sub=sub)))
    assert (antwoord.status_code, antwoord.json()["code"]) == (400, "token-ongeldig")


@pytest.mark.parametrize("rollen", ["\ud800", ["\ud800", "lezer"], [1, None, {}], {"lezer": 1}, 7])
async def test_vreemde_rollen_geven_niets(
    klant: httpx.AsyncClient, organisatie: Organisatie, rollen: Any
) -> None:
    antwoord = await klant.get("/dozen", headers=drager(organisatie.vrij_token(roles=rollen)))
    assert antwoord.status_code == (200 if "lezer" in str(rollen) and "[" in str(rollen) else 403)


async def test_het_pseudoniem_is_steeds_hetzelfde_en_verraadt_niemand(
    klant: httpx.AsyncClient, organisatie: Organisatie, tmp_path: Path, log: Log
) -> None:
    async def wie(sub: str, klant: httpx.AsyncClient = klant) -> Any:
        token = organisatie.token(Rol.LEZER, sub=sub)
        return (await klant.get("/dozen", headers=drager(token))).json()["wie"]

    een, weer, twee = [await wie(sub) for sub in ("een@x", "een@x", "twee@x")]
    assert een == weer != twee
    elders = organisatie.instellingen(sleutelbestand=tmp_path / "andere")
    async with klant_van(proefapp(elders)) as andere:
        assert await wie("een@x", andere) != een
    assert "een@x" not in log.tekst.getvalue()


ONGELDIG: list[tuple[str, Callable[[Organisatie], str]]] = [
    ("niets", lambda _: ""),
    ("geen token", lambda _: "Bearer"),
    ("leeg token", lambda _: "Bearer "),
    ("basic", lambda _: "Basic amFuOmphbg=="),
    ("onzin", lambda _: "Bearer a.b.c"),
    ("geen punten", lambda _: "Bearer abc"),
    ("geen base64", lambda _: "Bearer é.é.é"),
    ("te lang", lambda _: "Bearer " + "a" * 9000),
    ("diepe kop", lambda _: f"Bearer {b64(b'[' * 2900)}.e30.AA"),
    ("kop is lijst", lambda _: f"Bearer {b64(b'[]')}.e30.AA"),
    (
        "kid is getal",
        lambda _: f"Bearer {b64(KID_IS_GETAL)}.e30.AA",
    ),
    ("zonder alg", lambda _: f"Bearer {b64(b'{}')}.e30.AA"),
    ("alg none", lambda o: f"Bearer {b64(NONE)}.{b64(CLAIMS(o))}."),
    ("alg none met kid", lambda o: f"Bearer {b64(NONE[:-1] + kid(o))}.{b64(CLAIMS(o))}."),
    ("andere uitgever", lambda o: "Bearer " + o.vrij_token(iss="https://elders.example")),
    ("geen uitgever", lambda o: "Bearer " + o.vrij_token(iss=WEG)),
    ("ander publiek", lambda o: "Bearer " + o.vrij_token(aud="elders")),
    ("ander publiek in lijst", lambda o: "Bearer " + o.vrij_token(aud=["a", "b"])),
    ("geen publiek", lambda o: "Bearer " + o.vrij_token(aud=WEG)),
    ("verlopen", lambda o: "Bearer " + o.vrij_token(exp=int(time.time()) - 31)),
    ("geen einde", lambda o: "Bearer " + o.vrij_token(exp=WEG)),
    ("einde als tekst", lambda o: "Bearer " + o.vrij_token(exp="9999999999")),
    ("einde zonder einde", lambda o: "Bearer " + o.vrij_token(exp=float("inf"))),
    ("einde is geen getal", lambda o: "Bearer " + o.vrij_token(exp=float("nan"))),
    ("einde na het einde", lambda o: "Bearer " + o.vrij_token(exp=10**400)),
    ("begin is geen getal", lambda o: "Bearer " + o.vrij_token(nbf=float("nan"))),
    ("uitgever is een lijst", lambda o: "Bearer " + o.vrij_token(iss=[UITGEVER])),
    ("publiek is een object", lambda o: "Bearer " + o.vrij_token(aud={PUBLIEK: 1})),
    ("kid is een half teken", lambda o: "Bearer " + o.vrij_token({"kid": "\ud800"})),
    ("typ is een half teken", lambda o: "Bearer " + o.vrij_token({"typ": "\ud800"})),
    ("einde als waarheid", lambda o: "Bearer " + o.vrij_token(exp=True)),
    ("nog niet", lambda o: "Bearer " + o.vrij_token(nbf=int(time.time()) + 40)),
    ("begin als tekst", lambda o: "Bearer " + o.vrij_token(nbf="nu")),
    ("geen sub", lambda o: "Bearer " + o.vrij_token(sub=WEG)),
    ("lege sub", lambda o: "Bearer " + o.vrij_token(sub="")),
    ("sub is getal", lambda o: "Bearer " + o.vrij_token(sub=1)),
    ("andere soort", lambda o: "Bearer " + o.vrij_token({"typ": "logout+jwt"})),
    ("onbekende kid", lambda o: "Bearer " + o.vrij_token({"kid": "onbekend"})),
    ("crit", lambda o: "Bearer " + o.vrij_token({"crit": ["x"], "x": 1})),
    ("andere sleutel", lambda o: "Bearer " + o.vrij_token(sleutel=ECKey.generate_key("P-256"))),
    (
        "ander algoritme",
        lambda o: "Bearer " + o.vrij_token({"alg": "ES384"}, ECKey.generate_key("P-384")),
    ),
    ("hs256 met onze publieke sleutel", lambda o: "Bearer " + verwisseld(o)),
    ("gewijzigd", lambda o: "Bearer " + gewijzigd(o.token(Rol.LEZER))),
    ("zonder handtekening", lambda o: "Bearer " + o.token(Rol.LEZER).rpartition(".")[0] + "."),
    ("twee keer", lambda o: "Bearer " + o.token(Rol.LEZER) + " " + o.token(Rol.LEZER)),
]
KID_IS_GETAL = b'{"alg":"ES256","kid":1}'
NONE = b'{"alg":"none"}'


def kid(o: Organisatie) -> bytes:
    return b',"kid":"' + str(o.sleutel.kid).encode() + b'"}'


def CLAIMS(o: Organisatie) -> bytes:  # noqa: N802
    deel = o.token(Rol.LEZER).split(".")[1]
    return base64.urlsafe_b64decode(deel + "==")


def verwisseld(o: Organisatie) -> str:
    publiek = OctKey.import_key(json.dumps(o.sleutel.as_dict(private=False)))
    return o.vrij_token({"alg": "HS256"}, publiek)


def gewijzigd(token: str) -> str:
    kop, inhoud, handtekening = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(inhoud + "=="))
    return f"{kop}.{b64(json.dumps(claims | {'roles': ['beheerder']}).encode())}.{handtekening}"


@pytest.mark.parametrize("geef", [g for _, g in ONGELDIG], ids=[naam for naam, _ in ONGELDIG])
async def test_wat_er_ook_mis_is_met_een_token_het_antwoord_is_hetzelfde(
    klant: httpx.AsyncClient, organisatie: Organisatie, geef: Callable[[Organisatie], str]
) -> None:
    kop = geef(organisatie).encode()
    antwoord = await klant.get("/dozen", headers=[(b"authorization", kop)] if kop else [])
    assert antwoord.status_code == 401
    assert antwoord.headers["www-authenticate"] == 'Bearer realm="schakel"'
    probleem = antwoord.json()
    del probleem["instance"]
    assert probleem == {
        "type": "urn:problem-type:schakel:niet-aangemeld",
        "title": "Niet aangemeld",
        "status": 401,
        "detail": "geef een geldig toegangstoken mee",
        "code": "niet-aangemeld",
    }


@pytest.mark.parametrize(
    "claims_op",
    [
        lambda nu: {"exp": nu + 2},
        lambda _: {"aud": ["elders", PUBLIEK]},
        lambda nu: {"nbf": nu + 20},
        lambda _: {"roles": "lezer profile"},
        lambda _: {"roles": ["lezer", 1, None, "onbekend"]},
    ],
    ids=["bijna verlopen", "meer dan een publiek", "net begonnen", "rollen als tekst", "rommel"],
)
async def test_wat_een_uitgever_mag_kiezen_wordt_aangenomen(
    klant: httpx.AsyncClient, organisatie: Organisatie, claims_op: Callable[[int], dict[str, Any]]
) -> None:
    token = organisatie.vrij_token(**claims_op(int(time.time())))
    antwoord = await klant.get("/dozen", headers=drager(token))
    assert antwoord.status_code == 200


async def test_dertig_seconden_speling_tussen_klokken_mag(
    klant: httpx.AsyncClient, organisatie: Organisatie
) -> None:
    net_verlopen = organisatie.vrij_token(exp=int(time.time()) - 20)
    assert (await klant.get("/dozen", headers=drager(net_verlopen))).status_code == 200


@pytest.mark.parametrize(
    ("alg", "sleutel"),
    [
        ("RS256", RSAKey.generate_key(2048, parameters={"kid": "r"})),
        ("PS256", RSAKey.generate_key(2048, parameters={"kid": "p"})),
        ("Ed25519", OKPKey.generate_key("Ed25519", parameters={"kid": "e"})),
        ("ES256", ECKey.generate_key("P-256", parameters={"kid": "s"})),
    ],
)
async def test_de_toegestane_algoritmen_worden_gelezen(
    organisatie: Organisatie, alg: str, sleutel: Any
) -> None:
    jwks = {"keys": [{"kty": "onbekend"}, 1, sleutel.as_dict(private=False)]}
    (organisatie.map / "jwks.json").write_text(json.dumps(jwks))
    async with klant_van(proefapp(organisatie.instellingen())) as klant:
        token = organisatie.vrij_token({"alg": alg, "kid": sleutel.kid}, sleutel)
        zonder = organisatie.vrij_token({"alg": alg, "kid": WEG}, sleutel)
        for een in (token, zonder):
            assert (await klant.get("/dozen", headers=drager(een))).status_code == 200


async def test_eddsa_onder_zijn_oude_naam_wordt_gelezen(organisatie: Organisatie) -> None:
    sleutel = OKPKey.generate_key("Ed25519", parameters={"kid": "e"})
    (organisatie.map / "jwks.json").write_text(
        json.dumps({"keys": [sleutel.as_dict(private=False)]})
    )
    kop, claims = b64(b'{"alg":"EdDSA","kid":"e"}'), b64(CLAIMS(organisatie))
    handtekening = b64(sleutel.private_key.sign(f"{kop}.{claims}".encode()))  # type: ignore[union-attr]
    async with klant_van(proefapp(organisatie.instellingen())) as klant:
        antwoord = await klant.get("/dozen", headers=drager(f"{kop}.{claims}.{handtekening}"))
    assert antwoord.status_code == 200


async def test_een_algoritme_buiten_de_lijst_wordt_ook_met_een_bekende_sleutel_geweigerd(
    organisatie: Organisatie,
) -> None:
    sleutel = ECKey.generate_key("P-384", parameters={"kid": "k"})
    jwks = {"keys": [sleutel.as_dict(private=False)]}
    (organisatie.map / "jwks.json").write_text(json.dumps(jwks))
    async with klant_van(proefapp(organisatie.instellingen())) as klant:
        token = organisatie.vrij_token({"alg": "ES384", "kid": "k"}, sleutel)
        assert (await klant.get("/dozen", headers=drager(token))).status_code == 401


@pytest.mark.parametrize(
    "sleutel",
    [
        OctKey.generate_key(256, parameters={"kid": "k"}).as_dict(private=True),
        RSAKey.generate_key(2048, parameters={"kid": "k", "use": "enc"}).as_dict(private=False),
    ],
)
async def test_een_sleutel_die_niet_om_te_ondertekenen_is_telt_niet(
    organisatie: Organisatie, sleutel: dict[str, Any]
) -> None:
    (organisatie.map / "jwks.json").write_text(json.dumps({"keys": [sleutel]}))
    async with klant_van(proefapp(organisatie.instellingen())) as klant:
        antwoord = await klant.get("/dozen", headers=drager(organisatie.vrij_token({"kid": "k"})))
    assert antwoord.status_code == 503
    assert antwoord.json()["code"] == "sleutels-onbereikbaar"


def gevraagd(methode: str, pad: str) -> tuple[str, str, dict[str, Any]]:
    koppen = {"Idempotency-Key": "a", "content-type": "application/json"}
    return methode, pad.replace("{doosId}", ZAAK), koppen


TABEL = {
    ("POST", "/dozen"): {Rol.INTAKER, Rol.BEHANDELAAR},
    ("GET", "/dozen"): {Rol.LEZER},
    ("GET", "/dozen/{doosId}"): {Rol.LEZER, Rol.BEHEERDER},
    ("DELETE", "/dozen/{doosId}"): {Rol.BEHEERDER},
}


def test_de_tabel_van_rollen_is_die_van_de_routes(organisatie: Organisatie) -> None:
    tabel = rollen_per_route(proefapp(organisatie.instellingen()))
    assert tabel == {
        **TABEL,
        ("GET", "/fouten/{soort}"): None,
        ("GET", "/metrics"): {Rol.SYSTEEM, Rol.BEHEERDER},
    }


@pytest.mark.parametrize("rol", Rol)
@pytest.mark.parametrize("route", TABEL)
async def test_een_rol_die_niet_mag_wordt_op_elke_route_geweigerd(
    klant: httpx.AsyncClient, organisatie: Organisatie, rol: Rol, route: tuple[str, str]
) -> None:
    methode, pad, koppen = gevraagd(*route)
    koppen |= drager(organisatie.token(rol))
    inhoud = b'{"tekst": "a"}' if methode == "POST" else None
    antwoord = await klant.request(methode, pad, content=inhoud, headers=koppen)
    if rol in TABEL[route]:
        assert antwoord.status_code in {200, 201}
    else:
        assert (antwoord.status_code, antwoord.json()["code"]) == (403, "geen-toegang")
        assert set(antwoord.json()["rollen"]) == TABEL[route]


async def test_wie_niet_mag_hoort_dat_voordat_zijn_invoer_wordt_gelezen(
    klant: httpx.AsyncClient, organisatie: Organisatie
) -> None:
    gelezen = 0

    async def stroom() -> AsyncIterator[bytes]:
        nonlocal gelezen
        gelezen += 1
        yield b"{"

    koppen = {"content-type": "application/json"}
    assert (await klant.post("/dozen", content=stroom(), headers=koppen)).status_code == 401
    koppen |= drager(organisatie.token(Rol.LEZER))
    assert (await klant.post("/dozen?x=1", content=stroom(), headers=koppen)).status_code == 403
    assert gelezen == 0


async def test_zonder_rollen_mag_iemand_niets_dan_het_openbare(
    klant: httpx.AsyncClient, organisatie: Organisatie
) -> None:
    koppen = drager(organisatie.token())
    assert (await klant.get("/dozen", headers=koppen)).status_code == 403
    assert (await klant.get("/fouten/weg", headers=koppen)).status_code == 404
    assert (await klant.get("/openapi.json")).status_code == 200


@pytest.mark.parametrize(
    ("claim", "inhoud"),
    [
        ("realm_access.roles", {"realm_access": {"roles": ["mw-lezen"]}}),
        ("https://x.nl/rollen", {"https://x.nl/rollen": ["mw-lezen"]}),
    ],
)
async def test_rollen_komen_uit_de_ingestelde_claim_en_kaart(
    organisatie: Organisatie, claim: str, inhoud: dict[str, Any]
) -> None:
    instellingen = organisatie.instellingen(rolclaim=claim, rolkaart={"mw-lezen": "lezer"})
    async with klant_van(proefapp(instellingen)) as klant:
        goed = await klant.get("/dozen", headers=drager(organisatie.vrij_token(**inhoud)))
        elders = await klant.get("/dozen", headers=drager(organisatie.vrij_token()))
    assert (goed.status_code, elders.status_code) == (200, 403)


@pytest.mark.parametrize(
    "waarde", [{"realm_access": "lezer"}, {"realm_access": {"roles": {"a": 1}}}]
)
async def test_een_vreemde_rolclaim_geeft_geen_rollen(
    organisatie: Organisatie, waarde: dict[str, Any]
) -> None:
    instellingen = organisatie.instellingen(rolclaim="realm_access.roles")
    async with klant_van(proefapp(instellingen)) as klant:
        antwoord = await klant.get("/dozen", headers=drager(organisatie.vrij_token(**waarde)))
    assert antwoord.status_code == 403


async def test_een_gecontroleerd_token_wordt_onthouden_tot_het_verloopt(
    klant: httpx.AsyncClient, organisatie: Organisatie, monkeypatch: pytest.MonkeyPatch
) -> None:
    gecontroleerd = 0
    echt = jwt.decode

    def tel(*args: Any, **opties: Any) -> Any:
        nonlocal gecontroleerd
        gecontroleerd += 1
        return echt(*args, **opties)

    monkeypatch.setattr(aanmelding.jwt, "decode", tel)
    nu = time.time()
    token = organisatie.vrij_token(exp=int(nu) + 600)
    kort = organisatie.vrij_token(exp=int(nu) + 10)
    for _ in range(3):
        assert (await klant.get("/dozen", headers=drager(token))).status_code == 200
        assert (await klant.get("/dozen", headers=drager(kort))).status_code == 200
    assert gecontroleerd == 2
    monkeypatch.setattr(aanmelding.time, "time", lambda: nu + 41)
    assert (await klant.get("/dozen", headers=drager(kort))).status_code == 401
    monkeypatch.setattr(aanmelding.time, "time", lambda: nu + 301)
    assert (await klant.get("/dozen", headers=drager(token))).status_code == 200
    assert gecontroleerd == 4


async def test_er_worden_niet_eindeloos_tokens_onthouden(
    organisatie: Organisatie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aanmelding, "MEESTE_ONTHOUDEN", 3)
    wachter = aanmelding.poortwachter_voor(organisatie.instellingen())
    assert isinstance(wachter, aanmelding.Tokenpoortwachter)
    for n in range(10):
        token = organisatie.token(Rol.LEZER, sub=str(n)).encode()
        await wachter.herken({b"authorization": b"bearer " + token})
    assert len(wachter._bekend) == 3
