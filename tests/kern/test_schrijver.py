"""Group commit, idempotent commands and conflicts, on every store."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import OperationalError
from tests.kern.conftest import Plek
from tests.kern.proef import (
    DOOR,
    Dienst,
    Kist,
    inhoud,
    opgeslagen,
    sporen,
    vultaak,
)

from schakel.kern.grond.weigering import OpslagFout, Overbelast, SleutelHergebruikt, Weigering
from schakel.kern.opslag import Lading, Opslag
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.vastlegging.werk import Werk


@pytest.fixture
async def dienst(opslag: Opslag) -> AsyncIterator[Dienst]:
    dienst = Dienst(opslag)
    yield dienst
    await dienst.schrijver.sluit()


async def samen(dienst: Dienst, *taken: Taak[Kist, Any]) -> list[Any]:
    """All tasks at once; what they raise is a result too."""
    return await asyncio.gather(*map(dienst.schrijver.voer_uit, taken), return_exceptions=True)


async def test_wat_tegelijk_wacht_wordt_samen_geschreven(dienst: Dienst) -> None:
    kisten = [uuid4() for _ in range(300)]
    antwoorden = await samen(dienst, *(vultaak(k, 1, f"s-{k}") for k in kisten))
    assert antwoorden == [1] * 300
    assert inhoud(dienst.opslag) == {k: [1] for k in kisten}
    assert dienst.schrijver.aantal_transacties <= 3


async def test_een_geweigerde_taak_laat_niets_na_en_hindert_niemand(dienst: Dienst) -> None:
    kist, leeg = uuid4(), uuid4()
    uitslagen = await samen(
        dienst,
        vultaak(kist, 1, "a"),
        vultaak(kist, -1, "b"),
        vultaak(leeg, -1, "c"),
        vultaak(kist, 2, "d"),
    )
    assert [uitslagen[0], uitslagen[3]] == [1, 2]
    assert [type(u) for u in uitslagen[1:3]] == [Weigering, Weigering]
    assert inhoud(dienst.opslag) == {kist: [1, 2]}
    assert sporen(dienst.opslag)["gegeven_antwoorden"] == 2
    assert dienst.schrijver.aantal_transacties == 1


async def test_wat_een_geweigerde_taak_wilde_toevoegen_bestaat_daarna_niet(dienst: Dienst) -> None:
    """Else a later task finds an empty aggregate, and takes its work for done."""
    kist = uuid4()
    bestaat = Taak(lambda werk: werk.zoek(kist) is not None, bool, DOOR)
    uitslagen = await samen(dienst, vultaak(kist, -1), bestaat)
    assert uitslagen[1] is False
    assert await dienst.schrijver.voer_uit(bestaat) is False


async def test_een_taak_die_struikelt_halverwege_wordt_helemaal_teruggedraaid(
    dienst: Dienst,
) -> None:
    kist = uuid4()
    voor = sporen(dienst.opslag)["tracking"]

    def halverwege(werk: Werk[Kist]) -> int:
        werk.haal(kist).vul(7)
        werk.rij("INSERT INTO kisten VALUES (?, ?)", ("x", "y"))
        werk.positie("bron", 5)
        werk.haal(kist).vul(13)
        raise AssertionError("hier komt het niet")

    uitslagen = await samen(dienst, vultaak(kist, 1), Taak(halverwege, int, DOOR), vultaak(kist, 2))
    assert [uitslagen[0], uitslagen[2]] == [1, 2]
    assert isinstance(uitslagen[1], RuntimeError)
    assert inhoud(dienst.opslag) == {kist: [1, 2]}
    assert sporen(dienst.opslag)["tracking"] == voor


async def test_een_te_grote_gebeurtenis_mislukt_alleen(dienst: Dienst) -> None:
    kist, ander = uuid4(), uuid4()
    uitslagen = await samen(
        dienst,
        vultaak(kist, 1),
        vultaak(kist, 2, ballast="x" * 100_000),
        vultaak(ander, 3),
        vultaak(kist, 4),
    )
    assert [uitslagen[0], *uitslagen[2:]] == [1, 1, 2]
    assert isinstance(uitslagen[1], Exception)
    assert inhoud(dienst.opslag) == {kist: [1, 4], ander: [3]}


async def test_dezelfde_sleutel_krijgt_hetzelfde_antwoord_en_schrijft_niets(
    dienst: Dienst,
) -> None:
    kist = uuid4()
    assert await dienst.vul(kist, 1, "eens") == 1
    assert await dienst.vul(kist, 2) == 2
    voor = sporen(dienst.opslag)
    assert await dienst.vul(kist, 1, "eens") == 1
    assert sporen(dienst.opslag) == voor
    assert dienst.schrijver.aantal_transacties == 2


async def test_dezelfde_sleutel_in_een_partij_heeft_een_effect(dienst: Dienst) -> None:
    kist = uuid4()
    uitslagen = await samen(dienst, *(vultaak(kist, 1, "eens") for _ in range(5)))
    assert uitslagen == [1] * 5
    assert inhoud(dienst.opslag) == {kist: [1]}


async def test_dezelfde_sleutel_met_een_ander_verzoek_wordt_geweigerd(dienst: Dienst) -> None:
    kist = uuid4()
    uitslagen = await samen(dienst, vultaak(kist, 1, "eens"), vultaak(kist, 2, "eens"))
    assert uitslagen[0] == 1
    assert isinstance(uitslagen[1], SleutelHergebruikt)
    with pytest.raises(SleutelHergebruikt):
        await dienst.vul(kist, 3, "eens")
    assert inhoud(dienst.opslag) == {kist: [1]}


async def test_een_sleutel_geldt_ook_na_een_herstart(plek: Plek) -> None:
    kist = uuid4()
    eerste = Dienst(plek.open())
    assert await eerste.vul(kist, 1, "eens") == 1
    await eerste.sluit()
    tweede = Dienst(plek.open())
    assert await tweede.vul(kist, 1, "eens") == 1
    with pytest.raises(SleutelHergebruikt):
        await tweede.vul(kist, 2, "eens")
    assert inhoud(tweede.opslag) == {kist: [1]}
    await tweede.sluit()


async def test_een_geweigerd_verzoek_mag_met_dezelfde_sleutel_opnieuw(dienst: Dienst) -> None:
    """A refusal depends on the moment: what is refused now may be right later."""
    kist = uuid4()
    taak = vultaak(kist, 5, "eens")
    taak.doe = _eerst_geweigerd(taak.doe)
    with pytest.raises(Weigering):
        await dienst.schrijver.voer_uit(taak)
    assert await dienst.schrijver.voer_uit(taak) == 1


def _eerst_geweigerd(doe: Any) -> Any:
    keren: list[int] = []

    def doe_straks(werk: Werk[Kist]) -> int:
        keren.append(1)
        if len(keren) == 1:
            raise Weigering("nog-niet", "straks wel")
        return int(doe(werk))

    return doe_straks


def ertussendoor(opslag: Opslag, taak: Taak[Kist, int], ander: Sequence[Any]) -> Taak[Kist, int]:
    """The task, but after it read, something is written: each time the next of ``ander``."""
    rest, doe = list(ander), taak.doe

    def met_ander(werk: Werk[Kist]) -> int:
        antwoord = doe(werk)
        if rest:
            opslag.schrijf(Lading([rest.pop(0)]))
        return antwoord

    taak.doe = met_ander
    return taak


@pytest.mark.parametrize("keren", [1, 3])
async def test_een_conflict_met_een_andere_schrijver_wordt_opnieuw_gedaan(
    dienst: Dienst, keren: int
) -> None:
    """No other process can come between on PostgreSQL; what did all the same is not overwritten."""
    kist, buur = uuid4(), uuid4()
    await samen(dienst, vultaak(kist, 1), vultaak(buur, 1))
    anderen = [opgeslagen(kist, versie, wat=versie) for versie in range(2, 2 + keren)]
    taak = ertussendoor(dienst.opslag, vultaak(kist, 9), anderen)
    assert await samen(dienst, taak, vultaak(buur, 2)) == [2 + keren, 2]
    gelezen = {id_: dienst.voorraad.lees(id_).inhoud for id_ in (kist, buur)}  # type: ignore[union-attr]
    assert gelezen == {kist: [*range(1, 2 + keren), 9], buur: [1, 2]}


async def test_wie_steeds_een_ander_voor_zich_vindt_hoort_dat_en_hij_alleen(
    dienst: Dienst,
) -> None:
    kist, buur = uuid4(), uuid4()
    await samen(dienst, vultaak(kist, 1), vultaak(buur, 1))
    anderen = [opgeslagen(kist, versie) for versie in range(2, 20)]
    taak = ertussendoor(dienst.opslag, vultaak(kist, 99, "volhouder"), anderen)
    uitslagen = await samen(dienst, taak, vultaak(buur, 2))
    assert isinstance(uitslagen[0], Overbelast)
    assert uitslagen[1] == 2
    assert 99 not in dienst.voorraad.lees(kist).inhoud  # type: ignore[union-attr]


class Bewaarfout:
    """The store stores, and then its answer is lost ``keren`` times."""

    def __init__(self, opslag: Opslag, keren: int, *, voor: bool = False) -> None:
        self._schrijf, self._keren, self._voor = opslag.schrijf, keren, voor
        opslag.schrijf = self.schrijf  # type: ignore[method-assign]

    def schrijf(self, lading: Lading) -> Sequence[int]:
        self._keren -= 1
        if self._keren < 0:
            return self._schrijf(lading)
        if not self._voor:
            self._schrijf(lading)
        raise OperationalError("de verbinding viel weg")


async def test_bewaard_maar_het_antwoord_ging_verloren_wordt_gevonden(dienst: Dienst) -> None:
    """During faults 9 of 10 errors were saves that had been stored."""
    kist = uuid4()
    Bewaarfout(dienst.opslag, 1)
    assert await samen(dienst, vultaak(kist, 1, "a"), vultaak(kist, 2, "b")) == [1, 2]
    assert inhoud(dienst.opslag) == {kist: [1, 2]}


async def test_een_opslag_die_niet_schrijft_zegt_dat_en_laat_niets_na(dienst: Dienst) -> None:
    kist = uuid4()
    await dienst.vul(kist, 1)
    Bewaarfout(dienst.opslag, 100, voor=True)
    with pytest.raises(OpslagFout):
        await dienst.vul(kist, 2, "a")
    assert inhoud(dienst.opslag) == {kist: [1]}
    Bewaarfout(dienst.opslag, 0)


async def test_na_een_mislukte_opslag_wordt_de_opdracht_opnieuw_gedaan(dienst: Dienst) -> None:
    """Saving the same object again would lose its events: its pending list is empty."""
    kist = uuid4()
    await dienst.vul(kist, 1)
    Bewaarfout(dienst.opslag, 1, voor=True)
    assert await dienst.vul(kist, 2) == 2
    assert await dienst.vul(kist, 3) == 3
    assert inhoud(dienst.opslag) == {kist: [1, 2, 3]}


async def test_een_teller_slaat_niets_over_en_telt_niets_dubbel(dienst: Dienst) -> None:
    def tel(werk: Werk[Kist]) -> int:
        return werk.tel("volgnummer")

    nummers = await samen(dienst, *(Taak(tel, int, DOOR) for _ in range(50)))
    nummers += await samen(dienst, *(Taak(tel, int, DOOR) for _ in range(50)))
    assert sorted(nummers) == list(range(1, 101))


async def test_een_volle_wachtrij_weigert_in_plaats_van_te_groeien(dienst: Dienst) -> None:
    dienst.schrijver._grens = 10
    uitslagen = await samen(dienst, *(vultaak(uuid4(), 1) for _ in range(30)))
    assert [type(u) for u in uitslagen].count(Overbelast) == 20
    assert uitslagen.count(1) == 10


async def test_wie_weggaat_krijgt_geen_antwoord_maar_het_werk_staat(dienst: Dienst) -> None:
    kist = uuid4()
    taak = asyncio.create_task(dienst.vul(kist, 1, "weg"))
    await asyncio.sleep(0)
    taak.cancel()
    assert await dienst.vul(kist, 2) == 2
    assert inhoud(dienst.opslag) == {kist: [1, 2]}


async def test_een_hint_die_stukloopt_houdt_niemand_op(opslag: Opslag) -> None:
    def stuk() -> None:
        raise RuntimeError("de hint loopt stuk")

    dienst = Dienst(opslag, na_commit=stuk)
    for wat in (1, 2):
        await asyncio.wait_for(dienst.vul(uuid4(), wat), 5)
    await dienst.schrijver.sluit()


async def test_wie_verder_leest_hoort_het_voor_wie_vroeg(opslag: Opslag) -> None:
    """What a caller does with its answer keeps the event loop: who reads on need not wait."""
    gezien: list[str] = []
    dienst = Dienst(opslag, na_commit=lambda: gezien.append("gewekt"))
    await dienst.vul(uuid4(), 1)
    gezien.append("antwoord")
    await dienst.schrijver.sluit()
    assert gezien == ["gewekt", "antwoord"]


async def test_van_wat_niets_opslaat_wordt_niemand_gewekt(opslag: Opslag) -> None:
    """Else who asks the writer when woken would wake itself, for ever."""
    gewekt: list[int] = []
    dienst = Dienst(opslag, na_commit=lambda: gewekt.append(1))
    await dienst.vul(uuid4(), 1)
    await dienst.schrijver.voer_uit(Taak(lambda _: 1, int, DOOR))
    await asyncio.sleep(0)
    assert len(gewekt) == 1
    await dienst.schrijver.sluit()


async def test_na_het_sluiten_wordt_geweigerd_en_niet_eeuwig_gewacht(opslag: Opslag) -> None:
    dienst = Dienst(opslag)
    await dienst.vul(uuid4(), 1)
    await dienst.schrijver.sluit()
    with pytest.raises(Overbelast):
        await asyncio.wait_for(dienst.vul(uuid4(), 1), 5)


async def test_een_antwoord_dat_niemand_kan_krijgen_houdt_de_schrijver_niet_op(
    dienst: Dienst,
) -> None:
    """No future takes a StopIteration: it must not cost the others their answers."""

    def houd_op(_werk: Werk[Kist]) -> int:
        return next(iter(()))

    kist = uuid4()
    async with asyncio.timeout(10):
        mis, goed = await samen(dienst, Taak(houd_op, int, DOOR), vultaak(kist, 1, "a"))
        assert (type(mis), goed) == (RuntimeError, 1)
        assert await dienst.schrijver.voer_uit(vultaak(kist, 2, "b")) == 2


async def test_een_schrijver_zonder_draad_antwoordt_en_is_te_zien(dienst: Dienst) -> None:
    dienst.schrijver._draad.shutdown()
    async with asyncio.timeout(10):
        uitslagen = await samen(dienst, *(vultaak(uuid4(), 1, f"s-{n}") for n in range(600)))
        assert {type(uitslag) for uitslag in uitslagen} == {OpslagFout}
        assert dienst.schrijver.is_dood
        with pytest.raises(OpslagFout):
            await dienst.schrijver.voer_uit(vultaak(uuid4(), 1, "t"))


async def test_wat_een_partij_toevoegt_staat_er_voor_zij_het_wijzigt_of_wist(
    dienst: Dienst,
) -> None:
    """Each statement runs once: in the order of first use a row is changed before it is there."""
    voeg, zet = "INSERT INTO tellers VALUES (?, ?)", "UPDATE tellers SET stand = ? WHERE naam = ?"
    wis = "DELETE FROM tellers WHERE naam = ?"

    def doe(werk: Werk[Kist]) -> None:
        werk.rij(wis, ("er-niet",))
        werk.rij(zet, (9, "er-niet"))
        for naam in ("een", "weg"):
            werk.rij(voeg, (naam, 1))
            werk.rij(zet, (2, naam))
        werk.rij(wis, ("weg",))

    await dienst.schrijver.voer_uit(Taak(doe, type(None), DOOR))
    vraag = "SELECT naam, stand FROM tellers WHERE naam IN ('een', 'weg')"
    assert dienst.opslag.vraag(vraag) == [("een", 2)]
