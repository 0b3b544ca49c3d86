"""What people wrote: encrypted, bound to its place, and nothing opens what was changed."""

import asyncio
import hmac
import io
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.kern.bestanden import ruw
from tests.kern.conftest import Plek
from tests.kern.proef import DOOR, HOOFDSLEUTEL, Dienst, Kist, vultaak
from tests.kern.vroeger import bewaar_als_vroeger, wis_als_vroeger

from schakel.kern.geheim import kluis as kluismodule
from schakel.kern.geheim.hoofdsleutel import Hoofdsleutels, Toeval, versleutel
from schakel.kern.geheim.kluis import Kluis
from schakel.kern.grond.weigering import Aangetast, NietGevonden, StartFout
from schakel.kern.opslag import Lading, Opslag
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.vastlegging.werk import Werk
from schakel.kern.zicht import logboek

KANARIE = "kanarie-7f3a zegt dat de lamp stuk is"


@pytest.fixture
async def dienst(opslag: Opslag) -> AsyncIterator[Dienst]:
    dienst = Dienst(opslag)
    yield dienst
    await dienst.schrijver.sluit()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What an operator would read."""
    uit = io.StringIO()
    logboek.stel_in(strikt=True, uit=uit)
    yield uit
    logboek.stel_in(strikt=True)


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
    assert b"kanarie" not in gebeurtenissen + ruw(plek)
    uit, fout = capfd.readouterr()
    assert "kanarie" not in uit + fout


TEKSTEN = {"tekst": KANARIE, "melder": {"naam": "Testpersoon"}, "namens": {"naam": "Ander"}}


async def bewaar_alle(dienst: Dienst, reeks: UUID) -> None:
    """As an intake does."""
    await dienst.schrijver.voer_uit(
        Taak(lambda werk: dienst.kluis.bewaar(werk, reeks, TEKSTEN), type(None), DOOR)
    )


async def test_elke_tekst_heeft_een_eigen_sleutel_en_kan_alleen_weg(dienst: Dienst) -> None:
    reeks = uuid4()
    await bewaar_alle(dienst, reeks)
    assert dienst.kluis.lees(reeks) == TEKSTEN
    rijen = dienst.opslag.vraag("SELECT soort, versie FROM teksten WHERE reeks = ?", (reeks.hex,))
    assert sorted(rijen) == [("melder", 1), ("namens", 1), ("tekst", 1)]
    plekken = [reeks.hex, *(f"{reeks.hex}/{soort}/1" for soort in TEKSTEN)]
    assert len(set(dienst.kluis.sleutels_van(plekken) or [])) == 4
    weg = "DELETE FROM teksten WHERE soort = ?"
    dienst.opslag.schrijf(Lading(rijen={weg: [("melder",)]}))
    assert dienst.kluis.lees(reeks) == {soort: TEKSTEN[soort] for soort in ("tekst", "namens")}


async def test_een_nieuwe_tekst_is_een_nieuwe_versie_en_de_vorige_blijft_staan(
    dienst: Dienst,
) -> None:
    reeks = uuid4()
    for nummer in range(3):
        await bewaar(dienst, reeks, "tekst", f"versie {nummer}")
        await bewaar(dienst, reeks, "ander", nummer)
    assert dienst.kluis.lees(reeks) == {"tekst": "versie 2", "ander": 2}
    rijen = dienst.opslag.vraag("SELECT soort, versie FROM teksten")
    assert sorted(rijen) == [(soort, n) for soort in ("ander", "tekst") for n in (1, 2, 3)]


async def test_twee_teksten_tegelijk_gaan_niet_verloren(dienst: Dienst) -> None:
    """In one batch neither sees the other, nor the key that the other made."""
    reeks = uuid4()
    await asyncio.gather(*(bewaar(dienst, reeks, f"soort-{n % 3}", n) for n in range(9)))
    assert sorted(dienst.kluis.lees(reeks)) == ["soort-0", "soort-1", "soort-2"]
    assert dienst.opslag.vraag("SELECT count(*) FROM teksten") == [(9,)]


async def test_het_kenmerk_legt_de_sleutel_en_de_plaats_vast(dienst: Dienst) -> None:
    """As an auditor will compute it, from the key and the place alone."""
    reeks = uuid4()
    await bewaar(dienst, reeks, "tekst", KANARIE)
    await bewaar(dienst, reeks, "tekst", KANARIE)
    (sleutel,) = dienst.kluis.sleutels_van([f"{reeks.hex}/tekst/2"]) or []
    plaats = b"schakel\0" + reeks.hex.encode() + b"\0tekst\0" + b"2"
    kenmerken = dienst.opslag.vraag("SELECT hmac FROM teksten WHERE versie = 2")
    assert [bytes(k) for (k,) in kenmerken] == [hmac.digest(sleutel, plaats, "sha256")]


SCHADE = [
    ("sleutels", "sleutel"),
    ("teksten", "sleutel"),
    ("teksten", "inhoud"),
    ("teksten", "hmac"),
    ("kluis", "inhoud"),
]


@pytest.mark.parametrize(("tabel", "kolom"), SCHADE)
async def test_een_enkel_veranderd_byte_is_een_fout_met_regel_en_meting(
    dienst: Dienst, log: io.StringIO, tabel: str, kolom: str
) -> None:
    reeks = uuid4()
    bewaar_als_vroeger(dienst.opslag, reeks, "opdracht", KANARIE)
    await bewaar(dienst, reeks, "tekst", KANARIE)
    ((goed,),) = dienst.opslag.vraag(f"SELECT {kolom} FROM {tabel}")
    goed, zet = bytes(goed), f"UPDATE {tabel} SET {kolom} = ?"
    kapot = [goed[:i] + bytes([goed[i] ^ 1]) + goed[i + 1 :] for i in range(0, len(goed), 5)]
    kapot += [goed[:-1], goed[:12], goed[:3], b"", goed + b"x", bytes(len(goed))]
    for waarde in kapot:
        dienst.opslag.schrijf(Lading(rijen={zet: [(waarde,)]}))
        with pytest.raises(Aangetast):
            dienst.kluis.lees(reeks)
    dienst.opslag.schrijf(Lading(rijen={zet: [(goed,)]}))
    assert dienst.kluis.lees(reeks) == {"tekst": KANARIE, "opdracht": KANARIE}
    regels = [json.loads(regel) for regel in log.getvalue().splitlines()]
    assert len(regels) == len(kapot)
    assert {regel["gebeurtenis"] for regel in regels} == {"inhoud_aangetast"}
    assert {regel["object"] for regel in regels} == {str(reeks)}
    geteld = sum(
        dienst.meting("schakel_inhoud_aangetast_total", reden=reden) or 0
        for reden in ("inhoud-aangetast", "hoofdsleutel-ontbreekt")
    )
    assert geteld == len(kapot)


async def test_een_waarde_van_een_andere_soort_is_aangetast(plek: Plek, dienst: Dienst) -> None:
    """SQLite keeps any value in any column; PostgreSQL does not."""
    if isinstance(plek.waar, str):
        return
    for tabel, kolom in SCHADE[:3]:
        reeks = uuid4()
        await bewaar(dienst, reeks, "tekst", KANARIE)
        for waarde in ("tekst", 12, 1.5):
            zet = f"UPDATE {tabel} SET {kolom} = ? WHERE reeks = ?"
            dienst.opslag.schrijf(Lading(rijen={zet: [(waarde, reeks.hex)]}))
            with pytest.raises(Aangetast, match="inhoud-aangetast"):
                dienst.kluis.lees(reeks)


async def test_verwisselde_teksten_vallen_op(dienst: Dienst) -> None:
    """The library's cipher has no associated data: there this goes unseen."""
    een, ander = uuid4(), uuid4()
    await bewaar(dienst, een, "tekst", "van een")
    await bewaar(dienst, een, "opdracht", "ook van een")
    await bewaar(dienst, ander, "tekst", "van ander")
    verwissel = "UPDATE {} SET {} = ? WHERE reeks = ? AND soort = ?"
    rijen = {}
    for tabel, kolom in (("teksten", "inhoud"), ("teksten", "sleutel")):
        was = {
            soort: bytes(waarde)
            for soort, waarde in dienst.opslag.vraag(
                f"SELECT soort, {kolom} FROM {tabel} WHERE reeks = ?", (een.hex,)
            )
        }
        rijen[verwissel.format(tabel, kolom)] = [
            (was["opdracht"], een.hex, "tekst"),
            (was["tekst"], een.hex, "opdracht"),
        ]
    dienst.opslag.schrijf(Lading(rijen=rijen))
    with pytest.raises(Aangetast, match="inhoud-aangetast"):
        dienst.kluis.lees(een)
    assert dienst.kluis.lees(ander) == {"tekst": "van ander"}


