"""Keys, notes, checkpoints, receipts: what is read back, and what is refused."""

import re
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from itertools import count

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from schakel.bewijs import (
    BLAD_MAX,
    COSIGNATURE,
    ED25519,
    NOTE_MAX,
    OMVANG_MAX,
    BewijsFout,
    Controlepunt,
    Handtekening,
    Note,
    Ondertekenaar,
    Sleutel,
    als_base64,
    lees_blad,
    lees_controlepunt,
    lees_note,
    lees_ontvangstbewijs,
    lees_tekst,
    lees_vkey,
    uit_base64,
)

VAN = "schakel/00000099000000001000/00000099000000002000"
NAAR = "schakel/00000099000000002000/00000099000000001000"
A, B = Ondertekenaar(VAN, b"a" * 32), Ondertekenaar(NAAR, b"b" * 32)
WORTEL = bytes(range(32))
PUNT = Controlepunt(VAN, 7, WORTEL)
NOTE = str(PUNT.onderteken(A))
BEWIJS = str(PUNT.ontvang(B, 1_796_040_002))
TEKENS = st.text(
    st.characters(exclude_characters="".join(map(chr, range(32))), exclude_categories=["Cs"]),
    max_size=40,
)


def code_van(doe: Callable[[], object]) -> str:
    with pytest.raises(BewijsFout) as gevangen:
        doe()
    assert str(gevangen.value) == f"{gevangen.value.code}: {gevangen.value.uitleg}"
    return gevangen.value.code


# Keys


def test_een_sleutel_komt_terug_uit_zijn_vkey() -> None:
    assert zoals_geschreven(ED25519, A.sleutel.publiek) == A.sleutel.vkey
    for soort in (ED25519, COSIGNATURE):
        sleutel = A.sleutel.voor(soort)
        assert lees_vkey(sleutel.vkey) == sleutel
        assert (
            sleutel.id
            == (sha256(VAN.encode() + b"\n" + bytes((soort,)) + sleutel.publiek).digest()[:4])
        )


VKEY = A.sleutel.vkey
NAAM, ID, RUW = VKEY.split("+", 2)


def zoals_geschreven(soort: int, publiek: bytes) -> str:
    """With an id that belongs to it, whatever it is."""
    deel = bytes((soort,)) + publiek
    id_ = sha256(VAN.encode() + b"\n" + deel).hexdigest()[:8]
    return f"{VAN}+{id_}+{als_base64(deel)}"


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "+",
        "++",
        NAAM,
        f"{NAAM}+{ID}",
        f"{NAAM}+{ID}+",
        f"+{ID}+{RUW}",
        f"a b+{ID}+{RUW}",
        f"{NAAM}+{ID.upper()}+{RUW}",
        f"{NAAM}+{ID[:-1]}+{RUW}",
        f"{NAAM}+00000000+{RUW}",
        f"{NAAM}x+{ID}+{RUW}",
        f"{NAAM}+{ID}+{RUW}=",
        f"{NAAM}+{ID}+{RUW}\n",
        f" {VKEY}",
        f"{NAAM}+{ID}+{RUW.replace('/', '_')}-",
        f"{'n' * 256}+{ID}+{RUW}",
        *(zoals_geschreven(soort, A.sleutel.publiek) for soort in (0, 2, 3, 5, 6, 255)),
        zoals_geschreven(ED25519, A.sleutel.publiek[1:]),
        zoals_geschreven(ED25519, A.sleutel.publiek + b"\0"),
    ],
    ids=map(str, count()),
)
def test_een_vkey_die_anders_geschreven_is_wordt_geweigerd(vkey: str) -> None:
    assert code_van(lambda: lees_vkey(vkey)) == "sleutel"


P = 2**255 - 19
LAGE_ORDE = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]


@pytest.mark.parametrize("publiek", LAGE_ORDE)
def test_een_sleutel_waarmee_een_handtekening_op_alles_past_wordt_geweigerd(publiek: str) -> None:
    ruw = bytes.fromhex(publiek)
    vals = ruw + bytes(32)  # R = A, s = 0: fits one text in every few, where it is let through
    past = 0
    for n in range(64):
        with suppress(InvalidSignature):
            Ed25519PublicKey.from_public_bytes(ruw).verify(vals, b"%d" % n)
            past += 1
    assert past > 0
    assert code_van(lambda: Sleutel(VAN, ED25519, ruw)) == "sleutel"


