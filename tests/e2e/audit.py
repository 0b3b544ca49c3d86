"""Counts in the stores of a whole set: nothing lost, nothing doubled, whatever happened to it."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

PROCESSEN = ("afspreken", "wijzigen", "herstellen", "uitvoeren", "verbeteren")


def _rijen(bestand: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{bestand}?mode=ro", uri=True)) as verbinding:
        return verbinding.execute(sql).fetchall()


def fouten(map_: Path, bevestigd: list[dict[str, Any]], eerste_meldingen: int) -> Iterator[str]:
    """Everything that is not as it must be; ``bevestigd`` are the answers that a client got."""
    for naam in (*PROCESSEN, "orchestrator"):
        bestand = map_ / f"{naam}.db"
        if _rijen(bestand, "PRAGMA integrity_check") != [("ok",)]:
            yield f"{naam}: de opslag is beschadigd"
        if geparkeerd := _rijen(bestand, "SELECT reden FROM geparkeerd"):
            yield f"{naam}: geparkeerd {geparkeerd}"
    yield from _dicht(map_)
    yield from _antwoorden(map_, bevestigd)
    yield from _berichten(map_, eerste_meldingen)


def _dicht(map_: Path) -> Iterator[str]:
    """The versions of every melding are 1, 2, 3 ... without a gap."""
    for proces in PROCESSEN:
        for id_, aantal, laagste, hoogste in _rijen(
            map_ / f"{proces}.db",
            "SELECT originator_id, count(*), min(originator_version), max(originator_version)"
            " FROM stored_events GROUP BY originator_id",
        ):
            if (laagste, hoogste) != (1, aantal):
                yield f"{proces}: {id_} heeft {aantal} gebeurtenissen van {laagste} tot {hoogste}"


def _antwoorden(map_: Path, bevestigd: list[dict[str, Any]]) -> Iterator[str]:
    """Every answer has its melding and event, and every answer that was given is kept."""
    bewaard: dict[str, dict[str, Any]] = {}
    for proces in PROCESSEN:
        versies = dict(
            _rijen(
                map_ / f"{proces}.db",
                "SELECT originator_id, max(originator_version) FROM stored_events"
                " GROUP BY originator_id",
            )
        )
        for sleutel, ruw in _rijen(
            map_ / f"{proces}.db", "SELECT sleutel, antwoord FROM antwoorden"
        ):
            antwoord = json.loads(ruw)
            bewaard[sleutel.partition(":")[2]] = antwoord
            if versies.get(antwoord["meldingId"].replace("-", ""), 0) < antwoord["versie"]:
                yield f"{proces}: antwoord zonder gebeurtenis: {sleutel}"
    per_melding = Counter(
        antwoord["meldingId"]
        for sleutel, antwoord in bewaard.items()
        if sleutel.endswith(".intake")
    )
    yield from (f"twee keer aangenomen: {id_}" for id_, n in per_melding.items() if n > 1)
    for een in bevestigd:
        if bewaard.get(een["sleutel"]) != een["antwoord"]:
            yield f"bevestigd maar niet bewaard: {een['sleutel']}"


def _berichten(map_: Path, eerste_meldingen: int) -> Iterator[str]:
    """Each event is one message, each hand-over one child, each end of a child one return."""
    gebeurtenissen = sum(
        _rijen(map_ / f"{proces}.db", "SELECT count(*) FROM stored_events")[0][0]
        for proces in PROCESSEN
    )
    berichten = [
        json.loads(waarde)
        for (waarde,) in _rijen(map_ / "orchestrator.db", "SELECT waarde FROM gezien")
    ]
    if len(berichten) != gebeurtenissen or len({b["id"] for b in berichten}) != gebeurtenissen:
        yield f"{gebeurtenissen} gebeurtenissen, maar {len(berichten)} berichten gezien"
    per_type: dict[str, list[dict[str, Any]]] = {}
    for bericht in berichten:
        per_type.setdefault(bericht["type"].split(".")[-2], []).append(bericht["data"])
    aangenomen = per_type["aangenomen"]
    wortels = [d["meldingId"] for d in aangenomen if "ouderId" not in d]
    if len(wortels) != eerste_meldingen:
        yield f"{len(wortels)} eerste meldingen in plaats van {eerste_meldingen}"
    kinderen = Counter(d["meldingId"] for d in aangenomen if "ouderId" in d)
    gegeven = Counter(d["overdracht"]["kindId"] for d in per_type["overgedragen"])
    if kinderen != gegeven or set(gegeven.values()) != {1}:
        yield f"{len(gegeven)} overdrachten, {len(kinderen)} aangenomen kinderen"
    terug = Counter(
        d["kindId"] for soort in ("teruggekeerd", "overdracht-geweigerd") for d in per_type[soort]
    )
    if dubbel := [kind for kind, n in terug.items() if n > 1]:
        yield f"twee keer teruggekeerd: {dubbel}"
    voltooid = {d["meldingId"] for d in per_type["voltooid"] if "ouderId" in d}
    if weg := voltooid - terug.keys():
        yield f"nooit teruggekeerd: {sorted(weg)}"
