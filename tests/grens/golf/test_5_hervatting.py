"""Section 5: sessions, and what each half of a resumption may say."""

import json
from base64 import b64encode
from typing import Any
from uuid import UUID, uuid4

import pytest

from .conftest import Proef
from .vreemde import (
    SESSIE,
    VAN_A,
    VAN_B,
    Logsleutel,
    compact,
    drie_regels,
    keur_controlepunt,
    keur_ontvangstbewijs,
    wortel,
)


async def test_het_antwoord_is_hetzelfde_voorwerp_van_de_andere_kant(proef: Proef) -> None:
    a = proef.a
    ruw = await a.vraag("POST", "hervattingen", a.hervatting())
    sessie = ruw.json["ontvangen"]["sessie"]
    assert json.loads(ruw.inhoud) == {
        "overeenkomst": a.kenmerk,
        "ontvangen": {"sessie": sessie, "omvang": 0, "ontvangstbewijs": None},
        "gezegd": {"omvang": 0, "controlepunt": None},
    }
    assert (UUID(sessie).version, str(UUID(sessie))) == (4, sessie)
    await a.hervat()
    await a.zeg(b"een", b"twee")
    await proef.b.kanaal.zeg([b"drie"])
    antwoord = await a.hervat()
    assert antwoord["ontvangen"]["omvang"] == 2
    bewijs = antwoord["ontvangen"]["ontvangstbewijs"]
    keur_ontvangstbewijs(bewijs, a.log.tekst(2), VAN_B, a.sleutels.b.publiek)
    tekst = drie_regels(VAN_B, 1, wortel([b"drie"]))
    assert antwoord["gezegd"]["omvang"] == 1
    keur_controlepunt(antwoord["gezegd"]["controlepunt"], tekst, VAN_B, a.sleutels.b.publiek)


async def test_voor_de_hervatting_wordt_niets_genomen_of_gegeven(proef: Proef) -> None:
    a = proef.a
    a.log.bladen = [b"een"]
    a.sessie = str(uuid4())
    assert (await a.breng(0)).wat == (409, "sessie-onbekend")
    antwoord = await a.vraag("GET", f"paginas?vanaf=0&sessie={SESSIE}")
    assert antwoord.wat == (409, "sessie-onbekend")
    assert (proef.ingenomen, proef.gestopt) == (0, None)


async def test_elke_hervatting_trekt_een_nieuwe_sessie_en_de_oude_is_over(proef: Proef) -> None:
    a = proef.a
    await a.hervat()
    await a.zeg(b"een")
    oud = a.sessie
    await a.hervat()
    assert a.sessie != oud
    a.log.bladen.append(b"twee")
    pagina = a.log.pagina(oud, 1)
    assert (await a.vraag("POST", "paginas", pagina)).wat == (409, "sessie-onbekend")
    assert (proef.ingenomen, proef.gestopt) == (1, None)
    assert (await a.breng(1)).status == 200


async def test_van_ons_logboek_geldt_de_sessie_die_zij_het_laatst_trokken(proef: Proef) -> None:
    a, ander = proef.a, str(uuid4())
    await a.hervat()
    await a.hervat(ontvangen={"sessie": ander, "omvang": 0, "ontvangstbewijs": None})
    for sessie, verwacht in ((SESSIE, 409), (a.sessie, 409), (ander, 204)):
        antwoord = await a.vraag("GET", f"paginas?vanaf=0&sessie={sessie}")
        assert antwoord.status == verwacht


# A shape that is not one


def ontvangen(**anders: Any) -> dict[str, Any]:
    return {"sessie": SESSIE, "omvang": 0, "ontvangstbewijs": None} | anders


