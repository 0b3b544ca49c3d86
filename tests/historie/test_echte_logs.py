"""Real logs of real organisations, with the numbers that others counted in them."""

import csv
import gzip
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.historie.proef import DATA, WORTEL, alle, schrijf

from schakel.historie.analyse import analyseer
from schakel.historie.mapping import lees_mapping

RABOBANK = DATA / "rabobank-itil-2014"
WABO = DATA / "wabo-ontvangst" / "receipt.xes.gz"
MAPPINGS = WORTEL / "docs" / "mappings"
NUMMERS = {"2": 1, "3": 62, "4": 3136, "5": 801}
Rij = dict[str, str]


@pytest.fixture(scope="module")
def activiteiten() -> list[Rij]:
    if not RABOBANK.is_dir():
        pytest.skip(f"de proefgegevens staan niet in {RABOBANK}")
    with gzip.open(RABOBANK / "activities.csv.gz", "rt", newline="") as bestand:
        return list(csv.DictReader(bestand))


@pytest.fixture(scope="module")
def wijzigingen(activiteiten: list[Rij]) -> dict[str, str]:
    with gzip.open(RABOBANK / "incidents.csv.gz", "rt", newline="") as bestand:
        return {rij["incident_id"]: rij["related_change"] for rij in csv.DictReader(bestand)}


def _op_tijd(rijen: list[Rij]) -> list[Rij]:
    return sorted(rijen, key=lambda rij: rij["data_stamp"])


def _door_elkaar(rijen: list[Rij]) -> list[Rij]:
    return random.Random(1).sample(rijen, len(rijen))


VOLGORDES: dict[str, Callable[[list[Rij]], list[Rij]]] = {
    "zoals in het bestand": lambda rijen: rijen,
    "op tijd": _op_tijd,
    "achterstevoren": lambda rijen: rijen[::-1],
    "door elkaar": _door_elkaar,
    "dubbel": lambda rijen: [*rijen, *rijen],
}


@pytest.mark.parametrize("volgorde", list(VOLGORDES))
def test_rabobank_volgt_dezelfde_werkstromen_in_elke_volgorde(
    tmp_path: Path, activiteiten: list[Rij], volgorde: str
) -> None:
    rijen = VOLGORDES[volgorde](activiteiten)
    log = schrijf(tmp_path / "activities.csv", rijen)
    (tmp_path / "incidents.csv.gz").symlink_to((RABOBANK / "incidents.csv.gz").resolve())
    with analyseer([log], lees_mapping(MAPPINGS / "rabobank.toml")) as analyse:
        s = analyse.samenvatting
        assert (s["zaken"], s["werkstromen"], s["onbeslist"]) == (4000, NUMMERS, 0)
        assert s["rijen"]["gelezen"] == len(rijen)
        assert sum(n for wat, n in s["rijen"].items() if wat != "gelezen") == len(rijen)
        assert s["vuil"]["dubbel"] == len(rijen) - 39_911
        if volgorde == "zoals in het bestand":
            assert (s["vuil"]["ongesorteerd"], s["vuil"]["gelijktijdig"]) == (13_933, 26_839)
        zaken = [{**zaak, "geschiedenis": len(zaak["geschiedenis"])} for zaak in alle(analyse)]
    with analyseer(
        [RABOBANK / "activities.csv.gz"], lees_mapping(MAPPINGS / "rabobank.toml")
    ) as oorspronkelijk:
        eerder = alle(oorspronkelijk)
    assert zaken == [{**zaak, "geschiedenis": len(zaak["geschiedenis"])} for zaak in eerder]


def _eerst(rijen: list[Rij]) -> int:
    return 0


def _midden(rijen: list[Rij]) -> int:
    return len(rijen) // 2


def _laatst(rijen: list[Rij]) -> int:
    return len(rijen) - 1


@pytest.mark.parametrize("tijd", ["met tijd", "zonder tijd"])
@pytest.mark.parametrize("plek", [_eerst, _midden, _laatst])
def test_een_wijziging_zonder_tijd_telt_waar_hij_ook_staat(
    tmp_path: Path,
    activiteiten: list[Rij],
    wijzigingen: dict[str, str],
    plek: Callable[[list[Rij]], int],
    tijd: str,
) -> None:
    """``related_change`` on one row of the case, or on a row of its own that has no time."""
    per_zaak: dict[str, list[Rij]] = {}
    for rij in activiteiten:
        per_zaak.setdefault(rij["incident_id"], []).append({**rij, "related_change": ""})
    for zaak, rijen in per_zaak.items():
        if tijd == "met tijd":
            rijen[plek(rijen)]["related_change"] = wijzigingen[zaak]
        else:
            los = dict.fromkeys(rijen[0], "")
            los |= {"incident_id": zaak, "related_change": wijzigingen[zaak]}
            rijen.insert(plek(rijen), los)
    log = schrijf(tmp_path / "log.csv", [rij for rijen in per_zaak.values() for rij in rijen])
    (tmp_path / "incidents.csv.gz").symlink_to((RABOBANK / "incidents.csv.gz").resolve())
    anders = (MAPPINGS / "rabobank.toml").read_text()
    anders = anders.replace('kenmerk = "related_change"', 'kolom = "related_change"')
    (tmp_path / "m.toml").write_text(anders)
    with analyseer([log], lees_mapping(tmp_path / "m.toml")) as analyse:
        assert analyse.samenvatting["werkstromen"] == NUMMERS


@pytest.fixture
def wabo() -> Path:
    if not WABO.is_file():
        pytest.skip(f"de proefgegevens staan niet in {WABO}")
    return WABO


def test_wabo_is_een_en_al_aanvraag_en_wat_geen_einde_heeft_blijft_open(wabo: Path) -> None:
    with analyseer([wabo], lees_mapping(MAPPINGS / "wabo.toml")) as analyse:
        s = analyse.samenvatting
        assert (s["zaken"], s["werkstromen"]) == (1434, {"5": 1434})
        assert s["statussen"].pop("gesloten") == 1434 - 105
        assert sum(s["statussen"].values()) == 105
        kanalen = {"web": 1250, "balie": 109, "post": 53, "e-mail": 21, "Intern": 1}
        assert s["kanalen"] == kanalen
        assert s["rijen"]["gelezen"] == 8577
        open_ = [zaak for zaak in alle(analyse) if zaak["einde"] is None]
        assert len(open_) == 105
