"""G1 to G3: how close single durable events on PostgreSQL come to the limit of the database."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from uuid import UUID

import psycopg
from deploy.lokaal.postgres import Databases, PostgresServer
from eventsourcing.application import Application
from eventsourcing.persistence import StoredEvent
from psycopg.conninfo import conninfo_to_dict

from schakel.kern.opslag import KERNTABELLEN, Lading
from schakel.kern.opslag.postgres import PostgresOpslag, migreer

from .opslag import TEKST, Duur, Gelijke, ids, laat_schrijven, meet, verhouding
from .verslag import Cel, Toets, Uitkomst, mediaan, percentiel, schone_map

IN_VLUCHT = 256
DRADEN = 16
_TYPE = "bench/gezet"
_VOEG_EEN_IN = (
    "INSERT INTO stored_events (originator_id, originator_version, topic, state)"
    " VALUES (%b, %b, %b, %b)"
)
_VOEG_IN = (
    "INSERT INTO stored_events (originator_id, originator_version, topic, state)"
    " SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[])"
)

GRENS = "ruw, unnest, 1.000 per commit (de grens)"
RUW_256 = "ruw, unnest, 256 per commit"
RUW_EEN = "ruw, een per commit"
SAMEN = "ons, 256 tegelijk, elk een gebeurtenis"
ALLEEN = "ons, een beller"
PARTIJ = "ons, 1.000 per commit"
DEELGENOOT = "bibliotheek, save, 16 draden"


def ruw(url: str, aantal: int, per_commit: int, staat: bytes) -> Duur:
    """The driver alone: rows that are ready, so many in one statement that is its own commit."""
    stukken = _stukken(aantal, per_commit)

    def schrijf() -> None:
        for stuk in stukken:
            if per_commit == 1:
                c.execute(_VOEG_EEN_IN, (stuk[0], 1, _TYPE, staat), prepare=True)
            else:
                n = len(stuk)
                c.execute(_VOEG_IN, [stuk, [1] * n, [_TYPE] * n, [staat] * n], prepare=True)

    with psycopg.connect(url, autocommit=True) as verbinding, verbinding.cursor(binary=True) as c:
        return meet(aantal, schrijf)


def recorder(url: str, aantal: int, per_commit: int, staat: bytes) -> Duur:
    """Our recorder alone, with events that are ready."""
    stukken = [
        [StoredEvent(id_, 1, _TYPE, staat) for id_ in stuk] for stuk in _stukken(aantal, per_commit)
    ]

    def schrijf() -> None:
        for stuk in stukken:
            opslag.schrijf(Lading(stuk))

    with _opslag(url) as opslag:
        return meet(aantal, schrijf)


def ons(url: str, aantal: int, in_vlucht: int) -> Duur:
    """Single durable events through the writer, with so many callers that wait for their own."""
    with _opslag(url) as opslag:
        return asyncio.run(laat_schrijven(opslag, aantal, in_vlucht))


def bibliotheek(url: str, aantal: int) -> Duur:
    """The peer: ``Application.save`` on its stock recorder, sixteen threads at once."""
    delen = conninfo_to_dict(url)
    app: Application[UUID] = Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(delen["dbname"]),
            "POSTGRES_HOST": str(delen["host"]),
            "POSTGRES_PORT": str(delen.get("port", "")),
            "POSTGRES_USER": str(delen["user"]),
            "POSTGRES_PASSWORD": str(delen.get("password", "")),
            "POSTGRES_POOL_SIZE": str(DRADEN),
        }
    )
    with closing(app), ThreadPoolExecutor(DRADEN) as draden:
        return meet(
            aantal, lambda: list(draden.map(lambda _: app.save(Gelijke(TEKST)), range(aantal)))
        )


def _stukken(aantal: int, per_commit: int) -> Sequence[Sequence[UUID]]:
    alle = ids(aantal)
    return [alle[begin : begin + per_commit] for begin in range(0, aantal, per_commit)]


@contextmanager
def _opslag(url: str) -> Iterator[PostgresOpslag]:
    opslag = PostgresOpslag(url, KERNTABELLEN)
    try:
        opslag.vraag("SELECT 1")  # connected when the clock starts, as the others are
        yield opslag
    finally:
        opslag.sluit()


def meet_pgschrijven(aantal: int, rondes: int) -> Uitkomst:
    """Every round measures each way once, one after the other, each in a fresh database."""
    gemeten: dict[str, list[Duur]] = {}
    with schone_map() as map_, PostgresServer(map_) as server:
        staat = _staat_van(_vers(server))
        enkele = max(1, aantal // 40)
        for _ in range(rondes):
            ronde = {
                GRENS: ruw(_vers(server), aantal, 1_000, staat),
                SAMEN: ons(_vers(server), aantal, IN_VLUCHT),
                RUW_256: ruw(_vers(server), aantal, IN_VLUCHT, staat),
                PARTIJ: recorder(_vers(server), aantal, 1_000, staat),
                RUW_EEN: ruw(_vers(server), enkele, 1, staat),
                ALLEEN: ons(_vers(server), enkele, 1),
                DEELGENOOT: bibliotheek(server.maak_database(), enkele),
            }
            server.ruim_op()
            for naam, duur in ronde.items():
                gemeten.setdefault(naam, []).append(duur)
    return Uitkomst(
        "G1-G3",
        f"losse duurzame gebeurtenissen van {len(staat)} bytes in PostgreSQL, fsync aan",
        [_rij(naam, duren, gemeten[GRENS]) for naam, duren in gemeten.items()],
        [
            Toets("G1: ons, 256 tegelijk / ruw", _per(gemeten, SAMEN, GRENS), ">=", 0.6),
            Toets("G1: p99 in ms", _p99(gemeten[SAMEN]), "<=", 15),
            Toets("G2: dezelfde / bibliotheek", _per(gemeten, SAMEN, DEELGENOOT), ">=", 30),
            Toets("G3: een beller / ruw, een", _per(gemeten, ALLEEN, RUW_EEN), ">=", 0.8),
            Toets("G3: 1.000 per commit / ruw", _per(gemeten, PARTIJ, GRENS), ">=", 0.9),
        ],
    )


def _vers(server: Databases) -> str:
    url = server.maak_database()
    migreer(url, KERNTABELLEN)
    return url


def _staat_van(url: str) -> bytes:
    """What ours stores, so that the others store as much."""
    ons(url, 1, 1)
    with _opslag(url) as opslag:
        return bytes(opslag.vraag("SELECT state FROM stored_events")[0][0])


def _rij(naam: str, duren: Sequence[Duur], grens: Sequence[Duur]) -> dict[str, Cel]:
    return {
        "wat": naam,
        "per s": mediaan([duur.per_seconde for duur in duren]),
        "t.o.v. de grens": verhouding(duren, grens),
        "rekentijd hier in us": mediaan([duur.rekentijd for duur in duren]),
        "p99 in ms": _p99(duren) if duren[0].wachttijden else "",
    }


def _per(gemeten: Mapping[str, Sequence[Duur]], teller: str, noemer: str) -> float:
    return verhouding(gemeten[teller], gemeten[noemer])


def _p99(duren: Sequence[Duur]) -> float:
    return mediaan([percentiel(duur.wachttijden, 0.99) * 1e3 for duur in duren])
