"""S-10: fifty partners of which five are dead and one floods: what the others notice of that.

Ours is the whole grens, with its contracts in a folder, in a process that is set as a service is;
the healthy ones and the dead are one process, who floods is another. Phases with those six and
without them go in turns: their contracts come and go while the grens runs. A crossing is from what
is said until its receipt is taken in.
"""

import asyncio
import json
import os
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec
from tests.grens.organisaties import Papieren, klant_tls, server_tls
from tests.grens.test_gif import aangeboden
from tests.grens.test_over_https import vrije_poorten
from uuid_utils.compat import uuid7

from schakel.bewijs import lees_contractsleutel, lees_logsleutel
from schakel.bewijs import nieuwe_contractsleutel as nieuw_contract
from schakel.bewijs import nieuwe_logsleutel as nieuw_log
from schakel.cli.proefcertificaat import Uitgever
from schakel.cli.voorstel import eigen_partij, maak_voorstel, teken_mee
from schakel.contracts.envelop import schrijf_tijdstip
from schakel.contracts.schakels.overeenkomst import oorsprong_van
from schakel.grens.beller import Beller
from schakel.grens.buitennet import maak_klant
from schakel.grens.certificaat import oin_van_certificaat
from schakel.grens.dienst import Grens
from schakel.grens.instellingen import Instellingen
from schakel.grens.kanaal import Partnerkanaal
from schakel.grens.luisteraar import Luisteraar, maak_app
from schakel.grens.overeenkomsten import Partner, lees_getekend
from schakel.grens.tabellen import TABELLEN
from schakel.grens.verbinding import vergeet_sessies
from schakel.grens.verkeer import Verkeer
from schakel.grens.vormen import BLADEN_MAX, INHOUD_MAX
from schakel.kern.grond.instellingen import Instellingen as KernInstellingen
from schakel.kern.http.server import Server
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.transactie import AlleenRijen

from .achterstand import BLAD, Papierwerk
from .eigen import als_dienst, in_eigen_proces
from .verslag import Cel, Toets, Uitkomst, mediaan, percentiel, schone_map

WIJ: Final = "00000099000000001000"
RUST: Final = 0.02
"""Seconds between two crossings, each with the next partner."""


class Wie(msgspec.Struct, frozen=True):
    """One partner: who it is and how it behaves."""

    oin: str
    soort: str
    """``gezond``, ``zwijgt`` (accepts and never answers), ``weigert`` or ``vloedt``."""
    poort: int


class Opzet(msgspec.Struct, frozen=True):
    """All of them, and where we are."""

    poort: int
    partners: Sequence[Wie]


def _richt_in(map_: Path, soorten: Mapping[str, int]) -> Opzet:
    """Keys, certificates and contracts of all."""
    alle = [soort for soort, aantal in soorten.items() for _ in range(aantal)]
    poorten = vrije_poorten(len(alle) + 1)
    uitgever, nu = Uitgever(map_), datetime.now(UTC)
    opzet = Opzet(
        poorten[0],
        [
            Wie(f"{2_000_000 + nummer:020d}", soort, poort)
            for nummer, (soort, poort) in enumerate(zip(alle, poorten[1:], strict=True))
        ],
    )
    (map_ / "opzet.json").write_bytes(msgspec.json.encode(opzet))
    for oin in (WIJ, *(wie.oin for wie in opzet.partners)):
        uitgever.certificaat(oin)
        (map_ / f"{oin}.log").write_bytes(nieuw_log())
    (map_ / "partners").mkdir()
    eigen = lees_contractsleutel(nieuw_contract())
    for wie in opzet.partners:
        ander = lees_contractsleutel(nieuw_contract())
        partijen = [
            eigen_partij(
                oin,
                tegenover,
                sleutel,
                (map_ / f"{oin}.log").read_bytes(),
                naam=soort,
                adres=f"https://localhost:{poort}",
            )
            for oin, tegenover, sleutel, poort, soort in (
                (WIJ, wie.oin, eigen, opzet.poort, "wij"),
                (wie.oin, WIJ, ander, wie.poort, wie.soort),
            )
        ]
        inhoud = {
            "geldigTot": schrijf_tijdstip(nu + timedelta(days=365)),
            "beller": "zender",
            "partijen": partijen,
            "afspraken": [
                {
                    "soort": "deelproces",
                    "vrager": wie.oin,
                    "uitvoerder": WIJ,
                    "processen": ["wijzigen"],
                    "meldingsoorten": [],
                    "diensten": ["laadpalen"],
                    "modellen": ["hoofdaannemer"],
                    "termijnen": {},
                }
            ],
        }
        voorstel = maak_voorstel(json.dumps(inhoud).encode(), eigen, id_=uuid4(), nu=nu)
        _contract(map_, wie).write_bytes(teken_mee(voorstel, ander))
    return opzet


def _contract(map_: Path, wie: Wie) -> Path:
    return map_ / f"{wie.oin}.overeenkomst.json"


# The other side


