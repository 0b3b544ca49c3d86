"""The one door between the private events of uitvoeren and its public messages."""

from schakel.contracts import uitvoeren as u
from schakel.contracts.feit import Feit
from schakel.contracts.melding import StapGezet
from schakel.contracts.snelschrift import vlug
from schakel.kern.vastlegging.gebeurtenis import Vastgelegd
from schakel.skelet.uitgaand import Stam

from . import domein as d


def vertaal(vastgelegd: Vastgelegd, stam: Stam) -> Feit:
    """The message of an event of uitvoeren alone; what others need not know is a stap-gezet."""
    match vastgelegd.gebeurtenis:
        case d.UitvoeringGepland():
            return vlug(StapGezet)(**stam, stap="gepland")
        case d.Uitgevoerd(besluit=besluit):
            return vlug(u.Uitgevoerd)(**stam, besluit=besluit)
        case gebeurtenis:
            raise LookupError(f"geen bericht voor {gebeurtenis.NAAM}")
