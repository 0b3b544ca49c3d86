"""Lies in a receipt for what the product said."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from tests.grens.leugens.golf import Sleutel, b64, onb64, punttekst
from tests.grens.leugens.toneel import DERDE, WIJ, ZIJ, Toneel, Uitkomst
from tests.grens.leugens.verwacht import VORK, Verwacht, goed, weg

NAAM = f"schakel/{ZIJ}/{WIJ}"
"""Of the partner's own log, which is the name of its keys."""
HUN = f"schakel/{WIJ}/{ZIJ}"
"""Of the product's log, which the partner receipts."""


def bewijs(spel: Toneel, tekst: str | None = None, sleutel: Sleutel | None = None) -> str:
    """A receipt of the partner: the true one, but for what is given."""
    ontvanger = spel.partner.ontvanger
    tekst = tekst or punttekst(HUN, ontvanger.bladen)
    return (sleutel or ontvanger.sleutel).medeteken(tekst, ontvanger.tijd)


Bewering = Callable[[Toneel], tuple[int, str | None]]
"""A size and a receipt, as the partner says them."""


async def _ontvang(spel: Toneel, zeg: Bewering) -> Uitkomst:
    """The product says something, the partner takes it in, and lies in its receipt."""
    await spel.hoor(*(spel.ons_blad() for _ in range(spel.r.randint(1, 4))), ontvang=False)
    omvang, note = zeg(spel)
    return await spel.lieg("POST", "ontvangstbewijzen", {"omvang": omvang, "ontvangstbewijs": note})


def omvang_hier(spel: Toneel) -> int:
    """So much of the product's log the partner has."""
    return len(spel.partner.ontvanger.bladen)


def andere_wortel(spel: Toneel) -> tuple[int, str]:
    tot = spel.r.randint(1, omvang_hier(spel))
    bladen = [*spel.partner.ontvanger.bladen[: tot - 1], b"nooit gezegd"]
    return tot, bewijs(spel, punttekst(HUN, bladen))


def boven_onze_omvang(spel: Toneel) -> tuple[int, str]:
    bladen = [*spel.partner.ontvanger.bladen, *[b"nooit gezegd"] * spel.r.randint(1, 600)]
    return len(bladen), bewijs(spel, punttekst(HUN, bladen))


def ver_boven_onze_omvang(spel: Toneel) -> tuple[int, str]:
    _, _, wortel = punttekst(HUN, spel.partner.ontvanger.bladen).split("\n", 2)
    return 2**53 - 1, bewijs(spel, f"{HUN}\n{2**53 - 1}\n{wortel}")


def vreemd(spel: Toneel) -> tuple[int, str]:
    return omvang_hier(spel), bewijs(spel, sleutel=spel.nieuwe_sleutel())


def van_ons_zelf(spel: Toneel) -> tuple[int, str]:
    """Under the name of the log itself."""
    return omvang_hier(spel), bewijs(
        spel, sleutel=Sleutel(HUN, spel.partner.ontvanger.sleutel.geheim)
    )


def van_de_derde(spel: Toneel) -> tuple[int, str]:
    return omvang_hier(spel), bewijs(spel, sleutel=spel.derde.ontvanger.sleutel)


def ander_logboek(spel: Toneel) -> tuple[int, str]:
    """A true receipt: on the log of the partner to us."""
    zender = spel.partner.zender
    return spel.hier, bewijs(spel, punttekst(NAAM, zender.bladen[: spel.hier]))


def logboek_van_de_derde(spel: Toneel) -> tuple[int, str]:
    """A true text of ours, but of what we say to another."""
    oorsprong = f"schakel/{WIJ}/{DERDE}"
    return omvang_hier(spel), bewijs(spel, punttekst(oorsprong, spel.partner.ontvanger.bladen))


def als_controlepunt(spel: Toneel) -> tuple[int, str]:
    """The true text and the true key, under the other kind of signature."""
    ontvanger = spel.partner.ontvanger
    return omvang_hier(spel), ontvanger.sleutel.teken(punttekst(HUN, ontvanger.bladen))


def andere_tijd(spel: Toneel) -> tuple[int, str]:
    """The time under the signature is another than the one beside it."""
    return omvang_hier(spel), _gebogen(
        bewijs(spel), spel.r.randrange(8, 12), 1 << spel.r.randrange(8)
    )


def ander_bit(spel: Toneel) -> tuple[int, str]:
    return omvang_hier(spel), _gebogen(
        bewijs(spel), spel.r.randrange(12, 76), 1 << spel.r.randrange(8)
    )


def andere_id(spel: Toneel) -> tuple[int, str]:
    return omvang_hier(spel), _gebogen(bewijs(spel), spel.r.randrange(4), 1 << spel.r.randrange(8))


