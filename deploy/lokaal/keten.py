"""``make keten``: what compose.yaml describes, on this machine and without containers.

A broker, a database server, the jobs that run once and the services, each a process; then the
demo set by way of the public API, and the table that comes of it beside the one of everything in
one process. Stays until it is stopped, or with ``--stop`` ends after the table.
"""

import argparse
import asyncio
import fcntl
import json
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.geheimen import TOKENSLEUTEL, maak_geheimen
from deploy.lokaal.bewaker import GEBRUIK, beeindig_alles
from deploy.lokaal.compose import Compose, Onderdeel
from deploy.lokaal.fouten import InfraFout
from deploy.lokaal.gebruik import Gebruik
from deploy.lokaal.ondergrond import Ondergrond
from deploy.lokaal.toezicht import Toezicht, omgeving
from deploy.lokaal.vertoning import toon_verbruik, verschil, zeg

from schakel.contracts.organisatie import BASISPOORT

MAP = Path(__file__).parents[2] / ".keten"
SCHAKEL = Path(sys.executable).with_name("schakel")
ROLLEN = ("intaker", "behandelaar", "lezer", "beheerder")
MIS, AFGEBROKEN = 1, 130


@dataclass(frozen=True)
class Keuze:
    """What was asked for."""

    stop: bool
    uitvoer: str
    map: Path
    basispoort: int


def main() -> None:
    """Exit 0 is good, 1 means that something was not as it should be."""
    keuze = _lees()
    try:
        with _lege_map(keuze.map):
            code = asyncio.run(_tot_sein(Keten(keuze)))
    except (InfraFout, OSError) as fout:
        sys.exit(f"\n{fout}")
    sys.exit(code)


def _lees() -> Keuze:
    lezer = argparse.ArgumentParser(
        "make keten",
        usage="make keten [STOP=1] [KETEN_ARGS='keuzes']",
        description="De diensten op Kafka en PostgreSQL, zonder containers.",
        add_help=False,
    )
    vraag = lezer.add_argument_group("keuzes")
    vraag.add_argument("--stop", action="store_true", help="stop na de tabel")
    vraag.add_argument("-o", "--uitvoer", choices=["tekst", "json"], default="tekst")
    vraag.add_argument("--map", type=Path, default=MAP, help="voor gegevens en logs; wordt geleegd")
    vraag.add_argument("--basispoort", type=int, default=BASISPOORT, help="de eerste van de rij")
    vraag.add_argument("-h", "--help", action="help", help="toon deze uitleg")
    gekozen = lezer.parse_args()
    gekozen.map = gekozen.map.resolve()
    return Keuze(**vars(gekozen))


@contextmanager
def _lege_map(map_: Path) -> Iterator[None]:
    """Empty what an earlier run left; raises InfraFout when it may be something else."""
    map_.mkdir(parents=True, exist_ok=True)
    merk = map_ / "slot"
    if not merk.exists() and any(map_.iterdir()):
        raise InfraFout(f"{map_} is niet leeg, en niet van een eerdere keten")
    with merk.open("w") as slot:
        try:
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InfraFout(f"er draait al een keten in {map_}") from None
        # Of a run that was killed just now there may be something left.
        (map_ / GEBRUIK).unlink(missing_ok=True)
        beeindig_alles(map_)
        for oud in map_.iterdir():
            if oud.is_dir():
                shutil.rmtree(oud)
            elif oud != merk:
                oud.unlink()
        yield


async def _tot_sein(keten: "Keten") -> int:
    """Run it, and stop it in order when a signal says so."""
    taak = asyncio.create_task(keten.draai())
    for sein in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(sein, keten.stop, taak)
    try:
        return await taak
    except asyncio.CancelledError:
        return AFGEBROKEN if keten.code is None else keten.code


