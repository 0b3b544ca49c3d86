"""What services say while they run: their log."""

import io
import json
from collections.abc import Iterator
from typing import Any


class Log:
    """The log of everything that runs in this process."""

    def __init__(self, uit: io.StringIO) -> None:
        self._uit = uit

    def regels(self, *gebeurtenissen: str) -> Iterator[dict[str, Any]]:
        """The lines so far, of these kinds or of all."""
        for regel in self._uit.getvalue().splitlines():
            gelezen = json.loads(regel)
            if not gebeurtenissen or gelezen["gebeurtenis"] in gebeurtenissen:
                yield gelezen

    def wis(self) -> None:
        """What was said so far is of no interest."""
        self._uit.seek(0)
        self._uit.truncate()