@asynccontextmanager
async def _bij(map_: Path, wie: Wie) -> AsyncIterator[tuple[Partner, Partnerkanaal]]:
    """A partner with a store of its own that keeps what it hears."""
    partner = Partner(wie.oin, WIJ, lees_getekend(_contract(map_, wie).read_bytes()))
    opslag = SqliteOpslag(map_ / f"{wie.oin}.db", TABELLEN)
    schrijver = Schrijver(AlleenRijen(opslag), lambda: datetime.now(UTC))
    sleutel = lees_logsleutel((map_ / f"{wie.oin}.log").read_bytes(), oorsprong_van(wie.oin, WIJ))
    kanaal = Partnerkanaal(schrijver, Verkeer(opslag, partner, [sleutel]))
    await schrijver.voer_uit(Taak(vergeet_sessies, object, kanaal.DOOR))
    async with AsyncExitStack() as opruimen:
        opruimen.callback(opslag.sluit)
        opruimen.push_async_callback(schrijver.sluit)
        papieren: Papieren = Papierwerk(map_)

        class Kanalen:
            def van(self, oin: str) -> Partnerkanaal | None:
                return kanaal if oin == WIJ else None

        server = Server(
            maak_app(Luisteraar(Kanalen(), oin_van_certificaat)),
            KernInstellingen(poort=wie.poort, gegevensmap=map_),
            tls=server_tls(papieren, wie.oin),
            max_body=INHOUD_MAX,
        )
        await server.start()
        opruimen.push_async_callback(server.stop)
        yield partner, kanaal


