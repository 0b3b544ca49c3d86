"""Counts in the stores of a whole set: nothing lost, nothing doubled, whatever happened to it.

What must be there follows from what the services said, by rules written down here once more: an
auditor does not take the word, nor the code, of whom it audits.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from schakel.afleiding import leid_ruwe_boom_af
from schakel.proefspel.plan import Plan
from schakel.proefspel.uitslag import Uitslagregel, Uitslagvraag, verschillen

from .opslagen import ALLEN, PROCESSEN, Bericht, Opslagen

ZONDER_RESULTAAT = {"omgezet", "afgebroken", "geen_overeenstemming"}


def fouten(
    opslagen: Opslagen, bevestigd: Iterable[Mapping[str, Any]], eerste_meldingen: int
) -> Iterator[str]:
    """Everything that is not as it must be; ``bevestigd`` are the answers that a client got."""
    for naam in ALLEN:
        if opslagen.lees[naam](opslagen.keuring) != [("ok",)]:
            yield f"{naam}: de opslag is beschadigd"
        if geparkeerd := opslagen.lees[naam]("SELECT bericht, reden, uitleg FROM geparkeerd"):
            yield f"{naam}: geparkeerd {geparkeerd[:5]} (samen {len(geparkeerd)})"
    yield from _dicht(opslagen)
    yield from _antwoorden(opslagen, bevestigd)
    yield from _gezien(opslagen)
    yield from _overdrachten(opslagen, eerste_meldingen)
    yield from _volgnummers(opslagen)
    yield from _inbox(opslagen)
    yield from _volgorde(opslagen)
    yield from _afgeleid(opslagen)


def _dicht(opslagen: Opslagen) -> Iterator[str]:
    """The versions of every melding are 1, 2, 3 ... and were stored in that order."""
    for proces, log in opslagen.gebeurtenissen.items():
        hoogste: Counter[str] = Counter()
        for een in log:
            if een.versie != hoogste[een.melding] + 1:
                yield f"{proces}: {een.bericht} komt na versie {hoogste[een.melding]}"
            hoogste[een.melding] = een.versie


def _antwoorden(opslagen: Opslagen, bevestigd: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Every answer has its melding and event, and every answer that was given is kept.

    Under which key is kept as a hash alone; who was given an answer knows what stood in it.
    """
    bewaard: Counter[str] = Counter()
    for proces in PROCESSEN:
        bestaat = {een.bericht for een in opslagen.gebeurtenissen[proces]}
        for (ruw,) in opslagen.lees[proces]("SELECT antwoord FROM gegeven_antwoorden"):
            antwoord = json.loads(bytes(ruw))
            bewaard[json.dumps(antwoord, sort_keys=True)] += 1
            if f"{antwoord['meldingId']}.{antwoord['versie']}" not in bestaat:
                yield f"{proces}: antwoord zonder gebeurtenis: {antwoord['meldingId']}"
    aangenomen = Counter({a: n for a, n in bewaard.items() if json.loads(a)["versie"] == 1})
    yield from (f"twee keer aangenomen: {a}" for a, n in aangenomen.items() if n > 1)
    for een in bevestigd:
        if json.dumps(een["antwoord"], sort_keys=True) not in bewaard:
            yield f"bevestigd maar niet bewaard: {een['sleutel']}"


def _gezien(opslagen: Opslagen) -> Iterator[str]:
    """What the orchestrator saw is what happened: all of it, once, and nothing else."""
    gebeurd = {een.bericht for log in opslagen.gebeurtenissen.values() for een in log}
    gezien = Counter(een.id for een in opslagen.berichten)
    if gebeurd != gezien.keys() or gezien.total() != len(gezien):
        yield (
            f"{len(gebeurd)} gebeurtenissen, maar {gezien.total()} berichten gezien;"
            f" niet gezien: {sorted(gebeurd - gezien.keys())[:3]},"
            f" nooit gebeurd: {sorted(gezien.keys() - gebeurd)[:3]}"
        )


