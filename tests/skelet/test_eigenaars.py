"""Who may say what: of every message that does something here, by every sender.

A process tells of its own meldingen. What it says of a melding from here counts when that melding
was handed to it, of one below it when that was got from it; all else is parked, and does nothing.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from deploy.lokaal.postgres import Databases
from tests.skelet.geval import aangenomen, overgedragen
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts import deelproces as d
from schakel.contracts import melding as m
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.envelop import bron_van, verpak
from schakel.contracts.feit import Door, Feit
from schakel.contracts.topics import topic_van
from schakel.contracts.werkstromen import SOORT_VAN, Proces
from schakel.kern.bezorging.lezer import SYSTEEM
from schakel.kern.bus.bericht import KOPPEN, Levering, Record
from schakel.kern.geheim.hoofdsleutel import maak_hoofdsleutel
from schakel.kern.grond.instellingen import TEST_OIN
from schakel.kern.opslag.postgres import migreer
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis, Ouder, Plaats
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.vastlegging.werk import Werk
from schakel.skelet.overzicht import TABELLEN
from schakel.skelet.proces import Procesdienst
from schakel.skelet.stappen.rand import Gekoppeld
from schakel.skelet.stappen.voortgekomen import Herkomst, NieuweMelding, Voortgekomen
from schakel.skelet.start import instellingen_voor
from schakel.skelet.volgnummer import volgend_volgnummer

A, W, H, U, V = (
    Proces.AFSPREKEN,
    Proces.WIJZIGEN,
    Proces.HERSTELLEN,
    Proces.UITVOEREN,
    Proces.VERBETEREN,
)
OP = datetime(2026, 3, 2, 10, tzinfo=UTC)
DOOR = Door(wie="mw-1", rol="behandelaar")
SENDERS = (A, H, U, V)
"""All others: a process does not read what it says itself."""


class Wereld(NamedTuple):
    """Meldingen here and the ids of those elsewhere that have to do with them."""

    ouder: UUID
    """Of herstellen; ``midden`` hangs below it, and ``kind`` of uitvoeren below that."""
    midden: UUID
    kind: UUID
    gekoppeld: UUID
    """Of verbeteren, linked to ``midden``."""
    bron: UUID
    """Of uitvoeren; ``los`` came forth from it."""
    los: UUID
    gevraagd: UUID
    """Of afspreken, asked for by ``midden``."""


def wereld() -> Wereld:
    return Wereld(*(uuid4() for _ in Wereld._fields))


def nieuwe(id_: UUID, naar: Proces) -> m.NieuweMelding:
    return m.NieuweMelding(
        melding_id=id_,
        naar=naar,
        meldingsoort=SOORT_VAN[naar],
        dienst="verlichting",
        kanaal=m.Kanaal.WEB,
        melder=m.Meldersoort.BURGER,
    )


class Zin(NamedTuple):
    """What is said, about which melding, and who may say it."""

    soort: type[Feit]
    over: str
    eigenaar: Proces | None
    rest: Callable[[Wereld], Mapping[str, Any]]
    boom: str = "ouder"
    is_genest: bool = False
    verandert: bool = True
    """Whether it does something when its owner says it."""


def kind_van(kind_id: UUID) -> m.Overdracht:
    return m.Overdracht(kind_id=kind_id, naar=W, n=1, ronde=1)


ZINNEN: Mapping[str, Zin] = {
    "overdracht van wat er al is": Zin(
        m.Overgedragen, "ouder", H, lambda w: {"overdracht": kind_van(w.midden)}, verandert=False
    ),
    "overdracht van een eerste melding": Zin(
        m.Overgedragen, "ouder", None, lambda w: {"overdracht": kind_van(w.los)}
    ),
    "teruggenomen wat hier is": Zin(
        d.OverdrachtTeruggenomen, "ouder", H, lambda w: {"kind_id": w.midden, "aanleiding": "r"}
    ),
    "omgezet in wat er al is": Zin(
        m.Omgezet,
        "bron",
        U,
        lambda w: {"reden": "r", "nieuwe_meldingen": (nieuwe(w.los, W),)},
        verandert=False,
        boom="bron",
    ),
    "voortgekomen wat er al is": Zin(
        m.Voortgekomen,
        "bron",
        U,
        lambda w: {"aanleiding": "r", "nieuwe_melding": nieuwe(w.los, W)},
        verandert=False,
        boom="bron",
    ),
    "voortgekomen een kind": Zin(
        m.Voortgekomen,
        "ouder",
        None,
        lambda w: {"aanleiding": "r", "nieuwe_melding": nieuwe(w.midden, W)},
    ),
    "voltooid kind": Zin(m.Voltooid, "kind", U, lambda _: {}, is_genest=True),
    "voltooid kind in een andere boom": Zin(
        m.Voltooid, "kind", None, lambda _: {}, boom="bron", is_genest=True
    ),
    "voltooide koppeling": Zin(
        m.Voltooid, "gekoppeld", V, lambda w: {"gekoppeld": (w.midden,)}, boom="gekoppeld"
    ),
    "kind zonder resultaat": Zin(
        m.Gesloten, "kind", U, lambda _: {"uitkomst": m.Uitkomst.AFGEBROKEN}, is_genest=True
    ),
    "ingetrokken ouder": Zin(m.Gesloten, "ouder", H, lambda _: {"uitkomst": "ingetrokken"}),
    "gesloten van hier": Zin(
        m.Gesloten, "los", None, lambda _: {"uitkomst": "ingetrokken"}, boom="los"
    ),
    "afgewezen kind": Zin(m.Afgewezen, "kind", U, lambda _: {"reden": "r"}, is_genest=True),
    "koppeling": Zin(
        m.Gekoppeld,
        "gekoppeld",
        V,
        lambda w: {"andere_id": w.midden, "andere_proces": W, "soort": "dubbel"},
        verandert=False,
        boom="gekoppeld",
    ),
    "gewist kind": Zin(
        m.PersoonsgegevensGewist, "kind", U, lambda _: {"grond": "avg"}, is_genest=True
    ),
    "gewiste ouder": Zin(m.PersoonsgegevensGewist, "ouder", H, lambda _: {"grond": "avg"}),
    "gewiste eerste melding van hier": Zin(
        m.PersoonsgegevensGewist, "los", None, lambda _: {"grond": "avg"}, boom="los"
    ),
    "gewist kind van hier": Zin(
        m.PersoonsgegevensGewist, "midden", None, lambda _: {"grond": "avg"}
    ),
    "gewist wat hier werd gevraagd": Zin(
        m.PersoonsgegevensGewist,
        "gevraagd",
        A,
        lambda w: {"grond": "avg", "herkomst_id": w.midden, "herkomst_proces": W},
        boom="gevraagd",
    ),
}


class Proef:
    """The service of wijzigen, and the topics of the others."""

    def __init__(self, dienst: Procesdienst[Any]) -> None:
        self.dienst = dienst
        self.gewist: list[UUID] = []
        """Of which what was written is destroyed."""
        dienst.ontvanger._verwerker._wis = lambda werk, id_: werk.daarna(  # type: ignore[attr-defined]
            partial(self.gewist.append, id_)
        )
        self._positie = 0

    async def begin(self) -> Wereld:
        """What is there when a message comes."""
        w = wereld()
        uitgezet = NieuweMelding(
            w.gevraagd, A, "verlichting", m.Kanaal.WEB, m.Meldersoort.AMBTENAAR
        )

        def doe(werk: Werk[Any]) -> None:
            herkomst = Herkomst(w.bron, U, "monitoring")
            feiten: Mapping[UUID, tuple[Plaats, tuple[Gebeurtenis, ...]]] = {
                w.midden: (
                    Plaats(w.ouder, Ouder(w.ouder, H.value, 1, 1)),
                    (
                        overgedragen(w.kind, U),
                        Gekoppeld(w.gekoppeld, V, "dubbel"),
                        Voortgekomen("monitoring", uitgezet),
                    ),
                ),
                w.los: (Plaats(w.los), ()),
            }
            soort = OMSCHRIJVING[W].soort
            for id_, (plaats, daarna) in feiten.items():
                melding = soort(id_, plaats)
                werk.voeg_toe(melding)
                uit = herkomst if id_ == w.los else None
                nummer = volgend_volgnummer(werk, W)
                melding.gebeurt(aangenomen(soort, volgnummer=nummer, voortgekomen_uit=uit))
                for feit in daarna:
                    melding.gebeurt(feit)

        await self.dienst.schrijver.voer_uit(Taak(doe, type(None), SYSTEEM))
        return w

    async def zeg(self, feit: Feit, schrijver: Proces) -> None:
        """On the topic of ``schrijver``, as that writes it."""
        self._positie += 1
        bron = bron_van(TEST_OIN, f"schakel-{schrijver}")
        waarde = verpak(feit, bron=bron, volgnummer=self._positie, tijdstip=OP)
        record = Record(self._positie, str(feit.wortel_id).encode(), KOPPEN, waarde)
        await self.dienst.ontvanger.ontvang(
            Levering(f"{topic_van(TEST_OIN, schrijver)}/0", bron, [record])
        )

    def stand(self) -> tuple[Any, ...]:
        """Everything that a message may change."""
        vraag = self.dienst.opslag.vraag
        return (
            vraag("SELECT count(*) FROM stored_events"),
            vraag("SELECT count(*) FROM meldingen"),
            len(self.gewist),
            vraag("SELECT count(*) FROM inbox"),
        )

    def redenen(self, na: int = 0) -> list[str]:
        return [een.reden for een in self.dienst.lezer.parkeerplaats.lijst(na=na, limiet=10_000)]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def proef(
    request: pytest.FixtureRequest, omgeving: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proef]:
    map_: Path = tmp_path_factory.mktemp("wijzigen")
    opslag = "sqlite"
    if request.param == "postgres":
        server: Databases = request.getfixturevalue("postgres")
        opslag = server.maak_database()
        migreer(opslag, TABELLEN)
        maak_hoofdsleutel(map_ / "sleutel")
    instellingen = instellingen_voor(OMSCHRIJVING[W], gegevensmap=map_, opslag=opslag)
    dienst = Procesdienst(OMSCHRIJVING[W], instellingen)
    yield Proef(dienst)
    asyncio.run(dienst.schrijver.sluit())
    dienst.opslag.sluit()


def maak(zin: Zin, w: Wereld, proces: Proces) -> Feit:
    """What ``proces`` says, or who it says to be."""
    over: UUID = getattr(w, zin.over)
    genest = {"ouder_id": w.midden, "ouder_proces": W, "n": 1, "ronde": 1}
    return zin.soort(
        melding_id=over,
        wortel_id=getattr(w, zin.boom),
        proces=proces,
        versie=9,
        door=DOOR,
        **(genest if zin.is_genest else {}),
        **zin.rest(w),
    )


@pytest.mark.parametrize("zender", SENDERS)
@pytest.mark.parametrize("naam", ZINNEN)
async def test_alleen_van_wie_iets_is_heeft_er_iets_over_te_zeggen(
    proef: Proef, naam: str, zender: Proces
) -> None:
    zin = ZINNEN[naam]
    w = await proef.begin()
    voor, gehad = proef.stand(), len(proef.redenen())
    await proef.zeg(maak(zin, w, zender), zender)
    if zender is zin.eigenaar:
        assert proef.redenen()[gehad:] == []
        *anders, _ = map(lambda een, ander: een != ander, voor, proef.stand())
        assert any(anders) == zin.verandert
    else:
        assert proef.redenen()[gehad:] == ["geen-eigenaar"]
        assert proef.stand() == voor


@pytest.mark.parametrize("zender", SENDERS)
@pytest.mark.parametrize("naam", ZINNEN)
async def test_niemand_spreekt_namens_een_ander(proef: Proef, naam: str, zender: Proces) -> None:
    """Nor as the service itself."""
    w = await proef.begin()
    voor = proef.stand()
    anderen = [proces for proces in Proces if proces is not zender]
    gehad = len(proef.redenen())
    for proces in anderen:
        await proef.zeg(maak(ZINNEN[naam], w, proces), zender)
    assert proef.redenen()[gehad:] == ["geen-eigenaar"] * len(anderen)
    assert proef.stand() == voor


async def test_wat_de_eigenaar_daarna_zegt_telt_ook_in_dezelfde_boom(proef: Proef) -> None:
    """What somebody has no say over holds up nothing, of others nor of its own."""
    w = await proef.begin()
    kind, ouder = ZINNEN["voltooid kind"], ZINNEN["ingetrokken ouder"]
    gehad = len(proef.redenen())
    for wie in (A, H, V):
        await proef.zeg(maak(kind, w, wie), wie)
    await proef.zeg(maak(ouder, w, U), U)
    await proef.zeg(maak(kind, w, U), U)
    assert proef.redenen()[gehad:] == ["geen-eigenaar"] * 4
    midden = await _lees(proef, w.midden)
    assert [een.status for een in midden.kinderen.values()] == [m.Kindstatus.VOLTOOID]


@pytest.mark.parametrize("naam", ["gewist kind", "gewiste ouder", "gewist wat hier werd gevraagd"])
async def test_een_wissing_die_binnenkomt_wordt_ook_hier_vastgelegd(
    proef: Proef, naam: str
) -> None:
    zin = ZINNEN[naam]
    assert zin.eigenaar is not None
    w = await proef.begin()
    await proef.zeg(maak(zin, w, zin.eigenaar), zin.eigenaar)
    midden = await _lees(proef, w.midden)
    assert midden.is_gewist == (naam == "gewiste ouder")
    weg = {"gewist kind": w.kind, "gewiste ouder": w.midden}.get(naam, w.gevraagd)
    assert weg in proef.gewist


@pytest.mark.parametrize("zender", SENDERS)
def test_alle_andere_soorten_doen_hier_niets(proef: Proef, zender: Proces) -> None:
    doen = {zin.soort.type for zin in ZINNEN.values()}
    stil = set(CATALOGUS) - doen - {soort.type for soort in d.INGEKOMEN}
    assert len(doen) == 9
    for type_ in stil:
        bericht = _Bericht(type_, bron_van(TEST_OIN, f"schakel-{zender}"))
        assert proef.dienst.ontvanger._verwerker.duid(bericht) is None  # type: ignore[arg-type]


class _Bericht(NamedTuple):
    type: str
    source: str


async def _lees(proef: Proef, id_: UUID) -> Any:
    gelezen: list[Any] = []
    taak = Taak(lambda werk: gelezen.append(werk.haal(id_)), type(None), SYSTEEM)
    await proef.dienst.schrijver.voer_uit(taak)
    return gelezen[0]
