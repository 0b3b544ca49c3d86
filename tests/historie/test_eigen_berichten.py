"""Schakel's own messages from a file: the same as the orchestrator derives, whatever they say."""

import gzip
import json
import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.afleiding.boombouw import hernoem, verander
from tests.afleiding.plannen import Meldingplan, meldingen, schrijf
from tests.afleiding.test_eigenschappen import misdraag, verminkt
from tests.historie.proef import alle

from schakel.afleiding import lees, leid_af
from schakel.contracts.werkstromen import Proces
from schakel.historie.analyse import analyseer

RUIM = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TOEVAL = st.builds(random.Random, st.integers(0, 2**32))


@RUIM
@given(plannen=st.lists(meldingen(), min_size=1, max_size=4), toeval=TOEVAL)
def test_een_bestand_met_berichten_geeft_wat_de_orchestrator_afleidt(
    plannen: list[Meldingplan], toeval: random.Random
) -> None:
    berichten: list[bytes] = []
    for nummer, plan in enumerate(plannen, 1):
        boom = schrijf(plan, nummer)
        misdraag(boom, toeval)
        berichten += boom.berichten
        berichten += [verminkt(toeval.choice(boom.berichten), boom, toeval) for _ in range(3)]
    berichten += toeval.sample(berichten, len(berichten) // 3)
    # One that says under the same id that it belongs to another tree.
    berichten.append(verander(berichten[0], wortelId=json.loads(berichten[-1])["data"]["wortelId"]))
    toeval.shuffle(berichten)
    with tempfile.TemporaryDirectory() as map_:
        log = Path(map_) / "log.jsonl.gz"
        log.write_bytes(gzip.compress(b"\n".join(berichten) + b"\n"))
        with analyseer([log], None) as analyse:
            gevonden = {zaak["zaak"]: zaak for zaak in alle(analyse)}
            geweigerd = analyse.db.execute("SELECT count(*) FROM geweigerd").fetchall()[0][0]
            assert analyse.samenvatting["rijen"]["gelezen"] == len(berichten)
    assert geweigerd == 0
    verwacht = leid_af(map(lees, berichten))
    assert gevonden.keys() == verwacht.keys()
    for wortel, af in verwacht.items():
        zaak = gevonden[wortel]
        assert zaak["werkstroom"] == af.werkstroom
        assert (zaak["kandidaten"], zaak["woord"]) == (list(af.kandidaten), af.woord)
        assert zaak["pad"] == "".join(p.letter for p in af.pad)
        assert (zaak["status"], zaak["uitkomst"]) == (af.status, af.uitkomst)
        assert zaak["afwijkingen"] == [een.code for een in af.afwijkingen]
        assert [n for n, _ in zaak["geschiedenis"]] == [b.werkstroom for b in af.geschiedenis]


def test_wat_de_orchestrator_niet_zou_lezen_wordt_geweigerd_met_de_reden(tmp_path: Path) -> None:
    goed = schrijf(Meldingplan(Proces.UITVOEREN, einde="gesloten")).berichten
    fout = [
        b"geen json",
        b"[]",
        hernoem(goed[0], type="nl.meldingen.onbekend.v1"),
        verander(goed[0], versie="een"),
    ]
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join([*goed, *fout]) + b"\n")
    with analyseer([log], None) as analyse:
        rijen = analyse.db.execute("SELECT rij, reden FROM geweigerd ORDER BY rij").fetchall()
        assert [rij for rij, _ in rijen] == [len(goed) + n for n in (1, 2, 3, 4)]
        assert all(reden for _, reden in rijen)
        assert analyse.samenvatting["werkstromen"] == {"5": 1}
