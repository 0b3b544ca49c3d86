"""What people wrote and who they are: beside the events, encrypted with a key per text (D7).

The key of a text is wrapped in the key of its aggregate, and that one in a master key outside the
database. So with the key of the aggregate all its texts are destroyed, each can be without the
others, and another master key costs one row per aggregate. Every ciphertext is bound to its place,
so two of them cannot be swapped unseen. History and replay do not notice that a text is gone.

A former version kept all texts of an aggregate under its one key, in ``kluis``: that is read for
ever. Only as long as it may work beside this one a copy is put there too, for it to read.
"""

import asyncio
import hmac
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schakel.kern.grond.weigering import Aangetast, NietGevonden, StartFout
from schakel.kern.opslag import Opslag, Rij
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.transactie import Transactie
from schakel.kern.zicht.meten import Meten

from .hoofdsleutel import (
    NONCE,
    ONGEMERKT,
    SLEUTEL,
    Hoofdsleutels,
    OnbekendeHoofdsleutel,
    Toeval,
    ontsleutel,
    versleutel,
    versleutel_met,
)

log = structlog.get_logger()

PARTIJ = 500
"""Rows that are replaced in one turn: others wait no longer than for any batch."""
SYSTEEM = Door("schakel", "systeem", "hoofdsleutel")
_BEWAAR_SLEUTEL = "INSERT INTO sleutels VALUES (?, ?)"
_BEWAAR = "INSERT INTO teksten VALUES (?, ?, ?, ?, ?, ?)"
_BEWAAR_ALS_VROEGER = (
    "INSERT INTO kluis VALUES (?, ?, ?)"
    " ON CONFLICT (reeks, soort) DO UPDATE SET inhoud = excluded.inhoud"
)
_VERVANG_SLEUTEL = "UPDATE sleutels SET sleutel = ? WHERE reeks = ?"
_SLEUTEL_VAN = "SELECT sleutel FROM sleutels WHERE reeks = ?"
_VOLGENDE = (
    "SELECT sleutel, (SELECT max(versie) FROM teksten t WHERE t.reeks = s.reeks AND t.soort = ?)"
    " FROM sleutels s WHERE s.reeks = ?"
)
_TEKSTEN = (
    "SELECT soort, versie, inhoud, hmac, sleutel FROM teksten WHERE reeks = ? ORDER BY versie"
)
_VAN_VROEGER = "SELECT soort, inhoud FROM kluis WHERE reeks = ?"
_TEKSTSLEUTELS = "SELECT soort, versie, sleutel FROM teksten WHERE reeks = ?"
_VENSTER = 20 * PARTIJ
"""Data keys that are looked at in one question, outside any turn."""
_EINDE_VENSTER = (
    "SELECT max(reeks) FROM (SELECT reeks FROM sleutels WHERE reeks > ? ORDER BY reeks LIMIT ?) v"
)
_ANDERS_INGEPAKT = (
    "SELECT reeks, sleutel FROM sleutels"
    " WHERE reeks >= ? AND reeks <= ? AND substr(sleutel, 1, 4) <> ? ORDER BY reeks"
)
_EERSTE = "SELECT reeks, sleutel FROM sleutels ORDER BY reeks LIMIT 1"
_ONGEMERKTE = "SELECT reeks, sleutel FROM sleutels WHERE length(sleutel) = ? LIMIT 100"
_GEMERKTE = "SELECT reeks, sleutel FROM sleutels WHERE substr(sleutel, 1, 4) = ? LIMIT 100"
_WEZEN = (
    "SELECT DISTINCT reeks FROM teksten t WHERE NOT EXISTS"
    " (SELECT 1 FROM sleutels s WHERE s.reeks = t.reeks) LIMIT ?"
)
_DUBBEL = (
    "SELECT DISTINCT k.reeks, k.soort FROM kluis k JOIN teksten t ON t.reeks = k.reeks"
    " AND (t.soort = k.soort OR k.soort = ? AND t.soort = ?) LIMIT ?"
)
_WIS_DUBBEL = "DELETE FROM kluis WHERE reeks = ? AND soort = ?"
_WIS = (
    "DELETE FROM sleutels WHERE reeks = ?",
    "DELETE FROM teksten WHERE reeks = ?",
    "DELETE FROM kluis WHERE reeks = ?",
)
_REEKS = 32
"""Characters: the id of an aggregate in hexadecimals."""

Plaats = tuple[str, str, int]
"""Of a text: reeks, soort and versie."""


