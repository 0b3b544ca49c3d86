"""What may not stand in an event: by which kinds the vault has it, and under whose id."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from schakel.kern.vastlegging.gebeurtenis import Vastgelegd
from schakel.kern.vastlegging.werk import Voorraad

from .stappen.begin import Aangenomen, Intake
from .stappen.overdracht import OverdrachtAangeboden, Overgedragen
from .stappen.voortgekomen import Voortgekomen
from .stappen.voortijdig import Omgezet

_SOORTEN = ("tekst", "melder", "namens")
IN_DELEN = ("intake", "tekst")
"""What a former version kept as one, and the part that is always in it."""


def persoonlijk(intake: Intake) -> dict[str, Any]:
    """The texts of an intake by kind, each with a key of its own; only what there is."""
    melder, namens = intake.melder, intake.namens
    teksten: dict[str, Any] = {"tekst": intake.tekst}
    if melder.naam is not None or melder.contact is not None:
        teksten["melder"] = {"naam": melder.naam, "contact": melder.contact}
    if namens is not None:
        teksten["namens"] = {"naam": namens.naam}
    return teksten


def is_van_intake(geschiedenis: Sequence[Vastgelegd]) -> bool:
    """Whether the melding was taken in here, and not opened because of another."""
    eerste = geschiedenis[0].gebeurtenis if geschiedenis else None
    return (
        isinstance(eerste, Aangenomen)
        and eerste.voortgekomen_uit is None
        and geschiedenis[0].plaats.ouder is None
        and geschiedenis[0].plaats.deel is None
    )


def teksten_van_intake(teksten: Mapping[str, Any]) -> dict[str, Any]:
    """The same with what an intake told together, as a former version kept it."""
    if not any(soort in teksten for soort in _SOORTEN):
        return dict(teksten)
    overig = {s: tekst for s, tekst in teksten.items() if s not in (*_SOORTEN, "intake")}
    intake = {
        "tekst": teksten.get("tekst"),
        "melder": teksten.get("melder", {"naam": None, "contact": None}),
        "namens": teksten.get("namens"),
    }
    return {"intake": intake} | overig


def elders_bewaard(
    voorraad: Voorraad[Any], meldingen: Collection[UUID]
) -> Mapping[UUID, Collection[UUID]]:
    """For which others each of these meldingen was given a text, to be kept under their ids."""
    return {id_: set(_met_tekst(voorraad.geschiedenis(id_))) for id_ in meldingen}


def _met_tekst(geschiedenis: Sequence[Vastgelegd]) -> Sequence[UUID]:
    genoemd: list[tuple[UUID, str | None]] = []
    for vastgelegd in geschiedenis:
        match vastgelegd.gebeurtenis:
            case (
                Overgedragen(kind_id=id_, dataref=dataref)
                | OverdrachtAangeboden(kind_id=id_, dataref=dataref)
            ):
                genoemd.append((id_, dataref))
            case Voortgekomen(nieuwe_melding=nieuw):
                genoemd.append((nieuw.id, nieuw.dataref))
            case Omgezet(nieuwe_meldingen=nieuwe):
                genoemd += [(nieuw.id, nieuw.dataref) for nieuw in nieuwe]
            case _:
                pass
    return [id_ for id_, dataref in genoemd if str(id_) in (dataref or "")]
