"""What the columns of a log are called in our tables, whatever they are called in the file."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from .mapping import Mapping, Regel, Zaakregel, Zaaktijd
from .mapping.voorwaarden import Rijplaats, Vergelijking, bladeren
from .sql import naam
from .vraagtaal import gevuld


@dataclass(frozen=True)
class Namen:
    """The short names of one mapping.

    ``k`` columns, ``m`` attributes, ``b`` tests on a row, ``w`` what is compared with the row
    before, ``o`` what orders rows, ``s`` the rule that holds among some, ``f`` facts of a case,
    ``t`` times of a case.
    """

    mapping: Mapping

    @cached_property
    def rij(self) -> dict[str, str]:
        """Of the columns of the log."""
        return {kolom: f"k{i}" for i, kolom in enumerate(self.mapping.rijkolommen())}

    @cached_property
    def kenmerk(self) -> dict[str, str]:
        """Of the columns of the second file."""
        return {kolom: f"m{i}" for i, kolom in enumerate(self.mapping.kenmerkkolommen())}

    @cached_property
    def feiten(self) -> dict[Vergelijking, str]:
        """Of tests that hold for a case as soon as they do somewhere in it."""
        gevonden: dict[Vergelijking, str] = {}
        for regel in self.mapping.alle_regels():
            for blad in bladeren(regel.als):
                is_van_zaak = isinstance(regel, Zaakregel) or is_kenmerk(blad)
                if isinstance(blad, Vergelijking) and is_van_zaak:
                    gevonden.setdefault(blad, f"f{len(gevonden)}")
        return gevonden

    @cached_property
    def vroeg(self) -> dict[str, list[int]]:
        """Of rules in a row that can be tried on a row by itself; which are between two others."""
        regels = self.mapping.regels
        groepen = groupby(range(len(regels)), lambda i: is_laat(regels[i]))
        vroeg = [list(groep) for laat, groep in groepen if not laat]
        return {f"s{i}": groep for i, groep in enumerate(vroeg)}

    @cached_property
    def laat(self) -> list[int]:
        """The numbers of the other rules."""
        return [i for i, regel in enumerate(self.mapping.regels) if is_laat(regel)]

    @cached_property
    def eenmalig(self) -> list[int]:
        """The numbers of the rules of which only the first row of a case counts."""
        return [i for i, regel in enumerate(self.mapping.regels) if regel.eerste]

    @cached_property
    def rijtoetsen(self) -> dict[Vergelijking, str]:
        """Of tests on a row that are still needed when the file has been read."""
        late = (b for i in self.laat for b in bladeren(self.mapping.regels[i].als))
        nodig = dict.fromkeys([*self.feiten, *late])
        vergelijkingen = [b for b in nodig if isinstance(b, Vergelijking)]
        van_rij = [b for b in vergelijkingen if b.kolom is not None and b.wordt is None]
        return {blad: f"b{i}" for i, blad in enumerate(van_rij)}

    @cached_property
    def wendingen(self) -> dict[tuple[str, str], str]:
        """Of what is compared with the row before: a column, and how."""
        gevonden = dict.fromkeys(
            (blad.kolom, blad.wordt)
            for i in self.laat
            for blad in bladeren(self.mapping.regels[i].als)
            if isinstance(blad, Vergelijking) and blad.kolom is not None and blad.wordt is not None
        )
        return {wat: f"w{i}" for i, wat in enumerate(gevonden)}

    @cached_property
    def volgorde(self) -> dict[str, str]:
        """Of what rows of one time are ordered by: numbers as numbers, everything else as text."""
        kolommen = self.mapping.volgorde.kolommen if self.mapping.volgorde else []
        uit = []
        for kolom in kolommen:
            if kolom != self.mapping.tijd.kolom:
                k = self.rij[kolom]
                uit += [f"try_cast({k} AS DOUBLE)", k]
        return {f"o{i}": uitdrukking for i, uitdrukking in enumerate(uit)}

    def tijden(self) -> Iterator[tuple[str, Zaaktijd]]:
        """The times of what holds for a whole case."""
        for i, regel in enumerate(self.mapping.zaakregels):
            if regel.tijd is not None:
                yield f"t{i}", regel.tijd

    def kolommen(self) -> list[str]:
        """The columns of the log under their short names, nothing where the file has a mark."""
        return [f"{gevuld(naam(k), self.mapping.leeg)} AS {kort}" for k, kort in self.rij.items()]

    def kenmerken(self) -> list[str]:
        """The same of the second file."""
        leeg = self.mapping.leeg
        return [f"{gevuld(naam(k), leeg)} AS {kort}" for k, kort in self.kenmerk.items()]

    def sleutel(self, kolommen: list[str]) -> str:
        """What a case is known by; NULL when any part of it is empty."""
        delen = [gevuld(naam(kolom), self.mapping.leeg) for kolom in kolommen]
        return delen[0] if len(delen) == 1 else f"({' || chr(31) || '.join(delen)})"

    def nog_niets(self) -> str:
        """That no rule holds on a row, as far as that can be told of a row by itself."""
        return " AND ".join(f"{s} IS NULL" for s in self.vroeg) or "true"

    def sprekend(self) -> str:
        """The column that rules look at most: it tells best what a row is that none touched."""
        genoemd = Counter(
            blad.kolom
            for regel in self.mapping.regels
            for blad in bladeren(regel.als)
            if isinstance(blad, Vergelijking) and blad.kolom is not None
        )
        return self.rij[genoemd.most_common(1)[0][0]] if genoemd else "NULL"


def is_kenmerk(blad: Vergelijking | Rijplaats) -> bool:
    """Whether a test is about the second file."""
    return isinstance(blad, Vergelijking) and blad.kenmerk is not None


def is_laat(regel: Regel) -> bool:
    """Whether a rule asks for more than the row itself."""
    return any(
        isinstance(blad, Rijplaats) or blad.wordt is not None or is_kenmerk(blad)
        for blad in bladeren(regel.als)
    )


def samen(blad: Vergelijking) -> str:
    """A case has a value when any of its rows has it, and none when all of them are empty."""
    return "bool_and" if blad.is_leeg else "bool_or"


def zaakfeit(namen: Namen, blad: Vergelijking | Rijplaats) -> str:
    """A test on a case; of one that is not in the second file all attributes are empty."""
    if isinstance(blad, Rijplaats):
        raise TypeError("een zaak heeft geen eerste of laatste rij")
    return f"coalesce({namen.feiten[blad]}, {'true' if blad.is_leeg else 'false'})"
