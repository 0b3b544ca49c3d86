"""Lies in a page: about its leaves, its checkpoint, its keys and its limits."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from tests.grens.leugens.golf import (
    BEWIJS,
    MAX_BODY,
    Contractsleutel,
    Sleutel,
    b64,
    onb64,
    punttekst,
    sleutel_id,
)
from tests.grens.leugens.over_vormen import (
    ONLEESBAAR,
    VORMEN,
    Buig,
    Pagina,
    gif,
    vol_bytes,
    vol_getal,
)
from tests.grens.leugens.partner import WACHT, Zender
from tests.grens.leugens.toneel import DERDE, WIJ, ZIJ, Toneel, Uitkomst
from tests.grens.leugens.verwacht import Leugen, Verwacht, goed, slecht, weg


def kopie(zender: Zender) -> Zender:
    return Zender(zender.oorsprong, zender.sleutel, [*zender.bladen], eerder=zender.eerder)


def getekend(
    spel: Toneel, bladen: list[bytes], vanaf: int, sleutel: Sleutel | None = None
) -> Pagina:
    """A page of another history, rightly signed unless by a given key."""
    zender = spel.partner.zender
    anders = Zender(zender.oorsprong, zender.sleutel, bladen, eerder=zender.eerder)
    if sleutel is not None:
        anders = Zender(zender.oorsprong, sleutel, bladen)
    return anders.pagina(vanaf, spel.partner.sessie_daar)


def _kort_voor(spel: Toneel, plek: int) -> int:
    """Where a page may begin that has this leaf, however large those before it are."""
    return spel.r.randint(max(0, plek - 5), plek)


async def bied(spel: Toneel, buig: Buig) -> Uitkomst:
    """Bring a bent page; that what is new in it was never said."""
    partner = spel.partner
    eerlijk = partner.zender
    partner.zender = kopie(eerlijk)
    partner.zender.zeg(*(spel.blad() for _ in range(spel.r.randint(3, 6))))
    gebogen = buig(spel, partner.pagina())
    partner.zender = eerlijk
    return await spel.lieg("POST", "paginas", gebogen)


# Leaves and history


def herschrijft(spel: Toneel, _: Pagina) -> Pagina:
    bladen, plek = [*spel.partner.zender.bladen], spel.r.randrange(spel.hier)
    bladen[plek] = spel.blad()
    return getekend(spel, bladen, _kort_voor(spel, plek))


def vorkt(spel: Toneel, _: Pagina) -> Pagina:
    bladen = [*spel.partner.zender.bladen]
    bladen[spel.r.randrange(spel.hier)] = spel.blad()
    return getekend(spel, bladen, spel.hier)


def kapt_af(spel: Toneel, _: Pagina) -> Pagina:
    """As if the log were shorter, with another leaf at its end."""
    tot = spel.r.randint(1, spel.hier)
    bladen = [*spel.partner.zender.bladen[: tot - 1], spel.blad()]
    return getekend(spel, bladen, _kort_voor(spel, tot - 1))


def boven_zijn_punt(spel: Toneel, pagina: Pagina) -> Pagina:
    minder = len(spel.partner.zender.bladen) - spel.r.randint(1, 2)
    return pagina | {"controlepunt": spel.partner.zender.punt(minder)}


def twee_wortels(spel: Toneel, _: Pagina) -> Pagina:
    """The leaves are the true ones; the root over that known size is another."""
    zender, tot = spel.partner.zender, spel.r.randint(1, spel.hier)
    anders = [*zender.bladen[: tot - 1], spel.blad()]
    pagina = zender.pagina(_kort_voor(spel, tot - 1), spel.partner.sessie_daar, tot)
    return pagina | {
        "controlepunt": zender.sleutel_voor(tot).teken(punttekst(zender.oorsprong, anders))
    }


def laatste_weg(_: Toneel, pagina: Pagina) -> Pagina:
    return pagina | {"bladen": pagina["bladen"][:-1]}


def middelste_weg(spel: Toneel, pagina: Pagina) -> Pagina:
    """Left out in the middle, under the true checkpoint of one leaf less."""
    bladen = [*pagina["bladen"]]
    del bladen[spel.r.randrange(len(bladen) - 1)]
    punt = spel.partner.zender.punt(len(spel.partner.zender.bladen) - 1)
    return pagina | {"bladen": bladen, "controlepunt": punt}


def verwisseld(spel: Toneel, pagina: Pagina) -> Pagina:
    bladen = [*pagina["bladen"]]
    een, ander = spel.r.sample(range(len(bladen)), 2)
    bladen[een], bladen[ander] = bladen[ander], bladen[een]
    return pagina | {"bladen": bladen}


def verdubbeld(spel: Toneel, pagina: Pagina) -> Pagina:
    een = spel.r.choice(pagina["bladen"])
    return pagina | {"bladen": [*pagina["bladen"], een]}


def over_een_ander(spel: Toneel, pagina: Pagina) -> Pagina:
    """Doubled over another one, so that the number is right."""
    bladen = [*pagina["bladen"]]
    een, ander = spel.r.sample(range(len(bladen)), 2)
    bladen[een] = bladen[ander]
    return pagina | {"bladen": bladen}


def veranderd(spel: Toneel, pagina: Pagina) -> Pagina:
    bladen, plek = [*pagina["bladen"]], spel.r.randrange(len(pagina["bladen"]))
    ruw = bytearray(onb64(bladen[plek]))
    ruw[spel.r.randrange(len(ruw))] ^= 1 << spel.r.randrange(8)
    bladen[plek] = b64(bytes(ruw))
    return pagina | {"bladen": bladen}


# Place: nothing of this stops the link, but for a page of another log


def andere_sessie(spel: Toneel, pagina: Pagina) -> Pagina:
    return pagina | {"sessie": spel.r.choice([WACHT, spel.partner.ontvanger.sessie])}


def te_ver(spel: Toneel, pagina: Pagina) -> Pagina:
    return pagina | {"vanaf": pagina["vanaf"] + spel.r.randint(1, 9)}


def van_een_ander(spel: Toneel, _: Pagina) -> Pagina:
    """An old page of the link with another, in the session of this one."""
    return spel.derde.zender.pagina(0, spel.partner.sessie_daar)


def van_een_ander_met_die_sessie(spel: Toneel, _: Pagina) -> Pagina:
    return spel.derde.zender.pagina(0, spel.derde.sessie_daar)


def hier_niet_vandaan(spel: Toneel, pagina: Pagina) -> Pagina:
    """The same leaves, signed as a log of somebody else."""
    zender = spel.partner.zender
    oorsprong = spel.r.choice([f"schakel/{WIJ}/{ZIJ}", f"schakel/{ZIJ}/{DERDE}"])
    sleutel = Sleutel(oorsprong, zender.sleutel.geheim)
    return pagina | {"controlepunt": sleutel.teken(punttekst(oorsprong, zender.bladen))}


async def oude_sessie(spel: Toneel) -> Uitkomst:
    """A page that was on its way when the link was resumed."""
    onderweg = spel.partner.zender.pagina(0, spel.partner.sessie_daar)
    await spel.hervat()
    return await spel.lieg("POST", "paginas", onderweg)


# Signature


def vreemde_sleutel(spel: Toneel, pagina: Pagina) -> Pagina:
    zender = spel.partner.zender
    return pagina | {
        "controlepunt": spel.nieuwe_sleutel().teken(punttekst(zender.oorsprong, zender.bladen))
    }


def andere_handtekening(spel: Toneel, pagina: Pagina) -> Pagina:
    kop, _, staart = pagina["controlepunt"].rpartition(" ")
    ruw = bytearray(onb64(staart.strip()))
    ruw[spel.r.randrange(4, len(ruw))] ^= 1 << spel.r.randrange(8)
    return pagina | {"controlepunt": f"{kop} {b64(bytes(ruw))}\n"}


def met_de_id_van_de_echte(spel: Toneel, pagina: Pagina) -> Pagina:
    """Signed by a stranger under the key id of the true one."""
    zender, vals = spel.partner.zender, spel.nieuwe_sleutel()
    tekst = punttekst(zender.oorsprong, zender.bladen)
    hand = onb64(vals.teken(tekst).rpartition(" ")[2].strip())[4:]
    echt = sleutel_id(zender.oorsprong, 1, zender.sleutel.publiek)
    return pagina | {"controlepunt": f"{tekst}\n— {zender.oorsprong} {b64(echt + hand)}\n"}


# Keys


def _met_lijst(spel: Toneel, blad: bytes, sleutel: Sleutel | None = None) -> Pagina:
    """The next page with this key leaf in the middle."""
    zender = spel.partner.zender
    bladen = [*zender.bladen[: spel.hier], spel.blad(), blad, spel.blad()]
    return getekend(spel, bladen, spel.hier, sleutel)


def ingetrokken_in_de_pagina(spel: Toneel, _: Pagina) -> Pagina:
    """Signed by the key that goes in the middle of that same page."""
    oud, nieuw = spel.partner.zender.sleutel, spel.nieuwe_sleutel()
    return _met_lijst(spel, spel.sleutelblad([nieuw.vkey], [oud.vkey]), oud)


def voor_zijn_komst(spel: Toneel, _: Pagina) -> Pagina:
    """The page ends before the leaf that brings the key that signed it."""
    nieuw = spel.nieuwe_sleutel()
    zender = spel.partner.zender
    return getekend(spel, [*zender.bladen[: spel.hier], spel.blad()], spel.hier, nieuw)


async def ingetrokken_sleutel(spel: Toneel) -> Uitkomst:
    """A key that went in a page before this one."""
    oud = await spel.roteer()
    return await bied(spel, lambda s, _: getekend(s, s.partner.zender.bladen, s.hier, oud))


async def ingetrokken_komt_terug(spel: Toneel) -> Uitkomst:
    oud = await spel.roteer()
    return await bied(spel, lambda s, _: _met_lijst(s, s.sleutelblad([oud.vkey], [])))


async def oude_lijst(spel: Toneel) -> Uitkomst:
    """A key list said again: its number does not rise."""
    await spel.roteer()
    nieuw = spel.nieuwe_sleutel()
    nummer = spel.lijstnummer[ZIJ]
    return await bied(
        spel, lambda s, _: _met_lijst(s, s.sleutelblad([nieuw.vkey], [], volgnummer=nummer))
    )


def lijst_van(maak: Callable[[Toneel], bytes]) -> Buig:
    return lambda spel, _: _met_lijst(spel, maak(spel))


def _vkey_soort_4(spel: Toneel) -> str:
    nieuw = spel.nieuwe_sleutel()
    kop = sleutel_id(nieuw.naam, BEWIJS, nieuw.publiek).hex()
    return f"{nieuw.naam}+{kop}+{b64(bytes([BEWIJS]) + nieuw.publiek)}"


LIJSTEN: Mapping[str, Callable[[Toneel], bytes]] = {
    "een sleutellijst die een ander tekende": lambda s: s.sleutelblad(
        [s.nieuwe_sleutel().vkey], [], door=Contractsleutel()
    ),
    "een sleutellijst die wij zelf tekenden": lambda s: s.sleutelblad(
        [s.nieuwe_sleutel().vkey], [], door=s.contractsleutels[WIJ]
    ),
    "een sleutellijst van een ander logboek": lambda s: s.sleutelblad(
        [s.nieuwe_sleutel().vkey], [], logboek=f"schakel/{ZIJ}/{DERDE}"
    ),
    "een sleutellijst zonder sleutels daarna": lambda s: s.sleutelblad(
        [], [s.partner.zender.sleutel.vkey]
    ),
    "een sleutellijst met de sleutel die er al is": lambda s: s.sleutelblad(
        [s.partner.zender.sleutel.vkey], []
    ),
    "een sleutellijst zonder een die er nooit was": lambda s: s.sleutelblad(
        [], [s.nieuwe_sleutel().vkey]
    ),
    "een sleutel onder de naam van een ander": lambda s: s.sleutelblad(
        [s.nieuwe_sleutel(f"schakel/{ZIJ}/{DERDE}").vkey], []
    ),
    "een sleutel van soort 4": lambda s: s.sleutelblad([_vkey_soort_4(s)], []),
    "een verklaring die veranderd is": lambda s: s.sleutelblad(
        [s.nieuwe_sleutel().vkey], []
    ).replace(b'"payload":"ey', b'"payload":"eX'),
}


async def zegt(spel: Toneel, maak: Callable[[Toneel], tuple[bytes, ...]]) -> Uitkomst:
    """Said in earnest: whatever is in a leaf, it is taken in and receipted as it came."""
    partner = spel.partner
    partner.zender.zeg(*maak(spel))
    uit = await spel.lieg("POST", "paginas", partner.pagina())
    partner.leest_antwoord(uit.antwoord)
    await spel.product.leef()
    await spel.hoor()
    await spel.is_gelijk()
    return uit


async def rotatie(spel: Toneel) -> Uitkomst:
    """No lie: a key comes and another goes in the middle of a page, which the new one signs."""
    voor = spel.gezien()
    await spel.roteer()
    return Uitkomst("", b"", 200, {}, voor, spel.gezien())


async def dubbel(spel: Toneel) -> Uitkomst:
    """A doubled page is success, with the same receipt."""
    partner = spel.partner
    vanaf = spel.r.randrange(spel.hier)
    bewijs = partner.bewezen
    uit = await spel.lieg("POST", "paginas", partner.zender.pagina(vanaf, partner.sessie_daar))
    assert uit.antwoord["omvang"] == bewijs
    _, laatste = await spel.roep("GET", "ontvangstbewijzen")
    assert uit.antwoord == laatste
    return uit


async def overlap(spel: Toneel) -> Uitkomst:
    """Old and new in one page: only the new is taken in."""
    partner = spel.partner
    vanaf = spel.r.randrange(max(0, spel.hier - 20), spel.hier)
    partner.zender.zeg(spel.blad(), spel.blad())
    uit = await spel.lieg("POST", "paginas", partner.zender.pagina(vanaf, partner.sessie_daar))
    partner.leest_antwoord(uit.antwoord)
    return uit


def _in_pagina(buig: Buig) -> Leugen:
    return partial(bied, buig=buig)


SLECHT: Mapping[str, tuple[Buig, str]] = {
    "herschrijft wat hij zei": (herschrijft, "vork"),
    "gaat voort op een andere geschiedenis": (vorkt, "wortel"),
    "kapt zijn logboek af": (kapt_af, "vork"),
    "geeft bladen boven zijn controlepunt": (boven_zijn_punt, "omvang"),
    "tekent twee wortels van een omvang": (twee_wortels, "vork"),
    "laat het laatste blad weg": (laatste_weg, "omvang"),
    "laat een blad uit het midden weg": (middelste_weg, "wortel"),
    "verwisselt bladen": (verwisseld, "wortel"),
    "verdubbelt een blad": (verdubbeld, "omvang"),
    "verdubbelt een blad over een ander": (over_een_ander, "wortel"),
    "verandert een blad": (veranderd, "wortel"),
    "een pagina van een andere verbinding": (van_een_ander, "oorsprong"),
    "tekent als een ander logboek": (hier_niet_vandaan, "oorsprong"),
    "tekent met een vreemde sleutel": (vreemde_sleutel, "handtekening"),
    "een handtekening met een bit anders": (andere_handtekening, "handtekening"),
    "een vreemde onder de id van de echte": (met_de_id_van_de_echte, "handtekening"),
    "de sleutel die in deze pagina ging": (ingetrokken_in_de_pagina, "handtekening"),
    "een sleutel die nog moet komen": (voor_zijn_komst, "handtekening"),
    **{naam: (lijst_van(maak), "sleutels") for naam, maak in LIJSTEN.items()},
    **{naam: (buig, "vorm") for naam, buig in VORMEN.items()},
}
_TERUG: Mapping[str, tuple[Buig, Verwacht]] = {
    "een sessie die niemand trok": (andere_sessie, weg(409, "sessie-onbekend")),
    "een pagina met haar eigen sessie op een andere verbinding": (
        van_een_ander_met_die_sessie,
        weg(409, "sessie-onbekend"),
    ),
    "begint verder dan hier is": (te_ver, weg(409, "andere-positie")),
    "meer dan 768 KiB": (lambda _s, _p: b" " * (MAX_BODY + 1), weg(413, "te-groot")),
    **{naam: (buig, weg(400, "ongeldig")) for naam, buig in ONLEESBAAR.items()},
}
LEUGENS: Mapping[str, tuple[Callable[[Toneel], Awaitable[Uitkomst]], Verwacht]] = {
    **{naam: (_in_pagina(buig), slecht(reden)) for naam, (buig, reden) in SLECHT.items()},
    **{naam: (_in_pagina(buig), verwacht) for naam, (buig, verwacht) in _TERUG.items()},
    "een pagina van voor de hervatting": (oude_sessie, weg(409, "sessie-onbekend")),
    "een sleutel die eerder ging": (ingetrokken_sleutel, slecht("handtekening")),
    "een sleutel die ging en terugkomt": (ingetrokken_komt_terug, slecht("sleutels")),
    "een sleutellijst van eerder": (oude_lijst, slecht("sleutels")),
    "een dubbele pagina": (dubbel, goed()),
    "een pagina half oud, half nieuw": (overlap, goed(neemt=True)),
    "een sleutel komt en gaat": (rotatie, goed(neemt=True)),
    "wat dan ook als blad": (partial(zegt, maak=gif), goed(neemt=True)),
    "precies 500 bladen": (partial(zegt, maak=vol_getal), goed(neemt=True)),
    "precies 512 KiB": (partial(zegt, maak=vol_bytes), goed(neemt=True)),
}
