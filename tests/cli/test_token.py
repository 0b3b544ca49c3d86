"""Tokens with the organisation's own key."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.cli.conftest import Gezegd

Schakel = Callable[..., Gezegd]
VOOR = ("--uitgever", "https://hier.example.nl", "--publiek", "schakel")


@pytest.fixture
def sleutel(schakel: Schakel, tmp_path: Path) -> tuple[Path, Path]:
    geheim, jwks = tmp_path / "geheim.json", tmp_path / "jwks.json"
    gezegd = schakel("token", "sleutel", "--bestand", geheim, "--jwks", jwks, "-o", "json")
    assert json.loads(gezegd.uit) == {"sleutel": str(geheim), "jwks": str(jwks)}
    return geheim, jwks


def test_de_geheime_sleutel_is_alleen_voor_de_eigenaar(sleutel: tuple[Path, Path]) -> None:
    geheim, jwks = sleutel
    assert stat.S_IMODE(geheim.stat().st_mode) == 0o600
    (openbaar,) = json.loads(jwks.read_text())["keys"]
    assert "d" not in openbaar


def test_een_bestaande_sleutel_wordt_niet_overschreven(
    schakel: Schakel, sleutel: tuple[Path, Path]
) -> None:
    geheim, jwks = sleutel
    was = geheim.read_bytes()
    assert schakel("token", "sleutel", "--bestand", geheim, "--jwks", jwks).code == 2
    assert geheim.read_bytes() == was


def test_een_token_draagt_wie_en_de_rollen_en_is_te_toetsen(
    schakel: Schakel, sleutel: tuple[Path, Path]
) -> None:
    geheim, jwks = sleutel
    rollen = ("--rol", "lezer", "--rol", "behandelaar")
    gezegd = schakel("token", "--wie", "m-4711", *rollen, "--sleutel", geheim, *VOOR, "-o", "json")
    gemunt = json.loads(gezegd.uit)
    claims = jwt.decode(
        gemunt["token"],
        KeySet.import_key_set(json.loads(jwks.read_text())),
        algorithms=["ES256"],
    ).claims
    assert (claims["sub"], claims["roles"]) == ("m-4711", ["behandelaar", "lezer"])
    assert (claims["iss"], claims["aud"]) == (VOOR[1], VOOR[3])
    kaal = schakel("token", "--wie", "m-4711", *rollen, "--sleutel", geheim, *VOOR)
    assert kaal.uit.count(".") == 2
    assert kaal.uit.count("\n") == 1


@pytest.mark.parametrize(
    "argumenten",
    [
        (),
        ("--wie", "m-1", "--rol", "lezer"),
        ("--wie", "m-1", "--rol", "lezer", *VOOR, "--uren", "13"),
        ("--wie", "m-1", "--rol", "lezer", *VOOR, "--sleutel", "weg.json"),
        ("--wie", "m-1", "--rol", "baas", *VOOR),
    ],
)
def test_een_token_dat_niet_kan_eindigt_met_2(
    schakel: Schakel, sleutel: tuple[Path, Path], argumenten: tuple[str, ...]
) -> None:
    gezegd = schakel("token", *(("--sleutel", sleutel[0]) if argumenten else ()), *argumenten)
    assert gezegd.code == 2
    assert gezegd.uit == ""
