"""Deriving from a log of others, beside what others do with the same file.

DuckDB that only looks at the mapped columns; DuckDB that keeps them and puts the rows of each case
in order, which is where any derivation begins; and pm4py's token replay.
"""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import duckdb

from schakel.historie.analyse import Hoe, analyseer
from schakel.historie.lezen import Leesopties, open_bron
from schakel.historie.mapping import lees_mapping

from .verslag import Cel, Toets, Uitkomst, mediaan, schone_map

PER_ZAAK = 10
GEHEUGEN = "1GB"
MEESTE_MB = 2_500
"""What the whole process may hold, whatever the size of the log."""
MAPPING = """
[zaak]
sleutel = "zaak"
[tijd]
kolom = "tijd"
zone = "UTC"
[[zaakregels]]
als = { kolom = "soort", is = "incident" }
dan = { gebeurtenis = "aangenomen", meldingsoort = "foutmelding" }
[[zaakregels]]
als = { kolom = "soort", is = "verzoek" }
dan = { gebeurtenis = "aangenomen", meldingsoort = "aanvraag" }
[[regels]]
als = { alle = [{ kolom = "soort", is = "incident" }, { kolom = "wijziging", wordt = "gevuld" }] }
dan = { gebeurtenis = "overdracht", naar = "wijzigen" }
[[regels]]
als = { alle = [
    { kolom = "soort", is = "incident" },
    { kolom = "activiteit", een_van = ["Assignment", "Reassignment"] },
] }
dan = { gebeurtenis = "overdracht", naar = "uitvoeren" }
eerste = true
[[regels]]
als = { kolom = "activiteit", is = "Resolved" }
dan = { gebeurtenis = "gereedgemeld" }
[[regels]]
als = { kolom = "activiteit", is = "Closed" }
dan = { gebeurtenis = "gesloten" }
[[regels]]
als = { kolom = "activiteit", is = "Reopen" }
dan = { gebeurtenis = "heropend" }
"""
_LOG = """
COPY (
    SELECT 'IM' || lpad((i // {per})::VARCHAR, 9, '0') AS zaak,
           strftime(TIMESTAMP '2020-01-01' + to_seconds(
               ((i // {per}) * 7 + (hash(i) % 900000)::BIGINT)), '%Y-%m-%dT%H:%M:%SZ') AS tijd,
           CASE WHEN hash(i // {per}) % 5 = 0 THEN 'verzoek' ELSE 'incident' END AS soort,
           ['Open', 'Assignment', 'Update', 'Status Change', 'Resolved', 'Closed', 'Reopen',
            'Reassignment', 'Mail', 'Analysis'][1 + (hash(i + 7) % 10)::INTEGER] AS activiteit,
           CASE WHEN hash(i + 2) % 40 = 0 THEN 'C' || (i % 999) ELSE '' END AS wijziging,
           'TEAM' || (hash(i) % 300) AS team, 'vrije tekst nummer ' || i AS tekst
    FROM range({rijen}) t(i)) TO '{pad}' (HEADER)
"""
_SCAN = ["SELECT max(zaak), max(tijd), max(soort), max(activiteit), max(wijziging) FROM {bron}"]
_ORDEN = [
    "CREATE TABLE rijen AS SELECT zaak, tijd, soort, activiteit, wijziging FROM {bron}",
    "SELECT max(soort), max(vorige) FROM (SELECT soort, lag(wijziging) OVER"
    " (PARTITION BY zaak ORDER BY tijd) AS vorige FROM rijen)",
]


_ALS_XES = """
COPY (
    SELECT CASE WHEN n = 1 THEN '<trace>' ELSE '' END || '<event>' || concat(
        '<string key="zaak" value="', zaak, '"/><date key="tijd" value="', tijd,
        '"/><string key="soort" value="', soort, '"/><string key="activiteit" value="', activiteit,
        '"/><string key="team" value="', team, '"/><string key="tekst" value="', tekst, '"/>',
        '<string key="wijziging" value="' || wijziging || '"/>'
    ) || '</event>' || CASE WHEN n = {per} THEN '</trace>' ELSE '' END
    FROM (SELECT *, (row_number() OVER () - 1) % {per} + 1 AS n
          FROM read_csv('{log}', all_varchar = true, header = true))
) TO '{pad}' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER chr(1))
"""


def maak_log(pad: Path, rijen: int) -> None:
    """Cases whose rows lie together, each with times and activities of chance."""
    with duckdb.connect() as db:
        db.execute(_LOG.format(per=PER_ZAAK, rijen=rijen, pad=pad))


def maak_xes(log: Path, pad: Path) -> None:
    """The same log as XES; no value of it needs escaping."""
    regels = pad.with_suffix(".regels")
    with duckdb.connect() as db:
        db.execute(_ALS_XES.format(per=PER_ZAAK, log=log, pad=regels))
    with pad.open("wb") as uit, regels.open("rb") as bron:
        uit.write(b'<log xes.version="1849.2016" xes.features="">')
        shutil.copyfileobj(bron, uit)
        uit.write(b"</log>")


def _scan_xes(pad: Path) -> float:
    """Seconds that our own reader of XES takes for the mapped columns."""
    with tempfile.TemporaryDirectory() as map_, duckdb.connect() as db:
        begin = time.perf_counter()
        open_bron(db, [pad], "log", Leesopties(tijdelijk=Path(map_)))
        db.execute(_SCAN[0].format(bron="log")).fetchall()
        return time.perf_counter() - begin


