"""What is wrong with a mapping is told with its place and what to do."""

import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.historie.proef import KOP, WORTEL

from schakel.historie.mapping import Mappingfout, lees_mapping, schema

REGEL = """
[[regels]]
als = { kolom = "wat", is = "x" }
dan = { gebeurtenis = "notitie" }
"""


def geweigerd(map_: Path, inhoud: str) -> str:
    bestand = map_ / "m.toml"
    bestand.write_text(inhoud)
    with pytest.raises(Mappingfout) as gemeld:
        lees_mapping(bestand)
    uitleg = gemeld.value.uitleg
    assert uitleg.startswith(f"{bestand}: ")
    return uitleg.removeprefix(f"{bestand}: ")


@pytest.mark.parametrize(
    ("fout", "uitleg"),
    [
        ("[zaak", "is geen TOML"),
        ("", "zaak: ontbreekt; tijd: ontbreekt"),
        (KOP, "mapping: er is geen enkele regel: schrijf [[regels]] of [[zaakregels]]"),
        (KOP + 'kleur = "rood"' + REGEL, "tijd.kleur: is geen bekende naam"),
        (KOP.replace("UTC", "Mars"), "tijd.zone: 'Mars' is geen tijdzone"),
        (
            KOP + REGEL.replace('"notitie"', '"overdracht", naar = "inkoop"'),
            "regels[1].dan[1].naar: moet zijn: 'afspreken', 'wijzigen'",
        ),
        (
            KOP + REGEL.replace('"notitie"', '"geopend"'),
            "regels[1].dan[1]: geopend is geen gebeurtenis; bekend zijn",
        ),
        (
            KOP + REGEL.replace('is = "x"', 'is = "x", is_leeg = true'),
            "regels[1].als: noem precies een toets: is, een_van, past_op, is_leeg, wordt",
        ),
        (
            KOP + REGEL.replace('kolom = "wat", ', ""),
            "regels[1].als: noem een `kolom` of een `kenmerk`, en niet allebei",
        ),
        (
            KOP + REGEL.replace("kolom", "kenmerk"),
            "mapping: er wordt een kenmerk genoemd, maar [kenmerken] ontbreekt",
        ),
        (
            KOP + REGEL.replace('is = "x"', 'past_op = "("'),
            "regels[1]: past_op is geen reguliere expressie",
        ),
        (
            KOP
            + REGEL.replace("[[regels]]", "[[zaakregels]]").replace('is = "x"', 'wordt = "leeg"'),
            "zaakregels[1]: een zaakregel kent geen eerste, laatste of vorige rij",
        ),
        (
            KOP
            + REGEL.replace(
                '"notitie"', '"aangenomen", proces = "herstellen", meldingsoort = "wens"'
            ),
            "regels[1].dan[1]: een wens komt niet binnen bij herstellen",
        ),
        (
            KOP + REGEL + REGEL,
            "regels[2] kan nooit gelden: wat hier past, nam regels[1] al; zet regels[2] ervoor",
        ),
        (
            KOP + REGEL.replace('is = "x"', 'een_van = ["x", "y"]') + REGEL,
            "regels[2] kan nooit gelden: wat hier past, nam regels[1] al",
        ),
        (
            KOP
            + REGEL.replace(
                '{ kolom = "wat", is = "x" }',
                '{ alle = [{ kolom = "wat", is = "x" }, { kolom = "wat", is = "y" }] }',
            ),
            "regels[1] kan nooit gelden: de voorwaarden sluiten elkaar uit",
        ),
    ],
)
def test_een_mapping_die_niet_kan_zegt_waar_en_waarom(
    tmp_path: Path, fout: str, uitleg: str
) -> None:
    assert uitleg in geweigerd(tmp_path, fout)


def test_een_mapping_die_er_niet_is_wordt_genoemd(tmp_path: Path) -> None:
    with pytest.raises(Mappingfout, match=r"weg\.toml: is niet te lezen"):
        lees_mapping(tmp_path / "weg.toml")


def test_een_regel_die_later_iets_anders_neemt_mag(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        KOP + REGEL + REGEL.replace('is = "x"', 'een_van = ["x", "y"]')
    )
    assert len(lees_mapping(tmp_path / "m.toml").regels) == 2


@pytest.mark.parametrize("bestand", sorted((WORTEL / "docs" / "mappings").glob("*.toml")))
def test_de_mappings_in_de_documentatie_kloppen_ook_met_het_schema(bestand: Path) -> None:
    assert lees_mapping(bestand).alle_regels()
    Draft202012Validator(schema()).validate(tomllib.loads(bestand.read_text()))


def test_het_schema_kent_dezelfde_fouten() -> None:
    keuring = Draft202012Validator(schema())
    Draft202012Validator.check_schema(schema())
    for fout in (KOP + 'kleur = "rood"' + REGEL, KOP + REGEL.replace('"notitie"', '"geopend"')):
        assert list(keuring.iter_errors(tomllib.loads(fout)))
