"""What an import says: the history of a system that was not ours, for the orchestrator alone.

Types and envelope are those of the live messages. The data is less: a log of others knows no
``versie``, and often not who acted. What is imported is not published by a service, so it has a
topic and a source of its own (``topics.historie_van``).
"""

import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from . import melding
from .envelop import schrijf_tijdstip
from .feit import Model, Ordinaal
from .werkstromen import Proces

TYPEN = tuple(
    feit.type
    for feit in (
        melding.Aangenomen,
        melding.Beoordeeld,
        melding.StapGezet,
        melding.Overgedragen,
        melding.Teruggekeerd,
        melding.Gecontroleerd,
        melding.Gereedgemeld,
        melding.TevredenheidGecontroleerd,
        melding.Gesloten,
        melding.Ingetrokken,
        melding.Afgewezen,
    )
)
"""The types that can be told from a log."""

Kind = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""The other end of a hand-over. Of it the log has no messages, so it is no melding with an id."""


class IngevoerdeOverdracht(Model):
    """What the giver said of a hand-over, as far as a log shows it."""

    kind_id: Kind
    naar: Proces
    n: Ordinaal
    ronde: Ordinaal


class Ingevoerd(Model):
    """The data of an imported message: those fields that its type has, as far as they are known.

    ``uitgave`` says which import of the same name it came from, rising. Of one melding only the
    messages of its last uitgave count; so a later export, or a better mapping, takes the place of
    what was imported before.
    """

    melding_id: UUID
    wortel_id: UUID
    proces: Proces
    ingevoerd: Literal[True] = True
    uitgave: Annotated[int, Field(ge=1, le=2**53 - 1)]
    overdracht: IngevoerdeOverdracht | None = None
    kind_id: Kind | None = None
    resultaat: melding.Resultaat | None = None
    goed: bool | None = None
    gecontroleerde_ronde: Ordinaal | None = None
    oordeel: melding.Oordeel | None = None
    uitkomst: melding.Uitkomst | None = None

    def verpak(self, *, type_: str, id_: str, bron: str, tijdstip: datetime) -> bytes:
        """The message, of one of ``TYPEN``."""
        bericht: dict[str, Any] = {
            "specversion": "1.0",
            "id": id_,
            "source": bron,
            "type": type_,
            "subject": str(self.melding_id),
            "time": schrijf_tijdstip(tijdstip),
            "datacontenttype": "application/json",
            "partitionkey": str(self.wortel_id),
            "data": self.model_dump(mode="json", by_alias=True, exclude_none=True),
        }
        return json.dumps(bericht, separators=(",", ":")).encode()
