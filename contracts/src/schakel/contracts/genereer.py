"""Write what others read: a JSON Schema per message, the envelope, AsyncAPI, the list of types.

And the same of the language between organisations (``schakels``), with a list of its own.

``python -m schakel.contracts.genereer`` writes below ``contracts/``; with ``--controleer`` it
writes nothing and exits 1 naming the files that differ from the models. A released type that is
gone from the catalogue is an error in both.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from . import historie
from .catalogus import CATALOGUS, EIGEN, VAN_GRENS, berichten_van
from .cloudevents import MAX_BYTES
from .envelop import CONTENT_TYPE, Envelop
from .feit import Feit, Model
from .historie import Ingevoerd
from .organisatie import GRENS
from .schakels import schema as schakelschema
from .schakels.lezen import BERICHT_VAN
from .topics import HISTORIE, topic_van
from .werkstromen import Proces

MAP = Path(__file__).parents[3]
ENVELOP_BESTAND = "nl-gov-cloudevent.schema.json"
INVOERENVELOP = "Invoerenvelop"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_KAFKA_BINDING = "0.5.0"
_LIJSTEN = {"typen.txt": CATALOGUS, "schakeltypen.txt": BERICHT_VAN}
_PROCES_VAN_TYPE = {feit.type: proces for proces, eigen in EIGEN.items() for feit in eigen}


class _ZoalsGeschreven(GenerateJsonSchema):
    """The schema of what is written: an absent field is left out, never null; no made-up titles."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - not ours to name
        return False


def bestandsnaam(type_: str) -> str:
    """The file with the schema of the data of this type."""
    return f"{type_}.schema.json"


def schema_van(feit: type[Feit]) -> dict[str, Any]:
    """The JSON Schema of the data of one message type."""
    schema = feit.model_json_schema(schema_generator=_ZoalsGeschreven)
    return {"$schema": _DIALECT, **schema, **_bij_type(feit, schema)}


def schema_van_envelop() -> dict[str, Any]:
    """The JSON Schema of a whole event: the attributes, and per known type the data."""
    schema = Envelop.model_json_schema(schema_generator=_ZoalsGeschreven)
    del schema["additionalProperties"]  # extensions may come; their names may not be just anything
    return {
        "$schema": _DIALECT,
        **schema,
        "title": "NL GOV CloudEvent",
        "propertyNames": {"pattern": "^[a-z0-9]{1,20}$"},
        "allOf": [
            {
                "if": {"properties": {"type": {"const": type_}}},
                "then": {"properties": {"data": {"$ref": bestandsnaam(type_)}}},
            }
            for type_ in CATALOGUS
        ],
    }


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI document: one channel per service, all that it may publish; and imports."""
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Schakel: berichten van de vijf processen",
            "version": "1.0.0",
            "description": (
                "Elke dienst schrijft op een eigen topic; wie meeleest, leidt daaruit de "
                "werkstroom af. CloudEvents 1.0, NL GOV-profiel 1.1, gestructureerde JSON, "
                f"hoogstens {MAX_BYTES} bytes. Geen persoonsgegevens."
            ),
            "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/nl/"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            **{proces.value: _kanaal(proces, berichten_van(proces)) for proces in Proces},
            GRENS: _kanaal(GRENS, VAN_GRENS),
            HISTORIE: _kanaal(HISTORIE, (Ingevoerd,)),
        },
        "operations": {f"{naam}-zendt": _operatie(naam) for naam in (*Proces, GRENS, HISTORIE)},
        "components": {
            "messages": {
                **{feit.type: _bericht(feit) for feit in CATALOGUS.values()},
                Ingevoerd.__name__: _ingevoerd(),
            },
            "schemas": _schemas(),
        },
    }


def bestanden(map_: Path) -> Mapping[Path, str]:
    """Everything that is generated below ``map_``: path and text."""
    schema = map_ / "schema"
    inhoud = {schema / bestandsnaam(feit.type): schema_van(feit) for feit in CATALOGUS.values()}
    inhoud[schema / ENVELOP_BESTAND] = schema_van_envelop()
    inhoud[schema / "asyncapi.json"] = asyncapi()
    inhoud.update((schema / naam, wat) for naam, wat in schakelschema.bestanden().items())
    teksten = {
        pad: json.dumps(waarde, indent=2, ensure_ascii=False) + "\n"
        for pad, waarde in inhoud.items()
    }
    return {**teksten, **{map_ / lijst: _regels(typen) for lijst, typen in _LIJSTEN.items()}}


def bevroren(map_: Path, lijst: str = "typen.txt") -> list[str]:
    """The types that were ever released. The list only grows (D11)."""
    pad = map_ / lijst
    return pad.read_text(encoding="utf-8").split() if pad.is_file() else []


def afwijkend(map_: Path) -> list[Path]:
    """The files that are not what the models say: changed, missing, or of no message."""
    verwacht = bestanden(map_)
    anders = {
        pad
        for pad, tekst in verwacht.items()
        if not pad.is_file() or pad.read_text(encoding="utf-8") != tekst
    }
    return sorted(anders.union(set((map_ / "schema").glob("*.json")) - verwacht.keys()))


def hoofd(argumenten: Sequence[str] | None = None) -> int:
    """Run the command; the answer is the exit code."""
    lezer = argparse.ArgumentParser(prog="python -m schakel.contracts.genereer")
    lezer.add_argument(
        "--controleer", action="store_true", help="schrijf niets; eindig met 1 bij verschil"
    )
    lezer.add_argument("--map", type=Path, default=MAP, help="standaard contracts/")
    keuze = lezer.parse_args(argumenten)
    verdwenen = [
        type_
        for lijst, typen in _LIJSTEN.items()
        for type_ in bevroren(keuze.map, lijst)
        if type_ not in typen
    ]
    anders = afwijkend(keuze.map)
    if not keuze.controleer and not verdwenen:
        _schrijf(anders, bestanden(keuze.map))
    woord = "wijkt af" if keuze.controleer or verdwenen else "bijgewerkt"
    meldingen = [f"bevroren type ontbreekt in de catalogus: {type_}" for type_ in verdwenen]
    meldingen += [f"{woord}: {pad.relative_to(keuze.map)}" for pad in anders]
    sys.stdout.write(_regels(meldingen))
    return 1 if verdwenen or (keuze.controleer and anders) else 0


def _schrijf(paden: Iterable[Path], inhoud: Mapping[Path, str]) -> None:
    for pad in paden:
        if pad in inhoud:
            pad.parent.mkdir(exist_ok=True)
            pad.write_text(inhoud[pad], encoding="utf-8")
        else:
            pad.unlink()


def _regels(regels: Iterable[str]) -> str:
    return "".join(f"{regel}\n" for regel in regels)


def _bij_type(feit: type[Feit], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Name the schema after its type; what only one process says, only that process may say."""
    proces = _PROCES_VAN_TYPE.get(feit.type)
    if proces is None:
        return {"title": feit.type}
    return {
        "title": feit.type,
        "properties": {**schema["properties"], "proces": {"const": proces.value}},
    }


