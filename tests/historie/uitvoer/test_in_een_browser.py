"""The report as people meet it: in a real browser, off line, by keyboard, and judged by axe-core.

Needs a Chromium on the PATH; ``make test`` then installs what drives it.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.historie.proef import WORTEL

from schakel.historie.analyse import analyseer
from schakel.historie.mapping import lees_mapping
from schakel.historie.uitvoer import schrijf_alles

playwright = pytest.importorskip("playwright.sync_api", reason="geen Chromium; zie make test")
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="geen Chromium; zie make test"
)

VOORBEELD = WORTEL / "docs" / "mappings" / "voorbeeld"
NAMEN = ("chromium", "chromium-browser", "google-chrome")
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
SMAL = {"width": 320, "height": 640}
"""What 1,280 points are at four times the size (WCAG 1.4.10)."""
FOCUS = """() => {
    const hier = document.activeElement;
    return [hier.outerHTML, getComputedStyle(hier).outlineStyle];
}"""
BEREIKBAAR = """[...document.querySelectorAll("a[href], [tabindex='0'], summary")]
    .filter((element) => element.checkVisibility()).length"""
WEERGAVEN: dict[str, dict[str, Any]] = {
    "licht": {"color_scheme": "light"},
    "donker": {"color_scheme": "dark"},
    "smal": {"viewport": SMAL},
    "zonder script": {"java_script_enabled": False},
}


@pytest.fixture(scope="module")
def rapport(tmp_path_factory: pytest.TempPathFactory) -> Path:
    map_ = tmp_path_factory.mktemp("browser")
    log, mapping = VOORBEELD.with_suffix(".csv"), VOORBEELD.with_suffix(".toml")
    with analyseer([log], lees_mapping(mapping)) as analyse:
        schrijf_alles(analyse.db, {**analyse.samenvatting, "mapping": mapping.name}, map_)
    return map_ / "rapport.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    pad = next(filter(None, map(shutil.which, NAMEN)), None)
    if pad is None:
        pytest.skip("er is geen Chromium")
    with playwright.sync_playwright() as p:
        gestart = p.chromium.launch(executable_path=pad, args=["--no-sandbox"])
        yield gestart
        gestart.close()


@pytest.fixture
def open_(browser: Any, rapport: Path) -> Iterator[Any]:
    """Opens the report; ``gezegd`` is all that it asked for and complained about."""
    geopend = []

    def open_met(**opties: Any) -> Any:
        context = browser.new_context(offline=True, **opties)
        geopend.append(context)
        pagina = context.new_page()
        pagina.gezegd = []
        pagina.on("request", lambda vraag: pagina.gezegd.append(vraag.url))
        pagina.on("console", lambda regel: pagina.gezegd.append(regel.text))
        pagina.goto(rapport.as_uri())
        return pagina

    yield open_met
    for context in geopend:
        context.close()


@pytest.mark.parametrize("weergave", list(WEERGAVEN))
def test_alles_is_er_zonder_netwerk_en_niets_gaat_mis(
    open_: Any, rapport: Path, weergave: str
) -> None:
    pagina = open_(**WEERGAVEN[weergave])
    assert pagina.gezegd == [rapport.as_uri()]
    assert pagina.locator("main").is_visible()
    assert pagina.locator("svg:visible").count() >= 3


@pytest.mark.parametrize("weergave", ["licht", "donker", "smal"])
def test_axe_heeft_geen_bezwaar(open_: Any, weergave: str) -> None:
    uitslag = axe.Axe().run(
        open_(**WEERGAVEN[weergave]), options={"runOnly": {"type": "tag", "values": WCAG}}
    )
    assert len(uitslag.response["passes"]) > 20
    assert uitslag.response["violations"] == [], uitslag.generate_report()


def test_op_een_smal_scherm_schuift_de_bladzijde_niet_opzij(open_: Any) -> None:
    pagina = open_(viewport=SMAL)
    assert pagina.evaluate("document.documentElement.scrollWidth") <= SMAL["width"]


def test_met_het_toetsenbord_komt_men_overal_en_ziet_men_waar(open_: Any) -> None:
    eerst = open_()
    eerst.keyboard.press("Tab")
    eerst.keyboard.press("Enter")
    assert eerst.evaluate("document.activeElement.tagName") == "MAIN"
    pagina = open_()
    te_bereiken = pagina.evaluate(BEREIKBAAR)
    assert te_bereiken > 20
    gezien = set()
    for _ in range(te_bereiken):
        pagina.keyboard.press("Tab")
        plek, rand = pagina.evaluate(FOCUS)
        assert rand != "none", plek[:80]
        gezien.add(plek)
    assert len(gezien) == te_bereiken
    pagina.locator("summary").focus()
    pagina.keyboard.press("Enter")
    assert pagina.evaluate(BEREIKBAAR) == te_bereiken + 1


def test_afgedrukt_staat_alles_er_ook(open_: Any) -> None:
    pagina = open_()
    op_scherm = pagina.locator("section:visible").count()
    pagina.emulate_media(media="print")
    assert pagina.locator("section:visible").count() == op_scherm > 3
