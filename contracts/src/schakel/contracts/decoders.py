"""What msgspec reads and converts to, each worked out once and by one thread."""

from threading import Lock
from typing import Any, TypeVar, cast

import msgspec

T = TypeVar("T")

_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
_slot = Lock()


def decoder_van(soort: type[T]) -> msgspec.json.Decoder[T]:
    """What reads JSON as ``soort``.

    msgspec works out a struct when it is first used, and a thread that uses one which another
    thread is still working out ends the whole process (0.22: it follows a pointer that is not
    there yet). So that is done here, one at a time: nobody gives a type to ``msgspec.json.decode``
    or ``msgspec.convert``.
    """
    if (decoder := _decoders.get(soort)) is None:
        with _slot:
            decoder = _decoders.setdefault(soort, msgspec.json.Decoder(soort))
    return cast("msgspec.json.Decoder[T]", decoder)


def zet_om(waarde: Any, soort: type[T], *, str_keys: bool = False) -> T:
    """A value that was read already, as ``soort``; raises msgspec.ValidationError."""
    decoder_van(soort)
    return msgspec.convert(waarde, soort, str_keys=str_keys)
