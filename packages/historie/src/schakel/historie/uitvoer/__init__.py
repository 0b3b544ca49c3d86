"""What was derived, written down: tables, event logs for other tools, a report for people."""

from .alles import schrijf_alles
from .tabellen import schrijf_geweigerd

__all__ = ["schrijf_alles", "schrijf_geweigerd"]
