"""What must hold of both sides at rest, by the numbers of the design; and after every turn.

Written apart from the product: logs are read as rows and as JSON, roots are worked out the long
way, states by the second fold.
"""

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from tests.golf.tweede import tweede
from tests.grens.huizen import OINS
from tests.grens.zijden import VECTOREN

from .kant import Kant
from .taal import LAATSTE, verteld_als, wat_mis_is
from .weg import Bewijs, Weg

Nieuwer = frozenset[tuple[str, str]]


class Mis(Exception):
    """An invariant that does not hold."""

    def __init__(self, regel: str, uitleg: str) -> None:
        super().__init__(f"{regel}: {uitleg}")
        self.regel = regel


def eis(waar: object, regel: str, uitleg: object) -> None:
    """Raises Mis."""
    if not waar:
        raise Mis(regel, str(uitleg))


# Apart from the product


def wortel(bladen: Sequence[bytes]) -> bytes:
    """The root of RFC 6962, worked out as its text says it: by halves, from the leaves."""
    if not bladen:
        return sha256(b"").digest()
    if len(bladen) == 1:
        return sha256(b"\0" + bladen[0]).digest()
    k = 1
    while k * 2 < len(bladen):
        k *= 2
    return sha256(b"\1" + wortel(bladen[:k]) + wortel(bladen[k:])).digest()


def _publiek(wie: str) -> Ed25519PublicKey:
    ruw = b64decode(VECTOREN["sleutels"][wie]["ed25519"])
    return Ed25519PrivateKey.from_private_bytes(ruw).public_key()


SLEUTELS: Final = {OINS[wie]: _publiek(wie) for wie in OINS}


def tekende(note: str, wie: str, *, medetekent: bool) -> bool:
    """Whether ``wie`` signed these three lines."""
    tekst, _, regel = note.partition("\n\n")
    ruw = b64decode(regel.split()[-1])
    inhoud = f"{tekst}\n".encode()
    if medetekent:
        tijd = int.from_bytes(ruw[4:12])
        inhoud = f"cosignature/v1\ntime {tijd}\n".encode() + inhoud
    try:
        SLEUTELS[wie].verify(ruw[-64:], inhoud)
    except InvalidSignature:
        return False
    return True


@dataclass
class Log:
    """All that ``van`` said to ``naar``: as it has it, and as the other took it in."""

    van: Kant
    naar: Kant
    bladen: list[bytes]
    ingenomen: list[bytes]

    @property
    def oorsprong(self) -> str:
        return f"schakel/{self.van.oin}/{self.naar.oin}"


@dataclass
class Schakel:
    """One schakel as both logs have it."""

    vrager: Kant
    uitvoerder: Kant
    id: UUID
    rijen: dict[str, list[dict[str, Any]]]
    """Per side its leaves, in the order of its log."""

    def delen(self, kant: str) -> list[Any]:
        return [_deel(blad) for blad in self.rijen[kant]]

    def feiten(self, kant: str) -> list[str]:
        return [_feit(blad) for blad in self.rijen[kant]]


def _feit(blad: Mapping[str, Any]) -> str:
    soort: str = blad["type"]
    return soort.removeprefix("nl.schakels.").rpartition(".v")[0]


def _deel(blad: Mapping[str, Any]) -> Any:
    """As the second fold takes it: by attributes."""
    if not blad["type"].endswith(".v1"):
        nummer = int(blad["id"].rpartition(".")[2])
        return SimpleNamespace(plek=SimpleNamespace(nummer=nummer), feit=_feit(blad))
    return SimpleNamespace(FEIT=_feit(blad), **blad["data"])


@dataclass
class Stand:
    """Both sides at rest."""

    weg: Weg
    logs: tuple[Log, Log]
    schakels: list[Schakel]
    nieuwer: Nieuwer


