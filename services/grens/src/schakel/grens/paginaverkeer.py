"""Both logs of one pair of organisations: what is said and heard in them, page by page.

Everything here runs in the turn of the writer, on what stands in the store: it knows no HTTP, and
the side that calls uses the same as the side that answers. A refused call leaves nothing behind.
"""

from collections.abc import Callable  # noqa: TC003 - as the others
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Protocol

from schakel.bewijs import Ondertekenaar
from schakel.contracts.schakels.berichten import Zender
from schakel.contracts.schakels.overeenkomst import oorsprong_van
from schakel.contracts.schakels.schrijven import schrijf
from schakel.contracts.schakels.verbinding import VerbindingControlepunten
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.transactie import Transactie

from .controlepunten import keur_controlepunten, onthoud, te_zeggen
from .fouten import Golffout, reden_van
from .logboek import Aangroei, Grenslogboek, Logstand, Sleutellezer, bewaar_note, groei
from .ontvanger import bewijs_ontvangst, keur, keur_plek
from .verbinding import Verbindingsstand, lees, zet
from .vormen import Bladen, Ontvangst, Pagina, bladen_van
from .zender import controleer, keur_ontvangst, past_in_pagina, stuk_vanaf, tekenaar_van

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


@dataclass(frozen=True)
class Bereid:
    """A page that was judged before its turn, on what stood here then."""

    sessie: str | None
    stand: Logstand
    pagina: Pagina
    erbij: Aangroei

    def geldt(self, sessie: str | None, stand: Logstand) -> bool:
        """Whether it would be judged the same now."""
        toen = self.stand
        return (
            self.sessie == sessie
            and toen.rand == stand.rand
            and toen.sleutels.rij() == stand.sleutels.rij()
        )


