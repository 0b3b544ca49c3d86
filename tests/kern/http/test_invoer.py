"""Bad input: 400 with field and rule, and never anything worse."""

import json
import time
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schakel.contracts.strikt import DIEPSTE
from schakel.kern.grond.weigering import Ongeldig
from schakel.kern.http.strikt import lees_inhoud_van

KOP = {"Idempotency-Key": "een", "content-type": "application/json"}


ZAAK = "0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d10"
ANDERE_UUIDS = (
    f"{{{ZAAK}}}",
    f"urn:uuid:{ZAAK}",
    ZAAK.replace("-", ""),
    f" {ZAAK}",
    ZAAK.replace("-7", "-\u0667"),
)
ANDERE_TIJDEN = (
    1_700_000_000,
    1_700_000_000.5,
    0,
    True,
    "1700000000",
    "1700000000000",
    "2026-01-31",
    "2026-01-31 12:00:00Z",
    "2026-01-31T12:00Z",
    "2026-01-31T12:00:00",
    "2026-13-31T12:00:00Z",
)


async def stuur(klant: httpx.AsyncClient, inhoud: bytes | dict[str, Any]) -> httpx.Response:
    ruw = inhoud if isinstance(inhoud, bytes) else json.dumps(inhoud).encode()
    return await klant.post("/dozen", content=ruw, headers=KOP)


async def test_goede_invoer_wordt_aangenomen(klant: httpx.AsyncClient) -> None:
    alles = {
        "tekst": "een é en een 🙂",
        "makerVan": {"naam": "x", "leeftijd": 3},
        "delen": [{"naam": "y", "leeftijd": 3.0}, {"naam": "z", "leeftijd": 4}],
        "kleur": "blauw",
        "isOpen": True,
        "gewicht": 1,
        "op": "2026-01-31T12:00:00+02:00",
        "kenmerk": "0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d10",
    }
    assert (await stuur(klant, alles)).status_code == 201
    ontsnapt = json.dumps(alles, ensure_ascii=True).encode()
    assert (await stuur(klant, ontsnapt)).status_code == 201


@pytest.mark.parametrize(
    ("inhoud", "veld", "regel"),
    [
        ({}, "tekst", "verplicht"),
        ({"tekst": "a", "onbekend": 1}, "onbekend", "onbekend-veld"),
        ({"tekst": "a", "maker_van": {"naam": "x"}}, "maker_van", "onbekend-veld"),
        ({"tekst": 1}, "tekst", "tekst"),
        ({"tekst": None}, "tekst", "tekst"),
        ({"tekst": ""}, "tekst", "te-kort"),
        ({"tekst": "a" * 201}, "tekst", "te-lang"),
        ({"tekst": "a", "makerVan": []}, "makerVan", "object"),
        ({"tekst": "a", "makerVan": {"naam": "x", "leeftijd": "3"}}, "makerVan.leeftijd", None),
        ({"tekst": "a", "makerVan": {"naam": "x", "leeftijd": 3.5}}, "makerVan.leeftijd", None),
        ({"tekst": "a", "makerVan": {"naam": "x", "leeftijd": True}}, "makerVan.leeftijd", None),
        ({"tekst": "a", "makerVan": {"naam": "x", "leeftijd": -1}}, "makerVan.leeftijd", "minimum"),
        ({"tekst": "a", "isOpen": "true"}, "isOpen", "waarheid"),
        ({"tekst": "a", "isOpen": 1}, "isOpen", "waarheid"),
        ({"tekst": "a", "gewicht": "1"}, "gewicht", "getal"),
        ({"tekst": "a", "kleur": "geel"}, "kleur", "keuze"),
        ({"tekst": "a", "op": "2026-01-31T12:00:00"}, "op", "tijdstip"),
        ({"tekst": "a", "op": "morgen"}, "op", "tijdstip"),
        ({"tekst": "a", "kenmerk": "x"}, "kenmerk", "uuid"),
        *(({"tekst": "a", "kenmerk": anders}, "kenmerk", "uuid") for anders in ANDERE_UUIDS),
        ({"tekst": "a", "kenmerk": 1}, "kenmerk", "uuid"),
        *(({"tekst": "a", "op": anders}, "op", "tijdstip") for anders in ANDERE_TIJDEN),
        ({"tekst": "a", "delen": [{}] * 10_000}, "delen", "te-lang"),
        ({"tekst": "a", "delen": [{"naam": "x"}, {"naam": 1}]}, "delen[1].naam", "tekst"),
        ({"tekst": "a", "delen": [{"naam": "x"}] * 4}, "delen", "te-lang"),
    ],
)
async def test_wat_niet_klopt_wordt_met_veld_en_regel_geweigerd(
    klant: httpx.AsyncClient, inhoud: dict[str, Any], veld: str, regel: str | None
) -> None:
    antwoord = await stuur(klant, inhoud)
    probleem = antwoord.json()
    assert antwoord.status_code == probleem["status"] == 400
    assert antwoord.headers["content-type"] == "application/problem+json"
    assert probleem["code"] == "invoer-ongeldig"
    assert [f["veld"] for f in probleem["fouten"]] == [veld]
    if regel is not None:
        assert probleem["fouten"][0]["regel"] == regel
    assert probleem["fouten"][0]["uitleg"] in probleem["detail"]


