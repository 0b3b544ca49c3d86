"""Whose a melding is: of whom the bus heard of it first, in whatever order things are read."""

import asyncio
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest
from tests.afleiding.boombouw import BRON, A, Boom, H, U, V, W, als_json
from tests.orchestrator.conftest import KOPPEN, Proef, bron_van

from schakel.kern.bus.bericht import Levering, Record
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Taak
from schakel.orchestrator.dienst import Orchestrator

OP = Door("mw-1", "beheerder", None)


class Gezegd(NamedTuple):
    """A message, and when the bus took it in."""

    bericht: bytes
    op: int | None


def eerlijk() -> Boom:
    """H hands to W, that hands to U; and H to another U, which never speaks."""
    boom = Boom(H)
    kind = boom.wortel.loop().draag_over(W)
    kleinkind = kind.loop().draag_over(U)
    kleinkind.loop().rond_af()
    kind.keer_terug(kleinkind).controleer()
    boom.wortel.draag_over(U)
    return boom


def op_de_bus(boom: Boom) -> list[Gezegd]:
    return [Gezegd(bericht, 1_000 + n) for n, bericht in enumerate(boom.berichten)]


def als(dief: str, bericht: bytes, **data: Any) -> bytes:
    """The same, said by another of itself; None takes a field away."""
    omslag = json.loads(bericht)
    omslag["source"] = f"{BRON}{dief}"
    omslag["data"] |= {"proces": dief} | data
    omslag["data"] = {naam: w for naam, w in omslag["data"].items() if w is not None}
    omslag["id"] = f"vals-{omslag['data']['meldingId'][-4:]}-{omslag['data']['wortelId'][-4:]}"
    omslag["partitionkey"] = omslag["data"]["wortelId"]
    return _bytes(omslag)


def _bytes(omslag: dict[str, Any]) -> bytes:
    return json.dumps(omslag, separators=(",", ":")).encode()


_ZONDER_OUDER = dict.fromkeys(("ouderId", "ouderProces", "n", "ronde"))


def claims(boom: Boom) -> list[bytes]:
    """What a thief says of each melding there is: in its tree, as a first melding, elsewhere."""
    eerste = {json.loads(b)["data"]["meldingId"]: b for b in reversed(boom.berichten)}
    gegeven = [json.loads(b)["data"] for b in boom.berichten]
    eigen = Boom(V, 9)
    eigen.wortel.loop()
    uit = []
    for id_, bericht in eerste.items():
        uit.append(als("verbeteren", bericht))
        uit.append(als("verbeteren", bericht, wortelId=id_, **_ZONDER_OUDER))
        elders = {"ouderId": str(eigen.wortel_id), "ouderProces": "verbeteren", "n": 1, "ronde": 1}
        uit.append(als("verbeteren", bericht, wortelId=str(eigen.wortel_id), **elders))
    # And of the one that has not spoken yet.
    stil = next(
        d["overdracht"]["kindId"]
        for d in gegeven
        if "overdracht" in d and d["overdracht"]["kindId"] not in eerste
    )
    voorbeeld = eerste[str(boom.wortel_id)]
    omslag = json.loads(als("verbeteren", voorbeeld, meldingId=stil, wortelId=stil))
    uit.append(_bytes(omslag | {"subject": stil}))
    return uit


async def lever(proef: Proef, gezegd: Sequence[Gezegd]) -> None:
    for een in gezegd:
        proef._positie += 1
        await proef.lever(een.bericht, proef._positie, toegevoegd=een.op)


def vreemd(proef: Proef) -> set[str]:
    rijen = proef.orchestrator.opslag.vraag("SELECT bericht FROM gezien WHERE vreemd = 1")
    return {bericht for (bericht,) in rijen}


def bomen(proef: Proef) -> dict[str, bytes]:
    rijen = proef.orchestrator.opslag.vraag("SELECT wortel, afleiding FROM bomen")
    return {wortel: bytes(afleiding) for wortel, afleiding in rijen}


def geparkeerd(proef: Proef) -> list[str | None]:
    """Which messages are parked; all for one reason."""
    wachtend = proef.orchestrator.verzamelaar.parkeerplaats.lijst(limiet=200)
    assert {een.reden for een in wachtend} <= {"geen-eigenaar"}
    assert {een.boom for een in wachtend} <= {None}
    return sorted(str(een.bericht) for een in wachtend)


