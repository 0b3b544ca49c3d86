"""What crosses: each message is written and read in one way, and all else has its reading code."""

import json
from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.strategie import RUSTIG
from tests.golf.voorbeelden import (
    AANBOD,
    ALLE,
    ANDER,
    BEIDE,
    OP,
    SCHAKEL,
    UITERLIJK,
    UITVOERDER,
    VERBINDING,
    VRAGER,
    A,
    B,
    blad_van,
    bladen_van,
    gewijzigd,
    zender_van,
)

from schakel.contracts.schakels import berichten as b
from schakel.contracts.schakels.codes import TAALCODES, Leescode, Schakelreden
from schakel.contracts.schakels.lezen import (
    BERICHT_VAN,
    Bericht,
    GelezenBlad,
    OnleesbaarBlad,
    Plek,
    lees,
)
from schakel.contracts.schakels.schrijven import schrijf
from schakel.contracts.schakels.woorden import Kant

AANGEBODEN = blad_van(VRAGER[0])
NAAM = "jan-de-vries"


def code_van(blad: bytes, zender: str = A, **anders: Any) -> Leescode:
    """The reading code of a leaf that cannot be read; never with a word of it in why."""
    gelezen = lees(blad, zender, **anders)
    assert isinstance(gelezen, OnleesbaarBlad)
    assert NAAM not in gelezen.uitleg
    return gelezen.code


# --- the list ------------------------------------------------------------------------------------


def test_de_lijst_is_zestien_berichten_en_vier_van_de_verbinding() -> None:
    assert sorted(BERICHT_VAN) == sorted(
        f"nl.schakels.{feit}.v1"
        for feit in (
            *("aangeboden", "antwoord-gegeven", "beoordeeld", "ingetrokken", "overgegaan"),
            *("te-laat", "aangenomen", "geweigerd", "vraag-gesteld", "voortgang", "aanvaard"),
            *("gereedgemeld", "afgesloten", "wissing-gevraagd", "wissing-beantwoord"),
            *("onbegrepen", "verbinding.sleutels", "verbinding.eindigt"),
            *("verbinding.controlepunten", "verbinding.herstel"),
        )
    )
    assert {type(een) for een in ALLE} == {*BERICHT_VAN.values()}


def test_wie_wat_zegt_staat_vast() -> None:
    assert [een.KANTEN for een in VRAGER] == [(Kant.VRAGER,)] * 6
    assert [een.KANTEN for een in UITVOERDER] == [(Kant.UITVOERDER,)] * 7
    assert [een.KANTEN for een in BEIDE] == [(Kant.VRAGER, Kant.UITVOERDER)] * 3
    assert Kant.VRAGER.overkant is Kant.UITVOERDER
    assert Kant.UITVOERDER.overkant is Kant.VRAGER


def test_de_redenen_van_de_taal_zijn_de_hare_en_de_leescodes() -> None:
    assert TAALCODES.redenen == {*Schakelreden, *Leescode}
    assert {*Schakelreden} == {
        *("niet-afgesproken", "te-diep", "uitloop", "te-laat", "ingetrokken")
    }
    assert [*Leescode] == [
        *("te-groot", "geen-json", "geen-cloudevent", "verkeerde-bron", "verkeerde-kant"),
        *("onbekend-type", "nieuwere-versie", "ongeldige-inhoud", "gat"),
    ]


# --- written and read ----------------------------------------------------------------------------


@pytest.mark.parametrize("oin", [A, B])
def test_de_bladen_van_de_vectoren_worden_gelezen_en_tot_op_de_byte_herschreven(oin: str) -> None:
    for blad in bladen_van(oin):
        if blad == b"\xff geen json":
            assert code_van(blad, oin) == "geen-json"
            continue
        gelezen = lees(blad, oin)
        assert isinstance(gelezen, GelezenBlad)
        kant = gelezen.plek and gelezen.plek.kant
        assert schrijf(gelezen.bericht, oin=oin, tijdstip=gelezen.tijd, kant=kant) == blad


