"""``schakel demo --organisaties``: two organisations, and what crosses the border between them."""

import asyncio
import signal
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import typer

from schakel.afleiding import Afleiding, stel_samen
from schakel.contracts.decoders import zet_om
from schakel.contracts.werkstromen import Proces
from schakel.klant import Klant
from schakel.proefspel.dossier import Huis
from schakel.proefspel.medewerkers import Medewerkers
from schakel.proefspel.plan import TUSSEN_ORGANISATIES, Plan, kenmerk, lees_plannen
from schakel.proefspel.uitslag import (
    Uitslagregel,
    lees_uitslag,
    uitslagvragen,
    uitslagvragen_elders,
)

from .opstelling import Opstelling, Organisatie, draaiend, gemeente_en_uitvoerder, richt_in
from .uitvoer import Formaat, als_json, console, tabel, zijlijn
from .voortgang import Voortgang
from .werkstroomtabel import toon_meldingen


async def speel(map_: Path, uitvoer: Formaat, *, blijf: bool) -> list[str]:
    """Start both, play the set, print what came of it; return what is not as written.

    SIGTERM stops both too, as Ctrl-C does: they are processes of their own.
    """
    taak, is_gestopt = asyncio.create_task(_speel_af(map_, uitvoer, blijf=blijf)), False

    def stop() -> None:
        nonlocal is_gestopt
        is_gestopt = True
        taak.cancel()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    try:
        return await taak
    except asyncio.CancelledError:
        if is_gestopt:
            raise typer.Exit(128 + signal.SIGTERM) from None
        raise


async def _speel_af(map_: Path, uitvoer: Formaat, *, blijf: bool) -> list[str]:
    beide = gemeente_en_uitvoerder(map_, vaste_poorten=blijf)
    richt_in(map_, *beide)
    async with draaiend(map_, beide) as lopend:
        wie_en_bij = zip(beide, lopend.klanten, strict=True)
        huizen = [Huis(bij, wie.oin, wie.naam) for wie, bij in wie_en_bij]
        uitslag = await laat_werken(huizen, lees_plannen(TUSSEN_ORGANISATIES))
        _toon(uitvoer, beide, uitslag)
        if blijf and not uitslag.fouten:
            await _blijf(beide, lopend)
    return uitslag.fouten


class Setuitslag(NamedTuple):
    """What came of the set in each organisation, and together."""

    regels: list[list[Uitslagregel]]
    samen: Mapping[str, tuple[Proces, ...]]
    fouten: list[str]


async def laat_werken(huizen: Sequence[Huis], plannen: Sequence[Plan]) -> Setuitslag:
    """Let the staff of all play ``plannen`` to their end, and ask what came of it.

    Everything is reported in the first of them.
    """
    zij = await _speel(huizen, plannen)
    ids = {sleutel: knoop.id for sleutel, knoop in zij.dossier.wortels.items()}
    elders = uitslagvragen_elders(plannen, zij.dossier.elders)
    alle, fouten = [], []
    bomen: list[Afleiding] = []
    for huis in huizen:
        orchestrator = huis.klanten["orchestrator"]
        eerste = uitslagvragen(plannen, ids) if huis is huizen[0] else []
        # Of what nobody was asked to do, any of the others may say that it is not there.
        vragen = [*eerste, *(een for een in elders if een.oin in {huis.oin, ""})]
        regels, mis = await lees_uitslag(orchestrator, vragen)
        gezien = {regel["id"] for regel in regels}
        bomen += [await _boom(orchestrator, v.melding_id) for v in vragen if v.id in gezien]
        alle.append(regels)
        fouten += mis
    samen = _samengesteld(bomen, ids)
    fouten += [*_afwijkend(plannen, samen), *_ontbrekend(alle[0], plannen, samen)]
    return Setuitslag(alle, samen, fouten)


async def _speel(huizen: Sequence[Huis], plannen: Sequence[Plan]) -> Medewerkers:
    plekken = [f"{huis.naam} {proces}" for huis in huizen for proces in huis.processen]
    with Voortgang(len(plannen), plekken) as voortgang:
        medewerkers = Medewerkers(huizen, plannen, kenmerk(TUSSEN_ORGANISATIES), voortgang)
        await medewerkers.speel()
    return medewerkers


def _samengesteld(
    bomen: Iterable[Afleiding], ids: Mapping[str, str]
) -> dict[str, tuple[Proces, ...]]:
    """The path of each first melding with, where it crossed, the steps of the other."""
    per_wortel = {wortel: pad for (_, wortel), pad in stel_samen(bomen).items()}
    return {sleutel: per_wortel[id_] for sleutel, id_ in sorted(ids.items()) if id_ in per_wortel}


async def _boom(orchestrator: Klant, id_: str) -> Afleiding:
    return zet_om(await orchestrator.haal(f"/meldingen/{id_}"), Afleiding)


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
    regels: Iterable[Uitslagregel],
    plannen: Iterable[Plan],
    samen: Mapping[str, tuple[Proces, ...]],
) -> list[str]:
    """The werkstromen of which none crossed, though the set has them do so."""
    gegaan = {
        regel["werkstroom"]
        for regel in regels
        if len(samen.get(regel["id"], ())) > len(regel["pad"])
    }
    bedoeld = {plan.verwacht.werkstroom for plan in plannen if plan.samengesteld} - {None}
    return [f"werkstroom {nummer}: geen ging over" for nummer in sorted(bedoeld - gegaan, key=str)]


def _toon(
    uitvoer: Formaat,
    beide: Sequence[Organisatie],
    uitslag: Setuitslag,
) -> None:
    samen = uitslag.samen
    tabellen = list(zip(beide, uitslag.regels, strict=True))
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
    uit.print("\nsamengesteld: wat de orchestrators zagen, bij elkaar")
    paden: dict[str, Any] = {r["id"]: _letters(map(Proces, r["pad"])) for r in uitslag.regels[0]}
    tabel(
        ("melding", f"pad bij {beide[0].naam}", "samengesteld"),
        [(sleutel, paden.get(sleutel), _letters(pad)) for sleutel, pad in samen.items()],
    )


async def _blijf(organisaties: Iterable[Organisatie], lopend: Opstelling) -> None:
    from schakel.kern.http import stopsein  # noqa: PLC0415

    zeg = zijlijn()
    zeg.print("\nEr draait, tot Ctrl-C:")
    for een in organisaties:
        for naam, adres in een.adressen.items():
            zeg.print(f"  {een.naam:<11}{naam:<13}{adres}/v1/openapi.json", soft_wrap=True)
    with stopsein() as stoppen:
        await lopend.tot_stop(stoppen)
