"""However messages arrive, once or more, early or late: one end, and each effect once."""

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from tests.keten.proefketen import Klok, Proefketen, Ref, proefketen
from tests.keten.werkstroom import rond_af, voer_uit
from tests.skelet.geval import EIGEN_VOOR, toestand
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.werkstromen import Proces
from schakel.kern.bus.bericht import Levering, Record
from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor

A, W, H, U, V = (
    Proces.AFSPREKEN,
    Proces.WIJZIGEN,
    Proces.HERSTELLEN,
    Proces.UITVOEREN,
    Proces.VERBETEREN,
)
Stand = tuple[dict[UUID, dict[str, Any]], dict[UUID, Counter[str]]]


class Stilstand(NamedTuple):
    """Stores of a chain in which one service has heard nothing for a while."""

    map: Path
    leveringen: Sequence[Levering]


async def veel_gebeurt(keten: Proefketen, doof: Proces) -> None:
    """Hand-overs, returns, refusals, ends and koppelingen, while ``doof`` hears nothing."""
    storingen = [await keten.meld(H) for _ in range(7)]
    for storing in storingen:
        await keten.beoordeel(storing)
        await keten.stappen(storing, *EIGEN_VOOR[H])
    terug, geweigerd, omgezet, ingetrokken, twee, *laat = storingen
    kinderen = {s: await keten.draag_over(s, U) for s in (terug, geweigerd, twee, ingetrokken)}
    wijziging = await keten.draag_over(omgezet, W)
    tweede = await keten.draag_over(twee, W)
    await keten.beoordeel(tweede)
    await keten.stappen(tweede, *EIGEN_VOOR[W])
    kleinkind = await keten.draag_over(tweede, U)
    voorstel = await keten.meld(V)
    aanvraag = await keten.meld(U)
    keten.doof = {doof}
    await keten.doe(ingetrokken, "intrekkingen")
    await keten.bezorg()
    await keten.stappen(kinderen[geweigerd], ("afwijzingen", {"reden": "te-druk"}))
    for kind in (kinderen[terug], kinderen[twee]):
        await voer_uit(keten, kind, (U,))
        await keten.stappen(kind, "sluitingen")
    await keten.beoordeel(wijziging)
    delen = [{"meldingsoort": soort} for soort in ("aanvraag", "foutmelding", "wens")]
    await keten.stappen(wijziging, ("omzettingen", {"reden": "meer", "naar": delen}))
    await voer_uit(keten, kleinkind, (U,))
    for storing in laat:
        for naar in (W, U):
            await keten.doe(storing, "overdrachten", naar=naar)
    await keten.doe(laat[0], "intrekkingen")
    await keten.bezorg()
    for proces, ref in ((H, terug), (U, aanvraag)):
        body = {"andereId": str(ref.id), "andereProces": proces, "soort": "gerelateerd"}
        await keten.stappen(voorstel, ("koppelingen", body))
    await keten.beoordeel(voorstel)
    await keten.stappen(voorstel, *EIGEN_VOOR[V], ("overdrachten", {"naar": "uitvoeren"}))
    await keten.beoordeel(aanvraag)
    signaal = {"meldingsoort": "foutmelding", "tekst": "de pomp trilt"}
    await keten.stappen(aanvraag, ("signaleringen", signaal))
    meer = [{"meldingsoort": soort} for soort in ("wijzigingsverzoek", "aanvraag")]
    wens = await keten.meld(A)
    await keten.stappen(wens, ("omzettingen", {"reden": "meer", "naar": meer}))
    await voer_uit(keten, aanvraag, (U,))
    await rond_af(keten, aanvraag)
    await keten.stappen(voorstel, "intrekkingen")


