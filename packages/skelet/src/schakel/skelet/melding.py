"""The skeleton: what every process does with a melding (domain, sections 3 to 5), written once.

A process adds its own steps in its ``domein.py``. Steps judge through their conditions and then
let something happen; the state follows from the events alone.
"""

from typing import Any

from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis

from .stappen import begin, einde, overdracht, rand, voortijdig
from .stappen.opdracht import Actie
from .stappen.voortgekomen import Voortgekomen


class Melding(
    rand.Randstappen,
    voortijdig.Voortijdigstappen,
    einde.Eindstappen,
    overdracht.Overdrachtstappen,
    begin.Beginstappen,
):
    """A melding in one process. Subclasses name the process and add its own steps."""


_FASEN = (begin, overdracht, einde, voortijdig, rand)

GEMEEN: tuple[type[Gebeurtenis], ...] = (
    Voortgekomen,
    *(gebeurtenis for fase in _FASEN for gebeurtenis in fase.GEBEURTENISSEN),
)
"""The events that every melding shares. Their stored names are frozen (D11)."""

ACTIES: tuple[Actie[Any], ...] = tuple(actie for fase in _FASEN for actie in fase.ACTIES)
"""What may be asked of every melding."""
