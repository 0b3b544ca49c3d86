"""Lies in a leaf that tells heads: rightly signed, but not what is known here of the two logs."""

from collections.abc import Mapping

from tests.grens.leugens.golf import b64, punttekst
from tests.grens.leugens.over_paginas import bied, getekend
from tests.grens.leugens.over_vormen import Pagina
from tests.grens.leugens.partner import als_json
from tests.grens.leugens.toneel import WIJ, ZIJ, Toneel, Uitkomst
from tests.grens.leugens.verwacht import Leugen, Verwacht, slecht


def _blad(note: str) -> bytes:
    return als_json(
        {
            "specversion": "1.0",
            "id": f"{ZIJ}.900000",
            "source": f"urn:nld:oin:{ZIJ}:systeem:grens",
            "type": "nl.schakels.verbinding.controlepunten.v1",
            "subject": ZIJ,
            "time": "2026-11-30T12:00:00.000000Z",
            "datacontenttype": "application/json",
            "data": {
                "nummer": 900_000,
                "door": {"organisatie": ZIJ, "rol": "systeem"},
                "controlepunten": [note],
            },
        }
    )


def _pagina(spel: Toneel, note: str) -> Pagina:
    zender = spel.partner.zender
    return getekend(spel, [*zender.bladen[: spel.hier], spel.blad(), _blad(note)], spel.hier)


def andere_wortel(spel: Toneel, _: Pagina) -> Pagina:
    """Of its own log, at a size that is known here."""
    zender, tot = spel.partner.zender, spel.r.randint(1, spel.hier)
    anders = [*zender.bladen[: tot - 1], spel.blad()]
    return _pagina(spel, zender.sleutel_voor(tot).teken(punttekst(zender.oorsprong, anders)))


def nooit_gezegd(spel: Toneel, _: Pagina) -> Pagina:
    """Of our log, at a size that it never had."""
    onze = f"schakel/{WIJ}/{ZIJ}"
    tekst = f"{onze}\n{spel.r.randint(2**30, 2**40)}\n{b64(spel.r.randbytes(32))}\n"
    return _pagina(spel, f"{tekst}\n— {onze} {b64(spel.r.randbytes(68))}\n")


async def _andere_wortel(spel: Toneel) -> Uitkomst:
    return await bied(spel, andere_wortel)


async def _nooit_gezegd(spel: Toneel) -> Uitkomst:
    return await bied(spel, nooit_gezegd)


LEUGENS: Mapping[str, tuple[Leugen, Verwacht]] = {
    "zegt een andere wortel als controlepunt": (_andere_wortel, slecht("vork")),
    "zegt een controlepunt van wat wij nooit zeiden": (_nooit_gezegd, slecht("vork")),
}
