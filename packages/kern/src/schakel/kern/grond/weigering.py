"""What can be wrong, as values with a code; HTTP and the command each translate them once."""

from collections.abc import Sequence

from schakel.contracts.fout import Fout as Fout  # noqa: PLC0414 - whoever raises ours catches it


class Ongeldig(Fout):
    """The request itself is not well-formed."""


class Weigering(Fout):
    """The domain refuses this step now; ``toegestaan`` lists what is possible instead."""

    def __init__(self, code: str, uitleg: str, toegestaan: Sequence[str] = ()) -> None:
        """See ``Fout``; ``toegestaan`` are names of steps that would be accepted now."""
        super().__init__(code, uitleg)
        self.toegestaan = tuple(toegestaan)


class NietGevonden(Fout):
    """There is no such thing."""


class VersieVerouderd(Fout):
    """``If-Match`` names another version than the current one."""


class SleutelHergebruikt(Fout):
    """The idempotency key was used before with another request."""


class Overbelast(Fout):
    """Too much waits already; try again later."""


class OpslagFout(Fout):
    """The store cannot write now (full, read-only, gone): a repeat tells what was stored."""


class Aangetast(Fout):
    """What is kept here was changed by somebody, or its key is gone: it cannot be given back."""


class BusFout(Fout):
    """The bus cannot be used now, or is not as it must be; it is tried again by itself."""


class BusIngekort(BusFout):
    """The bus no longer has what it once acknowledged: it must be sent again from the beginning."""


class StartFout(Fout):
    """This process cannot start like this: one clear line and exit code 2."""
