"""The language between organisations as others read it: JSON Schemas, and an AsyncAPI document.

Made from the models, by ``schakel.contracts.genereer``. What no schema can say (that ``id`` is that
of the data, which codes an overeenkomst adds, that a moment exists), ``lezen`` judges.
"""

from collections.abc import Callable, Iterable, Mapping
from inspect import cleandoc
from typing import Any, Final

import msgspec

from schakel.contracts.cloudevents import MAX_BYTES
from schakel.contracts.organisatie import OIN

from .berichten import SCHAKELBERICHTEN, VERSIE, VOORVOEGSEL
from .codes import TAALCODES, Codelijst
from .lezen import BERICHT_VAN, Bericht
from .overeenkomst import Overeenkomst
from .sleutels import Sleutelverklaring
from .verbinding import VERBINDINGSBERICHTEN
from .woorden import TIJDSTIP, UUID7, Kant, heel

ENVELOP_BESTAND: Final = "nl-schakels-cloudevent.schema.json"
OVEREENKOMST_BESTAND: Final = "schakel-overeenkomst.schema.json"
VERKLARING_BESTAND: Final = "schakel-sleutels.schema.json"
ASYNCAPI_BESTAND: Final = "asyncapi-schakels.json"
CONTENT_TYPE: Final = "application/cloudevents+json"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_SOORTREGELS: Final[tuple[dict[str, Any], ...]] = (
    {
        "if": {"properties": {"soort": {"const": "deelproces"}}},
        "then": {"required": ["naar"], "properties": {"soortVolgensVrager": False}},
        "else": {"required": ["soortVolgensVrager"], "properties": {"naar": False}},
    },
    {
        "if": {"properties": {"diepte": {"const": 1}}},
        "then": {"properties": {"vanuit": False}},
    },
)
_REGELS: Final[Mapping[str, tuple[dict[str, Any], ...]]] = {
    "aangeboden": _SOORTREGELS,
    "afgesloten": (
        {
            "if": {"properties": {"uitkomst": {"const": "omgezet"}}},
            "then": {"required": ["vervangen"]},
            "else": {"properties": {"vervangen": False}},
        },
    ),
    "wissing-beantwoord": (
        {
            "if": {"properties": {"antwoord": {"const": "behouden"}}},
            "then": {"required": ["grond"]},
            "else": {"properties": {"grond": False}},
        },
    ),
    "verbinding.sleutels": (
        {"properties": {"verklaring": {"properties": {"signatures": {"maxItems": 1}}}}},
    ),
}
"""What members of one message say of each other; the models say it in code, a test compares."""


def schema_van(soort: type[Bericht]) -> dict[str, Any]:
    """The JSON Schema of the data of one message type."""
    return _los(soort, lambda eigen: _compleet(soort, eigen))


