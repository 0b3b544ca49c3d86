"""Legal trees as a plan: Hypothesis draws it, ``schrijf`` writes its messages, ``verwacht`` tells
from the plan alone what must come out. Nothing here reads a message or the relations of the code.
"""

from dataclasses import dataclass

from hypothesis import strategies as st
from tests.afleiding.boombouw import A, Boom, H, Melding, U, V, W

from schakel.contracts.melding import Resultaat, Uitkomst
from schakel.contracts.werkstromen import Proces

MAG = {A: (W,), W: (U,), H: (W, U), V: (A, W, U), U: ()}
NUMMERS = {A: 1, W: 2, U: 5, (H, W): 3, (H, U): 4, (V, A): 6, (V, W): 7, (V, U): 8}
HOOGTE = {U: 0, W: 1, A: 2}
TERUG = ("terug", "zonder_resultaat", "notitie", "teruggenomen")
KLAAR = ("terug", "zonder_resultaat", "geweigerd", "teruggenomen")


@dataclass(frozen=True)
class Overdrachtplan:
    """A hand-over and what becomes of it; ``is_gezien``: the child spoke.

    ``is_elders``: another organisation has it, and the grens speaks for it.
    """

    kind: "Meldingplan"
    lot: str
    is_gezien: bool = True
    is_elders: bool = False


@dataclass(frozen=True)
class Meldingplan:
    """A melding: its rounds, each of 1..n hand-overs, and how it ends."""

    proces: Proces
    rondes: tuple[tuple[Overdrachtplan, ...], ...] = ()
    einde: str = "open"


@st.composite
def meldingen(draw, proces: Proces | None = None, einde: str | None = None) -> Meldingplan:
    """A melding of this process that ends in this way, or any. Deep down trees stay narrow."""
    breed = proces is None or draw(st.integers(0, 3)) == 0
    if proces is None:
        proces = draw(st.sampled_from([A, W, H, U, V, H, V]))
    if einde is None:
        einde = draw(st.sampled_from(["gesloten", "gesloten", "open", "ingetrokken", "omgezet"]))
    rondes = []
    if MAG[proces] and einde != "afgewezen":
        aantal = draw(st.integers(1 if einde == "gesloten" else 0, 3 if breed else 2))
        for nummer in range(aantal):
            loten = ["terug", "terug", "terug", "zonder_resultaat", "geweigerd", "teruggenomen"]
            if nummer == aantal - 1 and einde != "gesloten":
                loten.append("open")
                if einde in ("ingetrokken", "omgezet"):
                    loten.append("notitie")
            rondes.append(
                tuple(draw(st.lists(overdrachten(proces, loten), min_size=1, max_size=2)))
            )
    return Meldingplan(proces, tuple(rondes), einde)


@st.composite
def overdrachten(draw, van: Proces, loten: list[str]) -> Overdrachtplan:
    lot = draw(st.sampled_from(loten))
    einde = {
        "terug": "gesloten",
        "zonder_resultaat": "omgezet",
        "geweigerd": "afgewezen",
        "open": "open",
        "notitie": "ingetrokken",
        "teruggenomen": "ingetrokken",
    }[lot]
    kind = draw(meldingen(draw(st.sampled_from(MAG[van])), einde))
    is_gezien = lot not in ("open", "geweigerd") or draw(st.booleans())
    return Overdrachtplan(kind, lot, is_gezien, draw(st.integers(0, 3)) == 0)


def schrijf(plan: Meldingplan, nummer: int = 1) -> Boom:
    """Write all messages of a tree that went as planned; another number, other ids."""
    boom = Boom(plan.proces, nummer)
    _schrijf(boom.wortel, plan)
    return boom


def _schrijf(melding: Melding, plan: Meldingplan) -> None:
    if plan.einde == "afgewezen":
        melding.neem_aan().wijs_af().sluit(Uitkomst.AFGEWEZEN)
        return
    melding.loop()
    later = []
    for ronde, overdrachtplannen in enumerate(plan.rondes, start=1):
        later += _schrijf_ronde(melding, ronde, overdrachtplannen)
        if all(o.lot in KLAAR for o in overdrachtplannen):
            melding.controleer(goed=ronde == len(plan.rondes), ronde=ronde)
    if plan.einde == "gesloten":
        melding.rond_af()
    elif plan.einde != "open":
        melding.trek_in() if plan.einde == "ingetrokken" else melding.zet_om()
        for kind in later:
            melding.keer_terug(kind, Resultaat.ZONDER_RESULTAAT)
        melding.sluit(Uitkomst(plan.einde))


def _schrijf_ronde(
    melding: Melding, ronde: int, overdrachtplannen: tuple[Overdrachtplan, ...]
) -> list[Melding]:
    """Hand over all of a ronde first; give back the children that return after the end."""
    later = []
    gegeven = [
        (o, (melding.bied_aan if o.is_elders else melding.draag_over)(o.kind.proces, ronde=ronde))
        for o in overdrachtplannen
    ]
    for o, kind in gegeven:
        if o.is_gezien:
            (_vervang if o.is_elders else _schrijf)(kind, o.kind)
        if o.lot == "geweigerd":
            melding.weiger(kind)
        elif o.lot == "teruggenomen":
            melding.neem_terug(kind)
            if o.is_elders:
                melding.keer_terug(kind)  # a note, long before the end
            later.append(kind)
        elif o.lot == "notitie":
            later.append(kind)
        elif o.lot != "open":
            resultaat = "voltooid" if o.lot == "terug" else "zonder_resultaat"
            melding.keer_terug(kind, Resultaat(resultaat))
    return later


def _vervang(kind: Melding, plan: Meldingplan) -> None:
    """What the grens says of a child elsewhere; and what it never should: what is below that."""
    if plan.einde == "afgewezen":
        kind.wijs_af()
        return
    kind.neem_aan()
    for ronde, overdrachtplannen in enumerate(plan.rondes, start=1):
        _schrijf_ronde(kind, ronde, overdrachtplannen)
    if plan.einde == "gesloten":
        kind.meld_gereed().voltooi()
    elif plan.einde != "open":
        kind.sluit(Uitkomst(plan.einde))


def verwachte_geschiedenis(plan: Meldingplan) -> list[int]:
    """The numbers that a tree went through, from its plan."""
    if plan.proces in NUMMERS:
        return [NUMMERS[plan.proces]]
    nummers: list[int] = []
    hoogste = -1
    # Equal n does not occur here, so the order of handing over is the order of n.
    for ronde in plan.rondes:
        for o in ronde:
            if o.lot != "geweigerd" and HOOGTE[o.kind.proces] > hoogste:
                hoogste = HOOGTE[o.kind.proces]
                nummers.append(NUMMERS[plan.proces, o.kind.proces])
    return nummers


def verwacht_pad(plan: Meldingplan) -> str:
    """The walked path of a tree, from its plan."""
    pad = plan.proces.letter
    for ronde in plan.rondes:
        aanvaard = [o for o in ronde if o.lot != "geweigerd"]
        if aanvaard:
            hoogste = max(HOOGTE[o.kind.proces] for o in aanvaard)
            uitstap = next(o for o in aanvaard if HOOGTE[o.kind.proces] == hoogste)
            is_te_zien = uitstap.is_gezien and not uitstap.is_elders
            pad += verwacht_pad(uitstap.kind) if is_te_zien else uitstap.kind.proces.letter
            pad += plan.proces.letter if uitstap.lot in TERUG else ""
    return pad
