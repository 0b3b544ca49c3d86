"""A whole partner without product code: it sends, receives, and answers as the annex says.

`Zender` keeps what we say, `Ontvanger` judges what the other says, in the order of section 4 of the
annex; `Partner` has both, with the sessions of section 5. All of it is honest: whoever wants to lie
takes an honest page and bends it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.grens.leugens.golf import (
    BEWIJS,
    MAX_BLAD,
    MAX_BLADEN,
    MAX_BODY,
    MAX_PAGINA,
    PUNT,
    Note,
    Sleutel,
    Sleutelrij,
    Vals,
    b64,
    klopt,
    lees_json,
    lees_note,
    onb64,
    punttekst,
)

Antwoord = tuple[int, dict[str, Any] | None]
"""A status and a JSON body, or no body."""

GEEN: Mapping[str, str] = {}
WACHT = "00000000-0000-4000-8000-000000000000"
"""A session that nobody drew."""


def fout(status: int, code: str, **erbij: object) -> Antwoord:
    """A refusal as problem+json."""
    return status, {
        "type": "about:blank",
        "title": code,
        "status": status,
        "detail": code,
        "code": code,
        **erbij,
    }


@dataclass
class Zender:
    """Our own log towards one partner: its leaves, its keys, and every note once signed."""

    oorsprong: str
    sleutel: Sleutel
    bladen: list[bytes] = field(default_factory=list)
    punten: dict[int, str] = field(default_factory=dict)
    eerder: list[tuple[int, Sleutel]] = field(default_factory=list)
    """Keys that went, each with the last size that it may sign."""

    def zeg(self, *bladen: bytes) -> None:
        """Say leaves; nothing is signed until a page ends behind them."""
        self.bladen.extend(bladen)

    def wissel(self, nieuw: Sleutel) -> None:
        """The next leaf says that the key goes and this one comes."""
        self.eerder.append((len(self.bladen), self.sleutel))
        self.sleutel = nieuw

    def sleutel_voor(self, omvang: int) -> Sleutel:
        """The key that may sign this size."""
        return next((oud for tot, oud in self.eerder if omvang <= tot), self.sleutel)

    def punt(self, omvang: int) -> str:
        """The one note of this size; signed at its first use."""
        if omvang not in self.punten:
            self.punten[omvang] = self.sleutel_voor(omvang).teken(
                punttekst(self.oorsprong, self.bladen[:omvang])
            )
        return self.punten[omvang]

    def pagina(self, vanaf: int, sessie: str, tot: int | None = None) -> dict[str, Any]:
        """A page from here, filled greedily, or up to a size that was signed before."""
        einde, bytes_ = vanaf, 0
        while einde < min(len(self.bladen), vanaf + MAX_BLADEN) and einde != tot:
            bytes_ += len(self.bladen[einde])
            if bytes_ > MAX_PAGINA:
                break
            einde += 1
        bladen = [b64(blad) for blad in self.bladen[vanaf:einde]]
        return {
            "sessie": sessie,
            "vanaf": vanaf,
            "bladen": bladen,
            "controlepunt": self.punt(einde),
        }

    def gezegd(self) -> dict[str, Any]:
        """Our half of a hervatting as the sender."""
        omvang = len(self.bladen)
        return {"omvang": omvang, "controlepunt": self.punt(omvang) if omvang else None}

    def leest_bewijs(self, ontvangstbewijs: object, rij: Sleutelrij, hoogste: int) -> int:
        """The size that a receipt is for, once it verifies with the keys of the cosigner.

        Raises:
            Vals: `vork` when its text is not ours, `bewijs` when it does not verify.
        """
        note = lees_note(ontvangstbewijs)
        if note.omvang > len(self.bladen) or note.tekst != punttekst(
            self.oorsprong, self.bladen[: note.omvang]
        ):
            raise Vals("vork")
        if not klopt(note, BEWIJS, rij.voor(hoogste)):
            raise Vals("bewijs")
        return note.omvang


@dataclass
class Ontvanger:
    """The other's log as far as we took it in."""

    oorsprong: str
    rij: Sleutelrij
    jwk: dict[str, str]
    sleutel: Sleutel
    tijd: int = 1_796_040_000
    sessie: str = WACHT
    bladen: list[bytes] = field(default_factory=list)
    ontvangstbewijs: str | None = None

    def neem_in(self, lichaam: bytes) -> Antwoord:
        """Judge a page in the order of the annex; take it in, or say why not."""
        if len(lichaam) > MAX_BODY:
            return fout(413, "te-groot")
        try:
            pagina = lees_json(lichaam)
            if not isinstance(pagina, dict):
                return fout(400, "ongeldig")
        except (ValueError, RecursionError):
            return fout(400, "ongeldig")
        if pagina.get("sessie") != self.sessie:
            return fout(409, "sessie-onbekend")
        vanaf = pagina.get("vanaf")
        if type(vanaf) is int and vanaf > len(self.bladen):
            return fout(409, "andere-positie", omvang=len(self.bladen))
        try:
            nieuw, rij = self._beoordeel(vanaf, pagina.get("bladen"), pagina.get("controlepunt"))
        except Vals as vals:
            return fout(400, "slechte-pagina", reden=vals.reden)
        if nieuw:
            self.bladen, self.rij = self.bladen + nieuw, rij
            self.ontvangstbewijs = self.sleutel.medeteken(
                punttekst(self.oorsprong, self.bladen), self.tijd
            )
        return 200, {"omvang": len(self.bladen), "ontvangstbewijs": self.ontvangstbewijs}

    def _beoordeel(
        self, vanaf: object, bladen: object, controlepunt: object
    ) -> tuple[list[bytes], Sleutelrij]:
        if (
            type(vanaf) is not int
            or vanaf < 0
            or not isinstance(bladen, list)
            or not 1 <= len(bladen) <= MAX_BLADEN
        ):
            raise Vals("vorm")
        ruw = [onb64(blad) for blad in bladen]
        if not all(1 <= len(blad) <= MAX_BLAD for blad in ruw) or sum(map(len, ruw)) > MAX_PAGINA:
            raise Vals("vorm")
        note = lees_note(controlepunt)
        if note.oorsprong != self.oorsprong:
            raise Vals("oorsprong")
        if note.omvang != vanaf + len(ruw):
            raise Vals("omvang")
        hier = len(self.bladen)
        oud, nieuw = ruw[: max(0, hier - vanaf)], ruw[max(0, hier - vanaf) :]
        if oud != self.bladen[vanaf : vanaf + len(oud)]:
            raise Vals("vork")
        rij = self.rij
        for plek, blad in enumerate(nieuw, hier):
            rij = rij.na(plek, blad, self.jwk)
        if not klopt(note, PUNT, rij.voor(note.omvang)):
            raise Vals("handtekening")
        if note.tekst != punttekst(self.oorsprong, (self.bladen + nieuw)[: note.omvang]):
            raise Vals("wortel" if note.omvang > hier else "vork")
        return nieuw, rij

    def ontvangen(self) -> dict[str, Any]:
        """Our half of a hervatting as the receiver."""
        return {
            "sessie": self.sessie,
            "omvang": len(self.bladen),
            "ontvangstbewijs": self.ontvangstbewijs,
        }


