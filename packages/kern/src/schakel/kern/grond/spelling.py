"""How a value is written: one way for each kind, the one that the description of an API promises.

pydantic reads more: 5_0 as 50, a number as a moment, a UUID in braces. Programs that read those
differently are what a request must not depend on.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, NamedTuple, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime

_DAG: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MOMENT: Final = (
    rf"{_DAG}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,9}})?(Z|[+-][0-9]{{2}}:[0-9]{{2}})"
)


Fout = Literal["uuid_parsing", "datetime_parsing", "date_parsing", "int_parsing", "bool_parsing"]


class Spelling(NamedTuple):
    """What a text must look like, and the error of pydantic that says so."""

    patroon: re.Pattern[str]
    fout: Fout

    def past(self, tekst: object) -> bool:
        """Whether this is a text, and spelled so."""
        return isinstance(tekst, str) and self.patroon.fullmatch(tekst) is not None


def _zo(patroon: str, fout: Fout) -> Spelling:
    return Spelling(re.compile(patroon, re.ASCII | re.IGNORECASE), fout)


_TIJDSTIP: Final = _zo(_MOMENT, "datetime_parsing")
SPELLING: Final[Mapping[Any, Spelling]] = {
    UUID: _zo(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "uuid_parsing"),
    datetime: _TIJDSTIP,
    AwareDatetime: _TIJDSTIP,  # a type of its own while a program runs
    date: _zo(_DAG, "date_parsing"),
    int: _zo(r"-?[0-9]{1,18}", "int_parsing"),
    bool: _zo(r"true|false", "bool_parsing"),
}


def spelling_van(annotatie: Any) -> Spelling | None:
    """Of the type that stands somewhere in this annotation, if it is one of those above."""
    if annotatie in SPELLING:
        return SPELLING[annotatie]
    delen = get_args(annotatie)
    if get_origin(annotatie) is Annotated:
        delen = delen[:1]
    return next(filter(None, map(spelling_van, delen)), None)