@pytest.mark.parametrize("bericht", ALLE, ids=lambda een: een.FEIT)
def test_wat_geschreven_is_leest_terug(bericht: Bericht) -> None:
    blad = blad_van(bericht, traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    gelezen = lees(blad, zender_van(bericht))
    assert isinstance(gelezen, GelezenBlad)
    assert gelezen.bericht == bericht
    assert gelezen.tijd == OP
    assert gelezen.traceparent == f"00-{'a' * 32}-{'b' * 16}-01"
    kant = Kant.VRAGER if bericht in VRAGER else Kant.UITVOERDER
    assert gelezen.plek == (None if bericht in VERBINDING else Plek(SCHAKEL, kant, 1))
    assert b"null" not in blad
    assert b'"time":"2026-11-30T12:00:00.000000Z"' in blad


@pytest.mark.parametrize("bericht", ALLE, ids=lambda een: een.FEIT)
def test_een_lezer_ziet_over_onbekende_leden_heen(bericht: Bericht) -> None:
    waarde = json.loads(blad_van(bericht))
    waarde["extra"] = waarde["data"]["extra"] = waarde["data"]["door"]["extra"] = None
    blad = json.dumps(waarde, indent=3).encode()
    gelezen = lees(blad, zender_van(bericht))
    assert isinstance(gelezen, GelezenBlad)
    assert gelezen.bericht == bericht


@pytest.mark.parametrize("bericht", ALLE, ids=lambda een: een.FEIT)
def test_wat_er_moet_staan_mag_niet_weg_en_wat_weg_mag_is_niet_null(bericht: Bericht) -> None:
    blad, weg_mag = blad_van(bericht), set()
    for veld in msgspec.structs.fields(type(bericht)):
        naam = f"data__{veld.encode_name}"
        assert code_van(gewijzigd(blad, **{naam: None}), zender_van(bericht)) == "ongeldige-inhoud"
        if isinstance(lees(gewijzigd(blad, **{naam: ...}), zender_van(bericht)), GelezenBlad):
            weg_mag.add(veld.encode_name)
    assert weg_mag == {
        "aangeboden": {"vanuit", "gereedVoor", "vervangt", "soortVolgensVrager"},
        "voortgang": {"uiterlijk"},
    }.get(bericht.FEIT, set())


@RUSTIG
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda delen: st.lists(delen) | st.dictionaries(st.text(), delen),
    ).map(lambda waarde: json.dumps(waarde).encode())
)
def test_elk_blad_is_te_lezen_of_heeft_een_leescode(blad: bytes) -> None:
    gelezen = lees(blad, A)
    assert isinstance(gelezen, OnleesbaarBlad)
    assert gelezen.plek is None


@RUSTIG
@given(st.sampled_from(ALLE), st.data())
def test_een_blad_met_een_andere_byte_is_te_lezen_of_heeft_een_leescode(
    bericht: Bericht, keuze: st.DataObject
) -> None:
    blad = bytearray(blad_van(bericht))
    blad[keuze.draw(st.integers(0, len(blad) - 1))] = keuze.draw(st.integers(0, 255))
    assert isinstance(lees(bytes(blad), zender_van(bericht)), GelezenBlad | OnleesbaarBlad)


# --- each reading code ---------------------------------------------------------------------------


def test_een_blad_heeft_een_tot_65536_bytes() -> None:
    vol = AANGEBODEN + b" " * (65_536 - len(AANGEBODEN))
    assert isinstance(lees(vol, A), GelezenBlad)
    assert code_van(vol + b" ") == "te-groot"
    assert code_van(b"") == "te-groot"


@pytest.mark.parametrize(
    "blad",
    [
        AANGEBODEN[:-1],
        AANGEBODEN + b"x",
        b"\xef\xbb\xbf" + AANGEBODEN,
        AANGEBODEN.replace(b"wegen", b"weg\xff"),
        AANGEBODEN.replace(b'"wegen"', b'"\\ud800"'),
        AANGEBODEN.replace(b'"n":1', b'"n":NaN'),
        AANGEBODEN.replace(b'"n":1', b'"n":1e999'),
        AANGEBODEN.replace(b'"n":1', b'"n":1,"n":1'),
        AANGEBODEN.replace(b'"n":1', b'"n":1,"x":9007199254740992'),
        AANGEBODEN.replace(b'"n":1', b'"n":1,"x": -9007199254740992'),
        AANGEBODEN.replace(b'"n":1', b'"n":1,"x":' + b"9" * 5_000),
        AANGEBODEN.replace(b'"n":1', b'"n":1,"x":' + b"[" * 31 + b"]" * 31),
    ],
)
def test_wat_programmas_verschillend_lezen_is_geen_json(blad: bytes) -> None:
    assert code_van(blad) == "geen-json"


