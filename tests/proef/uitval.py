"""Two organisations that fall out at random while work crosses, and one that lost its last hours.

A case is one seed. Each organisation is a process of its own over HTTPS, with a folder of stores;
the set of ``make organisaties`` goes through it many times over. Meanwhile either is killed with
``kill -9``, or stands still so that the other waits for it in vain, or the line to it breaks in the
middle of whatever passes; and one of the two is put back once to a copy of all its stores from
before. In the end the tables are those of a quiet day, and the stores of both say the same: nothing
lost, nothing doubled, in order. What the uitvoerder had finished and forgot is not done again: of
that it has the schakel, and no melding. What the gemeente asked and forgot it asks anew: of that it
has the schakel, and nobody who asked.
"""

import asyncio
import json
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx
from tests.proef import Proef, Tegenvoorbeeld
from tests.proef.lijn import Lijn

from schakel.cli.opstelling import (
    Organisatie,
    begin,
    gemeente_en_uitvoerder,
    richt_in,
    tot_klaar,
    vrije_poorten,
)
from schakel.cli.organisaties import laat_werken
from schakel.contracts.werkstromen import Proces
from schakel.klant import Geweigerd, Klant, Onbereikbaar
from schakel.proefspel import medewerkers, uitslag
from schakel.proefspel.dossier import Huis
from schakel.proefspel.plan import TUSSEN_ORGANISATIES, Plan, lees_plannen

PER_SET = 11
"""Hand-overs to the other in one set: three of them are asked twice, and one is not agreed."""
RIJ = 20
"""More ports than one organisation has."""
VRAGER, UITVOERDER = 0, 1
GEDULD = 180.0
STIL = 3.0
"""Seconds that one stands still."""
PLAGEN = ("knip", "herstart", "sta_stil", "herstart")
"""What happens, in a random order, besides the copy and its coming back."""


class Volhoudend(Klant):
    """Asks again where nobody answers: the key makes it the same command."""

    async def _vraag(self, methode: str, pad: str, **opties: Any) -> Any:
        tot = time.monotonic() + GEDULD
        while True:
            try:
                return await super()._vraag(methode, pad, **opties)
            except (Onbereikbaar, Geweigerd) as fout:
                vol = isinstance(fout, Geweigerd) and fout.status != HTTPStatus.SERVICE_UNAVAILABLE
                if vol or time.monotonic() > tot:
                    raise
                await asyncio.sleep(0.2)


@dataclass
class Kant:
    """An organisation while it runs, and while it does not."""

    map: Path
    wie: Organisatie
    opruimen: AsyncExitStack
    bij: Mapping[str, Klant]
    lijn: Lijn | None = None
    """By which the other comes in."""
    proces: subprocess.Popen[bytes] = field(init=False)

    @property
    def eigen(self) -> Path:
        return self.map / self.wie.naam

    @property
    def kopie(self) -> Path:
        return self.map / f"{self.wie.naam}-kopie"

    async def start(self) -> None:
        self.proces = begin(self.map, self.wie, self.wie.diensten, self.opruimen)
        kaal = {n: Klant(n, een.adres, een._http) for n, een in self.bij.items()}
        await tot_klaar(self.map, self.wie, self.proces, kaal)

    async def dood(self) -> None:
        self.proces.kill()
        await asyncio.to_thread(self.proces.wait)

    async def herstart(self) -> None:
        await self.dood()
        await self.start()

    async def sta_stil(self) -> None:
        """Whoever calls waits for nothing."""
        self.proces.send_signal(signal.SIGSTOP)
        await asyncio.sleep(STIL)
        self.proces.send_signal(signal.SIGCONT)

    async def knip(self) -> None:
        """What the other sends next, or hears next, breaks off halfway."""
        if self.lijn is not None:
            self.lijn.knip()

    async def bewaar(self) -> None:
        """A copy of all its stores, of one moment."""
        await self.dood()
        shutil.copytree(self.eigen, self.kopie)
        await self.start()

    async def zet_terug(self) -> None:
        """What happened since is gone."""
        await self.dood()
        shutil.rmtree(self.eigen)
        shutil.copytree(self.kopie, self.eigen)
        await self.start()


