"""Answers that were given: given again for ever, and nothing that was asked can be guessed."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from deploy.lokaal.postgres import Databases
from tests.kern.bestanden import ruw
from tests.kern.conftest import Plek
from tests.kern.proef import DOOR, HOOFDSLEUTEL, TABELLEN, Dienst, Kist
from tests.kern.vroeger import (
    antwoord_als_vroeger,
    bewaar_als_vroeger,
    digest_als_vroeger,
    lees_als_vroeger,
    wis_als_vroeger,
)

from schakel.kern.geheim import antwoorden as module
from schakel.kern.geheim.antwoorden import Antwoorden
from schakel.kern.geheim.hoofdsleutel import Hoofdsleutels, leid_sleutel_af
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import SleutelHergebruikt, StartFout
from schakel.kern.opslag import Lading, Opslag, migreer_opslag
from schakel.kern.opslag.postgres import PostgresOpslag, migreer
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.kern.opslag.tabellen import PERSOONLIJK, Tabellen
from schakel.kern.vastlegging.gebeurtenis import Plaats
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.vastlegging.werk import Werk

VROEGER = Tabellen(TABELLEN.stappen[: -len(PERSOONLIJK)])


@pytest.fixture
async def dienst(opslag: Opslag) -> AsyncIterator[Dienst]:
    dienst = Dienst(opslag)
    yield dienst
    await dienst.schrijver.sluit()


def digest_van(telefoon: str) -> bytes:
    """Of a command that tells a telephone number."""
    return digest_als_vroeger("POST", "/v1/kisten", telefoon.encode())


def aanneemtaak(
    dienst: Dienst, id_: UUID, telefoon: str, sleutel: str = "een-sleutel"
) -> Taak[Werk[Kist], dict[str, Any]]:
    """A command with a text; the answer is as a former version would give it."""

    def doe(werk: Werk[Kist]) -> dict[str, Any]:
        kist = Kist(id_, Plaats(id_))
        werk.voeg_toe(kist)
        kist.vul(1)
        dienst.kluis.bewaar(werk, id_, {"tekst": "de lamp is stuk", "melder": telefoon})
        return {"meldingId": str(id_), "versie": kist.versie}

    digest = digest_van(telefoon)
    return Taak(doe, dict[str, Any], DOOR, sleutel=f"iemand:{sleutel}", digest=digest)


async def neem_aan(
    dienst: Dienst, telefoon: str, sleutel: str = "een-sleutel", id_: UUID | None = None
) -> Mapping[str, Any]:
    return await dienst.schrijver.voer_uit(aanneemtaak(dienst, id_ or uuid4(), telefoon, sleutel))


async def wis(dienst: Dienst, reeks: UUID) -> None:
    def doe(werk: Werk[Kist]) -> None:
        dienst.kluis.wis(werk, reeks)
        dienst.antwoorden.vergeet(werk, reeks)

    await dienst.schrijver.voer_uit(Taak(doe, type(None), DOOR))


def geen_verwanten(ids: Any) -> Mapping[UUID, tuple[UUID, ...]]:
    return dict.fromkeys(ids, ())


def aantal_kisten(opslag: Opslag) -> int:
    return int(opslag.vraag("SELECT count(*) FROM stored_events")[0][0])


async def test_sleutel_en_digest_staan_nergens_zoals_ze_kwamen(plek: Plek, dienst: Dienst) -> None:
    await neem_aan(dienst, "0612345678", "bel-0612345678")
    bestanden = ruw(plek)
    assert b"0612345678" not in bestanden
    assert digest_van("0612345678") not in bestanden
    assert dienst.opslag.vraag("SELECT * FROM antwoorden") == []


async def test_de_herhaling_krijgt_hetzelfde_antwoord_en_een_ander_verzoek_niet(
    plek: Plek, dienst: Dienst
) -> None:
    eerste = await neem_aan(dienst, "0612345678")
    for wie in (dienst, Dienst(dienst.opslag)):  # also of who does not remember it
        assert await neem_aan(wie, "0612345678") == eerste
        with pytest.raises(SleutelHergebruikt):
            await neem_aan(wie, "0687654321")
        assert await neem_aan(wie, "0687654321", f"sleutel-{id(wie)}") != eerste
    assert aantal_kisten(dienst.opslag) == 3


async def test_na_een_wissing_is_het_verzoek_niet_terug_te_raden_en_gebeurt_het_niet_nog_eens(
    dienst: Dienst,
) -> None:
    """A guesser with the whole store and every master key."""
    antwoord = await neem_aan(dienst, "0612345678")
    ((_, plekken, digest, _),) = dienst.opslag.vraag("SELECT * FROM gegeven_antwoorden")
    sleutels = dienst.kluis.sleutels_van(plekken.split(","))
    assert sleutels is not None
    assert raad(sleutels) == bytes(digest)
    await wis(dienst, UUID(antwoord["meldingId"]))
    assert dienst.kluis.sleutels_van(plekken.split(",")) is None
    assert raad([]) != bytes(digest)
    for telefoon in ("0612345678", "0687654321"):  # nobody can tell any more which it was
        assert await neem_aan(dienst, telefoon) == antwoord
    assert aantal_kisten(dienst.opslag) == 1


def raad(sleutels: list[bytes]) -> bytes:
    """The digest, made from a guess and these keys of texts."""
    eigen = leid_sleutel_af(HOOFDSLEUTEL, b"schakel/opdracht/v1")
    gevraagd = b"".join((*sleutels, digest_van("0612345678")))
    return hashlib.blake2b(gevraagd, key=eigen, digest_size=16).digest()


async def test_ook_een_tekst_die_alleen_wordt_gewist_is_niet_terug_te_raden(
    dienst: Dienst,
) -> None:
    await neem_aan(dienst, "0612345678")
    weg = "DELETE FROM teksten WHERE soort = ?"
    dienst.opslag.schrijf(Lading(rijen={weg: [("melder",)]}))
    ((plekken,),) = dienst.opslag.vraag("SELECT plekken FROM gegeven_antwoorden")
    assert dienst.kluis.sleutels_van(plekken.split(",")) is None


async def test_een_andere_hoofdsleutel_vindt_de_antwoorden_terug(dienst: Dienst) -> None:
    antwoord = await neem_aan(dienst, "0612345678")
    nieuw = Hoofdsleutels(lambda: [b"n" * 32, HOOFDSLEUTEL])
    dienst.kluis._hoofdsleutels = nieuw
    assert await dienst.kluis.herpak(dienst.schrijver) == 1
    dienst.schrijver._antwoorden = Antwoorden(dienst.opslag, dienst.kluis, nieuw)
    assert await neem_aan(dienst, "0612345678") == antwoord
    with pytest.raises(SleutelHergebruikt):
        await neem_aan(dienst, "0687654321")


def van_vroeger(dienst: Dienst, reeks: UUID, telefoon: str, sleutel: str) -> dict[str, Any]:
    antwoord = {"meldingId": str(reeks), "versie": 1}
    antwoord_als_vroeger(dienst.opslag, f"iemand:{sleutel}", digest_van(telefoon), antwoord)
    return antwoord


async def test_wat_een_vorige_versie_antwoordde_geldt_ook_nadat_het_is_overgezet(
    plek: Plek, dienst: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PARTIJ", 7)
    antwoorden = {}
    for n in range(20):
        reeks = uuid4()
        bewaar_als_vroeger(dienst.opslag, reeks, "intake", {"melder": f"06{n}"})
        antwoorden[n] = van_vroeger(dienst, reeks, f"06{n}", f"oud-{n}")

    async def klopt(wie: Dienst) -> None:
        for n, antwoord in antwoorden.items():
            assert await neem_aan(wie, f"06{n}", f"oud-{n}") == antwoord
            with pytest.raises(SleutelHergebruikt):
                await neem_aan(wie, "06-anders", f"oud-{n}")

    await klopt(dienst)
    assert await dienst.antwoorden.zet_over(dienst.schrijver, geen_verwanten) == 20
    assert dienst.opslag.vraag("SELECT * FROM antwoorden") == []
    assert dienst.opslag.ruim_op()
    bestanden = ruw(plek)
    assert not any(
        digest_van(f"06{n}") in bestanden or b"oud-%d" % n in bestanden for n in range(20)
    )
    await klopt(dienst)
    await klopt(Dienst(dienst.opslag))
    assert await dienst.antwoorden.zet_over(dienst.schrijver, geen_verwanten) == 0
    assert aantal_kisten(dienst.opslag) == 0


async def test_een_antwoord_van_vroeger_verliest_zijn_digest_met_de_melding(
    plek: Plek, dienst: Dienst
) -> None:
    """Also when the erasing is what came first, or when the former version did it."""
    eerst, later, vroeger = uuid4(), uuid4(), uuid4()
    antwoorden = {}
    for reeks in (eerst, later, vroeger):
        bewaar_als_vroeger(dienst.opslag, reeks, "intake", {"melder": "0612345678"})
        antwoorden[reeks] = van_vroeger(dienst, reeks, "0612345678", str(reeks))
    await wis(dienst, eerst)
    assert len(dienst.opslag.vraag("SELECT * FROM antwoorden")) == 2
    wis_als_vroeger(dienst.opslag, vroeger)
    assert await dienst.antwoorden.zet_over(dienst.schrijver, geen_verwanten) == 2
    ((over,),) = dienst.opslag.vraag("SELECT plekken FROM gegeven_antwoorden WHERE plekken <> ''")
    assert over == later.hex
    await wis(dienst, later)
    for reeks, antwoord in antwoorden.items():
        for telefoon in ("0612345678", "0687654321"):
            assert await neem_aan(dienst, telefoon, str(reeks)) == antwoord
    assert dienst.opslag.ruim_op()
    assert digest_van("0612345678") not in ruw(plek)
    assert dienst.kluis.sleutels_van([later.hex]) is None


async def test_een_antwoord_van_vroeger_hangt_ook_aan_wat_voor_een_ander_werd_bewaard(
    dienst: Dienst,
) -> None:
    """The text of a hand-over is kept under the id of the child."""
    ouder, kind, weg = uuid4(), uuid4(), uuid4()
    for reeks in (ouder, kind, weg):
        bewaar_als_vroeger(dienst.opslag, reeks, "tekst", "0612345678")
    antwoord = van_vroeger(dienst, ouder, "0612345678", "overdracht")
    van_vroeger(dienst, weg, "0612345678", "zonder-kind")
    verwanten = {ouder: (kind,), weg: (uuid4(),)}
    assert await dienst.antwoorden.zet_over(dienst.schrijver, lambda _: verwanten) == 2
    with pytest.raises(SleutelHergebruikt):
        await neem_aan(dienst, "0687654321", "overdracht")
    await wis(dienst, kind)
    assert await neem_aan(dienst, "0687654321", "overdracht") == antwoord
    rijen = dienst.opslag.vraag("SELECT plekken, digest FROM gegeven_antwoorden ORDER BY plekken")
    assert [plekken for plekken, _ in rijen] == ["", f"{ouder.hex},{kind.hex}"]
    assert bytes(rijen[0][1]) == b""


class Bijgewerkt:
    """A store that a former version made, and that was brought up to date since."""

    def __init__(self, waar: Path | str) -> None:
        self._waar = waar
        if isinstance(waar, str):
            migreer(waar, VROEGER, "proef")
            migreer(waar, TABELLEN, "proef")
            return
        self.open(VROEGER).sluit()

    def open(self, tabellen: Tabellen = TABELLEN) -> Opslag:
        if isinstance(self._waar, str):
            return PostgresOpslag(self._waar, tabellen, "proef")
        return SqliteOpslag(self._waar, tabellen)

    def later(self) -> Tabellen:
        """A next step, which is taken."""
        tabellen = TABELLEN.met(("CREATE TABLE later (x INTEGER)",))
        if isinstance(self._waar, str):
            migreer(self._waar, tabellen, "proef")
        return tabellen

    def rond_af(self) -> None:
        """Of a database while services run; of a file when nobody has it."""
        map_ = {} if isinstance(self._waar, str) else {"gegevensmap": self._waar.parent}
        opslag = {"opslag": self._waar} if isinstance(self._waar, str) else {}
        migreer_opslag(Instellingen(**map_, **opslag), "proef", TABELLEN, rond_af=True)


@pytest.fixture(params=["sqlite", "postgres"])
def bijgewerkt(request: pytest.FixtureRequest, tmp_path: Path) -> Bijgewerkt:
    if request.param == "sqlite":
        return Bijgewerkt(tmp_path / "proef.db")
    postgres: Databases = request.getfixturevalue("postgres")
    return Bijgewerkt(postgres.maak_database())


async def test_zolang_een_vorige_versie_mag_meedoen_vindt_die_wat_hier_is_beantwoord(
    bijgewerkt: Bijgewerkt,
) -> None:
    dienst = Dienst(bijgewerkt.open())
    antwoord = await neem_aan(dienst, "0612345678")
    ((sleutel, digest, _),) = dienst.opslag.vraag("SELECT * FROM antwoorden")
    assert (sleutel, bytes(digest)) == ("iemand:een-sleutel", digest_van("0612345678"))
    reeks = UUID(antwoord["meldingId"])
    assert lees_als_vroeger(dienst.opslag, reeks) == {
        "tekst": "de lamp is stuk",
        "melder": "0612345678",
    }
    assert await neem_aan(Dienst(dienst.opslag), "0612345678") == antwoord
    assert dienst.opslag.kan_terug()
    await dienst.sluit()
    vroeger = bijgewerkt.open(VROEGER)  # it starts, and finds what was answered
    assert vroeger.vraag("SELECT sleutel FROM antwoorden") == [("iemand:een-sleutel",)]
    vroeger.sluit()


async def test_na_het_afronden_begint_er_geen_vorige_versie_en_is_niets_meer_te_raden(
    bijgewerkt: Bijgewerkt,
) -> None:
    dienst, oud = Dienst(bijgewerkt.open()), uuid4()
    bewaar_als_vroeger(dienst.opslag, oud, "intake", "van vroeger")
    antwoord = await neem_aan(dienst, "0612345678")
    await dienst.sluit()
    bijgewerkt.rond_af()
    with pytest.raises(StartFout, match="opslag-nieuwer"):
        bijgewerkt.open(VROEGER)
    bijgewerkt.rond_af()  # again is no trouble, and nothing puts it back
    bijgewerkt.open(bijgewerkt.later()).sluit()
    with pytest.raises(StartFout, match="opslag-nieuwer"):
        bijgewerkt.open(VROEGER)
    dienst = Dienst(bijgewerkt.open())
    assert not dienst.opslag.kan_terug()
    assert await dienst.antwoorden.zet_over(dienst.schrijver, geen_verwanten) == 1
    await dienst.kluis.zet_over(dienst.schrijver, "intake", "tekst")
    assert await neem_aan(dienst, "0612345678") == antwoord
    with pytest.raises(SleutelHergebruikt):
        await neem_aan(dienst, "0687654321")
    await neem_aan(dienst, "0612345678", "nog-een")
    assert dienst.opslag.vraag("SELECT * FROM antwoorden") == []
    assert dienst.opslag.vraag("SELECT reeks FROM kluis") == [(oud.hex,)]  # no copy: read for ever
    assert dienst.kluis.lees(oud) == {"intake": "van vroeger"}
    await dienst.sluit()


async def test_wat_tijdens_het_samenwerken_wordt_gewist_verliest_zijn_digest_en_gebeurt_nooit_weer(
    bijgewerkt: Bijgewerkt,
) -> None:
    """A former version that finds the key with another digest refuses it; with none it does it."""
    dienst = Dienst(bijgewerkt.open())
    antwoord = await neem_aan(dienst, "0612345678")
    await wis(dienst, UUID(antwoord["meldingId"]))
    ((sleutel, digest, _),) = dienst.opslag.vraag("SELECT * FROM antwoorden")
    assert (sleutel, bytes(digest)) == ("iemand:een-sleutel", b"")
    for rijen in ("SELECT * FROM kluis", "SELECT * FROM teksten", "SELECT * FROM sleutels"):
        assert dienst.opslag.vraag(rijen) == []
    assert await neem_aan(dienst, "0612345678") == antwoord
    # Also what is asked right before, in the same transaction.
    eerst, id_ = dienst.schrijver.aantal_transacties, uuid4()
    await asyncio.gather(neem_aan(dienst, "0611111111", "samen", id_), wis(dienst, id_))
    assert dienst.schrijver.aantal_transacties == eerst + 1
    over = dienst.opslag.vraag("SELECT digest FROM antwoorden")
    assert [bytes(digest) for (digest,) in over] == [b"", b""]
    await dienst.sluit()


async def test_een_nieuwe_opslag_is_van_begin_af_zonder_leesbare_sleutels(dienst: Dienst) -> None:
    assert not dienst.opslag.kan_terug()
    await asyncio.gather(*(neem_aan(dienst, "06", f"sleutel-{n % 5}") for n in range(20)))
    assert dienst.opslag.vraag("SELECT count(*) FROM gegeven_antwoorden") == [(5,)]
    assert dienst.opslag.vraag("SELECT * FROM antwoorden") == []
