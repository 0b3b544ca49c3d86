"""What the house is told, as its messages: of each event one, the same bytes for the same event."""

from collections.abc import Mapping
from typing import Any

from schakel.contracts import deelproces as d
from schakel.contracts import melding as m
from schakel.contracts.envelop import verpak
from schakel.contracts.feit import DeelVan, Door, Feit
from schakel.contracts.organisatie import Schakelsoort
from schakel.contracts.werkstromen import Proces
from schakel.kern.bus import Verzending
from schakel.kern.opslag import Notification
from schakel.kern.vastlegging.gebeurtenis import Register, Vastgelegd

from . import gebeurtenissen as g

DOOR = Door(wie="schakel-grens", rol="systeem", regel="partner")
"""Nobody of this house acted, and who of the other did never crosses."""

NAMEN = tuple(soort.NAAM for soort in g.VERTELD)


class Grensuitgaand:
    """Turns a stored event into the bytes of its one message."""

    def __init__(self, bron: str, register: Register) -> None:
        """``bron`` is the CloudEvents source of the grens."""
        self._bron = bron
        self._register = register

    def __call__(self, notificatie: Notification) -> Verzending:
        """Translate one row of the notification log, of the names in ``NAMEN``."""
        vastgelegd = self._register.lees(notificatie)
        feit = vertaal(vastgelegd)
        waarde = verpak(
            feit,
            bron=self._bron,
            volgnummer=notificatie.id,
            tijdstip=vastgelegd.op,
            traceparent=vastgelegd.spoor,
        )
        sleutel = str(feit.wortel_id).encode()
        return Verzending(notificatie.id, sleutel, waarde, feit.type, vastgelegd.spoor)


def vertaal(vastgelegd: Vastgelegd) -> Feit:
    """The message of one event; raises LookupError for what the house is not told."""
    gebeurtenis = vastgelegd.gebeurtenis
    if not isinstance(gebeurtenis, g.Verteld):
        raise LookupError(f"geen bericht voor {gebeurtenis.NAAM}")  # noqa: TRY004 - as below
    stam = _stam(vastgelegd, gebeurtenis)
    match gebeurtenis:
        case g.Ingekomen():
            return d.SchakelIngekomen(
                **stam,
                soort=Schakelsoort.DEELPROCES,
                keten_id=gebeurtenis.keten,
                diepte=gebeurtenis.diepte,
                vanuit=gebeurtenis.vanuit,
                dienst=gebeurtenis.dienst,
                kanaal=gebeurtenis.kanaal,
                melder=gebeurtenis.melder,
                gereed_voor=gebeurtenis.gereed_voor,
                vervangt=gebeurtenis.vervangt,
                dataref=gebeurtenis.dataref,
            )
        case g.IntrekkingIngekomen():
            return d.SchakelIngetrokken(**stam, aanleiding=gebeurtenis.aanleiding)
        case g.EldersAangenomen():
            return m.Aangenomen(
                **stam,
                meldingsoort=gebeurtenis.meldingsoort,
                volgnummer=_volgnummer(gebeurtenis),
                kanaal=gebeurtenis.kanaal,
                dienst=gebeurtenis.dienst,
                melder=gebeurtenis.melder,
                uiterlijk=gebeurtenis.uiterlijk,
                elders=m.Elders(
                    organisatie=gebeurtenis.organisatie, volgnummer=gebeurtenis.volgnummer
                ),
            )
        case g.EldersOpgeschort():
            return m.Opgeschort(**stam, reden="elders")
        case g.EldersGereed():
            return m.Gereedgemeld(**stam, resultaat=gebeurtenis.resultaat)
        case g.EldersAfgewezen():
            return m.Afgewezen(**stam, reden=gebeurtenis.reden)
        case g.EldersVoltooid():
            return m.Voltooid(**stam)
        case g.EldersGesloten():
            return m.Gesloten(**stam, uitkomst=gebeurtenis.uitkomst)
        case _:
            raise LookupError(f"geen bericht voor {gebeurtenis.NAAM}")


def _stam(vastgelegd: Vastgelegd, verteld: g.Verteld) -> Mapping[str, Any]:
    """Which melding, and its place: below who waits here, or a part of whose work."""
    ouder, deel = vastgelegd.plaats.ouder, vastgelegd.plaats.deel
    return {
        "melding_id": verteld.melding,
        "wortel_id": vastgelegd.plaats.boom,
        "proces": verteld.proces,
        "versie": verteld.versie,
        "nummer": verteld.nummer,
        "ouder_id": ouder and ouder.id,
        "ouder_proces": ouder and Proces(ouder.soort),
        "n": ouder and ouder.n,
        "ronde": ouder and ouder.ronde,
        "door": DOOR,
        "deel_van": deel
        and DeelVan(
            schakel_id=deel.schakel,
            organisatie=deel.organisatie,
            proces=Proces(deel.soort),
            n=deel.n,
            ronde=deel.ronde,
        ),
    }


def _volgnummer(aangenomen: g.EldersAangenomen) -> str:
    """Of the stand-in: it follows from the schakelId, so that it stays the same after a restore.

    The number that the partner gave it, of whatever shape, stands in ``elders``.
    """
    bits = aangenomen.melding.int
    jaar = 1970 + (bits >> 80) // 31_556_952_000
    return f"{aangenomen.proces.letter}-{jaar}-{bits % 10**12:012}"
