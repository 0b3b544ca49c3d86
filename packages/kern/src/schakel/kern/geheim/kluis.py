"""What people wrote and who they are: beside the events, encrypted with a key per aggregate (D7).

The data key of an aggregate is wrapped by a master key outside the database. Every ciphertext is
bound to its place (aggregate and kind), so two of them cannot be swapped unseen. Erasure destroys
the data key: history and replay do not notice.
"""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import structlog
from cryptography.exceptions import InvalidTag

from schakel.kern.grond.weigering import NietGevonden
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.transactie import Transactie

from .hoofdsleutel import SLEUTEL, Hoofdsleutels, Toeval, ontsleutel, versleutel

log = structlog.get_logger()

_PARTIJ = 500
"""Data keys that are wrapped anew in one turn: others wait no longer than for any batch."""
_SYSTEEM = Door("schakel", "systeem", "hoofdsleutel")
_BEWAAR_SLEUTEL = "INSERT INTO sleutels VALUES (?, ?)"
_VERVANG_SLEUTEL = "UPDATE sleutels SET sleutel = ? WHERE reeks = ?"
_VENSTER = 20 * _PARTIJ
"""Data keys that are looked at in one question, outside any turn."""
_EINDE_VENSTER = (
    "SELECT max(reeks) FROM (SELECT reeks FROM sleutels WHERE reeks > ? ORDER BY reeks LIMIT ?) v"
)
_ANDERS_INGEPAKT = (
    "SELECT reeks, sleutel FROM sleutels"
    " WHERE reeks >= ? AND reeks <= ? AND substr(sleutel, 1, 4) <> ? ORDER BY reeks"
)
_BEWAAR = (
    "INSERT INTO kluis VALUES (?, ?, ?)"
    " ON CONFLICT (reeks, soort) DO UPDATE SET inhoud = excluded.inhoud"
)
_WIS_SLEUTEL = "DELETE FROM sleutels WHERE reeks = ?"
_WIS = "DELETE FROM kluis WHERE reeks = ?"


class Kluis:
    """Puts texts away in the transaction of the batch, and gives them back to who may see them."""

    def __init__(self, opslag: Opslag, hoofdsleutels: Hoofdsleutels) -> None:
        """``hoofdsleutels`` never go into the database."""
        self._opslag = opslag
        self._toeval = Toeval()
        self._hoofdsleutels = hoofdsleutels

    def bewaar(self, werk: Transactie, reeks: UUID, soort: str, inhoud: Any) -> None:
        """Put ``inhoud`` away under a fresh data key, as the first text of ``reeks``."""
        sleutel = self._toeval.trek(SLEUTEL)
        werk.rij(_BEWAAR_SLEUTEL, (reeks.hex, self._hoofdsleutels.pak_in(sleutel, reeks.hex)))
        self._bewaar(werk, sleutel, reeks, soort, inhoud)

    def bewaar_bij(self, werk: Transactie, reeks: UUID, soort: str, inhoud: Any) -> None:
        """Put another text with it; the first one if there is none yet."""
        if (sleutel := self._sleutel(reeks)) is None:
            self.bewaar(werk, reeks, soort, inhoud)
        else:
            self._bewaar(werk, sleutel, reeks, soort, inhoud)

    def _bewaar(
        self, werk: Transactie, sleutel: bytes, reeks: UUID, soort: str, inhoud: Any
    ) -> None:
        tekst = msgspec.json.encode(inhoud)
        geheim = versleutel(self._toeval, sleutel, tekst, f"{reeks.hex}|{soort}")
        werk.rij(_BEWAAR, (reeks.hex, soort, geheim))

    def _sleutel(self, reeks: UUID) -> bytes | None:
        rijen = self._opslag.vraag("SELECT sleutel FROM sleutels WHERE reeks = ?", (reeks.hex,))
        if not rijen:
            return None
        return self._hoofdsleutels.pak_uit(bytes(rijen[0][0]), reeks.hex)

    def lees(self, reeks: UUID) -> dict[str, Any]:
        """All texts of ``reeks`` by kind; raises NietGevonden when there are none (any more)."""
        rijen = self._opslag.vraag("SELECT soort, inhoud FROM kluis WHERE reeks = ?", (reeks.hex,))
        try:
            sleutel = self._sleutel(reeks)
            if sleutel is None or not rijen:
                raise NietGevonden("inhoud-niet-gevonden", "hiervan is geen inhoud (meer) bewaard")
            return {
                soort: msgspec.json.decode(
                    ontsleutel(sleutel, bytes(geheim), f"{reeks.hex}|{soort}")
                )
                for soort, geheim in rijen
            }
        except InvalidTag as fout:
            raise NietGevonden(
                "inhoud-aangetast", "de bewaarde inhoud is gewijzigd of verwisseld; meld dit"
            ) from fout
        except KeyError as fout:
            raise NietGevonden(
                "hoofdsleutel-ontbreekt", "hiervan staat de hoofdsleutel niet in het sleutelbestand"
            ) from fout

    async def herpak(self, schrijver: Schrijver[Any]) -> int:
        """Wrap in the newest master key what is wrapped in another; return how many that were.

        What cannot be unwrapped stays as it is: who reads it is told.
        """
        totaal, na = 0, ""
        while einde := await asyncio.to_thread(self._einde_venster, na):
            rijen = await asyncio.to_thread(self._anders_ingepakt, na, einde)
            for begin in range(0, len(rijen), _PARTIJ):
                deel = rijen[begin : begin + _PARTIJ]
                doe = partial(self._herpak, deel[0][0], deel[-1][0])
                totaal += await schrijver.voer_uit(Taak(doe, int, _SYSTEEM))
            na = einde
        if totaal:
            log.info("hoofdsleutel_vervangen", aantal=totaal)
        return totaal

    def _einde_venster(self, na: str) -> str | None:
        einde: str | None = self._opslag.vraag(_EINDE_VENSTER, (na, _VENSTER))[0][0]
        return einde

    def _anders_ingepakt(self, van: str, tot: str) -> list[tuple[str, bytes]]:
        rijen = self._opslag.vraag(_ANDERS_INGEPAKT, (van, tot, self._hoofdsleutels.merk))
        return [(reeks, bytes(ingepakt)) for reeks, ingepakt in rijen]

    def _herpak(self, van: str, tot: str, werk: Transactie) -> int:
        """Looked up again: what was erased meanwhile stays so."""
        aantal = 0
        for reeks, ingepakt in self._anders_ingepakt(van, tot):
            if self._hoofdsleutels.kent(ingepakt):
                with suppress(InvalidTag):
                    sleutel = self._hoofdsleutels.pak_uit(ingepakt, reeks)
                    werk.rij(_VERVANG_SLEUTEL, (self._hoofdsleutels.pak_in(sleutel, reeks), reeks))
                    aantal += 1
        return aantal

    def wis(self, werk: Transactie, reeks: UUID) -> None:
        """Destroy the data key and the texts of ``reeks``."""
        werk.rij(_WIS_SLEUTEL, (reeks.hex,))
        werk.rij(_WIS, (reeks.hex,))
