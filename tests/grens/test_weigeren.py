"""What is refused, on the wire and in a resumption, and what is handed out for ever."""

import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from schakel.bewijs import Controlepunt, lees_note, lees_ontvangstbewijs
from schakel.grens.fouten import Golffout, SlechtePagina, Vork
from schakel.grens.vormen import Bladen, Gezegd, Ontvangst, Pagina, bladen_van

from .contract import overeenkomst, sleutelblad
from .test_vectoren import PAGINAS
from .test_verkeer import Kant, hervat, pagina_van, stuur
from .zijden import VECTOREN, A, B, ondertekenaar, zijde

S = TypeVar("S", bound=msgspec.Struct)
UIT, IN = f"schakel/{A}/{B}", f"schakel/{B}/{A}"


@pytest.fixture
def paar(tmp_path: Path) -> Iterator[tuple[Kant, Kant]]:
    """A said two things, and B has them."""
    a, b = Kant("A", tmp_path / "a.db"), Kant("B", tmp_path / "b.db")
    hervat(a, b)
    for blad in (b"een", b"twee"):
        a.zeg(blad)
        assert stuur(a, b)
    yield a, b
    for een in (a, b):
        een.sluit()


def rotatie() -> bytes:
    """The leaf in which A takes a new key and gives up its first one."""
    return next(
        blad
        for blad in map(b64decode, PAGINAS[1]["pagina"]["bladen"])
        if b"verbinding.sleutels" in blad
    )


def bewijs_over(
    wortel: bytes, omvang: int, wie: str = "B", oorsprong: str = UIT, tijd: int = 1
) -> str:
    return str(Controlepunt(oorsprong, omvang, wortel).ontvang(ondertekenaar(wie), tijd))


def test_wie_in_een_andere_sessie_of_te_ver_vraagt_krijgt_niets(paar: tuple[Kant, Kant]) -> None:
    a, _ = paar
    verkeer = a.zijde.verkeer
    sessie = verkeer.verbinding().sessie_uit
    with pytest.raises(Golffout, match="sessie-onbekend"):
        a.zijde.doe(verkeer.pagina, "0198c1de-0000-7000-8000-000000000009", 0)
    with pytest.raises(Golffout, match="andere-positie") as fout:
        a.zijde.doe(verkeer.pagina, sessie, 3)
    assert fout.value.omvang == 2
    assert a.zijde.doe(verkeer.pagina, sessie, 2) is None


def test_een_pagina_die_verderop_begint_wacht(paar: tuple[Kant, Kant]) -> None:
    a, b = paar
    a.zeg(b"drie")
    sessie = b.zijde.verkeer.verbinding().sessie_in
    pagina = json.loads(pagina_van(a) or b"")
    with pytest.raises(Golffout, match="andere-positie") as fout:
        b.zijde.doe(b.zijde.verkeer.neem_pagina, json.dumps({**pagina, "vanaf": 3}).encode())
    assert fout.value.omvang == 2
    assert pagina["sessie"] == sessie


def test_een_oud_ontvangstbewijs_zet_niets_terug(paar: tuple[Kant, Kant]) -> None:
    a, _ = paar
    oud = a.zijde.verkeer.uit.note("ontvangstbewijs", 1)
    assert oud is not None
    a.zijde.doe(a.zijde.verkeer.neem_ontvangst, Ontvangst(1, oud))
    assert a.zijde.verkeer.verbinding().vanaf == 2


def test_een_ontvangstbewijs_verandert_niet_meer(paar: tuple[Kant, Kant]) -> None:
    _, b = paar
    eerst = b.zijde.doe(b.zijde.verkeer.ontvangst)
    assert b.zijde.doe(b.zijde.verkeer.ontvangst) == eerst


@pytest.mark.parametrize(
    ("bewijs", "omvang"),
    [
        ("geen note", 2),
        (bewijs_over(bytes(32), 1), 2),
        (bewijs_over(bytes(32), 2, oorsprong=IN), 2),
    ],
    ids=["geen note", "een andere omvang", "een ander logboek"],
)
def test_wat_geen_ontvangstbewijs_is_wordt_opnieuw_gevraagd(
    paar: tuple[Kant, Kant], bewijs: str, omvang: int
) -> None:
    a, _ = paar
    with pytest.raises(Golffout, match="slecht-bewijs"):
        a.zijde.doe(a.zijde.verkeer.neem_ontvangst, Ontvangst(omvang, bewijs))


