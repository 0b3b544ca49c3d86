"""Random walks over HTTP: what the services allow, the orchestrator finds no fault with.

A walker knows meldingen by what the five services answer. It takes steps that are named possible
and steps that are not, with bodies that fit and that do not, repeats itself, comes with an old
version, lets time pass, and lets messages go when it likes: per reader, in any portions, some
twice. What must hold is checked after every request; what must hold of a tree when everything is
told, at the end, and once more after all that still runs is withdrawn.
"""

import asyncio
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from tests.keten.proefketen import Ref
from tests.proef import Proef, Tegenvoorbeeld
from tests.proef.kantoor import Kantoor, kantoor
from tests.proef.klant import Antwoord
from tests.proef.verzoeken import Gezien, inhoud, intake

from schakel.afleiding import lees, leid_af
from schakel.contracts.organisatie import ORCHESTRATOR
from schakel.contracts.werkstromen import Proces

GOED, GEMAAKT, GEWEIGERD, VEROUDERD = 200, 201, 409, 412
ZELDEN = {
    *("afwijzingen", "omzettingen", "intrekkingen", "afbrekingen", "opschortingen"),
    *("koppelingen", "signaleringen", "sluitingen", "wissingen", "overdracht-terugnames"),
}
"""Steps that end a melding or fill it: taken less often, or no walk gets far."""


def beproef(van: int, tot: int) -> None:
    """See ``Proef``."""
    asyncio.run(_beproef(van, tot))


PROEF = Proef(aantal=2_000, per_portie=25, beproef=beproef)


async def _beproef(van: int, tot: int) -> None:
    with tempfile.TemporaryDirectory() as map_:
        async with kantoor(Path(map_)) as diensten:
            for getal in range(van, tot):
                await Wandelaar(getal, diensten).loop()


class Gedaan(NamedTuple):
    """A command that was accepted."""

    proces: Proces
    pad: str
    tekst: bytes
    sleutel: str
    antwoord: Antwoord


