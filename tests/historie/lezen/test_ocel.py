"""OCEL 2.0 in both its forms: one log, written twice, gives the same rows."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from tests.historie.lezen.conftest import Openen

from schakel.historie.lezen import Bestandsfout

LOGBOEK: dict[str, Any] = {
    "objectTypes": [{"name": "melding", "attributes": []}, {"name": "wijziging", "attributes": []}],
    "eventTypes": [{"name": "Meld aan", "attributes": []}, {"name": "Los op", "attributes": []}],
    "objects": [
        {
            "id": "m1",
            "type": "melding",
            "attributes": [
                {"name": "kanaal", "time": "2024-02-01T00:00:00Z", "value": "balie"},
                {"name": "kanaal", "time": "1970-01-01T00:00:00Z", "value": "web"},
                {"name": "prio", "time": "1970-01-01T00:00:00Z", "value": 2},
            ],
        },
        {"id": "m2", "type": "melding"},
        {"id": "w1", "type": "wijziging", "attributes": []},
    ],
    "events": [
        {
            "id": "e1",
            "type": "Meld aan",
            "time": "2024-01-01T00:00:00Z",
            "attributes": [{"name": "groep", "value": "Eerste lijn"}],
            "relationships": [
                {"objectId": "m1", "qualifier": "over"},
                {"objectId": "w1", "qualifier": "via"},
                {"objectId": "m2", "qualifier": "over"},
            ],
        },
        {
            "id": "e2",
            "type": "Los op",
            "time": "2024-01-02T00:00:00Z",
            "relationships": [{"objectId": "m1"}],
        },
        {"id": "e3", "type": "Los op", "time": "2024-01-03T00:00:00Z"},
    ],
}
KOLOMMEN = (
    *("ocel:id", "ocel:type", "ocel:time", "ocel:object", "ocel:qualifier"),
    *("groep", "object:kanaal", "object:prio"),
)
RIJEN = [
    (1, "e1", "Meld aan", "2024-01-01T00:00:00Z", "m1", "over", "Eerste lijn", "balie", "2"),
    (2, "e1", "Meld aan", "2024-01-01T00:00:00Z", "m2", "over", "Eerste lijn", None, None),
    (3, "e2", "Los op", "2024-01-02T00:00:00Z", "m1", None, None, "balie", "2"),
]

SQL = """
CREATE TABLE event (ocel_id TEXT, ocel_type TEXT);
CREATE TABLE object (ocel_id TEXT, ocel_type TEXT);
CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT);
CREATE TABLE event_map_type (ocel_type TEXT, ocel_type_map TEXT);
CREATE TABLE object_map_type (ocel_type TEXT, ocel_type_map TEXT);
CREATE TABLE event_MeldAan (ocel_id TEXT, ocel_time TEXT, groep TEXT);
CREATE TABLE event_LosOp (ocel_id TEXT, ocel_time TEXT);
CREATE TABLE "object_mel""ding"
    (ocel_id TEXT, ocel_time TEXT, ocel_changed_field TEXT, kanaal TEXT, prio INTEGER);
INSERT INTO event_map_type VALUES ('Meld aan', 'MeldAan'), ('Los op', 'LosOp'), ('x', 'weg');
INSERT INTO object_map_type VALUES ('melding', 'mel"ding'), ('wijziging', 'wijziging');
INSERT INTO event VALUES ('e1', 'Meld aan'), ('e2', 'Los op'), ('e3', 'Los op');
INSERT INTO object VALUES ('m1', 'melding'), ('m2', 'melding'), ('w1', 'wijziging');
INSERT INTO event_MeldAan VALUES ('e1', '2024-01-01T00:00:00Z', 'Eerste lijn');
INSERT INTO event_LosOp VALUES ('e2', '2024-01-02T00:00:00Z'), ('e3', '2024-01-03T00:00:00Z');
INSERT INTO "object_mel""ding" VALUES ('m1', '2024-02-01', 'kanaal', 'balie', NULL),
    ('m1', '1970-01-01', NULL, 'web', 2);
INSERT INTO event_object VALUES ('e1', 'm1', 'over'), ('e1', 'w1', 'via'), ('e1', 'm2', 'over'),
    ('e2', 'm1', NULL);
