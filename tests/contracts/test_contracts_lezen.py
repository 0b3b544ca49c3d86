"""Reading: tolerant of what does not matter, and one refusal with a code for all that does."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.strategie import RUSTIG
from tests.contracts.vectoren import (
    BERICHT,
    BRON,
    FEIT,
    GESTRUCTUREERD,
    GOED,
    ONLEESBAAR,
    RUIM,
    SLEUTEL,
    STRENGER,
    Vector,
)

from schakel.contracts.cloudevents import OnleesbaarBericht, ontleed
from schakel.contracts.envelop import CONTENT_TYPE, feit_uit, feit_van, lees


def _naam(vector: Vector) -> str:
    return vector.naam


@pytest.mark.parametrize("vector", GOED, ids=_naam)
def test_een_goed_bericht_zegt_wat_er_geschreven_is(vector: Vector) -> None:
    bericht = lees(vector.koppen, vector.body, vector.sleutel, verwachte_bron=BRON)
    assert feit_uit(bericht) == FEIT


@pytest.mark.parametrize("vector", RUIM, ids=_naam)
def test_wat_het_profiel_openlaat_mag_een_partner_weglaten(vector: Vector) -> None:
    assert feit_uit(lees(vector.koppen, vector.body)) == FEIT


@pytest.mark.parametrize("vector", ONLEESBAAR + STRENGER, ids=_naam)
def test_een_onleesbaar_bericht_krijgt_een_code(vector: Vector) -> None:
    with pytest.raises(OnleesbaarBericht) as fout:
        feit_uit(lees(vector.koppen, vector.body, vector.sleutel, verwachte_bron=BRON))
    assert fout.value.code == vector.code
    assert fout.value.uitleg


def test_de_vectoren_raken_elke_code() -> None:
    codes = {vector.code for vector in ONLEESBAAR + STRENGER}
    assert codes == {
        "te-groot",
        "geen-json",
        "geen-cloudevent",
        "verkeerde-bron",
        "verkeerde-sleutel",
        "onbekend-type",
        "nieuwere-versie",
        "ongeldige-inhoud",
    }


def test_een_onbekende_uitbreiding_blijft_bewaard() -> None:
    omslag = {**json.loads(BERICHT), "ketenid": "K-1", "aantal": 3, "spoed": True, "Raar": "x"}
    bericht = lees(GESTRUCTUREERD, json.dumps(omslag).encode(), SLEUTEL)
    assert bericht.uitbreidingen == {"ketenid": "K-1", "aantal": "3", "spoed": "true"}
    assert bericht.volgnummer == 1
    assert bericht.oin == "00000099000000001000"


def test_een_volgnummer_dat_niet_te_vergelijken_is_telt_niet_als_volgnummer() -> None:
    omslag = {**json.loads(BERICHT), "sequence": "7"}
    assert lees(GESTRUCTUREERD, json.dumps(omslag).encode()).volgnummer is None


def test_kopregels_van_http_worden_ontdaan_van_procenttekens_en_aanhalingstekens() -> None:
    koppen = {
        "CE-SpecVersion": "1.0",
        "ce-id": '"a\\"b"',
        "ce-type": "com.example.euro%20%E2%82%AC",
        "ce-source": "/x",
        "content-type": "application/json",
    }
    attributen = ontleed(koppen, b"{}").attributen
    assert attributen["id"] == 'a"b'
    assert attributen["type"] == "com.example.euro €"


def test_kopregels_van_kafka_blijven_zoals_ze_zijn() -> None:
    koppen = [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"50%25"),
        ("ce_type", b"t"),
        ("ce_source", b"/"),
    ]
    assert ontleed(koppen, b"").attributen["id"] == "50%25"


def test_data_in_base64_zijn_dezelfde_data() -> None:
    omslag = {"specversion": "1.0", "id": "1", "source": "/", "type": "t"}
    body = json.dumps({**omslag, "data_base64": "eyJhIjoxfQ=="}).encode()
    assert ontleed(GESTRUCTUREERD, body).data == {"a": 1}
    for onzin in ({"data_base64": "é"}, {"data_base64": 5}, {"data_base64": "e30=", "data": {}}):
        with pytest.raises(OnleesbaarBericht, match="geen-cloudevent"):
            ontleed(GESTRUCTUREERD, json.dumps({**omslag, **onzin}).encode())


@pytest.mark.parametrize(
    ("veld", "wijziging"),
    [
        ("data.volgnummer", {"volgnummer": "vrije tekst"}),
        ("data.door.wie", {"door": {"wie": "vrije tekst", "rol": "intaker"}}),
        ("data.melder", {"melder": "vrije tekst"}),
    ],
)
def test_de_uitleg_noemt_het_veld_en_nooit_de_inhoud(veld: str, wijziging: dict[str, Any]) -> None:
    data = {**json.loads(BERICHT)["data"], **wijziging}
    with pytest.raises(OnleesbaarBericht) as fout:
        feit_van(FEIT.type, json.dumps(data).encode())
    assert fout.value.uitleg.startswith(f"{veld} ")
    keten: BaseException | None = fout.value
    while keten is not None:  # a log of the whole chain quotes nothing either
        assert "vrije tekst" not in f"{keten}{keten.args}"
        keten = keten.__cause__ or (None if keten.__suppress_context__ else keten.__context__)


def test_een_nieuwere_versie_zegt_tot_waar_het_type_bekend_is() -> None:
    with pytest.raises(OnleesbaarBericht, match="tot en met v1; dit is v12"):
        feit_van("nl.meldingen.aangenomen.v12", b"{}")


_ONZIN = st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda deel: st.lists(deel) | st.dictionaries(st.text(), deel),
).map(lambda waarde: json.dumps(waarde).encode())
_KOP = st.sampled_from(
    ["content-type", "ce_id", "ce_type", "ce_source", "ce_specversion", "ce-id", "ce_time", "x"]
)
_KOPWAARDE = (
    st.sampled_from([CONTENT_TYPE.encode(), b"application/json", b"1.0", b"t"]) | st.binary()
)


@RUSTIG
@given(st.lists(st.tuples(_KOP, _KOPWAARDE)), _ONZIN, st.none() | st.binary())
def test_geen_enkele_invoer_geeft_iets_anders_dan_een_bericht_of_een_weigering(
    koppen: list[tuple[str, bytes]], body: bytes, sleutel: bytes | None
) -> None:
    with pytest.raises(OnleesbaarBericht):
        feit_uit(lees(koppen, body, sleutel))


@RUSTIG
@given(st.data())
def test_een_verminkt_bericht_geeft_een_bericht_of_een_weigering(data: st.DataObject) -> None:
    plek = data.draw(st.integers(0, len(BERICHT) - 1))
    lengte = data.draw(st.integers(0, 12))
    nieuw = data.draw(
        st.binary(max_size=12) | st.sampled_from([b"null", b"-1", b"[]", b'"\\u0000"'])
    )
    verminkt = BERICHT[:plek] + nieuw + BERICHT[plek + lengte :]
    try:
        feit_uit(lees(GESTRUCTUREERD, verminkt, SLEUTEL))
    except OnleesbaarBericht as fout:
        assert fout.code  # noqa: PT017 - either outcome is right; any other exception is not