@pytest.mark.parametrize("wie", ["A", "A2"])
def test_een_ontvangstbewijs_is_van_de_ander(paar: tuple[Kant, Kant], wie: str) -> None:
    a, _ = paar
    wortel = a.zijde.verkeer.uit.punt(2).wortel
    with pytest.raises(Golffout, match="slecht-bewijs"):
        a.zijde.doe(a.zijde.verkeer.neem_ontvangst, Ontvangst(2, bewijs_over(wortel, 2, wie)))


def test_een_ontvangstbewijs_met_een_andere_handtekening_telt_niet(
    paar: tuple[Kant, Kant],
) -> None:
    a, _ = paar
    goed = a.zijde.verkeer.uit.note("ontvangstbewijs", 2)
    ander = bewijs_over(a.zijde.verkeer.uit.punt(2).wortel, 2, tijd=9)
    assert goed is not None
    note, vals = lees_note(goed), lees_note(ander).handtekeningen[0]
    eigen = note.handtekeningen[0]
    gemengd = replace(eigen, waarde=vals.waarde[:8] + eigen.waarde[8:])
    with pytest.raises(Golffout, match="slecht-bewijs"):
        a.zijde.doe(
            a.zijde.verkeer.neem_ontvangst,
            Ontvangst(2, str(replace(note, handtekeningen=(gemengd,)))),
        )


def test_een_ontvangstbewijs_over_een_andere_geschiedenis_is_een_vork(
    paar: tuple[Kant, Kant],
) -> None:
    a, _ = paar
    with pytest.raises(Vork):
        a.zijde.doe(a.zijde.verkeer.neem_ontvangst, Ontvangst(2, bewijs_over(bytes(32), 2)))


def test_een_hervatting_over_een_andere_geschiedenis_is_een_vork(
    paar: tuple[Kant, Kant],
) -> None:
    a, b = paar
    vraag = a.zijde.doe(a.zijde.verkeer.begin_hervatting)
    anders = str(Controlepunt(UIT, 2, bytes(32)).onderteken(ondertekenaar("A")))
    van_b = str(Controlepunt(IN, 2, bytes(32)).onderteken(ondertekenaar("B")))
    for gezegd, fout in (
        (Gezegd(2, anders), Vork),
        (Gezegd(2, van_b), Golffout),
        (Gezegd(1, vraag.gezegd.controlepunt), Golffout),
        (Gezegd(2, "geen note"), Golffout),
    ):
        mis = _met(vraag, gezegd=gezegd)
        with pytest.raises(fout):
            b.zijde.doe(b.zijde.verkeer.hervat, mis)
    b.zijde.doe(b.zijde.verkeer.hervat, vraag)


def test_bij_een_andere_overeenkomst_wordt_niet_hervat(paar: tuple[Kant, Kant]) -> None:
    a, b = paar
    vraag = a.zijde.doe(a.zijde.verkeer.begin_hervatting)
    with pytest.raises(Golffout, match="andere-overeenkomst"):
        b.zijde.doe(b.zijde.verkeer.hervat, _met(vraag, overeenkomst="x" * 43))


def _met(vorm: S, **anders: object) -> S:
    return msgspec.structs.replace(vorm, **anders)


def test_wie_niets_mist_neemt_geen_bladen(paar: tuple[Kant, Kant]) -> None:
    a, b = paar
    terug = b.zijde.verkeer.geef_bladen(0)
    with pytest.raises(Golffout, match="niet-achterop"):
        a.zijde.doe(a.zijde.verkeer.neem_bladen, terug)
    with pytest.raises(Golffout, match="niet-achterop"):
        b.zijde.verkeer.geef_bladen(2)