"""

Sqlite = Callable[..., Path]


@pytest.fixture
def sqlite(tmp_path: Path) -> Sqlite:
    """The same log as a database, after some more SQL."""

    def maak(erna: str = "", eerst: str = SQL) -> Path:
        pad = tmp_path / "a.sqlite"
        with closing(sqlite3.connect(pad)) as db:
            db.executescript(eerst + erna)
        return pad

    return maak


def als_json(**anders: Any) -> bytes:
    return json.dumps(deepcopy(LOGBOEK) | anders).encode()


@pytest.mark.parametrize("naam", ["a.json", "a.jsonocel", "a.ocel.json", "a"])
def test_json_geeft_een_rij_voor_elke_gebeurtenis_bij_een_object(openen: Openen, naam: str) -> None:
    geopend = openen((naam, b"\xef\xbb\xbf" + als_json()), objecttype="melding")
    assert geopend.bron.kolommen == KOLOMMEN
    assert geopend.rijen == RIJEN
    assert geopend.geweigerd == []


def test_sqlite_geeft_dezelfde_rijen(openen: Openen, sqlite: Sqlite) -> None:
    geopend = openen(sqlite(), objecttype="melding")
    assert geopend.bron.kolommen == KOLOMMEN
    assert geopend.rijen == RIJEN
    assert geopend.geweigerd == []


def test_naar_sqlite_wordt_niet_geschreven(openen: Openen, sqlite: Sqlite) -> None:
    pad = sqlite()
    pad.chmod(0o444)
    voor = pad.read_bytes()
    openen(pad, objecttype="melding")
    assert pad.read_bytes() == voor
    assert not list(pad.parent.glob("a.sqlite-*"))


def test_het_enige_objecttype_is_vanzelf_de_zaak(openen: Openen) -> None:
    objecten = [ding for ding in LOGBOEK["objects"] if ding["type"] == "melding"]
    stappen = [LOGBOEK["events"][1]]
    geopend = openen(("a.json", als_json(objects=objecten, events=stappen)))
    assert [rij[1:5] for rij in geopend.rijen] == [("e2", "Los op", "2024-01-02T00:00:00Z", "m1")]


@pytest.mark.parametrize("objecttype", [None, "zaak"])
@pytest.mark.parametrize("vorm", ["json", "sqlite"])
def test_zonder_keuze_worden_de_objecttypes_genoemd(
    openen: Openen, sqlite: Sqlite, vorm: str, objecttype: str | None
) -> None:
    bestand = sqlite() if vorm == "sqlite" else ("a.json", als_json())
    with pytest.raises(Bestandsfout, match=r"met --objecttype .*: melding, wijziging") as fout:
        openen(bestand, objecttype=objecttype)
    assert fout.value.code == "objecttype-kiezen"


@pytest.mark.parametrize("vorm", ["json", "sqlite"])
def test_een_relatie_met_niets_wordt_geweigerd_en_telt_mee(
    openen: Openen, sqlite: Sqlite, vorm: str
) -> None:
    if vorm == "json":
        stappen = deepcopy(LOGBOEK["events"])
        stappen[0]["relationships"].insert(1, {"objectId": "spook", "qualifier": "over"})
        bestand: Any = ("a.json", als_json(events=stappen))
        verwacht = [(2, "dit object staat niet in het bestand", "e1 - spook")]
        nummers = [1, 3, 4]
    else:
        bestand = sqlite(
            "INSERT INTO event_object VALUES ('e1', 'spook', 'over'), ('geest', 'm1', 'over');"
        )
        verwacht = [
            (4, "dit object staat niet in het bestand", "e1 - spook"),
            (5, "deze gebeurtenis staat niet in het bestand", "geest - m1"),
        ]
        nummers = [1, 2, 3]
    geopend = openen(bestand, objecttype="melding")
    assert geopend.geweigerd == verwacht
    assert [rij[0] for rij in geopend.rijen] == nummers


@pytest.mark.parametrize(
    ("inhoud", "code", "woorden"),
    [
        (b"[1, 2]", "geen-ocel", "geen OCEL 2.0"),
        (b'{"events": []}', "geen-ocel", "objects"),
        (als_json()[:200], "geen-ocel", "geen OCEL 2.0"),
        (b'{"ocel:global-log": {}, "ocel:events": {}}', "ocel-1", "OCEL 1.0"),
        (b"[" * 100_000, "geen-ocel", "geen OCEL 2.0"),
        (b'{"events": [], "objects": []}', "objecttype-kiezen", "geen objecten"),
        (als_json(events=[]), "geen-rijen", "'melding'"),
        (als_json(events=LOGBOEK["events"][:1] * 2), "dubbele-id", "'e1' .* ocel:id"),
        (als_json(objects=LOGBOEK["objects"][:1] * 2), "dubbele-id", "'m1' .* ocel:object"),
    ],
)
def test_json_dat_geen_bruikbaar_logboek_is_wordt_geweigerd(
    openen: Openen, inhoud: bytes, code: str, woorden: str
) -> None:
    keuze = None if code == "objecttype-kiezen" else "melding"
    with pytest.raises(Bestandsfout, match=woorden) as fout:
        openen(("a.json", inhoud), objecttype=keuze)
    assert fout.value.code == code


def test_te_veel_json_voor_het_geheugen_wordt_geweigerd(openen: Openen) -> None:
    with pytest.raises(Bestandsfout, match="exporteer OCEL als SQLite") as fout:
        openen(("a.json", als_json()), objecttype="melding", meeste_bytes=100)
    assert fout.value.code == "te-groot"


def test_sqlite_zonder_de_tabellen_van_ocel_wordt_geweigerd(openen: Openen, sqlite: Sqlite) -> None:
    with pytest.raises(
        Bestandsfout, match=r"mist een tabel .*event_map_type, event_object"
    ) as fout:
        openen(sqlite(eerst="CREATE TABLE event (x); CREATE VIEW object AS SELECT 1;"))
    assert fout.value.code == "geen-ocel"


def test_beschadigde_sqlite_wordt_gemeld(openen: Openen, sqlite: Sqlite) -> None:
    inhoud = sqlite().read_bytes()
    with pytest.raises(Bestandsfout, match=r"b\.sqlite: SQLite kan dit bestand niet lezen") as fout:
        openen(("b.sqlite", inhoud[:100] + b"\xff" * (len(inhoud) - 100)), objecttype="melding")
    assert fout.value.code == "sqlite-onleesbaar"
