"""The folder of contracts, as the grens reads it: what is in a file counts, not its name.

Each contract that both signed is a file of its own, ``*.overeenkomst.json``. Of those between two
organisations the highest volgnummer that has begun is in force. So a renewal is one file more, and
the one before is still known. What is withdrawn stays under another name, so that it cannot come
back. A file appears and goes whole: whoever reads the folder anew has what holds now.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from schakel.bewijs import BewijsFout, Contractant, uit_base64url
from schakel.contracts.schakels.jws import Contractfout, Jws, lees_jws
from schakel.contracts.schakels.overeenkomst import Overeenkomst, lees_overeenkomst
from schakel.grens.overeenkomsten import lees_getekend
from schakel.kern.grond.weigering import NietGevonden, Ongeldig, StartFout, Weigering

GROOTSTE_BESTAND: Final = 524_288
_GELDT: Final = ".overeenkomst.json"
_GOLD: Final = ".ingetrokken.json"


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
    with in_het_kort():
        getekend = lees_getekend(bestand)
    return GeslotenOvereenkomst(getekend.inhoud, getekend.kenmerk, bestand)


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

    def geldend(self, nu: datetime) -> list[Partnerregel]:
        """What is not replaced: in force, over, or still to begin. A bad file is one line too."""
        regels = self._lees(_GELDT)
        begonnen: dict[str, int] = {}
        for regel in regels:
            if (een := regel.overeenkomst) is not None and een.inhoud.is_begonnen_op(nu):
                partner = een.inhoud.partner(self._oin).oin
                begonnen[partner] = max(begonnen.get(partner, 0), een.inhoud.volgnummer)
        return [
            regel
            for regel in regels
            if (een := regel.overeenkomst) is None
            or een.inhoud.volgnummer >= begonnen.get(een.inhoud.partner(self._oin).oin, 0)
        ]

    def aanvaard(self, bestand: bytes, nu: datetime) -> GeslotenOvereenkomst:
        """Take a contract in; the same one again is good. Raises Ongeldig or Weigering."""
        nieuw = open_overeenkomst(bestand)
        inhoud = nieuw.inhoud
        if not self._is_partij(inhoud):
            raise Weigering("geen-partij", f"{self._oin} is geen partij bij deze overeenkomst")
        partner = inhoud.partner(self._oin).oin
        geldt = [een for _, een in self._met(partner, _GELDT)]
        if nieuw.kenmerk not in {een.kenmerk for een in geldt}:
            gold = [een for _, een in self._met(partner, _GOLD)]
            _keur_opvolging(nieuw, [een.inhoud for een in geldt], gold, nu)
            naam = f"{'-'.join(sorted((self._oin, partner)))}.{inhoud.volgnummer}{_GELDT}"
            schrijf_bestand(self._map / naam, bestand)
        return nieuw

    def trek_in(self, partner: str) -> list[Path]:
        """Let no contract with this organisation hold any longer; where they are kept.

        The newest goes last: one that it replaced never holds in between.
        """
        geldt = sorted(self._met(partner, _GELDT), key=lambda een: een[1].inhoud.volgnummer)
        if not geldt:
            raise NietGevonden("geen-overeenkomst", f"er is geen overeenkomst met {partner}")
        namen = []
        for pad, een in geldt:
            naar = pad.with_name(f"{pad.name.removesuffix(_GELDT)}.{een.kenmerk[:8]}{_GOLD}")
            try:
                pad.rename(naar)
            except OSError as fout:
                raise _niet_geschreven(naar, fout) from None
            namen.append(naar)
        return namen

    def _met(self, partner: str, soort: str) -> list[tuple[Path, GeslotenOvereenkomst]]:
        """The good ones of this kind with this organisation."""
        return [
            (regel.pad, een)
            for regel in self._lees(soort)
            if (een := regel.overeenkomst) is not None
            and een.inhoud.partner(self._oin).oin == partner
        ]

    def _lees(self, soort: str) -> list[Partnerregel]:
        paden = sorted(self._map.glob(f"*{soort}")) if self._map.is_dir() else []
        return [self._regel(pad) for pad in paden]

    def _regel(self, pad: Path) -> Partnerregel:
        try:
            een = open_overeenkomst(lees_bestand(pad))
        except (Ongeldig, StartFout) as fout:
            return Partnerregel(pad, None, f"{pad.name}: {fout.uitleg}")
        if not self._is_partij(een.inhoud):
            return Partnerregel(pad, None, f"{pad.name}: {self._oin} is hier geen partij bij")
        return Partnerregel(pad, een)

    def _is_partij(self, inhoud: Overeenkomst) -> bool:
        return self._oin in {een.oin for een in inhoud.partijen}


def _keur_opvolging(
    nieuw: GeslotenOvereenkomst,
    geldt: list[Overeenkomst],
    gold: list[GeslotenOvereenkomst],
    nu: datetime,
) -> None:
    """Refuse what may not come after what there is, or was, between these two."""
    inhoud = nieuw.inhoud
    if nieuw.kenmerk in {een.kenmerk for een in gold}:
        raise Weigering("overeenkomst-ingetrokken", "deze overeenkomst is ingetrokken")
    if any(een.overeenkomst_id != inhoud.overeenkomst_id for een in geldt):
        raise Weigering(
            "andere-overeenkomst", "trek eerst de overeenkomst in die er met deze partner is"
        )
    alle = [*geldt, *(een.inhoud for een in gold)]
    eerder = [e.volgnummer for e in alle if e.overeenkomst_id == inhoud.overeenkomst_id]
    if inhoud.volgnummer <= max(eerder, default=0):
        raise Weigering(
            "overeenkomst-ouder",
            f"volgnummer {inhoud.volgnummer} is er geweest; een nieuwe heeft een hoger",
        )
    if inhoud.is_voorbij_op(nu):
        raise Weigering("overeenkomst-verlopen", f"deze overeenkomst gold tot {inhoud.geldig_tot}")
    for ander in alle:
        if any(een.logsleutel != ander.partij(een.oin).logsleutel for een in inhoud.partijen):
            raise Weigering(
                "andere-logsleutel",
                "de eerste logsleutels van deze twee blijven zoals ze waren",
            )


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
