"""The state of a schakel: total, the same at both sides, and the same in a second program."""

from collections.abc import Iterable
from itertools import chain, product
from random import Random
from typing import Any

import pytest
from tests.architectuur.boom import WORTEL
from tests.golf.rijen import (
    GEZEGD,
    MEER,
    aanbod,
    bericht,
    kleine_rijen,
    onleesbaar,
    wilde_rij,
)
from tests.golf.tweede import tweede
from tests.golf.voorbeelden import VECTOREN, A, B, bladen_van

from schakel.contracts.organisatie import Schakelsoort
from schakel.contracts.schakels.berichten import SCHAKELBERICHTEN, Slotuitkomst
from schakel.contracts.schakels.codes import Leescode
from schakel.contracts.schakels.lezen import GelezenBlad, OnleesbaarBlad, lees
from schakel.contracts.schakels.rij import DOORGAAND, Breuk, Noot, Rijdeel
from schakel.contracts.schakels.tekening import delen, vul
from schakel.contracts.schakels.toestand import (
    TABEL,
    Schakelstand,
    Uitvoerderfase,
    Vragerfase,
    zet,
    zou_gelden,
)
from schakel.contracts.schakels.vouw import Beurt, Vouw, vouw
from schakel.contracts.schakels.woorden import Kant

V, U = Kant.VRAGER, Kant.UITVOERDER
SOORTEN = [*Schakelsoort]


def paar(v: Iterable[Rijdeel], u: Iterable[Rijdeel]) -> tuple[str, str]:
    """The pair after the fold."""
    return vouw([*v], [*u]).stand.paar


def noten(gevouwen: Vouw) -> list[tuple[str, int, str]]:
    """The notes, as the vectors write them."""
    return [(str(een.kant), een.nummer, een.feit) for een in gevouwen.noten]


def zeg(*wat: str | tuple[str, int] | tuple[str, int, dict[str, Any]]) -> list[Rijdeel]:
    """A dense row: each message with its ``bij`` (0 unless given) and other members."""
    rij: list[Rijdeel] = []
    for nummer, een in enumerate(wat, start=1):
        feit, bij, *anders = (een, 0) if isinstance(een, str) else een
        rij.append(bericht(feit, nummer, bij, **(anders[0] if anders else {})))  # type: ignore[arg-type]
    return rij


# --- the table -----------------------------------------------------------------------------------


def test_de_tabel_gaat_over_elk_bericht() -> None:
    assert {regel.feit for regel in TABEL} == {soort.FEIT for soort in SCHAKELBERICHTEN}


def test_de_tabel_is_totaal_en_hoogstens_een_regel_geldt() -> None:
    fasen = product([None, *SOORTEN], Vragerfase, Uitvoerderfase, (1, 2), (None, 1), ({1}, set()))
    makers = [*MEER[V], *MEER[U], lambda nummer, _: aanbod("estafette", nummer)]
    for fase in fasen:
        for maak, nummer in product(makers, (1, 2)):
            soort, v, u, ronde, vraag, vragen = fase
            stand = Schakelstand(soort, v, u, "voltooid", ronde, vraag, {*vragen})
            een = maak(nummer, 0)
            regels = [r for r in TABEL if r.feit == een.FEIT and r.geldt(stand, een)]
            assert len(regels) <= 1
            assert zou_gelden(stand, een) is bool(regels)
            assert zet(stand, een) is bool(regels)


def test_een_noot_verandert_niets() -> None:
    for v, u in product(Vragerfase, Uitvoerderfase):
        for maak in (*MEER[V], *MEER[U]):
            stand = Schakelstand(Schakelsoort.DEELPROCES, v, u)
            if not zet(stand, maak(2, 0)):
                assert stand == Schakelstand(Schakelsoort.DEELPROCES, v, u)


def test_na_het_laatste_woord_komt_er_geen_ander() -> None:
    for v, maak in product(Vragerfase, MEER[U]):
        stand = Schakelstand(Schakelsoort.KETENMELDING, v, Uitvoerderfase.EINDE, "voltooid")
        zet(stand, maak(2, 0))
        assert stand.paar == (v, "einde:voltooid")


