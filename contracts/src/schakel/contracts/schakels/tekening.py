"""The table of states as a page shows it: as a table, and as a picture of each side.

``python -m schakel.contracts.schakels.tekening docs/schakels.md`` writes both between the marks
that stand there.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from .berichten import SCHAKELBERICHTEN
from .toestand import TABEL, Tabelregel, Uitvoerderfase, Vragerfase

_MERK: Final = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- /\2 -->)", re.DOTALL)
_KANTEN: Final = {
    soort.FEIT: " and ".join(str(kant) for kant in soort.KANTEN) for soort in SCHAKELBERICHTEN
}


def tabel() -> str:
    """The lines of the table, in Markdown."""
    regels = ["| message | said by | applied when | becomes |", "|---|---|---|---|"]
    regels += [
        f"| `{regel.feit}` | {_KANTEN[regel.feit]} | {_wanneer(regel)} | {_wordt(regel)} |"
        for regel in TABEL
    ]
    return "\n".join(regels)


def plaat(fasen: type[Vragerfase] | type[Uitvoerderfase]) -> str:
    """The phases of one side and what moves it, in Mermaid; conditions stand in the table."""
    pijlen = dict.fromkeys(
        f"    {_knoop(van)} --> {_knoop(regel.wordt)}: {regel.feit}"
        for regel in TABEL
        if isinstance(regel.wordt, fasen)
        for van in _van(regel, fasen)
    )
    return "\n".join(["```mermaid", "stateDiagram-v2", *pijlen, "```"])


def delen() -> Mapping[str, str]:
    """What stands between the marks of a page, by the name of the mark."""
    return {"tabel": tabel(), "vrager": plaat(Vragerfase), "uitvoerder": plaat(Uitvoerderfase)}


def vul(bladzijde: str) -> str:
    """The page with each mark filled anew; raises KeyError for a mark that is not known."""
    inhoud = delen()
    return _MERK.sub(
        lambda gevonden: f"{gevonden[1]}{inhoud[gevonden[2]]}\n{gevonden[3]}", bladzijde
    )


def hoofd(argumenten: Sequence[str] | None = None) -> int:
    """Fill the pages that are named."""
    for naam in sys.argv[1:] if argumenten is None else argumenten:
        pad = Path(naam)
        pad.write_text(vul(pad.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


def _wanneer(regel: Tabelregel) -> str:
    delen_ = [f"v is {_naam(regel.vrager)}"] if regel.vrager is not None else []
    if regel.uitvoerder:
        delen_.append(f"u is {' or '.join(map(_naam, regel.uitvoerder))}")
    return "; ".join([*delen_, *(een.tekst for een in regel.mits)]) or "always"


def _wordt(regel: Tabelregel) -> str:
    kant = "v" if isinstance(regel.wordt, Vragerfase) else "u"
    delen_ = [f"{kant} is {_naam(regel.wordt)}"] if regel.wordt is not None else []
    return "; ".join([*delen_, *([regel.dan.tekst] if regel.dan else [])]) or "no change"


def _van(
    regel: Tabelregel, fasen: type[Vragerfase] | type[Uitvoerderfase]
) -> Iterator[Vragerfase | Uitvoerderfase]:
    """The phases of this side that a line can start in."""
    if fasen is Vragerfase:
        if regel.vrager is not None:
            yield regel.vrager
    else:
        yield from regel.uitvoerder or (
            fase for fase in Uitvoerderfase if fase is not Uitvoerderfase.EINDE
        )


def _naam(fase: Vragerfase | Uitvoerderfase) -> str:
    return "nothing yet" if fase == Vragerfase.GEEN else f"`{fase}`"


def _knoop(fase: Vragerfase | Uitvoerderfase | None) -> str:
    """The name of a node: Mermaid takes no dash in one, and has a sign for where it begins."""
    return "[*]" if fase is None or fase == Vragerfase.GEEN else fase.replace("-", "_")


if __name__ == "__main__":
    sys.exit(hoofd())
