"""Reading messages, and several trees at once."""

import msgspec
import pytest
from tests.afleiding.boombouw import Boom, H, U, hernoem

from schakel.afleiding import lees, leid_af
from schakel.afleiding.waarneming import EINDE, FEITEN, LOOP
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.werkstromen import Proces


def test_elke_boom_van_een_verzameling_wordt_apart_afgeleid() -> None:
    een, twee = Boom(H, nummer=1), Boom(U, nummer=2)
    een.wortel.loop().heen_en_weer(U)
    twee.wortel.loop()
    afleidingen = leid_af(map(lees, [*een.berichten, *twee.berichten]))
    assert afleidingen == {str(een.wortel_id): een.af(), str(twee.wortel_id): twee.af()}


def test_varianten_in_twee_bomen_zijn_in_beide_tegenstrijdig() -> None:
    een, twee = Boom(H, nummer=1), Boom(H, nummer=2)
    een.wortel.loop()
    twee.wortel.loop()
    variant = hernoem(twee.berichten[1], id=f"{een.wortel.naam}.2")
    afleidingen = leid_af(map(lees, [*een.berichten, *twee.berichten, variant]))
    for boom in (een, twee):
        af = afleidingen[str(boom.wortel_id)]
        assert "tegenstrijdig" in {a.code for a in af.afwijkingen}
        assert [(g.van, g.tot) for g in af.gaten] == [(2, 2)]


@pytest.mark.parametrize(
    "ruw",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"id":"\xff"}',
        b'{"id":"a","source":"b","type":"c"}',
        b'{"id":"a","source":"b","type":"c","data":{"meldingId":"m"}}',
        b'{"id":"a","source":"b","type":"c","data":{"meldingId":"m","wortelId":"m",'
        b'"proces":"koffie"}}',
        b'{"id":"a","source":"b","type":"c","data":{"meldingId":"m","wortelId":"m",'
        b'"proces":"uitvoeren","versie":0}}',
        b'{"id":"a","source":"b","type":"nl.meldingen.gesloten.v1","data":{"meldingId":"m",'
        b'"wortelId":"m","proces":"uitvoeren","uitkomst":7}}',
    ],
)
def test_wat_geen_bericht_is_wordt_geweigerd_met_een_fout_van_het_lezen(ruw: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        lees(ruw)


def test_elk_feit_dat_de_afleiding_kent_staat_in_het_contract() -> None:
    assert FEITEN | LOOP.keys() | set(EINDE) <= CATALOGUS.keys()


def test_elk_proces_van_het_contract_is_te_lezen() -> None:
    for proces in Proces:
        boom = Boom(proces)
        boom.wortel.neem_aan()
        assert lees(boom.wortel.laatst).data.proces is proces
