"""The log as OCEL 2.0: read again as JSON, with every reference followed."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
from tests.historie.uitvoer.vulling import AKELIG

from schakel.historie.uitvoer.ocel import schrijf_ocel

BEGIN = "1970-01-01T00:00:00Z"


def lees(db: duckdb.DuckDBPyConnection, map_: Path) -> Any:
    return json.loads(schrijf_ocel(db, map_ / "log.ocel.json").read_bytes())


def tel(db: duckdb.DuckDBPyConnection, tabel: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {tabel}").fetchall()[0][0])


def waarden(ding: Any) -> dict[str, Any]:
    return {a["name"]: a["value"] for a in ding["attributes"]}


def test_er_is_een_object_per_zaak_en_per_proces_en_een_event_per_gebeurtenis(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    log = lees(db, tmp_path)
    assert Counter(o["type"] for o in log["objects"]) == {"zaak": tel(db, "zaken"), "proces": 5}
    assert len(log["events"]) == tel(db, "gebeurtenissen")
    for soort in ("objects", "events"):
        assert len({ding["id"] for ding in log[soort]}) == len(log[soort])
    assert f"zaak:{AKELIG}" in {o["id"] for o in log["objects"]}


def test_elke_verwijzing_komt_ergens_uit(db: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    log = lees(db, tmp_path)
    objecten = {o["id"] for o in log["objects"]}
    verwijzingen = [
        r["objectId"] for d in log["events"] + log["objects"] for r in d.get("relationships", ())
    ]
    assert set(verwijzingen) <= objecten
    assert len(verwijzingen) > len(log["events"])


def test_elk_attribuut_is_bij_zijn_type_aangekondigd(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    soorten = {"string": str, "integer": int, "float": float, "boolean": bool, "time": str}
    log = lees(db, tmp_path)
    for typen, dingen in (("objectTypes", "objects"), ("eventTypes", "events")):
        bekend = {
            t["name"]: {a["name"]: soorten[a["type"]] for a in t["attributes"]} for t in log[typen]
        }
        for ding in log[dingen]:
            for naam, waarde in waarden({"attributes": ding.get("attributes", [])}).items():
                assert type(waarde) is bekend[ding["type"]][naam]


def test_een_overdracht_hoort_bij_beide_processen(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    events = {e["id"]: e for e in lees(db, tmp_path)["events"]}
    rollen = {(r["objectId"], r["qualifier"]) for r in events["Z-05/2"]["relationships"]}
    assert rollen == {
        ("zaak:Z-05", "zaak"),
        ("proces:wijzigen", "in"),
        ("proces:uitvoeren", "overgedragen aan"),
    }


def test_een_event_zonder_tijd_krijgt_die_van_zijn_buur_en_zegt_dat(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    db.execute("UPDATE gebeurtenissen SET tijdstip = NULL WHERE zaak = 'Z-05' AND n = 1")
    events = {e["id"]: e for e in lees(db, tmp_path)["events"]}
    for id_ in ("Z-05/1", "Z-05/90"):
        assert events[id_]["time"] == events["Z-05/2"]["time"] == "2023-05-01T08:00:00.000000Z"
        assert waarden(events[id_])["zonder_tijdstip"] is True
    assert "zonder_tijdstip" not in waarden(events["Z-05/2"])
    assert events["Z-11/1"]["time"] == BEGIN


def test_een_zaak_houdt_het_nummer_dat_hij_kreeg_en_het_verloop_ervan(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    zaken = {o["id"]: o for o in lees(db, tmp_path)["objects"]}
    verplaatst = zaken["zaak:Z-10"]
    assert (waarden(verplaatst)["werkstroom"], waarden(verplaatst)["pad"]) == (3, "HUHWUWH")
    verloop = [a for a in verplaatst["attributes"] if a["name"] == "werkstroom_op_dat_moment"]
    assert [(a["value"], a["time"]) for a in verloop] == [
        (4, "2023-02-10T08:00:00.000000Z"),
        (3, BEGIN),
    ]
    onbeslist = zaken["zaak:Z-12"]
    assert "werkstroom" not in waarden(onbeslist)
    assert onbeslist["relationships"] == []


def test_een_lege_afleiding_is_een_lege_log(
    leeg: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    log = lees(leeg, tmp_path)
    assert (log["objects"], log["events"], log["eventTypes"]) == ([], [], [])
    assert [t["name"] for t in log["objectTypes"]] == ["zaak", "proces"]
