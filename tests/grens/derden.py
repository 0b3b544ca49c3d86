"""Houses with more than one partner, in one process: pages are brought when a test asks."""

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.keten.proefketen import Klok

from schakel.bewijs import OVEREENKOMST, Contractondertekenaar, lees_logsleutel
from schakel.grens.kanaal import Partnerkanaal

from .contract import CONTRACTSLEUTELS, jws
from .huizen import Huis, afspraak
from .zijden import VECTOREN

NIEUW = "00000099000000003000"
CONTRACTSLEUTELS.setdefault(NIEUW, Contractondertekenaar(ec.generate_private_key(ec.SECP256R1())))


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

    def leid(self, routering: dict[str, Any]) -> None:
        """From now on, while it runs."""
        self.zet_routering(routering)
        for dienst in self.keten.diensten.values():
            assert dienst.routering.ververs()

    def naar(self, ander: Huis) -> Partnerkanaal:
        kanaal = self.grens.partners.van(ander.oin)
        assert kanaal is not None
        return kanaal

    def aangeboden(self) -> list[dict[str, Any]]:
        """What every other asked of it: the data of those messages, as they came."""
        rijen = self.grens.opslag.vraag(
            "SELECT blad FROM bladen WHERE logboek LIKE ? ORDER BY logboek, nummer",
            (f"schakel/%/{self.oin}",),
        )
        gelezen = [json.loads(bytes(blad)) for (blad,) in rijen]
        return [een["data"] for een in gelezen if een["type"] == "nl.schakels.aangeboden.v1"]

    def partij(self, ander: Huis) -> dict[str, Any]:
        """Its side of a contract."""
        naam = f"schakel/{self.oin}/{ander.oin}"
        vkey = lees_logsleutel((self.map / "log.pem").read_bytes(), naam).sleutel.vkey
        contractsleutel = dict(CONTRACTSLEUTELS[self.oin].sleutel.jwk)
        eigen = {"oin": self.oin, "naam": "Proef", "adres": None}
        return {**eigen, "contractsleutel": contractsleutel, "logsleutel": vkey}


def spreek_af(vrager: Derde, uitvoerder: Derde, *processen: str) -> None:
    """Both have it in their folder."""
    inhoud = json.loads(VECTOREN["overeenkomst"]["bytes"]) | {
        "geldigVanaf": "2026-01-01T00:00:00Z",
        "geldigTot": "2028-01-01T00:00:00Z",
        "beller": "zender",
        "partijen": [vrager.partij(uitvoerder), uitvoerder.partij(vrager)],
        "afspraken": [afspraak(vrager.oin, uitvoerder.oin, *processen)],
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
