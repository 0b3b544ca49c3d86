"""Who may ask what of the partner listener: every cell of the table that the docs publish."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from uuid_utils.compat import uuid7

from schakel.grens import luisteraar
from schakel.grens.certificaat import oin_van_certificaat
from schakel.grens.instellingen import Instellingen

from .huizen import TweeHuizen
from .organisaties import Uitgever, klant_tls, server_tls
from .tekstverkeer import TEKST, draag_over
from .zijden import A, B

DOCS = Path(__file__).parents[2] / "docs" / "over-de-grens.md"
DERDE = "00000099000000003000"
KOLOMMEN = ("eigen", "van een ander", "ander logboek", "zonder overeenkomst", "zonder oin")
STATUS = {"niet-herkend": 401, "geen-overeenkomst": 403, "andere-organisatie": 403, "onbekend": 404}


class Cel(NamedTuple):
    methode: str
    pad: str
    wie: str
    verwacht: str


def cellen() -> Iterator[Cel]:
    """As published."""
    deel = DOCS.read_text().split("## Who may ask what", 1)[1].split("\n## ", 1)[0]
    for regel in deel.splitlines():
        if regel.startswith("| `"):
            route, *waarden = (veld.strip() for veld in regel.strip("|").split("|"))
            methode, pad = route.strip("`").split()
            for wie, waarde in zip(KOLOMMEN, waarden, strict=True):
                if waarde != "-":
                    yield Cel(methode, pad, wie, waarde.strip("`"))


CELLEN = list(cellen())


class Deur:
    """That of A, who wrote a text for B; and of B, to whom it may be brought."""

    def __init__(self, huizen: TweeHuizen, uitgever: Uitgever, schakel: str) -> None:
        self.huizen, self.uitgever, self.schakel = huizen, uitgever, schakel
        self.adres: dict[str, str] = {}

    async def vraag(self, cel: Cel, **tls: Any) -> httpx.Response:
        # A text is fetched from who wrote it, and brought to who did not.
        bij, partner = (A, B) if cel.methode == "GET" else (B, A)
        oin = {"zonder overeenkomst": DERDE, "zonder oin": "-"}.get(cel.wie, partner)
        in_pad = bij if cel.wie == "ander logboek" else oin if oin != "-" else partner
        schakel = str(uuid7()) if cel.wie == "van een ander" else self.schakel
        pad = cel.pad.format(oin=in_pad, schakelId=schakel, kant="v", nummer=1)
        if cel.pad.endswith(("paginas", "bladen")) and cel.methode == "GET":
            pad += f"?vanaf=0&sessie={uuid7()}"
        inhoud = None if cel.methode == "GET" else {"tekst": TEKST}
        verify = tls.get("verify") or klant_tls(self.uitgever, oin)
        async with httpx.AsyncClient(verify=verify, base_url=self.adres[bij]) as klant:
            return await klant.request(cel.methode, pad, json=inhoud)


@pytest.fixture(scope="module")
def uitgevers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Uitgever, Uitgever]:
    return Uitgever(tmp_path_factory.mktemp("een")), Uitgever(tmp_path_factory.mktemp("ander"))


@pytest.fixture
async def deur(
    huizen: TweeHuizen, uitgevers: tuple[Uitgever, Uitgever], tmp_path: Path
) -> AsyncIterator[Deur]:
    _, schakel = await draag_over(huizen)
    deur = Deur(huizen, uitgevers[0], str(schakel))
    async with AsyncExitStack() as opruimen:
        for huis in (huizen.a, huizen.b):
            server = luisteraar.maak_server(
                luisteraar.Luisteraar(
                    huis.grens.partners, oin_van_certificaat, huis.grens.inhouden
                ),
                Instellingen(poort=0, gegevensmap=tmp_path / huis.wie),
                server_tls(uitgevers[0], huis.oin),
            )
            await server.start()
            opruimen.push_async_callback(server.stop)
            deur.adres[huis.oin] = f"https://localhost:{server.poort}"
        yield deur


@pytest.mark.parametrize("cel", CELLEN, ids=lambda c: f"{c.wie}: {c.methode} {c.pad}")
async def test_iedereen_mag_wat_er_gepubliceerd_staat(deur: Deur, cel: Cel) -> None:
    antwoord = await deur.vraag(cel)
    if cel.verwacht == "ja":
        assert antwoord.status_code not in STATUS.values(), antwoord.text
    else:
        assert (antwoord.status_code, antwoord.json()["code"]) == (
            STATUS[cel.verwacht],
            cel.verwacht,
        )


@pytest.mark.parametrize("cel", [c for c in CELLEN if c.wie == "eigen"], ids=lambda c: c.pad)
async def test_onder_een_andere_uitgever_komt_niemand_binnen(
    deur: Deur, uitgevers: tuple[Uitgever, Uitgever], cel: Cel
) -> None:
    vreemd = klant_tls(uitgevers[0], B)
    vreemd.load_cert_chain(uitgevers[1].certificaat(B))
    with pytest.raises(httpx.TransportError):
        await deur.vraag(cel, verify=vreemd)


def test_elke_route_die_er_is_staat_in_de_tabel() -> None:
    routes = {
        *((m, wat) for wat, wijzen in luisteraar._HANDELINGEN.items() for m in wijzen),
        *((m, "inhoud") for m in luisteraar._TEKSTHANDELINGEN),
    }
    gepubliceerd = {
        (c.methode, next(d for d in c.pad.split("/")[3:] if d[0] != "{")) for c in CELLEN
    }
    assert gepubliceerd == routes
    assert len(CELLEN) == 7 * 4 + 2 * 4
