"""The fast reader of the inbox against the reader of the contracts: they say the same."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.contracts.vectoren import (
    BERICHT,
    BRON,
    DATA,
    FEIT,
    GESTRUCTUREERD,
    GOED,
    ONLEESBAAR,
    RUIM,
    SLEUTEL,
    STRENGER,
    Koppen,
    Vector,
)

from schakel.contracts import envelop
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.kern.bus.bericht import Bericht, Record, lees_bericht

TYPEN = frozenset(CATALOGUS)
OMSLAG = {k: w for k, w in json.loads(BERICHT).items() if k != "data"}
BINAIR: Koppen = (
    ("content-type", b"application/json"),
    *((f"ce_{k}", w.encode()) for k, w in OMSLAG.items() if k != "datacontenttype"),
)


def lees(body: bytes, koppen: Koppen, sleutel: bytes | None) -> Bericht:
    return lees_bericht(Record(1, sleutel, koppen, body), BRON, TYPEN)


def lees_contract(body: bytes, koppen: Koppen, sleutel: bytes | None) -> envelop.Ontvangen:
    """The reader of the contracts, as far as the envelope goes, and whether the type is known."""
    bericht = envelop.lees(koppen, body, sleutel, verwachte_bron=BRON)
    if bericht.type not in TYPEN:
        envelop.feit_uit(bericht)
    return bericht


def oordeel(lezer: Callable[..., Any], *bericht: Any) -> Any:
    """What it says, or the code of why not."""
    try:
        gelezen = lezer(*bericht)
    except OnleesbaarBericht as fout:
        return fout.code
    kenmerken = ("id", "source", "type", "subject", "partitionkey", "time", "sequence")
    return {naam: getattr(gelezen, naam) for naam in kenmerken}


def _naam(vector: Vector) -> str:
    return vector.naam


@pytest.mark.parametrize("vector", GOED, ids=_naam)
def test_beide_lezers_lezen_hetzelfde(vector: Vector) -> None:
    bericht = lees(vector.body, vector.koppen, vector.sleutel)
    ontvangen = envelop.lees(vector.koppen, vector.body, vector.sleutel, verwachte_bron=BRON)
    assert oordeel(lambda: bericht) == oordeel(lambda: ontvangen)
    assert envelop.feit_van(bericht.type, bytes(bericht.data)) == FEIT


@pytest.mark.parametrize("vector", ONLEESBAAR, ids=_naam)
def test_beide_lezers_weigeren_om_dezelfde_reden(vector: Vector) -> None:
    assert oordeel(lees, vector.body, vector.koppen, vector.sleutel) == vector.code


@pytest.mark.parametrize("vector", RUIM, ids=_naam)
def test_wat_alleen_aan_de_deur_mag_wordt_hier_gelezen_of_geparkeerd(vector: Vector) -> None:
    uitkomst = oordeel(lees, vector.body, vector.koppen, vector.sleutel)
    assert isinstance(uitkomst, dict) or uitkomst in {
        Leesfout.GEEN_CLOUDEVENT,
        Leesfout.VERKEERDE_BRON,
    }


@pytest.mark.parametrize("vector", STRENGER, ids=_naam)
def test_wat_de_inhoud_betreft_laat_de_snelle_lezer_nooit_struikelen(vector: Vector) -> None:
    uitkomst = oordeel(lees, vector.body, vector.koppen, vector.sleutel)
    assert isinstance(uitkomst, dict | Leesfout)


_VREEMD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            "1.0",
            "0.3",
            "a\0b",
            "a\n",
            "\x7f",
            "x" * 201,
            str(SLEUTEL, "ascii"),
            BRON,
            *sorted(TYPEN),
        ]
    ),
    st.lists(st.integers(), max_size=2),
)
_WIJZIGING = st.tuples(st.sampled_from([*OMSLAG, "data", "traceparent", "eigen"]), _VREEMD)


def _gestructureerd(wijzigingen: list[tuple[str, Any]], weg: set[str]) -> tuple[bytes, Koppen]:
    omslag = {k: w for k, w in json.loads(BERICHT).items() if k not in weg}
    return json.dumps(omslag | dict(wijzigingen)).encode(), GESTRUCTUREERD


def _binair(wijzigingen: list[tuple[str, Any]], weg: set[str]) -> tuple[bytes, Koppen]:
    anders = {f"ce_{k}": str(w).encode() for k, w in wijzigingen if k in OMSLAG}
    koppen = {k: w for k, w in BINAIR if k[3:] not in weg} | anders
    return DATA, tuple(koppen.items())


RUIMER = ("subject", "partitionkey", "time")
"""The door may do without these; the inbox of our own bus does not."""

STRENGER_IN_DE_INHOUD = {Leesfout.GEEN_JSON, Leesfout.ONGELDIGE_INHOUD}


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([_gestructureerd, _binair]),
    st.lists(_WIJZIGING, max_size=2),
    st.sets(st.sampled_from(sorted(OMSLAG)), max_size=1),
    st.sampled_from([SLEUTEL, None, b"anders"]),
)
@example(_gestructureerd, [("time", "2026-01-02T03:04:05")], set(), SLEUTEL)
@example(_gestructureerd, [("datacontenttype", "text/plain")], set(), SLEUTEL)
@example(_gestructureerd, [("sequence", 7)], set(), SLEUTEL)
@example(_gestructureerd, [("type", "a\0b")], set(), SLEUTEL)
def test_een_gewijzigde_omslag_krijgt_van_beide_hetzelfde_oordeel(
    vorm: Callable[..., tuple[bytes, Koppen]],
    wijzigingen: list[tuple[str, Any]],
    weg: set[str],
    sleutel: bytes | None,
) -> None:
    body, koppen = vorm(wijzigingen, weg)
    hier = oordeel(lees, body, koppen, sleutel)
    daar = oordeel(lees_contract, body, koppen, sleutel)
    is_te_lang = any(len(str(waarde)) > 200 for _, waarde in wijzigingen)
    if isinstance(hier, dict):
        assert daar == hier or daar in STRENGER_IN_DE_INHOUD | {_om_uitbreiding(wijzigingen)}
    elif isinstance(daar, dict):
        assert is_te_lang or any(daar[naam] is None for naam in RUIMER), (hier, daar)
    elif len(wijzigingen) + len(weg) + (sleutel == b"anders") == 1:
        assert is_te_lang or hier == daar


def _om_uitbreiding(wijzigingen: list[tuple[str, Any]]) -> Leesfout | None:
    """The fast reader does not look at what it does not know."""
    return Leesfout.GEEN_CLOUDEVENT if "eigen" in dict(wijzigingen) else None


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(BERICHT)), st.integers(0, len(BERICHT)), st.binary(max_size=4))
def test_verminkte_bytes_worden_gelezen_of_geweigerd_nooit_een_andere_fout(
    van: int, tot: int, ertussen: bytes
) -> None:
    body = BERICHT[: min(van, tot)] + ertussen + BERICHT[max(van, tot) :]
    hier = oordeel(lees, body, GESTRUCTUREERD, SLEUTEL)
    daar = oordeel(lees_contract, body, GESTRUCTUREERD, SLEUTEL)
    if isinstance(daar, dict) and all(daar[naam] is not None for naam in RUIMER):
        assert isinstance(hier, dict), hier
        # Of more than six decimals one rounds and the other cuts off.
        assert abs(hier.pop("time") - daar.pop("time")) <= timedelta(microseconds=1)
        assert hier == daar


@pytest.mark.parametrize("teken", ["\0", "\n", "\x1f", "\x7f", "\x85", "\x9f"])
@pytest.mark.parametrize("naam", sorted({*OMSLAG, "traceparent"} - {"specversion", "time"}))
def test_in_geen_kenmerk_mag_een_stuurteken(naam: str, teken: str) -> None:
    body, koppen = _gestructureerd([(naam, f"a{teken}b")], set())
    with pytest.raises(OnleesbaarBericht, match=f"het veld {naam} klopt niet") as fout:
        lees(body, koppen, None)
    assert fout.value.code is Leesfout.GEEN_CLOUDEVENT


def test_wat_niet_te_drukken_is_maar_geen_stuurteken_mag() -> None:
    body, koppen = _gestructureerd([("id", "a\u00a0\u200bb"), ("traceparent", "\u2028")], set())
    assert lees(body, koppen, SLEUTEL).id == "a\u00a0\u200bb"


def test_een_uitleg_herhaalt_niet_wat_er_stond() -> None:
    for vector in (*ONLEESBAAR, Vector("naam", BERICHT.replace(b'"id":', b'"id":7,"x":'))):
        body = vector.body.replace(b"openbare", b"kanarievogel")
        with pytest.raises(OnleesbaarBericht) as fout:
            lees(body, vector.koppen, vector.sleutel)
        assert "kanarie" not in fout.value.uitleg


class _Deel(msgspec.Struct):
    n: int


@pytest.mark.parametrize("getal", ["3", "3.0", "30e-1"])
def test_een_heel_getal_mag_op_elke_manier_zijn_geschreven(getal: str) -> None:
    bericht = lees(
        json.dumps(OMSLAG)[:-1].encode() + f',"data":{{"n":{getal}}}}}'.encode(),
        GESTRUCTUREERD,
        SLEUTEL,
    )
    assert bericht.lees(_Deel).n == 3
    for ander in ("3.5", '"3"', "null"):
        bericht = msgspec.structs.replace(bericht, data=msgspec.Raw(f'{{"n":{ander}}}'.encode()))
        with pytest.raises(OnleesbaarBericht):
            bericht.lees(_Deel)
