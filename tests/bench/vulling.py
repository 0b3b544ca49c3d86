"""A store of the first service with a history to send, as the chain itself wrote it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eventsourcing.persistence import Notification

from schakel.contracts.topics import topic_van, topics_van
from schakel.kern.bus import Verzending
from schakel.kern.grond.instellingen import TEST_OIN
from schakel.kern.opslag import KERNTABELLEN
from schakel.kern.opslag.postgres import PostgresOpslag
from schakel.kern.vastlegging.gebeurtenis import Register
from schakel.skelet.overzicht import TABELLEN
from schakel.skelet.uitgaand import Uitgaand

from .gang import DIENSTEN
from .infra import Postgres
from .kaal import Vertaler
from .ketenmeting import DIENSTNAMEN, draai
from .ketenproces import Begin, Opzet, Soort
from .verslag import schone_map

EERSTE = DIENSTEN[0]
SOORTEN: dict[Soort, str] = {"kaal": "kaal", "vlot": "diensten"}
PER_MELDING: dict[Soort, int] = {"kaal": 1, "vlot": 5}
"""Events of the first stretch."""


@dataclass(frozen=True)
class Vulling:
    """A filled store; ``aantal`` is its number of events."""

    soort: Soort
    url: str
    aantal: int

    def open(self) -> PostgresOpslag:
        """The store; whoever opens it closes it."""
        return PostgresOpslag(self.url, KERNTABELLEN if self.soort == "kaal" else TABELLEN)

    def vertaler(self, oin: str) -> Callable[[Notification], Verzending]:
        """From an event to its message, said by the first service of this organisation."""
        bron = topics_van(oin)[topic_van(oin, EERSTE.proces)]
        if self.soort == "kaal":
            return Vertaler(bron)
        return Uitgaand(EERSTE.proces, bron, Register(EERSTE.gebeurtenissen), EERSTE.vertaal)

    def berichten(self, oin: str, *, van: str = "") -> Sequence[Verzending]:
        """The messages, ready; of those events only of which the name ends with ``van``."""
        opslag, vertaal = self.open(), self.vertaler(oin)
        try:
            rijen = opslag.select_notifications(1, self.aantal)
        finally:
            opslag.sluit()
        return [vertaal(rij) for rij in rijen if rij.topic.endswith(van)]


def vul(soort: Soort, pg: Postgres, gebeurtenissen: int) -> Vulling:
    """At least so many events."""
    meldingen = -(-gebeurtenissen // PER_MELDING[soort])
    urls = pg.voor(DIENSTNAMEN, kaal=soort == "kaal")
    with schone_map() as map_:
        draai(Opzet(soort, str(map_), TEST_OIN, urls, "", Begin(meldingen)))
    url = urls[EERSTE.proces.value]
    return Vulling(soort, url, pg.vraag(url, "SELECT count(*) FROM stored_events"))
