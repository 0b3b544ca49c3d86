"""Section 2: the contract. It is put where the product finds it; it counts, or it does not."""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from tests.grens.zijden import VECTOREN

from schakel.grens.overeenkomsten import Overeenkomsten

from .vreemde import VAN_A, A, B, Contractsleutel, Logsleutel, Sleutelbos, b64url, compact, jws

NU = datetime(2026, 11, 30, 12, tzinfo=UTC)
TYP = "schakel-overeenkomst+json"
Inhoud = dict[str, Any]


def kenmerken(map_: Path, ruw: bytes, nu: datetime = NU) -> tuple[str, ...]:
    """By what B knows its contract with A; nothing when it has none."""
    (map_ / "a-b.overeenkomst.json").write_bytes(ruw)
    partner = Overeenkomsten(map_, B, lambda: nu).partners().get(A)
    return partner.kenmerken if partner else ()


def getekend(bos: Sleutelbos, **anders: Any) -> bytes:
    inhoud = {naam: w for naam, w in (bos.inhoud() | anders).items() if w is not ...}
    return bos.onderteken(compact(inhoud))


def test_de_overeenkomst_van_de_vectoren_telt_onder_haar_kenmerk(tmp_path: Path) -> None:
    gegeven = VECTOREN["overeenkomst"]
    assert kenmerken(tmp_path, compact(gegeven["jws"])) == (gegeven["kenmerk"],)


@pytest.mark.parametrize("schrijf", [compact, lambda w: json.dumps(w, indent=3).encode()])
def test_het_kenmerk_is_de_hash_van_de_bytes_van_wie_voorstelde(
    tmp_path: Path, sleutels: Sleutelbos, schrijf: Callable[[Any], bytes]
) -> None:
    payload = schrijf(sleutels.inhoud())
    verwacht = b64url(sha256(payload).digest())
    assert kenmerken(tmp_path, sleutels.onderteken(payload)) == (verwacht,)


def test_rs256_naast_es256(tmp_path: Path, sleutels: Sleutelbos) -> None:
    rsa_ = Contractsleutel(rsa.generate_private_key(65_537, 2_048))
    bos = Sleutelbos(sleutels.a, sleutels.b, rsa_, sleutels.contract_b)
    assert kenmerken(tmp_path, getekend(bos))


# The outside: general serialization, two signatures, exactly this header

Buiten = Callable[[Sleutelbos, bytes], Any]


def paar(bos: Sleutelbos, payload: bytes, **anders: Any) -> list[dict[str, str]]:
    een = bos.contract_a.handtekening(payload, TYP, anders)
    return [een, bos.contract_b.handtekening(payload, TYP)]


def met_kop(**anders: Any) -> Buiten:
    return lambda bos, p: jws(p, *paar(bos, p, **anders))


def onder_rsa_kop(bos: Sleutelbos, p: bytes) -> Any:
    return jws(p, *paar(bos, p, alg="RS256"))


BUITEN: list[tuple[str, Buiten]] = [
    ("een handtekening", lambda bos, p: jws(p, paar(bos, p)[0])),
    ("drie", lambda bos, p: jws(p, *paar(bos, p), paar(bos, p)[0])),
    ("tweemaal dezelfde", lambda bos, p: jws(p, *[paar(bos, p)[0]] * 2)),
    ("een vreemde", lambda bos, p: jws(p, paar(bos, p)[0], Contractsleutel().handtekening(p, TYP))),
    ("geen", lambda _, p: jws(p)),
    ("alg anders", onder_rsa_kop),
    ("alg none", met_kop(alg="none")),
    ("alg klein", met_kop(alg="es256")),
    ("kid anders", met_kop(kid="x")),
    ("typ anders", met_kop(typ="schakel-sleutels+json")),
    ("typ met application", met_kop(typ=f"application/{TYP}")),
    ("zonder typ", met_kop(typ=None)),
    ("een lid erbij", met_kop(crit=["x"])),
    ("b64", met_kop(b64=False)),
    ("header buiten", lambda bos, p: jws(p, *(een | {"header": {}} for een in paar(bos, p)))),
    ("flattened", lambda bos, p: {"payload": b64url(p), **paar(bos, p)[0]}),
    ("payload met opvulling", lambda bos, p: jws(p, *paar(bos, p)) | {"payload": b64url(p) + "="}),
    ("een andere payload", lambda bos, p: jws(p, *paar(bos, p)) | {"payload": b64url(p + b" ")}),
]


