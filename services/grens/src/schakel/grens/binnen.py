"""What an applied message of a partner is to the house: the word that a child would have said."""

from typing import Any

from schakel.contracts.melding import Uitkomst
from schakel.contracts.schakels import berichten as s
from schakel.contracts.schakels.tijd import lees_tijdstip
from schakel.contracts.schakels.woorden import Slotuitkomst, Werkstand

from . import gebeurtenissen as g
from .schakel import Schakel

_ZONDER_RESULTAAT = {
    Slotuitkomst.OMGEZET: Uitkomst.OMGEZET,
    Slotuitkomst.GEEN_OVEREENSTEMMING: Uitkomst.GEEN_OVEREENSTEMMING,
    Slotuitkomst.INGETROKKEN: Uitkomst.INGETROKKEN,
    Slotuitkomst.AFGEBROKEN: Uitkomst.AFGEBROKEN,
}


def inwendige_code(code: str) -> str:
    """A code of the border, as the house spells codes."""
    return code.replace("_", "-").strip("-") or "overig"


def leesadres(adres: str, schakel: Schakel, gevraagd: s.SchakelAangeboden) -> str | None:
    """Where the house reads what is asked, below the ``adres`` of our API; None without a text."""
    if not gevraagd.heeft_inhoud:
        return None
    plek = f"partners/{schakel.partner}/schakels/{schakel.schakel}/inhoud/v/{gevraagd.nummer}"
    return f"{adres.rstrip('/')}/v1/{plek}"


def weiger_zelf(schakel: Schakel, reden: str) -> None:
    """It cannot be asked at all: the giver hears that as a refusal."""
    gevraagd = schakel.gevraagd
    if gevraagd is not None:
        schakel.gebeurt(
            g.EldersAfgewezen(
                melding=schakel.schakel,
                proces=gevraagd.naar,
                versie=schakel.verteld + 1,
                reden=reden,
            )
        )


def woord_van_kind(
    schakel: Schakel, gevraagd: g.Verzocht, bericht: s.Schakelbericht
) -> g.Verteld | None:
    """What the stand-in says; None for what the giver does not wait for.

    Only of a message that was applied: a note changes nothing in the house.
    """
    stam: dict[str, Any] = {
        "melding": schakel.schakel,
        "proces": gevraagd.naar,
        "versie": schakel.verteld + 1,
        "nummer": bericht.nummer,
    }
    match bericht:
        case s.SchakelAangenomen():
            return g.EldersAangenomen(
                **stam,
                organisatie=schakel.partner,
                volgnummer=bericht.volgnummer,
                meldingsoort=bericht.meldingsoort,
                dienst=gevraagd.dienst,
                kanaal=gevraagd.kanaal,
                melder=gevraagd.melder,
                uiterlijk=lees_tijdstip(bericht.uiterlijk),
            )
        case s.SchakelVoortgang(stand=Werkstand.OPGESCHORT):
            return g.EldersOpgeschort(**stam)
        case s.SchakelGereedgemeld():
            return g.EldersGereed(**stam, resultaat=inwendige_code(bericht.resultaat))
        case s.SchakelGeweigerd():
            return g.EldersAfgewezen(**stam, reden=inwendige_code(bericht.reden))
        case s.SchakelAfgesloten(uitkomst=Slotuitkomst.VOLTOOID):
            return g.EldersVoltooid(**stam)
        case s.SchakelAfgesloten(uitkomst=Slotuitkomst.AFGEWEZEN):
            return g.EldersAfgewezen(**stam, reden="afgewezen")
        case s.SchakelAfgesloten():
            return g.EldersGesloten(**stam, uitkomst=_ZONDER_RESULTAAT[bericht.uitkomst])
        case _:
            return None