def _kaal(pad: Path, vragen: Sequence[str]) -> float:
    """Seconds that the same reader takes for no more than this."""
    instellingen = {"memory_limit": GEHEUGEN, "temp_directory": str(pad.parent / "kaal")}
    with duckdb.connect(config=dict(instellingen)) as db:
        bron = f"read_csv('{pad}', all_varchar = true, header = true)"
        begin = time.perf_counter()
        for vraag in vragen:
            db.execute(vraag.format(bron=bron)).fetchall()
        return time.perf_counter() - begin


def _ons(pad: Path, mapping: Path) -> dict[str, float]:
    """In a process of its own: seconds, cases, and the most memory that it ever held."""
    opdracht = [sys.executable, "-m", __name__, str(pad), str(mapping)]
    gelopen = subprocess.run(opdracht, check=True, capture_output=True, text=True)
    gemeten: dict[str, float] = json.loads(gelopen.stdout)
    return gemeten


def _naspelen(pad: Path) -> float | None:
    """Seconds of the token replay alone, on a net of the log itself; None without pm4py."""
    if find_spec("pm4py") is None:
        return None
    import pm4py  # noqa: PLC0415 - a peer, which is only there for benchmarks
    from pandas import read_csv  # noqa: PLC0415
    from pm4py.util import constants  # noqa: PLC0415

    constants.SHOW_PROGRESS_BAR = False

    log = pm4py.format_dataframe(
        read_csv(pad), case_id="zaak", activity_key="activiteit", timestamp_key="tijd"
    )
    net = pm4py.discover_petri_net_inductive(log, noise_threshold=0.2)
    begin = time.perf_counter()
    pm4py.conformance_diagnostics_token_based_replay(log, *net)
    return time.perf_counter() - begin


def meet_historie(rijen: int, naspeelrijen: int, rondes: int) -> Uitkomst:
    """Ours and the scan in turns on one file; the replay on a smaller one, by its rate."""
    with schone_map() as map_:
        log, klein, mapping = (Path(map_) / naam for naam in ("log.csv", "klein.csv", "m.toml"))
        mapping.write_text(MAPPING)
        maak_log(log, rijen)
        maak_log(klein, naspeelrijen)
        gemeten = [
            {"scan": _kaal(log, _SCAN), "orden": _kaal(log, _ORDEN), **_ons(log, mapping)}
            for _ in range(rondes)
        ]
        naspelen = _naspelen(klein)
        maak_xes(klein, xes := Path(map_) / "klein.xes")
        als_xes = _scan_xes(xes) / _ons(xes, mapping)["seconden"]
        bytes_ = log.stat().st_size
    scan, orden, ons = (
        mediaan([rijen / een[wat] for een in gemeten]) for wat in ("scan", "orden", "seconden")
    )
    geheugen = max(een["mb"] for een in gemeten)

    def per_ronde(wat: str) -> float:
        return mediaan([een[wat] / een["seconden"] for een in gemeten])

    tabel: list[dict[str, Cel]] = [
        {"wat": f"lezen van de kolommen (DuckDB), {bytes_ / 1e6:,.0f} MB", "rijen per s": scan},
        {"wat": "die bewaren en per zaak ordenen (DuckDB)", "rijen per s": orden},
        {"wat": f"leid-af, {geheugen:,.0f} MB geheugen", "rijen per s": ons},
    ]
    toetsen = [
        Toets("leid-af / alleen lezen", per_ronde("scan"), ">=", 0.3),
        Toets("leid-af / alleen lezen, XES", als_xes, ">=", 0.3),
        Toets("leid-af / lezen, bewaren en ordenen", per_ronde("orden"), ">=", 0.3),
        Toets(f"geheugen bij {rijen:,} rijen, MB", geheugen, "<=", MEESTE_MB),
    ]
    if naspelen is None:
        tabel.append({"wat": "pm4py: niet geïnstalleerd, zie make bench", "rijen per s": "-"})
    else:
        tabel.append({"wat": "pm4py, alleen token replay", "rijen per s": naspeelrijen / naspelen})
        toetsen.append(Toets("leid-af / token replay", ons * naspelen / naspeelrijen, ">=", 10))
    return Uitkomst("leid-af", "werkstromen uit een logboek van anderen", tabel, toetsen)


def _meeste_megabytes() -> float:
    """The most that this process ever held; ``ru_maxrss`` would be that of its parent if larger."""
    status = Path("/proc/self/status")
    if status.exists():
        regel = next(r for r in status.read_text().splitlines() if r.startswith("VmHWM"))
        return int(regel.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def main() -> None:
    """Derive once, and say what it took."""
    log, mapping = map(Path, sys.argv[1:])
    begin = time.perf_counter()
    with analyseer([log], lees_mapping(mapping), Hoe(geheugen=GEHEUGEN)) as analyse:
        duur = time.perf_counter() - begin
        uit = {"seconden": duur, "mb": _meeste_megabytes(), "zaken": analyse.samenvatting["zaken"]}
        sys.stdout.write(json.dumps(uit))


if __name__ == "__main__":
    main()
