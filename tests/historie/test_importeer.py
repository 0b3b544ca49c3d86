"""The same file, derived here and brought into a running orchestrator: the same for every case."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest
from deploy.lokaal.toegang import Toegang
from deploy.lokaal.vragen import maak_topics
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from tests.bus.deur import Deur, deur, orchestrator
from tests.cli.conftest import Gezegd
from tests.contracts.strategie import RUSTIG
from tests.historie.proef import WORTEL
from tests.kern.proef import tot

from schakel.afleiding import laatste_uitgaven, leid_boom_af
from schakel.cli.alles import bouw_geheel, draai
from schakel.contracts import genereer
from schakel.contracts.topics import historie_van, topics_van
from schakel.historie.analyse import analyseer
from schakel.historie.invoer import Invoer, Zaakinvoer, zaken
from schakel.historie.mapping import lees_mapping
from schakel.orchestrator.vragen import Vragen

MAPPING = WORTEL / "docs" / "mappings" / "voorbeeld.toml"
LOG = WORTEL / "docs" / "mappings" / "voorbeeld.csv"
PARTNER = "urn:nld:oin:00000000000000000001:systeem:schakel-herstellen"
Schakel = Callable[..., Gezegd]


@pytest.fixture
def omgeving(kafka: Toegang, oin: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for naam, waarde in {**kafka.omgeving(), "SCHAKEL_OIN": oin}.items():
        monkeypatch.setenv(naam, waarde)
    monkeypatch.chdir(tmp_path)
    maak_topics(kafka, [*topics_van(oin), historie_van(oin)[0]])


def afgeleid(oin: str, naam: str, mapping: Path = MAPPING, uitgave: int = 1) -> list[Zaakinvoer]:
    invoer = Invoer(historie_van(oin)[1], naam, uitgave)
    with analyseer([LOG], lees_mapping(mapping)) as analyse:
        return list(zaken(analyse.db, lees_mapping(mapping), invoer))


def uitgave_van(map_: Path, naam: str) -> int:
    """What the import wrote down of itself."""
    uitgave: int = json.loads((map_ / f".schakel-importeer-{naam}.json").read_text())["uitgave"]
    return uitgave


def verwacht_van(alle: list[Zaakinvoer]) -> dict[str, bytes]:
    return {
        zaak.melding_id: msgspec.json.encode(leid_boom_af(zaak.melding_id, zaak.verhaal.berichten))
        for zaak in alle
        if zaak.berichten
    }


def andere_mapping(map_: Path) -> Path:
    """By which what went to uitvoering went to wijzigen."""
    ander = map_ / "ander.toml"
    ander.write_text(MAPPING.read_text().replace('naar = "uitvoeren"', 'naar = "wijzigen"'))
    return ander


def bomen(o: Deur) -> dict[str, bytes]:
    rijen = o.dienst.opslag.vraag("SELECT wortel, afleiding FROM bomen")
    return {wortel: bytes(afleiding) for wortel, afleiding in rijen}


@pytest.mark.usefixtures("omgeving")
async def test_wat_de_orchestrator_afleidt_is_wat_hier_was_afgeleid_en_twee_keer_is_een_keer(
    kafka: Toegang, oin: str, tmp_path: Path, schakel: Schakel
) -> None:
    async with deur(orchestrator(kafka, oin, tmp_path)) as o:
        gezegd = await asyncio.to_thread(
            schakel, "importeer", LOG, "-m", MAPPING, "--naam", "desk", "-o", "json"
        )
        assert gezegd.code == 0, gezegd.fout
        gedaan = json.loads(gezegd.uit)
        verwacht = verwacht_van(afgeleid(oin, "desk", uitgave=uitgave_van(tmp_path, "desk")))
        assert gedaan == {
            "zaken": 77,
            "berichten": gedaan["berichten"],
            "overgeslagen": 0,
            "zonderBegin": 3,
        }
        assert len(verwacht) == 77
        await tot(lambda: len(bomen(o)) == 77, 30)
        await tot(lambda: bomen(o) == verwacht, 10)
        gezien = o.gezien()

        opnieuw = await asyncio.to_thread(
            schakel, "importeer", LOG, "-m", MAPPING, "--naam", "desk", "--opnieuw", "-o", "json"
        )
        assert json.loads(opnieuw.uit)["berichten"] == gedaan["berichten"]
        await tot(lambda: o.dienst.lezer.achterstand().get(_deel(oin), 1) == 0, 30)
        assert (o.gezien(), bomen(o)) == (gezien, verwacht)

        eerste = uitgave_van(tmp_path, "desk")
        ander = andere_mapping(tmp_path)
        verbeterd = await asyncio.to_thread(
            schakel, "importeer", LOG, "-m", ander, "--naam", "desk", "-o", "json"
        )
        assert json.loads(verbeterd.uit)["zaken"] == 77
        uitgave = uitgave_van(tmp_path, "desk")
        assert uitgave > eerste
        nieuw = verwacht_van(afgeleid(oin, "desk", ander, uitgave))
        assert nieuw != verwacht
        await tot(lambda: bomen(o) == nieuw, 30)
        for melding_id in list(nieuw)[:5]:
            regels = Vragen(o.dienst.opslag).tijdlijn(melding_id)
            assert {json.loads(bytes(regel.data))["uitgave"] for regel in regels} == {uitgave}


async def test_zonder_broker_gaat_het_door_een_bestand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, schakel: Schakel
) -> None:
    monkeypatch.chdir(tmp_path)
    gegevens = tmp_path / "gegevens"
    monkeypatch.setenv("SCHAKEL_GEGEVENSMAP", str(gegevens))
    vraag = ("importeer", LOG, "-m", MAPPING, "--naam", "desk", "-o", "json")
    geheel = bouw_geheel(gegevens, vrije_poorten=True)
    oin = geheel.orchestrator.instellingen.oin

    def staat_er() -> dict[str, bytes]:
        rijen = geheel.orchestrator.opslag.vraag("SELECT wortel, afleiding FROM bomen")
        return {wortel: bytes(afleiding) for wortel, afleiding in rijen}

    async with draai(geheel):
        gezegd = await asyncio.to_thread(schakel, *vraag)
        assert gezegd.code == 0, gezegd.fout
        verwacht = verwacht_van(afgeleid(oin, "desk", uitgave=uitgave_van(tmp_path, "desk")))
        await tot(lambda: staat_er() == verwacht, 30)
        nog_eens = await asyncio.to_thread(schakel, *vraag, "--opnieuw")
        assert json.loads(nog_eens.uit)["berichten"] == json.loads(gezegd.uit)["berichten"]
        lezer = geheel.orchestrator.lezer
        await tot(lambda: lezer.achterstand()[historie_van(oin)[0]] == 0, 30)
        assert staat_er() == verwacht


@given(toeval=st.randoms(use_true_random=False))
@RUSTIG
def test_een_latere_uitgave_komt_in_de_plaats_van_de_eerdere_hoe_ze_ook_aankomen(
    toeval: Random, uitgaven: tuple[list[Zaakinvoer], list[Zaakinvoer]]
) -> None:
    eerste, tweede = uitgaven
    for oud, nieuw in toeval.sample(list(zip(eerste, tweede, strict=True)), 5):
        assert oud.melding_id == nieuw.melding_id
        berichten = [*oud.verhaal.berichten, *nieuw.verhaal.berichten, *nieuw.verhaal.berichten]
        toeval.shuffle(berichten)
        alleen = leid_boom_af(nieuw.melding_id, nieuw.verhaal.berichten)
        assert leid_boom_af(nieuw.melding_id, berichten) == alleen


def test_wie_voor_zichzelf_spreekt_neemt_met_een_uitgave_niets_terug(
    uitgaven: tuple[list[Zaakinvoer], list[Zaakinvoer]],
) -> None:
    eerste, tweede = (
        [msgspec.structs.replace(b, source=PARTNER) for b in zaken[0].verhaal.berichten]
        for zaken in uitgaven
    )
    assert eerste
    assert laatste_uitgaven([*eerste, *tweede]) == [*eerste, *tweede]


@pytest.fixture(scope="module")
def uitgaven(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Zaakinvoer], list[Zaakinvoer]]:
    oin = "0" * 20
    ander = andere_mapping(tmp_path_factory.mktemp("uitgaven"))
    return afgeleid(oin, "desk"), afgeleid(oin, "desk", ander, uitgave=2)


def test_elk_bericht_is_zoals_het_contract_zegt(
    uitgaven: tuple[list[Zaakinvoer], list[Zaakinvoer]],
) -> None:
    delen = genereer.asyncapi()["components"]
    keurder = Draft202012Validator(
        {**delen["messages"]["Ingevoerd"]["payload"], "components": delen}
    )
    berichten = [v.waarde for zaak in uitgaven[0] for v in zaak.berichten]
    assert len(berichten) > 200
    for bericht in map(json.loads, berichten):
        keurder.validate(bericht)
        with pytest.raises(ValidationError):
            keurder.validate({**bericht, "type": "nl.meldingen.voltooid.v1"})
        with pytest.raises(ValidationError):
            keurder.validate({**bericht, "data": {**bericht["data"], "uitgave": None}})


def _deel(oin: str) -> str:
    return f"{historie_van(oin)[0]}/0"


@pytest.mark.usefixtures("omgeving")
async def test_wat_is_afgebroken_gaat_verder_waar_het_was(
    kafka: Toegang, oin: str, tmp_path: Path, schakel: Schakel
) -> None:
    vraag = ("importeer", LOG, "-m", MAPPING, "--naam", "half", "-o", "json")
    eerst = json.loads((await asyncio.to_thread(schakel, *vraag)).uit)
    stand = tmp_path / ".schakel-importeer-half.json"
    half = json.loads(stand.read_text())
    assert half["zaken"] == 80
    stand.write_text(json.dumps({**half, "zaken": 50}))
    verder = json.loads((await asyncio.to_thread(schakel, *vraag)).uit)
    rest = [zaak for zaak in afgeleid(oin, "half") if zaak.nummer > 50]
    assert (verder["overgeslagen"], verder["zaken"] + verder["zonderBegin"]) == (50, 30)
    assert verder["berichten"] == sum(len(zaak.berichten) for zaak in rest)
    klaar = json.loads((await asyncio.to_thread(schakel, *vraag)).uit)
    assert (klaar["overgeslagen"], klaar["berichten"]) == (80, 0)
    assert eerst["berichten"] > verder["berichten"]


def test_zonder_topic_gaat_er_niets_en_staat_er_wat_te_doen(
    kafka: Toegang, oin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, schakel: Schakel
) -> None:
    monkeypatch.chdir(tmp_path)
    zonder = schakel("importeer", LOG, "-m", MAPPING)
    assert zonder.code == 2
    assert "stel SCHAKEL_KAFKA in" in zonder.fout
    assert "in gegevens staan ze niet" in zonder.fout
    elders = schakel("importeer", LOG, "-m", MAPPING, "--naam", "../elders")
    assert (elders.code, "--naam: '../elders' kan niet" in elders.fout) == (2, True)
    for naam, waarde in {**kafka.omgeving(), "SCHAKEL_OIN": oin}.items():
        monkeypatch.setenv(naam, waarde)
    gezegd = schakel("importeer", LOG, "-m", MAPPING)
    assert gezegd.code == 1
    assert f"schakel.{oin}.historie.v1 bestaat niet: voer `schakel topics` uit" in gezegd.fout
    assert list(tmp_path.iterdir()) == []
