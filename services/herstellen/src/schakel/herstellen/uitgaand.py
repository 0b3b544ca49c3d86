"""The one door between the private events of herstellen and its public messages."""

from schakel.contracts import herstellen as h
from schakel.contracts.feit import Feit
from schakel.contracts.melding import StapGezet
from schakel.contracts.snelschrift import vlug
from schakel.kern.vastlegging.gebeurtenis import Vastgelegd
from schakel.skelet.uitgaand import Stam

from . import domein as d


def vertaal(vastgelegd: Vastgelegd, stam: Stam) -> Feit:
    """The message of an event of herstellen alone; what others need not know is a stap-gezet."""
    match vastgelegd.gebeurtenis:
        case d.Geanalyseerd():
            return vlug(StapGezet)(**stam, stap="geanalyseerd")
        case d.WorkaroundGeboden(workaround=workaround):
            return vlug(h.WorkaroundGeboden)(**stam, workaround=workaround)
        case gebeurtenis:
            raise LookupError(f"geen bericht voor {gebeurtenis.NAAM}")
