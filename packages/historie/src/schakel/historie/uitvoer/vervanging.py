"""Files that appear whole or not at all, however many belong together."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def ineens(*doelen: Path) -> Iterator[tuple[Path, ...]]:
    """Yield a place to write for each of these files of one folder, which must exist.

    Only when the block ends well do they take the place of what stood there. Until then they lie
    in a folder of their own inside it: on the same disk, and with it whatever else a failing
    writer leaves behind is gone.
    """
    with TemporaryDirectory(dir=doelen[0].parent, prefix=".schakel-") as tijdelijk:
        paden = tuple(Path(tijdelijk, doel.name) for doel in doelen)
        yield paden
        for pad, doel in zip(paden, doelen, strict=True):
            pad.replace(doel)
