"""What stands elsewhere in another version."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any


def uit(naam: str, *modules: str) -> Any:
    """``naam`` from the first of these modules that this version has."""
    for module in modules:
        if find_spec(module.rpartition(".")[0]) is not None and find_spec(module) is not None:
            return getattr(import_module(module), naam)
    raise ImportError(f"geen van {', '.join(modules)} is er")


leid_af = uit("leid_ruwe_boom_af", "schakel.afleiding", "schakel.orchestrator.afleiding")
Relais = uit("Relais", "schakel.kern.bezorging.relais", "schakel.kern.relais")
stel_in = uit("stel_in", "schakel.kern.zicht.logboek", "schakel.kern.logboek")
