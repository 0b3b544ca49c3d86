"""The demo of two organisations: what crossed, what both have of it, and how it ends when not."""

import asyncio
import json
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import SCHAKEL, Gezegd, wacht_tot
from tests.cli.test_demo import draai
from tests.e2e.chaos.ingebed import verwachte_tabel

from schakel.cli import opstelling, organisaties
from schakel.cli.opstelling import Organisatie
from schakel.contracts.werkstromen import Proces
from schakel.proefspel.dossier import Huis
from schakel.proefspel.plan import TUSSEN_ORGANISATIES, Verwacht, lees_plannen

Schakel = Callable[..., Gezegd]
PLANNEN = lees_plannen(TUSSEN_ORGANISATIES)


@pytest.fixture(scope="module")
def gespeeld(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a finished demo and what it printed as JSON."""
    map_ = tmp_path_factory.mktemp("organisaties")
    gelopen = draai("--organisaties", "-o", "json", "--gegevensmap", map_)
    assert gelopen.returncode == 0, gelopen.stderr
    return map_, gelopen.stdout


@pytest.mark.traag
def test_beide_tabellen_en_de_samengestelde_zijn_wat_er_geschreven_staat(
    gespeeld: tuple[Path, str],
) -> None:
    gezegd: dict[str, Any] = json.loads(gespeeld[1])
    gemeente, uitvoerder = gezegd["organisaties"]
    assert (gemeente["naam"], uitvoerder["naam"]) == ("gemeente", "uitvoerder")
    assert gemeente["meldingen"] == verwachte_tabel(list(PLANNEN))
    daar = {
        regel["id"]: "".join(p[0].upper() for p in regel["pad"])
        for regel in uitvoerder["meldingen"]
    }
    assert daar == {
        f"{plan.id} {plek}": verwacht.pad
        for plan in PLANNEN
        for plek, verwacht in plan.elders.items()
    }
    samen = {
        regel["id"]: "".join(p[0].upper() for p in regel["pad"]) for regel in gezegd["samengesteld"]
    }
    assert samen == {plan.id: plan.samengesteld or plan.verwacht.pad for plan in PLANNEN}


@pytest.mark.traag
def test_wat_de_een_zei_heeft_de_ander_byte_voor_byte_en_er_gaat_geen_persoon_mee(
    gespeeld: tuple[Path, str],
) -> None:
    map_, _ = gespeeld
    gemeente, uitvoerder = (bladen(map_ / naam) for naam in ("gemeente", "uitvoerder"))
    assert gemeente == uitvoerder
    assert sum(map(len, gemeente.values())) > 4 * (len(PLANNEN) - 1)  # one is not agreed
    bestanden = [pad for pad in (map_ / "uitvoerder").rglob("*") if pad.is_file()]
    assert any(pad.name == "grens.db" for pad in bestanden)
    assert [pad for pad in bestanden if b"Testpersoon" in pad.read_bytes()] == []
    alles = b"".join(blad for stukken in gemeente.values() for blad in stukken)
    assert b"Testpersoon" not in alles
    assert not any(plan.tekst.encode() in alles for plan in PLANNEN)


@pytest.mark.traag
def test_elke_opdracht_ging_apart_over_en_dat_staat_in_de_boeken_van_beide(
    gespeeld: tuple[Path, str],
) -> None:
    map_, _ = gespeeld
    met_tekst = sum(een.inhoud.get("opdracht") is not None for p in PLANNEN for een in p.verloop)
    assert met_tekst == 2
    hier, daar = (boeken(map_ / naam) for naam in ("gemeente", "uitvoerder"))
    assert [wat for wat, _ in hier] == ["inhoud geven"] * met_tekst
    assert [wat for wat, _ in daar] == ["inhoud halen"] * met_tekst
    assert sorted(waarop for _, waarop in hier) == sorted(waarop for _, waarop in daar)


def boeken(map_: Path) -> list[tuple[str, str]]:
    """What the grens of an organisation wrote down of texts."""
    with closing(sqlite3.connect(f"file:{map_ / 'grens.db'}?mode=ro", uri=True)) as opslag:
        rijen = opslag.execute("SELECT inhoud FROM audit ORDER BY nummer").fetchall()
    gelezen = [json.loads(bytes(inhoud)) for (inhoud,) in rijen]
    return [(een["wat"], een["waarop"]) for een in gelezen if een["wat"].startswith("inhoud ")]


def bladen(map_: Path) -> dict[str, list[bytes]]:
    """Both logs, by origin."""
    with closing(sqlite3.connect(f"file:{map_ / 'grens.db'}?mode=ro", uri=True)) as opslag:
        rijen = opslag.execute("SELECT logboek, blad FROM bladen ORDER BY logboek, nummer")
        gevonden: dict[str, list[bytes]] = {}
        for logboek, blad in rijen:
            gevonden.setdefault(logboek, []).append(bytes(blad))
        return gevonden


@pytest.mark.traag
def test_een_tweede_keer_op_dezelfde_gegevens_is_het_hetzelfde(
    gespeeld: tuple[Path, str],
) -> None:
    map_, json_ = gespeeld
    nog_eens = draai("--organisaties", "-o", "json", "--gegevensmap", map_)
    assert (nog_eens.returncode, nog_eens.stdout) == (0, json_)


@pytest.mark.traag
def test_wat_anders_loopt_dan_geschreven_wordt_genoemd(
    gespeeld: tuple[Path, str], schakel: Schakel, monkeypatch: pytest.MonkeyPatch
) -> None:
    eerste, *rest = PLANNEN
    elders = {plek: een.model_copy(update={"pad": "W"}) for plek, een in eerste.elders.items()}
    anders = eerste.model_copy(update={"samengesteld": "AWA", "elders": elders})
    monkeypatch.setattr(organisaties, "lees_plannen", lambda _: [anders, *rest])
    monkeypatch.setattr("schakel.proefspel.uitslag.GEDULD", 1.0)
    gezegd = schakel("demo", "--organisaties", "--gegevensmap", gespeeld[0])
    assert gezegd.code == 1
    assert "S-01 AW1: pad is 'WUW', verwacht werd 'W'" in gezegd.fout
    assert "S-01: samengesteld is AWUWA, verwacht werd AWA" in gezegd.fout


def test_een_organisatie_die_niet_start_is_een_regel(schakel: Schakel, tmp_path: Path) -> None:
    _, uitvoerder = opstelling.gemeente_en_uitvoerder(tmp_path)
    with socket.socket() as bezet:
        bezet.bind(("127.0.0.1", uitvoerder.partnerpoort))
        bezet.listen()
        gezegd = schakel("demo", "--organisaties", "--gegevensmap", tmp_path)
    assert (gezegd.code, gezegd.fout.count("\n")) == (2, 1)
    assert "uitvoerder start niet: zie " in gezegd.fout
    assert str(uitvoerder.partnerpoort) in (tmp_path / "uitvoerder" / "schakel.log").read_text()


def test_wat_al_draait_zijn_geen_twee_organisaties(schakel: Schakel) -> None:
    gezegd = schakel("demo", "--organisaties", "--draaiend")
    assert (gezegd.code, gezegd.fout.count("\n")) == (2, 1)


def test_een_keten_van_drie(tmp_path: Path) -> None:
    """A hands to B, and B hands on to C: each sees its own part, and together they are one path."""
    gemeente, uitvoerder = opstelling.gemeente_en_uitvoerder(tmp_path)
    derde = "00000099000000003000"
    uitvoerder = replace(uitvoerder, processen=(Proces.WIJZIGEN,), elders={Proces.UITVOEREN: derde})
    poort = opstelling.vrije_poorten()[0]
    aannemer = Organisatie(derde, "aannemer", (Proces.UITVOEREN,), poort, {})
    drie = (gemeente, uitvoerder, aannemer)
    opstelling.richt_in(tmp_path, *drie)
    eerste = next(plan for plan in PLANNEN if plan.id == "S-01")
    plan = eerste.model_copy(
        update={
            "elders": {
                "AW1": Verwacht(werkstroom=2, pad="WUW"),
                "AWU1": Verwacht(werkstroom=5, pad="U"),
            }
        }
    )

    async def speel() -> organisaties.Setuitslag:
        async with opstelling.draaiend(tmp_path, drie) as lopend:
            wie_en_bij = zip(drie, lopend.klanten, strict=True)
            huizen = [Huis(bij, wie.oin, wie.naam) for wie, bij in wie_en_bij]
            return await organisaties.laat_werken(huizen, [plan])

    uitslag = asyncio.run(speel())
    assert uitslag.fouten == []
    assert [[regel["id"] for regel in regels] for regels in uitslag.regels] == [
        ["S-01"],
        ["S-01 AW1"],
        ["S-01 AWU1"],
    ]
    assert "".join(proces.letter for proces in uitslag.samen["S-01"]) == "AWUWA"
    van_b = bladen(tmp_path / "uitvoerder")
    assert {log: len(rij) for log, rij in van_b.items() if rij} == {
        f"schakel/{een}/{ander}": aantal
        for een, ander, aantal in (
            (gemeente.oin, uitvoerder.oin, 1),
            (uitvoerder.oin, gemeente.oin, 3),
            (uitvoerder.oin, derde, 1),
            (derde, uitvoerder.oin, 3),
        )
    }
    ketens = {
        json.loads(blad)["data"]["ketenId"]
        for rij in van_b.values()
        for blad in rij
        if "ketenId" in json.loads(blad)["data"]
    }
    assert len(ketens) == 1


@pytest.mark.traag
@pytest.mark.parametrize("sein", [signal.SIGTERM, signal.SIGINT])
def test_wie_de_demo_stopt_stopt_beide_organisaties(tmp_path: Path, sein: signal.Signals) -> None:
    opdracht = [SCHAKEL, "demo", "--organisaties", "--gegevensmap", tmp_path]
    with subprocess.Popen(opdracht, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as proces:
        wacht_tot(lambda: "dienst_luistert" in logtekst(tmp_path), 60)
        proces.send_signal(sein)
        _, gezegd = proces.communicate(timeout=60)
    assert (proces.returncode, b"Traceback" in gezegd) == (128 + sein, False)
    for wie in opstelling.gemeente_en_uitvoerder(tmp_path):
        with socket.socket() as proef:  # nobody holds its ports any more
            proef.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            proef.bind(("127.0.0.1", wie.partnerpoort))


def logtekst(map_: Path) -> str:
    logs = sorted(map_.glob("*/schakel.log"))
    return min((log.read_text() for log in logs), key=len) if len(logs) == 2 else ""


def test_een_map_die_half_is_ingericht_wordt_afgemaakt(tmp_path: Path) -> None:
    paar = opstelling.gemeente_en_uitvoerder(tmp_path)
    opstelling.richt_in(tmp_path, *paar)
    sleutels = {pad: pad.read_bytes() for pad in tmp_path.glob("*/*.pem") if pad.name != "tls.pem"}
    (aanvaard,) = (tmp_path / "uitvoerder" / "partners").glob("*.overeenkomst.json")
    getekend = aanvaard.read_bytes()
    aanvaard.unlink()
    (tmp_path / "gemeente" / "routering.json").unlink()
    opstelling.richt_in(tmp_path, *paar)
    assert aanvaard.read_bytes() == getekend
    assert (tmp_path / "gemeente" / "routering.json").exists()
    assert {pad: pad.read_bytes() for pad in sleutels} == sleutels


def test_waar_niet_te_schrijven_is_dat_is_een_regel(schakel: Schakel) -> None:
    gezegd = schakel("demo", "--organisaties", "--gegevensmap", "/proc/schakel")
    assert (gezegd.code, gezegd.fout.count("\n")) == (2, 1)
    assert gezegd.fout.startswith("kan niet schrijven in /proc/schakel: ")
