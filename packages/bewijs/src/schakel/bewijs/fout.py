"""What is wrong with a proof, as one error with a code."""

from typing import Literal

Code = Literal[
    "vorm",
    "te-groot",
    "sleutel",
    "oorsprong",
    "onbekende-sleutel",
    "handtekening",
    "omvang",
    "bewijs",
    "wortel",
    "deelboom",
]


class BewijsFout(Exception):
    """A text, key or proof that is refused: a stable ``code`` and a Dutch ``uitleg``.

    It never shows what was read: that comes from a partner, and may be anything.
    """

    def __init__(self, code: Code, uitleg: str) -> None:
        """``code`` is for programs, ``uitleg`` is for people."""
        super().__init__(f"{code}: {uitleg}")
        self.code: Code = code
        self.uitleg = uitleg
