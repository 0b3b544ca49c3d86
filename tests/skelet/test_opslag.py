"""What is stored stays readable for ever: frozen names, golden files, one register per process."""

from pathlib import Path

import msgspec
import pytest
from eventsourcing.persistence import StoredEvent
from tests.skelet.soorten import OMSCHRIJVING
from tests.skelet.voorbeelden import (
    GOUD,
    MELDING_ID,
    OP,
    WORTEL_ID,
    bestand_van,
    leg_vast,
    soort_per_naam,
    voorbeeld,
)

from schakel.contracts.werkstromen import Proces
from schakel.kern.vastlegging.gebeurtenis import (
    Deelwerk,
    OnbekendeGebeurtenis,
    Plaats,
    Register,
)
from schakel.skelet.melding import GEMEEN
from schakel.skelet.stappen.begin import Verhelderd

NAMEN = sorted(soort_per_naam())
OPSLAGNAMEN = Path(__file__).parents[1] / "architectuur" / "opslagnamen.txt"


def opgeslagen(naam: str) -> StoredEvent:
    """An event as it was once stored."""
    return StoredEvent(MELDING_ID, 7, naam, bestand_van(naam).read_bytes().rstrip(b"\n"))


def test_opslagnamen_zijn_die_van_de_bevroren_lijst() -> None:
    """A name may be added at will, but never be changed or taken away."""
    assert OPSLAGNAMEN.read_text().split() == NAMEN


@pytest.mark.parametrize("proces", Proces)
def test_een_opslagnaam_noemt_zijn_proces_of_is_van_allen(proces: Proces) -> None:
    eigen = [s for s in OMSCHRIJVING[proces].gebeurtenissen if s not in GEMEEN]
    assert eigen
    assert all(s.NAAM.startswith(f"{proces}/") for s in eigen)
    assert all(s.NAAM.startswith("melding/") for s in GEMEEN)
    assert set(GEMEEN) <= {*OMSCHRIJVING[proces].gebeurtenissen}


def test_elke_opslagnaam_heeft_een_gouden_bestand_en_omgekeerd() -> None:
    assert sorted(p.name for p in GOUD.iterdir()) == sorted(bestand_van(n).name for n in NAMEN)


@pytest.mark.parametrize("naam", NAMEN)
def test_wat_ooit_is_opgeslagen_blijft_leesbaar(naam: str) -> None:
    soort = soort_per_naam()[naam]
    gelezen = Register([soort]).lees(opgeslagen(naam))
    verwacht = leg_vast(gelezen.gebeurtenis)
    assert gelezen == verwacht
    ruw = msgspec.json.decode(opgeslagen(naam).state)["feit"]
    nu = msgspec.json.decode(msgspec.json.encode(gelezen.gebeurtenis))
    assert {veld: nu[veld] for veld in ruw} == ruw
    assert {type(getattr(gelezen.gebeurtenis, veld)) for veld in ruw} == {
        type(getattr(voorbeeld(soort), veld)) for veld in ruw
    }


@pytest.mark.parametrize("naam", NAMEN)
@pytest.mark.parametrize("vol", [True, False])
def test_een_gebeurtenis_komt_uit_de_opslag_zoals_ze_erin_ging(naam: str, vol: bool) -> None:
    soort = soort_per_naam()[naam]
    register = Register([soort])
    feit = voorbeeld(soort, vol=vol)
    erin = register.leg_weg(leg_vast(feit))
    assert register.lees(erin).gebeurtenis == feit
    assert register.leg_weg(register.lees(erin)) == erin


def test_een_proces_leest_niet_wat_een_ander_proces_opslaat() -> None:
    register = Register(OMSCHRIJVING[Proces.HERSTELLEN].gebeurtenissen)
    with pytest.raises(OnbekendeGebeurtenis):
        register.lees(opgeslagen("uitvoeren/aanvraag.uitgevoerd"))


def test_tijd_blijft_op_de_microseconde_gelijk() -> None:
    naam = "melding/tevredenheid-gevraagd"
    gelezen = Register([soort_per_naam()[naam]]).lees(opgeslagen(naam))
    assert gelezen.op == OP
    assert gelezen.op.utcoffset() == OP.utcoffset()


def test_waar_een_melding_deel_van_is_wordt_zo_bewaard_en_altijd_gelezen() -> None:
    """These bytes are stored for ever."""
    staat = (
        b'{"op":"2026-01-02T03:04:05.678901Z","door":{"wie":"schakel","rol":"systeem"},'
        b'"boom":"0190a000-0000-7000-8000-000000000002","feit":{},'
        b'"deel":{"schakel":"0190a000-0000-7000-8000-000000000001",'
        b'"organisatie":"00000099000000002000","soort":"herstellen","n":1,"ronde":2}}'
    )
    register = Register((Verhelderd,))
    gelezen = register.lees(StoredEvent(MELDING_ID, 7, Verhelderd.NAAM, staat))
    assert gelezen.plaats == Plaats(
        MELDING_ID,
        deel=Deelwerk(WORTEL_ID, "00000099000000002000", Proces.HERSTELLEN.value, 1, 2),
    )
    assert register.leg_weg(gelezen).state == staat
