"""One set of messages has one answer: whatever the order, the road or the seed of the hashes.

A case is a set of ``tests.afleiding.verzamelingen``. Its answer must be that of the oracle, and the
same byte for byte shuffled, doubled, spelled by another program, and delivered to an orchestrator
in any portions, one after the other or at once. What is vast in a part of the set is so in the
whole. Two processes with other hash seeds do this, and compare what came out; only to deliver takes
long, so of that each does half.
"""

import asyncio
import hashlib
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import structlog
from tests.afleiding.orakel import Orakel
from tests.afleiding.verzamelingen import Bericht, schrijf, spel, trek
from tests.proef import Proef, Tegenvoorbeeld

from schakel.afleiding import Afleiding, lees, leid_af, leid_ruwe_boom_af
from schakel.contracts.werkstromen import Proces
from schakel.kern.bus.bericht import KOPPEN, Levering, Record
from schakel.kern.grond.instellingen import Instellingen
from schakel.orchestrator.dienst import Orchestrator

Antwoorden = Mapping[str, bytes]
"""Per tree."""

DELEN = 2


def beproef(van: int, tot: int) -> None:
    """See ``Proef``: in two processes at once, each with a hash seed of its own."""
    lopend = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.proef.bomen", str(van), str(tot), str(deel)],
            env={**os.environ, "PYTHONHASHSEED": str(deel)},
            stdout=subprocess.PIPE,
        )
        for deel in range(DELEN)
    ]
    verslagen = [json.loads(proces.communicate()[0] or "null") for proces in lopend]
    for verslag in verslagen:
        if not isinstance(verslag, dict):
            raise Tegenvoorbeeld(van, "the process that tried it broke off")
        if "getal" in verslag:
            raise Tegenvoorbeeld(verslag["getal"], verslag["uitleg"])
    for getal in range(van, tot):
        if len({verslag[str(getal)] for verslag in verslagen}) > 1:
            raise Tegenvoorbeeld(getal, "another hash seed gives another answer")


PROEF = Proef(aantal=20_000, per_portie=250, beproef=beproef)


# One process


def verslag(van: int, tot: int, deel: int) -> dict[str, Any]:
    """Per case a digest of its answers; or the first that is wrong."""
    digests = {}
    try:
        for getal in range(van, tot):
            antwoorden = beproef_verzameling(getal, trek(getal))
            alles = b"\n".join(antwoorden[w] for w in sorted(antwoorden))
            digests[str(getal)] = hashlib.sha256(alles).hexdigest()
        with tempfile.TemporaryDirectory() as map_:
            asyncio.run(lever(Path(map_), [g for g in range(van, tot) if g % DELEN == deel]))
    except Tegenvoorbeeld as fout:
        return {"getal": fout.getal, "uitleg": fout.uitleg}
    return digests


def eis(getal: int, hoe: str, verwacht: Any, gekregen: Any) -> None:
    """Raise Tegenvoorbeeld with what differs."""
    if verwacht != gekregen:
        raise Tegenvoorbeeld(getal, f"{hoe}: {_verschil(verwacht, gekregen)}")


def _verschil(verwacht: Any, gekregen: Any) -> str:
    if isinstance(verwacht, bytes) and isinstance(gekregen, bytes):
        verwacht, gekregen = json.loads(verwacht), json.loads(gekregen)
    if isinstance(verwacht, Mapping) and isinstance(gekregen, Mapping):
        sleutels = [k for k in verwacht | gekregen if verwacht.get(k) != gekregen.get(k)]
        return "; ".join(f"{k}: {_verschil(verwacht.get(k), gekregen.get(k))}" for k in sleutels)
    return f"{verwacht} is not {gekregen}"


