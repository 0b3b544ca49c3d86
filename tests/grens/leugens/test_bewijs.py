"""What is kept of a lie proves it: to the scripted partner, and to a third program."""

import json
from typing import Any

import pytest
from tests.bewijs.tweede import Vragen, vragen_aan_go
from tests.grens.leugens.golf import (
    BEWIJS,
    PUNT,
    b64,
    klopt,
    lees_note,
    lees_vkey,
    onb64,
    sleutel_id,
)
from tests.grens.leugens.over_paginas import herschrijft, twee_wortels
from tests.grens.leugens.partner import Zender, bewijs_klopt, onverenigbaar
from tests.grens.leugens.toneel import WIJ, ZIJ, Toneel, toneel

UIT = f"schakel/{WIJ}/{ZIJ}"
_NOTES = "SELECT soort, omvang, note FROM notes WHERE logboek = ? ORDER BY omvang"


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Vragen:
    return vragen_aan_go(tmp_path_factory.mktemp("go"))


def notes(spel: Toneel, logboek: str) -> dict[int, dict[str, str]]:
    """Per size what the product kept: the checkpoint, the receipt."""
    per_omvang: dict[int, dict[str, str]] = {}
    for soort, omvang, note in spel.opslag.vraag(_NOTES, (logboek,)):
        per_omvang.setdefault(omvang, {})[soort] = note
    return per_omvang


def vkey_bewijs(vkey: str) -> str:
    """The key as others want it for a cosignature."""
    naam, publiek = lees_vkey(vkey)
    ruw = bytes([BEWIJS]) + publiek
    return f"{naam}+{sleutel_id(naam, BEWIJS, publiek).hex()}+{b64(ruw)}"


async def test_elk_bewaard_paar_van_pagina_en_ontvangstbewijs_klopt_voor_een_vreemde() -> None:
    async with toneel(3) as spel:
        for _ in range(5):
            await spel.verkeer()
        partner = spel.partner
        zijne, onze = partner.zender, partner.ontvanger
        (onze_vkey,) = onze.rij.voor(len(onze.bladen))
        for logboek, bladen, zender, ontvanger in (
            (zijne.oorsprong, zijne.bladen, zijne.sleutel.vkey, onze_vkey),
            (onze.oorsprong, onze.bladen, onze_vkey, zijne.sleutel.vkey),
        ):
            bewaard = notes(spel, logboek)
            paren = {omvang: paar for omvang, paar in bewaard.items() if len(paar) == 2}
            assert max(paren) == len(bladen)
            vorige = 0
            for omvang, paar in paren.items():
                pagina = {
                    "vanaf": vorige,
                    "bladen": [b64(blad) for blad in bladen[vorige:omvang]],
                    "controlepunt": paar["controlepunt"],
                }
                bewijs = paar["ontvangstbewijs"]
                assert bewijs_klopt(bladen, pagina, bewijs, zender, ontvanger)
                anders = pagina | {"bladen": [*pagina["bladen"][:-1], b64(b"nooit gezegd")]}
                assert not bewijs_klopt(bladen, anders, bewijs, zender, ontvanger)
                vorige = omvang


@pytest.mark.parametrize("buig", [herschrijft, twee_wortels])
async def test_een_vork_bewijst_zich_uit_wat_er_bewaard_is(buig: Any) -> None:
    """Two roots of one size under one key: whoever has both needs nobody's word."""
    async with toneel(4) as spel:
        await spel.verkeer()
        tot, zender = spel.hier, spel.partner.zender
        leugen = buig(spel, {})
        if lees_note(leugen["controlepunt"]).omvang not in notes(spel, zender.oorsprong):
            anders = [*zender.bladen[: tot - 1], b"nooit gezegd"]
            leugen = Zender(zender.oorsprong, zender.sleutel, anders).pagina(
                tot - 1, spel.partner.sessie_daar
            )
        status, antwoord = await spel.roep("POST", "paginas", leugen)
        assert (status, antwoord["reden"]) == (400, "vork")
        ((_, _, stuk),) = spel.gezien().stukken
        gezegd = json.loads(stuk)
        omvang = lees_note(gezegd["controlepunt"]).omvang
        eerder = notes(spel, zender.oorsprong)[omvang]["controlepunt"]
        assert onverenigbaar(eerder, gezegd["controlepunt"])
        for note in (eerder, gezegd["controlepunt"]):
            assert klopt(lees_note(note), PUNT, [zender.sleutel.vkey])


