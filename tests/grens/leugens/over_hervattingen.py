"""Lies in a resumption, in leaves that are given back, and about who asks what."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from tests.grens.leugens.golf import MAX_BLADEN, Sleutel, b64, onb64
from tests.grens.leugens.over_bewijzen import (
    HUN,
    NAAM,
    Bewering,
    ander_logboek,
    andere_omvang_erbij,
    andere_wortel,
    boven_onze_omvang,
    omvang_hier,
    zonder_bewijs,
)
from tests.grens.leugens.partner import WACHT, Zender
from tests.grens.leugens.toneel import DERDE, ZIJ, Toneel, Uitkomst
from tests.grens.leugens.verwacht import VORK, Leugen, Verwacht, goed, slecht, weg

Half = dict[str, Any]


async def _hervat(spel: Toneel, buig: Callable[[Toneel, Half], Half]) -> Uitkomst:
    """Resume with a bent half; refused, the session of before still stands."""
    ontvanger = spel.partner.ontvanger
    eerder, half = ontvanger.sessie, spel.partner.hervatting()
    gebogen = buig(
        spel, {een: {**waarde} if een != "overeenkomst" else waarde for een, waarde in half.items()}
    )
    uit = await spel.lieg("POST", "hervattingen", gebogen)
    if uit.status == 200:  # what it was told is true, and counts
        spel.partner.sessie_daar = uit.antwoord["ontvangen"]["sessie"]
    else:
        ontvanger.sessie = eerder
    return uit


def _punt(spel: Toneel, bladen: list[bytes], oorsprong: str = NAAM) -> Half:
    zender = Zender(oorsprong, Sleutel(oorsprong, spel.partner.zender.sleutel.geheim), bladen)
    return zender.gezegd()


def ander_verleden(spel: Toneel, half: Half) -> Half:
    tot = spel.r.randint(1, spel.hier)
    bladen = [*spel.partner.zender.bladen[: tot - 1], b"nooit gezegd"]
    return half | {"gezegd": _punt(spel, bladen)}


def punt_van_elders(spel: Toneel, half: Half) -> Half:
    return half | {"gezegd": _punt(spel, spel.partner.zender.bladen, f"schakel/{ZIJ}/{DERDE}")}


def punt_boven_gezegd(_: Toneel, half: Half) -> Half:
    return half | {"gezegd": half["gezegd"] | {"omvang": half["gezegd"]["omvang"] - 1}}


def gezegd_zonder_note(_: Toneel, half: Half) -> Half:
    return half | {"gezegd": half["gezegd"] | {"controlepunt": "geen note"}}


def ander_kenmerk(spel: Toneel, half: Half) -> Half:
    return half | {"overeenkomst": spel.derde.kenmerk}


def ontvangen(spel: Toneel, half: Half, omvang: int, note: str | None) -> Half:
    return half | {"ontvangen": half["ontvangen"] | {"omvang": omvang, "ontvangstbewijs": note}}


def ontvangen_als(zeg: Bewering) -> Callable[[Toneel, Half], Half]:
    return lambda spel, half: ontvangen(spel, half, *zeg(spel))


def sessie(waarde: object) -> Callable[[Toneel, Half], Half]:
    return lambda _, half: half | {"ontvangen": half["ontvangen"] | {"sessie": waarde}}


def zonder(lid: str) -> Callable[[Toneel, Half], Half]:
    return lambda _, half: {een: waarde for een, waarde in half.items() if een != lid}


async def zei_meer(spel: Toneel) -> Uitkomst:
    """It says to have said more than it gives: nothing is believed of it."""
    bladen = [*spel.partner.zender.bladen, *[b"nooit gezegd"] * spel.r.randint(1, 50)]
    return await _hervat(spel, lambda s, half: half | {"gezegd": _punt(s, bladen)})


async def zei_minder(spel: Toneel) -> Uitkomst:
    """A true, shorter history: as after a restore. What was taken in stays, and is given back."""
    tot = spel.r.randint(1, spel.hier - 1)
    uit = await _hervat(
        spel, lambda s, half: half | {"gezegd": _punt(s, s.partner.zender.bladen[:tot])}
    )
    status, terug = await spel.roep("GET", f"bladen?vanaf={tot}")
    assert status == 200
    gegeven = [onb64(blad) for blad in terug["bladen"]]
    assert gegeven == spel.partner.zender.bladen[tot : tot + len(gegeven)]
    assert terug["controlepunt"] == spel.partner.zender.punt(tot + len(gegeven))
    return uit


# Leaves that we would have lost


async def _zeg_dat_wij_verloren(spel: Toneel) -> None:
    """Claim to have more of our log than there is: until leaves come back we say nothing."""
    await _hervat(spel, ontvangen_als(boven_onze_omvang))
    assert (await spel.kanaal.verbinding()).achterop
    status, antwoord = await spel.roep(
        "POST", "paginas", spel.partner.zender.pagina(0, spel.partner.sessie_daar)
    )
    assert (status, antwoord["code"], antwoord["omvang"]) == (409, "achterop", omvang_hier(spel))
    status, antwoord = await spel.roep(
        "GET", f"paginas?vanaf=0&sessie={spel.partner.ontvanger.sessie}"
    )
    assert (status, antwoord["code"]) == (409, "achterop")


async def claimt_meer(spel: Toneel) -> Uitkomst:
    voor = spel.gezien()
    await _zeg_dat_wij_verloren(spel)
    return Uitkomst("", b"", 200, {}, voor, spel.gezien())


async def bladen_van_ons(spel: Toneel, sleutel: Sleutel | None = None, naam: str = HUN) -> Uitkomst:
    """Leaves that we never said, signed by somebody else."""
    await _zeg_dat_wij_verloren(spel)
    bladen = [*spel.partner.ontvanger.bladen, *(spel.ons_blad() for _ in range(3))]
    vanaf = spel.r.randint(0, omvang_hier(spel))
    teken = Sleutel(naam, (sleutel or spel.partner.zender.sleutel).geheim)
    pagina = Zender(naam, teken, bladen).pagina(vanaf, WACHT)
    del pagina["sessie"]
    return await spel.lieg("POST", "bladen", pagina)


async def bladen_veranderd(spel: Toneel) -> Uitkomst:
    """A note that we did sign, over leaves of which one is another."""
    verkeer = spel.kanaal.verkeer
    laatste = verkeer.uit.laatste_note("controlepunt")
    assert laatste is not None
    tot, note = laatste
    await _zeg_dat_wij_verloren(spel)
    vanaf = spel.r.randrange(max(0, tot - MAX_BLADEN), tot)
    bladen = [b64(blad) for blad in spel.partner.ontvanger.bladen[vanaf:tot]]
    bladen[spel.r.randrange(len(bladen))] = b64(b"nooit gezegd")
    return await spel.lieg(
        "POST", "bladen", {"vanaf": vanaf, "bladen": bladen, "controlepunt": note}
    )


async def bladen_te_ver(spel: Toneel) -> Uitkomst:
    await _zeg_dat_wij_verloren(spel)
    bladen = {"vanaf": omvang_hier(spel) + 1, "bladen": ["eA=="], "controlepunt": "geen note"}
    return await spel.lieg("POST", "bladen", bladen)


async def bladen_zonder_verlies(spel: Toneel) -> Uitkomst:
    pagina = Zender(HUN, Sleutel(HUN, b"x" * 32), [*spel.partner.ontvanger.bladen, b"x"]).pagina(
        0, WACHT
    )
    return await spel.lieg("POST", "bladen", pagina)


# Who asks what


def vraag(
    methode: str, wat: Callable[[Toneel], str], inhoud: object = None, van: str = ZIJ
) -> Leugen:
    async def leugen(spel: Toneel) -> Uitkomst:
        return await spel.lieg(methode, wat(spel), inhoud, van=van)

    return leugen


def _sessie(spel: Toneel) -> str:
    return spel.partner.ontvanger.sessie


_HERVATTINGEN: Mapping[str, tuple[Callable[[Toneel, Half], Half], Verwacht]] = {
    "hervat over een ander eigen verleden": (ander_verleden, VORK),
    "hervat over een ander verleden van ons": (ontvangen_als(andere_wortel), VORK),
    "hervat onder een andere overeenkomst": (ander_kenmerk, weg(409, "andere-overeenkomst")),
    "hervat met het punt van een ander logboek": (punt_van_elders, weg(400, "ongeldig")),
    "hervat met een punt boven wat hij zei": (punt_boven_gezegd, weg(400, "ongeldig")),
    "hervat met een punt dat geen note is": (gezegd_zonder_note, weg(400, "ongeldig")),
    "hervat met het bewijs van een ander logboek": (
        ontvangen_als(ander_logboek),
        weg(400, "slecht-bewijs"),
    ),
    "hervat met een andere omvang bij zijn bewijs": (
        ontvangen_als(andere_omvang_erbij),
        weg(400, "slecht-bewijs"),
    ),
    "hervat met een omvang zonder bewijs": (ontvangen_als(zonder_bewijs), weg(400, "ongeldig")),
    "hervat zonder sessie": (sessie(None), weg(400, "ongeldig")),
    "hervat met een sessie die geen UUID is": (sessie("'; --"), weg(400, "ongeldig")),
    "hervat met een halve hervatting": (zonder("gezegd"), weg(400, "ongeldig")),
}
LEUGENS: Mapping[str, tuple[Callable[[Toneel], Awaitable[Uitkomst]], Verwacht]] = {
    **{naam: (partial(_hervat, buig=buig), wat) for naam, (buig, wat) in _HERVATTINGEN.items()},
    "hervat met meer dan hij zei": (zei_meer, goed(neemt=True)),
    "hervat met minder dan hij zei": (zei_minder, goed(neemt=True)),
    "hervat met meer dan wij zeiden": (claimt_meer, goed(neemt=True)),
    "geeft bladen die wij nooit zeiden": (bladen_van_ons, slecht("handtekening")),
    "geeft bladen van een ander logboek": (
        partial(bladen_van_ons, naam=NAAM),
        slecht("oorsprong"),
    ),
    "geeft onze bladen veranderd terug": (bladen_veranderd, slecht("vork")),
    "geeft bladen verderop": (bladen_te_ver, weg(409, "andere-positie")),
    "geeft bladen die niemand mist": (bladen_zonder_verlies, weg(409, "niet-achterop")),
    "vraagt bladen die hij niet zei": (
        vraag("GET", lambda s: f"bladen?vanaf={s.hier}"),
        weg(409, "niet-achterop"),
    ),
    "haalt in een andere sessie": (
        vraag("GET", lambda _: f"paginas?vanaf=0&sessie={WACHT}"),
        weg(409, "sessie-onbekend"),
    ),
    "haalt verder dan wij zeiden": (
        vraag("GET", lambda s: f"paginas?vanaf={omvang_hier(s) + 1}&sessie={_sessie(s)}"),
        weg(409, "andere-positie"),
    ),
    "wacht te lang": (
        vraag("GET", lambda s: f"paginas?vanaf={omvang_hier(s)}&sessie={_sessie(s)}&wacht=21"),
        weg(400, "ongeldig"),
    ),
    "vraagt als een ander": (
        vraag("GET", lambda _: f"/v1/logboeken/{DERDE}/ontvangstbewijzen"),
        weg(403, "andere-organisatie"),
    ),
    "iemand zonder overeenkomst": (
        vraag("GET", lambda _: "ontvangstbewijzen", van="9" * 20),
        weg(403, "geen-overeenkomst"),
    ),
}