class Kluis:
    """Puts texts away in the transaction of the batch, and gives them back to who may see them."""

    def __init__(
        self, opslag: Opslag, hoofdsleutels: Hoofdsleutels, meten: Meten | None = None
    ) -> None:
        """``hoofdsleutels`` never go into the database."""
        self._opslag = opslag
        self._toeval = Toeval()
        self._hoofdsleutels = hoofdsleutels
        self._meten = meten or Meten()
        self._kan_terug = opslag.kan_terug()

    def bewaar(
        self,
        werk: Transactie,
        reeks: UUID,
        teksten: Mapping[str, Any],
        als_vroeger: Mapping[str, Any] | None = None,
    ) -> None:
        """Put ``teksten`` away by kind, as the first of ``reeks``.

        ``als_vroeger`` is how a former version has them, where that differs.
        """
        sleutel, hex_ = self._toeval.trek(SLEUTEL), reeks.hex
        werk.rij(_BEWAAR_SLEUTEL, (hex_, self._hoofdsleutels.pak_in(sleutel, hex_)))
        van_reeks = AESGCM(sleutel)
        for soort, inhoud in teksten.items():
            self._bewaar(werk, van_reeks, (hex_, soort, 1), inhoud)
        self._bewaar_als_vroeger(werk, sleutel, hex_, als_vroeger or teksten)

    def bewaar_bij(self, werk: Transactie, reeks: UUID, soort: str, inhoud: Any) -> None:
        """Put another text with them; of a kind that is there already it is the next version."""
        rijen = self._opslag.vraag(_VOLGENDE, (soort, reeks.hex))
        if not rijen:
            self.bewaar(werk, reeks, {soort: inhoud})
            return
        ((ingepakt, versie),) = rijen
        with self._ongeschonden(reeks.hex):
            sleutel = self._hoofdsleutels.pak_uit(ingepakt, reeks.hex)
        self._bewaar(werk, AESGCM(sleutel), (reeks.hex, soort, (versie or 0) + 1), inhoud)
        self._bewaar_als_vroeger(werk, sleutel, reeks.hex, {soort: inhoud})

    def _bewaar(self, werk: Transactie, van_reeks: AESGCM, plaats: Plaats, inhoud: Any) -> None:
        toeval, plek = self._toeval.trek(SLEUTEL + 2 * NONCE), plek_van(*plaats)
        sleutel, gebonden = toeval[:SLEUTEL], plek.encode()
        nonce, ander = toeval[SLEUTEL:-NONCE], toeval[-NONCE:]
        tekst = versleutel_met(AESGCM(sleutel), nonce, msgspec.json.encode(inhoud), gebonden)
        ingepakt = versleutel_met(van_reeks, ander, sleutel, gebonden)
        werk.rij(_BEWAAR, (*plaats, tekst, _kenmerk(sleutel, plaats), ingepakt))
        werk.geheim[plek] = sleutel

    def _bewaar_als_vroeger(
        self, werk: Transactie, van_reeks: bytes, reeks: str, teksten: Mapping[str, Any]
    ) -> None:
        if not self._kan_terug:
            return
        for soort, inhoud in teksten.items():
            tekst, plek = msgspec.json.encode(inhoud), f"{reeks}|{soort}"
            geheim = versleutel(self._toeval, van_reeks, tekst, plek)
            werk.rij(_BEWAAR_ALS_VROEGER, (reeks, soort, geheim))

    def lees(self, reeks: UUID) -> dict[str, Any]:
        """The last text of each kind; raises NietGevonden when there are none (any more)."""
        gevonden: dict[str, Any] = {}
        with self._ongeschonden(reeks.hex):
            for soort, tekst in self._ontsleutel(reeks.hex):
                gevonden[soort] = msgspec.json.decode(tekst)
        if not gevonden:
            raise NietGevonden("inhoud-niet-gevonden", "hiervan is geen inhoud (meer) bewaard")
        return gevonden

    def _ontsleutel(self, reeks: str) -> Iterator[tuple[str, bytes]]:
        """The texts by kind, older ones first."""
        van_reeks = self._sleutel_van(reeks)
        if van_reeks is None:
            return
        for soort, inhoud in self._opslag.vraag(_VAN_VROEGER, (reeks,)):
            yield soort, ontsleutel(van_reeks, inhoud, f"{reeks}|{soort}")
        for soort, versie, inhoud, kenmerk, ingepakt in self._opslag.vraag(_TEKSTEN, (reeks,)):
            plaats = (reeks, soort, versie)
            sleutel = ontsleutel(van_reeks, ingepakt, plek_van(*plaats))
            if kenmerk != _kenmerk(sleutel, plaats):  # a ciphertext can open under two keys
                raise InvalidTag
            yield soort, ontsleutel(sleutel, inhoud, plek_van(*plaats))

    def sleutels_van(self, plekken: Sequence[str]) -> list[bytes] | None:
        """The keys of these places; None when one of them is erased."""
        gevonden: dict[str, bytes] = {}
        for reeks in {plek[:_REEKS] for plek in plekken}:
            with self._ongeschonden(reeks):
                if (van_reeks := self._sleutel_van(reeks)) is None:
                    return None
                gevonden[reeks] = van_reeks
                if gevonden.keys() >= set(plekken):
                    continue
                for soort, versie, ingepakt in self._opslag.vraag(_TEKSTSLEUTELS, (reeks,)):
                    if (plek := plek_van(reeks, soort, versie)) in plekken:
                        gevonden[plek] = ontsleutel(van_reeks, ingepakt, plek)
        is_heel = gevonden.keys() >= set(plekken)
        return [gevonden[plek] for plek in plekken] if is_heel else None

    def _sleutel_van(self, reeks: str) -> bytes | None:
        rijen = self._opslag.vraag(_SLEUTEL_VAN, (reeks,))
        return self._hoofdsleutels.pak_uit(rijen[0][0], reeks) if rijen else None

    @contextmanager
    def _ongeschonden(self, reeks: str) -> Iterator[None]:
        """What cannot be opened is told to whoever asks and to whoever looks after the service."""
        try:
            yield
        except InvalidTag as fout:
            reden = "inhoud-aangetast"
            uitleg = "de bewaarde inhoud is gewijzigd of verwisseld; meld dit"
            raise self._aangetast(reeks, Aangetast(reden, uitleg)) from fout
        except OnbekendeHoofdsleutel as fout:
            uitleg = "hiervan staat de hoofdsleutel niet in het sleutelbestand; meld dit"
            raise self._aangetast(reeks, Aangetast("hoofdsleutel-ontbreekt", uitleg)) from fout

    def _aangetast(self, reeks: str, fout: Aangetast) -> Aangetast:
        self._meten.aangetast(fout.code)
        log.error("inhoud_aangetast", object=str(UUID(hex=reeks)), reden=fout.code)
        return fout

    def wis(self, werk: Transactie, reeks: UUID) -> None:
        """Destroy the keys and the texts of ``reeks``."""
        _wis_alle([(reeks.hex,)], _WIS, werk)

    # Maintenance

    def keur(self) -> None:
        """Whether there is a key to what is kept here; raises StartFout when nothing opens."""
        if not self._opslag.vraag(_EERSTE) or any(map(self._opent, self._proeven())):
            return
        raise StartFout(
            "sleutel-past-niet",
            "geen hoofdsleutel in het sleutelbestand opent wat deze dienst bewaart: zet de"
            " hoofdsleutel van deze dienst terug; er is niets gewijzigd",
        )

    def _proeven(self) -> Iterator[Rij]:
        """Keys of aggregates, as wrapped: the first, and some of each key that could be ours."""
        yield from self._opslag.vraag(_EERSTE)
        yield from self._opslag.vraag(_ONGEMERKTE, (ONGEMERKT,))
        for merk in self._hoofdsleutels.merken:
            yield from self._opslag.vraag(_GEMERKTE, (merk,))

    def _opent(self, rij: Rij) -> bool:
        reeks, ingepakt = rij
        try:
            self._hoofdsleutels.pak_uit(ingepakt, reeks)
        except (InvalidTag, OnbekendeHoofdsleutel):
            return False
        return True

    async def zet_over(self, schrijver: Schrijver[Any], samen: str, deel: str) -> None:
        """No former version comes back: take away the copies that were put there for it.

        ``samen`` is what it kept as one, of which ``deel`` is always a part.
        """
        self._kan_terug = False
        vraag = partial(self._opslag.vraag, _DUBBEL, (samen, deel, PARTIJ))
        while rijen := await asyncio.to_thread(vraag):
            await schrijver.voer_uit(
                Taak(partial(_wis_alle, rijen, (_WIS_DUBBEL,)), type(None), SYSTEEM)
            )

    async def ruim_wezen(self, schrijver: Schrijver[Any]) -> None:
        """Take away what went with a key that a former version destroyed: it left the rest."""
        while rijen := await asyncio.to_thread(self._opslag.vraag, _WEZEN, (PARTIJ,)):
            await schrijver.voer_uit(Taak(partial(_wis_alle, rijen, _WIS), type(None), SYSTEEM))

    async def herpak(self, schrijver: Schrijver[Any]) -> int:
        """Wrap in the newest master key what is wrapped in another; return how many that were.

        What cannot be unwrapped stays as it is: who reads it is told.
        """
        totaal, na = 0, ""
        while einde := await asyncio.to_thread(self._einde_venster, na):
            rijen = await asyncio.to_thread(self._anders_ingepakt, na, einde)
            for begin in range(0, len(rijen), PARTIJ):
                deel = rijen[begin : begin + PARTIJ]
                doe = partial(self._herpak, deel[0][0], deel[-1][0])
                totaal += await schrijver.voer_uit(Taak(doe, int, SYSTEEM))
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
                    werk.wis(_VERVANG_SLEUTEL, (self._hoofdsleutels.pak_in(sleutel, reeks), reeks))
                    aantal += 1
        return aantal


def plek_van(reeks: str, soort: str, versie: int) -> str:
    """The place of a text in one word; that of the key of an aggregate is ``reeks`` alone."""
    return f"{reeks}/{soort}/{versie}"


def _kenmerk(sleutel: bytes, plaats: Plaats) -> bytes:
    """Commits to the key: of a ciphertext alone one can make another text under another key."""
    reeks, soort, versie = plaats
    return hmac.digest(sleutel, f"schakel\0{reeks}\0{soort}\0{versie}".encode(), "sha256")


def _wis_alle(rijen: Sequence[Rij], opdrachten: Sequence[str], werk: Transactie) -> None:
    for rij in rijen:
        for sql in opdrachten:
            werk.wis(sql, rij)