# --- the rulings ---------------------------------------------------------------------------------


def test_de_vector_komt_uit() -> None:
    rijen = {
        oin: [
            gelezen.bericht
            for blad in bladen_van(oin)
            if isinstance(gelezen := lees(blad, oin), GelezenBlad) and gelezen.plek
        ]
        for oin in (A, B)
    }
    gevouwen = vouw(rijen[A], rijen[B])  # type: ignore[arg-type]
    assert list(gevouwen.stand.paar) == VECTOREN["toestand"]["paar"]
    assert noten(gevouwen) == [tuple(een) for een in VECTOREN["toestand"]["noten"]]


def test_kruist_een_intrekking_het_laatste_woord_dan_gelden_beide() -> None:
    v = [aanbod("deelproces"), bericht("ingetrokken", 2, 1)]
    assert paar(v, zeg(("aangenomen", 1), ("geweigerd", 1))) == ("ingetrokken", "einde:geweigerd")


def test_een_bod_bindt_tot_de_vrager_iets_zegt() -> None:
    v = [aanbod("estafette")]
    bod = zeg(("aanvaard", 1), ("geweigerd", 1))
    assert paar(v, bod) == ("aangeboden", "aanvaard")
    for woord in ("overgegaan", "te-laat", "ingetrokken"):
        los = [*bod[:1], bericht("geweigerd", 2, 2)]
        assert paar([*v, bericht(woord, 2, 1)], los) == (woord, "einde:geweigerd")


def test_een_estafette_is_na_aangenomen_aan_haar_einde() -> None:
    v = [aanbod("estafette"), bericht("overgegaan", 2, 1)]
    u = zeg(("aanvaard", 1), ("aangenomen", 2), ("geweigerd", 2), ("voortgang", 2))
    gevouwen = vouw(v, u)
    assert gevouwen.stand.paar == ("overgegaan", "aangenomen")
    assert gevouwen.stand.is_dicht
    assert noten(gevouwen) == [("u", 3, "geweigerd"), ("u", 4, "voortgang")]


def test_te_laat_en_overgegaan_gaan_niet_samen() -> None:
    v = [aanbod("estafette"), bericht("te-laat", 2, 0), bericht("overgegaan", 3, 1)]
    assert paar(v, zeg(("aanvaard", 1))) == ("te-laat", "aanvaard")


def test_niet_tevreden_begint_een_ronde_en_een_oude_ronde_telt_niet() -> None:
    v = [
        aanbod("ketenmelding"),
        bericht("beoordeeld", 2, 2, oordeel="niet_tevreden"),
        bericht("beoordeeld", 3, 2, oordeel="niet_tevreden"),
        bericht("beoordeeld", 4, 4, ronde=2),
    ]
    u = zeg(
        ("aangenomen", 1),
        ("gereedgemeld", 1),
        ("gereedgemeld", 3),
        ("gereedgemeld", 3, {"ronde": 2}),
    )
    gevouwen = vouw(v, u)
    assert gevouwen.stand.paar == ("aangeboden", "gereed")
    assert gevouwen.stand.ronde == 2
    assert noten(gevouwen) == [("v", 3, "beoordeeld"), ("u", 3, "gereedgemeld")]


def test_een_vraag_telt_eens_en_alleen_de_open_vraag_wordt_beantwoord() -> None:
    v = [
        aanbod("deelproces"),
        bericht("antwoord-gegeven", 2, 2, vraag=2),
        bericht("antwoord-gegeven", 3, 2, vraag=1),
        bericht("antwoord-gegeven", 4, 2, vraag=1),
    ]
    u = zeg(("aangenomen", 1), ("vraag-gesteld", 1), ("vraag-gesteld", 4))
    gevouwen = vouw(v, u)
    assert gevouwen.stand.vraag is None
    assert noten(gevouwen) == [
        ("v", 2, "antwoord-gegeven"),
        ("v", 4, "antwoord-gegeven"),
        ("u", 3, "vraag-gesteld"),
    ]
    assert vouw(v[:1], u[:2]).stand.vraag == 1