def test_het_grootste_getal_en_de_diepste_inhoud_mogen_er_staan() -> None:
    for erbij in (b"9007199254740991", b"[" * 30 + b"]" * 30):
        assert isinstance(lees(AANGEBODEN.replace(b'"n":1', b'"n":1,"x":' + erbij), A), GelezenBlad)


@pytest.mark.parametrize(
    "anders",
    [
        {"specversion": "0.3"},
        {"specversion": ...},
        {"id": ...},
        {"id": 7},
        {"source": ""},
        {"type": ...},
        {"subject": ...},
        {"time": ...},
        {"time": "2026-11-30T12:00:00+00:00"},
        {"time": "2026-02-30T12:00:00Z"},
        {"datacontenttype": ...},
        {"datacontenttype": "text/plain"},
    ],
    ids=str,
)
def test_wat_geen_omslag_heeft_is_geen_cloudevent(anders: dict[str, Any]) -> None:
    assert code_van(gewijzigd(AANGEBODEN, **anders)) == "geen-cloudevent"
    assert code_van(b"[]") == "geen-cloudevent"


def test_alleen_het_oin_van_de_bron_telt() -> None:
    bron = f"urn:nld:oin:{A}:systeem:"
    assert isinstance(lees(gewijzigd(AANGEBODEN, source=f"{bron}Ander.Systeem"), A), GelezenBlad)
    assert code_van(AANGEBODEN, B) == "verkeerde-bron"
    assert code_van(gewijzigd(AANGEBODEN, source=bron)) == "verkeerde-bron"
    assert code_van(gewijzigd(AANGEBODEN, source=f"urn:nld:oin:{A}0:systeem:x")) == "verkeerde-bron"


def test_een_kant_zegt_alleen_het_hare() -> None:
    for bericht in (*VRAGER, *UITVOERDER):
        blad, eigen = blad_van(bericht), bericht.KANTEN[0]
        omgekeerd = gewijzigd(blad, id=f"{SCHAKEL}.{eigen.overkant}.1")
        assert code_van(omgekeerd, zender_van(bericht)) == "verkeerde-kant"
        assert code_van(blad, zender_van(bericht), kant=eigen.overkant) == "verkeerde-kant"
        assert isinstance(lees(blad, zender_van(bericht), kant=eigen), GelezenBlad)


@pytest.mark.parametrize(
    ("type_", "code"),
    [
        ("nl.schakels.aangeboden.v2", "nieuwere-versie"),
        ("nl.schakels.verbinding.herstel.v12", "nieuwere-versie"),
        ("nl.schakels.verzonnen.v1", "onbekend-type"),
        ("nl.schakels.aangeboden.v0", "onbekend-type"),
        ("nl.schakels.aangeboden", "onbekend-type"),
        ("nl.meldingen.aangenomen.v1", "onbekend-type"),
    ],
)
def test_wat_niet_in_de_lijst_staat_is_onbekend_of_nieuwer(type_: str, code: str) -> None:
    assert code_van(gewijzigd(AANGEBODEN, type=type_)) == code


