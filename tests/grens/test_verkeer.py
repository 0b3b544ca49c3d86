"""Two sides, each with its own store, over a road that loses, doubles, swaps and delays."""

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from schakel.bewijs import lees_note, lees_ontvangstbewijs
from schakel.grens.fouten import Golffout, SlechtePagina, Vork
from schakel.grens.logboek import groei
from schakel.grens.verbinding import vergeet_sessies
from schakel.grens.vormen import Logboekhervatting, Ontvangst, Pagina
from schakel.kern.opslag.sqlite import SqliteOpslag

from .zijden import GETEKEND, TABELLEN, Zijde, ondertekenaar, zijde


@dataclass
class Kant:
    """One side with its store: killed, put back from a copy, opened anew."""

    wie: str
    bestand: Path
    overeenkomst: bytes = GETEKEND
    zijde: Zijde = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        opslag = SqliteOpslag(self.bestand, TABELLEN)
        self.zijde = zijde(opslag, self.wie, overeenkomst=self.overeenkomst)
        self.zijde.doe(vergeet_sessies)

    def sluit(self) -> None:
        self.zijde.opslag.sluit()

    def zet_terug(self, kopie: Path) -> None:
        self.sluit()
        for rest in self.bestand.parent.glob(f"{self.bestand.name}*"):
            rest.unlink()
        shutil.copy(kopie, self.bestand)
        self.open()

    def kopieer(self, naar: Path) -> Path:
        self.sluit()
        shutil.copy(self.bestand, naar)
        self.open()
        return naar

    def zeg(self, blad: bytes) -> bool:
        if not self.zijde.verkeer.verbinding().is_hervat:
            with pytest.raises(Golffout, match="sessie-onbekend"):
                self.zijde.doe(self.zijde.verkeer.zeg, [blad])
            return False
        self.zijde.doe(self.zijde.verkeer.zeg, [blad])
        return True


@pytest.fixture
def paar(tmp_path: Path) -> Iterator[tuple[Kant, Kant]]:
    kanten = Kant("A", tmp_path / "a.db"), Kant("B", tmp_path / "b.db")
    yield kanten
    for een in kanten:
        een.sluit()


def hervat(a: Kant, b: Kant) -> None:
    """``a`` calls; both give back what the other lost."""
    vraag = a.zijde.doe(a.zijde.verkeer.begin_hervatting)
    antwoord = b.zijde.doe(b.zijde.verkeer.hervat, Logboekhervatting.lees(vraag.schrijf()))
    a.zijde.doe(a.zijde.verkeer.rond_hervatting, Logboekhervatting.lees(antwoord.schrijf()))
    for wie, ander in ((a, b), (b, a)):
        while wie.zijde.verkeer.verbinding().achterop:
            omvang = wie.zijde.verkeer.stand_uit().omvang
            terug = ander.zijde.verkeer.geef_bladen(omvang)
            wie.zijde.doe(wie.zijde.verkeer.neem_bladen, terug)


def pagina_van(a: Kant) -> bytes | None:
    """What it would send now."""
    verbinding = a.zijde.verkeer.verbinding()
    pagina: Pagina | None = a.zijde.doe(
        a.zijde.verkeer.pagina, verbinding.sessie_uit, verbinding.vanaf
    )
    return None if pagina is None else pagina.schrijf()


def stuur(a: Kant, b: Kant) -> bool:
    """One page there, and its receipt back; whether there was anything."""
    ruw = pagina_van(a)
    if ruw is None:
        return False
    inname = b.zijde.doe(b.zijde.verkeer.neem_pagina, ruw)
    a.zijde.doe(a.zijde.verkeer.neem_ontvangst, Ontvangst.lees(inname.ontvangst.schrijf()))
    return True


def zijn_gelijk(a: Kant, b: Kant) -> bool:
    return a.zijde.bladen("uit") == b.zijde.bladen("in") and b.zijde.bladen(
        "uit"
    ) == a.zijde.bladen("in")


