"""The contract: what it says, what falls under it, and what is no contract."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests.golf.voorbeelden import VECTOREN, VRAGER, A, B, bladen_van, gewijzigd

from schakel.bewijs import (
    VERKLARING,
    BewijsFout,
    Contractant,
    Logsleutels,
    controleer_jws,
    controleer_overeenkomst,
    lees_controlepunt,
    lees_jwk,
    lees_note,
    uit_base64url,
)
from schakel.contracts.organisatie import Schakelsoort
from schakel.contracts.schakels.berichten import SchakelAangeboden
from schakel.contracts.schakels.codes import TAALCODES
from schakel.contracts.schakels.jws import Contractfout, lees_jws
from schakel.contracts.schakels.overeenkomst import (
    Overeenkomst,
    kenmerk_van,
    lees_overeenkomst,
    oorsprong_van,
)
from schakel.contracts.schakels.sleutels import (
    Sleutelverklaring,
    lees_sleutelverklaring,
    verklaring_in,
)
from schakel.contracts.schakels.woorden import Coordinatiemodel
from schakel.contracts.werkstromen import Meldingsoort, Proces

BYTES = VECTOREN["overeenkomst"]["bytes"].encode()
GOED = lees_overeenkomst(BYTES)


def met(**anders: Any) -> Overeenkomst:
    """The contract of the vectors with other members."""
    waarde = json.loads(BYTES)
    for naam, nieuw in anders.items():
        plek, *weg = naam.split("__")
        doel, sleutel = waarde, plek
        for deel in weg:
            doel = doel[int(sleutel) if sleutel.isdigit() else sleutel]
            sleutel = deel
        if nieuw is ...:
            doel.pop(sleutel)
        else:
            doel[int(sleutel) if sleutel.isdigit() else sleutel] = nieuw
    return lees_overeenkomst(json.dumps(waarde).encode())


# --- the vectors ---------------------------------------------------------------------------------


def test_de_overeenkomst_van_de_vectoren_is_door_beide_getekend() -> None:
    jws = lees_jws(json.dumps(VECTOREN["overeenkomst"]["jws"]).encode())
    payload = uit_base64url(jws.payload)
    assert payload == BYTES
    assert kenmerk_van(payload) == VECTOREN["overeenkomst"]["kenmerk"]
    partijen = [Contractant(p.oin, p.contractsleutel, p.logsleutel) for p in GOED.partijen]
    controleer_overeenkomst(jws.payload, jws.paren, partijen)


def test_de_eerste_logsleutels_zijn_die_van_de_vectoren() -> None:
    for naam, oin, ander in (("A", A, B), ("B", B, A)):
        vkey = GOED.partij(oin).logsleutel
        assert vkey == VECTOREN["sleutels"][naam]["vkey"]
        begin = Logsleutels.begin(oorsprong_van(oin, ander), vkey)
        assert [een.vkey for een in begin.voor_ontvangst] == [
            VECTOREN["sleutels"][naam]["vkeyBewijs"]
        ]


def test_de_sleutel_van_a_wisselt_in_haar_tweede_pagina_zoals_in_de_vectoren() -> None:
    begin = lijst = Logsleutels.begin(oorsprong_van(A, B), GOED.partij(A).logsleutel)
    contractsleutel = lees_jwk(GOED.partij(A).contractsleutel)
    verklaringen = [(i, verklaring_in(blad, A)) for i, blad in enumerate(bladen_van(A))]
    assert [i for i, een in verklaringen if een is not None] == [2]
    for index, jws in verklaringen:
        if jws is None:
            continue
        ruw = controleer_jws(jws.payload, jws.paren, VERKLARING, [contractsleutel])
        gezegd = lees_sleutelverklaring(ruw)
        lijst = lijst.met(index, **msgspec.structs.asdict(gezegd))
    punten = [(een["van"], lees_note(een["pagina"]["controlepunt"])) for een in VECTOREN["paginas"]]
    van_a = [(note, lees_controlepunt(note).omvang) for van, note in punten if van == A]
    assert [omvang for _, omvang in van_a] == [1, 5]
    for note, omvang in van_a:
        assert note.controleer(lijst.geldig(omvang))
    fout = next(
        een["pagina"]
        for een in VECTOREN["slechtePaginas"]["lijst"]
        if een["code"] == "handtekening"
    )
    with pytest.raises(BewijsFout):
        lees_note(fout["controlepunt"]).controleer(lijst.geldig(5))
    assert lees_note(fout["controlepunt"]).controleer(begin.geldig(5))


def test_een_verklaring_verstopt_zich_niet_achter_andere_tekens() -> None:
    blad = bladen_van(A)[2]
    verstopt = blad.replace(b"verbinding.sleutels", rb"verbinding.sleutel\u0073")
    assert verklaring_in(verstopt, A) == verklaring_in(blad, A) is not None
    assert verklaring_in(gewijzigd(blad, data__door__rol="zomaar"), A) is not None
    assert verklaring_in(gewijzigd(blad, specversion="2"), A) is None
    assert verklaring_in(gewijzigd(blad, type="nl.schakels.verbinding.sleutels.v2"), A) is None
    with pytest.raises(Contractfout):
        verklaring_in(gewijzigd(blad, data__verklaring={}), A)


# --- what it says --------------------------------------------------------------------------------


def test_wat_de_overeenkomst_zegt_is_te_lezen() -> None:
    assert [een.oin for een in GOED.partijen] == [A, B]
    assert GOED.partner(A).oin == B
    assert GOED.partner(B).basis == "https://grens.a.example"
    (afspraak,) = GOED.afspraken
    assert afspraak.termijnen.eerste_woord == "P2D"
    assert afspraak.termijnen.vraag is None
    assert GOED.inhoud is True
    assert GOED.codelijst == TAALCODES
    for oin in ("0" * 20, ""):
        with pytest.raises(LookupError):
            GOED.partij(oin)
        with pytest.raises(LookupError):
            GOED.partner(oin)


def test_zij_geldt_vanaf_het_begin_en_op_het_eind_niet_meer() -> None:
    begin, eind = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    kort = timedelta(microseconds=1)
    geldt = [GOED.geldt_op(tijd) for tijd in (begin - kort, begin, eind - kort, eind)]
    assert geldt == [False, True, True, False]
    assert [GOED.is_voorbij_op(tijd) for tijd in (begin - kort, eind - kort, eind)] == [
        *(False, False, True)
    ]


def test_haar_codes_komen_bij_die_van_de_taal() -> None:
    codes = met(codes={"redenen": ["geen-materieel"], "rollen": ["wegbeheerder"]}).codelijst
    assert codes.redenen == TAALCODES.redenen | {"geen-materieel"}  # type: ignore[operator]
    assert codes.rollen == TAALCODES.rollen | {"wegbeheerder"}  # type: ignore[operator]
    assert codes.gronden == TAALCODES.gronden


def test_leden_die_zij_niet_kent_laat_een_lezer_staan() -> None:
    assert met(later={"x": None}, afspraken__0__later=1, partijen__0__later=[]) == GOED


# --- what falls under it -------------------------------------------------------------------------


def aanbod(**anders: Any) -> SchakelAangeboden:
    """What is agreed, but for these."""
    eigen = {
        "soort": Schakelsoort.KETENMELDING,
        "naar": None,
        "soort_volgens_vrager": Meldingsoort.FOUTMELDING,
        "dienst": "wegen",
        "model": Coordinatiemodel.HOOFDAANNEMER,
    }
    return msgspec.structs.replace(VRAGER[0], **{**eigen, **anders})  # type: ignore[return-value]


def test_afgesproken_is_wat_in_een_en_dezelfde_afspraak_staat() -> None:
    assert GOED.afspraak_over(A, aanbod()) is GOED.afspraken[0]
    assert GOED.afspraak_over(B, aanbod()) is None
    for anders in (
        {"soort": Schakelsoort.ESTAFETTE},
        {"soort_volgens_vrager": Meldingsoort.WENS},
        {"dienst": "water"},
        {"model": Coordinatiemodel.REGISSEUR},
        {
            "soort": Schakelsoort.DEELPROCES,
            "naar": Proces.WIJZIGEN,
            "soort_volgens_vrager": None,
        },
    ):
        assert GOED.afspraak_over(A, aanbod(**anders)) is None


def test_een_deelproces_valt_onder_de_processen() -> None:
    ruim = met(afspraken__0__soort="deelproces", afspraken__0__processen=["wijzigen"])
    deel = {"soort": Schakelsoort.DEELPROCES, "soort_volgens_vrager": None}
    assert ruim.afspraak_over(A, aanbod(**deel, naar=Proces.WIJZIGEN)) is not None
    assert ruim.afspraak_over(A, aanbod(**deel, naar=Proces.UITVOEREN)) is None
    assert ruim.afspraak_over(A, aanbod()) is None


# --- what is no contract -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "anders",
    [
        {"versie": 2},
        {"versie": True},
        {"overeenkomstId": "x"},
        {"volgnummer": 0},
        {"volgnummer": ...},
        {"geldigVanaf": "2026-01-01T00:00:00+01:00"},
        {"geldigVanaf": "2026-02-30T00:00:00Z"},
        {"geldigTot": "2026-01-01T00:00:00Z"},
        {"beller": "ontvanger"},
        {"beller": "0" * 20},
        {"partijen": []},
        {"partijen__1__oin": A},
        {"partijen__0__oin": "1"},
        {"partijen__0__naam": ""},
        {"partijen__0__naam": "A\n"},
        {"partijen__0__naam": "A\x1b[31m"},
        {"partijen__0__naam": "A" * 201},
        {"partijen__0__adres": "http://grens.a.example"},
        {"partijen__0__adres": "https://u:w@grens.a.example"},
        {"partijen__0__adres": "https://grens.a.example/?x=1"},
        {"partijen__0__adres": ...},
        {"partijen__0__adres": None},
        {"partijen__0__contractsleutel": "x"},
        {"partijen__0__logsleutel": ...},
        {"partijen__0__logsleutel": VECTOREN["sleutels"]["B"]["vkey"]},
        {"partijen__0__zonderSchakel": "ja"},
        {"afspraken": []},
        {"afspraken__0__soort": "koppeling"},
        {"afspraken__0__vrager": B},
        {"afspraken__0__uitvoerder": "0" * 20},
        {"afspraken__0__processen": ["balie"]},
        {"afspraken__0__meldingsoorten": ...},
        {"afspraken__0__diensten": ["Wegen"]},
        {"afspraken__0__modellen": ["baas"]},
        {"afspraken__0__termijnen": {"ontvangst": "een uur"}},
        {"afspraken__0__termijnen": {"ontvangst": "PT0S"}},
        {"afspraken__0__termijnen": ...},
        {"codes": {"redenen": ["Jan Jansen"]}},
        {"codes": None},
        {"inhoud": "nee"},
    ],
    ids=str,
)
def test_wat_niet_klopt_is_geen_overeenkomst(anders: dict[str, Any]) -> None:
    with pytest.raises(Contractfout) as fout:
        met(**anders)
    assert "Jan" not in str(fout.value)


def test_wie_geen_adres_heeft_is_zelf_de_beller() -> None:
    assert met(partijen__0__adres=None, beller=A).partij(A).basis is None
    assert met(partijen__0__adres="https://a.example/x/").partij(A).basis == "https://a.example/x"
    with pytest.raises(Contractfout, match="zelf de beller"):
        met(partijen__0__adres=None, beller=B)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        BYTES[:-1],
        BYTES.replace(b'"versie":1', b'"versie":1,"versie":1'),
        b" " * 262_145,
    ],
)
def test_wat_geen_json_is_is_geen_overeenkomst(payload: bytes) -> None:
    with pytest.raises(Contractfout):
        lees_overeenkomst(payload)


@pytest.mark.parametrize(
    "anders",
    [
        {"payload": ...},
        {"payload": 1},
        {"signatures": ...},
        {"signatures": []},
        {"signatures": [{"protected": "e30", "signature": "AA"}] * 3},
        {"signatures": [{"protected": "e30"}]},
        {"signatures": [{"protected": "e30", "signature": "AA", "header": {}}]},
        {"signatures": [{"protected": "e30", "signature": "AA", "header": None}]},
    ],
    ids=str,
)
def test_wat_geen_jws_in_algemene_vorm_is_wordt_geweigerd(anders: dict[str, Any]) -> None:
    jws = json.dumps(VECTOREN["overeenkomst"]["jws"]).encode()
    assert lees_jws(gewijzigd(jws, later=1)) == lees_jws(jws)
    with pytest.raises(Contractfout):
        lees_jws(gewijzigd(jws, **anders))


# --- statements about keys -----------------------------------------------------------------------


def test_een_sleutelverklaring_is_te_schrijven_en_te_lezen() -> None:
    verklaring = Sleutelverklaring(logboek="a/b", volgnummer=3, erbij=("x",), eraf=())
    assert lees_sleutelverklaring(verklaring.in_json()) == verklaring


@pytest.mark.parametrize(
    "anders",
    [
        {"logboek": ...},
        {"volgnummer": 0},
        {"volgnummer": "1"},
        {"erbij": ...},
        {"erbij": [7]},
        {"eraf": None},
        {"eraf": ["x"] * 101},
    ],
    ids=str,
)
def test_een_sleutelverklaring_zegt_alles_wat_zij_moet_zeggen(anders: dict[str, Any]) -> None:
    goed = Sleutelverklaring(logboek="a/b", volgnummer=3, erbij=("x",), eraf=()).in_json()
    with pytest.raises(Contractfout):
        lees_sleutelverklaring(gewijzigd(goed, **anders))
