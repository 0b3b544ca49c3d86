"""Domain, section 6.10: the examples, trees that fit together, and versions of the rules."""

from uuid import UUID

import msgspec
import pytest
from tests.afleiding.boombouw import (
    OIN,
    PARTNER,
    A,
    Boom,
    H,
    Melding,
    U,
    V,
    W,
    als_json,
    leid,
    letters,
)
from tests.afleiding.schakelbomen import C, samen, spreek

from schakel.afleiding import (
    REGELS,
    REGELVERSIE,
    Afleiding,
    lees,
    leid_boom_af,
    leid_ruwe_boom_af,
    stel_samen,
)
from schakel.contracts import deelproces as d
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.feit import DeelVan
from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces

# The examples: werkstroom 1, 3, 6 and 7 with wijzigen elsewhere, and a chain of three


def test_werkstroom_een_met_wijzigen_bij_een_ander() -> None:
    boom = Boom(A)
    schakel = boom.wortel.loop().bied_aan(W)
    af = boom.af()
    assert (af.werkstroom, af.woord, letters(af), af.status) == (1, "AWUWA", "AW", "overgedragen")
    assert af.toelichting == "overgedragen; open schakel"
    (positie,) = af.posities
    assert positie.verwacht == f"eerste woord van {PARTNER}"
    (stand,) = af.schakels
    assert (stand.organisatie, stand.woord, stand.is_open, stand.plek) == (PARTNER, "WUW", True, 1)
    assert af.open_overdrachten[0].organisatie == PARTNER
    daar = Boom(W, 2, PARTNER, schakel)
    daar.wortel.kom_in().loop().heen_en_weer(U)
    spreek(schakel, tot="aangenomen")
    assert boom.af().posities[0].verwacht == f"terugkeer van {PARTNER}"
    assert samen(boom, daar) == "AWUW"
    daar.wortel.controleer().meld_gereed().voltooi().sluit()
    schakel.meld_gereed().voltooi()
    boom.wortel.keer_terug(schakel)
    af = boom.af()
    assert (af.werkstroom, af.woord, letters(af), af.afwijkingen) == (1, "AWUWA", "AWA", ())
    assert af.toelichting == "in behandeling"
    assert not af.schakels[0].is_open
    ander = daar.af()
    assert (ander.werkstroom, ander.woord, letters(ander)) == (2, "WUW", "WUW")
    assert ander.deel_van is not None
    assert (ander.deel_van.organisatie, ander.deel_van.schakel_id) == (OIN, str(schakel.id))
    assert samen(boom, daar) == "AWUWA"
    assert (boom.af().werkstroom, daar.af().werkstroom) == (1, 2)


@pytest.mark.parametrize(("eerste", "weg", "nummer"), [(H, "", 3), (V, "", 7), (V, "A", 6)])
def test_de_andere_werkstromen_met_wijzigen_bij_een_ander(
    eerste: Proces, weg: str, nummer: int
) -> None:
    boom = Boom(eerste)
    gevers = [boom.wortel.loop()]
    for _ in weg:
        gevers.append(gevers[-1].draag_over(A).loop())
    schakel = gevers[-1].bied_aan(W)
    daar = Boom(W, 2, PARTNER, schakel)
    daar.wortel.loop().heen_en_weer(U)
    daar.wortel.rond_af()
    spreek(schakel)
    terug = schakel
    for gever in reversed(gevers):
        gever.keer_terug(terug).controleer()
        if gever is not boom.wortel:
            gever.rond_af()
        terug = gever
    af = boom.af()
    heen = eerste.letter + weg
    assert (af.werkstroom, letters(af), af.afwijkingen) == (nummer, f"{heen}W{heen[::-1]}", ())
    assert samen(boom, daar) == af.woord
    assert daar.af().werkstroom == 2


def test_een_keten_van_drie_organisaties_wordt_een_pad() -> None:
    boom = Boom(V)
    schakel = boom.wortel.loop().bied_aan(A)
    midden = Boom(A, 2, PARTNER, schakel)
    verder = midden.wortel.loop().bied_aan(W, C)
    laatst = Boom(W, 3, C, verder)
    laatst.wortel.loop().heen_en_weer(U)
    assert samen(boom, midden, laatst) == "VAWUW"
    spreek(verder)
    midden.wortel.keer_terug(verder)
    spreek(schakel)
    boom.wortel.keer_terug(schakel)
    assert samen(boom, midden, laatst) == "VAWUWAV"
    assert samen(boom, laatst) == "VAV"
    assert [letters(b.af()) for b in (boom, midden, laatst)] == ["VAV", "AWA", "WUW"]
    assert [b.af().werkstroom for b in (boom, midden, laatst)] == [6, 1, 2]


# Rule 10: two trees


def paar() -> tuple[Boom, Melding]:
    boom = Boom(H)
    schakel = boom.wortel.loop().bied_aan(W)
    spreek(schakel)
    boom.wortel.keer_terug(schakel)
    return boom, schakel


def uitgevoerd(daar: Boom) -> Boom:
    daar.wortel.loop()
    if OVERDRACHT_NAAR[daar.wortel.proces]:
        daar.wortel.heen_en_weer(OVERDRACHT_NAAR[daar.wortel.proces][0])
    return daar


