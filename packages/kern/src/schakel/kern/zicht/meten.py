"""What a service measures of itself, for Prometheus, in a registry of its own.

Several services may run in one process, so nothing here is global. Work is counted per batch, never
per event. A label only ever has values that the code itself can list: no id, no address, nothing
that a person typed.
"""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric, StateSetMetricFamily

from schakel.kern.grond.staat import Staat
from schakel.kern.grond.weigering import Fout
from schakel.kern.opslag import PersistenceError

METHODEN: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ANDERE: Final = "_OTHER"
"""Stands for whatever else somebody sends as a method."""

AANGETAST: Final = ("inhoud-aangetast", "hoofdsleutel-ontbreekt")
"""Why a text that is kept cannot be given back."""

KLOKVERSCHIL: Final = 1.0
"""Seconds by which the clock of a sender may be ahead of ours."""

_DUUR: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_AANTAL: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
_LEEFTIJD: Final = (*_DUUR[2:], 30.0, 60.0, 300.0, 3600.0, 86400.0)

STANDEN: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "schakel_achterstand_berichten": ("Messages on the bus that were not yet read.", ["bron"]),
    "schakel_geparkeerd_berichten": ("Messages that are parked now.", ()),
    "schakel_overeenkomst_resterend_seconds": (
        "Until the first contract with another organisation ends; of the grens only.",
        (),
    ),
    "schakel_gestopte_bronnen": (
        "Sources that are not read on, for want of room to park.",
        (),
    ),
    "schakel_oudste_onverzonden_seconds": (
        "Age of the oldest event that is not on the bus yet; 0 when all are.",
        (),
    ),
    "schakel_parkeerplaats_vulling_ratio": ("How full the parking place is; 1 is full.", ()),
    "schakel_partners_zonder_logsleutel": (
        "Partners to whom no key here can sign what is said; of the grens only.",
        (),
    ),
    "schakel_wachtrij_grens_taken": ("Tasks that may wait for the writer.", ()),
    "schakel_wachtrij_taken": ("Tasks that wait for the writer.", ()),
    "schakel_wissing_rijen": ("Rows that were erased and may still stand in a file.", ()),
}
"""What is not counted but looked up when somebody asks."""


