"""What is published says what the reader does, and what was ever said stays readable."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from tests.golf.voorbeelden import (
    ALLE,
    BEIDE,
    UITVOERDER,
    VECTOREN,
    VERBINDING,
    VRAGER,
    blad_van,
    gewijzigd,
    zender_van,
)

from schakel.contracts import genereer
from schakel.contracts.schakels import schema
from schakel.contracts.schakels.lezen import BERICHT_VAN, Bericht, GelezenBlad, lees
from schakel.contracts.schakels.schrijven import schrijf

GOUD = Path(__file__).parent / "goud"
SCHEMAS: dict[str, Any] = {
    naam: json.loads((genereer.MAP / "schema" / naam).read_text(encoding="utf-8"))
    for naam in schema.bestanden()
}
ASYNCAPI = SCHEMAS.pop(schema.ASYNCAPI_BESTAND)
KEURDER = Draft202012Validator(
    SCHEMAS[schema.ENVELOP_BESTAND],
    registry=Registry().with_resources(
        (naam, Resource.from_contents(een)) for naam, een in SCHEMAS.items()
    ),
    format_checker=Draft202012Validator.FORMAT_CHECKER,
)


def naam_van(bericht: Bericht) -> str:
    return f"nl.schakels.{bericht.FEIT}.v1"


@pytest.mark.parametrize("bericht", ALLE, ids=lambda een: een.FEIT)
def test_elk_bericht_voldoet_aan_zijn_schema_en_aan_asyncapi(bericht: Bericht) -> None:
    blad = json.loads(blad_van(bericht))
    KEURDER.validate(blad)
    for type_, een in ASYNCAPI["components"]["messages"].items():
        keurder = Draft202012Validator({**een["payload"], "components": ASYNCAPI["components"]})
        assert keurder.is_valid(blad) is (type_ == blad["type"])


@pytest.mark.parametrize("naam", SCHEMAS)
def test_elk_schema_is_een_geldig_schema(naam: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[naam])


FOUT: list[tuple[Bericht, dict[str, Any]]] = [
    (VRAGER[0], {"id": "x"}),
    (VRAGER[0], {"time": "2026-11-30T12:00:00+00:00"}),
    (VRAGER[0], {"type": "nl.schakels.aangeboden.v2"}),
    (VRAGER[0], {"data__soort": "ketenmelding"}),
    (VRAGER[0], {"data__naar": ...}),
    (VRAGER[0], {"data__soortVolgensVrager": "wens"}),
    (VRAGER[0], {"data__diepte": 1}),
    (VRAGER[0], {"data__vanuit": None}),
    (VRAGER[0], {"data__n": 1_000_001}),
    (VRAGER[0], {"data__dienst": "Wegen"}),
    (VRAGER[0], {"data__schakelId": "0198c1de-7b1a-4c3e-9a52-3f0f6a1f5d10"}),
    (VRAGER[0], {"data__door__rol": "een naam"}),
    (UITVOERDER[0], {"data__volgnummer": "x" * 41}),
    (UITVOERDER[3], {"data__uiterlijk": "morgen"}),
    (UITVOERDER[6], {"data__vervangen": ...}),
    (UITVOERDER[6], {"data__vervangen": []}),
    (UITVOERDER[6], {"data__uitkomst": "voltooid"}),
    (BEIDE[1], {"data__antwoord": "gewist"}),
    (BEIDE[1], {"data__grond": ...}),
    (BEIDE[2], {"data__code": "zomaar"}),
    (VERBINDING[0], {"data__verklaring": {"payload": "e30", "signatures": []}}),
    (
        VERBINDING[0],
        {
            "data__verklaring": {
                "payload": "e30",
                "signatures": [{"protected": "e30", "signature": "AA", "header": {}}],
            }
        },
    ),
    (VERBINDING[2], {"data__controlepunten": []}),
    (VERBINDING[3], {"data__omvang": -1}),
]


@pytest.mark.parametrize(("bericht", "anders"), FOUT, ids=str)
def test_wat_de_lezer_weigert_weigert_het_schema_ook(
    bericht: Bericht, anders: dict[str, Any]
) -> None:
    blad = gewijzigd(blad_van(bericht), **anders)
    assert not isinstance(lees(blad, zender_van(bericht)), GelezenBlad)
    with pytest.raises(ValidationError):
        KEURDER.validate(json.loads(blad))


@pytest.mark.parametrize("bericht", ALLE, ids=lambda een: een.FEIT)
def test_elk_veld_dat_het_schema_verplicht_verplicht_de_lezer_ook(bericht: Bericht) -> None:
    eigen = SCHEMAS[f"{naam_van(bericht)}.schema.json"]
    for veld in eigen["properties"]:
        blad = gewijzigd(blad_van(bericht), **{f"data__{veld}": ...})
        assert isinstance(lees(blad, zender_van(bericht)), GelezenBlad) is KEURDER.is_valid(
            json.loads(blad)
        )


def test_de_overeenkomst_van_de_vectoren_voldoet_aan_haar_schema() -> None:
    keurder = Draft202012Validator(SCHEMAS[schema.OVEREENKOMST_BESTAND])
    waarde = json.loads(VECTOREN["overeenkomst"]["bytes"])
    keurder.validate(waarde)
    assert not keurder.is_valid({**waarde, "partijen": waarde["partijen"][:1]})
    assert not keurder.is_valid({**waarde, "afspraken": []})


def test_een_sleutelverklaring_voldoet_aan_haar_schema() -> None:
    keurder = Draft202012Validator(SCHEMAS[schema.VERKLARING_BESTAND])
    goed = {"logboek": "a/b", "volgnummer": 1, "erbij": ["x"], "eraf": []}
    keurder.validate(goed)
    assert not keurder.is_valid({**goed, "volgnummer": 0})


def test_asyncapi_noemt_elk_bericht_bij_wie_het_zegt() -> None:
    assert {*ASYNCAPI["channels"]["grenslogboek"]["messages"]} == {*BERICHT_VAN}
    zegt = {
        naam: {een["$ref"].rpartition("/")[2] for een in operatie["messages"]}
        for naam, operatie in ASYNCAPI["operations"].items()
    }
    assert {*map(naam_van, (*VRAGER, *BEIDE))} == zegt["vrager-zegt"]
    assert {*map(naam_van, (*UITVOERDER, *BEIDE))} == zegt["uitvoerder-zegt"]
    assert {*map(naam_van, VERBINDING)} == zegt["organisatie-zegt"]


def test_een_verdwenen_type_houdt_het_genereren_tegen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "schakeltypen.txt").write_text("nl.schakels.verdampt.v1\n")
    assert genereer.hoofd(["--map", str(tmp_path)]) == 1
    assert "ontbreekt in de catalogus: nl.schakels.verdampt.v1" in capsys.readouterr().out


# --- what was ever said --------------------------------------------------------------------------


@pytest.mark.parametrize("type_", genereer.bevroren(genereer.MAP, "schakeltypen.txt"))
def test_van_elk_type_dat_is_uitgebracht_blijft_een_blad_leesbaar_tot_op_de_byte(
    type_: str,
) -> None:
    blad = (GOUD / f"{type_}.json").read_bytes()
    oin = json.loads(blad)["source"].split(":")[3]
    gelezen = lees(blad, oin)
    assert isinstance(gelezen, GelezenBlad)
    kant = gelezen.plek and gelezen.plek.kant
    assert schrijf(gelezen.bericht, oin=oin, tijdstip=gelezen.tijd, kant=kant) == blad
    KEURDER.validate(json.loads(blad))