@pytest.mark.parametrize(
    "anders",
    [
        {"overeenkomst": None},
        {"overeenkomst": "kort"},
        {"ontvangen": None},
        {"ontvangen": {"omvang": 0, "ontvangstbewijs": None}},
        {"ontvangen": {"sessie": SESSIE, "omvang": 0}},
        {"ontvangen": ontvangen(sessie="x")},
        {"ontvangen": ontvangen(sessie=SESSIE.upper())},
        {"ontvangen": ontvangen(sessie=SESSIE.replace("-", ""))},
        {"ontvangen": ontvangen(sessie=f"{{{SESSIE}}}")},
        {"ontvangen": ontvangen(sessie=f"{SESSIE}\n")},
        {"ontvangen": ontvangen(omvang=-1)},
        {"ontvangen": ontvangen(omvang=1)},
        {"ontvangen": ontvangen(omvang=None)},
        {"ontvangen": ontvangen(omvang=2**53)},
        {"ontvangen": ontvangen(ontvangstbewijs="")},
        {"gezegd": None},
        {"gezegd": {"omvang": 0}},
        {"gezegd": {"controlepunt": None}},
        {"gezegd": {"omvang": True, "controlepunt": None}},
        {"gezegd": {"omvang": 1, "controlepunt": "geen note"}},
        {"gezegd": {"omvang": 1, "controlepunt": 1}},
    ],
    ids=lambda anders: json.dumps(anders)[:60],
)
async def test_een_vorm_die_niet_klopt_verandert_niets(
    proef: Proef, anders: dict[str, Any]
) -> None:
    a = proef.a
    await a.hervat()
    antwoord = await a.vraag("POST", "hervattingen", a.hervatting(**anders))
    assert antwoord.wat == (400, "ongeldig")
    assert proef.gestopt is None
    assert (await a.zeg(b"een")).status == 200  # the session of before goes on


async def test_leden_die_niemand_kent_worden_overgeslagen(proef: Proef) -> None:
    a = proef.a
    ontvangen_ = ontvangen(x=1)
    await a.hervat(
        x={"y": None}, ontvangen=ontvangen_, gezegd={"omvang": 0, "controlepunt": None, "x": []}
    )


async def test_een_ander_kenmerk_wordt_geweigerd_en_verandert_niets(proef: Proef) -> None:
    a = proef.a
    await a.hervat()
    antwoord = await a.vraag("POST", "hervattingen", a.hervatting(overeenkomst="A" * 43))
    assert antwoord.wat == (409, "andere-overeenkomst")
    assert proef.gestopt is None
    assert (await a.zeg(b"een")).status == 200


# Their position in our log


async def zeg_drie(proef: Proef) -> list[bytes]:
    await proef.a.hervat()
    bladen = [b"een", b"twee", b"drie"]
    await proef.b.kanaal.zeg(bladen)
    return bladen


def bewijs_over(sleutel: Logsleutel, bladen: list[bytes], oorsprong: str = VAN_B) -> str:
    tekst = drie_regels(oorsprong, len(bladen), wortel(bladen))
    return f"{tekst}\n{sleutel.medetekening(tekst, 7)}"


async def test_een_lagere_omvang_is_geen_fout_en_daarvandaan_gaat_het_verder(proef: Proef) -> None:
    a, bladen = proef.a, await zeg_drie(proef)
    for omvang in (3, 1, 0, 2):
        bewijs = bewijs_over(a.log.sleutel, bladen[:omvang]) if omvang else None
        await a.hervat(ontvangen=ontvangen(omvang=omvang, ontvangstbewijs=bewijs))
        assert proef.b.kanaal.verkeer.verbinding().vanaf == omvang
        antwoord = await a.vraag("GET", f"paginas?vanaf={omvang}&sessie={SESSIE}")
        assert antwoord.status == (200 if omvang < 3 else 204)
    assert proef.gestopt is None


async def test_in_een_hervatting_beslist_de_tekst_en_niet_de_handtekening(proef: Proef) -> None:
    """Its key may be revoked, or introduced in leaves that were lost: a position, no proof."""
    a, bladen = proef.a, await zeg_drie(proef)
    bewijs = bewijs_over(Logsleutel(VAN_A), bladen[:2])
    await a.hervat(ontvangen=ontvangen(omvang=2, ontvangstbewijs=bewijs))
    verkeer = proef.b.kanaal.verkeer
    assert verkeer.verbinding().vanaf == 2
    assert verkeer.mist_bewijs()  # it is asked again as proof
    goed = {"omvang": 2, "ontvangstbewijs": bewijs_over(a.log.sleutel, bladen[:2])}
    assert (await a.vraag("POST", "ontvangstbewijzen", goed)).status == 204
    assert not verkeer.mist_bewijs()


