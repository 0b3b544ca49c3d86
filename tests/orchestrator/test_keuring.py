"""What may be kept: said by who may say it, and all of it as the contract has it."""

import json
from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest
from tests.afleiding.boombouw import BRON, OIN, Boom, H, U, hernoem
from tests.contracts.voorbeelden import VOORBEELDEN
from tests.orchestrator.conftest import KOPPEN, Proef

from schakel.contracts.catalogus import CATALOGUS, VAN_GRENS, berichten_van
from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.contracts.deelproces import INGEKOMEN
from schakel.contracts.historie import TYPEN
from schakel.contracts.organisatie import GRENS
from schakel.contracts.topics import historie_van, processen_van
from schakel.contracts.werkstromen import Proces
from schakel.kern.bus.bericht import Record
from schakel.orchestrator.verzamelaar import _lees

PROCESSEN = processen_van(OIN)
_, HISTORIE = historie_van(OIN)
ZENDERS = [*Proces, GRENS, None]
"""None is the import."""


def bron_van(zender: str | None) -> str:
    return HISTORIE if zender is None else f"{BRON}{zender}"


def bericht(type_: str, data: dict[str, Any], bron: str, **attributen: str) -> bytes:
    omslag = {
        "specversion": "1.0",
        "id": "een",
        "source": bron,
        "type": type_,
        "subject": data["meldingId"],
        "time": "2026-01-02T03:04:05Z",
        "partitionkey": data["wortelId"],
        "data": data,
    }
    return json.dumps(omslag | attributen).encode()


def mis(ruw: bytes, bron: str) -> Leesfout | None:
    """Why it is not kept."""
    try:
        _lees(Record(1, None, KOPPEN, ruw), bron, PROCESSEN)
    except OnleesbaarBericht as fout:
        return fout.code
    return None


@pytest.mark.parametrize("zender", ZENDERS)
@pytest.mark.parametrize("type_", CATALOGUS)
def test_elke_soort_telt_alleen_van_het_proces_zelf_of_van_de_grens(
    type_: str, zender: str | None
) -> None:
    data = json.loads(VOORBEELDEN[type_].model_dump_json(by_alias=True, exclude_none=True))
    bron, soort = bron_van(zender), CATALOGUS[type_]
    if zender == GRENS and soort not in INGEKOMEN:  # of a first melding it never speaks
        data |= {"ouderId": str(uuid4()), "ouderProces": "herstellen", "n": 1, "ronde": 1}
    for proces in (een for een in Proces if soort in (*berichten_van(een), *INGEKOMEN)):
        ruw = bericht(type_, data | {"proces": proces}, bron)
        mag = soort in VAN_GRENS if zender == GRENS else proces == zender and soort not in INGEKOMEN
        assert mis(ruw, bron) == (None if mag else Leesfout.GEEN_EIGENAAR)


@pytest.mark.parametrize("zender", ZENDERS)
async def test_wat_een_ander_zegt_wordt_geparkeerd_en_verandert_niets(
    proef: Proef, zender: str | None
) -> None:
    boom = Boom(H)
    boom.wortel.loop().heen_en_weer(U).controleer().rond_af()
    await proef.voer(boom.berichten)
    voor = (await proef.haal(f"/meldingen/{boom.wortel_id}")).json()
    vals = [
        hernoem(een, source=bron_van(zender), id=f"vals-{n}")
        for n, een in enumerate(boom.berichten)
        if json.loads(een)["data"]["proces"] != zender
        and (zender != GRENS or "ouderId" not in json.loads(een)["data"])
    ]
    assert await proef.voer(vals) == 0
    assert (await proef.haal(f"/meldingen/{boom.wortel_id}")).json() == voor
    geparkeerd = (await proef.haal("/geparkeerd", limiet=200)).json()["geparkeerd"]
    assert [een["reden"] for een in geparkeerd] == ["geen-eigenaar"] * len(vals)
    assert not [een for een in geparkeerd if een["boom"]]


def met(*pad: str, waarde: Any) -> Callable[[dict[str, Any]], None]:
    def doe(data: dict[str, Any]) -> None:
        for naam in pad[:-1]:
            data = data[naam]
        data[pad[-1]] = waarde

    return doe


