"""Domain, section 6.7: equal are type and data, the data as JSON values; spelling means nothing."""

import hashlib
import json
import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schakel.contracts.gelijkheid import digest, inhoud, is_zelfde
from schakel.contracts.strikt import DIEPSTE

TYPE = "nl.meldingen.gesloten.v1"

GELIJK = [
    (b"1", b"1.0"),
    (b"1", b"1e0"),
    (b"100", b"1.0e2"),
    (b"100", b"1E+2"),
    (b"100", b"10000e-2"),
    (b"0", b"-0"),
    (b"0", b"-0.0"),
    (b"0", b"0e999"),
    (b"0.1", b"0.10"),
    (b"0.1", b"1e-1"),
    (b"-1.5", b"-15E-1"),
    (b"9007199254740993", b"9007199254740993.0"),
    (b"9007199254740993", b"900719925474099.3e1"),
    (b"123456789012345678", b"123456789012345678.0"),
    (b"-12345678901234567", b"-1234567890123456.7e1"),
    (b"-123456789012345678", b"-123456789012345678.0"),
    (b"18446744073709551615", b"18446744073709551615.0"),
    (b"1000000000000000000", b"1e18"),
    (b"10000000000000000000000", b"1e22"),
    (b"1" + b"0" * 400, b"1e400"),
    (b"1e400", b"10e399"),
    (b"1e-400", b"0.1e-399"),
    (b'"\\u00e9"', '"é"'.encode()),
    (b'"\\ud83d\\ude00"', '"😀"'.encode()),
    (b'"\\/\\u0041\\n"', b'"/A\\u000a"'),
    (b'{"a":1,"b":2}', b' {\t"b" : 2.0 ,\n"\\u0061": 1 } '),
    (b'{"a":[{"b":1,"c":0.5}]}', b'{"a":[{"c":5e-1,"b":1}]}'),
]
ANDERS = [
    (b"1", b"true"),
    (b"1.0", b"true"),
    (b"0", b"false"),
    (b"0", b"null"),
    (b"1", b'"1"'),
    (b"1e1", b'"1e1"'),
    (b"0", b"1e-400"),
    (b"1", b"-1"),
    (b"9007199254740992", b"9007199254740993"),
    (b"9007199254740992.0", b"9007199254740993.0"),
    (b"0.1", b"0.1000000000000000055511151231257827"),
    (b"1" + b"0" * 400, b"1" + b"0" * 399),
    (b"1e400", b"1e401"),
    ('"é"'.encode(), '"e\u0301"'.encode()),
    (b'"a"', b'"A"'),
    (b"[1,2]", b"[2,1]"),
    (b"[1]", b"[1,1]"),
    (b'{"a":null}', b"{}"),
    (b'{"a":1}', b'{"a":2}'),
    (b"[1.5]", b'["15e-1"]'),
    (b"{}", b"[]"),
]
GEEN_WAARDE = [
    b'{"a":1,"a":1}',
    b'{"a":1,"\\u0061":1}',
    b'"\\ud800"',
    b"NaN",
    b"-Infinity",
    b'"\xff"',
    b"[" * (DIEPSTE + 1) + b"]" * (DIEPSTE + 1),
    b"[" * 30_000 + b"]" * 30_000,
    b"1e" + b"9" * 60_000,
    b"1e-" + b"9" * 60_000,
    b"",
    b"{",
]


def _is_een(a: bytes, b: bytes) -> bool:
    """Ask in every way there is, and hold the answers against each other."""
    gelijk = inhoud(TYPE, a) == inhoud(TYPE, b)
    assert (digest(TYPE, a) == digest(TYPE, b)) is gelijk
    assert is_zelfde(digest(TYPE, a), TYPE, b) is gelijk
    assert is_zelfde(digest(TYPE, b), TYPE, a) is gelijk
    return gelijk


@pytest.mark.parametrize(("a", "b"), GELIJK, ids=lambda b: b[:20].decode())
def test_de_spelling_betekent_niets(a: bytes, b: bytes) -> None:
    assert _is_een(a, b)
    assert _is_een(b'{"x":[%b]}' % a, b'{ "x": [ %b ] }' % b)


@pytest.mark.parametrize(("a", "b"), ANDERS, ids=lambda b: b[:20].decode())
def test_een_andere_waarde_is_een_ander_bericht(a: bytes, b: bytes) -> None:
    assert not _is_een(a, b)
    assert not _is_een(b'{"x":[%b,0.5]}' % a, b'{"x":[%b,0.5]}' % b)


def test_een_ander_type_is_een_ander_bericht() -> None:
    assert inhoud(TYPE, b"{}") != inhoud("nl.meldingen.voltooid.v1", b"{}")


@pytest.mark.parametrize("ruw", GEEN_WAARDE, ids=lambda b: b[:12].decode("ascii", "replace"))
def test_wat_geen_strikte_json_is_is_alleen_aan_dezelfde_bytes_gelijk(ruw: bytes) -> None:
    assert _is_een(ruw, bytes(bytearray(ruw)))
    assert not _is_een(ruw, b" " + ruw)
    assert not _is_een(ruw, b'{"a":1}')