def test_wie_eerst_gaat_volgt_uit_bij() -> None:
    """Both may go: the uitvoerder; neither may: the uitvoerder; a row that ran out binds nobody."""
    v = [aanbod("deelproces"), bericht("ingetrokken", 2, 9)]
    volgorde = [
        (o.kant, o.bericht.nummer) for o in vouw(v, zeg("aangenomen", ("afgesloten", 7))).beurten
    ]
    assert volgorde == [(U, 1), (V, 1), (U, 2), (V, 2)]


def test_tweemaal_een_nummer_is_een_noot() -> None:
    u = [*zeg(("aangenomen", 1)), bericht("geweigerd", 1, 0), bericht("gereedgemeld", 2, 1)]
    gevouwen = vouw([aanbod("ketenmelding")], u)
    assert gevouwen.stand.paar == ("aangeboden", "gereed")
    assert gevouwen.noten == (Noot(U, 1, "geweigerd"),)


# --- what cannot be read -------------------------------------------------------------------------


def test_achter_een_gat_wacht_alles_behalve_laatste_woorden_en_intrekkingen() -> None:
    u = [*zeg(("aangenomen", 1)), bericht("gereedgemeld", 3, 1), bericht("voortgang", 4, 1)]
    gevouwen = vouw([aanbod("ketenmelding")], u)
    assert gevouwen.stand.paar == ("aangeboden", "aangenomen")
    assert gevouwen.breuk == {U: Breuk(3, Leescode.GAT, "onbegrepen")}
    assert gevouwen.vastgehouden == {V: (), U: (3, 4)}
    assert gevouwen.dicht_tot == {V: 1, U: 1}
    assert paar([aanbod("ketenmelding")], [*u, bericht("afgesloten", 5, 1)]) == (
        "aangeboden",
        "einde:omgezet",
    )
    assert vouw([aanbod("ketenmelding")], [*u, bericht("wissing-gevraagd", 2, 1)]).vastgehouden[
        U
    ] == (3, 4, 2)


def test_er_worden_honderd_berichten_vastgehouden_en_meer_niet() -> None:
    v = [aanbod("ketenmelding"), bericht("wissing-gevraagd", 2, 0)]
    u: list[Rijdeel] = zeg(("aangenomen", 1))
    u += [bericht("voortgang", nummer, 1) for nummer in range(3, 154)]
    gevouwen = vouw(v, u)
    assert gevouwen.vastgehouden[U] == tuple(range(3, 104))  # what broke it, and a hundred behind
    assert gevouwen.boven == {U: 104}
    assert gevouwen.is_vol(U)
    assert gevouwen.zou_vasthouden(U, bericht("voortgang", 200, 1))
    assert not gevouwen.zou_vasthouden(U, bericht("voortgang", 3, 1))
    assert not gevouwen.zou_vasthouden(U, bericht("onbegrepen", 200, 0, over=2))
    assert not gevouwen.zou_vasthouden(U, bericht("afgesloten", 200, 1))
    assert vouw(v, [*u, bericht("afgesloten", 104, 1)]).stand.is_dicht
    gevouwen.sluit(U)
    assert gevouwen.vastgehouden == vouw(v, u).vastgehouden


def test_wie_minder_ruimte_heeft_houdt_minder_vast() -> None:
    gevouwen = vouw([aanbod("ketenmelding")], zeg(("aangenomen", 1)))
    for nummer in (3, 4):
        gevouwen.leg_bij(U, bericht("voortgang", nummer, 1))
    gevouwen.sluit(U)
    for nummer in (5, 6):
        gevouwen.leg_bij(U, bericht("voortgang", nummer, 1))
    assert (gevouwen.vastgehouden[U], gevouwen.boven) == ((3, 4), {U: 5})
    gevouwen.leg_bij(V, bericht("onbegrepen", 2, 1, over=3, code=Leescode.GAT))  # laid anew
    assert (gevouwen.vastgehouden[U], gevouwen.boven) == ((3, 4), {U: 5})


