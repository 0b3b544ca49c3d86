"""Rules put to all rows at once, in SQL, against the same rules row by row, in plain Python."""

import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.historie.proef import alle, schrijf

from schakel.historie.analyse import analyseer
from schakel.historie.mapping import Mapping
from schakel.historie.mapping.voorwaarden import Alle, Een, Niet, Rijplaats, Vergelijking
from schakel.historie.uitslag import beoordeel
from schakel.historie.verhaal import Uitspraak

RUIM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WAARDEN = ("", "a", "b", "9", "10", "n.v.t.")
LEEG = ("", "n.v.t.")
GEVOLGEN = (
    {"gebeurtenis": "aangenomen", "proces": "herstellen"},
    {"gebeurtenis": "aangenomen", "meldingsoort": "verbetervoorstel"},
    {"gebeurtenis": "aangenomen"},
    {"gebeurtenis": "overdracht", "naar": "uitvoeren"},
    {"gebeurtenis": "overdracht", "naar": "wijzigen"},
    {"gebeurtenis": "overdracht", "naar": "afspreken"},
    {"gebeurtenis": "terugkeer"},
    {"gebeurtenis": "controle", "goed": False},
    {"gebeurtenis": "tevredenheid", "tevreden": True},
    {"gebeurtenis": "gereedgemeld"},
    {"gebeurtenis": "gesloten"},
    {"gebeurtenis": "heropend"},
    {"gebeurtenis": "ingetrokken"},
    {"gebeurtenis": "notitie"},
)
Rij = dict[str, str]


def toets(toeval: random.Random, *, van_zaak: bool) -> dict[str, Any]:
    bron = {"kolom": toeval.choice("xy")} if toeval.random() < 0.7 else {"kenmerk": "z"}
    soorten = ["is", "een_van", "past_op", "is_leeg"]
    if not van_zaak and "kolom" in bron:
        soorten.append("wordt")
    match toeval.choice(soorten):
        case "is":
            return {**bron, "is": toeval.choice(WAARDEN[1:5])}
        case "een_van":
            return {**bron, "een_van": toeval.sample(WAARDEN[1:5], 2)}
        case "past_op":
            return {**bron, "past_op": toeval.choice(("^a", "[0-9]", "b$"))}
        case "is_leeg":
            return {**bron, "is_leeg": toeval.random() < 0.5}
        case _:
            return {**bron, "wordt": toeval.choice(("gevuld", "leeg", "anders", "hoger"))}


def voorwaarde(toeval: random.Random, diep: int = 2, *, van_zaak: bool = False) -> dict[str, Any]:
    lot = toeval.random()
    if diep and lot < 0.3:
        delen = [voorwaarde(toeval, diep - 1, van_zaak=van_zaak) for _ in range(2)]
        return {toeval.choice(("alle", "een")): delen}
    if diep and lot < 0.4:
        return {"niet": voorwaarde(toeval, diep - 1, van_zaak=van_zaak)}
    if not van_zaak and lot < 0.5:
        return {"rij": toeval.choice(("eerste", "laatste"))}
    return toets(toeval, van_zaak=van_zaak)


def maak_mapping(toeval: random.Random) -> Mapping:
    def regel(**anders: Any) -> dict[str, Any]:
        dan = toeval.sample(GEVOLGEN, toeval.randint(1, 2))
        return {"als": voorwaarde(toeval, van_zaak=not anders), "dan": dan, **anders}

    return Mapping.model_validate(
        {
            "zaak": {"sleutel": "zaak"},
            "tijd": {"kolom": "tijd", "zone": "UTC"},
            "leeg": list(LEEG),
            "kenmerken": {"bestand": "kenmerken.csv", "sleutel": "zaak"},
            "zaakregels": [regel() for _ in range(toeval.randint(1, 3))],
            "regels": [regel(eerste=toeval.random() < 0.3) for _ in range(toeval.randint(1, 6))],
        }
    )


def maak_rijen(toeval: random.Random) -> tuple[list[Rij], list[Rij]]:
    rijen = [
        {
            "zaak": f"Z{toeval.randrange(6)}",
            "tijd": f"2026-01-01T{minuut // 60:02}:{minuut % 60:02}:00Z",
            "x": toeval.choice(WAARDEN),
            "y": toeval.choice(WAARDEN),
        }
        for minuut in range(toeval.randint(1, 40))
    ]
    toeval.shuffle(rijen)
    bekend = toeval.sample(range(6), 4)
    return rijen, [{"zaak": f"Z{n}", "z": toeval.choice(WAARDEN)} for n in bekend]


def _waarde(rij: Rij | None, blad: Vergelijking) -> str | None:
    ruw = "" if rij is None else rij[blad.kolom or blad.kenmerk or ""]
    return None if ruw in LEEG else ruw


