"""What each call of the wire format does to the two logs: pages as ``paginaverkeer``, and resuming.

A resumption does both directions at once, and gives back what either side lost.
"""

from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

from schakel.bewijs import BewijsFout, lees_controlepunt, lees_note
from schakel.contracts.schakels.berichten import Zender
from schakel.contracts.schakels.jws import Jws
from schakel.contracts.schakels.schrijven import schrijf
from schakel.contracts.schakels.verbinding import VerbindingHerstel, VerbindingSleutels
from schakel.kern.grond.weigering import Weigering
from schakel.kern.vastlegging.transactie import Transactie

from .fouten import Golffout, Vork
from .logboek import bewaar_note, groei
from .ontvanger import keur
from .paginaverkeer import Paginaverkeer, andere_positie
from .verbinding import Verbindingsstand, zet
from .vormen import BLADEN_MAX, Bladen, Gezegd, Ingenomen, Logboekhervatting, Ontvangst, bladen_van
from .zender import keur_ontvangst, passend


class Verkeer(Paginaverkeer):
    """All that passes between us and one partner. One call at a time per partner."""

    def begin_hervatting(self, werk: Transactie) -> Logboekhervatting:
        """What we say first; from now on only pages of the new session are taken."""
        return self._zeg_hervatting(werk, self.loopt(werk))

    def hervat(self, werk: Transactie, zij: Logboekhervatting) -> Logboekhervatting:
        """They say it first: take theirs, and say ours. Raises Vork, ``andere-overeenkomst``."""
        wij = self._zeg_hervatting(werk, self._neem(werk, self.loopt(werk), zij))
        self._herstel(werk)
        return wij

    def rond_hervatting(self, werk: Transactie, zij: Logboekhervatting) -> Verbindingsstand:
        """Their answer to what we said first; raises as ``hervat``."""
        verbinding = self._neem(werk, self.loopt(werk), zij)
        zet(werk, verbinding)
        self._herstel(werk)
        return self.verbinding(werk)

    def _zeg_hervatting(self, werk: Transactie, verbinding: Verbindingsstand) -> Logboekhervatting:
        sessie = str(uuid4())
        zet(werk, replace(verbinding, sessie_in=sessie))
        ontvangen = self._ingenomen(werk)
        return Logboekhervatting(
            overeenkomst=self.partij.kenmerken[0],
            ontvangen=Ingenomen(ontvangen.omvang, ontvangen.ontvangstbewijs, sessie=sessie),
            gezegd=self._gezegd(werk),
        )

    def _ingenomen(self, werk: Transactie) -> Ontvangst:
        """The last receipt; where no key is here to make it anew, its text is enough."""
        try:
            return self.ontvangst(werk)
        except Golffout:
            omvang = self.stand_in(werk).omvang
            return Ontvangst(omvang, self.in_.note("ontvangstbewijs", omvang))

    def _gezegd(self, werk: Transactie) -> Gezegd:
        stand = self.stand_uit(werk)
        laatste = self.uit.laatste_note("controlepunt")
        if stand.omvang and (laatste is None or laatste[0] < stand.omvang):
            note = self._teken(werk, stand)
            laatste = (stand.omvang, note) if note else laatste
        return Gezegd(stand.omvang, laatste[1] if laatste else None)

    def _neem(
        self, werk: Transactie, verbinding: Verbindingsstand, zij: Logboekhervatting
    ) -> Verbindingsstand:
        if zij.overeenkomst not in self.partij.kenmerken:
            raise Golffout("andere-overeenkomst", "hier geldt een andere overeenkomst")
        self._keur_gezegd(zij.gezegd)
        uit = self.stand_uit(werk)
        gelezen = keur_ontvangst(self.uit, uit, zij.ontvangen, tekst_alleen=True)
        omvang = gelezen.controlepunt.omvang if gelezen is not None else 0
        if omvang <= uit.omvang:
            with suppress(Golffout):  # by a key that does not hold here it is a position alone
                self._bewaar_bewijs(werk, zij.ontvangen)
        # All is back, and ``herstel`` is still to be said: that stays so.
        is_terug = 0 < verbinding.achterop <= uit.omvang
        achterop = omvang if omvang > uit.omvang else verbinding.achterop if is_terug else 0
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
        verbinding, stand = self._open(werk, ook_achterop=True), self.stand_uit(werk)
        if not verbinding.achterop:
            raise Golffout("niet-achterop", "hier ontbreekt niets", omvang=stand.omvang)
        if terug.vanaf > stand.omvang:
            raise andere_positie(stand)
        erbij = keur(stand, self.uit, terug)
        if erbij.bladen:
            erbij.schrijf(werk)
            tot = erbij.stand.omvang
            bewaar_note(werk, self.uit.oorsprong, "controlepunt", tot, terug.controlepunt)
            if tot >= verbinding.achterop:
                zet(werk, replace(verbinding, vanaf=verbinding.achterop))
                self._herstel(werk)
        return erbij.bladen

    def zeg_sleutels(self, werk: Transactie, verklaring: Jws) -> int:
        """Say which keys of our log come and go; gives their leaf.

        After a restore that is what comes first where nobody here can sign: before ``herstel``.
        Raises Weigering: the link is not resumed, this does not follow on what the log says, or
        after it nobody here could sign.
        """
        verbinding, stand = self.verbinding(werk), self._einde_van_ons(werk)
        if None in verbinding.sessies or verbinding.gestopt or verbinding.achterop > stand.omvang:
            raise Weigering("niet-hervat", "de verbinding is nog niet hervat; probeer het zo weer")
        bericht = VerbindingSleutels(
            nummer=stand.verbinding + 1,
            door=Zender(organisatie=self.partij.wij, rol="beheer"),
            verklaring=verklaring,
        )
        try:
            erbij = groei(stand, [schrijf(bericht, oin=self.partij.wij, tijdstip=werk.nu)])
        except BewijsFout as fout:
            raise Weigering("verklaring-past-niet", fout.uitleg) from None
        if not self.kan_tekenen(erbij.stand):
            uitleg = "geen sleutel in SCHAKEL_LOGSLEUTELS geldt daarna: zet daar eerst de nieuwe in"
            raise Weigering("geen-logsleutel", uitleg)
        erbij.schrijf(werk)
        self._herstel(werk)
        return erbij.vanaf

    def _herstel(self, werk: Transactie) -> None:
        """Say that there was a restore: the first thing after it that somebody here can sign."""
        verbinding, stand = self.verbinding(werk), self._einde_van_ons(werk)
        is_terug = 0 < verbinding.achterop <= stand.omvang
        if not is_terug or not self.kan_tekenen(stand):
            return
        zet(werk, replace(verbinding, achterop=0, gevallen=0))
        herstel = VerbindingHerstel(
            nummer=stand.verbinding + 1,
            door=Zender(organisatie=self.partij.wij, rol="systeem"),
            gevallen=verbinding.gevallen,
            omvang=verbinding.achterop,
        )
        blad = schrijf(herstel, oin=self.partij.wij, tijdstip=werk.nu)
        groei(stand, [blad]).schrijf(werk)