class Paginaverkeer:
    """What is said and heard between us and one partner, in pages and receipts."""

    def __init__(
        self, opslag: Opslag, partij: Verkeerspartij, ondertekenaars: list[Ondertekenaar]
    ) -> None:
        """``ondertekenaars`` are the keys of our log to them, the newest first."""
        self.partij = partij
        self._opslag = opslag
        self._ondertekenaars = ondertekenaars
        self.uit = Grenslogboek(opslag, oorsprong_van(partij.wij, partij.zij))
        self.in_ = Grenslogboek(opslag, oorsprong_van(partij.zij, partij.wij))
        self.na_zeggen: Callable[[Pagina | None], None] | None = None
        """Called from the writer's thread once what we said is durable; with it as a page, where
        that is all there is to send."""

    # How things stand

    def verbinding(self, werk: Transactie | None = None) -> Verbindingsstand:
        """As stored; or as earlier tasks of this batch left it."""
        return lees(self._opslag, self.partij.zij, werk)

    def bezie(self) -> tuple[Verbindingsstand, bool]:
        """How the link stands, and whether leaves of our own are still to come back."""
        return self.verbinding(), self.mist_bladen()

    def stand_uit(self, werk: Transactie | None = None) -> Logstand:
        """Of our own log, as stored."""
        return self.uit.stand(self.partij.sleutels_uit, werk)

    def stand_in(self, werk: Transactie | None = None) -> Logstand:
        """Of theirs, as stored."""
        return self.in_.stand(self.partij.sleutels_in, werk)

    def mist_bladen(self, werk: Transactie | None = None) -> bool:
        """Whether leaves of our own are still to come back."""
        achterop = self.verbinding(werk).achterop
        return bool(achterop) and achterop > self.stand_uit(werk).omvang

    def mist_bewijs(self) -> bool:
        """Whether what they have of our log stands here as a position, and not proven."""
        vanaf = self.verbinding().vanaf
        return bool(vanaf) and self.uit.note("ontvangstbewijs", vanaf) is None

    def mist_logsleutel(self) -> bool:
        """Whether nobody here can sign our log as it stands: its keys come first then."""
        return not self.kan_tekenen(self.stand_uit())

    # What we say

    def mag_zeggen(self, werk: Transactie) -> bool:
        """Whether what is said now gets a number and a place in the log."""
        verbinding = self.verbinding(werk)
        return verbinding.is_hervat and verbinding.gestopt is None

    def zeg(self, werk: Transactie, bladen: list[bytes]) -> Aangroei:
        """Add leaves to our own log, behind those of this batch; else ``sessie-onbekend``."""
        if not self.mag_zeggen(werk):
            raise Golffout("sessie-onbekend", "voor de hervatting krijgt niets een plaats")
        erbij = groei(self._einde_van_ons(werk), bladen)
        erbij.schrijf(werk)
        klaar = self._maak_klaar(werk, erbij)
        if self.na_zeggen is not None:
            werk.daarna(partial(self.na_zeggen, klaar))
        return erbij

    def _maak_klaar(self, werk: Transactie, erbij: Aangroei) -> Pagina | None:
        """What is said as a page, signed with it, for who has all before it; else None.

        So at rest no page waits for a transaction of its own, and none is read back.
        """
        verbinding = self.verbinding(werk)
        heeft_de_rest = verbinding.vanaf == erbij.vanaf and erbij.bladen
        if not heeft_de_rest or not past_in_pagina(erbij.bladen):
            return None
        note = self._teken(werk, erbij.stand)
        if note is None:
            return None
        return _als_pagina(
            verbinding.sessie_uit or "", Bladen(erbij.vanaf, bladen_van(erbij.bladen), note)
        )

    def _teken(self, werk: Transactie, stand: Logstand) -> str | None:
        """A note over our log as it would stand, kept in this transaction; None without a key."""
        tekenaar = tekenaar_van(stand, stand.omvang, self._ondertekenaars)
        if tekenaar is None:
            return None
        note = str(stand.punt.onderteken(tekenaar))
        bewaar_note(werk, self.uit.oorsprong, "controlepunt", stand.omvang, note)
        return note

    def volgend_nummer(self, werk: Transactie) -> int:
        """Of what we say about the link itself."""
        return self._einde_van_ons(werk).verbinding + 1

    def _einde_van_ons(self, werk: Transactie) -> Logstand:
        """Where our log is, behind what this batch adds."""
        stand: Logstand = werk.standen.get(self.uit.oorsprong) or self.stand_uit(werk)
        return stand

    def kan_tekenen(self, stand: Logstand) -> bool:
        """Whether a private key that is here may sign our log as it would stand."""
        return tekenaar_van(stand, stand.omvang, self._ondertekenaars) is not None

    def zeg_controlepunten(self, werk: Transactie) -> bool:
        """Tell how both logs stand here, if there is news and it is time; whether that was said."""
        stand, gehoord = self.stand_uit(werk), self.stand_in(werk).omvang
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
        stand = self._leesbaar(sessie, vanaf, werk)
        stuk = stuk_vanaf(self.uit, stand, vanaf, self._ondertekenaars)
        if stuk is not None and stuk.is_nieuw:
            note = stuk.bladen.controlepunt
            bewaar_note(werk, self.uit.oorsprong, "controlepunt", stuk.tot, note)
        return _als_pagina(sessie, stuk.bladen) if stuk is not None else None

    def klare_pagina(self, sessie: str, vanaf: int) -> tuple[Pagina | None, bool]:
        """As ``pagina``, in any thread; True: its note is kept, and this is what there is."""
        stand = self._leesbaar(sessie, vanaf)
        if vanaf == stand.omvang:
            return None, True
        if self.uit.note("controlepunt", stand.omvang) is None:
            return None, False
        stuk = stuk_vanaf(self.uit, stand, vanaf, ())
        if stuk is None or stuk.tot < stand.omvang:
            return None, False
        return _als_pagina(sessie, stuk.bladen), True

    def _leesbaar(self, sessie: str, vanaf: int, werk: Transactie | None = None) -> Logstand:
        """Our log, for who reads it in this session from there on; raises Golffout."""
        if sessie != self._open(werk).sessie_uit:
            raise _hervat_eerst()
        stand = self.stand_uit(werk)
        if vanaf > stand.omvang:
            raise andere_positie(stand)
        return stand

    def neem_ontvangst(
        self, werk: Transactie, ontvangst: Ontvangst, sessie: str | None = None
    ) -> None:
        """They took in so much of our log; raises Vork, or ``slecht-bewijs`` to be asked again.

        ``sessie`` is that of the page that it answers, where that is known: of one that is over it
        is a proof, and no position. They may have been put back since.
        """
        verbinding = self._open(werk)
        if verbinding.sessie_uit is None:  # what was lost here may still be receipted there
            raise _hervat_eerst()
        if ontvangst.ontvangstbewijs is None:
            return
        keur_ontvangst(self.uit, self.stand_uit(werk), ontvangst)
        self._bewaar_bewijs(werk, ontvangst)
        geldt = sessie in (None, verbinding.sessie_uit)
        if geldt and ontvangst.omvang > verbinding.vanaf:
            zet(werk, replace(verbinding, vanaf=ontvangst.omvang))

    def _bewaar_bewijs(self, werk: Transactie, ontvangst: Ontvangst) -> None:
        """Keep a receipt over our own history; raises ``slecht-bewijs`` when it is not theirs."""
        if (bewijs := ontvangst.ontvangstbewijs) is not None:
            stand_in = self.stand_in(werk)
            controleer(bewijs, stand_in.sleutels.geldig(stand_in.omvang))
            bewaar_note(werk, self.uit.oorsprong, "ontvangstbewijs", ontvangst.omvang, bewijs)

    # What we hear

    def bereid(self, ruw: bytes) -> Bereid | None:
        """Judge a page before its turn; None where that may find fault with it: then in its turn.

        May be asked in any thread.
        """
        try:
            return self._keur(ruw, self.verbinding().sessie_in, self.stand_in())
        except Golffout:
            return None

    def _keur(self, ruw: bytes, sessie: str | None, stand: Logstand) -> Bereid:
        pagina = Pagina.lees_na(ruw, lambda plek: keur_plek(plek, sessie, stand.omvang))
        return Bereid(sessie, stand, pagina, keur(stand, self.in_, pagina))

    def neem_pagina(self, werk: Transactie, ruw: bytes, bereid: Bereid | None = None) -> Inname:
        """Take in a page with its leaves, whole; raises Golffout with nothing taken in.

        A page that came before is success, and gets the same receipt.
        """
        verbinding = self._open(werk)
        stand = self.stand_in(werk)
        if bereid is None or not bereid.geldt(verbinding.sessie_in, stand):
            bereid = self._keur(ruw, verbinding.sessie_in, stand)
        pagina, erbij = bereid.pagina, bereid.erbij
        if not erbij.bladen:
            return Inname(self.ontvangst(werk), stand.omvang, ())
        keur_controlepunten(werk, erbij, stand, self.in_, self.uit, self.stand_uit(werk))
        erbij.schrijf(werk)
        tot = erbij.stand.omvang
        bewaar_note(werk, self.in_.oorsprong, "controlepunt", tot, pagina.controlepunt)
        bewijs = self._bewijs(werk, erbij.stand)
        return Inname(Ontvangst(tot, bewijs), erbij.vanaf, erbij.bladen)

    def mag_horen(self, werk: Transactie) -> bool:
        """Whether what was taken in may have its effect: as a page may be taken in."""
        verbinding = self.verbinding(werk)
        staat_open = verbinding.sessie_in is not None and verbinding.gestopt is None
        return staat_open and not self.mist_bladen(werk)

    def ontvangst(self, werk: Transactie) -> Ontvangst:
        """How far we took theirs in; the receipt is made anew only when its key was revoked.

        Raises ``slecht-bewijs`` when that has to be, and there is no key for it.
        """
        stand = self.stand_in(werk)
        if not stand.omvang:
            return Ontvangst(0, None)
        bewaard = self.in_.note("ontvangstbewijs", stand.omvang)
        if bewaard is not None:
            uit = self.stand_uit(werk)
            try:
                controleer(bewaard, uit.sleutels.geldig(uit.omvang))
            except Golffout:
                bewaard = None
        return Ontvangst(stand.omvang, bewaard or self._bewijs(werk, stand))

    def _bewijs(self, werk: Transactie, stand: Logstand) -> str:
        bewijs = bewijs_ontvangst(stand, self._medetekenaar(werk), int(werk.nu.timestamp()))
        bewaar_note(werk, self.in_.oorsprong, "ontvangstbewijs", stand.omvang, bewijs)
        return bewijs

    def _medetekenaar(self, werk: Transactie) -> Ondertekenaar:
        """Not revoked and, if there is one, introduced in what they have: they can check it."""
        uit, verbinding = self.stand_uit(werk), self.verbinding(werk)
        geldig = uit.sleutels.geldig(uit.omvang)
        bruikbaar = [een for een in self._ondertekenaars if een.sleutel in geldig]
        if not bruikbaar:
            raise Golffout("slecht-bewijs", "hier is geen geldige logsleutel (meer)")
        bekend = uit.sleutels.geldig(min(verbinding.vanaf, uit.omvang))
        return next((een for een in bruikbaar if een.sleutel in bekend), bruikbaar[0])

    # The link itself

    def stop(self, werk: Transactie, fout: Golffout, bewijsstuk: bytes) -> None:
        """Nothing is taken or said any more, until a person resumes; keep what was sent."""
        reden = reden_van(fout)
        waarden = (self.partij.zij, werk.nu.isoformat(), reden, bewijsstuk)
        werk.rij(_STUK, waarden)
        zet(werk, replace(self.verbinding(werk), sessie_in=None, sessie_uit=None, gestopt=reden))

    def start_weer(self, werk: Transactie) -> str | None:
        """A person looked at it, and what follows is a resumption; why it stood still, if it did.

        A link that runs is left as it is.
        """
        verbinding = self.verbinding(werk)
        if verbinding.gestopt is not None:
            zet(werk, replace(verbinding, gestopt=None))
        return verbinding.gestopt

    def loopt(self, werk: Transactie | None = None) -> Verbindingsstand:
        """How the link stands; raises ``gestopt`` where a person has to look at it first."""
        verbinding = self.verbinding(werk)
        if verbinding.gestopt is not None:
            raise Golffout("gestopt", "deze verbinding staat stil; alleen een mens hervat haar")
        return verbinding

    def _open(
        self, werk: Transactie | None = None, *, ook_achterop: bool = False
    ) -> Verbindingsstand:
        verbinding = self.loopt(werk)
        if self.mist_bladen(werk) and not ook_achterop:
            omvang = self.stand_uit(werk).omvang
            raise Golffout("achterop", "hier ontbreken eigen bladen: geef ze terug", omvang=omvang)
        return verbinding


def _als_pagina(sessie: str, stuk: Bladen) -> Pagina:
    return Pagina(
        sessie=sessie, vanaf=stuk.vanaf, bladen=stuk.bladen, controlepunt=stuk.controlepunt
    )


def _hervat_eerst() -> Golffout:
    return Golffout("sessie-onbekend", "deze sessie is hier niet (meer) aan de orde: hervat")


def andere_positie(stand: Logstand) -> Golffout:
    """A place above what this log has here."""
    return Golffout("andere-positie", "zo ver is dit logboek hier niet", omvang=stand.omvang)
