"""What a lie comes to, and how that is looked at: the same for every lie."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.grens.leugens.golf import lees_json
from tests.grens.leugens.toneel import DERDE, ZIJ, Gezien, Toneel, Uitkomst

ROUTES = (
    ("GET", "paginas?vanaf=0&sessie=00000000-0000-4000-8000-000000000000"),
    ("POST", "paginas"),
    ("GET", "ontvangstbewijzen"),
    ("POST", "ontvangstbewijzen"),
    ("POST", "hervattingen"),
    ("GET", "bladen?vanaf=0"),
    ("POST", "bladen"),
)
"""Every call that a partner can make."""


@dataclass(frozen=True)
class Verwacht:
    """The answer to a lie; whether the link stops, and why; whether something is taken in."""

    status: int
    code: str = ""
    reden: str = ""
    stil: str = ""
    """Why the link stands still from then on; nothing: it goes on."""
    neemt: bool = False
    """Whether the answer may change the store: what was true in it is taken in."""


Leugen = Callable[[Toneel], Awaitable[Uitkomst]]


def goed(*, neemt: bool = False, status: int = 200) -> Verwacht:
    """No lie at all, or one that nobody can tell and that does no harm."""
    return Verwacht(status, neemt=neemt)


def slecht(reden: str) -> Verwacht:
    """A page that no honest log has: the link stops."""
    return Verwacht(400, "slechte-pagina", reden, stil=reden)


def weg(status: int, code: str) -> Verwacht:
    """Refused, and everything goes on."""
    return Verwacht(status, code)


VORK = Verwacht(403, "gestopt", stil="vork")
"""Another history of a log, told otherwise than in a page: the link stops."""


async def beproef(spel: Toneel, leugen: Leugen, verwacht: Verwacht) -> None:
    """Tell one lie behind honest traffic, look at all that came of it, and let traffic go on."""
    uit = await leugen(spel)
    gezegd = uit.antwoord
    gekregen = (uit.status, gezegd.get("code", ""), gezegd.get("reden", ""))
    assert gekregen == (verwacht.status, verwacht.code, verwacht.reden), gezegd
    if not verwacht.neemt:
        assert uit.na.inhoud == uit.voor.inhoud, "something was taken in"
    if verwacht.stil:
        await _staat_stil(spel, uit, verwacht.stil)
    else:
        assert uit.na.stukken == uit.voor.stukken, "evidence of nothing"
        if not verwacht.neemt:
            assert uit.na.verbindingen == uit.voor.verbindingen
    await _gaat_door(spel)


async def _staat_stil(spel: Toneel, uit: Uitkomst, reden: str) -> None:
    """What was sent is kept, every call is refused, and only a person begins anew."""
    assert uit.na.stukken[:-1] == uit.voor.stukken
    partner, waarom, inhoud = uit.na.stukken[-1]
    assert (partner, waarom) == (ZIJ, reden)
    if uit.wat == "paginas":
        assert inhoud == uit.gezegd
    assert lees_json(inhoud) == lees_json(uit.gezegd)
    assert _van_anderen(uit.na) == _van_anderen(uit.voor)
    voor = spel.gezien()
    for methode, pad in spel.r.sample(ROUTES, 3):
        status, antwoord = await spel.roep(methode, pad, spel.partner.hervatting(nieuw=False))
        assert (status, antwoord.get("code")) == (403, "gestopt"), (methode, pad, antwoord)
    assert spel.gezien() == voor
    await spel.kanaal.start_weer()
    await spel.stuur(spel.blad(DERDE), wie=spel.derde)
    oud = spel.partner.zender.pagina(0, spel.partner.sessie_daar)
    status, antwoord = await spel.roep("POST", "paginas", oud)
    achterop = (await spel.kanaal.verbinding()).achterop
    assert (status, antwoord["code"]) == (409, "achterop" if achterop else "sessie-onbekend")


def _van_anderen(gezien: Gezien) -> list[tuple[Any, ...]]:
    """How the links with others stand."""
    return [een for een in gezien.verbindingen if een[0] != ZIJ]


async def _gaat_door(spel: Toneel) -> None:
    """With the link resumed if need be, honest traffic goes on, here and with others."""
    if not (await spel.kanaal.verbinding()).is_hervat:
        await spel.hervat()
    await spel.verkeer()
    await spel.stuur(spel.blad(DERDE), wie=spel.derde)
