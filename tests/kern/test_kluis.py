"""What people wrote: encrypted, bound to its place, and gone when it must be gone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tests.kern.conftest import Plek
from tests.kern.proef import DOOR, HOOFDSLEUTEL, Dienst, Kist, vultaak

from schakel.kern.geheim import kluis as kluismodule
from schakel.kern.geheim.hoofdsleutel import Hoofdsleutels
from schakel.kern.geheim.kluis import Kluis
from schakel.kern.grond.weigering import NietGevonden
from schakel.kern.opslag import Lading, Opslag
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.vastlegging.werk import Werk

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


def kluis(dienst: Dienst, *sleutels: bytes) -> Kluis:
    """One of a process that has these master keys, the newest first."""
    return Kluis(dienst.opslag, Hoofdsleutels(lambda: sleutels))


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
    with pytest.raises(NietGevonden, match="hoofdsleutel-ontbreekt"):
        kluis(dienst, b"x" * 32).lees(reeks)
    assert kluis(dienst, HOOFDSLEUTEL).lees(reeks) == {"tekst": KANARIE}


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


async def test_wissen_en_bewaren_in_een_transactie_met_de_gebeurtenis(dienst: Dienst) -> None:
    kist = uuid4()

    def weigert(werk: Werk[Kist]) -> int:
        dienst.kluis.bewaar(werk, kist, "tekst", KANARIE)
        return int(vultaak(kist, -1).doe(werk))

    with pytest.raises(Exception, match="negatief"):
        await dienst.schrijver.voer_uit(Taak(weigert, int, DOOR))
    assert dienst.opslag.vraag("SELECT * FROM kluis") == []


NIEUW = b"n" * 32


async def test_een_nieuwe_hoofdsleutel_leest_wat_er_was_en_de_oude_leest_daarna_niets(
    plek: Plek, dienst: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kluismodule, "_VENSTER", 150)
    monkeypatch.setattr(kluismodule, "_PARTIJ", 60)
    reeksen = [uuid4() for _ in range(401)]
    await asyncio.gather(*(bewaar(dienst, reeks, "tekst", reeks.hex) for reeks in reeksen))
    oud = [bytes(rij[0]) for rij in dienst.opslag.vraag("SELECT sleutel FROM sleutels")]
    nieuw = kluis(dienst, NIEUW, HOOFDSLEUTEL)
    assert nieuw.lees(reeksen[0]) == {"tekst": reeksen[0].hex}
    assert await nieuw.herpak(dienst.schrijver) == len(reeksen)
    assert await nieuw.herpak(dienst.schrijver) == 0
    assert all(nieuw.lees(reeks) == {"tekst": reeks.hex} for reeks in reeksen)
    assert kluis(dienst, NIEUW).lees(reeksen[0]) == {"tekst": reeksen[0].hex}
    assert not any(ingepakt[4:] in ruw(plek, dienst.opslag) for ingepakt in oud)
    for reeks in reeksen[:3]:
        with pytest.raises(NietGevonden, match="hoofdsleutel-ontbreekt"):
            kluis(dienst, HOOFDSLEUTEL).lees(reeks)


async def test_een_replica_leest_wat_een_ander_met_een_nieuwere_sleutel_inpakte(
    dienst: Dienst,
) -> None:
    """Both have the new file; one of them has not been started anew yet."""
    sleutels = [HOOFDSLEUTEL]
    achter = Kluis(dienst.opslag, Hoofdsleutels(lambda: sleutels))
    reeks = uuid4()
    dienst.kluis = kluis(dienst, NIEUW, HOOFDSLEUTEL)
    await bewaar(dienst, reeks, "tekst", KANARIE)
    with pytest.raises(NietGevonden, match="hoofdsleutel-ontbreekt"):
        achter.lees(reeks)
    sleutels.insert(0, NIEUW)
    assert achter.lees(reeks) == {"tekst": KANARIE}
    # What it wraps meanwhile is seen to by the next one that starts.
    dienst.kluis = achter
    await bewaar(dienst, uuid4(), "tekst", KANARIE)
    assert await kluis(dienst, NIEUW, HOOFDSLEUTEL).herpak(dienst.schrijver) == 1


async def test_wat_niet_uit_te_pakken_is_blijft_staan_en_houdt_de_rest_niet_op(
    dienst: Dienst,
) -> None:
    vreemd, geschonden, goed = sorted((uuid4() for _ in range(3)), key=lambda reeks: reeks.hex)
    await bewaar(dienst, goed, "tekst", KANARIE)
    await bewaar(dienst, geschonden, "tekst", KANARIE)
    dienst.kluis = kluis(dienst, b"v" * 32)
    await bewaar(dienst, vreemd, "tekst", KANARIE)
    schend = "UPDATE sleutels SET sleutel = (SELECT sleutel FROM sleutels WHERE reeks = ?)"
    dienst.opslag.schrijf(Lading(rijen={f"{schend} WHERE reeks = ?": [(goed.hex, geschonden.hex)]}))
    was = dict(dienst.opslag.vraag("SELECT reeks, sleutel FROM sleutels"))
    nieuw = kluis(dienst, NIEUW, HOOFDSLEUTEL)
    assert await nieuw.herpak(dienst.schrijver) == 1
    is_nu = dict(dienst.opslag.vraag("SELECT reeks, sleutel FROM sleutels"))
    assert {reeks for reeks in was if was[reeks] != is_nu[reeks]} == {goed.hex}
    assert nieuw.lees(goed) == {"tekst": KANARIE}


async def test_wat_wordt_gewist_terwijl_alles_opnieuw_wordt_ingepakt_blijft_weg(
    dienst: Dienst,
) -> None:
    reeksen = [uuid4() for _ in range(3)]
    for reeks in reeksen:
        await bewaar(dienst, reeks, "tekst", KANARIE)
    nieuw = kluis(dienst, NIEUW, HOOFDSLEUTEL)
    await asyncio.gather(
        wis(dienst, reeksen[0]), nieuw.herpak(dienst.schrijver), wis(dienst, reeksen[1])
    )
    over = [rij[0] for rij in dienst.opslag.vraag("SELECT reeks FROM sleutels")]
    assert over == [reeksen[2].hex]


async def test_wat_werd_ingepakt_toen_er_nog_geen_merk_bij_stond_is_leesbaar(
    dienst: Dienst,
) -> None:
    reeks = uuid4()
    await bewaar(dienst, reeks, "tekst", KANARIE)
    zonder_merk = "UPDATE sleutels SET sleutel = substr(sleutel, 5) WHERE reeks = ?"
    dienst.opslag.schrijf(Lading(rijen={zonder_merk: [(reeks.hex,)]}))
    assert kluis(dienst, NIEUW, HOOFDSLEUTEL).lees(reeks) == {"tekst": KANARIE}
    assert await dienst.kluis.herpak(dienst.schrijver) == 1
    assert dienst.kluis.lees(reeks) == {"tekst": KANARIE}
