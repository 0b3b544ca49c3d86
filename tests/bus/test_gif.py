"""What a stranger puts on the bus with Kafka's own tools: kept with its reason, in nobody's way."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from deploy.lokaal.toegang import Toegang
from tests.bus.bedrijf import Bedrijf, aan_het_werk
from tests.bus.vreemde import vreemde
from tests.contracts.voorbeelden import GOUD
from tests.kern.proef import tot
from tests.keten.proefketen import Ref
from tests.keten.werkstroom import klaar_om_over_te_dragen

from schakel.contracts.envelop import bron_van
from schakel.contracts.topics import topic_van
from schakel.contracts.werkstromen import Proces
from schakel.kern.opslag import Opslag

H, U = Proces.HERSTELLEN, Proces.UITVOEREN
GESTRUCTUREERD = {"content-type": "application/cloudevents+json"}


class Gif(NamedTuple):
    """A record, and the reason for which everybody keeps it; without one it is handled."""

    naam: str
    koppen: Mapping[str, str]
    sleutel: str | None
    waarde: str | None
    reden: str | None


def overgedragen(oin: str) -> dict[str, Any]:
    """A hand-over to uitvoeren, as herstellen could have written it."""
    bericht: dict[str, Any] = json.loads((GOUD / "nl.meldingen.overgedragen.v1.json").read_text())
    wortel, kind = str(uuid4()), str(uuid4())
    bericht |= {
        "id": f"{wortel}.3",
        "source": bron_van(oin, "schakel-herstellen"),
        "subject": wortel,
        "partitionkey": wortel,
    }
    bericht["data"] |= {"meldingId": wortel, "wortelId": wortel}
    bericht["data"]["overdracht"]["kindId"] = kind
    return bericht


def kind_van(bericht: Mapping[str, Any]) -> Ref:
    return Ref(U, UUID(bericht["data"]["overdracht"]["kindId"]))


def gestructureerd(naam: str, reden: str | None, bericht: Mapping[str, Any], **anders: Any) -> Gif:
    """In the form that we write ourselves, but for what is different."""
    bericht = {**bericht, **anders}
    return Gif(naam, GESTRUCTUREERD, bericht["partitionkey"], json.dumps(bericht), reden)


def alle_gif(oin: str) -> Iterator[Gif]:
    """Everything that must be kept."""
    goed = overgedragen(oin)
    yield Gif("geen JSON", GESTRUCTUREERD, str(uuid4()), '{"half":', "geen-json")
    yield Gif("zomaar tekst", {}, str(uuid4()), "hallo daar", "geen-cloudevent")
    yield Gif("een lege waarde", GESTRUCTUREERD, str(uuid4()), None, "geen-json")
    yield Gif("niets dan leegte", {}, None, None, "geen-cloudevent")
    groot = overgedragen(oin)
    groot["data"]["ballast"] = "x" * 70_000
    yield gestructureerd("te groot", "te-groot", groot)
    vreemd = "nl.meldingen.onbekend.v1"
    yield gestructureerd("onbekend", "onbekend-type", overgedragen(oin), type=vreemd)
    nieuwer = "nl.meldingen.overgedragen.v2"
    yield gestructureerd("nieuwer", "nieuwere-versie", overgedragen(oin), type=nieuwer)
    ander = bron_van(oin, "schakel-wijzigen")
    yield gestructureerd("van een ander", "verkeerde-bron", overgedragen(oin), source=ander)
    verkeerd = gestructureerd("onder een andere sleutel", "verkeerde-sleutel", goed)
    yield verkeerd._replace(sleutel=str(uuid4()))


def goede(oin: str) -> Iterator[tuple[Gif, Ref]]:
    """Not as we would write it, and all the same in order: it is handled."""
    bericht = overgedragen(oin)
    zonder = gestructureerd("zonder sleutel", None, bericht)._replace(sleutel=None)
    yield zonder, kind_van(bericht)
    bericht = overgedragen(oin)
    attributen = {f"ce_{k}": w for k, w in bericht.items() if k not in {"data", "datacontenttype"}}
    koppen = {"content-type": "application/json", **attributen}
    waarde = json.dumps(bericht["data"])
    yield Gif("binair", koppen, bericht["partitionkey"], waarde, None), kind_van(bericht)


def geparkeerd(opslag: Opslag) -> list[tuple[str, str]]:
    return opslag.vraag("SELECT bron, reden FROM geparkeerd ORDER BY nummer")  # type: ignore[return-value]


async def test_wat_een_vreemde_ook_schrijft_het_volgende_gaat_gewoon_door(
    kafka: Toegang, oin: str, tmp_path: Path
) -> None:
    topic = topic_van(oin, H)
    duur: dict[str, float] = {}
    redenen: list[str | None] = []
    async with (
        aan_het_werk(Bedrijf(kafka, oin, tmp_path)) as bedrijf,
        vreemde(kafka, topic) as stranger,
    ):
        lezers = [bedrijf.opslag_van(p) for p in Proces if p is not H] + [bedrijf.waarneming]

        async def gaat_door(na: str) -> None:
            begin = time.monotonic()
            await bedrijf.draag_over(await klaar_om_over_te_dragen(bedrijf), U)
            duur[na] = time.monotonic() - begin

        await gaat_door("niets")
        for gif in alle_gif(oin):
            await stranger.zend(gif.waarde, sleutel=gif.sleutel, koppen=gif.koppen)
            redenen.append(gif.reden)
            for lezer in lezers:
                await tot(lambda lezer=lezer: len(geparkeerd(lezer)) == len(redenen), 30)
                assert [reden for _, reden in geparkeerd(lezer)] == redenen, gif.naam
            await gaat_door(gif.naam)
        for goed, kind in goede(oin):
            await stranger.zend(goed.waarde, sleutel=goed.sleutel, koppen=goed.koppen)
            await tot(lambda kind=kind: bestaat(bedrijf, kind), 30)
            await gaat_door(goed.naam)
        await bedrijf.is_rustig()
        assert all(len(geparkeerd(lezer)) == len(redenen) for lezer in lezers)
        assert {bron.partition("/")[0] for lezer in lezers for bron, _ in geparkeerd(lezer)} == {
            topic
        }
    assert median(duur.values()) < 1
    assert max(duur.values()) < 5


def bestaat(bedrijf: Bedrijf, melding: Ref) -> bool:
    return bedrijf.replicas[melding.proces][0].dienst.voorraad.lees(melding.id) is not None
