"""A log key that is lost, and a contract that ends: what an operator does and sees."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schakel.bewijs import nieuwe_logsleutel
from schakel.cli.verklaring import maak_verklaring
from schakel.grens.overeenkomsten import Overeenkomsten
from schakel.kern.http import Staat

from .contract import CONTRACTSLEUTELS, overeenkomst
from .huizen import AFSPRAKEN, Huis, TweeHuizen
from .test_beheer import bereikbaar, schakel
from .test_beheer import vraag as doe
from .test_schakel import H, U, W, controleer, rond, voer_uit, vraag
from .zijden import A, B


def verklaring(pem: bytes, volgnummer: int = 1, *eraf: str, oin: str = A) -> bytes:
    return maak_verklaring(
        f"schakel/{A}/{B}", volgnummer, CONTRACTSLEUTELS[oin], erbij=[pem], eraf=eraf
    )


async def test_een_verloren_logsleutel_wordt_vervangen_met_de_contractsleutel(
    huizen: TweeHuizen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    pem = nieuwe_logsleutel()
    (huizen.a.map / "log.pem").write_bytes(pem)
    await huizen.herstart(huizen.a)
    await voer_uit(huizen.b.keten, daar, (W, U))
    await huizen.volg()
    assert huizen.a.kanaal.verkeer.stand_in().omvang == 1  # no receipt can be given: nothing taken
    oud = huizen.a.kanaal.verkeer.partij.sleutels_uit(None).geldig(1)[0].vkey
    bestand = tmp_path / "verklaring.json"
    bestand.write_bytes(verklaring(pem, 1, oud))
    async with bereikbaar(huizen.a, monkeypatch):
        assert await schakel("zeg-sleutels", B, str(bestand)) == 0
    await huizen.volg()
    assert huizen.a.gezegd() == ["aangeboden", "verbinding.sleutels"]
    assert huizen.a.kanaal.verkeer.stand_in().omvang == 3
    await rond(huizen, wortel)
    controleer(huizen, wortel, daar)
    for huis in (huizen.a, huizen.b):
        assert (await huis.kanaal.verbinding()).gestopt is None


async def test_een_verklaring_die_niet_past_wordt_niet_gezegd(huizen: TweeHuizen) -> None:
    pem = nieuwe_logsleutel()
    oud = huizen.a.kanaal.verkeer.partij.sleutels_uit(None).geldig(1)[0].vkey
    for ruw, code in (
        (verklaring(pem, 1, oud), "geen-logsleutel"),
        (verklaring(pem, oin=B), "verklaring-past-niet"),
    ):
        body = json.loads(ruw)
        antwoord = await doe(huizen.a, "POST", f"/partners/{B}/sleutelverklaringen", **body)
        assert (antwoord.status_code, antwoord.json()["code"]) == (409, code)
    assert huizen.a.gezegd() == []
    goed = json.loads(verklaring(pem))
    for code in (201, 409):  # a number is used once
        antwoord = await doe(huizen.a, "POST", f"/partners/{B}/sleutelverklaringen", **goed)
        assert antwoord.status_code == code
    assert huizen.a.gezegd() == ["verbinding.sleutels"]


async def test_van_een_overeenkomst_die_afloopt_wordt_op_tijd_verteld(
    huizen: TweeHuizen, capsys: pytest.CaptureFixture[str]
) -> None:
    grens = huizen.a.grens
    assert "overeenkomsten" not in grens.staat()
    huizen.klok.nu = datetime(2027, 12, 12, tzinfo=UTC)  # 20 days before its end
    capsys.readouterr()
    for _ in range(2):
        await grens.partners.ververs(bel=False)
    assert "".join(capsys.readouterr()).count("overeenkomst_verloopt") == 1
    assert grens.staat()["overeenkomsten"] is Staat.GESTOORD
    assert grens.toelichting()["overeenkomsten"] == f"verloopt binnenkort: {B}"
    huizen.klok.verder(days=30)
    await grens.partners.ververs(bel=False)
    assert "overeenkomsten" not in grens.staat()
    assert grens.partners.eerste_einde() is None
    assert Overeenkomsten(huizen.a.map / "partners", A, huizen.klok).partners() == {}


def zet(huis: Huis, volgnummer: int, vanaf: str, tot: str, **anders: Any) -> None:
    """A signed successor in its folder."""
    ruw = overeenkomst(
        volgnummer=volgnummer,
        geldigVanaf=f"{vanaf}T00:00:00Z",
        geldigTot=f"{tot}T00:00:00Z",
        **{"afspraken": AFSPRAKEN, **anders},
    )
    (huis.map / "partners" / f"opvolger-{volgnummer}.overeenkomst.json").write_bytes(ruw)


@pytest.mark.parametrize(
    ("opvolgers", "einde"),
    [
        ([(2, "2028-01-01", "2029-01-01")], 2029),
        ([(2, "2027-12-01", "2029-01-01"), (3, "2029-01-01", "2030-01-01")], 2030),
        ([(3, "2029-01-01", "2030-01-01"), (2, "2028-01-01", "2029-01-01")], 2030),
        ([(2, "2028-01-02", "2029-01-01")], None),
        ([(1, "2028-01-01", "2029-01-01")], None),
        ([(2, "2027-12-20", "2027-12-25")], None),
    ],
    ids=["sluit aan", "en nog een", "in welke volgorde ook", "een gat", "oud", "wordt korter"],
)
async def test_een_getekende_opvolger_die_aansluit_is_op_tijd(
    huizen: TweeHuizen, opvolgers: list[tuple[int, str, str]], einde: int | None
) -> None:
    huizen.klok.nu = datetime(2027, 12, 12, tzinfo=UTC)
    for volgnummer, vanaf, tot in opvolgers:
        zet(huizen.a, volgnummer, vanaf, tot)
    grens = huizen.a.grens
    await grens.partners.ververs(bel=False)
    assert ("overeenkomsten" in grens.staat()) is (einde is None)
    if einde is not None:
        assert grens.partners.eerste_einde() == datetime(einde, 1, 1, tzinfo=UTC)


async def test_een_overeenkomst_die_voorbij_is_blijft_te_zien_zolang_er_werk_open_is(
    huizen: TweeHuizen, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is said meanwhile waits; with a new contract it goes, and nothing is lost."""
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    huizen.klok.nu = datetime(2028, 1, 2, tzinfo=UTC)
    capsys.readouterr()
    for huis in (huizen.a, huizen.b):
        await huis.grens.partners.ververs(bel=False)
        assert huis.grens.staat()["overeenkomsten"] is Staat.GESTOORD
    assert "warning" in next(
        regel
        for regel in "".join(capsys.readouterr()).splitlines()
        if "overeenkomst_voorbij" in regel
    )
    assert huizen.a.grens.toelichting()["overeenkomsten"] == f"voorbij, met werk dat open is: {B}"
    await voer_uit(huizen.b.keten, daar, (W, U))
    await huizen.b.bezorg()
    for huis in (huizen.a, huizen.b):
        zet(huis, 2, "2028-01-01", "2030-01-01")
        await huis.grens.partners.ververs(bel=False)
    await huizen.hervat()
    await huizen.volg()
    await rond(huizen, wortel)
    controleer(huizen, wortel, daar)
    huizen.klok.nu = datetime(2030, 1, 2, tzinfo=UTC)
    for huis in (huizen.a, huizen.b):  # all is closed: there is nothing to look after
        await huis.grens.partners.ververs(bel=False)
        assert "overeenkomsten" not in huis.grens.staat()


