"""Section 3: leaves, receipts, key lists, and what the leaves about the link do to it."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from .conftest import Proef
from .vreemde import (
    VAN_A,
    VAN_B,
    Contractsleutel,
    Logsleutel,
    Sleutelbos,
    drie_regels,
    keur_ontvangstbewijs,
    sleutelblad,
    verbindingsblad,
    wortel,
)

Verklaring = dict[str, Any]


def lijst(erbij: list[Logsleutel], eraf: list[Logsleutel], volgnummer: int = 1) -> Verklaring:
    return {
        "logboek": VAN_A,
        "volgnummer": volgnummer,
        "erbij": [een.vkey for een in erbij],
        "eraf": [een.vkey for een in eraf],
    }


@pytest.fixture
def nieuw() -> Logsleutel:
    return Logsleutel(VAN_A)


# A leaf is any bytes


@pytest.mark.parametrize(
    "blad", [b"\0", b"\xff\xfe", b"geen json", b"{", b"x" * 65_536], ids=lambda b: repr(b[:9])
)
async def test_elk_blad_komt_aan_zoals_het_is(proef: Proef, blad: bytes) -> None:
    await proef.a.hervat()
    assert (await proef.a.zeg(blad)).status == 200
    assert proef.b.bladen("in") == (blad,)


async def test_wortels_van_elke_omvang_zijn_die_van_de_definitie(proef: Proef) -> None:
    await proef.a.hervat()
    for nummer in range(20):
        antwoord = await proef.a.zeg(b"%d" % nummer)
        bewijs = antwoord.json["ontvangstbewijs"]
        tekst = proef.a.log.tekst(nummer + 1)
        keur_ontvangstbewijs(bewijs, tekst, VAN_B, proef.a.sleutels.b.publiek)


async def test_de_tijd_in_een_ontvangstbewijs_is_die_van_de_inname(proef: Proef) -> None:
    await proef.a.hervat()
    voor = int(datetime.now(UTC).timestamp())
    bewijs = (await proef.a.zeg(b"een")).json["ontvangstbewijs"]
    tijd = keur_ontvangstbewijs(bewijs, proef.a.log.tekst(1), VAN_B, proef.a.sleutels.b.publiek)
    assert voor <= tijd <= int(datetime.now(UTC).timestamp())
    for _ in range(2):  # it stays that byte string
        assert (await proef.a.vraag("GET", "ontvangstbewijzen")).json["ontvangstbewijs"] == bewijs
    assert (await proef.a.hervat())["ontvangen"]["ontvangstbewijs"] == bewijs


# Key lists


async def test_een_nieuwe_sleutel_tekent_vanaf_zijn_blad(
    proef: Proef, sleutels: Sleutelbos, nieuw: Logsleutel
) -> None:
    """Index p: valid for sizes >= p+1, so of the page itself; of two valid keys, either."""
    a = proef.a
    await a.hervat()
    a.log.bladen = [b"een", sleutelblad(sleutels.contract_a, 1, lijst([nieuw], []))]
    antwoord = await a.breng(0, controlepunt=a.log.controlepunt(2, nieuw))
    assert antwoord.status == 200
    for sleutel in (sleutels.a, nieuw):
        a.log.bladen.append(b"nog")
        tot = len(a.log.bladen)
        antwoord = await a.breng(tot - 1, controlepunt=a.log.controlepunt(tot, sleutel))
        assert antwoord.status == 200
    # Of a size before its leaf it is not: the same leaves again, up to there.
    antwoord = await a.breng(0, 1, controlepunt=a.log.controlepunt(1, nieuw))
    assert antwoord.wat == (400, "handtekening")


async def test_een_ingetrokken_sleutel_tekent_geen_grotere_omvang(
    proef: Proef, sleutels: Sleutelbos, nieuw: Logsleutel
) -> None:
    """In leaf p ``eraf``: valid for no size > p, so not of the page that holds it."""
    a = proef.a
    await a.hervat()
    await a.zeg(b"een")
    a.log.bladen.append(sleutelblad(sleutels.contract_a, 1, lijst([nieuw], [sleutels.a])))
    goed = a.log.controlepunt(2, nieuw)
    assert (await a.breng(1, controlepunt=goed)).status == 200
    oud = await a.breng(0, 1)  # of size p it still is
    assert oud.json["omvang"] == 2
    a.log.bladen.append(b"drie")
    assert (await a.breng(2)).wat == (400, "handtekening")
    assert (proef.ingenomen, proef.gestopt) == (2, "handtekening")


async def test_de_pagina_met_de_intrekking_is_niet_van_de_ingetrokken_sleutel(
    proef: Proef, sleutels: Sleutelbos, nieuw: Logsleutel
) -> None:
    await proef.a.hervat()
    blad = sleutelblad(sleutels.contract_a, 1, lijst([nieuw], [sleutels.a]))
    assert (await proef.a.zeg(blad)).wat == (400, "handtekening")


Bos = Sleutelbos
SLECHT: list[tuple[str, Callable[[Bos, Logsleutel], bytes]]] = [
    (
        "een ander logboek",
        lambda s, n: sleutelblad(s.contract_a, 1, lijst([n], []) | {"logboek": VAN_B}),
    ),
    ("volgnummer nul", lambda s, n: sleutelblad(s.contract_a, 1, lijst([n], [], 0))),
    ("een andere contractsleutel", lambda s, n: sleutelblad(s.contract_b, 1, lijst([n], []))),
    ("een vreemde contractsleutel", lambda _, n: sleutelblad(Contractsleutel(), 1, lijst([n], []))),
    (
        "getekend als overeenkomst",
        lambda s, n: sleutelblad(s.contract_a, 1, lijst([n], []), "schakel-overeenkomst+json"),
    ),
    ("geen sleutel blijft", lambda s, _: sleutelblad(s.contract_a, 1, lijst([], [s.a]))),
    ("een sleutel die er al is", lambda s, _: sleutelblad(s.contract_a, 1, lijst([s.a], []))),
    ("eraf wat er niet is", lambda s, n: sleutelblad(s.contract_a, 1, lijst([], [n]))),
    (
        "een vkey van een ander logboek",
        lambda s, _: sleutelblad(s.contract_a, 1, lijst([Logsleutel(VAN_B)], [])),
    ),
    (
        "een vkey van soort 4",
        lambda s, n: sleutelblad(s.contract_a, 1, lijst([], []) | {"erbij": [soort_vier(n)]}),
    ),
    ("zonder eraf", lambda s, n: sleutelblad(s.contract_a, 1, zonder(lijst([n], []), "eraf"))),
    ("geen verklaring", lambda _, __: verbindingsblad("sleutels", 1)),
    ("geen JWS", lambda _, __: verbindingsblad("sleutels", 1, verklaring="x")),
]


def soort_vier(sleutel: Logsleutel) -> str:
    rest = b64encode(b"\x04" + sleutel.publiek).decode()
    return f"{VAN_A}+{sleutel.id(4).hex()}+{rest}"


def zonder(waarde: Verklaring, naam: str) -> Verklaring:
    return {een: w for een, w in waarde.items() if een != naam}


@pytest.mark.parametrize("maak", [maak for _, maak in SLECHT], ids=[naam for naam, _ in SLECHT])
async def test_een_sleutellijst_die_niet_mag_stopt_de_verbinding(
    proef: Proef, sleutels: Sleutelbos, nieuw: Logsleutel, maak: Callable[[Bos, Logsleutel], bytes]
) -> None:
    await proef.a.hervat()
    assert (await proef.a.zeg(b"een", maak(sleutels, nieuw))).wat == (400, "sleutels")
    assert (proef.ingenomen, proef.gestopt) == (0, "sleutels")
    assert [reden for reden, _ in proef.bewijsstukken] == ["sleutels"]


async def test_een_volgnummer_stijgt_en_een_sleutel_komt_niet_terug(
    proef: Proef, sleutels: Sleutelbos, nieuw: Logsleutel
) -> None:
    a = proef.a
    await a.hervat()
    await a.zeg(sleutelblad(sleutels.contract_a, 1, lijst([nieuw], [], 7)))
    await a.zeg(sleutelblad(sleutels.contract_a, 2, lijst([], [nieuw], 9)))  # gaps may be
    a.log.bladen.append(sleutelblad(sleutels.contract_a, 3, lijst([nieuw], [], 10)))
    assert (await a.breng(2)).wat == (400, "sleutels")
    assert (proef.ingenomen, proef.gestopt) == (2, "sleutels")


async def test_dezelfde_sleutellijst_nog_eens_is_geen_nieuwe(
    proef: Proef, sleutels: Sleutelbos, nieuw: Logsleutel
) -> None:
    await proef.a.hervat()
    blad = sleutelblad(sleutels.contract_a, 1, lijst([nieuw], []))
    assert (await proef.a.zeg(blad)).status == 200
    assert (await proef.a.breng(0)).status == 200  # the page again is success
    assert (await proef.a.zeg(blad)).wat == (400, "sleutels")  # the leaf again is a replay


async def test_sleutels_gaan_voor_handtekening_en_een_vork_voor_sleutels(
    proef: Proef, sleutels: Sleutelbos, nieuw: Logsleutel
) -> None:
    a = proef.a
    await a.hervat()
    await a.zeg(b"een")
    fout = sleutelblad(sleutels.contract_b, 1, lijst([nieuw], []))
    a.log.bladen = [b"anders", fout]
    antwoord = await a.breng(0, controlepunt=a.log.controlepunt(2, nieuw))
    assert antwoord.wat == (400, "vork")


async def test_een_slechte_sleutellijst_gaat_voor_een_slechte_handtekening(
    proef: Proef, sleutels: Sleutelbos, nieuw: Logsleutel
) -> None:
    a = proef.a
    await a.hervat()
    a.log.bladen = [sleutelblad(sleutels.contract_b, 1, lijst([nieuw], []))]
    antwoord = await a.breng(0, controlepunt=a.log.controlepunt(1, Logsleutel(VAN_A)))
    assert antwoord.wat == (400, "sleutels")


async def test_sleutels_in_een_geweigerde_pagina_gelden_niet(
    proef: Proef, sleutels: Sleutelbos, nieuw: Logsleutel
) -> None:
    """Nothing of a bad page is kept: read where it would be kept."""
    a = proef.a
    await a.hervat()
    a.log.bladen = [sleutelblad(sleutels.contract_a, 1, lijst([nieuw], []))]
    slecht = await a.breng(0, controlepunt=a.log.controlepunt(1, Logsleutel(VAN_A)))
    assert slecht.wat == (400, "handtekening")
    geldig = proef.b.kanaal.verkeer.stand_in().sleutels.geldig(1)
    assert [een.vkey for een in geldig] == [sleutels.a.vkey]


def met_escapes(blad: bytes) -> bytes:
    """The same JSON value, its type written with an escape."""
    anders = blad.replace(b"nl.schakels.verbinding", b"nl.schakels.\\u0076erbinding")
    assert anders != blad
    return anders


@pytest.mark.parametrize("schrijf", [lambda b: b, met_escapes], ids=["gewoon", "met escapes"])
async def test_een_sleutellijst_telt_hoe_haar_type_ook_geschreven_is(
    proef: Proef, sleutels: Sleutelbos, nieuw: Logsleutel, schrijf: Callable[[bytes], bytes]
) -> None:
    a = proef.a
    await a.hervat()
    a.log.bladen = [schrijf(sleutelblad(sleutels.contract_a, 1, lijst([nieuw], [])))]
    assert (await a.breng(0, controlepunt=a.log.controlepunt(1, nieuw))).status == 200


# verbinding.controlepunten: a root that differs from one's own stops the link


@pytest.mark.parametrize("schrijf", [lambda b: b, met_escapes], ids=["gewoon", "met escapes"])
@pytest.mark.parametrize("logboek", ["van ons", "van hen"])
async def test_een_controlepunt_met_een_andere_wortel_stopt_de_verbinding(
    proef: Proef, sleutels: Sleutelbos, schrijf: Callable[[bytes], bytes], logboek: str
) -> None:
    a = proef.a
    await a.hervat()
    await proef.b.kanaal.zeg([b"een"])
    await a.zeg(b"een")
    sleutel = sleutels.b if logboek == "van ons" else sleutels.a
    anders = drie_regels(sleutel.naam, 1, wortel([b"anders"]))
    blad = verbindingsblad(
        "controlepunten", 1, controlepunten=[f"{anders}\n{sleutel.regel(anders)}"]
    )
    assert (await a.zeg(schrijf(blad))).wat == (400, "vork")
    assert (proef.ingenomen, proef.gestopt) == (1, "vork")


@pytest.mark.parametrize("schrijf", [lambda b: b, met_escapes], ids=["gewoon", "met escapes"])
async def test_een_controlepunt_met_dezelfde_wortel_stopt_niets(
    proef: Proef, sleutels: Sleutelbos, schrijf: Callable[[bytes], bytes]
) -> None:
    a = proef.a
    await a.hervat()
    await proef.b.kanaal.zeg([b"een"])
    await a.zeg(b"een")
    teksten = [drie_regels(s.naam, 1, wortel([b"een"])) for s in (sleutels.a, sleutels.b)]
    notes = [f"{t}\n{s.regel(t)}" for t, s in zip(teksten, (sleutels.a, sleutels.b), strict=True)]
    elders = drie_regels("audit.example/log", 9, wortel([b"iets"]))
    notes.append(f"{elders}\n{Logsleutel('audit.example/log').regel(elders)}")
    blad = schrijf(verbindingsblad("controlepunten", 1, controlepunten=notes))
    assert (await a.zeg(blad)).status == 200


# The cosigner: not revoked there, and known


async def test_een_ontvangstbewijs_van_een_onbekende_sleutel_is_nog_niet_na_te_gaan(
    proef: Proef, sleutels: Sleutelbos, nieuw: Logsleutel
) -> None:
    """400 `slecht-bewijs`, asked again, never a stop; after its leaf came it is good."""
    a = proef.a
    await a.hervat()
    await proef.b.kanaal.zeg([b"een"])
    tekst = drie_regels(VAN_B, 1, wortel([b"een"]))
    bewijs = {"omvang": 1, "ontvangstbewijs": f"{tekst}\n{nieuw.medetekening(tekst, 5)}"}
    assert (await a.vraag("POST", "ontvangstbewijzen", bewijs)).wat == (400, "slecht-bewijs")
    assert proef.gestopt is None
    a.log.bladen = [sleutelblad(sleutels.contract_a, 1, lijst([nieuw], [sleutels.a]))]
    assert (await a.breng(0, controlepunt=a.log.controlepunt(1, nieuw))).status == 200
    assert (await a.vraag("POST", "ontvangstbewijzen", bewijs)).status == 204
    oud = {"omvang": 1, "ontvangstbewijs": f"{tekst}\n{sleutels.a.medetekening(tekst, 5)}"}
    assert (await a.vraag("POST", "ontvangstbewijzen", oud)).wat == (400, "slecht-bewijs")
    assert proef.gestopt is None
