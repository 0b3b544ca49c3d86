"""Every written example through the same door: staff over HTTP, six services, one run for all."""

import asyncio
import io
import json
import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schakel.afleiding import leid_ruwe_boom_af
from schakel.cli.alles import bouw_geheel, draai
from schakel.contracts.werkstromen import Proces
from schakel.kern.zicht.logboek import stel_in
from schakel.klant import klanten
from schakel.proefspel.dossier import Huis
from schakel.proefspel.medewerkers import Medewerkers
from schakel.proefspel.plan import Plan
from schakel.proefspel.uitslag import (
    Uitslagregel,
    Uitslagvraag,
    lees_uitslag,
    uitslagvragen,
    verschillen,
)

BESTAND = Path(__file__).parents[1] / "voorbeelden" / "meldingen.jsonl"
RIJEN: list[dict[str, Any]] = [json.loads(r) for r in BESTAND.read_text().splitlines()]

ANDERS: Mapping[str, dict[str, Any]] = {
    "machtiging": {"namens": {"naam": "Moeder van de melder", "machtiging": "register-1"}},
    "ingetrokken": {"verloop": [{"bij": "U", "stap": "intrekkingen", "voor": "planningen"}]},
    "geen_overeenstemming": {
        "verloop": [{"bij": "A", "stap": "overeenstemmingen", "inhoud": {"bereikt": False}}]
    },
    "melder_niet_tevreden": {
        "verloop": [
            {
                "bij": "H",
                "stap": "tevredenheidscontroles",
                "ronde": 1,
                "inhoud": {"oordeel": "niet_tevreden"},
            }
        ]
    },
    "werkstroom_herbepaald": {
        "overdrachten": {"H": [["uitvoeren"], ["wijzigen"]]},
        "verloop": [{"bij": "H", "stap": "controles", "ronde": 1, "inhoud": {"goed": False}}],
    },
    "parallelle_takken": {"overdrachten": {"H": [["uitvoeren", "wijzigen"]]}},
    "negatief_besluit": {
        "verloop": [{"bij": "U", "stap": "uitvoeringen", "inhoud": {"besluit": "geweigerd"}}]
    },
    "interne_controle_afgekeurd": {
        "verloop": [{"bij": "VAW", "stap": "controles", "ronde": 1, "inhoud": {"goed": False}}]
    },
}
"""How the staff depart from the ordinary course, by what makes the example difficult."""

GEEN_UITKOMST = {"omgezet_naar_wens", "overdracht_geweigerd", None}
"""These stand in the examples, but are not the uitkomst of the melding that came out."""


def letters(pad: list[str]) -> str:
    return "".join(Proces(proces).letter for proces in pad)


def gewoon(rij: dict[str, Any], **anders: Any) -> dict[str, Any]:
    """The plan of the melding that a row describes."""
    uitkomst = rij.get("uitkomst")
    return {
        "id": rij["id"],
        "meldingsoort": rij["meldingsoort"],
        "dienst": "voorbeeld",
        "tekst": rij["tekst"],
        "melder": {"soort": rij["melder"]},
        "feiten": rij["feiten"],
        "verwacht": {
            "werkstroom": rij["werkstroom"],
            "pad": letters(rij["pad"]),
            "uitkomst": "voltooid" if uitkomst in GEEN_UITKOMST else uitkomst,
        },
        **ANDERS.get(rij["lastig"], {}),
        **anders,
    }


def verkeerd_genoemd(rij: dict[str, Any]) -> dict[str, Any]:
    """What the melder called otherwise: the first one closes omgezet and opens the row's own."""
    letter = {"wijzigingsverzoek": "W", "foutmelding": "H"}[rij["soort_volgens_melder"]]
    return gewoon(
        rij,
        id=f"{rij['id']}-gemeld",
        meldingsoort=rij["soort_volgens_melder"],
        soortVolgensMelder=rij["soort_volgens_melder"],
        verloop=[omzetting(letter, rij["id"])],
        daaruit=[gewoon(rij)],
        verwacht=omgezet(letter),
    )


def gesplitst(rij: dict[str, Any]) -> dict[str, Any]:
    """One question that is really three; it came in as a foutmelding."""
    feiten = {"proactief": False, "binnen_afspraken": True, "raakt_beheerde_infrastructuur": False}
    delen = [
        gewoon(
            {**rij, **deel, "uitkomst": None},
            id=f"{rij['id']}-{nummer}",
            feiten={**feiten, "afwijking": deel["meldingsoort"] == "foutmelding"},
        )
        for nummer, deel in enumerate(rij["splitst_in"], start=1)
    ]
    return gewoon(
        rij,
        meldingsoort="foutmelding",
        feiten={**feiten, "afwijking": True},
        verloop=[omzetting("H", *(deel["id"] for deel in delen))],
        daaruit=delen,
        verwacht=omgezet("H"),
    )


