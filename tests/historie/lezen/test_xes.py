"""XES: the events in order, with what their trace says, and nothing that a file may not do."""

import gzip
import time
from pathlib import Path

import pytest
from tests.historie.lezen.conftest import Openen

from schakel.historie.lezen import Bestandsfout

RUIMTE = ' xmlns="http://www.xes-standard.org/"'
LOGBOEK = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0"{ruimte}>
  <!-- een opmerking -->
  <global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
  <string key="creator" value="proef"/>
  <trace>
    <string key="concept:name" value="zaak 1"/>
    <string key="kanaal" value="web"><string key="dieper" value="x"/></string>
    <event>
      <string key="concept:name" value="Aangenomen"/>
      <date key="time:timestamp" value="2024-01-02T03:04:05.000+01:00"/>
      <int key="prio" value="2"/>
      <list key="meer"><values><string key="los" value="x"/></values></list>
    </event>
    <event><string key="concept:name" value="Gesloten"/><string key="leeg" value=""/></event>
    <string key="achteraf" value="ja"/>
  </trace>
  <event><string key="concept:name" value="Los"/></event>
  <trace>
    <string key="concept:name" value="zaak 2 &amp; &#233;"/>
    <event><boolean key="heropend" value="true"/></event>
  </trace>
</log>
"""


@pytest.mark.parametrize("ruimte", [RUIMTE, ""])
@pytest.mark.parametrize("naam", ["a.xes", "a.xes.gz", "a.xml", "a"])
def test_elke_gebeurtenis_is_een_rij_met_wat_de_zaak_zegt(
    openen: Openen, naam: str, ruimte: str
) -> None:
    inhoud = LOGBOEK.format(ruimte=ruimte).encode()
    geopend = openen((naam, gzip.compress(inhoud) if naam.endswith("gz") else inhoud))
    assert geopend.bron.kolommen == (
        "case:concept:name",
        "case:kanaal",
        "case:achteraf",
        "concept:name",
        "time:timestamp",
        "prio",
        "leeg",
        "heropend",
    )
    assert geopend.rijen == [
        (1, "zaak 1", "web", "ja", "Aangenomen", "2024-01-02T03:04:05.000+01:00", "2", None, None),
        (2, "zaak 1", "web", "ja", "Gesloten", None, None, None, None),
        (3, None, None, None, "Los", None, None, None, None),
        (4, "zaak 2 & é", None, None, None, None, None, None, "true"),
    ]
    assert geopend.geweigerd == []


def test_een_codering_die_de_xml_zelf_noemt_geldt(openen: Openen) -> None:
    tekst = LOGBOEK.format(ruimte=RUIMTE).replace("UTF-8", "UTF-16").replace("web", "e-mail λ")
    geopend = openen(("a.xes", tekst.encode("utf-16")))
    assert geopend.rijen[0][2] == "e-mail λ"


def test_twee_logboeken_met_andere_kenmerken_gaan_samen(openen: Openen) -> None:
    een = (
        '<log><trace><string key="concept:name" value="z"/>'
        '<event><int key="a" value="1"/></event></trace></log>'
    )
    twee = '<log><trace><event><int key="b" value="2"/></event></trace></log>'
    geopend = openen(("1.xes", een.encode()), ("2.xes", twee.encode()))
    assert geopend.bron.kolommen == ("case:concept:name", "a", "b")
    assert geopend.rijen == [(1, "z", "1", None), (1, None, None, "2")]


def test_wat_het_spoor_zegt_gaat_voor_wat_de_gebeurtenis_van_de_zaak_zegt(openen: Openen) -> None:
    inhoud = (
        b'<log><trace><string key="concept:name" value="spoor"/>'
        b'<event><string key="case:concept:name" value="stap"/></event></trace>'
        b'<trace><event><string key="case:concept:name" value="stap"/></event></trace></log>'
    )
    assert openen(("a.xes", inhoud)).rijen == [(1, "spoor"), (2, "stap")]


def test_een_gebeurtenis_met_een_te_lange_tekst_wordt_geweigerd(openen: Openen) -> None:
    lang = "z" * 300_000
    inhoud = "<log><trace>{}</trace></log>".format(
        "".join(f'<event><string key="a" value="{w}"/></event>' for w in ("x", lang, "y"))
    )
    geopend = openen(("a.xes", inhoud.encode()))
    assert geopend.rijen == [(1, "x"), (3, "y")]
    ((rij, reden, inhoud_),) = geopend.geweigerd
    assert (rij, inhoud_) == (2, "a=" + "z" * 998)
    assert "laat lange teksten weg" in reden


GEHEIM = "schakel-proef-geheim"
LACH = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "inhoud",
    [
        pytest.param(
            '<!DOCTYPE log [<!ENTITY x SYSTEM "file://{pad}">]>'
            '<log><trace><event><string key="a" value="b"/>&x;</event></trace></log>',
            id="een bestand van de machine",
        ),
        pytest.param(
            '<!DOCTYPE log SYSTEM "http://127.0.0.1:9/x.dtd"><log><trace><event/></trace></log>',
            id="een DTD van het net",
        ),
        pytest.param(
            '<!DOCTYPE log [<!ENTITY % p SYSTEM "file://{pad}"> %p;]><log><trace/></log>',
            id="een parameter",
        ),
        pytest.param(
            f'<!DOCTYPE log [<!ENTITY l0 "lach">{LACH}]>'
            '<log><trace><event><string key="a" value="&l9;"/></event></trace></log>',
            id="een miljard keer lachen",
        ),
        pytest.param(
            f'<!DOCTYPE log [<!ENTITY l0 "lach">{LACH}]><log x="&l9;"><trace/></log>',
            id="een miljard keer lachen in de wortel",
        ),
    ],
)
def test_een_doctype_wordt_geweigerd_en_doet_niets(
    openen: Openen, tmp_path: Path, inhoud: str
) -> None:
    geheim = tmp_path / "geheim.txt"
    geheim.write_text(GEHEIM)
    begin = time.monotonic()
    with pytest.raises(Bestandsfout) as fout:
        openen(("a.xes", inhoud.replace("{pad}", str(geheim)).encode()))
    assert fout.value.code in {"xes-onveilig", "xes-onleesbaar"}
    assert GEHEIM not in fout.value.uitleg
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize(
    ("inhoud", "code", "woorden"),
    [
        (LOGBOEK.format(ruimte=RUIMTE)[:700], "xes-onleesbaar", "geen gave XML"),
        ("<log><trace></log>", "xes-onleesbaar", "line 1"),
        ("<html><body/></html>", "geen-xes", "'html' en niet 'log'"),
        ("<log/>", "geen-rijen", "geen gebeurtenis"),
        ("<log><events><event id='1'/></events></log>", "geen-xes", "OCEL"),
        ('<log><event><int key="_rij" value="1"/></event></log>', "kolomnaam-bezet", "_rij"),
        (
            '<log><event><int key="A" value="1"/><int key="a" value="1"/></event></log>',
            "dubbele-kolom",
            "'A' en 'a'",
        ),
    ],
)
def test_wat_geen_logboek_is_wordt_geweigerd(
    openen: Openen, inhoud: str, code: str, woorden: str
) -> None:
    with pytest.raises(Bestandsfout, match=woorden) as fout:
        openen(("a.xes", inhoud.encode()))
    assert fout.value.code == code
