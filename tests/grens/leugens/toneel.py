"""The stage: the product's listener with its store, and a scripted partner who makes all calls.

The product stands here whole, from the listener down, without sockets. Everything that a partner
says passes `Toneel.roep`; what may be a lie passes `Toneel.lieg`, which looks at the store before
and after.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
from tests.grens.leugens.golf import Contractsleutel, Sleutel, Sleutelrij, verklaring
from tests.grens.leugens.partner import Ontvanger, Partner, Zender, als_json

from schakel.bewijs import Ondertekenaar
from schakel.grens.kanaal import Partnerkanaal
from schakel.grens.luisteraar import Luisteraar, maak_app
from schakel.grens.overeenkomsten import Partner as Overeengekomen
from schakel.grens.overeenkomsten import lees_getekend
from schakel.grens.tabellen import TABELLEN
from schakel.grens.verkeer import Verkeer, vergeet_sessies
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.transactie import AlleenRijen

WIJ = "00000099000000002000"
"""The product."""
ZIJ = "00000099000000001000"
"""The partner who lies."""
DERDE = "00000099000000003000"
"""Another partner of both."""
OP = datetime(2026, 11, 30, 12, tzinfo=UTC)
_APART = ("bewijsstukken", "verbindingen", "bladen")
_BLADEN = "SELECT logboek, nummer, hash, length(blad) FROM bladen ORDER BY logboek, nummer"
"""Their bytes are compared where honest traffic went on: `Toneel.is_gelijk`."""
_VERBINDING = "SELECT * FROM verbindingen ORDER BY partner"
_STUKKEN = "SELECT partner, reden, inhoud FROM bewijsstukken ORDER BY nummer"
_TABELLEN = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"


@dataclass(frozen=True)
class Gezien:
    """What the store holds: all that was taken in or said, how the links stand, the evidence."""

    inhoud: tuple[Any, ...]
    verbindingen: tuple[Any, ...]
    stukken: tuple[tuple[str, str, bytes], ...]


@dataclass(frozen=True)
class Uitkomst:
    """What came of one call, with the store before and after."""

    wat: str
    gezegd: bytes
    status: int
    antwoord: dict[str, Any]
    voor: Gezien
    na: Gezien


def contract(
    wij: str, zij: str, beller: str, sleutels: dict[str, Contractsleutel], vkeys: dict[str, str]
) -> Any:
    """A contract signed by both, by which one of the two makes all calls."""
    partijen = [
        {
            "oin": oin,
            "naam": f"organisatie {oin[-4]}",
            "adres": f"https://grens-{oin[-4]}.example" if oin != beller else None,
            "contractsleutel": sleutels[oin].jwk,
            "logsleutel": vkeys[oin],
        }
        for oin in (zij, wij)
    ]
    termijnen = {"ontvangst": "PT1H", "eersteWoord": "P2D", "vraag": "P7D", "beoordeling": "P14D"}
    afspraak = {
        "soort": "ketenmelding",
        "vrager": zij,
        "uitvoerder": wij,
        "processen": [],
        "meldingsoorten": ["foutmelding"],
        "diensten": ["wegen"],
        "modellen": ["hoofdaannemer"],
        "termijnen": termijnen,
    }
    payload = als_json(
        {
            "versie": 1,
            "overeenkomstId": f"0198c1de-7b1a-7c3e-9a52-3f0f6a1f{zij[-4:]}",
            "volgnummer": 1,
            "geldigVanaf": "2026-01-01T00:00:00Z",
            "geldigTot": "2036-01-01T00:00:00Z",
            "beller": beller,
            "partijen": partijen,
            "afspraken": [afspraak],
        }
    )
    delen = [sleutels[oin].jws(payload, "schakel-overeenkomst+json") for oin in (zij, wij)]
    return {**delen[0], "signatures": [deel["signatures"][0] for deel in delen]}


@dataclass
class Toneel:
    """The product and its partners, while they play. `partner` is who lies, `derde` another."""

    r: Random
    klant: httpx.AsyncClient
    opslag: SqliteOpslag
    kanalen: dict[str, Partnerkanaal]
    partners: dict[str, Partner]
    contractsleutels: dict[str, Contractsleutel]
    lijstnummer: dict[str, int] = field(default_factory=dict)
    gezegd: int = 0

    @property
    def partner(self) -> Partner:
        """Who lies."""
        return self.partners[ZIJ]

    @property
    def derde(self) -> Partner:
        """Another partner, who does not."""
        return self.partners[DERDE]

    @property
    def kanaal(self) -> Partnerkanaal:
        """The product's link with who lies."""
        return self.kanalen[ZIJ]

    @property
    def hier(self) -> int:
        """So much of the partner's log the product should have: what it gave its receipt for."""
        return self.partner.bewezen

    # Calls

    async def roep(
        self, methode: str, wat: str, inhoud: object = None, *, van: str = ZIJ
    ) -> tuple[int, dict[str, Any]]:
        """One call of a partner; the status, and the JSON of the answer or nothing."""
        ruw = inhoud if isinstance(inhoud, bytes) else als_json(inhoud)
        koppen = {"x-oin": van, "content-type": "application/json"}
        pad = wat if wat.startswith("/") else f"/v1/logboeken/{van}/{wat}"
        met = {} if methode == "GET" else {"content": ruw}
        antwoord = await self.klant.request(methode, pad, headers=koppen, **met)
        return antwoord.status_code, antwoord.json() if antwoord.content else {}

    async def lieg(
        self, methode: str, wat: str, inhoud: object = None, *, van: str = ZIJ
    ) -> Uitkomst:
        """The same, with the store before and after."""
        voor = self.gezien()
        ruw = inhoud if isinstance(inhoud, bytes) else als_json(inhoud)
        status, antwoord = await self.roep(methode, wat, ruw, van=van)
        return Uitkomst(wat, ruw, status, antwoord, voor, self.gezien())

    def gezien(self) -> Gezien:
        """The store as it stands."""
        namen = [naam for (naam,) in self.opslag.vraag(_TABELLEN, ()) if naam not in _APART]
        namen = [naam for naam in namen if not naam.startswith("sqlite_")]
        vragen = [_BLADEN, *(f"SELECT * FROM {naam}" for naam in namen)]
        inhoud = tuple(tuple(map(tuple, self.opslag.vraag(een, ()))) for een in vragen)
        stukken = self.opslag.vraag(_STUKKEN, ())
        return Gezien(
            inhoud,
            tuple(map(tuple, self.opslag.vraag(_VERBINDING, ()))),
            tuple((partner, reden, bytes(ruw)) for partner, reden, ruw in stukken),
        )

    # Honest traffic

    def blad(self) -> bytes:
        """Any bytes at all; none twice."""
        self.gezegd += 1
        kop = b"%d." % self.gezegd
        return kop + self.r.choice([self.r.randbytes(self.r.randint(1, 200)), b'{"a":1}', b"tekst"])

    async def hervat(self, wie: Partner | None = None) -> None:
        """The partner resumes; what the product says about itself is checked by its reader."""
        partner = wie or self.partner
        vraag = partner.hervatting()
        status, antwoord = await self.roep("POST", "hervattingen", vraag, van=partner.oin)
        assert status == 200, antwoord
        partner.leest_hervatting(antwoord)

    async def stuur(self, *bladen: bytes, wie: Partner | None = None) -> None:
        """The partner says leaves, sends pages until all are receipted, and checks the receipts."""
        partner = wie or self.partner
        partner.zender.zeg(*bladen)
        while partner.bewezen < len(partner.zender.bladen):
            status, antwoord = await self.roep("POST", "paginas", partner.pagina(), van=partner.oin)
            assert status == 200, antwoord
            partner.leest_antwoord(antwoord)

    async def hoor(self, *bladen: bytes, ontvang: bool = True) -> None:
        """The product says leaves; the partner fetches them, checks them, and gives its receipt."""
        if bladen:
            await self.kanaal.zeg(list(bladen))
        ontvanger = self.partner.ontvanger
        while True:
            vraag = f"paginas?vanaf={len(ontvanger.bladen)}&sessie={ontvanger.sessie}"
            status, pagina = await self.roep("GET", vraag)
            if status == 204:
                break
            assert status == 200, pagina
            status, gezegd = ontvanger.neem_in(als_json(pagina))  # type: ignore[assignment]
            assert status == 200, gezegd
            if ontvang:
                assert await self.roep("POST", "ontvangstbewijzen", gezegd) == (204, {})

    async def verkeer(self) -> None:
        """Some honest traffic both ways; both sides hold the same afterwards."""
        await self.stuur(*(self.blad() for _ in range(self.r.randint(2, 5))))
        await self.hoor(*(self.blad() for _ in range(self.r.randint(1, 3))))
        self.is_gelijk()

    def is_gelijk(self) -> None:
        """Both sides have the same of both logs, and neither has anything that was not said."""
        verkeer, partner = self.kanaal.verkeer, self.partner
        gezegd = partner.zender.bladen
        assert [*verkeer.in_.bladen(0, 2**31)] == gezegd[: partner.bewezen]
        assert [*verkeer.uit.bladen(0, 2**31)] == partner.ontvanger.bladen

    # Keys

    def nieuwe_sleutel(self, naam: str | None = None) -> Sleutel:
        """A key that nobody has yet."""
        return Sleutel(naam or self.partner.zender.oorsprong, self.r.randbytes(32))

    def sleutelblad(
        self,
        erbij: list[str],
        eraf: list[str],
        *,
        volgnummer: int | None = None,
        logboek: str | None = None,
        door: Contractsleutel | None = None,
    ) -> bytes:
        """A leaf with a key list of the partner; as it should be, but for what is given."""
        nummer = self.lijstnummer.get(ZIJ, 0) + 1
        lijst = verklaring(
            door or self.contractsleutels[ZIJ],
            logboek or self.partner.zender.oorsprong,
            volgnummer or nummer,
            erbij,
            eraf,
        )
        blad = {
            "specversion": "1.0",
            "id": f"{ZIJ}.{nummer}",
            "source": f"urn:nld:oin:{ZIJ}:systeem:grens",
            "type": "nl.schakels.verbinding.sleutels.v1",
            "subject": ZIJ,
            "time": "2026-11-30T12:00:06.000000Z",
            "datacontenttype": "application/json",
            "data": {
                "nummer": nummer,
                "door": {"organisatie": ZIJ, "rol": "beheer"},
                "verklaring": lijst,
            },
        }
        return als_json(blad)

    async def roteer(self) -> Sleutel:
        """A new key comes and the old one goes in the middle of a page; gives the old one."""
        zender, nieuw = self.partner.zender, self.nieuwe_sleutel()
        oud = zender.sleutel
        zender.zeg(self.blad())
        await self.wissel(nieuw)
        return oud

    async def wissel(self, nieuw: Sleutel) -> None:
        """Say that this key comes and the present one goes; from now on it signs all."""
        zender = self.partner.zender
        lijst = self.sleutelblad([nieuw.vkey], [zender.sleutel.vkey])
        self.lijstnummer[ZIJ] = self.lijstnummer.get(ZIJ, 0) + 1
        zender.wissel(nieuw)
        await self.stuur(lijst, self.blad())
        # Of receipts only now: the product knows the key as soon as it has that page.
        self.partner.ontvanger.sleutel = nieuw