class Afloop(StrEnum):
    """What became of a message that was read."""

    VERWERKT = "verwerkt"
    DUBBEL = "dubbel"
    NIET_VOOR_ONS = "niet-voor-ons"
    GEPARKEERD = "geparkeerd"


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
        self._verzoek = Histogram(
            "schakel_http_verzoek_seconds",
            "Requests, from the arrival of the headers to the end of the answer.",
            ["methode", "route", "status"],
            buckets=_DUUR,
            registry=r,
        )
        self._meet_schrijver(r)
        self._meet_bus(r)

    def _meet_schrijver(self, r: CollectorRegistry) -> None:
        self._transactie = Histogram(
            "schakel_transactie_seconds",
            "Transactions that were committed, from the first read to the commit.",
            buckets=_DUUR,
            registry=r,
        )
        self._taken = Histogram(
            "schakel_transactie_taken",
            "Commands and deliveries in one transaction.",
            buckets=_AANTAL,
            registry=r,
        )
        self._gebeurtenissen = Histogram(
            "schakel_transactie_gebeurtenissen",
            "Events in one transaction.",
            buckets=_AANTAL,
            registry=r,
        )
        self._mislukt = Counter(
            "schakel_transacties_mislukt",
            "Transactions that failed; the tasks in it are tried again one by one.",
            registry=r,
        )

        self._aangetast = Counter(
            "schakel_inhoud_aangetast",
            "Texts that could not be given back: changed by somebody, or without their key.",
            ["reden"],
            registry=r,
        )
        for reden in AANGETAST:
            self._aangetast.labels(reden)

    def _meet_bus(self, r: CollectorRegistry) -> None:
        self._ontvangen = Counter(
            "schakel_berichten_ontvangen",
            "Messages that were read from the bus, by what became of them.",
            ["uitkomst"],
            registry=r,
        )
        self._geparkeerd = Counter(
            "schakel_berichten_geparkeerd",
            "Messages that were parked, by reason.",
            ["reden"],
            registry=r,
        )
        self._leeftijd = Histogram(
            "schakel_bericht_leeftijd_seconds",
            "From the time in a message to its effect here; the oldest and the newest of a batch.",
            buckets=_LEEFTIJD,
            registry=r,
        )
        self._toekomst = Counter(
            "schakel_berichten_uit_de_toekomst",
            "Of the ages above, those below minus one second: the clocks differ.",
            registry=r,
        )
        self._verzonden = Counter(
            "schakel_berichten_verzonden",
            "Messages that the bus acknowledged.",
            registry=r,
        )
        for uitkomst in Afloop:
            self._ontvangen.labels(uitkomst)

    def verzoek(self, methode: str, route: str, status: int, duur: float) -> None:
        """A request was answered; ``methode`` is in METHODEN or ANDERE, ``route`` the template."""
        sleutel = (methode, route, str(status))
        reeks = self._verzoeken.get(sleutel)
        if reeks is None:  # looking a series up costs more than counting in it
            reeks = self._verzoeken[sleutel] = self._verzoek.labels(*sleutel)
        reeks.observe(duur)

    def transactie(self, taken: int, gebeurtenissen: int, duur: float) -> None:
        """A batch is durable."""
        self._transactie.observe(duur)
        self._taken.observe(taken)
        self._gebeurtenissen.observe(gebeurtenissen)

    def transactie_mislukt(self) -> None:
        """A batch is not stored, or that is not sure."""
        self._mislukt.inc()

    def aangetast(self, reden: str) -> None:
        """A text could not be given back; ``reden`` is in AANGETAST."""
        self._aangetast.labels(reden).inc()

    def ontvangen(self, aantallen: Mapping[Afloop, int], leeftijden: Iterable[float]) -> None:
        """A delivery was handled; ``leeftijden`` are those of its first and last effect."""
        for uitkomst, aantal in aantallen.items():
            if aantal:
                self._ontvangen.labels(uitkomst).inc(aantal)
        for leeftijd in leeftijden:
            self._leeftijd.observe(max(0.0, leeftijd))
            if leeftijd < -KLOKVERSCHIL:
                self._toekomst.inc()

    def ken_redenen(self, redenen: Iterable[str]) -> None:
        """Begin these at 0: of a series that begins at 1, Prometheus sees no increase."""
        for reden in redenen:
            self._geparkeerd.labels(reden)

    def geparkeerd(self, reden: str) -> None:
        """A message was parked for ``reden``, a code."""
        self._geparkeerd.labels(reden).inc()

    def verzonden(self, aantal: int) -> None:
        """So many messages were acknowledged by the bus."""
        self._verzonden.inc(aantal)

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
        standen = {} if Staat.WEG in onderdelen.values() else self._standen
        schrijf, mediatype = choose_encoder(aanvaardt)
        return schrijf(_Alles(self._register, standen, onderdelen)), mediatype


class _Alles:
    """What was counted, and what is so at this moment."""

    def __init__(
        self,
        geteld: CollectorRegistry,
        standen: Mapping[str, Peiling],
        onderdelen: Mapping[str, Staat],
    ) -> None:
        self._geteld = geteld
        self._standen = standen
        self._onderdelen = onderdelen

    def collect(self) -> Iterator[Metric]:
        """For the encoders of the library."""
        yield from self._geteld.collect()
        staten = StateSetMetricFamily(
            "schakel_onderdeel",
            "State of each part of the service, as /klaar tells it.",
            labels=["onderdeel"],
        )
        for onderdeel, nu in self._onderdelen.items():
            staten.add_metric([onderdeel], {staat.value: staat is nu for staat in Staat})
        yield staten
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
