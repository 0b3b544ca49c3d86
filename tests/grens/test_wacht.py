"""What waits for an offer, a contract or a resumption: nothing overtakes it, nothing is lost."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from schakel.contracts.schakels import berichten as s
from schakel.contracts.schakels.woorden import Kant
from schakel.grens import gesprek
from schakel.grens.dienst import Grens
from schakel.grens.fouten import Golffout
from schakel.grens.instellingen import Instellingen
from schakel.grens.overzicht import kenmerken
from schakel.grens.partners import Partners
from schakel.grens.schakel import Schakel
from schakel.kern.grond.weigering import Overbelast
from schakel.kern.zicht.taken import niemand

from .huizen import Huis, TweeHuizen
from .test_beheer import vraag as doe
from .test_rem import beheer, status
from .test_schakel import H, controleer, vraag
from .zijden import A, B


async def vraag_wissing(huis: Huis, grond: str = "avg") -> None:
    """An operator asks the other to erase the only schakel that there is."""
    (getoond,) = huis.schakels()
    pad = f"/schakels/{getoond['schakelId']}/wissingsverzoeken"
    assert (await doe(huis, "POST", pad, grond=grond)).status_code == 201


async def test_een_wissing_gaat_een_aanbod_dat_wacht_niet_voor(huizen: TweeHuizen) -> None:
    await beheer(huizen.a, B, "blokkades")
    wortel = await vraag(huizen, H)
    await vraag_wissing(huizen.a)
    await huizen.volg()
    assert huizen.a.gezegd() == []
    await beheer(huizen.a, B, "blokkade-opheffingen")
    await huizen.volg()
    assert huizen.a.gezegd() == ["aangeboden", "wissing-gevraagd"]
    assert huizen.b.gezegd() == ["aangenomen"]
    assert status(huizen, wortel) == "open"


async def test_over_wat_nooit_gezegd_is_wordt_geen_wissing_gevraagd(tmp_path: Path) -> None:
    huizen = await TweeHuizen(tmp_path).open()
    wortel = await vraag(huizen, H)
    (kind,) = huizen.a.keten.kinderen(wortel)
    await huizen.a.keten.doe(
        wortel, "overdracht-terugnames", kindId=str(kind.id), reden="duurt-te-lang"
    )
    await huizen.a.keten.doe(wortel, "intrekkingen", reden="niet-meer-nodig")
    await huizen.a.keten.doe(wortel, "wissingen", grond="avg")
    await huizen.volg(over=False)
    await huizen.hervat()
    await huizen.volg()
    assert (huizen.a.gezegd(), huizen.b.schakels()) == ([], [])
    (getoond,) = huizen.a.schakels()
    assert getoond["teZeggen"] == 0
    await huizen.sluit()


async def test_een_vraag_om_wissing_gaat_een_keer_over(huizen: TweeHuizen) -> None:
    await vraag(huizen, H)
    for grond in ("avg", "avg", "anders"):
        await vraag_wissing(huizen.a, grond)
        await huizen.volg()
    assert huizen.a.gezegd() == ["aangeboden", "wissing-gevraagd"]
    (getoond,) = huizen.b.schakels()
    pad = f"/schakels/{getoond['schakelId']}/behoudingen"
    assert (await doe(huizen.b, "POST", pad, grond="archiefplicht")).status_code == 201
    await huizen.volg()
    await vraag_wissing(huizen.a)
    await huizen.volg()
    assert huizen.a.gezegd() == ["aangeboden", "wissing-gevraagd", "wissing-gevraagd"]


async def test_een_pagina_van_wie_geen_overeenkomst_meer_heeft_wordt_niet_bevestigd(
    huizen: TweeHuizen,
) -> None:
    """Its contract ended while the page came in."""
    await vraag(huizen, H, over=False)
    kanaal, verbinding = huizen.b.kanaal, await huizen.a.kanaal.verbinding()
    pagina = await huizen.a.kanaal.pagina(verbinding.sessie_uit or "", 0)
    assert pagina is not None
    bestand = huizen.b.map / "partners" / "b.overeenkomst.json"
    ruw = bestand.read_bytes()
    bestand.unlink()
    await huizen.b.grens.partners.ververs(bel=False)
    with pytest.raises(Golffout) as fout:
        await kanaal.neem_pagina(pagina.schrijf())
    assert fout.value.code == "geen-overeenkomst"
    assert kanaal.verkeer.stand_in().omvang == 0
    bestand.write_bytes(ruw)
    await huizen.b.grens.partners.ververs(bel=False)
    await huizen.volg()
    assert huizen.b.gezegd() == ["aangenomen"]


async def test_wat_in_een_gat_tussen_twee_overeenkomsten_gezegd_is_gaat_daarna_over(
    huizen: TweeHuizen,
) -> None:
    partners = huizen.a.grens.partners
    bestand = huizen.a.map / "partners" / "b.overeenkomst.json"
    ruw = bestand.read_bytes()
    bestand.unlink()
    await partners.ververs(bel=False)
    wortel = await vraag(huizen, H, over=False)
    bestand.write_bytes(ruw)
    await partners.ververs(bel=False)
    await partners.zeg_eens()
    await huizen.volg()
    assert huizen.a.gezegd() == ["aangeboden"]
    controleer(huizen, wortel, huizen.daar(wortel))


async def test_wat_op_een_vraag_wacht_houdt_de_hervatting_niet_op(
    huizen: TweeHuizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The grens of B alone is put back; its house speaks of what was asked in the lost end."""
    monkeypatch.setattr(gesprek, "SAMEN", 1)
    await vraag(huizen, H, over=False)
    await huizen._breng(huizen.a, huizen.b)
    levering = huizen.b.grens.log.lees(0)
    for dienst in huizen.b.keten.diensten.values():
        await dienst.ontvanger.ontvang(levering)
    await zonder_grens(huizen.b)
    (getoond,) = huizen.b.schakels()
    assert (getoond["teZeggen"], getoond["gehoord"]) == (1, 0)
    async with asyncio.timeout(20):
        await huizen.hervat()
        await huizen.volg()
    assert huizen.b.gezegd() == ["aangenomen"]