@pytest.mark.parametrize("y", [P, P + 1, P + 3, 2**255 - 1, 2])
def test_een_sleutel_die_geen_punt_is_of_anders_geschreven_wordt_geweigerd(y: int) -> None:
    for teken in (0, 1 << 255):
        publiek = (y | teken).to_bytes(32, "little")
        assert code_van(lambda p=publiek: Sleutel(VAN, ED25519, p)) == "sleutel"


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_elke_echte_sleutel_wordt_aangenomen(privaat: bytes) -> None:
    publiek = Ed25519PrivateKey.from_private_bytes(privaat).public_key().public_bytes_raw()
    assert Ondertekenaar("n", privaat).sleutel == Sleutel("n", ED25519, publiek)


def test_een_private_sleutel_heeft_de_goede_lengte_en_wordt_niet_getoond() -> None:
    assert code_van(lambda: Ondertekenaar(VAN, b"kort")) == "sleutel"
    assert "aaaa" not in repr(A) + repr(vars(A).keys())


# Notes


@settings(max_examples=200, deadline=None)
@given(st.lists(TEKENS, max_size=6))
def test_een_note_komt_terug_zoals_hij_geschreven_was(regels: list[str]) -> None:
    tekst = "\n".join(regels) + "\n"
    note = Note(tekst, (A.teken(tekst), B.teken(tekst)))
    assert lees_note(str(note)) == note
    assert [*note.controleer([B.sleutel, A.sleutel])] == [A.sleutel, B.sleutel]


def test_een_note_is_geschreven_zoals_c2sp_het_zegt() -> None:
    waarde = als_base64(A.sleutel.id + A.teken(PUNT.tekst).waarde)
    assert f"{VAN}\n7\n{als_base64(WORTEL)}\n\n— {VAN} {waarde}\n" == NOTE


def test_een_lege_regel_in_de_tekst_is_tekst() -> None:
    """The last one parts text and signatures."""
    for tekst in ("een\n\ntwee\n", "een\n\n", "\n", "\n\n", f"{NOTE}\n"):
        note = Note(tekst, (A.teken(tekst),))
        assert lees_note(str(note)) == note


TEKST, _, REGEL = NOTE.rpartition("\n\n")
STREEP, WIE, WAT = REGEL.rstrip("\n").split(" ")


@pytest.mark.parametrize(
    ("code", "note"),
    [
        ("vorm", ""),
        ("vorm", "\n\n"),
        ("vorm", TEKST),
        ("vorm", f"{TEKST}\n"),
        ("vorm", f"{TEKST}\n\n"),
        ("vorm", f"{TEKST}\n{REGEL}"),
        ("vorm", NOTE[:-1]),
        ("vorm", f"{NOTE}\n"),
        ("vorm", f"{NOTE}Nog een regel.\n"),
        ("vorm", f"{NOTE}{REGEL}"),
        ("vorm", f"\x01{NOTE}"),
        ("vorm", f"\ud800{NOTE}"),
        ("vorm", NOTE.replace("\n", "\r\n")),
        ("vorm", f"{TEKST}\t\n\n{REGEL}"),
        *(("vorm", f"{TEKST}{chr(n)}\n\n{REGEL}") for n in range(32) if n != ord("\n")),
        ("vorm", REGEL),
        ("vorm", f"\n{REGEL}"),
        ("vorm", f"{TEKST}\n\n- {WIE} {WAT}\n"),
        ("vorm", f"{TEKST}\n\n—  {WIE} {WAT}\n"),
        ("vorm", f"{TEKST}\n\n{STREEP} {WIE} {WAT} \n"),
        ("vorm", f"{TEKST}\n\n {STREEP} {WIE} {WAT}\n"),
        ("vorm", f"{TEKST}\n\n{STREEP} {WIE}\n"),
        ("vorm", f"{TEKST}\n\n{STREEP} {WIE} \n"),
        ("vorm", f"{TEKST}\n\n{STREEP}  {WAT}\n"),
        ("vorm", f"{TEKST}\n\n{STREEP} twee namen {WAT}\n"),
        ("vorm", f"{TEKST}\n\n{STREEP} a+b {WAT}\n"),
        ("vorm", f"{TEKST}\n\n{STREEP} a\u00a0b {WAT}\n"),
        ("vorm", f"{TEKST}\n\n{STREEP} a\u2028b {WAT}\n"),
        ("vorm", f"{TEKST}\n\n{STREEP} {'n' * 256} {WAT}\n"),
        ("vorm", f"{TEKST}\n\n{STREEP} {WIE} {WAT.rstrip('=')}\n"),
        ("vorm", f"{TEKST}\n\n{STREEP} {WIE} {WAT}=\n"),
        ("vorm", f"{TEKST}\n\n{STREEP} {WIE} {als_base64(A.sleutel.id)}\n"),
        ("vorm", f"{TEKST}\n\n{STREEP} {WIE} !{WAT[1:]}\n"),
        ("te-groot", f"{'a' * NOTE_MAX}\n\n{REGEL}"),
        ("te-groot", TEKST + "\n\n" + "".join(f"— n{n} AAAAAAA=\n" for n in range(17))),
    ],
    ids=map(str, count()),
)
def test_een_note_die_anders_geschreven_is_wordt_geweigerd(code: str, note: str) -> None:
    assert code_van(lambda: lees_note(note)) == code