@pytest.mark.parametrize("zaad", [None, *range(5)])
async def test_wat_een_dief_over_andermans_melding_zegt_telt_in_geen_volgorde(
    proef: Proef, zaad: int | None
) -> None:
    boom = eerlijk()
    vals = [Gezegd(b, 2_000 + n) for n, b in enumerate(claims(boom))]
    gezegd = [*op_de_bus(boom), *vals]
    if zaad is not None:
        random.Random(zaad).shuffle(gezegd)
    await lever(proef, gezegd)

    assert bomen(proef) == {str(boom.wortel_id): als_json(boom.af())}
    assert vreemd(proef) == {json.loads(een.bericht)["id"] for een in vals}
    assert geparkeerd(proef) == sorted(vreemd(proef))
    for id_ in {json.loads(een.bericht)["data"]["meldingId"] for een in vals}:
        gevonden = proef.orchestrator.vragen.tijdlijn(id_) if id_ in _spreken(boom) else []
        assert {regel.source for regel in gevonden} <= {f"{BRON}{p}" for p in (H, W, U)}
    # And nothing of it comes back with a rebuild.
    await _herbouw(proef)
    assert bomen(proef) == {str(boom.wortel_id): als_json(boom.af())}


def _spreken(boom: Boom) -> set[str]:
    return {json.loads(b)["data"]["meldingId"] for b in boom.berichten}


async def _herbouw(proef: Proef) -> None:
    herbouw = proef.orchestrator.herbouw
    herbouw.begin(OP)
    assert herbouw._taak is not None
    await herbouw._taak
    assert herbouw.stand.fout is None
    assert herbouw.stand.veranderd == 0


@pytest.mark.parametrize("zaad", range(4))
async def test_wie_andermans_melding_zegt_over_te_dragen_maakt_haar_niet_van_een_ander(
    proef: Proef, zaad: int
) -> None:
    """What the receiver says was put aside until the true hand-over was read, and counts then."""
    boom = eerlijk()
    dief = Boom(A, 8)
    dief.wortel.loop()
    for bericht in boom.berichten:
        data = json.loads(bericht)["data"]
        if "overdracht" in data:
            dief.wortel.draag_over(H)
            laatste = json.loads(dief.berichten.pop())
            laatste["data"]["overdracht"]["kindId"] = data["overdracht"]["kindId"]
            dief.berichten.append(_bytes(laatste))
    vals = [Gezegd(b, 2_000 + n) for n, b in enumerate(dief.berichten)]
    gezegd = [*op_de_bus(boom), *vals]
    random.Random(zaad).shuffle(gezegd)
    # First what the thief gives away, last who really gave it.
    gezegd.sort(key=lambda een: b"overgedragen" in een.bericht and een.op < 2_000)
    await lever(proef, gezegd)

    assert bomen(proef)[str(boom.wortel_id)] == als_json(boom.af())
    assert vreemd(proef) == set()
    assert geparkeerd(proef) == []


def verzameling(toeval: random.Random) -> list[Gezegd]:
    """Honest trees, one child that is given to two, claims, and texts that come more than once."""
    boom = eerlijk()
    gezegd = [Gezegd(b, 1_000 + n * 3) for n, b in enumerate(boom.berichten)]
    dubbel = json.loads(toeval.choice([b for b in boom.berichten if b"overgedragen" in b]))
    dubbel["data"]["overdracht"]["naar"] = toeval.choice(["afspreken", "uitvoeren", "wijzigen"])
    dubbel["data"]["versie"], dubbel["id"] = 90, "dubbel"
    gezegd.append(Gezegd(_bytes(dubbel), toeval.randint(990, 1_100)))
    for vals in toeval.sample(claims(boom), 4):
        dief = toeval.choice(["verbeteren", "uitvoeren", "wijzigen"])
        gezegd.append(Gezegd(als(dief, vals), toeval.choice([None, *range(990, 1_100, 3)])))
    weer = toeval.sample(gezegd, 4)
    tijden = [None, *range(990, 1_100, 2)]
    return [*gezegd, *(een._replace(op=toeval.choice(tijden)) for een in weer)]


@pytest.mark.parametrize("zaad", range(12))
async def test_een_verzameling_heeft_een_antwoord_hoe_zij_ook_komt(
    tmp_path: Path, zaad: int
) -> None:
    """In each order, one by one and at once: the same trees, and the same that counts not."""
    toeval, antwoorden = random.Random(zaad), []
    gezegd = verzameling(toeval)
    for keer in range(4):
        toeval.shuffle(gezegd)
        map_ = tmp_path / str(keer)
        map_.mkdir()
        orchestrator = Orchestrator(Instellingen(gegevensmap=map_, poort=8100))
        async with orchestrator.app.router.lifespan_context(orchestrator.app):
            rij = list(enumerate(gezegd, start=1))
            while rij:
                tegelijk = []
                for _ in range(toeval.choice([1, 1, 3])):
                    deel = rij[: toeval.choice([1, 2, 6])]
                    rij = rij[len(deel) :]
                    tegelijk.append(_samen(orchestrator, deel))
                await asyncio.gather(*tegelijk)
            proef = Proef(orchestrator, httpx.AsyncClient())
            antwoorden.append((bomen(proef), vreemd(proef)))
    assert antwoorden[1:] == antwoorden[:-1]