@pytest.mark.parametrize("buiten", [een for _, een in BUITEN], ids=[naam for naam, _ in BUITEN])
def test_wat_niet_zo_getekend_is_telt_niet(
    tmp_path: Path, sleutels: Sleutelbos, buiten: Buiten
) -> None:
    payload = compact(sleutels.inhoud())
    assert kenmerken(tmp_path, compact(buiten(sleutels, payload))) == ()


def test_de_volgorde_van_de_handtekeningen_en_van_de_leden_in_de_kop_is_vrij(
    tmp_path: Path, sleutels: Sleutelbos
) -> None:
    payload = compact(sleutels.inhoud())
    assert kenmerken(tmp_path, compact(jws(payload, *paar(sleutels, payload)[::-1])))


def test_een_handtekening_in_der_is_er_geen(tmp_path: Path, sleutels: Sleutelbos) -> None:
    """RFC 7518: the two numbers side by side."""
    payload = compact(sleutels.inhoud())
    een, ander = paar(sleutels, payload)
    onder = f"{een['protected']}.{b64url(payload)}".encode()
    der = sleutels.contract_a.privaat.sign(onder, ec.ECDSA(hashes.SHA256()))
    gewijzigd = een | {"signature": b64url(der)}
    assert kenmerken(tmp_path, compact(jws(payload, gewijzigd, ander))) == ()


# What it says

AFSPRAAK = Sleutelbos().inhoud()["afspraken"][0]


def partijen(bos: Sleutelbos, nummer: int = 0, **anders: Any) -> Inhoud:
    gewijzigd = bos.inhoud()["partijen"]
    gewijzigd[nummer] = {n: w for n, w in (gewijzigd[nummer] | anders).items() if w is not ...}
    return {"partijen": gewijzigd}


@pytest.mark.parametrize(
    "anders",
    [
        {"onbekend": {"x": 1}},
        {"volgnummer": 2**53 - 1},
        {"beller": A},
        {"beller": B},
        {"codes": {}},
        {"codes": {"redenen": ["te-duur"], "rollen": ["wijkagent"]}},
        {"inhoud": False},
        {"afspraken": [AFSPRAAK] * 100},
        {"afspraken": [AFSPRAAK | {"soort": "ketenmelding", "onbekend": 1}]},
        {"geldigVanaf": "2026-11-30T12:00:00Z"},
        {"geldigVanaf": "2026-01-01T00:00:00.000001Z"},
        {"geldigTot": "2026-11-30T12:00:01Z"},
    ],
    ids=lambda anders: json.dumps(anders)[:50],
)
def test_wat_de_tekst_toelaat_telt(
    tmp_path: Path, sleutels: Sleutelbos, anders: dict[str, Any]
) -> None:
    assert kenmerken(tmp_path, getekend(sleutels, **anders))


@pytest.mark.parametrize(
    "anders",
    [
        {"versie": 2},
        {"versie": "1"},
        {"versie": True},
        {"versie": 1.0},
        {"versie": ...},
        {"overeenkomstId": "0198C1DE-7B1A-7C3E-9A52-3F0F6A1F5D12"},
        {"overeenkomstId": "x"},
        {"volgnummer": 0},
        {"volgnummer": "1"},
        {"volgnummer": 2**53},
        {"volgnummer": ...},
        {"geldigVanaf": "2026-01-01"},
        {"geldigVanaf": "2026-01-01T00:00:00"},
        {"geldigVanaf": "2026-01-01T00:00:00+01:00"},
        {"geldigVanaf": "2026-01-01t00:00:00z"},
        {"geldigVanaf": "2026-02-30T00:00:00Z"},
        {"geldigVanaf": "2036-01-01T00:00:00Z"},
        {"geldigVanaf": "2026-11-30T12:00:01Z"},
        {"geldigTot": "2026-11-30T12:00:00Z"},
        {"geldigTot": ...},
        {"beller": "ontvanger"},
        {"beller": "00000099000000003000"},
        {"beller": None},
        {"beller": ...},
        {"partijen": []},
        {"partijen": ...},
        {"afspraken": []},
        {"afspraken": [AFSPRAAK] * 101},
        {"afspraken": [AFSPRAAK | {"soort": "anders"}]},
        {"afspraken": [AFSPRAAK | {"vrager": B}]},
        {"afspraken": [AFSPRAAK | {"vrager": "00000099000000003000"}]},
        {"afspraken": [AFSPRAAK | {"processen": ["toveren"]}]},
        {"afspraken": [AFSPRAAK | {"processen": None}]},
        {"afspraken": [AFSPRAAK | {"diensten": ["Met Hoofdletter"]}]},
        {"afspraken": [AFSPRAAK | {"modellen": ["anders"]}]},
        {"afspraken": [AFSPRAAK | {"termijnen": {"vraag": "5 dagen"}}]},
        {"afspraken": [AFSPRAAK | {"termijnen": {"vraag": "-P5D"}}]},
        {"afspraken": [AFSPRAAK | {"termijnen": {"vraag": "PT0S"}}]},
        {"afspraken": [AFSPRAAK | {"termijnen": {"vraag": 5}}]},
        {"codes": None},
        {"codes": {"redenen": ["met spatie erin"]}},
        {"codes": {"redenen": ["x" * 65]}},
        {"inhoud": "false"},
        {"inhoud": None},
    ],
    ids=lambda anders: str(anders)[:60],
)
def test_wat_de_tekst_niet_toelaat_telt_niet(
    tmp_path: Path, sleutels: Sleutelbos, anders: dict[str, Any]
) -> None:
    assert kenmerken(tmp_path, getekend(sleutels, **anders)) == ()