def test_zestien_handtekeningen_en_een_volle_note_mogen() -> None:
    zestien = "".join(f"— n{n} AAAAAAA=\n" for n in range(16))
    assert len(lees_note(f"tekst\n\n{zestien}").handtekeningen) == 16
    vol = f"{'é' * (NOTE_MAX - len(REGEL) - 2)}\n\n{REGEL}"
    assert (len(vol), str(lees_note(vol))) == (NOTE_MAX, vol)


def test_een_andere_schrijfwijze_van_dezelfde_bytes_is_niet_dezelfde_note() -> None:
    """The last character of base64 has bits that say nothing: only one way to write them."""
    alfabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    goed, tekens = [], WAT.rstrip("=")
    for teken in alfabet:
        try:
            uit_base64(tekens[:-1] + teken + WAT[len(tekens) :])
        except BewijsFout:
            continue
        goed.append(teken)
    assert len(goed) == 64 >> 2 * (len(WAT) - len(tekens))


# Who signed


def test_een_onbekende_sleutel_zegt_niets_en_een_foute_bekende_alles() -> None:
    tekst = PUNT.tekst
    goed, vreemd = A.teken(tekst), B.teken(tekst)
    fout = Handtekening(vreemd.naam, vreemd.sleutel_id, goed.waarde)
    assert [*Note(tekst, (goed, fout)).controleer([A.sleutel])] == [A.sleutel]
    for keuze, sleutels, code in (
        ((vreemd,), [A.sleutel], "onbekende-sleutel"),
        ((goed,), [], "onbekende-sleutel"),
        ((goed, fout), [A.sleutel, B.sleutel], "handtekening"),
        ((fout,), [B.sleutel], "handtekening"),
    ):
        note = Note(tekst, keuze)
        assert code_van(lambda n=note, s=sleutels: n.controleer(s)) == code


def test_naam_of_id_alleen_is_niet_genoeg() -> None:
    echt = A.teken(PUNT.tekst)
    for nep in (
        Handtekening(NAAR, echt.sleutel_id, echt.waarde),
        Handtekening(VAN, B.sleutel.id, echt.waarde),
    ):
        note = Note(PUNT.tekst, (nep,))
        assert code_van(lambda n=note: n.controleer([A.sleutel])) == "onbekende-sleutel"


@pytest.mark.parametrize("geschreven", [NOTE, BEWIJS])
def test_elke_omgeklapte_bit_wordt_gezien(geschreven: str) -> None:
    """Of the whole note as it travels: either it no longer reads, or it no longer verifies."""
    sleutels = [A.sleutel, B.sleutel.voor(COSIGNATURE)]
    ruw = geschreven.encode()
    lees_note(geschreven).controleer(sleutels)
    for bit in range(8 * len(ruw)):
        anders = (int.from_bytes(ruw) ^ 1 << bit).to_bytes(len(ruw))
        with pytest.raises((BewijsFout, UnicodeDecodeError)):
            lees_note(anders.decode()).controleer(sleutels)


def test_elke_afgekapte_note_wordt_gezien() -> None:
    for geschreven in (NOTE, BEWIJS):
        for einde in range(len(geschreven)):
            assert code_van(lambda g=geschreven[:einde]: lees_note(g)) == "vorm"


def test_een_handtekening_geldt_voor_een_gebruik() -> None:
    """One key for both: what it signed cannot be passed off as a receipt, nor the other way."""
    mee, gewoon = A.sleutel.voor(COSIGNATURE), A.sleutel
    getekend, meegetekend = A.teken(PUNT.tekst), A.teken_mee(PUNT.tekst, 9)
    assert (gewoon.klopt(PUNT.tekst, getekend), mee.klopt(PUNT.tekst, meegetekend)) == (True, True)
    assert not mee.klopt(PUNT.tekst, Handtekening(VAN, mee.id, bytes(8) + getekend.waarde))
    assert not gewoon.klopt(PUNT.tekst, Handtekening(VAN, gewoon.id, meegetekend.waarde[8:]))
    for waarde in (b"", bytes(7), bytes(8), bytes(63), bytes(65), bytes(1000)):
        assert not gewoon.klopt(PUNT.tekst, Handtekening(VAN, gewoon.id, waarde))
        assert not mee.klopt(PUNT.tekst, Handtekening(VAN, mee.id, waarde))


