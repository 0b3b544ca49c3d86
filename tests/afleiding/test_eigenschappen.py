"""For every tree: order, repetition and lateness mean nothing, and the answer is the plan's."""

import json
import random
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.afleiding.boombouw import (
    Boom,
    Melding,
    als_json,
    leid,
    letters,
    verander,
    zonder_versie,
)
from tests.afleiding.plannen import (
    Meldingplan,
    meldingen,
    schrijf,
    verwacht_pad,
    verwachte_geschiedenis,
)

from schakel.afleiding import Afleiding
from schakel.contracts.werkstromen import Proces

RUIM = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TOEVAL = st.builds(random.Random, st.integers(0, 2**32))


@RUIM
@given(plan=meldingen())
def test_nummer_geschiedenis_en_pad_zijn_die_van_het_plan(plan: Meldingplan) -> None:
    af = schrijf(plan).af()
    nummers = verwachte_geschiedenis(plan)
    assert [b.werkstroom for b in af.geschiedenis] == nummers
    assert af.werkstroom == (nummers[-1] if nummers else None)
    assert letters(af) == verwacht_pad(plan)
    assert (af.afwijkingen, af.gaten, af.wacht_op_eigen_woord) == ((), (), ())


@RUIM
@given(plan=meldingen(), toeval=TOEVAL)
def test_de_volgorde_van_aankomst_betekent_niets(plan: Meldingplan, toeval: random.Random) -> None:
    boom = schrijf(plan)
    verwacht = als_json(boom.af())
    geschud = toeval.sample(boom.berichten, len(boom.berichten))
    assert als_json(boom.af(*geschud)) == verwacht
    assert als_json(boom.af(*reversed(boom.berichten))) == verwacht
    assert als_json(boom.af(*geschud, *boom.berichten)) == verwacht


@RUIM
@given(plan=meldingen(), toeval=TOEVAL)
def test_wat_ontbreekt_maakt_van_een_goede_boom_nooit_een_vaste_afwijking(
    plan: Meldingplan, toeval: random.Random
) -> None:
    boom = schrijf(plan)
    deel = [b for b in boom.berichten if toeval.random() < 0.7]
    assert [a for a in leid_deel(boom, deel).afwijkingen if a.vast] == []


@RUIM
@given(plan=meldingen(), toeval=TOEVAL)
def test_een_vaste_afwijking_verdwijnt_niet_als_gaten_worden_gevuld(
    plan: Meldingplan, toeval: random.Random
) -> None:
    boom = schrijf(plan)
    for _ in range(3):
        misdraag(boom, toeval)
    volledig = {(a.code, a.melding_id, a.kind_id) for a in boom.af().afwijkingen}
    # A word that comes after the end of its giver turns the one afwijking into the other.
    te_laat = {kind_id for code, _, kind_id in volledig if code == "overdracht-na-einde"}
    volledig |= {("kind-zonder-overdracht", str(id_), id_) for id_ in te_laat}
    deel = [b for b in boom.berichten if toeval.random() < 0.8]
    for a in leid_deel(boom, deel).afwijkingen:
        assert not a.vast or (a.code, a.melding_id, a.kind_id) in volledig


@RUIM
@given(plan=meldingen(), toeval=TOEVAL)
def test_rommel_is_voorspelbaar_en_nooit_een_fout(plan: Meldingplan, toeval: random.Random) -> None:
    boom = schrijf(plan)
    for _ in range(3):
        misdraag(boom, toeval)
    rommel = [b for b in boom.berichten if toeval.random() < 0.8]
    rommel += [verminkt(toeval.choice(boom.berichten), boom, toeval) for _ in range(6)]
    af = leid_deel(boom, rommel)
    assert als_json(leid_deel(boom, toeval.sample(rommel, len(rommel)))) == als_json(af)
    assert msgspec.json.decode(als_json(af), type=Afleiding) == af
    assert af.kandidaten or af.pad == ()
    if af.werkstroom is not None:
        assert af.bepaald_door == af.geschiedenis[-1]


def leid_deel(boom: Boom, berichten: list[bytes]) -> Afleiding:
    return leid(str(boom.wortel_id), berichten)


def sprekers(boom: Boom) -> list[Melding]:
    """All meldingen that spoke, ready to say what comes after all they said."""
    gezien: dict[str, dict[str, Any]] = {}
    for bericht in boom.berichten:
        data = json.loads(bericht)["data"]
        if data["versie"] >= gezien.get(data["meldingId"], data)["versie"]:
            gezien[data["meldingId"]] = data
    gevonden = []
    for id_, data in gezien.items():
        melding = Melding(boom, Proces(data["proces"]), UUID(id_))
        if "ouderId" in data:
            melding.ouder = Melding(boom, Proces(data["ouderProces"]), UUID(data["ouderId"]))
            melding.n, melding.ronde = data["n"], data["ronde"]
        melding.versie, melding.overgedragen = data["versie"], 90
        gevonden.append(melding)
    return gevonden


def misdraag(boom: Boom, toeval: random.Random) -> None:
    """Say something that the model does not know; every melding still numbers what it says."""
    melding = toeval.choice(sprekers(boom))
    kind = melding.kind(toeval.choice(list(Proces)))
    wat = toeval.randrange(3)
    if wat == 0:
        melding.keer_terug(kind)
    elif wat == 1:
        melding.geef(kind)
        if toeval.random() < 0.5:
            kind.loop()
        if toeval.random() < 0.5:
            melding.keer_terug(kind)
    else:
        kind.sla_over().beoordeel()


def verminkt(bericht: bytes, boom: Boom, toeval: random.Random) -> bytes:
    """A variant, a stray, or a message without a place."""
    ids = [json.loads(b)["data"]["meldingId"] for b in toeval.sample(boom.berichten, 2)]
    proces = toeval.choice(list(Proces)).value
    return toeval.choice(
        (
            lambda: verander(bericht, dienst="anders"),
            lambda: zonder_versie(bericht),
            lambda: zonder_versie(verander(bericht, ouderId=ids[0], ouderProces=proces)),
            lambda: zonder_versie(verander(bericht, meldingId=ids[1], ouderId=ids[0])),
            lambda: zonder_versie(verander(bericht, meldingId=ids[0], proces=proces)),
            lambda: verander(bericht, meldingId=ids[0], ouderId=ids[0], proces=proces),
            lambda: verander(bericht, versie=toeval.randrange(1, 40)),
        )
    )()
