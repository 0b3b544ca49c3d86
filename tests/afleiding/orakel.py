"""The derivation a second time: slow, plain, and straight from docs/domein.md, section 6.

Written from the text alone and read beside it: every rule stands under the sentence that it comes
from. It shares no code with ``packages/afleiding``, knows no relations but its own, and is never
made faster. Where the two differ the text decides, and where the text is silent it is mended.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

MAG = {"A": "W", "W": "U", "H": "WU", "V": "AWU", "U": ""}
WOORD = {1: "AWUWA", 2: "WUW", 3: "HWUWH", 4: "HUH", 5: "U", 6: "VAWUWAV", 7: "VWUWV", 8: "VUV"}
NUMMER = {"A": 1, "W": 2, "U": 5, "HW": 3, "HU": 4, "VA": 6, "VW": 7, "VU": 8}
HOOGTE = "UWA"
DRAAGT_NIET_MEER_OVER = ("ingetrokken", "omgezet", "afgewezen", "gesloten")
GEEFT = ("overgedragen", "overdracht-aangeboden")
NIET_VAN_HAAR = ("schakel-ingekomen", "schakel-ingetrokken")
IS_KLAAR = (*DRAAGT_NIET_MEER_OVER, "afgebroken", "voltooid")
HEEL_LAAT = 10**9


def _letter(proces: str | None) -> str | None:
    return {"verbeteren": "V"}.get(proces, proces[0].upper()) if proces else None


class Bericht:
    """What one message says."""

    def __init__(self, ruw: bytes) -> None:
        alles = json.loads(ruw)
        data = alles["data"]
        deel = data.get("overdracht", {})
        self.ruw, self.bron, self.id, self.tijd = (
            ruw,
            alles["source"],
            alles["id"],
            alles.get("time"),
        )
        self.soort = alles["type"].split(".")[2]
        self.wortel, self.melding = data["wortelId"], data["meldingId"]
        self.versie = int(data["versie"]) if "versie" in data else None
        self.proces, self.oordeel = _letter(data["proces"]), data.get("oordeel")
        self.ouder, self.ouderproces = data.get("ouderId"), _letter(data.get("ouderProces"))
        self.kind = deel.get("kindId", data.get("kindId"))
        self.deel_van = data.get("deelVan")
        self.naar = _letter(deel["naar"]) if deel else self.proces
        plaats = deel or data
        self.n, self.ronde = (int(plaats[v]) if v in plaats else None for v in ("n", "ronde"))

    def volgorde(self) -> tuple[Any, ...]:
        """Order inside a melding is ``versie``. Ties among those without one: ``aangenomen``, then
        ``overgedragen``, then time (without a time last), then id, then source."""
        if self.versie is not None:
            return (self.versie,)
        geeft = "overgedragen" if self.soort in GEEFT else self.soort
        soort = ["aangenomen", "overgedragen", geeft].index(geeft)
        tijd = datetime.fromisoformat(self.tijd).timestamp() if self.tijd else float("inf")
        return (HEEL_LAAT, soort, tijd, self.id, self.bron)

    def feit(self) -> tuple[Any, ...]:
        if self.soort in GEEFT:
            return (self.soort, self.kind, self.naar, self.n, self.ronde)
        return (self.soort, self.kind, self.oordeel)


def inhoud(ruw: bytes) -> Any:
    """Two messages are one when (source, id), type and data are equal, the data as JSON values:
    1 and 1.0 are equal, true and 1 are not."""

    def getal(tekst: str) -> tuple[str, Decimal]:
        return ("getal", Decimal(tekst))

    alles = json.loads(ruw, parse_int=getal, parse_float=getal)
    return alles["type"], alles["data"]


class Orakel:
    """One tree."""

    def __init__(self, wortel: str, berichten: Iterable[bytes]) -> None:
        self.wortel = wortel
        self.afwijkingen: list[tuple[str, str, str | None, bool]] = []
        self.gezegd: dict[str, list[Bericht]] = defaultdict(list)
        for b in sorted(self._zuiver(berichten), key=Bericht.volgorde):
            if b.soort not in NIET_VAN_HAAR:  # it has no place in its order
                self.gezegd[b.melding].append(b)
        for alle in self.gezegd.values():
            # A repeat without a versie of a fact that has one moves nothing.
            vast = {b.feit() for b in alle if b.versie}
            alle[:] = [b for b in alle if b.versie or b.feit() not in vast]
        self.gezien = sorted(self.gezegd)
        # What the first melding says of a parent is about another tree.
        kinderen = [m for m in self.gezien if m != wortel]
        ouders = {self._eerste(m).ouder for m in kinderen} - {None}
        ouders |= {b.ouder for m in kinderen for b in self._zegt(m, "aangenomen") if b.ouder}
        self.bekend = sorted({wortel, *self.gezien} | ouders)
        # A stand-in is a ``kindId`` that an ``overdracht-aangeboden`` in that tree names.
        aanbod = [b for alle in self.gezegd.values() for b in alle if b.soort == GEEFT[1]]
        self.plaatsvervangers = {b.kind for b in aanbod} - {wortel}
        self.terug: set[tuple[str, str]] = set()
        self.teruggenomen: set[tuple[str, str]] = set()
        for melding in self.bekend:
            self._keur_overdrachten(melding)
            self._keur_terugkeren(melding)
            self._keur_ouders(melding)
        self._keur_soorten()
        self._keur_deel()

    # 6.6 and 6.7: double and contradictory

    def _zuiver(self, berichten: Iterable[bytes]) -> list[Bericht]:
        per_id: dict[tuple[str, str], list[Bericht]] = defaultdict(list)
        for ruw in sorted(set(berichten)):  # of equals the lowest bytes stand for all
            b = Bericht(ruw)
            if all(inhoud(ruw) != inhoud(ander.ruw) for ander in per_id[b.bron, b.id]):
                per_id[b.bron, b.id].append(b)
        hier = [(k, b) for k, alle in per_id.items() for b in alle if b.wortel == self.wortel]
        plaatsen: dict[tuple[str, int], set[tuple[str, str]]] = defaultdict(set)
        for k, b in hier:
            if b.versie and b.soort not in NIET_VAN_HAAR:
                plaatsen[b.melding, b.versie].add(k)
        # Two contents for one (source, id). Those that name different trees are told in each.
        twist = {k for k, alle in per_id.items() if len(alle) > 1}
        twistend = {(k, b.melding) for k, b in hier if k in twist}
        # Or two ids for one (melding, versie). None counts and their versie is unseen.
        botsend = {melding: ids for melding, ids in plaatsen.items() if len(ids) > 1}
        for melding in [m for _, m in twistend] + [m for m, _ in botsend]:
            self._wijk_af("tegenstrijdig", melding, None, vast=True)
        twist |= {k for ids in botsend.values() for k in ids}
        return [b for k, b in hier if k not in twist]

    def _wijk_af(self, code: str, melding: str, kind: str | None, *, vast: bool) -> None:
        self.afwijkingen.append((code, melding, kind, vast))

    # What a melding says

    def _zegt(self, melding: str, *soorten: str, kind: str | None = None) -> list[Bericht]:
        alle = self.gezegd.get(melding, [])
        return [b for b in alle if b.soort in soorten and kind in (None, b.kind)]

    def _eerste(self, melding: str) -> Bericht:
        return self.gezegd[melding][0]

    def _plaatsen(self, melding: str) -> list[Bericht]:
        """What says where it stands: its messages with a versie, or if it has none the others."""
        alle = self.gezegd.get(melding, [])
        return [b for b in alle if b.versie] or alle

    def _processen(self, melding: str) -> set[str]:
        return {b.proces for b in self._plaatsen(melding)}

    def _ouder(self, melding: str) -> str | None:
        gezegd = self.gezegd.get(melding) if melding != self.wortel else None
        return gezegd[0].ouder if gezegd else None

    def _mist_onder(self, melding: str, versie: int) -> bool:
        gezien = {b.versie for b in self.gezegd.get(melding, [])}
        return any(v not in gezien for v in range(1, versie))

    def _einde(self, melding: str) -> int:
        """The giver's own ``ingetrokken``, ``omgezet``, ``afgewezen`` or ``gesloten``."""
        einden = self._zegt(melding, *DRAAGT_NIET_MEER_OVER)
        return min((b.versie for b in einden if b.versie), default=HEEL_LAAT)

    def proces(self, melding: str) -> str | None:
        """The giver is what it says itself, and ``ouderProces`` only if it is unseen. Children that
        do not agree decide nothing."""
        if melding in self.gezien:
            return self._eerste(melding).proces
        bewijzen = self._bewijzen(melding)
        beweerd = {b.ouderproces for b in bewijzen if b.proces in MAG[b.ouderproces]}
        return beweerd.pop() if len(beweerd) == 1 else None

    # 6.2 and 6.5: hand-overs and what proves them

    def _bewijzen(self, gever: str, kind: str | None = None) -> list[Bericht]:
        """A direct child's ``aangenomen``, and no other fact, proves its hand-over."""
        kinderen = [m for m in self.gezien if kind in (None, m) and m not in (gever, self.wortel)]
        return [b for m in kinderen for b in self._zegt(m, "aangenomen") if b.ouder == gever]

    def _woorden(self, gever: str, kind: str) -> list[Bericht]:
        """A hand-over above the giver's end counts for nothing; a repeat opens nothing again."""
        alle = self._zegt(gever, *GEEFT, kind=kind)
        return [w for w in alle if not w.versie or w.versie < self._einde(gever)]

    def _kinderen(self, gever: str) -> list[str]:
        gezegd = {w.kind for w in self._zegt(gever, *GEEFT)}
        return sorted(gezegd | {b.melding for b in self._bewijzen(gever)})

    def _buiten(self, gever: str, b: Bericht, *, vast: bool = False) -> bool:
        """The giver is what it says itself, or else ``ouderProces``; by either is illegal. Vast,
        unless it rests on messages without ``versie`` alone."""
        van = {b.proces if b.soort in GEEFT else b.ouderproces}
        if not vast or any(ander.versie for ander in self._plaatsen(gever)):
            van |= self._processen(gever)
        return bool(b.versie or not vast) and any(b.naar not in MAG[p] for p in van)

    def _is_geweigerd(self, gever: str, kind: str) -> bool:
        """A refusal counts only by the giver's word."""
        return bool(self._zegt(gever, "overdracht-geweigerd", kind=kind))

    def _overdracht(self, gever: str, kind: str) -> Bericht | None:
        """Its first word, or else the proof: that is the hand-over, whether it counts or not."""
        return next(iter([*self._woorden(gever, kind), *self._bewijzen(gever, kind)]), None)

    def _telt(self, gever: str, b: Bericht | None) -> bool:
        kind = None if b is None else b.kind if b.soort in GEEFT else b.melding
        return b is not None and not self._buiten(gever, b) and not self._is_geweigerd(gever, kind)

    def _tellend(self, gever: str) -> list[tuple[str, Bericht]]:
        """Per child the hand-over, if it counts."""
        gegeven = [(kind, self._overdracht(gever, kind)) for kind in self._kinderen(gever)]
        return [(kind, b) for kind, b in gegeven if self._telt(gever, b)]

    def _tellende_woorden(self, gever: str) -> list[tuple[str, Bericht]]:
        """One ``kindId`` said twice with another ``naar``, n or ronde: both count."""
        alle = list(self._tellend(gever))
        for kind in self._kinderen(gever):
            eerste, *rest = self._woorden(gever, kind) or [None]
            anders = [w for w in rest if w.feit()[1:] != eerste.feit()[1:]]
            alle += [(kind, w) for w in anders if self._telt(gever, w)]
        return alle

    def _is_dit_kind(self, gever: str, kind: str, naar: str) -> bool:
        """A child that names another process or parent than its giver said has nothing below it."""
        is_anders = self.proces(kind) not in (None, naar) or self._ouder(kind) not in (None, gever)
        return kind != self.wortel and not is_anders

    def _geeft(self, gever: str, kind: str, b: Bericht | None) -> bool:
        return self._telt(gever, b) and self._is_dit_kind(gever, kind, b.naar)

    # 6.6: the afwijkingen

    def _keur_overdrachten(self, gever: str) -> None:
        for kind in self._kinderen(gever):
            woorden = self._zegt(gever, *GEEFT, kind=kind)
            # Once, whether its own word or the child's proves it, refused or not.
            buiten = [b for b in woorden + self._bewijzen(gever, kind) if self._buiten(gever, b)]
            if buiten:
                vast = any(self._buiten(gever, b, vast=True) for b in buiten)
                self._wijk_af("overdracht-niet-toegestaan", gever, kind, vast=vast)
            if len(self._woorden(gever, kind)) < len(woorden):
                self._wijk_af("overdracht-na-einde", gever, kind, vast=True)
            if len({w.feit()[1:] for w in woorden}) > 1:
                vast = any(w.versie for w in woorden)
                self._wijk_af("overdracht-dubbel", gever, kind, vast=vast)

    def _keur_terugkeren(self, gever: str) -> None:
        gevouwen = self._zegt(gever, "ingetrokken", "omgezet")
        # One ``ingetrokken`` without a versie makes a return a note.
        stop = min((b.versie or 0 for b in gevouwen), default=HEEL_LAAT)
        for b in self._zegt(gever, "teruggekeerd", "overdracht-teruggenomen"):
            plaats = HEEL_LAAT if b.versie is None else b.versie
            neemt_terug = b.soort == "overdracht-teruggenomen"
            if not neemt_terug and (gever, b.kind) in self.teruggenomen:
                continue  # all later returns are notes
            past = (gever, b.kind) not in self.terug and self._past(gever, b)
            if past or plaats > stop:
                # No longer open, and adds the giver's letter once.
                is_eerste = (gever, b.kind) not in self.terug and self._overdracht_of_laat(
                    gever, b.kind
                )
                self.teruggenomen |= {(gever, b.kind)} if neemt_terug and is_eerste else set()
                # A return counted as a note still adds its letter to ``pad``.
                self.terug.add((gever, b.kind))
            else:
                # An afwijking adds no letter and closes nothing.
                vast = b.versie is not None and not self._mist_onder(gever, b.versie)
                woord = "terugname" if neemt_terug else "terugkeer"
                self._wijk_af(f"{woord}-zonder-overdracht", gever, b.kind, vast=vast)

    def _overdracht_of_laat(self, gever: str, kind: str) -> bool:
        """Whether anything says that it was handed over, also too late."""
        return kind in self._kinderen(gever)

    def _keur_soorten(self) -> None:
        """Two soorten for one id in one tree: on each melding that says one."""
        gezegd = [(m, b) for m in self.gezien for b in self._zegt(m, *GEEFT)]
        for kind in {b.kind for _, b in gezegd}:
            zo = [(m, b) for m, b in gezegd if b.kind == kind]
            # What rests on messages without a versie alone is ``vermoedelijk``.
            vast = any(b.versie for _, b in zo)
            for melding in {m for m, _ in zo} if len({b.soort for _, b in zo}) > 1 else ():
                self._wijk_af("tegenstrijdig", melding, kind, vast=vast)

    def _keur_deel(self) -> None:
        """Any message of the first melding says what it is a part of."""
        self.mag = True
        zegt = [b for b in self.gezegd.get(self.wortel, []) if b.deel_van]
        if not zegt:
            return
        buiten = [b for b in zegt if b.proces not in MAG[_letter(b.deel_van["proces"])]]
        if buiten:
            vast = any(b.versie for b in buiten)
            self._wijk_af("overdracht-niet-toegestaan", self.wortel, None, vast=vast)
        waarden = {(json.dumps(b.deel_van, sort_keys=True), bool(b.versie)) for b in zegt}
        if len({waarde for waarde, _ in waarden}) > 1:
            # What rests on messages without a versie alone is ``vermoedelijk``.
            vast = len([waarde for waarde, heeft_versie in waarden if heeft_versie]) > 1
            self._wijk_af("tegenstrijdig", self.wortel, None, vast=vast)
        # The number stands if one is allowed.
        hier = self.proces(self.wortel)
        self.mag = any(hier in MAG[_letter(b.deel_van["proces"])] for b in zegt)

    def _past(self, gever: str, b: Bericht) -> bool:
        """Whether the hand-over is open. What has no versie fits wherever it fits."""
        woorden, bewijzen = self._woorden(gever, b.kind), self._bewijzen(gever, b.kind)
        if b.versie is None:
            return bool(woorden or bewijzen)
        geweigerd = self._zegt(gever, "overdracht-geweigerd", kind=b.kind)
        if any(w.versie and w.versie < b.versie for w in geweigerd):
            return False
        if any(not w.versie or w.versie < b.versie for w in woorden):
            return True
        # The proof makes a return fit only if a number below that return is missing.
        return bool(bewijzen) and self._mist_onder(gever, b.versie)

    def _keur_ouders(self, kind: str) -> None:
        ouders = {b.ouder for b in self._plaatsen(kind) if kind != self.wortel and b.ouder}
        for gever in ouders:
            # The parent's history is closed and has no hand-over to this child, or to another.
            gesloten = self._zegt(gever, "gesloten")
            woorden = self._woorden(gever, kind)
            if gesloten and (not woorden or self._processen(kind) != {woorden[0].naar}):
                # Unless the parent has a gap; only one below its end can hold a hand-over.
                einde = self._einde(gever)
                vast = any(b.versie for b in gesloten) and not self._mist_onder(gever, einde)
                vast = vast and any(b.versie for b in self.gezegd[kind])
                self._wijk_af("kind-zonder-overdracht", kind, kind, vast=vast)

    # 6.2: the number

    def _is_afgewezen(self) -> bool:
        """``afgewezen`` without a ``beoordeeld``: no number, no kandidaten, an empty ``pad``."""
        is_beoordeeld = self._zegt(self.wortel, "beoordeeld")
        return not self.mag or bool(self._zegt(self.wortel, "afgewezen") and not is_beoordeeld)

    def geschiedenis(self) -> list[tuple[int, Bericht]]:
        proces = self.proces(self.wortel)
        if proces is None or self._is_afgewezen():
            return []
        # Over ``n``; equal ``n``: the lowest target first, then ``kindId``.
        op_n = sorted(
            self._tellende_woorden(self.wortel),
            key=lambda kb: (kb[1].n or HEEL_LAAT, HOOGTE.index(kb[1].naar), kb[0]),
        )
        if proces in NUMMER:  # the kind of the first melding settles 1, 2 and 5
            eerste = self._eerste(self.wortel) if self.wortel in self.gezien else op_n[0][1]
            return [(NUMMER[proces], eerste)]
        nummers: list[tuple[int, Bericht]] = []
        hoogste = -1
        for _, b in op_n:
            if HOOGTE.index(b.naar) > hoogste:
                hoogste = HOOGTE.index(b.naar)
                nummers.append((NUMMER[proces + b.naar], b))
        return nummers

    # 6.3: the walked path

    def pad(self) -> str:
        proces = self.proces(self.wortel)
        return "" if proces is None or self._is_afgewezen() else self._loop(self.wortel, proces)

    def _loop(self, melding: str, proces: str) -> str:
        per_ronde: dict[int, list[tuple[int, int, str, str]]] = defaultdict(list)
        for kind, b in self._tellend(melding):
            if b.naar in MAG[proces]:
                plaats = (-HOOGTE.index(b.naar), b.n or HEEL_LAAT, kind, b.naar)
                per_ronde[b.ronde or 1].append(plaats)
        gelopen = proces
        if melding in self.plaatsvervangers:
            return gelopen
        for ronde in sorted(per_ronde):
            # One excursion into the highest-ranked child (tie: lowest ``n``) and back.
            _, _, kind, naar = min(per_ronde[ronde])
            gelopen += self._loop(kind, naar) if self._is_dit_kind(melding, kind, naar) else naar
            gelopen += proces if (melding, kind) in self.terug else ""
        return gelopen

    # 6.4: kandidaten, and what counts

    def _onder(self) -> tuple[set[str], set[str]]:
        """The meldingen that count, and the processes seen below the first one."""
        eerste = self.proces(self.wortel)
        mogelijk = set("".join(w[1:-1] for w in WOORD.values() if eerste in (None, w[0])))
        tellend, gezien = {self.wortel}, {b.naar for _, b in self._tellend(self.wortel)}
        alle = set(self.bekend)
        while nieuw := {m for m in alle - tellend if self._hangt(m, tellend, mogelijk)}:
            tellend |= nieuw
        for m in tellend - {self.wortel}:
            gezien |= {self.proces(m)} | {b.naar for _, b in self._tellende_woorden(m)}
            ouder = self._ouder(m)
            if ouder not in (None, self.wortel) and ouder not in self.gezien:
                gezien |= {self._eerste(m).ouderproces}
        return tellend, gezien & mogelijk

    def _hangt(self, m: str, tellend: set[str], mogelijk: set[str]) -> bool:
        """A melding counts over hand-overs that are allowed and not refused. As far as its way up
        was not seen it counts too, unless what was seen of it can never lead to the first one."""
        if self.proces(m) not in mogelijk | {None}:
            return False
        gegeven = {g: self._overdracht(g, m) for g in self.bekend if m in self._kinderen(g)}
        ouder = self._ouder(m)
        tellend = tellend - self.plaatsvervangers  # nothing it has below it counts
        if ouder is None:
            # Below a ``kindId`` known only by its giver's late or refused word nothing counts.
            gevers = {g for g, b in gegeven.items() if self._geeft(g, m, b)}
            return not gegeven or bool(gevers & tellend)
        if gegeven.get(ouder) is not None:
            return ouder in tellend and self._geeft(ouder, m, gegeven[ouder])
        # Any message of a nested melding shows its process.
        beweerd = self._eerste(m).ouderproces
        is_mogelijk = ouder == self.wortel or ouder in self.gezien or beweerd in mogelijk
        mag = all(self.proces(m) in MAG[p] for p in (beweerd, self.proces(ouder)) if p)
        return ouder in tellend and is_mogelijk and mag and not self._is_geweigerd(ouder, m)

    def kandidaten(self) -> list[int]:
        if self._is_afgewezen():
            return []
        proces, (_, gezien) = self.proces(self.wortel), self._onder()
        return [n for n, w in WOORD.items() if proces in (None, w[0]) and gezien <= set(w[1:-1])]

    # 6.5 and 6.8

    def rondes(self) -> dict[str, int]:
        """The highest ronde of the hand-overs that count; for U as first process 1 + the number of
        ``niet_tevreden``."""
        rondes = {}
        for m in self._onder()[0] - self.plaatsvervangers:
            if geteld := [b.ronde or 1 for _, b in self._tellende_woorden(m)]:
                rondes[m] = max(geteld)
        if self.proces(self.wortel) == "U":
            oordelen = self._zegt(self.wortel, "tevredenheid-gecontroleerd")
            rondes[self.wortel] = 1 + sum(b.oordeel == "niet_tevreden" for b in oordelen)
        return rondes

    def open(self) -> list[tuple[str, str]]:
        """What somebody still waits for: a giver that ended waits for nothing."""
        hier = self._onder()[0] - self.plaatsvervangers
        wachtend = [m for m in hier if not self._zegt(m, *IS_KLAAR)]
        tellend = {(m, kind) for m in wachtend for kind, _ in self._tellend(m)}
        return sorted(tellend - self.terug)

    def gaten(self) -> list[tuple[str, int]]:
        """A number missing below the highest ``versie`` seen, or no 1 seen."""
        gaten = []
        for m in self.bekend:
            gezien = {b.versie for b in self.gezegd.get(m, []) if b.versie}
            gaten += [(m, v) for v in range(1, max(gezien, default=2)) if v not in gezien]
        return gaten

    def oordeel(self) -> dict[str, Any]:
        """All that the text decides."""
        geschiedenis = self.geschiedenis()
        nummer = geschiedenis[-1][0] if geschiedenis else None
        return {
            "proces": self.proces(self.wortel),
            "werkstroom": nummer,
            "geschiedenis": [(n, b.bron, b.id) for n, b in geschiedenis],
            "eigen woord": [b.melding == self.wortel for _, b in geschiedenis],
            "kandidaten": self.kandidaten(),
            "woord": WOORD[nummer] if nummer else None,
            "pad": self.pad(),
            "rondes": self.rondes(),
            "afwijkingen": sorted(self.afwijkingen, key=str),
            "gaten": self.gaten(),
            "open": self.open(),
        }
