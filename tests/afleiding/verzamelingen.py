"""Random sets of messages from a number: trees that are told by the book and by heart.

``trek(getal)`` gives the same set for the same number on every machine and for every hash seed. A
set is of one tree or two, whole or in part, and then damaged in all ways that the rulings speak of.
Nothing here knows the code of the derivation, and nothing goes through the models of the contract.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

PROCESSEN = {
    "A": "afspreken",
    "W": "wijzigen",
    "H": "herstellen",
    "U": "uitvoeren",
    "V": "verbeteren",
}
NAAR = {"A": "W", "W": "U", "H": "WU", "V": "AWU", "U": ""}
SOORTEN = {
    "A": "wens",
    "W": "wijzigingsverzoek",
    "H": "foutmelding",
    "U": "aanvraag",
    "V": "verbetervoorstel",
}
EINDEN = ("gesloten", "ingetrokken", "omgezet", "afgewezen", "afgebroken", "voltooid")
MELDING = {"dienst": "lantaarns", "kanaal": "web", "melder": "burger"}
FEITEN = ("proactief", "afwijking", "binnenAfspraken", "raaktBeheerdeInfrastructuur")
INHOUD: dict[str, dict[str, Any]] = {
    "aangenomen": MELDING,
    "beoordeeld": {
        "feiten": dict.fromkeys(FEITEN, False),
        "impact": 2,
        "urgentie": 2,
        "prioriteit": 3,
    },
    "stap-gezet": {"stap": "plannen"},
    "opgeschort": {"reden": "wacht"},
    "teruggekeerd": {"resultaat": "voltooid"},
    "overdracht-geweigerd": {"reden": "niet-van-ons"},
    "overdracht-aangeboden": {
        "soort": "deelproces",
        "organisatie": "00000099000000002000",
        "wacht": True,
        "heeftInhoud": False,
    },
    "overdracht-teruggenomen": {"aanleiding": "te-lang"},
    "schakel-ingekomen": {
        "soort": "deelproces",
        "ketenId": "00000000-0000-4000-8000-000000000002",
        "diepte": 1,
        **MELDING,
    },
    "gesloten": {"uitkomst": "voltooid"},
    "ingetrokken": {"aanleiding": "melder"},
    "omgezet": {
        "reden": "verkeerd",
        "nieuweMeldingen": [
            {
                "meldingId": "00000000-0000-4000-8000-000000000001",
                "naar": "afspreken",
                "meldingsoort": "wens",
                **MELDING,
            }
        ],
    },
    "afgewezen": {"reden": "niet-bevoegd"},
    "afgebroken": {"reden": "onmogelijk"},
}
"""What the contract wants to hear besides."""
TERUGNAMES = (["overdracht-teruggenomen"], ["overdracht-teruggenomen", "teruggekeerd"])
BRON = "urn:nld:oin:00000099000000001000:systeem:schakel-"
VREEMD = "urn:nld:oin:00000099000000002000:systeem:elders"

Bericht = dict[str, Any]


@dataclass
class Boom:
    """The messages of one tree while it is told, by a teller who is sometimes wrong."""

    toeval: random.Random
    fout: float
    berichten: list[Bericht] = field(default_factory=list)
    meldingen: int = 0

    def id(self) -> str:
        return str(UUID(int=self.toeval.getrandbits(128), version=4))

    def kans(self, kans: float) -> bool:
        return self.toeval.random() < kans

    def mis(self, kans: float = 1.0) -> bool:
        return self.kans(self.fout * kans)


@dataclass
class Melding:
    """One melding that tells its own story."""

    boom: Boom
    letter: str
    id: str
    plaats: Bericht
    versie: int = 0
    n: int = 0
    kinderen: list[tuple[str, str, int, int]] = field(default_factory=list)
    elders: set[str] = field(default_factory=set)
    """Those of the children that another organisation has."""
    spreker: str | None = None

    def zeg(self, soort: str, **inhoud: Any) -> Bericht:
        self.versie += 1 + (1 if self.boom.mis(0.02) else 0)
        nummer = len(self.boom.berichten) + 1
        data = {
            "meldingId": self.id,
            "proces": PROCESSEN[self.letter],
            "versie": self.versie,
            **self.plaats,
            **INHOUD.get(soort, {}),
            **inhoud,
            "door": {"wie": "mw-1", "rol": "behandelaar"},
        }
        bericht = {
            "specversion": "1.0",
            "id": f"{self.id}.{self.versie}",
            "source": BRON + (self.spreker or PROCESSEN[self.letter]),
            "type": f"nl.meldingen.{soort}.v1",
            "subject": self.id,
            "time": f"2026-01-01T{nummer // 60:02d}:{nummer % 60:02d}:00.000000Z",
            "datacontenttype": "application/json",
            "sequence": f"{nummer:020d}",
            "partitionkey": data["wortelId"],
            "data": data,
        }
        self.boom.berichten.append(bericht)
        return bericht

    def leef(self, diepte: int) -> None:
        """From taking it in to its end, and sometimes beyond."""
        boom = self.boom
        self.begin()
        if NAAR[self.letter] or boom.mis(0.2):
            for ronde in range(1, boom.toeval.choice([1, 1, 1, 2, 2, 3]) + 1):
                self.draag_over(ronde, diepte)
                if boom.kans(0.7):
                    self.zeg("gecontroleerd", gecontroleerdeRonde=ronde, goed=boom.kans(0.7))
        for oordeel in boom.toeval.choice([[], ["tevreden"], ["niet_tevreden", "tevreden"]]):
            self.zeg("tevredenheid-gecontroleerd", oordeel=oordeel)
        if boom.kans(0.75):
            self.zeg(boom.toeval.choice(["voltooid", "voltooid", *EINDEN[1:]]))
            if boom.kans(0.7):
                self.zeg("gesloten")
        while boom.mis(0.3):
            self.misdraag()

    def begin(self) -> None:
        boom = self.boom
        if not boom.mis(0.1):
            nummer = f"{self.letter}-2026-000001"
            self.zeg("aangenomen", meldingsoort=SOORTEN[self.letter], volgnummer=nummer)
        for soort, kans in (("beoordeeld", 0.85), ("stap-gezet", 0.5), ("opgeschort", 0.1)):
            if boom.kans(kans):
                self.zeg(soort)
        if boom.mis(0.15):
            self.zeg(boom.toeval.choice(EINDEN))

    def draag_over(self, ronde: int, diepte: int) -> None:
        boom, toeval = self.boom, self.boom.toeval
        gegeven = []
        for _ in range(toeval.choice([1, 1, 2])):
            mag = NAAR[self.letter]
            letter = toeval.choice("AWHUV" if not mag or boom.mis(0.15) else mag)
            self.n += 0 if boom.mis(0.1) else 1
            kind = (boom.id(), letter, max(1, self.n), ronde)
            self.kinderen.append(kind)
            gegeven.append(kind)
            if boom.kans(0.2):
                self.elders.add(kind[0])
            if not boom.mis(0.1):
                self.geef(kind)
        for kind in gegeven:
            if diepte and boom.kans(0.85) and boom.meldingen < 8:
                self.baar(kind).leef(diepte - 1)
            if boom.mis(0.1):
                self.geef(self.anders(kind))
            for soort in toeval.choice(
                [["teruggekeerd"]] * 9 + [["overdracht-geweigerd"], [], *TERUGNAMES]
                if not boom.mis(0.3)
                else [
                    ["teruggekeerd"] * 2,
                    ["overdracht-geweigerd", "teruggekeerd"],
                    [*TERUGNAMES[0], "overdracht-geweigerd"],
                    [*TERUGNAMES[0], *TERUGNAMES[0]],
                    ["overdracht-geweigerd", *TERUGNAMES[1]],
                    ["teruggekeerd", *TERUGNAMES[0]],
                ]
            ):
                self.zeg(soort, kindId=kind[0])

    def geef(self, kind: tuple[str, str, int, int]) -> None:
        kind_id, letter, n, ronde = kind
        deel = {"kindId": kind_id, "naar": PROCESSEN[letter], "n": n, "ronde": ronde}
        elders = (kind_id in self.elders) != self.boom.mis(0.05)
        self.zeg("overdracht-aangeboden" if elders else "overgedragen", overdracht=deel)

    def anders(self, kind: tuple[str, str, int, int]) -> tuple[str, str, int, int]:
        """The same hand-over, now and then said otherwise."""
        kind_id, letter, n, ronde = kind
        toeval = self.boom.toeval
        match toeval.randrange(5):
            case 0:
                letter = toeval.choice("AWHUV")
            case 1:
                n = toeval.randint(1, 4)
            case 2:
                ronde = toeval.randint(1, 4)
        return kind_id, letter, n, ronde

    def baar(self, kind: tuple[str, str, int, int]) -> "Melding":
        """The child, that sometimes is another than was said."""
        boom = self.boom
        boom.meldingen += 1
        kind_id, letter, n, ronde = self.anders(kind) if boom.mis(0.2) else kind
        plaats = {
            "wortelId": self.plaats["wortelId"],
            "ouderId": boom.id() if boom.mis(0.05) else self.id,
            "ouderProces": PROCESSEN[boom.toeval.choice("AWHUV") if boom.mis(0.1) else self.letter],
            "n": n,
            "ronde": ronde,
        }
        spreker = "grens" if kind_id in self.elders else None
        return Melding(boom, letter, kind_id, plaats, spreker=spreker)

    def kom_in(self) -> None:
        """What the grens says about it, apart from its own order."""
        versie, self.versie, self.spreker = self.versie, 0, "grens"
        self.zeg("schakel-ingekomen")
        self.versie, self.spreker = versie, None

    def misdraag(self) -> None:
        """Say something that came to nobody's mind before."""
        boom, toeval = self.boom, self.boom.toeval
        kind = toeval.choice(self.kinderen) if self.kinderen and boom.kans(0.6) else None
        kind = kind or (boom.id(), toeval.choice("AWHUV"), self.n + 1, toeval.randint(1, 3))
        match toeval.randrange(6):
            case 5:
                self.zeg("overdracht-teruggenomen", kindId=kind[0])
            case 0:
                self.zeg("teruggekeerd", kindId=kind[0])
            case 1:
                self.zeg("overdracht-geweigerd", kindId=kind[0])
            case 2 | 3:
                self.kinderen.append(kind)
                self.geef(self.anders(kind))
                if boom.kans(0.5):
                    self.zeg("teruggekeerd", kindId=kind[0])
            case 4:
                self.baar(kind).leef(0)


