"""Messages as they come off the bus, with what a reader must make of them.

Every reader of our bus is held to ``GOED`` and ``ONLEESBAAR``: the tolerant one of the contracts
and the fast one of the inbox. ``RUIM`` is what only the reader at the door accepts of partners, and
``STRENGER`` what only that one refuses, because it also looks inside the data.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schakel.contracts.cloudevents import MAX_BYTES
from schakel.contracts.envelop import CONTENT_TYPE, bron_van

from .voorbeelden import OIN, VOORBEELDEN, WORTEL, verpakt

FEIT = VOORBEELDEN["nl.meldingen.aangenomen.v1"]
BRON = bron_van(OIN, "schakel-herstellen")
BERICHT = verpakt(FEIT)
SLEUTEL = str(WORTEL).encode()

Koppen = tuple[tuple[str, bytes], ...]
GESTRUCTUREERD: Koppen = (("content-type", CONTENT_TYPE.encode()),)


@dataclass(frozen=True)
class Vector:
    """One record. ``code`` is why it cannot be read; without a code it says ``FEIT``."""

    naam: str
    body: bytes
    code: str | None = None
    koppen: Koppen = GESTRUCTUREERD
    sleutel: bytes | None = SLEUTEL


def _met(wijzig: Callable[[dict[str, Any]], Any]) -> bytes:
    """The good message with something changed."""
    omslag = json.loads(BERICHT)
    wijzig(omslag)
    return json.dumps(omslag, separators=(",", ":")).encode()


def _zet(**attributen: Any) -> bytes:
    return _met(lambda omslag: omslag.update(attributen))


def _zet_data(**velden: Any) -> bytes:
    return _met(lambda omslag: omslag["data"].update(velden))


def _zonder(naam: str) -> bytes:
    return _met(lambda omslag: omslag.pop(naam))


def _zonder_data(naam: str) -> bytes:
    return _met(lambda omslag: omslag["data"].pop(naam))


def _precies(omvang: int) -> bytes:
    """The good message, made this long by an extension of its own."""
    return _zet(vulling="x" * (omvang - len(_zet(vulling=""))))


def _binair(*, inhoudstype: bytes = b"application/json", **anders: str) -> Koppen:
    """The attributes of the good message as Kafka headers."""
    omslag = {k: w for k, w in json.loads(BERICHT).items() if k not in ("data", "datacontenttype")}
    koppen = [(f"ce_{naam}", waarde.encode()) for naam, waarde in {**omslag, **anders}.items()]
    return ("content-type", inhoudstype), *koppen


DATA = json.dumps(json.loads(BERICHT)["data"]).encode()

GOED = (
    Vector("zoals geschreven", BERICHT),
    Vector("zonder sleutel", BERICHT, sleutel=None),
    Vector(
        "inhoudstype zonder charset",
        BERICHT,
        koppen=(("content-type", b"application/cloudevents+json"),),
    ),
    Vector(
        "inhoudstype in hoofdletters",
        BERICHT,
        koppen=(("Content-Type", b"Application/CloudEvents+JSON"),),
    ),
    Vector(
        "gestructureerd met herhaalde ce-koppen",
        BERICHT,
        koppen=(*GESTRUCTUREERD, *_binair(id="iets-anders")[1:]),
    ),
    Vector(
        "met witruimte en andere volgorde",
        json.dumps(json.loads(BERICHT), indent=1, sort_keys=True).encode(),
    ),
    Vector("onbekende uitbreiding", _zet(ketenid="0198c1de", comexampleaantal=3)),
    Vector("attribuut dat null is", _zet(traceparent=None, dataschema=None)),
    Vector("onbekend veld", _zet_data(kleur="blauw", diep={"lijst": [1, {"a": None}]})),
    Vector("onbekend veld in een deel", _met(lambda o: o["data"]["door"].update(pet="groen"))),
    Vector("tijdstip met afstand tot UTC", _zet(time="2026-11-21T11:15:30.123456+01:00")),
    Vector("precies 64 KB", _precies(MAX_BYTES)),
    Vector("zonder koppen", BERICHT, koppen=()),
    Vector("zonder inhoudstype", BERICHT, koppen=(("vreemd", b"x"),)),
    Vector("met een leeg inhoudstype", BERICHT, koppen=(("content-type", b""),)),
    Vector("binair", DATA, koppen=_binair()),
    Vector(
        "binair met charset", DATA, koppen=_binair(inhoudstype=b"application/json; charset=utf-8")
    ),
    Vector("binair met onbekende uitbreiding", DATA, koppen=_binair(ketenid="0198c1de")),
)

RUIM = (
    Vector("zonder sequence", _zonder("sequence")),
    Vector("zonder time", _zonder("time")),
    Vector("zonder subject", _zonder("subject")),
    Vector("zonder partitionkey", _zonder("partitionkey")),
    Vector("sequence op een andere manier", _zet(sequence="7", sequencetype="Integer")),
    Vector("systeemnaam met hoofdletters", _zet(source=f"urn:nld:oin:{OIN}:systeem:BRP-component")),
    Vector("binair zonder inhoudstype", DATA, koppen=_binair()[1:]),
)

ONLEESBAAR = (
    Vector("te groot", _precies(MAX_BYTES + 1), "te-groot"),
    Vector("leeg", b"", "geen-json"),
    Vector("geen JSON", b"<melding/>", "geen-json"),
    Vector("afgebroken JSON", BERICHT[:-1], "geen-json"),
    Vector("rommel erachter", BERICHT + b"}", "geen-json"),
    Vector("NaN", BERICHT.replace(b'"versie":1', b'"versie":NaN'), "geen-json"),
    Vector("binair, geen JSON", b"{", "geen-json", koppen=_binair()),
    Vector("binair, tekst", b"hallo", "geen-json", koppen=_binair(inhoudstype=b"text/plain")),
    Vector("geen object", b"[1]", "geen-cloudevent"),
    Vector("zonder koppen en zonder specversion", DATA, "geen-cloudevent", koppen=()),
    Vector("zonder koppen, geen JSON", b'{"specversion":<', "geen-json", koppen=()),
    Vector(
        "gewone JSON", BERICHT, "geen-cloudevent", koppen=(("content-type", b"application/json"),)
    ),
    Vector("zonder id", _zonder("id"), "geen-cloudevent"),
    Vector("lege id", _zet(id=""), "geen-cloudevent"),
    Vector("id is een getal", _zet(id=7), "geen-cloudevent"),
    Vector("zonder type", _zonder("type"), "geen-cloudevent"),
    Vector("zonder source", _zonder("source"), "geen-cloudevent"),
    Vector("zonder specversion", _zonder("specversion"), "geen-cloudevent"),
    Vector("specversion 2.0", _zet(specversion="2.0"), "geen-cloudevent"),
    Vector("time is geen tijdstip", _zet(time="gisteren"), "geen-cloudevent"),
    Vector("kop is geen UTF-8", DATA, "geen-cloudevent", koppen=(*_binair(), ("ce_x", b"\xff"))),
    Vector(
        "andere organisatie",
        _zet(source=bron_van("0" * 20, "schakel-herstellen")),
        "verkeerde-bron",
    ),
    Vector("ander systeem", _zet(source=bron_van(OIN, "schakel-wijzigen")), "verkeerde-bron"),
    Vector("bron is geen URN", _zet(source="/mycontext"), "verkeerde-bron"),
    Vector("andere sleutel", BERICHT, "verkeerde-sleutel", sleutel=b"iets-anders"),
    Vector("lege sleutel", BERICHT, "verkeerde-sleutel", sleutel=b""),
    Vector("onbekend type", _zet(type="nl.meldingen.verdampt.v1"), "onbekend-type"),
    Vector("type zonder versie", _zet(type="nl.meldingen.aangenomen"), "onbekend-type"),
    Vector("hogere versie", _zet(type="nl.meldingen.aangenomen.v2"), "nieuwere-versie"),
)

STRENGER = (
    Vector(
        "binair, met de koppen erbij te groot",
        DATA,
        "te-groot",
        koppen=_binair(vulling="x" * (MAX_BYTES - len(DATA))),
    ),
    Vector(
        "binair met twee inhoudstypen",
        DATA,
        "geen-cloudevent",
        koppen=_binair(datacontenttype="text/plain"),
    ),
    Vector(
        "ander formaat",
        BERICHT,
        "geen-cloudevent",
        koppen=(("content-type", b"application/cloudevents+avro"),),
    ),
    Vector("geen UTF-8", BERICHT.replace(b"behandelaar", b"behandel\xff\xfe"), "geen-json"),
    Vector("dubbele sleutel", BERICHT[:-1] + b',"id":"nog-een"}', "geen-json"),
    Vector("half surrogaat", BERICHT.replace(b"openbare", b"\\ud800"), "geen-json"),
    Vector("getal zonder einde", BERICHT.replace(b'"versie":1', b'"versie":1e999'), "geen-json"),
    Vector("te diep", _zet_data(x=json.loads("[" * 40 + "]" * 40)), "geen-json"),
    Vector("bodemloos", b"[" * 60_000, "geen-json"),
    Vector("stuurteken", _zet(id="a\u0000b"), "geen-cloudevent"),
    Vector("twee keer dezelfde kop", DATA, "geen-cloudevent", koppen=(*_binair(), ("ce_id", b"2"))),
    Vector(
        "reeks",
        b"[]",
        "geen-cloudevent",
        koppen=(("content-type", b"application/cloudevents-batch+json"),),
    ),
    Vector("zonder data", _zonder("data"), "ongeldige-inhoud"),
    Vector("data is geen object", _zet(data=[]), "ongeldige-inhoud"),
    Vector("veld ontbreekt", _zonder_data("volgnummer"), "ongeldige-inhoud"),
    Vector("getal als tekst", _zet_data(versie="1"), "ongeldige-inhoud"),
    Vector("vrije tekst", _zet_data(dienst="de lamp bij mij is stuk"), "ongeldige-inhoud"),
    Vector("half genest", _zet_data(ouderId=str(WORTEL), n=1), "ongeldige-inhoud"),
    Vector("subject van een ander", _zet(subject=str(WORTEL)[:-1] + "f"), "ongeldige-inhoud"),
    Vector("wortel van een ander", _zet_data(wortelId=str(WORTEL)[:-1] + "f"), "ongeldige-inhoud"),
    Vector(
        "woord van een ander proces",
        _zet(type="nl.meldingen.wijzigen.vrijgegeven.v1"),
        "ongeldige-inhoud",
    ),
    Vector(
        "buiten de kalender", _zet_data(uiterlijk="0001-01-01T00:00:00+14:00"), "ongeldige-inhoud"
    ),
    Vector("time buiten de kalender", _zet(time="0001-01-01T00:00:00+14:00"), "geen-cloudevent"),
)
