"""What an operator sets for a process, and what stops it from starting: one line, exit 2."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.weigering import StartFout
from schakel.skelet.instellingen import Instellingen
from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor, start

H = OMSCHRIJVING[Proces.HERSTELLEN]


@pytest.fixture(autouse=True)
def _geen_omgeving(omgeving: None) -> None:
    """No setting comes from whoever runs the tests."""


def test_elk_proces_heeft_een_eigen_poort() -> None:
    poorten = [instellingen_voor(OMSCHRIJVING[proces]).poort for proces in Proces]
    assert poorten == [8101, 8102, 8103, 8104, 8105]


def test_een_gekozen_poort_gaat_voor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHAKEL_POORT", "9000")
    assert instellingen_voor(H).poort == 9000


def test_termijnen_per_dienst_komen_uit_een_bestand(tmp_path: Path) -> None:
    bestand = tmp_path / "diensten.json"
    bestand.write_text('{"standaard": {"antwoord": "P3D"}, "diensten": {"spoed": {}}}')
    catalogus = Instellingen(dienstencatalogus=bestand).lees_catalogus()
    assert catalogus.van("iets").antwoord == timedelta(days=3)
    assert catalogus.van("spoed").antwoord == timedelta(weeks=2)


@pytest.mark.parametrize(
    ("tekst", "code"),
    [
        (None, "catalogus-onleesbaar"),
        ("{", "catalogus-ongeldig"),
        ('{"diensten": {"spoed": {"antwoord": "morgen"}}}', "catalogus-ongeldig"),
        ('{"diesten": {}}', "catalogus-ongeldig"),
    ],
)
def test_een_onbruikbare_catalogus_houdt_de_start_tegen(
    tmp_path: Path, tekst: str | None, code: str
) -> None:
    bestand = tmp_path / "diensten.json"
    if tekst is not None:
        bestand.write_text(tekst)
    with pytest.raises(StartFout) as fout:
        Procesdienst(H, Instellingen(gegevensmap=tmp_path, dienstencatalogus=bestand))
    assert (fout.value.code, "\n" in fout.value.uitleg) == (code, False)


def test_wat_de_start_tegenhoudt_is_een_regel_en_uitgang_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A store is of one process at a time: the second is told so and harms nothing."""
    monkeypatch.setenv("SCHAKEL_GEGEVENSMAP", str(tmp_path))
    eerste = Procesdienst(H, instellingen_voor(H))
    with pytest.raises(SystemExit) as einde:
        start(H, ())
    assert einde.value.code == 2
    (regel,) = capsys.readouterr().err.splitlines()
    assert str(tmp_path) in regel
    eerste.opslag.sluit()
    Procesdienst(H, instellingen_voor(H)).opslag.sluit()


def test_een_onbekende_instelling_houdt_de_start_tegen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCHAKEL_WEKER", "5")
    with pytest.raises(SystemExit):
        start(H, ())
    assert "SCHAKEL_WEKKER" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url",
    ["https://meldingen@localhost", "http://127.0.0.1/caf\u00e9", f"http://[::1]/{'a' * 400}"],
    ids=["gebruiker", "accent", "lang"],
)
def test_een_adres_dat_in_geen_bericht_kan_houdt_de_start_tegen(url: str) -> None:
    with pytest.raises(StartFout) as fout:
        Instellingen(publieke_url=url)
    assert fout.value.code == "adres-onbruikbaar"


@pytest.mark.parametrize("url", ["http://localhost:8103/", "http://[::1]:8103/schakel"])
def test_een_gewoon_adres_kan_in_elk_bericht(url: str) -> None:
    assert Instellingen(publieke_url=url).publieke_url == url
