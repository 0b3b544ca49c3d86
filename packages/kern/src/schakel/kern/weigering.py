"""What can be wrong with a request, as values with a code; HTTP and CLI translate them once."""

from collections.abc import Sequence


class Fout(Exception):
    """Something the asker can act on: a kebab-case ``code`` and a Dutch ``uitleg``."""

    status = 400
    titel = "Ongeldig verzoek"

    def __init__(self, code: str, uitleg: str) -> None:
        """``code`` is stable and for programs, ``uitleg`` is for people."""
        super().__init__(f"{code}: {uitleg}")
        self.code = code
        self.uitleg = uitleg


class Ongeldig(Fout):
    """The request itself is not well-formed: answered with 400."""


class Weigering(Fout):
    """The domain refuses this step now; ``toegestaan`` lists what is possible instead (409)."""

    status = 409
    titel = "Stap geweigerd"

    def __init__(self, code: str, uitleg: str, toegestaan: Sequence[str] = ()) -> None:
        """See ``Fout``; ``toegestaan`` are names of steps that would be accepted now."""
        super().__init__(code, uitleg)
        self.toegestaan = tuple(toegestaan)


class NietGevonden(Fout):
    """There is no such thing (404)."""

    status = 404
    titel = "Niet gevonden"


class VersieVerouderd(Fout):
    """``If-Match`` names another version than the current one (412)."""

    status = 412
    titel = "Versie verouderd"


class SleutelHergebruikt(Fout):
    """The idempotency key was used before with another request (409, as RFC-draft asks)."""

    status = 409
    titel = "Idempotency-Key hergebruikt"


class Overbelast(Fout):
    """Too much waits already; try again after ``wacht`` seconds (503 with Retry-After)."""

    status = 503
    titel = "Tijdelijk niet beschikbaar"
    wacht = 1


class OpslagFout(Fout):
    """The store cannot write now (full, read-only, gone): a repeat tells what was stored (503)."""

    status = 503
    titel = "Opslag niet beschikbaar"
    wacht = 5


class BusFout(Fout):
    """The bus cannot be used now, or is not as it must be; it is tried again by itself."""

    status = 503
    titel = "Bus niet beschikbaar"
    wacht = 5


class BusIngekort(BusFout):
    """The bus no longer has what it once acknowledged: it must be sent again from the beginning."""


class StartFout(Fout):
    """This process cannot start like this: one clear line and exit code 2."""
