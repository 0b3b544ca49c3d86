"""What is said in the house of work that crosses: who may say it, and which melding it becomes."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schakel.contracts.catalogus import (
    CATALOGUS,
    PLAATSVERVANGEND,
    VAN_GRENS,
    berichten_van,
)
from schakel.contracts.deelproces import GEGEVEN, INGEKOMEN, melding_voor
from schakel.contracts.topics import (
    GRENS,
    is_ingevoerd,
    is_van_grens,
    mag_zeggen,
    processen_van,
    topics_van,
)
from schakel.contracts.werkstromen import Proces

A, B = "00000099000000001000", "00000099000000002000"
PROCESSEN = processen_van(A)
GRENSBRON = f"urn:nld:oin:{A}:systeem:schakel-grens"
OINS = st.from_regex(r"[0-9]{20}", fullmatch=True)


def test_de_grens_heeft_een_eigen_topic_en_is_de_enige_die_daar_schrijft() -> None:
    topics = topics_van(A)
    assert len(topics) == len(Proces) + 1
    assert topics[f"schakel.{A}.{GRENS}.v1"] == GRENSBRON
    assert GRENSBRON not in PROCESSEN
    assert is_van_grens(GRENSBRON)
    assert not is_ingevoerd(GRENSBRON)
    assert not any(map(is_van_grens, PROCESSEN))


@pytest.mark.parametrize("type_", CATALOGUS)
def test_wie_wat_mag_zeggen(type_: str) -> None:
    soort = CATALOGUS[type_]
    for proces in Proces:
        assert mag_zeggen(GRENSBRON, type_, proces, PROCESSEN) == (soort in VAN_GRENS)
        for bron, eigen in PROCESSEN.items():
            mag = eigen is proces and soort not in INGEKOMEN
            assert mag_zeggen(bron, type_, proces, PROCESSEN) == mag
        for vreemd in (f"urn:nld:oin:{B}:systeem:schakel-{proces}", f"{GRENSBRON}x", ""):
            assert not mag_zeggen(vreemd, type_, proces, PROCESSEN)


def test_wat_de_grens_zegt_is_een_gesloten_lijst() -> None:
    zegt = {soort.type.removeprefix("nl.meldingen.") for soort in PLAATSVERVANGEND}
    assert zegt == {
        "aangenomen.v1",
        "opgeschort.v1",
        "afgewezen.v1",
        "gereedgemeld.v1",
        "voltooid.v1",
        "gesloten.v1",
    }
    assert {*VAN_GRENS} == {*PLAATSVERVANGEND, *INGEKOMEN}
    for proces in Proces:
        assert {*GEGEVEN} <= {*berichten_van(proces)}
        assert not {*INGEKOMEN} & {*berichten_van(proces)}


def test_het_id_van_een_melding_volgt_uit_de_schakel_en_beide_organisaties() -> None:
    schakel = UUID("0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d10")
    melding = melding_voor(schakel, A, B)
    assert str(melding) == "0198c1de-7b1a-71f0-ae70-74a64d9d7f2f"
    assert (melding.version, melding.int >> 80) == (7, schakel.int >> 80)
    assert len({melding, melding_voor(schakel, B, A), schakel}) == 3


@given(st.uuids(), OINS, OINS)
def test_elk_zo_gemaakt_id_is_een_uuid_zoals_een_dienst_ze_trekt(
    schakel: UUID, eigen: str, partner: str
) -> None:
    melding = melding_voor(schakel, eigen, partner)
    assert melding == melding_voor(schakel, eigen, partner)
    assert (melding.version, melding.variant) == (7, "specified in RFC 4122")
    assert melding.int >> 80 == schakel.int >> 80