def vertel(toeval: random.Random, fout: float) -> list[Bericht]:
    """All messages of one tree. ``fout``: how often its teller goes wrong, 0 for never."""
    boom = Boom(toeval, fout)
    wortel_id = boom.id()
    wortel = Melding(boom, toeval.choice("AWHUVHVHV"), wortel_id, {"wortelId": wortel_id})
    if boom.kans(0.2):
        van = [letter for letter, mag in NAAR.items() if wortel.letter in mag]
        wortel.plaats["deelVan"] = {
            "schakelId": boom.id(),
            "organisatie": "00000099000000002000",
            "proces": PROCESSEN[toeval.choice("AWHUV" if not van or boom.mis(0.2) else van)],
            "n": 1,
            "ronde": 1,
        }
        if boom.kans(0.5):
            wortel.kom_in()
    wortel.leef(3)
    return boom.berichten


# Damage


def _kies(berichten: list[Bericht], toeval: random.Random, deel: float) -> Iterator[int]:
    for i in range(len(berichten)):
        if toeval.random() < deel:
            yield i


def voorvoegsel(berichten: list[Bericht], toeval: random.Random) -> None:
    """All stopped at one moment."""
    del berichten[toeval.randint(1, len(berichten)) :]


def weggelaten(berichten: list[Bericht], toeval: random.Random) -> None:
    weg = set(_kies(berichten, toeval, toeval.choice([0.05, 0.2, 0.5])))
    berichten[:] = [b for i, b in enumerate(berichten) if i not in weg]