@pytest.mark.parametrize(
    "anders",
    [
        {"id": f"{ANDER}.v.1"},
        {"id": f"{SCHAKEL}.v.2"},
        {"id": f"{SCHAKEL}.v.01"},
        {"id": f"{A}.1"},
        {"subject": ANDER},
        {"data": ...},
        {"data": []},
        {"data__schakelId": SCHAKEL.upper()},
        {"data__schakelId": SCHAKEL.replace("-7c3e", "-4c3e")},
        {"data__nummer": 0},
        {"data__nummer": 1.0},
        {"data__nummer": True},
        {"data__nummer": "1"},
        {"data__bij": -1},
        {"data__door__organisatie": "1"},
        {"data__door__rol": NAAM},
        {"data__door__rol": "Behandelaar"},
        {"data__soort": NAAM},
        {"data__soort": "ketenmelding"},
        {"data__soortVolgensVrager": "wens"},
        {"data__diepte": 0},
        {"data__diepte": 1},
        {"data__dienst": "wegen\n"},
        {"data__dienst": "w" * 65},
        {"data__dienst": "-wegen"},
        {"data__n": 1_000_001},
        {"data__uiterlijk": "2026-11-30T12:00:00+01:00"},
        {"data__uiterlijk": "2026-02-29T12:00:00Z"},
        {"data__gereedVoor": "morgen"},
        {"data__wacht": "ja"},
    ],
    ids=str,
)
def test_wat_niet_klopt_is_ongeldige_inhoud(anders: dict[str, Any]) -> None:
    assert code_van(gewijzigd(AANGEBODEN, **anders)) == "ongeldige-inhoud"


@pytest.mark.parametrize(
    ("bericht", "anders"),
    [
        (UITVOERDER[0], {"data__volgnummer": "met spatie"}),
        (UITVOERDER[0], {"data__volgnummer": "x" * 41}),
        (UITVOERDER[6], {"data__vervangen": ...}),
        (UITVOERDER[6], {"data__vervangen": []}),
        (UITVOERDER[6], {"data__vervangen": [{"meldingsoort": "wens", "dienst": "w"}] * 21}),
        (UITVOERDER[6], {"data__uitkomst": "voltooid"}),
        (UITVOERDER[6], {"data__uitkomst": "overgedragen"}),
        (BEIDE[1], {"data__antwoord": "gewist"}),
        (BEIDE[1], {"data__grond": ...}),
        (BEIDE[2], {"data__code": NAAM}),
        (VERBINDING[0], {"data__verklaring__signatures": []}),
        (VERBINDING[0], {"id": f"{B}.1"}),
        (VERBINDING[0], {"subject": B}),
        (VERBINDING[2], {"data__controlepunten": []}),
        (VERBINDING[2], {"data__controlepunten": ["x"] * 17}),
        (VERBINDING[2], {"data__controlepunten": ["x" * 8_193]}),
    ],
    ids=str,
)
def test_ook_van_de_andere_berichten_klopt_de_inhoud(
    bericht: Bericht, anders: dict[str, Any]
) -> None:
    code = code_van(gewijzigd(blad_van(bericht), **anders), zender_van(bericht))
    assert code == "ongeldige-inhoud"


def test_een_verklaring_heeft_een_handtekening_en_geen_onbeschermde_kop() -> None:
    blad = blad_van(VERBINDING[0])
    een = {"protected": "e30", "signature": "AA"}
    for fout in ([een, een], [een | {"header": {}}]):
        anders = gewijzigd(blad, data__verklaring={"payload": "e30", "signatures": fout})
        assert code_van(anders) == "ongeldige-inhoud"


@pytest.mark.parametrize(
    ("bericht", "veld", "lijst"),
    [
        (UITVOERDER[1], "reden", "redenen"),
        (VRAGER[3], "aanleiding", "aanleidingen"),
        (BEIDE[0], "grond", "gronden"),
        (BEIDE[1], "grond", "gronden"),
        (UITVOERDER[5], "resultaat", "resultaten"),
    ],
    ids=lambda een: getattr(een, "FEIT", een),
)
def test_een_code_staat_in_de_taal_of_in_de_overeenkomst(
    bericht: Bericht, veld: str, lijst: str
) -> None:
    blad = gewijzigd(blad_van(bericht), **{f"data__{veld}": NAAM})
    assert code_van(blad, zender_van(bericht)) == "ongeldige-inhoud"
    codes = TAALCODES.met(**{lijst: [NAAM]})
    assert isinstance(lees(blad, zender_van(bericht), codes=codes), GelezenBlad)


def test_een_rol_mag_in_de_overeenkomst_staan() -> None:
    blad = gewijzigd(AANGEBODEN, data__door__rol="wegbeheerder")
    assert code_van(blad) == "ongeldige-inhoud"
    assert isinstance(lees(blad, A, codes=TAALCODES.met(rollen=["wegbeheerder"])), GelezenBlad)


