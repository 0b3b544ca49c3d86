"""The one door between the private events of afspreken and its public messages."""

from schakel.contracts import afspreken as a
from schakel.contracts.feit import Feit
from schakel.contracts.melding import StapGezet
from schakel.contracts.snelschrift import vlug
from schakel.kern.vastlegging.gebeurtenis import Vastgelegd
from schakel.skelet.uitgaand import Stam

from . import domein as d


def vertaal(vastgelegd: Vastgelegd, stam: Stam) -> Feit:
    """The message of an event of afspreken alone; what others need not know is a stap-gezet."""
    match vastgelegd.gebeurtenis:
        case d.Gespecificeerd():
            return vlug(StapGezet)(**stam, stap="gespecificeerd")
        case d.AanbodGedaan():
            return vlug(StapGezet)(**stam, stap="aanbod-gedaan")
        case d.OvereenstemmingBereikt():
            return vlug(a.OvereenstemmingBereikt)(**stam)
        case d.GeenOvereenstemming(reden=reden):
            return vlug(a.GeenOvereenstemming)(**stam, reden=reden)
        case d.Vastgesteld(afspraak=afspraak):
            return vlug(a.Vastgesteld)(**stam, afspraak=afspraak)
        case gebeurtenis:
            raise LookupError(f"geen bericht voor {gebeurtenis.NAAM}")
