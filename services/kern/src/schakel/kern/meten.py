"""What a service measures of itself, for Prometheus, in a registry of its own.

Several services may run in one process, so nothing here is global. Work is counted per batch, never
per event. A label only ever has values that the code itself can list: no id, no address, nothing
that a person typed (I-26).
"""

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from eventsourcing.persistence import PersistenceError
from prometheus_client import CollectorRegistry, Enum, Histogram, Info, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from .staat import Staat
from .weigering import Fout

METHODEN: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ANDERE: Final = "_OTHER"
"""Stands for whatever else somebody sends as a method."""

_DUUR: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_AANTAL: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
# Below -1 s: the clock of the sender is ahead of ours.
_LEEFTIJD: Final = (-1.0, *_DUUR[2:], 30.0, 60.0, 300.0, 3600.0, 86400.0)

STANDEN: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "schakel_achterstand_berichten": ("Messages on the bus that were not yet read.", ["bron"]),
    "schakel_geparkeerd_berichten": ("Messages that are parked now.", ()),
    "schakel_oudste_onverzonden_seconds": (
        "Age of the oldest event that is not on the bus yet; 0 when all are.",
        (),
    ),
    "schakel_wachtrij_grens_taken": ("Tasks that may wait for the writer.", ()),
    "schakel_wachtrij_taken": ("Tasks that wait for the writer.", ()),
}
"""What is not counted but looked up when somebody asks."""

Peiling = Callable[[], float | Mapping[str, float]]
"""Looks a stand up: one number, or one per value of its label. Runs in a thread."""


class Meten:
    """The measurements of one service. Where nobody measures, one that nobody reads will do."""

    def __init__(self, dienst: str = "", versie: str = "") -> None:
        """``versie`` is that of the API of ``dienst``."""
        self._register = r = CollectorRegistry()
        self._standen: dict[str, Peiling] = {}
        self._verzoeken: dict[tuple[str, str, str], Histogram] = {}
        ProcessCollector(registry=r)
        Info("schakel_build", "Which service this is.", registry=r).info(
            {"dienst": dienst, "versie": versie, "python": platform.python_version()}
        )
        self._onderdeel = Enum(
            "schakel_onderdeel",
            "State of each part of the service, as /klaar tells it.",
            ["onderdeel"],
            states=list(Staat),
            registry=r,
        )
        self._verzoek = Histogram(
            "schakel_http_verzoek_seconds",
            "Requests, from the arrival of the headers to the end of the answer.",
            ["methode", "route", "status"],
            buckets=_DUUR,
            registry=r,
        )

    def verzoek(self, methode: str, route: str, status: int, duur: float) -> None:
        """A request was answered; ``methode`` is in METHODEN or ANDERE, ``route`` the template."""
        sleutel = (methode, route, str(status))
        reeks = self._verzoeken.get(sleutel)
        if reeks is None:  # looking a series up costs more than counting in it
            reeks = self._verzoeken[sleutel] = self._verzoek.labels(*sleutel)
        reeks.observe(duur)

    def peil(self, naam: str, lees: Peiling) -> None:
        """Look ``naam`` (one of STANDEN) up by ``lees`` at every scrape."""
        if naam not in STANDEN:
            raise ValueError(f"{naam} staat niet in STANDEN")
        self._standen[naam] = lees

    def schrijf(self, aanvaardt: str, onderdelen: Mapping[str, Staat]) -> tuple[bytes, str]:
        """Everything, and its media type: text, or OpenMetrics when the scraper asks for it.

        With a part ``weg`` nothing is looked up: whoever asks about a store that does not answer
        should not wait for it.
        """
        for onderdeel, staat in onderdelen.items():
            self._onderdeel.labels(onderdeel).state(staat)
        standen = {} if Staat.WEG in onderdelen.values() else self._standen
        schrijf, mediatype = choose_encoder(aanvaardt)
        return schrijf(_Alles(self._register, standen)), mediatype


class _Alles:
    """What was counted, and the standen of this moment."""

    def __init__(self, geteld: CollectorRegistry, standen: Mapping[str, Peiling]) -> None:
        self._geteld = geteld
        self._standen = standen

    def collect(self) -> Iterator[Metric]:
        """For the encoders of the library."""
        yield from self._geteld.collect()
        for naam, lees in sorted(self._standen.items()):
            uitleg, labels = STANDEN[naam]
            try:
                stand: Any = lees()
            except (Fout, PersistenceError, OSError):
                continue  # a number that is not there is seen; a wrong one is believed
            per_label = stand if labels else {None: stand}
            familie = GaugeMetricFamily(naam, uitleg, labels=list(labels))
            for waarde, getal in per_label.items():
                familie.add_metric([] if waarde is None else [waarde], getal)
            yield familie
