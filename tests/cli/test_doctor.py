"""``schakel doctor`` finds each planted fault, says how to mend it, and changes nothing."""

import fcntl
import json
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.cli.conftest import Gezegd, zes_vrije_poorten

from schakel.cli.alles import bouw_geheel

Schakel = Callable[..., Gezegd]


@pytest.fixture
def map_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data of an installation that was used and stands still."""
    gegevens = tmp_path / "gegevens"
    monkeypatch.setenv("SCHAKEL_GEGEVENSMAP", str(gegevens))
    monkeypatch.setenv("SCHAKEL_BASISPOORT", str(zes_vrije_poorten()))
    bouw_geheel(gegevens).sluit()
    return gegevens


def mis(gezegd: Gezegd) -> dict[str, tuple[str, str]]:
    return {b["wat"]: (b["uitleg"], b["herstel"]) for b in json.loads(gezegd.uit) if not b["goed"]}


def inhoud(map_: Path) -> dict[str, bytes]:
    return {pad.name: pad.read_bytes() for pad in map_.iterdir() if pad.suffix == ".db"}


def test_een_gezonde_installatie_eindigt_met_0(schakel: Schakel, map_: Path) -> None:
    voor = inhoud(map_)
    gezegd = schakel("doctor", "-o", "json")
    assert (gezegd.code, mis(gezegd)) == (0, {})
    gevonden = {b["wat"] for b in json.loads(gezegd.uit)}
    assert {"python", "versies", "instellingen", "gegevensmap", "schijf"} <= gevonden
    assert {"hoofdsleutel", "opslag herstellen", "dienst orchestrator"} <= gevonden
    assert inhoud(map_) == voor
    assert "mis" not in schakel("doctor").uit


def sleutel_leesbaar_voor_anderen(map_: Path) -> None:
    (map_ / "sleutel").chmod(0o644)


def sleutel_weg(map_: Path) -> None:
    (map_ / "sleutel").unlink()


def sleutel_te_kort(map_: Path) -> None:
    (map_ / "sleutel").write_bytes(b"kort")


def opslag_nieuwer(map_: Path) -> None:
    with closing(sqlite3.connect(map_ / "wijzigen.db")) as verbinding:
        verbinding.execute("PRAGMA user_version = 99")


def opslag_beschadigd(map_: Path) -> None:
    (map_ / "uitvoeren.db").write_bytes(b"dit is geen database, maar wel iets langer dan niets")
    for rest in map_.glob("uitvoeren.db-*"):
        rest.unlink()


@pytest.mark.parametrize(
    ("fout", "wat", "herstel"),
    [
        (sleutel_leesbaar_voor_anderen, "hoofdsleutel", "chmod 600"),
        (sleutel_weg, "hoofdsleutel", "reservekopie"),
        (sleutel_te_kort, "hoofdsleutel", "reservekopie"),
        (opslag_nieuwer, "opslag wijzigen", "werk schakel bij"),
        (opslag_beschadigd, "opslag uitvoeren", "reservekopie"),
    ],
)
def test_een_fout_in_de_gegevens_wordt_gevonden(
    schakel: Schakel, map_: Path, fout: Callable[[Path], None], wat: str, herstel: str
) -> None:
    fout(map_)
    gezegd = schakel("doctor", "-o", "json")
    assert gezegd.code == 1
    assert mis(gezegd).keys() == {wat}
    assert herstel in mis(gezegd)[wat][1]
    leesbaar = schakel("doctor")
    assert leesbaar.code == 1
    assert "-> " in leesbaar.uit


@contextmanager
def luisteraar(poort: int) -> Iterator[None]:
    with closing(socket.socket()) as vreemde:
        vreemde.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        vreemde.bind(("127.0.0.1", poort))
        vreemde.listen()
        yield


def test_een_vreemde_op_onze_poort_wordt_gevonden(
    schakel: Schakel, map_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schakel.klant.klant.GEDULD", 0.5)
    poort = zes_vrije_poorten()
    monkeypatch.setenv("SCHAKEL_BASISPOORT", str(poort))
    with luisteraar(poort + 3):
        gezegd = schakel("doctor", "-o", "json")
    assert gezegd.code == 1
    assert "SCHAKEL_BASISPOORT" in mis(gezegd)["dienst herstellen"][1]


def test_een_opslag_die_iemand_vasthoudt_zonder_te_antwoorden_wordt_gevonden(
    schakel: Schakel, map_: Path
) -> None:
    with (map_ / "afspreken.db.slot").open("rb") as slot:
        fcntl.flock(slot, fcntl.LOCK_EX)
        gezegd = schakel("doctor", "-o", "json")
    assert gezegd.code == 1
    assert mis(gezegd).keys() == {"opslag afspreken"}


def test_een_gegevensmap_die_een_bestand_is_wordt_gevonden(
    schakel: Schakel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bestand").touch()
    monkeypatch.setenv("SCHAKEL_GEGEVENSMAP", str(tmp_path / "bestand"))
    assert "gegevensmap" in mis(schakel("doctor", "-o", "json"))


def test_een_verkeerde_instelling_wordt_gevonden(
    schakel: Schakel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHAKEL_OIN", "123")
    gezegd = schakel("doctor", "-o", "json")
    assert gezegd.code == 1
    assert "SCHAKEL_OIN" in mis(gezegd)["instellingen"][0]


def test_een_jwks_die_er_niet_is_wordt_gevonden(
    schakel: Schakel, map_: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    jwks = tmp_path / "jwks.json"
    monkeypatch.setenv("SCHAKEL_UITGEVER", "https://uitgever.example.nl")
    monkeypatch.setenv("SCHAKEL_PUBLIEK", "schakel")
    monkeypatch.setenv("SCHAKEL_JWKS", str(jwks))
    assert "jwks" in mis(schakel("doctor", "-o", "json"))
    schakel("token", "sleutel", "--bestand", tmp_path / "eigen.json", "--jwks", jwks)
    assert schakel("doctor").code == 0


def test_te_weinig_ruimte_wordt_gevonden(
    schakel: Schakel, map_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schakel.cli.onderzoek.MINSTE_RUIMTE", 2**60)
    assert mis(schakel("doctor", "-o", "json")).keys() == {"schijf"}