# Checkpoints and receipts


def test_een_controlepunt_komt_terug_uit_zijn_note() -> None:
    assert lees_controlepunt(lees_note(NOTE)) == PUNT


def test_een_ontvangstbewijs_zegt_wat_wanneer_en_van_wie() -> None:
    bewijs = lees_ontvangstbewijs(lees_note(BEWIJS))
    assert (bewijs.controlepunt, bewijs.naam, bewijs.tijd) == (PUNT, NAAR, 1_796_040_002)


def test_onder_een_ontvangstbewijs_staan_de_tijd_en_de_drie_regels() -> None:
    (een,) = lees_note(BEWIJS).handtekeningen
    onder = f"cosignature/v1\ntime 1796040002\n{PUNT.tekst}".encode()
    Ed25519PublicKey.from_public_bytes(B.sleutel.publiek).verify(een.waarde[8:], onder)
    assert een.waarde[:8] == (1_796_040_002).to_bytes(8)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, OMVANG_MAX), st.binary(min_size=32, max_size=32), st.integers(0, 2**63 - 1))
def test_elk_controlepunt_en_bewijs_komt_terug(omvang: int, wortel: bytes, tijd: int) -> None:
    punt = Controlepunt(VAN, omvang, wortel)
    assert lees_tekst(punt.tekst) == punt
    gelezen = lees_ontvangstbewijs(lees_note(str(punt.ontvang(B, tijd))))
    assert (gelezen.controlepunt, gelezen.tijd) == (punt, tijd)


R = als_base64(WORTEL)


@pytest.mark.parametrize(
    ("code", "tekst"),
    [
        ("vorm", ""),
        ("vorm", f"{VAN}\n7\n"),
        ("vorm", f"{VAN}\n7\n{R}"),
        ("vorm", f"{VAN}\n7\n{R}\nnog een regel\n"),
        ("vorm", f"{VAN}\n7\n{R}\n\n"),
        ("vorm", f"\n{VAN}\n7\n{R}\n"),
        ("vorm", f"\n7\n{R}\n"),
        ("vorm", f"a b\n7\n{R}\n"),
        ("vorm", f"a+b\n7\n{R}\n"),
        ("vorm", f"{VAN}\n0\n{R}\n"),
        ("vorm", f"{VAN}\n07\n{R}\n"),
        ("vorm", f"{VAN}\n+7\n{R}\n"),
        ("vorm", f"{VAN}\n-7\n{R}\n"),
        ("vorm", f"{VAN}\n 7\n{R}\n"),
        ("vorm", f"{VAN}\n7_0\n{R}\n"),
        ("vorm", f"{VAN}\n7.0\n{R}\n"),
        ("vorm", f"{VAN}\n\u0667\n{R}\n"),
        ("vorm", f"{VAN}\n7\u0667\n{R}\n"),
        ("vorm", f"{VAN}\n{'9' * 17}\n{R}\n"),
        ("vorm", f"{VAN}\n{'9' * 8000}\n{R}\n"),
        ("omvang", f"{VAN}\n{OMVANG_MAX + 1}\n{R}\n"),
        ("vorm", f"{VAN}\n7\n{R[:-1]}\n"),
        ("vorm", f"{VAN}\n7\n{R} \n"),
        ("vorm", f"{VAN}\n7\n{als_base64(WORTEL[1:])}\n"),
        ("vorm", f"{VAN}\n7\n{als_base64(WORTEL + b'x')}\n"),
        ("vorm", f"{VAN}\n7\n{WORTEL.hex()}\n"),
    ],
    ids=map(str, count()),
)
def test_een_controlepunt_dat_anders_geschreven_is_wordt_geweigerd(code: str, tekst: str) -> None:
    assert code_van(lambda: lees_tekst(tekst)) == code


def test_een_controlepunt_heeft_een_handtekening_van_het_logboek_zelf() -> None:
    eigen, ander = A.teken(PUNT.tekst), B.teken(PUNT.tekst)
    mee = A.teken_mee(PUNT.tekst, 1)
    for handtekeningen in ((eigen, ander), (ander,), (mee,)):
        note = Note(PUNT.tekst, handtekeningen)
        assert code_van(lambda n=note: lees_controlepunt(n)) == "vorm"


