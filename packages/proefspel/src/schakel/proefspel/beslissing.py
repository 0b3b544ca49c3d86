"""What a medewerker does next with a melding: a pure function of what can be seen of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from uuid import UUID

from schakel.contracts.deelproces import melding_voor
from schakel.contracts.melding import Kindstatus
from schakel.contracts.werkstromen import Proces

from .plan import Ingreep, Plan

VOLGORDE = (
    "hervattingen",
    "verhelderingen",
    "specificaties",
    "aanbiedingen",
    "overeenstemmingen",
    "vaststellingen",
    "planningen",
    "accorderingen",
    "voorbereidingen",
    "testen",
    "vrijgaven",
    "analyses",
    "oorzaken",
    "maatregelen",
    "overdrachten",
    "controles",
    "registraties",
    "restrisicos",
    "uitvoeringen",
    "gereedmeldingen",
    "tevredenheidscontroles",
    "sluitingen",
)
"""The ordinary course: the first of these that is possible."""

_GEWOON: Mapping[str, Mapping[str, Any]] = {
    "overeenstemmingen": {"bereikt": True},
    "vaststellingen": {"afspraak": "besluit-vastgesteld"},
    "testen": {"geslaagd": True},
    "analyses": {"oorzaak": "onderzocht"},
    "oorzaken": {"oorzaak": "onderzocht"},
    "maatregelen": {"maatregel": "gekozen"},
    "registraties": {"onderdeel": "bijgewerkt"},
    "restrisicos": {"restrisico": "aanvaardbaar"},
    "tevredenheidscontroles": {"oordeel": "tevreden"},
}


@dataclass(frozen=True)
class Spelmelding:
    """A melding in a tree of the set: ``letters`` is the way down to it, ``n`` its own ordinal.

    ``oin`` is whose it is, where more than one organisation takes part.
    """

    id: str
    wortel_id: str
    plan: Plan
    proces: Proces
    letters: str
    n: int | None = None
    oin: str = ""

    @property
    def plek(self) -> str:
        """The way down to it, with its own ordinal."""
        return f"{self.letters}{self.n or ''}"

    def kind(self, weergave: Mapping[str, Any]) -> "Spelmelding":
        """One of its children, as the giver shows it; elsewhere it is the first of a tree."""
        naar, n = Proces(weergave["naar"]), weergave["n"]
        letters = self.letters + naar.letter
        if (daar := weergave["organisatie"]) is not None:
            id_ = str(melding_voor(UUID(weergave["meldingId"]), daar, self.oin))
            return Spelmelding(id_, id_, self.plan, naar, letters, n, daar)
        id_ = weergave["meldingId"]
        return Spelmelding(id_, self.wortel_id, self.plan, naar, letters, n, self.oin)

    def ingrepen(self) -> list[tuple[int, Ingreep]]:
        """What departs from the ordinary here, each with its place in the plan."""
        return [
            (nummer, een)
            for nummer, een in enumerate(self.plan.verloop)
            if een.bij == self.letters and een.n in (None, self.n)
        ]


@dataclass(frozen=True)
class Zet:
    """A step to take. ``extra`` is its number in the plan when it is not an ordinary one."""

    naam: str
    inhoud: Mapping[str, Any]
    extra: int | None = None
    andere: str | None = None


def volgende_stap(
    knoop: Spelmelding,
    weergave: Mapping[str, Any],
    gedaan: Collection[int] = (),
    rustend: Collection[str] = (),
) -> Zet | None:
    """The next step, or None while there is nothing to do here.

    ``gedaan`` are extras taken, ``rustend`` the places in this plan where somebody waits.
    """
    gewoon = _gewone_stap(knoop, weergave)
    moment = gewoon.naam if gewoon else "terugkeer"
    for nummer, een in knoop.ingrepen():
        if een.voor != moment or nummer in gedaan or not _past(een, weergave):
            continue
        if een.stap in {"wacht", "blijft"} or een.zodra not in {None, *rustend}:
            return None
        if een.stap in weergave["mogelijkeStappen"]:
            inhoud = _inhoud(knoop, een)
            if een.kind is not None:
                inhoud["kindId"] = weergave["kinderen"][een.kind - 1]["meldingId"]
            return Zet(een.stap, inhoud, nummer, een.andere)
    return gewoon


def ziet_uit_naar(knoop: Spelmelding, gedaan: Collection[int]) -> bool:
    """Whether something is to be done here once another melding of the plan is somewhere."""
    return any(een.zodra and nummer not in gedaan for nummer, een in knoop.ingrepen())


def blijft_zo(knoop: Spelmelding, weergave: Mapping[str, Any]) -> bool:
    """Whether the plan leaves this melding where it is now, for good."""
    gewoon = _gewone_stap(knoop, weergave)
    moment = gewoon.naam if gewoon else "terugkeer"
    return any(
        een.stap == "blijft" and een.voor == moment and _past(een, weergave)
        for _, een in knoop.ingrepen()
    )


def _gewone_stap(knoop: Spelmelding, weergave: Mapping[str, Any]) -> Zet | None:
    mogelijk = weergave["mogelijkeStappen"]
    if "beoordelingen" in mogelijk and weergave["prioriteit"] is None:
        anders = _anders(knoop, weergave, "beoordelingen")
        return Zet("beoordelingen", {**knoop.plan.beoordeling(), **anders})
    for naam in VOLGORDE:
        if naam not in mogelijk:
            continue
        if naam == "overdrachten":
            if (stap := _overdracht(knoop, weergave)) is not None:
                return stap
            continue
        gewoon = _GEWOON.get(naam, {})
        if naam == "controles":
            gewoon = {"goed": not _is_leeg(weergave)}
        return Zet(naam, {**gewoon, **_anders(knoop, weergave, naam)})
    return None


def _overdracht(knoop: Spelmelding, weergave: Mapping[str, Any]) -> Zet | None:
    """The next hand-over: within a ronde at once, a new ronde when nothing else is possible."""
    rondes = knoop.plan.rondes(knoop.letters, knoop.proces)
    if not rondes:
        return None
    kinderen = weergave["kinderen"]
    grenzen = list(accumulate(map(len, rondes)))
    midden_in_ronde = len(kinderen) < grenzen[-1] and len(kinderen) not in {0, *grenzen}
    wacht = any(kind["status"] == Kindstatus.OPEN for kind in kinderen)
    eerst_controle = "controles" in weergave["mogelijkeStappen"]
    if not midden_in_ronde and (wacht or eerst_controle):
        return None
    doelen = [doel for ronde in rondes for doel in ronde]
    naar = doelen[len(kinderen)] if len(kinderen) < len(doelen) else rondes[-1][-1]
    return Zet("overdrachten", {"naar": naar.value, **_anders(knoop, weergave, "overdrachten")})


def _is_leeg(weergave: Mapping[str, Any]) -> bool:
    return any(
        kind["status"] == Kindstatus.ZONDER_RESULTAAT and kind["ronde"] == weergave["ronde"]
        for kind in weergave["kinderen"]
    )


def _past(een: Ingreep, weergave: Mapping[str, Any]) -> bool:
    if een.ronde is not None and een.ronde != weergave["ronde"]:
        return False
    return een.kinderen is None or een.kinderen == len(weergave["kinderen"])


def _anders(knoop: Spelmelding, weergave: Mapping[str, Any], naam: str) -> Mapping[str, Any]:
    for _, een in knoop.ingrepen():
        if een.voor is None and een.stap == naam and _past(een, weergave):
            return _inhoud(knoop, een)
    return {}


def _inhoud(knoop: Spelmelding, een: Ingreep) -> dict[str, Any]:
    """The request body, with the meldingen that this step opens."""
    inhoud = dict(een.inhoud)
    nieuw = [knoop.plan.uit(sleutel) for sleutel in een.opent]
    if not nieuw:
        return inhoud
    zelf = {"dienst": nieuw[0].dienst, "tekst": nieuw[0].tekst}
    met_soort = [
        {"meldingsoort": p.meldingsoort.value, "dienst": p.dienst, "tekst": p.tekst} for p in nieuw
    ]
    match een.stap:
        case "omzettingen":
            return inhoud | {"naar": met_soort}
        case "tevredenheidscontroles":
            return inhoud | {"wens": met_soort[0]}
        case "signaleringen":
            return inhoud | met_soort[0]
        case _:
            return inhoud | {"verbetervoorstel": zelf}