async def test_een_opvolger_telt_bij_elk_op_zijn_eigen_moment(huizen: TweeHuizen) -> None:
    """While messages flow; each has what is agreed there, and an offer of before it stands."""
    a, b = huizen.a, huizen.b
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    zonder = [{**een, "diensten": ["wegen"]} for een in AFSPRAKEN]
    for nummer, afspraken in ((2, zonder), (3, AFSPRAKEN)):
        zet(a, nummer, "2026-01-01", "2029-01-01", afspraken=afspraken)
        await a.grens.partners.ververs(bel=False)
        assert a.kanaal.verkeer.partij.kenmerken[1] == b.kanaal.verkeer.partij.kenmerken[0]
        await vraag(huizen, H)  # flows on in the session that there was
        # What A may not ask any more it does not say; what B may not yet be asked it refuses.
        assert len(b.gezegd()) == nummer - 1
        zet(b, nummer, "2026-01-01", "2029-01-01", afspraken=afspraken)
        await b.grens.partners.ververs(bel=False)
        assert a.kanaal.verkeer.partij.kenmerken == b.kanaal.verkeer.partij.kenmerken
        await huizen.hervat()
    assert b.gezegd() == ["aangenomen", "geweigerd"]
    await voer_uit(b.keten, daar, (W, U))
    await huizen.volg()
    await rond(huizen, wortel)
    assert a.geparkeerd() == b.geparkeerd() == 0