async def zonder_grens(huis: Huis) -> None:
    """Its grens starts on an empty store, and hears what its house has to say."""
    await huis.grens.schrijver.sluit()
    huis.grens.opslag.sluit()
    for bestand in huis.map.glob("grens*"):
        bestand.unlink()
    instellingen = Instellingen(
        oin=huis.oin, gegevensmap=huis.map, logsleutels=(huis.map / "log.pem",)
    )
    huis.grens = Grens(instellingen, klok=huis.klok)
    await huis.grens.vergeet_sessies()
    await huis.grens.partners.ververs(bel=False)
    await huis.keten.bezorg()
    for dienst in huis.keten.diensten.values():
        if (levering := dienst.log.lees(0)).records:
            await huis.grens.ontvanger.ontvang(levering)


async def test_in_een_blokkade_vindt_een_wissing_haar_weg_langs_alles_wat_wacht(
    huizen: TweeHuizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gesprek, "SAMEN", 2)
    wortels = [await vraag(huizen, H) for _ in range(4)]
    await beheer(huizen.b, A, "blokkades")
    for wortel in wortels:
        await huizen.b.keten.stappen(huizen.daar(wortel), "afwijzingen")
    await huizen.volg()
    laatste = huizen.b.schakels()[-1]
    pad = f"/schakels/{laatste['schakelId']}/wissingsverzoeken"
    await huizen.herstart(huizen.b)
    await huizen.b.grens.vergeet_sessies()
    assert (await doe(huizen.b, "POST", pad, grond="avg")).status_code == 201
    await huizen.hervat()
    assert huizen.b.gezegd() == ["aangenomen"] * 4 + ["wissing-gevraagd"]


async def test_alleen_wie_iets_te_horen_heeft_wordt_gewekt(huizen: TweeHuizen) -> None:
    """Fifty callers that each look after every commit cost more than what they say."""
    nieuws = huizen.b.kanaal.nieuws
    await beheer(huizen.b, A, "blokkades")
    await asyncio.sleep(0)
    nieuws.clear()
    await vraag(huizen, H)
    await asyncio.sleep(0.05)
    assert huizen.b.kanaal.verkeer.stand_in().omvang == 1
    assert not nieuws.is_set()
    await huizen.b.kanaal.zeg([b"iets"])
    async with asyncio.timeout(5):
        await nieuws.wait()


async def test_wie_niets_kan_zeggen_houdt_niemand_op_die_belt() -> None:
    partners, gebeld = Partners.__new__(Partners), []

    class Leeg:
        def vraag(self, sql: str) -> list[Any]:  # noqa: ARG002
            return []

    class Vol:
        async def zeg_wat_wacht(self) -> None:
            raise Overbelast("wachtrij-vol", "er wacht te veel")

    class Band:
        is_nieuw, controlepunten_op, kanaal = True, 0.0, Vol()
        opruimen = AsyncExitStack()

    async def kijk() -> None:
        gebeld.append(1)

    band: Any = Band()
    band.opruimen.callback(gebeld.clear)
    partners._banden, partners._opslag = {B: band}, Leeg()  # type: ignore[assignment]
    partners.ververs = kijk  # type: ignore[method-assign]
    with pytest.raises(Overbelast):
        await partners.zeg(niemand)
    volgt = asyncio.create_task(partners.draai(niemand))
    await asyncio.sleep(0.05)
    assert gebeld == [1]
    volgt.cancel()
    await asyncio.wait([volgt])


class Rij(list[Any]):
    """A long row, of which single places and its end are looked at."""

    def __iter__(self) -> Any:
        raise AssertionError("niemand loopt een hele rij af")


def test_niemand_loopt_een_rij_af_om_te_zien_wat_er_nieuw_is() -> None:
    zender = s.Zender(organisatie=B, rol="systeem")
    id_ = UUID("01890000-0000-7000-8000-000000000000")
    schakel = Schakel.begin(A, B, Kant.VRAGER, id_)
    for nummer in range(1, 100):
        bericht = s.SchakelVoortgang(
            schakel_id=str(id_), nummer=nummer, bij=0, door=zender, stand="opgeschort"
        )
        schakel.leg_bij(Kant.UITVOERDER, bericht)
    assert schakel.vouw.aantal_noten == 99
    for naam in ("_beurten", "_noten"):
        setattr(schakel.vouw, naam, Rij(getattr(schakel.vouw, naam)))
    for rij in schakel.vouw._rijen.values():
        rij.ruw, rij.noten, rij.zetten = Rij(rij.ruw), Rij(rij.noten), Rij(rij.zetten)
    getoond = kenmerken(schakel)
    assert (len(getoond["noten"]), getoond["aantalNoten"]) == (20, 99)
    assert (schakel.aanbod, schakel.intrekking, schakel.wissing_open) == (None, None, False)
    bericht = s.SchakelVoortgang(
        schakel_id=str(id_), nummer=100, bij=0, door=zender, stand="opgeschort"
    )
    schakel.leg_bij(Kant.UITVOERDER, bericht)
    assert schakel.stand.is_dicht is False
    assert [beurt.bericht.nummer for beurt in schakel.vouw.nieuwe_beurten()][-1] == 100
