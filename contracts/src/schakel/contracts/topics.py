"""Where the messages of an organisation are: one topic for each process, one writer each (D6)."""

from collections.abc import Mapping

from .envelop import bron_van
from .organisatie import Oin
from .werkstromen import Proces

HISTORIE = "historie"
"""The name of what is imported, where a process has its own."""


def topic_van(oin: Oin, proces: str) -> str:
    """The topic on which a process of an organisation publishes."""
    return f"schakel.{oin}.{proces}.v1"


def topics_van(oin: Oin) -> Mapping[str, str]:
    """The topics of an organisation, each with the only ``source`` that may write there (D12)."""
    return {topic_van(oin, proces): bron_van(oin, f"schakel-{proces}") for proces in Proces}


def processen_van(oin: Oin) -> Mapping[str, Proces]:
    """Whose word each ``source`` is: a process tells of its own meldingen and of no other's."""
    return {bron_van(oin, f"schakel-{proces}"): proces for proces in Proces}


def is_ingevoerd(bron: str) -> bool:
    """Whether a ``source`` is that of an import, of whichever organisation."""
    return bron.endswith(f":systeem:schakel-{HISTORIE}")


def historie_van(oin: Oin) -> tuple[str, str]:
    """The topic for history that is imported, and its only writer; the orchestrator reads it."""
    return topic_van(oin, HISTORIE), bron_van(oin, f"schakel-{HISTORIE}")
