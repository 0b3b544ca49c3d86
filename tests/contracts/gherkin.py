"""As much of Gherkin as the CNCF scenarios use: outlines, tables and doc strings."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_STAP = re.compile(r"(Given|When|Then|And) (.*)")


@dataclass
class Stap:
    """One step: what it says, and the doc string or the table that goes with it."""

    tekst: str
    blok: str | None = None
    tabel: list[list[str]] = field(default_factory=list)


@dataclass
class Scenario:
    """A scenario, or one example of a scenario outline."""

    naam: str
    stappen: list[Stap]


@dataclass
class _Omtrek:
    naam: str
    stappen: list[Stap] = field(default_factory=list)
    voorbeelden: list[list[str]] = field(default_factory=list)

    def scenarios(self) -> Iterator[Scenario]:
        if not self.voorbeelden:
            yield Scenario(self.naam, self.stappen)
            return
        namen, *rijen = self.voorbeelden
        for rij in rijen:
            waarden = dict(zip(namen, rij, strict=True))
            yield Scenario(_vul(self.naam, waarden), [_gevuld(s, waarden) for s in self.stappen])


def lees_scenarios(pad: Path) -> list[Scenario]:
    """All scenarios of a feature file, each with the steps of the background before its own."""
    achtergrond, *omtrekken = _omtrekken(pad.read_text(encoding="utf-8").splitlines())
    return [
        Scenario(scenario.naam, achtergrond.stappen + scenario.stappen)
        for omtrek in omtrekken
        for scenario in omtrek.scenarios()
    ]


def _omtrekken(regels: list[str]) -> list[_Omtrek]:
    gevonden: list[_Omtrek] = []
    rijen: list[list[str]] = []
    rest = iter(regels)
    for regel in rest:
        kaal = regel.strip()
        if kaal.startswith(("Background:", "Scenario:", "Scenario Outline:")):
            gevonden.append(_Omtrek(kaal.partition(":")[2].strip()))
        elif kaal == "Examples:":
            rijen = gevonden[-1].voorbeelden
        elif stap := _STAP.fullmatch(kaal):
            gevonden[-1].stappen.append(Stap(stap.group(2)))
            rijen = gevonden[-1].stappen[-1].tabel
        elif kaal == '"""':
            gevonden[-1].stappen[-1].blok = _blok(rest)
        elif kaal.startswith("|"):
            rijen.append([cel.strip() for cel in kaal.strip("|").split("|")])
    return gevonden


def _blok(rest: Iterator[str]) -> str:
    regels = []
    for regel in rest:
        if regel.strip() == '"""':
            break
        regels.append(regel)
    return textwrap.dedent("\n".join(regels))


def _vul(tekst: str, waarden: dict[str, str]) -> str:
    return re.sub(r"<(\w+)>", lambda gevonden: waarden[gevonden.group(1)], tekst)


def _gevuld(stap: Stap, waarden: dict[str, str]) -> Stap:
    return Stap(
        _vul(stap.tekst, waarden),
        None if stap.blok is None else _vul(stap.blok, waarden),
        [[_vul(cel, waarden) for cel in rij] for rij in stap.tabel],
    )