def lees_stand(weg: Weg, nieuwer: Nieuwer) -> Stand:
    """From the stores of both."""
    heen, weer = (
        Log(van, naar, van.bladen(van.oin, naar.oin), naar.bladen(van.oin, naar.oin))
        for van, naar in ((weg.a, weg.b), (weg.b, weg.a))
    )
    gevonden: dict[tuple[str, str], Schakel] = {}
    for log in (heen, weer):
        for blad in map(json.loads, log.bladen):
            id_, _, rest = blad["id"].partition(".")
            if rest[:2] not in ("v.", "u."):
                continue
            vrager = log.van if rest[0] == "v" else log.naar
            een = gevonden.setdefault(
                (vrager.oin, id_), Schakel(vrager, weg.ander(vrager), UUID(id_), {"v": [], "u": []})
            )
            een.rijen[rest[0]].append(blad)
    return Stand(weg, (heen, weer), [*gevonden.values()], nieuwer)


# After every turn


def bewaak(weg: Weg) -> None:
    """S-1 while it lasts: what was receipted stays taken in, whatever is killed."""
    for kant in (weg.a, weg.b):
        ander = weg.ander(kant)
        oorsprong = f"schakel/{kant.oin}/{ander.oin}"
        ((hier,),) = ander.vraag("SELECT count(*) FROM bladen WHERE logboek = ?", oorsprong)
        tot = weg.ingenomen.get(oorsprong, 0)
        eis(hier >= tot, "S-1", f"{ander.wie} receipted {tot} leaves and has {hier}")


# At rest


def s1_ingenomen(stand: Stand) -> None:
    """Taken in = the leaves [0, N), N = the last receipt; at rest that is all."""
    for log in stand.logs:
        eis(log.ingenomen == log.bladen, "S-1", f"{log.oorsprong} differs at both sides")
        for kant in (log.van, log.naar):
            rijen = kant.vraag(
                "SELECT max(omvang) FROM notes WHERE logboek = ? AND soort = 'ontvangstbewijs'",
                log.oorsprong,
            )
            eis((rijen[0][0] or 0) == len(log.bladen), "S-1", f"last receipt at {kant.wie}")


def s2_bewijzen(stand: Stand) -> None:
    """No receipt that anybody gave is over another history than the one there is."""
    for log in stand.logs:
        for bewijs in stand.weg.bewijzen:
            if bewijs.oorsprong == log.oorsprong:
                eis(bewijs.omvang <= len(log.bladen), "S-2", "a receipt over more than there is")
                goed = wortel(log.bladen[: bewijs.omvang]) == bewijs.wortel
                eis(goed, "S-2", f"two histories of {log.oorsprong} up to {bewijs.omvang}")


def s3_volgorde(stand: Stand) -> None:
    """Each side numbers its own densely from 1, in the order of its log: no number twice."""
    for een in stand.schakels:
        for kant, rij in een.rijen.items():
            nummers = [int(blad["id"].rpartition(".")[2]) for blad in rij]
            eis(nummers == [*range(1, len(rij) + 1)], "S-3", f"{een.id}.{kant} has {nummers}")


def s4_gevolgen(stand: Stand) -> None:
    """One effect in the house per leaf that has one, once, in order; its versies are dense."""
    for kant in (stand.weg.a, stand.weg.b):
        if not stand.weg.beide_kwijt:  # what both lost is said anew, in other words
            eis(not kant.huis.tegenstrijdig, "S-4", f"{kant.wie}: two contents under one id")
        eis(not kant.grens.ontvanger.parkeerplaats.aantal(), "S-4", f"{kant.wie} parked")
        for melding, feiten in kant.huis.verteld.items():
            versies = [feit.versie for feit in feiten]
            eis(versies == [*range(1, len(versies) + 1)], "S-4", f"{melding}: versies {versies}")
    for een in stand.schakels:
        _bij_de_gever(een)
        _bij_de_uitvoerder(een)


def _bij_de_gever(een: Schakel) -> None:
    verteld = een.vrager.huis.verteld.get(een.id, [])
    gezegd = [(feit.type.split(".")[-2], feit.nummer) for feit in verteld]
    if een.id not in een.vrager.huis.gever.kinderen:  # asked in days that a restore took away
        eis(not gezegd, "S-4", f"{een.id}: told to a house that knows nothing of it")
        return
    _, noten = tweede(een.delen("v"), een.delen("u"))
    niet = {nummer for kant, nummer, _ in noten if kant == "u"}
    wel = [
        (woord, deel.nummer)
        for deel in _gevouwen(een)
        if deel.nummer not in niet and (woord := verteld_als(deel)) is not None
    ]
    eis(gezegd == wel, "S-4", f"{een.id}: the giver heard {gezegd}, not {wel}")


