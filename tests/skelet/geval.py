"""Given events, when a step, then events: the aggregate alone, without a store.

Names no process of its own, so that the tests of one service need no other service.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

import pytest

from schakel.contracts.melding import Kanaal, Kindstatus, Meldersoort, Oordeel, Resultaat, Uitkomst
from schakel.contracts.organisatie import Verwijzing
from schakel.contracts.uitvoeren import Besluit
from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces, VierFeiten
from schakel.kern.grond.weigering import Weigering
from schakel.kern.vastlegging.gebeurtenis import Door, Gebeurtenis, Ouder, Plaats, Vastgelegd
from schakel.skelet.melding import Melding
from schakel.skelet.stappen.begin import Aangenomen, Beoordeeld, Verhelderd
from schakel.skelet.stappen.overdracht import Overgedragen, Teruggekeerd
from schakel.skelet.stappen.voortgekomen import NieuweMelding

M = TypeVar("M", bound=Melding)
T = TypeVar("T")
Kies = Callable[[Sequence[Any]], Any]

OP = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAG = timedelta(days=1)
BESLIS = OP + 56 * DAG
DOOR = Door("mw-1", "behandelaar")
ID = UUID(int=1)
OUDER_ID = UUID(int=2)
OUDER_VAN: Mapping[Proces, Proces] = {
    Proces.AFSPREKEN: Proces.VERBETEREN,
    Proces.WIJZIGEN: Proces.HERSTELLEN,
    Proces.UITVOEREN: Proces.WIJZIGEN,
}
"""For each process that can be handed to, one that may do so."""

NIEUWE_STORING = VierFeiten(
    proactief=False, afwijking=True, binnen_afspraken=True, raakt_beheerde_infrastructuur=False
)
STRUCTURELE_STORING = VierFeiten(
    proactief=False, afwijking=True, binnen_afspraken=True, raakt_beheerde_infrastructuur=True
)
FEITEN: Mapping[Proces, tuple[VierFeiten, ...]] = {
    Proces.AFSPREKEN: (
        VierFeiten(
            proactief=False,
            afwijking=False,
            binnen_afspraken=False,
            raakt_beheerde_infrastructuur=True,
        ),
    ),
    Proces.WIJZIGEN: (
        VierFeiten(
            proactief=False,
            afwijking=False,
            binnen_afspraken=True,
            raakt_beheerde_infrastructuur=True,
        ),
    ),
    Proces.HERSTELLEN: (NIEUWE_STORING, STRUCTURELE_STORING),
    Proces.UITVOEREN: (
        VierFeiten(
            proactief=False,
            afwijking=False,
            binnen_afspraken=True,
            raakt_beheerde_infrastructuur=False,
        ),
    ),
    Proces.VERBETEREN: tuple(
        VierFeiten(
            proactief=True,
            afwijking=False,
            binnen_afspraken=binnen,
            raakt_beheerde_infrastructuur=raakt,
        )
        for binnen, raakt in ((True, False), (True, True), (False, True))
    ),
}
_nummers = count(1000)


def id_() -> UUID:
    """A fresh id."""
    return UUID(int=next(_nummers))


def aangenomen(soort: type[Melding], **anders: Any) -> Aangenomen:
    """The first event of a melding of this soort, from somebody who may start it."""
    van_ons = soort.PROCES is Proces.VERBETEREN
    vast: dict[str, Any] = {
        "volgnummer": f"{soort.PROCES.letter}-2026-000001",
        "kanaal": Kanaal.WEB,
        "dienst": "verlichting",
        "melder": Meldersoort.AMBTENAAR if van_ons else Meldersoort.BURGER,
        "uiterlijk": BESLIS,
    }
    return Aangenomen(**(vast | anders))


def beoordeeld(feiten: VierFeiten, impact: int = 2, urgentie: int = 2) -> Beoordeeld:
    """The event of a judgement."""
    return Beoordeeld(
        feiten.proactief,
        feiten.afwijking,
        feiten.binnen_afspraken,
        feiten.raakt_beheerde_infrastructuur,
        impact,
        urgentie,
        impact + urgentie - 1,
    )


def in_behandeling(soort: type[Melding]) -> tuple[Gebeurtenis, ...]:
    """The history of a first melding that may start its own steps."""
    return aangenomen(soort), Verhelderd(), beoordeeld(FEITEN[soort.PROCES][0])


def plaats(soort: type[Melding], *, genest: bool) -> Plaats:
    """A place in a tree: at its root, or below a process that may hand over to this one."""
    if not genest:
        return Plaats(ID)
    return Plaats(OUDER_ID, Ouder(OUDER_ID, OUDER_VAN[soort.PROCES].value, 1, 1))


def vastgelegd(melding_plaats: Plaats, feiten: Sequence[Gebeurtenis]) -> list[Vastgelegd]:
    """The same events as recorded."""
    return [
        Vastgelegd(ID, versie, OP, DOOR, melding_plaats, feit)
        for versie, feit in enumerate(feiten, start=1)
    ]


def gegeven(soort: type[M], *feiten: Gebeurtenis, genest: bool = False) -> M:
    """A melding to which all this has happened, rebuilt from what was recorded."""
    melding = soort.herbouw(vastgelegd(plaats(soort, genest=genest), feiten))
    assert melding is not None
    return melding


def toestand(melding: Melding) -> dict[str, Any]:
    """All that a melding knows, apart from what was not recorded yet or only saves work."""
    return {n: waarde for n, waarde in vars(melding).items() if n != "nieuw" and n[0] != "_"}


@contextmanager
def geweigerd(melding: Melding, code: str) -> Iterator[None]:
    """What is done inside is refused with this code, says what is possible, and does nothing."""
    voor, mogelijk = list(melding.nieuw), melding.mogelijke_stappen()
    with pytest.raises(Weigering) as fout:
        yield
    assert fout.value.code == code
    assert fout.value.uitleg
    assert list(fout.value.toegestaan) == mogelijk == melding.mogelijke_stappen()
    assert melding.nieuw == voor


def als_body(feiten: VierFeiten) -> dict[str, bool]:
    """The four facts as the API wants them."""
    return {
        "proactief": feiten.proactief,
        "afwijking": feiten.afwijking,
        "binnenAfspraken": feiten.binnen_afspraken,
        "raaktBeheerdeInfrastructuur": feiten.raakt_beheerde_infrastructuur,
    }


def overgedragen(kind_id: UUID, naar: Proces, n: int = 1, ronde: int = 1) -> Overgedragen:
    """The event of a hand-over by a melding as ``aangenomen`` makes them."""
    return Overgedragen(
        kind_id, naar, n, ronde, "verlichting", Kanaal.WEB, Meldersoort.BURGER, OP + 28 * DAG
    )


def teruggekeerd(kind_id: UUID, resultaat: Resultaat = Resultaat.VOLTOOID) -> Teruggekeerd:
    """The event of a return."""
    return Teruggekeerd(kind_id, resultaat)


def draag_over(melding: Melding, naar: Proces) -> UUID:
    """Hand over, and return the id of the child."""
    kind_id = id_()
    melding.draag_over(kind_id, naar, melding.dienst, OP + 28 * DAG, None)
    return kind_id


def nieuwe(
    naar: Proces, melder: Meldersoort = Meldersoort.BURGER, dienst: str = "verlichting"
) -> NieuweMelding:
    """A melding that another process is asked to open."""
    return NieuweMelding(id_(), naar, dienst, Kanaal.WEB, melder)


def _eerste(mogelijkheden: Sequence[T]) -> T:
    return mogelijkheden[0]


def zet(melding: Melding, stap: str, kies: Kies = _eerste) -> None:
    """Take the step of this name with sensible arguments."""
    ZETTEN[stap](melding, kies)


def zet_alle(melding: M, *stappen: str) -> M:
    """Take these steps, one after the other."""
    for stap in stappen:
        zet(melding, stap)
    return melding


def _beoordeel(melding: Melding, kies: Kies) -> None:
    feiten = kies(FEITEN[melding.PROCES])
    melding.beoordeel(feiten, kies((2, 1, 3)), kies((2, 1, 3)), maatwerk=False)


def _zet_om(melding: Melding, kies: Kies) -> None:
    anderen = [p for p in Proces if p not in {melding.PROCES, Proces.VERBETEREN}]
    melding.zet_om("verkeerde-soort", [nieuwe(kies(anderen), melding.melder)])


def _draag_over(melding: Melding, kies: Kies) -> None:
    draag_over(melding, kies(OVERDRACHT_NAAR[melding.PROCES] or (Proces.UITVOEREN,)))


def _neem_overdracht_terug(melding: Melding, kies: Kies) -> None:
    open_ = [kind.id for kind in melding.kinderen.values() if kind.status is Kindstatus.OPEN]
    melding.neem_overdracht_terug(kies(open_ or [ID]), "duurt-te-lang")


def _controleer(melding: Melding, kies: Kies) -> None:
    leeg = any(k.status is Kindstatus.ZONDER_RESULTAAT for k in melding.kinderen_in_ronde)
    melding.controleer(goed=not leeg and kies((True, False)))


def _vraag_tevredenheid(melding: Melding, kies: Kies) -> None:
    oordeel = kies((Oordeel.TEVREDEN, Oordeel.NIET_TEVREDEN, Oordeel.MEER_GEWENST))
    meer = nieuwe(Proces.AFSPREKEN) if oordeel is Oordeel.MEER_GEWENST else None
    melding.controleer_tevredenheid(oordeel, meer)


def _evalueer(melding: Melding, kies: Kies) -> None:
    melding.evalueer(kies((None, nieuwe(Proces.VERBETEREN, Meldersoort.AMBTENAAR))))


ZETTEN: Mapping[str, Callable[[Any, Kies], None]] = {
    "afwijzingen": lambda m, _: m.wijs_af("niet-voor-ons"),
    "verhelderingen": lambda m, _: m.verhelder(),
    "beoordelingen": _beoordeel,
    "omzettingen": _zet_om,
    "overdrachten": _draag_over,
    "overdracht-terugnames": _neem_overdracht_terug,
    "controles": _controleer,
    "gereedmeldingen": lambda m, _: m.meld_gereed("geleverd", OP + 14 * DAG),
    "tevredenheidscontroles": _vraag_tevredenheid,
    "evaluaties": _evalueer,
    "sluitingen": lambda m, _: m.sluit(),
    "intrekkingen": lambda m, _: m.trek_in("op-verzoek-van-melder"),
    "afbrekingen": lambda m, _: m.breek_af("geen-middelen", Uitkomst.AFGEBROKEN),
    "koppelingen": lambda m, kies: m.koppel(Verwijzing(kies(tuple(Proces)), id_()), "gerelateerd"),
    "opschortingen": lambda m, _: m.schort_op("wacht-op-melder", OP + DAG),
    "hervattingen": lambda m, _: m.hervat(OP + 3 * DAG),
    "wissingen": lambda m, _: m.wis("verzoek-betrokkene"),
    "specificaties": lambda m, _: m.specificeer(),
    "aanbiedingen": lambda m, _: m.bied_aan(),
    "overeenstemmingen": lambda m, kies: m.stem_overeen(
        bereikt=kies((True, True, True, False)), reden="te-duur"
    ),
    "vaststellingen": lambda m, _: m.stel_vast("afspraak-1"),
    "planningen": lambda m, _: m.plan(),
    "accorderingen": lambda m, _: m.accordeer(),
    "voorbereidingen": lambda m, _: m.bereid_voor(),
    "testen": lambda m, kies: m.test(geslaagd=kies((True, False))),
    "vrijgaven": lambda m, _: m.geef_vrij(),
    "registraties": lambda m, _: m.werk_register_bij("onderdeel-1"),
    "analyses": lambda m, _: m.analyseer("kabelbreuk"),
    "workarounds": lambda m, kies: m.bied_workaround(
        "noodverlichting", kies((None, nieuwe(Proces.VERBETEREN, Meldersoort.AMBTENAAR)))
    ),
    "uitvoeringen": lambda m, kies: m.voer_uit(kies((Besluit.GELEVERD, Besluit.GEWEIGERD))),
    "signaleringen": lambda m, _: m.signaleer(nieuwe(Proces.HERSTELLEN, Meldersoort.AMBTENAAR)),
    "oorzaken": lambda m, _: m.stel_oorzaak_vast("kabelbreuk"),
    "maatregelen": lambda m, _: m.kies_maatregel("kabel-vervangen"),
    "restrisicos": lambda m, _: m.bepaal_restrisico("klein"),
}
EIGEN_VOOR: Mapping[Proces, tuple[str, ...]] = {
    Proces.AFSPREKEN: ("specificaties", "aanbiedingen", "overeenstemmingen", "vaststellingen"),
    Proces.WIJZIGEN: ("planningen", "accorderingen", "voorbereidingen", "testen", "vrijgaven"),
    Proces.HERSTELLEN: ("analyses",),
    Proces.UITVOEREN: ("planningen", "uitvoeringen"),
    Proces.VERBETEREN: ("oorzaken", "maatregelen"),
}
"""The own steps up to the hand-over, as the domain writes them."""

EIGEN_NA: Mapping[Proces, tuple[str, ...]] = {
    Proces.WIJZIGEN: ("registraties",),
    Proces.VERBETEREN: ("restrisicos",),
}
"""The own steps after the check on the way back."""