async def test_een_andere_wortel_stopt_de_verbinding(proef: Proef) -> None:
    a = proef.a
    await zeg_drie(proef)
    bewijs = bewijs_over(a.log.sleutel, [b"een", b"anders"])
    inhoud = a.hervatting(ontvangen=ontvangen(omvang=2, ontvangstbewijs=bewijs))
    assert (await a.vraag("POST", "hervattingen", inhoud)).wat == (403, "gestopt")
    assert proef.gestopt == "vork"
    assert [json.loads(stuk) for _, stuk in proef.bewijsstukken] == [inhoud]
    assert (await a.vraag("POST", "hervattingen", a.hervatting())).wat == (403, "gestopt")


@pytest.mark.parametrize("wat", ["oorsprong", "omvang", "geen note", "een controlepunt"])
async def test_een_bewijs_dat_er_geen_is_stopt_niets(proef: Proef, wat: str) -> None:
    a, bladen = proef.a, await zeg_drie(proef)
    tekst = drie_regels(VAN_B, 2, wortel(bladen[:2]))
    bewijs = {
        "oorsprong": bewijs_over(a.log.sleutel, bladen[:2], VAN_A),
        "omvang": bewijs_over(a.log.sleutel, bladen[:1]),
        "geen note": "x",
        "een controlepunt": f"{tekst}\n{a.log.sleutel.regel(tekst)}",
    }[wat]
    inhoud = a.hervatting(ontvangen=ontvangen(omvang=2, ontvangstbewijs=bewijs))
    assert (await a.vraag("POST", "hervattingen", inhoud)).wat == (400, "slecht-bewijs")
    assert proef.gestopt is None
    assert (await a.zeg(b"een")).status == 200


# What they said of their own log


async def test_een_ander_verleden_van_hun_logboek_stopt_de_verbinding(proef: Proef) -> None:
    a = proef.a
    await a.hervat()
    await a.zeg(b"een", b"twee")
    a.log.bladen = [b"een", b"anders"]
    assert (await a.vraag("POST", "hervattingen", a.hervatting())).wat == (403, "gestopt")
    assert proef.gestopt == "vork"


async def test_wie_zijn_bladen_kwijt_is_krijgt_ze_terug(proef: Proef) -> None:
    """The answer ends at a checkpoint of the asker that the other holds."""
    a = proef.a
    await a.hervat()
    bladen = [b"een", b"twee", b"drie", b"vier"]
    await a.zeg(*bladen[:2])
    await a.zeg(*bladen[2:])
    punten = {tot: a.log.controlepunt(tot) for tot in (2, 4)}
    a.log.bladen = []
    assert (await a.hervat())["ontvangen"]["omvang"] == 4
    for vanaf in (0, 1, 2, 3):
        antwoord = await a.vraag("GET", f"bladen?vanaf={vanaf}")
        assert antwoord.json.keys() == {"vanaf", "bladen", "controlepunt"}
        tot = vanaf + len(antwoord.json["bladen"])
        assert antwoord.json == {
            "vanaf": vanaf,
            "bladen": [b64encode(een).decode() for een in bladen[vanaf:tot]],
            "controlepunt": punten[tot],
        }
    antwoord = await a.vraag("GET", "bladen?vanaf=4")
    assert (antwoord.wat, antwoord.json["omvang"]) == ((409, "niet-achterop"), 4)
    for vraag in ("", "?vanaf=-1", "?vanaf=x", "?vanaf=0&vanaf=0"):
        assert (await a.vraag("GET", f"bladen{vraag}")).wat == (400, "ongeldig")


# We lost leaves of our own


async def verlies(proef: Proef, bladen: list[bytes]) -> None:
    """A says to have more of the log of B than B has."""
    bewijs = bewijs_over(proef.a.log.sleutel, bladen)
    await proef.a.hervat(ontvangen=ontvangen(omvang=len(bladen), ontvangstbewijs=bewijs))