def _gevouwen(een: Schakel) -> list[Any]:
    """Of the uitvoerder what counts: up to what cannot be read, and last words behind it."""
    gevonden: list[Any] = []
    heel = True
    for deel in een.delen("u"):
        heel = heel and hasattr(deel, "nummer")
        if heel or (hasattr(deel, "nummer") and deel.FEIT in LAATSTE):
            gevonden.append(deel)
    return gevonden


def _bij_de_uitvoerder(een: Schakel) -> None:
    kant = een.uitvoerder
    ids = kant.ooit.get(een.id, set())
    eis(len(ids) <= 1, "S-5", f"{een.id}: {len(ids)} meldingen for one schakel")
    verteld = [feit for id_ in ids for feit in kant.huis.verteld.get(id_, [])]
    keren = Counter(feit.type.split(".")[-2] for feit in verteld)
    for wat, aantal in keren.items():
        eis(aantal == 1, "S-4", f"{een.id}: {wat} told {aantal} times")
    if kant.is_teruggezet:
        return
    zelf = een.feiten("u") == ["geweigerd"] and not ids
    eis(keren["schakel-ingekomen"] == (not zelf), "S-4", f"{een.id}: asked {keren}")
    ingetrokken = next((d for d in een.delen("v") if getattr(d, "FEIT", "") == "ingetrokken"), None)
    if ingetrokken is not None and not zelf and not kant.is_vergeetachtig:
        laatste = [d for d in een.delen("u") if getattr(d, "FEIT", "") in LAATSTE]
        op_tijd = bool(laatste) and laatste[0].bij >= ingetrokken.nummer
        eis(keren["schakel-ingetrokken"] >= op_tijd, "S-4", f"{een.id}: never told of it")


def s6_taal(stand: Stand) -> None:
    """Only the types, members and codes of the list; who is in it is an organisation."""
    for log in stand.logs:
        for ruw in log.bladen:
            blad = json.loads(ruw)
            is_nieuwer = (log.van.wie, _feit(blad)) in stand.nieuwer
            fout = None if is_nieuwer else wat_mis_is(blad, log.van.oin)
            eis(fout is None, "S-6", f"{blad['type']}: {fout}")
    for een in stand.schakels:
        for kant, ander in (("v", "u"), ("u", "v")):
            over = Counter(b["data"]["over"] for b in een.rijen[kant] if _feit(b) == "onbegrepen")
            for nummer, keren in over.items():
                waarover = een.feiten(ander)[nummer - 1 : nummer]
                eis(waarover != ["onbegrepen"], "S-6", f"{een.id}: onbegrepen is answered")
                eis(keren == 1, "S-6", f"{een.id}: onbegrepen about {nummer} {keren} times")


def s7_sleutels(stand: Stand) -> None:
    """Every leaf is under a note of its writer and a receipt of its reader."""
    for log in stand.logs:
        if not log.bladen:
            continue
        for soort, wie in (("controlepunt", log.van), ("ontvangstbewijs", log.naar)):
            for kant in (log.van, log.naar):
                ((note,),) = kant.vraag(
                    "SELECT note FROM notes WHERE logboek = ? AND soort = ? AND omvang = ?",
                    *(log.oorsprong, soort, len(log.bladen)),
                )
                bewijs = Bewijs.lees(note)
                eis(bewijs.wortel == wortel(log.bladen), "S-7", f"{soort} at {kant.wie}: root")
                goed = tekende(note, wie.oin, medetekent=soort == "ontvangstbewijs")
                eis(goed, "S-7", f"{soort} at {kant.wie}: signature")


def s11_geen_vork(stand: Stand) -> None:
    """Nobody who is honest stops the link, or keeps evidence against the other."""
    for kant in (stand.weg.a, stand.weg.b):
        gestopt = kant.vraag("SELECT gestopt FROM verbindingen WHERE gestopt IS NOT NULL")
        stukken = kant.vraag("SELECT reden FROM bewijsstukken")
        eis(not gestopt and not stukken, "S-11", f"{kant.wie}: {gestopt} {stukken}")


