"""What can be asked of the orchestrator: reads on what was derived and on what was seen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from schakel.afleiding import laatste_uitgaven, lees
from schakel.contracts import gelijkheid
from schakel.contracts.werkstromen import WERKSTROMEN
from schakel.kern.grond.weigering import NietGevonden
from schakel.kern.opslag import Opslag

FILTERS: Mapping[str, str] = {
    "werkstroom": "werkstroom = ?",
    "status": "status = ?",
    "proces": "proces = ?",
    "afwijking": "(afwijkingen > 0) = ?",
    "onbeslist": "(werkstroom IS NULL) = ?",
    "na": "wortel > ?",
}


class _Tijdregel(msgspec.Struct, rename="camel"):
    """The part of a message that the timeline shows."""

    id: str
    source: str
    type: str
    time: str
    data: msgspec.Raw


_TIJDREGEL = msgspec.json.Decoder(_Tijdregel)


class Vragen:
    """Reads; they never wait for the writer."""

    def __init__(self, opslag: Opslag) -> None:
        """Straight from the store."""
        self._opslag = opslag

    def werkstromen(self) -> list[dict[str, Any]]:
        """The eight, with how many first meldingen follow each."""
        rijen = self._opslag.vraag("SELECT werkstroom, count(*) FROM bomen GROUP BY werkstroom")
        aantallen: dict[int | None, int] = dict(rijen)
        return [
            {
                "nummer": w.nummer,
                "woord": w.woord,
                "pad": [p.value for p in w.pad],
                "meldingsoort": w.meldingsoort.value,
                "aantal": aantallen.get(w.nummer, 0),
            }
            for w in WERKSTROMEN
        ]

    def onbeslist(self) -> int:
        """How many first meldingen have no number (yet)."""
        return int(self._opslag.vraag("SELECT count(*) FROM bomen WHERE werkstroom IS NULL")[0][0])

    def lijst(self, filters: Mapping[str, Any], limiet: int) -> tuple[list[bytes], str | None]:
        """A page of derivations as JSON, and the cursor of the next page."""
        gekozen = {naam: waarde for naam, waarde in filters.items() if waarde is not None}
        waar = " AND ".join(FILTERS[naam] for naam in gekozen) or "1 = 1"
        rijen = self._opslag.vraag(
            f"SELECT wortel, afleiding FROM bomen WHERE {waar} ORDER BY wortel LIMIT ?",  # noqa: S608
            (*gekozen.values(), limiet + 1),
        )
        volgende = rijen[limiet - 1][0] if len(rijen) > limiet else None
        return [bytes(afleiding) for _, afleiding in rijen[:limiet]], volgende

    def afleiding(self, melding_id: str) -> bytes:
        """The derivation of the tree in which a melding stands, as JSON; raises NietGevonden."""
        rijen = self._opslag.vraag(
            "SELECT afleiding FROM bomen WHERE wortel IN"
            " (SELECT wortel FROM gezien WHERE melding = ? AND vreemd = 0 UNION SELECT ?) LIMIT 1",
            (melding_id, melding_id),
        )
        if not rijen:
            raise NietGevonden("niet-gevonden", f"van melding {melding_id} is (nog) niets gezien")
        return bytes(rijen[0][0])

    def tijdlijn(self, melding_id: str) -> list[_Tijdregel]:
        """All messages of the tree in which a melding stands, by the time they were logged.

        Of what was imported only what counts: not what a later import took the place of.
        """
        rijen = self._opslag.vraag(
            "SELECT waarde FROM gezien WHERE vreemd = 0 AND wortel IN"
            " (SELECT wortel FROM gezien WHERE melding = ? AND vreemd = 0 UNION SELECT ?)",
            (melding_id, melding_id),
        )
        if not rijen:
            raise NietGevonden("niet-gevonden", f"van melding {melding_id} is (nog) niets gezien")
        # Nothing here may tell which came first: of equals the lowest bytes stand for all.
        waarden = sorted(bytes(waarde) for (waarde,) in rijen)
        geldend = {(w.source, w.id) for w in laatste_uitgaven([lees(ruw) for ruw in waarden])}
        eens: dict[tuple[str, str, bytes], _Tijdregel] = {}
        for regel in map(_TIJDREGEL.decode, waarden):
            if (regel.source, regel.id) in geldend:
                wat = gelijkheid.inhoud(regel.type, bytes(regel.data))
                eens.setdefault((regel.source, regel.id, wat), regel)
        return sorted(eens.values(), key=lambda r: (datetime.fromisoformat(r.time), r.source, r.id))

    def laatste_wijziging(self) -> int:
        """The number of the last change."""
        return int(self._opslag.vraag("SELECT coalesce(max(wijziging), 0) FROM bomen")[0][0])

    def gewijzigd_na(
        self, wijziging: int, limiet: int = 100, wortel: str | None = None
    ) -> list[tuple[int, bytes]]:
        """Trees that changed since: each once, as it is now."""
        rijen = self._opslag.vraag(
            "SELECT wijziging, afleiding FROM bomen WHERE wijziging > ?"
            " AND (CAST(? AS TEXT) IS NULL OR wortel = ?) ORDER BY wijziging LIMIT ?",
            (wijziging, wortel, wortel, limiet),
        )
        return [(nummer, bytes(afleiding)) for nummer, afleiding in rijen]