@pytest.mark.parametrize(
    "termijn", ["P1W", "P2D", "PT4H", "P1DT12H", "PT30M", "PT90S", "PT0.5S", "PT1.5H", "PT1,5H"]
)
def test_een_termijn_is_een_duur_van_iso_8601(
    tmp_path: Path, sleutels: Sleutelbos, termijn: str
) -> None:
    afspraak = AFSPRAAK | {"termijnen": AFSPRAAK["termijnen"] | {"vraag": termijn}}
    assert kenmerken(tmp_path, getekend(sleutels, afspraken=[afspraak]))


@pytest.mark.parametrize(
    "termijn",
    [
        *[
            "p2d",
            "P2d",
            "+P2D",
            "P",
            "PT",
            "2D",
            "P-2D",
            "P2DT",
            "PT0S",
            "P0D",
            "P1WT1H",
            "P1M",
            "P1Y",
            "PT1.5H1M",
            "P9999999D",
        ],
        "P2D ",
    ],
)
def test_een_andere_schrijfwijze_is_geen_duur(
    tmp_path: Path, sleutels: Sleutelbos, termijn: str
) -> None:
    afspraak = AFSPRAAK | {"termijnen": AFSPRAAK["termijnen"] | {"vraag": termijn}}
    assert kenmerken(tmp_path, getekend(sleutels, afspraken=[afspraak])) == ()


Partij = Callable[[Sleutelbos], Inhoud]
PARTIJEN: list[tuple[str, Partij, bool]] = [
    ("zonder adres, en zelf beller", lambda s: partijen(s, adres=None) | {"beller": A}, True),
    ("zonder adres, de ander belt", lambda s: partijen(s, adres=None) | {"beller": B}, False),
    ("zonder adres, elk belt", lambda s: partijen(s, adres=None), False),
    ("adres weggelaten", lambda s: partijen(s, adres=...) | {"beller": A}, False),
    ("adres met poort en pad", lambda s: partijen(s, adres="https://een.example:8443/a/b"), True),
    (
        "adres met een onmogelijke poort",
        lambda s: partijen(s, adres="https://een.example:65536"),
        False,
    ),
    ("adres over http", lambda s: partijen(s, adres="http://een.example"), False),
    ("adres met vraag", lambda s: partijen(s, adres="https://een.example/?x"), False),
    ("adres met gebruiker", lambda s: partijen(s, adres="https://x@een.example"), False),
    ("adres met fragment", lambda s: partijen(s, adres="https://een.example/#x"), False),
    ("zonderSchakel", lambda s: partijen(s, zonderSchakel=True), True),
    ("oin te kort", lambda s: partijen(s, oin=A[:-1]), False),
    ("tweemaal dezelfde", lambda s: {"partijen": [s.inhoud()["partijen"][0]] * 2}, False),
    ("een derde erbij", lambda s: {"partijen": [*s.inhoud()["partijen"], {}]}, False),
    ("logsleutel van de ander", lambda s: partijen(s, logsleutel=s.b.vkey), False),
    ("logsleutel met een ander id", lambda s: partijen(s, logsleutel=ander_id(s.a)), False),
    ("logsleutel geen tekst", lambda s: partijen(s, logsleutel=None), False),
    ("naam leeg", lambda s: partijen(s, naam=""), False),
    (
        "contractsleutel van de ander",
        lambda s: partijen(s, contractsleutel=s.contract_b.jwk),
        False,
    ),
    (
        "contractsleutel privaat",
        lambda s: partijen(s, contractsleutel=s.contract_a.jwk | {"d": "AA"}),
        False,
    ),
    (
        "contractsleutel met kid en use",
        lambda s: partijen(s, contractsleutel=s.contract_a.jwk | {"kid": "x", "use": "sig"}),
        True,
    ),
    (
        "contractsleutel P-384",
        lambda s: partijen(s, contractsleutel=s.contract_a.jwk | {"crv": "P-384"}),
        False,
    ),
    ("x5c van dit OIN", lambda s: met_certificaat(s, A), True),
    ("x5c van een ander OIN", lambda s: met_certificaat(s, B), False),
    ("x5c van een andere sleutel", lambda s: met_certificaat(s, A, Contractsleutel()), False),
    ("x5c leeg", lambda s: partijen(s, contractsleutel=s.contract_a.jwk | {"x5c": []}), False),
]


