"""What nobody can read delays others by less than two seconds, those of another partner too (S-8).

The uitvoerder is a process of its own, as it is installed; two others ask work of it, and one of
them says whatever it likes.
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from schakel.bewijs import lees_logsleutel
from schakel.cli import opstelling
from schakel.cli.opstelling import Organisatie as Opgesteld
from schakel.contracts.organisatie import GRENS
from schakel.contracts.schakels.overeenkomst import oorsprong_van
from schakel.contracts.werkstromen import Proces
from schakel.klant import Klant

from .organisaties import Organisatie, organisatie
from .papieren import Papieren
from .test_gif import aangeboden, blad
from .test_over_https import tot, vrije_poorten
from .zijden import A

SNEL = 2.0


def gif(schakel: UUID, nummer: int) -> list[bytes]:
    """Leaves that are none, or that none can follow."""
    kop = f'{{"id":"{schakel}.v.{nummer}","specversion":"1.0",'.encode()
    return [
        b"\xff\xfe geen UTF-8",
        b"{" * 60_000,
        b"[" * 30_000 + b"]" * 30_000,
        kop + b'"data":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001,
        kop + b'"x":' + b"9" * 60_000 + b"}",
        kop + b'"x":"' + b"\\u0000" * 10_000 + b'"}',
        kop + b'"x":NaN}',
        kop + b'"id":"dubbel","data":{"bij":1,"bij":2}}',
        kop + b"}",
        blad(schakel, nummer, "gebaard"),
        blad(schakel, nummer + 2, "wissing-gevraagd", grond="avg"),
        aangeboden(schakel, naar="toveren", ketenId="x" * 60_000),
    ]


@dataclass
class Drie:
    """The one that says poison, the one that does not, and the grens of the uitvoerder."""

    kwaad: Organisatie
    goed: Organisatie
    grens: Klant
    kwaad_oin: str
    goed_oin: str

    async def vraag(self, wie: Organisatie, oin: str, *eerst: bytes) -> float:
        """Seconds until it hears that what it asks is taken on; behind what it says first."""
        schakel = uuid7()
        ruw = aangeboden(schakel, dienst="laadpalen", uiterlijk="2099-12-02T12:00:00Z")
        begin = monotonic()
        await wie.kanaal.zeg([*eerst, ruw.replace(A.encode(), oin.encode())])
        naam = f"{schakel}.u.1".encode()
        await tot(lambda: any(naam in blad for blad in wie.bladen("in")))
        (gehoord,) = (json.loads(blad) for blad in wie.bladen("in") if naam in blad)
        assert gehoord["type"] == "nl.schakels.aangenomen.v1"
        return monotonic() - begin


@pytest.fixture
async def drie(tmp_path: Path) -> AsyncIterator[Drie]:
    poorten = iter(vrije_poorten(4))
    basis, _ = opstelling.vrije_poorten()
    uitvoerder = Opgesteld(
        "00000099000000002000", "uitvoerder", (Proces.WIJZIGEN, Proces.UITVOEREN), basis, {}
    )
    vragers = [
        Opgesteld(
            oin, naam, (Proces.AFSPREKEN,), next(poorten) - 7, {Proces.WIJZIGEN: uitvoerder.oin}
        )
        for oin, naam in (("00000099000000001000", "kwaad"), ("00000099000000003000", "goed"))
    ]
    opstelling.richt_in(tmp_path, *vragers, uitvoerder)
    async with AsyncExitStack() as opruimen:
        lopend = await opruimen.enter_async_context(opstelling.draaiend(tmp_path, [uitvoerder]))
        wij = []
        for een in vragers:
            eigen = tmp_path / een.naam
            wij.append(
                await opruimen.enter_async_context(
                    organisatie(
                        eigen,
                        "A",
                        (tmp_path / f"{een.naam}-uitvoerder.json").read_bytes(),
                        Papieren(tmp_path / "ca.pem", eigen / "tls.pem"),
                        een.partnerpoort,
                        tekent=lees_logsleutel(
                            (eigen / "log.pem").read_bytes(),
                            oorsprong_van(een.oin, uitvoerder.oin),
                        ),
                    )
                )
            )
        for een in wij:
            await een.zeg()
        yield Drie(*wij, lopend.klanten[0][GRENS], *(een.oin for een in vragers))


@pytest.mark.traag
async def test_gif_houdt_niemand_op(drie: Drie) -> None:
    kwaad, goed = drie.kwaad, drie.goed
    schakel = uuid7()
    await drie.vraag(goed, drie.goed_oin)  # whatever has to be warm, is
    for een in gif(schakel, 1):  # those of the same partner, behind one in the same page
        duur = await drie.vraag(kwaad, drie.kwaad_oin, een)
        assert duur < SNEL, een[:40]

    vergif = [b for n in range(2) for b in gif(uuid7(), n + 1)]
    vergif += [blad(uuid7(), 1, "gebaard") for _ in range(100)]
    await kwaad.kanaal.zeg(vergif)
    begin, duren = kwaad.kanaal.verkeer.verbinding().vanaf, []
    totaal = kwaad.kanaal.verkeer.stand_uit().omvang
    while kwaad.kanaal.verkeer.verbinding().vanaf < totaal or len(duren) < 5:
        duren.append(await drie.vraag(goed, drie.goed_oin))
    assert totaal - begin == len(vergif)
    assert max(duren) < SNEL, duren

    # All was taken in, nothing stopped, and of it nothing but refusals came back.
    getoond = {een["oin"]: een for een in (await drie.grens.haal("/partners"))["partners"]}
    assert [een["gestopt"] for een in getoond.values()] == [None, None]
    assert getoond[drie.kwaad_oin]["gehoord"] == totaal
    assert await drie.vraag(kwaad, drie.kwaad_oin) < 30
