"""A store of a former version opens and serves under this one, with all that it had.

``opslag-0.1.0`` is what six services of version 0.1.0 left behind: a foutmelding that was handed
over to uitvoeren, and stopped there. The key in it is of these texts alone.
"""

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.kern.proef import tot
from tests.kern.vroeger import digest_als_vroeger

from schakel.cli.alles import bouw_geheel, draai
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.onderhoud import migreer
from schakel.klant import Klant, klanten
from schakel.klant.klant import Geweigerd
from schakel.orchestrator.tabellen import TABELLEN as WAARNEMER
from schakel.skelet.overzicht import TABELLEN as PROCES

OUD = Path(__file__).with_name("opslag-0.1.0")
H = "01a22d01-050b-7156-badd-07d1e2376976"
U = "01a22d01-063b-7085-a368-651aa7746960"
INTAKE = {
    "dienst": "straatverlichting",
    "kanaal": "web",
    "melder": {"soort": "burger", "naam": "Melder", "contact": "melder@example.nl"},
    "tekst": "De lantaarn schijnt naar binnen.",
}
NIEUW_ANTWOORD = "SELECT sleutel, digest FROM antwoorden WHERE sleutel LIKE '%planningen'"
STAPPEN: Mapping[str, dict[str, Any]] = {
    "beoordelingen": {
        "feiten": {
            "proactief": False,
            "afwijking": False,
            "binnenAfspraken": True,
            "raaktBeheerdeInfrastructuur": False,
        },
        "impact": 2,
        "urgentie": 2,
    },
    "planningen": {},
    "uitvoeringen": {},
    "gereedmeldingen": {"resultaat": "lamp-gedraaid"},
}


def zet_neer(map_: Path) -> None:
    for dump in OUD.glob("*.sql"):
        with sqlite3.connect(map_ / f"{dump.stem}.db") as db:
            db.executescript(dump.read_text())
            db.execute("PRAGMA user_version = 2")
        db.close()
    (map_ / "sleutel").write_bytes(bytes.fromhex((OUD / "sleutel.hex").read_text()))
    (map_ / "sleutel").chmod(0o600)


def vorm(map_: Path) -> dict[str, dict[str, list[Any]]]:
    """What a former version asks of a store: its tables with their columns, and their indexes."""
    gevonden: dict[str, dict[str, list[Any]]] = {}
    for dump in OUD.glob("*.sql"):
        db = sqlite3.connect(map_ / f"{dump.stem}.db")
        namen = [n for (n,) in db.execute("SELECT name FROM sqlite_master ORDER BY name")]
        gevonden[dump.stem] = {n: list(db.execute(f"PRAGMA table_info({n})")) for n in namen}
        # Of a store with a higher number than it knows a former version keeps off.
        gevonden[dump.stem]["versie"] = list(db.execute("PRAGMA user_version"))
        db.close()
    return gevonden


def staat_er_nog(eerst: dict[str, list[Any]], nu: dict[str, list[Any]]) -> bool:
    """A later version only adds: tables, and columns at the end that may be left out."""
    erbij = [kolom for naam, kolommen in eerst.items() for kolom in nu[naam][len(kolommen) :]]
    mag_weg = all(not not_null or default is not None for _, _, _, not_null, default, _ in erbij)
    return mag_weg and all(nu[n][: len(kolommen)] == kolommen for n, kolommen in eerst.items())


def bytes_van(map_: Path, dienst: str = "herstellen") -> bytes:
    """Everything that it keeps."""
    return b"".join(deel.read_bytes() for deel in map_.glob(f"{dienst}.db*"))


def rijen_van(map_: Path, vraag: str, dienst: str = "uitvoeren") -> list[Any]:
    db = sqlite3.connect(map_ / f"{dienst}.db")
    rijen = db.execute(vraag).fetchall()
    db.close()
    return rijen


def als_vroeger(stap: str) -> bytes:
    """The digest by which 0.1.0 knows a command again."""
    pad = f"/v1/meldingen/{U}/{stap}"
    return digest_als_vroeger("POST", pad, json.dumps(STAPPEN[stap]).encode())


async def speel_uit(bij: Mapping[str, Klant]) -> None:
    for stap, inhoud in STAPPEN.items():
        await bij["uitvoeren"].stuur(f"/meldingen/{U}/{stap}", inhoud, f"nieuw-{stap}")
    async with asyncio.timeout(20):
        async for _ in bij["orchestrator"].luister("/wijzigingen", na=0):
            if (await bij["orchestrator"].haal(f"/meldingen/{H}"))["pad"][-1] == "herstellen":
                return


