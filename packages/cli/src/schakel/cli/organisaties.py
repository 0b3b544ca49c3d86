"""``schakel demo --organisaties``: two organisations, and what crosses the border between them."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from schakel.afleiding import Afleiding, stel_samen
from schakel.contracts.decoders import zet_om
from schakel.contracts.werkstromen import Proces
from schakel.klant import Klant
from schakel.proefspel.beslissing import Spelmelding
from schakel.proefspel.dossier import Huis
from schakel.proefspel.medewerkers import Medewerkers
from schakel.proefspel.plan import TUSSEN_ORGANISATIES, Plan, kenmerk, lees_plannen
from schakel.proefspel.uitslag import (
    Uitslagregel,
    lees_uitslag,
    uitslagvragen,
    uitslagvragen_elders,
)

from .opstelling import Organisatie, draaiend, gemeente_en_uitvoerder, richt_in
from .uitvoer import Formaat, als_json, console, tabel, zijlijn
from .voortgang import Voortgang
from .werkstroomtabel import toon_meldingen

OVER_DE_GRENS = frozenset({1, 3, 6, 7})
"""The werkstromen in which the set has somebody else do the wijzigen."""


async def speel(map_: Path, uitvoer: Formaat, *, blijf: bool) -> list[str]:
    """Start both, play the set, print what came of it; return what is not as written."""
    beide = gemeente_en_uitvoerder(map_, vaste_poorten=blijf)
    richt_in(map_, *beide)
    async with draaiend(map_, beide) as bij:
        huizen = [Huis(een, wie.oin, wie.naam) for wie, een in zip(beide, bij, strict=True)]
        uitslag = await laat_werken(*huizen, lees_plannen(TUSSEN_ORGANISATIES))
        _toon(uitvoer, beide, uitslag)
        if blijf and not uitslag.fouten:
            await _blijf(beide)
    return uitslag.fouten


class Setuitslag(NamedTuple):
    """What came of the set in either organisation, and together."""

    hier: list[Uitslagregel]
    daar: list[Uitslagregel]
    samen: Mapping[str, tuple[Proces, ...]]
    fouten: list[str]


async def laat_werken(hier: Huis, daar: Huis, plannen: Sequence[Plan]) -> Setuitslag:
    """Let the staff of both play ``plannen`` to their end, and ask what came of it."""
    zij = await _speel((hier, daar), plannen)
    ids = {sleutel: knoop.id for sleutel, knoop in zij.dossier.wortels.items()}
    elders = zij.dossier.elders
    regels_hier, fouten_hier = await lees_uitslag(
        hier.klanten["orchestrator"], uitslagvragen(plannen, ids)
    )
    regels_daar, fouten_daar = await lees_uitslag(
        daar.klanten["orchestrator"], uitslagvragen_elders(plannen, elders)
    )
    samen = await _samengesteld(hier.klanten, daar.klanten, ids, regels_daar, elders)
    fouten = [
        *fouten_hier,
        *fouten_daar,
        *_afwijkend(plannen, samen),
        *_ontbrekend(regels_hier, samen),
    ]
    return Setuitslag(regels_hier, regels_daar, samen, fouten)


async def _speel(huizen: Sequence[Huis], plannen: Sequence[Plan]) -> Medewerkers:
    plekken = [f"{huis.naam} {proces}" for huis in huizen for proces in huis.processen]
    with Voortgang(len(plannen), plekken) as voortgang:
        medewerkers = Medewerkers(huizen, plannen, kenmerk(TUSSEN_ORGANISATIES), voortgang)
        await medewerkers.speel()
    return medewerkers


async def _samengesteld(
    hier: Mapping[str, Klant],
    daar: Mapping[str, Klant],
    ids: Mapping[str, str],
    regels_daar: Iterable[Uitslagregel],
    elders: Mapping[str, Mapping[str, Spelmelding]],
) -> dict[str, tuple[Proces, ...]]:
    """The path of each first melding with, where it crossed, the steps of the other."""
    gezien = {regel["id"] for regel in regels_daar}
    onze = {id_: await _boom(hier, id_) for id_ in ids.values()}
    hunne = [
        await _boom(daar, knoop.id)
        for sleutel, knopen in elders.items()
        for plek, knoop in knopen.items()
        if f"{sleutel} {plek}" in gezien
    ]
    paden = stel_samen([*onze.values(), *hunne])
    return {
        sleutel: paden[onze[id_].organisatie, onze[id_].wortel_id]
        for sleutel, id_ in sorted(ids.items())
    }


async def _boom(bij: Mapping[str, Klant], id_: str) -> Afleiding:
    return zet_om(await bij["orchestrator"].haal(f"/meldingen/{id_}"), Afleiding)


def _letters(pad: Iterable[Proces]) -> str:
    return "".join(proces.letter for proces in pad)


def _afwijkend(plannen: Iterable[Plan], samen: Mapping[str, tuple[Proces, ...]]) -> list[str]:
    verwacht = {plan.id: plan.samengesteld or plan.verwacht.pad for plan in plannen}
    return [
        f"{sleutel}: samengesteld is {_letters(pad)}, verwacht werd {verwacht[sleutel]}"
        for sleutel, pad in samen.items()
        if _letters(pad) != verwacht[sleutel]
    ]


def _ontbrekend(
    regels: Iterable[Uitslagregel], samen: Mapping[str, tuple[Proces, ...]]
) -> list[str]:
    """The werkstromen of which none crossed."""
    gegaan = {
        regel["werkstroom"]
        for regel in regels
        if len(samen.get(regel["id"], ())) > len(regel["pad"])
    }
    return [f"werkstroom {nummer}: geen ging over" for nummer in sorted(OVER_DE_GRENS - gegaan)]


def _toon(
    uitvoer: Formaat,
    beide: Sequence[Organisatie],
    uitslag: Setuitslag,
) -> None:
    samen = uitslag.samen
    tabellen = list(zip(beide, (uitslag.hier, uitslag.daar), strict=True))
    if uitvoer is Formaat.JSON:
        als_json(
            {
                "organisaties": [
                    {"oin": wie.oin, "naam": wie.naam, "meldingen": regels}
                    for wie, regels in tabellen
                ],
                "samengesteld": [
                    {"id": sleutel, "pad": [proces.value for proces in pad]}
                    for sleutel, pad in samen.items()
                ],
            }
        )
        return
    uit = console()
    for wie, regels in tabellen:
        uit.print(f"\n{wie.naam} ({wie.oin})")
        toon_meldingen(regels)
    uit.print("\nsamengesteld: wat beide orchestrators zagen, bij elkaar")
    paden: dict[str, Any] = {r["id"]: _letters(map(Proces, r["pad"])) for r in uitslag.hier}
    tabel(
        ("melding", f"pad bij {beide[0].naam}", "samengesteld"),
        [(sleutel, paden.get(sleutel), _letters(pad)) for sleutel, pad in samen.items()],
    )


async def _blijf(organisaties: Iterable[Organisatie]) -> None:
    from schakel.kern.http import stopsein  # noqa: PLC0415

    zeg = zijlijn()
    zeg.print("\nEr draait, tot Ctrl-C:")
    for een in organisaties:
        for naam, adres in een.adressen.items():
            zeg.print(f"  {een.naam:<11}{naam:<13}{adres}/v1/openapi.json", soft_wrap=True)
    with stopsein() as stoppen:
        await stoppen.wait()
