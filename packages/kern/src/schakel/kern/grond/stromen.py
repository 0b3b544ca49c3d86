"""What a command prints and logs is UTF-8 in every locale: JSON is (RFC 8259), and so is our Dutch.

A name of a file that is no text is spelled out, so that it breaks no line.
"""

import sys
from io import TextIOWrapper


def spreek_utf8() -> None:
    """From here on, for stdout and stderr."""
    for stroom in (sys.stdout, sys.stderr):
        if isinstance(stroom, TextIOWrapper):
            stroom.reconfigure(encoding="utf-8", errors="backslashreplace")
