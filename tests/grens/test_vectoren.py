"""The published vectors of the wire format, through our own receiver and sender."""

import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schakel.bewijs import lees_note, lees_ontvangstbewijs
from schakel.contracts.strikt import lees_json
from schakel.grens.fouten import SlechtePagina
from schakel.grens.verbinding import zet
from schakel.kern.opslag.sqlite import SqliteOpslag

from .zijden import TABELLEN, VECTOREN, A, Zijde, zijde

PAGINAS = [een for een in VECTOREN["paginas"] if een["van"] == A]


@pytest.fixture
def opslag(tmp_path: Path) -> Iterator[SqliteOpslag]:
    een = SqliteOpslag(tmp_path / "grens.db", TABELLEN)
    yield een
    een.sluit()


def in_sessie(een: Zijde, sessie: str) -> Zijde:
    """As after a resumption that drew this session."""
    een.doe(lambda werk: zet(werk, replace(een.verkeer.verbinding(), sessie_in=sessie)))
    return een


def neem(een: Zijde, stap: dict[str, Any]) -> Any:
    regels = stap["antwoord"]["ontvangstbewijs"]
    een.nu = datetime.fromtimestamp(tijd_in(regels), UTC)
    return een.doe(een.verkeer.neem_pagina, json.dumps(stap["pagina"]).encode())


def tijd_in(bewijs: str) -> int:
    return lees_ontvangstbewijs(lees_note(bewijs)).tijd


def test_elke_pagina_krijgt_byte_voor_byte_het_ontvangstbewijs(opslag: SqliteOpslag) -> None:
    b = in_sessie(zijde(opslag, "B"), PAGINAS[0]["pagina"]["sessie"])
    for stap in PAGINAS:
        ontvangst = neem(b, stap).ontvangst
        assert lees_json(ontvangst.schrijf()) == stap["antwoord"]
        # Once more is success, with the same receipt.
        assert neem(b, stap).ontvangst == ontvangst
    assert len(b.bladen("in")) == 5


@pytest.mark.parametrize("slecht", VECTOREN["slechtePaginas"]["lijst"], ids=lambda een: een["wat"])
def test_een_slechte_pagina_heeft_haar_reden(opslag: SqliteOpslag, slecht: dict[str, Any]) -> None:
    b = in_sessie(zijde(opslag, "B"), PAGINAS[0]["pagina"]["sessie"])
    neem(b, PAGINAS[0])
    met = b.bladen("in")
    with pytest.raises(SlechtePagina) as fout:
        neem(b, {**PAGINAS[0], "pagina": slecht["pagina"]})
    assert fout.value.reden == slecht["code"]
    assert b.bladen("in") == met


def test_de_zender_maakt_byte_voor_byte_deze_paginas(opslag: SqliteOpslag) -> None:
    a = zijde(opslag, "A", "A2", "A")
    a.doe(
        lambda werk: zet(
            werk,
            replace(
                a.verkeer.verbinding(), sessie_in="x", sessie_uit=PAGINAS[0]["pagina"]["sessie"]
            ),
        )
    )
    for stap in PAGINAS:
        bladen = [b64decode(blad) for blad in stap["pagina"]["bladen"]]
        a.doe(a.verkeer.zeg, bladen)
        pagina = a.doe(a.verkeer.pagina, stap["pagina"]["sessie"], stap["pagina"]["vanaf"])
        assert lees_json(pagina.schrijf()) == stap["pagina"]