def _kanaal(naam: str, berichten: Iterable[type[Model]]) -> dict[str, Any]:
    return {
        "address": topic_van("{oin}", naam),
        "title": f"Wat {naam} zegt",
        "parameters": {"oin": {"description": "Het OIN van de organisatie: 20 cijfers."}},
        "messages": {
            naam: {"$ref": f"#/components/messages/{naam}"} for naam in map(_berichtnaam, berichten)
        },
        "bindings": {"kafka": {"bindingVersion": _KAFKA_BINDING}},
    }


def _berichtnaam(model: type[Model]) -> str:
    return model.type if issubclass(model, Feit) else model.__name__


def _operatie(naam: str) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{naam}"},
        "title": f"{naam} zendt; niemand anders schrijft op dit topic",
    }


def _bericht(feit: type[Feit]) -> dict[str, Any]:
    return _als_bericht(feit, {"const": feit.type}, Envelop.__name__)


def _ingevoerd() -> dict[str, Any]:
    """One message for all types: what an import knows of each differs from log to log."""
    return _als_bericht(Ingevoerd, {"enum": list(historie.TYPEN)}, INVOERENVELOP)


def _als_bericht(model: type[Model], type_: Mapping[str, Any], envelop: str) -> dict[str, Any]:
    return {
        "name": _berichtnaam(model),
        "title": model.__name__,
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "required": ["content-type"],
            "properties": {"content-type": {"const": CONTENT_TYPE}, "ce_type": type_},
        },
        "payload": {
            "allOf": [
                {"$ref": f"#/components/schemas/{envelop}"},
                {
                    "properties": {
                        "type": type_,
                        "data": {"$ref": f"#/components/schemas/{model.__name__}"},
                    }
                },
            ]
        },
        "bindings": {
            "kafka": {
                "key": {"type": "string", "format": "uuid", "description": "De partitionkey."},
                "bindingVersion": _KAFKA_BINDING,
            }
        },
    }


def _schemas() -> dict[str, Any]:
    """All models under their class names, referring to each other inside the document."""
    alle = (Envelop, Ingevoerd, *CATALOGUS.values())
    modellen = [(model, "validation") for model in alle]
    _, geheel = models_json_schema(
        modellen,  # type: ignore[arg-type]
        ref_template="#/components/schemas/{model}",
        schema_generator=_ZoalsGeschreven,
    )
    schemas: dict[str, Any] = geheel["$defs"]
    envelop = schemas[Envelop.__name__]
    del envelop["additionalProperties"]
    # An import has no order among its messages, so no volgnummer.
    verplicht = [naam for naam in envelop["required"] if naam != "sequence"]
    schemas[INVOERENVELOP] = {**envelop, "title": INVOERENVELOP, "required": verplicht}
    for feit in CATALOGUS.values():
        schemas[feit.__name__].update(_bij_type(feit, schemas[feit.__name__]))
    return schemas


if __name__ == "__main__":
    sys.exit(hoofd())
