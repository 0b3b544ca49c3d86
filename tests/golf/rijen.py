"""Rows of two sides: all small ones, and large ones by chance, honest or not."""

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from random import Random
from typing import Any

import msgspec
from tests.golf.voorbeelden import ANDER, BEIDE, SCHAKEL, UITVOERDER, VRAGER

from schakel.contracts.schakels import berichten as b
from schakel.contracts.schakels.codes import Leescode
from schakel.contracts.schakels.lezen import OnleesbaarBlad, Plek
from schakel.contracts.schakels.rij import Rijdeel
from schakel.contracts.schakels.woorden import Kant

Maker = Callable[[int, int], b.Schakelbericht]
VOORBEELD: Mapping[str, b.Schakelbericht] = {
    een.FEIT: een for een in (*VRAGER, *UITVOERDER, *BEIDE)
}


def bericht(feit: str, nummer: int, bij: int, **anders: Any) -> b.Schakelbericht:
    """A message of this kind at this place."""
    return msgspec.structs.replace(VOORBEELD[feit], nummer=nummer, bij=bij, **anders)


def aanbod(soort: str, nummer: int = 1, bij: int = 0) -> b.Schakelbericht:
    """The first message, of each soort."""
    soort_ = b.Schakelsoort(soort)
    if soort_ is b.Schakelsoort.DEELPROCES:
        return bericht("aangeboden", nummer, bij)
    return bericht(
        "aangeboden",
        nummer,
        bij,
        soort=soort_,
        naar=None,
        soort_volgens_vrager=b.Meldingsoort.WENS,
        vanuit=ANDER,
    )


def onleesbaar(kant: Kant, nummer: int, feit: str | None = None) -> OnleesbaarBlad:
    """A leaf that cannot be read, but its id can."""
    return OnleesbaarBlad(Leescode.ONGELDIGE_INHOUD, "", Plek(SCHAKEL, kant, nummer), feit)


def _maker(feit: str, **anders: Any) -> Maker:
    return lambda nummer, bij: bericht(feit, nummer, bij, **anders)


GEZEGD: Mapping[Kant, tuple[Maker, ...]] = {
    Kant.VRAGER: (
        _maker("ingetrokken"),
        _maker("overgegaan"),
        _maker("te-laat"),
        _maker("antwoord-gegeven", vraag=1),
        _maker("beoordeeld", oordeel="niet_tevreden"),
        _maker("beoordeeld"),
    ),
    Kant.UITVOERDER: (
        _maker("aanvaard"),
        _maker("aangenomen"),
        _maker("geweigerd"),
        _maker("vraag-gesteld", vraag=1),
        _maker("gereedgemeld"),
        _maker("gereedgemeld", ronde=2),
        _maker("afgesloten", uitkomst=b.Slotuitkomst.VOLTOOID, vervangen=None),
    ),
}
MEER: Mapping[Kant, tuple[Maker, ...]] = {
    Kant.VRAGER: (
        *GEZEGD[Kant.VRAGER],
        _maker("aangeboden"),
        _maker("antwoord-gegeven", vraag=2),
        _maker("beoordeeld", ronde=2),
        _maker("wissing-gevraagd"),
        *(_maker("onbegrepen", over=n) for n in (1, 2, 3)),
    ),
    Kant.UITVOERDER: (
        *GEZEGD[Kant.UITVOERDER],
        _maker("voortgang"),
        _maker("vraag-gesteld", vraag=2),
        _maker("wissing-beantwoord"),
        _maker("geweigerd", reden="geen-json"),
        *(_maker("onbegrepen", over=n) for n in (1, 2, 3)),
        _maker("onbegrepen", over=2, code=Leescode.GAT),
    ),
}


def kleine_rijen(kant: Kant, lengte: int, vanaf: int, bij: int) -> Iterator[list[Rijdeel]]:
    """Every row up to this length, with every ``bij`` up to and including that."""
    for n in range(lengte + 1):
        for keuze in product(product(GEZEGD[kant], range(bij + 1)), repeat=n):
            yield [maak(vanaf + i, hoe) for i, (maak, hoe) in enumerate(keuze)]


def wilde_rij(kant: Kant, toeval: Random) -> list[Rijdeel]:
    """A row of somebody who lies: about ``bij``, with numbers twice or left out, unreadable."""
    rij: list[Rijdeel] = []
    nummer = 1
    if kant is Kant.VRAGER and toeval.random() < 0.9:
        rij.append(aanbod(toeval.choice([*b.Schakelsoort])))
        nummer = 2
    for _ in range(toeval.randrange(9)):
        kans = toeval.random()
        if kans < 0.08:
            rij.append(onleesbaar(kant, nummer, toeval.choice([None, "onbegrepen", "voortgang"])))
        else:
            rij.append(toeval.choice(MEER[kant])(nummer, toeval.randrange(6)))
        nummer += toeval.choices([1, 0, 2, -1], [88, 4, 5, 3])[0]
        nummer = max(nummer, 1)
    return rij
