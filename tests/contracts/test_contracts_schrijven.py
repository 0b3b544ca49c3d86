"""Writing: one byte string per message, each attribute by the rules of the profile, or nothing."""

import json
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import StringConstraints, ValidationError
from tests.contracts.strategie import RUSTIG, feiten, tijdstippen
from tests.contracts.vectoren import BERICHT, BRON, FEIT
from tests.contracts.voorbeelden import SPOOR, TIJDSTIP, WORTEL

from schakel.contracts.cloudevents import MAX_BYTES
from schakel.contracts.envelop import (
    CONTENT_TYPE,
    Envelop,
    bron_van,
    feit_uit,
    lees,
    oin_van,
    verpak,
)
from schakel.contracts.feit import Door, Feit
from schakel.contracts.organisatie import OIN
from schakel.contracts.werkstromen import Proces

ATTRIBUTEN = [
    "specversion",
    "id",
    "source",
    "type",
    "subject",
    "time",
    "datacontenttype",
    "sequence",
    "partitionkey",
    "traceparent",
    "data",
]
BRONNEN = st.builds(
    bron_van,
    st.from_regex(OIN, fullmatch=True),
    st.from_regex("[a-z0-9-]{1,40}", fullmatch=True),
)
SPOREN = st.none() | st.from_regex("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", fullmatch=True)


def _verpak(**anders: Any) -> bytes:
    return verpak(**{"feit": FEIT, "bron": BRON, "volgnummer": 1, "tijdstip": TIJDSTIP, **anders})


def als_data(feit: Feit) -> dict[str, Any]:
    """What a reader finds in the message."""
    return dict(json.loads(feit.in_json()))


@RUSTIG
@given(feiten(), BRONNEN, st.integers(1, 10**20 - 1), tijdstippen(), SPOREN)
def test_wat_geschreven_is_voldoet_aan_het_profiel_en_leest_terug_als_hetzelfde(
    feit: Feit, bron: str, volgnummer: int, tijdstip: datetime, spoor: str | None
) -> None:
    bericht = verpak(feit, bron=bron, volgnummer=volgnummer, tijdstip=tijdstip, traceparent=spoor)
    envelop = Envelop.model_validate_json(bericht)
    assert envelop.model_dump_json(exclude_none=True).encode() == bericht

    gelezen = lees(
        {"Content-Type": CONTENT_TYPE}, bericht, str(feit.wortel_id).encode(), verwachte_bron=bron
    )
    assert feit_uit(gelezen) == feit
    assert gelezen.id == f"{feit.melding_id}.{feit.versie}"
    assert gelezen.volgnummer == volgnummer
    assert gelezen.time == tijdstip
    assert gelezen.traceparent == spoor
    assert not gelezen.uitbreidingen


@RUSTIG
@given(feiten(), tijdstippen())
def test_dezelfde_invoer_geeft_dezelfde_bytes(feit: Feit, tijdstip: datetime) -> None:
    nog_eens = type(feit).model_validate_json(feit.in_json())
    elders = tijdstip.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert _verpak(feit=feit, tijdstip=tijdstip) == _verpak(feit=nog_eens, tijdstip=elders)


def test_de_attributen_staan_in_vaste_volgorde_zonder_witruimte() -> None:
    assert [*json.loads(BERICHT)] == ATTRIBUTEN
    assert json.dumps(json.loads(BERICHT), separators=(",", ":")).encode() == BERICHT


def test_elke_attribuutnaam_is_kleine_letters_en_hoogstens_twintig() -> None:
    for naam in Envelop.model_fields:
        assert naam.isascii()
        assert naam.isalpha()
        assert naam.islower()
        assert len(naam) <= 20


def test_het_tijdstip_is_utc_met_een_z() -> None:
    amsterdam = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    assert json.loads(_verpak(tijdstip=amsterdam))["time"] == "2026-07-01T10:00:00.000000Z"