async def _samen(orchestrator: Orchestrator, deel: Sequence[tuple[int, Gezegd]]) -> None:
    leveringen = []
    for nummer, een in deel:
        bron = bron_van(een.bericht)
        record = Record(nummer, None, KOPPEN, een.bericht, toegevoegd=een.op)
        leveringen.append(Levering(bron.rpartition(":")[2], bron, [record]))
    await orchestrator.verzamelaar.ontvang(*leveringen)


async def test_een_leugen_onder_een_geleend_kenmerk_blijft_geparkeerd(proef: Proef) -> None:
    """Of two that are parked under one id, only that of the owner has its effect after all."""
    boom = Boom(H)
    kind = boom.wortel.loop().draag_over(W)
    kind.loop()
    (geeft,) = (b for b in boom.berichten if b"overgedragen" in b)
    woord = next(b for b in boom.berichten if b'schakel-wijzigen"' in b)
    # Somebody gives away what is another's, to another; so both wait.
    vals = json.loads(als("verbeteren", geeft, meldingId=str(uuid4()), wortelId=str(uuid4())))
    vals["data"]["meldingId"] = vals["data"]["wortelId"]
    vals["data"]["overdracht"]["naar"] = "afspreken"
    vals |= {"subject": vals["data"]["wortelId"], "partitionkey": vals["data"]["wortelId"]}
    leugen = json.loads(als("verbeteren", woord)) | {"id": json.loads(woord)["id"]}
    await lever(proef, [Gezegd(_bytes(vals), 50), Gezegd(woord, 20), Gezegd(_bytes(leugen), 60)])
    await lever(proef, [Gezegd(woord, 70), Gezegd(geeft, 10)])
    wachtend = proef.orchestrator.verzamelaar.parkeerplaats.lijst()
    assert [een.bron for een in wachtend] == ["schakel-verbeteren"]


async def test_zonder_tijd_van_de_bus_blijft_staan_wat_beiden_zeggen(proef: Proef) -> None:
    boom = Boom(H)
    boom.wortel.loop()
    vals = als("verbeteren", boom.berichten[0])
    await lever(proef, [Gezegd(b, None) for b in (*boom.berichten, vals)])
    assert vreemd(proef) == set()
    ((afwijkingen,),) = proef.orchestrator.opslag.vraag("SELECT afwijkingen FROM bomen")
    assert afwijkingen > 0

    # One of the two does not tell: that is no reason to believe the other.
    boom = Boom(H, 2)
    boom.wortel.loop()
    vals = als("verbeteren", boom.berichten[0])
    await lever(proef, [*(Gezegd(b, None) for b in boom.berichten), Gezegd(vals, 5)])
    assert vreemd(proef) == set()


async def test_wat_er_al_was_voor_deze_versie_is_van_wie_toen_sprak(proef: Proef) -> None:
    boom = eerlijk()
    await lever(proef, [Gezegd(b, None) for b in boom.berichten])

    def als_vroeger(werk: Any) -> None:
        werk.rij("UPDATE gezien SET toegevoegd = ?", (0,))
        werk.rij("DELETE FROM genoemd WHERE melding <> ?", ("",))

    await proef.orchestrator.schrijver.voer_uit(Taak(als_vroeger, type(None), OP))
    vals = [Gezegd(b, 2_000 + n) for n, b in enumerate(claims(boom)[:-1])]
    await lever(proef, vals)
    assert bomen(proef) == {str(boom.wortel_id): als_json(boom.af())}
    assert vreemd(proef) == {json.loads(een.bericht)["id"] for een in vals}


async def test_vrijgeven_maakt_niet_van_een_ander_wat_van_een_ander_is(proef: Proef) -> None:
    boom = eerlijk()
    vals = claims(boom)[0]
    await lever(proef, [*op_de_bus(boom), Gezegd(vals, 2_000)])
    (wacht,) = proef.orchestrator.verzamelaar.parkeerplaats.lijst()
    assert await proef.orchestrator.verzamelaar.geef_vrij(wacht.nummer, OP) == 0
    (nog,) = proef.orchestrator.verzamelaar.parkeerplaats.lijst()
    assert (nog.nummer, nog.reden) == (wacht.nummer, "geen-eigenaar")
    assert bomen(proef) == {str(boom.wortel_id): als_json(boom.af())}
    # Again on the bus it is known.
    await lever(proef, [Gezegd(vals, 3_000)])
    assert len(proef.orchestrator.verzamelaar.parkeerplaats.lijst()) == 1
