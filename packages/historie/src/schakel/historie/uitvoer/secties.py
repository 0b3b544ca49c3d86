"""The sections of the report with figures: what is, how often, when and how long."""

from duckdb import DuckDBPyConnection

from schakel.contracts.werkstromen import WERKSTROMEN

from .cijfers import Kern, duren, kern, overdrachten, verloop
from .figuren import staven
from .figuur_duur import figuur_duur, schaal_voor
from .figuur_overdracht import figuur_overdracht, staat_in_het_model
from .figuur_verloop import figuur_verloop, volgorde
from .getallen import aantal, duur, procent
from .onderdelen import alinea, beeld, sectie, tabel, tabel_of, uitklap
from .opmaak import Element, el
from .samenvatting import Samenvatting
from .werkstroomtekst import ONBESLIST, UITLEG, naam

_ONBEKEND = "onbekend"
_JA_OF_NEE = {True: "ja", False: "nee", None: "niet te zeggen"}


def kerncijfers(db: DuckDBPyConnection, s: Samenvatting) -> Element:
    """The few numbers that whoever reads no further has to know."""
    cijfers = kern(db)
    return sectie(
        "kerncijfers",
        "Kerncijfers",
        el(
            "dl",
            (
                el("div", el("dt", wat), el("dd", waarde), el("dd", uitleg, class_="toelichting"))
                for wat, waarde, uitleg in _kernregels(cijfers, s)
            ),
            class_="kern",
        ),
        tabel_of(
            "Over kanalen staat niets in de bron.",
            "Zaken per kanaal",
            ("Kanaal", "Zaken", "Aandeel"),
            [(k, aantal(n), procent(n, s.zaken)) for k, n in s.kanalen.items()],
        ),
    )


def _kernregels(cijfers: Kern, s: Samenvatting) -> list[tuple[str, str, str]]:
    beslist = s.zaken - s.onbeslist
    periode = f"van {cijfers.eerste_dag or _ONBEKEND} tot en met {cijfers.laatste_dag or _ONBEKEND}"
    mediaan = "\N{EN DASH}" if cijfers.mediaan is None else duur(cijfers.mediaan)
    return [
        ("Zaken", aantal(s.zaken), periode),
        ("Werkstroom bekend", aantal(beslist), f"{procent(beslist, s.zaken)} van de zaken"),
        ("Onbeslist", aantal(s.onbeslist), f"{procent(s.onbeslist, s.zaken)} van de zaken"),
        ("Verplaatst", aantal(s.verplaatst), "kregen onderweg een ander nummer"),
        (
            "Hele weg gezien",
            aantal(cijfers.compleet),
            f"{procent(cijfers.compleet, beslist)} van de zaken met een werkstroom",
        ),
        (
            "Met een afwijking",
            aantal(cijfers.met_afwijking),
            f"{procent(cijfers.met_afwijking, s.zaken)} van de zaken",
        ),
        (
            "Afgerond",
            aantal(cijfers.afgerond),
            f"{procent(cijfers.afgerond, s.zaken)} van de zaken",
        ),
        ("Doorlooptijd", mediaan, "mediaan: de helft duurde korter, de helft langer"),
    ]


def per_werkstroom(s: Samenvatting) -> Element:
    """The eight with what they are, and how many zaken followed each."""
    aantallen = [(w, s.werkstromen.get(w.nummer, 0)) for w in WERKSTROMEN]
    rijen = [
        (
            str(w.nummer),
            w.woord,
            w.meldingsoort.value,
            UITLEG[w.nummer],
            aantal(n),
            procent(n, s.zaken),
        )
        for w, n in aantallen
    ]
    uitleg = "De bron laat niet zien welke werkstroom het is."
    rijen.append((ONBESLIST, "", "", uitleg, aantal(s.onbeslist), procent(s.onbeslist, s.zaken)))
    figuur = staven([*((naam(w.nummer), n) for w, n in aantallen), (ONBESLIST, s.onbeslist)])
    koppen = ("Werkstroom", "Woord", "Melding", "Wat het is", "Zaken", "Aandeel")
    return sectie(
        "werkstromen",
        "Zaken per werkstroom",
        alinea(
            "Het woord is de weg heen en terug door de processen: A is afspreken, W wijzigen,"
            " H herstellen, U uitvoeren en V verbeteren."
        ),
        beeld(
            "Zaken per werkstroom",
            figuur,
            "Hoe langer de staaf, hoe meer zaken deze werkstroom volgden.",
            tabel("Aantal zaken per werkstroom", koppen, rijen, tekstkolommen=range(4)),
        ),
    )


