"""Several tasks of one batch say something to one partner, and one of them is refused."""

import asyncio
from pathlib import Path

import pytest

from schakel.grens.kanaal import SYSTEEM
from schakel.kern.vastlegging.schrijver import Taak

from .huizen import TweeHuizen


async def test_wat_in_een_partij_wordt_gezegd_sluit_op_elkaar_aan(tmp_path: Path) -> None:
    huizen = await TweeHuizen(tmp_path).open()
    await huizen.hervat()
    verkeer, schrijver = huizen.a.kanaal.verkeer, huizen.a.grens.schrijver

    def taak(blad: bytes, *, mislukt: bool = False) -> Taak:  # type: ignore[type-arg]
        def doe(werk: object) -> None:
            verkeer.zeg(werk, [blad])  # type: ignore[arg-type]
            if mislukt:
                raise LookupError

        return Taak(doe, object, SYSTEEM)

    voor = schrijver.aantal_transacties
    uitslagen = await asyncio.gather(
        schrijver.voer_uit(taak(b"een")),
        schrijver.voer_uit(taak(b"weg", mislukt=True)),
        schrijver.voer_uit(taak(b"twee")),
        return_exceptions=True,
    )
    assert [type(een) for een in uitslagen] == [type(None), LookupError, type(None)]
    assert schrijver.aantal_transacties == voor + 1
    assert verkeer.uit.bladen(0, 10) == (b"een", b"twee")
    stand = verkeer.stand_uit()
    assert (stand.omvang, stand.punt.wortel) == (2, verkeer.uit.boom.wortel(2))
    await huizen.sluit()


@pytest.mark.parametrize("blad", [b"{", b'{"id": 3}', b"\xff"])
async def test_een_blad_zonder_plek_wordt_bewaard_en_niet_beantwoord(
    tmp_path: Path, blad: bytes
) -> None:
    huizen = await TweeHuizen(tmp_path).open()
    await huizen.hervat()
    await huizen.a.kanaal.zeg([blad])
    await huizen.volg()
    assert huizen.b.kanaal.verkeer.in_.bladen(0, 10) == (blad,)
    assert huizen.b.gezegd() == []
    await huizen.sluit()
