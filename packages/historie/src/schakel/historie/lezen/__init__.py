"""Opens the export of a service desk or case system, so that DuckDB can question it."""

from .bron import Bron, Leesopties
from .fout import Leesfout
from .openen import open_bron

__all__ = ["Bron", "Leesfout", "Leesopties", "open_bron"]
