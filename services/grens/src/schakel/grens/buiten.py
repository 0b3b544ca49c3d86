"""The one door out: what the house says, as the language between organisations has it.

Closed lists on both sides. A type that is not named here does not leave, and neither does a code
that neither the language nor the contract has.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from schakel.contracts import deelproces as d
from schakel.contracts import melding as m
from schakel.contracts.envelop import schrijf_tijdstip
from schakel.contracts.feit import Feit
from schakel.contracts.organisatie import Schakelsoort
from schakel.contracts.schakels import berichten as s
from schakel.contracts.schakels.codes import Codelijst
from schakel.contracts.schakels.woorden import (
    Coordinatiemodel,
    Slotuitkomst,
    Werkstand,
)

GEDULD: Final = timedelta(days=56)
"""The term that is promised or asked where neither the house nor the contract has one."""

NOG_GEEN: Final = 1
"""The number of what has none yet: it gets its own when it is said."""

_SLOT: Final[Mapping[m.Uitkomst, Slotuitkomst]] = {
    m.Uitkomst.GEEN_OVEREENSTEMMING: Slotuitkomst.GEEN_OVEREENSTEMMING,
    m.Uitkomst.INGETROKKEN: Slotuitkomst.INGETROKKEN,
    m.Uitkomst.AFGEBROKEN: Slotuitkomst.AFGEBROKEN,
}
"""The ends that ``gesloten`` tells: the others were told by the message before it."""

_UIT: Final[Mapping[str, Callable[[Codelijst], frozenset[str] | None]]] = {
    "aanleidingen": lambda lijst: lijst.aanleidingen,
    "redenen": lambda lijst: lijst.redenen,
    "resultaten": lambda lijst: lijst.resultaten,
    "gronden": lambda lijst: lijst.gronden,
}
OVERIG: Final = "overig"


def stam_van(oin: str, schakel_id: Any, rol: str = "systeem") -> Mapping[str, Any]:
    """What each of our messages begins with, before it has a number."""
    return {
        "schakel_id": str(schakel_id),
        "nummer": NOG_GEEN,
        "bij": 0,
        "door": s.Zender(organisatie=oin, rol=rol),
    }


def woord_naar_buiten(
    feit: Feit, stam: Mapping[str, Any], nu: datetime, beoordeling: timedelta | None
) -> s.Schakelbericht | None:
    """What a melding of this house, bound to a schakel, says to who asked; None: nothing.

    ``beoordeling`` is the term of the contract to judge what is reported ready.
    """
    match feit:
        case m.Aangenomen():
            return s.SchakelAangenomen(
                **stam,
                volgnummer=feit.volgnummer,
                meldingsoort=feit.meldingsoort,
                uiterlijk=schrijf_tijdstip(feit.uiterlijk or nu + GEDULD),
            )
        case m.Opgeschort():
            return s.SchakelVoortgang(**stam, stand=Werkstand.OPGESCHORT)
        case m.Hervat():
            tot = schrijf_tijdstip(feit.uiterlijk) if feit.uiterlijk else ""
            return s.SchakelVoortgang(**stam, stand=Werkstand.IN_BEHANDELING, uiterlijk=tot or None)
        case m.Gereedgemeld():
            tot = schrijf_tijdstip(nu + (beoordeling or GEDULD))
            return s.SchakelGereedgemeld(
                **stam, resultaat=feit.resultaat, ronde=1, uiterlijk=tot, heeft_inhoud=False
            )
        case m.Afgewezen():
            return s.SchakelGeweigerd(**stam, reden=feit.reden)
        case m.Voltooid():
            return s.SchakelAfgesloten(**stam, uitkomst=Slotuitkomst.VOLTOOID)
        case m.Omgezet():
            vervangen = tuple(
                s.Vervanging(een.meldingsoort, een.dienst) for een in feit.nieuwe_meldingen
            )
            return s.SchakelAfgesloten(**stam, uitkomst=Slotuitkomst.OMGEZET, vervangen=vervangen)
        case m.Gesloten() if feit.uitkomst in _SLOT:
            return s.SchakelAfgesloten(**stam, uitkomst=_SLOT[feit.uitkomst])
        case _:
            return None


def aanbod(
    feit: d.OverdrachtAangeboden,
    stam: Mapping[str, Any],
    nu: datetime,
    *,
    keten: str,
    diepte: int,
    vanuit: str | None,
    model: Coordinatiemodel,
    eerste_woord: timedelta | None,
) -> s.SchakelAangeboden:
    """What a melding of this house asks of another organisation."""
    kind = feit.overdracht
    uiterlijk = nu + eerste_woord if eerste_woord else kind.uiterlijk or nu + GEDULD
    return s.SchakelAangeboden(
        **stam,
        soort=Schakelsoort.DEELPROCES,
        keten_id=keten,
        diepte=diepte,
        vanuit=vanuit,
        model=model,
        naar=kind.naar,
        dienst=kind.dienst or "onbekend",
        kanaal=kind.kanaal or m.Kanaal.KETEN,
        melder=kind.melder or m.Meldersoort.KETENPARTNER,
        ronde=kind.ronde,
        n=kind.n,
        uiterlijk=schrijf_tijdstip(uiterlijk),
        gereed_voor=schrijf_tijdstip(feit.gereed_voor) if feit.gereed_voor else None,
        wacht=feit.wacht,
        vervangt=str(feit.vervangt) if feit.vervangt else None,
        heeft_inhoud=feit.heeft_inhoud and kind.dataref is not None,
    )


def met_diensten(
    bericht: s.Schakelbericht, bekend: Collection[str], gevraagd: str
) -> s.Schakelbericht:
    """The same, of services that the contract names; of another is said what was asked about."""
    if not isinstance(bericht, s.SchakelAfgesloten) or not bericht.vervangen:
        return bericht
    vervangen = tuple(
        een if een.dienst in bekend else s.Vervanging(een.meldingsoort, gevraagd)
        for een in bericht.vervangen
    )
    gezegd: s.Schakelbericht = replace(bericht, vervangen=vervangen)
    return gezegd


def in_codes(bericht: s.Schakelbericht, codes: Codelijst) -> s.Schakelbericht:
    """The same in codes that may be said. The house has its own, which no list need have.

    A reason to refuse that no list has becomes the last word that needs none.
    """
    door = bericht.door
    if codes.rollen is not None and door.rol not in codes.rollen:
        door = s.Zender(organisatie=door.organisatie, rol=OVERIG)
    anders: dict[str, Any] = {"door": door}
    for veld, naam in bericht.CODES.items():
        lijst, code = _UIT[naam](codes), getattr(bericht, veld)
        if lijst is None or code is None or code in lijst:
            continue
        if isinstance(bericht, s.SchakelGeweigerd):
            stam = {**stam_van(door.organisatie, bericht.schakel_id), "door": door}
            stam |= {"nummer": bericht.nummer, "bij": bericht.bij}
            return s.SchakelAfgesloten(**stam, uitkomst=Slotuitkomst.AFGEWEZEN)
        anders[veld] = OVERIG
    gezegd: s.Schakelbericht = replace(bericht, **anders)
    return gezegd
