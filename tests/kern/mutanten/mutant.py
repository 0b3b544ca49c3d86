"""Planted bugs: our own source with one change, for tests that must notice it.

A mutant is the text of what is there now with a few words replaced. When the code changes so that
the words are no longer there, planting fails: a mutant can not rot unnoticed.
"""

import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """One bug. ``waar`` is a function, or a text, as ``module:name``."""

    waar: str
    was: str
    wordt: str

    @contextmanager
    def ingeplant(self) -> Iterator[None]:
        """The bug is there, inside the block."""
        drager, naam = self._zoek()
        echt = getattr(drager, naam)
        setattr(drager, naam, self._vervang(echt) if isinstance(echt, str) else self._bouw(echt))
        try:
            yield
        finally:
            setattr(drager, naam, echt)

    def _zoek(self) -> tuple[Any, str]:
        module, _, pad = self.waar.partition(":")
        drager: Any = import_module(module)
        *ouders, naam = pad.split(".")
        for ouder in ouders:
            drager = getattr(drager, ouder)
        return drager, naam

    def _vervang(self, tekst: str) -> str:
        if tekst.count(self.was) != 1:
            raise LookupError(f"{self.waar} heeft {self.was!r} niet precies een keer")
        return tekst.replace(self.was, self.wordt)

    def _bouw(self, echt: Any) -> Any:
        bron = self._vervang(textwrap.dedent(inspect.getsource(echt)))
        gemaakt: dict[str, Any] = {}
        exec(compile(bron, f"<mutant van {self.waar}>", "exec"), echt.__globals__, gemaakt)
        return gemaakt[echt.__name__]


POSITIE_VOOR_BEVESTIGING = Mutant(
    "schakel.kern.bezorging.relais:Relais._stuur_door",
    "na = partij[-1].nummer",
    "na = partij[-1].nummer\n            await asyncio.to_thread(recht.bewaar, {naam: na})",
)
"""The relay moves its position and then sends."""

POSITIE_VOOR_COMMIT = Mutant(
    "schakel.kern.bezorging.lezer:Lezer._schrijf",
    "    gedaan = await",
    "    vooraf = lambda werk: [werk.positie(*een) for een in posities.items()]\n"
    "    await self._schrijver.voer_uit(Taak(vooraf, type(None), SYSTEEM))\n"
    "    gedaan = await",
)
"""The reader acknowledges a delivery in a transaction before that of its effects."""

ANTWOORD_VOOR_DE_SCHIJF = Mutant(
    "schakel.kern.opslag.pgverbinding:verbind",
    "_GRENZEN | grenzen",
    '_GRENZEN | {"synchronous_commit": "off"} | grenzen',
)
"""The writer answers before what it wrote is durable."""

INBOX_VERGETEN = Mutant(
    "schakel.kern.bezorging.ontvanger:Ontvanger._probeer",
    "werk.rij(_ONTVANGEN, (*kenmerk, digest))",
    "pass",
)
"""An effect leaves no row in the inbox."""

SLOT_VERGETEN = Mutant(
    "schakel.kern.opslag.postgres:_BEGIN", "; SELECT pg_advisory_xact_lock(7241653920118)", ""
)
"""Writers do not wait for each other."""

SLEUTEL_GEWIJZIGD = Mutant(
    "schakel.kern.bus.kafka.uitgang:_Verbinding._verdeel",
    "crc32(verzending.sleutel)",
    "crc32(verzending.waarde)",
)
"""The partition does not follow from the tree."""

GEPARKEERD_INGEHAALD = Mutant(
    "schakel.kern.bezorging.ontvanger:Ontvanger.verwerk",
    "self.parkeerplaats.vastgehouden(bomen)",
    "set()",
)
"""What comes later does not wait for what was parked before."""

GEPARKEERD_OMGEKEERD = Mutant(
    "schakel.kern.bezorging.parkeerplaats:Parkeerplaats.rij_achter",
    "ORDER BY nummer",
    "ORDER BY nummer DESC",
)
"""What was parked is released with the last in front."""
