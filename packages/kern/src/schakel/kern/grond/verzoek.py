"""What someone asks, before it is known which way it came in: strict, and refused as a whole."""

from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema


def _maak_strikt(schema: Any) -> None:
    if isinstance(schema, dict):
        if schema.get("type") in {"int", "float", "bool"}:
            schema["strict"] = True
        for deel in schema.values():
            _maak_strikt(deel)
    elif isinstance(schema, list | tuple):
        for deel in schema:
            _maak_strikt(deel)


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
