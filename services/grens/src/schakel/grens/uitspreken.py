"""Saying what is meant, to one partner: what has its turn gets a number and a place in the log."""

from collections.abc import Iterable

from schakel.contracts.envelop import schrijf_tijdstip
from schakel.contracts.schakels import berichten as s
from schakel.contracts.schakels.schrijven import schrijf
from schakel.contracts.schakels.verbinding import VerbindingEindigt
from schakel.kern.vastlegging.werk import Werk

from . import gebeurtenissen as g
from .binnen import weiger_zelf
from .buiten import in_codes, met_diensten
from .lijn import Lijn, afspraak_over
from .overzicht import ALTIJD, einde_van, zet_einde
from .rem import rem_van
from .schakel import Schakel
from .vragers import systeem_van


def neem_voor(werk: Werk[Schakel], schakel: Schakel, bericht: s.Schakelbericht) -> None:
    """It is to be said, in its turn."""
    schakel.gebeurt(g.Voorgenomen.van(bericht, volgorde=werk.tel("voornemens")))


def spreek_uit(werk: Werk[Schakel], schakels: Iterable[Schakel], lijn: Lijn) -> None:
    """Say what these still have to say, in the order in which it was meant."""
    if not lijn.verkeer.mag_zeggen(werk):
        return
    partner = lijn.partner
    is_geblokkeerd = rem_van(werk, partner.zij).geblokkeerd
    paren = [
        (een, schakel)
        for schakel in schakels
        for een in schakel.voornemens
        if een.feit in ALTIJD or not is_geblokkeerd
    ]
    codes = partner.nu.inhoud.codelijst

    def is_afgesproken(bericht: s.SchakelAangeboden) -> bool:
        return afspraak_over(lijn, partner.wij, bericht) is not None

    for een, schakel in sorted(paren, key=lambda paar: paar[0].volgorde):
        if een not in schakel.te_zeggen_nu:
            continue
        bericht = schakel.te_zeggen(_in_woorden(een.bericht, schakel, lijn))
        if isinstance(bericht, s.SchakelAangeboden) and not is_afgesproken(bericht):
            weiger_zelf(schakel, "niet-afgesproken")  # what no contract names does not leave
            bericht = None
        if bericht is None:
            schakel.gebeurt(g.Vervallen(een.volgorde))
            continue
        blad = schrijf(
            bericht,
            oin=partner.wij,
            tijdstip=werk.nu,
            kant=schakel.wij,
            systeem=systeem_van(schakel, bericht),
            codes=codes,
        )
        lijn.verkeer.zeg(werk, [blad])
        schakel.gebeurt(g.Uitgesproken.van(bericht, volgorde=een.volgorde))


def _in_woorden(bericht: s.Schakelbericht, schakel: Schakel, lijn: Lijn) -> s.Schakelbericht:
    """As the contract has it: its codes, and the services that it names."""
    inhoud, gevraagd = lijn.partner.nu.inhoud, schakel.aanbod
    if gevraagd is not None:
        bekend = {dienst for afspraak in inhoud.afspraken for dienst in afspraak.diensten}
        bericht = met_diensten(bericht, bekend, gevraagd.dienst)
    return in_codes(bericht, inhoud.codelijst)


def zeg_einde(werk: Werk[Schakel], lijn: Lijn) -> None:
    """Say, once, that we offer nothing new: we want that, or the other said so first."""
    verkeer, partner = lijn.verkeer, lijn.partner
    moet = rem_van(werk, partner.zij).eindigt or einde_van(werk, verkeer.in_.oorsprong)
    if not moet or einde_van(werk, verkeer.uit.oorsprong) or not verkeer.mag_zeggen(werk):
        return
    einde = VerbindingEindigt(
        nummer=verkeer.volgend_nummer(werk),
        door=s.Zender(organisatie=partner.wij, rol="systeem"),
        per=schrijf_tijdstip(werk.nu),
    )
    verkeer.zeg(werk, [schrijf(einde, oin=partner.wij, tijdstip=werk.nu)])
    zet_einde(werk, verkeer.uit.oorsprong)


def biedt_nog_aan(werk: Werk[Schakel], lijn: Lijn) -> bool:
    """Whether we offer something new to this partner."""
    is_gezegd = einde_van(werk, lijn.verkeer.uit.oorsprong)
    return not (is_gezegd or rem_van(werk, lijn.partner.zij).eindigt)
