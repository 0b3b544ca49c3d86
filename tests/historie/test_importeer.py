"""The same file, derived here and brought into a running orchestrator: the same for every case."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from deploy.lokaal.toegang import Toegang
from deploy.lokaal.vragen import maak_topics
from tests.bus.deur import Deur, deur, orchestrator
from tests.cli.conftest import Gezegd
from tests.historie.proef import WORTEL
from tests.kern.proef import tot

from schakel.contracts.topics import historie_van, topics_van
from schakel.historie.analyse import analyseer
from schakel.historie.invoer import Zaak, zaken
from schakel.historie.mapping import lees_mapping
from schakel.orchestrator.afleiding import leid_boom_af

MAPPING = WORTEL / "docs" / "mappings" / "voorbeeld.toml"
LOG = WORTEL / "docs" / "mappings" / "voorbeeld.csv"
Schakel = Callable[..., Gezegd]


@pytest.fixture
def omgeving(kafka: Toegang, oin: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for naam, waarde in {**kafka.omgeving(), "SCHAKEL_OIN": oin}.items():
        monkeypatch.setenv(naam, waarde)
    monkeypatch.chdir(tmp_path)
    maak_topics(kafka, [*topics_van(oin), historie_van(oin)[0]])


def afgeleid(oin: str, naam: str) -> list[Zaak]:
    with analyseer([LOG], lees_mapping(MAPPING)) as analyse:
        return list(zaken(analyse.db, lees_mapping(MAPPING), historie_van(oin)[1], naam))


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
        verwacht = {
            zaak.melding_id: msgspec.json.encode(
                leid_boom_af(zaak.melding_id, zaak.verhaal.berichten)
            )
            for zaak in afgeleid(oin, "desk")
            if zaak.berichten
        }
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
    elders = schakel("importeer", LOG, "-m", MAPPING, "--naam", "../elders")
    assert (elders.code, "--naam: '../elders' kan niet" in elders.fout) == (2, True)
    for naam, waarde in {**kafka.omgeving(), "SCHAKEL_OIN": oin}.items():
        monkeypatch.setenv(naam, waarde)
    gezegd = schakel("importeer", LOG, "-m", MAPPING)
    assert gezegd.code == 1
    assert f"schakel.{oin}.historie.v1 bestaat niet: voer `schakel topics` uit" in gezegd.fout
    assert list(tmp_path.iterdir()) == []