async def _wees_er(map_: Path, opzet: Opzet) -> None:
    """The healthy ones, and those that never answer, until stdin ends."""
    async with AsyncExitStack() as opruimen:
        for wie in opzet.partners:
            if wie.soort == "gezond":
                await opruimen.enter_async_context(_bij(map_, wie))
            elif wie.soort == "zwijgt":
                dicht = await asyncio.start_server(_zwijg, "localhost", wie.poort)
                opruimen.callback(dicht.close)
        sys.stdout.write("klaar\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


async def _zwijg(lezer: asyncio.StreamReader, _schrijver: asyncio.StreamWriter) -> None:
    while await lezer.read(65_536):
        pass


async def _vloed(map_: Path, opzet: Opzet) -> None:
    """As much as goes, until stdin ends: a page is always ready."""
    (wie,) = (een for een in opzet.partners if een.soort == "vloedt")
    tls = klant_tls(Papierwerk(map_), wie.oin)
    async with (
        _bij(map_, wie) as (partner, kanaal),
        maak_klant(tls, WIJ, {"localhost"}, {"localhost"}) as klant,
    ):
        lopend = asyncio.create_task(Beller(partner, kanaal, klant).draai())
        weg = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        is_verteld = False
        while not (weg.done() or lopend.done()):
            verbinding = await kanaal.verbinding()
            voorraad = kanaal.verkeer.stand_uit().omvang - verbinding.vanaf
            if verbinding.is_hervat and voorraad < 2 * BLADEN_MAX:
                await kanaal.zeg([_vraag(wie.oin) for _ in range(BLADEN_MAX)])
            if verbinding.vanaf and not is_verteld:
                is_verteld = True
                sys.stdout.write("klaar\n")
                sys.stdout.flush()
            await asyncio.sleep(0.01)
        lopend.cancel()
        await asyncio.wait([lopend])


def _vraag(oin: str) -> bytes:
    """Something that is asked and was agreed: a schakel of its own."""
    blad = json.loads(aangeboden(uuid7(), dienst="laadpalen"))
    blad["source"] = f"urn:nld:oin:{oin}:systeem:vloed"
    blad["data"]["door"]["organisatie"] = oin
    return json.dumps(blad).encode()


# Ours


@asynccontextmanager
async def _elders(map_: Path, wat: str) -> AsyncIterator[None]:
    proces = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.partners",
        wat,
        str(map_),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert proces.stdout is not None
    try:
        async with asyncio.timeout(120):
            if await proces.stdout.readline() != b"klaar\n":
                raise RuntimeError(f"{wat} is er niet")
        yield
    finally:
        await proces.communicate(b"")  # its stdin ends, and so does it


class _Over:
    """What was said to one partner, and when its receipt came."""

    def __init__(self, kanaal: Partnerkanaal) -> None:
        self.kanaal = kanaal
        self._wacht: deque[tuple[int, float, asyncio.Future[float]]] = deque()
        self._neem = kanaal.neem_ontvangst
        self._omvang = kanaal.verkeer.stand_uit().omvang
        kanaal.neem_ontvangst = self._hoor  # type: ignore[method-assign]

    async def _hoor(self, *waarden: Any) -> None:
        await self._neem(*waarden)
        vanaf = self.kanaal.verkeer.verbinding().vanaf
        while self._wacht and self._wacht[0][0] <= vanaf:
            _, begin, klaar = self._wacht.popleft()
            klaar.set_result(time.perf_counter() - begin)

    async def zeg(self) -> float:
        """Seconds until it has been taken in there, and we know."""
        klaar: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._omvang += 1
        self._wacht.append((self._omvang, time.perf_counter(), klaar))
        await self.kanaal.zeg([BLAD])
        async with asyncio.timeout(60):
            return await klaar


async def _fase(over: Sequence[_Over], aantal: int) -> list[float]:
    async with asyncio.TaskGroup() as groep:
        taken = []
        for nummer in range(aantal):
            taken.append(groep.create_task(over[nummer % len(over)].zeg()))
            await asyncio.sleep(RUST)
    return [taak.result() for taak in taken]


def _grens(map_: Path, opzet: Opzet) -> Grens:
    return Grens(
        Instellingen(
            oin=WIJ,
            gegevensmap=map_ / "wij",
            partners=map_ / "partners",
            poort=0,
            partnerpoort=opzet.poort,
            partnercertificaat=map_ / f"{WIJ}.pem",
            partner_ca=map_ / "ca.pem",
            logsleutels=(map_ / f"{WIJ}.log",),
            eigen_hosts=frozenset({"localhost"}),
        )
    )


async def _meet(
    map_: Path, soorten: Mapping[str, int], aantal: int, rondes: int
) -> list[tuple[list[float], list[float]]]:
    """Of each round, the crossings without those six and with them."""
    opzet = _richt_in(map_, soorten)
    gezond = [wie for wie in opzet.partners if wie.soort == "gezond"]
    lastig = [wie for wie in opzet.partners if wie.soort != "gezond"]
    for wie in gezond:
        (map_ / "partners" / _contract(map_, wie).name).hardlink_to(_contract(map_, wie))
    grens = _grens(map_, opzet)
    gemeten = []
    async with _elders(map_, "gezond"), grens.levensloop(grens.app):
        over = [_Over(await _tot_hervat(grens, wie)) for wie in gezond]
        await _fase(over, len(over))
        for ronde in range(rondes):
            fasen: dict[bool, list[float]] = {}
            for met in (False, True) if ronde % 2 == 0 else (True, False):
                async with _zes(map_, grens, lastig if met else []):
                    fasen[met] = await _fase(over, aantal)
            gemeten.append((fasen[False], fasen[True]))
    return gemeten


async def _tot_hervat(grens: Grens, wie: Wie) -> Partnerkanaal:
    async with asyncio.timeout(120):
        while True:
            kanaal = grens.partners.van(wie.oin)
            if kanaal is not None and (await kanaal.verbinding()).is_hervat:
                return kanaal
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _zes(map_: Path, grens: Grens, lastig: Sequence[Wie]) -> AsyncIterator[None]:
    """While these have a contract."""
    contracten = [map_ / "partners" / _contract(map_, wie).name for wie in lastig]
    for wie, contract in zip(lastig, contracten, strict=True):
        contract.hardlink_to(_contract(map_, wie))
    async with AsyncExitStack() as opruimen:
        if lastig:
            async with asyncio.timeout(60):
                while not {wie.oin for wie in lastig} <= grens.partners.alle.keys():  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            if any(wie.soort == "vloedt" for wie in lastig):
                await opruimen.enter_async_context(_elders(map_, "vloed"))
        yield
    for contract in contracten:
        contract.unlink()
    async with asyncio.timeout(60):
        while {wie.oin for wie in lastig} & grens.partners.alle.keys():  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def _meet_hier(
    map_: Path, soorten: Mapping[str, int], aantal: int, rondes: int
) -> list[tuple[list[float], list[float]]]:
    return asyncio.run(_meet(map_, soorten, aantal, rondes))


def meet_partners(soorten: Mapping[str, int], aantal: int, rondes: int) -> Uitkomst:
    """``soorten`` says how many partners there are of each; ``aantal`` crossings per phase."""
    with schone_map() as map_:
        gemeten = in_eigen_proces(_meet_hier, map_.resolve(), soorten, aantal, rondes)
    lastig = ", ".join(f"{n} {soort}" for soort, n in soorten.items() if soort != "gezond")
    rijen: list[dict[str, Cel]] = [
        {
            "wat": wat,
            "p50 in ms": mediaan([percentiel(ronde[welke], 0.5) * 1e3 for ronde in gemeten]),
            "p99 in ms": mediaan([percentiel(ronde[welke], 0.99) * 1e3 for ronde in gemeten]),
        }
        for welke, wat in enumerate((f"{soorten['gezond']} partners", f"met {lastig}"))
    ]
    naast = mediaan([percentiel(met, 0.99) / percentiel(zonder, 0.99) for zonder, met in gemeten])
    toetsen = [Toets("p99 van de anderen, met / zonder", naast, "<=", 1.25)]
    return Uitkomst("partners", "wat de een van de ander merkt, over HTTPS", rijen, toetsen)


if __name__ == "__main__":
    wat, waar = sys.argv[1:]
    als_dienst()
    if wat == "vloed":  # it has a machine of its own: here it takes what the others leave
        os.nice(19)
    elders = msgspec.json.decode(Path(waar, "opzet.json").read_bytes(), type=Opzet)
    asyncio.run({"gezond": _wees_er, "vloed": _vloed}[wat](Path(waar), elders))
