"""What the orchestrator keeps of what came in: all of it, as it came, and when."""

import asyncio
import json
import random
from collections.abc import Iterable
from datetime import datetime

import msgspec
import pytest
from tests.afleiding.boombouw import Boom, H, U, als_json, hernoem
from tests.orchestrator.conftest import KOPPEN, Proef, bron_van

from schakel.kern.bus.bericht import Levering, Record
from schakel.kern.opslag import Lading
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Taak
from schakel.orchestrator import dienst
from schakel.orchestrator.bomen import leid_opnieuw_af


def werkstroom_4(nummer: int = 1) -> Boom:
    boom = Boom(H, nummer)
    boom.wortel.loop().heen_en_weer(U).controleer().rond_af()
    return boom


def anders_gespeld(bericht: bytes, **attributen: str) -> bytes:
    """The same message: keys turned round, white space, an attribute that nobody knows."""
    omslag = json.loads(bericht) | attributen
    omslag["data"] = dict(reversed(omslag["data"].items()))
    return json.dumps(omslag, separators=(",  ", ":")).encode()


def binair(bericht: bytes, **attributen: str) -> tuple[bytes, list[tuple[str, bytes]], str]:
    omslag = json.loads(bericht) | attributen
    data = json.dumps(omslag.pop("data")).encode()
    omslag.pop("datacontenttype")
    koppen = [("content-type", b"application/json")]
    koppen += [(f"ce_{naam}", waarde.encode()) for naam, waarde in omslag.items()]
    return data, koppen, omslag["source"]


def rijen(proef: Proef, velden: str) -> list[tuple[object, ...]]:
    return proef.orchestrator.opslag.vraag(f"SELECT {velden} FROM gezien ORDER BY volgorde")


async def samen(proef: Proef, *berichten: bytes) -> None:
    """Deliveries of one record each, so at once that they share a transaction."""
    leveringen = [
        Levering(f"bron-{n}", bron_van(b), [Record(1, None, KOPPEN, b)])
        for n, b in enumerate(berichten)
    ]
    await asyncio.gather(*(proef.orchestrator.verzamelaar.ontvang(een) for een in leveringen))


async def test_elke_tekst_blijft_zoals_zij_kwam_en_betekent_eens(proef: Proef) -> None:
    boom = werkstroom_4()
    gespeld = [anders_gespeld(b, vreemd="x") for b in boom.berichten]
    await proef.voer([*boom.berichten, *gespeld, *boom.berichten])

    assert {bytes(waarde) for (waarde,) in rijen(proef, "waarde")} == {*boom.berichten, *gespeld}
    assert len(rijen(proef, "waarde")) == 2 * len(boom.berichten)
    assert proef.orchestrator.vragen.afleiding(str(boom.wortel_id)) == als_json(boom.af())


async def test_de_tijdlijn_hangt_niet_af_van_wat_het_eerst_kwam(proef: Proef) -> None:
    boom = werkstroom_4()
    later = hernoem(boom.berichten[2], time="2031-01-01T00:00:00+02:00")
    alles = [*boom.berichten, *map(anders_gespeld, boom.berichten), later]
    random.Random(5).shuffle(alles)
    await proef.voer(alles)
    regels = (await proef.haal(f"/meldingen/{boom.wortel_id}/tijdlijn")).json()["berichten"]

    laagste = [min(b, anders_gespeld(b)) for b in boom.berichten]
    laagste[2] = min(laagste[2], later)
    verwacht = sorted(map(json.loads, laagste), key=lambda b: datetime.fromisoformat(b["time"]))
    assert [(r["id"], r["time"]) for r in regels] == [(v["id"], v["time"]) for v in verwacht]


async def test_van_een_binair_bericht_blijft_alles_bewaard(proef: Proef) -> None:
    boom = werkstroom_4()
    data, koppen, bron = binair(boom.berichten[0], vreemd="x")
    await proef.lever(data, 1, koppen, schrijver=bron)
    await proef.lever(data, 2, koppen, schrijver=bron)

    ((waarde, kop),) = rijen(proef, "waarde, kop")
    assert json.loads(bytes(waarde))["vreemd"] == "x"  # type: ignore[arg-type]
    gelezen = msgspec.json.decode(bytes(kop))  # type: ignore[arg-type]
    assert [naam for naam, _ in gelezen["koppen"]] == [naam for naam, _ in koppen]
    assert msgspec.convert(gelezen["waarde"], bytes, strict=False) == data
    # In structured mode it is the same message, and another text.
    await proef.voer([boom.berichten[0]])
    assert [kop is None for (kop,) in rijen(proef, "kop")] == [False, True]
    afleiding = (await proef.haal(f"/meldingen/{boom.wortel_id}")).json()
    assert afleiding["afwijkingen"] == []