def schema_van_envelop() -> dict[str, Any]:
    """The JSON Schema of a whole leaf: the attributes, and per type the data."""
    return {
        "$schema": _DIALECT,
        **_envelop(),
        "allOf": [
            {
                "if": {"properties": {"type": {"const": type_}}},
                "then": {"properties": {"data": {"$ref": f"{type_}.schema.json"}}},
            }
            for type_ in BERICHT_VAN
        ],
    }


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI document: the log of one organisation for another, and who says what in it."""
    _, delen = _delen(BERICHT_VAN.values(), "#/components/schemas/{name}")
    schemas = {naam: _schoon(deel) for naam, deel in sorted(delen.items())}
    for soort in BERICHT_VAN.values():
        schemas[soort.__name__] = _compleet(soort, schemas[soort.__name__])
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Schakel: berichten tussen organisaties",
            "version": "1.0.0",
            "description": (
                "Wat de ene organisatie tegen de andere zegt over werk dat de grens over gaat. Elk "
                "bericht is een blad van het grenslogboek van wie het zegt, en reist in pagina's "
                "daarvan. CloudEvents 1.0, NL GOV-profiel 1.1, gestructureerde JSON, hoogstens "
                f"{MAX_BYTES} bytes. Geen persoonsgegevens."
            ),
            "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/nl/"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            "grenslogboek": {
                "address": "schakel/{zender}/{ontvanger}",
                "title": "Alles wat de zender ooit tegen de ontvanger zei, op volgorde",
                "parameters": {
                    naam: {"description": "Een OIN: 20 cijfers."}
                    for naam in ("zender", "ontvanger")
                },
                "messages": {
                    type_: {"$ref": f"#/components/messages/{type_}"} for type_ in BERICHT_VAN
                },
            }
        },
        "operations": {
            "vrager-zegt": _operatie(
                "De vrager zegt", (s for s in SCHAKELBERICHTEN if Kant.VRAGER in s.KANTEN)
            ),
            "uitvoerder-zegt": _operatie(
                "De uitvoerder zegt", (s for s in SCHAKELBERICHTEN if Kant.UITVOERDER in s.KANTEN)
            ),
            "organisatie-zegt": _operatie("Over de verbinding zelf", VERBINDINGSBERICHTEN),
        },
        "components": {
            "messages": {type_: _bericht(type_, soort) for type_, soort in BERICHT_VAN.items()},
            "schemas": {"Bladomslag": _envelop(), **schemas},
        },
    }


def bestanden() -> Mapping[str, dict[str, Any]]:
    """Everything that is published about the language, by the name of its file."""
    return {
        **{f"{type_}.schema.json": schema_van(soort) for type_, soort in BERICHT_VAN.items()},
        ENVELOP_BESTAND: schema_van_envelop(),
        OVEREENKOMST_BESTAND: _los(Overeenkomst),
        VERKLARING_BESTAND: _los(Sleutelverklaring),
        ASYNCAPI_BESTAND: asyncapi(),
    }


def _los(soort: type, maak_af: Callable[[Any], dict[str, Any]] = dict) -> dict[str, Any]:
    """The schema of one model, with all that it is made of inside."""
    (wortel,), delen = _delen([soort], "#/$defs/{name}")
    eigen = _schoon(delen.pop(wortel["$ref"].rpartition("/")[2]))
    return {
        "$schema": _DIALECT,
        "$defs": {naam: _schoon(deel) for naam, deel in sorted(delen.items())},
        **maak_af(eigen),
    }


def _delen(soorten: Iterable[type], verwijzing: str) -> tuple[Any, dict[str, Any]]:
    """References to the models, and all that they are made of; what is never there matches none."""
    verwijzingen, delen = msgspec.json.schema_components(
        soorten, schema_hook=lambda _: {"not": {}}, ref_template=verwijzing
    )
    return verwijzingen, dict(delen)


def _envelop() -> dict[str, Any]:
    """The attributes; one that is not known may come, and is ignored."""
    tekst: dict[str, Any] = {"type": "string"}
    attributen: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": tekst | {"pattern": rf"^({UUID7}\.[vu]|{OIN})\.[1-9][0-9]{{0,6}}$"},
        "source": tekst | {"pattern": rf"^urn:nld:oin:{OIN}:systeem:[A-Za-z0-9._~%-]+$"},
        "type": {"enum": list(BERICHT_VAN)},
        "subject": tekst | {"pattern": f"^({UUID7}|{OIN})$"},
        "time": tekst | {"pattern": f"^({TIJDSTIP})$", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "data": {"type": "object"},
    }
    return {
        "title": "Blad van een grenslogboek",
        "type": "object",
        "properties": {
            **attributen,
            "traceparent": tekst | {"pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},
        },
        "required": list(attributen),
    }


def _compleet(soort: type[Bericht], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Named after its type, with what a model says in code, and the codes of the language."""
    velden = dict(schema["properties"])
    for naam, lijst in soort.CODES.items():
        velden[naam] = {**velden[naam], "description": _codes(TAALCODES, lijst)}
    regels = _REGELS.get(soort.FEIT)
    return {
        **schema,
        "title": f"{VOORVOEGSEL}{soort.FEIT}{VERSIE}",
        "properties": velden,
        **({"allOf": list(regels)} if regels else {}),
    }


def _codes(codes: Codelijst, lijst: str) -> str:
    bekend = ", ".join(sorted(getattr(codes, lijst)))
    return f"{bekend}; of een code uit {lijst} van de overeenkomst"


def _schoon(waarde: Any) -> Any:
    """As it is written: what is absent is left out, never null; and patterns of JSON Schema."""
    if isinstance(waarde, list):
        return [_schoon(deel) for deel in waarde]
    if not isinstance(waarde, dict):
        return waarde
    match waarde:
        case {"anyOf": [schema, {"type": "null"}], "default": None}:
            return _schoon(schema)
        case {"pattern": patroon} if patroon == heel(TIJDSTIP):
            return {"type": "string", "pattern": f"^({TIJDSTIP})$", "format": "date-time"}
        case {"pattern": str(patroon)}:
            return {**waarde, "pattern": patroon.removesuffix(r"(?!\n)")}
        case {"description": str(uitleg)} if uitleg != cleandoc(uitleg):
            return _schoon({**waarde, "description": cleandoc(uitleg)})  # one text on every Python
    return {naam: _schoon(deel) for naam, deel in waarde.items()}


def _operatie(titel: str, soorten: Iterable[type[Bericht]]) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": "#/channels/grenslogboek"},
        "title": titel,
        "messages": [
            {"$ref": f"#/channels/grenslogboek/messages/{VOORVOEGSEL}{soort.FEIT}{VERSIE}"}
            for soort in soorten
        ],
    }


def _bericht(type_: str, soort: type[Bericht]) -> dict[str, Any]:
    return {
        "name": type_,
        "title": soort.__name__,
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Bladomslag"},
                {
                    "properties": {
                        "type": {"const": type_},
                        "data": {"$ref": f"#/components/schemas/{soort.__name__}"},
                    }
                },
            ]
        },
    }