async def test_een_verwisselde_sleutel_valt_op(dienst: Dienst) -> None:
    een, ander = uuid4(), uuid4()
    await bewaar(dienst, een, "tekst", "van een")
    await bewaar(dienst, ander, "tekst", "van ander")
    verplaats = "UPDATE {0} SET {1} = (SELECT {1} FROM {0} WHERE reeks = ?) WHERE reeks = ?"
    alles = [("sleutels", "sleutel"), *SCHADE[1:4]]
    rijen: dict[str, list[Any]] = {
        verplaats.format(*een_): [(een.hex, ander.hex)] for een_ in alles
    }
    dienst.opslag.schrijf(Lading(rijen=rijen))
    with pytest.raises(Aangetast, match="inhoud-aangetast"):
        dienst.kluis.lees(ander)


async def test_een_tekst_onder_een_vals_kenmerk_wordt_niet_gegeven(dienst: Dienst) -> None:
    """Somebody with the key of the melding puts another text and key in the place."""
    reeks, toeval = uuid4(), Toeval()
    await bewaar(dienst, reeks, "tekst", KANARIE)
    plek = f"{reeks.hex}/tekst/1"
    (van_reeks,) = dienst.kluis.sleutels_van([reeks.hex]) or []
    vals = b"v" * 32
    dienst.opslag.schrijf(
        Lading(
            rijen={
                "UPDATE teksten SET inhoud = ?": [(versleutel(toeval, vals, b'"anders"', plek),)],
                "UPDATE teksten SET sleutel = ?": [(versleutel(toeval, van_reeks, vals, plek),)],
            }
        )
    )
    with pytest.raises(Aangetast):
        dienst.kluis.lees(reeks)