def ander_id(sleutel: Logsleutel) -> str:
    return sleutel.vkey.replace(f"+{sleutel.id().hex()}+", "+00000000+")


def met_certificaat(bos: Sleutelbos, oin: str, van: Contractsleutel | None = None) -> Inhoud:
    sleutel = (van or bos.contract_a).privaat
    naam = x509.Name([x509.NameAttribute(NameOID.SERIAL_NUMBER, oin)])
    bouwer = x509.CertificateBuilder(naam, naam, sleutel.public_key(), x509.random_serial_number())
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    bouwer = bouwer.not_valid_before(begin).not_valid_after(begin + timedelta(days=3650))
    der = bouwer.sign(sleutel, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    x5c = [b64encode(der).decode()]
    return partijen(bos, contractsleutel=bos.contract_a.jwk | {"x5c": x5c})


@pytest.mark.parametrize(
    ("maak", "telt"),
    [(maak, telt) for _, maak, telt in PARTIJEN],
    ids=[naam for naam, _, _ in PARTIJEN],
)
def test_de_partijen_zijn_wie_zij_zeggen(
    tmp_path: Path, sleutels: Sleutelbos, maak: Partij, telt: bool
) -> None:
    assert bool(kenmerken(tmp_path, getekend(sleutels, **maak(sleutels)))) is telt


def test_rsa_van_minder_dan_2048_bits_tekent_niets(tmp_path: Path, sleutels: Sleutelbos) -> None:
    kort = Contractsleutel(rsa.generate_private_key(65_537, 1_024))
    bos = Sleutelbos(sleutels.a, sleutels.b, kort, sleutels.contract_b)
    assert kenmerken(tmp_path, getekend(bos)) == ()


@pytest.mark.parametrize(
    "verander",
    [
        lambda p: b"\xef\xbb\xbf" + p,
        lambda p: p[:-1] + b',"versie":1}',
        lambda p: p[:-1] + b',"x":NaN}',
        lambda p: p[:-1] + b',"x":9007199254740992}',
        lambda p: p[:-1] + b',"x":' + b"[" * 32 + b"]" * 32 + b"}",
        lambda p: p[:-1] + b',"x":"\xff"}',
        lambda p: p[:-1] + b',"x":"\\ud800"}',
        lambda _: b"[]",
        lambda _: b"",
    ],
)
def test_ook_de_tekst_die_getekend_is_is_json_zoals_section_1_wil(
    tmp_path: Path, sleutels: Sleutelbos, verander: Callable[[bytes], bytes]
) -> None:
    payload = verander(compact(sleutels.inhoud()))
    assert kenmerken(tmp_path, sleutels.onderteken(payload)) == ()


def test_een_hoger_volgnummer_komt_in_de_plaats_en_het_vorige_blijft_bekend(
    tmp_path: Path, sleutels: Sleutelbos
) -> None:
    (eerste,) = kenmerken(tmp_path, getekend(sleutels))
    (tmp_path / "oud.overeenkomst.json").write_bytes(getekend(sleutels))
    tweede, vorige = kenmerken(tmp_path, getekend(sleutels, volgnummer=2))
    assert vorige == eerste != tweede


@pytest.mark.parametrize(
    ("moment", "telt"),
    [
        ("2025-12-31T23:59:59.999999", False),
        ("2026-01-01T00:00:00", True),
        ("2035-12-31T23:59:59.999999", True),
        ("2036-01-01T00:00:00", False),
    ],
)
def test_geldig_is_van_tot(tmp_path: Path, sleutels: Sleutelbos, moment: str, telt: bool) -> None:
    nu = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert bool(kenmerken(tmp_path, getekend(sleutels), nu)) is telt


def test_de_namen_van_de_logboeken_zijn_die_van_de_partijen(sleutels: Sleutelbos) -> None:
    assert sleutels.a.naam == VAN_A
