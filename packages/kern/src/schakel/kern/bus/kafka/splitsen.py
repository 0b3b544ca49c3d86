"""The records of a fetched batch, without what nobody asked for.

The library makes an object of its own of every record, field by field, of which a reader then takes
four. Most of what is on the bus concerns others: of that the headers say enough.
"""

# Where the library keeps what it fetched is a private field.
# ruff: noqa: SLF001

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import FetchResult

from schakel.kern.bus.bericht import is_van_type

SlaOver = Callable[[TopicPartition], None]
"""Hears of each record that is left out."""


def splits_zelf(consument: Any, stil: frozenset[bytes], sla_over: SlaOver) -> None:
    """From here on ``consument`` gives records as they were split off, without those in ``stil``.

    The last of a batch is given whatever it is: its number is how far was read.
    """
    consument._fetcher._records = _Gehaald(stil, sla_over)


class _Gehaald(OrderedDict[TopicPartition, Any]):
    """What was fetched and not handed out, or what went wrong, by partition."""

    def __init__(self, stil: frozenset[bytes], sla_over: SlaOver) -> None:
        super().__init__()
        self._stil = stil
        self._sla_over = sla_over

    def __setitem__(self, tp: TopicPartition, gehaald: Any) -> None:
        if isinstance(gehaald, FetchResult):
            ruw = gehaald._partition_records
            gehaald._partition_records = _Records(tp, ruw, self._stil, self._sla_over)
        super().__setitem__(tp, gehaald)


class _Records:
    """Takes the place of the library's own, which ``ruw`` is; goes on where it was left."""

    def __init__(
        self, tp: TopicPartition, ruw: Any, stil: frozenset[bytes], sla_over: SlaOver
    ) -> None:
        self.next_fetch_offset: int = ruw.next_fetch_offset
        self._lopend = self._splits(tp, ruw._records, stil, sla_over)

    def __iter__(self) -> Iterator[Any]:
        return self._lopend

    def _splits(
        self, tp: TopicPartition, partijen: Any, stil: frozenset[bytes], sla_over: SlaOver
    ) -> Iterator[Any]:
        while partijen.has_next():
            partij = partijen.next_batch()
            einde = partij.next_offset
            for record in () if partij.is_control_batch else partij:
                na = record.offset + 1
                if na <= self.next_fetch_offset:  # asked for halfway
                    continue
                self.next_fetch_offset = na
                if na < einde and is_van_type(record.headers, stil):
                    sla_over(tp)
                else:
                    yield record
            # Also where the last record of the batch is gone, or was never for us.
            self.next_fetch_offset = einde
