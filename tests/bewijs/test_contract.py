"""Contract keys and what they sign: one form for each, and a reason for all that is refused."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from joserfc import jws as joserfc
from joserfc.jwk import ECKey, JWKRegistry

from schakel.bewijs import (
    OVEREENKOMST,
    VERKLARING,
    BewijsFout,
    Contractant,
    Contractondertekenaar,
    Contractsleutel,
    Ondertekenaar,
    als_base64url,
    controleer_jws,
    controleer_overeenkomst,
    keur_certificaat,
    lees_certificaten,
    lees_contractsleutel,
    lees_jwk,
    lees_logsleutel,
    nieuwe_contractsleutel,
    nieuwe_logsleutel,
    onderteken_jws,
    uit_base64url,
)

OIN, ANDER = "00000099000000001000", "00000099000000002000"
TEKST = b'{"wat dan ook":1}'
PAYLOAD = als_base64url(TEKST)
LOGSLEUTELS = {
    OIN: Ondertekenaar(f"schakel/{OIN}/{ANDER}", b"a" * 32).sleutel.vkey,
    ANDER: Ondertekenaar(f"schakel/{ANDER}/{OIN}", b"b" * 32).sleutel.vkey,
}


@cache
def sleutel(soort: str) -> Any:
    if soort == "EC":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65_537, 2_048)


@cache
def ondertekenaar(soort: str) -> Contractondertekenaar:
    return Contractondertekenaar(sleutel(soort))


def als_pem(privaat: Any, wachtwoord: bytes | None = None) -> bytes:
    slot: Any = (
        serialization.BestAvailableEncryption(wachtwoord)
        if wachtwoord
        else serialization.NoEncryption()
    )
    vorm = serialization.PrivateFormat.PKCS8
    bytes_: bytes = privaat.private_bytes(serialization.Encoding.PEM, vorm, slot)
    return bytes_


def geweigerd(code: str, doe: Callable[[], object]) -> None:
    with pytest.raises(BewijsFout) as fout:
        doe()
    assert fout.value.code == code


def kop(**anders: Any) -> str:
    eigen = {"alg": "ES256", "kid": ondertekenaar("EC").sleutel.kid, "typ": OVEREENKOMST}
    velden = {n: een for n, een in {**eigen, **anders}.items() if een is not ...}
    return als_base64url(json.dumps(velden).encode())


DUBBEL = als_base64url(uit_base64url(kop()).replace(b"{", b'{"alg":"ES256",'))


def getekend(beschermd: str, payload: str = PAYLOAD) -> tuple[str, str]:
    """Signed, whatever the header says."""
    handtekening = ondertekenaar("EC").teken(f"{beschermd}.{payload}".encode())
    return beschermd, als_base64url(handtekening)


def controleer(*paren: tuple[str, str], payload: str = PAYLOAD, soort: str = "EC") -> bytes:
    return controleer_jws(payload, paren, OVEREENKOMST, [ondertekenaar(soort).sleutel])


# --- keys ----------------------------------------------------------------------------------------


def test_de_afdruk_is_die_van_het_voorbeeld_in_rfc_7638() -> None:
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKR"
        "XjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAta"
        "Sqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksIN"
        "HaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    jwk = {"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    assert lees_jwk(jwk).kid == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.parametrize("soort", ["EC", "RSA"])
def test_een_sleutel_leest_terug_uit_zijn_jwk_en_heet_zoals_bij_een_ander(soort: str) -> None:
    eigen = ondertekenaar(soort).sleutel
    assert lees_jwk(eigen.jwk) == eigen
    assert lees_jwk({**eigen.jwk, "use": "sig", "x5t": 1}) == eigen
    assert JWKRegistry.import_key(dict(eigen.jwk)).thumbprint() == eigen.kid


@pytest.mark.parametrize("soort", ["EC", "RSA"])
def test_een_ondertekenaar_komt_uit_een_pem(soort: str) -> None:
    eigen = ondertekenaar(soort).sleutel
    assert lees_contractsleutel(als_pem(sleutel(soort))).sleutel == eigen
    dicht = als_pem(sleutel(soort), b"geheim")
    assert lees_contractsleutel(dicht, b"geheim").sleutel == eigen
    geweigerd("sleutel", lambda: lees_contractsleutel(dicht, b"anders"))
    geweigerd("sleutel", lambda: lees_contractsleutel(dicht))


def test_een_andere_soort_sleutel_tekent_geen_overeenkomst() -> None:
    for privaat in (
        ed25519.Ed25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(65_537, 1_024),
    ):
        pem = als_pem(privaat)
        geweigerd("sleutel", lambda pem=pem: lees_contractsleutel(pem))
    geweigerd("sleutel", lambda: lees_contractsleutel(b"geen pem"))


def test_een_nieuwe_sleutel_is_te_lezen_en_alleen_waarvoor_hij_is() -> None:
    contract, log = nieuwe_contractsleutel(), nieuwe_logsleutel()
    assert lees_contractsleutel(contract).sleutel.alg == "ES256"
    eigen = lees_logsleutel(log, f"schakel/{OIN}/{ANDER}").sleutel
    ander = lees_logsleutel(log, f"schakel/{OIN}/{OIN}").sleutel
    assert eigen.publiek == ander.publiek
    assert eigen.vkey.startswith(f"schakel/{OIN}/{ANDER}+")
    assert nieuwe_contractsleutel() != contract
    geweigerd("sleutel", lambda: lees_contractsleutel(log))
    geweigerd("sleutel", lambda: lees_logsleutel(contract, "x"))


def _jwk(soort: str, **anders: Any) -> dict[str, Any]:
    velden = {**ondertekenaar(soort).sleutel.jwk, **anders}
    return {naam: een for naam, een in velden.items() if een is not ...}


@pytest.mark.parametrize(
    ("soort", "anders"),
    [
        ("EC", {"kty": "OKP"}),
        ("EC", {"kty": ...}),
        ("EC", {"crv": "P-384"}),
        ("EC", {"x": ...}),
        ("EC", {"x": 7}),
        ("EC", {"x": als_base64url(bytes(32))}),
        ("EC", {"x": als_base64url(b"\xff" * 32)}),
        ("EC", {"x": als_base64url(bytes(31))}),
        ("EC", {"x": als_base64url(bytes(33))}),
        ("EC", {"d": als_base64url(b"d" * 32)}),
        ("RSA", {"n": als_base64url(b"\xff" * 255)}),
        ("RSA", {"n": als_base64url(b"\xff" * 2_100)}),
        ("RSA", {"n": ...}),
        ("RSA", {"e": als_base64url(b"\x00\x01\x00\x01")}),
        ("RSA", {"e": als_base64url(b"\x01")}),
        ("RSA", {"e": "AQAB="}),
        ("RSA", {"qi": "AQAB"}),
    ],
    ids=str,
)
def test_wat_geen_contractsleutel_is_wordt_geweigerd(soort: str, anders: dict[str, Any]) -> None:
    with pytest.raises(BewijsFout):
        lees_jwk(_jwk(soort, **anders))


# --- signatures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("soort", ["EC", "RSA"])
def test_wat_getekend_is_klopt_ook_bij_een_ander_en_omgekeerd(soort: str) -> None:
    beschermd, handtekening = onderteken_jws(TEKST, OVEREENKOMST, ondertekenaar(soort))
    assert controleer((beschermd, handtekening), soort=soort) == TEKST
    vreemd = JWKRegistry.import_key(als_pem(sleutel(soort)), "EC" if soort == "EC" else "RSA")
    algemeen: Any = {
        "payload": PAYLOAD,
        "signatures": [{"protected": beschermd, "signature": handtekening}],
    }
    joserfc.deserialize_json(algemeen, vreemd)  # type: ignore[arg-type]
    eigen = json.loads(uit_base64url(beschermd))
    assert eigen == {
        "alg": "ES256" if soort == "EC" else "RS256",
        "kid": ondertekenaar(soort).sleutel.kid,
        "typ": OVEREENKOMST,
    }
    terug: Any = joserfc.serialize_json([{"protected": eigen}], TEKST, vreemd)  # type: ignore[arg-type]
    (een,) = terug["signatures"]
    assert controleer((een["protected"], een["signature"]), soort=soort) == TEKST


@pytest.mark.parametrize(
    ("code", "beschermd"),
    [
        ("vorm", kop(alg="none")),
        ("vorm", kop(alg="RS256")),
        ("vorm", kop(alg="ES384")),
        ("vorm", kop(alg=...)),
        ("vorm", kop(kid=...)),
        ("vorm", kop(typ=...)),
        ("vorm", kop(typ=VERKLARING)),
        ("vorm", kop(typ=OVEREENKOMST.upper())),
        ("vorm", kop(crit=[])),
        ("vorm", kop(b64=True)),
        ("vorm", kop(alg=7)),
        ("vorm", als_base64url(b"[]")),
        ("vorm", als_base64url(b"\xff")),
        ("vorm", als_base64url(b"[" * 300)),
        ("vorm", DUBBEL),
        ("vorm", kop() + "="),
        ("vorm", ""),
        ("onbekende-sleutel", kop(kid="x")),
        ("te-groot", kop(kid="x" * 512)),
    ],
    ids=map(str, count()),  # the keys are others each time
)
def test_een_beschermde_kop_is_precies_wat_hij_moet_zijn(code: str, beschermd: str) -> None:
    geweigerd(code, lambda: controleer(getekend(beschermd)))


def test_een_andere_tekst_of_handtekening_past_niet() -> None:
    beschermd, goed = getekend(kop())
    assert controleer((beschermd, goed)) == TEKST
    geweigerd(
        "handtekening", lambda: controleer((beschermd, goed), payload=als_base64url(TEKST + b" "))
    )
    ruw = bytearray(uit_base64url(goed))
    for i in range(len(ruw)):
        anders = bytes(ruw[:i] + bytes([ruw[i] ^ 1]) + ruw[i + 1 :])
        geweigerd("handtekening", lambda a=anders: controleer((beschermd, als_base64url(a))))
    for fout in (b"", bytes(63), bytes(64), bytes(65)):
        geweigerd("handtekening", lambda f=fout: controleer((beschermd, als_base64url(f))))
    der = sleutel("EC").sign(f"{beschermd}.{PAYLOAD}".encode(), ec.ECDSA(hashes.SHA256()))
    geweigerd("handtekening", lambda: controleer((beschermd, als_base64url(der))))
    geweigerd("vorm", lambda: controleer((beschermd, goed + "=")))
    geweigerd("vorm", lambda: controleer((beschermd, goed), payload=PAYLOAD + "="))


def test_ieder_die_moet_tekenen_tekent_eenmaal_en_niemand_anders() -> None:
    een, ander = (onderteken_jws(TEKST, OVEREENKOMST, ondertekenaar(s)) for s in ("EC", "RSA"))
    beide = [ondertekenaar(soort).sleutel for soort in ("EC", "RSA")]
    for paren in ([een, ander], [ander, een]):
        assert controleer_jws(PAYLOAD, paren, OVEREENKOMST, beide) == TEKST
    geweigerd("handtekening", lambda: controleer_jws(PAYLOAD, [een], OVEREENKOMST, beide))
    geweigerd("onbekende-sleutel", lambda: controleer_jws(PAYLOAD, [een] * 2, OVEREENKOMST, beide))
    geweigerd("onbekende-sleutel", lambda: controleer(een, ander))


# --- a whole contract ----------------------------------------------------------------------------


def partijen(**anders: Any) -> list[Contractant]:
    eigen = {"oin": OIN, "contractsleutel": _jwk("EC"), "logsleutel": LOGSLEUTELS[OIN], **anders}
    return [Contractant(**eigen), Contractant(ANDER, _jwk("RSA"), LOGSLEUTELS[ANDER])]


def test_een_overeenkomst_is_door_beide_getekend_of_nog_door_een() -> None:
    een, ander = (onderteken_jws(TEKST, OVEREENKOMST, ondertekenaar(s)) for s in ("EC", "RSA"))
    controleer_overeenkomst(PAYLOAD, [een, ander], partijen())
    controleer_overeenkomst(PAYLOAD, [een], partijen(), ondertekend_door=[OIN])
    geweigerd("handtekening", lambda: controleer_overeenkomst(PAYLOAD, [een], partijen()))
    for wie, paren in (([ANDER], [een]), ([OIN], [een, ander])):
        geweigerd(
            "onbekende-sleutel",
            lambda w=wie, p=paren: controleer_overeenkomst(
                PAYLOAD, p, partijen(), ondertekend_door=w
            ),
        )


def test_de_sleutels_van_een_overeenkomst_zijn_van_wie_zij_zegt() -> None:
    een, ander = (onderteken_jws(TEKST, OVEREENKOMST, ondertekenaar(s)) for s in ("EC", "RSA"))
    for anders in (
        {"contractsleutel": _jwk("RSA")},
        {"logsleutel": LOGSLEUTELS[ANDER]},
        {"logsleutel": "x"},
        {"contractsleutel": {}},
        {"contractsleutel": {**_jwk("EC"), "x5c": [certificaat(oin=ANDER)]}},
    ):
        geweigerd(
            "sleutel",
            lambda a=anders: controleer_overeenkomst(PAYLOAD, [een, ander], partijen(**a)),
        )


# --- certificates --------------------------------------------------------------------------------


def certificaat(*, oin: str | None = OIN, soort: str = "EC") -> str:
    """A certificate with this serial number of its subject, as a JWK carries it."""
    namen = [x509.NameAttribute(NameOID.COMMON_NAME, "grens")]
    if oin is not None:
        namen.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, oin))
    naam = x509.Name(namen)
    nu = datetime(2026, 1, 1, tzinfo=UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(naam)
        .issuer_name(naam)
        .public_key(sleutel(soort).public_key())
        .serial_number(1)
        .not_valid_before(nu)
        .not_valid_after(nu + timedelta(days=1))
        .sign(sleutel(soort), hashes.SHA256())
    )
    return base64.b64encode(cert.public_bytes(serialization.Encoding.DER)).decode()


@pytest.mark.parametrize("soort", ["EC", "RSA"])
def test_een_certificaat_is_van_de_sleutel_en_van_het_oin(soort: str) -> None:
    keur_certificaat(_jwk(soort), OIN)
    eigen = {**_jwk(soort), "x5c": [certificaat(soort=soort), certificaat()]}
    keur_certificaat(eigen, OIN)
    assert lees_jwk(eigen) == Contractsleutel(sleutel(soort).public_key())
    geweigerd("sleutel", lambda: keur_certificaat(eigen, ANDER))


@pytest.mark.parametrize(
    "x5c",
    [
        [],
        None,
        "x",
        ["x"],
        [7],
        [certificaat(), "x"],
        [certificaat()] * 11,
        [certificaat(oin=None)],
        [certificaat(soort="RSA")],
        [certificaat().replace("/", "_") + "="],
    ],
    ids=["leeg", "null", "tekst", "onzin", "getal", "half", "veel", "geen-oin", "ander", "url"],
)
def test_een_certificaat_dat_niet_klopt_wordt_geweigerd(x5c: Any) -> None:
    with pytest.raises(BewijsFout):
        keur_certificaat({**_jwk("EC"), "x5c": x5c}, OIN)


def test_certificaten_komen_uit_een_pem_zoals_een_jwk_ze_heeft() -> None:
    keten = [certificaat(), certificaat(soort="RSA")]
    pem = "".join(
        f"-----BEGIN CERTIFICATE-----\n{een}\n-----END CERTIFICATE-----\n" for een in keten
    )
    assert lees_certificaten(pem.encode()) == keten
    geweigerd("sleutel", lambda: lees_certificaten(b"geen pem"))


def test_een_vreemde_sleutel_leest_joserfc_ook_zo() -> None:
    vreemd = ECKey.generate_key("P-256")
    jwk: Any = vreemd.as_dict(private=False)
    assert lees_jwk(jwk).kid == vreemd.thumbprint()