def test_voor_de_hervatting_krijgt_niets_een_plaats(paar: tuple[Kant, Kant]) -> None:
    a, b = paar
    assert not a.zeg(b"een")
    hervat(a, b)
    assert a.zeg(b"een")
    assert b.zeg(b"terug")
    assert stuur(a, b)
    assert stuur(b, a)
    assert zijn_gelijk(a, b)
    assert not stuur(a, b)


def test_een_pagina_van_een_oude_sessie_wordt_niet_genomen(paar: tuple[Kant, Kant]) -> None:
    a, b = paar
    hervat(a, b)
    a.zeg(b"een")
    oud = pagina_van(a)
    hervat(b, a)
    with pytest.raises(Golffout, match="sessie-onbekend"):
        b.zijde.doe(b.zijde.verkeer.neem_pagina, oud)
    assert stuur(a, b)


def test_wat_een_kopie_niet_had_komt_van_de_ander_terug(
    paar: tuple[Kant, Kant], tmp_path: Path
) -> None:
    a, b = paar
    hervat(a, b)
    for n in range(1_200):
        a.zeg(b"%d" % n)
        if n == 300:
            while stuur(a, b):
                pass
            kopie = a.kopieer(tmp_path / "kopie")
            hervat(a, b)
    while stuur(a, b):
        pass
    heel = a.zijde.bladen("uit")
    a.zet_terug(kopie)
    assert not a.zeg(b"te vroeg")
    assert len(a.zijde.bladen("uit")) == 301
    hervat(b, a)
    *terug, herstel = a.zijde.bladen("uit")
    assert tuple(terug) == heel
    gezegd = json.loads(herstel)
    assert gezegd["type"] == "nl.schakels.verbinding.herstel.v1"
    assert (gezegd["data"]["gevallen"], gezegd["data"]["omvang"]) == (301, 1_200)
    assert a.zeg(b"verder")
    assert stuur(a, b)
    assert zijn_gelijk(a, b)


def test_een_bewijs_dat_niet_aankwam_komt_met_de_hervatting(paar: tuple[Kant, Kant]) -> None:
    a, b = paar
    hervat(a, b)
    a.zeg(b"een")
    inname = b.zijde.doe(b.zijde.verkeer.neem_pagina, pagina_van(a))
    hervat(a, b)
    gehad = a.zijde.verkeer.uit.laatste_note("ontvangstbewijs")
    assert gehad == (1, inname.ontvangst.ontvangstbewijs)


def test_zolang_eigen_bladen_ontbreken_wordt_elke_pagina_afgewezen(
    paar: tuple[Kant, Kant], tmp_path: Path
) -> None:
    a, b = paar
    hervat(a, b)
    kopie = a.kopieer(tmp_path / "kopie")
    hervat(a, b)
    a.zeg(b"een")
    b.zeg(b"terug")
    assert stuur(a, b)
    a.zet_terug(kopie)
    vraag = a.zijde.doe(a.zijde.verkeer.begin_hervatting)
    antwoord = b.zijde.doe(b.zijde.verkeer.hervat, vraag)
    a.zijde.doe(a.zijde.verkeer.rond_hervatting, antwoord)
    with pytest.raises(Golffout, match="achterop") as fout:
        a.zijde.doe(a.zijde.verkeer.neem_pagina, pagina_van(b))
    assert fout.value.omvang == 0
    with pytest.raises(Golffout, match="sessie-onbekend"):
        a.zijde.doe(a.zijde.verkeer.zeg, [b"te vroeg"])


