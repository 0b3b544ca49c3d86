"""The same by others: pymerkle for the tree; sumdb of Go and transparency-dev for tree and notes.

Each may be absent: pymerkle stands in a dependency group of its own, which `make test` takes along;
the others need Go, which fetches them once.
"""

import base64
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bewijs.naief import Opslag
from tests.bewijs.tweede import Vraag, Vragen, vragen_aan_go

from schakel.bewijs import (
    COSIGNATURE,
    BewijsFout,
    Controlepunt,
    Hashboom,
    Note,
    Ondertekenaar,
    bladhash,
    controleer_consistentie,
    controleer_inclusie,
    lees_note,
    lees_ontvangstbewijs,
    lees_tekst,
)

GEVALLEN = 300
BLADEN = [b"blad %d" % n for n in range(GEVALLEN)]
HASHES = [bladhash(blad) for blad in BLADEN]
BOOM: Hashboom = Opslag().met(HASHES).boom
KANTEN = [1, 2, 3, 7, 8, 9, 31, 64, 100, 255, 256, 257, GEVALLEN]


# pymerkle


def test_pymerkle_maakt_dezelfde_wortels_en_bewijzen() -> None:
    pymerkle = pytest.importorskip("pymerkle", reason="alleen met: uv sync --group bewijs")
    boom = pymerkle.InmemoryTree(algorithm="sha256")
    for blad in BLADEN:
        boom.append_entry(blad)
    for omvang in KANTEN:
        assert boom.get_root(omvang) == BOOM.wortel(omvang)
        for nummer in range(omvang):
            bewijs = boom.prove_inclusion(nummer + 1, omvang)
            _, *pad = bewijs.path  # theirs begins with the leaf itself
            assert [*BOOM.inclusiebewijs(nummer, omvang)] == pad
            eerst = nummer + 1
            proef = boom.prove_consistency(eerst, omvang)
            proef.verify(BOOM.wortel(eerst), BOOM.wortel(omvang))
            controleer_consistentie(
                eerst,
                omvang,
                boom.get_root(eerst),
                boom.get_root(omvang),
                BOOM.consistentiebewijs(eerst, omvang),
            )


# Go


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Vragen:
    """Ask the others: per question an answer and, if so, what is wrong."""
    return vragen_aan_go(tmp_path_factory.mktemp("go"))


def b64(*hashes: bytes) -> list[str]:
    return [base64.b64encode(hash_).decode() for hash_ in hashes]


def inclusie(hash_: bytes, nummer: int, omvang: int, bewijs: Sequence[bytes]) -> Vraag:
    (blad, wortel), pad = b64(hash_, BOOM.wortel(omvang)), b64(*bewijs)
    delen = {"hash": blad, "nummer": nummer, "omvang": omvang, "bewijs": pad}
    return {"soort": "inclusie", "wortel": wortel, **delen}


def consistentie(eerst: int, later: int, bewijs: Sequence[bytes]) -> Vraag:
    oud, nieuw = b64(BOOM.wortel(eerst), BOOM.wortel(later))
    delen = {"eerst": eerst, "omvang": later, "bewijs": b64(*bewijs)}
    return {"soort": "consistentie", "oud": oud, "wortel": nieuw, **delen}


def test_go_gelooft_elk_bewijs(go: Vragen) -> None:
    vragen = [
        vraag
        for omvang in KANTEN
        for n in range(omvang)
        for vraag in (
            inclusie(HASHES[n], n, omvang, BOOM.inclusiebewijs(n, omvang)),
            consistentie(n + 1, omvang, BOOM.consistentiebewijs(n + 1, omvang)),
        )
    ]
    assert set(go(vragen)) == {("", "")}