def in_de_tijd(db: DuckDBPyConnection) -> Element:
    """How the shares of the werkstromen changed."""
    reeks = verloop(db)
    nummers = volgorde(reeks)
    rijen = [
        (
            periode.naam,
            aantal(periode.totaal),
            *(_met_aandeel(periode.aantallen.get(n, 0), periode.totaal) for n in nummers),
        )
        for periode in reeks.perioden
    ]
    koppen = ("Begonnen in", "Zaken", *map(naam, nummers))
    titel = f"Zaken per {reeks.eenheid} en werkstroom"
    cijfers = uitklap("De getallen bij deze figuur", tabel(titel, koppen, rijen))
    uitleg = (
        "Elke staaf is alles wat in die periode begon. Het cijfer in een vlak is het nummer van"
        " de werkstroom. Een streeplijn tussen twee staven: daar begon een tijd lang niets."
    )
    zonder = f"Zaken waarvan niet bekend is wanneer zij begonnen: {aantal(reeks.zonder_begin)}."
    return sectie(
        "verloop",
        f"Aandeel per werkstroom, per {reeks.eenheid}",
        beeld(titel, figuur_verloop(reeks), uitleg, cijfers) if rijen else "",
        alinea(zonder) if reeks.zonder_begin or not rijen else "",
    )


def _met_aandeel(n: int, totaal: int) -> str:
    return f"{aantal(n)} ({procent(n, totaal)})" if n else "0"


def doorlooptijd(db: DuckDBPyConnection) -> Element:
    """How long zaken took from begin to end."""
    gemeten = duren(db)
    if not gemeten:
        return sectie(
            "doorlooptijd",
            "Doorlooptijd per werkstroom",
            alinea("Er is geen zaak met een begin en een einde."),
        )
    uitleg = (
        "De balk is de middelste helft van de zaken, de streep erdoor de mediaan. De dunne lijn"
        " loopt tot waar negen van de tien zaken klaar zijn."
    )
    if schaal_voor(gemeten).logaritmisch:
        uitleg += " Let op: elke streep op de as is vele malen langer dan de vorige."
    rijen = [
        (naam(d.werkstroom), aantal(d.aantal), *map(duur, (d.p25, d.mediaan, d.p75, d.p90)))
        for d in gemeten
    ]
    koppen = (
        "Werkstroom",
        "Zaken",
        "Een kwart binnen",
        "Mediaan",
        "Drie kwart binnen",
        "Negen van tien binnen",
    )
    return sectie(
        "doorlooptijd",
        "Doorlooptijd per werkstroom",
        beeld(
            "Doorlooptijd per werkstroom",
            figuur_duur(gemeten),
            uitleg,
            tabel("Doorlooptijd per werkstroom", koppen, rijen),
        ),
    )


def tussen_processen(db: DuckDBPyConnection) -> Element:
    """Who handed over to whom."""
    titel = "Overdrachten tussen processen"
    gezien = overdrachten(db)
    if not gezien:
        return sectie("overdrachten", titel, alinea("Er zijn geen overdrachten gezien."))
    rijen = [
        (
            o.van or _ONBEKEND,
            o.naar or _ONBEKEND,
            aantal(o.aantal),
            _JA_OF_NEE[staat_in_het_model(o)],
        )
        for o in gezien
    ]
    uitleg = (
        "Hoe dikker de pijl, hoe vaker er is overgedragen; het getal staat erbij. Een gestreepte"
        " pijl met een sterretje is een overdracht die het model niet kent."
    )
    koppen = ("Van", "Naar", "Overdrachten", "In het model")
    cijfers = tabel(titel, koppen, rijen, tekstkolommen=(0, 1, 3))
    return sectie("overdrachten", titel, beeld(titel, figuur_overdracht(gezien), uitleg, cijfers))
