"""Codes stand in events for ever, so nothing that points at a person may hide in one.

They come from the lists of the organisation, where it gives these: the dienstencatalogus, and a
file of codes. And none has the length of a number of somebody in it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Final, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schakel.kern.grond.weigering import Ongeldig

from .termijnen import Dienstencatalogus

_NUMMER: Final = re.compile(r"[0-9]{6}")
_Lijst = Annotated[
    frozenset[Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]],
    Field(min_length=1),
]


class Codelijsten(BaseModel):
    """Which codes may be given, by the field that they stand in; a field that is left out is free.

    Which diensten there are says the catalogue.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    afspraak: _Lijst | None = None
    grond: _Lijst | None = None
    maatregel: _Lijst | None = None
    machtiging: _Lijst | None = None
    onderdeel: _Lijst | None = None
    oorzaak: _Lijst | None = None
    reden: _Lijst | None = None
    restrisico: _Lijst | None = None
    resultaat: _Lijst | None = None
    soort: _Lijst | None = None
    workaround: _Lijst | None = None


CODES: Final = frozenset({"dienst", *Codelijsten.model_fields})
"""The fields of commands that are codes."""


class Codes:
    """Refuses a command with a code that may not be given."""

    def __init__(self, catalogus: Dienstencatalogus, lijsten: Codelijsten) -> None:
        """Of a catalogue without diensten, every dienst may be asked."""
        self._lijsten: Mapping[str, Collection[str] | None] = {
            "dienst": catalogus.diensten or None,
            **dict(lijsten),
        }

    def keur(self, gevraagd: Any) -> None:
        """Look through all of ``gevraagd``; raises Ongeldig. What was left out is ours."""
        for naam, code in _codes_in(gevraagd):
            if _NUMMER.search(code):
                raise Ongeldig(
                    "code-met-nummer", f"{naam}: een code heeft geen zes cijfers achter elkaar"
                )
            lijst = self._lijsten[naam]
            if lijst is not None and code not in lijst:
                raise Ongeldig(
                    "code-onbekend", f"{naam}: deze code staat niet in de lijst van deze dienst"
                )


def _codes_in(gevraagd: Any) -> Iterator[tuple[str, str]]:
    if isinstance(gevraagd, tuple):
        for deel in gevraagd:
            yield from _codes_in(deel)
    elif isinstance(gevraagd, BaseModel):
        for naam in _velden(type(gevraagd)) & gevraagd.model_fields_set:
            waarde = getattr(gevraagd, naam)
            if naam in CODES and type(waarde) is str:  # and no word of a fixed list
                yield naam, waarde
            else:
                yield from _codes_in(waarde)


@cache
def _velden(soort: type[BaseModel]) -> frozenset[str]:
    """The fields in which a code can stand, by itself or in a part."""
    return frozenset(
        naam
        for naam, veld in soort.model_fields.items()
        if naam in CODES or _heeft_deel(veld.annotation)
    )


def _heeft_deel(soort: Any) -> bool:
    return any(map(_heeft_deel, get_args(soort))) or (
        isinstance(soort, type) and issubclass(soort, BaseModel)
    )
