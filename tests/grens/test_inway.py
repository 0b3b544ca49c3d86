"""Behind somebody who drops every field of HTTP that it may, all is as it was (S-12).

``tests/cli/test_scan.py`` plays the whole set through such doors, with its texts.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from schakel.grens.buitennet import maak_klant
from schakel.grens.fouten import Golffout
from schakel.grens.oproep import roep
from schakel.grens.vormen import Pagina, bladen_van

from .contract import overeenkomst
from .opname import Opname
from .organisaties import Organisatie, Uitgever, klant_tls, organisatie, server_tls
from .test_over_https import tot, vrije_poorten
from .zijden import A, B

SESSIE = "0198c1de-0000-4000-8000-000000000001"


class Paar:
    """Two organisations and the doors before them; each can be started, stopped, started again."""

    def __init__(self, map_: Path, beller: str) -> None:
        self.map, self.uitgever, self.opname = map_, Uitgever(map_), Opname()
        deur_a, deur_b, a, b = vrije_poorten(4)
        self.deuren, self.poorten = {A: deur_a, B: deur_b}, {A: a, B: b}
        adressen: dict[str, Any] = {
            oin: {"adres": f"https://localhost:{poort}"} for oin, poort in self.deuren.items()
        }
        if beller == A:
            adressen[A] = {"adres": None}
        self.getekend = overeenkomst(adressen, beller=beller)
        self.opruimen = AsyncExitStack()

    async def zet_deuren(self) -> None:
        for van, naar in ((A, B), (B, A)):
            hier = self.deuren[naar], server_tls(self.uitgever, naar)
            daar = self.poorten[naar], klant_tls(self.uitgever, van)
            await self.opruimen.enter_async_context(self.opname.deur(van, naar, hier, daar))

    async def start(self, wie: str) -> tuple[Organisatie, AsyncExitStack]:
        oin = {"A": A, "B": B}[wie]
        los = await self.opruimen.enter_async_context(AsyncExitStack())
        een = await los.enter_async_context(
            organisatie(self.map, wie, self.getekend, self.uitgever, self.poorten[oin])
        )
        return een, los

    async def vraag(self, methode: str, pad: str, ruw: bytes | None = None) -> bytes:
        """A call of A at B, through the door and over the client of the product."""
        tls = klant_tls(self.uitgever, A)
        async with maak_klant(tls, B, {"localhost"}, {"localhost"}) as klant:
            wat, _, vragen = pad.partition("?")
            adres = f"https://localhost:{self.deuren[B]}/v1/logboeken/{A}/{wat}"
            return await roep(klant, methode, adres, ruw, vragen=dict(parse_qsl(vragen)))


@pytest.fixture(params=["zender", A], ids=["elk het zijne", "een belt voor beide"])
async def paar(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Paar]:
    een = Paar(tmp_path, request.param)
    async with een.opruimen:
        await een.zet_deuren()
        yield een


async def test_verkeer_hervatting_en_weigering_zijn_hetzelfde(paar: Paar) -> None:
    a, _ = await paar.start("A")
    b, stop_b = await paar.start("B")
    await a.zeg(*(b"a%d" % n for n in range(600)))
    await b.zeg(b"b0", b"b1")
    await tot(lambda: (len(b.bladen("in")), len(a.bladen("in"))) == (600, 2))
    await tot(lambda: a.kanaal.verkeer.verbinding().vanaf == 600)
    await tot(lambda: b.kanaal.verkeer.verbinding().vanaf == 2)

    await stop_b.aclose()  # its sessions are gone: whoever may call resumes
    b, _ = await paar.start("B")
    await a.kanaal.zeg([b"na de herstart"])
    await tot(lambda: b.bladen("in")[-1] == b"na de herstart")
    await b.zeg(b"ook na de herstart")
    await tot(lambda: a.bladen("in")[-1] == b"ook na de herstart")
    hervat = [een for een in paar.opname.alles if b"/hervattingen" in een.vraag.regel]
    assert len(hervat) > 1

    await keur_weigeringen(paar)
    vals = Pagina(
        sessie=str(b.kanaal.verkeer.verbinding().sessie_in),
        vanaf=601,
        bladen=bladen_van((b"vals",)),
        controlepunt="geen note",
    )
    for code, ruw in (("slechte-pagina", vals.schrijf()), ("gestopt", vals.schrijf())):
        with pytest.raises(Golffout) as fout:
            await paar.vraag("POST", "paginas", ruw)
        assert fout.value.code == code
    assert b.kanaal.verkeer.verbinding().gestopt == "vorm"
    assert len(b.bladen("in")) == 601
    await b.kanaal.start_weer()
    b.beller.geef_teken()
    a.beller.geef_teken()
    await a.zeg(b"verder")
    await tot(lambda: b.bladen("in")[-1] == b"verder")


async def keur_weigeringen(paar: Paar) -> None:
    """Each comes as it was given: a code, and not only a status."""
    gevallen: list[tuple[str, str, bytes | None, str]] = [
        ("GET", "iets", None, "onbekend"),
        ("DELETE", "paginas", None, "methode"),
        ("GET", f"paginas?vanaf=0&sessie={SESSIE}", None, "sessie-onbekend"),
        ("GET", "paginas?vanaf=x", None, "ongeldig"),
        ("POST", "hervattingen", b"{}", "ongeldig"),
    ]
    for methode, pad, ruw, code in gevallen:
        with pytest.raises(Golffout) as fout:
            await paar.vraag(methode, pad, ruw)
        assert fout.value.code == code
