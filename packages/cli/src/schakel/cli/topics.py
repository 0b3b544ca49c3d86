"""``schakel topics``: make and check the topics of an organisation, and who may do what there."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .uitvoer import Formaat, Uitvoer, als_json, tabel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schakel.kern.bus.kafka.beheer import Bevinding

BESTAND = Path("deploy/kafka/topics.yaml")


def topics(
    bestand: Annotated[Path, typer.Option(help="Welke topics er moeten zijn.")] = BESTAND,
    acls: Annotated[
        Path | None,
        typer.Option(help="Wie daar wat mag; anders blijven rechten zoals ze zijn."),
    ] = None,
    replicatiefactor: Annotated[
        int | None, typer.Option(min=1, max=9, help="Op hoeveel brokers; anders zoals het bestand.")
    ] = None,
    uitvoer: Uitvoer = Formaat.TEKST,
    *,
    controleer: Annotated[
        bool, typer.Option("--controleer", help="Wijzig niets; eindig met 1 als er iets afwijkt.")
    ] = False,
) -> None:
    """Maak de topics (en rechten) van deze organisatie op Kafka, of kijk of ze goed zijn."""
    bevindingen = list(_beheer(bestand, acls, replicatiefactor, wijzig=not controleer))
    if uitvoer is Formaat.JSON:
        als_json([{"wat": b.wat, "stand": b.stand, "isGoed": b.is_goed} for b in bevindingen])
    else:
        tabel(("wat", "stand"), [(een.wat, een.stand) for een in bevindingen])
    if not all(bevinding.is_goed for bevinding in bevindingen):
        raise typer.Exit(1)


def _beheer(
    bestand: Path, acls: Path | None, replicatiefactor: int | None, *, wijzig: bool
) -> "Iterator[Bevinding]":
    from schakel.kern.grond.weigering import StartFout  # noqa: PLC0415 - help needs none of this

    from .instellingen import Instellingen  # noqa: PLC0415

    try:
        from schakel.kern.bus.kafka.beheer import Busbeheer, Rechtenbestand, Topicbestand, lees  # noqa: PLC0415
    except ImportError as fout:
        raise StartFout(
            "beheer-ontbreekt", "hiervoor is schakel-cli[productie] nodig: installeer dat"
        ) from fout
    instellingen = Instellingen()
    if not instellingen.kafka:
        raise StartFout(
            "kafka-ontbreekt", "stel SCHAKEL_KAFKA in: de brokers, als host:poort,host:poort"
        )
    gewenst = lees(bestand, Topicbestand)
    if replicatiefactor is not None:
        gewenst = gewenst.met_replicatiefactor(replicatiefactor)
    rechten = None if acls is None else lees(acls, Rechtenbestand)
    beheer = Busbeheer(instellingen, wijzig=wijzig)
    yield from beheer.topics(gewenst)
    if rechten is not None:
        yield from beheer.rechten(rechten, gewenst)
