"""Every lie, once, with what it should come to; `make proef` tells each of them 200 times."""

import pytest
from tests.grens.leugens.tabel import LEUGENS
from tests.grens.leugens.toneel import toneel
from tests.grens.leugens.verwacht import beproef


@pytest.mark.parametrize("naam", LEUGENS)
async def test_elke_leugen_komt_uit_zoals_zij_hoort(naam: str) -> None:
    async with toneel(1) as spel:
        await beproef(spel, *LEUGENS[naam])
