"""Which organisation runs a process: a file, read strictly and again when it changes."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.instellingen import TEST_OIN
from schakel.kern.grond.weigering import StartFout
from schakel.skelet.proces import Procesdienst
from schakel.skelet.routering import HIER, Bestemming, Routering
from schakel.skelet.start import instellingen_voor

W, U = Proces.WIJZIGEN, Proces.UITVOEREN
B, C = "00000099000000002000", "00000099000000003000"


def routering(tmp_path: Path, **processen: Any) -> Routering:
    bestand = tmp_path / "routering.json"
    bestand.write_text(json.dumps({"processen": processen}))
    return Routering(TEST_OIN, bestand)


def code(bestemming: Bestemming) -> str | None:
    return bestemming.bezwaar and bestemming.bezwaar[0]


def test_zonder_bestand_wordt_alles_hier_uitgevoerd() -> None:
    hier = Routering(TEST_OIN)
    for proces in Proces:
        assert hier.bestemming(proces, "licht", None) == HIER
        assert hier.bestemming(proces, "licht", TEST_OIN) == HIER
        assert hier.niet_hier(proces, "licht") is None
        assert code(hier.bestemming(proces, "licht", B)) == "organisatie-past-niet"
    assert hier.ververs() is False


def test_een_dienst_gaat_voor_de_standaard(tmp_path: Path) -> None:
    regels = routering(
        tmp_path,
        wijzigen={"standaard": None, "diensten": {"licht": B}},
        uitvoeren={"standaard": TEST_OIN, "diensten": {"kabel": [B, C], "water": None}},
    )
    assert regels.bestemming(W, "licht", None) == Bestemming(B)
    assert regels.bestemming(W, "licht", B) == Bestemming(B)
    assert code(regels.bestemming(W, "licht", C)) == "organisatie-past-niet"
    assert code(regels.bestemming(W, "iets-anders", None)) == "geen-uitvoerder"
    assert code(regels.bestemming(W, "iets-anders", B)) == "geen-uitvoerder"
    assert regels.bestemming(U, "licht", None) == HIER
    assert code(regels.bestemming(U, "water", None)) == "geen-uitvoerder"
    assert code(regels.bestemming(U, "kabel", None)) == "organisatie-kiezen"
    assert regels.bestemming(U, "kabel", C) == Bestemming(C)
    niet_hier = {
        (proces, dienst): regels.niet_hier(proces, dienst)
        for proces, dienst in ((W, "licht"), (W, "x"), (U, "licht"), (U, "kabel"), (U, "water"))
    }
    assert [bezwaar and bezwaar[0] for bezwaar in niet_hier.values()] == [
        "geen-uitvoerder",
        "geen-uitvoerder",
        None,
        "geen-uitvoerder",
        "geen-uitvoerder",
    ]


@pytest.mark.parametrize(
    "tekst",
    [
        "",
        "[]",
        '{"processen": {}, "meer": 1}',
        '{"processen": {"balie": {"standaard": null}}}',
        '{"processen": {"wijzigen": {}}}',
        '{"processen": {"wijzigen": {"standaard": "123"}}}',
        '{"processen": {"wijzigen": {"standaard": "0000009900000000200O"}}}',
        '{"processen": {"wijzigen": {"standaard": []}}}',
        f'{{"processen": {{"wijzigen": {{"standaard": ["{B}"]}}}}}}',
        '{"processen": {"wijzigen": {"standaard": null, "diensten": {"Hoofdletter": null}}}}',
        f'{{"processen": {{"wijzigen": {{"standaard": null, "standaard": "{B}"}}}}}}',
        '{"processen": {"wijzigen": {"standaard": null, "andere": 1}}}',
        f'{{"processen": {{}}}}{" " * 1_000_000}',
    ],
)
def test_een_onbruikbaar_bestand_houdt_de_start_tegen(tmp_path: Path, tekst: str) -> None:
    bestand = tmp_path / "routering.json"
    bestand.write_text(tekst)
    with pytest.raises(StartFout, match="routering") as fout:
        Routering(TEST_OIN, bestand)
    assert fout.value.code == "routering-ongeldig"


def test_een_bestand_dat_er_niet_is_houdt_de_dienst_tegen(tmp_path: Path, omgeving: None) -> None:
    instellingen = instellingen_voor(
        OMSCHRIJVING[W], gegevensmap=tmp_path, routering=tmp_path / "weg.json"
    )
    with pytest.raises(StartFout) as fout:
        Procesdienst(OMSCHRIJVING[W], instellingen)
    assert fout.value.code == "routering-onleesbaar"


def test_een_gewijzigd_bestand_wordt_opnieuw_gelezen(tmp_path: Path) -> None:
    regels = routering(tmp_path, wijzigen={"standaard": B})
    bestand = tmp_path / "routering.json"
    assert regels.ververs() is False
    bestand.write_text('{"processen": {}}')
    assert regels.ververs() is True
    assert regels.bestemming(W, "licht", None) == HIER
    bestand.write_text("{")
    for _ in range(2):  # it is said again until it is mended, and what was read before holds
        with pytest.raises(StartFout):
            regels.ververs()
    assert regels.bestemming(W, "licht", None) == HIER
    bestand.unlink()
    with pytest.raises(StartFout):
        regels.ververs()
    bestand.write_text(json.dumps({"processen": {"wijzigen": {"standaard": C}}}))
    assert regels.ververs() is True
    assert regels.bestemming(W, "licht", None) == Bestemming(C)


async def test_een_draaiende_dienst_volgt_het_bestand(tmp_path: Path, omgeving: None) -> None:
    bestand = tmp_path / "routering.json"
    bestand.write_text('{"processen": {}}')
    instellingen = instellingen_voor(
        OMSCHRIJVING[W], gegevensmap=tmp_path / "w", routering=bestand, wekker="PT0.02S"
    )
    dienst = Procesdienst(OMSCHRIJVING[W], instellingen)
    async with dienst.levensloop(dienst.app):
        assert dienst.routering.bestemming(U, "licht", None) == HIER
        bestand.write_text(json.dumps({"processen": {"uitvoeren": {"standaard": B}}}))
        async with asyncio.timeout(5):
            while dienst.routering.bestemming(U, "licht", None) == HIER:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
