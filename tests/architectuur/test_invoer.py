"""Nothing happens at import: no socket, no file, no process, no thread, no log handler."""

import json
import subprocess
import sys

import pytest
from tests.architectuur.boom import PAKKETTEN, WORTEL, modulenaam, modules

# Runs in a process of its own: an audit hook cannot be taken off again. Reading below the
# interpreter, the environment or the packages themselves is what importing is; the library of the
# measurements looks at /proc, which is no file.
PROEF = """
import _thread, importlib, json, logging, os, sys
sys.dont_write_bytecode = True
thuis = tuple(os.path.realpath(p) for p in (sys.prefix, sys.base_prefix, *json.loads(sys.argv[1])))
thuis += ("/proc/",)
DADEN = ("socket.", "subprocess.", "sqlite3.", "shutil.", "os.mkdir", "os.remove", "os.rename",
         "os.rmdir", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.putenv", "os.chdir")
gezien = []
module = ""

def let_op(gebeurtenis, velden):
    if gebeurtenis == "open":
        pad, _, vlaggen = velden
        schrijft = vlaggen & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if isinstance(pad, int) or (not schrijft and os.path.realpath(pad).startswith(thuis)):
            return
        gezien.append([module, f"open {os.fsdecode(pad)}"])
    elif gebeurtenis.startswith(DADEN):
        gezien.append([module, gebeurtenis])

sys.addaudithook(let_op)
for module in json.loads(sys.argv[2]):
    draden, behandelaars = _thread._count(), list(logging.getLogger().handlers)
    importlib.import_module(module)
    if _thread._count() != draden:
        gezien.append([module, "draad"])
    if logging.getLogger().handlers != behandelaars:
        gezien.append([module, "logging"])
print(json.dumps(gezien))
"""


def gebeurtenissen(bronnen: list[str], namen: list[str]) -> list[list[str]]:
    """What happened while these modules were imported, each with the module that did it."""
    gelopen = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROEF, json.dumps(bronnen), json.dumps(namen)],
        cwd=WORTEL,
        check=False,
        capture_output=True,
        text=True,
    )
    assert gelopen.returncode == 0, gelopen.stderr
    gezien: list[list[str]] = json.loads(gelopen.stdout)
    return gezien


@pytest.mark.parametrize("pakket", PAKKETTEN)
def test_bij_het_invoeren_gebeurt_er_niets(pakket: str) -> None:
    namen = [modulenaam(pakket, p) for p in modules(pakket) if p.stem != "__main__"]
    assert namen
    assert (
        gebeurtenissen(
            [str(WORTEL / map_) for map_ in ("contracts", "packages", "services")], namen
        )
        == []
    )


@pytest.mark.parametrize(
    ("regel", "gezien"),
    [
        ("import socket; socket.socket()", "socket.__new__"),
        (
            "import threading as t; t.Thread(target=t.Event().wait, daemon=True).start()",
            "draad",
        ),
        ("import sqlite3; sqlite3.connect(':memory:')", "sqlite3.connect"),
        ("import logging; logging.basicConfig()", "logging"),
        ("import subprocess; subprocess.run(['true'])", "subprocess.Popen"),
    ],
)
def test_de_proef_ziet_een_module_die_wel_iets_doet(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    regel: str,
    gezien: str,
) -> None:
    map_ = tmp_path_factory.mktemp("ondeugend")
    (map_ / "ondeugend.py").write_text(regel)
    monkeypatch.setenv("PYTHONPATH", str(map_))
    assert ["ondeugend", gezien] in gebeurtenissen([str(map_)], ["ondeugend"])