def terug(proef: Proef, bladen: list[bytes], vanaf: int, sleutel: Logsleutel | None = None) -> Any:
    tekst = drie_regels(VAN_B, len(bladen), wortel(bladen))
    return {
        "vanaf": vanaf,
        "bladen": [b64encode(een).decode() for een in bladen[vanaf:]],
        "controlepunt": f"{tekst}\n{(sleutel or proef.a.sleutels.b).regel(tekst)}",
    }


async def test_tot_de_bladen_terug_zijn_is_elk_antwoord_achterop(proef: Proef) -> None:
    a, bladen = proef.a, [b"een", b"twee", b"drie"]
    await a.hervat()
    await proef.b.kanaal.zeg(bladen[:1])
    await verlies(proef, bladen)
    a.log.bladen = [b"van a"]
    for antwoord in (
        await a.breng(0),
        await a.vraag("GET", f"paginas?vanaf=0&sessie={SESSIE}"),
        await a.vraag("GET", f"paginas?vanaf=1&sessie={SESSIE}"),
    ):
        assert (antwoord.wat, antwoord.json["omvang"]) == ((409, "achterop"), 1)
    antwoord = await a.vraag("POST", "bladen", terug(proef, bladen, 1))
    assert (antwoord.status, antwoord.inhoud) == (200, compact({"omvang": 4}))
    assert proef.b.bladen("uit")[:3] == tuple(bladen)
    eerste = json.loads(proef.b.bladen("uit")[3])  # then the first leaf is `herstel`
    assert eerste["type"] == "nl.schakels.verbinding.herstel.v1"
    assert (eerste["data"]["gevallen"], eerste["data"]["omvang"]) == (1, 3)
    assert (await a.breng(0)).status == 200
    antwoord = await a.vraag("POST", "bladen", terug(proef, bladen, 1))
    assert antwoord.wat == (409, "niet-achterop")


async def test_bladen_komen_ook_in_stukken_en_nog_eens(proef: Proef) -> None:
    a, bladen = proef.a, [b"een", b"twee", b"drie"]
    await verlies(proef, bladen)
    for stuk, omvang in ((bladen[:1], 1), (bladen[:2], 2), (bladen[:2], 2)):
        antwoord = await a.vraag("POST", "bladen", terug(proef, stuk, 0))
        assert (antwoord.status, antwoord.json) == (200, {"omvang": omvang})
        assert (await a.vraag("GET", f"paginas?vanaf=0&sessie={SESSIE}")).wat == (409, "achterop")
    assert (await a.vraag("POST", "bladen", terug(proef, bladen, 2))).json == {"omvang": 4}


@pytest.mark.parametrize(
    ("wat", "reden"),
    [("sleutel", "handtekening"), ("wortel", "wortel"), ("omvang", "omvang"), ("vorm", "vorm")],
)
async def test_bladen_worden_geloofd_op_onze_eigen_handtekening(
    proef: Proef, wat: str, reden: str
) -> None:
    a, bladen = proef.a, [b"een", b"twee"]
    await verlies(proef, bladen)
    inhoud = terug(proef, bladen, 0, Logsleutel(VAN_B) if wat == "sleutel" else None)
    if wat == "wortel":
        inhoud["bladen"].reverse()
    elif wat == "omvang":
        inhoud["bladen"].pop()
    elif wat == "vorm":
        inhoud["bladen"] = []
    antwoord = await a.vraag("POST", "bladen", inhoud)
    assert antwoord.wat == (400, reden)
    assert proef.b.bladen("uit") == ()


async def test_bladen_van_verderop_passen_niet(proef: Proef) -> None:
    bladen = [b"een", b"twee", b"drie"]
    await verlies(proef, bladen)
    antwoord = await proef.a.vraag("POST", "bladen", terug(proef, bladen, 1))
    assert (antwoord.wat, antwoord.json["omvang"]) == ((409, "andere-positie"), 0)
    assert proef.gestopt is None
