"""Both logs of one pair of organisations, and what each call of the wire format does to them.

Everything here runs in the turn of the writer, on what stands in the store: it knows no HTTP, and
the side that calls uses the same as the side that answers. A refused call leaves nothing behind.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Protocol
from uuid import uuid4

from schakel.bewijs import BewijsFout, Ondertekenaar, lees_controlepunt, lees_note
from schakel.contracts.schakels.berichten import Zender
from schakel.contracts.schakels.overeenkomst import oorsprong_van
from schakel.contracts.schakels.schrijven import schrijf
from schakel.contracts.schakels.verbinding import VerbindingControlepunten, VerbindingHerstel
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.transactie import Transactie

from .fouten import Golffout, Vork, reden_van
from .koppen import keur_koppen, onthoud, te_zeggen
from .logboek import Aangroei, Grenslogboek, Logstand, Sleutellezer, bewaar_note, groei
from .ontvanger import bewijs_ontvangst, keur, keur_plek
from .verbinding import Verbindingsstand, lees, zet
from .vormen import (
    BLADEN_MAX,
    Bladen,
    Gezegd,
    Ingenomen,
    Logboekhervatting,
    Ontvangst,
    Pagina,
    bladen_van,
)
from .zender import controleer, keur_ontvangst, passend, stuk_vanaf

_STUK: Final = "INSERT INTO bewijsstukken (partner, op, reden, inhoud) VALUES (?, ?, ?, ?)"


class Verkeerspartij(Protocol):
    """The contract between us and one other, as far as the logs need it."""

    @property
    def wij(self) -> str:
        """Our OIN."""

    @property
    def zij(self) -> str:
        """Theirs."""

    @property
    def kenmerken(self) -> tuple[str, ...]:
        """Of the present contract, and of the one before it."""

    @property
    def sleutels_uit(self) -> Sleutellezer:
        """Of our own log to them."""

    @property
    def sleutels_in(self) -> Sleutellezer:
        """Of theirs to us."""


@dataclass(frozen=True)
class Inname:
    """A page that was taken in: the receipt for it, and the leaves that were new."""

    ontvangst: Ontvangst
    vanaf: int
    bladen: tuple[bytes, ...]


class Verkeer:
    """What is said and heard between us and one partner. One call at a time per partner."""

    def __init__(
        self, opslag: Opslag, partij: Verkeerspartij, ondertekenaars: list[Ondertekenaar]
    ) -> None:
        """``ondertekenaars`` are the keys of our log to them, the newest first."""
        self.partij = partij
        self._opslag = opslag
        self._ondertekenaars = ondertekenaars
        self.uit = Grenslogboek(opslag, oorsprong_van(partij.wij, partij.zij))
        self.in_ = Grenslogboek(opslag, oorsprong_van(partij.zij, partij.wij))

    # How things stand

    def verbinding(self, werk: Transactie | None = None) -> Verbindingsstand:
        """As stored; or as earlier tasks of this batch left it."""
        return lees(self._opslag, self.partij.zij, werk)

    def stand_uit(self) -> Logstand:
        """Of our own log."""
        return self.uit.stand(self.partij.sleutels_uit)

    def stand_in(self) -> Logstand:
        """Of theirs."""
        return self.in_.stand(self.partij.sleutels_in)

    # What we say

    def mag_zeggen(self, werk: Transactie) -> bool:
        """Whether what is said now gets a number and a place in the log."""
        verbinding = self.verbinding(werk)
        return verbinding.is_hervat and verbinding.gestopt is None

    def zeg(self, werk: Transactie, bladen: list[bytes]) -> Aangroei:
        """Add leaves to our own log, behind those of this batch; else ``sessie-onbekend``."""
        if not self.mag_zeggen(werk):
            raise Golffout("sessie-onbekend", "voor de hervatting krijgt niets een plaats")
        stand: Logstand = werk.standen.get(self.uit.oorsprong) or self.stand_uit()
        erbij = groei(stand, bladen)
        erbij.schrijf(werk)
        return erbij

    def volgend_nummer(self, werk: Transactie) -> int:
        """Of what we say about the link itself."""
        stand: Logstand = werk.standen.get(self.uit.oorsprong) or self.stand_uit()
        return stand.verbinding + 1

    def kan_tekenen(self, stand: Logstand) -> bool:
        """Whether a private key that is here may sign our log as it would stand."""
        geldig = stand.sleutels.geldig(stand.omvang)
        return any(een.sleutel in geldig for een in self._ondertekenaars)

    def zeg_koppen(self, werk: Transactie) -> bool:
        """Tell how both logs stand here, if there is news and it is time; whether that was said."""
        stand, gehoord = self.stand_uit(), self.stand_in().omvang
        if not self.mag_zeggen(werk) or not (self.verbinding(werk).vanaf or gehoord):
            return False
        omvangen = (stand.omvang, gehoord)
        notes = te_zeggen(werk, self.partij.zij, (self.uit, self.in_), omvangen)
        if notes:
            bericht = VerbindingControlepunten(
                nummer=self.volgend_nummer(werk),
                door=Zender(organisatie=self.partij.wij, rol="systeem"),
                controlepunten=notes,
            )
            blad = schrijf(bericht, oin=self.partij.wij, tijdstip=werk.nu)
            erbij = self.zeg(werk, [blad])
            onthoud(werk, self.partij.zij, erbij.stand.omvang, gehoord)
        return bool(notes)

    def pagina(self, werk: Transactie, sessie: str, vanaf: int) -> Pagina | None:
        """What there is from ``vanaf`` on, for who reads in ``sessie``; None when that is nothing.

        Its note is kept in this transaction: a size is signed once.
        """
        verbinding = self._open()
        if sessie != verbinding.sessie_uit:
            raise _hervat_eerst()
        stand = self.stand_uit()
        if vanaf > stand.omvang:
            raise _andere_positie(stand)
        stuk = stuk_vanaf(self.uit, stand, vanaf, self._ondertekenaars)
        if stuk is None:
            return None
        bladen = stuk.bladen
        if stuk.is_nieuw:
            bewaar_note(werk, self.uit.oorsprong, "controlepunt", stuk.tot, bladen.controlepunt)
        return Pagina(
            sessie=sessie,
            vanaf=bladen.vanaf,
            bladen=bladen.bladen,
            controlepunt=bladen.controlepunt,
        )

    def neem_ontvangst(
        self, werk: Transactie, ontvangst: Ontvangst, sessie: str | None = None
    ) -> None:
        """They took in so much of our log; raises Vork, or ``slecht-bewijs`` to be asked again.

        ``sessie`` is that of the page that it answers, where that is known: of one that is over it
        is a proof, and no position. They may have been put back since.
        """
        verbinding = self._open()
        if verbinding.sessie_uit is None:  # what was lost here may still be receipted there
            raise _hervat_eerst()
        if ontvangst.ontvangstbewijs is None:
            return
        keur_ontvangst(self.uit, self.stand_uit(), ontvangst)
        self._bewaar_bewijs(werk, ontvangst)
        geldt = sessie in (None, verbinding.sessie_uit)
        if geldt and ontvangst.omvang > verbinding.vanaf:
            zet(werk, replace(verbinding, vanaf=ontvangst.omvang))

    def _bewaar_bewijs(self, werk: Transactie, ontvangst: Ontvangst) -> None:
        """Keep a receipt over our own history; raises ``slecht-bewijs`` when it is not theirs."""
        if (bewijs := ontvangst.ontvangstbewijs) is not None:
            stand_in = self.stand_in()
            controleer(bewijs, stand_in.sleutels.geldig(stand_in.omvang))
            bewaar_note(werk, self.uit.oorsprong, "ontvangstbewijs", ontvangst.omvang, bewijs)

    # What we hear

    def neem_pagina(self, werk: Transactie, ruw: bytes) -> Inname:
        """Take in a page with its leaves, whole; raises Golffout with nothing taken in.

        A page that came before is success, and gets the same receipt.
        """
        verbinding = self._open()
        stand = self.stand_in()
        pagina = Pagina.lees_na(
            ruw, lambda plek: keur_plek(plek, verbinding.sessie_in, stand.omvang)
        )
        erbij = keur(stand, self.in_, pagina)
        if not erbij.bladen:
            return Inname(self.ontvangst(werk), stand.omvang, ())
        keur_koppen(werk, erbij, stand, self.in_, self.uit, self.stand_uit())
        erbij.schrijf(werk)
        tot = erbij.stand.omvang
        bewaar_note(werk, self.in_.oorsprong, "controlepunt", tot, pagina.controlepunt)
        bewijs = self._bewijs(werk, erbij.stand)
        return Inname(Ontvangst(tot, bewijs), erbij.vanaf, erbij.bladen)

    def ontvangst(self, werk: Transactie) -> Ontvangst:
        """How far we took theirs in; the receipt is made anew only when its key was revoked."""
        stand = self.stand_in()
        if not stand.omvang:
            return Ontvangst(0, None)
        bewaard = self.in_.note("ontvangstbewijs", stand.omvang)
        if bewaard is not None:
            uit = self.stand_uit()
            try:
                controleer(bewaard, uit.sleutels.geldig(uit.omvang))
            except Golffout:
                bewaard = None
        return Ontvangst(stand.omvang, bewaard or self._bewijs(werk, stand))

    def _bewijs(self, werk: Transactie, stand: Logstand) -> str:
        bewijs = bewijs_ontvangst(stand, self._medetekenaar(), int(werk.nu.timestamp()))
        bewaar_note(werk, self.in_.oorsprong, "ontvangstbewijs", stand.omvang, bewijs)
        return bewijs

    def _medetekenaar(self) -> Ondertekenaar:
        """Not revoked and, if there is one, introduced in what they have: they can check it."""
        uit, verbinding = self.stand_uit(), self.verbinding()
        geldig = uit.sleutels.geldig(uit.omvang)
        bruikbaar = [een for een in self._ondertekenaars if een.sleutel in geldig]
        if not bruikbaar:
            raise Golffout("slecht-bewijs", "hier is geen geldige logsleutel (meer)")
        bekend = uit.sleutels.geldig(min(verbinding.vanaf, uit.omvang))
        return next((een for een in bruikbaar if een.sleutel in bekend), bruikbaar[0])

    # Resumption

    def begin_hervatting(self, werk: Transactie) -> Logboekhervatting:
        """What we say first; from now on only pages of the new session are taken."""
        return self._zeg_hervatting(werk, self.loopt())

    def hervat(self, werk: Transactie, zij: Logboekhervatting) -> Logboekhervatting:
        """They say it first: take theirs, and say ours. Raises Vork, ``andere-overeenkomst``."""
        return self._zeg_hervatting(werk, self._neem(werk, self.loopt(), zij))

    def rond_hervatting(self, werk: Transactie, zij: Logboekhervatting) -> Verbindingsstand:
        """Their answer to what we said first; raises as ``hervat``."""
        verbinding = self._neem(werk, self.loopt(), zij)
        zet(werk, verbinding)
        return verbinding

    def _zeg_hervatting(self, werk: Transactie, verbinding: Verbindingsstand) -> Logboekhervatting:
        sessie = str(uuid4())
        zet(werk, replace(verbinding, sessie_in=sessie))
        ontvangen = self.ontvangst(werk)
        return Logboekhervatting(
            overeenkomst=self.partij.kenmerken[0],
            ontvangen=Ingenomen(ontvangen.omvang, ontvangen.ontvangstbewijs, sessie=sessie),
            gezegd=self._gezegd(werk),
        )

    def _gezegd(self, werk: Transactie) -> Gezegd:
        stand = self.stand_uit()
        laatste = self.uit.laatste_note("controlepunt")
        if stand.omvang and (laatste is None or laatste[0] < stand.omvang):
            geldig = stand.sleutels.geldig(stand.omvang)
            tekenaar = next((een for een in self._ondertekenaars if een.sleutel in geldig), None)
            if tekenaar is not None:
                note = str(stand.punt.onderteken(tekenaar))
                bewaar_note(werk, self.uit.oorsprong, "controlepunt", stand.omvang, note)
                laatste = (stand.omvang, note)
        return Gezegd(stand.omvang, laatste[1] if laatste else None)

    def _neem(
        self, werk: Transactie, verbinding: Verbindingsstand, zij: Logboekhervatting
    ) -> Verbindingsstand:
        if zij.overeenkomst not in self.partij.kenmerken:
            raise Golffout("andere-overeenkomst", "hier geldt een andere overeenkomst")
        self._keur_gezegd(zij.gezegd)
        uit = self.stand_uit()
        gelezen = keur_ontvangst(self.uit, uit, zij.ontvangen, tekst_alleen=True)
        omvang = gelezen.controlepunt.omvang if gelezen is not None else 0
        if omvang <= uit.omvang:
            with suppress(Golffout):  # by a key that does not hold here it is a position alone
                self._bewaar_bewijs(werk, zij.ontvangen)
        achterop = omvang if omvang > uit.omvang else 0
        gevallen = verbinding.gevallen if verbinding.achterop else uit.omvang
        return replace(
            verbinding,
            sessie_uit=zij.ontvangen.sessie,
            vanaf=min(omvang, uit.omvang),
            achterop=achterop,
            gevallen=gevallen if achterop else 0,
        )

    def _keur_gezegd(self, gezegd: Gezegd) -> None:
        """Their last note is over the history that we took in, as far as that goes."""
        if gezegd.controlepunt is None:
            return
        try:
            punt = lees_controlepunt(lees_note(gezegd.controlepunt))
        except BewijsFout as fout:
            raise Golffout("ongeldig", fout.uitleg) from None
        if punt.oorsprong != self.in_.oorsprong or punt.omvang > gezegd.omvang:
            raise Golffout("ongeldig", "dit controlepunt hoort bij iets anders")
        if punt.omvang <= self.stand_in().omvang and self.in_.punt(punt.omvang).tekst != punt.tekst:
            raise Vork("een controlepunt over een andere geschiedenis dan hier is ingenomen")

    def geef_bladen(self, vanaf: int) -> Bladen:
        """Leaves of theirs that they lost, up to a note of theirs; raises ``niet-achterop``."""
        self._open(ook_achterop=True)
        stand = self.stand_in()
        if vanaf >= stand.omvang:
            raise Golffout(
                "niet-achterop", "van dit logboek is hier niet meer", omvang=stand.omvang
            )
        tot = vanaf + passend(self.in_.lengtes(vanaf, vanaf + BLADEN_MAX))
        bewaard = self.in_.laatste_note("controlepunt", vanaf, tot)
        if bewaard is None:
            raise Golffout("onbekend", "over dit deel is hier geen controlepunt")
        tot, note = bewaard
        return Bladen(vanaf, bladen_van(self.in_.bladen(vanaf, tot)), note)

    def neem_bladen(self, werk: Transactie, terug: Bladen) -> tuple[bytes, ...]:
        """Leaves of our own that we lost, believed on our own signature; gives the new ones."""
        verbinding, stand = self._open(ook_achterop=True), self.stand_uit()
        if not verbinding.achterop:
            raise Golffout("niet-achterop", "hier ontbreekt niets", omvang=stand.omvang)
        if terug.vanaf > stand.omvang:
            raise _andere_positie(stand)
        erbij = keur(stand, self.uit, terug)
        if erbij.bladen:
            erbij.schrijf(werk)
            tot = erbij.stand.omvang
            bewaar_note(werk, self.uit.oorsprong, "controlepunt", tot, terug.controlepunt)
            if tot >= verbinding.achterop:
                zet(werk, replace(verbinding, achterop=0, gevallen=0, vanaf=verbinding.achterop))
                self._zeg_herstel(werk, erbij.stand, verbinding.gevallen)
        return erbij.bladen

    def _zeg_herstel(self, werk: Transactie, stand: Logstand, gevallen: int) -> None:
        """The first thing that is said after a restore: that it was one."""
        herstel = VerbindingHerstel(
            nummer=stand.verbinding + 1,
            door=Zender(organisatie=self.partij.wij, rol="systeem"),
            gevallen=gevallen,
            omvang=stand.omvang,
        )
        blad = schrijf(herstel, oin=self.partij.wij, tijdstip=werk.nu)
        groei(stand, [blad]).schrijf(werk)

    # The link itself

    def stop(self, werk: Transactie, fout: Golffout, bewijsstuk: bytes) -> None:
        """Nothing is taken or said any more, until a person resumes; keep what was sent."""
        reden = reden_van(fout)
        waarden = (self.partij.zij, werk.nu.isoformat(), reden, bewijsstuk)
        werk.rij(_STUK, waarden)
        zet(werk, replace(self.verbinding(), sessie_in=None, sessie_uit=None, gestopt=reden))

    def start_weer(self, werk: Transactie) -> str | None:
        """A person looked at it, and what follows is a resumption; why it stood still, if it did.

        A link that runs is left as it is.
        """
        verbinding = self.verbinding(werk)
        if verbinding.gestopt is not None:
            zet(werk, replace(verbinding, gestopt=None))
        return verbinding.gestopt

    def loopt(self) -> Verbindingsstand:
        """How the link stands; raises ``gestopt`` where a person has to look at it first."""
        verbinding = self.verbinding()
        if verbinding.gestopt is not None:
            raise Golffout("gestopt", "deze verbinding staat stil; alleen een mens hervat haar")
        return verbinding

    def _open(self, *, ook_achterop: bool = False) -> Verbindingsstand:
        verbinding = self.loopt()
        if verbinding.achterop and not ook_achterop:
            omvang = self.stand_uit().omvang
            raise Golffout("achterop", "hier ontbreken eigen bladen: geef ze terug", omvang=omvang)
        return verbinding


def _hervat_eerst() -> Golffout:
    return Golffout("sessie-onbekend", "deze sessie is hier niet (meer) aan de orde: hervat")


def _andere_positie(stand: Logstand) -> Golffout:
    return Golffout("andere-positie", "zo ver is dit logboek hier niet", omvang=stand.omvang)