def test_een_tweede_programma_komt_ook_boven_de_grens_tot_hetzelfde(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With room for one, so that small rows are above it."""
    monkeypatch.setattr("schakel.contracts.schakels.rij.VASTGEHOUDEN_MAX", 1)
    toeval = Random(31)
    boven = 0
    for _ in range(20_000):
        v, u = wilde_rij(V, toeval), wilde_rij(U, toeval)
        gevouwen = vouw(v, u)
        assert (gevouwen.stand.paar, {*noten(gevouwen)}) == tweede(v, u, ruimte=1)
        boven += bool(gevouwen.boven)
    assert boven > 1_000


def test_een_aanbod_dat_niet_te_lezen_is_wordt_geweigerd_en_niet_geparkeerd() -> None:
    u = zeg(("geweigerd", 0, {"reden": "ongeldige-inhoud"}))
    bij_u = vouw([onleesbaar(V, 1, "aangeboden"), bericht("te-laat", 2, 0)], u)
    bij_v = vouw([aanbod("estafette"), bericht("te-laat", 2, 0)], u)
    assert bij_u.stand.paar == bij_v.stand.paar == ("aangeboden", "einde:geweigerd")
    assert bij_u.breuk == {V: Breuk(1, Leescode.ONGELDIGE_INHOUD, "geweigerd")} == bij_v.breuk
    assert bij_u.vastgehouden == bij_v.vastgehouden == {V: (2,), U: ()}


def test_onbegrepen_breekt_de_rij_van_de_ander_op_dezelfde_plek() -> None:
    v = [aanbod("deelproces"), onleesbaar(V, 2), bericht("ingetrokken", 3, 0)]
    eigen = [aanbod("deelproces"), bericht("te-laat", 2, 0), bericht("ingetrokken", 3, 0)]
    u = zeg(("aangenomen", 1), ("onbegrepen", 1, {"code": Leescode.ONGELDIGE_INHOUD}))
    assert vouw(v, u).stand == vouw(eigen, u).stand
    assert paar(v, u) == ("ingetrokken", "aangenomen")


def test_wie_zei_dat_hij_iets_had_kan_dat_niet_terugnemen() -> None:
    v = [aanbod("ketenmelding"), bericht("beoordeeld", 2, 2, oordeel="niet_tevreden")]
    u = zeg(("aangenomen", 1), ("gereedgemeld", 1), ("voortgang", 2), ("onbegrepen", 0))
    assert vouw(v, u).stand.ronde == 2
    assert paar([aanbod("deelproces")], zeg(("onbegrepen", 0, {"over": 1})))[0] == "aangeboden"


def test_een_onleesbaar_onbegrepen_houdt_niets_op() -> None:
    u = [*zeg(("aangenomen", 1)), onleesbaar(U, 2, "onbegrepen"), bericht("gereedgemeld", 3, 1)]
    gevouwen = vouw([aanbod("ketenmelding")], u)
    assert gevouwen.stand.paar == ("aangeboden", "gereed")
    assert gevouwen.breuk == {}
    assert gevouwen.noten == ()


def test_een_blad_zonder_id_staat_in_geen_rij() -> None:
    with pytest.raises(ValueError, match="in geen rij"):
        vouw([OnleesbaarBlad(Leescode.GEEN_JSON, "")], [])


# --- the same everywhere -------------------------------------------------------------------------


def vergelijk(v: list[Rijdeel], u: list[Rijdeel]) -> None:
    """Ours against the second program."""
    gevouwen = vouw(v, u)
    assert (gevouwen.stand.paar, {*noten(gevouwen)}) == tweede(v, u)


@pytest.mark.parametrize("soort", SOORTEN)
def test_een_tweede_programma_komt_over_alle_kleine_rijen_tot_hetzelfde(soort: str) -> None:
    aantal = 0
    for lengte_v, lengte_u in ((1, 2), (2, 1)):
        for v in kleine_rijen(V, lengte_v, 2, 2):
            for u in kleine_rijen(U, lengte_u, 1, 2):
                vergelijk([aanbod(soort), *v], u)
                aantal += 1
    assert aantal > 15_000


def test_een_tweede_programma_komt_over_wilde_rijen_tot_hetzelfde() -> None:
    toeval = Random(13)
    gebroken = 0
    for _ in range(20_000):
        v, u = wilde_rij(V, toeval), wilde_rij(U, toeval)
        vergelijk(v, u)
        gebroken += bool(vouw(v, u).breuk)
    assert gebroken > 5_000


class Zijde:
    """A side as it should be: it numbers its own, and says ``bij`` and ``onbegrepen`` as ruled."""

    def __init__(self, kant: Kant) -> None:
        self.kant = kant
        self.eigen: list[Rijdeel] = []
        self.ander: list[Rijdeel] = []

    def vouw(self) -> Vouw:
        rijen = {self.kant: self.eigen, self.kant.overkant: self.ander}
        return vouw(rijen[V], rijen[U])

    def zeg(self, maak: Any, **anders: Any) -> None:
        bij = self.vouw().dicht_tot[self.kant.overkant]
        self.eigen.append(maak(len(self.eigen) + 1, bij, **anders))

    def hoor(self, deel: Rijdeel) -> None:
        eerder = self.vouw().breuk.get(self.kant.overkant)
        self.ander.append(deel)
        breuk = self.vouw().breuk.get(self.kant.overkant)
        if breuk is None or eerder is not None:
            return
        if breuk.antwoord == "geweigerd":
            self.zeg(lambda n, bij: bericht("geweigerd", n, bij, reden=str(breuk.code)))
        else:
            self.zeg(
                lambda n, bij: bericht("onbegrepen", n, bij, over=breuk.nummer, code=breuk.code)
            )


def test_beide_zijden_komen_tot_hetzelfde_ook_als_de_een_de_ander_niet_verstaat() -> None:
    """Whatever they say, in whatever order it arrives, and whatever one of them cannot read."""
    toeval = Random(7)
    onverstaan = 0
    for _ in range(3_000):
        v, u = Zijde(V), Zijde(U)
        v.eigen.append(aanbod(toeval.choice(SOORTEN)))
        for _ in range(toeval.randrange(14)):
            een, ander = toeval.choice([(v, u), (u, v)])
            if toeval.random() < 0.5 and (een is v or een.ander):
                een.zeg(toeval.choice(GEZEGD[een.kant]))
            elif len(ander.ander) < len(een.eigen):
                bezorg(een, ander, toeval)
        while len(u.ander) < len(v.eigen) or len(v.ander) < len(u.eigen):
            for een, ander in ((v, u), (u, v)):
                if len(ander.ander) < len(een.eigen):
                    bezorg(een, ander, toeval)
        bij_v, bij_u = v.vouw(), u.vouw()
        assert bij_v.stand.paar == bij_u.stand.paar, (v.eigen, v.ander, u.eigen, u.ander)
        onverstaan += bool(bij_u.breuk)
        if not bij_u.breuk:
            assert bij_v == bij_u
    assert onverstaan > 300


def bezorg(van: Zijde, aan: Zijde, toeval: Random) -> None:
    """The next leaf of a log arrives; now and then it cannot be read there."""
    deel = van.eigen[len(aan.ander)]
    assert not isinstance(deel, OnleesbaarBlad)
    # Two that cannot even read what the other did not understand have no language.
    is_vreemd = toeval.random() < 0.06 and deel.FEIT not in (*DOORGAAND, "onbegrepen")
    aan.hoor(onleesbaar(van.kant, deel.nummer, deel.FEIT) if is_vreemd else deel)


def test_elke_uitkomst_is_een_einde() -> None:
    for uitkomst in Slotuitkomst:
        anders = {} if uitkomst is Slotuitkomst.OMGEZET else {"vervangen": None}
        rij = zeg(("aangenomen", 1), ("afgesloten", 1, {"uitkomst": uitkomst, **anders}))
        gevouwen = vouw([aanbod("deelproces")], rij)
        assert gevouwen.stand.paar == ("aangeboden", f"einde:{uitkomst}")
        assert gevouwen.stand.is_dicht


ONDERWERPEN = ("ingetrokken", "gereedgemeld", "afgesloten")


def test_hoe_de_rijen_groeien_en_wanneer_er_gelezen_wordt_maakt_niet_uit() -> None:
    """Turns that were taken while a side had nothing go back when they must, and only then."""
    toeval = Random(29)
    terug = 0
    for _ in range(20_000):
        v, u = wilde_rij(V, toeval), wilde_rij(U, toeval)
        groeiend = Vouw()
        over = {V: list(v), U: list(u)}
        geteld, gemeld = 0, dict[tuple[Kant, int], bool]()
        while kanten := [kant for kant, rij in over.items() if rij]:
            kant = toeval.choice(kanten)
            groeiend.leg_bij(kant, over[kant].pop(0))
            if toeval.random() < 0.7:
                geteld, eerder = len(groeiend.beurten), geteld
                terug += geteld < eerder
            if toeval.random() < 0.3:
                gemeld |= beurten(groeiend.nieuwe_beurten())
        gemeld |= beurten(groeiend.nieuwe_beurten())
        af = beurten(groeiend.beurten)  # without what is held by now
        assert {wat: gemeld[wat] for wat in af} == af
        assert groeiend == vouw(v, u)
        gezocht = [een for een in groeiend.beurten if een.bericht.FEIT in ONDERWERPEN]
        assert [*groeiend.beurten_met(*ONDERWERPEN)] == gezocht
        assert groeiend.laatste_beurten_met(2, *ONDERWERPEN) == gezocht[-2:]
        assert groeiend.laatste_noten(3) == [*groeiend.noten[-3:]]
        assert (groeiend.stand.paar, {*noten(groeiend)}) == tweede(v, u)
    assert terug > 20


def beurten(alle: Iterable[Beurt]) -> dict[tuple[Kant, int], bool]:
    return {(een.kant, een.bericht.nummer): een.is_toegepast for een in alle}


@pytest.mark.parametrize("bij", [1, 999])
def test_een_lange_rij_kost_per_bericht_niet_meer(
    bij: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partner that goes on and on on one schakel: each message is judged once, also a lie."""
    geoordeeld = 0

    def tel(stand: Schakelstand, een: Any) -> bool:
        nonlocal geoordeeld
        geoordeeld += 1
        return zet(stand, een)

    monkeypatch.setattr("schakel.contracts.schakels.vouw.zet", tel)
    groeiend = vouw([aanbod("deelproces")], [bericht("aangenomen", 1, 1)])
    for nummer in range(2, 2_000):
        groeiend.leg_bij(U, bericht("voortgang", nummer, bij))
        assert groeiend.stand.uitvoerder == "aangenomen"
    assert geoordeeld == 2_000


def test_de_vouw_is_zuiver() -> None:
    toeval = Random(1)
    v, u = wilde_rij(V, toeval), wilde_rij(U, toeval)
    assert vouw(v, u) == vouw(v, u) == vouw(tuple(v), list(chain(u)))


def test_de_bladzijde_toont_de_tabel_zoals_zij_is() -> None:
    """``python -m schakel.contracts.schakels.tekening docs/schakels.md`` mends it."""
    bladzijde = (WORTEL / "docs" / "schakels.md").read_text(encoding="utf-8")
    assert vul(bladzijde) == bladzijde
    assert all(deel in bladzijde for deel in delen().values())
    assert all(f"| `{code}` |" in bladzijde for code in Leescode)
