"""The customer of each service, as this command is set."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from schakel.klant import Klant, klanten

from .instellingen import Instellingen


@asynccontextmanager
async def mijn_klanten() -> AsyncIterator[Mapping[str, Klant]]:
    """With addresses and token from the environment; raises StartFout."""
    instellingen = Instellingen()
    async with klanten(instellingen.alle_adressen, instellingen.token) as bij:
        yield bij