def test_aangeboden_noemt_wat_bij_zijn_soort_hoort() -> None:
    def met(**anders: Any) -> bytes:
        return gewijzigd(AANGEBODEN, **{f"data__{naam}": een for naam, een in anders.items()})

    for soort in ("ketenmelding", "estafette"):
        goed = met(soort=soort, naar=..., soortVolgensVrager="wens")
        assert isinstance(lees(goed, A), GelezenBlad)
        assert code_van(met(soort=soort, naar=...)) == "ongeldige-inhoud"
        assert code_van(met(soort=soort, soortVolgensVrager="wens")) == "ongeldige-inhoud"
    assert code_van(met(naar=...)) == "ongeldige-inhoud"
    assert isinstance(lees(met(diepte=1, vanuit=...), A), GelezenBlad)
    assert isinstance(lees(met(diepte=17), A), GelezenBlad), "te diep is een reden, geen leescode"


# --- whether it is answered ----------------------------------------------------------------------


def test_een_onleesbaar_blad_zegt_waar_het_staat_als_zijn_id_te_lezen_is() -> None:
    for anders in (
        {"time": "gisteren"},
        {"type": "nl.schakels.verzonnen.v1"},
        {"data__n": 0},
        {"data__schakelId": ANDER},
        {"source": f"urn:nld:oin:{B}:systeem:grens"},
    ):
        gelezen = lees(gewijzigd(AANGEBODEN, **anders), A)
        assert isinstance(gelezen, OnleesbaarBlad)
        assert gelezen.plek == Plek(SCHAKEL, Kant.VRAGER, 1)


@pytest.mark.parametrize(
    "id_",
    [
        "x",
        f"{SCHAKEL}.v.0",
        f"{SCHAKEL}.v.1000001",
        f"{SCHAKEL}.w.1",
        f"{SCHAKEL}.v.1\n",
        SCHAKEL.replace("-7c3e", "-4c3e") + ".v.1",
        f"{A}.1",
    ],
)
def test_zonder_leesbaar_id_is_er_geen_plek_om_op_te_antwoorden(id_: str) -> None:
    gelezen = lees(gewijzigd(AANGEBODEN, id=id_), A)
    assert isinstance(gelezen, OnleesbaarBlad)
    assert gelezen.plek is None


def test_een_onleesbaar_onbegrepen_is_te_herkennen() -> None:
    for anders in ({"data__over": 0}, {"type": "nl.schakels.onbegrepen.v2"}):
        gelezen = lees(gewijzigd(blad_van(BEIDE[2]), **anders), B)
        assert isinstance(gelezen, OnleesbaarBlad)
        assert gelezen.feit == "onbegrepen"


# --- what is not written -------------------------------------------------------------------------


def test_wat_wij_niet_zouden_lezen_schrijven_wij_niet() -> None:
    for fout in (
        {"uiterlijk": "morgen"},
        {"dienst": "Wegen"},
        {"nummer": 0},
        {"diepte": 1},
        {"door": b.Zender(organisatie=A, rol=NAAM)},
    ):
        with pytest.raises(ValueError, match=r"ongeldige-inhoud|diepte 1"):
            blad_van(
                b.SchakelAangeboden(
                    **{**AANBOD, **fout}, soort=b.Schakelsoort.DEELPROCES, naar=b.Proces.WIJZIGEN
                )
            )


def test_wie_schrijft_noemt_kant_tijdzone_en_spoor_zoals_het_hoort() -> None:
    with pytest.raises(ValueError, match="noem de kant"):
        schrijf(BEIDE[0], oin=B, tijdstip=OP)
    with pytest.raises(ValueError, match="verkeerde-kant"):
        schrijf(VRAGER[0], oin=A, tijdstip=OP, kant=Kant.UITVOERDER)
    with pytest.raises(ValueError, match="tijdzone"):
        schrijf(VRAGER[0], oin=A, tijdstip=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="leest anders terug"):
        blad_van(VRAGER[0], traceparent="spoor")
    with pytest.raises(ValueError, match="systeem"):
        blad_van(VRAGER[0], systeem="Grens")
    assert UITERLIJK.encode() in AANGEBODEN
