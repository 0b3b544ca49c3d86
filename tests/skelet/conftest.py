import asyncio
import io
import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.werkstromen import Proces
from schakel.kern.zicht import logboek
from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor

Diensten = Mapping[Proces, Procesdienst[Any]]


@pytest.fixture(scope="session")
def omgeving() -> Iterator[None]:
    """No setting comes from whoever runs the tests."""
    with pytest.MonkeyPatch.context() as omgeving:
        for naam in list(os.environ):
            if naam.upper().startswith("SCHAKEL_"):
                omgeving.delenv(naam)
        yield


@pytest.fixture(autouse=True)
def log() -> Iterator[io.StringIO]:
    """What an operator would read, strictly by the catalogue."""
    uit = io.StringIO()
    logboek.stel_in(strikt=True, uit=uit)
    yield uit
    logboek.stel_in(strikt=True)


@pytest.fixture(scope="session")
def diensten(omgeving: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Diensten]:
    """The five services on stores of their own, for all tests over HTTP: building them is slow."""
    map_ = tmp_path_factory.mktemp("diensten")
    diensten = {
        proces: Procesdienst(
            omschrijving, instellingen_voor(omschrijving, gegevensmap=map_ / proces)
        )
        for proces, omschrijving in OMSCHRIJVING.items()
    }
    yield diensten
    for dienst in diensten.values():
        asyncio.run(dienst.schrijver.sluit())
        dienst.opslag.sluit()
