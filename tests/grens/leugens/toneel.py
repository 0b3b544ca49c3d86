"""The stage: the product's grens with its house, and a scripted partner who makes all calls.

The product stands here whole, from the listener down, without sockets. Everything that a partner
says passes `Toneel.roep`; what may be a lie passes `Toneel.lieg`, which looks at the store before
and after. What the house did with it is judged by `Oordeel`, wherever both sides are to be equal.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from tests.grens.leugens.golf import (
    Contractsleutel,
    Sleutel,
    Sleutelrij,
    b64url,
    onb64url,
    verklaring,
)
from tests.grens.leugens.oordeel import Oordeel
from tests.grens.leugens.partner import Ontvanger, Partner, Zender, als_json
from tests.grens.leugens.product import Product
from tests.grens.leugens.verhaal import Verhaal

from schakel.grens.kanaal import Partnerkanaal
from schakel.grens.luisteraar import Luisteraar, maak_app
from schakel.kern.opslag import Opslag

WIJ = "00000099000000002000"
"""The product."""
ZIJ = "00000099000000001000"
"""The partner who lies."""
DERDE = "00000099000000003000"
"""Another partner of both."""
IN_GEHEUGEN = next((een for een in (Path("/dev/shm"),) if een.is_dir()), None)
"""A store that is written so often need not outlive the machine."""
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
    afspraken = [
        {
            "soort": soort,
            "vrager": vrager,
            "uitvoerder": uitvoerder,
            "processen": processen,
            "meldingsoorten": meldingsoorten,
            "diensten": ["wegen", "verlichting"],
            "modellen": ["hoofdaannemer"],
            "termijnen": termijnen,
        }
        for soort, vrager, uitvoerder, processen, meldingsoorten in (
            ("ketenmelding", zij, wij, [], ["foutmelding"]),
            ("deelproces", zij, wij, ["wijzigen"], []),
            ("deelproces", wij, zij, ["uitvoeren"], []),
        )
    ]
    payload = als_json(
        {
            "versie": 1,
            "overeenkomstId": f"0198c1de-7b1a-7c3e-9a52-3f0f6a1f{zij[-4:]}",
            "volgnummer": 1,
            "geldigVanaf": "2026-01-01T00:00:00Z",
            "geldigTot": "2036-01-01T00:00:00Z",
            "beller": beller,
            "partijen": partijen,
            "afspraken": afspraken,
        }
    )
    delen = [sleutels[oin].jws(payload, "schakel-overeenkomst+json") for oin in (zij, wij)]
    return {**delen[0], "signatures": [deel["signatures"][0] for deel in delen]}


@dataclass
class Toneel:
    """The product and its partners, while they play. `partner` is who lies, `derde` another."""

    r: Random
    klant: httpx.AsyncClient
    product: Product
    partners: dict[str, Partner]
    verhalen: dict[str, Verhaal]
    contractsleutels: dict[str, Contractsleutel]
    lijstnummer: dict[str, int] = field(default_factory=dict)
    onze: list[bytes] = field(default_factory=list)
    """What the product was made to say that means nothing, to who lies."""
    gezegd: int = 0

    def __post_init__(self) -> None:
        self._oordeel = Oordeel(self)

    @property
    def partner(self) -> Partner:
        """Who lies."""
        return self.partners[ZIJ]

    @property
    def derde(self) -> Partner:
        """Another partner, who does not."""
        return self.partners[DERDE]

    @property
    def opslag(self) -> Opslag:
        """The product's store."""
        return self.product.grens.opslag

    @property
    def kanaal(self) -> Partnerkanaal:
        """The product's link with who lies."""
        kanaal = self.product.grens.partners.van(ZIJ)
        assert kanaal is not None
        return kanaal

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

    def blad(self, wie: str = ZIJ) -> bytes:
        """What this partner could say now, or any bytes at all; none twice."""
        return self.verhalen[wie].blad()

    def ons_blad(self) -> bytes:
        """What the product says that means nothing; none twice."""
        self.gezegd += 1
        return b"%d." % self.gezegd + self.r.randbytes(self.r.randint(1, 200))

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

    async def zeg(self, *bladen: bytes) -> None:
        """The product says these leaves, whatever is in them."""
        self.onze.extend(bladen)
        await self.kanaal.zeg([*bladen])

    async def hoor(self, *bladen: bytes, ontvang: bool = True, wie: Partner | None = None) -> None:
        """The partner fetches what the product says, checks it, and gives its receipt."""
        if bladen:
            await self.zeg(*bladen)
        partner = wie or self.partner
        ontvanger = partner.ontvanger
        while True:
            vraag = f"paginas?vanaf={len(ontvanger.bladen)}&sessie={ontvanger.sessie}"
            status, pagina = await self.roep("GET", vraag, van=partner.oin)
            if status == 204:
                break
            assert status == 200, pagina
            status, gezegd = ontvanger.neem_in(als_json(pagina))  # type: ignore[assignment]
            assert status == 200, gezegd
            if ontvang:
                klaar = await self.roep("POST", "ontvangstbewijzen", gezegd, van=partner.oin)
                assert klaar == (204, {})

    async def verkeer(self) -> None:
        """Some honest traffic both ways; both sides hold the same afterwards."""
        await self.stuur(*(self.blad() for _ in range(self.r.randint(2, 5))))
        await self.product.leef()
        await self.hoor(*(self.ons_blad() for _ in range(self.r.randint(1, 3))))
        await self.is_gelijk()

    async def is_gelijk(self) -> None:
        """Both sides have the same of both logs, and nothing came of anything that was not said."""
        await self.hoor(wie=self.derde)
        for partner in self.partners.values():
            kanaal = self.product.grens.partners.van(partner.oin)
            assert kanaal is not None
            gezegd = partner.zender.bladen
            assert [*kanaal.verkeer.in_.bladen(0, 2**31)] == gezegd[: partner.bewezen]
            assert [*kanaal.verkeer.uit.bladen(0, 2**31)] == partner.ontvanger.bladen
        self._oordeel.vel()

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
    partners, contracten, geheim = {}, {}, r.randbytes(32)
    for oin in (ZIJ, DERDE):
        beller = WIJ if wij_bellen else oin
        van_hen, van_ons = f"schakel/{oin}/{WIJ}", f"schakel/{WIJ}/{oin}"
        hun, ons = Sleutel(van_hen, r.randbytes(32)), Sleutel(van_ons, geheim)
        jws = contract(WIJ, oin, beller, contractsleutels, {oin: hun.vkey, WIJ: ons.vkey})
        contracten[oin] = jws
        rij = Sleutelrij.begin(van_ons, ons.vkey)
        ontvanger = Ontvanger(van_ons, rij, contractsleutels[WIJ].jwk, hun)
        partners[oin] = Partner(oin, WIJ, kenmerk_van(jws), Zender(van_hen, hun), ontvanger)
    verhalen = {oin: Verhaal(r, wie) for oin, wie in partners.items()}
    async with AsyncExitStack() as opruimen:
        map_ = opruimen.enter_context(TemporaryDirectory(prefix="leugens-", dir=IN_GEHEUGEN))
        product = Product(r, Path(map_), WIJ, ZIJ, contracten, geheim)
        opruimen.push_async_callback(product.sluit)
        await product.open()
        grens = product.grens
        wie_belt = lambda scope: dict(scope["headers"])[b"x-oin"].decode()  # noqa: E731
        app = maak_app(Luisteraar(grens.partners, wie_belt, grens.inhouden))
        app.state.stopt = asyncio.Event()
        klant = await opruimen.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url="https://grens.example"
            )
        )
        spel = Toneel(r, klant, product, partners, verhalen, contractsleutels)
        for partner in partners.values():
            await spel.hervat(partner)
        await spel.stuur(spel.blad(DERDE), wie=spel.derde)
        await spel.verkeer()
        yield spel


def kenmerk_van(jws: Any) -> str:
    """Of a contract: the hash over what is signed."""
    return b64url(sha256(onb64url(jws["payload"])).digest())


__all__ = ["DERDE", "WIJ", "ZIJ", "Gezien", "Toneel", "Uitkomst", "toneel"]
