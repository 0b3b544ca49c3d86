"""What crosses a border, as the orchestrator of one of the two shows it."""

import random

from tests.afleiding.boombouw import OIN, PARTNER, Boom, H, U, W, hernoem
from tests.afleiding.schakelbomen import spreek
from tests.orchestrator.conftest import Proef


async def test_de_orchestrator_toont_de_schakel_en_het_pad_met_een_letter(proef: Proef) -> None:
    boom = Boom(H)
    schakel = boom.wortel.loop().bied_aan(W)
    schakel.neem_aan()
    await proef.voer(random.Random(1).sample(boom.berichten, len(boom.berichten)))
    af = (await proef.haal(f"/meldingen/{schakel.id}")).json()
    assert (af["werkstroom"], af["woord"], af["regels"]) == (3, "HWUWH", 2)
    assert af["toelichting"] == "overgedragen; open schakel"
    assert af["schakels"][0]["organisatie"] == PARTNER
    assert af["openOverdrachten"][0]["organisatie"] == PARTNER
    assert not {"deelVan", "keten", "regelsNieuwer"} & af.keys()
    schakel.meld_gereed().voltooi()
    boom.wortel.keer_terug(schakel)
    await proef.voer(boom.berichten)
    af = (await proef.haal(f"/meldingen/{boom.wortel_id}")).json()
    assert (af["pad"], af["toelichting"], af["afwijkingen"]) == (
        ["herstellen", "wijzigen", "herstellen"],
        "in behandeling",
        [],
    )
    lijst = (await proef.haal(f"/meldingen/{boom.wortel_id}/tijdlijn")).json()["berichten"]
    assert {een["source"].rpartition("-")[2] for een in lijst} == {"herstellen", "grens"}


async def test_de_orchestrator_toont_waar_een_melding_deel_van_is(proef: Proef) -> None:
    daar = Boom(H, oin=PARTNER)
    schakel = daar.wortel.loop().bied_aan(W, OIN)
    hier = Boom(W, 2, OIN, schakel)
    hier.wortel.kom_in().loop().heen_en_weer(U)
    await proef.voer(hier.berichten)
    af = (await proef.haal(f"/meldingen/{hier.wortel_id}")).json()
    assert (af["werkstroom"], af["woord"]) == (2, "WUW")
    assert af["deelVan"] == {
        "schakelId": str(schakel.id),
        "organisatie": PARTNER,
        "proces": "herstellen",
        "n": 1,
        "ronde": 1,
    }
    assert af["keten"]["diepte"] == 1
    assert (await proef.haal("/geparkeerd")).json()["geparkeerd"] == []


async def test_van_wat_een_partner_zelf_zegt_wordt_niets_bewaard(proef: Proef) -> None:
    """Only through the grens of the own organisation."""
    boom = Boom(H)
    schakel = boom.wortel.loop().bied_aan(W)
    spreek(schakel)
    await proef.voer(boom.berichten)
    voor = (await proef.haal(f"/meldingen/{boom.wortel_id}")).json()
    vals = hernoem(schakel.laatst, source=f"urn:nld:oin:{PARTNER}:systeem:schakel-wijzigen")
    assert await proef.voer([vals]) == 0
    assert (await proef.haal(f"/meldingen/{boom.wortel_id}")).json() == voor
