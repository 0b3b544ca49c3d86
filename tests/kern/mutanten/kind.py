"""What a process does until it is killed at a named point, with or without a planted bug."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from tests.kern.mutanten.keten import Plaats
from tests.kern.mutanten.mutant import Mutant
from tests.kern.proef import verzending

from schakel.kern.bezorging.relais import Relais
from schakel.kern.bus.kafka import uitgang
from schakel.kern.opslag import postgres
from schakel.kern.opslag.pgalleen import PgAlleenrecht

POISON = 13_000
"""What the receiver refuses for now."""


def sterf(*_: Any, **__: Any) -> Any:
    """As ``kill -9`` does: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def zet_val(punt: str) -> None:
    """Let this process die at ``punt``."""
    if punt == "voor de bevestiging":
        uitgang._Verbinding._stuur = sterf  # type: ignore[method-assign]
    elif punt == "na de bevestiging":
        PgAlleenrecht.bewaar = sterf  # type: ignore[method-assign]
    elif punt == "voor de commit van een effect":
        postgres._voeg_in = _na(postgres._voeg_in, als=bool)
    elif punt == "na het parkeren":
        postgres.PostgresOpslag.schrijf = _na(  # type: ignore[method-assign]
            postgres.PostgresOpslag.schrijf, als=lambda lading: "geparkeerd" in str(lading.rijen)
        )


def _na(wat: Callable[..., Any], als: Callable[[Any], bool]) -> Callable[..., Any]:
    """The same, and then dead, when there is something of the kind to write."""

    def en_sterf(*delen: Any) -> Any:
        uitslag = wat(*delen)
        return sterf() if als(delen[-1]) else uitslag

    return en_sterf


async def leef(plaats: Plaats, rol: str, punt: str) -> None:
    """Relay or receive; somewhere in there it ends."""
    if rol == "relais":
        zender = plaats.open_zender()
        zet_val(punt)
        await Relais(zender.opslag, verzending, plaats.uitgang).draai()
    else:
        ontvanger = plaats.open_ontvanger({POISON})
        zet_val(punt)
        await ontvanger.ontvanger.draai(plaats.ingang("sterft"))


def begin(plaats: Plaats, rol: str, punt: str, mutant: Mutant | None) -> None:
    """What the process does."""
    with mutant.ingeplant() if mutant else nullcontext():
        asyncio.run(leef(plaats, rol, punt))
