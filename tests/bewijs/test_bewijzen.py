"""What verifies: every true proof, and nothing beside it."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bewijs.naief import Naief

from schakel.bewijs import (
    OMVANG_MAX,
    BewijsFout,
    bladhash,
    controleer_consistentie,
    controleer_inclusie,
)

BLADEN = [b"blad %d" % n for n in range(600)]
NAIEF = Naief(BLADEN)
HASHES = [bladhash(blad) for blad in BLADEN]
ELK = 160
ELKE_BIT = 18

Inclusie = tuple[bytes, int, int, Sequence[bytes], bytes]
Consistentie = tuple[int, int, bytes, bytes, Sequence[bytes]]


def inclusie(nummer: int, omvang: int) -> Inclusie:
    return (
        HASHES[nummer],
        nummer,
        omvang,
        NAIEF.pad(nummer, 0, omvang),
        NAIEF.over(0, omvang),
    )


def consistentie(eerst: int, later: int) -> Consistentie:
    bewijs = NAIEF.deel(eerst, 0, later, heel=True)
    return eerst, later, NAIEF.over(0, eerst), NAIEF.over(0, later), bewijs


def klopt_inclusie(*zaak: object) -> str:
    try:
        controleer_inclusie(*zaak)  # type: ignore[arg-type]
    except BewijsFout as fout:
        return fout.code
    return "goed"


def klopt_consistentie(*zaak: object) -> str:
    try:
        controleer_consistentie(*zaak)  # type: ignore[arg-type]
    except BewijsFout as fout:
        return fout.code
    return "goed"


def omgeklapt(hash_: bytes) -> Iterator[bytes]:
    """With each bit turned over in turn."""
    getal = int.from_bytes(hash_)
    return ((getal ^ 1 << bit).to_bytes(32) for bit in range(256))


def geschonden(bewijs: Sequence[bytes]) -> Iterator[list[bytes]]:
    """With each bit of each hash turned over in turn."""
    for plaats, hash_ in enumerate(bewijs):
        for anders in omgeklapt(hash_):
            yield [*bewijs[:plaats], anders, *bewijs[plaats + 1 :]]


def verminkt(bewijs: Sequence[bytes]) -> Iterator[list[bytes]]:
    """One hash less, one more, anywhere; and cut off at every length."""
    for plaats in range(len(bewijs)):
        yield [*bewijs[:plaats], *bewijs[plaats + 1 :]]
        yield [*bewijs[:plaats]]
    for plaats in range(len(bewijs) + 1):
        for extra in (bytes(32), *bewijs[:1]):
            yield [*bewijs[:plaats], extra, *bewijs[plaats:]]


def test_elk_bewijs_van_elke_omvang_klopt() -> None:
    for omvang in range(1, ELK):
        for nummer in range(omvang):
            controleer_inclusie(*inclusie(nummer, omvang))
            controleer_consistentie(*consistentie(nummer + 1, omvang))


@settings(max_examples=300, deadline=None)
@given(st.integers(1, len(BLADEN)), st.data())
def test_een_groter_bewijs_klopt_ook(omvang: int, data: st.DataObject) -> None:
    nummer = data.draw(st.integers(0, omvang - 1))
    controleer_inclusie(*inclusie(nummer, omvang))
    controleer_consistentie(*consistentie(nummer + 1, omvang))


def test_van_een_inclusiebewijs_doet_elke_bit_ertoe() -> None:
    for omvang in range(1, ELKE_BIT):
        for nummer in range(omvang):
            hash_, _, _, bewijs, wortel = inclusie(nummer, omvang)
            uitslagen = {
                klopt_inclusie(hash_, nummer, omvang, b, wortel) for b in geschonden(bewijs)
            }
            uitslagen |= {
                klopt_inclusie(h, nummer, omvang, bewijs, wortel) for h in omgeklapt(hash_)
            }
            uitslagen |= {
                klopt_inclusie(hash_, nummer, omvang, bewijs, w) for w in omgeklapt(wortel)
            }
            assert uitslagen == {"wortel"}


def test_van_een_consistentiebewijs_doet_elke_bit_ertoe() -> None:
    for later in range(1, ELKE_BIT):
        for eerst in range(1, later + 1):
            _, _, oud, nieuw, bewijs = consistentie(eerst, later)
            uitslagen = {
                klopt_consistentie(eerst, later, oud, nieuw, b) for b in geschonden(bewijs)
            }
            uitslagen |= {
                klopt_consistentie(eerst, later, w, nieuw, bewijs) for w in omgeklapt(oud)
            }
            uitslagen |= {
                klopt_consistentie(eerst, later, oud, w, bewijs) for w in omgeklapt(nieuw)
            }
            assert uitslagen == {"wortel"}


@settings(max_examples=40, deadline=None)
@given(st.integers(ELKE_BIT, len(BLADEN)), st.data())
def test_van_een_groter_bewijs_ook(omvang: int, data: st.DataObject) -> None:
    nummer = data.draw(st.integers(0, omvang - 1))
    hash_, _, _, bewijs, wortel = inclusie(nummer, omvang)
    for anders in geschonden(bewijs):
        assert klopt_inclusie(hash_, nummer, omvang, anders, wortel) == "wortel"
    _, _, oud, nieuw, bewijs = consistentie(nummer + 1, omvang)
    for anders in geschonden(bewijs):
        assert klopt_consistentie(nummer + 1, omvang, oud, nieuw, anders) == "wortel"


def test_een_afgekapt_of_aangevuld_bewijs_klopt_nooit() -> None:
    for omvang in range(1, 40):
        for nummer in range(omvang):
            hash_, _, _, bewijs, wortel = inclusie(nummer, omvang)
            for anders in verminkt(bewijs):
                assert klopt_inclusie(hash_, nummer, omvang, anders, wortel) == "bewijs"
            _, _, oud, nieuw, bewijs = consistentie(nummer + 1, omvang)
            for anders in verminkt(bewijs):
                uitslag = klopt_consistentie(nummer + 1, omvang, oud, nieuw, anders)
                assert uitslag == "bewijs"


def test_een_ander_nummer_of_een_andere_omvang_klopt_niet() -> None:
    """The same that transparency-dev/merkle tries."""
    for omvang in range(2, 60):
        for nummer in range(omvang):
            hash_, _, _, bewijs, wortel = inclusie(nummer, omvang)
            for ander in (nummer - 1, nummer + 1, nummer ^ 2):
                assert klopt_inclusie(hash_, ander, omvang, bewijs, wortel) != "goed"
            for ander in (omvang * 2, omvang // 2):
                assert klopt_inclusie(hash_, nummer, ander, bewijs, wortel) != "goed"
        for eerst in range(1, omvang):
            _, _, oud, nieuw, bewijs = consistentie(eerst, omvang)
            for ander in (eerst - 1, eerst + 1, eerst ^ 2):
                assert klopt_consistentie(ander, omvang, oud, nieuw, bewijs) != "goed"
            for ander in (omvang * 2, omvang // 2):
                assert klopt_consistentie(eerst, ander, oud, nieuw, bewijs) != "goed"
            assert klopt_consistentie(eerst, omvang, nieuw, oud, bewijs) != "goed"


def test_een_boom_die_herschreven_is_heeft_geen_bewijs() -> None:
    """Whatever is offered as proof: the old root does not come out of another tree."""
    for later in range(2, 40):
        anders = Naief([b"anders", *BLADEN[1:later]])
        for eerst in range(1, later + 1):
            bewijs = anders.deel(eerst, 0, later, heel=True)
            oud, nieuw = NAIEF.over(0, eerst), anders.over(0, later)
            assert klopt_consistentie(eerst, later, oud, nieuw, bewijs) == "wortel"


@pytest.mark.parametrize(
    ("nummer", "omvang"),
    [(0, 0), (1, 1), (-1, 1), (5, 4), (0, OMVANG_MAX + 1), (0, -1)],
)
def test_een_blad_buiten_de_boom_wordt_niet_gezocht(nummer: int, omvang: int) -> None:
    assert klopt_inclusie(HASHES[0], nummer, omvang, [], HASHES[0]) == "omvang"


@pytest.mark.parametrize(("eerst", "later"), [(0, 0), (0, 1), (2, 1), (-1, 1), (1, OMVANG_MAX + 1)])
def test_omvangen_in_de_verkeerde_volgorde_worden_geweigerd(eerst: int, later: int) -> None:
    assert klopt_consistentie(eerst, later, HASHES[0], HASHES[0], []) == "omvang"


def test_een_hash_van_een_andere_lengte_is_geen_hash() -> None:
    kort, lang = HASHES[0][1:], HASHES[0] + b"\0"
    for fout in (b"", kort, lang):
        assert klopt_inclusie(fout, 0, 1, [], HASHES[0]) == "vorm"
        assert klopt_inclusie(HASHES[0], 0, 1, [], fout) == "vorm"
        assert klopt_inclusie(HASHES[0], 0, 2, [fout], HASHES[0]) == "vorm"
        assert klopt_consistentie(1, 2, fout, HASHES[0], [HASHES[1]]) == "vorm"
        assert klopt_consistentie(1, 2, HASHES[0], fout, [HASHES[1]]) == "vorm"
        assert klopt_consistentie(1, 2, HASHES[0], HASHES[0], [fout]) == "vorm"


def test_een_bewijs_zonder_einde_wordt_niet_bekeken() -> None:
    veel = [b"no hash"] * 1_000_000
    assert klopt_inclusie(HASHES[0], 0, OMVANG_MAX, veel, HASHES[0]) == "bewijs"
    assert klopt_consistentie(1, OMVANG_MAX, HASHES[0], HASHES[0], veel) == "bewijs"