@asynccontextmanager
async def toneel(zaad: int, *, wij_bellen: bool = False) -> AsyncIterator[Toneel]:
    """Both partners have a contract and resumed, and some traffic went both ways."""
    r = Random(zaad)
    contractsleutels = {oin: Contractsleutel() for oin in (WIJ, ZIJ, DERDE)}
    opslag = SqliteOpslag(None, TABELLEN)
    tijd = _klok()
    schrijver = Schrijver(AlleenRijen(opslag), lambda: next(tijd))
    kanalen: dict[str, Partnerkanaal] = {}
    partners = {}
    for oin in (ZIJ, DERDE):
        beller = WIJ if wij_bellen else oin
        van_hen, van_ons = f"schakel/{oin}/{WIJ}", f"schakel/{WIJ}/{oin}"
        hun, ons = Sleutel(van_hen, r.randbytes(32)), Sleutel(van_ons, r.randbytes(32))
        jws = contract(WIJ, oin, beller, contractsleutels, {oin: hun.vkey, WIJ: ons.vkey})
        overeen = Overeengekomen(WIJ, oin, lees_getekend(als_json(jws)))
        verkeer = Verkeer(opslag, overeen, [Ondertekenaar(van_ons, ons.geheim)])
        kanalen[oin] = Partnerkanaal(schrijver, verkeer)
        rij = Sleutelrij.begin(van_ons, ons.vkey)
        ontvanger = Ontvanger(van_ons, rij, contractsleutels[WIJ].jwk, hun)
        kenmerk = overeen.kenmerken[0]
        partners[oin] = Partner(oin, WIJ, kenmerk, Zender(van_hen, hun), ontvanger)

    class Kanalen:
        def van(self, oin: str) -> Partnerkanaal | None:
            return kanalen.get(oin)

    async with AsyncExitStack() as opruimen:
        opruimen.callback(opslag.sluit)
        opruimen.push_async_callback(schrijver.sluit)
        await schrijver.voer_uit(Taak(vergeet_sessies, object, kanalen[ZIJ].DOOR))
        luisteraar = Luisteraar(Kanalen(), lambda scope: dict(scope["headers"])[b"x-oin"].decode())
        app = maak_app(luisteraar)
        app.state.stopt = asyncio.Event()
        klant = await opruimen.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url="https://grens.example"
            )
        )
        spel = Toneel(r, klant, opslag, kanalen, partners, contractsleutels)
        for partner in partners.values():
            await spel.hervat(partner)
        await spel.stuur(spel.blad(), wie=spel.derde)
        await spel.verkeer()
        yield spel


def _klok() -> Iterator[datetime]:
    nu = OP
    while True:
        nu += timedelta(seconds=1)
        yield nu


__all__ = ["DERDE", "WIJ", "ZIJ", "Gezien", "Toneel", "Uitkomst", "toneel"]
