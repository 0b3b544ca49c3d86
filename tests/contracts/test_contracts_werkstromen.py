"""The eight follow from the relations, and there are no others."""

import json
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest

from schakel.contracts.werkstromen import (
    NUMMER_VAN_WOORD,
    OVERDRACHT_NAAR,
    PROCES_VAN,
    SOORT_VAN,
    WERKSTROMEN,
    WERKSTROOM,
    Meldingsoort,
    Proces,
    VierFeiten,
    Werkstroom,
    beginnend_met,
    leid_werkstromen_af,
    mag_overdragen,
    werkstroom_bij,
    werkstroom_via,
)

WOORDEN = {1: "AWUWA", 2: "WUW", 3: "HWUWH", 4: "HUH", 5: "U", 6: "VAWUWAV", 7: "VWUWV", 8: "VUV"}
BINNENIN = {1: 2, 2: 5, 3: 2, 4: 5, 6: 1, 7: 2, 8: 5}
RELATIES = [(van, naar) for van, doelen in OVERDRACHT_NAAR.items() for naar in doelen]
VOORBEELDEN = [
    json.loads(regel)
    for regel in (Path(__file__).parents[1] / "voorbeelden" / "meldingen.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]

BEOORDEELD = [geval for geval in VOORBEELDEN if geval["feiten"]]


def _woorden(werkstromen: tuple[Werkstroom, ...]) -> set[str]:
    return {werkstroom.woord for werkstroom in werkstromen}


def test_van_alle_woorden_tot_zeven_letters_zijn_er_precies_acht_een_werkstroom() -> None:
    alle = ["".join(letters) for n in range(1, 8) for letters in product("AWHUV", repeat=n)]
    assert len(alle) == len(set(alle)) == 97_655
    assert {woord for woord in alle if woord in NUMMER_VAN_WOORD} == set(WOORDEN.values())


def test_de_acht_hebben_hun_nummer_en_hun_woord() -> None:
    assert {w.nummer: w.woord for w in WERKSTROMEN} == WOORDEN
    assert {nummer: w.woord for nummer, w in WERKSTROOM.items()} == WOORDEN


def test_elke_weg_terug_is_het_spiegelbeeld_van_de_heenweg() -> None:
    for werkstroom in WERKSTROMEN:
        assert werkstroom.pad == werkstroom.pad[::-1]
        assert werkstroom.pad[: len(werkstroom.heenweg)] == werkstroom.heenweg
        assert all(mag_overdragen(*stap) for stap in pairwise(werkstroom.heenweg))


def test_elke_werkstroom_behalve_vijf_is_een_proces_om_een_kleinere_heen() -> None:
    for buiten, binnen in BINNENIN.items():
        letter = WOORDEN[buiten][0]
        assert WERKSTROOM[buiten].woord == f"{letter}{WERKSTROOM[binnen].woord}{letter}"


@pytest.mark.parametrize(("van", "naar"), RELATIES)
def test_zonder_een_van_de_relaties_komen_er_andere_werkstromen_uit(
    van: Proces, naar: Proces
) -> None:
    minder = {
        proces: tuple(doel for doel in doelen if (proces, doel) != (van, naar))
        for proces, doelen in OVERDRACHT_NAAR.items()
    }
    assert _woorden(leid_werkstromen_af(minder)) != set(WOORDEN.values())


def test_er_zijn_zeven_relaties() -> None:
    assert len(RELATIES) == 7


def test_zonder_herstellen_naar_wijzigen_verdwijnt_alleen_werkstroom_drie() -> None:
    minder = {**OVERDRACHT_NAAR, Proces.HERSTELLEN: (Proces.UITVOEREN,)}
    assert _woorden(leid_werkstromen_af(minder)) == set(WOORDEN.values()) - {"HWUWH"}


def test_met_een_relatie_erbij_komen_er_werkstromen_bij() -> None:
    meer = {**OVERDRACHT_NAAR, Proces.WIJZIGEN: (Proces.AFSPREKEN, Proces.UITVOEREN)}
    with pytest.raises(RecursionError):  # afspreken <-> wijzigen: no way ends any more
        leid_werkstromen_af(meer)
    meer = {**OVERDRACHT_NAAR, Proces.AFSPREKEN: (Proces.WIJZIGEN, Proces.UITVOEREN)}
    erbij = _woorden(leid_werkstromen_af(meer)) - set(WOORDEN.values())
    assert erbij == {"AUA", "VAUAV"}


def test_elk_proces_kent_precies_een_soort_melding() -> None:
    assert {*SOORT_VAN} == {*Proces}
    assert {*PROCES_VAN} == {*Meldingsoort}
    assert all(PROCES_VAN[SOORT_VAN[proces]] is proces for proces in Proces)
    assert {proces.letter for proces in Proces} == {*"AWHUV"}


# proactief, afwijking, binnen afspraken, raakt infrastructuur -> number (domain, section 2)
FEITENTABEL = {
    (False, False, False, False): 1,
    (False, False, False, True): 1,
    (False, False, True, False): 5,
    (False, False, True, True): 2,
    (False, True, False, False): 4,
    (False, True, False, True): 3,
    (False, True, True, False): 4,
    (False, True, True, True): 3,
    (True, False, False, False): 6,
    (True, False, False, True): 6,
    (True, False, True, False): 8,
    (True, False, True, True): 7,
    (True, True, False, False): 6,
    (True, True, False, True): 6,
    (True, True, True, False): 8,
    (True, True, True, True): 7,
}


def test_de_vier_feiten_wijzen_in_alle_zestien_gevallen_de_werkstroom_aan() -> None:
    gevonden = {
        feiten: werkstroom_bij(VierFeiten(*feiten)).nummer
        for feiten in product((False, True), repeat=4)
    }
    assert gevonden == FEITENTABEL


@pytest.mark.parametrize("geval", BEOORDEELD, ids=lambda geval: geval["id"])
def test_elke_voorbeeldmelding_krijgt_het_verwachte_nummer(geval: dict[str, Any]) -> None:
    werkstroom = werkstroom_bij(VierFeiten(**geval["feiten"]))
    assert werkstroom.nummer == geval["werkstroom"]
    assert werkstroom.meldingsoort == geval["meldingsoort"]


def test_zonder_feiten_is_er_geen_nummer() -> None:
    onbeoordeeld = [geval for geval in VOORBEELDEN if not geval["feiten"]]
    assert [geval["id"] for geval in onbeoordeeld] == ["T-02", "T-19"]
    assert not any(geval["werkstroom"] for geval in onbeoordeeld)


def test_een_melding_zonder_bijzonderheden_loopt_het_pad_van_haar_werkstroom() -> None:
    gewone = [geval for geval in VOORBEELDEN if not geval["lastig"]]
    assert {geval["werkstroom"] for geval in gewone} == {*WERKSTROOM}
    for geval in gewone:
        assert WERKSTROOM[geval["werkstroom"]].pad == tuple(geval["pad"])


@pytest.mark.parametrize(
    ("eerste", "naar"),
    [
        (Proces.UITVOEREN, Proces.WIJZIGEN),
        (Proces.HERSTELLEN, Proces.AFSPREKEN),
        (Proces.WIJZIGEN, Proces.AFSPREKEN),
        (Proces.HERSTELLEN, None),
    ],
)
def test_een_verboden_overdracht_bepaalt_geen_werkstroom(
    eerste: Proces, naar: Proces | None
) -> None:
    with pytest.raises(LookupError):
        werkstroom_via(eerste, naar)


def test_een_overdracht_bepaalt_welke_werkstroom_het_wordt() -> None:
    assert werkstroom_via(Proces.HERSTELLEN, Proces.UITVOEREN).nummer == 4
    assert werkstroom_via(Proces.VERBETEREN, Proces.AFSPREKEN).nummer == 6
    assert werkstroom_via(Proces.UITVOEREN, None).nummer == 5
    assert [w.nummer for w in beginnend_met(Proces.VERBETEREN)] == [6, 7, 8]