async def test_een_opslag_van_0_1_0_gaat_open_en_dient_en_houdt_zijn_tabellen(
    tmp_path: Path,
) -> None:
    zet_neer(tmp_path)
    eerst = vorm(tmp_path)
    assert b"oud-intake" in bytes_van(tmp_path)
    async with (
        draai(bouw_geheel(tmp_path, vrije_poorten=True)) as alles,
        klanten(alles.adressen) as bij,
    ):
        herstellen = bij["herstellen"]
        assert (await herstellen.haal(f"/meldingen/{H}"))["versie"] == 5
        inhoud = (await herstellen.haal(f"/meldingen/{H}/inhoud"))["inhoud"]
        assert inhoud["intake"]["tekst"] == INTAKE["tekst"]
        # The same command again, with the key that the former version saw.
        assert (await herstellen.stuur("/meldingen", INTAKE, "oud-intake"))["meldingId"] == H
        gebeurtenissen = (await herstellen.haal(f"/meldingen/{H}/geschiedenis"))["gebeurtenissen"]
        assert [g["versie"] for g in gebeurtenissen] == [1, 2, 3, 4, 5]
        await speel_uit(bij)
        afleiding = await bij["orchestrator"].haal(f"/meldingen/{H}")
        assert (afleiding["woord"], afleiding["afwijkingen"]) == ("HUH", [])
        ((sleutel, digest),) = rijen_van(tmp_path, NIEUW_ANTWOORD)
        assert (sleutel, bytes(digest)) == ("lokaal:nieuw-planningen", als_vroeger("planningen"))
    nu = vorm(tmp_path)
    assert all(staat_er_nog(eerst[dienst], nu[dienst]) for dienst in eerst)


async def test_na_het_afronden_gaat_hij_niet_meer_terug_en_is_geen_opdracht_meer_te_lezen(
    tmp_path: Path,
) -> None:
    zet_neer(tmp_path)
    for dienst, tabellen in (*((een, PROCES) for een in Proces), ("orchestrator", WAARNEMER)):
        migreer(Instellingen(gegevensmap=tmp_path), dienst, tabellen, rond_af=True)
        ((feit,),) = rijen_van(tmp_path, "SELECT inhoud FROM audit", dienst)
        boeking = json.loads(feit)
        assert boeking["wat"] == "migreer --rond-af"
        assert (boeking["wie"], boeking["waarop"]) == ("machine", f"versie {tabellen.versie}")
    assert all(rijen_van(tmp_path, "PRAGMA user_version", een) > [(2,)] for een in Proces)
    assert b"oud-intake" in bytes_van(tmp_path)
    async with (
        draai(bouw_geheel(tmp_path, vrije_poorten=True)) as alles,
        klanten(alles.adressen) as bij,
    ):
        herstellen = bij["herstellen"]
        await tot(lambda: b"oud-" not in bytes_van(tmp_path))
        assert (await herstellen.stuur("/meldingen", INTAKE, "oud-intake"))["meldingId"] == H
        with pytest.raises(Geweigerd, match="sleutel-hergebruikt"):
            await herstellen.stuur("/meldingen", INTAKE | {"tekst": "iets anders"}, "oud-intake")
        inhoud = (await herstellen.haal(f"/meldingen/{H}/inhoud"))["inhoud"]
        assert inhoud["intake"]["tekst"] == INTAKE["tekst"]
        await speel_uit(bij)
    assert b"nieuw-" not in bytes_van(tmp_path, "uitvoeren")


async def test_wordt_zijn_bus_daarna_opnieuw_gevuld_dan_is_geen_effect_dubbel(
    tmp_path: Path,
) -> None:
    """What it read before comes again from the start, as when the bus was lost."""
    zet_neer(tmp_path)
    alle = [dump.stem for dump in OUD.glob("*.sql")]
    eerst = {een: wat_er_gebeurde(tmp_path, een) for een in alle}
    plekken = "FROM tracking WHERE application_name LIKE 'schakel.%'"
    gelezen = {een: rijen_van(tmp_path, f"SELECT * {plekken}", een) for een in alle}
    assert all(gelezen.values())
    for een in alle:
        with closing(sqlite3.connect(tmp_path / f"{een}.db")) as db, db:
            db.execute(f"DELETE {plekken}")
    async with draai(bouw_geheel(tmp_path, vrije_poorten=True)):

        def is_weer_bij() -> bool:
            nu = {een: rijen_van(tmp_path, f"SELECT * {plekken}", een) for een in alle}
            return all(set(gelezen[een]) <= set(nu[een]) for een in alle)

        await tot(is_weer_bij, 20)
    assert all(rijen_van(tmp_path, "SELECT * FROM geparkeerd", een) == [] for een in alle)
    assert {een: wat_er_gebeurde(tmp_path, een) for een in alle} == eerst


def wat_er_gebeurde(map_: Path, dienst: str) -> tuple[int, int]:
    """How many events it has of its own, and how many messages had an effect on it."""
    rijen = "gezien" if dienst == "orchestrator" else "inbox"
    ((eigen,),) = rijen_van(map_, "SELECT count(*) FROM stored_events", dienst)
    ((gezien,),) = rijen_van(map_, f"SELECT count(*) FROM {rijen}", dienst)
    return eigen, gezien
