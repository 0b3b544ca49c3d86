"""Where the messages of an organisation are: a topic and one writer for each that speaks (D6)."""

from collections.abc import Mapping

from .catalogus import CATALOGUS, VAN_GRENS
from .deelproces import INGEKOMEN
from .envelop import bron_van
from .organisatie import GRENS, Oin
from .werkstromen import Proces

HISTORIE = "historie"
"""The name of what is imported, where a process has its own."""


def topic_van(oin: Oin, dienst: str) -> str:
    """The topic on which a service of an organisation publishes."""
    return f"schakel.{oin}.{dienst}.v1"


def topics_van(oin: Oin) -> Mapping[str, str]:
    """The topics of an organisation, each with the only ``source`` that may write there (D12)."""
    return {topic_van(oin, een): bron_van(oin, f"schakel-{een}") for een in (*Proces, GRENS)}


def processen_van(oin: Oin) -> Mapping[str, Proces]:
    """Whose word each ``source`` is: a process tells of its own meldingen and of no other's."""
    return {bron_van(oin, f"schakel-{proces}"): proces for proces in Proces}


def is_van_grens(bron: str) -> bool:
    """Whether a ``source`` is that of a grens, of whichever organisation."""
    return bron.endswith(f":systeem:schakel-{GRENS}")


def mag_zeggen(bron: str, type_: str, proces: Proces, processen: Mapping[str, Proces]) -> bool:
    """Whether ``bron`` may say this type of a melding of ``proces``.

    ``processen`` are those of this organisation (``processen_van``). The grens speaks for children
    that others have; of which ids that holds, only who handed them over can tell.
    """
    soort = CATALOGUS.get(type_)
    if is_van_grens(bron):
        return soort in VAN_GRENS
    return processen.get(bron) is proces and soort not in INGEKOMEN


def is_ingevoerd(bron: str) -> bool:
    """Whether a ``source`` is that of an import, of whichever organisation."""
    return bron.endswith(f":systeem:schakel-{HISTORIE}")


def historie_van(oin: Oin) -> tuple[str, str]:
    """The topic for history that is imported, and its only writer; the orchestrator reads it."""
    return topic_van(oin, HISTORIE), bron_van(oin, f"schakel-{HISTORIE}")
