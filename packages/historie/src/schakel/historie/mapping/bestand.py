"""Reading a mapping from its TOML file; what is wrong is told with its place."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from schakel.kern.grond.weigering import Ongeldig

from .controle import bezwaren
from .model import Mapping

MEESTE_BYTES = 1_000_000
_UITLEG = {
    "missing": "ontbreekt",
    "extra_forbidden": "is geen bekende naam",
    "literal_error": "moet zijn: {expected}",
    "union_tag_invalid": "{tag} is geen gebeurtenis; bekend zijn {expected_tags}",
    "union_tag_not_found": "`gebeurtenis` ontbreekt",
    "enum": "moet zijn: {expected}",
    "value_error": "{error}",
    "too_short": "mag niet leeg zijn",
    "string_too_short": "mag niet leeg zijn",
    "string_type": "moet tekst zijn, tussen aanhalingstekens",
    "bool_type": "moet true of false zijn",
}


class Mappingfout(Ongeldig):
    """The mapping cannot be used; the text says where and what to do."""

    def __init__(self, bestand: Path | str, uitleg: str) -> None:
        """``bestand`` as the asker named it."""
        super().__init__("mapping-ongeldig", f"{bestand}: {uitleg}")


def lees_mapping(bestand: Path) -> Mapping:
    """The mapping in a file; raises Mappingfout with all that is wrong with it."""
    try:
        if bestand.stat().st_size > MEESTE_BYTES:
            raise Mappingfout(bestand, f"groter dan {MEESTE_BYTES} bytes: dit is geen mapping")
        inhoud = tomllib.loads(bestand.read_text("utf-8"))
    except OSError as fout:
        raise Mappingfout(bestand, f"is niet te lezen ({fout.strerror})") from fout
    except UnicodeDecodeError as fout:
        raise Mappingfout(bestand, "is geen UTF-8; bewaar het bestand als UTF-8") from fout
    except tomllib.TOMLDecodeError as fout:
        raise Mappingfout(bestand, f"is geen TOML: {fout}") from fout
    try:
        mapping = Mapping.model_validate(inhoud)
    except ValidationError as fouten:
        regels = [f"{_plaats(een, inhoud)}: {_uitleg(een)}" for een in fouten.errors()]
        raise Mappingfout(bestand, "; ".join(dict.fromkeys(regels))) from fouten
    if gevonden := bezwaren(mapping):
        raise Mappingfout(bestand, "; ".join(gevonden))
    return mapping


def _plaats(een: Any, inhoud: Any) -> str:
    """``zaakregels[2].als.kolom``; what pydantic adds to tell unions apart is left out."""
    plek = ""
    for deel in een["loc"]:
        if isinstance(deel, int):
            plek += f"[{deel + 1}]"
            inhoud = inhoud[deel] if isinstance(inhoud, list) else inhoud
        elif een["type"] == "missing" or (isinstance(inhoud, dict) and deel in inhoud):
            plek += f".{deel}" if plek else deel
            inhoud = inhoud.get(deel) if isinstance(inhoud, dict) else inhoud
    return plek or "mapping"


def _uitleg(een: Any) -> str:
    zin: str = _UITLEG.get(een["type"], een["msg"])
    return zin.format(**een.get("ctx", {}))


def schema() -> dict[str, Any]:
    """The JSON Schema of a mapping, for editors and for the documentation."""
    beschreven = Mapping.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **beschreven}
