"""What a schakel does to the house, and the house to a schakel: heard, told, meant and said.

All of it in the turn of the writer, in the transaction of what brought it about. What is said goes
into the log as bytes at that moment; what cannot be said yet is kept as an intention.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from schakel.contracts import deelproces as d
from schakel.contracts import melding as m
from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.contracts.envelop import schrijf_tijdstip
from schakel.contracts.feit import DeelVan, Feit
from schakel.contracts.schakels import berichten as s
from schakel.contracts.schakels.codes import Leescode
from schakel.contracts.schakels.lezen import GelezenBlad, Plek, lees
from schakel.contracts.schakels.tijd import lees_duur, lees_tijdstip
from schakel.contracts.schakels.verbinding import VerbindingEindigt
from schakel.contracts.schakels.woorden import Kant
from schakel.contracts.werkstromen import Proces
from schakel.kern.vastlegging.gebeurtenis import Deelwerk, Ouder, Plaats
from schakel.kern.vastlegging.werk import Werk

from . import gebeurtenissen as g
from .bezwaren import bezwaar, keur_gever
from .binnen import inwendige_code, leesadres, weiger_zelf, woord_van_kind
from .buiten import aanbod, stam_van, woord_naar_buiten
from .fouten import Golffout
from .ketens import DIEPST, Ketenplaats, erf, keten_van
from .lijn import Lijn, afspraak_over, is_nieuw
from .overzicht import einde_van, gevraagd_door, wachtend, zet_einde
from .rem import neem_uitgestelde, rem_van, stel_uit, zet_rem
from .schakel import Schakel, id_tussen
from .uitspreken import biedt_nog_aan, neem_voor, spreek_uit, zeg_einde
from .vasthouden import blijft_in_log
from .vragers import gevers_van, vrager_in
from .wissing import Schakelnaam, Wissingswoord, beantwoord_gewist, leg_gewist_vast, zoek

_UUID7: Final = 7

SAMEN: Final = 500
"""So many schakels of which something waits have their turn in one transaction, unless fewer are
asked for."""


class Gesprek:
    """Both ends of all schakels of one organisation."""

    def __init__(self, oin: str, lijn_naar: Callable[[str], Lijn | None], adres: str) -> None:
        """``oin`` is ours; ``lijn_naar`` knows the partners, by OIN; ``adres`` is of our API."""
        self._oin = oin
        self._lijn_naar = lijn_naar
        self._adres = adres

    # What a partner says

    def hoor(self, werk: Werk[Schakel], partner: str, bladen: Sequence[bytes]) -> None:
        """Leaves that were taken in, in their order: each is kept, and has its effect or none."""
        lijn = self._lijn(partner)
        geraakt: dict[UUID, Schakel] = {}
        is_over = einde_van(werk, lijn.verkeer.in_.oorsprong)
        codes = lijn.partner.nu.inhoud.codelijst
        alle = [(blad, lees(blad, partner, codes=codes)) for blad in bladen]
        werk.laad({self._id(partner, een.plek) for _, een in alle if een.plek is not None})
        for blad, gelezen in alle:
            if isinstance(gelezen, GelezenBlad) and isinstance(gelezen.bericht, VerbindingEindigt):
                is_over = True
                zet_einde(werk, lijn.verkeer.in_.oorsprong)
                zeg_einde(werk, lijn)
            elif gelezen.plek is not None:
                schakel = self._open(werk, partner, gelezen.plek)
                geraakt[schakel.id] = schakel
                if blijft_in_log(werk, schakel, gelezen, lijn.verkeer.in_.oorsprong):
                    continue
                if not isinstance(gelezen, GelezenBlad):
                    schakel.gebeurt(g.Ongelezen(gelezen.plek.nummer, gelezen.code, gelezen.feit))
                elif isinstance(gelezen.bericht, s.Schakelbericht):
                    vrager = vrager_in(blad)
                    schakel.gebeurt(g.Gehoord.van(gelezen.bericht, vrager=vrager, na_einde=is_over))
        if rem_van(werk, partner).geblokkeerd:
            stel_uit(werk, partner, geraakt)
        self._bezie(werk, geraakt.values(), lijn)

    def herkregen(self, werk: Werk[Schakel], partner: str, bladen: Sequence[bytes]) -> None:
        """Leaves of our own that a restore had lost: they were said, and are not said again."""
        lijn = self._lijn(partner)
        for blad in bladen:
            gelezen = lees(blad, self._oin, codes=lijn.partner.nu.inhoud.codelijst)
            if not isinstance(gelezen, GelezenBlad):
                continue
            if isinstance(gelezen.bericht, VerbindingEindigt):
                zet_einde(werk, lijn.verkeer.uit.oorsprong)
            elif gelezen.plek is not None and isinstance(gelezen.bericht, s.Schakelbericht):
                plek = gelezen.plek
                schakel = self._zoek_of_begin(werk, partner, plek.kant, UUID(plek.schakel_id))
                schakel.neem_terug(gelezen.bericht)

    def hervat(self, werk: Werk[Schakel], partner: str, hoogstens: int = SAMEN) -> bool:
        """Nothing stands in the way (any more): do what waited, in its order. True: there is more.

        In a blokkade that is what may be said then.
        """
        lijn = self._lijn_naar(partner)
        if lijn is None:
            return False
        is_geblokkeerd = rem_van(werk, partner).geblokkeerd
        if not is_geblokkeerd and (uitgesteld := neem_uitgestelde(werk, partner, hoogstens)):
            self._bezie(werk, [werk.haal(id_) for id_ in uitgesteld], lijn)
            return True
        if not lijn.verkeer.mag_zeggen(werk):
            return False
        schakels = wachtend(werk, partner, hoogstens, altijd=is_geblokkeerd)
        spreek_uit(werk, schakels, lijn)
        is_meer = len(schakels) >= hoogstens
        if not is_meer:  # what was meant before it, is said before it
            zeg_einde(werk, lijn)
        return is_meer

    def _lijn(self, partner: str) -> Lijn:
        """The link of what is under way; raises Golffout: a contract that ended meanwhile."""
        if (lijn := self._lijn_naar(partner)) is None:
            raise Golffout("geen-overeenkomst", f"met {partner} geldt nu geen overeenkomst")
        return lijn

    # What an operator says

    def blokkeer(self, werk: Werk[Schakel], partner: str, *, geldt: bool) -> bool:
        """Set a blokkade, or lift it; whether that changed something. ``hervat`` follows."""
        return zet_rem(werk, partner, geblokkeerd=geldt)

    def beeindig(self, werk: Werk[Schakel], partner: str) -> bool:
        """Offer nothing new from now on; False when that was so. ``hervat`` follows."""
        lijn = self._lijn_naar(partner)
        if lijn is None or not biedt_nog_aan(werk, lijn):
            return False
        return zet_rem(werk, partner, eindigt=True)

    # What the house says

    def vraag(self, werk: Werk[Schakel], feit: d.OverdrachtAangeboden) -> None:
        """A melding here hands work to another organisation."""
        kind = feit.overdracht
        if feit.organisatie == self._oin or kind.kind_id.version != _UUID7:
            uitleg = "dit gaat niet naar een andere organisatie, of onder een ander soort id"
            raise OnleesbaarBericht(Leesfout.ONGELDIGE_INHOUD, uitleg)
        ouder = Ouder(feit.melding_id, feit.proces.value, kind.n, kind.ronde)
        plaats = Plaats(feit.wortel_id, ouder)
        schakel = self._zoek_of_begin(werk, feit.organisatie, Kant.VRAGER, kind.kind_id)
        if schakel.gevraagd is not None:
            if schakel.gevraagd.plaats != plaats:
                raise OnleesbaarBericht(Leesfout.GEEN_EIGENAAR, "deze schakel is van een ander")
            return
        stam = stam_van(self._oin, kind.kind_id, feit.door.rol)
        keten = keten_van(werk, feit.wortel_id)
        lijn = self._lijn_naar(feit.organisatie)
        bericht = aanbod(
            feit,
            stam,
            werk.nu,
            keten=str(keten.keten),
            diepte=keten.diepte + 1,
            vanuit=str(keten.vanuit) if keten.vanuit else None,
            model=keten.model,
            eerste_woord=None,
        )
        if (afspraak := afspraak_over(lijn, self._oin, bericht)) is not None:
            eerste = afspraak.termijnen.eerste_woord
            op = schrijf_tijdstip(werk.nu + lees_duur(eerste)) if eerste else bericht.uiterlijk
            bericht = msgspec.structs.replace(bericht, uiterlijk=op)
        schakel.gebeurt(
            g.Verzocht(
                plaats, kind.naar, bericht.dienst, bericht.kanaal, bericht.melder, kind.dataref
            )
        )
        if bericht.diepte > DIEPST:
            weiger_zelf(schakel, "te-diep")
            return
        if lijn is not None and is_nieuw(bericht) and not biedt_nog_aan(werk, lijn):
            weiger_zelf(schakel, "uitloop")
            return
        neem_voor(werk, schakel, bericht)
        self._bezie(werk, [schakel], lijn)

    def neem_terug(self, werk: Werk[Schakel], feit: d.OverdrachtTeruggenomen) -> None:
        """The giver no longer waits for it."""
        schakels = gevraagd_door(werk, feit.melding_id)
        for schakel in schakels:
            if schakel.schakel == feit.kind_id:
                self._trek_in(werk, schakel, feit, inwendig=feit.aanleiding)

    def gever_eindigt(self, werk: Werk[Schakel], feit: m.Gesloten) -> None:
        """Who waited has ended: what it still waited for is withdrawn."""
        for schakel in gevraagd_door(werk, feit.melding_id):
            self._trek_in(werk, schakel, feit, inwendig="ouder-beeindigd")

    def zeg_voor(self, werk: Werk[Schakel], feit: Feit) -> None:
        """A melding here that does work of a partner says something."""
        deel = feit.deel_van
        if deel is None:
            return
        schakel = self._eigen_deel(werk, feit, deel)
        lijn = self._lijn_naar(deel.organisatie)
        gevraagd = schakel.aanbod
        afspraak = gevraagd and afspraak_over(lijn, deel.organisatie, gevraagd)
        stam = stam_van(self._oin, deel.schakel_id, feit.door.rol)
        termijn = afspraak.termijnen.beoordeling if afspraak else None
        bericht = woord_naar_buiten(feit, stam, werk.nu, lees_duur(termijn) if termijn else None)
        if bericht is not None:
            neem_voor(werk, schakel, bericht)
            self._bezie(werk, [schakel], lijn)

    def wis(self, werk: Werk[Schakel], feit: m.PersoonsgegevensGewist) -> None:
        """A melding here is erased: what was asked for it is to be, and who asked for it hears."""
        for schakel in gevraagd_door(werk, feit.melding_id):
            keur_gever(schakel, feit)
            leg_gewist_vast(werk, schakel, self._oin, feit.grond)
            self._bezie(werk, [schakel], self._lijn_naar(schakel.partner))
        if (deel := feit.deel_van) is not None:
            schakel = self._eigen_deel(werk, feit, deel)
            leg_gewist_vast(werk, schakel, self._oin, None)
            self._bezie(werk, [schakel], self._lijn_naar(deel.organisatie))

    def _eigen_deel(self, werk: Werk[Schakel], feit: Feit, deel: DeelVan) -> Schakel:
        """Of which this melding does the work; raises OnleesbaarBericht: it is another's."""
        if feit.melding_id != self._melding(deel.schakel_id, deel.organisatie):
            raise OnleesbaarBericht(
                Leesfout.GEEN_EIGENAAR, "deze melding is niet die van de schakel die zij noemt"
            )
        schakel = self._zoek_of_begin(werk, deel.organisatie, Kant.UITVOERDER, deel.schakel_id)
        if schakel.naar not in (None, feit.proces):
            raise OnleesbaarBericht(Leesfout.GEEN_EIGENAAR, "een ander proces doet dit werk")
        return schakel

    def over_wissing(
        self, werk: Werk[Schakel], wat: Wissingswoord, wie: Schakelnaam, rol: str, grond: str
    ) -> str:
        """A person asks for an erasure, or says why there is none; gives the partner.

        Raises NietGevonden, Weigering.
        """
        schakel = zoek(werk, wie)
        wat(werk, schakel, self._oin, rol, grond)
        self._bezie(werk, [schakel], self._lijn_naar(schakel.partner))
        return schakel.partner

    def _melding(self, schakel: UUID, partner: str) -> UUID:
        return d.melding_voor(schakel, self._oin, partner)

    def _trek_in(self, werk: Werk[Schakel], schakel: Schakel, feit: Feit, *, inwendig: str) -> None:
        keur_gever(schakel, feit)
        nog = [een for een in schakel.voornemens if een.feit == s.SchakelAangeboden.FEIT]
        for een in nog:  # not said, so it need not be any more
            schakel.gebeurt(g.Vervallen(een.volgorde))
        if schakel.stand.is_dicht or schakel.heeft_gezegd(s.SchakelIngetrokken.FEIT):
            return
        # Before a resumption nobody knows what a restore lost: it may have been said after all.
        # Where it was not, this would change nothing, and lapses when it is to be said.
        stam = stam_van(self._oin, schakel.schakel, feit.door.rol)
        neem_voor(werk, schakel, s.SchakelIngetrokken(**stam, aanleiding=inwendig))
        self._bezie(werk, [schakel], self._lijn_naar(schakel.partner))

    # What follows

    def _bezie(self, werk: Werk[Schakel], schakels: Iterable[Schakel], lijn: Lijn | None) -> None:
        """Tell the house what is new to it, answer what has to be, and say what can be said."""
        alle = list(schakels)
        for schakel in alle:
            if not rem_van(werk, schakel.partner).geblokkeerd:  # else ``hoor`` marked what waits
                if schakel.wij is Kant.VRAGER:
                    self._vertel_gever(schakel)
                elif lijn is not None:
                    self._vertel_uitvoerder(werk, schakel, lijn)
                self._beantwoord_breuk(werk, schakel)
            beantwoord_gewist(werk, schakel, self._oin)
        if lijn is not None:
            spreek_uit(werk, alle, lijn)

    def _vertel_gever(self, schakel: Schakel) -> None:
        if (gevraagd := schakel.gevraagd) is None:
            return
        for beurt in schakel.vouw.nieuwe_beurten():
            is_ongehoord = (
                beurt.kant is Kant.UITVOERDER and beurt.bericht.nummer not in schakel.gehad
            )
            if is_ongehoord and beurt.is_toegepast:
                woord = woord_van_kind(schakel, gevraagd, beurt.bericht)
                if woord is not None:
                    schakel.gebeurt(woord)

    def _vertel_uitvoerder(self, werk: Werk[Schakel], schakel: Schakel, lijn: Lijn) -> None:
        gevraagd, ingetrokken = schakel.aanbod, schakel.intrekking
        # What a restore put back to work is called back, though its last word was said.
        is_aan_het_werk = schakel.naar is not None or schakel.meldt_zich
        is_over = schakel.stand.is_dicht or schakel.weigert
        if gevraagd is None or (is_over and not (ingetrokken and is_aan_het_werk)):
            return
        if schakel.naar is None:
            # What a restore made us forget may be at work here: then it is taken back as any.
            is_hier = schakel.meldt_zich or schakel.heeft_gezegd(s.SchakelAangenomen.FEIT)
            is_weg = ingetrokken is not None and not is_hier
            reden = "ingetrokken" if is_weg else bezwaar(schakel, lijn, gevraagd)
            if reden is not None:
                stam = stam_van(self._oin, schakel.schakel)
                neem_voor(werk, schakel, s.SchakelGeweigerd(**stam, reden=reden))
                return
            self._vraag_huis(werk, schakel, gevraagd)
        naar = schakel.naar
        if naar and ingetrokken is not None and ingetrokken.nummer not in schakel.gehad:
            stam = self._stam(schakel, naar, ingetrokken.nummer)
            aanleiding = inwendige_code(ingetrokken.aanleiding)
            schakel.gebeurt(g.IntrekkingIngekomen(**stam, aanleiding=aanleiding))

    def _vraag_huis(
        self, werk: Werk[Schakel], schakel: Schakel, gevraagd: s.SchakelAangeboden
    ) -> None:
        naar = gevraagd.naar or Proces.UITVOEREN
        gevers = gevers_van(naar)
        van = schakel.van if schakel.van in gevers else gevers[0]
        id_ = self._melding(schakel.schakel, schakel.partner)
        deel = Deelwerk(schakel.schakel, schakel.partner, van.value, gevraagd.n, gevraagd.ronde)
        keten, vervangt = UUID(gevraagd.keten_id), gevraagd.vervangt
        erf(werk, id_, Ketenplaats(keten, gevraagd.diepte, schakel.schakel, gevraagd.model))
        schakel.gebeurt(
            g.Ingekomen(
                **self._stam(schakel, naar, gevraagd.nummer),
                plaats=Plaats(id_, deel=deel),
                keten=keten,
                diepte=gevraagd.diepte,
                model=gevraagd.model,
                dienst=inwendige_code(gevraagd.dienst),
                kanaal=gevraagd.kanaal,
                melder=gevraagd.melder,
                vanuit=UUID(gevraagd.vanuit) if gevraagd.vanuit else None,
                gereed_voor=lees_tijdstip(gevraagd.gereed_voor) if gevraagd.gereed_voor else None,
                vervangt=UUID(vervangt) if vervangt else None,
                dataref=leesadres(self._adres, schakel, gevraagd),
            )
        )

    def _stam(self, schakel: Schakel, proces: Proces, nummer: int) -> dict[str, Any]:
        return {
            "melding": self._melding(schakel.schakel, schakel.partner),
            "proces": proces,
            "versie": schakel.verteld + 1,
            "nummer": nummer,
        }

    def _beantwoord_breuk(self, werk: Werk[Schakel], schakel: Schakel) -> None:
        """What cannot be read is answered, once; and the first that was not held behind it."""
        kant, vouw = schakel.wij.overkant, schakel.vouw
        breuk, boven = vouw.breuk.get(kant), vouw.boven.get(kant)
        stam = stam_van(self._oin, schakel.schakel)
        if breuk is not None and not schakel.heeft_beantwoord(breuk):
            if breuk.antwoord == s.SchakelOnbegrepen.FEIT:
                over = s.SchakelOnbegrepen(**stam, over=breuk.nummer, code=breuk.code)
                neem_voor(werk, schakel, over)
            else:
                neem_voor(werk, schakel, s.SchakelGeweigerd(**stam, reden=breuk.code.value))
        if boven is not None and not schakel.noemt_onbegrepen(boven):
            over = s.SchakelOnbegrepen(**stam, over=boven, code=Leescode.GAT)
            neem_voor(werk, schakel, over)

    def _id(self, partner: str, plek: Plek) -> UUID:
        return id_tussen(self._oin, partner, plek.kant.overkant, UUID(plek.schakel_id))

    def _open(self, werk: Werk[Schakel], partner: str, plek: Plek) -> Schakel:
        """That of a leaf of the partner."""
        return self._zoek_of_begin(werk, partner, plek.kant.overkant, UUID(plek.schakel_id))

    def _zoek_of_begin(
        self, werk: Werk[Schakel], partner: str, wij: Kant, schakel: UUID
    ) -> Schakel:
        gevonden = werk.zoek(id_tussen(self._oin, partner, wij, schakel))
        if gevonden is None:
            gevonden = Schakel.begin(self._oin, partner, wij, schakel)
            werk.voeg_toe(gevonden)
        return gevonden
