"""Walks a melding along a werkstroom, and reads from the messages which one it was."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from tests.keten.proefketen import Proefketen, Ref
from tests.skelet.geval import EIGEN_NA, EIGEN_VOOR

from schakel.contracts import melding as m
from schakel.contracts.feit import Feit
from schakel.contracts.werkstromen import (
    RANG,
    Proces,
    VierFeiten,
    Werkstroom,
    mag_overdragen,
    werkstroom_via,
)


async def voer_uit(
    keten: Proefketen, melding: Ref, heenweg: Sequence[Proces], feiten: VierFeiten | None = None
) -> None:
    """Do all work on this melding, from judging to gereedmelden, along ``heenweg``."""
    await keten.beoordeel(melding, feiten)
    await keten.stappen(melding, *EIGEN_VOOR[melding.proces])
    if len(heenweg) > 1:
        kind = await keten.draag_over(melding, heenweg[1])
        await voer_uit(keten, kind, heenweg[1:])
        await keten.stappen(kind, "sluitingen")
        await keten.stappen(melding, "controles", *EIGEN_NA.get(melding.proces, ()))
    await keten.stappen(melding, "gereedmeldingen")


async def rond_af(keten: Proefketen, melding: Ref) -> None:
    """The melder is satisfied, the melding is evaluated and closed."""
    await keten.stappen(melding, "tevredenheidscontroles", "evaluaties", "sluitingen")


async def maak_af_in(keten: Proefketen, gevers: Sequence[Ref]) -> None:
    """Everything after the last return, up to the melder; ``gevers`` from the first on."""
    for gever in reversed(gevers):
        na = EIGEN_NA.get(gever.proces, ())
        await keten.stappen(gever, "controles", *na, "gereedmeldingen")
    await rond_af(keten, gevers[0])


def van_boom(berichten: Iterable[Feit], wortel: UUID) -> list[Feit]:
    """The messages of one tree."""
    return [bericht for bericht in berichten if bericht.wortel_id == wortel]


def werkstroom_van(berichten: Iterable[Feit], wortel: Ref) -> Werkstroom:
    """The werkstroom by the words of the first melding alone (domain, section 6)."""
    eigen = [b for b in berichten if b.melding_id == wortel.id]
    geweigerd = {b.kind_id for b in eigen if isinstance(b, m.OverdrachtGeweigerd)}
    doelen = [
        b.overdracht.naar
        for b in eigen
        if isinstance(b, m.Overgedragen)
        and b.overdracht.kind_id not in geweigerd
        and mag_overdragen(wortel.proces, b.overdracht.naar)
    ]
    return werkstroom_via(wortel.proces, max(doelen, key=lambda p: RANG[p], default=None))


def controleer_logs(keten: Proefketen) -> None:
    """Every melding has versions 1, 2, 3 ... without a gap, and nothing was parked."""
    versies: dict[UUID, list[int]] = {}
    for bericht in keten.berichten():
        versies.setdefault(bericht.melding_id, []).append(bericht.versie)
    assert versies
    assert all(gezien == [*range(1, len(gezien) + 1)] for gezien in versies.values())
    assert keten.geparkeerd() == {}


async def klaar_om_over_te_dragen(keten: Proefketen, proces: Proces = Proces.HERSTELLEN) -> Ref:
    """A first melding with its own steps done."""
    melding = await keten.meld(proces)
    await keten.beoordeel(melding)
    await keten.stappen(melding, *EIGEN_VOOR[proces])
    return melding


def nummer(keten: Proefketen, wortel: Ref) -> int:
    """Of its werkstroom."""
    return werkstroom_van(van_boom(keten.berichten(), wortel.id), wortel).nummer


def uitkomst(keten: Proefketen, melding: Ref) -> str | None:
    """How a melding ended."""
    return keten.toon(melding)["uitkomst"]


async def lever(keten: Proefketen, kind: Ref, *heenweg: Proces) -> None:
    """Do the whole of a nested melding."""
    await voer_uit(keten, kind, (kind.proces, *heenweg))