async def test_na_een_kopie_van_voor_een_sleutelwissel_komen_eerst_nieuwe_sleutels(
    huizen: TweeHuizen,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The key that the copy has was revoked in leaves that the copy had not: nobody can sign."""
    a, bestand = huizen.a, tmp_path / "verklaring.json"

    def geldig() -> str:
        stand = a.kanaal.verkeer.stand_uit()
        return stand.sleutels.geldig(stand.omvang)[0].vkey

    async def wissel(volgnummer: int) -> None:
        pem, weg = nieuwe_logsleutel(), geldig()
        (a.map / "log.pem").write_bytes(pem)
        await huizen.herstart(a)
        bestand.write_bytes(verklaring(pem, volgnummer, weg))
        async with bereikbaar(a, monkeypatch):
            assert await schakel("zeg-sleutels", B, str(bestand)) == 0

    kopie = await huizen.kopieer(a)
    await wissel(1)
    await huizen.volg()

    assert "partners" not in a.grens.toelichting()
    await vraag(huizen, H)
    await huizen.zet_terug(a, kopie)
    terug = ["verbinding.sleutels", "aangeboden"]
    assert a.gezegd() == terug
    wortel = await vraag(huizen, H)
    capsys.readouterr()
    for _ in range(2):  # a start changes nothing about it
        assert a.gezegd() == terug
        assert [een["teZeggen"] for een in a.schakels() if een["meldingId"]] == [1]
        assert a.grens.toelichting()["partners"] == f"geen-logsleutel: {B}"
        (getoond,) = (await doe(a, "GET", "/partners")).json()["partners"]
        assert (getoond["mistLogsleutel"], getoond["isHervat"]) == (True, False)
        await a.grens.partners.zeg_eens()
        assert "geen_logsleutel" in "".join(capsys.readouterr())
        await huizen.herstart(a)
        await huizen.volg()
    await wissel(2)
    assert a.gezegd() == [*terug, "verbinding.sleutels", "verbinding.herstel", "aangeboden"]
    await huizen.volg()
    assert "partners" not in a.grens.toelichting()
    daar = huizen.daar(wortel)
    await voer_uit(huizen.b.keten, daar, (W, U))
    await huizen.volg()
    await rond(huizen, wortel)
    controleer(huizen, wortel, daar)
    for huis in (huizen.a, huizen.b):
        assert (await huis.kanaal.verbinding()).gestopt is None


async def test_wie_de_sleutel_terugvindt_zegt_alsnog_herstel(huizen: TweeHuizen) -> None:
    """The same, and then the key turns up: it is put in the setting, and no statement is needed."""
    a = huizen.a
    kopie = await huizen.kopieer(a)
    oud = a.kanaal.verkeer.stand_uit().sleutels.geldig(1)[0].vkey
    pem = nieuwe_logsleutel()
    (a.map / "log.pem").write_bytes(pem)
    await huizen.herstart(a)
    body = json.loads(verklaring(pem, 1, oud))
    assert (await doe(a, "POST", f"/partners/{B}/sleutelverklaringen", **body)).status_code == 201
    await huizen.volg()
    await huizen.zet_terug(a, kopie)
    assert a.gezegd() == ["verbinding.sleutels"]
    (a.map / "log.pem").write_bytes(pem)
    await huizen.herstart(a)
    assert a.gezegd() == ["verbinding.sleutels", "verbinding.herstel"]
    assert (await a.kanaal.verbinding()).is_hervat


async def test_wie_onder_het_vorige_contract_belde_houdt_daarmee_op(huizen: TweeHuizen) -> None:
    """It would call the former address, under what is over."""
    partners = huizen.a.grens.partners
    band, opgehouden = partners._banden[B], list[str]()
    band.opruimen.callback(opgehouden.append, "de eerste")
    await partners.ververs(bel=False)
    assert opgehouden == []
    zet(huizen.a, 2, "2026-02-01", "2028-01-01")
    await partners.ververs(bel=False)
    assert opgehouden == ["de eerste"]
    band.opruimen.callback(opgehouden.append, "de tweede")
    for bestand in (huizen.a.map / "partners").iterdir():
        bestand.unlink()
    await partners.ververs(bel=False)
    assert opgehouden == ["de eerste", "de tweede"]
