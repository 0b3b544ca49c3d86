"""Pages between two organisations, beside the same number of messages through the house's inbox.

Both sides of a page: hash and sign it, check and take it in durably, receipt, and check that; each
side has a PostgreSQL database of its own. What is left out of both is the network, and the writing
of who says it.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.grens.test_verkeer import hervat, stuur
from tests.grens.zijden import VECTOREN, Zijde, ondertekenaar, zijde

from schakel.contracts.topics import topic_van
from schakel.grens.logboek import groei
from schakel.grens.tabellen import TABELLEN
from schakel.grens.vormen import BLADEN_MAX
from schakel.kern.opslag import KERNTABELLEN
from schakel.kern.opslag.postgres import PostgresOpslag

from .inboxmeting import VAN, _ontvang
from .infra import PARTITIES, Bus, Postgres
from .verslag import Cel, Toets, Uitkomst, mediaan
from .vulling import EERSTE, Vulling, vul
from .zender import producent
from .zender import stuur as stuur_op_de_bus

PER_PAGINA = (10, 100, BLADEN_MAX)
BLAD = VECTOREN["eersteBlad"].encode()
HUIS = "eigen inbox, een kale stap per bericht"


class _Kant:
    """As ``hervat`` and ``stuur`` want a side."""

    def __init__(self, een: Zijde) -> None:
        self.zijde = een


@contextmanager
def _kanten(pg: Postgres) -> Iterator[tuple[_Kant, _Kant]]:
    opslagen = [PostgresOpslag(pg.met(TABELLEN), TABELLEN) for _ in range(2)]
    try:
        a, b = (_Kant(zijde(opslag, wie)) for opslag, wie in zip(opslagen, ("A", "B"), strict=True))
        hervat(a, b)
        yield a, b
    finally:
        for opslag in opslagen:
            opslag.sluit()


def over_de_grens(pg: Postgres, aantal: int, per_pagina: int) -> float:
    """Leaves per second, from the log of one side into that of the other."""
    with _kanten(pg) as (a, b):
        duur, bladen, tekenaar = 0.0, [BLAD] * per_pagina, ondertekenaar("A")
        for _ in range(0, aantal, per_pagina):
            stand = a.zijde.verkeer.stand_uit()
            a.zijde.doe(a.zijde.verkeer.zeg, bladen)
            begin = time.perf_counter()
            groei(stand, bladen).stand.punt.onderteken(tekenaar)  # as it was when it was said
            assert stuur(a, b)
            duur += time.perf_counter() - begin
        assert len(b.zijde.bladen("in")) >= min(aantal, 10_000)
        return -(-aantal // per_pagina) * per_pagina / duur


def in_huis(vulling: Vulling, pg: Postgres, bus: Bus) -> float:
    """Messages per second through the inbox of a service."""
    oin = bus.organisatie()
    berichten = vulling.berichten(oin, van=VAN["kaal"])

    async def vooraf() -> None:
        async with producent(bus.adres) as zender:
            await stuur_op_de_bus(zender, topic_van(oin, EERSTE.proces), berichten, PARTITIES)

    asyncio.run(vooraf())
    url = pg.met(KERNTABELLEN)
    aantal = len(berichten)
    return asyncio.run(_ontvang("kaal", url, bus, oin, aantal, een_voor_een=False))


def meet_paginas(pg: Postgres, bus: Bus, aantal: int, rondes: int) -> Uitkomst:
    """In turns; the ratio is taken within a round."""
    vulling = vul("kaal", pg, aantal)
    huis: list[float] = []
    grens: dict[int, list[float]] = {n: [] for n in PER_PAGINA}
    for _ in range(rondes):
        huis.append(in_huis(vulling, pg, bus))
        for per_pagina, gemeten in grens.items():
            gemeten.append(over_de_grens(pg, aantal, per_pagina))
    rijen: list[dict[str, Cel]] = [{"wat": HUIS, "per s": mediaan(huis), "t.o.v. het huis": 1.0}]
    rijen += [_rij(f"pagina's van {n}", gemeten, huis) for n, gemeten in grens.items()]
    naast = mediaan([a / b for a, b in zip(grens[100], huis, strict=True)])
    toetsen = [Toets("pagina's van 100 / eigen inbox", naast, ">=", 0.5)]
    return Uitkomst("grens", "van het ene grenslogboek in het andere, beide kanten", rijen, toetsen)


def _rij(wat: str, gemeten: Sequence[float], huis: Sequence[float]) -> dict[str, Cel]:
    naast = mediaan([a / b for a, b in zip(gemeten, huis, strict=True)])
    return {"wat": wat, "per s": mediaan(gemeten), "t.o.v. het huis": naast}