class Wandelaar:
    """One case: a walk that follows from its number."""

    def __init__(self, getal: int, diensten: Kantoor) -> None:
        self._getal = getal
        self._diensten = diensten
        self._toeval = Random(f"wandelaar {getal}")
        self._meldingen: list[Ref] = []
        self._komt: list[tuple[UUID, tuple[Proces, ...]]] = []
        """Asked for by a melding of ours, with who may open it."""
        self._gedaan: list[Gedaan] = []
        self._sleutels = 0
        self._begin = {van: diensten.gelezen[ORCHESTRATOR, van] for van in Proces}

    async def loop(self) -> None:
        """Walk, and look whether all is well; raises Tegenvoorbeeld."""
        await self._meld()
        wat = (self._stap, self._bezorg, self._herhaal, self._stoor, self._wacht, self._meld)
        for _ in range(self._toeval.choice((30, 90, 180))):
            (doe,) = self._toeval.choices(wat, (60, 25, 4, 3, 3, 1))
            await doe()
        await self._diensten.geef_alles()
        await self._keur_alles()
        await self._trek_alles_in()
        await self._diensten.geef_alles()
        await self._keur_alles()

    def _eis(self, goed: bool, uitleg: str) -> None:
        if not goed:
            raise Tegenvoorbeeld(self._getal, uitleg)

    # Requests

    def _sleutel(self) -> str:
        self._sleutels += 1
        return f"wandelaar-{self._getal}-{self._sleutels}"

    async def _haal(self, wie: str, pad: str, vraag: str = "") -> Antwoord:
        antwoord = await self._diensten.klanten[wie].haal(pad, vraag)
        self._eis(antwoord.status in {200, 404}, f"GET {pad} of {wie}: {antwoord}")
        return antwoord

    async def _stuur(
        self, proces: Proces, pad: str, tekst: bytes, sleutel: str, **koppen: str
    ) -> Antwoord:
        alle = {"idempotency-key": sleutel, **{k.replace("_", "-"): w for k, w in koppen.items()}}
        antwoord = await self._diensten.klanten[proces.value].stuur(pad, tekst, alle)
        self._eis(antwoord.status < 500, f"POST {pad} {tekst!r}: {antwoord}")
        if antwoord.status == GEMAAKT:
            self._gedaan.append(Gedaan(proces, pad, tekst, sleutel, antwoord))
        return antwoord

    async def _toon(self, ref: Ref) -> Mapping[str, Any]:
        antwoord = await self._haal(ref.proces.value, f"/meldingen/{ref.id}")
        self._eis(antwoord.status == GOED, f"{ref} is gone")
        gelezen: Mapping[str, Any] = antwoord.inhoud
        self._eis(antwoord.etag == f'"{gelezen["versie"]}"', f"{ref} has etag {antwoord.etag}")
        return gelezen

    # What a walker does

    async def _meld(self) -> None:
        proces = self._toeval.choice(list(Proces))
        wat, past = intake(proces, self._toeval)
        antwoord = await self._stuur(proces, "/meldingen", _tekst(wat), self._sleutel())
        if past:
            self._eis(antwoord.status == GEMAAKT, f"intake {wat} at {proces}: {antwoord}")
            self._meldingen.append(Ref(proces, UUID(antwoord.inhoud["meldingId"])))
        else:
            self._eis(antwoord.status == GEWEIGERD, f"intake {wat} at {proces}: {antwoord}")
            await self._meld()

    async def _zie(self) -> Gezien:
        """One of the meldingen, mostly one that can go on and was opened lately."""
        await self._ontdek()
        for _ in range(self._toeval.choice((1, 4, 4, 4))):
            rij = self._meldingen[-4:] if self._toeval.random() < 0.6 else self._meldingen
            weergave = await self._toon(ref := self._toeval.choice(rij))
            if _verder(weergave):
                break
        return await self._bekijk(ref, weergave)

    async def _bekijk(self, ref: Ref, weergave: Mapping[str, Any]) -> Gezien:
        zonder = False
        for kind in weergave["kinderen"]:
            if kind["status"] == "zonder_resultaat":
                af = await self._toon(Ref(Proces(kind["naar"]), UUID(kind["meldingId"])))
                zonder |= af["uitkomst"] == "geen_overeenstemming"
        return Gezien(ref, weergave, self._meldingen, zonder)

    async def _ontdek(self) -> None:
        """What was asked for may have been opened."""
        komt = []
        for id_, wie in self._komt:
            for proces in wie:
                if (await self._haal(proces.value, f"/meldingen/{id_}")).status == GOED:
                    self._meldingen.append(Ref(proces, id_))
                    break
            else:
                komt.append((id_, wie))
        self._komt = komt

    async def _stap(self) -> None:
        gezien = await self._zie()
        ref, mogelijk = gezien.ref, gezien.weergave["mogelijkeStappen"]
        stap = self._kies(ref.proces, gezien.weergave)
        wat, past = inhoud(stap, gezien, self._toeval)
        koppen, is_oud = self._versiekop(gezien.weergave["versie"])
        verwacht = GEMAAKT if past and stap in mogelijk else GEWEIGERD
        verwacht = VEROUDERD if is_oud else verwacht
        pad, sleutel = f"/meldingen/{ref.id}/{stap}", self._sleutel()
        keer = 2 if self._toeval.random() < 0.1 else 1
        antwoorden = await asyncio.gather(
            *(self._stuur(ref.proces, pad, _tekst(wat), sleutel, **koppen) for _ in range(keer))
        )
        antwoord = antwoorden[0]
        zin = f"{stap} {wat} {koppen} of {ref} ({gezien.weergave}): {antwoord.tekst!r}"
        self._eis(antwoord.status == verwacht, f"{antwoord.status} for {zin}")
        self._eis(all(map(_zelfde(antwoord), antwoorden)), f"at once {antwoorden} for {zin}")
        na = await self._toon(ref)
        if antwoord.status != GEMAAKT:
            self._eis(na == gezien.weergave, f"changed by a refusal: {zin}")
            if antwoord.status == GEWEIGERD:
                self._eis(antwoord.inhoud["toegestaan"] == mogelijk, f"not what it said: {zin}")
            return
        gezegd = {naam: na[naam] for naam in antwoord.inhoud}
        self._eis(antwoord.inhoud == gezegd, f"answered otherwise than {gezegd}: {zin}")
        self._neem_waar(gezien.weergave, na)

    def _versiekop(self, versie: int) -> tuple[dict[str, str], bool]:
        """Sometimes it says which version it saw, and sometimes that is one of before."""
        kans = self._toeval.random()
        if kans < 0.1:
            return {"if_match": f'"{max(0, versie - self._toeval.randint(1, 3))}"'}, True
        return ({"if_match": f'"{versie}"'} if kans < 0.3 else {}), False

    def _kies(self, proces: Proces, weergave: Mapping[str, Any]) -> str:
        """Mostly something that leads on, sometimes whatever there is."""
        verder = _verder(weergave)
        if verder and self._toeval.random() < 0.85:
            return self._toeval.choice(verder)
        return self._toeval.choice(list(self._diensten.diensten[proces].voorraad.soort.STAPPEN))

    def _neem_waar(self, voor: Mapping[str, Any], na: Mapping[str, Any]) -> None:
        """What this step asked others to open."""
        eerder = {kind["meldingId"] for kind in voor["kinderen"]}
        self._komt += [
            (UUID(kind["meldingId"]), (Proces(kind["naar"]),))
            for kind in na["kinderen"]
            if kind["meldingId"] not in eerder
        ]
        nieuw = [id_ for id_ in na["voortgekomen"] if id_ not in voor["voortgekomen"]]
        self._komt += [(UUID(id_), tuple(Proces)) for id_ in nieuw]

    async def _bezorg(self) -> None:
        for _ in range(self._toeval.randint(1, 12)):
            naar, van = self._toeval.choice(self._diensten.paren)
            nogmaals = self._toeval.choice((0, 0, 0, 0, 0, 1, 5))
            await self._diensten.geef(naar, van, self._toeval.choice((1, 2, 5, 100)), nogmaals)
        if self._toeval.random() < 0.2:
            await self._diensten.geef_alles()
        elif self._toeval.random() < 0.3:
            await self._keur_halverwege()

    async def _wacht(self) -> None:
        """Time passes; most services notice."""
        self._diensten.klok.verder(days=self._toeval.choice((0.01, 1, 8, 15, 29, 60)))
        for dienst in self._diensten.diensten.values():
            if self._toeval.random() < 0.8:
                while await dienst.dienst.bewaak_termijnen(self._diensten.klok()):
                    pass

    async def _herhaal(self) -> None:
        """What was asked before, under the same key: the same answer, whatever happened since."""
        een = self._toeval.choice(self._gedaan)
        voor = len(self._gedaan)
        weer = await self._stuur(een.proces, een.pad, een.tekst, een.sleutel)
        self._eis(weer == een.antwoord, f"{een.pad} again: {weer}, and before {een.antwoord}")
        ander = await self._stuur(een.proces, een.pad, een.tekst + b" ", een.sleutel)
        # Of what was erased nobody can tell any more what was asked.
        mag = {een.antwoord} if any(g.pad.endswith("/wissingen") for g in self._gedaan) else set()
        is_geweigerd = ander.inhoud.get("code") == "sleutel-hergebruikt"
        self._eis(is_geweigerd or ander in mag, f"{een.pad} with another body: {ander}")
        del self._gedaan[voor:]

    async def _stoor(self) -> None:
        """Requests that nobody may understand."""
        gezien = await self._zie()
        ref, weergave = gezien.ref, gezien.weergave
        soort = self._diensten.diensten[ref.proces].voorraad.soort
        stap = self._toeval.choice(list(soort.STAPPEN))
        wat, _ = inhoud(stap, gezien, self._toeval)
        pad, sleutel = f"/meldingen/{ref.id}/{stap}", self._sleutel()
        for status, waar, tekst, koppen in (
            (400, pad, _tekst({**wat, "vreemd": 1}), {}),
            (400, pad, _tekst(wat)[:-1], {}),
            (400, pad, b"[]", {}),
            (400, pad, _tekst(wat), {"idempotency_key": "mag niet"}),
            (400, pad, _tekst(wat), {"if_match": "oud"}),
            (404, f"/meldingen/{UUID(int=self._getal)}/{stap}", _tekst(wat), {}),
            (404, f"/meldingen/{ref.id}/bestaat-niet", _tekst(wat), {}),
        ):
            alle = {"idempotency_key": sleutel, **koppen}
            kop = alle.pop("idempotency_key")
            antwoord = await self._stuur(ref.proces, waar, tekst, kop, **alle)
            self._eis(antwoord.status == status, f"{waar} {tekst!r} {koppen}: {antwoord}")
        self._eis(await self._toon(ref) == weergave, f"{ref} changed by what nobody understood")

    async def _trek_alles_in(self) -> None:
        for ref in self._meldingen:
            if "intrekkingen" in (await self._toon(ref))["mogelijkeStappen"]:
                pad = f"/meldingen/{ref.id}/intrekkingen"
                antwoord = await self._stuur(ref.proces, pad, b"{}", self._sleutel())
                self._eis(antwoord.status == GEMAAKT, f"{pad}: {antwoord}")

    # What must hold

    def _berichten(self, tot: Mapping[Proces, int] | None = None) -> list[bytes]:
        """What was said since this walk began."""
        gezegd = []
        for van, begin in self._begin.items():
            log, na = self._diensten.diensten[van].log, begin
            while records := log.lees(na).records:
                gezegd += [r.waarde for r in records if tot is None or r.nummer <= tot[van]]
                na = records[-1].nummer
        return gezegd

    async def _keur_halverwege(self) -> None:
        """Of what came so far: nothing is sure that is not so, and the answer follows from it."""
        tot = {van: self._diensten.gelezen[ORCHESTRATOR, van] for van in Proces}
        verwacht = leid_af(map(lees, self._berichten(tot)))
        for wortel, afleiding in verwacht.items():
            vast = [a for a in afleiding.afwijkingen if a.vast]
            self._eis(not vast, f"on the way, of {wortel}: {vast}")
            gezegd = await self._haal(ORCHESTRATOR, f"/meldingen/{wortel}")
            zelfde = gezegd.tekst == msgspec.json.encode(afleiding)
            self._eis(zelfde, f"on the way, of {wortel}: {gezegd.tekst!r} is not {afleiding}")

    async def _keur_alles(self) -> None:
        """Everything was told."""
        await self._ontdek()
        self._eis(not self._komt, f"never opened: {self._komt}")
        for naam in self._diensten.apps:
            geparkeerd = self._diensten.lezer(naam).parkeerplaats.lijst(alles=True)
            self._eis(not geparkeerd, f"parked at {naam}: {geparkeerd}")
        weergaven = {str(ref.id): await self._toon(ref) for ref in self._meldingen}
        verwacht = leid_af(map(lees, self._berichten()))
        wortels = {weergave["wortelId"] for weergave in weergaven.values()}
        self._eis(verwacht.keys() == wortels, f"trees {verwacht.keys() ^ wortels}")
        for wortel, afleiding in verwacht.items():
            gezegd = await self._haal(ORCHESTRATOR, f"/meldingen/{wortel}")
            zelfde = gezegd.tekst == msgspec.json.encode(afleiding)
            self._eis(zelfde, f"of {wortel}: {gezegd.tekst!r} is not {afleiding}")
            self._eis(not afleiding.afwijkingen, f"of {wortel}: {afleiding.afwijkingen}")
            self._eis(not afleiding.gaten, f"of {wortel}: {afleiding.gaten}")
            self._eis(not afleiding.wacht_op_eigen_woord, f"of {wortel}: it waits for a word")
            self._eis(weergaven.keys() >= {m.melding_id for m in afleiding.meldingen}, "a ghost")
            for tak in gezegd.inhoud["meldingen"]:
                self._keur(gezegd.inhoud, tak, weergaven[tak["meldingId"]])

    def _keur(
        self, afleiding: Mapping[str, Any], tak: Mapping[str, Any], weergave: Mapping[str, Any]
    ) -> None:
        """The orchestrator and the service know the same of a melding."""
        for naam in ("ouderId", "versie", "status", "uitkomst"):
            daar = weergave[naam]
            if naam == "uitkomst" and weergave["status"] != "gesloten":
                daar = None  # it is said when the melding is closed
            zin = f"{naam} of {tak['meldingId']}: {tak[naam]}, at its service {daar}"
            self._eis(tak[naam] == daar, zin)
        kinderen = [kind["meldingId"] for kind in weergave["kinderen"]]
        self._eis(tak["kinderen"] == kinderen, f"children {tak['kinderen']} and {kinderen}")
        loopt = {
            _termijn(t): t["uiterlijk"]
            for t in afleiding["termijnen"]
            if t["meldingId"] == tak["meldingId"] and t["status"] != "verstreken"
        }
        self._eis(loopt == weergave["termijnen"], f"terms {loopt} and {weergave['termijnen']}")


def _verder(weergave: Mapping[str, Any]) -> list[str]:
    """The steps that lead on; what was done once and may be done again is no such step."""
    is_gedaan = {"beoordelingen": weergave["prioriteit"], "overdrachten": weergave["kinderen"]}
    mogelijk = [stap for stap in weergave["mogelijkeStappen"] if stap not in ZELDEN]
    return [stap for stap in mogelijk if not is_gedaan.get(stap)]


def _termijn(termijn: Mapping[str, Any]) -> str:
    kind = termijn["kindId"]
    return str(termijn["soort"] if kind is None else f"{termijn['soort']}:{kind}")


def _tekst(wat: Mapping[str, Any]) -> bytes:
    return json.dumps(wat).encode()


def _zelfde(een: Antwoord) -> Any:
    """Compares answers; what is refused names the occurrence, which differs."""
    if een.status == GEMAAKT:
        return een.__eq__
    return lambda ander: (ander.status, ander.inhoud["code"]) == (een.status, een.inhoud["code"])
