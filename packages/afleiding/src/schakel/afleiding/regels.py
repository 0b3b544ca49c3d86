"""The versions of the rules, each with the closed list of types that it judges.

Domain, section 6.10.

A tree with a type that is not in the list is not judged: rules that do not know a message would
take for a deviation what that message explains. A type that is added to the contracts makes a new
version here; a version that is out never changes.
"""

from collections.abc import Collection, Mapping
from typing import Final

_EEN: Final = frozenset(
    {
        "nl.meldingen.aangenomen.v1",
        "nl.meldingen.verhelderd.v1",
        "nl.meldingen.beoordeeld.v1",
        "nl.meldingen.omgezet.v1",
        "nl.meldingen.voortgekomen.v1",
        "nl.meldingen.stap-gezet.v1",
        "nl.meldingen.overgedragen.v1",
        "nl.meldingen.overdracht-geweigerd.v1",
        "nl.meldingen.teruggekeerd.v1",
        "nl.meldingen.gecontroleerd.v1",
        "nl.meldingen.gereedgemeld.v1",
        "nl.meldingen.tevredenheid-gevraagd.v1",
        "nl.meldingen.tevredenheid-gecontroleerd.v1",
        "nl.meldingen.voltooid.v1",
        "nl.meldingen.geevalueerd.v1",
        "nl.meldingen.gesloten.v1",
        "nl.meldingen.ingetrokken.v1",
        "nl.meldingen.afgewezen.v1",
        "nl.meldingen.afgebroken.v1",
        "nl.meldingen.gekoppeld.v1",
        "nl.meldingen.koppeling-voltooid.v1",
        "nl.meldingen.opgeschort.v1",
        "nl.meldingen.hervat.v1",
        "nl.meldingen.termijn-verstreken.v1",
        "nl.meldingen.persoonsgegevens-gewist.v1",
        "nl.meldingen.afspreken.overeenstemming-bereikt.v1",
        "nl.meldingen.afspreken.geen-overeenstemming.v1",
        "nl.meldingen.afspreken.vastgesteld.v1",
        "nl.meldingen.wijzigen.vrijgegeven.v1",
        "nl.meldingen.wijzigen.register-bijgewerkt.v1",
        "nl.meldingen.herstellen.workaround-geboden.v1",
        "nl.meldingen.uitvoeren.uitgevoerd.v1",
        "nl.meldingen.verbeteren.oorzaak-vastgesteld.v1",
        "nl.meldingen.verbeteren.restrisico-bepaald.v1",
    }
)

REGELS: Final[Mapping[int, frozenset[str]]] = {
    1: _EEN,
    2: _EEN
    | {
        "nl.meldingen.overdracht-aangeboden.v1",
        "nl.meldingen.overdracht-teruggenomen.v1",
        "nl.meldingen.schakel-ingekomen.v1",
        "nl.meldingen.schakel-ingetrokken.v1",
    },
}
"""1: one organisation. 2: work of which another organisation does a part."""

REGELVERSIE: Final = max(REGELS)
"""The one that holds now; whoever judges by an older one says so."""


def nieuwer(typen: Collection[str], regels: int) -> tuple[str, ...]:
    """Those of ``typen`` that this version of the rules does not know."""
    return tuple(sorted({*typen} - REGELS[regels]))
