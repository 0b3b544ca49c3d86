"""A cache of what Java works out each time that Kafka starts: half the work, for 60 MB on disk.

Made once, on request: it takes about as long as a dozen starts. Java itself finds out whether the
cache belongs to these jars and this Java, and does without when it does not.
"""

import tempfile
from pathlib import Path

from deploy.lokaal.jars import NIEUWSTE, jarmap


def vlaggen(versie: Path = NIEUWSTE) -> tuple[str, ...]:
    """For every program of this Kafka, when there is a cache."""
    bestand = _bestand(versie)
    return (f"-XX:AOTCache={bestand}", "-Xlog:disable") if bestand.exists() else ()


def maak() -> None:
    """Let a broker run for a moment and keep what Java learned."""
    from deploy.lokaal.kafka import Kafka  # noqa: PLC0415 - it uses this module
    from deploy.lokaal.vragen import maak_topics  # noqa: PLC0415

    with tempfile.TemporaryDirectory(dir=jarmap()) as map_:
        nieuw = Path(map_) / "nieuw.aot"
        with Kafka(vlaggen=(f"-XX:AOTCacheOutput={nieuw}",)) as kafka:
            maak_topics(kafka.toegang(), ["proef"])
            kafka.brokers[0].stop(geduld=600)
        nieuw.replace(_bestand())  # whoever starts now sees the old one or the new one


def _bestand(versie: Path = NIEUWSTE) -> Path:
    return jarmap(versie) / "kafka.aot"
