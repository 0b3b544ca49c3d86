"""Erasure over the border: either side asks it, the other answers. It crosses in a blokkade too.

Erased is what the house says is erased; so that answer follows by itself, from the step of the
melding. That data are kept, and on what ground, only a person says.
"""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from schakel.contracts.schakels import berichten as s
from schakel.kern.grond.weigering import NietGevonden, Weigering
from schakel.kern.vastlegging.werk import Werk

from . import gebeurtenissen as g
from .buiten import stam_van
from .overzicht import ids_met_schakelid
from .schakel import Schakel
from .uitspreken import neem_voor

Wissingswoord = Callable[[Werk[Schakel], Schakel, str, str, str], None]
"""``vraag_wissing`` or ``behoud``: what, as whom, in what role, on what ground."""


class Schakelnaam(NamedTuple):
    """A schakel as people name it; ``partner`` where more than one names it so."""

    schakel: UUID
    partner: str | None


def zoek(werk: Werk[Schakel], naam: Schakelnaam) -> Schakel:
    """That one; raises NietGevonden, and Weigering where the partner must be named."""
    gevonden = [
        id_
        for id_, partner in ids_met_schakelid(werk, naam.schakel)
        if naam.partner in (None, partner)
    ]
    if not gevonden:
        raise NietGevonden("niet-gevonden", "deze schakel is hier niet bekend")
    if len(gevonden) > 1:
        raise Weigering("meer-partners", "meer partners noemen een schakel zo: noem er een")
    return werk.haal(gevonden[0])


def leg_gewist_vast(werk: Werk[Schakel], schakel: Schakel, oin: str, grond: str | None) -> None:
    """What this house had of it is erased; with a ``grond`` the other is asked for the same."""
    if schakel.is_gewist:
        return
    schakel.gebeurt(g.Gewist())
    if grond is not None:
        vraag_wissing(werk, schakel, oin, "systeem", grond)


def vraag_wissing(werk: Werk[Schakel], schakel: Schakel, oin: str, rol: str, grond: str) -> None:
    """Ask the other to erase what it has of this; nothing new while it is asked.

    What never crossed need not be erased there: then it lapses in its turn.
    """
    if schakel.vraagt_wissing:
        return
    stam = stam_van(oin, schakel.schakel, rol)
    neem_voor(werk, schakel, s.SchakelWissingGevraagd(**stam, grond=grond))


def beantwoord_gewist(werk: Werk[Schakel], schakel: Schakel, oin: str) -> None:
    """Answer what the other asks, if it is erased here, or never became anything here."""
    if not schakel.wissing_open:
        return
    is_niets = schakel.is_uitvoerder_zonder_melding and (schakel.stand.is_dicht or schakel.weigert)
    if schakel.is_gewist or is_niets:
        stam = stam_van(oin, schakel.schakel)
        neem_voor(werk, schakel, s.SchakelWissingBeantwoord(**stam, antwoord="gewist"))


def behoud(werk: Werk[Schakel], schakel: Schakel, oin: str, rol: str, grond: str) -> None:
    """A person says on what ground the data are kept; raises Weigering where nobody asked."""
    if not schakel.wissing_open:
        raise Weigering("wissing-niet-gevraagd", "de ander vraagt hier nu niet om wissing")
    stam = stam_van(oin, schakel.schakel, rol)
    antwoord = s.SchakelWissingBeantwoord(**stam, antwoord="behouden", grond=grond)
    neem_voor(werk, schakel, antwoord)
