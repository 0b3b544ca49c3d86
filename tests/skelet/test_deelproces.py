"""Work of which another organisation does a part, as the five see it: both sides of the border.

The grens is played by the test: it says what a grens says, on the topic of the grens.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.skelet.geval import (
    FEITEN,
    aangenomen,
    beoordeeld,
    gegeven,
    geweigerd,
    id_,
    in_behandeling,
    nieuwe,
    overgedragen,
    vastgelegd,
    zet_alle,
)
from tests.skelet.soorten import OMSCHRIJVING, SOORT

from schakel.contracts import deelproces as d
from schakel.contracts import melding as m
from schakel.contracts.envelop import bron_van, feit_uit, lees, verpak
from schakel.contracts.feit import DeelVan, Door, Feit
from schakel.contracts.melding import Kindstatus, Oordeel, Resultaat, Uitkomst
from schakel.contracts.topics import topic_van
from schakel.contracts.werkstromen import OVERDRACHT_NAAR, SOORT_VAN, Meldingsoort, Proces
from schakel.kern.bezorging.lezer import SYSTEEM
from schakel.kern.bus.bericht import KOPPEN, Levering, Record
from schakel.kern.grond.instellingen import TEST_OIN
from schakel.kern.grond.weigering import Weigering
from schakel.kern.vastlegging.gebeurtenis import Deelwerk, Plaats
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.vastlegging.werk import Werk
from schakel.skelet.proces import Procesdienst
from schakel.skelet.routering import Bestemming
from schakel.skelet.stappen.begin import Aangenomen
from schakel.skelet.stappen.einde import Gereedgemeld
from schakel.skelet.stappen.overdracht import OverdrachtAangeboden, OverdrachtTeruggenomen
from schakel.skelet.stappen.voortgekomen import NaarSoort
from schakel.skelet.start import instellingen_voor
from schakel.skelet.volgnummer import volgend_volgnummer

A, W, H, U, V = (
    Proces.AFSPREKEN,
    Proces.WIJZIGEN,
    Proces.HERSTELLEN,
    Proces.UITVOEREN,
    Proces.VERBETEREN,
)
B = "00000099000000002000"
OP = datetime(2026, 3, 2, 10, tzinfo=UTC)
GEVERS = [proces for proces in Proces if OVERDRACHT_NAAR[proces]]
BEREIKBAAR = [A, W, U]
DOOR = Door(wie="schakel-grens", rol="systeem", regel="partner")


def aangeboden(kind_id: UUID, naar: Proces, n: int = 1, ronde: int = 1) -> OverdrachtAangeboden:
    zoals = overgedragen(kind_id, naar, n, ronde)
    van = (zoals.dienst, zoals.kanaal, zoals.melder)
    return OverdrachtAangeboden(kind_id, naar, n, ronde, B, *van, zoals.uiterlijk)


def gever(proces: Proces, *feiten: Any) -> Any:
    """A melding of this process that can hand over, and to which this happened too."""
    soort = SOORT[proces]
    voor = [zet_alle(gegeven(soort, *in_behandeling(soort)), *_voor(proces)).nieuw][0]
    return gegeven(soort, *in_behandeling(soort), *voor, *feiten)


def _voor(proces: Proces) -> tuple[str, ...]:
    return tuple(
        stap
        for stap in SOORT[proces].STAPPEN
        if stap in {"specificaties", "aanbiedingen", *SOORT[proces].VOOR_OVERDRACHT}
    )


def deel(proces: Proces, *feiten: Any) -> Any:
    """A melding of this process that another organisation handed over."""
    soort = SOORT[proces]
    van = {A: V, W: H, U: W}[proces]
    plaats = Plaats(UUID(int=1), deel=Deelwerk(UUID(int=77), B, van.value, 2, 3))
    melding = soort.herbouw(vastgelegd(plaats, (aangenomen(soort), *feiten)))
    assert melding is not None
    return melding


# The giver


@pytest.mark.parametrize("proces", GEVERS)
def test_een_overdracht_naar_buiten_is_een_overdracht_als_elke_andere(proces: Proces) -> None:
    naar = OVERDRACHT_NAAR[proces][0]
    melding = gever(proces)
    kind_id = id_()
    wens = Bestemming(B, gereed_voor=OP)
    melding.draag_over(kind_id, naar, "licht", OP, None, wens)
    (feit,) = melding.nieuw
    assert isinstance(feit, OverdrachtAangeboden)
    assert (feit.kind_id, feit.naar, feit.n, feit.ronde) == (kind_id, naar, 1, 1)
    assert (feit.organisatie, feit.dienst, feit.gereed_voor) == (B, "licht", OP)
    assert melding.status == "overgedragen"
    assert melding.kinderen[kind_id].organisatie == B
    assert melding.termijnen[f"overdracht:{kind_id}"] == OP
    melding.neem_terug(kind_id, Resultaat.VOLTOOID)
    assert "controles" in melding.mogelijke_stappen()


@pytest.mark.parametrize("proces", GEVERS)
def test_buiten_het_model_wordt_ook_naar_buiten_niet_overgedragen(proces: Proces) -> None:
    for naar in set(Proces) - {*OVERDRACHT_NAAR[proces]}:
        melding = gever(proces)
        with geweigerd(melding, "overdracht-niet-toegestaan"):
            melding.draag_over(id_(), naar, "licht", OP, None, Bestemming(B))


def test_wat_niemand_uitvoert_wordt_geweigerd_en_het_model_gaat_voor() -> None:
    nergens = Bestemming(bezwaar=("geen-uitvoerder", "niemand"))
    melding = gever(H)
    with geweigerd(melding, "geen-uitvoerder"):
        melding.draag_over(id_(), W, "licht", OP, None, nergens)
    with geweigerd(melding, "overdracht-niet-toegestaan"):
        melding.draag_over(id_(), A, "licht", OP, None, nergens)


def test_wat_voor_een_ander_is_zegt_men_niet_in_huis() -> None:
    for wens in (Bestemming(gereed_voor=OP), Bestemming(vervangt=id_())):
        melding = gever(H)
        with geweigerd(melding, "alleen-buitenshuis"):
            melding.draag_over(id_(), W, "licht", OP, None, wens)


def test_vervangt_noemt_alleen_wat_omgezet_terugkwam() -> None:
    oud, binnen, anders = id_(), id_(), id_()
    melding = gever(H, aangeboden(oud, W), overgedragen(binnen, U, 2), aangeboden(anders, U, 3))
    for geen in (id_(), oud):
        with geweigerd(melding, "vervangt-past-niet"):
            melding.draag_over(id_(), W, "licht", OP, None, Bestemming(B, vervangt=geen))
    melding.neem_terug(oud, Resultaat.ZONDER_RESULTAAT, Uitkomst.OMGEZET)
    melding.neem_terug(binnen, Resultaat.ZONDER_RESULTAAT, Uitkomst.OMGEZET)
    melding.neem_terug(anders, Resultaat.ZONDER_RESULTAAT, Uitkomst.AFGEBROKEN)
    for geen in (binnen, anders):
        with geweigerd(melding, "vervangt-past-niet"):
            melding.draag_over(id_(), W, "licht", OP, None, Bestemming(B, vervangt=geen))
    for _ in range(2):  # once per item that it was changed into
        melding.draag_over(id_(), W, "licht", OP, None, Bestemming(B, vervangt=oud))
    assert [(f.vervangt, f.ronde) for f in melding.nieuw[-2:]] == [(oud, 2), (oud, 2)]


@pytest.mark.parametrize("elders", [True, False])
@pytest.mark.parametrize("proces", GEVERS)
def test_een_open_overdracht_kan_altijd_worden_teruggenomen(proces: Proces, elders: bool) -> None:
    naar, kind_id = OVERDRACHT_NAAR[proces][0], id_()
    melding = gever(proces, (aangeboden if elders else overgedragen)(kind_id, naar))
    melding.schort_op("wacht", OP)
    assert "overdracht-terugnames" in melding.mogelijke_stappen()
    melding.neem_overdracht_terug(kind_id, "duurt-te-lang")
    assert melding.nieuw[-1] == OverdrachtTeruggenomen(kind_id, "duurt-te-lang")
    assert melding.kinderen[kind_id].status is Kindstatus.TERUGGENOMEN
    assert f"overdracht:{kind_id}" not in melding.termijnen
    with geweigerd(melding, "niets-open"):
        melding.neem_overdracht_terug(kind_id, "nog-eens")
    voor = list(melding.nieuw)
    melding.neem_terug(kind_id, Resultaat.VOLTOOID)  # late: notes
    melding.hoor_weigering(kind_id, "ingetrokken")
    assert melding.nieuw == voor
    melding.hervat(OP)
    with geweigerd(melding, "niets-te-controleren"):
        melding.controleer(goed=True)
    assert {"overdrachten", "afbrekingen"} <= {*melding.mogelijke_stappen()}
    melding.draag_over(id_(), naar, "licht", OP, None)
    assert melding.nieuw[-1].ronde == 2


def test_van_wat_niet_open_staat_is_er_niets_terug_te_nemen() -> None:
    open_, weg = id_(), id_()
    melding = gever(H, overgedragen(open_, U), aangeboden(weg, W, 2))
    melding.hoor_weigering(weg, "niet-van-ons")
    for kind_id in (weg, id_()):
        with geweigerd(melding, "overdracht-niet-open"):
            melding.neem_overdracht_terug(kind_id, "zomaar")
    melding.trek_in("op-verzoek")
    with geweigerd(melding, "al-beeindigd"):
        melding.neem_overdracht_terug(open_, "zomaar")


def test_wat_wel_terugkwam_wordt_gecontroleerd_zonder_wat_werd_teruggenomen() -> None:
    een, ander = id_(), id_()
    melding = gever(H, overgedragen(een, U), aangeboden(ander, W, 2))
    melding.neem_terug(een, Resultaat.VOLTOOID)
    with geweigerd(melding, "wacht-op-terugkeer"):
        melding.controleer(goed=True)
    melding.neem_overdracht_terug(ander, "duurt-te-lang")
    melding.controleer(goed=True)
    assert melding.is_goedgekeurd


# What another organisation handed over


@pytest.mark.parametrize("proces", BEREIKBAAR)
def test_wat_een_ander_overdroeg_heeft_geen_gesprek_met_de_melder(proces: Proces) -> None:
    melding = deel(proces)
    assert melding.is_genest
    assert melding.ouder is None
    for stap in ("verhelderingen", "intrekkingen", "tevredenheidscontroles"):
        assert stap not in melding.mogelijke_stappen()
    with geweigerd(melding, "genest"):
        melding.trek_in("zomaar")
    with geweigerd(melding, "genest"):
        melding.controleer_tevredenheid(Oordeel.TEVREDEN, None)
    with geweigerd(melding, "genest"):
        melding.verhelder()
    assert {"beoordelingen", "omzettingen", "afwijzingen"} <= {*melding.mogelijke_stappen()}


def test_gereed_is_voltooid_en_niemand_wordt_gevraagd() -> None:
    melding = deel(U, beoordeeld(FEITEN[U][0]))
    zet_alle(melding, "planningen", "uitvoeringen", "gereedmeldingen")
    assert [type(feit).__name__ for feit in melding.nieuw][-2:] == ["Gereedgemeld", "Voltooid"]


@pytest.mark.parametrize("proces", BEREIKBAAR)
def test_na_de_gereedmelding_beslist_alleen_de_vrager(proces: Proces) -> None:
    melding = deel(proces, beoordeeld(FEITEN[proces][0]), Gereedgemeld("gedaan"))
    with geweigerd(melding, "al-gereedgemeld"):
        melding.zet_om("anders", [nieuwe(H)])
    with geweigerd(melding, "al-gereedgemeld"):
        melding.breek_af("anders", Uitkomst.AFGEBROKEN)
    eerste = gegeven(
        SOORT[proces], aangenomen(SOORT[proces]), beoordeeld(FEITEN[proces][0]), Gereedgemeld("x")
    )
    assert "omzettingen" in eerste.mogelijke_stappen()


# The service


class Huis:
    """The service of one process, and the topics that it hears."""

    def __init__(self, dienst: Procesdienst[Any]) -> None:
        self.dienst = dienst
        self._positie = 0

    async def doe(self, doe: Any) -> None:
        await self.dienst.schrijver.voer_uit(Taak(doe, type(None), SYSTEEM))

    async def hoor(self, feit: Feit, schrijver: str = "grens") -> list[str]:
        """Hear this; why it was parked, if it was."""
        self._positie += 1
        gehad = len(self.redenen())
        bron = bron_van(TEST_OIN, f"schakel-{schrijver}")
        waarde = verpak(feit, bron=bron, volgnummer=self._positie, tijdstip=OP)
        record = Record(self._positie, str(feit.wortel_id).encode(), KOPPEN, waarde)
        await self.dienst.ontvanger.ontvang(
            Levering(f"{topic_van(TEST_OIN, schrijver)}/0", bron, [record])
        )
        return self.redenen()[gehad:]

    def redenen(self) -> list[str]:
        return [een.reden for een in self.dienst.lezer.parkeerplaats.lijst(na=0, limiet=10_000)]

    def toon(self, melding_id: UUID) -> Any:
        return self.dienst.dienst.toon(melding_id)

    def gezegd(self) -> list[Feit]:
        """All that it says, as it goes on the bus."""
        rijen = self.dienst.opslag.select_notifications(1, 10_000)
        return [feit_uit(lees(KOPPEN, self.dienst.uitgaand(rij).waarde)) for rij in rijen]


@pytest.fixture(params=[W])
def huis(request: pytest.FixtureRequest, omgeving: None, tmp_path: Path) -> Iterator[Huis]:
    omschrijving = OMSCHRIJVING[request.param]
    dienst = Procesdienst(omschrijving, instellingen_voor(omschrijving, gegevensmap=tmp_path))
    yield Huis(dienst)
    asyncio.run(dienst.schrijver.sluit())
    dienst.opslag.sluit()


def ingekomen(melding_id: UUID, **anders: Any) -> d.SchakelIngekomen:
    vast: dict[str, Any] = {
        "melding_id": melding_id,
        "wortel_id": melding_id,
        "proces": W,
        "versie": 1,
        "door": DOOR,
        "deel_van": DeelVan(schakel_id=UUID(int=5), organisatie=B, proces=H, n=2, ronde=3),
        "soort": d.Schakelsoort.DEELPROCES,
        "keten_id": UUID(int=6),
        "diepte": 1,
        "dienst": "verlichting",
        "kanaal": m.Kanaal.TELEFOON,
        "melder": m.Meldersoort.BEDRIJF,
    }
    return d.SchakelIngekomen(**(vast | anders))


def ingetrokken(melding_id: UUID, **anders: Any) -> d.SchakelIngetrokken:
    gevraagd = ingekomen(melding_id)
    stam = {naam: getattr(gevraagd, naam) for naam in Feit.model_fields} | {"versie": 2}
    return d.SchakelIngetrokken(**(stam | {"aanleiding": "niet-meer-nodig"} | anders))


async def test_een_schakel_die_inkomt_opent_een_melding_en_nog_eens_niets(huis: Huis) -> None:
    melding_id = uuid4()
    assert await huis.hoor(ingekomen(melding_id)) == []
    assert await huis.hoor(ingekomen(melding_id, versie=3)) == []
    (gezegd,) = huis.gezegd()
    assert isinstance(gezegd, m.Aangenomen)
    assert (gezegd.melding_id, gezegd.wortel_id, gezegd.ouder_id) == (melding_id, melding_id, None)
    assert gezegd.deel_van == ingekomen(melding_id).deel_van
    assert (gezegd.kanaal, gezegd.melder, gezegd.dienst) == ("telefoon", "bedrijf", "verlichting")
    assert gezegd.uiterlijk is not None  # the term is our own
    weergave = huis.toon(melding_id)
    assert weergave["deelVan"] == {
        "schakelId": str(UUID(int=5)),
        "organisatie": B,
        "proces": "herstellen",
        "n": 2,
        "ronde": 3,
    }
    assert weergave["ouderId"] is None


async def test_ander_werk_onder_hetzelfde_id_wordt_niet_geopend(huis: Huis) -> None:
    melding_id = uuid4()
    await huis.hoor(ingekomen(melding_id))
    ander = DeelVan(schakel_id=UUID(int=5), organisatie=B, proces=A, n=2, ronde=3)
    anders = ingekomen(melding_id, versie=3, deel_van=ander)
    assert await huis.hoor(anders) == ["geen-eigenaar"]


@pytest.mark.parametrize(
    ("anders", "reden"),
    [
        ({"deel_van": None}, "ongeldige-inhoud"),
        ({"soort": d.Schakelsoort.KETENMELDING}, "ongeldige-inhoud"),
        ({"wortel_id": UUID(int=9)}, "ongeldige-inhoud"),
        (
            {"deel_van": DeelVan(schakel_id=UUID(int=5), organisatie=B, proces=U, n=1, ronde=1)},
            "overdracht-niet-toegestaan",
        ),
    ],
)
async def test_wat_zo_niet_kan_inkomen_wordt_geparkeerd(
    huis: Huis, anders: dict[str, Any], reden: str
) -> None:
    assert await huis.hoor(ingekomen(uuid4(), **anders)) == [reden]
    assert huis.gezegd() == []


@pytest.mark.parametrize("schrijver", ["herstellen", "afspreken"])
async def test_alleen_de_grens_zegt_dat_een_schakel_inkomt(huis: Huis, schrijver: str) -> None:
    for proces in (W, Proces(schrijver)):
        feit = ingekomen(uuid4(), proces=proces)
        assert await huis.hoor(feit, schrijver) == ["geen-eigenaar"]
        feit2 = ingetrokken(uuid4(), proces=proces)
        assert await huis.hoor(feit2, schrijver) == ["geen-eigenaar"]


async def test_wat_voor_een_ander_proces_inkomt_doet_hier_niets(huis: Huis) -> None:
    assert await huis.hoor(ingekomen(uuid4(), proces=U)) == []
    assert await huis.hoor(ingetrokken(uuid4(), proces=U)) == []
    assert huis.gezegd() == []


async def test_de_vrager_trekt_in_en_dat_gaat_naar_beneden(huis: Huis) -> None:
    melding_id = uuid4()
    await huis.hoor(ingekomen(melding_id))
    andere = DeelVan(schakel_id=UUID(int=8), organisatie=B, proces=H, n=2, ronde=3)
    assert await huis.hoor(ingetrokken(melding_id, deel_van=andere)) == ["geen-eigenaar"]
    assert await huis.hoor(ingetrokken(melding_id, versie=3)) == []
    assert await huis.hoor(ingetrokken(melding_id, versie=4)) == []  # it has ended: no effect
    assert [type(feit) for feit in huis.gezegd()] == [m.Aangenomen, m.Ingetrokken, m.Gesloten]
    assert huis.gezegd()[1].aanleiding == "niet-meer-nodig"  # type: ignore[attr-defined]
    assert {feit.deel_van is not None for feit in huis.gezegd()} == {True}


async def zet_neer(huis: Huis, elders: bool) -> tuple[UUID, UUID]:
    """A melding of this process that handed over to uitvoeren, here or elsewhere."""
    gever_id, kind_id = uuid4(), uuid4()

    def doe(werk: Werk[Any]) -> None:
        soort = OMSCHRIJVING[W].soort
        melding = soort(gever_id, Plaats(gever_id))
        werk.voeg_toe(melding)
        for feit in in_behandeling(soort):
            melding.gebeurt(feit)
        melding.gebeurt((aangeboden if elders else overgedragen)(kind_id, U))

    await huis.doe(doe)
    return gever_id, kind_id


def kind_zegt(zegt: type[Feit], gever_id: UUID, van_id: UUID, **velden: Any) -> Feit:
    plaats = {"ouder_id": gever_id, "ouder_proces": W, "n": 1, "ronde": 1}
    stam = {"melding_id": van_id, "wortel_id": gever_id, "proces": U, "versie": 9, "door": DOOR}
    return zegt(**(stam | plaats | velden))


KIND_ZEGT: list[tuple[type[Feit], dict[str, Any], str]] = [
    (m.Voltooid, {}, "voltooid"),
    (m.Gesloten, {"uitkomst": Uitkomst.AFGEBROKEN}, "zonder_resultaat"),
    (m.Gesloten, {"uitkomst": Uitkomst.OMGEZET}, "zonder_resultaat"),
    (m.Gesloten, {"uitkomst": Uitkomst.GEEN_OVEREENSTEMMING}, "zonder_resultaat"),
    (m.Afgewezen, {"reden": "niet-van-ons"}, "geweigerd"),
]


@pytest.mark.parametrize(("soort", "velden", "status"), KIND_ZEGT)
@pytest.mark.parametrize("elders", [True, False])
async def test_voor_wat_buiten_is_spreekt_de_grens_en_voor_wat_binnen_is_het_proces(
    huis: Huis, soort: type[Feit], velden: dict[str, Any], status: str, elders: bool
) -> None:
    gever_id, kind_id = await zet_neer(huis, elders)
    feit = kind_zegt(soort, gever_id, kind_id, nummer=4 if elders else None, **velden)
    goed, fout = ("grens", "uitvoeren") if elders else ("uitvoeren", "grens")
    assert await huis.hoor(feit, fout) == ["geen-eigenaar"]
    assert huis.toon(gever_id)["kinderen"][0]["status"] == "open"
    assert await huis.hoor(feit, goed) == []
    (kind,) = huis.toon(gever_id)["kinderen"]
    assert (kind["status"], kind["organisatie"]) == (status, B if elders else None)


async def test_de_grens_spreekt_alleen_voor_wat_hier_is_aangeboden(huis: Huis) -> None:
    gever_id, kind_id = await zet_neer(huis, elders=True)
    for soort, velden, _ in KIND_ZEGT:
        for anders in (
            {"melding_id": uuid4()},
            {"proces": A},
            {"wortel_id": uuid4()},
        ):
            feit = kind_zegt(soort, gever_id, kind_id, **{**velden, **anders})
            assert await huis.hoor(feit) == ["geen-eigenaar"]
    assert huis.toon(gever_id)["kinderen"][0]["status"] == "open"


async def test_wat_de_grens_nooit_zegt_doet_niets(huis: Huis) -> None:
    gever_id, kind_id = await zet_neer(huis, elders=True)
    kind = m.Overdracht(kind_id=uuid4(), naar=W, n=1, ronde=1)
    for soort, velden in (
        (m.Overgedragen, {"overdracht": kind, "proces": H}),
        (d.OverdrachtTeruggenomen, {"kind_id": gever_id, "aanleiding": "r"}),
        (m.PersoonsgegevensGewist, {"grond": "avg"}),
        (m.Gekoppeld, {"andere_id": gever_id, "andere_proces": W, "soort": "dubbel"}),
    ):
        assert await huis.hoor(kind_zegt(soort, gever_id, kind_id, **velden)) == ["geen-eigenaar"]
    stil = kind_zegt(m.Gereedgemeld, gever_id, kind_id, resultaat="gedaan")
    assert await huis.hoor(stil) == []


async def test_wat_wordt_teruggenomen_eindigt_bij_de_ontvanger_met_al_wat_eronder_hangt(
    huis: Huis,
) -> None:
    ouder_id, kind_id = uuid4(), uuid4()
    stam: dict[str, Any] = {
        "melding_id": ouder_id,
        "wortel_id": ouder_id,
        "proces": H,
        "door": DOOR,
    }
    gegeven_ = m.Overdracht(kind_id=kind_id, naar=W, n=1, ronde=1)
    await huis.hoor(m.Overgedragen(**stam, versie=4, overdracht=gegeven_), "herstellen")
    weg = d.OverdrachtTeruggenomen(**stam, versie=5, kind_id=kind_id, aanleiding="te-laat")
    vals = d.OverdrachtTeruggenomen(
        **(stam | {"melding_id": uuid4()}), versie=5, kind_id=kind_id, aanleiding="te-laat"
    )
    assert await huis.hoor(vals, "herstellen") == ["geen-eigenaar"]
    assert await huis.hoor(weg, "herstellen") == []
    elders = d.OverdrachtTeruggenomen(**stam, versie=6, kind_id=uuid4(), aanleiding="te-laat")
    assert await huis.hoor(elders, "herstellen") == []
    feiten = huis.gezegd()
    assert [type(feit) for feit in feiten] == [m.Aangenomen, m.Ingetrokken, m.Gesloten]
    assert feiten[1].aanleiding == "teruggenomen"  # type: ignore[attr-defined]


async def test_een_deel_wordt_omgezet_en_hier_wordt_niets_geopend(huis: Huis) -> None:
    """Whoever asked asks again; here it would be work that nobody waits for."""
    melding_id = uuid4()
    await huis.hoor(ingekomen(melding_id))

    def doe(werk: Werk[Any]) -> None:
        melding = werk.haal(melding_id)
        melding.zet_om("twee-dingen", [nieuwe(W), nieuwe(A)])
        huis.dienst.dienst.opening.verwerk_eigen(werk, melding)

    await huis.doe(doe)
    *_, omgezet, gesloten = huis.gezegd()
    assert isinstance(omgezet, m.Omgezet)
    assert [een.meldingsoort for een in omgezet.nieuwe_meldingen] == ["wijzigingsverzoek", "wens"]
    assert isinstance(gesloten, m.Gesloten)
    assert {feit.melding_id for feit in huis.gezegd()} == {melding_id}
    van_een_ander = omgezet.model_copy(update={"melding_id": uuid4(), "proces": A})
    assert await huis.hoor(van_een_ander, "afspreken") == []
    assert {feit.melding_id for feit in huis.gezegd()} == {melding_id}


# The commands


def bij(huis: Huis, werk: Werk[Any], melding: Any) -> Any:
    return huis.dienst.dienst._bij(melding, werk)


@pytest.fixture
def gerouteerd(omgeving: None, tmp_path: Path) -> Iterator[Huis]:
    """A house in which uitvoeren and afspreken are not run."""
    bestand = tmp_path / "routering.json"
    bestand.write_text(
        f'{{"processen": {{"uitvoeren": {{"standaard": "{B}"}}, "afspreken": {{"standaard": null}},'
        ' "verbeteren": {"standaard": null}}}'
    )
    instellingen = instellingen_voor(OMSCHRIJVING[W], gegevensmap=tmp_path / "w", routering=bestand)
    dienst = Procesdienst(OMSCHRIJVING[W], instellingen)
    yield Huis(dienst)
    asyncio.run(dienst.schrijver.sluit())
    dienst.opslag.sluit()


async def doe_na_intake(
    huis: Huis, feiten: Any, opdracht: Any, plaats: Plaats | None = None
) -> Any:
    """Give this command to a melding to which this happened; raises Weigering."""
    gekregen: list[Any] = []

    def doe(werk: Werk[Any]) -> None:
        soort = OMSCHRIJVING[W].soort
        id_ = uuid4() if plaats is None else plaats.boom
        melding = soort(id_, plaats or Plaats(id_))
        werk.voeg_toe(melding)
        for feit in feiten:
            is_eerste = isinstance(feit, Aangenomen)
            nummer = {"volgnummer": volgend_volgnummer(werk, W)} if is_eerste else {}
            melding.gebeurt(msgspec.structs.replace(feit, **nummer))
        gekregen.append(melding)
        opdracht.doe(melding, bij(huis, werk, melding))

    await huis.doe(doe)
    return gekregen[0]


def klaar_om_over_te_dragen() -> list[Any]:
    melding = zet_alle(gegeven(SOORT[W], *in_behandeling(SOORT[W])), *SOORT[W].VOOR_OVERDRACHT)
    return [*in_behandeling(SOORT[W]), *melding.nieuw]


async def test_de_routering_kiest_de_organisatie_en_alleen_de_opdracht_gaat_mee(
    gerouteerd: Huis,
) -> None:
    acties = {actie.stap: actie.opdracht for actie in gerouteerd.dienst._acties}
    for tekst in ("vervang de kabel", None):
        opdracht = acties["overdrachten"](naar=U, opdracht=tekst)  # type: ignore[call-arg]
        melding = await doe_na_intake(gerouteerd, klaar_om_over_te_dragen(), opdracht)
        feit = gerouteerd.gezegd()[-1]
        assert isinstance(feit, d.OverdrachtAangeboden)
        assert (feit.organisatie, feit.soort, feit.wacht) == (B, "deelproces", True)
        assert feit.heeft_inhoud is (tekst is not None)
        dataref = feit.overdracht.dataref
        assert (dataref is not None) is (tekst is not None)
        assert dataref is None or str(feit.overdracht.kind_id) in dataref
        assert feit.overdracht.kind_id.version == 7
        assert melding.kinderen[feit.overdracht.kind_id].organisatie == B
    anders = acties["overdrachten"](naar=U, organisatie=TEST_OIN)  # type: ignore[call-arg]
    with pytest.raises(Weigering) as fout:
        await doe_na_intake(gerouteerd, klaar_om_over_te_dragen(), anders)
    assert fout.value.code == "organisatie-past-niet"


async def test_wat_niemand_hier_uitvoert_kan_hier_niet_worden_geopend(gerouteerd: Huis) -> None:
    acties = {actie.stap: actie.opdracht for actie in gerouteerd.dienst._acties}
    wens = NaarSoort(meldingsoort=Meldingsoort.WENS)
    om = acties["omzettingen"](reden="buiten-scope", naar=(wens,))  # type: ignore[call-arg]
    with pytest.raises(Weigering) as fout:
        await doe_na_intake(gerouteerd, in_behandeling(SOORT[W]), om)
    assert fout.value.code == "geen-uitvoerder"
    feiten = [*in_behandeling(SOORT[W]), Gereedgemeld("x")]
    meer = acties["tevredenheidscontroles"](oordeel="meer_gewenst", wens=wens)  # type: ignore[call-arg]
    with pytest.raises(Weigering) as fout:
        await doe_na_intake(gerouteerd, feiten, meer)
    assert fout.value.code == "geen-uitvoerder"
    assert [f for f in gerouteerd.gezegd() if isinstance(f, m.Omgezet | m.Voortgekomen)] == []


async def test_een_deel_kan_in_alles_worden_omgezet_maar_zonder_tekst(gerouteerd: Huis) -> None:
    acties = {actie.stap: actie.opdracht for actie in gerouteerd.dienst._acties}
    plaats = Plaats(uuid4(), deel=Deelwerk(UUID(int=77), B, H.value, 1, 1))
    wens = NaarSoort(meldingsoort=Meldingsoort.WENS, dienst="licht")
    for naar, code in (((wens,), None), ((wens.model_copy(update={"tekst": "x"}),), "tekst")):
        om = acties["omzettingen"](reden="anders", naar=naar)  # type: ignore[call-arg]
        if code is None:
            melding = await doe_na_intake(gerouteerd, [aangenomen(SOORT[W])], om, plaats)
            assert [type(feit) for feit in melding.nieuw] == []  # all of it is stored
            (omgezet,) = (f for f in gerouteerd.gezegd() if isinstance(f, m.Omgezet))
            assert omgezet.nieuwe_meldingen[0].meldingsoort is SOORT_VAN[A]
            assert omgezet.nieuwe_meldingen[0].dienst == "licht"
        else:
            ander = Plaats(uuid4(), deel=plaats.deel)
            with pytest.raises(Weigering) as fout:
                await doe_na_intake(
                    gerouteerd, [aangenomen(SOORT[W], volgnummer="W-2026-000009")], om, ander
                )
            assert fout.value.code == "tekst-gaat-niet-mee"