ONGELDIG = {
    "een kindId die geen id is": met("overdracht", "kindId", waarde="kind"),
    "een kindId in hoofdletters": met("overdracht", "kindId", waarde=str(uuid4()).upper()),
    "een kindId zonder streepjes": met("overdracht", "kindId", waarde=uuid4().hex),
    "een te hoge n": met("overdracht", "n", waarde=1_000_001),
    "een ronde nul": met("overdracht", "ronde", waarde=0),
    "een n als tekst": met("overdracht", "n", waarde="1"),
    "een dataref die geen adres is": met("overdracht", "dataref", waarde="javascript:x"),
    "een uiterlijk buiten de kalender": met(
        "overdracht", "uiterlijk", waarde="0001-01-01T00:00:00+14:00"
    ),
    "een uiterlijk na de kalender": met(
        "overdracht", "uiterlijk", waarde="9999-12-31T23:59:59-14:00"
    ),
    "een uiterlijk zonder tijdzone": met("overdracht", "uiterlijk", waarde="2026-01-01T00:00:00"),
    "een halve plaats": met("n", waarde=1),
    "een versie nul": met("versie", waarde=0),
    "een meldingId die geen id is": met("meldingId", waarde="melding"),
    "een wortelId in hoofdletters": met("wortelId", waarde=str(uuid4()).upper()),
    "een ander onderwerp": met("meldingId", waarde=str(uuid4())),
}


@pytest.mark.parametrize("wijzig", ONGELDIG.values(), ids=ONGELDIG)
async def test_wat_bewaard_wordt_is_zo_strikt_als_het_contract(
    proef: Proef, wijzig: Callable[[dict[str, Any]], None]
) -> None:
    boom = Boom(H)
    boom.wortel.loop().draag_over(U)
    omslag = next(o for o in map(json.loads, boom.berichten) if "overdracht" in o["data"])
    wijzig(omslag["data"])
    assert await proef.voer([json.dumps(omslag).encode()]) == 0
    ((reden,),) = proef.orchestrator.opslag.vraag("SELECT reden FROM geparkeerd")
    assert reden == Leesfout.ONGELDIGE_INHOUD
    assert proef.orchestrator.opslag.vraag("SELECT 1 FROM gezien") == []


def test_een_invoer_spreekt_alleen_over_wat_hij_zelf_bracht() -> None:
    eigen, vreemd = str(uuid5(NAMESPACE_URL, "a")), str(uuid4())
    for type_ in CATALOGUS:
        for melding in (eigen, vreemd):
            for wortel in (eigen, vreemd):
                data = {
                    "meldingId": melding,
                    "wortelId": wortel,
                    "proces": "uitvoeren",
                    "ingevoerd": True,
                    "uitgave": 1,
                }
                verwacht = None if type_ in TYPEN else Leesfout.ONGELDIGE_INHOUD
                if vreemd in (melding, wortel):
                    verwacht = Leesfout.GEEN_EIGENAAR
                assert mis(bericht(type_, data, HISTORIE), HISTORIE) == verwacht
        data = {"meldingId": eigen, "wortelId": eigen, "proces": "uitvoeren", "versie": 1}
        assert mis(bericht(type_, data, f"{BRON}uitvoeren"), f"{BRON}uitvoeren") == (
            Leesfout.GEEN_EIGENAAR
        )


@pytest.mark.parametrize(
    "anders", [{"uitgave": 0}, {"uitgave": "1"}, {"ingevoerd": False}, {"oordeel": "mooi"}]
)
def test_ook_een_invoer_is_zo_strikt_als_het_contract(anders: dict[str, Any]) -> None:
    eigen = str(uuid5(NAMESPACE_URL, "a"))
    data = {"meldingId": eigen, "wortelId": eigen, "proces": "uitvoeren", "ingevoerd": True}
    goed = bericht(TYPEN[0], data | {"uitgave": 1}, HISTORIE)
    assert mis(goed, HISTORIE) is None
    slecht = bericht(TYPEN[0], data | {"uitgave": 1} | anders, HISTORIE)
    assert mis(slecht, HISTORIE) == Leesfout.ONGELDIGE_INHOUD