def past(blad: Vergelijking, waarde: str | None) -> bool:
    if blad.is_leeg is not None:
        return (waarde is None) == blad.is_leeg
    if waarde is None:
        return False
    if blad.past_op is not None:
        return re.search(blad.past_op, waarde) is not None
    return waarde in (blad.een_van or (blad.is_,))


def geldt_op_rij(als: Any, rijen: list[Rij], i: int, kenmerk: Rij) -> bool:
    match als:
        case Alle(alle=delen):
            return all(geldt_op_rij(deel, rijen, i, kenmerk) for deel in delen)
        case Een(een=delen):
            return any(geldt_op_rij(deel, rijen, i, kenmerk) for deel in delen)
        case Niet(niet=deel):
            return not geldt_op_rij(deel, rijen, i, kenmerk)
        case Rijplaats(rij=plaats):
            return i == (0 if plaats == "eerste" else len(rijen) - 1)
    if als.wordt is None:
        return past(als, _waarde(rijen[i] if als.kolom else kenmerk, als))
    nu, vorige = _waarde(rijen[i], als), _waarde(rijen[i - 1], als) if i else None
    return {
        "gevuld": nu is not None and vorige is None,
        "leeg": nu is None and vorige is not None,
        "anders": i > 0 and nu != vorige,
        "hoger": _getal(nu) is not None
        and _getal(vorige) is not None
        and _getal(nu) > _getal(vorige),
    }[als.wordt]


def _getal(waarde: str | None) -> Any:
    return float(waarde) if waarde is not None and waarde.isdigit() else None


def geldt_voor_zaak(als: Any, rijen: list[Rij], kenmerk: Rij) -> bool:
    match als:
        case Alle(alle=delen):
            return all(geldt_voor_zaak(deel, rijen, kenmerk) for deel in delen)
        case Een(een=delen):
            return any(geldt_voor_zaak(deel, rijen, kenmerk) for deel in delen)
        case Niet(niet=deel):
            return not geldt_voor_zaak(deel, rijen, kenmerk)
    waarden = [_waarde(rij, als) for rij in (rijen if als.kolom else [kenmerk])]
    samen = all if als.is_leeg else any
    return samen(past(als, waarde) for waarde in waarden)


def feiten(mapping: Mapping, rijen: list[Rij], kenmerk: Rij) -> Iterator[Uitspraak]:
    for zaakregel in mapping.zaakregels:
        if geldt_voor_zaak(zaakregel.als, rijen, kenmerk):
            yield from map(Uitspraak, zaakregel.dan)
    gehad: set[int] = set()
    plek = 0
    for i in range(len(rijen)):
        for nummer, regel in enumerate(mapping.regels):
            if geldt_op_rij(regel.als, rijen, i, kenmerk):
                if not (regel.eerste and nummer in gehad):
                    yield from (Uitspraak(een, plek) for een in regel.dan)
                gehad.add(nummer)
                plek += 1
                break


@RUIM
@given(toeval=st.builds(random.Random, st.integers(0, 2**32)))
def test_alle_rijen_tegelijk_geeft_hetzelfde_als_rij_voor_rij(toeval: random.Random) -> None:
    mapping = maak_mapping(toeval)
    rijen, kenmerken = maak_rijen(toeval)
    with tempfile.TemporaryDirectory() as naam:
        map_ = Path(naam)
        schrijf(map_ / "kenmerken.csv", kenmerken)
        # Rows that stand there more than once say nothing new, whatever a rule looks at.
        dubbel = [*rijen, *toeval.choices(rijen, k=toeval.randrange(20))]
        toeval.shuffle(dubbel)
        with analyseer([schrijf(map_ / "log.csv", dubbel)], mapping) as analyse:
            assert analyse.samenvatting["vuil"]["dubbel"] == len(dubbel) - len(rijen)
            gevonden = {zaak["zaak"]: zaak for zaak in alle(analyse)}
    per_zaak: dict[str, list[Rij]] = defaultdict(list)
    for rij in sorted(rijen, key=lambda rij: rij["tijd"]):
        per_zaak[rij["zaak"]].append(rij)
    bekend = {een["zaak"]: een for een in kenmerken}
    assert gevonden.keys() == per_zaak.keys()
    for zaak, eigen in per_zaak.items():
        uitslag = beoordeel(list(feiten(mapping, eigen, bekend.get(zaak, {"z": ""}))))
        dit = gevonden[zaak]
        assert (dit["werkstroom"], dit["pad"]) == (uitslag.werkstroom, uitslag.pad)
        assert dit["kandidaten"] == list(uitslag.kandidaten)
        assert (dit["status"], dit["uitkomst"]) == (uitslag.status, uitslag.uitkomst)
        assert dit["reden"] == uitslag.reden
        assert dit["afwijkingen"] == [een.code for een in uitslag.afwijkingen]
        assert [n for n, _ in dit["geschiedenis"]] == [s.werkstroom for s in uitslag.geschiedenis]
