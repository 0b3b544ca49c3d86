"""One case, played: the turns in their order, then all to rest, then everything that must hold."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from tests.grens.huizen import OINS

from schakel.contracts.werkstromen import Proces
from schakel.grens import uitspreken

from .huis import UITWEG, Gever, Huis
from .kant import Kant, Klaar, Klok, schakel_id
from .keuringen import Mis, bewaak, keur
from .ogenblik import Kijker
from .rooster import Geval, Scenario
from .weg import PAGINA, Weg

RONDEN: Final = 40
"""More turns than any case needs until nobody has anything to say."""

_GEEFT: Final = {"A": Proces.HERSTELLEN, "B": Proces.WIJZIGEN}
_NAAR: Final = {"A": Proces.WIJZIGEN, "B": Proces.UITVOEREN}


async def speel(geval: Geval, klaar: Klaar) -> None:
    """Raises Mis, with what was broken."""
    klok = Klok()
    a, b = (_kant(wie, geval.scenario, klaar, klok) for wie in "AB")
    weg = Weg(a, b, een_beller=geval.scenario.extra.een_beller)
    await a.begin()
    await b.begin()
    kijk = Kijker(weg)
    for kant in (a, b):
        kant.kijk_met(kijk)
    try:
        with nieuwer(geval.scenario.extra.nieuwer):
            for beurt in geval.beurten:
                await doe(weg, beurt)
                bewaak(weg)
                kijk()
            await rust(weg)
            await einde(weg)
            keur(weg, geval.scenario.extra.nieuwer)
    finally:
        a.sluit()
        b.sluit()


def _kant(wie: str, scenario: Scenario, klaar: Klaar, klok: Klok) -> Kant:
    ander = "B" if wie == "A" else "A"
    huis = Huis(
        OINS[wie],
        OINS[ander],
        _GEEFT[wie],
        _NAAR[wie],
        Gever(schakel_id(wie, 0, 0)),
        scenario.plannen[wie],
        [*scenario.opdrachten[wie]],
    )
    return Kant(klaar, wie, huis, klok)


async def doe(weg: Weg, beurt: str) -> None:
    """One turn."""
    wie, _, wat = beurt.partition(".")
    if wie == "kruis":
        await weg.kruis()
        return
    kant = weg.a if wie[0] == "A" else weg.b
    match wat:
        case "geef":
            kant.geef()
        case "werk":
            kant.werk()
        case "dood":
            await weg.dood(kant)
        case "kopie":
            kant.kopieer()
        case "terug" | "grens-terug":
            await kant.zet_terug(heel=wat == "terug")
            weg.vergeet(kant)
        case _:
            await PAGINA[wat](weg, kant)


async def rust(weg: Weg) -> None:
    """Until nobody has anything to do, to say or to hear."""
    for _ in range(RONDEN):
        bezig = False
        for kant in (weg.a, weg.b):
            if weg.heeft_nieuws(kant):
                await weg.breng(kant)
                bezig = True
            bezig |= kant.hoor()
            bezig |= kant.geef()
            bezig |= kant.werk()
            kant.kijk()
            bezig |= await kant.pak()
        if not bezig:
            return
    raise Mis("S-13", "it never comes to rest")


async def einde(weg: Weg) -> None:
    """Every giver takes back what is still open; who then works for nobody breaks off."""
    is_stil = True
    for kant in (weg.a, weg.b):
        for kind in kant.huis.gever.kinderen:
            is_stil &= not kant.huis.neem_terug(kind, kant.klok())
    if not is_stil:
        await rust(weg)
    is_stil = True
    for kant in (weg.a, weg.b):
        wachtend = weg.ander(kant).huis.gever.kinderen
        for een in kant.huis.werk.values():
            if een.uitkomst is None:
                deel = een.ingekomen.deel_van
                # What was ended in the days that a restore took: its own people find it open.
                was_klaar = kant.is_teruggezet and deel and kant.is_dicht(deel.schakel_id)
                if deel is not None and deel.schakel_id in wachtend and not was_klaar:
                    weg.zonder_uitweg.append(deel.schakel_id)
                kant.huis.zet(een, UITWEG, kant.klok())
                is_stil = False
    if not is_stil:
        await rust(weg)


@contextmanager
def nieuwer(wat: frozenset[tuple[str, str]]) -> Iterator[None]:
    """These messages are said as a later version of them would be."""
    schrijf: Callable[..., bytes] = uitspreken.schrijf
    wie = {(OINS[een], feit) for een, feit in wat}

    def als_nieuw(bericht: Any, **anders: Any) -> bytes:
        blad = schrijf(bericht, **anders)
        if (anders["oin"], bericht.FEIT) in wie:
            naam = f"nl.schakels.{bericht.FEIT}.v".encode()
            return blad.replace(naam + b"1", naam + b"2")
        return blad

    with patch.object(uitspreken, "schrijf", als_nieuw):
        yield
