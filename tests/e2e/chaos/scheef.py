"""Starts a service with a clock that is wrong: ``python -m tests.e2e.chaos.scheef NAAM SECONDEN``.

Only the clock of what it records: that of the machine cannot be set for one process here.
"""

import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from schakel.skelet import proces


def main() -> None:
    """Be that service."""
    naam, verschil = sys.argv[1], timedelta(seconds=int(sys.argv[2]))
    sys.argv = [f"schakel-{naam}"]
    begin: Any = proces.Procesdienst.__init__
    begin.__kwdefaults__["klok"] = lambda: datetime.now(UTC) + verschil
    import_module(f"schakel.{naam}.app").start()


if __name__ == "__main__":
    main()