def test_een_lang_getal_wordt_niet_uitgeschreven() -> None:
    """It is a fault of others to send it, and must stay theirs."""
    bom = b"[" + b",".join([b"1e60000"] * 8_000) + b"]"
    assert len(inhoud(TYPE, bom)) < 2 * len(bom)


def test_het_kenmerk_van_de_vorige_versie_wordt_aan_dezelfde_bytes_herkend() -> None:
    data = b'{"n":1, "ronde":1}'
    oud = hashlib.sha256(f"{TYPE}\n".encode() + data).digest()
    assert is_zelfde(oud, TYPE, data)
    assert not is_zelfde(oud, TYPE, b'{"ronde":1,"n":1}')
    assert not is_zelfde(oud, "nl.meldingen.voltooid.v1", data)


def test_de_ene_spelling_van_een_waarde_is_zelf_die_waarde() -> None:
    data = b'{"b":1.50,"a":[1,true,null,"\\u00e9"]}'
    gespeld = inhoud(TYPE, data).partition(b"\n")[2]
    assert json.loads(gespeld) == json.loads(data)
    assert inhoud(TYPE, gespeld) == inhoud(TYPE, data)


_GETALLEN = st.one_of(
    st.integers(),
    st.integers(-(10**40), 10**40),
    st.fractions(max_denominator=1000).map(lambda b: Fraction(b.numerator, 2**3 * 5**4)),
)
_WAARDEN = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        _GETALLEN,
        st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    ),
    lambda dieper: st.one_of(
        st.lists(dieper, max_size=3),
        st.dictionaries(st.text('abé\U0001f600!"', max_size=2), dieper, max_size=3),
    ),
    max_leaves=8,
)


def _spel(waarde: Any, toeval: random.Random) -> str:
    """One of the ways to write a value."""
    wit = toeval.choice(["", "", " ", "\n\t"])
    match waarde:
        case bool() | None:
            return wit + json.dumps(waarde)
        case int() | Fraction():
            return wit + _spel_getal(Fraction(waarde), toeval)
        case str():
            return wit + _spel_tekst(waarde, toeval)
        case list():
            return f"{wit}[{','.join(_spel(w, toeval) for w in waarde)}{wit}]"
    leden = [f"{_spel_tekst(n, toeval)}{wit}:{_spel(w, toeval)}" for n, w in waarde.items()]
    toeval.shuffle(leden)
    return f"{wit}{{{','.join(leden)}{wit}}}"


def _spel_getal(getal: Fraction, toeval: random.Random) -> str:
    macht = toeval.randint(-4, 4)
    deel = getal / Fraction(10) ** macht
    achter = 0
    while (deel * 10**achter).denominator > 1:
        achter += 1
    achter += toeval.randint(0, 2)
    cijfers = f"{abs(int(deel * 10**achter)):0{achter + 1}d}"
    tekst = cijfers if achter == 0 else f"{cijfers[:-achter]}.{cijfers[-achter:]}"
    exponent = f"{toeval.choice('eE')}{macht:{toeval.choice(['', '+'])}d}" if macht else ""
    return ("-" if getal < 0 else "") + tekst + exponent


def _spel_tekst(tekst: str, toeval: random.Random) -> str:
    return "".join(['"', *(_spel_teken(t, toeval) for t in tekst), '"'])


def _spel_teken(teken: str, toeval: random.Random) -> str:
    if toeval.random() < 0.5:
        eenheden = teken.encode("utf-16-be")
        return "".join(f"\\u{eenheden[i : i + 2].hex()}" for i in range(0, len(eenheden), 2))
    return json.dumps(teken, ensure_ascii=False)[1:-1]


@given(waarde=_WAARDEN, toeval=st.randoms(use_true_random=False))
def test_elke_spelling_van_een_waarde_is_gelijk(waarde: Any, toeval: random.Random) -> None:
    assert _is_een(_spel(waarde, toeval).encode(), _spel(waarde, toeval).encode())


_ZONDER_BREUK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.integers(-(10**40), 10**40),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    ),
    lambda dieper: st.one_of(
        st.lists(dieper, max_size=3), st.dictionaries(st.text(max_size=2), dieper, max_size=3)
    ),
    max_leaves=8,
)


@given(waarde=_ZONDER_BREUK, toeval=st.randoms(use_true_random=False))
def test_de_gewone_spelling_is_aan_elke_andere_gelijk(waarde: Any, toeval: random.Random) -> None:
    """That one is read in another way: quickly."""
    gewoon = json.dumps(waarde, ensure_ascii=False, separators=(",", ":")).encode()
    assert _is_een(gewoon, _spel(waarde, toeval).encode())


def _streng(waarde: Any) -> Any:
    """So that Python's own equality is that of JSON: true is not 1."""
    match waarde:
        case bool():
            return (waarde,)
        case list():
            return [_streng(w) for w in waarde]
        case dict():
            return {n: _streng(w) for n, w in waarde.items()}
    return waarde


@given(een=_WAARDEN, ander=_WAARDEN, toeval=st.randoms(use_true_random=False))
def test_alleen_gelijke_waarden_zijn_gelijk(een: Any, ander: Any, toeval: random.Random) -> None:
    gelijk = _streng(een) == _streng(ander)
    assert _is_een(_spel(een, toeval).encode(), _spel(ander, toeval).encode()) is gelijk
