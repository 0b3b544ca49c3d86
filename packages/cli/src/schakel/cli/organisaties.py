"""``schakel demo --organisaties``: two organisations, and what crosses the border between them."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

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
    gemeente, uitvoerder = gemeente_en_uitvoerder(map_, vaste_poorten=blijf)
    richt_in(map_, gemeente, uitvoerder)
    plannen = lees_plannen(TUSSEN_ORGANISATIES)
    async with draaiend(map_, (gemeente, uitvoerder)) as (hier, daar):
        huizen = [
            Huis(hier, gemeente.oin, gemeente.naam),
            Huis(daar, uitvoerder.oin, uitvoerder.naam),
        ]
        zij = await _laat_werken(huizen, plannen)
        ids = {sleutel: knoop.id for sleutel, knoop in zij.dossier.wortels.items()}
        regels_hier, fouten_hier = await lees_uitslag(
            hier["orchestrator"], uitslagvragen(plannen, ids)
        )
        elders = zij.dossier.elders
        gevraagd = uitslagvragen_elders(plannen, elders)
        regels_daar, fouten_daar = await lees_uitslag(daar["orchestrator"], gevraagd)
        samen = await _samengesteld(hier, daar, ids, regels_daar, elders)
        fouten = [*fouten_hier, *fouten_daar, *_afwijkend(plannen, samen)]
        _toon(uitvoer, (gemeente, regels_hier), (uitvoerder, regels_daar), samen)
        fouten += _ontbrekend(regels_hier, samen)
        if blijf and not fouten:
            await _blijf((gemeente, uitvoerder))
    return fouten


async def _laat_werken(huizen: Sequence[Huis], plannen: Sequence[Plan]) -> Medewerkers:
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
    hier: tuple[Organisatie, Sequence[Uitslagregel]],
    daar: tuple[Organisatie, Sequence[Uitslagregel]],
    samen: Mapping[str, tuple[Proces, ...]],
) -> None:
    if uitvoer is Formaat.JSON:
        als_json(
            {
                "organisaties": [
                    {"oin": wie.oin, "naam": wie.naam, "meldingen": regels}
                    for wie, regels in (hier, daar)
                ],
                "samengesteld": [
                    {"id": sleutel, "pad": [proces.value for proces in pad]}
                    for sleutel, pad in samen.items()
                ],
            }
        )
        return
    uit = console()
    for wie, regels in (hier, daar):
        uit.print(f"\n{wie.naam} ({wie.oin})")
        toon_meldingen(regels)
    uit.print("\nsamengesteld: wat beide orchestrators zagen, bij elkaar")
    paden: dict[str, Any] = {r["id"]: _letters(map(Proces, r["pad"])) for r in hier[1]}
    tabel(
        ("melding", f"pad bij {hier[0].naam}", "samengesteld"),
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
