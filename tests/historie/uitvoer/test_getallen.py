"""Numbers in Dutch, and text that cannot become markup."""

import pytest

from schakel.historie.uitvoer.getallen import aantal, duur, procent
from schakel.historie.uitvoer.opmaak import el, schrijf, stijlblad


@pytest.mark.parametrize(
    ("getal", "tekst"), [(0, "0"), (999, "999"), (1434, "1.434"), (1234567, "1.234.567")]
)
def test_een_aantal_heeft_punten_tussen_de_duizenden(getal: int, tekst: str) -> None:
    assert aantal(getal) == tekst


@pytest.mark.parametrize(
    ("deel", "geheel", "tekst"),
    [
        (123, 1000, "12,3 %"),
        (0, 7, "0,0 %"),
        (7, 7, "100,0 %"),
        (1, 10_000, "< 0,1 %"),
        (9_999, 10_000, "> 99,9 %"),
        (0, 0, "\N{EN DASH}"),
    ],
)
def test_weinig_is_niet_niets_en_bijna_alles_niet_alles(deel: int, geheel: int, tekst: str) -> None:
    assert procent(deel, geheel).replace("\N{NO-BREAK SPACE}", " ") == tekst


@pytest.mark.parametrize(
    ("seconden", "tekst"),
    [
        (0, "0 seconden"),
        (1, "1 seconde"),
        (60, "1 minuut"),
        (90, "1,5 minuten"),
        (9.97 * 60, "10 minuten"),
        (3600, "1 uur"),
        (36 * 3600, "36 uur"),
        (3.25 * 86_400, "3,2 dagen"),
        (730 * 86_400, "730 dagen"),
        (3 * 365.25 * 86_400, "3 jaar"),
        (2000 * 365.25 * 86_400, "2.000 jaar"),
    ],
)
def test_een_duur_staat_in_de_eenheid_die_past(seconden: float, tekst: str) -> None:
    assert duur(seconden).replace("\N{NO-BREAK SPACE}", " ") == tekst


def test_tekst_en_attributen_worden_nooit_opmaak() -> None:
    gemeen = "<i>&\"'\x00\x1f\ud800\ufffe\u202e"
    assert schrijf(el("p", gemeen, class_=gemeen)) == (
        '<p class="&lt;i&gt;&amp;&quot;&#x27;␀␟���">&lt;i&gt;&amp;"\'␀␟���</p>'
    )


def test_coordinaten_zijn_kort_en_namen_krijgen_een_streepje() -> None:
    assert schrijf(el("rect", x=1.25, width=3, stroke_width=0.04)) == (
        '<rect x="1.2" width="3" stroke-width="0"></rect>'
    )
    assert schrijf(el("p", "a", [el("meta", charset="x"), "b"])) == '<p>a<meta charset="x">b</p>'


def test_een_stijlblad_kan_zichzelf_niet_sluiten() -> None:
    assert schrijf(stijlblad("a > b {}")) == "<style>a > b {}</style>"
    with pytest.raises(ValueError, match="bevat geen"):
        stijlblad("</style><script>")