async def test_met_een_andere_hoofdsleutel_is_niets_te_lezen(dienst: Dienst) -> None:
    reeks = uuid4()
    await bewaar(dienst, reeks, "tekst", KANARIE)
    with pytest.raises(Aangetast, match="hoofdsleutel-ontbreekt"):
        kluis(dienst, b"x" * 32).lees(reeks)
    assert kluis(dienst, HOOFDSLEUTEL).lees(reeks) == {"tekst": KANARIE}


async def test_wie_niets_kan_openen_begint_niet(dienst: Dienst) -> None:
    """Also with keys of before they said in which master key they are."""
    vreemd, eigen = kluis(dienst, b"x" * 32), kluis(dienst, NIEUW, HOOFDSLEUTEL)
    for een in (vreemd, eigen):
        een.keur()  # nothing is kept yet
    een, ander = sorted((uuid4(), uuid4()), key=lambda reeks: reeks.hex)
    await bewaar(dienst, een, "tekst", KANARIE)
    await bewaar(dienst, ander, "tekst", KANARIE)
    for sql in ("SELECT 1", "UPDATE sleutels SET sleutel = substr(sleutel, 5)"):
        dienst.opslag.schrijf(Lading(rijen={sql: [()]}))
        eigen.keur()
        with pytest.raises(
            StartFout, match="geen hoofdsleutel in het sleutelbestand opent"
        ) as fout:
            vreemd.keur()
        assert "\n" not in fout.value.uitleg
    # One that was changed is no lost key.
    dienst.opslag.schrijf(
        Lading(rijen={"UPDATE sleutels SET sleutel = ? WHERE reeks = ?": [(b"x" * 64, een.hex)]})
    )
    eigen.keur()


