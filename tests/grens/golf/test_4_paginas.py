"""Section 4: what a page is, in which order the receiver looks, and what each answer leaves."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Proef
from .vreemde import (
    JSON,
    SESSIE,
    VAN_A,
    VAN_B,
    A,
    B,
    Logsleutel,
    compact,
    drie_regels,
    keur_controlepunt,
    keur_ontvangstbewijs,
    wortel,
)

GROOT = 65_536


# 1..500 leaves and at most 524,288 bytes of leaves before base64; body at most 786,432 bytes


@pytest.mark.parametrize(
    "bladen",
    [[b"x"], [b"%d" % n for n in range(500)], [bytes([n]) * GROOT for n in range(8)]],
    ids=["een blad", "500 bladen", "524288 bytes"],
)
async def test_een_pagina_mag_zo_vol_zijn(proef: Proef, bladen: list[bytes]) -> None:
    await proef.a.hervat()
    antwoord = await proef.a.zeg(*bladen)
    assert antwoord.status == 200
    assert proef.ingenomen == len(bladen)
    assert list(proef.b.bladen("in")) == bladen


@pytest.mark.parametrize(
    "bladen",
    [[], [b"%d" % n for n in range(501)], [b"x", *[bytes([n]) * GROOT for n in range(8)]]],
    ids=["geen blad", "501 bladen", "een byte te veel"],
)
async def test_voller_of_leger_is_een_slechte_pagina(proef: Proef, bladen: list[bytes]) -> None:
    await proef.a.hervat()
    proef.a.log.bladen = bladen
    antwoord = await proef.a.breng(0)
    assert antwoord.wat == (400, "vorm")
    assert (proef.ingenomen, proef.gestopt) == (0, "vorm")


async def test_een_grotere_inhoud_wordt_niet_gelezen_en_zet_niets_stil(proef: Proef) -> None:
    await proef.a.hervat()
    ruw = compact(proef.a.log.pagina(proef.a.sessie, 0))
    vol = ruw + b" " * (786_432 - len(ruw))
    assert (await proef.a.vraag("POST", "paginas", vol + b" ")).wat == (413, "te-groot")
    assert (proef.ingenomen, proef.gestopt, proef.bewijsstukken) == (0, None, [])
    proef.a.log.bladen = [b"x"]
    ruw = compact(proef.a.log.pagina(proef.a.sessie, 0))
    goed = ruw + b" " * (786_432 - len(ruw))
    assert (await proef.a.vraag("POST", "paginas", goed)).status == 200


# The receiver, in this order

Stuk = Callable[[Proef, dict[str, Any]], dict[str, Any]]


def vreemd_punt(proef: Proef, bladen: list[bytes], omvang: int) -> str:
    tekst = drie_regels(VAN_A, omvang, wortel(bladen))
    return f"{tekst}\n{proef.a.log.sleutel.regel(tekst)}"


def met_sleutel(sleutel: Logsleutel) -> Stuk:
    def doe(proef: Proef, pagina: dict[str, Any]) -> dict[str, Any]:
        tekst = proef.a.log.tekst(pagina["vanaf"] + len(pagina["bladen"]))
        return pagina | {"controlepunt": f"{tekst}\n{sleutel.regel(tekst)}"}

    return doe


def met(**anders: Any) -> Stuk:
    return lambda _, pagina: pagina | anders


def zonder(naam: str) -> Stuk:
    return lambda _, pagina: {een: w for een, w in pagina.items() if een != naam}


def punt(verander: Callable[[str], str]) -> Stuk:
    return lambda _, pagina: pagina | {"controlepunt": verander(pagina["controlepunt"])}


def ander_logboek(proef: Proef, pagina: dict[str, Any]) -> dict[str, Any]:
    tekst = proef.a.log.tekst(len(proef.a.log.bladen)).replace(VAN_A, VAN_B)
    sleutel = Logsleutel(VAN_B, proef.a.log.sleutel.privaat)
    return pagina | {"controlepunt": f"{tekst}\n{sleutel.regel(tekst)}"}


def andere_wortel(proef: Proef, pagina: dict[str, Any]) -> dict[str, Any]:
    return pagina | {"controlepunt": vreemd_punt(proef, [b"iets anders"], 3)}


def blad_erin(blad: str) -> Stuk:
    return lambda _, pagina: pagina | {"bladen": [*pagina["bladen"][:-1], blad]}


VORM: list[tuple[str, Stuk]] = [
    ("zonder bladen", zonder("bladen")),
    ("zonder controlepunt", zonder("controlepunt")),
    ("bladen geen lijst", met(bladen="eA==")),
    ("blad geen tekst", met(bladen=[1, 2])),
    ("blad leeg", blad_erin("")),
    ("blad zonder opvulling", blad_erin("eA")),
    ("blad met regeleinde", blad_erin("eA==\n")),
    ("blad als base64url", blad_erin("_w==")),
    ("blad met losse bits", blad_erin("eB==")),
    ("blad te lang", blad_erin(b64encode(b"x" * 65_537).decode())),
    ("controlepunt null", met(controlepunt=None)),
    ("note zonder handtekening", punt(lambda note: note.split("\u2014")[0])),
    ("note met twee", punt(lambda note: note + Logsleutel("een.ander").regel("x"))),
    ("note met extra regel", punt(lambda note: note.replace("\n\n", "\nerbij\n\n"))),
    ("note zonder laatste regeleinde", punt(lambda note: note[:-1])),
    ("note met windowsregels", punt(lambda note: note.replace("\n", "\r\n"))),
    ("note met een gewoon streepje", punt(lambda note: note.replace("\u2014", "-"))),
    ("omvang met een nul ervoor", punt(lambda note: note.replace("\n3\n", "\n03\n"))),
    ("omvang met een plus", punt(lambda note: note.replace("\n3\n", "\n+3\n"))),
    ("omvang nul", punt(lambda note: note.replace("\n3\n", "\n0\n"))),
    ("sleutelnaam is niet de oorsprong", met_sleutel(Logsleutel("iemand/anders"))),
    ("note te lang", punt(lambda note: "x" * 8_192 + note)),
]

REDENEN: list[tuple[str, Stuk, str]] = [
    *[(naam, stuk, "vorm") for naam, stuk in VORM],
    ("een ander logboek", ander_logboek, "oorsprong"),
    ("meer bladen dan getekend", lambda _, s: s | {"bladen": [*s["bladen"], "eA=="]}, "omvang"),
    ("minder bladen dan getekend", lambda _, s: s | {"bladen": s["bladen"][:-1]}, "omvang"),
    ("een andere sleutel", met_sleutel(Logsleutel(VAN_A)), "handtekening"),
    (
        "een andere handtekening",
        punt(lambda n: n[:-4] + ("AA==" if n[-5:-1] != "AA==" else "BB==") + "\n"),
        "",
    ),
    ("een andere wortel", andere_wortel, "wortel"),
    ("bladen verwisseld", lambda _, s: s | {"bladen": s["bladen"][::-1]}, "wortel"),
]


@pytest.mark.parametrize(
    ("stuk", "reden"),
    [(stuk, reden) for _, stuk, reden in REDENEN if reden],
    ids=[naam for naam, _, reden in REDENEN if reden],
)
async def test_een_slechte_pagina_heeft_een_reden_en_stopt_de_verbinding(
    proef: Proef, stuk: Stuk, reden: str
) -> None:
    await proef.a.hervat()
    assert (await proef.a.zeg(b"een")).status == 200
    proef.a.log.bladen += [b"twee", b"drie"]
    pagina = stuk(proef, proef.a.log.pagina(proef.a.sessie, 1))
    antwoord = await proef.a.vraag("POST", "paginas", pagina)
    assert antwoord.wat == (400, reden)
    assert antwoord.json["code"] == "slechte-pagina"
    # Nothing of it is kept but the evidence: all of it, as it came.
    assert (proef.ingenomen, proef.gestopt) == (1, reden)
    assert proef.bewijsstukken == [(reden, compact(pagina))]
    goed = proef.a.log.pagina(proef.a.sessie, 1)
    for methode, wat, inhoud in (
        ("POST", "paginas", goed),
        ("GET", f"paginas?vanaf=0&sessie={SESSIE}", None),
        ("GET", "ontvangstbewijzen", None),
        ("POST", "ontvangstbewijzen", {"omvang": 0, "ontvangstbewijs": None}),
        ("POST", "hervattingen", proef.a.hervatting()),
        ("GET", "bladen?vanaf=0", None),
        ("POST", "bladen", {naam: goed[naam] for naam in ("vanaf", "bladen", "controlepunt")}),
    ):
        assert (await proef.a.vraag(methode, wat, inhoud)).wat == (403, "gestopt")
    assert len(proef.bewijsstukken) == 1


@pytest.mark.parametrize(
    ("eerst", "dan", "verwacht"),
    [
        (met(sessie=SESSIE, vanaf=9), met(bladen=[]), (409, "sessie-onbekend")),
        (met(vanaf=9), met(bladen=[]), (409, "andere-positie")),
        (met(vanaf=9), zonder("controlepunt"), (409, "andere-positie")),
        (blad_erin("eA"), ander_logboek, (400, "vorm")),
        (ander_logboek, lambda _, s: s | {"bladen": s["bladen"][:-1]}, (400, "oorsprong")),
        (
            met_sleutel(Logsleutel(VAN_A)),
            lambda _, s: s | {"bladen": s["bladen"][:-1]},
            (400, "omvang"),
        ),
        (
            met_sleutel(Logsleutel(VAN_A)),
            lambda _, s: s | {"bladen": s["bladen"][::-1]},
            (400, "handtekening"),
        ),
    ],
    ids=[
        "sessie voor vorm",
        "positie voor vorm",
        "positie voor wat ontbreekt",
        "vorm voor oorsprong",
        "oorsprong voor omvang",
        "omvang voor handtekening",
        "handtekening voor wortel",
    ],
)
async def test_van_twee_fouten_telt_de_eerste(
    proef: Proef, eerst: Stuk, dan: Stuk, verwacht: tuple[int, str]
) -> None:
    await proef.a.hervat()
    await proef.a.zeg(b"een")
    proef.a.log.bladen += [b"twee", b"drie"]
    pagina = dan(proef, eerst(proef, proef.a.log.pagina(proef.a.sessie, 1)))
    antwoord = await proef.a.vraag("POST", "paginas", pagina)
    assert antwoord.wat == verwacht
    is_slecht = verwacht[0] == 400
    assert (proef.ingenomen, proef.gestopt) == (1, verwacht[1] if is_slecht else None)
    if verwacht[1] == "andere-positie":
        assert antwoord.json["omvang"] == 1


async def test_een_fork_gaat_voor_sleutels_handtekening_en_wortel(proef: Proef) -> None:
    await proef.a.hervat()
    await proef.a.zeg(b"een", b"twee")
    proef.a.log.bladen = [b"een", b"anders", b"drie"]
    pagina = met_sleutel(Logsleutel(VAN_A))(proef, proef.a.log.pagina(proef.a.sessie, 1))
    assert (await proef.a.vraag("POST", "paginas", pagina)).wat == (400, "vork")
    assert (proef.ingenomen, proef.gestopt) == (2, "vork")


async def test_dezelfde_bladen_onder_een_andere_wortel_is_een_vork(proef: Proef) -> None:
    """Root recomputed over all leaves, else `wortel` (`vork` if the size <= N)."""
    await proef.a.hervat()
    await proef.a.zeg(b"een", b"twee")
    pagina = proef.a.log.pagina(proef.a.sessie, 0)
    pagina["controlepunt"] = vreemd_punt(proef, [b"een", b"anders"], 2)
    assert (await proef.a.vraag("POST", "paginas", pagina)).wat == (400, "vork")


# A duplicate, or an overlap, is success


async def test_een_herhaling_een_overlap_en_een_ouder_deel_zijn_gelukt(proef: Proef) -> None:
    a = proef.a
    await a.hervat()
    eerste = await a.zeg(b"een", b"twee", b"drie")
    bewijs = eerste.json
    assert bewijs["omvang"] == 3
    for vanaf, tot in (
        (0, 3),
        (0, 2),
        (1, 2),
        (2, 3),
    ):  # its new position, also when nothing is new
        assert (await a.breng(vanaf, tot)).json == bewijs
    assert proef.ingenomen == 3
    a.log.bladen += [b"vier"]
    overlap = await a.breng(1)
    assert overlap.json["omvang"] == 4
    assert list(proef.b.bladen("in")) == a.log.bladen
    assert (await a.vraag("GET", "ontvangstbewijzen")).json == overlap.json
    assert proef.bewijsstukken == []


async def test_het_antwoord_is_een_ontvangstbewijs_zoals_de_tekst_het_heeft(proef: Proef) -> None:
    a = proef.a
    await a.hervat()
    leeg = await a.vraag("GET", "ontvangstbewijzen")
    assert leeg.json == {"omvang": 0, "ontvangstbewijs": None}
    antwoord = await a.zeg(b"een", b"\xff\x00 gif", b"{}")
    assert antwoord.json.keys() == {"omvang", "ontvangstbewijs"}
    note = antwoord.json["ontvangstbewijs"]
    keur_ontvangstbewijs(note, a.log.tekst(3), VAN_B, a.sleutels.b.publiek)
    assert antwoord.inhoud == compact({"omvang": 3, "ontvangstbewijs": note})


@pytest.mark.parametrize(
    "pagina",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"vanaf": 0, "bladen": [], "controlepunt": ""}',
        b'{"sessie": "%s", "bladen": [], "controlepunt": ""}' % SESSIE.encode(),
        b'{"sessie": "%s", "vanaf": -1, "bladen": []}' % SESSIE.encode(),
        b'{"sessie": "%s", "vanaf": "0", "bladen": []}' % SESSIE.encode(),
        b'{"sessie": "%s", "vanaf": 1e0, "bladen": []}' % SESSIE.encode(),
        b'{"sessie": "%s", "vanaf": 0, "vanaf": 0}' % SESSIE.encode(),
        b'{"sessie": "%s ", "vanaf": 0}' % SESSIE.encode(),
        b'{"sessie": "\\ud800", "vanaf": 0}',
    ],
)
async def test_wat_geen_plek_heeft_is_ongeldig_en_stopt_niets(proef: Proef, pagina: bytes) -> None:
    await proef.a.hervat()
    assert (await proef.a.vraag("POST", "paginas", pagina)).wat == (400, "ongeldig")
    assert (proef.gestopt, proef.bewijsstukken) == (None, [])
    assert (await proef.a.zeg(b"een")).status == 200


async def test_leden_die_niemand_kent_worden_overgeslagen(proef: Proef) -> None:
    await proef.a.hervat()
    proef.a.log.bladen = [b"een"]
    assert (await proef.a.breng(0, extra={"x": [1]}, ook=None)).status == 200


# GET paginas: the log of B, fetched


async def test_een_pagina_van_ons_is_zoals_de_tekst_haar_heeft(proef: Proef) -> None:
    a = proef.a
    await a.hervat()
    pad = f"paginas?vanaf=0&sessie={SESSIE}"
    assert (await a.vraag("GET", pad)).status == 204
    bladen = [b"een", b"\xfe", b"drie"]
    await proef.b.kanaal.zeg(bladen)
    antwoord = await a.vraag("GET", pad)
    assert antwoord.status == 200
    punt_ = antwoord.json["controlepunt"]
    keur_controlepunt(punt_, drie_regels(VAN_B, 3, wortel(bladen)), VAN_B, a.sleutels.b.publiek)
    verwacht = {
        "sessie": SESSIE,
        "vanaf": 0,
        "bladen": [b64encode(een).decode() for een in bladen],
        "controlepunt": punt_,
    }
    assert json.loads(antwoord.inhoud) == verwacht
    assert (await a.vraag("GET", pad)).inhoud == antwoord.inhoud  # a size is signed once
    await proef.b.kanaal.zeg([b"vier"])
    deel = await a.vraag("GET", f"paginas?vanaf=3&sessie={SESSIE}")
    assert (deel.json["vanaf"], deel.json["bladen"]) == (3, [b64encode(b"vier").decode()])
    tekst = drie_regels(VAN_B, 4, wortel([*bladen, b"vier"]))
    keur_controlepunt(deel.json["controlepunt"], tekst, VAN_B, a.sleutels.b.publiek)
    assert (await a.vraag("GET", f"paginas?vanaf=4&sessie={SESSIE}")).status == 204
    te_ver = await a.vraag("GET", f"paginas?vanaf=5&sessie={SESSIE}")
    assert (te_ver.wat, te_ver.json["omvang"]) == ((409, "andere-positie"), 4)


@pytest.mark.parametrize(
    ("lengtes", "aantallen"),
    [
        ([1] * 501, [500, 1]),
        ([GROOT] * 9, [8, 1]),
        ([GROOT] * 7 + [GROOT - 1, 1, 1], [9, 1]),
        ([GROOT - 1] * 8 + [9], [8, 1]),
    ],
)
async def test_gulzig_gevuld(proef: Proef, lengtes: list[int], aantallen: list[int]) -> None:
    await proef.a.hervat()
    await proef.b.kanaal.zeg([b"x" * lengte for lengte in lengtes])
    vanaf, gehaald = 0, []
    while (een := await proef.a.vraag("GET", f"paginas?vanaf={vanaf}&sessie={SESSIE}")).inhoud:
        assert len(een.inhoud) <= 786_432
        gehaald.append(len(een.json["bladen"]))
        vanaf += gehaald[-1]
    assert gehaald == aantallen


@pytest.mark.parametrize(
    "vraag",
    [
        "",
        "?vanaf=0",
        f"?sessie={SESSIE}",
        f"?vanaf=-1&sessie={SESSIE}",
        f"?vanaf=+1&sessie={SESSIE}",
        f"?vanaf=1.0&sessie={SESSIE}",
        f"?vanaf=00&sessie={SESSIE}",
        f"?vanaf=%D9%A1&sessie={SESSIE}",
        f"?vanaf=0&sessie={SESSIE.upper()}",
        f"?vanaf=0&sessie={SESSIE}&wacht=21",
        f"?vanaf=0&sessie={SESSIE}&wacht=-1",
        f"?vanaf=0&sessie={SESSIE}&wacht=",
        f"?vanaf=0&sessie={SESSIE}&wacht=1&wacht=1",
    ],
)
async def test_een_parameter_die_niet_klopt_is_ongeldig(proef: Proef, vraag: str) -> None:
    await proef.a.hervat()
    assert (await proef.a.vraag("GET", f"paginas{vraag}")).wat == (400, "ongeldig")
    assert proef.gestopt is None


async def test_een_parameter_die_niemand_kent_wordt_overgeslagen(proef: Proef) -> None:
    await proef.a.hervat()
    assert (await proef.a.vraag("GET", f"paginas?vanaf=0&sessie={SESSIE}&x=1")).status == 204


# POST ontvangstbewijzen: the receiver that fetched


async def test_een_ontvangstbewijs_wordt_nagekeken(proef: Proef) -> None:
    a = proef.a
    await a.hervat()
    await proef.b.kanaal.zeg([b"een", b"twee"])
    tekst = drie_regels(VAN_B, 2, wortel([b"een", b"twee"]))
    goed = {"omvang": 2, "ontvangstbewijs": f"{tekst}\n{a.log.sleutel.medetekening(tekst, 1)}"}
    anders = Logsleutel(VAN_A)
    for slecht in (
        f"{tekst}\n{anders.medetekening(tekst, 1)}",
        f"{tekst}\n{a.log.sleutel.regel(tekst)}",
        f"{tekst}\n{a.log.sleutel.regel(tekst)}{a.log.sleutel.medetekening(tekst, 1)}",
        f"{tekst}\n{a.sleutels.b.medetekening(tekst, 1)}",
        f"{tekst}\n",
        "",
    ):
        antwoord = await a.vraag("POST", "ontvangstbewijzen", goed | {"ontvangstbewijs": slecht})
        assert antwoord.wat == (400, "slecht-bewijs"), slecht
    fout = await a.vraag("POST", "ontvangstbewijzen", goed | {"omvang": 1})
    assert fout.wat == (400, "slecht-bewijs")
    assert proef.gestopt is None
    assert proef.b.kanaal.verkeer.verbinding().vanaf == 0
    for tijd in (1, 4_000_000_000, 0):  # the sender never judges t
        bewijs = f"{tekst}\n{a.log.sleutel.medetekening(tekst, tijd)}"
        antwoord = await a.vraag("POST", "ontvangstbewijzen", goed | {"ontvangstbewijs": bewijs})
        assert (antwoord.status, antwoord.inhoud) == (204, b"")
    assert proef.b.kanaal.verkeer.verbinding().vanaf == 2


@pytest.mark.parametrize(
    ("omvang", "bladen"),
    [(2, [b"een", b"anders"]), (3, [b"een", b"twee", b"drie"])],
    ids=["een andere wortel", "meer dan er gezegd is"],
)
async def test_een_ontvangstbewijs_over_een_andere_tekst_stopt_de_verbinding(
    proef: Proef, omvang: int, bladen: list[bytes]
) -> None:
    a = proef.a
    await a.hervat()
    await proef.b.kanaal.zeg([b"een", b"twee"])
    tekst = drie_regels(VAN_B, omvang, wortel(bladen))
    inhoud = {
        "omvang": omvang,
        "ontvangstbewijs": f"{tekst}\n{a.log.sleutel.medetekening(tekst, 1)}",
    }
    assert (await a.vraag("POST", "ontvangstbewijzen", inhoud)).status == 403
    assert proef.gestopt == "vork"
    assert [reden for reden, _ in proef.bewijsstukken] == ["vork"]


async def test_wie_vraagt_noemt_zijn_eigen_oin(proef: Proef) -> None:
    await proef.a.hervat()
    for methode, wat in (
        ("GET", f"paginas?vanaf=0&sessie={SESSIE}"),
        ("GET", "ontvangstbewijzen"),
        ("GET", "bladen?vanaf=0"),
    ):
        antwoord = await proef.a.vraag(methode, wat, oin=B)
        assert antwoord.wat == (403, "andere-organisatie")


async def test_elke_inhoud_is_json(proef: Proef) -> None:
    await proef.a.hervat()
    proef.a.log.bladen = [b"een"]
    ruw = compact(proef.a.log.pagina(proef.a.sessie, 0))
    pad, lengte = f"POST /v1/logboeken/{A}/paginas", f"Content-Length: {len(ruw)}"
    for soort in ("text/plain", "application/jsonp", "application/cloudevents+json", "json"):
        antwoord = await proef.a.stuur(pad, f"Content-Type: {soort}", lengte, inhoud=ruw)
        assert antwoord.wat == (415, "mediatype")
    antwoord = await proef.a.stuur(pad, JSON, lengte, "Content-Encoding: gzip", inhoud=ruw)
    assert antwoord.wat == (415, "mediatype")
    assert (proef.ingenomen, proef.gestopt) == (0, None)
    for soort in ("application/json", "Application/JSON; charset=utf-8"):
        antwoord = await proef.a.stuur(pad, f"Content-Type: {soort}", lengte, inhoud=ruw)
        assert antwoord.status == 200
