"""Organisations on one machine, each with its own folder, keys and processes.

What an operator does with ``schakel partner`` and ``schakel start``, done here for all of them.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from random import sample
from typing import Any, Final
from uuid import uuid4

from schakel.bewijs import lees_contractsleutel, nieuwe_contractsleutel, nieuwe_logsleutel
from schakel.contracts.envelop import schrijf_tijdstip
from schakel.contracts.organisatie import GRENS, ORCHESTRATOR, poort_van
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.instellingen import VOORVOEGSEL
from schakel.kern.grond.weigering import StartFout
from schakel.klant import Klant, Onbereikbaar, klanten

from .logbestand import NAAM as LOGBESTAND
from .logbestand import van_ons
from .partnermap import Partnermap
from .proefcertificaat import Uitgever
from .voorstel import eigen_partij, maak_voorstel, teken_mee

GEDULD: Final = 60.0
"""Seconds in which an organisation starts, on a slow machine."""
STOPTIJD: Final = 15.0
DIENSTEN: Final = ("laadpalen", "straatverlichting", "verkeerslichten")
"""What the two agreed about."""


@dataclass(frozen=True)
class Organisatie:
    """One of them; ``elders`` are the processes that it has somebody else do.

    ``instellingen`` are its own, by what stands behind SCHAKEL_: another bus or store.
    """

    oin: str
    naam: str
    processen: tuple[Proces, ...]
    basispoort: int
    elders: Mapping[Proces, str]
    instellingen: Mapping[str, str] = field(default_factory=dict)

    @property
    def diensten(self) -> list[str]:
        """What runs here."""
        return [*(proces.value for proces in self.processen), ORCHESTRATOR, GRENS]

    @property
    def partnerpoort(self) -> int:
        """Where the other comes in."""
        return poort_van(GRENS, self.basispoort) + 1

    @property
    def adressen(self) -> dict[str, str]:
        """Where each service answers."""
        return {
            naam: f"http://127.0.0.1:{poort_van(naam, self.basispoort)}" for naam in self.diensten
        }


def gemeente_en_uitvoerder(
    map_: Path, *, vaste_poorten: bool = False
) -> tuple[Organisatie, Organisatie]:
    """A gemeente that has its wijzigen done by another, which runs only what it needs for it.

    They keep the ports that they had in ``map_``, because their contract names them. Raises
    StartFout where nothing can be written.
    """
    bewaard = map_ / "poorten.json"
    if bewaard.exists():
        hier, daar = json.loads(bewaard.read_bytes())
    else:
        hier, daar = (8100, 8200) if vaste_poorten else vrije_poorten()
        with _te_schrijven(map_):
            _schrijf(bewaard, json.dumps([hier, daar]).encode())
    wij, zij = "00000099000000001000", "00000099000000002000"
    zelf = tuple(proces for proces in Proces if proces is not Proces.WIJZIGEN)
    return (
        Organisatie(wij, "gemeente", zelf, hier, {Proces.WIJZIGEN: zij}),
        Organisatie(zij, "uitvoerder", (Proces.WIJZIGEN, Proces.UITVOEREN), daar, {}),
    )


def richt_in(map_: Path, *organisaties: Organisatie) -> None:
    """Keys and certificates of each, and a contract of each two of whom one asks the other.

    Keys and contracts that are in ``map_`` already stay; certificates are made anew each time.
    Raises StartFout where nothing can be written.
    """
    with _te_schrijven(map_):
        _richt_in(map_, organisaties)


@contextmanager
def _te_schrijven(map_: Path) -> Iterator[None]:
    try:
        map_.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield
    except OSError as fout:
        uitleg = f"kan niet schrijven in {map_}: {fout.strerror}"
        raise StartFout("opslag-onbereikbaar", uitleg) from fout


def _richt_in(map_: Path, organisaties: Sequence[Organisatie]) -> None:
    uitgever, nu = Uitgever(map_), datetime.now(UTC)
    for een in organisaties:
        eigen = map_ / een.naam
        for naam, maak in (
            ("contract.pem", nieuwe_contractsleutel),
            ("log.pem", nieuwe_logsleutel),
        ):
            if not (eigen / naam).exists():
                _schrijf(eigen / naam, maak())
        uitgever.certificaat(een.oin).rename(eigen / "tls.pem")
        elders = {proces.value: {"standaard": oin} for proces, oin in een.elders.items()}
        niemand = {
            proces.value: {"standaard": None}
            for proces in Proces
            if proces not in {*een.processen, *een.elders}
        }
        routering = {"processen": {**elders, **niemand}}
        _schrijf(eigen / "routering.json", json.dumps(routering).encode())
    for een, ander in combinations(organisaties, 2):
        afspraken = [*_afspraken(een, ander), *_afspraken(ander, een)]
        voorstel = map_ / f"{een.naam}-{ander.naam}.json"
        if afspraken and not voorstel.exists():
            _schrijf(voorstel, _overeenkomst(map_, een, ander, afspraken, nu))
        for partij in (een, ander) if afspraken else ():
            partners = Partnermap(map_ / partij.naam / "partners", partij.oin)
            gesloten = [regel.overeenkomst for regel in partners.geldend(nu)]
            paren = [{p.oin for p in g.inhoud.partijen} for g in gesloten if g is not None]
            if {een.oin, ander.oin} not in paren:
                partners.aanvaard(voorstel.read_bytes(), nu)


def _afspraken(vrager: Organisatie, uitvoerder: Organisatie) -> list[dict[str, Any]]:
    """What the first may ask of the second."""
    processen = [proces.value for proces, oin in vrager.elders.items() if oin == uitvoerder.oin]
    if not processen:
        return []
    return [
        {
            "soort": "deelproces",
            "vrager": vrager.oin,
            "uitvoerder": uitvoerder.oin,
            "processen": processen,
            "meldingsoorten": [],
            "diensten": list(DIENSTEN),
            "modellen": ["hoofdaannemer"],
            "termijnen": {"eersteWoord": "P2D", "beoordeling": "P14D"},
        }
    ]


def _overeenkomst(
    map_: Path,
    een: Organisatie,
    ander: Organisatie,
    afspraken: list[dict[str, Any]],
    nu: datetime,
) -> bytes:
    """Proposed by the one, and signed by the other."""
    tekenaars = [
        lees_contractsleutel((map_ / wie.naam / "contract.pem").read_bytes())
        for wie in (een, ander)
    ]
    partijen = [
        eigen_partij(
            wie.oin,
            zij.oin,
            tekenaar,
            (map_ / wie.naam / "log.pem").read_bytes(),
            naam=wie.naam,
            adres=f"https://localhost:{wie.partnerpoort}",
        )
        for wie, zij, tekenaar in ((een, ander, tekenaars[0]), (ander, een, tekenaars[1]))
    ]
    inhoud = {
        "geldigTot": schrijf_tijdstip(nu + timedelta(days=365)),
        "beller": "zender",
        "partijen": partijen,
        "afspraken": afspraken,
    }
    voorstel = maak_voorstel(json.dumps(inhoud).encode(), tekenaars[0], id_=uuid4(), nu=nu)
    return teken_mee(voorstel, tekenaars[1])


def _schrijf(pad: Path, inhoud: bytes) -> None:
    """Whole or not at all, and for nobody else: it may be a secret."""
    pad.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    nieuw = pad.with_name(f"{pad.name}.nieuw")
    nieuw.touch(mode=0o600)
    nieuw.write_bytes(inhoud)
    nieuw.rename(pad)


@dataclass(frozen=True)
class Opstelling:
    """Organisations at work: of each its process, and a customer of each of its services."""

    processen: Sequence[subprocess.Popen[bytes]]
    klanten: Sequence[Mapping[str, Klant]]

    async def tot_stop(self, stoppen: asyncio.Event) -> None:
        """Returns when ``stoppen`` is set or one of them ends."""
        while (  # noqa: ASYNC110 - a process that ends sets no event
            not stoppen.is_set() and all(een.poll() is None for een in self.processen)
        ):
            await asyncio.sleep(0.2)


@asynccontextmanager
async def draaiend(map_: Path, organisaties: Sequence[Organisatie]) -> AsyncIterator[Opstelling]:
    """Start them, a process each; stops them after.

    Raises StartFout when one does not start; why stands in its log.
    """
    async with AsyncExitStack() as opruimen:
        processen = [begin(map_, een, een.diensten, opruimen) for een in organisaties]
        wij = []
        for een, proces in zip(organisaties, processen, strict=True):
            bij = await opruimen.enter_async_context(klanten(een.adressen))
            await tot_klaar(map_, een, proces, bij)
            wij.append(bij)
        yield Opstelling(processen, wij)


def begin(
    map_: Path, wie: Organisatie, diensten: list[str], opruimen: AsyncExitStack
) -> subprocess.Popen[bytes]:
    """Start some of its services in one process, which ``opruimen`` stops."""
    eigen = map_ / wie.naam
    schoon = {naam: w for naam, w in os.environ.items() if not naam.startswith(VOORVOEGSEL)}
    een, *meer = diensten
    poort = {"BASISPOORT": wie.basispoort} if meer else {"POORT": poort_van(een, wie.basispoort)}
    ons = {
        "OIN": wie.oin,
        "GEGEVENSMAP": str(eigen),
        **{naam: str(nummer) for naam, nummer in poort.items()},
        "LOGSLEUTELS": json.dumps([str(eigen / "log.pem")]),
        "PARTNERCERTIFICAAT": str(eigen / "tls.pem"),
        "PARTNER_CA": str(map_ / "ca.pem"),
        "EIGEN_HOSTS": '["localhost"]',
        **wie.instellingen,
    }
    if diensten != [GRENS]:  # that knows no such setting
        ons["ROUTERING"] = str(eigen / "routering.json")
    with open(eigen / LOGBESTAND, "ab", opener=van_ons) as log:
        proces = subprocess.Popen(  # noqa: S603 - the interpreter that runs this
            [sys.executable, "-m", "schakel.cli", "start", *diensten],
            env={**schoon, **{f"{VOORVOEGSEL}{naam}": waarde for naam, waarde in ons.items()}},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    opruimen.push_async_callback(asyncio.to_thread, _stop, proces)
    return proces


def _stop(proces: subprocess.Popen[bytes]) -> None:
    if proces.poll() is None:
        proces.send_signal(signal.SIGTERM)
    try:
        proces.wait(STOPTIJD)
    except subprocess.TimeoutExpired:
        proces.kill()
        proces.wait()


async def tot_klaar(
    map_: Path, wie: Organisatie, proces: subprocess.Popen[bytes], bij: Mapping[str, Klant]
) -> None:
    """Until every service of it answers; raises StartFout when its process ends or hangs."""
    tot = time.monotonic() + GEDULD
    wachtend = set(bij)
    while wachtend:
        if proces.poll() is not None or time.monotonic() > tot:
            log = map_ / wie.naam / LOGBESTAND
            raise StartFout("organisatie-start-niet", f"{wie.naam} start niet: zie {log}")
        for naam in list(wachtend):
            try:
                await bij[naam].klaar()
            except Onbereikbaar:
                await asyncio.sleep(0.1)
            else:
                wachtend.discard(naam)


def vrije_poorten() -> tuple[int, int]:
    """The first of two rows of ports that nobody has now, one behind the other.

    Below those from which a system gives connections theirs: such a port may be taken at any time.
    """
    aantal = poort_van(GRENS, 0) + 2
    for basis in sample(range(20_000, 32_000), 1_000):
        with ExitStack() as open_:
            try:
                for poort in range(basis, basis + 2 * aantal):
                    open_.enter_context(socket.socket()).bind(("127.0.0.1", poort))
            except OSError:
                continue
        return basis, basis + aantal
    raise StartFout("geen-poort", "er is geen rij vrije poorten op deze machine")
