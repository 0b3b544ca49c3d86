"""The examinations of ``schakel doctor``. Nothing is changed, no service is disturbed."""

import asyncio
import fcntl
import os
import shutil
import socket
import sqlite3
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec

from schakel.contracts.organisatie import GRENS, ORCHESTRATOR
from schakel.contracts.werkstromen import Proces
from schakel.grens.tabellen import TABELLEN as GRENS_TABELLEN
from schakel.kern.geheim.hoofdsleutel import past_als_sleutels
from schakel.kern.grond.weigering import StartFout
from schakel.klant import Klant, Onbereikbaar, klanten
from schakel.orchestrator.tabellen import TABELLEN as ORCHESTRATOR_TABELLEN
from schakel.skelet.instellingen import Instellingen as ProcesInstellingen
from schakel.skelet.overzicht import TABELLEN as PROCES_TABELLEN

from .instellingen import Instellingen, eigen_diensten

MINSTE_PYTHON = (3, 11)
MINSTE_RUIMTE = 200 * 1024 * 1024
_TABELLEN = {ORCHESTRATOR: ORCHESTRATOR_TABELLEN, GRENS: GRENS_TABELLEN}


@dataclass(frozen=True)
class Diagnose:
    """What was looked at, whether it is good, and if not how to mend it."""

    wat: str
    goed: bool
    uitleg: str
    herstel: str = ""


async def onderzoek() -> list[Diagnose]:
    """Look at everything; what cannot be looked at without settings is left out."""
    bevindingen = [_python(), _versies()]
    try:
        instellingen = Instellingen()
        ProcesInstellingen().lees_catalogus()
    except StartFout as fout:
        return [
            *bevindingen,
            Diagnose("instellingen", False, fout.uitleg, "zie docs/eigen-dienst.md"),  # noqa: FBT003
        ]
    bevindingen.append(Diagnose("instellingen", goed=True, uitleg="kloppen"))
    bevindingen += _gegevensmap(instellingen.gegevensmap)
    antwoordend: dict[str, bool] = {}
    async with klanten(instellingen.alle_adressen, instellingen.token) as bij:
        for naam in eigen_diensten(instellingen.gegevensmap):
            een, antwoordend[naam] = await _poort(bij[naam])
            bevindingen.append(een)
    if instellingen.opslag == "sqlite":
        bevindingen += _opslagen(instellingen.gegevensmap, antwoordend)
    bevindingen += _hoofdsleutel(instellingen)
    if instellingen.jwks:
        bevindingen.append(await _jwks(instellingen.jwks))
    return bevindingen


def _python() -> Diagnose:
    versie = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= MINSTE_PYTHON:
        return Diagnose("python", goed=True, uitleg=versie)
    return Diagnose("python", False, versie, "installeer Python 3.11 of nieuwer")  # noqa: FBT003


def _versies() -> Diagnose:
    """All parts of schakel come from one release."""
    versies = {
        str(d.metadata["Name"]): d.version
        for d in distributions()
        if str(d.metadata["Name"]).startswith("schakel-")
    }
    sqlite = f"sqlite {sqlite3.sqlite_version}"
    if len(set(versies.values())) == 1:
        return Diagnose("versies", goed=True, uitleg=f"schakel {versies['schakel-cli']}, {sqlite}")
    door_elkaar = ", ".join(f"{naam} {versie}" for naam, versie in sorted(versies.items()))
    return Diagnose("versies", goed=False, uitleg=door_elkaar, herstel="installeer alles opnieuw")


def _gegevensmap(map_: Path) -> Iterator[Diagnose]:
    bestaand = next(pad for pad in (map_.absolute(), *map_.absolute().parents) if pad.exists())
    mag = bestaand.is_dir() and os.access(bestaand, os.W_OK | os.X_OK)
    yield Diagnose(
        "gegevensmap",
        mag,
        f"{map_} is {'beschrijfbaar' if mag else 'niet te beschrijven'}",
        "" if mag else f"geef deze gebruiker schrijfrecht op {bestaand}, of kies een andere map",
    )
    vrij = shutil.disk_usage(bestaand).free
    ruim = vrij >= MINSTE_RUIMTE
    yield Diagnose(
        "schijf",
        ruim,
        f"{vrij // 2**20} MB vrij",
        "" if ruim else f"maak ruimte: minstens {MINSTE_RUIMTE // 2**20} MB",
    )


