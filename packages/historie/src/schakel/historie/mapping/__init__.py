"""How the rows of a log are read as events: what an organisation writes down once, in TOML."""

from .bestand import Mappingfout, lees_mapping, schema
from .gebeurtenissen import Gebeurtenis
from .model import Mapping, Regel, Tijd, Zaakregel, Zaaktijd

__all__ = [
    "Gebeurtenis",
    "Mapping",
    "Mappingfout",
    "Regel",
    "Tijd",
    "Zaakregel",
    "Zaaktijd",
    "lees_mapping",
    "schema",
]
