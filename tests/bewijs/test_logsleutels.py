"""The keys of a log: valid by position, and what a list of keys may not say."""

import pytest

from schakel.bewijs import (
    COSIGNATURE,
    BewijsFout,
    Logsleutels,
    Ondertekenaar,
    Sleutel,
    keur_logsleutel,
)

LOG = "schakel/00000099000000001000/00000099000000002000"
ANDER = "schakel/00000099000000002000/00000099000000001000"
EEN, TWEE, DRIE = (Ondertekenaar(LOG, bytes([n]) * 32).sleutel for n in (1, 2, 3))
BEGIN = Logsleutels.begin(LOG, EEN.vkey)


def wijzig(
    lijst: Logsleutels,
    index: int,
    volgnummer: int,
    erbij: tuple[Sleutel, ...] = (),
    eraf: tuple[Sleutel, ...] = (),
    logboek: str = LOG,
) -> Logsleutels:
    return lijst.met(
        index,
        logboek=logboek,
        volgnummer=volgnummer,
        erbij=[een.vkey for een in erbij],
        eraf=[een.vkey for een in eraf],
    )


def geldig(lijst: Logsleutels, tot: int) -> list[tuple[Sleutel, ...]]:
    return [lijst.geldig(omvang) for omvang in range(tot)]


def test_de_eerste_sleutel_geldt_vanaf_het_begin() -> None:
    assert geldig(BEGIN, 3) == [(EEN,)] * 3


def test_een_sleutel_geldt_vanaf_de_omvang_na_zijn_blad() -> None:
    assert geldig(wijzig(BEGIN, 2, 1, erbij=(TWEE,)), 5) == [
        *[(EEN,)] * 3,
        *[(EEN, TWEE)] * 2,
    ]


def test_een_ingetrokken_sleutel_geldt_tot_en_met_de_omvang_voor_zijn_blad() -> None:
    """The page that holds the revocation is signed by another."""
    na = wijzig(BEGIN, 2, 1, erbij=(TWEE,), eraf=(EEN,))
    assert geldig(na, 5) == [*[(EEN,)] * 3, *[(TWEE,)] * 2]
    assert na.niet_ingetrokken == (TWEE,)
    assert na.voor_ontvangst == (TWEE.voor(COSIGNATURE),)


def test_een_lijst_verandert_niet_door_wat_er_op_volgt() -> None:
    wijzig(BEGIN, 2, 1, erbij=(TWEE,), eraf=(EEN,))
    assert geldig(BEGIN, 5) == [(EEN,)] * 5


def test_het_volgnummer_stijgt_met_of_zonder_gaten() -> None:
    na = wijzig(wijzig(BEGIN, 2, 7, erbij=(TWEE,)), 3, 9, eraf=(EEN,))
    for volgnummer in (1, 8, 9):
        with pytest.raises(BewijsFout, match="stijgt"):
            wijzig(na, 4, volgnummer, erbij=(DRIE,))
    assert wijzig(na, 4, 10, erbij=(DRIE,)).niet_ingetrokken == (TWEE, DRIE)


def test_een_sleutel_die_er_ooit_stond_komt_niet_terug() -> None:
    na = wijzig(BEGIN, 2, 1, erbij=(TWEE,), eraf=(EEN,))
    for erbij in ((EEN,), (TWEE,), (DRIE, DRIE)):
        with pytest.raises(BewijsFout, match="komt niet terug"):
            wijzig(na, 3, 2, erbij=erbij)


def test_alleen_wat_er_staat_gaat_eraf() -> None:
    na = wijzig(BEGIN, 2, 1, erbij=(TWEE,), eraf=(EEN,))
    for erbij, eraf in (((), (EEN,)), ((DRIE,), (DRIE,)), ((DRIE,), (TWEE, TWEE))):
        with pytest.raises(BewijsFout, match="gaat eraf"):
            wijzig(na, 3, 2, erbij=erbij, eraf=eraf)


def test_er_blijft_een_sleutel_over() -> None:
    with pytest.raises(BewijsFout, match="blijft minstens een"):
        wijzig(BEGIN, 2, 1, eraf=(EEN,))


def test_een_lijst_volgt_het_logboek_op_volgorde() -> None:
    na = wijzig(BEGIN, 2, 1, erbij=(TWEE,))
    for index in (0, 2):
        with pytest.raises(BewijsFout, match="op volgorde"):
            wijzig(na, index, 2, eraf=(EEN,))


def test_een_lijst_van_een_ander_logboek_telt_niet() -> None:
    with pytest.raises(BewijsFout, match="ander logboek"):
        wijzig(BEGIN, 2, 1, erbij=(TWEE,), logboek=ANDER)


def test_een_lijst_is_te_bewaren() -> None:
    lijst = wijzig(BEGIN, 2, 7, erbij=(TWEE,), eraf=(EEN,))
    assert Logsleutels.uit_rij(BEGIN.rij) == BEGIN
    assert Logsleutels.uit_rij(lijst.rij) == lijst


def test_een_logsleutel_tekent_onder_de_naam_van_zijn_logboek() -> None:
    assert keur_logsleutel(EEN.vkey, LOG) == EEN
    vreemd = Ondertekenaar(ANDER, b"x" * 32).sleutel
    for vkey in (vreemd.vkey, EEN.voor(COSIGNATURE).vkey, "x"):
        with pytest.raises(BewijsFout) as fout:
            keur_logsleutel(vkey, LOG)
        assert fout.value.code == "sleutel"
        with pytest.raises(BewijsFout):
            Logsleutels.begin(LOG, vkey)
    with pytest.raises(BewijsFout):
        wijzig(BEGIN, 2, 1, erbij=(vreemd,))