@pytest.fixture(scope="module", params=[H, U, W], ids=str)
def stilstand(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Made once per service that was deaf; every test has a copy of its store."""
    doof: Proces = request.param
    map_ = tmp_path_factory.mktemp(f"stil-{doof}")

    async def maak() -> list[Levering]:
        async with proefketen(map_) as keten:
            await veel_gebeurt(keten, doof)
            anderen = [proces for proces in Proces if proces is not doof]
            gehad = {van: keten.gehad(doof, van) for van in anderen}
            return [
                keten.levering(van, [r for r in keten.records(van) if r.nummer > gehad[van]])
                for van in anderen
            ]

    return doof, Stilstand(map_, asyncio.run(maak()))


@asynccontextmanager
async def wakker(
    stil: tuple[Proces, Stilstand], map_: Path
) -> AsyncIterator[tuple[Procesdienst[Any], list[Levering]]]:
    """The deaf service on a copy of its store, and what it has not heard yet."""
    doof, stilstand = stil
    shutil.copytree(stilstand.map, map_ / "kopie")
    instellingen = instellingen_voor(OMSCHRIJVING[doof], gegevensmap=map_ / "kopie")
    dienst = Procesdienst(OMSCHRIJVING[doof], instellingen, klok=Klok())
    try:
        yield dienst, [levering for levering in stilstand.leveringen if levering.records]
    finally:
        await dienst.schrijver.sluit()
        dienst.opslag.sluit()


def stand(dienst: Procesdienst[Any]) -> Stand:
    """All that the service knows. A volgnummer is drawn in order of arrival, so it may differ."""
    ids = [UUID(hex=id_) for (id_,) in dienst.opslag.vraag("SELECT id FROM meldingen")]
    meldingen = {id_: dienst.voorraad.lees(id_) for id_ in ids}
    weten = {
        id_: {n: w for n, w in toestand(melding).items() if n not in {"volgnummer", "plaats"}}
        for id_, melding in meldingen.items()
    }
    feiten = {
        id_: Counter(f.gebeurtenis.NAAM for f in dienst.voorraad.geschiedenis(id_)) for id_ in ids
    }
    return weten, feiten


def per_een(leveringen: Sequence[Levering], toeval: Random) -> list[Levering]:
    """One record at a time, sources mixed at will; in order within each source."""
    rijen = [[*levering.records] for levering in leveringen]
    volgorde = [nr for nr, rij in enumerate(rijen) for _ in rij]
    toeval.shuffle(volgorde)
    return [met(leveringen[nr], [rijen[nr].pop(0)]) for nr in volgorde]


def met(levering: Levering, records: Sequence[Record]) -> Levering:
    """The same source with other records."""
    return Levering(levering.bron, levering.schrijver, records)


def verplaatst(record: Record, nummer: int) -> Record:
    """The same message at another place in its source."""
    return Record(nummer, record.sleutel, record.koppen, record.waarde)


def dubbel(leveringen: Sequence[Levering], toeval: Random) -> list[Levering]:
    """Every record comes again, at once or after some others, at a new place in its source."""
    uit: list[Levering] = []
    hoogste = Counter[str]()
    for levering in per_een(leveringen, toeval):
        nogmaals = toeval.choice([uit[-1], uit[toeval.randrange(len(uit))]]) if uit else levering
        for een in (levering, nogmaals):
            hoogste[een.bron] += 1
            (record,) = een.records
            opnieuw = Record(
                hoogste[een.bron] + 10_000, record.sleutel, record.koppen, record.waarde
            )
            uit.append(met(een, [opnieuw]))
    return uit


def in_stukken(leveringen: Sequence[Levering], toeval: Random) -> list[Levering]:
    """Deliveries of a few records each, sources mixed at will."""
    stukken: list[Levering] = []
    for een in per_een(leveringen, toeval):
        if stukken and stukken[-1].bron == een.bron and toeval.random() < 0.8:
            stukken[-1] = met(een, [*stukken[-1].records, *een.records])
        else:
            stukken.append(een)
    return stukken


def heel(leveringen: Sequence[Levering], toeval: Random) -> list[Levering]:
    """Every source at once, in some order."""
    return toeval.sample(leveringen, len(leveringen))


WIJZEN: Mapping[str, Callable[[Sequence[Levering], Random], list[Levering]]] = {
    "heel": heel,
    "per_een": per_een,
    "in_stukken": in_stukken,
    "dubbel": dubbel,
}


async def lever(
    dienst: Procesdienst[Any], leveringen: Sequence[Levering], *, tegelijk: bool
) -> None:
    """Hand these out, one after the other or all into one batch of the writer."""
    if tegelijk:
        await asyncio.gather(*map(dienst.ontvanger.ontvang, leveringen))
        return
    for levering in leveringen:
        await dienst.ontvanger.ontvang(levering)


@pytest.mark.parametrize("wijze", WIJZEN)
@pytest.mark.parametrize("zaad", range(3))
async def test_hoe_berichten_ook_komen_de_stand_is_dezelfde(
    stilstand: tuple[Proces, Stilstand], tmp_path: Path, wijze: str, zaad: int
) -> None:
    async with wakker(stilstand, tmp_path / "recht") as (recht, leveringen):
        await lever(recht, leveringen, tegelijk=False)
        verwacht = stand(recht)
        assert recht.ontvanger.parkeerplaats.aantal() == 0
    async with wakker(stilstand, tmp_path / "anders") as (anders, leveringen):
        toeval = Random(zaad)
        await lever(anders, WIJZEN[wijze](leveringen, toeval), tegelijk=zaad == 0)
        assert stand(anders) == verwacht
        assert anders.ontvanger.parkeerplaats.aantal() == 0


async def test_alles_nog_eens_bezorgen_verandert_niets(
    stilstand: tuple[Proces, Stilstand], tmp_path: Path
) -> None:
    """The bus was wiped and everything published again, at other places."""
    async with wakker(stilstand, tmp_path) as (dienst, leveringen):
        await lever(dienst, leveringen, tegelijk=False)
        voor = stand(dienst), len(dienst.log.lees(0).records)
        opnieuw = [
            met(levering, [verplaatst(r, r.nummer + 5_000) for r in levering.records])
            for levering in leveringen
        ]
        await lever(dienst, opnieuw, tegelijk=True)
        assert (stand(dienst), len(dienst.log.lees(0).records)) == voor


async def test_elke_bezorging_had_gevolgen(
    stilstand: tuple[Proces, Stilstand], tmp_path: Path
) -> None:
    """What is compared above is not two times nothing."""
    async with wakker(stilstand, tmp_path) as (dienst, leveringen):
        voor = sum(sum(telling.values()) for telling in stand(dienst)[1].values())
        gedaan = 0
        for levering in leveringen:
            gedaan += await dienst.ontvanger.ontvang(levering)
        na = sum(sum(telling.values()) for telling in stand(dienst)[1].values())
        assert gedaan >= 4
        assert na - voor >= 4


# What cannot be handled


async def onbekende_ouder(keten: Proefketen) -> list[Record]:
    """What uitvoeren says of a child of a storing that another herstellen once had."""
    storing = await keten.meld(H)
    await keten.beoordeel(storing)
    await keten.stappen(storing, *EIGEN_VOOR[H])
    kind = await keten.draag_over(storing, U)
    await voer_uit(keten, kind, (U,))
    await keten.stappen(kind, "sluitingen")
    return keten.records(U)


async def test_een_bericht_over_een_onbekende_ouder_wordt_geparkeerd_en_de_rest_gaat_door(
    tmp_path: Path,
) -> None:
    async with proefketen(tmp_path / "elders") as elders:
        vreemd = await onbekende_ouder(elders)
    async with proefketen(tmp_path / "hier") as keten:
        aanvraag = await keten.meld(U)
        await keten.beoordeel(aanvraag)
        signaal = {"meldingsoort": "foutmelding", "tekst": "de pomp trilt"}
        await keten.doe(aanvraag, "signaleringen", **signaal)
        eigen = [Record(r.nummer + 1_000, r.sleutel, r.koppen, r.waarde) for r in keten.records(U)]
        ontvanger = keten.diensten[H].ontvanger
        await ontvanger.ontvang(keten.levering(U, [*vreemd, *eigen]))
        (bericht,) = ontvanger.parkeerplaats.lijst()
        assert bericht.reden == "niet-gevonden"
        assert len(keten.meldingen(H)) == 1


def vervalst(record: Record, **velden: Any) -> Record:
    """The record with other data, or with other attributes (``ce_``)."""
    waarde = json.loads(record.waarde)
    for naam, inhoud in velden.items():
        doel = waarde if naam.startswith("ce_") else waarde["data"]
        *pad, laatste = naam.removeprefix("ce_").split("__")
        for deel in pad:
            doel = doel[deel]
        doel[laatste] = inhoud
    return Record(record.nummer, record.sleutel, record.koppen, json.dumps(waarde).encode())


@pytest.mark.parametrize(
    "velden",
    [
        {"overdracht__dienst": "Verlichting & Co"},
        {"overdracht__dienst": "verlichting\n"},
        {"overdracht__kanaal": "duif"},
        {"overdracht__uiterlijk": "2026-04-01T12:00:00"},
        {"overdracht__dataref": "ftp://example.nl/x"},
        {"overdracht__dataref": "https://example.nl/x?wie=jan"},
        {"overdracht__n": 0},
        {"overdracht__ronde": 0},
        {"overdracht__kindId": "geen-uuid"},
        {"meldingId": "0190a000-0000-7000-8000-000000000009"},
        {"wortelId": "0190a000-0000-7000-8000-000000000009"},
    ],
    ids=str,
)
async def test_wat_ons_eigen_log_zou_breken_wordt_geparkeerd_en_niet_overgenomen(
    keten: Proefketen, velden: dict[str, Any]
) -> None:
    """A value that the contract refuses could be stored, but never be published."""
    record = await overdracht(keten)
    ontvanger = keten.diensten[U].ontvanger
    await ontvanger.ontvang(keten.levering(H, [vervalst(record, **velden)]))
    (bericht,) = ontvanger.parkeerplaats.lijst()
    assert bericht.reden == "ongeldige-inhoud"
    assert keten.meldingen(U) == []


async def test_een_termijn_uit_een_andere_tijdzone_wordt_op_tijd_bewaakt(
    keten: Proefketen,
) -> None:
    record = await overdracht(keten)
    anders = vervalst(record, overdracht__uiterlijk="2026-03-02T13:00:00+02:00")
    await keten.diensten[U].ontvanger.ontvang(keten.levering(H, [anders]))
    (rij,) = keten.meldingen(U)
    assert rij["tijdstipUiterlijk"] == "2026-03-02T11:00:00Z"
    keten.klok.verder(hours=2)
    await keten.verstrijk()
    assert keten.toon(Ref(U, UUID(rij["meldingId"])))["verstreken"] == ["beslistermijn"]


async def overdracht(keten: Proefketen) -> Record:
    """The record of a hand-over to uitvoeren that nobody received yet."""
    storing = await keten.meld(H)
    await keten.beoordeel(storing)
    await keten.doe(storing, "analyses")
    await keten.doe(storing, "overdrachten", naar=U)
    return keten.records(H)[-1]


async def test_een_vreemde_soort_melder_wordt_hier_niet_alsnog_een_verbetervoorstel(
    keten: Proefketen,
) -> None:
    """Verbeteren keeps its own rule, whatever another service lets through."""
    aanvraag = await keten.meld(U)
    await keten.beoordeel(aanvraag)
    signaal = {"meldingsoort": "verbetervoorstel", "tekst": "de pomp trilt"}
    await keten.doe(aanvraag, "signaleringen", **signaal)
    burger = vervalst(keten.records(U)[-1], nieuweMelding__melder="burger")
    ontvanger = keten.diensten[V].ontvanger
    await ontvanger.ontvang(keten.levering(U, [burger]))
    (bericht,) = ontvanger.parkeerplaats.lijst()
    assert (bericht.reden, keten.meldingen(V)) == ("melder-past-niet", [])


async def test_een_herhaalde_overdracht_vindt_hetzelfde_kind(keten: Proefketen) -> None:
    """Another id for the same hand-over: the giver drew the id of the child, so there is one."""
    record = await overdracht(keten)
    omslag = json.loads(record.waarde)
    nogmaals = vervalst(record, ce_id=f"{omslag['subject']}.99", versie=99)
    await keten.diensten[U].ontvanger.ontvang(keten.levering(H, [record]))
    later = verplaatst(nogmaals, record.nummer + 1)
    await keten.diensten[U].ontvanger.ontvang(keten.levering(H, [later]))
    assert len(keten.meldingen(U)) == 1
    assert [type(b).__name__ for b in keten.berichten() if b.proces is U] == ["Aangenomen"]


async def test_twee_losse_motiveringen_in_een_partij_bewaren_er_twee(keten: Proefketen) -> None:
    """A nested melding has no text yet: both commands come with the first one."""
    storing = await keten.meld(H)
    await keten.beoordeel(storing)
    await keten.stappen(storing, *EIGEN_VOOR[H])
    kind = await keten.draag_over(storing, U)
    feiten = dict.fromkeys(("proactief", "afwijking", "raaktBeheerdeInfrastructuur"), False)
    body = {"feiten": feiten | {"binnenAfspraken": True}, "impact": 2, "urgentie": 2}
    await asyncio.gather(
        *(keten.doe(kind, "beoordelingen", **body, motivering=reden) for reden in ("een", "twee"))
    )
    assert {*keten.diensten[U].dienst.inhoud(kind.id).values()} == {"een", "twee"}
