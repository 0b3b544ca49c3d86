"""What happens between the two: resumptions, pages, receipts, and what can go wrong with each.

A caller does what the product's own does: resume where that is asked for, then bring one page.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from unittest.mock import patch
from uuid import UUID

from schakel.grens import kanaal, porties, zender
from schakel.grens.fouten import Golffout
from schakel.grens.vormen import Bladen, Logboekhervatting, Ontvangst
from schakel.kern.grond.weigering import OpslagFout

from .kant import Kant

HERVAT: Final = frozenset({"sessie-onbekend", "andere-positie", "achterop", "niet-achterop"})
"""Refusals after which a caller resumes."""


@dataclass
class Bewijs:
    """A note that crossed: the text over which it is, and who signed."""

    oorsprong: str
    omvang: int
    wortel: bytes
    note: str

    @classmethod
    def lees(cls, note: str) -> "Bewijs":
        """Read apart from the product."""
        oorsprong, omvang, wortel, *_ = note.split("\n")
        return cls(oorsprong, int(omvang), b64decode(wortel), note)


@dataclass
class Weg:
    """The road between two sides."""

    a: Kant
    b: Kant
    een_beller: bool = False
    """A makes all calls: it brings what it says, and fetches what the other says."""
    onderweg: dict[str, list[bytes]] = field(default_factory=lambda: {"A": [], "B": []})
    """Pages that somebody made and that did not arrive yet, by who made them."""
    antwoorden: dict[str, list[tuple[Ontvangst, str]]] = field(
        default_factory=lambda: {"A": [], "B": []}
    )
    """Receipts that are still under way to whoever is named: they die with it."""
    bewijzen: list[Bewijs] = field(default_factory=list)
    """The receipts that were given, as long as one of the two still has what they are over."""
    ingenomen: dict[str, int] = field(default_factory=dict)
    """How far a log was receipted; only a restore of who took it in makes it less."""
    zonder_uitweg: list[UUID] = field(default_factory=list)
    """What a giver took back, and whose worker never heard of it."""

    @property
    def beide_kwijt(self) -> bool:
        """Whether both borders lost an end that the houses still know: nobody can mend that."""
        kanten = (self.a, self.b)
        return all(een.is_vergeetachtig for een in kanten) and any(
            een.is_grens_teruggezet for een in kanten
        )

    def ander(self, kant: Kant) -> Kant:
        return self.b if kant is self.a else self.a

    # As the product's own caller does it

    async def hervat(self, van: Kant) -> None:
        """``van`` calls: resume both directions."""
        naar = self.ander(van)
        vraag = await van.kanaal.begin_hervatting()
        antwoord = await naar.kanaal.hervat(over(vraag))
        await van.kanaal.rond_hervatting(over(antwoord))

        if self.een_beller:
            await self._vul_aan(naar, van)

    async def haal_terug(self, van: Kant) -> None:
        """Leaves of its own that ``van`` lost."""
        await self._vul_aan(van, self.ander(van))

    async def _vul_aan(self, wie: Kant, uit: Kant) -> None:
        """``uit`` has leaves of ``wie`` that it lost, if it lost any."""
        while wie.kanaal.verkeer.verbinding().achterop:
            omvang = wie.kanaal.verkeer.stand_uit().omvang
            terug = uit.kanaal.verkeer.geef_bladen(omvang)
            await wie.kanaal.neem_bladen(Bladen.lees(terug.schrijf()))

    async def rond(self, beller: Kant) -> None:
        """The link as it stands for who calls, resumed if that is still to be done."""
        verbinding = beller.kanaal.verkeer.verbinding()
        if not (verbinding.sessie_in and verbinding.sessie_uit):
            await self.hervat(beller)
        await self.haal_terug(beller)

    def beller(self, van: Kant) -> Kant:
        """Who makes the call by which something of ``van`` crosses."""
        return self.a if self.een_beller else van

    async def maak(self, van: Kant) -> bytes | None:
        """The page that ``van`` would send now, or is asked for."""
        await van.pak()
        if not self.heeft_nieuws(van):
            return None
        beller = self.beller(van)
        await self.rond(beller)
        if beller is van:
            pagina = await van.kanaal.volgende_pagina(await van.kanaal.verbinding())
        else:
            sessie = beller.kanaal.verkeer.verbinding().sessie_in or ""
            omvang = beller.kanaal.verkeer.stand_in().omvang
            pagina = await van.kanaal.pagina(sessie, omvang)
        return None if pagina is None else pagina.schrijf()

    async def neem(self, ruw: bytes, van: Kant) -> Ontvangst:
        """It arrives; the receipt that is answered."""
        naar = self.ander(van)
        inname = await naar.kanaal.neem_pagina(ruw)
        ontvangst = Ontvangst.lees(inname.ontvangst.schrijf())
        if ontvangst.ontvangstbewijs is not None:
            bewijs = Bewijs.lees(ontvangst.ontvangstbewijs)
            self.bewijzen.append(bewijs)
            tot = max(self.ingenomen.get(bewijs.oorsprong, 0), bewijs.omvang)
            self.ingenomen[bewijs.oorsprong] = tot
        return ontvangst

    async def breng(self, van: Kant) -> bool:
        """One page there and its receipt back, resumed once if that is asked for."""
        for _ in range(2):
            try:
                if (ruw := await self.maak(van)) is None:
                    return await self.geef_alsnog(van)
                await van.kanaal.neem_ontvangst(await self.neem(ruw, van))
            except Golffout as fout:
                if fout.code not in HERVAT:
                    raise
                await self.hervat(self.beller(van))
            else:
                return True
        return True

    async def geef_alsnog(self, van: Kant) -> bool:
        """Who fetches gives the receipt that did not arrive; whether there was one."""
        beller = self.beller(van)
        if beller is van:
            return False
        ontvangst = await beller.kanaal.ontvangst()
        if ontvangst.omvang <= van.kanaal.verkeer.verbinding().vanaf:
            return False
        await van.kanaal.neem_ontvangst(Ontvangst.lees(ontvangst.schrijf()))
        return True

    def heeft_nieuws(self, van: Kant) -> bool:
        """Whether there is a page, or something to resume first: a look, to save time."""
        rijen = van.vraag(
            "SELECT v.vanaf, v.achterop, v.sessie_in, v.sessie_uit, l.omvang FROM verbindingen v"
            " LEFT JOIN logboeken l ON l.logboek = ? WHERE v.partner = ?",
            *(f"schakel/{van.oin}/{van.huis.partner}", van.huis.partner),
        )
        for vanaf, achterop, in_, uit, omvang in rijen:
            return achterop or not in_ or not uit or vanaf < (omvang or 0)
        return True

    # What can go wrong

    async def dood(self, wie: Kant) -> None:
        """Killed and started again; an answer that it waited for comes nowhere."""
        self.antwoorden[wie.wie].clear()
        await wie.dood()

    async def half(self, van: Kant) -> None:
        """A page of one leaf."""
        with patch.object(zender, "BLADEN_MAX", 1):
            await self.breng(van)

    async def kwijt(self, van: Kant) -> None:
        """Made, and never arrived."""
        with suppress(Golffout):
            await self.maak(van)

    async def bewijs_kwijt(self, van: Kant) -> None:
        """Taken in; nobody hears of it."""
        with suppress(Golffout):
            if ruw := await self.maak(van):
                await self.neem(ruw, van)

    async def dubbel(self, van: Kant) -> None:
        """Twice there, and both receipts back, the last one first."""
        with suppress(Golffout):
            if ruw := await self.maak(van):
                bewijzen = [await self.neem(ruw, van), await self.neem(ruw, van)]
                for bewijs in reversed(bewijzen):
                    await van.kanaal.neem_ontvangst(bewijs)

    async def later(self, van: Kant) -> None:
        """Made; it arrives another time, whatever happens before that."""
        with suppress(Golffout):
            if ruw := await self.maak(van):
                self.onderweg[van.wie].append(ruw)

    async def bewijs_later(self, van: Kant) -> None:
        """Taken in; its receipt comes another time."""
        with suppress(Golffout):
            if ruw := await self.maak(van):
                self.antwoorden[van.wie].append((await self.neem(ruw, van), sessie_in(ruw)))

    async def komt(self, van: Kant) -> None:
        """What was under way arrives."""
        for bewijs, sessie in self.antwoorden[van.wie]:
            with suppress(Golffout):
                await van.kanaal.neem_ontvangst(bewijs, sessie)
        self.antwoorden[van.wie].clear()
        for ruw in self.onderweg[van.wie]:
            with suppress(Golffout):
                await van.kanaal.neem_ontvangst(await self.neem(ruw, van), sessie_in(ruw))
        self.onderweg[van.wie].clear()

    async def dood_voor(self, van: Kant) -> None:
        """The receiver is killed before its transaction is written."""
        naar = self.ander(van)
        with suppress(Golffout):
            if ruw := await self.maak(van):
                with suppress(OpslagFout), naar.schrijft_niet():
                    await self.neem(ruw, van)
        await self.dood(naar)

    async def dood_tussen(self, van: Kant) -> None:
        """The receiver is killed when it took a page in whole, and did the first half of it.

        However small the page is: of one leaf that is nothing.
        """
        naar = self.ander(van)
        with (
            suppress(Golffout),
            patch.object(porties, "KLEIN", 0),
            patch.object(kanaal, "KLEIN", 0),
        ):
            if ruw := await self.maak(van):
                tot = 1 + len(json.loads(ruw)["bladen"]) // 2
                with suppress(OpslagFout), naar.schrijft_niet(na=tot):
                    await self.neem(ruw, van)
        await self.dood(naar)

    async def dood_na(self, van: Kant) -> None:
        """The receiver is killed when it has written, and before its receipt is back."""
        await self.bewijs_kwijt(van)
        await self.dood(self.ander(van))

    async def zender_dood(self, van: Kant) -> None:
        """The sender is killed while its page is under way."""
        with suppress(Golffout):
            if ruw := await self.maak(van):
                await self.neem(ruw, van)
        await self.dood(van)

    async def kruis(self) -> None:
        """Both resume at once: the calls cross, and so do the answers."""
        with suppress(Golffout):
            van_a = await self.a.kanaal.begin_hervatting()
            van_b = await self.b.kanaal.begin_hervatting()
            aan_a = await self.b.kanaal.hervat(over(van_a))
            aan_b = await self.a.kanaal.hervat(over(van_b))
            await self.a.kanaal.rond_hervatting(over(aan_a))
            await self.b.kanaal.rond_hervatting(over(aan_b))

    def vergeet(self, terug: Kant) -> None:
        """After ``terug`` was put back: of what neither has any more nobody can know."""
        self.antwoorden[terug.wie].clear()
        for kant in (self.a, self.b):
            oorsprong = f"schakel/{kant.oin}/{kant.huis.partner}"
            hier, daar = (
                len(een.bladen(kant.oin, kant.huis.partner)) for een in (kant, self.ander(kant))
            )
            if terug is not kant:
                self.ingenomen[oorsprong] = daar
            self.bewijzen = [
                b for b in self.bewijzen if b.oorsprong != oorsprong or b.omvang <= max(hier, daar)
            ]


def sessie_in(ruw: bytes) -> str:
    """That of a page."""
    sessie: str = json.loads(ruw)["sessie"]
    return sessie


def over(hervatting: Logboekhervatting) -> Logboekhervatting:
    """As it comes out at the other end."""
    return Logboekhervatting.lees(hervatting.schrijf())


Wegactie = Callable[[Weg, Kant], Coroutine[Any, Any, Any]]
PAGINA: Final[Mapping[str, Wegactie]] = {
    "pagina": Weg.breng,
    "half": Weg.half,
    "kwijt": Weg.kwijt,
    "bewijs-kwijt": Weg.bewijs_kwijt,
    "dubbel": Weg.dubbel,
    "later": Weg.later,
    "bewijs-later": Weg.bewijs_later,
    "komt": Weg.komt,
    "dood-voor": Weg.dood_voor,
    "dood-tussen": Weg.dood_tussen,
    "dood-na": Weg.dood_na,
    "zender-dood": Weg.zender_dood,
}
"""What a road does with the next page."""
