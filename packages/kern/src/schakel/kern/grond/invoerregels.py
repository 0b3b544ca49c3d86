"""What pydantic finds wrong, as a stable rule name and a Dutch sentence. Never shows the input."""

from collections.abc import Mapping
from typing import Any, Final

_OBJECT = ("object", "moet een JSON-object zijn")
_LIJST = ("lijst", "moet een lijst zijn")
_TEKST = ("tekst", "moet tekst zijn")
_GEHEEL = ("geheel-getal", "moet een geheel getal zijn")
_GETAL = ("getal", "moet een getal zijn")
_WAARHEID = ("waarheid", "moet true of false zijn")
_UUID = ("uuid", "moet een UUID zijn")
_TIJDSTIP = ("tijdstip", "moet een tijdstip met tijdzone zijn, zoals 2026-01-31T12:00:00Z")
_DATUM = ("datum", "moet een datum zijn, zoals 2026-01-31")
_KEUZE = ("keuze", "moet een van deze zijn: {expected}")

_REGELS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("verplicht", "is verplicht"),
    "extra_forbidden": ("onbekend-veld", "bestaat niet"),
    "string_type": _TEKST,
    "string_unicode": _TEKST,
    "string_too_short": ("te-kort", "moet minstens {min_length} tekens hebben"),
    "string_too_long": ("te-lang", "mag hoogstens {max_length} tekens hebben"),
    "string_pattern_mismatch": ("patroon", "moet voldoen aan het patroon {pattern}"),
    "int_type": _GEHEEL,
    "int_parsing": _GEHEEL,
    "int_parsing_size": ("te-groot", "is te groot"),
    "int_from_float": _GEHEEL,
    "float_type": _GETAL,
    "float_parsing": _GETAL,
    "finite_number": _GETAL,
    "bool_type": _WAARHEID,
    "bool_parsing": _WAARHEID,
    "greater_than": ("minimum", "moet groter zijn dan {gt}"),
    "greater_than_equal": ("minimum", "moet minstens {ge} zijn"),
    "less_than": ("maximum", "moet kleiner zijn dan {lt}"),
    "less_than_equal": ("maximum", "mag hoogstens {le} zijn"),
    "too_short": ("te-kort", "moet minstens {min_length} onderdelen hebben"),
    "too_long": ("te-lang", "mag hoogstens {max_length} onderdelen hebben"),
    "enum": _KEUZE,
    "literal_error": _KEUZE,
    "union_tag_not_found": ("verplicht", "is verplicht"),
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "uuid_version": _UUID,
    "timezone_aware": _TIJDSTIP,
    "date_type": _DATUM,
    "date_parsing": _DATUM,
    "date_from_datetime_parsing": _DATUM,
    "date_from_datetime_inexact": _DATUM,
    "list_type": _LIJST,
    "tuple_type": _LIJST,
    "set_type": _LIJST,
    "frozen_set_type": _LIJST,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "path_type": ("pad", "moet een pad zijn"),
}
_ANDERS: Final = ("vorm", "heeft niet de juiste vorm")


def leg_uit(soort: str, context: Mapping[str, Any] | None) -> tuple[str, str]:
    """Rule and explanation of one pydantic error. A ValueError of our own explains itself."""
    context = context or {}
    if soort == "value_error":
        return "regel", str(context.get("error", _ANDERS[1]))
    if soort.startswith("datetime_"):
        return _TIJDSTIP
    regel, zin = _REGELS.get(soort, _ANDERS)
    waarden = {naam: str(waarde).replace(" or ", " of ") for naam, waarde in context.items()}
    return regel, zin.format_map(waarden)
