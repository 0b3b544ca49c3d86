"""Run: ``python -m tests.proef [naam ...] [--aantal N] [--getal N] [--map MAP] [--opnieuw]``

Without a name all trials run. How far one came stands in the folder: stopped, it goes on from there
when it is run again; done, it begins anew. A counterexample ends it with exit code 1 and the number
of the case, which ``--getal`` tries alone.
"""

import argparse
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog
from tests.proef import (
    Proef,
    Tegenvoorbeeld,
    beurten,
    bomen,
    leugens,
    reeksen,
    uitval,
    vijand,
    wandelaars,
)

PROEVEN: Mapping[str, Proef] = {
    "bomen": bomen.PROEF,
    "wandelaars": wandelaars.PROEF,
    "vijand": vijand.PROEF,
    "leugens": leugens.PROEF,
    "uitval": uitval.PROEF,
    "beurten": beurten.PROEF,
    "reeksen": reeksen.PROEF,
}
MAP = Path("gegevens/proef")


def draai(naam: str, proef: Proef, aantal: int, stand: Path) -> None:
    """Try what was not tried yet; raises Tegenvoorbeeld."""
    begin = gedaan = int(stand.read_text()) if stand.exists() else 0
    sinds = time.monotonic()
    while gedaan < aantal:
        tot = min(gedaan + proef.per_portie, aantal)
        proef.beproef(gedaan, tot)
        gedaan = tot
        stand.write_text(str(gedaan))
        per_seconde = (gedaan - begin) / (time.monotonic() - sinds)
        minuten = (aantal - gedaan) / per_seconde / 60
        meld(f"{naam}: {gedaan} of {aantal}, {per_seconde:.0f} per second, {minuten:.0f} min to go")
    stand.unlink(missing_ok=True)
    van = f" of the {proef.ruimte():,} there are" if proef.ruimte is not None else ""
    meld(f"{naam}: {aantal:,} tried{van}, no counterexample")


def meld(tekst: str) -> None:
    sys.stderr.write(f"{tekst}\n")


def main(argumenten: Sequence[str] | None = None, proeven: Mapping[str, Proef] = PROEVEN) -> int:
    opties = argparse.ArgumentParser(prog="make proef", description=__doc__)
    opties.add_argument("naam", nargs="*", help=f"which trials: {', '.join(proeven)}")
    opties.add_argument("--aantal", type=int, help="so many cases, not as many as usual")
    opties.add_argument("--getal", type=int, help="this one case")
    opties.add_argument("--map", type=Path, default=MAP, help="where to keep how far it came")
    opties.add_argument("--opnieuw", action="store_true", help="from the first case")
    gekozen = opties.parse_args(argumenten)
    if onbekend := set(gekozen.naam) - proeven.keys():
        opties.error(f"no such trial: {', '.join(sorted(onbekend))}; there is {', '.join(proeven)}")
    gekozen.map.mkdir(parents=True, exist_ok=True)
    for naam in gekozen.naam or proeven:
        proef, stand = proeven[naam], gekozen.map / naam
        try:
            if gekozen.getal is not None:
                proef.beproef(gekozen.getal, gekozen.getal + 1)
                meld(f"{naam}: case {gekozen.getal} is as it should be")
                continue
            if gekozen.opnieuw:
                stand.unlink(missing_ok=True)
            draai(naam, proef, gekozen.aantal or proef.aantal, stand)
        except Tegenvoorbeeld as fout:
            meld(f"{naam}: COUNTEREXAMPLE {fout}")
            meld(f'again: make proef PROEF_ARGS="{naam} --getal {fout.getal}"')
            return 1
        except KeyboardInterrupt:
            meld(f"{naam}: stopped; run it again to go on")
            return 130
    return 0


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    sys.exit(main())
