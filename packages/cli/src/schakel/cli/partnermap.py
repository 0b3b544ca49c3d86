"""The folder of contracts: one file per partner, and what it replaced.

``<a>-<b>.overeenkomst.json`` is the one in force between two organisations (OINs, the lower first).
What was replaced or withdrawn stays beside it, under a name with its id and volgnummer: so the one
before is known, and an old one cannot come back. A file appears and goes whole, so whoever reads
the folder anew has what holds now.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from schakel.bewijs import BewijsFout, Contractant, controleer_overeenkomst, uit_base64url
from schakel.contracts.schakels.jws import Contractfout, Jws, lees_jws
from schakel.contracts.schakels.overeenkomst import Overeenkomst, kenmerk_van, lees_overeenkomst
from schakel.kern.grond.weigering import NietGevonden, Ongeldig, StartFout, Weigering

GROOTSTE_BESTAND: Final = 524_288
_GELDEND: Final = re.compile(r"([0-9]{20})-([0-9]{20})\.overeenkomst\.json")
_EERDER: Final = re.compile(r"\.([0-9a-f-]{36})\.([1-9][0-9]*)\.(vervangen|ingetrokken)\.json")


@dataclass(frozen=True, slots=True)
class GeslotenOvereenkomst:
    """A contract that both signed: what it says, what it is known by, and its file as it came."""

    inhoud: Overeenkomst
    kenmerk: str
    bestand: bytes


@dataclass(frozen=True, slots=True)
class Partnerregel:
    """What the folder has of one pair: a contract, or why its file is none."""

    pad: Path
    overeenkomst: GeslotenOvereenkomst | None
    uitleg: str = ""


def open_overeenkomst(bestand: bytes) -> GeslotenOvereenkomst:
    """A signed file, judged whole; raises Ongeldig."""
    jws, payload, inhoud = lees_voorstel(bestand)
    with in_het_kort():
        controleer_overeenkomst(jws.payload, jws.paren, contractanten(inhoud))
    return GeslotenOvereenkomst(inhoud, kenmerk_van(payload), bestand)


def lees_voorstel(bestand: bytes) -> tuple[Jws, bytes, Overeenkomst]:
    """The form, the payload and what it says; who signed it is not judged. Raises Ongeldig."""
    with in_het_kort():
        jws = lees_jws(bestand)
        payload = uit_base64url(jws.payload)
        return jws, payload, lees_overeenkomst(payload)


def contractanten(inhoud: Overeenkomst) -> list[Contractant]:
    """The parties, as who judges signatures takes them."""
    return [Contractant(een.oin, een.contractsleutel, een.logsleutel) for een in inhoud.partijen]


@contextmanager
def in_het_kort() -> Iterator[None]:
    """What is wrong with a contract or a key, as the command says things."""
    try:
        yield
    except BewijsFout as fout:
        raise Ongeldig("overeenkomst-ongeldig", fout.uitleg) from None
    except Contractfout as fout:
        raise Ongeldig("overeenkomst-ongeldig", str(fout)) from None


class Partnermap:
    """The contracts of one organisation."""

    def __init__(self, map_: Path, oin: str) -> None:
        """``oin`` is ours: a contract of others is none of ours."""
        self._map = map_
        self._oin = oin

    def geldend(self) -> Iterator[Partnerregel]:
        """Every pair that has a contract, whether or not it holds today; a bad file is one line."""
        paden = self._map.iterdir() if self._map.is_dir() else ()
        for pad in sorted(pad for pad in paden if _GELDEND.fullmatch(pad.name)):
            try:
                yield Partnerregel(pad, self._open(pad))
            except (Ongeldig, StartFout) as fout:
                yield Partnerregel(pad, None, fout.uitleg)

    def vorige(self, inhoud: Overeenkomst) -> GeslotenOvereenkomst | None:
        """The one that this one took the place of."""
        eerder = self._eerder(inhoud)
        nummers = [n for (id_, n), soort in eerder.items() if soort == "vervangen"]
        nummers = [n for n in nummers if n < inhoud.volgnummer]
        if not nummers:
            return None
        return self._open(self._naam(inhoud, f"{inhoud.overeenkomst_id}.{max(nummers)}.vervangen"))

    def aanvaard(self, bestand: bytes, nu: datetime) -> GeslotenOvereenkomst:
        """Take a contract in; the same one again is good. Raises Ongeldig or Weigering."""
        nieuw = open_overeenkomst(bestand)
        inhoud = nieuw.inhoud
        if self._oin not in {een.oin for een in inhoud.partijen}:
            raise Weigering("geen-partij", f"{self._oin} is geen partij bij deze overeenkomst")
        pad = self._naam(inhoud, "overeenkomst")
        oud = self._open(pad) if pad.exists() else None
        if oud is not None and oud.kenmerk == nieuw.kenmerk:
            return oud
        self._keur_opvolging(inhoud, oud, nu)
        if oud is not None:
            schrijf_bestand(self._archief(oud.inhoud, "vervangen"), oud.bestand)
        schrijf_bestand(pad, bestand)
        return nieuw

    def trek_in(self, partner: str) -> Path:
        """Let the contract with this organisation hold no longer; where it is kept."""
        pad = self._map / f"{_paar(self._oin, partner)}.overeenkomst.json"
        if not pad.exists():
            raise NietGevonden("geen-overeenkomst", f"er is geen overeenkomst met {partner}")
        naar = self._archief(self._open(pad).inhoud, "ingetrokken")
        try:
            pad.rename(naar)
        except OSError as fout:
            raise _niet_geschreven(naar, fout) from None
        return naar

    def _keur_opvolging(
        self, inhoud: Overeenkomst, oud: GeslotenOvereenkomst | None, nu: datetime
    ) -> None:
        eerder = [n for (id_, n) in self._eerder(inhoud) if id_ == inhoud.overeenkomst_id]
        if oud is not None:
            if oud.inhoud.overeenkomst_id != inhoud.overeenkomst_id:
                raise Weigering(
                    "andere-overeenkomst",
                    "trek eerst de overeenkomst in die er met deze partner is",
                )
            eerder.append(oud.inhoud.volgnummer)
        if inhoud.volgnummer <= max(eerder, default=0):
            raise Weigering(
                "overeenkomst-ouder",
                f"volgnummer {inhoud.volgnummer} is er geweest; een nieuwe heeft een hoger",
            )
        begint, eindigt = inhoud.geldig_vanaf, inhoud.geldig_tot
        if inhoud.is_voorbij_op(nu):
            raise Weigering("overeenkomst-verlopen", f"deze overeenkomst gold tot {eindigt}")
        if oud is not None and oud.inhoud.geldt_op(nu) and not inhoud.geldt_op(nu):
            raise Weigering(
                "overeenkomst-te-vroeg",
                f"deze geldt pas vanaf {begint}, en zou een vervangen die nu geldt",
            )
        for ander in self._alle_van(inhoud, oud):
            if any(een.logsleutel != ander.partij(een.oin).logsleutel for een in inhoud.partijen):
                raise Weigering(
                    "andere-logsleutel",
                    "de eerste logsleutels van deze twee blijven zoals ze waren",
                )

    def _alle_van(
        self, inhoud: Overeenkomst, oud: GeslotenOvereenkomst | None
    ) -> Iterator[Overeenkomst]:
        if oud is not None:
            yield oud.inhoud
        for (id_, nummer), soort in self._eerder(inhoud).items():
            yield self._open(self._naam(inhoud, f"{id_}.{nummer}.{soort}")).inhoud

    def _eerder(self, inhoud: Overeenkomst) -> dict[tuple[str, int], str]:
        """What there was between these two: id and volgnummer, and how it ended."""
        begin = _paar(*(een.oin for een in inhoud.partijen))
        namen = [pad.name for pad in self._map.glob(f"{begin}.*.json")]
        gevonden = [_EERDER.fullmatch(naam.removeprefix(begin)) for naam in sorted(namen)]
        return {(een[1], int(een[2])): een[3] for een in gevonden if een}

    def _archief(self, inhoud: Overeenkomst, soort: str) -> Path:
        return self._naam(inhoud, f"{inhoud.overeenkomst_id}.{inhoud.volgnummer}.{soort}")

    def _naam(self, inhoud: Overeenkomst, rest: str) -> Path:
        return self._map / f"{_paar(*(een.oin for een in inhoud.partijen))}.{rest}.json"

    def _open(self, pad: Path) -> GeslotenOvereenkomst:
        try:
            gelezen = open_overeenkomst(lees_bestand(pad))
        except Ongeldig as fout:
            raise Ongeldig(fout.code, f"{pad.name}: {fout.uitleg}") from None
        begin = _paar(*(een.oin for een in gelezen.inhoud.partijen))
        if self._oin not in begin.split("-") or not pad.name.startswith(f"{begin}."):
            raise Ongeldig("overeenkomst-ongeldig", f"{pad.name} heet naar een andere overeenkomst")
        return gelezen


def lees_bestand(pad: Path) -> bytes:
    """A file that was named to us; StartFout when it cannot be read."""
    try:
        with pad.open("rb") as open_bestand:
            return open_bestand.read(GROOTSTE_BESTAND + 1)
    except OSError as fout:
        raise StartFout("bestand-onleesbaar", f"kan {pad} niet lezen: {fout.strerror}") from None


def schrijf_bestand(pad: Path, inhoud: bytes) -> None:
    """A file whole and on disk, or not at all; StartFout when that cannot be."""
    try:
        pad.parent.mkdir(parents=True, exist_ok=True)
        greep, naam = mkstemp(dir=pad.parent, prefix=f".{pad.name}.")
        try:
            with os.fdopen(greep, "wb") as nieuw:
                nieuw.write(inhoud)
                nieuw.flush()
                os.fsync(nieuw.fileno())
            Path(naam).chmod(0o644)
            Path(naam).replace(pad)
        finally:
            Path(naam).unlink(missing_ok=True)
    except OSError as fout:
        raise _niet_geschreven(pad, fout) from None


def _niet_geschreven(pad: Path, fout: OSError) -> StartFout:
    return StartFout("bestand-niet-geschreven", f"kan {pad} niet schrijven: {fout.strerror}")


def _paar(een: str, ander: str) -> str:
    return "-".join(sorted((een, ander)))