@pytest.mark.parametrize(
    "anders",
    [
        {"bron": "urn:nld:oin:123:systeem:schakel-herstellen"},
        {"bron": f"{BRON}\n"},
        {"bron": f'{BRON}","data":"'},
        {"bron": "urn:nld:oin:00000099000000001000:systeem:Schakel"},
        {"volgnummer": 0},
        {"volgnummer": -1},
        {"volgnummer": 10**20},
        {"tijdstip": datetime(2026, 1, 1)},  # noqa: DTZ001 - naive is what is refused
        {"traceparent": "00-zz"},
        {"traceparent": f'{SPOOR}"'},
    ],
)
def test_een_slecht_attribuut_wordt_niet_geschreven(anders: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(anders))):
        _verpak(**anders)


class _Lang(Feit):
    type: ClassVar[str] = "nl.meldingen.lang.v1"
    vulling: Annotated[str, StringConstraints(pattern="^x*$")]


def _lang(lengte: int) -> Feit:
    return _Lang(**FEIT.model_dump(include={*Feit.model_fields}), vulling="x" * lengte)


def test_een_bericht_is_hoogstens_64_kb() -> None:
    ruimte = MAX_BYTES - len(_verpak(feit=_lang(0)))
    assert len(_verpak(feit=_lang(ruimte))) == MAX_BYTES
    with pytest.raises(ValueError, match="65537 bytes; hoogstens 65536"):
        _verpak(feit=_lang(ruimte + 1))


def test_de_bron_noemt_organisatie_en_systeem() -> None:
    bron = bron_van("00000099000000001000", "schakel-uitvoeren")
    assert bron == "urn:nld:oin:00000099000000001000:systeem:schakel-uitvoeren"
    assert oin_van(bron) == "00000099000000001000"
    for oin, systeem in (("12", "x"), ("0" * 20, ""), ("0" * 20, "a b"), ("٣" * 20, "x")):
        with pytest.raises(ValueError, match="bron"):
            bron_van(oin, systeem)
    with pytest.raises(ValueError, match="geen OIN"):
        oin_van("/mycontext")


@pytest.mark.parametrize(
    ("attribuut", "waarde"),
    [
        ("id", "iets"),
        ("source", "urn:nld:oin:1:systeem:x"),
        ("type", "nl.meldingen.aangenomen"),
        ("type", "org.example.aangenomen.v1"),
        ("subject", "999990342"),
        ("time", "2026-11-21T10:15:30+01:00"),
        ("time", "2026-13-21T10:15:30.000000Z"),
        ("time", "2026-11-21T10:15:30.1234567Z"),
        ("datacontenttype", "text/plain"),
        ("sequence", "7"),
        ("partitionkey", "x"),
        ("specversion", "0.3"),
        ("data", []),
        ("sequencetype", "Integer"),
        ("dataschema", "https://voorbeeld.nl/schema.json"),
    ],
)
def test_de_envelop_keurt_af_wat_wij_niet_schrijven(attribuut: str, waarde: Any) -> None:
    Envelop.model_validate_json(BERICHT)
    with pytest.raises(ValidationError, match=attribuut):
        Envelop.model_validate_json(json.dumps({**json.loads(BERICHT), attribuut: waarde}))


def test_tijdstippen_in_de_data_staan_in_utc() -> None:
    tijd = datetime(2026, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=1)))
    feit = FEIT.model_validate({**als_data(FEIT), "uiterlijk": tijd.isoformat()})
    assert als_data(feit)["uiterlijk"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("veld", ["ouder_id", "ouder_proces", "n", "ronde"])
def test_een_geneste_melding_noemt_haar_hele_plaats_of_niets(veld: str) -> None:
    plaats = {"ouder_id": WORTEL, "ouder_proces": Proces.WIJZIGEN, "n": 1, "ronde": 2}
    eigen = FEIT.model_dump(include={"melding_id", "wortel_id", "proces", "versie"})
    eigen["door"] = Door(wie="m-1", rol="behandelaar")
    assert als_data(Feit(**eigen, **plaats))["ronde"] == 2
    assert not {"ouderId", "ouderProces", "n", "ronde"} & als_data(Feit(**eigen)).keys()
    del plaats[veld]
    with pytest.raises(ValidationError, match="alle vier of geen"):
        Feit(**eigen, **plaats)


def test_een_feit_in_de_laatste_minuten_van_de_kalender_blijft_een_gewone_weigering() -> None:
    eind = datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-timedelta(hours=5)))
    with pytest.raises(ValidationError, match="buiten de kalender"):
        FEIT.model_validate({**als_data(FEIT), "uiterlijk": eind})
