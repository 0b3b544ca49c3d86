"""A partner with whom a contract holds, and what was agreed with it."""

from typing import NamedTuple

from schakel.contracts.schakels.berichten import SchakelAangeboden
from schakel.contracts.schakels.overeenkomst import Afspraak

from .overeenkomsten import Partner
from .verkeer import Verkeer


class Lijn(NamedTuple):
    """A partner, and the logs between us."""

    partner: Partner
    verkeer: Verkeer


def afspraak_over(lijn: Lijn | None, vrager: str, gevraagd: SchakelAangeboden) -> Afspraak | None:
    """What was agreed about this; None too where no contract holds now."""
    return lijn and lijn.partner.nu.inhoud.afspraak_over(vrager, gevraagd)


def is_nieuw(gevraagd: SchakelAangeboden) -> bool:
    """Whether it is no sequel: after an end only sequels are still taken on."""
    return gevraagd.ronde == 1 and gevraagd.vervangt is None
