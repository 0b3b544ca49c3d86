"""Sending an import: in batches, resumed where it was broken off."""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from schakel.contracts.topics import HISTORIE, historie_van
from schakel.historie.analyse import Hoe, analyseer
from schakel.historie.invoer import Invoer, Zaakinvoer, zaken
from schakel.historie.mapping import lees_mapping
from schakel.kern.bus import Bestandsuitgang, Uitgang
from schakel.kern.bus.kafka import KafkaUitgang, Klanten
from schakel.kern.grond.weigering import Ongeldig, StartFout

from .instellingen import Instellingen, historiebestand
from .uitvoer import zijlijn

PARTIJ = 1_000
_NAAM = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True)
class Opgave:
    """What is to be brought in."""

    bestanden: Sequence[Path]
    mapping: Path
    naam: str
    hoe: Hoe

    def __post_init__(self) -> None:
        """The name becomes part of ids and of a file name; raises Ongeldig."""
        if not _NAAM.fullmatch(self.naam):
            raise Ongeldig(
                "naam-ongeldig",
                f"--naam: {self.naam!r} kan niet; neem kleine letters, cijfers en streepjes",
            )

    @property
    def vingerafdruk(self) -> str:
        """Another one as soon as a file, the mapping, or what reads them is another."""
        som = hashlib.sha256(self.mapping.read_bytes())
        som.update(f"{version('schakel-historie')}\n".encode())
        for bestand in self.bestanden:
            stand = bestand.stat()
            som.update(f"{bestand.resolve()} {stand.st_size} {stand.st_mtime_ns}\n".encode())
        return som.hexdigest()


class Gedaan(NamedTuple):
    """What came of it, in numbers of cases and messages."""

    zaken: int
    berichten: int
    overgeslagen: int
    zonderBegin: int  # noqa: N815 - as it is printed


class _Voortgang:
    """How far an import was, in a file beside where it is run: what was acknowledged stays so.

    The uitgave is the moment at which an import was first run. Without the file it is another one,
    and what is sent takes the place of the same.
    """

    def __init__(self, opgave: Opgave, *, opnieuw: bool) -> None:
        self._pad = Path(f".schakel-importeer-{opgave.naam}.json")
        self._vingerafdruk = opgave.vingerafdruk
        stand = json.loads(self._pad.read_bytes()) if self._pad.exists() else {}
        vorige: int = stand.get("uitgave", 0)
        is_dezelfde = vorige > 0 and stand["vingerafdruk"] == self._vingerafdruk
        self.zaken: int = stand["zaken"] if is_dezelfde and not opnieuw else 0
        self.uitgave = vorige if is_dezelfde else max(vorige + 1, int(time.time()))

    def bewaar(self, zaken: int) -> None:
        stand = {"vingerafdruk": self._vingerafdruk, "uitgave": self.uitgave, "zaken": zaken}
        tijdelijk = self._pad.with_suffix(".nieuw")
        tijdelijk.write_text(json.dumps(stand))
        tijdelijk.replace(self._pad)


def voer_in(opgave: Opgave, *, opnieuw: bool) -> Gedaan:
    """Send what was not sent yet; raises StartFout, BusFout, and what ``analyseer`` raises.

    Reading the log is not for an event loop: there Ctrl-C would have to wait for it.
    """
    instellingen = Instellingen()
    topic, bron = historie_van(instellingen.oin)
    mapping = lees_mapping(opgave.mapping)
    voortgang = _Voortgang(opgave, opnieuw=opnieuw)
    begin = voortgang.zaken
    uitgang = _uitgang(instellingen, topic)
    with _balk() as balk:
        taak = balk.add_task("log lezen", total=None)

        def meld(tekst: str) -> None:
            balk.update(taak, description=tekst)

        with analyseer(opgave.bestanden, mapping, replace(opgave.hoe, meld=meld)) as analyse:
            totaal = analyse.samenvatting["zaken"]
            invoer = Invoer(bron, opgave.naam, voortgang.uitgave)
            partijen = _partijen(zaken(analyse.db, mapping, invoer, begin))
            balk.update(taak, description="zaken sturen", total=totaal, completed=begin)

            def gestuurd(nummer: int) -> None:
                voortgang.bewaar(nummer)
                balk.update(taak, completed=nummer)

            berichten, zonder = asyncio.run(_stuur_alle(uitgang, partijen, gestuurd))
    return Gedaan(totaal - begin - zonder, berichten, begin, zonder)


async def _stuur_alle(
    uitgang: Uitgang, partijen: Iterator[list[Zaakinvoer]], gestuurd: Callable[[int], None]
) -> tuple[int, int]:
    """How many messages went, and how many cases have none; ``gestuurd``: up to which case."""
    berichten = zonder = 0
    async with uitgang.open() as kanaal:
        for partij in partijen:
            verzendingen = [v for zaak in partij for v in zaak.berichten]
            if verzendingen:
                await kanaal.zend(verzendingen)
            berichten += len(verzendingen)
            zonder += sum(not zaak.berichten for zaak in partij)
            gestuurd(partij[-1].nummer)
    return berichten, zonder


def _uitgang(instellingen: Instellingen, topic: str) -> Uitgang:
    """To the topic, or to the file that ``schakel start alles`` reads; raises StartFout."""
    if instellingen.kafka:
        return KafkaUitgang(Klanten(instellingen, f"{instellingen.oin}.{HISTORIE}"), topic)
    if not (instellingen.gegevensmap / "orchestrator.db").exists():
        raise StartFout(
            "geen-orchestrator",
            "stel SCHAKEL_KAFKA in (de brokers, als host:poort,host:poort), of voer dit uit waar"
            f" `schakel start alles` zijn gegevens heeft; in {instellingen.gegevensmap} staan ze"
            " niet",
        )
    return Bestandsuitgang(historiebestand(instellingen.gegevensmap))


def _partijen(alle: Iterator[Zaakinvoer]) -> Iterator[list[Zaakinvoer]]:
    """Whole cases, until there are enough messages to send."""
    partij: list[Zaakinvoer] = []
    aantal = 0
    for zaak in alle:
        partij.append(zaak)
        aantal += len(zaak.berichten) + 1
        if aantal >= PARTIJ:
            yield partij
            partij, aantal = [], 0
    if partij:
        yield partij


def _balk() -> Progress:
    kolommen = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*kolommen, TimeRemainingColumn(), console=zijlijn())
