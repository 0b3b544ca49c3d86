"""Sees to it that what an operator does is written down, whatever comes of it."""

import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import structlog
from starlette.requests import ClientDisconnect, Request

from schakel.contracts.organisatie import OIN
from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.spelling import SPELLING
from schakel.kern.grond.weigering import Fout, OpslagFout, Overbelast
from schakel.kern.opslag import PersistenceError
from schakel.kern.vastlegging.audit import AFGEBROKEN, BEZIG, GEDAAN, Handeling

from .beveiliging import Toegang
from .klantadres import omgeving_van
from .omloop import Omloop
from .problemen import actie_van, code_van

log = structlog.get_logger()

Boek = Callable[[Handeling, str], Awaitable[None]]
"""Writes down what became of something that no transaction took along."""

_LEEST: Final = frozenset({"GET", "HEAD"})
_OIN: Final = re.compile(OIN)


def is_beheer(methoden: Iterable[str], toegang: Iterable[Toegang]) -> bool:
    """Whether a route is there for operators, to do something or to read what others wrote."""
    leest = _LEEST.issuperset(methoden)
    return any(Rol.BEHEERDER in een.rollen and (een.boekt or not leest) for een in toegang)


@asynccontextmanager
async def onder_toezicht(
    request: Request, omloop: Omloop, boek: Boek | None
) -> AsyncIterator[Handeling]:
    """The transaction of the action takes it along; what had none gets one here."""
    wie = omloop.identiteit
    handeling = Handeling(
        wie.wie if wie else "",
        ",".join(sorted(wie.rollen if wie else ())),
        actie_van(request.scope),
        object_van(request.path_params),
        omgeving_van(omloop.adres),
        omloop.correlatie,
    )
    merk = BEZIG.set(handeling)
    try:
        yield handeling
    finally:
        BEZIG.reset(merk)
        fout = sys.exc_info()[1]
        # Then nothing is stored, or that is not sure: what was to be stored with it neither.
        handeling.is_open |= isinstance(fout, OpslagFout | Overbelast)
        if handeling.is_open and boek is not None:
            handeling.is_open = False
            await _boek_alsnog(boek, handeling, _resultaat(fout))


def _resultaat(fout: BaseException | None) -> str:
    if fout is None:
        return GEDAAN
    if isinstance(fout, Exception) and not isinstance(fout, ClientDisconnect):
        return code_van(fout)
    return AFGEBROKEN


async def _boek_alsnog(boek: Boek, handeling: Handeling, resultaat: str) -> None:
    try:
        await boek(handeling, resultaat)
    except (Fout, PersistenceError) as fout:
        log.warning("handeling_niet_geboekt", resultaat=resultaat, soort=type(fout).__name__)


def object_van(waarden: dict[str, Any]) -> str | None:
    """The first UUID, number or OIN in a path: whatever else stands there may have been typed."""
    for waarde in waarden.values():
        if SPELLING[UUID].past(waarde) or SPELLING[int].past(waarde) or _is_oin(waarde):
            return str(waarde).lower()
    return None


def _is_oin(waarde: object) -> bool:
    return isinstance(waarde, str) and _OIN.fullmatch(waarde) is not None
