"""What people wrote: encrypted, bound to its place, and gone when it must be gone."""

import asyncio
import stat
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from tests.kern.conftest import Plek
from tests.kern.proef import DOOR, HOOFDSLEUTEL, Dienst, Kist, vultaak

from schakel.kern.kluis import Kluis, _Toeval, lees_hoofdsleutel
from schakel.kern.opslag import Lading, Opslag
from schakel.kern.schrijver import Taak
from schakel.kern.weigering import NietGevonden, StartFout
from schakel.kern.werk import Werk

KANARIE = "kanarie-7f3a zegt dat de lamp stuk is"


@pytest.fixture
async def dienst(opslag: Opslag) -> AsyncIterator[Dienst]:
    dienst = Dienst(opslag)
    yield dienst
    await dienst.schrijver.sluit()


async def bewaar(dienst: Dienst, reeks: UUID, soort: str, inhoud: object) -> None:
    def doe(werk: Werk[Kist]) -> None:
        dienst.kluis.bewaar_bij(werk, reeks, soort, inhoud)

    await dienst.schrijver.voer_uit(Taak(doe, type(None), DOOR))


async def wis(dienst: Dienst, reeks: UUID) -> None:
    await dienst.schrijver.voer_uit(
        Taak(lambda werk: dienst.kluis.wis(werk, reeks), type(None), DOOR)
    )


async def test_wat_bewaard_is_komt_terug(dienst: Dienst) -> None:
    reeks = uuid4()
    await bewaar(dienst, reeks, "tekst", KANARIE)
    await bewaar(dienst, reeks, "melder", {"naam": "Testpersoon"})
    await bewaar(dienst, reeks, "tekst", KANARIE * 2)
    assert dienst.kluis.lees(reeks) == {"tekst": KANARIE * 2, "melder": {"naam": "Testpersoon"}}


async def test_de_tekst_staat_nergens_leesbaar(
    plek: Plek, dienst: Dienst, capfd: pytest.CaptureFixture[str]
) -> None:
    kist = uuid4()
    await bewaar(dienst, kist, "tekst", KANARIE)
    await dienst.vul(kist, 1)
    gebeurtenissen = b"".join(n.state for n in dienst.opslag.select_notifications(None, 100))
    assert b"kanarie" not in gebeurtenissen + ruw(plek, dienst.opslag)
    uit, fout = capfd.readouterr()
    assert "kanarie" not in uit + fout


async def test_verwisselde_teksten_vallen_op(dienst: Dienst) -> None:
    """The library's cipher has no associated data: there this goes unseen."""
    een, ander = uuid4(), uuid4()
    await bewaar(dienst, een, "tekst", "van een")
    await bewaar(dienst, een, "opdracht", "ook van een")
    await bewaar(dienst, ander, "tekst", "van ander")
    verwissel = "UPDATE kluis SET inhoud = ? WHERE reeks = ? AND soort = ?"
    inhouden = {
        (reeks, soort): bytes(inhoud)
        for reeks, soort, inhoud in dienst.opslag.vraag("SELECT reeks, soort, inhoud FROM kluis")
    }
    rijen = [
        (inhouden[een.hex, "opdracht"], een.hex, "tekst"),
        (inhouden[een.hex, "tekst"], een.hex, "opdracht"),
    ]
    dienst.opslag.schrijf(Lading(rijen={verwissel: rijen}))
    with pytest.raises(NietGevonden, match="inhoud-aangetast"):
        dienst.kluis.lees(een)
    assert dienst.kluis.lees(ander) == {"tekst": "van ander"}


async def test_een_verwisselde_sleutel_valt_op(dienst: Dienst) -> None:
    een, ander = uuid4(), uuid4()
    await bewaar(dienst, een, "tekst", "van een")
    await bewaar(dienst, ander, "tekst", "van ander")
    verplaats = "UPDATE {} SET {} = (SELECT {} FROM {} WHERE reeks = ?) WHERE reeks = ?"
    dienst.opslag.schrijf(
        Lading(
            rijen={
                verplaats.format("sleutels", "sleutel", "sleutel", "sleutels"): [
                    (een.hex, ander.hex)
                ],
                verplaats.format("kluis", "inhoud", "inhoud", "kluis"): [(een.hex, ander.hex)],
            }
        )
    )
    with pytest.raises(NietGevonden, match="inhoud-aangetast"):
        dienst.kluis.lees(ander)


async def test_met_een_andere_hoofdsleutel_is_niets_te_lezen(dienst: Dienst) -> None:
    reeks = uuid4()
    await bewaar(dienst, reeks, "tekst", KANARIE)
    with pytest.raises(NietGevonden, match="inhoud-aangetast"):
        Kluis(dienst.opslag, b"x" * 32).lees(reeks)
    assert Kluis(dienst.opslag, HOOFDSLEUTEL).lees(reeks) == {"tekst": KANARIE}


