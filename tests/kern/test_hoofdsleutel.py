"""The file with the master keys: made once, replaced without losing one."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from tests.kern.proef import TABELLEN

from schakel.kern.geheim.hoofdsleutel import (
    Toeval,
    hoofdsleutels_voor,
    lees_hoofdsleutels,
    maak_hoofdsleutel,
    vernieuw_hoofdsleutel,
)
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import StartFout
from schakel.kern.opslag import Lading
from schakel.kern.opslag.sqlite import SqliteOpslag, heeft_inhoud


def test_toeval_wordt_een_keer_uitgegeven() -> None:
    """A nonce that is used twice gives the master key's work away."""
    toeval = Toeval()
    with ThreadPoolExecutor(8) as draden:
        getrokken = list(draden.map(lambda _: toeval.trek(12), range(20_000)))
    assert len(set(getrokken)) == 20_000
    assert {len(bytes_) for bytes_ in getrokken} == {12}


def test_de_hoofdsleutel_wordt_een_keer_gemaakt_en_is_alleen_van_de_eigenaar(
    tmp_path: Path,
) -> None:
    bestand = tmp_path / "diep" / "sleutel"
    eigen = Instellingen(gegevensmap=bestand.parent)
    (sleutel,) = hoofdsleutels_voor(eigen)
    assert hoofdsleutels_voor(eigen) == lees_hoofdsleutels(bestand) == (sleutel,)
    assert len(sleutel) == 32
    assert stat.S_IMODE(bestand.stat().st_mode) == 0o600
    assert list(bestand.parent.iterdir()) == [bestand]


def test_wie_tegelijk_beginnen_houden_dezelfde_sleutel(tmp_path: Path) -> None:
    for keer in range(20):
        bestand, samen = tmp_path / f"sleutel{keer}", Barrier(8)

        def begin(bestand: Path = bestand, samen: Barrier = samen) -> tuple[bytes, ...]:
            samen.wait()
            return hoofdsleutels_voor(Instellingen(gegevensmap=tmp_path, sleutelbestand=bestand))

        with ThreadPoolExecutor(8) as draden:
            sleutels = {toekomst.result() for toekomst in [draden.submit(begin) for _ in range(8)]}
        assert sleutels == {(bestand.read_bytes(),)}


@pytest.mark.parametrize("inhoud", [b"", b"kort", b"x" * 33, b"x" * 65 * 32])
def test_een_onbruikbaar_sleutelbestand_is_een_heldere_startfout(
    tmp_path: Path, inhoud: bytes
) -> None:
    bestand = tmp_path / "sleutel"
    bestand.write_bytes(inhoud)
    with pytest.raises(StartFout, match="geen sleutel van 32 bytes"):
        lees_hoofdsleutels(bestand)
    with pytest.raises(StartFout, match="sleutel-onbereikbaar"):
        lees_hoofdsleutels(tmp_path)


def test_een_nieuwe_sleutel_komt_voor_de_vorige_en_het_bestand_blijft_van_wie_het_was(
    tmp_path: Path,
) -> None:
    bestand = tmp_path / "sleutel"
    maak_hoofdsleutel(bestand)
    eerste = lees_hoofdsleutels(bestand)
    bestand.chmod(0o440)
    assert vernieuw_hoofdsleutel(bestand) == 2
    assert vernieuw_hoofdsleutel(bestand) == 3
    sleutels = lees_hoofdsleutels(bestand)
    assert sleutels[-1:] == eerste
    assert len(set(sleutels)) == 3
    assert stat.S_IMODE(bestand.stat().st_mode) == 0o440
    assert list(tmp_path.iterdir()) == [bestand]


@pytest.mark.skipif(os.geteuid() != 0, reason="alleen root kan een bestand aan een ander geven")
def test_ook_een_ander_die_hem_vernieuwt_laat_hem_van_de_dienst(tmp_path: Path) -> None:
    bestand, dienst = tmp_path / "sleutel", 65534
    maak_hoofdsleutel(bestand)
    os.chown(bestand, dienst, dienst)
    assert vernieuw_hoofdsleutel(bestand) == 2
    assert (bestand.stat().st_uid, bestand.stat().st_gid) == (dienst, dienst)
    assert stat.S_IMODE(bestand.stat().st_mode) == 0o600


