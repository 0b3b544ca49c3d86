"""The contracts of this organisation: files in a folder, looked at again while the service runs."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

import structlog

from schakel.bewijs import (
    BewijsFout,
    Contractant,
    Contractsleutel,
    Logsleutels,
    controleer_overeenkomst,
    lees_jwk,
    uit_base64url,
)
from schakel.contracts.schakels.jws import Contractfout, lees_jws
from schakel.contracts.schakels.overeenkomst import (
    ZENDER,
    Overeenkomst,
    Partij,
    kenmerk_van,
    lees_overeenkomst,
    oorsprong_van,
)
from schakel.contracts.schakels.tijd import lees_tijdstip

from .logboek import Sleutellezer, Sleutelrij
from .sleutels import Logboeksleutels

PATROON: Final = "*.overeenkomst.json"
TIJDIG: Final = timedelta(days=30)
"""So long before a contract ends somebody is told."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Getekend:
    """A contract that both signed."""

    kenmerk: str
    inhoud: Overeenkomst


@dataclass(frozen=True)
class Partner:
    """Another organisation as the contract has it, seen from ours (``wij``)."""

    wij: str
    zij: str
    nu: Getekend
    vorige: Getekend | None = None
    tot: datetime | None = None
    """Until when one that is signed follows the other without a gap; None: not looked at."""

    @property
    def einde(self) -> datetime:
        """When no contract holds any more, as far as was signed by now."""
        return self.tot or lees_tijdstip(self.nu.inhoud.geldig_tot)

    @cached_property
    def _eigen(self) -> Partij:
        return self.nu.inhoud.partij(self.wij)

    @cached_property
    def _ander(self) -> Partij:
        return self.nu.inhoud.partij(self.zij)

    @property
    def adres(self) -> str | None:
        """Where they can be called; None: they call."""
        return self._ander.basis

    @property
    def wij_sturen(self) -> bool:
        """Whether we bring our own log: each its own, or one of the two makes all calls."""
        return self.nu.inhoud.beller in (ZENDER, self.wij)

    @property
    def wij_halen(self) -> bool:
        """Whether we fetch theirs."""
        return self.nu.inhoud.beller == self.wij

    @property
    def zij_bellen(self) -> bool:
        """Whether they come themselves for what they lost."""
        return self.nu.inhoud.beller in (ZENDER, self.zij)

    @cached_property
    def kenmerken(self) -> tuple[str, ...]:
        """Of the present contract and of the one before it, which the other may still have."""
        vorige = () if self.vorige is None else (self.vorige.kenmerk,)
        return (self.nu.kenmerk, *vorige)

    @cached_property
    def sleutels_uit(self) -> Sleutellezer:
        """Of our log to them."""
        return self._sleutels(self.wij, self.zij)

    @cached_property
    def sleutels_in(self) -> Sleutellezer:
        """Of theirs to us."""
        return self._sleutels(self.zij, self.wij)

    def _sleutels(self, van: str, naar: str) -> Sleutellezer:
        begin = Logsleutels.begin(oorsprong_van(van, naar), self.nu.inhoud.partij(van).logsleutel)
        contracten = [een for een in (self.nu, self.vorige) if een is not None]
        sleutels = tuple(lees_jwk(een.inhoud.partij(van).contractsleutel) for een in contracten)
        return _Lezer(van, sleutels, begin)


@dataclass(frozen=True)
class _Lezer:
    zender: str
    contractsleutels: tuple[Contractsleutel, ...]
    begin: Logsleutels

    def __call__(self, rij: bytes | None) -> Sleutelrij:
        lijst = self.begin if rij is None else Logsleutels.uit_rij(rij)
        return Logboeksleutels(self.zender, self.contractsleutels, lijst)


class Overeenkomsten:
    """Those in a folder; a new file counts without a restart, a bad one is told of and skipped."""

    def __init__(self, map_: Path, oin: str, klok: Callable[[], datetime]) -> None:
        """``oin`` is ours; nothing is read yet."""
        self._map = map_
        self._oin = oin
        self._klok = klok
        self._gelezen: dict[Path, tuple[tuple[int, int], Getekend | None]] = {}

    def nu(self) -> datetime:
        """The time by which they hold."""
        return self._klok()

    def partners(self) -> Mapping[str, Partner]:
        """By OIN, those with a contract that holds now: of each the one that replaced the others.

        Reads files: for a thread.
        """
        per_partner: dict[str, list[Getekend]] = {}
        for een in self._lees():
            if any(partij.oin == self._oin for partij in een.inhoud.partijen):
                per_partner.setdefault(een.inhoud.partner(self._oin).oin, []).append(een)
        nu = self._klok()
        gevonden = {}
        for zij, rij in per_partner.items():
            # What is not in force yet replaces nothing.
            begonnen = [een for een in rij if lees_tijdstip(een.inhoud.geldig_vanaf) <= nu]
            op_volgorde = sorted(begonnen, key=lambda een: een.inhoud.volgnummer)
            if op_volgorde and op_volgorde[-1].inhoud.geldt_op(nu):
                *eerder, laatste = op_volgorde
                vorige = eerder[-1] if eerder else None
                gevonden[zij] = Partner(self._oin, zij, laatste, vorige, _zonder_gat(laatste, rij))
        return gevonden

    def _lees(self) -> list[Getekend]:
        gelezen = {}
        for pad in sorted(self._map.glob(PATROON)):
            stat = pad.stat()
            merk = (stat.st_mtime_ns, stat.st_size)
            eerder = self._gelezen.get(pad)
            gelezen[pad] = eerder if eerder and eerder[0] == merk else (merk, _lees_bestand(pad))
        self._gelezen = gelezen
        return [een for _, een in gelezen.values() if een is not None]


def _zonder_gat(nu: Getekend, rij: Sequence[Getekend]) -> datetime:
    """When the last of those ends that take each other's place without a gap, from ``nu`` on."""
    nummer, tot = nu.inhoud.volgnummer, lees_tijdstip(nu.inhoud.geldig_tot)
    for een in sorted(rij, key=lambda een: lees_tijdstip(een.inhoud.geldig_vanaf)):
        volgt_op = lees_tijdstip(een.inhoud.geldig_vanaf) <= tot
        if een.inhoud.volgnummer > nummer and volgt_op:
            nummer, tot = een.inhoud.volgnummer, lees_tijdstip(een.inhoud.geldig_tot)
    return tot


def _lees_bestand(pad: Path) -> Getekend | None:
    gelezen = None
    with suppress(OSError, Contractfout, BewijsFout):
        gelezen = lees_getekend(pad.read_bytes())
    if gelezen is None:
        log.error("overeenkomst_onbruikbaar", bestand=pad.name)
    return gelezen


def lees_getekend(ruw: bytes) -> Getekend:
    """A contract with both signatures; raises Contractfout or BewijsFout."""
    jws = lees_jws(ruw)
    payload = uit_base64url(jws.payload)
    inhoud = lees_overeenkomst(payload)
    partijen = [Contractant(p.oin, p.contractsleutel, p.logsleutel) for p in inhoud.partijen]
    controleer_overeenkomst(jws.payload, jws.paren, partijen)
    return Getekend(kenmerk_van(payload), inhoud)
