"""How fast is the derivation, and does it stay as fast when the history grows?

Run: ``.venv/bin/python -m tests.bench.afleiding [--json] [--rondes N] [--gebeurtenissen N ...]``

The reference is msgspec decoding the same bytes into a typed struct of the envelope and the same
data fields. Ours decodes, groups per tree and derives; ``kaal`` compares with decoding no more than
ours reads, the sternest reference there is. One tree in four is unfinished. All take turns,
tree by tree, so that a noisy machine hurts all; medians of processor time are shown.
"""

import argparse
import gc
import json
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from uuid import UUID

import msgspec
from tests.afleiding.boombouw import A, Boom, H, Melding, U, V, W

from schakel.afleiding import Waarneming, lees, leid_ruwe_boom_af
from schakel.afleiding.waarneming import Berichtinhoud
from schakel.contracts.melding import Geevalueerd, Oordeel, Verhelderd
from schakel.contracts.werkstromen import Proces

Bomen = list[tuple[str, list[bytes]]]

# The first melding and, per ronde, to whom it hands over.
VERHALEN: tuple[tuple[Proces, tuple[tuple[Proces, ...], ...]], ...] = (
    (A, ((W,),)),
    (W, ((U,), (U,))),
    (H, ((W,),)),
    (H, ((U,),)),
    (H, ((U,), (W,))),
    (H, ((U, W),)),
    (U, ()),
    (V, ((A,),)),
    (V, ((W,), (W,))),
    (V, ((U,), (U,), (W,))),
)


# How many own steps each process takes before it hands over, and after the last check.
STAPPEN = {A: (4, 0), W: (5, 1), H: (1, 0), U: (2, 0), V: (2, 1)}


def zet_stappen(melding: Melding, wanneer: int) -> None:
    """The steps that the service of this process really takes."""
    for _ in range(STAPPEN[melding.proces][wanneer]):
        melding.stap()


def verhaal(eerste: Proces, rondes: tuple[tuple[Proces, ...], ...], nummer: int) -> Boom:
    """One complete tree, with the steps that a service really takes."""
    boom = Boom(eerste, nummer)
    wortel = boom.wortel
    wortel.neem_aan().zeg(Verhelderd).beoordeel()
    zet_stappen(wortel, 0)
    for ronde, doelen in enumerate(rondes, start=1):
        kinderen = [wortel.draag_over(naar, ronde=ronde) for naar in doelen]
        for kind in kinderen:
            loop(kind)
            wortel.keer_terug(kind)
        wortel.controleer(goed=ronde == len(rondes), ronde=ronde)
    zet_stappen(wortel, 1)
    wortel.meld_gereed().vraag().hoor(Oordeel.TEVREDEN)
    wortel.voltooi().zeg(Geevalueerd).sluit()
    return boom


def loop(melding: Melding) -> None:
    """A nested melding, straight down to the leaf and back."""
    melding.neem_aan().beoordeel()
    zet_stappen(melding, 0)
    if melding.proces is not U:
        kind = melding.draag_over(W if melding.proces is A else U)
        loop(kind)
        melding.keer_terug(kind).controleer()
    zet_stappen(melding, 1)
    melding.rond_af()


SJABLONEN = [verhaal(*v, nummer) for nummer, v in enumerate(VERHALEN, start=1)]


def maak_bomen(aantal: int, toeval: random.Random) -> Bomen:
    """At least ``aantal`` messages in whole trees, each tree with ids and an order of its own."""
    bomen: Bomen = []
    klaar = 0
    while klaar < aantal:
        boom = toeval.choice(SJABLONEN)
        berichten = boom.berichten
        if toeval.random() < 0.25:
            berichten = berichten[: toeval.randrange(5, len(berichten))]
        wortel_id = str(boom.wortel_id)
        nieuw = {id_: str(UUID(int=toeval.getrandbits(128), version=4)) for id_ in ids_in(boom)}
        for van, naar in nieuw.items():
            berichten = [b.replace(van.encode(), naar.encode()) for b in berichten]
        toeval.shuffle(berichten)
        bomen.append((nieuw[wortel_id], berichten))
        klaar += len(berichten)
    return bomen