async def test_alle_fouten_worden_in_een_keer_genoemd_maar_niet_eindeloos(
    klant: httpx.AsyncClient,
) -> None:
    probleem = (await stuur(klant, {"tekst": 1, "kleur": 2, "z": 3})).json()
    assert {f["veld"] for f in probleem["fouten"]} == {"tekst", "kleur", "z"}
    veel = {"tekst": "a"} | {f"x{n}": 1 for n in range(1000)}
    assert len((await stuur(klant, veel)).json()["fouten"]) == 20


async def test_een_foutmelding_herhaalt_niet_wat_er_stond(klant: httpx.AsyncClient) -> None:
    antwoord = await stuur(klant, {"tekst": "a", "kleur": "Willemijn", "makerVan": "Willemijn"})
    assert antwoord.status_code == 400
    assert "Willemijn" not in antwoord.text


STUK = [
    (b'{"tekst": NaN}', "json-geen-getal", None),
    (b'{"tekst": Infinity}', "json-geen-getal", None),
    (b'{"tekst": -Infinity}', "json-geen-getal", None),
    (b'{"gewicht": 1e999}', "json-geen-getal", None),
    (b'{"gewicht": 9007199254740993}', "json-getal-te-groot", None),
    (b'{"gewicht": ' + b"9" * 5000 + b"}", "json-getal-te-groot", None),
    (b'{"tekst": "a", "tekst": "b"}', "json-dubbele-sleutel", "tekst"),
    (b'{"makerVan": {"naam": "a", "naam": "a"}}', "json-dubbele-sleutel", "naam"),
    (b'{"tekst": "a\\u0000b"}', "json-nul", "tekst"),
    (b'{"a\\u0000b": 1}', "json-nul", None),
    (b'{"tekst": "a\x00b"}', "json-nul", None),
    (b'{"tekst": "\\ud800"}', "json-half-teken", "tekst"),
    (b'{"tekst": "\\udc00\\ud800"}', "json-half-teken", "tekst"),
    (b'{"makerVan": {"naam": "\\uD83D"}}', "json-half-teken", "makerVan.naam"),
    (b'{"delen": [{"naam": "x"}, {"naam": "\\uDE00"}]}', "json-half-teken", "delen[1].naam"),
    (b'{"\\ud800": 1}', "json-half-teken", None),
    (b'{"tekst": "\xed\xa0\x80"}', "json-geen-utf-8", None),
    (b'{"tekst": "\xff"}', "json-geen-utf-8", None),
    ('{"tekst": "a"}'.encode("utf-16"), "json-nul", None),
    (b'\xef\xbb\xbf{"tekst": "a"}', "json-ongeldig", None),
    (b"[" * 33 + b"]" * 33, "json-te-diep", None),
    (b'{"a":' * 40 + b"1" + b"}" * 40, "json-te-diep", None),
    (b"[" * 60000, "json-te-diep", None),
    (b"{", "json-ongeldig", None),
    (b'{"tekst": "a",}', "json-ongeldig", None),
    (b"{'tekst': 'a'}", "json-ongeldig", None),
    (b'{"tekst": "a"} {}', "json-ongeldig", None),
    (b'{"tekst": "regel\neinde"}', "json-ongeldig", None),
    (b'{"tekst": "\\x41"}', "json-ongeldig", None),
    (b'{"gewicht": 01}', "json-ongeldig", None),
    (b"   ", "json-ongeldig", None),
]