@dataclass
class Partner:
    """One organisation towards one other: what it says and heard, and how it answers a call."""

    oin: str
    ander: str
    kenmerk: str
    zender: Zender
    ontvanger: Ontvanger
    sessies: int = 0
    sessie_daar: str = WACHT
    bewezen: int = 0
    """The size of our log that the other has receipted."""

    def trek_sessie(self) -> str:
        """A new session for the log that we receive: at each hervatting another."""
        self.sessies += 1
        self.ontvanger.sessie = str(UUID(int=(int(self.oin) << 64) + self.sessies, version=4))
        return self.ontvanger.sessie

    def hervatting(self, *, nieuw: bool = True) -> dict[str, Any]:
        """Our half of a hervatting, with a new session."""
        if nieuw:
            self.trek_sessie()
        helft = {"ontvangen": self.ontvanger.ontvangen(), "gezegd": self.zender.gezegd()}
        return {"overeenkomst": self.kenmerk, **helft}

    def leest_hervatting(self, half: dict[str, Any]) -> None:
        """Take the other's half: its session, and its position by the text of its receipt."""
        ontvangen = half["ontvangen"]
        self.sessie_daar = ontvangen["sessie"]
        self.bewezen = 0
        if ontvangen["omvang"]:
            note = lees_note(ontvangen["ontvangstbewijs"])
            if note.tekst != punttekst(self.zender.oorsprong, self.zender.bladen[: note.omvang]):
                raise Vals("vork")
            self.bewezen = note.omvang

    def pagina(self) -> dict[str, Any]:
        """The next honest page: from the last receipt on."""
        return self.zender.pagina(self.bewezen, self.sessie_daar)

    def leest_antwoord(self, antwoord: dict[str, Any]) -> None:
        """Take the receipt that answered a page."""
        self.bewezen = self.zender.leest_bewijs(
            antwoord["ontvangstbewijs"], self.ontvanger.rij, len(self.ontvanger.bladen)
        )

    def behandel(
        self, methode: str, pad: str, lichaam: bytes = b"", vragen: Mapping[str, str] = GEEN
    ) -> Antwoord:
        """Answer a call of the other; the OIN in the path is always that of the caller."""
        delen = pad.strip("/").split("/")
        if delen[:2] != ["v1", "logboeken"] or len(delen) != 4:
            return fout(404, "onbekend")
        if delen[2] != self.ander:
            return fout(403, "andere-organisatie")
        match methode, delen[3]:
            case "POST", "hervattingen":
                half = lees_json(lichaam)
                if half.get("overeenkomst") != self.kenmerk:
                    return fout(409, "andere-overeenkomst")
                self.leest_hervatting(half)
                return 200, self.hervatting()
            case "POST", "paginas":
                return self.ontvanger.neem_in(lichaam)
            case "GET", "paginas":
                return self._geef(vragen["sessie"], int(vragen["vanaf"]))
            case "POST", "ontvangstbewijzen":
                self.leest_antwoord(lees_json(lichaam))
                return 204, None
            case "GET", "ontvangstbewijzen":
                ontvangen = self.ontvanger.ontvangen()
                return 200, {naam: ontvangen[naam] for naam in ("omvang", "ontvangstbewijs")}
            case _:
                return fout(404, "onbekend")

    def _geef(self, sessie: str, vanaf: int) -> Antwoord:
        omvang = len(self.zender.bladen)
        if sessie != self.sessie_daar:
            return fout(409, "sessie-onbekend")
        if vanaf > omvang:
            return fout(409, "andere-positie", omvang=omvang)
        return (200, self.zender.pagina(vanaf, sessie)) if vanaf < omvang else (204, None)


def als_json(waarde: object) -> bytes:
    """The bytes of a JSON body."""
    return json.dumps(waarde, ensure_ascii=False, separators=(",", ":")).encode()


def bewijs_klopt(
    voor: list[bytes], pagina: dict[str, Any], ontvangstbewijs: str, zender: str, ontvanger: str
) -> bool:
    """Whether a page and its receipt prove each other, given what was before and both vkeys."""
    punt, bewijs = lees_note(pagina["controlepunt"]), lees_note(ontvangstbewijs)
    bladen = [*voor[: pagina["vanaf"]], *map(onb64, pagina["bladen"])]
    return (
        punt.tekst == bewijs.tekst == punttekst(punt.oorsprong, bladen)
        and klopt(punt, PUNT, [zender])
        and klopt(bewijs, BEWIJS, [ontvanger])
    )


def onverenigbaar(een: str, ander: str) -> bool:
    """Whether two notes contradict each other: one log, one size, two roots."""
    links, rechts = (lees_note(note) for note in (een, ander))
    return _kop(links) == _kop(rechts) and links.wortel != rechts.wortel


def _kop(note: Note) -> tuple[str, int]:
    return note.oorsprong, note.omvang