async def test_wat_een_vorige_versie_schreef_is_te_lezen_en_te_wissen(dienst: Dienst) -> None:
    reeks = uuid4()
    bewaar_als_vroeger(dienst.opslag, reeks, "intake", {"tekst": KANARIE})
    bewaar_als_vroeger(dienst.opslag, reeks, "motivering-3", "omdat")
    was = dienst.opslag.vraag("SELECT * FROM kluis ORDER BY soort")
    assert dienst.kluis.lees(reeks) == {"intake": {"tekst": KANARIE}, "motivering-3": "omdat"}
    await bewaar(dienst, reeks, "motivering-5", "nu eenmaal")
    assert dienst.kluis.lees(reeks)["motivering-5"] == "nu eenmaal"
    assert dienst.opslag.vraag("SELECT * FROM kluis ORDER BY soort") == was
    await wis(dienst, reeks)
    with pytest.raises(NietGevonden):
        dienst.kluis.lees(reeks)
    for tabel in ("sleutels", "teksten", "kluis"):
        assert dienst.opslag.vraag(f"SELECT * FROM {tabel}") == []


async def test_wat_een_vorige_versie_wist_is_voor_niemand_meer_te_lezen(dienst: Dienst) -> None:
    """It knows nothing of the new tables; what it leaves there is taken away later."""
    weg, blijft = uuid4(), uuid4()
    for reeks in (weg, blijft):
        await bewaar_alle(dienst, reeks)
    sleutels = dienst.opslag.vraag("SELECT sleutel FROM teksten WHERE reeks = ?", (weg.hex,))
    wis_als_vroeger(dienst.opslag, weg)
    with pytest.raises(NietGevonden, match="inhoud-niet-gevonden"):
        dienst.kluis.lees(weg)
    assert len(sleutels) == 3
    await dienst.kluis.ruim_wezen(dienst.schrijver)
    assert dienst.opslag.vraag("SELECT DISTINCT reeks FROM teksten") == [(blijft.hex,)]
    assert dienst.kluis.lees(blijft) == TEKSTEN


async def test_wat_in_een_partij_na_het_bewaren_wordt_gewist_blijft_weg(dienst: Dienst) -> None:
    """Statements run in the order of their first use, not in that of the tasks."""
    een, ander = uuid4(), uuid4()
    await bewaar(dienst, een, "tekst", KANARIE)
    await asyncio.gather(
        wis(dienst, een), bewaar(dienst, ander, "tekst", KANARIE), wis(dienst, ander)
    )
    assert dienst.schrijver.aantal_transacties == 2
    for tabel in ("teksten", "sleutels"):
        assert dienst.opslag.vraag(f"SELECT * FROM {tabel}") == []


async def test_wissen_en_bewaren_in_een_transactie_met_de_gebeurtenis(dienst: Dienst) -> None:
    kist = uuid4()

    def weigert(werk: Werk[Kist]) -> int:
        dienst.kluis.bewaar(werk, kist, {"tekst": KANARIE})
        return int(vultaak(kist, -1).doe(werk))

    with pytest.raises(Exception, match="negatief"):
        await dienst.schrijver.voer_uit(Taak(weigert, int, DOOR))
    assert dienst.opslag.vraag("SELECT * FROM teksten") == []


NIEUW = b"n" * 32


async def test_een_nieuwe_hoofdsleutel_leest_wat_er_was_en_de_oude_leest_daarna_niets(
    plek: Plek, dienst: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kluismodule, "_VENSTER", 150)
    monkeypatch.setattr(kluismodule, "PARTIJ", 60)
    reeksen = [uuid4() for _ in range(401)]
    await asyncio.gather(*(bewaar(dienst, reeks, "tekst", reeks.hex) for reeks in reeksen))
    oud = [bytes(rij[0]) for rij in dienst.opslag.vraag("SELECT sleutel FROM sleutels")]
    nieuw = kluis(dienst, NIEUW, HOOFDSLEUTEL)
    assert nieuw.lees(reeksen[0]) == {"tekst": reeksen[0].hex}
    assert await nieuw.herpak(dienst.schrijver) == len(reeksen)
    assert await nieuw.herpak(dienst.schrijver) == 0
    assert all(nieuw.lees(reeks) == {"tekst": reeks.hex} for reeks in reeksen)
    assert kluis(dienst, NIEUW).lees(reeksen[0]) == {"tekst": reeksen[0].hex}
    assert dienst.opslag.ruim_op()
    bestanden = ruw(plek)
    assert not any(ingepakt[4:] in bestanden for ingepakt in oud)
    for reeks in reeksen[:3]:
        with pytest.raises(Aangetast, match="hoofdsleutel-ontbreekt"):
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
    with pytest.raises(Aangetast, match="hoofdsleutel-ontbreekt"):
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