def test_teruggegeven_bladen_sluiten_aan_en_zijn_door_ons_getekend(
    paar: tuple[Kant, Kant], tmp_path: Path
) -> None:
    a, b = paar
    leeg = Kant("A", tmp_path / "leeg.db")
    vraag = b.zijde.doe(b.zijde.verkeer.begin_hervatting)
    leeg.zijde.doe(leeg.zijde.verkeer.hervat, vraag)
    terug = b.zijde.verkeer.geef_bladen(0)
    neem = leeg.zijde.verkeer.neem_bladen
    with pytest.raises(Golffout, match="andere-positie"):
        leeg.zijde.doe(neem, b.zijde.verkeer.geef_bladen(1))
    vals = str(a.zijde.verkeer.uit.punt(2).onderteken(ondertekenaar("A2")))
    with pytest.raises(SlechtePagina, match=r"handtekening|sleutel"):
        leeg.zijde.doe(neem, Bladen(0, terug.bladen, vals))
    leeg.zijde.doe(neem, terug)
    assert not leeg.zijde.verkeer.verbinding().achterop
    assert leeg.zijde.verkeer.uit.note("controlepunt", 2) == terug.controlepunt
    leeg.sluit()


def test_over_een_omvang_wordt_een_keer_getekend(paar: tuple[Kant, Kant]) -> None:
    a, _ = paar
    a.zeg(b"drie")
    pagina = pagina_van(a)
    assert pagina is not None
    assert a.zijde.verkeer.uit.note("controlepunt", 3) == json.loads(pagina)["controlepunt"]


def test_een_oud_deel_eindigt_waar_een_handtekening_bewaard_is(
    paar: tuple[Kant, Kant],
) -> None:
    """The key that could sign another size is gone."""
    a, b = paar
    for aantal in (298, 300):
        a.zijde.doe(a.zijde.verkeer.zeg, [b"x"] * aantal)
        assert stuur(a, b)
    a.zijde.doe(a.zijde.verkeer.zeg, [rotatie()])
    zonder = zijde(a.zijde.opslag, "A", "A2")
    sessie = a.zijde.verkeer.verbinding().sessie_uit
    einden = []
    vanaf = 0
    while (pagina := zonder.doe(zonder.verkeer.pagina, sessie, vanaf)) is not None:
        einden.append(vanaf := pagina.tot)
        b.zijde.doe(b.zijde.verkeer.neem_pagina, pagina.schrijf())
    assert einden == [300, 601]


def test_een_nieuwe_sleutel_tekent_pas_ontvangst_als_de_ander_hem_kent(tmp_path: Path) -> None:
    bytes_ = overeenkomst()
    a, b = Kant("A", tmp_path / "a.db", bytes_), Kant("B", tmp_path / "b.db", bytes_)
    hervat(a, b)
    a.zeg(b"een")
    assert stuur(a, b)
    beide = zijde(a.zijde.opslag, "A", "A2", "A", overeenkomst=bytes_)
    beide.doe(beide.verkeer.zeg, [sleutelblad(A, B, 1, [VECTOREN["sleutels"]["A2"]["vkey"]], [])])
    for blad, wie in ((b"onbekend", "A"), (b"bekend", "A2")):
        b.zeg(blad)
        verbinding = b.zijde.verkeer.verbinding()
        pagina = b.zijde.doe(b.zijde.verkeer.pagina, verbinding.sessie_uit, verbinding.vanaf)
        ontvangst = beide.doe(beide.verkeer.neem_pagina, pagina.schrijf()).ontvangst
        (regel,) = lees_note(ontvangst.ontvangstbewijs).handtekeningen
        assert regel.sleutel_id == ondertekenaar(wie).sleutel.voor(4).id
        b.zijde.doe(b.zijde.verkeer.neem_ontvangst, ontvangst)
        assert stuur(a, b) is (blad == b"onbekend")
    for een in (a, b):
        een.sluit()


def test_een_pagina_is_zo_vol_als_zij_mag(paar: tuple[Kant, Kant]) -> None:
    a, _ = paar
    a.zijde.doe(a.zijde.verkeer.zeg, [b"x" * 65_536] * 9)
    sessie = a.zijde.verkeer.verbinding().sessie_uit
    pagina: Pagina = a.zijde.doe(a.zijde.verkeer.pagina, sessie, 2)
    assert pagina.tot == 2 + 524_288 // 65_536


