"""Work of which another organisation does a part, as a service hears of it and is asked for it.

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
    aangenomen,
    gegeven,
    in_behandeling,
    nieuwe,
    overgedragen,
    zet_alle,
)
from tests.skelet.huis import B, Huis, aangeboden
from tests.skelet.soorten import OMSCHRIJVING, SOORT

from schakel.contracts import deelproces as d
from schakel.contracts import melding as m
from schakel.contracts.feit import DeelVan, Door, Feit
from schakel.contracts.melding import Uitkomst
from schakel.contracts.organisatie import Schakelsoort
from schakel.contracts.werkstromen import OVERDRACHT_NAAR, SOORT_VAN, Meldingsoort, Proces
from schakel.kern.grond.instellingen import TEST_OIN
from schakel.kern.grond.weigering import Weigering
from schakel.kern.vastlegging.gebeurtenis import Deelwerk, Plaats
from schakel.kern.vastlegging.werk import Werk
from schakel.skelet.proces import Procesdienst
from schakel.skelet.stappen.begin import Aangenomen
from schakel.skelet.stappen.einde import Gereedgemeld
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
OP = datetime(2026, 3, 2, 10, tzinfo=UTC)
GEVERS = [proces for proces in Proces if OVERDRACHT_NAAR[proces]]
BEREIKBAAR = [A, W, U]
VAN_DE_MELDER = "https://meldingen.example.nl/v1/meldingen/1/inhoud"
DOOR = Door(wie="schakel-grens", rol="systeem", regel="partner")


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
        "soort": Schakelsoort.DEELPROCES,
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
        ({"soort": Schakelsoort.KETENMELDING}, "ongeldige-inhoud"),
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
            vult = {"volgnummer": volgend_volgnummer(werk, W), "dataref": VAN_DE_MELDER}
            melding.gebeurt(msgspec.structs.replace(feit, **(vult if is_eerste else {})))
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