def test_wie_iets_anders_ondertekent_dan_hij_zei_staat_stil(paar: tuple[Kant, Kant]) -> None:
    a, b = paar
    hervat(a, b)
    a.zeg(b"een")
    stuur(a, b)
    vals = groei(a.zijde.verkeer.uit.stand(a.zijde.verkeer.partij.sleutels_uit), [b"x"]).stand
    bewijs = str(vals.punt.ontvang(ondertekenaar("B"), 1))
    with pytest.raises(Vork):
        a.zijde.doe(a.zijde.verkeer.neem_ontvangst, Ontvangst(2, bewijs))
    a.zijde.doe(a.zijde.verkeer.stop, Vork("anders"), bewijs.encode())
    for doe in (a.zijde.verkeer.begin_hervatting, lambda w: a.zijde.verkeer.pagina(w, "x", 0)):
        with pytest.raises(Golffout, match="gestopt"):
            a.zijde.doe(doe)
    a.zijde.doe(a.zijde.verkeer.start_weer)
    hervat(a, b)
    a.zeg(b"twee")
    assert stuur(a, b)


class Weg:
    """Moves at random, over a road on which pages are lost, doubled, late and swapped."""

    def __init__(self, paar: tuple[Kant, Kant], map_: Path, zaad: int) -> None:
        self.paar = paar
        self.map = map_
        self.r = Random(zaad)
        self.onderweg: list[tuple[int, bytes]] = []
        self.kopieen: dict[int, Path] = {}
        self.zetten = 0

    def zet(self) -> None:
        self.zetten += 1
        doe = self.r.choices(
            (self.zeg, self.verstuur, self.bezorg, self.hervat, self.kopieer, self.zet_terug),
            (8, 6, 4, 2, 2, 1),
        )[0]
        doe(self.r.randrange(2))

    def zeg(self, n: int) -> None:
        self.paar[n].zeg(b"%d.%d" % (n, self.zetten) * self.r.choice([1, 1, 400]))

    def verstuur(self, n: int) -> None:
        with suppress(Golffout):
            if ruw := pagina_van(self.paar[n]):
                self.onderweg += [(1 - n, ruw)] * self.r.choice([1, 1, 2])

    def bezorg(self, _: int) -> None:
        self.r.shuffle(self.onderweg)
        for _ in range(min(len(self.onderweg), self.r.randrange(4))):
            naar, ruw = self.onderweg.pop()
            try:
                verkeer = self.paar[naar].zijde.verkeer
                inname = self.paar[naar].zijde.doe(verkeer.neem_pagina, ruw)
                if self.r.random() < 0.7:
                    schrijver = self.paar[1 - naar].zijde
                    schrijver.doe(schrijver.verkeer.neem_ontvangst, inname.ontvangst)
            except (SlechtePagina, Vork) as fout:
                pytest.fail(f"wat een eerlijke zei is geweigerd: {fout}")
            except Golffout:
                continue

    def hervat(self, n: int) -> None:
        hervat(self.paar[n], self.paar[1 - n])

    def kopieer(self, n: int) -> None:
        self.kopieen[n] = self.paar[n].kopieer(self.map / f"kopie{n}")

    def zet_terug(self, n: int) -> None:
        if n in self.kopieen:
            self.paar[n].zet_terug(self.kopieen[n])


@pytest.mark.parametrize("zaad", range(25))
def test_over_elke_weg_worden_beide_kanten_gelijk(
    paar: tuple[Kant, Kant], tmp_path: Path, zaad: int
) -> None:
    """Whatever is lost on the road, killed, or put back from a copy: nobody forks, ever."""
    hervat(*paar)
    weg = Weg(paar, tmp_path, zaad)
    for _ in range(120):
        weg.zet()
        for een, ander in (paar, paar[::-1]):
            uit, in_ = een.zijde.bladen("uit"), ander.zijde.bladen("in")
            samen = min(len(uit), len(in_))
            assert uit[:samen] == in_[:samen]
    hervat(*paar)
    for een, ander in (paar, paar[::-1]):
        een.zeg(b"slot")
        while stuur(een, ander):
            pass
        laatste = een.zijde.verkeer.uit.laatste_note("ontvangstbewijs")
        assert laatste is not None
        assert lees_ontvangstbewijs(lees_note(laatste[1])).controlepunt.omvang == laatste[0]
    assert zijn_gelijk(*paar)