def klopt(controleer: Callable[..., None], *zaak: object) -> bool:
    try:
        controleer(*zaak)
    except BewijsFout:
        return False
    return True


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_go_zegt_van_een_vervalst_bewijs_hetzelfde(go: Vragen, data: st.DataObject) -> None:
    """Whatever was done to it: hashes left out, doubled, swapped; another number or size."""
    vragen, verwacht = [], []
    for _ in range(40):
        omvang = data.draw(st.integers(1, 40))
        nummer = data.draw(st.integers(0, omvang - 1))
        ander = data.draw(st.one_of(st.just(omvang), st.integers(1, 40)))
        for soort in ("inclusie", "consistentie"):
            goed = (
                BOOM.inclusiebewijs(nummer, omvang)
                if soort == "inclusie"
                else BOOM.consistentiebewijs(nummer + 1, omvang)
            )
            keuze = st.lists(st.sampled_from([*goed, HASHES[0]]), max_size=len(goed) + 1)
            bewijs = data.draw(st.one_of(st.just([*goed]), keuze))
            if soort == "inclusie" and nummer < ander:
                vragen.append(inclusie(HASHES[nummer], nummer, ander, bewijs))
                zaak = (HASHES[nummer], nummer, ander, bewijs, BOOM.wortel(ander))
                verwacht.append(klopt(controleer_inclusie, *zaak))
            if soort == "consistentie" and nummer < ander:
                eerst = nummer + 1
                vragen.append(consistentie(eerst, ander, bewijs))
                wortels = (BOOM.wortel(eerst), BOOM.wortel(ander))
                verwacht.append(klopt(controleer_consistentie, eerst, ander, *wortels, bewijs))
    assert [fout == "" for _, fout in go(vragen)] == verwacht


NAAM = "schakel/00000099000000001000/00000099000000002000"
A = Ondertekenaar(NAAM, b"a" * 32)
PUNT = Controlepunt(NAAM, GEVALLEN, BOOM.wortel(GEVALLEN))


def skey(ondertekenaar: Ondertekenaar, privaat: bytes, *, mee: bool = False) -> str:
    """A private key as Go writes it."""
    sleutel = ondertekenaar.sleutel.voor(COSIGNATURE) if mee else ondertekenaar.sleutel
    (ruw,) = b64(bytes((sleutel.soort,)) + privaat)
    return f"PRIVATE+KEY+{sleutel.naam}+{sleutel.id.hex()}+{ruw}"


def test_go_leest_onze_notes(go: Vragen) -> None:
    vkey, mee = A.sleutel.vkey, A.sleutel.voor(COSIGNATURE).vkey
    gewoon, bewijs = str(PUNT.onderteken(A)), str(PUNT.ontvang(A, 1_796_040_002))
    tekst = "een regel\n\nen, na een lege, één meer\n"
    eigen = str(Note(tekst, (A.teken(tekst),)))
    goed = go(
        [
            {"soort": "open", "note": gewoon, "vkey": vkey},
            {"soort": "open", "note": bewijs, "vkey": mee, "mee": True},
            {"soort": "open", "note": eigen, "vkey": vkey},
        ]
    )
    assert goed == [(PUNT.tekst, ""), (PUNT.tekst, ""), (tekst, "")]
    fout = go(
        [
            {"soort": "open", "note": bewijs, "vkey": vkey},
            {"soort": "open", "note": gewoon, "vkey": mee, "mee": True},
            {"soort": "open", "note": gewoon.replace("\n300\n", "\n301\n"), "vkey": vkey},
        ]
    )
    assert all(reden for _, reden in fout)


def test_wij_lezen_de_notes_van_go(go: Vragen) -> None:
    (gewoon, een), (bewijs, twee) = go(
        [
            {"soort": "teken", "tekst": PUNT.tekst, "sleutel": skey(A, b"a" * 32)},
            {"soort": "teken", "tekst": PUNT.tekst, "sleutel": skey(A, b"a" * 32), "mee": True},
        ]
    )
    assert (een, twee) == ("", "")
    assert gewoon == str(PUNT.onderteken(A))  # Ed25519 gives the same bytes every time
    note = lees_note(bewijs)
    note.controleer([A.sleutel.voor(COSIGNATURE)])
    gelezen = lees_ontvangstbewijs(note)
    assert gelezen.controlepunt == lees_tekst(PUNT.tekst) == PUNT
    assert str(PUNT.ontvang(A, gelezen.tijd)) == bewijs