async def _poort(klant: Klant) -> tuple[Diagnose, bool]:
    """A service answers, or its port is free, or somebody else sits there."""
    wat = f"dienst {klant.dienst}"
    try:
        staat = await klant.klaar()
    except Onbereikbaar:
        deel = urlsplit(klant.adres)
        with closing(socket.socket()) as proef:
            proef.settimeout(1)
            bezet = proef.connect_ex((deel.hostname or "", deel.port or 80)) == 0
        uitleg = f"{klant.adres} is {'bezet door iets anders' if bezet else 'vrij (draait niet)'}"
        herstel = "stop dat programma of kies een andere SCHAKEL_BASISPOORT" if bezet else ""
        return Diagnose(wat, not bezet, uitleg, herstel), False
    onderdelen: Mapping[str, str] = staat.get("onderdelen") or {}
    if not onderdelen:
        return (
            Diagnose(
                wat,
                goed=False,
                uitleg=f"op {klant.adres} antwoordt iets anders",
                herstel="stop dat programma of kies een andere SCHAKEL_BASISPOORT",
            ),
            False,
        )
    mis = [naam for naam, hoe in onderdelen.items() if hoe != "goed"]
    herstel = "kijk met schakel geparkeerd lijst en in het logboek" if mis else ""
    uitleg = f"{klant.adres} antwoordt" + (f"; niet goed: {', '.join(mis)}" if mis else "")
    return Diagnose(wat, not mis, uitleg, herstel), True


def _opslagen(map_: Path, antwoordend: Mapping[str, bool]) -> Iterator[Diagnose]:
    for naam in antwoordend:
        bestand = map_ / f"{naam}.db"
        if bestand.exists():
            yield _opslag(naam, bestand, antwoordt=antwoordend[naam])


def _opslag(naam: str, bestand: Path, *, antwoordt: bool) -> Diagnose:
    wat = f"opslag {naam}"
    kent = _TABELLEN.get(naam, PROCES_TABELLEN).versie
    try:
        versie = _schemaversie(bestand)
    except sqlite3.Error as fout:
        herstel = "herstel de laatste reservekopie, of haal het bestand weg als het leeg mag zijn"
        return Diagnose(wat, goed=False, uitleg=f"{bestand}: {fout}", herstel=herstel)
    if versie > kent:
        uitleg = f"{bestand} is van versie {versie}, deze software kent {kent}"
        return Diagnose(wat, goed=False, uitleg=uitleg, herstel="werk schakel bij")
    if _is_op_slot(bestand) and not antwoordt:
        uitleg = f"{bestand} is in gebruik, maar de dienst antwoordt niet"
        herstel = "stop het proces dat hem vasthoudt"
        return Diagnose(wat, goed=False, uitleg=uitleg, herstel=herstel)
    return Diagnose(wat, goed=True, uitleg=f"versie {versie}")


def _schemaversie(bestand: Path) -> int:
    """Reads the header only; raises sqlite3.Error when this is no store."""
    with closing(sqlite3.connect(f"file:{bestand.absolute()}?mode=ro", uri=True)) as verbinding:
        (versie,) = verbinding.execute("PRAGMA user_version").fetchone()
        verbinding.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return int(versie)


def _is_op_slot(bestand: Path) -> bool:
    slot = bestand.with_name(bestand.name + ".slot")
    if not slot.exists():
        return False
    with slot.open("rb") as open_slot:
        try:
            fcntl.flock(open_slot, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _hoofdsleutel(instellingen: Instellingen) -> Iterator[Diagnose]:
    bestand = instellingen.sleutelbestand
    heeft_gegevens = any((instellingen.gegevensmap / f"{n}.db").exists() for n in Proces)
    if not bestand.exists():
        if heeft_gegevens:
            yield Diagnose(
                "hoofdsleutel",
                goed=False,
                uitleg=f"{bestand} ontbreekt, terwijl er gegevens zijn",
                herstel="zet de reservekopie terug: zonder sleutel blijven teksten onleesbaar",
            )
        return
    rechten = stat.S_IMODE(bestand.stat().st_mode)
    goed_recht = rechten & 0o077 == 0
    goede_lengte = past_als_sleutels(bestand.stat().st_size)
    uitleg = f"{bestand}, rechten {rechten:o}"
    herstel = "" if goed_recht else f"alleen de eigenaar mag hem lezen: chmod 600 {bestand}"
    if not goede_lengte:
        uitleg, herstel = f"{bestand} is geen hoofdsleutel", "zet de reservekopie terug"
    yield Diagnose("hoofdsleutel", goed_recht and goede_lengte, uitleg, herstel)


async def _jwks(plaats: str) -> Diagnose:
    try:
        if plaats.startswith(("http://", "https://")):
            async with httpx.AsyncClient(timeout=5) as http:
                inhoud = (await http.get(plaats)).raise_for_status().content
        else:
            inhoud = await asyncio.to_thread(Path(plaats).read_bytes)
        aantal = len(msgspec.json.decode(inhoud)["keys"])
    except (OSError, httpx.HTTPError, msgspec.DecodeError, KeyError, TypeError) as fout:
        return Diagnose(
            "jwks",
            goed=False,
            uitleg=f"{plaats} is niet te gebruiken ({type(fout).__name__})",
            herstel="wijs SCHAKEL_JWKS naar een bestand of adres met de sleutels van de uitgever",
        )
    return Diagnose("jwks", goed=aantal > 0, uitleg=f"{plaats}: {aantal} sleutel(s)")