def beproef(van: int, tot: int) -> None:
    """Try the seeds from ``van`` up to ``tot``, 300 schakels each; in turns a side is put back."""
    for zaad in range(van, tot):
        speel(zaad, keren=300 // PER_SET, plagen=12, terug=(UITVOERDER, VRAGER)[zaad % 2])


def speel(zaad: int, *, keren: int, plagen: int, terug: int = UITVOERDER) -> None:
    """Try one; raises Tegenvoorbeeld."""
    geduld = medewerkers.GEDULD, uitslag.GEDULD
    medewerkers.GEDULD, uitslag.GEDULD = GEDULD, 30.0
    try:
        with tempfile.TemporaryDirectory(prefix="schakel-uitval-") as map_:
            fouten = asyncio.run(speel_in(Path(map_), Random(zaad), keren, plagen, terug))
    finally:
        medewerkers.GEDULD, uitslag.GEDULD = geduld
    if fouten:
        raise Tegenvoorbeeld(zaad, "; ".join(fouten[:10]))


def kanten_in(map_: Path) -> tuple[Kant, Kant]:
    """Both, as they were left there: to count in their stores."""
    hier, daar = (Kant(map_, wie, AsyncExitStack(), {}) for wie in gemeente_en_uitvoerder(map_))
    return hier, daar


async def speel_in(
    map_: Path, toeval: Random, keren: int, plagen: int, terug: int = UITVOERDER
) -> list[str]:
    """Play one in ``map_``; what was not as it should be, in words. ``terug`` is put back."""
    paar = gemeente_en_uitvoerder(map_)
    richt_in(map_, *paar)
    async with AsyncExitStack() as opruimen:
        http = await opruimen.enter_async_context(httpx.AsyncClient(timeout=10, trust_env=False))
        kanten = []
        for wie, poort in zip(paar, _achterdeuren(paar), strict=True):
            lijn = Lijn(wie.partnerpoort, poort, toeval)
            await opruimen.enter_async_context(lijn.open())
            erachter = replace(wie, instellingen={"PARTNERPOORT": str(poort)})
            bij = {n: Volhoudend(n, a, http) for n, a in wie.adressen.items()}
            kanten.append(Kant(map_, erachter, opruimen, bij, lijn))
        for kant in kanten:
            await kant.start()
        wat = _plagen(kanten, kanten[terug], toeval, plagen)
        fouten = await _tot_het_eind(kanten, herhaald(keren), wat, toeval)
        await _tot_gelijk(*kanten)
        for kant in kanten:
            await kant.dood()
        if not any(kant.lijn and kant.lijn.geknipt for kant in kanten):
            fouten.append("no line was ever cut with something on its way")
        return [*geteld(*kanten, keren), *zonder_wat_vergeten_is(fouten, kanten[1])]


def _achterdeuren(paar: Sequence[Organisatie]) -> list[int]:
    """Where they listen themselves: ports that nobody has, and that none of them will want."""
    bases = [een.basispoort for een in paar]
    while True:
        vrij = vrije_poorten()
        if all(abs(een - basis) > RIJ for een in vrij for basis in bases):
            return [*vrij]


def herhaald(keren: int) -> list[Plan]:
    """The set, so many times, each melding under a name of its own."""
    return [
        plan.model_copy(update={"id": f"{plan.id}.{keer:02}"})
        for keer in range(keren)
        for plan in lees_plannen(TUSSEN_ORGANISATIES)
    ]


def _plagen(
    kanten: Sequence[Kant], terug: Kant, toeval: Random, aantal: int
) -> list[Callable[[], Awaitable[None]]]:
    """What happens to them, in order; the copy is put back somewhere in the second half."""
    namen = [PLAGEN[nummer % len(PLAGEN)] for nummer in range(aantal - 2)]
    toeval.shuffle(namen)
    wat = [getattr(toeval.choice(kanten), naam) for naam in namen]
    vroeg, laat = toeval.randrange(aantal // 2), toeval.randrange(aantal // 2, aantal)
    wat.insert(vroeg, terug.bewaar)
    wat.insert(laat, terug.zet_terug)
    return wat


async def _tot_het_eind(
    kanten: Sequence[Kant],
    plannen: Sequence[Plan],
    plagen: Sequence[Callable[[], Awaitable[None]]],
    toeval: Random,
) -> list[str]:
    """Play until all is done after the last of it; what the staff remember ends with each blow."""
    huizen = [Huis(kant.bij, kant.wie.oin, kant.wie.naam) for kant in kanten]
    for nummer, plaag in enumerate(plagen, start=1):
        tot_nu = plannen[: len(plannen) * nummer // len(plagen)]  # there is always something new
        werk = asyncio.create_task(laat_werken(huizen, tot_nu))
        await asyncio.sleep(toeval.uniform(0.5, 3))
        try:
            await plaag()
            await asyncio.sleep(toeval.uniform(0, 2))
        finally:
            werk.cancel()
            await asyncio.gather(werk, return_exceptions=True)
    return (await laat_werken(huizen, plannen)).fouten


def zonder_wat_vergeten_is(fouten: Sequence[str], uitvoerder: Kant) -> list[str]:
    """What is not as written, but for what was finished and then lost: as many as there are."""
    einde = ": de orchestrator heeft deze melding niet gezien"
    weg = [een.removesuffix(einde) for een in fouten if een.endswith(einde)]
    van = tuple(f"{een.split()[0]}: samengesteld" for een in weg)
    vergeten = [
        een
        for een in _schakels(uitvoerder)
        if een["meldingId"] is None and een["uitvoerder"] != "einde:geweigerd"
    ]
    over = [een for een in fouten if not een.endswith(einde) and not een.startswith(van)]
    if len(weg) != len(vergeten) or not all(een["isDicht"] for een in vergeten):
        over.append(f"{weg} are not there, {vergeten} are forgotten")
    return over


def _vraag(kant: Kant, dienst: str, vraag: str) -> list[tuple[Any, ...]]:
    bestand = kant.eigen / f"{dienst}.db"
    with closing(sqlite3.connect(f"file:{bestand}?mode=ro", uri=True)) as opslag:
        return list(opslag.execute(vraag))


def _bladen(kant: Kant) -> dict[str, list[bytes]]:
    gevonden: dict[str, list[bytes]] = {}
    for log, blad in _vraag(kant, "grens", "SELECT logboek, blad FROM bladen ORDER BY 1, nummer"):
        gevonden.setdefault(log, []).append(bytes(blad))
    return gevonden


async def _tot_gelijk(hier: Kant, daar: Kant) -> None:
    for _ in range(100):
        if await asyncio.to_thread(lambda: _bladen(hier) == _bladen(daar)):
            return
        await asyncio.sleep(0.2)


def geteld(hier: Kant, daar: Kant, keren: int) -> list[str]:
    """What the stores of both say, counted apart from the product; each fault in words."""
    fouten = []
    logs = _bladen(hier)
    if logs != _bladen(daar):
        fouten.append("the logs of both are not the same")
    rijen: dict[tuple[str, str], list[int]] = {}
    for blad in (json.loads(blad) for log in logs.values() for blad in log):
        wie, _, rest = blad["id"].partition(".")
        kant, _, nummer = rest.partition(".")
        if nummer:
            rijen.setdefault((wie, kant), []).append(int(nummer))
    fouten += [
        f"{rij}: {nummers}"
        for rij, nummers in rijen.items()
        if nummers != [*range(1, len(nummers) + 1)]
    ]
    vergeten = {
        een["schakelId"]
        for een in _schakels(hier)
        if een["wij"] == "vrager" and een["meldingId"] is None
    }
    aantal = len({wie for wie, _ in rijen} - vergeten)
    if aantal != keren * PER_SET:
        fouten.append(f"{aantal} schakels that somebody asked, not {keren * PER_SET}")
    for kant in (hier, daar):
        for dienst in kant.wie.diensten:
            ((wachtend,),) = _vraag(kant, dienst, "SELECT count(*) FROM geparkeerd")
            if wachtend:
                fouten.append(f"{kant.wie.naam} {dienst}: {wachtend} parked")
    gezegd = {wie for wie, _ in rijen}
    paren = [
        Counter(_paar(een) for een in _schakels(kant) if een["schakelId"] in gezegd)
        for kant in (hier, daar)
    ]
    fouten += meldingen_van(daar)
    if paren[0] != paren[1]:
        fouten.append(f"both sides come to other pairs: {paren[0] - paren[1]}")
    return fouten


_OVERZICHT = "SELECT overzicht FROM schakels"


def meldingen_van(uitvoerder: Kant) -> list[str]:
    """Whether each schakel that has a melding here has it once, and nothing else was opened.

    In this game nobody reports anything to the uitvoerder itself.
    """
    zou = Counter(een["meldingId"] for een in _schakels(uitvoerder) if een["meldingId"])
    is_er = Counter(
        str(UUID(hex=id_))
        for dienst in uitvoerder.wie.diensten
        if dienst in {*Proces}
        for (id_,) in _vraag(uitvoerder, dienst, "SELECT id FROM meldingen WHERE ouder IS NULL")
    )
    if zou == is_er:
        return []
    return [f"meldingen that are lost: {zou - is_er}, and too many: {is_er - zou}"]


def _schakels(kant: Kant) -> list[dict[str, Any]]:
    return [json.loads(bytes(rij)) for (rij,) in _vraag(kant, "grens", _OVERZICHT)]


def _paar(schakel: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(schakel[n] for n in ("schakelId", "vrager", "uitvoerder", "isDicht", "teZeggen"))


PROEF = Proef(aantal=10, per_portie=1, beproef=beproef)