def afgewezen(rij: dict[str, Any]) -> dict[str, Any]:
    """No authority: refused where the melder put it, before judgement."""
    return gewoon(
        rij,
        meldingsoort="aanvraag",
        feiten=RIJEN[0]["feiten"],
        namens={"naam": "De buurman"},
        verloop=[
            {
                "bij": "U",
                "stap": "afwijzingen",
                "voor": "terugkeer",
                "inhoud": {"reden": "niet-bevoegd"},
            }
        ],
    )


def omzetting(letter: str, *opent: str) -> dict[str, Any]:
    return {
        "bij": letter,
        "stap": "omzettingen",
        "voor": "beoordelingen",
        "inhoud": {"reden": "anders-bedoeld"},
        "opent": opent,
    }


def omgezet(letter: str) -> dict[str, Any]:
    nummer, kandidaten = {"W": (2, (2,)), "H": (None, (3, 4))}[letter]
    return {
        "werkstroom": nummer,
        "kandidaten": kandidaten,
        "pad": letter,
        "uitkomst": "omgezet",
    }


def plan_bij(rij: dict[str, Any]) -> Plan:
    if rij["lastig"] == "afgewezen":
        return Plan.model_validate(afgewezen(rij))
    if rij["lastig"] == "splitsen":
        return Plan.model_validate(gesplitst(rij))
    if "soort_volgens_melder" in rij:
        return Plan.model_validate(verkeerd_genoemd(rij))
    return Plan.model_validate(gewoon(rij))


PLANNEN: Mapping[str, Plan] = {rij["id"]: plan_bij(rij) for rij in RIJEN}


class Niemand:
    """Nobody looks on."""

    def gezet(self, proces: str) -> None: ...
    def voorraad(self, proces: str, gezien: int, open_: int) -> None: ...
    def eerste_meldingen(self, klaar: int) -> None: ...


async def speel(map_: Path) -> dict[str, Uitslagregel]:
    plannen = list(PLANNEN.values())
    async with (
        draai(bouw_geheel(map_, vrije_poorten=True)) as alles,
        klanten(alles.adressen) as bij,
    ):
        ids = await Medewerkers([Huis(bij)], plannen, "voorbeelden", Niemand()).speel()
        regels, _ = await lees_uitslag(bij["orchestrator"], uitslagvragen(plannen, ids))
    return {regel["id"]: regel for regel in regels}


@pytest.fixture(scope="module")
def map_(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("voorbeelden")


@pytest.fixture(scope="module")
def uitslag(map_: Path) -> dict[str, Uitslagregel]:
    stel_in(strikt=True, uit=io.StringIO())
    return asyncio.run(speel(map_))


def bomen_in(map_: Path) -> list[tuple[str, bytes, list[bytes]]]:
    """Of every tree: its first melding, what was derived, and the messages as they were stored."""
    with closing(sqlite3.connect(map_ / "orchestrator.db")) as opslag:
        afleidingen = opslag.execute("SELECT wortel, afleiding FROM bomen ORDER BY wortel")
        vraag = "SELECT waarde FROM gezien WHERE wortel = ? ORDER BY volgorde"
        return [
            (wortel, afleiding, [waarde for (waarde,) in opslag.execute(vraag, (wortel,))])
            for wortel, afleiding in afleidingen.fetchall()
        ]


@pytest.mark.traag
def test_elk_voorbeeld_geschud_verdubbeld_of_omgekeerd_geeft_byte_voor_byte_hetzelfde(
    uitslag: dict[str, Uitslagregel], map_: Path
) -> None:
    bomen = bomen_in(map_)
    assert len(bomen) >= len(RIJEN) == len(uitslag.keys() & PLANNEN.keys())
    toeval = random.Random(57)
    for wortel, afleiding, berichten in bomen:
        omgekeerd, dubbel = berichten[::-1], berichten * 2
        geschud = [toeval.sample(dubbel, len(dubbel)) for _ in range(100)]
        for volgorde in (omgekeerd, dubbel, *geschud):
            assert msgspec.json.encode(leid_ruwe_boom_af(wortel, volgorde)) == afleiding


@pytest.mark.traag
@pytest.mark.parametrize("rij", RIJEN, ids=lambda rij: rij["id"])
def test_elk_voorbeeld_volgt_de_werkstroom_en_het_pad_die_erbij_staan(
    uitslag: dict[str, Uitslagregel], rij: dict[str, Any]
) -> None:
    for plan in PLANNEN[rij["id"]].alle():
        assert verschillen(Uitslagvraag.van(plan), uitslag[plan.id]) == []
    if rij["meldingsoort"] == "onbekend":
        assert uitslag[rij["id"]]["werkstroom"] is None
        return
    regel = uitslag[rij["id"]]
    assert regel["meldingsoort"] == rij["meldingsoort"]
    assert regel["werkstroom"] == rij["werkstroom"]
    assert regel["pad"] == rij["pad"]


def test_de_voorbeelden_dekken_alle_acht_werkstromen() -> None:
    assert {rij["werkstroom"] for rij in RIJEN} - {None} == set(range(1, 9))