def s13_zelfde_paar(stand: Stand) -> None:
    """Both sides show what the second fold makes of both logs: pair, notes, and no leaf less."""
    for een in stand.schakels:
        paar, noten = tweede(een.delen("v"), een.delen("u"))
        for kant, wij in ((een.vrager, "v"), (een.uitvoerder, "u")):
            getoond = _getoond(kant, een.id, "vrager" if wij == "v" else "uitvoerder")
            wat = f"{een.id} at {kant.wie}"
            gezien = (getoond["vrager"], getoond["uitvoerder"])
            eis(gezien == paar, "S-13", f"{wat}: {gezien}, not {paar}")
            hier = [(noot["kant"], noot["nummer"], noot["feit"]) for noot in getoond["noten"]]
            eis(sorted(hier) == sorted(noten), "S-13", f"{wat}: notes {hier}, not {noten}")
            aantallen = {"v": getoond["gezegd"], "u": getoond["gehoord"]}
            if wij == "u":
                aantallen = {"v": getoond["gehoord"], "u": getoond["gezegd"]}
            lengtes = {k: len(rij) for k, rij in een.rijen.items()}
            eis(aantallen == lengtes, "S-13", f"{wat}: has {aantallen} of {lengtes}")
            eis(not getoond["teZeggen"], "S-13", f"{wat}: still to be said")


def _getoond(kant: Kant, schakel: UUID, wij: str) -> dict[str, Any]:
    rijen = kant.vraag("SELECT overzicht FROM schakels WHERE schakel = ?", schakel.hex)
    for (ruw,) in rijen:
        overzicht: dict[str, Any] = json.loads(bytes(ruw))
        if overzicht["wij"] == wij:
            return overzicht
    raise Mis("S-13", f"{kant.wie} does not know {schakel} as {wij}")


def s13_laatste_woord(stand: Stand) -> None:
    """Exactly one last word on every schakel, and it is how the melding there ended."""
    for een in stand.schakels:
        laatste = [blad for blad in een.rijen["u"] if _feit(blad) in LAATSTE]
        eis(len(laatste) == 1, "S-13", f"{een.id}: {len(laatste)} last words")
        for werk in een.uitvoerder.huis.werk.values():
            deel = werk.ingekomen.deel_van
            if deel and deel.schakel_id == een.id and not een.uitvoerder.is_teruggezet:
                data = laatste[0]["data"]
                if data.get("reden") == "ingetrokken":  # refused before it was found to be here
                    eis(een.uitvoerder.is_vergeetachtig, "S-13", f"{een.id}: refused, and here")
                    continue
                gezegd = data.get("uitkomst", "afgewezen")
                eis(gezegd == werk.uitkomst, "S-13", f"{een.id}: {gezegd}, not {werk.uitkomst}")


def s13_uitweg(stand: Stand) -> None:
    """Whoever gave can take back, and whoever works hears of it; nothing asked is lost."""
    if ("A", "ingetrokken") not in stand.nieuwer and not stand.weg.beide_kwijt:
        eis(not stand.weg.zonder_uitweg, "S-13", f"never heard: {stand.weg.zonder_uitweg}")
    gezegd = {een.id for een in stand.schakels}
    for kant in (stand.weg.a, stand.weg.b):
        for kind, status in kant.huis.gever.kinderen.items():
            eis(status != "open", "S-13", f"{kind}: still open")
            eis(kind in gezegd or status == "teruggenomen", "S-13", f"{kind}: never said")


KEURINGEN: Final[Sequence[Callable[[Stand], None]]] = (
    s11_geen_vork,
    s1_ingenomen,
    s2_bewijzen,
    s3_volgorde,
    s7_sleutels,
    s6_taal,
    s13_zelfde_paar,
    s4_gevolgen,
    s13_laatste_woord,
    s13_uitweg,
)


def keur(weg: Weg, nieuwer: Nieuwer) -> None:
    """All of them; raises Mis."""
    bewaak(weg)
    stand = lees_stand(weg, nieuwer)
    for keuring in KEURINGEN:
        keuring(stand)