def test_wat_niet_te_vernieuwen_is_blijft_zoals_het_was(tmp_path: Path) -> None:
    bestand = tmp_path / "sleutel"
    with pytest.raises(StartFout, match="sleutel-ontbreekt"):
        vernieuw_hoofdsleutel(bestand)
    assert not bestand.exists()
    for inhoud, reden in ((b"kort", "sleutel-onbruikbaar"), (b"x" * 64 * 32, "sleutel-te-vaak")):
        bestand.write_bytes(inhoud)
        with pytest.raises(StartFout, match=reden):
            vernieuw_hoofdsleutel(bestand)
        assert bestand.read_bytes() == inhoud


_REGELS = {
    "gebeurtenissen": "INSERT INTO stored_events VALUES (?, 1, 'proef/kist.gevuld', x'')",
    "sleutels": "INSERT INTO sleutels VALUES (?, x'')",
}


@pytest.mark.parametrize("wat", _REGELS)
def test_naast_wat_al_iets_bewaart_wordt_geen_sleutel_gemaakt(tmp_path: Path, wat: str) -> None:
    """Also not for a service that begins beside it: they may share the file."""
    eigen = Instellingen(gegevensmap=tmp_path)
    SqliteOpslag(tmp_path / "leeg.db", TABELLEN).sluit()
    hoofdsleutels_voor(eigen)
    (tmp_path / "sleutel").unlink()
    opslag = SqliteOpslag(tmp_path / "vol.db", TABELLEN)
    opslag.schrijf(Lading(rijen={_REGELS[wat]: [("een",)]}))
    with pytest.raises(StartFout, match="sleutel-ontbreekt"):  # while it is at work
        hoofdsleutels_voor(eigen)
    opslag.sluit()
    with pytest.raises(StartFout, match="sleutel-ontbreekt"):
        hoofdsleutels_voor(eigen)
    assert not (tmp_path / "sleutel").exists()


def test_wie_alleen_hoort_heeft_pas_met_een_uitgever_een_sleutel_te_verliezen(
    tmp_path: Path,
) -> None:
    """The orchestrator: with the key it makes the pseudonyms of whoever works there."""
    opslag = SqliteOpslag(tmp_path / "vol.db", TABELLEN)
    assert heeft_inhoud(tmp_path / "vol.db", van_anderen=True) is False
    opslag.schrijf(Lading(rijen={"INSERT INTO inbox VALUES ('een', 'ander', x'')": [()]}))
    met = Instellingen(
        gegevensmap=tmp_path,
        uitgever="https://uitgever.example",
        publiek="schakel",
        jwks="https://uitgever.example/jwks",
    )
    with pytest.raises(StartFout, match="sleutel-ontbreekt"):
        hoofdsleutels_voor(met)
    assert len(hoofdsleutels_voor(Instellingen(gegevensmap=tmp_path))) == 1
    opslag.sluit()


def test_naast_iets_dat_geen_opslag_is_wordt_geen_sleutel_gemaakt(tmp_path: Path) -> None:
    (tmp_path / "stuk.db").write_bytes(b"dit was ooit een opslag" * 100)
    with pytest.raises(StartFout, match="sleutel-ontbreekt"):
        hoofdsleutels_voor(Instellingen(gegevensmap=tmp_path))


def test_op_postgresql_wordt_nooit_een_sleutel_gemaakt(tmp_path: Path) -> None:
    eigen = Instellingen(gegevensmap=tmp_path, opslag="postgresql://nergens/leeg")
    with pytest.raises(StartFout, match="er is geen hoofdsleutel in") as gezegd:
        hoofdsleutels_voor(eigen)
    assert "\n" not in gezegd.value.uitleg
    assert not (tmp_path / "sleutel").exists()
    maak_hoofdsleutel(tmp_path / "sleutel")
    assert len(hoofdsleutels_voor(eigen)) == 1