@pytest.mark.parametrize(("ruw", "code", "veld"), STUK)
async def test_json_die_anderen_anders_lezen_wordt_geweigerd(
    klant: httpx.AsyncClient, ruw: bytes, code: str, veld: str | None
) -> None:
    antwoord = await stuur(klant, ruw)
    probleem = antwoord.json()
    assert (antwoord.status_code, probleem["code"]) == (400, code)
    assert [f["regel"] for f in probleem["fouten"]] == [code]
    if veld is not None:
        assert probleem["fouten"][0]["veld"] == veld


@pytest.mark.parametrize("ruw", [b"[]", b"null", b'"tekst"', b"1", b"true"])
async def test_iets_anders_dan_een_object_wordt_geweigerd(
    klant: httpx.AsyncClient, ruw: bytes
) -> None:
    antwoord = await stuur(klant, ruw)
    assert (antwoord.status_code, antwoord.json()["code"]) == (400, "invoer-ongeldig")


async def test_zonder_inhoud_is_de_inhoud_verplicht(klant: httpx.AsyncClient) -> None:
    antwoord = await klant.post("/dozen", headers={"Idempotency-Key": "een"})
    assert antwoord.status_code == 400
    assert antwoord.json()["fouten"] == [
        {"veld": "body", "regel": "verplicht", "uitleg": "is verplicht"}
    ]


def test_precies_de_toegestane_diepte_mag_ook_met_haakjes_in_tekst() -> None:
    diep = b"[" * DIEPSTE + b'"\\"[[[[{{{{"' + b"]" * DIEPSTE
    assert lees_inhoud_van(diep)
    assert lees_inhoud_van(b"[" + b",".join([b"[]", b'"["'] * 500) + b"]")


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=300)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        lambda x: (
            st.lists(x)
            | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0")), x)
        ),
        max_leaves=20,
    ),
    st.booleans(),
)
def test_wat_goede_json_is_wordt_gelezen_zoals_het_er_staat(waarde: Any, ascii_: bool) -> None:
    assert lees_inhoud_van(json.dumps(waarde, ensure_ascii=ascii_).encode()) == waarde


@settings(max_examples=500)
@given(
    st.binary(max_size=200)
    | st.text('{}[]",:0aeE\\u+-.tnf \ud800', max_size=60).map(
        lambda t: t.encode("utf-8", "surrogatepass")
    )
)
def test_onzin_wordt_gelezen_of_geweigerd_en_nooit_iets_anders(ruw: bytes) -> None:
    try:
        waarde = lees_inhoud_van(ruw)
    except Ongeldig:
        return
    assert json.loads(ruw) == waarde


QUERY = [
    ("limiet=0", "limiet", "minimum"),
    ("limiet=x", "limiet", "geheel-getal"),
    ("limiet=201", "limiet", "maximum"),
    ("limiet=5_0", "limiet", "geheel-getal"),
    ("limiet=%2B5", "limiet", "geheel-getal"),
    ("limiet=5.0", "limiet", "geheel-getal"),
    ("limiet=%205", "limiet", "geheel-getal"),
    ("limiet=%D9%A5", "limiet", "geheel-getal"),
    ("isOpen=1", "isOpen", "waarheid"),
    ("isOpen=yes", "isOpen", "waarheid"),
    ("isOpen=misschien", "isOpen", "waarheid"),
    ("is_open=true", "is_open", "query-onbekend"),
    ("onzin=1", "onzin", "query-onbekend"),
    ("limiet=1&limiet=2", "limiet", "query-dubbel"),
    ("limiet=1%00", "limiet", "query-nul"),
    ("=", "", "query-onbekend"),
    ("%ff=1", "\ufffd", "query-onbekend"),
]


