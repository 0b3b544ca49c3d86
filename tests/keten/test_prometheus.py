"""What is shipped for Prometheus, in Prometheus itself; skipped where it is not installed."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from schakel.cli.alles import bouw_geheel, draai
from schakel.contracts.organisatie import DIENSTEN, GRENS

PROMETHEUS = Path(__file__).parents[2] / "deploy" / "prometheus"
ALARMEN = PROMETHEUS / "alarmen.yaml"
PROEVEN = Path(__file__).with_name("alarmen.test.yaml")


def programma(naam: str) -> str:
    pad = shutil.which(naam)
    if pad is None:
        pytest.skip(f"er is geen {naam}; op Debian of Ubuntu: apt install prometheus")
    return pad


def proef(bestand: Path) -> subprocess.CompletedProcess[str]:
    opdracht = [programma("promtool"), "test", "rules", str(bestand)]
    return subprocess.run(opdracht, capture_output=True, text=True, check=False)


def test_elk_alarm_gaat_af_als_het_moet_en_anders_niet() -> None:
    gelopen = proef(PROEVEN)
    assert gelopen.returncode == 0, gelopen.stdout + gelopen.stderr
    namen = re.findall(r"- alert: (\w+)", ALARMEN.read_text())
    gevallen = [
        geval
        for een in yaml.safe_load(PROEVEN.read_text())["tests"]
        for geval in een["alert_rule_test"]
    ]
    assert {geval["alertname"] for geval in gevallen if geval["exp_alerts"]} == set(namen)


def test_een_alarm_dat_niet_afgaat_valt_op(tmp_path: Path) -> None:
    alarmen = ALARMEN.read_text()
    for drempel in re.findall(r"> [0-9.]+$", alarmen, re.MULTILINE):
        (tmp_path / "alarmen.yaml").write_text(alarmen.replace(drempel, "> 1e12"))
        kopie = tmp_path / PROEVEN.name
        kopie.write_text(PROEVEN.read_text().replace("../../deploy/prometheus/", ""))
        assert proef(kopie).returncode == 1, drempel


@pytest.fixture
async def vragen(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A Prometheus that looks at six services, with the settings that are shipped."""
    prometheus = programma("prometheus")
    ingesteld = yaml.safe_load((PROMETHEUS / "prometheus.yaml").read_text())
    async with draai(bouw_geheel(tmp_path / "gegevens", vrije_poorten=True)) as alles:
        doelen = ingesteld["scrape_configs"][0]["static_configs"]
        for doel in doelen:
            adres = httpx.URL(alles.adressen[doel["labels"]["dienst"]])
            doel["targets"] = [f"{adres.host}:{adres.port}"]
        ingesteld["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(ingesteld))
        (tmp_path / "token").write_text("geen")
        shutil.copy(ALARMEN, tmp_path)
        proces = await asyncio.create_subprocess_exec(
            prometheus,
            f"--config.file={tmp_path / 'prometheus.yaml'}",
            f"--storage.tsdb.path={tmp_path / 'tsdb'}",
            "--web.listen-address=127.0.0.1:0",
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            assert proces.stderr is not None
            async with asyncio.timeout(30):
                async for regel in proces.stderr:
                    if gevonden := re.search(rb"Listening on\W+address=(\S+)", regel):
                        break
            async with httpx.AsyncClient(base_url=f"http://{gevonden[1].decode()}") as klant:
                yield klant
        finally:
            proces.terminate()
            await proces.wait()


async def _antwoord(klant: httpx.AsyncClient, pad: str, **velden: str) -> Any:
    return (await klant.get(f"/api/v1/{pad}", params=velden)).json()["data"]


async def test_prometheus_ziet_de_zes_en_zijn_alarmen_rekenen(vragen: httpx.AsyncClient) -> None:
    doelen: list[Any] = []
    for _ in range(60):
        doelen = (await _antwoord(vragen, "targets"))["activeTargets"]
        if {doel["health"] for doel in doelen} == {"up"}:
            break
        await asyncio.sleep(0.5)
    assert {doel["labels"]["dienst"]: doel["lastError"] for doel in doelen} == dict.fromkeys(
        (naam for naam in DIENSTEN if naam != GRENS), ""
    )
    await asyncio.sleep(3)
    (groep,) = (await _antwoord(vragen, "rules"))["groups"]
    assert {regel["name"]: regel["health"] for regel in groep["rules"]} == dict.fromkeys(
        re.findall(r"- alert: (\w+)", ALARMEN.read_text()), "ok"
    )
    gemeten = await _antwoord(
        vragen, "query", query="sum by (dienst) (schakel_wachtrij_grens_taken)"
    )
    assert len(gemeten["result"]) == len(DIENSTEN) - 1
    assert (await _antwoord(vragen, "alerts"))["alerts"] == []
