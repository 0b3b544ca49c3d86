"""Edge, stored subtrees, roots and proofs, against the definition."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bewijs.naief import Naief, Opslag

from schakel.bewijs import (
    LEGE_WORTEL,
    OMVANG_MAX,
    BewijsFout,
    Deelboom,
    Hashboom,
    Rand,
    bladhash,
)

KLEIN = 140
GROOT = 2 * 65_536 + 300
BLADEN = [n.to_bytes(4) for n in range(GROOT)]
NAIEF = Naief(BLADEN)
RANDEN = sorted({m + d for m in (256, 512, 65_536, 131_072) for d in (-1, 0, 1)} | {GROOT})
OMVANGEN = st.one_of(st.integers(1, GROOT), st.sampled_from(RANDEN))


@cache
def vol() -> Opslag:
    return Opslag().met([bladhash(blad) for blad in BLADEN])


@pytest.fixture
def opslag() -> Opslag:
    return vol()


def test_elke_wortel_is_die_van_de_definitie() -> None:
    rand = Rand()
    for omvang in range(1000):
        assert rand.wortel == NAIEF.over(0, omvang)
        rand, _ = rand.met([bladhash(BLADEN[omvang])])


def test_een_lege_boom_heeft_de_wortel_van_niets() -> None:
    assert Rand().wortel == LEGE_WORTEL == sha256(b"").digest()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 700), max_size=5))
def test_het_is_hetzelfde_in_welke_porties_bladen_ook_komen(porties: list[int]) -> None:
    ineens, delen, van = Opslag(), Opslag(), 0
    for aantal in porties:
        delen.met([bladhash(blad) for blad in BLADEN[van : van + aantal]])
        van += aantal
    ineens.met([bladhash(blad) for blad in BLADEN[:van]])
    assert (ineens.rand, ineens.lagen) == (delen.rand, delen.lagen)


def test_van_elke_256_wordt_er_een_bewaard(opslag: Opslag) -> None:
    assert {laag: len(hashes) for laag, hashes in opslag.lagen.items()} == {
        0: GROOT,
        1: GROOT // 256,
        2: GROOT // 65_536,
    }
    for laag in (1, 2):
        breed = 256**laag
        for nummer, hash_ in enumerate(opslag.lagen[laag]):
            assert hash_ == NAIEF.over(nummer * breed, (nummer + 1) * breed)


def test_een_deelboom_komt_met_het_blad_dat_hem_vult() -> None:
    rand, nieuw = Rand().met([bladhash(b"")] * 255)
    assert nieuw == []
    rand, nieuw = rand.met([bladhash(b"")])
    assert nieuw == [Deelboom(1, 0, rand.wortel)]


@settings(max_examples=60, deadline=None)
@given(OMVANGEN)
def test_wortel_en_rand_van_toen_komen_uit_wat_bewaard_is(omvang: int) -> None:
    opslag = vol()
    rand = opslag.boom.rand(omvang)
    assert rand.wortel == opslag.boom.wortel(omvang) == NAIEF.over(0, omvang)
    assert Rand.uit_rij(omvang, rand.rij) == rand
    verder, _ = rand.met(opslag.lagen[0][omvang : omvang + 300])
    assert verder.wortel == NAIEF.over(0, verder.omvang)


def test_elk_klein_bewijs_is_dat_van_de_definitie(opslag: Opslag) -> None:
    for omvang in range(1, KLEIN):
        for nummer in range(omvang):
            assert [*opslag.boom.inclusiebewijs(nummer, omvang)] == NAIEF.pad(nummer, 0, omvang)
        for eerst in range(1, omvang + 1):
            assert [*opslag.boom.consistentiebewijs(eerst, omvang)] == (
                NAIEF.deel(eerst, 0, omvang, heel=True)
            )


@settings(max_examples=100, deadline=None)
@given(OMVANGEN, st.data())
def test_een_groot_bewijs_is_dat_van_de_definitie(omvang: int, data: st.DataObject) -> None:
    boom = vol().boom
    nummer = data.draw(st.integers(0, omvang - 1))
    assert [*boom.inclusiebewijs(nummer, omvang)] == NAIEF.pad(nummer, 0, omvang)
    assert [*boom.consistentiebewijs(nummer + 1, omvang)] == (
        NAIEF.deel(nummer + 1, 0, omvang, heel=True)
    )


@pytest.mark.parametrize("omvang", RANDEN)
def test_een_bewijs_leest_weinig_en_houdt_weinig_vast(omvang: int, opslag: Opslag) -> None:
    opslag.meest = opslag.gelezen = 0
    for vraag in (opslag.boom.inclusiebewijs, opslag.boom.consistentiebewijs):
        voor = opslag.gelezen
        vraag(omvang // 3, omvang)
        assert opslag.gelezen - voor <= 2 * 255 * 3
    assert opslag.meest <= 128


def test_een_rand_van_veel_bladen_blijft_klein() -> None:
    rand = Rand(OMVANG_MAX - 1, (bytes(32),) * 52)
    verder, nieuw = rand.met([bytes(32)])
    assert (verder.omvang, len(verder.rij), nieuw) == (OMVANG_MAX, 53 * 32, [])
    with pytest.raises(BewijsFout, match=r"^omvang:"):
        verder.met([bytes(32)])


HASH = bladhash(b"")
FOUT: list[tuple[str, Callable[[], object]]] = [
    ("omvang", lambda: Rand(3, (HASH,))),
    ("omvang", lambda: Rand(-1, ())),
    ("omvang", lambda: Rand.uit_rij(1, HASH + b"x")),
    ("vorm", lambda: Rand(1, (HASH[1:],))),
    ("vorm", lambda: Rand.uit_rij(2, HASH[1:])),
    ("vorm", lambda: Rand().met([HASH + b"x"])),
    ("vorm", lambda: Rand().met([HASH, b""])),
    ("deelboom", lambda: Hashboom(lambda *_: []).wortel(1)),
    ("deelboom", lambda: Hashboom(lambda *_: [HASH] * 3).wortel(4)),
    ("omvang", lambda: Hashboom(lambda *_: []).rand(OMVANG_MAX + 1)),
    ("omvang", lambda: Hashboom(lambda *_: []).inclusiebewijs(1, 1)),
    ("omvang", lambda: Hashboom(lambda *_: []).inclusiebewijs(-1, 1)),
    ("omvang", lambda: Hashboom(lambda *_: []).consistentiebewijs(0, 1)),
    ("omvang", lambda: Hashboom(lambda *_: []).consistentiebewijs(2, 1)),
]


@pytest.mark.parametrize(("code", "doe"), FOUT)
def test_wat_niet_past_wordt_geweigerd(code: str, doe: Callable[[], object]) -> None:
    with pytest.raises(BewijsFout) as gevangen:
        doe()
    assert gevangen.value.code == code