def gewijzigd(berichten: list[Bericht], toeval: random.Random) -> None:
    """Some messages say something else."""
    for i in _kies(berichten, toeval, 0.1):
        berichten[i] = _anders(berichten[i], berichten, toeval)


def tegengesproken(berichten: list[Bericht], toeval: random.Random) -> None:
    """Two contents for one id, or two ids for one place."""
    for i in _kies(list(berichten), toeval, 0.06):
        ander = _anders(berichten[i], berichten, toeval)
        if toeval.random() < 0.4:
            ander["id"] = toeval.choice([f"{ander['id']}x", f"{toeval.choice(berichten)['id']}"])
        if toeval.random() < 0.2:
            ander["source"] = VREEMD
        berichten.append(ander)


def zonder_versie(berichten: list[Bericht], toeval: random.Random) -> None:
    """Some or all as a foreign log would tell it, in place of ours or beside it."""
    alles = toeval.random() < 0.2
    for i in _kies(list(berichten), toeval, 1.0 if alles else 0.15):
        ander = _kopie(berichten[i])
        if toeval.random() < 0.3:
            ander = _anders(ander, berichten, toeval)
        ander["data"].pop("versie", None)
        ander["id"] = f"vreemd-{toeval.randrange(100)}-{ander['data']['wortelId']}"
        if toeval.random() < 0.3:
            ander.pop("time", None)
        if toeval.random() < 0.3:
            ander["source"] = VREEMD
        if alles or toeval.random() < 0.5:
            berichten[i] = ander
        else:
            berichten.append(ander)