async def test_twee_verhalen_van_een_logboek_blijken_als_de_ontvangstbewijzen_elkaar_zien() -> None:
    """Two that cannot see each other each believe what they hear; their receipts contradict."""
    verhalen = []
    for verhaal in (b"toegezegd", b"geweigerd"):
        async with toneel(5) as spel:  # the same seed: the same partner, the same keys
            await spel.stuur(verhaal)
            bewaard = notes(spel, spel.partner.zender.oorsprong)[spel.hier]
            gehoord = spel.kanaal.verkeer.in_.bladen(spel.hier - 1, spel.hier)
            assert gehoord == (verhaal,)
            verhalen.append((bewaard, spel.partner.zender.sleutel.vkey))
    (een, zijn_vkey), (ander, _) = verhalen
    assert onverenigbaar(een["ontvangstbewijs"], ander["ontvangstbewijs"])
    assert onverenigbaar(een["controlepunt"], ander["controlepunt"])
    for verhaal in (een, ander):
        assert klopt(lees_note(verhaal["controlepunt"]), PUNT, [zijn_vkey])


async def test_twee_verhalen_aan_twee_partners_blijken_als_hun_bewijzen_samenkomen() -> None:
    """One message of one number, told otherwise to each: both pages are signed and receipted."""
    async with toneel(6) as spel:
        verhalen = []
        for wie, inhoud in ((spel.partner, "toegezegd"), (spel.derde, "geweigerd")):
            # What a liar says to two others: here it is the one stage on which both can be seen.
            blad = json.dumps({"id": "0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d10.u.1", "data": inhoud})
            vanaf, bladen = wie.bewezen, wie.zender.bladen
            await spel.stuur(blad.encode(), wie=wie)
            paar = notes(spel, wie.zender.oorsprong)[wie.bewezen]
            pagina = wie.zender.pagina(vanaf, wie.sessie_daar)
            pagina["controlepunt"] = paar["controlepunt"]
            ons = wie.ontvanger.rij.voor(0)[0]
            bewijs = paar["ontvangstbewijs"]
            assert bewijs_klopt(bladen, pagina, bewijs, wie.zender.sleutel.vkey, ons)
            verhalen.append({json.loads(onb64(b))["id"]: onb64(b) for b in pagina["bladen"]})
        een, ander = verhalen
        assert [id_ for id_ in een.keys() & ander.keys() if een[id_] != ander[id_]]


async def test_go_gelooft_wat_er_bewaard_is_en_niets_anders(go: Vragen) -> None:
    async with toneel(7) as spel:
        await spel.verkeer()
        zijne = spel.partner.zender
        zijn_vkey, (onze_vkey,) = zijne.sleutel.vkey, spel.partner.ontvanger.rij.voor(0)
        vragen, verwacht = [], []
        for logboek, zender, ontvanger in (
            (zijne.oorsprong, zijn_vkey, onze_vkey),
            (UIT, onze_vkey, zijn_vkey),
        ):
            for paar in notes(spel, logboek).values():
                for soort, note in paar.items():
                    mee = soort == "ontvangstbewijs"
                    vkey = vkey_bewijs(ontvanger) if mee else zender
                    vragen.append({"soort": "open", "note": note, "vkey": vkey, "mee": mee})
                    verwacht.append((lees_note(note).tekst, ""))
        leugen = twee_wortels(spel, {})
        await spel.roep("POST", "paginas", leugen)
        ((_, _, stuk),) = spel.gezien().stukken
        vals = json.loads(stuk)["controlepunt"]
        vragen.append({"soort": "open", "note": vals, "vkey": zijn_vkey})
        verwacht.append((lees_note(vals).tekst, ""))  # he did sign it: that is the proof
        assert [*map(tuple, go(vragen))] == verwacht
        vreemd = spel.nieuwe_sleutel().vkey
        assert all(fout for _, fout in go([vraag | {"vkey": vreemd} for vraag in vragen]))