def _overdrachten(opslagen: Opslagen, eerste_meldingen: int) -> Iterator[str]:
    """Each hand-over has exactly one child, and each child that ended is back once."""
    per_soort: dict[str, list[Bericht]] = defaultdict(list)
    for bericht in opslagen.berichten:
        per_soort[bericht.soort].append(bericht)
    wortels = [b for b in per_soort["aangenomen"] if b.data.ouder_id is None]
    if len(wortels) != eerste_meldingen:
        yield f"{len(wortels)} eerste meldingen in plaats van {eerste_meldingen}"
    kinderen = Counter(b.data.melding_id for b in per_soort["aangenomen"] if b.data.ouder_id)
    gegeven = Counter(
        b.data.overdracht.kind_id for b in per_soort["overgedragen"] if b.data.overdracht
    )
    if kinderen != gegeven or set(gegeven.values()) - {1}:
        yield f"{len(gegeven)} overdrachten, {len(kinderen)} aangenomen kinderen"
    terug = Counter(
        b.data.kind_id
        for soort in ("teruggekeerd", "overdracht-geweigerd")
        for b in per_soort[soort]
    )
    if dubbel := [kind for kind, n in terug.items() if n > 1]:
        yield f"twee keer teruggekeerd: {dubbel[:3]}"
    voltooid = {b.data.melding_id for b in per_soort["voltooid"] if b.data.ouder_id}
    if weg := voltooid - terug.keys():
        yield f"nooit teruggekeerd: {sorted(weg)[:3]}"


def _volgnummers(opslagen: Opslagen) -> Iterator[str]:
    """No two meldingen have one volgnummer, and the counter is not behind."""
    aangenomen = [b.data for b in opslagen.berichten if b.soort == "aangenomen"]
    gegeven = Counter(data.volgnummer for data in aangenomen)
    if dubbel := [nummer for nummer, n in gegeven.items() if n > 1]:
        yield f"volgnummer dubbel: {dubbel[:3]}"
    hoogste: Counter[tuple[str, str]] = Counter()
    for data in aangenomen:
        _, jaar, nummer = str(data.volgnummer).split("-")
        hoogste[data.proces, jaar] = max(hoogste[data.proces, jaar], int(nummer))
    for (proces, jaar), nummer in hoogste.items():
        vraag = f"SELECT stand FROM tellers WHERE naam = 'volgnummer-{jaar}'"
        for (stand,) in opslagen.lees[proces](vraag):
            if stand < nummer:
                yield f"{proces}: de teller staat op {stand}, maar {nummer} van {jaar} bestaat"


def is_voor(bericht: Bericht, proces: str) -> bool:
    """Whether a message of another process has something to say to this one."""
    data = bericht.data
    if data.proces == proces:
        return False
    match bericht.soort:
        case "overgedragen":
            return data.overdracht is not None and data.overdracht.naar == proces
        case "omgezet":
            return any(een.naar == proces for een in data.nieuwe_meldingen)
        case "voortgekomen":
            return data.nieuwe_melding is not None and data.nieuwe_melding.naar == proces
        case "voltooid":
            return data.ouder_proces == proces or bool(data.gekoppeld)
        case "gesloten":
            return data.uitkomst != "voltooid"
        case "afgewezen":
            return data.ouder_proces == proces
        case "gekoppeld":
            return data.andere_proces == proces
        case "persoonsgegevens-gewist":
            return True
        case _:
            return False


def _inbox(opslagen: Opslagen) -> Iterator[str]:
    """Each service received exactly what was meant for it."""
    for proces in PROCESSEN:
        bedoeld = {b.id for b in opslagen.berichten if is_voor(b, proces)}
        ontvangen = {id_ for (id_,) in opslagen.lees[proces]("SELECT bericht FROM inbox")}
        if bedoeld != ontvangen:
            yield (
                f"{proces}: {len(bedoeld)} berichten bedoeld, {len(ontvangen)} ontvangen;"
                f" niet ontvangen: {sorted(bedoeld - ontvangen)[:3]},"
                f" niet bedoeld: {sorted(ontvangen - bedoeld)[:3]}"
            )


