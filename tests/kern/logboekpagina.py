"""The catalogue of the log as it stands in docs: ``python -m tests.kern.logboekpagina``."""

import sys
from collections.abc import Iterable

from schakel.kern.zicht.logregels import ALTIJD, KERN, Logregel


def als_markdown(regels: Iterable[Logregel]) -> str:
    """The catalogue as a page for people; ``docs/logboek.md`` must contain these lines."""
    delen = ["| field | meaning |", "|---|---|"]
    delen += [f"| `{naam}` | {uitleg} |" for naam, uitleg in ALTIJD.items()]
    for regel in sorted(regels, key=lambda r: r.naam):
        delen += ["", f"### `{regel.naam}` ({regel.niveau})", "", regel.uitleg]
        if regel.velden:
            delen += ["", "| field | meaning |", "|---|---|"]
            delen += [f"| `{naam}` | {uitleg} |" for naam, uitleg in regel.velden.items()]
    return "\n".join(delen) + "\n"


if __name__ == "__main__":
    sys.stdout.write(als_markdown(KERN))
