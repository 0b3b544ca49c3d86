"""A reference leads somewhere, and the check sees one that does not."""

import pytest
from tests.architectuur.boom import WORTEL
from tests.architectuur.verwijzingen import dode_verwijzingen, overal

CODE = WORTEL / "tests" / "proef.py"
BLADZIJDE = WORTEL / "docs" / "domein.md"


def test_elke_verwijzing_leidt_ergens_heen() -> None:
    assert list(overal()) == []


@pytest.mark.parametrize(
    "tekst",
    [
        "bekend aan (source, id) (D3), nooit aan een plek (D9a)",
        "Domain, section 3.6; sections 1 to 6, and section 6",
        "RFC 9110, section 15.5; section 99 of RFC 9457",
        "zie docs/domein.md, of README.md",
    ],
)
def test_een_goede_verwijzing_is_goed(tekst: str) -> None:
    assert list(dode_verwijzingen(CODE, tekst)) == []


# Filled in when the test runs, so that this file does not refer to nothing itself.
@pytest.mark.parametrize(
    ("tekst", "wat"),
    [
        ("het besluit D{}", 99),
        ("het besluit D{}", "1z"),
        ("domain, section {}", 99),
        ("section 3.{}", 9),
        ("sections 1, 2 and {}", 88),
        ("section\n    # {}", 77),
        ("section 3, steps {}", 1),
        ("domain, {}", 6),
        ("gezien (5, R{})", 7),
        ("nooit verloren (I-{})", 17),
        ("de broker is weg (F-{})", 5),
        ("alleen toewijzen (style {})", 1),
        ("gevraagd in issue {}", 11),
        ("zie CONTRA{}", "CT"),
        ("zie docs/{}.md", "niets"),
        ("zie 1-domein.{}, daar staat het", "md"),
    ],
)
def test_een_verwijzing_die_nergens_heen_leidt_valt_op(tekst: str, wat: object) -> None:
    assert len(list(dode_verwijzingen(CODE, tekst.format(wat)))) == 1


@pytest.mark.parametrize("doel", ["nergens.txt", "domein.md#nergens", "#nergens"])
def test_een_link_die_nergens_heen_leidt_valt_op(doel: str) -> None:
    assert len(list(dode_verwijzingen(BLADZIJDE, f"zie [hier]({doel})"))) == 1


def test_de_melding_noemt_bestand_en_regel() -> None:
    (gezegd,) = dode_verwijzingen(CODE, f"een\ntwee\nhet besluit D{99}\n")
    assert gezegd == f"tests/proef.py:3: D{99} leads nowhere"