def _volgorde(opslagen: Opslagen) -> Iterator[str]:
    """What a source said about one tree took effect in the order in which it was said."""
    oorzaken = _oorzaken(opslagen.berichten)
    nummers = opslagen.nummers
    reeksen: dict[tuple[str, str, str], list[tuple[int, int, str]]] = defaultdict(list)
    for gevolg in opslagen.berichten:
        oorzaak = oorzaken.get(_aanleiding(gevolg))
        if oorzaak is None or oorzaak.data.proces == gevolg.data.proces:
            continue
        reeks = (oorzaak.data.proces, oorzaak.partitionkey, gevolg.data.proces)
        if gevolg.id in nummers and oorzaak.id in nummers:
            reeksen[reeks].append((nummers[gevolg.id], nummers[oorzaak.id], oorzaak.id))
    for (van, boom, naar), gevolgen in reeksen.items():
        laatste = 0
        for _, gezegd, bericht in sorted(gevolgen):
            if gezegd < laatste:
                yield f"volgorde: {bericht} van {van} kwam in {naar} te laat, in boom {boom}"
            laatste = gezegd


_Aanleiding = tuple[str, str | None] | None


def _oorzaken(berichten: Sequence[Bericht]) -> Mapping[_Aanleiding, Bericht]:
    """What something can be the effect of."""
    gevonden: dict[_Aanleiding, Bericht] = {}
    for b in berichten:
        match b.soort:
            case "overgedragen" if b.data.overdracht:
                gevonden["kind", b.data.overdracht.kind_id] = b
            case "voltooid" | "afgewezen":
                gevonden[b.soort, b.data.melding_id] = b
            case "gesloten":
                gevonden["beeindigd", b.data.melding_id] = b
            case "omgezet":
                gevonden |= {("nieuw", een.melding_id): b for een in b.data.nieuwe_meldingen}
            case "voortgekomen" if b.data.nieuwe_melding:
                gevonden["nieuw", b.data.nieuwe_melding.melding_id] = b
            case _:
                pass
    return gevonden


def _aanleiding(b: Bericht) -> _Aanleiding:
    """What this message is the effect of, if it is one."""
    match b.soort:
        case "aangenomen" if b.data.ouder_id:
            return ("kind", b.data.melding_id)
        case "aangenomen" if b.data.voortgekomen_uit:
            return ("nieuw", b.data.melding_id)
        case "teruggekeerd" if b.data.resultaat == "voltooid":
            return ("voltooid", b.data.kind_id)
        case "teruggekeerd":
            return ("beeindigd", b.data.kind_id)
        case "overdracht-geweigerd":
            return ("afgewezen", b.data.kind_id)
        case "koppeling-voltooid":
            return ("voltooid", b.data.andere_id)
        case "ingetrokken" if b.data.aanleiding == "ouder-beeindigd":
            return ("beeindigd", b.data.ouder_id)
        case _:
            return None


def _afgeleid(opslagen: Opslagen) -> Iterator[str]:
    """The derived table is what follows from all messages together, byte for byte."""
    bomen: dict[str, list[bytes]] = defaultdict(list)
    for bericht, waarde in zip(opslagen.berichten, opslagen.waarden, strict=True):
        bomen[bericht.partitionkey].append(waarde)
    bewaard = dict(opslagen.lees["orchestrator"]("SELECT wortel, afleiding FROM bomen"))
    if bewaard.keys() != bomen.keys():
        yield f"{len(bomen)} bomen gezien, {len(bewaard)} afgeleid"
    for wortel, waarden in bomen.items():
        verwacht = msgspec.json.encode(leid_ruwe_boom_af(wortel, waarden))
        if wortel in bewaard and bytes(bewaard[wortel]) != verwacht:
            yield f"boom {wortel} is niet afgeleid uit alles wat ervan gezien is"


def onverwacht(
    opslagen: Opslagen, plannen: Sequence[Plan], ids: Iterable[tuple[str, str]]
) -> Iterator[str]:
    """Each first melding that did not come out as it was written."""
    per_id = {plan.id: plan for eerste in plannen for plan in eerste.alle()}
    bewaard = dict(opslagen.lees["orchestrator"]("SELECT wortel, afleiding FROM bomen"))
    for melding_id, plan_id in ids:
        regel = None
        if melding_id in bewaard:
            afleiding = msgspec.json.decode(bytes(bewaard[melding_id]))
            codes = sorted(een["code"] for een in afleiding["afwijkingen"])
            velden = {naam: afleiding.get(naam) for naam in Uitslagregel.__annotations__}
            regel = Uitslagregel(**velden | {"id": plan_id, "afwijkingen": codes})  # type: ignore[typeddict-item]
        yield from (
            f"{melding_id}: {een}" for een in verschillen(Uitslagvraag.van(per_id[plan_id]), regel)
        )