def verhuisd(berichten: list[Bericht], toeval: random.Random) -> None:
    """Some messages, or variants of them, say to belong to the other tree."""
    wortels = sorted({b["data"]["wortelId"] for b in berichten})
    for i in _kies(list(berichten), toeval, 0.06):
        ander = _kopie(berichten[i])
        ander["data"]["wortelId"] = ander["partitionkey"] = toeval.choice(wortels)
        if toeval.random() < 0.3:
            ander["data"]["meldingId"] = toeval.choice(berichten)["data"]["meldingId"]
        if toeval.random() < 0.5:
            berichten[i] = ander
        else:
            berichten.append(ander)


SCHADE: tuple[Callable[[list[Bericht], random.Random], None], ...] = (
    voorvoegsel,
    weggelaten,
    gewijzigd,
    tegengesproken,
    zonder_versie,
    verhuisd,
)


def _kopie(bericht: Bericht) -> Bericht:
    data = dict(bericht["data"])
    for deel in ("overdracht", "deelVan"):
        if deel in data:
            data[deel] = dict(data[deel])
    return {**bericht, "data": data}


def _anders(bericht: Bericht, berichten: list[Bericht], toeval: random.Random) -> Bericht:
    """One thing in it is another; the fields of a place stay together."""
    bericht = _kopie(bericht)
    data = bericht["data"]
    deel = data.get("overdracht", data)
    ids = [toeval.choice(berichten)["data"]["meldingId"] for _ in range(2)]
    mogelijk: list[tuple[Bericht, str, Any]] = [
        (data, "meldingId", ids[0]),
        (data, "versie", toeval.randint(1, 14)),
        (data, "proces", PROCESSEN[toeval.choice("AWHUV")]),
        (data, "dienst", "iets-anders"),
    ]
    if "ouderId" in data:
        mogelijk += [
            (data, "ouderId", ids[1]),
            (data, "ouderProces", PROCESSEN[toeval.choice("AWHUV")]),
            (data, "n", toeval.randint(1, 4)),
            (data, "ronde", toeval.randint(1, 4)),
        ]
    if "deelVan" in data:
        mogelijk += [
            (data["deelVan"], "proces", PROCESSEN[toeval.choice("AWHUV")]),
            (data["deelVan"], "n", toeval.randint(1, 4)),
        ]
    if "kindId" in deel:
        mogelijk += [(deel, "kindId", ids[0])] * 2
    if "naar" in deel:
        mogelijk += [(deel, "naar", PROCESSEN[toeval.choice("AWHUV")])] * 2
        mogelijk += [(deel, "n", toeval.randint(1, 4)), (deel, "ronde", toeval.randint(1, 4))]
    waar, veld, waarde = toeval.choice(mogelijk)
    waar[veld] = waarde
    return bericht


# Spelling and order, which mean nothing


def spel(bericht: Bericht, toeval: random.Random) -> bytes:
    """The same message as another program would write it, or the same system after a restore."""
    if toeval.random() < 0.5:
        volgnummer = f"{toeval.randrange(10**6):020d}"
        bericht = {**bericht, "sequence": volgnummer, "uitbreiding": "van een spiegel"}
    bericht = {**bericht, "data": _door_elkaar(bericht["data"], toeval)}
    return json.dumps(bericht, indent=toeval.choice([None, 1])).encode()


def _door_elkaar(data: Bericht, toeval: random.Random) -> Bericht:
    velden = list(data.items())
    toeval.shuffle(velden)
    return {
        naam: _door_elkaar(w, toeval) if isinstance(w, dict) else float(w) if type(w) is int else w
        for naam, w in velden
    }


def schrijf(bericht: Bericht) -> bytes:
    return json.dumps(bericht, separators=(",", ":")).encode()


def trek(getal: int) -> list[Bericht]:
    """The set of this number. One in four is told without a fault and not damaged."""
    toeval = random.Random(f"verzameling {getal}")
    fout = toeval.choice([0.0, 0.0, 0.3, 1.0])
    berichten = vertel(toeval, fout)
    schade = [toeval.choice(SCHADE) for _ in range(toeval.choice([0, 1, 1, 2, 3]))]
    if verhuisd in schade or toeval.random() < 0.05:
        berichten += vertel(toeval, fout)
    for beschadig in schade:
        if berichten:
            beschadig(berichten, toeval)
    return berichten