def _gebogen(note: str, plek: int, bit: int) -> str:
    kop, _, staart = note.rpartition(" ")
    ruw = bytearray(onb64(staart.strip()))
    ruw[plek] ^= bit
    return f"{kop} {b64(bytes(ruw))}\n"


def andere_omvang_erbij(spel: Toneel) -> tuple[int, str]:
    return omvang_hier(spel) + 1, bewijs(spel)


def twee_regels(spel: Toneel) -> tuple[int, str]:
    anders = bewijs(spel, sleutel=spel.nieuwe_sleutel())
    return omvang_hier(spel), bewijs(spel) + anders.rpartition("\n\n")[2]


def te_lang(spel: Toneel) -> tuple[int, str]:
    return omvang_hier(spel), bewijs(spel) + "x" * 8_192


def geen_note(spel: Toneel) -> tuple[int, str]:
    return omvang_hier(spel), "geen note"


def zonder_bewijs(spel: Toneel) -> tuple[int, None]:
    return omvang_hier(spel), None


def eerder(spel: Toneel) -> tuple[int, str]:
    """True, and old: nothing goes back."""
    tot = spel.r.randint(1, omvang_hier(spel) - 1)
    return tot, bewijs(spel, punttekst(HUN, spel.partner.ontvanger.bladen[:tot]))


async def met_een_ingetrokken_sleutel(spel: Toneel) -> Uitkomst:
    oud = await spel.roteer()
    return await _ontvang(spel, lambda s: (omvang_hier(s), bewijs(s, sleutel=oud)))


async def met_een_sleutel_die_nog_komt(spel: Toneel) -> Uitkomst:
    """Said, but not taken in here yet; once it is, the same receipt counts."""
    nieuw = spel.nieuwe_sleutel()
    uit = await _ontvang(spel, lambda s: (omvang_hier(s), bewijs(s, sleutel=nieuw)))
    await spel.wissel(nieuw)
    assert await spel.roep("POST", "ontvangstbewijzen", uit.gezegd) == (204, {})
    return uit


_BEWIJZEN: Mapping[str, tuple[Bewering, Verwacht]] = {
    "een ontvangstbewijs over een andere geschiedenis": (andere_wortel, VORK),
    "een ontvangstbewijs boven onze omvang": (boven_onze_omvang, VORK),
    "een ontvangstbewijs ver boven onze omvang": (ver_boven_onze_omvang, VORK),
    "een ontvangstbewijs over zijn eigen logboek": (ander_logboek, weg(400, "slecht-bewijs")),
    "een ontvangstbewijs over wat wij een ander zeggen": (
        logboek_van_de_derde,
        weg(400, "slecht-bewijs"),
    ),
    "een ontvangstbewijs met een vreemde sleutel": (vreemd, weg(400, "slecht-bewijs")),
    "een ontvangstbewijs onder onze eigen naam": (van_ons_zelf, weg(400, "slecht-bewijs")),
    "een ontvangstbewijs van een ander": (van_de_derde, weg(400, "slecht-bewijs")),
    "een controlepunt als ontvangstbewijs": (als_controlepunt, weg(400, "slecht-bewijs")),
    "een ontvangstbewijs met een andere tijd": (andere_tijd, weg(400, "slecht-bewijs")),
    "een ontvangstbewijs met een bit anders": (ander_bit, weg(400, "slecht-bewijs")),
    "een ontvangstbewijs van een onbekende sleutel": (andere_id, weg(400, "slecht-bewijs")),
    "een ontvangstbewijs met een andere omvang erbij": (
        andere_omvang_erbij,
        weg(400, "slecht-bewijs"),
    ),
    "een ontvangstbewijs met twee regels": (twee_regels, weg(400, "slecht-bewijs")),
    "een ontvangstbewijs van meer dan 8192 tekens": (te_lang, weg(400, "slecht-bewijs")),
    "een ontvangstbewijs dat geen note is": (geen_note, weg(400, "slecht-bewijs")),
    "een omvang zonder ontvangstbewijs": (zonder_bewijs, weg(400, "ongeldig")),
    "een oud ontvangstbewijs": (eerder, goed(neemt=True, status=204)),
}
LEUGENS: Mapping[str, tuple[Callable[[Toneel], Awaitable[Uitkomst]], Verwacht]] = {
    **{naam: (partial(_ontvang, zeg=zeg), wat) for naam, (zeg, wat) in _BEWIJZEN.items()},
    "een ontvangstbewijs met een ingetrokken sleutel": (
        met_een_ingetrokken_sleutel,
        weg(400, "slecht-bewijs"),
    ),
    "een ontvangstbewijs met een sleutel die nog komt": (
        met_een_sleutel_die_nog_komt,
        weg(400, "slecht-bewijs"),
    ),
}
