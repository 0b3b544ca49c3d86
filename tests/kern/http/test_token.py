"""Tokens of the organisation's own."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from tests.kern.http.organisatie import PUBLIEK, UITGEVER, Organisatie

from schakel.kern.geheim.token import lees_sleutel, maak_sleutel, munt
from schakel.kern.grond.weigering import Ongeldig, StartFout


def test_de_sleutel_is_alleen_voor_de_eigenaar_en_wordt_niet_overschreven(tmp_path: Path) -> None:
    bestand = tmp_path / "sleutel.json"
    sleutel = maak_sleutel(bestand)
    assert bestand.stat().st_mode & 0o777 == 0o600
    assert lees_sleutel(bestand).thumbprint() == sleutel.thumbprint()
    with pytest.raises(StartFout):
        maak_sleutel(bestand)
    assert lees_sleutel(bestand).thumbprint() == sleutel.thumbprint()


def test_de_jwks_bevat_niets_geheims(organisatie: Organisatie) -> None:
    (sleutel,) = json.loads((organisatie.map / "jwks.json").read_text())["keys"]
    assert sleutel.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}


@pytest.mark.parametrize("inhoud", [None, b"", b"[]", b"{}", b'{"kty":"EC"}', b'{"kty":1}'])
def test_een_onbruikbare_sleutel_wordt_gemeld(tmp_path: Path, inhoud: bytes | None) -> None:
    bestand = tmp_path / "sleutel.json"
    if inhoud is not None:
        bestand.write_bytes(inhoud)
    with pytest.raises(StartFout, match="sleutel"):
        lees_sleutel(bestand)


@pytest.mark.parametrize("geldig", [timedelta(0), timedelta(seconds=-1), timedelta(hours=13)])
def test_een_token_geldt_niet_te_lang(organisatie: Organisatie, geldig: timedelta) -> None:
    with pytest.raises(Ongeldig, match="duur-ongeldig"):
        munt(
            organisatie.sleutel,
            uitgever=UITGEVER,
            publiek=PUBLIEK,
            sub="jan",
            rollen=[],
            geldig=geldig,
        )
