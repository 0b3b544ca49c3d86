"""Which process asks: the language has no member for it, and ``deelVan`` of the other house has.

So a question names as the system that speaks the process that asks it. Only the OIN of a ``source``
is ever compared: a partner that names another system is understood just as well.
"""

from typing import Final

import msgspec

from schakel.contracts.decoders import decoder_van
from schakel.contracts.schakels.berichten import SchakelAangeboden, Schakelbericht
from schakel.contracts.schakels.schrijven import GRENS
from schakel.contracts.werkstromen import Proces, mag_overdragen

from .schakel import Schakel

_PROCESBRON: Final = {f":systeem:schakel-{proces}": proces for proces in Proces}


class _Bron(msgspec.Struct):
    source: str = ""


def systeem_van(schakel: Schakel, bericht: Schakelbericht) -> str:
    """The system that speaks: of a question the process that asks it, else the grens."""
    ouder = schakel.plaats.ouder
    if ouder is not None and isinstance(bericht, SchakelAangeboden):
        return f"schakel-{ouder.soort}"
    return GRENS


def vrager_in(blad: bytes) -> Proces | None:
    """The process that a leaf names as its system; any other system says nothing."""
    bron = decoder_van(_Bron).decode(blad).source
    return _PROCESBRON.get(bron[bron.find(":systeem:") :])


def gevers_van(naar: Proces | None) -> list[Proces]:
    """Who may hand over to a process by the model (domain, section 2)."""
    return [van for van in Proces if naar is not None and mag_overdragen(van, naar)]
