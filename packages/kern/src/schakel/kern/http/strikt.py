"""What is asked of JSON at the door, besides that it is JSON; and of a query."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from schakel.contracts.strikt import Jsonfout, eindig, lees_json, maak_lezer, plek_van
from schakel.kern.grond.weigering import Ongeldig

GROOTSTE_GETAL: Final = 2**53 - 1
"""Above this, programs that read JSON numbers as floats see another number (RFC 8259, 6)."""

_LANGSTE_GETAL: Final = 17


class Veldfout(Ongeldig):
    """The body is not acceptable JSON; ``veld`` says where, as far as that is known."""

    def __init__(self, code: str, uitleg: str, veld: str = "") -> None:
        """``code`` is also the name of the rule."""
        super().__init__(code, uitleg)
        self.veld = veld


def lees_inhoud_van(ruw: bytes) -> Any:
    """The value of one JSON text, or a Veldfout that names the rule it breaks."""
    if b"\x00" in ruw:
        raise Veldfout("json-nul", "de inhoud bevat een NUL-teken")
    try:
        waarde = lees_json(ruw, _LEZER)
    except Jsonfout as fout:
        raise Veldfout(fout.code, fout.uitleg, toonbaar(fout.veld)) from None
    plek = plek_van(waarde, lambda tekst: "\x00" in tekst) if b"\\u0000" in ruw else None
    if plek is not None:
        raise Veldfout("json-nul", "de tekst bevat een NUL-teken", toonbaar(plek))
    return waarde


def _breuk(cijfers: str) -> float:
    """JSON has one kind of number: 3.0 is the integer 3 (RFC 8259, and JSON Schema says so too)."""
    waarde = eindig(cijfers)
    return int(waarde) if waarde.is_integer() and abs(waarde) <= GROOTSTE_GETAL else waarde


def _geheel(cijfers: str) -> int:
    if len(cijfers) > _LANGSTE_GETAL or abs(waarde := int(cijfers)) > GROOTSTE_GETAL:
        raise Jsonfout("json-getal-te-groot", "een getal mag hoogstens 2^53 - 1 zijn")
    return waarde


_LEZER: Final = maak_lezer(_geheel, _breuk)


def toonbaar(naam: str) -> str:
    """A name out of the request that can be written in an answer: short and whole characters."""
    return naam[:100].encode("utf-8", "replace").decode()


class Zoekvraag(BaseModel):
    """Query parameters as one model: camelCase and nothing unknown; there all values are text."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)
