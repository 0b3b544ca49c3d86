"""An OIN that changes: two organisations merge, one goes on under another OIN beside the old one.

An OIN stands in every id, topic and log, so a house keeps the one that it has. What goes on under
another OIN is another house and another partner, for as long as the old one finishes its work.
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.keten.proefketen import Klok, Ref
from tests.keten.werkstroom import rond_af, uitkomst, voer_uit
from tests.skelet.geval import EIGEN_NA, EIGEN_VOOR

from schakel.bewijs import OVEREENKOMST, Contractondertekenaar, lees_logsleutel
from schakel.contracts.deelproces import melding_voor
from schakel.grens.kanaal import Partnerkanaal
from schakel.kern.http import Staat

from .contract import CONTRACTSLEUTELS, jws
from .huizen import NIEMAND, OINS, Huis, afspraak
from .test_beheer import vraag as doe
from .test_schakel import H, U, W
from .zijden import VECTOREN

NIEUW = "00000099000000003000"


class Derde(Huis):
    """A house with more than one partner."""

    def __init__(self, map_: Path, oin: str, klok: Klok, routering: dict[str, Any]) -> None:
        self.map, self.wie, self.klok, self.oin = map_, oin, klok, oin
        self.opslag = "sqlite"
        (map_ / "partners").mkdir(parents=True)
        self.zet_routering(routering)
        sleutel = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (map_ / "log.pem").write_bytes(sleutel)

    def zet_routering(self, routering: dict[str, Any]) -> None:
        (self.map / "routering.json").write_text(json.dumps({"processen": routering}))

    def naar(self, ander: Huis) -> Partnerkanaal:
        kanaal = self.grens.partners.van(ander.oin)
        assert kanaal is not None
        return kanaal

    def partij(self, ander: Huis) -> dict[str, Any]:
        """Its side of a contract."""
        naam = f"schakel/{self.oin}/{ander.oin}"
        vkey = lees_logsleutel((self.map / "log.pem").read_bytes(), naam).sleutel.vkey
        contractsleutel = dict(CONTRACTSLEUTELS[self.oin].sleutel.jwk)
        eigen = {"oin": self.oin, "naam": "Proef", "adres": None}
        return {**eigen, "contractsleutel": contractsleutel, "logsleutel": vkey}


def spreek_af(vrager: Derde, uitvoerder: Derde) -> None:
    """Both have it in their folder."""
    inhoud = json.loads(VECTOREN["overeenkomst"]["bytes"]) | {
        "geldigVanaf": "2026-01-01T00:00:00Z",
        "geldigTot": "2028-01-01T00:00:00Z",
        "beller": "zender",
        "partijen": [vrager.partij(uitvoerder), uitvoerder.partij(vrager)],
        "afspraken": [afspraak(vrager.oin, uitvoerder.oin, "wijzigen")],
    }
    for een in inhoud["partijen"]:
        een["adres"] = "https://localhost:9"
    ruw = json.dumps(jws(json.dumps(inhoud).encode(), OVEREENKOMST, vrager.oin, uitvoerder.oin))
    naam = f"{vrager.oin}-{uitvoerder.oin}.overeenkomst.json"
    for huis in (vrager, uitvoerder):
        (huis.map / "partners" / naam).write_text(ruw)


async def hervat(een: Derde, ander: Derde) -> None:
    for huis in (een, ander):
        await huis.grens.partners.ververs(bel=False)
    vraag = await een.naar(ander).begin_hervatting()
    await een.naar(ander).rond_hervatting(await ander.naar(een).hervat(vraag))


async def volg(*paren: tuple[Derde, Derde]) -> None:
    """Within each house and over each link, until nobody has anything new to say."""
    bezig = True
    while bezig:
        bezig = False
        for een, ander in paren:
            for van, naar in ((een, ander), (ander, een)):
                await van.bezorg()
                await naar.bezorg()
                kanaal = van.naar(naar)
                pagina = await kanaal.volgende_pagina(await kanaal.verbinding())
                if pagina is not None:
                    inname = await naar.naar(van).neem_pagina(pagina.schrijf())
                    await van.naar(naar).neem_ontvangst(inname.ontvangst)
                    bezig = True


async def vraag(van: Derde, *paren: tuple[Derde, Derde]) -> Ref:
    """Its people hand wijzigen to whoever runs it now."""
    wortel = await van.keten.meld(H)
    await van.keten.beoordeel(wortel)
    await van.keten.stappen(wortel, *EIGEN_VOOR[H])
    await van.keten.doe(wortel, "overdrachten", naar=W)
    await volg(*paren)
    return wortel


async def maak_af(van: Derde, bij: Derde, wortel: Ref, *paren: tuple[Derde, Derde]) -> None:
    (kind,) = van.keten.kinderen(wortel)
    daar = Ref(W, melding_voor(kind.id, bij.oin, van.oin))
    await voer_uit(bij.keten, daar, (W, U))
    await volg(*paren)
    await van.keten.stappen(wortel, "controles", *EIGEN_NA.get(H, ()), "gereedmeldingen")
    await rond_af(van.keten, wortel)
    await volg(*paren)
    assert uitkomst(van.keten, wortel) == uitkomst(bij.keten, daar) == "voltooid"


@pytest.fixture
async def huizen(tmp_path: Path) -> AsyncIterator[dict[str, Derde]]:
    klok = Klok()
    sleutel = Contractondertekenaar(ec.generate_private_key(ec.SECP256R1()))
    CONTRACTSLEUTELS.setdefault(NIEUW, sleutel)
    alle = {}
    async with AsyncExitStack() as opruimen:
        for wie, oin in {**OINS, "C": NIEUW}.items():
            anderen = dict.fromkeys(("afspreken", "verbeteren"), NIEMAND)
            alle[wie] = Derde(tmp_path / wie, oin, klok, anderen)
            await alle[wie].open()
            opruimen.push_async_callback(alle[wie].sluit)
        yield alle


def loopt_bij(vrager: Derde, uitvoerder: Derde) -> None:
    """From now on its routering names this one for wijzigen."""
    vrager.zet_routering({"wijzigen": {"standaard": uitvoerder.oin}})
    for dienst in vrager.keten.diensten.values():
        assert dienst.routering.ververs()


@pytest.mark.parametrize("wie", ["de uitvoerder", "de vrager"])
async def test_een_oin_verandert_terwijl_er_werk_loopt(huizen: dict[str, Derde], wie: str) -> None:
    """What was asked under the old OIN ends there; what is new goes to the new one, or from it."""
    a, b, c = huizen["A"], huizen["B"], huizen["C"]
    nieuw = (a, c) if wie == "de uitvoerder" else (c, b)
    spreek_af(a, b)
    await hervat(a, b)
    loopt_bij(a, b)
    oud_werk = await vraag(a, (a, b))

    spreek_af(*nieuw)  # beside the old contract
    await hervat(*nieuw)
    loopt_bij(*nieuw)
    assert (await doe(a, "POST", f"/partners/{b.oin}/beeindigingen")).json()["isAnders"]
    paren = ((a, b), nieuw)
    nieuw_werk = await vraag(nieuw[0], *paren)

    await maak_af(*nieuw, nieuw_werk, *paren)
    await maak_af(a, b, oud_werk, *paren)
    for huis in huizen.values():
        assert huis.geparkeerd() == 0
        assert all(een["isDicht"] and not een["teZeggen"] for een in huis.schakels())
    (van_a,) = (await doe(b, "GET", "/partners")).json()["partners"][:1]
    assert (van_a["eindigtWij"], van_a["eindigtZij"]) == (True, True)

    for huis in (a, b):  # all of it is closed: the old contract is withdrawn
        (huis.map / "partners" / f"{a.oin}-{b.oin}.overeenkomst.json").unlink()
        await huis.grens.partners.ververs(bel=False)
        assert huis.grens.staat().get("overeenkomsten", Staat.GOED) is Staat.GOED
    nog_een = await vraag(nieuw[0], nieuw)
    await maak_af(*nieuw, nog_een, nieuw)
