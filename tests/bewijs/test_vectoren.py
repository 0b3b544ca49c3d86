"""What others published, and what the wire format of the schakel promises.

``merkle/`` and ``dossier/`` say where theirs come from. The notes below and the key of the first
stand in the texts of C2SP (signed-note, tlog-checkpoint, tlog-cosignature; CC BY 4.0); two more
keys and a signature with a time in the tests of transparency-dev/formats v0.1.1 (Apache 2.0).
"""

import json
import zipfile
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.bewijs.naief import Naief, Opslag

from schakel.bewijs import (
    COSIGNATURE,
    ED25519,
    LEGE_WORTEL,
    BewijsFout,
    Handtekening,
    Ondertekenaar,
    Rand,
    Sleutel,
    als_base64,
    bladhash,
    controleer_consistentie,
    controleer_inclusie,
    lees_blad,
    lees_controlepunt,
    lees_note,
    lees_ontvangstbewijs,
    lees_tekst,
    lees_vkey,
    uit_base64,
)

HIER = Path(__file__).parent
Vectoren = Mapping[str, Any]


# transparency-dev/merkle


@pytest.fixture(scope="module")
def merkle() -> Vectoren:
    gelezen: Vectoren = json.loads((HIER / "merkle" / "vectoren.json").read_text())
    return gelezen


