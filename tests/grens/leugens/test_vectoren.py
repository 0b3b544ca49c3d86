"""The scripted partner passes the annex's vectors by itself: before it may judge anybody."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tests.grens.leugens.golf import (
    BEWIJS,
    PUNT,
    Sleutel,
    Sleutelrij,
    b64,
    b64url,
    bladhash,
    jws_klopt,
    klopt,
    lees_json,
    lees_note,
    medetekst,
    onb64url,
    wortel,
)
from tests.grens.leugens.partner import Ontvanger, Partner, Zender, als_json, bewijs_klopt

VECTOREN: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "golf" / "vectoren.json").read_bytes()
)
A, B = (VECTOREN["sleutels"][wie] for wie in "AB")
VAN_A, VAN_B = (f"schakel/{x['oin']}/{y['oin']}" for x, y in ((A, B), (B, A)))
OVEREENKOMST = VECTOREN["overeenkomst"]
JWKS = {
    partij["oin"]: partij["contractsleutel"]
    for partij in json.loads(OVEREENKOMST["bytes"])["partijen"]
}
P1, P2, P3 = VECTOREN["paginas"]


def sleutel(wie: str, naam: str) -> Sleutel:
    return Sleutel(naam, base64.b64decode(VECTOREN["sleutels"][wie]["ed25519"]))


def bladen(*stappen: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(blad) for stap in stappen for blad in stap["pagina"]["bladen"]]


def ontvanger(van: dict[str, Any], door: Sleutel, stap: dict[str, Any]) -> Ontvanger:
    rij = Sleutelrij.begin(f"schakel/{stap['van']}/{door.naam.split('/')[1]}", van["vkey"])
    vers = Ontvanger(rij.logboek, rij, JWKS[stap["van"]], door)
    vers.sessie = stap["pagina"]["sessie"]
    return vers


def test_bladhashes_en_wortels_zijn_die_van_de_bijlage() -> None:
    alle = bladen(P1, P3)
    assert [b64(bladhash(blad)) for blad in alle] == VECTOREN["bladhash"]
    assert [{"omvang": n, "wortel": b64(wortel(alle[:n]))} for n in range(6)] == VECTOREN["boom"]


def test_sleutels_en_controlepunten_zijn_byte_voor_byte_gelijk() -> None:
    assert [sleutel(w, VAN_A).vkey for w in ("A", "A2")] == [
        VECTOREN["sleutels"][w]["vkey"] for w in ("A", "A2")
    ]
    zender = Zender(VAN_A, sleutel("A", VAN_A), bladen(P1, P3))
    assert zender.pagina(0, P1["pagina"]["sessie"], 1) == P1["pagina"]
    zender.sleutel = sleutel("A2", VAN_A)
    assert zender.pagina(1, P3["pagina"]["sessie"]) == P3["pagina"]
    assert klopt(lees_note(P1["pagina"]["controlepunt"]), PUNT, [A["vkey"]])
    assert klopt(
        lees_note(P3["pagina"]["controlepunt"]), PUNT, [VECTOREN["sleutels"]["A2"]["vkey"]]
    )


def test_de_paginas_worden_ingenomen_met_het_ontvangstbewijs_van_de_bijlage() -> None:
    bij_b, bij_a = ontvanger(A, sleutel("B", VAN_B), P1), ontvanger(B, sleutel("A", VAN_A), P2)
    for wie, stap in ((bij_b, P1), (bij_a, P2), (bij_b, P3)):
        note = lees_note(stap["antwoord"]["ontvangstbewijs"])
        wie.tijd = int.from_bytes(note.handtekening[4:12], "big")
        assert wie.neem_in(als_json(stap["pagina"])) == (200, stap["antwoord"])
        assert wie.neem_in(als_json(stap["pagina"])) == (200, stap["antwoord"]), (
            "a doubled page is success"
        )
        assert klopt(note, BEWIJS, [A["vkey"] if wie is bij_a else B["vkey"]])
    eerste = lees_note(P1["antwoord"]["ontvangstbewijs"])
    assert medetekst(eerste.tekst, 1796040002).decode() == VECTOREN["ontvangstbewijsBytes"]
    a2 = VECTOREN["sleutels"]["A2"]["vkey"]
    assert bewijs_klopt(bladen(P1), P3["pagina"], P3["antwoord"]["ontvangstbewijs"], a2, B["vkey"])
    assert not bewijs_klopt(
        bladen(P1), P3["pagina"], P1["antwoord"]["ontvangstbewijs"], a2, B["vkey"]
    )


@pytest.mark.parametrize(
    "slecht", VECTOREN["slechtePaginas"]["lijst"], ids=lambda slecht: str(slecht["wat"])
)
def test_elke_slechte_pagina_heeft_haar_reden_en_laat_niets_achter(slecht: dict[str, Any]) -> None:
    bij_b = ontvanger(A, sleutel("B", VAN_B), P1)
    assert bij_b.neem_in(als_json(P1["pagina"]))[0] == 200
    voor = bij_b.ontvangen()
    status, antwoord = bij_b.neem_in(als_json(slecht["pagina"]))
    assert (status, antwoord and antwoord["reden"]) == (400, slecht["code"])
    assert bij_b.ontvangen() == voor
    assert bij_b.neem_in(als_json(P3["pagina"]))[0] == 200


def test_de_hervatting_is_die_van_de_bijlage() -> None:
    kanten = {}
    for mij, jou, naam, hoor, zeg in (
        ("A", "B", VAN_A, [P2], [P1, P3]),
        ("B", "A", VAN_B, [P1, P3], [P2]),
    ):
        hoort = ontvanger(VECTOREN["sleutels"][jou], sleutel(mij, naam), hoor[0])
        for stap in hoor:
            hoort.tijd = int.from_bytes(
                lees_note(stap["antwoord"]["ontvangstbewijs"]).handtekening[4:12], "big"
            )
            hoort.neem_in(als_json(stap["pagina"]))
        zegt = Zender(naam, sleutel(mij, naam), bladen(*zeg))
        for stap in zeg:
            note = lees_note(stap["pagina"]["controlepunt"])
            zegt.punten[note.omvang] = stap["pagina"]["controlepunt"]
        oins = [VECTOREN["sleutels"][wie]["oin"] for wie in (mij, jou)]
        kanten[mij] = Partner(oins[0], oins[1], OVEREENKOMST["kenmerk"], zegt, hoort)
    assert kanten["A"].hervatting(nieuw=False) == VECTOREN["hervatting"]["vraag"]
    assert kanten["B"].hervatting(nieuw=False) == VECTOREN["hervatting"]["antwoord"]
    kanten["A"].leest_hervatting(VECTOREN["hervatting"]["antwoord"])
    assert (kanten["A"].bewezen, kanten["A"].sessie_daar) == (5, P1["pagina"]["sessie"])


def test_het_contract_draagt_beide_handtekeningen() -> None:
    payload = onb64url(OVEREENKOMST["jws"]["payload"])
    assert payload.decode() == OVEREENKOMST["bytes"]
    for oin, hand in zip(JWKS, OVEREENKOMST["jws"]["signatures"], strict=True):
        los = {**OVEREENKOMST["jws"], "signatures": [hand]}
        assert jws_klopt(JWKS[oin], los, "schakel-overeenkomst+json") == payload
    assert b64url(hashlib.sha256(payload).digest()) == OVEREENKOMST["kenmerk"]


def test_de_voorbeeldberichten_zijn_goede_json() -> None:
    assert lees_json(VECTOREN["eersteBlad"].encode())["specversion"] == "1.0"