def beproef_verzameling(getal: int, berichten: Sequence[Bericht]) -> Antwoorden:
    """All that needs no orchestrator; returns the answers."""
    toeval = random.Random(f"beproef {getal}")
    ruw = [schrijf(b) for b in berichten]
    afleidingen = leid_af(map(lees, ruw))
    antwoorden = als_bytes(afleidingen)
    for wortel, afleiding in afleidingen.items():
        deel = van_boom(wortel, ruw)
        rauw = msgspec.json.encode(leid_ruwe_boom_af(wortel, toeval.sample(deel, len(deel))))
        eis(getal, "from the bytes", antwoorden[wortel], rauw)
        eis(getal, "the oracle", Orakel(wortel, deel).oordeel(), als_orakel(afleiding))
    geschud = toeval.sample(ruw, len(ruw))
    dubbel = [*geschud, *toeval.choices(ruw or [b""], k=len(ruw))]
    anders = toeval.sample([*ruw, *(spel(b, toeval) for b in berichten)], 2 * len(ruw))
    for hoe, verzameling in (("shuffled", geschud), ("doubled", dubbel), ("respelled", anders)):
        eis(getal, hoe, antwoorden, als_bytes(leid_af(map(lees, verzameling))))
    deel = zonder_losse(berichten, toeval)
    for wortel, afleiding in leid_af(map(lees, deel)).items():
        weg = vaste(afleiding) - vaste(afleidingen[wortel])
        eis(getal, "vast in a part and not in the whole", set(), weg)
    return antwoorden


def als_bytes(afleidingen: Mapping[str, Afleiding]) -> Antwoorden:
    return {wortel: msgspec.json.encode(afleiding) for wortel, afleiding in afleidingen.items()}


def vaste(afleiding: Afleiding) -> set[tuple[str, str, str | None]]:
    return {(a.code, a.melding_id, a.kind_id) for a in afleiding.afwijkingen if a.vast}


def kenmerk(ruw: bytes) -> tuple[str, str]:
    bericht = json.loads(ruw)
    return bericht["source"], bericht["id"]


def van_boom(wortel: str, ruw: Iterable[bytes]) -> list[bytes]:
    """The messages of one tree, and what contradicts them from another."""
    per_kenmerk: dict[tuple[str, str], set[bytes]] = defaultdict(set)
    for bericht in ruw:
        per_kenmerk[kenmerk(bericht)].add(bericht)
    van_hier = [
        alle
        for alle in per_kenmerk.values()
        if any(json.loads(b)["data"]["wortelId"] == wortel for b in alle)
    ]
    return [b for alle in van_hier for b in sorted(alle)]


def zonder_losse(berichten: Sequence[Bericht], toeval: random.Random) -> list[bytes]:
    """Without some of the messages that have a versie and that nothing contradicts."""
    verschillend = {schrijf(b): b for b in berichten}.values()
    per_kenmerk = Counter((b["source"], b["id"]) for b in verschillend)
    per_plaats: dict[tuple[str, int | None], set[tuple[str, str]]] = defaultdict(set)
    for b in verschillend:
        per_plaats[b["data"]["meldingId"], b["data"].get("versie")].add((b["source"], b["id"]))
    weg = toeval.choice([0.1, 0.4, 0.8])

    def is_los(b: Bericht) -> bool:
        plaats = (b["data"]["meldingId"], b["data"].get("versie"))
        alleen = per_kenmerk[b["source"], b["id"]] == 1 and len(per_plaats[plaats]) == 1
        return plaats[1] is not None and alleen

    return [schrijf(b) for b in verschillend if not (toeval.random() < weg and is_los(b))]


def als_orakel(afleiding: Afleiding) -> dict[str, Any]:
    """What the oracle says too, in its words."""
    af = afleiding
    return {
        "proces": None if af.proces is None else af.proces.letter,
        "werkstroom": af.werkstroom,
        "geschiedenis": [(b.werkstroom, b.bron, b.gebeurtenis_id) for b in af.geschiedenis],
        "eigen woord": [b.eigen_woord for b in af.geschiedenis],
        "kandidaten": list(af.kandidaten),
        "woord": af.woord,
        "pad": "".join(proces.letter for proces in af.pad),
        "rondes": {r.melding_id: r.aantal for r in af.rondes},
        "afwijkingen": sorted(
            [(a.code, a.melding_id, a.kind_id, a.vast) for a in af.afwijkingen], key=str
        ),
        "gaten": [(g.melding_id, v) for g in af.gaten for v in range(g.van, g.tot + 1)],
        "open": sorted((o.gever_id, o.kind_id) for o in af.open_overdrachten),
    }


# Through an orchestrator


