"""The one door between the private events of verbeteren and its public messages."""

from schakel.contracts import verbeteren as v
from schakel.contracts.feit import Feit
from schakel.contracts.melding import StapGezet
from schakel.contracts.snelschrift import vlug
from schakel.kern.vastlegging.gebeurtenis import Vastgelegd
from schakel.skelet.uitgaand import Stam

from . import domein as d


def vertaal(vastgelegd: Vastgelegd, stam: Stam) -> Feit:
    """The message of an event of verbeteren alone; what others need not know is a stap-gezet."""
    match vastgelegd.gebeurtenis:
        case d.OorzaakVastgesteld(oorzaak=oorzaak):
            return vlug(v.OorzaakVastgesteld)(**stam, oorzaak=oorzaak)
        case d.MaatregelGekozen():
            return vlug(StapGezet)(**stam, stap="maatregel-gekozen")
        case d.RestrisicoBepaald(restrisico=restrisico):
            return vlug(v.RestrisicoBepaald)(**stam, restrisico=restrisico)
        case gebeurtenis:
            raise LookupError(f"geen bericht voor {gebeurtenis.NAAM}")