async def test_elk_bericht_kwam_later_dan_het_vorige_ook_als_de_klok_terugloopt(
    proef: Proef, monkeypatch: pytest.MonkeyPatch
) -> None:
    boom = werkstroom_4()
    helft = len(boom.berichten) // 2
    await proef.voer(boom.berichten[:helft])

    class Terug(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(2001, 1, 1, tzinfo=tz)  # type: ignore[arg-type]

    monkeypatch.setattr(dienst, "datetime", Terug)
    await samen(proef, *boom.berichten[helft:])
    momenten = [str(op) for (op,) in rijen(proef, "ontvangen")]
    assert len(set(momenten)) == len(boom.berichten)
    assert momenten == sorted(momenten)
    assert all(op.startswith("20") and len(op) == 27 and op.endswith("Z") for op in momenten)


async def test_twee_bomen_die_tegelijk_een_id_noemen_zien_het_allebei(proef: Proef) -> None:
    een, ander = werkstroom_4(1), werkstroom_4(2)
    vals = json.loads(een.berichten[1])
    vals["data"]["wortelId"] = vals["partitionkey"] = str(ander.wortel_id)
    await samen(proef, *een.berichten, *ander.berichten, json.dumps(vals).encode())

    for boom in (een, ander):
        afleiding = (await proef.haal(f"/meldingen/{boom.wortel_id}")).json()
        assert [a["code"] for a in afleiding["afwijkingen"]] == ["tegenstrijdig"]


async def test_een_variant_die_er_al_was_wordt_tot_het_eind_van_de_partij_gezien(
    proef: Proef,
) -> None:
    een, ander = werkstroom_4(1), werkstroom_4(2)
    vals = json.loads(een.berichten[1])
    vals["data"]["wortelId"] = vals["partitionkey"] = str(ander.wortel_id)
    await proef.voer([*ander.berichten, json.dumps(vals).encode()])
    await samen(proef, *een.berichten)

    for boom in (een, ander):
        afleiding = (await proef.haal(f"/meldingen/{boom.wortel_id}")).json()
        assert [a["code"] for a in afleiding["afwijkingen"]] == ["tegenstrijdig"]


async def test_wat_deze_partij_al_afleidde_is_geen_verandering(proef: Proef) -> None:
    boom = werkstroom_4()
    veranderd: list[int] = []

    def herleid(werk: object) -> int:
        veranderd.append(leid_opnieuw_af(werk, [str(boom.wortel_id)], 1))  # type: ignore[arg-type]
        return 0

    taak = Taak(herleid, int, Door("x", "systeem"))
    bericht = boom.berichten[0]
    levering = Levering("b", bron_van(bericht), [Record(1, None, KOPPEN, bericht)])
    await asyncio.gather(
        proef.orchestrator.verzamelaar.ontvang(levering),
        proef.orchestrator.schrijver.voer_uit(taak),
    )
    assert veranderd == [0]


_ZO_SCHREEF_0_1_0 = (
    "INSERT INTO gezien (bron, bericht, digest, wortel, melding, tijdstip, waarde)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (bron, bericht, digest) DO NOTHING"
)


def voor_deze_versie(berichten: Iterable[bytes]) -> list[tuple[object, ...]]:
    """Rows as version 0.1.0 wrote them: no moment, a digest of another kind."""
    rij = []
    for bericht in berichten:
        omslag = json.loads(bericht)
        plaats = omslag["data"]
        rij.append(
            (
                omslag["source"],
                omslag["id"],
                b"van-vroeger" + omslag["id"].encode(),
                plaats["wortelId"],
                plaats["meldingId"],
                omslag["time"],
                bericht,
            )
        )
    return rij


async def test_wat_een_vorige_versie_bewaarde_wordt_niet_nog_eens_bewaard(proef: Proef) -> None:
    boom = werkstroom_4()
    opslag = proef.orchestrator.opslag
    opslag.schrijf(Lading(rijen={_ZO_SCHREEF_0_1_0: voor_deze_versie(boom.berichten)}))
    await proef.voer(boom.berichten)
    assert len(rijen(proef, "waarde")) == len(boom.berichten)
    await proef.voer([anders_gespeld(boom.berichten[0])])
    assert len(rijen(proef, "waarde")) == len(boom.berichten) + 1
