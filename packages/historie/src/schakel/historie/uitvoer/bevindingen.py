"""The sections of the report about what did not go as the model has it, and how it was made."""

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

from schakel.contracts.werkstromen import NUMMER_VAN_WOORD

from .cijfers import verplaatsingen
from .getallen import aantal, procent
from .onderdelen import alinea, ingekort, sectie, tabel, tabel_of
from .opmaak import Element, el
from .samenvatting import Samenvatting

_RIJEN: Mapping[str, str] = {
    "gelezen": "Gelezen",
    "gebruikt": "Gebruikt: een regel maakt er een gebeurtenis van",
    "notities": "Notities: horen bij een zaak, maar veranderen niets",
    "geweigerd": "Geweigerd: niet te lezen; de reden staat per rij in geweigerd.csv",
}
_VUIL: Mapping[str, str] = {
    "ongesorteerd": "Rijen die in de tijd teruggaan",
    "gelijktijdig": "Rijen met dezelfde tijd als een andere rij van de zaak",
    "dubbel": "Rijen die er twee keer staan",
    "onmogelijkeTijden": "Rijen met een onmogelijke tijd",
    "zonderTijd": "Rijen zonder tijd",
}


def onbeslist(s: Samenvatting) -> Element:
    """Why some zaken have no number: nothing was guessed."""
    rijen = [
        (reden, aantal(n), procent(n, s.onbeslist))
        for reden, n in _naar_grootte(s.onbeslist_redenen)
    ]
    return sectie(
        "onbeslist",
        "Onbesliste zaken",
        alinea(
            "Wat de bron niet laat zien, is niet geraden. Van deze zaken is het nummer niet bekend."
        ),
        tabel_of(
            "Er zijn geen onbesliste zaken.",
            "Onbesliste zaken naar reden",
            ("Reden", "Zaken", "Aandeel van onbeslist"),
            rijen,
        ),
    )


def verplaatst(db: DuckDBPyConnection) -> Element:
    """Zaken that turned out to be something else on the way."""
    rijen = [(weg, aantal(n)) for weg, n in verplaatsingen(db)]
    return sectie(
        "verplaatst",
        "Verplaatste zaken",
        alinea("Onderweg kan blijken dat er meer nodig is. Dan krijgt een zaak een ander nummer."),
        tabel_of(
            "Er zijn geen verplaatste zaken.",
            "Zaken naar de nummers die zij kregen",
            ("Van en naar werkstroom", "Zaken"),
            rijen,
        ),
    )


def paden_en_afwijkingen(s: Samenvatting) -> Element:
    """What was walked most, and where it left the model most."""
    paden = [(pad or "(leeg)", _wat_is(pad), aantal(n)) for pad, n in s.woorden]
    afwijkingen = [(code, uitleg, aantal(n)) for code, uitleg, n in s.afwijkingen]
    return sectie(
        "paden",
        "Gelopen paden en afwijkingen",
        el("h3", "Meest gelopen paden"),
        tabel_of(
            "Er zijn geen paden gezien.",
            "De tien meest gelopen paden",
            ("Pad", "Volledige werkstroom", "Zaken"),
            paden,
            tekstkolommen=(0, 1),
        ),
        el("h3", "Meest gevonden afwijkingen"),
        tabel_of(
            "Er zijn geen afwijkingen gevonden.",
            "De tien meest gevonden afwijkingen",
            ("Code", "Uitleg", "Aantal"),
            afwijkingen,
            tekstkolommen=(0, 1),
        ),
    )


def _wat_is(pad: str) -> str:
    return f"ja, {NUMMER_VAN_WOORD[pad]}" if pad in NUMMER_VAN_WOORD else "nee"


def zonder_regel(s: Samenvatting) -> Element:
    """Where the mapping may be improved: values of the log that it says nothing about."""
    regels = (
        alinea("Regels van de mapping die niets raakten:"),
        el("ul", (el("li", ingekort(r)) for r in s.ongebruikte_regels)),
    )
    return sectie(
        "onaangeraakt",
        "Rijen die geen regel raakt",
        alinea("Over deze waarden zegt de mapping niets. Horen zij ergens bij, vul haar dan aan."),
        tabel_of(
            "Elke rij wordt door een regel geraakt.",
            "Waarden die geen regel raakt",
            ("Waarde in de bron", "Rijen"),
            [(waarde or "(leeg)", aantal(n)) for waarde, n in s.onaangeraakt],
        ),
        regels if s.ongebruikte_regels else "",
    )


def rijen_en_vuil(s: Samenvatting) -> Element:
    """What the log was like; nothing of it was thrown away in silence."""
    gelezen = s.rijen.get("gelezen", 0)
    return sectie(
        "rijen",
        "Rijen en vuil in de bron",
        tabel(
            "Rijen van de bron",
            ("Wat", "Rijen", "Aandeel"),
            [(_RIJEN.get(wat, wat), aantal(n), procent(n, gelezen)) for wat, n in s.rijen.items()],
        ),
        tabel(
            "Vuil in de bron",
            ("Wat", "Rijen"),
            [(_VUIL.get(wat, wat), aantal(n)) for wat, n in s.vuil.items()],
        ),
    )


def verantwoording(s: Samenvatting, versie: str) -> Element:
    """From what, with what, and what was left out on purpose."""
    return sectie(
        "verantwoording",
        "Hoe dit rapport is gemaakt",
        el(
            "dl",
            el("dt", "Bestanden"),
            (el("dd", ingekort(bestand)) for bestand in s.bestanden),
            el("dt", "Mapping"),
            el("dd", ingekort(s.mapping)),
            el("dt", "Versie"),
            el("dd", f"schakel {versie}"),
        ),
        alinea(
            "De werkstroom volgt alleen uit wat er in de bron staat: eerst zeggen de regels van de"
            " mapping wat elke rij betekent, daarna geldt het procesmodel van NORA. Dezelfde bron"
            " en dezelfde mapping geven hetzelfde rapport. Alle tijden zijn in UTC."
        ),
        alinea(
            "In dit rapport staan geen zaaknummers: die kunnen naar personen verwijzen. Per zaak"
            " staat alles in zaken.csv en gebeurtenissen.csv. Wel in dit rapport staan waarden uit"
            " de bron die geen regel raakt, en ook kleine aantallen: die kunnen iets over een"
            " enkele zaak zeggen. Kijk ze na voordat u het rapport deelt."
        ),
    )


def _naar_grootte(aantallen: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(aantallen.items(), key=lambda paar: (-paar[1], paar[0]))
