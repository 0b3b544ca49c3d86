"""A random body for every step, and whether the rules let a melding accept it.

What is known of a melding is what its service shows. Whether the step may be taken at all the
service says itself; a body can still be one that no melding in this state takes.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from tests.keten.proefketen import BODY, Ref
from tests.skelet.geval import FEITEN, als_body

from schakel.contracts.melding import Oordeel
from schakel.contracts.werkstromen import (
    OVERDRACHT_NAAR,
    SOORT_VAN,
    Meldingsoort,
    Proces,
    werkstroom_bij,
)

KANALEN = ("balie", "telefoon", "web", "e-mail", "post", "keten")
BUITEN = ("burger", "bedrijf", "volksvertegenwoordiging", "ketenpartner", "ambtenaar")
TEKST = "de lantaarn is uit"


class Gezien(NamedTuple):
    """A melding as its service shows it, and what else can be seen around it."""

    ref: Ref
    weergave: Mapping[str, Any]
    anderen: Sequence[Ref]
    is_zonder_overeenstemming: bool
    """Whether a child came back so."""

    @property
    def is_genest(self) -> bool:
        return self.weergave["ouderId"] is not None

    @property
    def kent_ambtenaar(self) -> bool:
        """Whether its melder may start a verbetervoorstel."""
        return bool(self.weergave["melder"] == "ambtenaar")


Inhoud = tuple[dict[str, Any], bool]


def intake(proces: Proces, toeval: Random) -> Inhoud:
    """Somebody who may start this process, or not."""
    soort = toeval.choice(BUITEN)
    if proces is Proces.VERBETEREN and toeval.random() < 0.8:
        soort = "ambtenaar"
    melding: dict[str, Any] = {
        "dienst": toeval.choice(("verlichting", "wegen")),
        "kanaal": toeval.choice(KANALEN),
        "melder": {"soort": soort, "naam": "Testpersoon van Proef"},
        "tekst": TEKST,
    }
    if toeval.random() < 0.2:
        melding["namens"] = {"naam": "Testpersoon van Namens"}
        if toeval.random() < 0.7:
            melding["namens"]["machtiging"] = "volmacht"
    if toeval.random() < 0.2:
        melding["soortVolgensMelder"] = toeval.choice(list(Meldingsoort)).value
    return melding, proces is not Proces.VERBETEREN or soort == "ambtenaar"


def inhoud(stap: str, gezien: Gezien, toeval: Random) -> Inhoud:
    """A body for this step, and whether it fits the melding."""
    maak = _EIGEN.get(stap)
    return (dict(BODY.get(stap, {})), True) if maak is None else maak(gezien, toeval)


def _beoordeling(gezien: Gezien, toeval: Random) -> Inhoud:
    proces = gezien.ref.proces
    feiten = toeval.choice(
        FEITEN[proces if toeval.random() < 0.85 else toeval.choice(list(Proces))]
    )
    oordeel: dict[str, Any] = {
        "feiten": als_body(feiten),
        "impact": toeval.randint(1, 3),
        "urgentie": toeval.randint(1, 3),
    }
    past = gezien.is_genest or werkstroom_bij(feiten).meldingsoort is SOORT_VAN[proces]
    if toeval.random() < 0.1:
        oordeel["maatwerk"] = True
        past = past and proces is Proces.UITVOEREN and feiten.binnen_afspraken
        if toeval.random() < 0.7:
            oordeel["motivering"] = "dit past nergens anders"
        else:
            past = False
    return oordeel, past


def _omzetting(gezien: Gezien, toeval: Random) -> Inhoud:
    soorten = toeval.choices(list(Meldingsoort), k=toeval.choice((1, 1, 2, 3)))
    hier = SOORT_VAN[gezien.ref.proces]
    past = soorten != [hier]
    past &= gezien.kent_ambtenaar or Meldingsoort.VERBETERVOORSTEL not in soorten
    naar: list[dict[str, Any]] = [{"meldingsoort": soort.value} for soort in soorten]
    for een in naar:
        if toeval.random() < 0.3:
            een["tekst"] = TEKST
    return {"reden": "verkeerde-soort", "naar": naar}, past


def _overdracht(gezien: Gezien, toeval: Random) -> Inhoud:
    mag = OVERDRACHT_NAAR[gezien.ref.proces]
    naar = toeval.choice(list(mag) if mag and toeval.random() < 0.9 else list(Proces))
    wat: dict[str, Any] = {"naar": naar.value}
    if toeval.random() < 0.2:
        wat["opdracht"] = TEKST
    if toeval.random() < 0.2:
        wat["dienst"] = "wegen"
    return wat, naar in mag


def _controle(gezien: Gezien, toeval: Random) -> Inhoud:
    goed = toeval.random() < 0.7
    leeg = any(
        kind["status"] == "zonder_resultaat" and kind["ronde"] == gezien.weergave["ronde"]
        for kind in gezien.weergave["kinderen"]
    )
    return {"goed": goed}, not (goed and leeg)


def _tevredenheid(gezien: Gezien, toeval: Random) -> Inhoud:
    oordeel = toeval.choice((Oordeel.TEVREDEN, *Oordeel))
    wat: dict[str, Any] = {"oordeel": oordeel.value}
    is_meer = oordeel is Oordeel.MEER_GEWENST
    past = oordeel is not Oordeel.ZONDER_REACTIE or "antwoord" not in gezien.weergave["termijnen"]
    if is_meer != (toeval.random() < 0.05):
        soort = toeval.choice(list(Meldingsoort))
        wat["wens"] = {"meldingsoort": soort.value}
        past = past and is_meer
        past &= gezien.kent_ambtenaar or soort is not Meldingsoort.VERBETERVOORSTEL
    else:
        past = past and not is_meer
    return wat, past


def _afbreking(gezien: Gezien, toeval: Random) -> Inhoud:
    uitkomst = toeval.choice(("afgebroken", "afgebroken", "geen_overeenstemming", "omgezet"))
    past = uitkomst == "afgebroken" or (
        uitkomst == "geen_overeenstemming" and gezien.is_zonder_overeenstemming
    )
    return {"reden": "geen-middelen", "uitkomst": uitkomst}, past


def _koppeling(gezien: Gezien, toeval: Random) -> Inhoud:
    andere = toeval.choice(gezien.anderen)
    if toeval.random() < 0.1:
        andere = Ref(toeval.choice(list(Proces)), UUID(int=toeval.getrandbits(128), version=4))
    wat = {"andereId": str(andere.id), "andereProces": andere.proces.value, "soort": "gerelateerd"}
    return wat, andere.id != gezien.ref.id


def _terugname(gezien: Gezien, toeval: Random) -> Inhoud:
    kinderen = gezien.weergave["kinderen"]
    kind = toeval.choice(kinderen or [{"meldingId": gezien.weergave["meldingId"], "status": ""}])
    return {"kindId": kind["meldingId"], "reden": "te-lang"}, kind["status"] == "open"


def _met_voorstel(gewoon: dict[str, Any]) -> Callable[[Gezien, Random], Inhoud]:
    def maak(_: Gezien, toeval: Random) -> Inhoud:
        if toeval.random() < 0.4:
            return {**gewoon, "verbetervoorstel": {"tekst": TEKST}}, True
        return dict(gewoon), True

    return maak


def _signalering(_: Gezien, toeval: Random) -> Inhoud:
    soort = toeval.choice(("foutmelding", "verbetervoorstel"))
    return {"meldingsoort": soort, "tekst": TEKST}, True


_EIGEN: Mapping[str, Callable[[Gezien, Random], Inhoud]] = {
    "beoordelingen": _beoordeling,
    "omzettingen": _omzetting,
    "overdrachten": _overdracht,
    "overdracht-terugnames": _terugname,
    "controles": _controle,
    "tevredenheidscontroles": _tevredenheid,
    "afbrekingen": _afbreking,
    "koppelingen": _koppeling,
    "evaluaties": _met_voorstel({}),
    "workarounds": _met_voorstel({"workaround": "noodverlichting"}),
    "signaleringen": _signalering,
    "overeenstemmingen": lambda _, t: ({"bereikt": t.random() < 0.8}, True),
    "testen": lambda _, t: ({"geslaagd": t.random() < 0.8}, True),
    "uitvoeringen": lambda _, t: ({"besluit": t.choice(("geleverd", "geweigerd"))}, True),
}
