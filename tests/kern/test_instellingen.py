"""Settings: what cannot be right is refused at start, in one Dutch line."""

from pathlib import Path
from typing import Any

import pytest

from schakel.kern.grond.instellingen import TEST_OIN, Instellingen, is_loopback
from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.weigering import StartFout


def test_zonder_instellingen_is_een_dienst_alleen_van_deze_machine_te_bereiken() -> None:
    instellingen = Instellingen()
    assert instellingen.oin == TEST_OIN
    assert instellingen.host == "127.0.0.1"
    assert instellingen.publieke_url == "http://127.0.0.1:8100"
    assert instellingen.sleutelbestand == Path("gegevens/sleutel")
    assert instellingen.hosts == {"localhost", "127.0.0.1", "::1"}
    assert instellingen.opslag == "sqlite"


def test_de_omgeving_bepaalt_en_de_code_gaat_voor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHAKEL_POORT", "9000")
    monkeypatch.setenv("schakel_logniveau", "debug")
    monkeypatch.setenv("SCHAKEL_GEGEVENSMAP", "/data")
    monkeypatch.setenv("SCHAKEL_ROLKAART", '{"mw-intake": "intaker"}')
    monkeypatch.setenv("SCHAKEL_TOEGESTANE_HOSTS", '["Een.NL"]')
    monkeypatch.setenv("SCHAKEL_UITGEVER", "")
    instellingen = Instellingen()
    assert (instellingen.poort, instellingen.logniveau) == (9000, "debug")
    assert instellingen.publieke_url == "http://127.0.0.1:9000"
    assert instellingen.sleutelbestand == Path("/data/sleutel")
    assert instellingen.rolkaart == {"mw-intake": Rol.INTAKER}
    assert "een.nl" in instellingen.hosts
    assert instellingen.uitgever is None
    assert Instellingen(poort=9001).poort == 9001


VEILIG = {
    "host": "0.0.0.0",
    "uitgever": "https://idp.example.nl",
    "publiek": "schakel",
    "jwks": "https://idp.example.nl/jwks",
}


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.0.2.1", "dienst.example.nl", "127.0.0.1.nip"]
)
def test_van_buiten_bereikbaar_zijn_vraagt_een_uitgever(host: str) -> None:
    with pytest.raises(StartFout, match="SCHAKEL_UITGEVER") as geweigerd:
        Instellingen(host=host)
    assert "\n" not in geweigerd.value.uitleg
    assert Instellingen(**(VEILIG | {"host": host})).host == host


def test_een_publiek_adres_op_een_lokale_binding_vraagt_ook_een_uitgever() -> None:
    """Behind a proxy the binding is loopback and the whole world gets in."""
    with pytest.raises(StartFout, match="geen-uitgever"):
        Instellingen(publieke_url="https://schakel.example.nl/herstel")


@pytest.mark.parametrize(
    ("weg", "code"),
    [("jwks", "geen-uitgever"), ("uitgever", "geen-uitgever"), ("publiek", "publiek-ontbreekt")],
)
def test_een_halve_uitgever_is_geen_uitgever(weg: str, code: str) -> None:
    half = {naam: waarde for naam, waarde in VEILIG.items() if naam != weg}
    with pytest.raises(StartFout, match=code):
        Instellingen(**half)


def test_ook_lokaal_is_een_halve_uitgever_een_vergissing() -> None:
    with pytest.raises(StartFout, match="uitgever-onvolledig"):
        Instellingen(jwks="sleutels.json")


def test_sleutels_komen_niet_over_een_open_lijn() -> None:
    with pytest.raises(StartFout, match="jwks-onveilig"):
        Instellingen(**(VEILIG | {"jwks": "http://idp.example.nl/jwks"}))
    assert Instellingen(**(VEILIG | {"jwks": "http://localhost/jwks"}))


@pytest.mark.parametrize(
    ("naam", "waarde"),
    [
        ("POSTGRES_ENABLE_DB_FUNCTIONS", "y"),
        ("POSTGRES_ENABLE_DB_FUNCTIONS", "True"),
        ("PROEF_POSTGRES_ENABLE_DB_FUNCTIONS", "1"),
        ("COMPRESSOR_TOPIC", "zlib"),
        ("PROEF_CIPHER_TOPIC", "eventsourcing.cipher:AESCipher"),
    ],
)
def test_een_gevaarlijke_schakelaar_van_de_bibliotheek_houdt_de_start_tegen(
    monkeypatch: pytest.MonkeyPatch, naam: str, waarde: str
) -> None:
    monkeypatch.setenv(naam, waarde)
    with pytest.raises(StartFout, match=f"haal {naam} uit de omgeving"):
        Instellingen()