def test_de_wortels_en_knopen_van_transparency_dev(merkle: Vectoren) -> None:
    bladen = [bytes.fromhex(blad) for blad in merkle["bladen"]]
    opslag = Opslag().met([bladhash(blad) for blad in bladen])
    assert merkle["wortels"][0] == LEGE_WORTEL.hex() == opslag.boom.wortel(0).hex()
    for omvang in range(1, len(bladen) + 1):
        assert opslag.boom.wortel(omvang).hex() == merkle["wortels"][omvang]
    for hoogte, knopen in enumerate(merkle["knopen"]):
        breed = 2**hoogte
        boom = Naief(bladen)
        assert knopen == [boom.over(n * breed, (n + 1) * breed).hex() for n in range(8 // breed)]


def test_de_inclusiebewijzen_van_transparency_dev(merkle: Vectoren) -> None:
    hashes = [bladhash(bytes.fromhex(blad)) for blad in merkle["bladen"]]
    onzin, *goede = merkle["inclusie"]
    assert (onzin["blad"], onzin["omvang"]) == (0, 0)  # theirs count from 1: an invalid path
    for een in goede:
        nummer, omvang = een["blad"] - 1, een["omvang"]
        bewijs = [bytes.fromhex(hash_) for hash_ in een["bewijs"]]
        wortel = bytes.fromhex(merkle["wortels"][omvang])
        controleer_inclusie(hashes[nummer], nummer, omvang, bewijs, wortel)
        assert [*Opslag().met(hashes).boom.inclusiebewijs(nummer, omvang)] == bewijs


def test_de_consistentiebewijzen_van_transparency_dev(merkle: Vectoren) -> None:
    hashes = [bladhash(bytes.fromhex(blad)) for blad in merkle["bladen"]]
    for een in merkle["consistentie"]:
        eerst, later = een["eerst"], een["later"]
        bewijs = [bytes.fromhex(hash_) for hash_ in een["bewijs"]]
        oud, nieuw = (bytes.fromhex(merkle["wortels"][n]) for n in (eerst, later))
        controleer_consistentie(eerst, later, oud, nieuw, bewijs)
        assert [*Opslag().met(hashes).boom.consistentiebewijs(eerst, later)] == bewijs


# C2SP

SLEUTEL = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = """\
This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""  # noqa: E501
MEEGETEKEND = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501


def test_de_sleutel_en_de_note_van_c2sp() -> None:
    sleutel = lees_vkey(SLEUTEL)
    assert (sleutel.naam, sleutel.soort, sleutel.id.hex()) == ("example.com/foo", 1, "530d903a")
    assert sleutel.publiek.hex() == (
        "e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4"
    )
    assert sleutel.vkey == SLEUTEL
    note = lees_note(NOTE)
    assert [*note.controleer([sleutel])] == [sleutel]
    assert (note.tekst, str(note)) == ("This is an example message.\n", NOTE)


def test_het_meegetekende_controlepunt_van_c2sp() -> None:
    note = lees_note(MEEGETEKEND)
    assert str(note) == MEEGETEKEND
    punt = lees_tekst(note.tekst)
    assert (punt.oorsprong, punt.omvang) == ("example.com/behind-the-sofa", 20_852_163)
    eigen, getuige = note.handtekeningen
    assert (eigen.naam, getuige.naam) == (punt.oorsprong, "witness.example.com/w1")
    assert (len(eigen.waarde), len(getuige.waarde)) == (64, 8 + 64)
    assert int.from_bytes(getuige.waarde[:8]) == 1_679_315_147


@pytest.mark.parametrize(
    ("vkey", "soort"),
    [
        ("TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6", ED25519),
        (
            "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
            COSIGNATURE,
        ),
    ],
)
def test_de_sleutels_van_transparency_dev(vkey: str, soort: int) -> None:
    sleutel = lees_vkey(vkey)
    assert (sleutel.soort, sleutel.vkey) == (soort, vkey)


def test_de_tijd_in_een_meetekening_van_transparency_dev() -> None:
    ruw = uit_base64(
        "ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFi"
        "EBYJXORmnFBOBA=="
    )
    regel = Handtekening("remora.n621.de", ruw[:4], ruw[4:])
    note = lees_note(f"{lees_note(MEEGETEKEND).tekst}\n{regel}")
    assert lees_ontvangstbewijs(note).tijd == 1_727_964_367


# The wire format


@pytest.fixture(scope="module")
def golf() -> Vectoren:
    gelezen: Vectoren = json.loads(
        (HIER.parent / "golf" / "vectoren.json").read_text(encoding="utf-8")
    )
    return gelezen


def ondertekenaar(golf: Vectoren, wie: str) -> Ondertekenaar:
    naam = lees_vkey(golf["sleutels"][wie]["vkey"]).naam
    return Ondertekenaar(naam, b64decode(golf["sleutels"][wie]["ed25519"]))


def van_a(golf: Vectoren) -> Sequence[bytes]:
    """The five leaves of A."""
    een, _, twee = golf["paginas"]
    return [lees_blad(blad) for p in (een, twee) for blad in p["pagina"]["bladen"]]


@pytest.mark.parametrize("wie", ["A", "B", "A2"])
def test_de_sleutels_van_de_golf(golf: Vectoren, wie: str) -> None:
    geschreven, sleutel = golf["sleutels"][wie], ondertekenaar(golf, wie).sleutel
    assert sleutel == lees_vkey(geschreven["vkey"])
    assert sleutel.vkey == geschreven["vkey"]
    if "vkeyBewijs" in geschreven:
        assert sleutel.voor(COSIGNATURE) == lees_vkey(geschreven["vkeyBewijs"])
        assert sleutel.voor(COSIGNATURE).vkey == geschreven["vkeyBewijs"]


def test_de_bladen_en_wortels_van_de_golf(golf: Vectoren) -> None:
    bladen = van_a(golf)
    assert bladen[0].decode() == golf["eersteBlad"]
    assert [als_base64(bladhash(blad)) for blad in bladen] == golf["bladhash"]
    for een in golf["boom"]:
        rand, _ = Rand().met(map(bladhash, bladen[: een["omvang"]]))
        assert als_base64(rand.wortel) == een["wortel"]


@pytest.mark.parametrize(
    ("nummer", "zender", "ontvanger"), [(0, "A", "B"), (1, "B", "A"), (2, "A2", "B")]
)
def test_de_paginas_en_ontvangstbewijzen_van_de_golf(
    golf: Vectoren, nummer: int, zender: str, ontvanger: str
) -> None:
    """Read, verified, and made again byte for byte."""
    een = golf["paginas"][nummer]
    geschreven = een["pagina"]["controlepunt"]
    note = lees_note(geschreven)
    punt = lees_controlepunt(note)
    schrijver, nemer = ondertekenaar(golf, zender), ondertekenaar(golf, ontvanger)
    assert [*note.controleer([schrijver.sleutel])] == [schrijver.sleutel]
    assert str(punt.onderteken(schrijver)) == geschreven

    bewijs = een["antwoord"]["ontvangstbewijs"]
    gelezen = lees_ontvangstbewijs(lees_note(bewijs))
    sleutel = nemer.sleutel.voor(COSIGNATURE)
    assert [*lees_note(bewijs).controleer([sleutel])] == [sleutel]
    assert (gelezen.controlepunt, gelezen.naam) == (punt, sleutel.naam)
    assert str(punt.ontvang(nemer, gelezen.tijd)) == bewijs


def test_de_bytes_onder_een_ontvangstbewijs_van_de_golf(golf: Vectoren) -> None:
    punt = lees_tekst(lees_note(golf["paginas"][0]["pagina"]["controlepunt"]).tekst)
    (regel,) = punt.ontvang(ondertekenaar(golf, "B"), 1_796_040_002).handtekeningen
    onder = golf["ontvangstbewijsBytes"]
    assert onder == f"cosignature/v1\ntime 1796040002\n{punt.tekst}"
    # What is signed plainly over these bytes is the receipt's signature: nothing else is in it.
    assert ondertekenaar(golf, "B").teken(onder).waarde == regel.waarde[8:]


def test_de_hervatting_van_de_golf_noemt_wat_er_getekend_is(golf: Vectoren) -> None:
    for helft, zegt, nam in (("vraag", "A2", "A"), ("antwoord", "B", "B")):
        een = golf["hervatting"][helft]
        punt = lees_note(een["gezegd"]["controlepunt"])
        punt.controleer([ondertekenaar(golf, zegt).sleutel])
        assert lees_controlepunt(punt).omvang == een["gezegd"]["omvang"]
        bewijs = lees_note(een["ontvangen"]["ontvangstbewijs"])
        bewijs.controleer([ondertekenaar(golf, nam).sleutel.voor(COSIGNATURE)])
        assert lees_ontvangstbewijs(bewijs).controlepunt.omvang == een["ontvangen"]["omvang"]


def oordeel(golf: Vectoren, pagina: Mapping[str, Any]) -> str:
    """What B, which took in page 1, says of a page of A: in the order of section 4."""
    oorsprong, ingenomen = ondertekenaar(golf, "A").sleutel.naam, van_a(golf)[:1]
    try:
        bladen = [lees_blad(blad) for blad in pagina["bladen"]]
        note = lees_note(pagina["controlepunt"])
        punt = lees_controlepunt(note)
        vanaf = pagina["vanaf"]
        if punt.oorsprong != oorsprong:
            return "oorsprong"
        if punt.omvang != vanaf + len(bladen):
            return "omvang"
        if any(oud != nieuw for oud, nieuw in zip(ingenomen[vanaf:], bladen, strict=False)):
            return "vork"
        note.controleer(geldig(golf, vanaf, bladen, punt.omvang))
    except BewijsFout as fout:
        return "handtekening" if fout.code == "onbekende-sleutel" else fout.code
    rand, _ = Rand().met(map(bladhash, [*ingenomen[:vanaf], *bladen]))
    if rand.wortel == punt.wortel:
        return "goed"
    return "vork" if punt.omvang <= len(ingenomen) else "wortel"


def geldig(
    golf: Vectoren, vanaf: int, bladen: Sequence[bytes], omvang: int
) -> Iterator[Sleutel] | list[Sleutel]:
    """The keys of A for a size, as the leaves with keys in the page say."""
    sleutels = [lees_vkey(golf["sleutels"]["A"]["vkey"])]
    for plaats, blad in enumerate(bladen, start=vanaf):
        if b"verbinding.sleutels" in blad and omvang > plaats:
            verklaring = json.loads(blad)["data"]["verklaring"]["payload"]
            lijst = json.loads(b64decode(verklaring + "==", altchars=b"-_"))
            sleutels += map(lees_vkey, lijst["erbij"])
            sleutels = [s for s in sleutels if s.vkey not in lijst["eraf"]]
    return sleutels


def test_de_slechte_paginas_van_de_golf(golf: Vectoren) -> None:
    assert oordeel(golf, golf["paginas"][2]["pagina"]) == "goed"
    lijst = golf["slechtePaginas"]["lijst"]
    assert [oordeel(golf, een["pagina"]) for een in lijst] == [een["code"] for een in lijst]


# The format of a dossier: one case whole, ``goed.zip``


def blad_van_dossier(ruw: bytes) -> Iterator[tuple[int, bytes]]:
    while ruw:
        nummer, lang = int.from_bytes(ruw[:8]), int.from_bytes(ruw[8:12])
        yield nummer, ruw[12 : 12 + lang]
        ruw = ruw[12 + lang :]


def test_hoofd_sleutels_en_getuige_van_een_dossier() -> None:
    with zipfile.ZipFile(HIER / "dossier" / "goed.zip") as map_:
        dossier = json.loads(map_.read("data/dossier.json"))
        bladen = dict(blad_van_dossier(map_.read("data/bladen")))
    pins = (HIER / "dossier" / "pins.txt").read_text().split()
    organisatie, getuige = (lees_vkey(pins[pins.index(p) + 1]) for p in ("--sleutel", "--getuige"))

    # Leaf 0 is the note with the key of the log, signed by the organisation.
    eerste = bladen[0]
    note = lees_note(eerste[eerste.index(b"{") : -16].decode())
    assert [*note.controleer([organisatie])] == [organisatie]
    logsleutel = lees_vkey(json.loads(note.tekst)["sleutel"])

    # No leaf is left out of this one: the head is the root over them.
    hoofd = lees_note(dossier["hoofden"][0])
    punt = lees_controlepunt(hoofd)
    assert [*hoofd.controleer([logsleutel])] == [logsleutel]
    rand, _ = Rand().met(bladhash(bladen[n]) for n in range(len(bladen)))
    assert (rand.omvang, rand.wortel) == (punt.omvang, punt.wortel)

    # The grenslogboek is cosigned beside its own signature, and holds the message.
    (grens,) = (een for een in dossier["getuigen"] if een["soort"] == "grens")
    logboek = lees_note(grens["logboek"])
    assert [*logboek.controleer([getuige])] == [getuige]
    assert len(logboek.handtekeningen) == 2
    stand = lees_tekst(logboek.tekst)
    hash_ = sha256(b"\0" + b64decode(grens["bericht"])).digest()
    # A dossier writes a proof from left to right; RFC 6962 from the leaf up.
    bewijs = van_blad_af(grens["nummer"], stand.omvang, [uit_base64(h) for h in grens["bewijs"]])
    controleer_inclusie(hash_, grens["nummer"], stand.omvang, bewijs, stand.wortel)
    assert (
        dossier["hoofden"][0] in json.loads(b64decode(grens["bericht"]))["data"]["controlepunten"]
    )


def van_blad_af(nummer: int, omvang: int, links_naar_rechts: Sequence[bytes]) -> list[bytes]:
    """The same hashes in the order of the way up."""
    kanten, van, tot = [], 0, omvang
    while tot - van > 1:
        midden = van + (1 << (tot - van - 1).bit_length() - 1)
        kanten.append(nummer < midden)
        van, tot = (van, midden) if nummer < midden else (midden, tot)
    rest = list(links_naar_rechts)
    boven = [rest.pop() if rechts else rest.pop(0) for rechts in kanten]
    return boven[::-1]


STAM = (
    "736368616b656c2d626c61642d3100 0d 73746f7265645f6576656e7473 04"
    "04 01a22c9ceadf736ba9d6db6df160a6f2 01 0000000000000001"
    "02 00000012 6d656c64696e672f61616e67656e6f6d656e 03 0000000d 7b226f70223a2232303236227d"
    "000102030405060708090a0b0c0d0e0f"
)


def test_de_bladhash_van_een_bewaarde_rij() -> None:
    assert bladhash(bytes.fromhex(STAM)).hex() == (
        "792290679a648b8cb468161bf4bc44c36fc35848411d2ecb3308d1e8ee3e51c2"
    )