def ruw(plek: Plek, opslag: Opslag) -> bytes:
    """Every byte that the store keeps, its journals included."""
    if isinstance(plek.waar, Path):
        naast = plek.waar.parent.glob(f"{plek.waar.name}*")
        return b"".join(bestand.read_bytes() for bestand in naast)
    rijen = opslag.vraag("SELECT sleutel FROM sleutels UNION ALL SELECT inhoud FROM kluis")
    return b"".join(bytes(rij[0]) for rij in rijen)


async def test_na_het_wissen_staat_er_geen_sleutel_en_geen_tekst_meer(
    plek: Plek, dienst: Dienst
) -> None:
    weg, blijft = uuid4(), uuid4()
    for reeks in (weg, blijft):
        await bewaar(dienst, reeks, "tekst", KANARIE)
    bewaard = dienst.opslag.vraag(
        "SELECT sleutel FROM sleutels WHERE reeks = ?"
        " UNION ALL SELECT inhoud FROM kluis WHERE reeks = ?",
        (weg.hex, weg.hex),
    )
    geheimen = [bytes(rij[0]) for rij in bewaard]
    assert len(geheimen) == 2
    assert all(geheim[12:] in ruw(plek, dienst.opslag) for geheim in geheimen)
    await wis(dienst, weg)
    assert not any(geheim[12:28] in ruw(plek, dienst.opslag) for geheim in geheimen)
    with pytest.raises(NietGevonden, match="inhoud-niet-gevonden"):
        dienst.kluis.lees(weg)
    assert dienst.kluis.lees(blijft) == {"tekst": KANARIE}


async def test_wat_in_een_partij_na_het_bewaren_wordt_gewist_blijft_weg(dienst: Dienst) -> None:
    """Statements run in the order of their first use, not in that of the tasks."""
    een, ander = uuid4(), uuid4()
    await bewaar(dienst, een, "tekst", KANARIE)
    await asyncio.gather(
        wis(dienst, een), bewaar(dienst, ander, "tekst", KANARIE), wis(dienst, ander)
    )
    assert dienst.schrijver.aantal_transacties == 2
    assert dienst.opslag.vraag("SELECT * FROM kluis") == []
    assert dienst.opslag.vraag("SELECT * FROM sleutels") == []


def test_toeval_wordt_een_keer_uitgegeven() -> None:
    """A nonce that is used twice gives the master key's work away."""
    toeval = _Toeval()
    with ThreadPoolExecutor(8) as draden:
        getrokken = list(draden.map(lambda _: toeval.trek(12), range(20_000)))
    assert len(set(getrokken)) == 20_000
    assert {len(bytes_) for bytes_ in getrokken} == {12}


async def test_wissen_en_bewaren_in_een_transactie_met_de_gebeurtenis(dienst: Dienst) -> None:
    kist = uuid4()

    def weigert(werk: Werk[Kist]) -> int:
        dienst.kluis.bewaar(werk, kist, "tekst", KANARIE)
        return int(vultaak(kist, -1).doe(werk))

    with pytest.raises(Exception, match="negatief"):
        await dienst.schrijver.voer_uit(Taak(weigert, int, DOOR))
    assert dienst.opslag.vraag("SELECT * FROM kluis") == []


def test_de_hoofdsleutel_wordt_een_keer_gemaakt_en_is_alleen_van_de_eigenaar(
    tmp_path: Path,
) -> None:
    bestand = tmp_path / "diep" / "sleutel"
    sleutel = lees_hoofdsleutel(bestand)
    assert lees_hoofdsleutel(bestand) == sleutel
    assert len(sleutel) == 32
    assert stat.S_IMODE(bestand.stat().st_mode) == 0o600
    assert list(bestand.parent.iterdir()) == [bestand]


def test_wie_tegelijk_beginnen_houden_dezelfde_sleutel(tmp_path: Path) -> None:
    for keer in range(20):
        bestand, samen = tmp_path / f"sleutel{keer}", Barrier(8)

        def begin(bestand: Path = bestand, samen: Barrier = samen) -> bytes:
            samen.wait()
            return lees_hoofdsleutel(bestand)

        with ThreadPoolExecutor(8) as draden:
            sleutels = {toekomst.result() for toekomst in [draden.submit(begin) for _ in range(8)]}
        assert sleutels == {bestand.read_bytes()}


@pytest.mark.parametrize("inhoud", [b"", b"kort", b"x" * 33])
def test_een_onbruikbaar_sleutelbestand_is_een_heldere_startfout(
    tmp_path: Path, inhoud: bytes
) -> None:
    bestand = tmp_path / "sleutel"
    bestand.write_bytes(inhoud)
    with pytest.raises(StartFout, match="geen sleutel van 32 bytes"):
        lees_hoofdsleutel(bestand)
    with pytest.raises(StartFout, match="sleutel-onbereikbaar"):
        lees_hoofdsleutel(tmp_path)
