"""Section 7 over mTLS, with the whole house of B behind it: each member, its neighbours, the codes.

What cannot be read never stops the link: it is answered once, and the receipt goes on.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from uuid_utils.compat import uuid7

from .conftest import Huisproef
from .vreemde import A, B, compact, verbindingsblad

Leden = dict[str, Any]
CODE = re.compile("[a-z0-9][a-z0-9_-]{0,63}")


def bericht(
    schakel: str, nummer: int, feit: str, data: Leden, bij: int = 0, envelop: Leden | None = None
) -> bytes:
    """A leaf of A as vrager; ``...`` leaves a member out."""
    alle = {"schakelId": schakel, "nummer": nummer, "bij": bij}
    alle |= {"door": {"organisatie": A, "rol": "medewerker"}} | data
    leden = {
        "specversion": "1.0",
        "id": f"{schakel}.v.{nummer}",
        "source": f"urn:nld:oin:{A}:systeem:zaak",
        "type": f"nl.schakels.{feit}.v1",
        "subject": schakel,
        "time": "2026-11-30T12:00:00.000000Z",
        "datacontenttype": "application/json",
        "data": {naam: w for naam, w in alle.items() if w is not ...},
    } | (envelop or {})
    return compact({naam: w for naam, w in leden.items() if w is not ...})


def aanbod(schakel: str, data: Leden | None = None, envelop: Leden | None = None) -> bytes:
    vast: Leden = {
        "soort": "deelproces",
        "ketenId": str(uuid7()),
        "diepte": 1,
        "model": "hoofdaannemer",
        "naar": "wijzigen",
        "dienst": "verlichting",
        "kanaal": "web",
        "melder": "burger",
        "ronde": 1,
        "n": 1,
        "uiterlijk": "2026-12-02T12:00:00Z",
        "wacht": True,
        "heeftInhoud": False,
    }
    return bericht(schakel, 1, "aangeboden", vast | (data or {}), envelop=envelop)


def antwoorden(proef: Huisproef) -> list[tuple[str, Any]]:
    """What B said since: type, and the code in it."""
    gelezen = [json.loads(blad) for blad in proef.b.kanaal.verkeer.uit.bladen(0, 1_000)]
    codes = ("reden", "code", "uitkomst")
    return [
        (
            een["type"].removeprefix("nl.schakels.").removesuffix(".v1"),
            next((een["data"][naam] for naam in codes if naam in een["data"]), None),
        )
        for een in gelezen
    ]


async def zeg(proef: Huisproef, *bladen: bytes) -> None:
    """Take in, always; and whatever follows in the house."""
    antwoord = await proef.a.zeg(*bladen)
    assert (antwoord.status, antwoord.json["omvang"]) == (200, len(proef.a.log.bladen))
    await proef.b.bezorg()
    assert (await proef.b.kanaal.verbinding()).gestopt is None


async def oordeel(proef: Huisproef, *bladen: bytes) -> list[tuple[str, Any]]:
    await proef.a.hervat()
    await zeg(proef, *bladen)
    return antwoorden(proef)


OPGENOMEN = [("aangenomen", None)]


async def per_schakel(proef: Huisproef, bladen: list[bytes], schakels: list[str]) -> list[Any]:
    """All in one page: what B answered on each, in the order of ``schakels``."""
    await proef.a.hervat()
    await zeg(proef, *bladen)
    gezegd: dict[str, list[Any]] = {schakel: [] for schakel in schakels}
    bladen_b = proef.b.kanaal.verkeer.uit.bladen(0, 1_000)
    for blad, antwoord in zip(bladen_b, antwoorden(proef), strict=True):
        gezegd[json.loads(blad)["subject"]].append(antwoord)
    return list(gezegd.values())


async def keur_elk(proef: Huisproef, gevallen: list[tuple[Leden, Any]], *, envelop: bool) -> None:
    """Each case is an offer of its own; they must come out as its second part says."""
    schakels = [str(uuid7()) for _ in gevallen]
    bladen = [
        aanbod(schakel, envelop=anders) if envelop else aanbod(schakel, anders)
        for schakel, (anders, _) in zip(schakels, gevallen, strict=True)
    ]
    gehoord = await per_schakel(proef, bladen, schakels)
    uitkomst = list(zip([anders for anders, _ in gevallen], gehoord, strict=True))
    assert uitkomst == [(anders, [verwacht]) for anders, verwacht in gevallen]


GOED: list[Leden] = [
    {},
    {"onbekend": {"x": None}},
    {"diepte": 15, "vanuit": str(uuid7())},
    {"diepte": 2},
    {"ronde": 1_000_000, "n": 1_000_000},
    {"uiterlijk": "2026-12-02T12:00:00.123456789Z"},
    {"gereedVoor": "2026-12-09T00:00:00Z"},
    {"wacht": False},
    {"door": {"organisatie": A, "rol": "systeem", "onbekend": 1}},
]


async def test_een_aanbod_zoals_de_tekst_het_heeft_wordt_aangenomen(huisproef: Huisproef) -> None:
    await keur_elk(huisproef, [(een, ("aangenomen", None)) for een in GOED], envelop=False)


DATA: list[tuple[Leden, str]] = [
    *(({naam: ...}, "ongeldige-inhoud") for naam in ("bij", "door", "soort", "ketenId")),
    *(({naam: ...}, "ongeldige-inhoud") for naam in ("diepte", "model", "naar", "dienst")),
    *(({naam: ...}, "ongeldige-inhoud") for naam in ("kanaal", "melder", "ronde", "n")),
    *(({naam: ...}, "ongeldige-inhoud") for naam in ("uiterlijk", "wacht", "heeftInhoud")),
    ({"bij": -1}, "ongeldige-inhoud"),
    ({"bij": 0.0}, "ongeldige-inhoud"),
    ({"bij": "0"}, "ongeldige-inhoud"),
    ({"schakelId": str(uuid7())}, "ongeldige-inhoud"),
    ({"nummer": 2}, "ongeldige-inhoud"),
    ({"door": {"organisatie": A}}, "ongeldige-inhoud"),
    ({"door": {"organisatie": "1", "rol": "systeem"}}, "ongeldige-inhoud"),
    ({"door": {"organisatie": A, "rol": "Jan"}}, "ongeldige-inhoud"),
    ({"door": {"organisatie": A, "rol": "jan"}}, "ongeldige-inhoud"),
    ({"soort": "anders"}, "ongeldige-inhoud"),
    ({"soort": "ketenmelding"}, "ongeldige-inhoud"),
    ({"soortVolgensVrager": "melding"}, "ongeldige-inhoud"),
    ({"ketenId": str(uuid7()).upper()}, "ongeldige-inhoud"),
    ({"ketenId": "3f0f6a1f-5d12-4c3e-9a52-0198c1de7b1a"}, "ongeldige-inhoud"),
    ({"diepte": 0}, "ongeldige-inhoud"),
    ({"diepte": 16, "vanuit": str(uuid7())}, "te-diep"),
    ({"diepte": 2**53 - 1}, "te-diep"),
    ({"vanuit": str(uuid7())}, "ongeldige-inhoud"),
    ({"diepte": 2, "vanuit": None}, "ongeldige-inhoud"),
    ({"model": "anders"}, "ongeldige-inhoud"),
    ({"model": "regisseur"}, "niet-afgesproken"),
    ({"naar": "toveren"}, "ongeldige-inhoud"),
    ({"naar": "uitvoeren"}, "niet-afgesproken"),
    ({"dienst": "Verlichting"}, "ongeldige-inhoud"),
    ({"dienst": "x" * 65}, "ongeldige-inhoud"),
    ({"dienst": "-x"}, "ongeldige-inhoud"),
    ({"dienst": ""}, "ongeldige-inhoud"),
    ({"dienst": "verlichting\n"}, "ongeldige-inhoud"),
    ({"dienst": "wegen"}, "niet-afgesproken"),
    ({"kanaal": "rooksignaal"}, "ongeldige-inhoud"),
    ({"melder": "Jan Jansen"}, "ongeldige-inhoud"),
    ({"ronde": 0}, "ongeldige-inhoud"),
    ({"ronde": 1_000_001}, "ongeldige-inhoud"),
    ({"n": 0}, "ongeldige-inhoud"),
    ({"n": True}, "ongeldige-inhoud"),
    ({"uiterlijk": "2026-12-02T12:00:00"}, "ongeldige-inhoud"),
    ({"uiterlijk": "2026-12-02T12:00:00+00:00"}, "ongeldige-inhoud"),
    ({"uiterlijk": "2026-12-02 12:00:00Z"}, "ongeldige-inhoud"),
    ({"uiterlijk": "2026-02-29T12:00:00Z"}, "ongeldige-inhoud"),
    ({"uiterlijk": "2026-12-02T24:00:01Z"}, "ongeldige-inhoud"),
    ({"gereedVoor": "morgen"}, "ongeldige-inhoud"),
    ({"wacht": "ja"}, "ongeldige-inhoud"),
    ({"wacht": 1}, "ongeldige-inhoud"),
    ({"vervangt": "x"}, "ongeldige-inhoud"),
    ({"heeftInhoud": None}, "ongeldige-inhoud"),
]


async def test_elke_buur_van_een_goed_aanbod_wordt_geweigerd(huisproef: Huisproef) -> None:
    """Number 1 of a vrager: ``geweigerd {code}``, and nothing opens in the house."""
    await keur_elk(huisproef, [(een, ("geweigerd", reden)) for een, reden in DATA], envelop=False)
    assert huisproef.b.van_grens() == []


ENVELOP: list[tuple[Leden, str]] = [
    ({"specversion": "1.1"}, "geen-cloudevent"),
    ({"specversion": ...}, "geen-cloudevent"),
    ({"source": ...}, "geen-cloudevent"),
    ({"type": ...}, "geen-cloudevent"),
    ({"subject": ...}, "geen-cloudevent"),
    ({"time": ...}, "geen-cloudevent"),
    ({"time": "2026-11-30T12:00:00+01:00"}, "geen-cloudevent"),
    ({"time": 1}, "geen-cloudevent"),
    ({"datacontenttype": ...}, "geen-cloudevent"),
    ({"datacontenttype": "text/json"}, "geen-cloudevent"),
    ({"source": f"urn:nld:oin:{B}:systeem:zaak"}, "verkeerde-bron"),
    ({"source": "urn:nld:oin:1:systeem:zaak"}, "verkeerde-bron"),
    ({"source": A}, "verkeerde-bron"),
    ({"type": "nl.schakels.aangenomen.v1"}, "verkeerde-kant"),
    ({"type": "nl.schakels.gebaard.v1"}, "onbekend-type"),
    ({"type": "nl.schakels.aangeboden"}, "onbekend-type"),
    ({"type": "nl.schakels.aangeboden.v0"}, "onbekend-type"),
    ({"type": "nl.schakels.aangeboden.v2"}, "nieuwere-versie"),
    ({"subject": str(uuid7())}, "ongeldige-inhoud"),
    ({"data": ...}, "ongeldige-inhoud"),
    ({"data": []}, "ongeldige-inhoud"),
    ({"data": None}, "ongeldige-inhoud"),
]


async def test_elke_buur_van_een_goede_envelop_wordt_geweigerd(huisproef: Huisproef) -> None:
    await keur_elk(huisproef, [(een, ("geweigerd", reden)) for een, reden in ENVELOP], envelop=True)
    assert huisproef.b.van_grens() == []


OVERGESLAGEN: list[Leden] = [
    {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"},
    {"traceparent": "onzin"},
    {"onbekend": "x"},
    {"time": "2026-11-30T12:00:00Z"},
    {"time": "2026-11-30T12:00:00.1Z"},
]


async def test_wat_niemand_kent_in_de_envelop_wordt_overgeslagen(huisproef: Huisproef) -> None:
    await keur_elk(huisproef, [(een, ("aangenomen", None)) for een in OVERGESLAGEN], envelop=True)


IDS = ["", "x", "{s}.v.0", "{s}.v.01", "{s}.x.1", "{s}.v.1000001", "{s}.v.1 ", "{S}.v.1", "{s}.V.1"]


async def test_zonder_leesbaar_id_wordt_niets_geantwoord(huisproef: Huisproef) -> None:
    bladen = []
    for id_ in IDS:
        s = str(uuid7())
        vol = id_.replace("{s}", s).replace("{S}", s.upper())
        bladen.append(aanbod(s, envelop={"id": vol}))
    assert await oordeel(huisproef, *bladen) == []
    assert huisproef.b.van_grens() == []


GEEN_JSON: list[Callable[[bytes], bytes]] = [
    lambda b: b[:-1],
    lambda b: b"\xef\xbb\xbf" + b,
    lambda b: b.replace(b'"ronde":1', b'"ronde":1,"ronde":1'),
    lambda b: b.replace(b'"ronde":1', b'"ronde":NaN'),
    lambda b: b.replace(b'"ronde":1', b'"x":9007199254740992,"ronde":1'),
    lambda b: b.replace(b'"ronde":1', b'"x":' + b"[" * 31 + b"]" * 31 + b',"ronde":1'),
    lambda b: b.replace(b"verlichting", b"verlicht\xff"),
    lambda b: b.replace(b"verlichting", b"verlicht\\ud800"),
    lambda b: b + b"{}",
]


async def test_wat_geen_json_is_wordt_bewaard_en_niet_beantwoord(huisproef: Huisproef) -> None:
    blad = aanbod(str(uuid7()))
    bladen = [verander(blad) for verander in GEEN_JSON]
    assert blad not in bladen
    assert await oordeel(huisproef, *bladen, aanbod(str(uuid7()))) == OPGENOMEN
    assert huisproef.b.kanaal.verkeer.in_.bladen(0, len(bladen)) == tuple(bladen)


async def test_na_het_eerste_is_wat_niet_te_lezen_is_een_keer_onbegrepen(
    huisproef: Huisproef,
) -> None:
    """And what is behind it is held, but for last words and ``ingetrokken``."""
    s = str(uuid7())
    await oordeel(huisproef, aanbod(s))
    await zeg(huisproef, bericht(s, 2, "ingetrokken", {"aanleiding": "Jan"}, 1))
    assert antwoorden(huisproef)[1:] == [("onbegrepen", "ongeldige-inhoud")]
    gezegd = json.loads(huisproef.b.kanaal.verkeer.uit.bladen(1, 2)[0])
    assert (gezegd["data"]["over"], gezegd["id"]) == (2, f"{s}.u.2")
    await zeg(huisproef, bericht(s, 3, "gebaard", {}, 1), bericht(s, 4, "wissing-gevraagd", {}, 1))
    assert len(antwoorden(huisproef)) == 2
    await zeg(huisproef, bericht(s, 5, "ingetrokken", {"aanleiding": "vrager"}, 1))
    assert antwoorden(huisproef)[2:] == [("afgesloten", "ingetrokken")]


async def test_een_gat_is_onbegrepen_en_een_gebruikt_nummer_een_noot(
    huisproef: Huisproef,
) -> None:
    s = str(uuid7())
    await oordeel(huisproef, aanbod(s), aanbod(s, {"dienst": "wegen"}))
    assert antwoorden(huisproef) == OPGENOMEN
    await zeg(huisproef, bericht(s, 3, "wissing-gevraagd", {"grond": "avg"}, 1))
    assert antwoorden(huisproef)[1:] == [("onbegrepen", "gat")]


async def test_wat_b_zegt_is_byte_voor_byte_zoals_de_tekst_het_heeft(
    huisproef: Huisproef,
) -> None:
    """The envelope and nothing else; six decimals; lower case; `id` and `subject` of the data."""
    goed, slecht = str(uuid7()), str(uuid7())
    await oordeel(huisproef, aanbod(goed), aanbod(slecht, {"dienst": "wegen"}))
    bladen = huisproef.b.kanaal.verkeer.uit.bladen(0, 10)
    assert len(bladen) == 2
    for blad in bladen:
        gelezen = json.loads(blad)
        data = gelezen["data"]
        assert gelezen.keys() - {"traceparent"} == {
            "specversion",
            "id",
            "source",
            "type",
            "subject",
            "time",
            "datacontenttype",
            "data",
        }
        assert (gelezen["specversion"], gelezen["datacontenttype"]) == ("1.0", "application/json")
        assert re.fullmatch(rf"urn:nld:oin:{B}:systeem:[a-z0-9-]+", gelezen["source"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", gelezen["time"])
        datetime.fromisoformat(gelezen["time"])
        assert gelezen["subject"] == data["schakelId"]
        assert gelezen["id"] == f"{data['schakelId']}.u.{data['nummer']}"
        assert data["door"].keys() == {"organisatie", "rol"}
        assert data["door"]["organisatie"] == B
        assert CODE.fullmatch(data["door"]["rol"])
        assert (data["nummer"], data["bij"]) == (1, 1)
        assert None not in data.values()
        rest = data.keys() - {"schakelId", "nummer", "bij", "door"}
        if gelezen["type"] == "nl.schakels.aangenomen.v1":
            assert rest == {"volgnummer", "meldingsoort", "uiterlijk"}
            assert re.fullmatch("[A-Za-z0-9./_-]{1,40}", data["volgnummer"])
        else:
            assert gelezen["type"] == "nl.schakels.geweigerd.v1"
            assert rest == {"reden"}


async def test_eindigt_wordt_met_eindigt_beantwoord_en_nieuw_aanbod_is_uitloop(
    huisproef: Huisproef,
) -> None:
    eindigt = verbindingsblad("eindigt", 1, per="2026-12-31T00:00:00Z")
    assert await oordeel(huisproef, eindigt) == [("verbinding.eindigt", None)]
    gezegd = json.loads(huisproef.b.kanaal.verkeer.uit.bladen(0, 1)[0])
    assert (gezegd["id"], gezegd["subject"]) == (f"{B}.1", B)
    assert gezegd["data"].keys() == {"nummer", "door", "per"}
    await zeg(huisproef, aanbod(str(uuid7())))
    assert antwoorden(huisproef)[1:] == [("geweigerd", "uitloop")]
    await zeg(huisproef, verbindingsblad("eindigt", 2, per="2026-12-31T00:00:00Z"))
    assert len(antwoorden(huisproef)) == 2