def test_de_schakelaar_die_uit_staat_mag_blijven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_ENABLE_DB_FUNCTIONS", "n")
    monkeypatch.setenv("CIPHER_TOPIC", "")
    assert Instellingen()


@pytest.mark.parametrize(
    ("naam", "hint"),
    [
        ("SCHAKEL_PORT", "bedoelt u SCHAKEL_POORT?"),
        ("SCHAKEL_UITGEVERS", "bedoelt u SCHAKEL_UITGEVER?"),
        ("schakel_jwk", "bedoelt u SCHAKEL_JWKS?"),
        ("SCHAKEL_ZZZZZZ", "bestaat niet"),
    ],
)
def test_een_tikfout_in_een_instelling_wordt_niet_genegeerd(
    monkeypatch: pytest.MonkeyPatch, naam: str, hint: str
) -> None:
    monkeypatch.setenv(naam, "1")
    with pytest.raises(StartFout, match="instelling-onbekend") as geweigerd:
        Instellingen()
    assert naam in geweigerd.value.uitleg
    assert hint in geweigerd.value.uitleg


def test_wat_een_andere_dienst_kent_is_geen_tikfout(monkeypatch: pytest.MonkeyPatch) -> None:
    class Meer(Instellingen):
        proefveld_van_een_ander: int = 1

    monkeypatch.setenv("SCHAKEL_PROEFVELD_VAN_EEN_ANDER", "2")
    assert Meer().proefveld_van_een_ander == 2
    assert Instellingen()


@pytest.mark.parametrize(
    ("naam", "waarde", "uitleg"),
    [
        ("poort", "70000", "mag hoogstens 65535 zijn"),
        ("poort", "abc", "moet een geheel getal zijn"),
        ("oin", "123", "moet voldoen aan het patroon"),
        ("oin", "0000009900000000100x", "moet voldoen aan het patroon"),
        ("max_body", "1", "moet minstens 1024 zijn"),
        ("max_body", "10000000", "mag hoogstens 262144 zijn"),
        ("logniveau", "luid", "moet een van deze zijn: 'debug', 'info', 'warning' of 'error'"),
        ("opslag", "mysql://x", "moet voldoen aan het patroon"),
        ("publieke_url", "ftp://x", "moet voldoen aan het patroon"),
        ("publieke_url", "http://localhost/?a=1", "moet voldoen aan het patroon"),
        ("rolkaart", '{"a": "baas"}', "moet een van deze zijn"),
        ("rolkaart", "geen json", "geen geldige JSON"),
    ],
)
def test_een_ongeldige_waarde_is_een_nederlandse_regel(
    monkeypatch: pytest.MonkeyPatch, naam: str, waarde: str, uitleg: str
) -> None:
    monkeypatch.setenv(f"SCHAKEL_{naam.upper()}", waarde)
    with pytest.raises(StartFout, match="instelling-ongeldig") as geweigerd:
        Instellingen()
    (regel,) = geweigerd.value.uitleg.splitlines()
    assert f"SCHAKEL_{naam.upper()}" in regel or naam in regel
    assert uitleg in regel


def test_elke_fout_krijgt_zijn_eigen_regel() -> None:
    with pytest.raises(StartFout) as geweigerd:
        Instellingen(poort=-1, oin="x")
    assert len(geweigerd.value.uitleg.splitlines()) == 2


def test_een_onbekende_naam_in_de_code_wordt_geweigerd() -> None:
    onzin: dict[str, Any] = {"port": 1}
    with pytest.raises(StartFout, match="SCHAKEL_PORT is ongeldig: bestaat niet"):
        Instellingen(**onzin)


@pytest.mark.parametrize(
    ("host", "wel"),
    [
        ("127.0.0.1", True),
        ("127.255.1.1", True),
        ("[::1]", True),
        ("LOCALHOST", True),
        ("localhost.example.nl", False),
        ("0.0.0.0", False),
        ("", False),
        ("10.0.0.1", False),
    ],
)
def test_loopback_is_alleen_deze_machine(host: str, wel: bool) -> None:
    assert is_loopback(host) is wel
