"""Every lie, once, with what it should come to; `make proef` tells each of them 200 times."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from tests.grens.leugens.tabel import LEUGENS
from tests.grens.leugens.toneel import toneel
from tests.grens.leugens.verwacht import beproef

from schakel.grens.fouten import Golffout, SlechtePagina
from schakel.grens.gesprek import Gesprek
from schakel.grens.kanaal import Partnerkanaal
from schakel.grens.paginaverkeer import Inname
from schakel.grens.vormen import Pagina


@pytest.mark.parametrize("naam", LEUGENS)
async def test_elke_leugen_komt_uit_zoals_zij_hoort(naam: str) -> None:
    async with toneel(1) as spel:
        await beproef(spel, *LEUGENS[naam])


@contextmanager
def voor_de_keuring() -> Iterator[None]:
    """What a page says is done before it is looked at."""
    neem = Partnerkanaal.neem_pagina

    async def neem_pagina(zelf: Any, ruw: bytes) -> Inname:
        with suppress(Golffout):
            bladen = Pagina.lees(ruw).inhoud()
            await zelf._doe(lambda werk: zelf._gevolgen.hoor(werk, zelf.partner, bladen))
        return await neem(zelf, ruw)

    with patch.object(Partnerkanaal, "neem_pagina", neem_pagina):
        yield


@contextmanager
def twee_keer() -> Iterator[None]:
    """The last leaf of a page is done twice."""
    hoor = Gesprek.hoor

    def hoor_weer(zelf: Gesprek, werk: Any, partner: str, bladen: Any) -> None:
        hoor(zelf, werk, partner, [*bladen, *bladen[-1:]])

    with patch.object(Gesprek, "hoor", hoor_weer):
        yield


@contextmanager
def van_een_geweigerde_pagina() -> Iterator[None]:
    """A page is refused as it should be; one leaf of it is done all the same."""
    neem = Partnerkanaal.neem_pagina

    async def neem_pagina(zelf: Any, ruw: bytes) -> Inname:
        try:
            return await neem(zelf, ruw)
        except SlechtePagina:
            with suppress(Golffout):
                eerste = Pagina.lees(ruw).inhoud()[-1:]
                await zelf._doe(lambda werk: zelf._gevolgen.hoor(werk, zelf.partner, eerste))
            raise

    with patch.object(Partnerkanaal, "neem_pagina", neem_pagina):
        yield


@contextmanager
def een_blad_te_weinig() -> Iterator[None]:
    """What stands last in a page is taken in, and not done."""
    hoor = Gesprek.hoor

    def hoor_minder(zelf: Gesprek, werk: Any, partner: str, bladen: Any) -> None:
        hoor(zelf, werk, partner, bladen[:-1])

    with patch.object(Gesprek, "hoor", hoor_minder):
        yield


MUTANTEN: Mapping[str, tuple[Callable[[], AbstractContextManager[None]], str]] = {
    "bladen voor de keuring": (voor_de_keuring, "verwisselt bladen"),
    "een blad twee keer": (twee_keer, "een pagina half oud, half nieuw"),
    "een blad van een geweigerde pagina": (van_een_geweigerde_pagina, "verwisselt bladen"),
    "een blad te weinig": (een_blad_te_weinig, "een pagina half oud, half nieuw"),
}
"""Rules broken, each with a lie that has to show it."""


@pytest.mark.parametrize("mutant", MUTANTEN)
async def test_wat_van_een_leugen_gevolg_heeft_valt_op(mutant: str) -> None:
    """By what follows from the true leaves alone: that the store did not change is not asked."""
    breek, naam = MUTANTEN[mutant]
    leugen, verwacht = LEUGENS[naam]
    async with toneel(1) as spel:
        with breek(), pytest.raises(AssertionError) as fout:
            await beproef(spel, leugen, replace(verwacht, neemt=True))
        assert str(fout.traceback[-1].path).endswith("oordeel.py")
