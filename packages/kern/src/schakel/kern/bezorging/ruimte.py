"""Questions about many values at once."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from schakel.kern.opslag import Rij

MEESTE = 512
"""Values in one question."""


def ruimte_voor(aantal: int) -> int:
    """Room in an ``IN (?, ...)``: a power of two, so that few different statements are prepared."""
    return 1 << (aantal - 1).bit_length()


def vraag_per(
    vraag: Callable[[str, Sequence[Any]], list[Rij]], sql: str, waarden: Sequence[str]
) -> Iterator[Rij]:
    """The rows of ``sql``, in which ``{}`` stands for these values."""
    for begin in range(0, len(waarden), MEESTE):
        deel = waarden[begin : begin + MEESTE]
        ruimte = ruimte_voor(len(deel))
        aanvulling = [deel[-1]] * (ruimte - len(deel))
        yield from vraag(sql.format(",".join("?" * ruimte)), [*deel, *aanvulling])