SESSIE = "0198c1de-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("bladen", "past"),
    [
        ((b"x",) * 500, True),
        ((b"x",) * 501, False),
        ((), False),
        ((b"x" * 65_536,) * 8, True),
        ((*((b"x" * 65_536,) * 8), b"x"), False),
    ],
)
def test_een_pagina_heeft_grenzen(bladen: tuple[bytes, ...], past: bool) -> None:
    pagina = Pagina(vanaf=0, bladen=bladen_van(bladen), controlepunt="x", sessie=SESSIE)
    gelezen = Pagina.lees_na(pagina.schrijf(), lambda _: None)
    if past:
        assert gelezen.inhoud() == bladen
    else:
        with pytest.raises(SlechtePagina, match=r"pagina|samen"):
            gelezen.inhoud()


@pytest.mark.parametrize(
    "ruw",
    [
        b"",
        b"[]",
        b'\xef\xbb\xbf{"omvang":0,"ontvangstbewijs":null}',
        b'{"omvang":0,"omvang":0,"ontvangstbewijs":null}',
        b'{"omvang":9007199254740992,"ontvangstbewijs":"x"}',
        b'{"omvang":' + b"1" * 5_000 + b',"ontvangstbewijs":"x"}',
        b'{"omvang":-1,"ontvangstbewijs":"x"}',
        b'{"omvang":true,"ontvangstbewijs":"x"}',
        b'{"omvang":"1","ontvangstbewijs":"x"}',
        b'{"omvang":NaN,"ontvangstbewijs":"x"}',
        b'{"omvang":1,"ontvangstbewijs":null}',
        b'{"omvang":0,"ontvangstbewijs":"x"}',
        b'{"omvang":0}',
        b'{"omvang":0,"ontvangstbewijs":null,"x":' + b"[" * 40 + b"]" * 40 + b"}",
    ],
)
def test_wat_geen_ontvangst_is_wordt_geweigerd(ruw: bytes) -> None:
    with pytest.raises(Golffout, match="ongeldig"):
        Ontvangst.lees(ruw)


def test_wat_niemand_kent_wordt_overgeslagen() -> None:
    ruw = b'{"omvang":0,"ontvangstbewijs":null,"later":{"x":1}}'
    assert Ontvangst.lees(ruw) == Ontvangst(0, None)
    assert Ontvangst.lees(ruw).schrijf() == b'{"omvang":0,"ontvangstbewijs":null}'


def test_een_sessie_is_een_uuid_en_een_blad_is_base64() -> None:
    goed = {"sessie": SESSIE, "vanaf": 0, "bladen": ["eA=="], "controlepunt": "x"}
    for mis in (
        {"sessie": SESSIE.upper()},
        {"sessie": f"{SESSIE}\n"},
        {"sessie": 1},
        {"vanaf": 0.5},
    ):
        with pytest.raises(Golffout, match="ongeldig"):
            Pagina.lees_na(json.dumps(goed | mis).encode(), lambda _: None)
    for anders in ({"bladen": ["eA"]}, {"bladen": ["!"]}, {"bladen": [""]}):
        gelezen = Pagina.lees_na(json.dumps(goed | anders).encode(), lambda _: None)
        with pytest.raises(SlechtePagina, match="blad"):
            gelezen.inhoud()
    for vorm in ({"bladen": "eA=="}, {"bladen": [1]}, {"controlepunt": None}):
        with pytest.raises(SlechtePagina, match="is ongeldig"):
            Pagina.lees_na(json.dumps(goed | vorm).encode(), lambda _: None)


def test_een_ontvangstbewijs_noemt_wanneer(paar: tuple[Kant, Kant]) -> None:
    _, b = paar
    ontvangst = b.zijde.doe(b.zijde.verkeer.ontvangst)
    assert ontvangst.ontvangstbewijs is not None
    gelezen = lees_ontvangstbewijs(lees_note(ontvangst.ontvangstbewijs))
    assert (gelezen.naam, gelezen.controlepunt.omvang) == (IN, 2)
    assert abs(gelezen.tijd - b.zijde.nu.timestamp()) < 60
