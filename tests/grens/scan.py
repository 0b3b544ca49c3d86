"""Looks for words, such as names, in bytes: also where they stand packed in something else."""

import re
import sqlite3
from base64 import b64decode
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote_to_bytes

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_ESCAPE = re.compile(rb"\\u00([0-9a-fA-F]{2})")
_DIEPTE = 3
"""A leaf in a page, a statement in a leaf, its payload."""


def vind(ruw: bytes, woorden: Collection[str], diepte: int = _DIEPTE) -> set[str]:
    """Those of ``woorden`` that stand in it, in whatever case; base64 and escapes are undone."""
    gevonden: set[str] = set()
    for vorm in _vormen(ruw):
        klein = vorm.lower()
        gevonden |= {woord for woord in woorden if woord.lower().encode() in klein}
    if diepte:
        for reeks in _BASE64.findall(ruw):
            for binnen in _uitgepakt(reeks):
                gevonden |= vind(binnen, woorden, diepte - 1)
    return gevonden


def _vormen(ruw: bytes) -> Iterator[bytes]:
    yield ruw
    if b"%" in ruw:
        yield unquote_to_bytes(ruw)
    if b"\\u" in ruw:
        yield _ESCAPE.sub(lambda een: bytes([int(een[1], 16)]), ruw)


def _uitgepakt(reeks: bytes) -> Iterator[bytes]:
    """Wherever it begins: what stands before it may look like it."""
    for begin in range(4):
        deel = reeks[begin:].translate(_URL)
        deel = deel[:-1] if len(deel) % 4 == 1 else deel  # no length that base64 has
        yield b64decode(deel + b"=" * (-len(deel) % 4))


_URL = bytes.maketrans(b"-_", b"+/")


def in_map(map_: Path, woorden: Collection[str]) -> dict[str, set[str]]:
    """Per file what stands in it: its bytes as they lie there, and of a store each value."""
    gevonden = {}
    for pad in sorted(een for een in map_.rglob("*") if een.is_file()):
        hier = vind(pad.read_bytes(), woorden, 0)
        for waarde in _waarden(pad) if pad.suffix == ".db" else [pad.read_bytes()]:
            hier |= vind(waarde, woorden)
        if hier:
            gevonden[str(pad.relative_to(map_))] = hier
    return gevonden


def _waarden(pad: Path) -> Iterator[bytes]:
    """Whole, where the file has a long one in pieces."""
    with closing(sqlite3.connect(f"file:{pad}?mode=ro", uri=True)) as opslag:
        tabellen = opslag.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (tabel,) in tabellen:
            for rij in opslag.execute(f'SELECT * FROM "{tabel}"'):
                for waarde in rij:
                    if isinstance(waarde, str | bytes):
                        yield waarde.encode() if isinstance(waarde, str) else waarde
