"""The product with one rule broken, each time another: the scheduler has to notice each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, Final
from unittest.mock import patch
from uuid import UUID

from uuid_utils.compat import uuid7

from schakel.contracts import melding as m
from schakel.contracts.schakels import berichten as s
from schakel.contracts.schakels.codes import Leescode
from schakel.contracts.schakels.lezen import GelezenBlad, lees
from schakel.grens import gesprek as gesprek_module
from schakel.grens import paginaverkeer
from schakel.grens.buiten import stam_van
from schakel.grens.gesprek import Gesprek
from schakel.grens.kanaal import Partnerkanaal
from schakel.grens.paginaverkeer import Inname
from schakel.grens.porties import Porties
from schakel.grens.uitspreken import neem_voor
from schakel.grens.verkeer import Verkeer
from schakel.grens.vormen import Pagina


@contextmanager
def geen_laatste_woord() -> Iterator[None]:
    """After ``ingetrokken`` the uitvoerder ends in silence."""
    echt = gesprek_module.woord_naar_buiten

    def stil(feit: Any, *anders: Any) -> Any:
        is_einde = isinstance(feit, m.Gesloten) and feit.uitkomst is m.Uitkomst.INGETROKKEN
        return None if is_einde else echt(feit, *anders)

    with patch.object(gesprek_module, "woord_naar_buiten", stil):
        yield


@contextmanager
def late_intrekking_vergeten() -> Iterator[None]:
    """An ``ingetrokken`` on a schakel that is at its end is not kept."""
    echt = Gesprek.hoor

    def hoor(zelf: Gesprek, werk: Any, partner: str, bladen: Sequence[bytes]) -> None:
        over = []
        for blad in bladen:
            gelezen = lees(blad, partner)
            if isinstance(gelezen, GelezenBlad) and isinstance(
                gelezen.bericht, s.SchakelIngetrokken
            ):
                plek = gelezen.plek
                schakel = zelf._open(werk, partner, plek) if plek else None
                if schakel is not None and schakel.stand.is_dicht:
                    continue
            over.append(blad)
        echt(zelf, werk, partner, over)

    with patch.object(Gesprek, "hoor", hoor):
        yield


@contextmanager
def onbegrepen_beantwoord() -> Iterator[None]:
    """Who hears ``onbegrepen`` says that it does not understand that."""
    echt = Gesprek.hoor

    def hoor(zelf: Gesprek, werk: Any, partner: str, bladen: Sequence[bytes]) -> None:
        for blad in bladen:
            gelezen = lees(blad, partner)
            bericht = getattr(gelezen, "bericht", None)
            if isinstance(bericht, s.SchakelOnbegrepen) and gelezen.plek is not None:
                schakel = zelf._open(werk, partner, gelezen.plek)
                stam = stam_van(zelf._oin, schakel.schakel)
                over = s.SchakelOnbegrepen(**stam, over=bericht.nummer, code=Leescode.ONBEKEND_TYPE)
                neem_voor(werk, schakel, over)
        echt(zelf, werk, partner, bladen)

    with patch.object(Gesprek, "hoor", hoor):
        yield


@contextmanager
def id_opnieuw_getrokken() -> Iterator[None]:
    """The melding of a schakel is drawn when its first leaf is heard, and kept in the store."""
    id_: ContextVar[UUID | None] = ContextVar("id", default=None)
    vraag, stam, zeg = Gesprek._vraag_huis, Gesprek._stam, Gesprek.zeg_voor

    def melding_voor(*_: object) -> UUID | None:
        return id_.get()

    def vraag_huis(zelf: Gesprek, werk: Any, schakel: Any, gevraagd: Any) -> None:
        id_.set(uuid7())
        vraag(zelf, werk, schakel, gevraagd)

    def met_stam(zelf: Gesprek, schakel: Any, *anders: Any) -> dict[str, Any]:
        if schakel.plaats.deel is not None:
            id_.set(schakel.plaats.boom)
        return stam(zelf, schakel, *anders)

    def zeg_voor(zelf: Gesprek, werk: Any, feit: Any) -> None:
        id_.set(feit.melding_id)
        zeg(zelf, werk, feit)

    with (
        patch.object(gesprek_module.d, "melding_voor", melding_voor),
        patch.multiple(Gesprek, _vraag_huis=vraag_huis, _stam=met_stam, zeg_voor=zeg_voor),
    ):
        yield


@contextmanager
def pagina_van_elke_sessie() -> Iterator[None]:
    """A page is taken whatever session it was made in."""
    echt = paginaverkeer.keur_plek

    def keur_plek(plek: Any, _sessie: str | None, omvang: int) -> None:
        echt(plek, plek.sessie, omvang)

    with patch.object(paginaverkeer, "keur_plek", keur_plek):
        yield


@contextmanager
def bewijs_voor_vastleggen() -> Iterator[None]:
    """The receipt goes out first, and what it is over is written at the next occasion."""
    neem, doe = Partnerkanaal.neem_pagina, Partnerkanaal._doe

    class Terug(Exception):
        """The turn is undone; the answer stays."""

    async def neem_pagina(zelf: Any, ruw: bytes) -> Inname:
        await _schrijf_alsnog(zelf)

        def proef(werk: Any) -> None:
            raise Terug(zelf.verkeer.neem_pagina(werk, ruw))

        try:
            await doe(zelf, proef)
        except Terug as terug:
            zelf.nog_te_schrijven = ruw
            inname: Inname = terug.args[0]
            return inname
        raise AssertionError("altijd terug")

    async def _schrijf_alsnog(zelf: Any) -> None:
        ruw = getattr(zelf, "nog_te_schrijven", None)
        zelf.nog_te_schrijven = None
        if ruw is not None:
            with patch.object(Partnerkanaal, "_doe", doe):
                await neem(zelf, ruw)

    async def _doe(zelf: Any, *wat: Any) -> Any:
        await _schrijf_alsnog(zelf)
        return await doe(zelf, *wat)

    with patch.multiple(Partnerkanaal, neem_pagina=neem_pagina, _doe=_doe):
        yield


@contextmanager
def plaats_van_de_zender() -> Iterator[None]:
    """What is new in a page is what its sender says: all of it, from its ``vanaf`` on."""

    def neem_pagina(zelf: Porties, werk: Any, ruw: bytes, bereid: Any = None) -> Inname:
        inname, pagina = zelf._verkeer.neem_pagina(werk, ruw, bereid), Pagina.lees(ruw)
        zelf._hoor(werk, pagina.vanaf, pagina.inhoud())
        return inname

    with patch.object(Porties, "neem_pagina", neem_pagina):
        yield


@contextmanager
def rest_vergeten() -> Iterator[None]:
    """Whatever was taken in before a start counts as done."""
    echt, gezien = Porties._gehoord_tot, set[Porties]()

    def gehoord_tot(zelf: Porties, werk: Any) -> int:
        if zelf not in gezien:
            gezien.add(zelf)
            zelf._zet(werk, zelf._verkeer.stand_in().omvang)
        return echt(zelf, werk)

    with patch.object(Porties, "_gehoord_tot", gehoord_tot):
        yield


@contextmanager
def zender_gaat_zelf_verder() -> Iterator[None]:
    """After a resumption a sender goes on from where it was, not from where the receiver is."""
    echt = Verkeer._neem

    def neem(zelf: Verkeer, werk: Any, verbinding: Any, zij: Any) -> Any:
        nieuw = echt(zelf, werk, verbinding, zij)
        return replace(nieuw, vanaf=max(nieuw.vanaf, verbinding.vanaf))

    with patch.object(Verkeer, "_neem", neem):
        yield


MUTANTEN: Final[Mapping[str, Callable[[], AbstractContextManager[None]]]] = {
    "geen laatste woord": geen_laatste_woord,
    "late intrekking vergeten": late_intrekking_vergeten,
    "onbegrepen beantwoord": onbegrepen_beantwoord,
    "id opnieuw getrokken": id_opnieuw_getrokken,
    "inhalen zonder sessie": pagina_van_elke_sessie,
    "bewijs voor vastleggen": bewijs_voor_vastleggen,
    "plaats van de zender": plaats_van_de_zender,
    "zender gaat zelf verder": zender_gaat_zelf_verder,
    "rest vergeten": rest_vergeten,
}
"""The seven of the acceptance; of the position from the sender both readings. And of portions."""