def test_een_ontvangstbewijs_heeft_een_meetekening_en_niets_anders() -> None:
    mee = B.teken_mee(PUNT.tekst, 1)
    laat = (2**63).to_bytes(8) + mee.waarde[8:]
    anders = [
        (Handtekening(NAAR, mee.sleutel_id, waarde),)
        for waarde in (laat, bytes(1), bytes(8), bytes(64), bytes(71), bytes(73))
    ]
    for handtekeningen in ((A.teken(PUNT.tekst), mee), (B.teken(PUNT.tekst),), *anders):
        note = Note(PUNT.tekst, handtekeningen)
        assert code_van(lambda n=note: lees_ontvangstbewijs(n)) == "vorm"


def test_een_tijd_die_niet_mag_klopt_ook_met_een_echte_handtekening_niet() -> None:
    """The key itself says yes: a time above 2^63 - 1 is no time."""
    privaat, tijd = Ed25519PrivateKey.from_private_bytes(b"b" * 32), 2**63
    onder = f"cosignature/v1\ntime {tijd}\n{PUNT.tekst}".encode()
    waarde = tijd.to_bytes(8) + privaat.sign(onder)
    sleutel = B.sleutel.voor(COSIGNATURE)
    assert not sleutel.klopt(PUNT.tekst, Handtekening(NAAR, sleutel.id, waarde))


@pytest.mark.parametrize(
    ("code", "doe"),
    [
        ("oorsprong", lambda: PUNT.onderteken(B)),
        ("omvang", lambda: Controlepunt(VAN, 0, WORTEL)),
        ("omvang", lambda: Controlepunt(VAN, -1, WORTEL)),
        ("vorm", lambda: Controlepunt("a b", 1, WORTEL)),
        ("vorm", lambda: Controlepunt(VAN, 1, b"")),
        ("vorm", lambda: PUNT.ontvang(B, -1)),
        ("vorm", lambda: PUNT.ontvang(B, 2**63)),
        ("sleutel", lambda: Ondertekenaar("a\nb", b"a" * 32)),
    ],
)
def test_wat_niet_gezegd_mag_worden_wordt_niet_getekend(
    code: str, doe: Callable[[], object]
) -> None:
    assert code_van(doe) == code


# Leaves


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=200))
def test_een_blad_reist_ongeschonden(blad: bytes) -> None:
    assert lees_blad(als_base64(blad)) == blad


@pytest.mark.parametrize(
    ("code", "tekst"),
    [
        ("vorm", ""),
        ("vorm", "YQ"),
        ("vorm", "YR=="),
        ("vorm", "YQ==\n"),
        ("vorm", "Y Q=="),
        ("vorm", "_-8="),
        ("vorm", "YQ==YQ=="),
        ("vorm", "é" * 4),
        ("vorm", "\ud800==="),
        ("te-groot", als_base64(bytes(BLAD_MAX + 1))),
        ("te-groot", als_base64(bytes(BLAD_MAX + 3))),
    ],
    ids=map(str, count()),
)
def test_een_blad_dat_anders_geschreven_is_wordt_geweigerd(code: str, tekst: str) -> None:
    assert code_van(lambda: lees_blad(tekst)) == code


def test_een_vol_blad_mag() -> None:
    assert len(lees_blad(als_base64(bytes(BLAD_MAX)))) == BLAD_MAX


def test_wat_veel_te_lang_is_wordt_niet_doorzocht() -> None:
    """Nothing is done with what is above the bound but measuring it."""
    veel = 50_000_000
    assert code_van(lambda: lees_vkey("n+" * (veel // 2))) == "sleutel"
    assert code_van(lambda: lees_note("\n" * veel)) == "te-groot"
    assert code_van(lambda: lees_blad("!" * veel)) == "te-groot"


def test_geen_uitleg_toont_wat_gelezen_werd() -> None:
    """What a partner sends may be anything, also a name: it stays out of logs and answers."""
    geheim = "Geheim"
    for doe in (
        lambda: lees_note(f"{geheim}\n\n— {geheim} {geheim}\n"),
        lambda: lees_vkey(f"{geheim}+00000000+{geheim}"),
        lambda: lees_tekst(f"{geheim}\n{geheim}\n{geheim}\n"),
        lambda: lees_blad(geheim),
    ):
        with pytest.raises(BewijsFout) as gevangen:
            doe()
        assert not re.search(geheim, str(gevangen.value))
