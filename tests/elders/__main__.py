"""Run: ``python -m tests.elders``: the same work in three surroundings, and what differs.

Each is a process with its own hash seed, time zone, locale, character set and umask. It derives
sets of messages and reads logs; those far from home also run the named tests and play the demo,
which ``make test`` does at home. What they print and write must be the same byte for byte, and no
store or key may be open to others. Exit code 1 if not.
"""

import hashlib
import json
import locale
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
from tests.afleiding.verzamelingen import schrijf, trek
from tests.e2e.chaos.ingebed import verwachte_tabel

from schakel.afleiding import lees, leid_af
from schakel.proefspel.plan import lees_plannen

WORTEL = Path(__file__).parents[2]
SCHAKEL = Path(sys.executable).with_name("schakel")
MAPPINGS = WORTEL / "docs" / "mappings"
VERZAMELINGEN = 60
TOETSEN = (
    "tests/afleiding/test_uitspraken.py",
    "tests/afleiding/test_toestand.py",
    "tests/contracts",
    "tests/historie/test_tijden.py",
    "tests/historie/lezen/test_codering.py",
    "tests/kern/http/test_token.py",
    "tests/kern/test_hoofdsleutel.py",
    "tests/skelet/test_einde.py",
    "tests/skelet/test_termijnen.py",
)
"""What depends on order, time, text or files most."""


class Omgeving(NamedTuple):
    """Where the work is done."""

    hashzaad: str
    tijdzone: str
    taal: str
    utf8: str
    umask: int

    def variabelen(self) -> Mapping[str, str]:
        """The variables of a process there."""
        return {
            **os.environ,
            "PYTHONHASHSEED": self.hashzaad,
            "TZ": self.tijdzone,
            "LC_ALL": self.taal,
            "PYTHONUTF8": self.utf8,
            "PYTHONCOERCECLOCALE": "0",
        }


THUIS = "thuis"
OMGEVINGEN: Mapping[str, Omgeving] = {
    THUIS: Omgeving("0", "UTC", "C.UTF-8", "1", 0o022),
    "oost": Omgeving("1", "Pacific/Kiritimati", "C", "0", 0o000),
    "west": Omgeving("12345", "America/St_Johns", "tr_TR.UTF-8", "0", 0o077),
}


# In one of them


def werk(map_: Path) -> None:
    """All of it, with what is to be compared below ``map_``/uit; raises CalledProcessError."""
    uit = map_ / "uit"
    uit.mkdir()
    verzamelingen = [[schrijf(b) for b in trek(getal)] for getal in range(VERZAMELINGEN)]
    afleidingen = [leid_af(map(lees, ruw)) for ruw in verzamelingen]
    (uit / "afleidingen").write_bytes(msgspec.json.encode(afleidingen))
    berichten = map_ / "berichten.jsonl"
    berichten.write_bytes(b"".join(b + b"\n" for ruw in verzamelingen[:10] for b in ruw))
    voorbeeld = (MAPPINGS / "voorbeeld.csv", "--mapping", MAPPINGS / "voorbeeld.toml")
    zeg(uit / "logboek", "leid-af", *voorbeeld, "--uit", uit / "van-logboek", "-o", "json")
    zeg(uit / "berichten", "leid-af", berichten.name, "--uit", uit / "van-berichten", "-o", "json")
    zeg(uit / "tekst", "leid-af", *voorbeeld)
    if map_.name == THUIS:
        tabel = json.dumps(verwachte_tabel([*lees_plannen()]), ensure_ascii=False, indent=2)
        (uit / "demo").write_text(f"{tabel}\n", "utf-8")
        return
    zeg(uit / "demo", "demo", "-o", "json", "--gegevensmap", map_ / "demo")
    toets = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    subprocess.run([*toets, f"--basetemp={map_ / 'toets'}", *TOETSEN], check=True, cwd=WORTEL)


def zeg(uit: Path, *argumenten: str | Path) -> None:
    """What the command prints, in a file. It runs where that would stand: names are relative."""
    opdracht = [SCHAKEL, *map(str, argumenten)]
    with uit.open("wb") as bestand:
        subprocess.run(opdracht, check=True, stdout=bestand, cwd=uit.parents[1])


# In all of them


def digests(map_: Path) -> Mapping[str, str]:
    """Of every file below ``map_``, by its name."""
    bestanden = sorted(een for een in map_.rglob("*") if een.is_file())
    return {
        str(een.relative_to(map_)): hashlib.sha256(een.read_bytes()).hexdigest()
        for een in bestanden
    }


def verschillen(per_omgeving: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """What is not everywhere as it is in the first."""
    eerste, *anderen = per_omgeving
    for ander in anderen:
        hier, daar = per_omgeving[eerste], per_omgeving[ander]
        for naam in sorted(hier.keys() | daar.keys()):
            if hier.get(naam) != daar.get(naam):
                yield f"{naam} is in {ander} not what it is in {eerste}"


def te_open(map_: Path) -> Iterator[str]:
    """What others may read or write: nobody but the owner has business with a store or a key."""
    for een in sorted(map_.rglob("*")):
        if een.stat().st_mode & 0o077:
            yield f"{een.relative_to(map_)} has mode {een.stat().st_mode & 0o777:03o}"


def kent(taal: str) -> bool:
    """Whether this machine has a locale."""
    was = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, taal)
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_CTYPE, was)
    return True


def main() -> int:
    fouten: list[str] = []
    with tempfile.TemporaryDirectory() as map_:
        lopend: dict[str, subprocess.Popen[bytes]] = {}
        for naam, waar in OMGEVINGEN.items():
            if not kent(waar.taal):
                meld(f"{naam}: this machine has no {waar.taal}: there it is as with C")
            (plek := Path(map_) / naam).mkdir(mode=0o700)
            opdracht = [sys.executable, "-m", "tests.elders", str(plek)]
            with (Path(map_) / f"{naam}.log").open("wb") as log:
                lopend[naam] = subprocess.Popen(
                    opdracht,
                    env=waar.variabelen(),
                    umask=waar.umask,
                    cwd=WORTEL,
                    stdout=log,
                    stderr=log,
                )
        for naam, proces in lopend.items():
            if proces.wait():
                log = (Path(map_) / f"{naam}.log").read_text(errors="replace")
                fouten.append(f"{naam} ended with {proces.returncode}:\n{log}")
        if not fouten:
            fouten += verschillen({n: digests(Path(map_) / n / "uit") for n in OMGEVINGEN})
            for naam in OMGEVINGEN:
                fouten += [f"{naam}: {een}" for een in te_open(Path(map_) / naam / "demo")]
            aantal = len(digests(Path(map_) / THUIS / "uit"))
            meld(f"{aantal} outputs in {len(OMGEVINGEN)} surroundings: {len(fouten)} faults")
    for fout in fouten:
        meld(fout)
    return 1 if fouten else 0


def meld(tekst: str) -> None:
    sys.stderr.write(f"{tekst}\n")


if __name__ == "__main__":
    if sys.argv[1:]:
        werk(Path(sys.argv[1]))
    else:
        sys.exit(main())
