"""Opens the export of a service desk or case system, so that DuckDB can question it."""

from .bron import Bron, Leesopties
from .fout import Bestandsfout
from .openen import open_bron

__all__ = ["Bestandsfout", "Bron", "Leesopties", "open_bron"]
