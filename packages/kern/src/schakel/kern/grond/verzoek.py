"""What someone asks, before it is known which way it came in: strict, and refused as a whole."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticKnownError
from pydantic_core.core_schema import no_info_before_validator_function

from .spelling import SPELLING, Spelling

_STRIKT: Final = frozenset({"int", "float", "bool"})
_SPELLING: Final = {"uuid": UUID, "datetime": datetime, "date": date}


def _keur_spelling(spelling: Spelling, soort: type, waarde: Any) -> Any:
    if not isinstance(waarde, soort) and not spelling.past(waarde):
        raise PydanticKnownError(spelling.fout, {"error": ""})
    return waarde


def _keur_lengte(grens: int, waarde: Any) -> Any:
    """Before anything looks at what is in it: of a long list every part may be wrong."""
    if isinstance(waarde, list) and len(waarde) > grens:
        maten = {"field_type": "", "max_length": grens, "actual_length": len(waarde)}
        raise PydanticKnownError("too_long", maten)
    return waarde


def _maak_strikt(schema: Any) -> None:
    delen = schema.values() if isinstance(schema, dict) else schema
    if not isinstance(schema, dict | list | tuple) or _is_gekeurd(schema):
        return
    for deel in delen:
        _maak_strikt(deel)
    if not isinstance(schema, dict):
        return
    soort, grens = schema.get("type"), schema.get("max_length")
    if soort in _STRIKT:
        schema["strict"] = True
    elif soort in _SPELLING:
        _keur_eerst(schema, partial(_keur_spelling, SPELLING[_SPELLING[soort]], _SPELLING[soort]))
    elif soort in {"list", "tuple"} and grens is not None:
        _keur_eerst(schema, partial(_keur_lengte, grens))


def _keur_eerst(schema: dict[str, Any], keur: Callable[[Any], Any]) -> None:
    binnen = dict(schema)
    schema.clear()
    schema |= no_info_before_validator_function(keur, binnen)


def _is_gekeurd(schema: Any) -> bool:
    """A model in a model was made strict by itself."""
    keur = schema.get("function") if isinstance(schema, dict) else None
    functie = keur.get("function") if isinstance(keur, dict) else None
    return getattr(functie, "func", None) in {_keur_spelling, _keur_lengte}


class Verzoek(BaseModel):
    """What someone sends in: camelCase, nothing unknown, no number or truth made out of text."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Makes the primitives strict. Whole-model strictness would also refuse UUIDs in text."""
        schema = handler(source)
        _maak_strikt(schema)
        return schema
