"""The fixed sample of the scheduler, that it finds what is broken, and that it counts well."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import permutations

import pytest
from tests.golf.voorbeelden import VECTOREN, A, B, bladen_van
from tests.grens.beurten import spel
from tests.grens.beurten.keuringen import Mis, Nieuwer, wortel
from tests.grens.beurten.mutanten import MUTANTEN
from tests.grens.beurten.rooster import (
    Extra,
    Geval,
    Scenario,
    aantal,
    aantal_scenarios,
    geval,
    plaats,
    scenario,
)
from tests.grens.beurten.taal import wat_mis_is
from tests.grens.beurten.weg import Weg
from tests.proef import Tegenvoorbeeld, beurten

from schakel.bewijs import als_base64

STEEKPROEF = 300


def test_een_steekproef_van_volgordes_houdt_alles_heel() -> None:
    beurten.beproef(0, STEEKPROEF)


@pytest.mark.parametrize("naam", MUTANTEN)
def test_wat_een_regel_breekt_valt_in_de_steekproef_op(naam: str) -> None:
    with MUTANTEN[naam](), pytest.raises(Tegenvoorbeeld, match=r"^\d+: (Mis S-|Golffout gestopt)"):
        beurten.beproef(0, STEEKPROEF)


GEVONDEN = {
    "het bewijs dat met zijn vrager onderging komt met de hervatting": (
        "A.geef AB.bewijs-kwijt A.dood",
        {},
    ),
    "wat een kopie nog moest zeggen en intrekken was half gezegd": (
        "A.geef A.geef A.kopie BA.kwijt AB.half A.terug",
        {"gever": (("bied", 1), ("terug", 1)), "plan": ()},
    ),
    "wat de een verloor verloor de ander ook, na de hervatting": (
        "A.kopie B.kopie A.geef AB.pagina A.terug BA.pagina B.terug",
        {},
    ),
    "het bewijs van wat gehaald is wordt opnieuw gegeven": (
        "A.geef AB.pagina B.werk BA.bewijs-kwijt BA.pagina",
        {"plan": ("omgezet",), "extra": Extra("een beller", een_beller=True)},
    ),
    "een bewijs van voor een hervatting zegt niet hoe ver de ander nu is": (
        "BA.kwijt B.kopie A.geef A.geef AB.bewijs-later B.terug BA.pagina AB.komt",
        {"gever": (("bied", 1), ("terug", 1)), "plan": ()},
    ),
    "wat hier al liep wordt niet geweigerd na een kopie van alleen de grens": (
        "A.geef B.kopie AB.pagina B.werk BA.pagina A.geef B.grens-terug",
        {"gever": (("bied", 1), ("terug", 1)), "plan": ()},
    ),
    "wat zich na zo'n weigering nog meldt hoort dat het is teruggenomen": (
        "A.geef B.kopie AB.pagina B.werk A.geef B.grens-terug",
        {"gever": (("bied", 1), ("terug", 1)), "plan": ()},
    ),
}
"""What the scheduler found, cut down by hand to the turns that it needs."""


@pytest.mark.parametrize("naam", GEVONDEN)
def test_wat_eens_misging_blijft_heel(naam: str) -> None:
    beurten_, anders = GEVONDEN[naam]
    eerste = Scenario((("bied", 1),), ("gereed", "voltooid"), (), (), (), Extra())
    beurten.speel_af([Geval(0, replace(eerste, **anders), beurten_.split())])


def knoei(sql: str) -> Callable[[Weg], None]:
    """The same done to the stores of both."""

    def doe(weg: Weg) -> None:
        weg.bewijzen.clear()
        for kant in (weg.a, weg.b):
            with closing(sqlite3.connect(kant.bestand, isolation_level=None)) as db:
                db.execute(sql)

    return doe


def vervals_bewijs(weg: Weg) -> None:
    weg.bewijzen[0].wortel = bytes(32)


def verzwijg(weg: Weg) -> None:
    next(iter(weg.a.huis.verteld.values())).pop()


def vertel_twee_keer(weg: Weg) -> None:
    verteld = next(iter(weg.b.huis.verteld.values()))
    verteld.append(verteld[-1])


GEKNOEI = {
    "S-1": knoei("DELETE FROM notes WHERE soort = 'ontvangstbewijs'"),
    "S-2": vervals_bewijs,
    "S-3": knoei(
        "UPDATE bladen SET blad = cast(replace(blad, '.u.2\"', '.u.3\"') AS BLOB)"
        " WHERE cast(blad AS TEXT) LIKE '%.u.2\"%'"
    ),
    "S-4": verzwijg,
    "S-4 twee keer": vertel_twee_keer,
    "S-7": knoei(
        "UPDATE notes SET note ="
        " substr(note, 1, length(note) - 12) || 'AAAAAAAAAA' || substr(note, -2)"
    ),
    "S-11": knoei("UPDATE verbindingen SET gestopt = 'vork'"),
    "S-13": knoei(
        """UPDATE schakels SET overzicht = cast(replace(overzicht, '"gezegd":1', '"gezegd":7')"""
        " AS BLOB)"
    ),
}


@pytest.mark.parametrize("regel", GEKNOEI)
def test_elke_keuring_ziet_wat_zij_moet_zien(regel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def keur(weg: Weg, nieuwer: Nieuwer) -> None:
        GEKNOEI[regel](weg)
        echt(weg, nieuwer)

    echt = spel.keur
    monkeypatch.setattr(spel, "keur", keur)
    een = Scenario((("bied", 1),), ("gereed", "voltooid"), (), (), (), Extra())
    with pytest.raises(Tegenvoorbeeld) as fout:
        beurten.speel_af([Geval(0, een, ["A.geef", "AB.pagina"])])
    assert isinstance(fout.value.__cause__, Mis)
    assert fout.value.__cause__.regel == regel.split(maxsplit=1)[0]


def test_wat_niet_in_de_taal_staat_valt_op() -> None:
    blad = json.loads(bladen_van(A)[0])
    assert wat_mis_is(blad, A) is None
    for anders in ({"naam": "Testpersoon"}, {"door": {"organisatie": A, "wie": "mw-1"}}):
        assert wat_mis_is({**blad, "data": {**blad["data"], **anders}}, A) is not None
    assert wat_mis_is({**blad, "type": "nl.schakels.gebaard.v1"}, A) is not None
    assert wat_mis_is(blad, B) is not None


def test_elke_volgorde_heeft_een_nummer_en_elk_nummer_een_volgorde() -> None:
    """Held against all orders of the turns, for one that is small enough."""
    klein = Scenario((("bied", 1),), (), ("pagina",), ("half", "komt"), ("A.dood",), Extra())
    alle = [tuple(klein.beurten(rang)) for rang in range(klein.omvang)]
    beurten_ = [(i, beurt) for i, een in enumerate(klein.programmas) for beurt in een]
    goed = {
        tuple(beurt for _, beurt in volgorde)
        for volgorde in permutations(beurten_)
        if all(
            [beurt for actor, beurt in volgorde if actor == i] == [*een]
            for i, een in enumerate(klein.programmas)
        )
    }
    assert len(set(alle)) == len(alle) == klein.omvang
    assert set(alle) == goed


def test_de_nummering_is_een_wandeling_in_de_diepte() -> None:
    """Who has the lower number goes first where two schedules part."""
    een = scenario(aantal_scenarios() - 1)
    actor = {beurt: i for i, programma in enumerate(een.programmas) for beurt in programma}
    sleutels = [[actor[beurt] for beurt in een.beurten(rang)] for rang in range(300)]
    assert sleutels == sorted(sleutels)
    assert aantal((2, 2)) == 6


def test_geen_twee_gevallen_zijn_hetzelfde_en_elk_komt_terug() -> None:
    ronde = aantal_scenarios()
    plaatsen = [plaats(getal + keer * ronde) for keer in range(3) for getal in range(500)]
    assert len(set(plaatsen)) == len(plaatsen)
    assert len({plek for plek, _ in plaatsen}) == 500
    assert geval(STEEKPROEF) == geval(STEEKPROEF)
    assert geval(ronde).scenario == geval(0).scenario


def test_de_wortel_van_de_lange_weg_is_die_van_de_vectoren() -> None:
    bladen = bladen_van(A)
    for een in VECTOREN["boom"]:
        assert als_base64(wortel(bladen[: een["omvang"]])) == een["wortel"]
