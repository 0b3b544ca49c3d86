"""What was derived, written down: tables, event logs for other tools, a report for people."""

from .alles import schrijf_alles
from .ocel import schrijf_ocel
from .rapport import schrijf_rapport
from .tabellen import schrijf_csv, schrijf_geweigerd, schrijf_parquet
from .xes import schrijf_xes

__all__ = [
    "schrijf_alles",
    "schrijf_csv",
    "schrijf_geweigerd",
    "schrijf_ocel",
    "schrijf_parquet",
    "schrijf_rapport",
    "schrijf_xes",
]
