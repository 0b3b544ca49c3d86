"""That S-5 is looked at in each moment, and that every way in which it can be broken is seen."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from tests.grens.beurten import spel
from tests.grens.beurten.ogenblik import Kijker
from tests.grens.beurten.rooster import Extra, Geval, Scenario
from tests.grens.beurten.weg import Weg
from tests.proef import Tegenvoorbeeld, beurten

from schakel.contracts.schakels import berichten as s
from schakel.contracts.schakels.woorden import Slotuitkomst
from schakel.grens.buiten import stam_van
from schakel.grens.gesprek import Gesprek
from schakel.grens.lijn import Lijn
from schakel.grens.schakel import Schakel
from schakel.grens.uitspreken import neem_voor

EEN = Scenario((("bied", 1),), ("gereed", "voltooid"), (), (), (), Extra())
GEVRAAGD = "A.geef AB.pagina"
AAN_HET_WERK = f"{GEVRAAGD} B.werk"
AF = f"{AAN_HET_WERK} B.werk B.werk"
TERUG = f"{AF} BA.pagina"


def opslag(kant: str, sql: str) -> Callable[[Weg], None]:
    """Done to the store of one."""

    def doe(weg: Weg) -> None:
        bestand = (weg.a if kant == "A" else weg.b).bestand
        with closing(sqlite3.connect(bestand, isolation_level=None)) as db:
            assert db.execute(sql).rowcount

    return doe


def toont(kant: str, was: str, wordt: str) -> Callable[[Weg], None]:
    """A border shows something else."""
    return opslag(
        kant,
        f"UPDATE schakels SET overzicht = cast(replace(overzicht, '{was}', '{wordt}') AS BLOB)",
    )


def kind(weg: Weg) -> UUID:
    (een,) = weg.a.huis.gever.kinderen
    return een


def verdubbeld(weg: Weg) -> None:
    (een,) = weg.b.huis.werk.values()
    weg.b.huis.werk[UUID(int=7)] = een


def vergeten(weg: Weg) -> None:
    del weg.a.huis.gever.kinderen[kind(weg)]


def te_vroeg_terug(weg: Weg) -> None:
    weg.a.huis.gever.kinderen[kind(weg)] = "voltooid"


def twee_keer_terug(weg: Weg) -> None:
    weg.a.hoor()
    verteld = weg.a.huis.verteld[kind(weg)]
    verteld.append(verteld[-1])


def nooit_gevraagd(weg: Weg) -> None:
    weg.a.huis.bus.clear()


def overgeslagen(kant: str) -> Callable[[Weg], None]:
    """The house reads past what its border said."""

    def doe(weg: Weg) -> None:
        (weg.a if kant == "A" else weg.b).huis.gelezen = 1_000

    return doe


MIS: dict[str, tuple[str, Callable[[Weg], None]]] = {
    "2 meldingen for one schakel": (AAN_HET_WERK, verdubbeld),
    "B works for nobody": (AAN_HET_WERK, vergeten),
    "voltooid, and it is worked at": (AAN_HET_WERK, te_vroeg_terug),
    "dicht at A, and it is worked at": (
        AAN_HET_WERK,
        toont("A", '"isDicht":false', '"isDicht":true'),
    ),
    "dicht at B, and it is worked at": (
        AAN_HET_WERK,
        toont("B", '"isDicht":false', '"isDicht":true'),
    ),
    "the giver has it back 2 times": (TERUG, twee_keer_terug),
    "A waits for what it never asked": ("A.geef", nooit_gevraagd),
    "asked, and never to be said": (GEVRAAGD, toont("A", '"gezegd":1', '"gezegd":0')),
    "over, and the giver is not told": (TERUG, overgeslagen("A")),
    "heard, and nobody knows of it": (GEVRAAGD, opslag("B", "DELETE FROM schakels")),
    "over, and the giver never hears": (
        f"{AF} BA.kwijt",
        opslag("B", "DELETE FROM bladen WHERE logboek LIKE '%2000/%1000'"),
    ),
    "with nobody": (GEVRAAGD, overgeslagen("B")),
}


@pytest.mark.parametrize("uitleg", MIS)
def test_wie_kijkt_ziet_wat_er_mis_is(uitleg: str, monkeypatch: pytest.MonkeyPatch) -> None:
    beurten_, knoei = MIS[uitleg]

    async def kijk(weg: Weg) -> None:
        Kijker(weg)()
        knoei(weg)
        Kijker(weg)()

    monkeypatch.setattr(spel, "rust", kijk)
    with pytest.raises(Tegenvoorbeeld, match=f"Mis S-5: .*{uitleg}"):
        beurten.speel_af([Geval(0, EEN, beurten_.split())])


@contextmanager
def dicht_voor_het_huis_het_weet() -> Iterator[None]:
    """Who hears ``ingetrokken`` says the last word at once; its house still works at it."""
    echt = Gesprek._vertel_uitvoerder

    def vertel(zelf: Gesprek, werk: Any, schakel: Schakel, lijn: Lijn) -> None:
        echt(zelf, werk, schakel, lijn)
        if schakel.naar and schakel.intrekking is not None and not schakel.weigert:
            stam = stam_van(zelf._oin, schakel.schakel)
            einde = s.SchakelAfgesloten(**stam, uitkomst=Slotuitkomst.INGETROKKEN)
            neem_voor(werk, schakel, einde)

    with patch.object(Gesprek, "_vertel_uitvoerder", vertel):
        yield


def test_wat_in_rust_klopt_en_onderweg_niet_valt_op(monkeypatch: pytest.MonkeyPatch) -> None:
    gever = replace(EEN, gever=(("bied", 1), ("terug", 1)))
    een = Geval(0, gever, f"{AAN_HET_WERK} BA.pagina A.geef AB.pagina".split())
    beurten.speel_af([een])
    with dicht_voor_het_huis_het_weet():
        with pytest.raises(Tegenvoorbeeld, match=r"Mis S-5: .*dicht at B, and it is worked at"):
            beurten.speel_af([een])
        monkeypatch.setattr(Kijker, "__call__", lambda _: None)
        beurten.speel_af([een])