@pytest.mark.parametrize(("query", "veld", "regel"), QUERY)
async def test_een_vreemde_query_wordt_geweigerd(
    klant: httpx.AsyncClient, query: str, veld: str, regel: str
) -> None:
    antwoord = await klant.get(f"/dozen?{query}")
    assert antwoord.status_code == 400
    fout = antwoord.json()["fouten"][0]
    assert (fout["veld"], fout["regel"]) == (veld, regel)


async def test_een_goede_query_wordt_gelezen(klant: httpx.AsyncClient) -> None:
    antwoord = await klant.get("/dozen?limiet=7&isOpen=false")
    assert antwoord.json() == {"wie": "lokaal", "limiet": 7, "open": False}


async def test_een_lijst_in_de_query_mag_herhaald_worden(klant: httpx.AsyncClient) -> None:
    pad = "/dozen/0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d10"
    antwoord = await klant.get(f"{pad}?kleur=rood&kleur=blauw")
    assert antwoord.json()["kleur"] == ["rood", "blauw"]
    assert (await klant.get(f"{pad}?kleur=geel")).json()["fouten"][0]["veld"] == "kleur[0]"


@pytest.mark.parametrize(
    "pad",
    [
        "/dozen/1",
        "/dozen/%00",
        "/dozen/a%2Fb",
        "/dozen/%ff",
        "/dozen/'--",
        *(f"/dozen/{anders}" for anders in ANDERE_UUIDS),
    ],
)
async def test_een_kenmerk_dat_geen_uuid_is_wordt_geweigerd(
    klant: httpx.AsyncClient, pad: str
) -> None:
    antwoord = await klant.get(pad)
    assert antwoord.status_code in {400, 404}
    assert antwoord.headers["content-type"] == "application/problem+json"


SNEL = 0.05
"""Seconds for the largest body, whatever stands in it."""
TEKENS = [chr(n) for n in range(33, 127) if chr(n) not in '"\\']
SLEUTELS = [a + b for a in TEKENS for b in TEKENS][:8_617]
GROOT = {
    "veel sleutels, de laatste twee gelijk": (
        "{" + ",".join(f'"{s}":1' for s in [*SLEUTELS, SLEUTELS[-1]]) + "}"
    ),
    "veel onbekende velden": "{" + ",".join(f'"{s}":1' for s in SLEUTELS[:8_000]) + "}",
    "een lange naam boven veel teksten": (
        '{"' + "k" * 32_000 + '":[' + ",".join(['"x"'] * 7_500) + ',"\\u0000"]}'
    ),
    "een lange naam boven veel halve tekens": (
        '{"' + "k" * 32_000 + '":[' + ",".join(['"x"'] * 7_500) + ',"\\ud800"]}'
    ),
    "een lijst waarvan niets klopt": '{"tekst":"a","delen":[' + ",".join(["1"] * 30_000) + "]}",
    "veel haakjes in tekst": '{"tekst":"' + "[{" * 30_000 + '"}',
}


@pytest.mark.parametrize("naam", GROOT)
async def test_de_grootste_inhoud_kost_nooit_meer_dan_even(
    klant: httpx.AsyncClient, naam: str
) -> None:
    ruw = GROOT[naam].encode()
    assert 55_000 <= len(ruw) <= 65_536
    duren = []
    for _ in range(5):
        begin = time.process_time()  # whatever else this machine does
        assert (await stuur(klant, ruw)).status_code == 400
        duren.append(time.process_time() - begin)
    assert min(duren) < SNEL