def ids_in(boom: Boom) -> list[str]:
    """The ids of all meldingen of a tree."""
    return sorted({lees(b).data.melding_id for b in boom.berichten})


class Envelop(msgspec.Struct, frozen=True, gc=False):
    """All that the profile writes, with the data that the derivation reads."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    sequence: str
    partitionkey: str
    data: Berichtinhoud


def ontleed(bomen: Bomen) -> int:
    """The reference: decode, typed, and nothing else."""
    decode = msgspec.json.Decoder(Envelop).decode
    return sum(len([decode(b) for b in berichten]) for _, berichten in bomen)


def ontleed_kaal(bomen: Bomen) -> int:
    """The sternest reference: decode exactly what the derivation reads."""
    decode = msgspec.json.Decoder(Waarneming).decode
    return sum(len([decode(b) for b in berichten]) for _, berichten in bomen)


def leid_af(bomen: Bomen) -> int:
    """Ours: decode and derive every tree."""
    aantal = 0
    for wortel_id, berichten in bomen:
        leid_ruwe_boom_af(wortel_id, berichten)
        aantal += len(berichten)
    return aantal


WEGEN: dict[str, Callable[[Bomen], int]] = {
    "ontleed": ontleed,
    "kaal": ontleed_kaal,
    "leid_af": leid_af,
}


def ronde(bomen: Bomen, portie: int = 100) -> dict[str, float]:
    """Seconds of processor time per event for each way, in turns of a portion of the trees."""
    duur = dict.fromkeys(WEGEN, 0.0)
    aantal = 0
    for van in range(0, len(bomen), portie):
        for naam, werk in WEGEN.items():
            begin = time.process_time()
            gedaan = werk(bomen[van : van + portie])
            duur[naam] += time.process_time() - begin
        aantal += gedaan
    return {naam: seconden / aantal for naam, seconden in duur.items()}


def meet(totaal: int, rondes: int, toeval: random.Random) -> dict[str, float]:
    """Measure one size of history."""
    bomen = maak_bomen(totaal, toeval)
    aantal = sum(len(berichten) for _, berichten in bomen)
    gc.collect()
    gc.freeze()
    gemeten = []
    for _ in range(rondes):
        tijden = ronde(bomen)
        begin = time.process_time()
        # A message arrives: its own tree is taken from the history and derived, nothing else.
        leid_af([toeval.choice(bomen) for _ in range(1000)])
        tijden["bericht"] = (time.process_time() - begin) / 1000
        gemeten.append(tijden)
    gc.unfreeze()
    mediaan = {naam: statistics.median(t[naam] for t in gemeten) for naam in gemeten[0]}
    return {
        "gebeurtenissen": aantal,
        "perBoom": round(aantal / len(bomen), 1),
        "ontledenPerSeconde": round(1 / mediaan["ontleed"]),
        "afleidenPerSeconde": round(1 / mediaan["leid_af"]),
        "verhouding": round(mediaan["ontleed"] / mediaan["leid_af"], 3),
        "verhoudingKaal": round(mediaan["kaal"] / mediaan["leid_af"], 3),
        "microsecondenPerGebeurtenis": round(mediaan["leid_af"] * 1e6, 2),
        "microsecondenPerNieuwBericht": round(mediaan["bericht"] * 1e6, 1),
    }


def main() -> None:
    """Measure and print."""
    opties = argparse.ArgumentParser(description=__doc__)
    opties.add_argument("--json", action="store_true", help="print one JSON object")
    opties.add_argument("--rondes", type=int, default=5)
    opties.add_argument("--gebeurtenissen", type=int, nargs="+", default=[10**4, 10**5, 10**6])
    gekozen = opties.parse_args()
    toeval = random.Random(1)
    rijen = [meet(totaal, gekozen.rondes, toeval) for totaal in gekozen.gebeurtenissen]
    if gekozen.json:
        verslag = {"python": platform.python_version(), "afleiding": rijen}
        sys.stdout.write(f"{json.dumps(verslag)}\n")
        return
    for naam in rijen[0]:
        sys.stdout.write(f"{naam:30s}{''.join(f'{rij[naam]:>14,}' for rij in rijen)}\n")


if __name__ == "__main__":
    main()