class Keten:
    """One chain, from the first process to the last."""

    def __init__(self, keuze: Keuze) -> None:
        """Nothing runs yet."""
        self.code: int | None = None
        """How it went; None as long as the table has not been compared."""
        self._keuze = keuze
        self._begin = time.monotonic()
        self._stopt = False

    def stop(self, taak: asyncio.Task[int]) -> None:
        """Call the work off; once, because from then on it is stopping."""
        if not self._stopt:
            self._stopt = True
            taak.cancel()

    async def draai(self) -> int:
        """Start all, play, compare, stay, stop. Raises InfraFout with what went wrong."""
        map_, geheim = self._keuze.map, self._keuze.map / "geheim"
        compose = Compose()
        maak_geheimen(compose, geheim)
        zeg(f"logs, een per proces: {map_ / 'logs'}")
        async with AsyncExitStack() as opruimen:
            opruimen.callback(self._zeg_duur)
            # Were this process killed, nobody else would stop the others.
            opruimen.callback(Gebruik.begin(map_, ruim_op=False).einde)
            ondergrond = Ondergrond(compose, map_, geheim)
            opruimen.push_async_callback(ondergrond.sluit)
            onderdelen = compose.onderdelen(ondergrond.hosts, geheim, self._keuze.basispoort)
            toezicht = Toezicht(onderdelen, map_)
            opruimen.push_async_callback(toezicht.stop)
            opruimen.callback(lambda: toon_verbruik(toezicht.verbruik()))
            try:
                await toezicht.kom_op(*ondergrond.starters(toezicht))
                self.code = await toezicht.terwijl_alles_draait(self._vertoon(onderdelen, geheim))
                if not self._keuze.stop:
                    self._zeg_hoe_verder(onderdelen)
                    await toezicht.tot_er_een_valt()
            except InfraFout as fout:
                # Now, and not only when all the others have stopped.
                zeg(f"\n{fout}\n")
                self.code = MIS
        return self.code

    async def _vertoon(self, onderdelen: Sequence[Onderdeel], geheim: Path) -> int:
        """Play the set here and in one process; print the table, and 1 when they differ."""
        uitvoer = self._keuze.uitvoer
        token = await self._munt(onderdelen[-1], geheim)
        adressen = {een.naam: een.adres for een in onderdelen if een.adres}
        toegang = {"SCHAKEL_ADRESSEN": json.dumps(adressen), "SCHAKEL_TOKEN": token}
        code, tabel = await _schakel("demo", "--draaiend", "-o", uitvoer, **toegang)
        sys.stdout.buffer.write(tabel)
        sys.stdout.buffer.flush()
        if code:
            return code
        zeg(f"tabel na {self._duur()}; nu dezelfde set met alles in een proces, ter vergelijking")
        code_ingebed, ingebed = await _schakel("demo", "-o", uitvoer)
        zeg(verschil(ingebed, tabel) or "beide tabellen zijn byte voor byte gelijk")
        return code_ingebed or int(tabel != ingebed)

    async def _munt(self, dienst: Onderdeel, geheim: Path) -> str:
        """A token as the organisation of compose.yaml would give it; kept for who wants to try."""
        rollen = [deel for rol in ROLLEN for deel in ("--rol", rol)]
        uitgever = ("--uitgever", dienst.omgeving["SCHAKEL_UITGEVER"])
        publiek = ("--publiek", dienst.omgeving["SCHAKEL_PUBLIEK"])
        wie = ("--wie", "keten", "--sleutel", str(geheim / TOKENSLEUTEL))
        code, token = await _schakel("token", *wie, *rollen, *uitgever, *publiek)
        if code:
            raise InfraFout("er is geen token gemunt")
        (geheim / "token").write_bytes(token)
        return token.decode().strip()

    def _zeg_hoe_verder(self, onderdelen: Sequence[Onderdeel]) -> None:
        zeg("\ner draait, tot Ctrl-C:")
        for een in onderdelen:
            if een.adres:
                zeg(f"  {een.naam:<13}{een.adres}/v1/openapi.json")
        token = self._keuze.map / "geheim" / "token"
        zeg(f'om zelf te proberen: curl -H "Authorization: Bearer $(cat {token})" ...')

    def _duur(self) -> str:
        return f"{time.monotonic() - self._begin:.1f} s"

    def _zeg_duur(self) -> None:
        zeg(f"alles gestopt na {self._duur()}")


async def _schakel(*argumenten: str, **eigen: str) -> tuple[int, bytes]:
    """Run a command to its end; what it says beside its result goes to the screen."""
    proces = await asyncio.create_subprocess_exec(
        SCHAKEL,
        *argumenten,
        env=omgeving(eigen),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        uit, _ = await proces.communicate()
    finally:
        if proces.returncode is None:
            proces.kill()
            await proces.wait()
    return proces.returncode or 0, uit


if __name__ == "__main__":
    main()
