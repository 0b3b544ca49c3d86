"""The one door between the private events of wijzigen and its public messages."""

from schakel.contracts import wijzigen as w
from schakel.contracts.feit import Feit
from schakel.contracts.melding import StapGezet
from schakel.contracts.snelschrift import vlug
from schakel.kern.vastlegging.gebeurtenis import Vastgelegd
from schakel.skelet.uitgaand import Stam

from . import domein as d


def vertaal(vastgelegd: Vastgelegd, stam: Stam) -> Feit:
    """The message of an event of wijzigen alone; what others need not know is a stap-gezet."""
    match vastgelegd.gebeurtenis:
        case d.WijzigingGepland():
            return vlug(StapGezet)(**stam, stap="gepland")
        case d.Geaccordeerd():
            return vlug(StapGezet)(**stam, stap="geaccordeerd")
        case d.Voorbereid():
            return vlug(StapGezet)(**stam, stap="voorbereid")
        case d.TestGeslaagd():
            return vlug(StapGezet)(**stam, stap="test-geslaagd")
        case d.TestMislukt():
            return vlug(StapGezet)(**stam, stap="test-mislukt")
        case d.Vrijgegeven():
            return vlug(w.Vrijgegeven)(**stam)
        case d.RegisterBijgewerkt(onderdeel=onderdeel):
            return vlug(w.RegisterBijgewerkt)(**stam, onderdeel=onderdeel)
        case gebeurtenis:
            raise LookupError(f"geen bericht voor {gebeurtenis.NAAM}")
