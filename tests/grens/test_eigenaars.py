"""Who in the house may make the grens say something: the owner of the melding, and nobody else."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from tests.contracts.voorbeelden import VOORBEELDEN
from tests.keten.proefketen import Ref
from uuid_utils.compat import uuid7

from schakel.contracts.catalogus import CATALOGUS, berichten_van
from schakel.contracts.envelop import bron_van
from schakel.contracts.topics import topic_van
from schakel.contracts.werkstromen import Proces
from schakel.grens.huis import Huisreacties
from schakel.kern.bus.bericht import Levering, Record, koppen_van

from .huizen import Huis, TweeHuizen
from .test_schakel import H, U, W, vraag
from .zijden import A as OIN_A
from .zijden import B as OIN_B

GEEN = "geen-eigenaar"


class Zegger:
    """Somebody who may write one topic of a house, and says there what it likes."""

    def __init__(self, huis: Huis, proces: Proces) -> None:
        self._huis, self._proces, self._nummer = huis, proces, 900_000

    async def zeg(self, type_: str, data: dict[str, Any], **omslag: str) -> None:
        self._nummer += 1
        bron = bron_van(self._huis.oin, f"schakel-{self._proces}")
        bericht = {
            "specversion": "1.0",
            "id": f"{data['meldingId']}.{self._nummer}",
            "source": bron,
            "type": type_,
            "subject": data["meldingId"],
            "time": datetime.now(UTC).isoformat(),
            "datacontenttype": "application/json",
            "partitionkey": data["wortelId"],
            "data": data,
        } | omslag
        ruw = json.dumps(bericht).encode()
        sleutel = bericht["partitionkey"].encode()
        record = Record(self._nummer, sleutel, koppen_van(type_), ruw)
        topic = f"{topic_van(self._huis.oin, self._proces)}/0"
        await self._huis.grens.ontvanger.ontvang(Levering(topic, bron, (record,)))


def data_van(type_: str, over: Ref, proces: Proces, **anders: Any) -> dict[str, Any]:
    """What that type says, about this melding."""
    voorbeeld: dict[str, Any] = json.loads(VOORBEELDEN[type_].in_json())
    for naam in ("ouderId", "ouderProces", "n", "ronde"):
        voorbeeld.pop(naam, None)
    vast = {"meldingId": str(over.id), "wortelId": str(over.id), "proces": proces.value}
    return voorbeeld | vast | {"versie": 99} | anders


def deel_van(schakel: UUID) -> dict[str, Any]:
    return {
        "schakelId": str(schakel),
        "organisatie": OIN_A,
        "proces": "herstellen",
        "n": 1,
        "ronde": 1,
    }


async def oordeel(huizen: TweeHuizen, huis: Huis, wat: Any) -> list[str]:
    """Why it is parked; and nothing was said of it, to nobody."""
    voor = [zijde.kanaal.verkeer.stand_uit().omvang for zijde in (huizen.a, huizen.b)]
    verteld = [len(zijde.van_grens()) for zijde in (huizen.a, huizen.b)]
    await wat
    await huizen.volg()
    assert [z.kanaal.verkeer.stand_uit().omvang for z in (huizen.a, huizen.b)] == voor
    assert [len(zijde.van_grens()) for zijde in (huizen.a, huizen.b)] == verteld
    return [een.reden for een in huis.grens.ontvanger.parkeerplaats.lijst()]


def _zegt(type_: str) -> list[Proces]:
    return [proces for proces in Proces if CATALOGUS[type_] in berichten_van(proces)]


SOORTEN = sorted(Huisreacties.raakt_ons)


@pytest.mark.parametrize("type_", SOORTEN)
async def test_een_ander_zegt_niets_over_wat_hier_voor_een_partner_gebeurt(
    huizen: TweeHuizen, type_: str
) -> None:
    """In the house of the uitvoerder: about the melding of wijzigen, by each of the others."""
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    ((schakel, _),) = _schakels(huizen)
    for proces in _zegt(type_):
        if proces is W:
            continue
        zegger = Zegger(huizen.b, proces)
        extra = {"deelVan": deel_van(schakel)}
        if type_.endswith(("overdracht-aangeboden.v1", "overdracht-teruggenomen.v1")):
            continue  # what it says of its own
        # As itself, and as the one that does the work.
        eerst = await oordeel(
            huizen, huizen.b, zegger.zeg(type_, data_van(type_, daar, proces, **extra))
        )
        assert eerst[-1:] == [GEEN]
        dan = await oordeel(huizen, huizen.b, zegger.zeg(type_, data_van(type_, daar, W, **extra)))
        assert dan == [*eerst, GEEN]


@pytest.mark.parametrize("type_", SOORTEN)
async def test_over_een_melding_die_het_werk_niet_doet_zegt_ook_het_proces_zelf_niets(
    huizen: TweeHuizen, type_: str
) -> None:
    wortel = await vraag(huizen, H)
    ((schakel, _),) = _schakels(huizen)
    if W not in _zegt(type_) or "overdracht-" in type_:
        return
    ander = huizen.daar(wortel)._replace(id=uuid7())
    data = data_van(type_, ander, W, deelVan=deel_van(schakel))
    assert await oordeel(huizen, huizen.b, Zegger(huizen.b, W).zeg(type_, data)) == [GEEN]


@pytest.mark.parametrize(
    "type_",
    [
        "nl.meldingen.overdracht-teruggenomen.v1",
        "nl.meldingen.gesloten.v1",
        "nl.meldingen.persoonsgegevens-gewist.v1",
    ],
)
async def test_wat_een_gever_vroeg_trekt_niemand_anders_in_of_wist_het(
    huizen: TweeHuizen, type_: str
) -> None:
    """In the house of the vrager: about the melding of herstellen, by wijzigen as its own."""
    wortel = await vraag(huizen, H)
    (kind,) = huizen.a.keten.kinderen(wortel)
    data = data_van(type_, wortel, U, **({"kindId": str(kind.id)} if "terug" in type_ else {}))
    assert await oordeel(huizen, huizen.a, Zegger(huizen.a, U).zeg(type_, data)) == [GEEN]


async def test_een_schakel_die_er_is_wordt_niet_die_van_een_ander(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen, H)
    (kind,) = huizen.a.keten.kinderen(wortel)
    type_ = "nl.meldingen.overdracht-aangeboden.v1"
    data = data_van(type_, wortel._replace(id=uuid7()), H)
    data |= {"organisatie": OIN_B, "soort": "deelproces"}
    data["overdracht"] |= {"kindId": str(kind.id), "naar": "wijzigen", "dienst": "verlichting"}
    assert await oordeel(huizen, huizen.a, Zegger(huizen.a, H).zeg(type_, data)) == [GEEN]


async def test_wat_over_een_andere_melding_lijkt_te_gaan_dan_het_zegt_telt_niet(
    huizen: TweeHuizen,
) -> None:
    wortel = await vraag(huizen, H)
    type_ = "nl.meldingen.gesloten.v1"
    data = data_van(type_, wortel, H)
    zeg = Zegger(huizen.a, H).zeg(type_, data, subject=str(uuid7()))
    assert await oordeel(huizen, huizen.a, zeg) == ["ongeldige-inhoud"]


def _schakels(huizen: TweeHuizen) -> list[tuple[UUID, str]]:
    return [(UUID(een["schakelId"]), een["partner"]) for een in huizen.b.schakels()]