async def lever(map_: Path, getallen: Iterable[int]) -> None:
    """What an orchestrator says must follow from all that it kept and that counts.

    Of some the bus says when each came: then another orchestrator, which gets them in another
    order, must say the same of whose they are.
    """
    async with AsyncExitStack() as opruimen:
        een, ander = [
            await opruimen.enter_async_context(_orchestrator(map_ / naam)) for naam in "ab"
        ]
        for getal in getallen:
            toeval = random.Random(f"lever {getal}")
            berichten = trek(getal)
            wortels = sorted({b["data"]["wortelId"] for b in berichten})
            met_tijd = toeval.random() < 0.25
            rij = _rij(berichten, toeval, met_tijd=met_tijd)
            await _lever(een, toeval.sample(rij, len(rij)), toeval)
            gezegd = _gezegd(een, wortels)
            eis(getal, "delivered in portions", _opnieuw(een, wortels), gezegd)
            if met_tijd:
                await _lever(ander, toeval.sample(rij, len(rij)), toeval)
                hoe = "delivered in another order, with when it came"
                eis(getal, f"{hoe}: whose", _van_wie(een, wortels), _van_wie(ander, wortels))
                eis(getal, hoe, gezegd, _gezegd(ander, wortels))


@asynccontextmanager
async def _orchestrator(map_: Path) -> AsyncIterator[Orchestrator]:
    orchestrator = Orchestrator(Instellingen(gegevensmap=map_, poort=8100, opslag="sqlite"))
    async with orchestrator.app.router.lifespan_context(orchestrator.app):
        yield orchestrator


def _rij(
    berichten: Sequence[Bericht], toeval: random.Random, *, met_tijd: bool
) -> list[tuple[bytes, int | None]]:
    """The bytes to deliver, some twice; with when each came, and what another claims."""
    rij = [schrijf(b) for b in berichten]
    rij += [spel(b, toeval) for b in berichten if toeval.random() < 0.1]
    if not met_tijd:
        return [(ruw, None) for ruw in rij]
    for bericht in toeval.sample(berichten, min(2, len(berichten))):
        huis, _, dienst = bericht["source"].rpartition("-")
        vreemd = toeval.choice([een for een in Proces if een.value != dienst])
        data = bericht["data"] | {"proces": vreemd.value}
        rij.append(schrijf(bericht | {"source": f"{huis}-{vreemd}", "data": data}))
    rij += toeval.sample(rij, len(rij) // 3)  # the same once more, at another time
    ruim = 2 * len(rij)  # now and then two came at once
    return [(ruw, toeval.randrange(1, ruim)) for ruw in rij]


async def _lever(
    orchestrator: Orchestrator, rij: list[tuple[bytes, int | None]], toeval: random.Random
) -> None:
    """In portions: several deliveries in one go, and several goes at once."""
    nummer = 0
    while rij:
        tegelijk = []
        for _ in range(toeval.choice([1, 1, 2, 4])):
            leveringen = []
            for _ in range(toeval.choice([1, 2, 8, 40])):
                if rij:
                    nummer += 1
                    leveringen.append(_levering(*rij.pop(), nummer))
            tegelijk.append(orchestrator.verzamelaar.ontvang(*leveringen))
        await asyncio.gather(*tegelijk)


def _levering(ruw: bytes, op: int | None, nummer: int) -> Levering:
    bron, _ = kenmerk(ruw)
    record = Record(nummer, None, KOPPEN, ruw, toegevoegd=op)
    return Levering(bron.rpartition(":")[2], bron, [record])


def _van_wie(orchestrator: Orchestrator, wortels: Sequence[str]) -> set[tuple[Any, ...]]:
    """Every message that is kept, and whether it counts."""
    vragen = ",".join("?" * len(wortels))
    rijen = orchestrator.opslag.vraag(
        f"SELECT bron, bericht, digest, vreemd FROM gezien WHERE wortel IN ({vragen})", wortels
    )
    return {(bron, id_, bytes(digest), vreemd) for bron, id_, digest, vreemd in rijen}


def _opnieuw(orchestrator: Orchestrator, wortels: Sequence[str]) -> Antwoorden:
    vragen = ",".join("?" * len(wortels))
    rijen = orchestrator.opslag.vraag(
        f"SELECT waarde FROM gezien WHERE vreemd = 0 AND wortel IN ({vragen})", wortels
    )
    return als_bytes(leid_af([lees(bytes(waarde)) for (waarde,) in rijen]))


def _gezegd(orchestrator: Orchestrator, wortels: Sequence[str]) -> Antwoorden:
    vragen = ",".join("?" * len(wortels))
    rijen = orchestrator.opslag.vraag(
        f"SELECT wortel, afleiding FROM bomen WHERE wortel IN ({vragen})", wortels
    )
    return {wortel: bytes(afleiding) for wortel, afleiding in rijen}


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    sys.stdout.write(json.dumps(verslag(*map(int, sys.argv[1:4]))))
