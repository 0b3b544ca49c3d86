"""What the house did, against what the true leaves alone say: folded apart from the product.

True is what the partner says in its own log and the product receipted, and what the partner took in
of the product. From that follow the schakels and their phases, what the house was told, and what
had to be answered. Whatever else is there came out of a lie.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from tests.golf.tweede import nummer, tweede
from tests.grens.beurten.taal import LAATSTE, verteld_als
from tests.grens.leugens.partner import Partner
from tests.grens.leugens.product import Product
from tests.grens.leugens.verhaal import Gezegd, Verhaal, lees_van_hen

_SCHAKELS = "SELECT partner, wij, overzicht FROM schakels"
Naam = tuple[str, str, str]
"""Of a schakel: the partner, our side, its id."""


class Spel(Protocol):
    """What is judged."""

    product: Product
    partners: dict[str, Partner]
    verhalen: dict[str, Verhaal]
    onze: list[bytes]
    """What the product was made to say that means nothing, to who lies."""


@dataclass
class Rijen:
    """Of one schakel what each side said, in the order of its log."""

    v: list[Gezegd] = field(default_factory=list)
    u: list[Gezegd] = field(default_factory=list)


class Oordeel:
    """Judges a stage, again and again: of what did not change since, once."""

    def __init__(self, spel: Spel) -> None:
        """Nothing was looked at yet."""
        self._spel = spel
        self._gezien: dict[Naam, tuple[Any, ...]] = {}

    def vel(self) -> None:
        """Compare; raises AssertionError."""
        grens, huis = self._spel.product.grens, self._spel.product.huis
        assert not grens.ontvanger.parkeerplaats.aantal(), "the house said what cannot be"
        rijen = self._rijen()
        getoond: dict[Naam, bytes] = {}
        for partner, wij, overzicht in grens.opslag.vraag(_SCHAKELS, ()):
            getoond[partner, wij, json.loads(overzicht)["schakelId"]] = bytes(overzicht)
        assert getoond.keys() == rijen.keys(), getoond.keys() ^ rijen.keys()
        per_schakel = _verteld_over(huis.verteld, huis.partner, huis.gever.kinderen)
        assert per_schakel.keys() <= rijen.keys(), "told of what nobody said"
        for naam, paar in rijen.items():
            verteld = per_schakel.get(naam, [])
            stand = (len(paar.v), len(paar.u), getoond[naam], len(verteld))
            if self._gezien.get(naam) != stand:
                noten = _keur_stand(naam, paar, json.loads(getoond[naam]))
                if naam[1] == "v":
                    status = huis.gever.kinderen.get(UUID(naam[2]))
                    _keur_gever(paar, verteld, noten, status)
                else:
                    _keur_uitvoerder(paar, verteld, noten)
                self._gezien[naam] = stand

    def _rijen(self) -> dict[Naam, Rijen]:
        rijen: dict[Naam, Rijen] = {}
        los = []
        for oin, wie in self._spel.partners.items():
            geschreven = self._spel.verhalen[oin].geschreven
            gezegd = [geschreven.get(blad) for blad in wie.zender.bladen[: wie.bewezen]]
            for een in filter(None, gezegd):
                wij = "u" if een.kant == "v" else "v"
                rij = rijen.setdefault((oin, wij, een.schakel), Rijen())
                getattr(rij, een.kant).append(een)
            for blad in wie.ontvanger.bladen:
                if (onze := lees_van_hen(blad)) is None:
                    los.append(blad)
                    continue
                rij = rijen.setdefault((oin, onze.kant, onze.schakel), Rijen())
                getattr(rij, onze.kant).append(onze)
        assert los == self._spel.onze, "the product said what nobody made it say"
        return rijen


def _verteld_over(verteld: Any, giver_van: str, kinderen: Any) -> dict[Naam, list[Any]]:
    """What the house was told, by the schakel that it is about."""
    gevonden: dict[Naam, list[Any]] = {}
    for melding, feiten in verteld.items():
        versies = [feit.versie for feit in feiten]
        assert versies == [*range(1, len(versies) + 1)], f"{melding}: versies {versies}"
        deel = feiten[0].deel_van
        if deel is None:
            assert melding in kinderen, "told in the place of a child that nobody asked for"
            naam = (giver_van, "v", str(melding))
        else:
            naam = (deel.organisatie, "u", str(deel.schakel_id))
        assert naam not in gevonden, f"{naam}: two meldingen"
        gevonden[naam] = feiten
    return gevonden


def _keur_stand(naam: Naam, paar: Rijen, hier: Any) -> set[tuple[str, int, str]]:
    """The pair of phases, the notes, and how many leaves there are; gives the notes."""
    fasen, noten = tweede([een.deel for een in paar.v], [een.deel for een in paar.u])
    assert (hier["vrager"], hier["uitvoerder"]) == fasen, naam
    gezien = {(een["kant"], een["nummer"], een["feit"]) for een in hier["noten"]}
    assert gezien <= noten, (naam, gezien - noten)
    assert min(len(noten), 20) == len(gezien), (naam, noten)
    lengtes = (len(paar.v), len(paar.u))
    if naam[1] == "u":
        lengtes = (lengtes[1], lengtes[0])
    assert (hier["gezegd"], hier["gehoord"], hier["teZeggen"]) == (*lengtes, 0), naam
    assert hier["isDicht"] == fasen[1].startswith("einde"), naam
    return noten


def _feiten(rij: Sequence[Gezegd]) -> Counter[str]:
    return Counter(getattr(een.deel, "FEIT", "") for een in rij)


def _keur_gever(
    paar: Rijen, verteld: Sequence[Any], noten: set[tuple[str, int, str]], status: str | None
) -> None:
    """The giver heard each word that counts, once, in order."""
    gehoord = [(feit.type.split(".")[-2], feit.nummer) for feit in verteld]
    if status is None:
        assert not gehoord, "told of work that nobody asked"
        assert not paar.v, "said about work that nobody asked"
        return
    niet = {nummer_ for kant, nummer_, _ in noten if kant == "u"}
    wel = [
        (woord, een.deel.nummer)
        for een in paar.u
        if een.deel.nummer not in niet and (woord := verteld_als(een.deel)) is not None
    ]
    assert gehoord == wel, f"the giver heard {gehoord}, not {wel}"
    feiten = _feiten(paar.v)
    terug = status == "teruggenomen"
    assert feiten["aangeboden"] == 1
    assert feiten["ingetrokken"] <= terug
    assert feiten.total() == 1 + feiten["ingetrokken"], feiten


def _keur_uitvoerder(paar: Rijen, verteld: Sequence[Any], noten: set[tuple[str, int, str]]) -> None:
    """What was asked is refused, or told once; what cannot be read is answered, once."""
    keren = Counter(feit.type.split(".")[-2] for feit in verteld)
    feiten, eerste = _feiten(paar.u), paar.v[0]
    onze = next(een.deel for een in paar.u if een.deel.FEIT != "onbegrepen")
    gebroken = _gebroken(paar.v)  # what passes that, no ``bij`` tells of
    assert sum(feiten[een] for een in LAATSTE) <= 1, feiten
    weg = next((e.deel for e in paar.v if getattr(e.deel, "FEIT", "") == "ingetrokken"), None)
    if weg is not None and ("v", weg.nummer, "ingetrokken") in noten:
        weg = None
    if eerste.antwoord:
        assert (onze.FEIT, getattr(onze, "reden", "")) == ("geweigerd", eerste.antwoord)
        assert not keren, f"told of what is refused: {keren}"
    elif onze.FEIT == "geweigerd" and onze.reden == "ingetrokken":
        assert weg is not None
        assert weg.nummer <= onze.bij
        assert not keren
    else:
        assert onze.FEIT == "aangenomen"
        assert (feiten["aangenomen"], keren["schakel-ingekomen"]) == (1, 1), (feiten, keren)
        laatste = next((een.deel for een in paar.u if een.deel.FEIT in LAATSTE), None)
        op_tijd = weg is not None and (laatste is None or laatste.bij >= weg.nummer)
        teruggeroepen = keren["schakel-ingetrokken"]
        assert teruggeroepen == op_tijd or (weg and gebroken and teruggeroepen == 1), keren
        assert keren.total() == 1 + teruggeroepen, keren
        assert laatste is not None or weg is None, "no last word"
    over = [een.deel.over for een in paar.u if een.deel.FEIT == "onbegrepen"]
    assert over == gebroken, f"not understood: {over}, not {gebroken}"


def _gebroken(rij: Sequence[Gezegd]) -> list[int]:
    """The number of what breaks this row behind its first, if anything does."""
    if hasattr(rij[0].deel, "plek"):
        return []
    for plek, een in enumerate(rij, start=1):
        if een.antwoord in ("onbekend-type", "gat"):
            return [nummer(een.deel)]
        assert nummer(een.deel) == plek
    return []


__all__ = ["Oordeel"]
