"""Kafka and PostgreSQL for people: they start, and stay until they are stopped."""

import json
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import NoReturn

from deploy.lokaal import versnelling
from deploy.lokaal.broker import is_vrij
from deploy.lokaal.fouten import InfraFout
from deploy.lokaal.jars import op_slot
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.postgres import PostgresServer

from schakel.contracts.organisatie import DIENSTEN

MAP = Path(__file__).parents[2] / "gegevens" / "infra"
KAFKA_POORT = 9092
POSTGRES_POORT = 5432

UITLEG = """\
Een echte Kafka en PostgreSQL op deze machine, zonder installatie, container of beheerdersrechten.

opdrachten:
  start    start ze en laat ze draaien; toont de instellingen om ze te gebruiken
  stop     stop ze; wat bewaard is blijft
  status   toon of ze draaien, waar, en hoeveel geheugen ze gebruiken
  versnel  laat Kafka voortaan sneller starten: eenmalig, voor 60 MB op schijf

instellingen (omgevingsvariabelen):
  KAFKA_JAVA        een eigen Java (17 of nieuwer) in plaats van die uit de Python-omgeving
  XDG_CACHE_HOME    waar de eenmalig opgehaalde bestanden van Kafka staan (anders ~/.cache)

De gegevens staan in gegevens/infra; wie ze kwijt wil, stopt eerst en verwijdert dan die map.
Met make: make infra-start INFRA_ARGS="--kafka-poort 9192". De tests gebruiken deze servers als
KAFKA_BOOTSTRAP_SERVERS en TEST_POSTGRES_URL gezet zijn; anders starten ze hun eigen.
Ze zijn alleen bereikbaar vanaf deze machine. Daar laat Kafka iedereen toe; PostgreSQL vraagt een
wachtwoord.
"""


class Infra:
    """Both servers, in one folder. A port says where to start; what runs stays where it is."""

    def __init__(
        self, map_: Path, kafka_poort: int | None = None, postgres_poort: int | None = None
    ) -> None:
        self.map = map_
        kafka, postgres = self._bewaarde_poorten()
        self.postgres = PostgresServer(
            map_ / "postgres", poort=postgres_poort or postgres, blijft=True
        )
        self.kafka = Kafka(map_ / "kafka", blijft=True)
        if not self.kafka.leeft:
            self.kafka = Kafka(map_ / "kafka", poort=kafka_poort or kafka, blijft=True)

    def start(self) -> None:
        """Start what does not run, and tell how to use it."""
        for naam, server in self._servers():
            if not server.leeft and not is_vrij(server.poort):
                raise InfraFout(
                    f"poort {server.poort} op 127.0.0.1 is bezet: stop wat daar luistert, of kies"
                    f" een andere, zoals make infra-start INFRA_ARGS='--{naam.lower()}-poort"
                    f" {server.poort + 100}'"
                )
        self.kafka.start()
        self.postgres.start()
        for naam in DIENSTEN:
            if not self.postgres.heeft_database(naam):
                self.postgres.maak_database(naam)
        self._poortenbestand.write_text(json.dumps([self.kafka.poort, self.postgres.poort]))
        self._toon_instellingen()

    def stop(self) -> None:
        """Stop what runs."""
        for naam, server in self._servers():
            leefde = server.leeft
            server.stop()
            print(f"{naam} {'is gestopt' if leefde else 'draaide niet'}")

    def status(self) -> bool:
        """Show what runs; whether that is everything."""
        for naam, server in self._servers():
            waar = (
                f"op 127.0.0.1:{server.poort}, {server.geheugen_mb:.0f} MB"
                if server.leeft
                else "niet"
            )
            print(f"{naam:<10} draait {waar}")
        return all(server.leeft for _, server in self._servers())

    def _servers(self) -> list[tuple[str, Kafka | PostgresServer]]:
        return [("Kafka", self.kafka), ("Postgres", self.postgres)]

    @property
    def _poortenbestand(self) -> Path:
        return self.map / "poorten.json"

    def _bewaarde_poorten(self) -> tuple[int, int]:
        if not self._poortenbestand.exists():
            return KAFKA_POORT, POSTGRES_POORT
        kafka, postgres = json.loads(self._poortenbestand.read_text())
        return kafka, postgres

    def _toon_instellingen(self) -> None:
        bootstrap = self.kafka.toegang().bootstrap
        url = self.postgres.url("DIENST")
        print(f"# Kafka en PostgreSQL draaien; hun gegevens staan in {self.map}")
        print("# Voor een dienst, ieder met een eigen database:")
        print(f"export SCHAKEL_KAFKA={bootstrap}")
        print(f"export SCHAKEL_OPSLAG={url}   # DIENST: {', '.join(DIENSTEN)}")
        print("# Voor de tests:")
        print(f"export KAFKA_BOOTSTRAP_SERVERS={bootstrap}")
        print(f"export TEST_POSTGRES_URL={self.postgres.url()}")


class Lezer(ArgumentParser):
    """Says in Dutch that it does not understand."""

    def error(self, message: str) -> NoReturn:  # noqa: ARG002
        """Leave out what argparse says in English: the explanation says it better."""
        self.exit(2, f"dit is geen opdracht die bestaat; uitleg: {self.prog} --help\n")


def _lees(argumenten: list[str]) -> Namespace:
    lezer = Lezer(
        prog="python -m deploy.lokaal",
        usage="%(prog)s OPDRACHT [--kafka-poort N] [--postgres-poort N] [--map MAP]",
        description=UITLEG,
        formatter_class=RawDescriptionHelpFormatter,
        add_help=False,
    )
    keuzes = lezer.add_argument_group("keuzes")
    keuzes.add_argument("opdracht", choices=("start", "stop", "status", "versnel"), help=SUPPRESS)
    keuzes.add_argument("--kafka-poort", type=int, metavar="N", help="de eerste keer: 9092")
    keuzes.add_argument("--postgres-poort", type=int, metavar="N", help="de eerste keer: 5432")
    keuzes.add_argument("--map", type=Path, default=MAP, help="waar de gegevens staan")
    keuzes.add_argument("-h", "--help", action="help", help="toon deze uitleg")
    return lezer.parse_args(argumenten)


def main(argumenten: list[str]) -> int:
    """The exit status: 0 when it is as asked, 1 when something does not run, 2 when it fails."""
    gevraagd = _lees(argumenten)
    map_ = gevraagd.map.resolve()
    try:
        if gevraagd.opdracht == "versnel":
            versnelling.maak()
            return 0
        with op_slot(map_ / "slot"):
            infra = Infra(map_, gevraagd.kafka_poort, gevraagd.postgres_poort)
            if gevraagd.opdracht == "status":
                return 0 if infra.status() else 1
            getattr(infra, gevraagd.opdracht)()
    except InfraFout as fout:
        print(fout, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
