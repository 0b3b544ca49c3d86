"""What is published says what the models say, and what was ever released stays readable."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from tests.contracts.strategie import RUSTIG, data_van
from tests.contracts.vectoren import BERICHT
from tests.contracts.voorbeelden import GOUD, VOORBEELDEN, verpakt

from schakel.contracts import genereer
from schakel.contracts.catalogus import CATALOGUS, EIGEN, VAN_GRENS, berichten_van
from schakel.contracts.deelproces import GEGEVEN, INGEKOMEN
from schakel.contracts.envelop import CONTENT_TYPE, feit_uit, lees, verpak
from schakel.contracts.feit import Feit
from schakel.contracts.historie import Ingevoerd
from schakel.contracts.melding import UNIFORM
from schakel.contracts.organisatie import GRENS
from schakel.contracts.topics import HISTORIE
from schakel.contracts.werkstromen import Proces

GOUDEN = sorted(GOUD.glob("*.json"))
SCHEMA = genereer.MAP / "schema"
ASYNCAPI = json.loads((SCHEMA / "asyncapi.json").read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = {
    pad.name: json.loads(pad.read_text(encoding="utf-8")) for pad in SCHEMA.glob("*.schema.json")
}
KEURDER = Draft202012Validator(
    SCHEMAS[genereer.ENVELOP_BESTAND],
    registry=Registry().with_resources(
        (naam, Resource.from_contents(schema)) for naam, schema in SCHEMAS.items()
    ),
    format_checker=Draft202012Validator.FORMAT_CHECKER,
)


@pytest.fixture
def kopie(tmp_path: Path) -> Path:
    """A copy of what is committed, to damage."""
    shutil.copytree(SCHEMA, tmp_path / "schema")
    for lijst in ("typen.txt", "schakeltypen.txt"):
        shutil.copy(genereer.MAP / lijst, tmp_path)
    return tmp_path


# --- generated files -----------------------------------------------------------------------------


def test_wat_er_ligt_is_wat_de_modellen_zeggen(capsys: pytest.CaptureFixture[str]) -> None:
    assert genereer.hoofd(["--controleer"]) == 0, capsys.readouterr().out


def test_een_afwijkend_bestand_wordt_bij_naam_genoemd_en_niet_aangeraakt(
    kopie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pad = kopie / "schema" / "nl.meldingen.gesloten.v1.schema.json"
    pad.write_text("{}")
    (kopie / "schema" / "asyncapi.json").unlink()
    (kopie / "schema" / "nl.meldingen.verzonnen.v1.schema.json").write_text("{}")
    assert genereer.hoofd(["--controleer", "--map", str(kopie)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "wijkt af: schema/asyncapi.json",
        "wijkt af: schema/nl.meldingen.gesloten.v1.schema.json",
        "wijkt af: schema/nl.meldingen.verzonnen.v1.schema.json",
    ]
    assert pad.read_text() == "{}"


def test_genereren_maakt_alles_weer_gelijk(kopie: Path) -> None:
    (kopie / "schema" / "asyncapi.json").unlink()
    (kopie / "schema" / "nl.meldingen.verzonnen.v1.schema.json").write_text("{}")
    assert genereer.hoofd(["--map", str(kopie)]) == 0
    assert genereer.hoofd(["--controleer", "--map", str(kopie)]) == 0
    assert {pad.name for pad in (kopie / "schema").iterdir()} == {p.name for p in SCHEMA.iterdir()}


# --- frozen types and golden files ---------------------------------------------------------------


def test_elk_type_dat_ooit_is_uitgebracht_bestaat_nog() -> None:
    assert genereer.bevroren(genereer.MAP) == [*dict.fromkeys(genereer.bevroren(genereer.MAP))]
    assert {*genereer.bevroren(genereer.MAP)} == {*CATALOGUS}


def test_een_verdwenen_type_houdt_het_genereren_tegen(
    kopie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (kopie / "typen.txt").open("a") as bestand:
        bestand.write("nl.meldingen.verdampt.v1\n")
    (kopie / "schema" / "asyncapi.json").unlink()
    for opdracht in ([], ["--controleer"]):
        assert genereer.hoofd([*opdracht, "--map", str(kopie)]) == 1
        assert "ontbreekt in de catalogus: nl.meldingen.verdampt.v1" in capsys.readouterr().out
    assert "verdampt" in (kopie / "typen.txt").read_text()
    assert not (kopie / "schema" / "asyncapi.json").exists()


def test_geen_twee_berichten_hebben_hetzelfde_type() -> None:
    alle = [*UNIFORM, *GEGEVEN, *INGEKOMEN, *(feit for eigen in EIGEN.values() for feit in eigen)]
    assert len(alle) == len(CATALOGUS) == len({feit.__name__ for feit in alle})
    assert len(berichten_van(Proces.HERSTELLEN)) == len(UNIFORM) + len(GEGEVEN) + 1


def test_elk_type_heeft_een_gouden_bestand() -> None:
    assert {pad.stem for pad in GOUDEN} == {*CATALOGUS} == {*VOORBEELDEN}


@pytest.mark.parametrize("pad", GOUDEN, ids=lambda pad: pad.stem)
def test_een_gouden_bestand_is_tot_op_de_byte_wat_nu_geschreven_wordt(pad: Path) -> None:
    assert verpakt(VOORBEELDEN[pad.stem]) == pad.read_bytes()


@pytest.mark.parametrize("pad", GOUDEN, ids=lambda pad: pad.stem)
def test_een_gouden_bestand_is_nog_te_lezen_en_zegt_hetzelfde(pad: Path) -> None:
    bericht = lees({"content-type": CONTENT_TYPE}, pad.read_bytes())
    assert feit_uit(bericht) == VOORBEELDEN[pad.stem]
    assert bericht.time is not None
    assert bericht.volgnummer is not None
    opnieuw = verpak(
        feit_uit(bericht),
        bron=bericht.source,
        volgnummer=bericht.volgnummer,
        tijdstip=bericht.time,
        traceparent=bericht.traceparent,
    )
    assert opnieuw == pad.read_bytes()


@pytest.mark.parametrize("pad", GOUDEN, ids=lambda pad: pad.stem)
def test_een_gouden_bestand_voldoet_aan_de_schemas(pad: Path) -> None:
    KEURDER.validate(json.loads(pad.read_bytes()))


# --- the schemas themselves ----------------------------------------------------------------------


@pytest.mark.parametrize("naam", SCHEMAS)
def test_elk_schema_is_zelf_een_geldig_schema(naam: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[naam])


@RUSTIG
@given(st.data())
def test_wat_het_schema_toelaat_kan_de_lezer_lezen_en_wat_hij_leest_laat_het_schema_toe(
    data: st.DataObject,
) -> None:
    feit = data.draw(st.sampled_from([*CATALOGUS.values()]))
    waarden = data.draw(data_van(feit))
    keurder = Draft202012Validator(
        SCHEMAS[genereer.bestandsnaam(feit.type)],
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    keurder.validate(waarden)
    gelezen = feit.model_validate_json(json.dumps(waarden), strict=True)
    keurder.validate(json.loads(gelezen.in_json()))


@pytest.mark.parametrize(
    "wijziging",
    [
        {"id": "x"},
        {"source": "/mycontext"},
        {"subject": "999990342"},
        {"sequence": "7"},
        {"eenveeltelangenaamvanattribuut": "x"},
        {"Hoofdletter": "x"},
        {"type": "nl.meldingen.omgezet.v1"},
        {"data": {}},
    ],
)
def test_het_schema_van_de_envelop_keurt_een_slechte_gebeurtenis_af(
    wijziging: dict[str, Any],
) -> None:
    KEURDER.validate(json.loads(BERICHT))
    with pytest.raises(ValidationError):
        KEURDER.validate({**json.loads(BERICHT), **wijziging})


def test_het_schema_van_de_data_keurt_een_halve_plaats_en_null_af() -> None:
    for velden in ({"n": 1}, {"uiterlijk": None}, {"proces": "balie"}, {"volgnummer": "een"}):
        gebeurtenis = json.loads(BERICHT)
        gebeurtenis["data"].update(velden)
        with pytest.raises(ValidationError):
            KEURDER.validate(gebeurtenis)


def test_wat_alleen_een_proces_zegt_mag_volgens_het_schema_geen_ander_zeggen() -> None:
    gebeurtenis = json.loads(verpakt(VOORBEELDEN["nl.meldingen.wijzigen.vrijgegeven.v1"]))
    gebeurtenis["data"]["proces"] = "afspreken"
    with pytest.raises(ValidationError, match="'wijzigen' was expected"):
        KEURDER.validate(gebeurtenis)


def test_een_onbekend_veld_en_een_onbekende_uitbreiding_mogen_er_staan() -> None:
    gebeurtenis = {**json.loads(BERICHT), "ketenid": "K-1"}
    gebeurtenis["data"]["later"] = 1
    KEURDER.validate(gebeurtenis)


# --- AsyncAPI ------------------------------------------------------------------------------------


def test_asyncapi_heeft_een_kanaal_per_dienst_met_alles_wat_die_mag_zeggen() -> None:
    assert ASYNCAPI["asyncapi"] == "3.1.0"
    assert {*ASYNCAPI["channels"]} == {*Proces, GRENS, HISTORIE}
    assert {*ASYNCAPI["channels"][HISTORIE]["messages"]} == {Ingevoerd.__name__}
    for proces in Proces:
        kanaal = ASYNCAPI["channels"][proces]
        assert kanaal["address"] == f"schakel.{{oin}}.{proces}.v1"
        assert {*kanaal["messages"]} == {feit.type for feit in berichten_van(proces)}
    assert {*ASYNCAPI["channels"][GRENS]["messages"]} == {feit.type for feit in VAN_GRENS}


def test_elk_asyncapi_bericht_heeft_een_sleutel_en_het_schema_van_zijn_type() -> None:
    for type_, bericht in ASYNCAPI["components"]["messages"].items():
        if type_ == Ingevoerd.__name__:
            continue  # tests/historie holds what an import really says against it
        assert bericht["bindings"]["kafka"]["key"]["format"] == "uuid"
        keurder = Draft202012Validator({**bericht["payload"], "components": ASYNCAPI["components"]})
        keurder.validate(json.loads(verpakt(VOORBEELDEN[type_])))
        ander = next(feit for feit in VOORBEELDEN.values() if feit.type != type_)
        with pytest.raises(ValidationError):
            keurder.validate(json.loads(verpakt(ander)))


def test_elke_verwijzing_in_asyncapi_wijst_ergens_naar() -> None:
    verwijzingen = [*_verwijzingen(ASYNCAPI)]
    assert len(verwijzingen) > 100
    for verwijzing in verwijzingen:
        doel: Any = ASYNCAPI
        for deel in verwijzing.removeprefix("#/").split("/"):
            doel = doel[deel]


def _verwijzingen(waarde: Any) -> Iterator[str]:
    if isinstance(waarde, dict):
        if "$ref" in waarde:
            yield waarde["$ref"]
        for deel in waarde.values():
            yield from _verwijzingen(deel)
    elif isinstance(waarde, list):
        for deel in waarde:
            yield from _verwijzingen(deel)


# --- no personal data on the bus (D7) ------------------------------------------------------------

VRIJE_TEKST = ("vrije tekst", "Kerkstraat 12", "De lamp is stuk.", "a\nb", "é", "x" * 1_000)


def _bladen(feit: type[Feit]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every place in the data of this type where a value can stand."""
    schema = genereer.schema_van(feit)
    for naam, deel in (("", schema), *schema["$defs"].items()):
        for veld, waarde in deel.get("properties", {}).items():
            yield f"{naam}.{veld}", waarde.get("items", waarde)
        if "properties" not in deel:
            yield naam, deel


@pytest.mark.parametrize("type_", CATALOGUS)
def test_in_geen_enkel_veld_past_vrije_tekst(type_: str) -> None:
    for plek, schema in _bladen(CATALOGUS[type_]):
        if schema.keys() & {"$ref", "enum", "const"} or schema["type"] in ("integer", "boolean"):
            continue
        assert schema["type"] == "string", plek
        if schema.get("format") in ("uuid", "date-time"):
            continue
        keurder = Draft202012Validator(schema)
        assert "pattern" in schema, plek
        assert not [tekst for tekst in VRIJE_TEKST if keurder.is_valid(tekst)], plek


def test_geen_attribuut_van_de_envelop_neemt_vrije_tekst_aan() -> None:
    velden = SCHEMAS[genereer.ENVELOP_BESTAND]["properties"]
    open_ = {
        naam
        for naam, schema in velden.items()
        if schema["type"] == "string"
        and any(Draft202012Validator(schema).is_valid(tekst) for tekst in VRIJE_TEKST)
    }
    assert open_ == {"tracestate"}  # W3C lets vendors write there; verpak has no way to fill it