def test_r10_alleen_wie_in_alles_overeenkomt_staat_in_de_plaats_van_de_letter() -> None:
    boom, schakel = paar()
    assert samen(boom, uitgevoerd(Boom(W, 2, PARTNER, schakel))) == "HWUWH"
    goed = DeelVan(schakel_id=schakel.id, organisatie=OIN, proces=H, n=1, ronde=1)
    for anders in (
        {"schakel_id": UUID(int=3)},
        {"organisatie": C},
        {"proces": V},
        {"n": 2},
        {"ronde": 2},
    ):
        ander = Boom(W, 2, PARTNER, goed.model_copy(update=anders))
        assert samen(boom, uitgevoerd(ander)) == "HWH"
    assert samen(boom, uitgevoerd(Boom(W, 2, C, goed))) == "HWH"
    assert samen(boom, uitgevoerd(Boom(U, 2, PARTNER, goed))) == "HWH"
    assert samen(boom) == "HWH"


def test_r10_een_tweede_die_hetzelfde_zegt_laat_de_letter_staan() -> None:
    boom, schakel = paar()
    een, ander = (uitgevoerd(Boom(W, nummer, PARTNER, schakel)) for nummer in (2, 3))
    assert samen(boom, een, ander) == "HWH"
    assert samen(boom, een, een) == "HWUWH"  # the same tree twice is one


def test_r10_een_kring_laat_de_letter_staan() -> None:
    """No honest tree makes one: by the relations a path goes down. So two that lie."""
    boom, schakel = paar()
    heen = boom.af()
    (stand,) = heen.schakels
    terug = msgspec.structs.replace(
        heen,
        organisatie=PARTNER,
        wortel_id=str(UUID(int=99)),
        proces=W,
        deel_van=deel_van_van(schakel, OIN),
        pad=(W, H, W),
        schakels=(
            msgspec.structs.replace(stand, organisatie=OIN, proces=W, naar=H, schakel_id="s2"),
        ),
    )
    rond = msgspec.structs.replace(heen, deel_van=deel_van_van(schakel, PARTNER, "s2", W))
    pad = stel_samen([rond, terug])
    assert "".join(p.letter for p in pad[OIN, rond.wortel_id]) == "HWHWH"


def deel_van_van(
    schakel: Melding, organisatie: str, schakel_id: str | None = None, proces: Proces = H
) -> object:
    waar = Boom(W, 9, PARTNER, schakel)
    waar.wortel.neem_aan()
    gezegd = waar.af().deel_van
    assert gezegd is not None
    return msgspec.structs.replace(
        gezegd,
        organisatie=organisatie,
        schakel_id=schakel_id or gezegd.schakel_id,
        proces=proces,
    )


def test_r10_een_boom_die_niet_is_beoordeeld_laat_de_letter_staan() -> None:
    boom, schakel = paar()
    daar = uitgevoerd(Boom(W, 2, PARTNER, schakel))
    nieuwer = leid_boom_af(str(daar.wortel_id), map(lees, [*daar.berichten, later(daar)]))
    assert nieuwer.regels_nieuwer
    pad = stel_samen([boom.af(), nieuwer])
    assert "".join(p.letter for p in pad[OIN, str(boom.wortel_id)]) == "HWH"


def test_r10_een_niet_gelopen_pad_laat_de_letter_staan() -> None:
    boom, schakel = paar()
    daar = Boom(W, 2, PARTNER, schakel)
    daar.wortel.neem_aan().wijs_af()
    assert samen(boom, daar) == "HWH"


# Rule 15: versions of the rules


def later(boom: Boom) -> bytes:
    boom.wortel.stap()
    return boom.berichten.pop().replace(b"nl.meldingen.stap-gezet.v1", b"nl.meldingen.later.v1")


def test_r15_elke_afleiding_noemt_de_versie_van_haar_regels() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    assert b'"regels":2' in als_json(boom.af())
    assert REGELVERSIE == 2


def test_r15_de_lijst_van_elke_versie_is_gesloten() -> None:
    """A type that is added to the contracts asks for a new version of the rules."""
    assert REGELS[REGELVERSIE] == {*CATALOGUS}
    assert REGELS[2] - REGELS[1] == {f.type for f in (*d.GEGEVEN, *d.INGEKOMEN)}
    assert len(REGELS[1]) == 34


def test_r15_een_boom_van_nieuwere_regels_wordt_niet_beoordeeld() -> None:
    boom, _ = paar()
    wortel = str(boom.wortel_id)
    oud = leid_boom_af(wortel, map(lees, boom.berichten), regels=1)
    assert leid_ruwe_boom_af(wortel, boom.berichten, regels=1) == oud
    assert oud.regels_nieuwer == ("nl.meldingen.overdracht-aangeboden.v1",)
    assert (oud.regels, oud.afwijkingen, oud.werkstroom, oud.pad) == (1, (), None, ())
    assert oud.toelichting.startswith("regels-nieuwer")
    nieuw = leid(wortel, [*boom.berichten, later(boom)])
    assert nieuw.regels_nieuwer == ("nl.meldingen.later.v1",)
    assert msgspec.json.decode(als_json(nieuw), type=Afleiding) == nieuw


def test_r15_een_boom_zonder_nieuwe_soorten_is_voor_beide_versies_gelijk() -> None:
    boom = Boom(H)
    boom.wortel.loop().heen_en_weer(W)
    oud = leid_boom_af(str(boom.wortel_id), map(lees, boom.berichten), regels=1)
    assert msgspec.structs.replace(oud, regels=2) == boom.af()
    for naam in ("deelVan", "keten", "schakels", "regelsNieuwer", 'organisatie":null'):
        assert naam.encode() not in als_json(boom.af())
