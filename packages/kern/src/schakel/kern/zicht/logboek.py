"""Structured logs with a closed catalogue: every event is listed, with its level and its fields.

Personal data cannot get in by accident: only listed fields are written, and what other libraries
say is reduced to the place it came from.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TextIO

import msgspec
import structlog

from .logregels import KERN, Logregel, Niveau

LANGSTE_WAARDE: Final = 200
MEESTE_PLAATSEN: Final = 8
VASTE_TEKSTEN: Final = ("uvicorn.error", "asyncio")
"""Loggers whose message templates are constants; of all others only the place is logged."""

plek: ContextVar[tuple[str | None, str | None]] = ContextVar("plek", default=(None, None))
"""Which dienst is at work, and for which request or delivery (correlatie)."""


class OnbekendeLogregel(Exception):
    """Code logs what the catalogue does not list; raised only when the log is strict."""


_Toets = Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]


class _Snel(NamedTuple):
    schrijf: Callable[[str], None]
    toets: _Toets
    maak: Callable[[Any, str, MutableMapping[str, Any]], str]


_snel: list[_Snel] = []
_CATALOGUS: Final[Mapping[str, Logregel]] = {regel.naam: regel for regel in KERN}


def stel_in(
    formaat: Literal["json", "tekst"] = "json",
    niveau: Niveau = "info",
    *,
    strikt: bool = False,
    uit: TextIO | None = None,
) -> None:
    """Set up the log of this process: to stderr unless ``uit`` is given.

    With ``strikt`` (tests) an unlisted event, field or level raises; otherwise its values are
    dropped and the omission itself is logged.
    """
    toets: _Toets = _toets_streng if strikt else _toets
    maak = _als_json if formaat == "json" else _als_tekst
    structlog.configure(
        processors=[toets, maak],
        wrapper_class=structlog.make_filtering_bound_logger(niveau),
        logger_factory=lambda *_: _Regels(uit),
        cache_logger_on_first_use=False,
    )
    _snel[:] = [_Snel(_Regels(uit).msg, toets, maak)] if niveau in {"debug", "info"} else []
    wortel = logging.getLogger()
    for handler in [h for h in wortel.handlers if isinstance(h, _Doorgeven)]:
        wortel.removeHandler(handler)
    wortel.addHandler(_Doorgeven(level=logging.WARNING))


def noteer(naam: str, velden: dict[str, Any]) -> None:
    """Log a line of level info without structlog's detours: for what happens at every request."""
    for schrijf, toets, maak in _snel:
        velden["event"] = naam
        schrijf(maak(None, "info", toets(None, "info", velden)))


def plaatsen(fout: BaseException) -> list[str]:
    """The innermost frames of an exception as ``file:line:function``: where, without the values."""
    frames = traceback.extract_tb(fout.__traceback__)[-MEESTE_PLAATSEN:]
    return [f"{Path(f.filename).name}:{f.lineno}:{f.name}" for f in reversed(frames)]


def meld_onverwacht(actie: str, fout: BaseException) -> None:
    """Log a fault of ours: its class and place, never its message (that may hold anything)."""
    structlog.get_logger().error(
        "onverwachte_fout", actie=actie, soort=type(fout).__name__, plaats=plaatsen(fout)
    )


def _toets_streng(
    _logger: Any, niveau: str, regel: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    bekend = _CATALOGUS.get(regel["event"])
    if bekend is None:
        raise OnbekendeLogregel(f"logregel {regel['event']} staat niet in de catalogus")
    if niveau != bekend.niveau:
        raise OnbekendeLogregel(f"logregel {bekend.naam} hoort op niveau {bekend.niveau}")
    if vreemd := regel.keys() - bekend.velden.keys() - {"event"}:
        raise OnbekendeLogregel(f"logregel {bekend.naam} kent geen veld {sorted(vreemd)}")
    return _stempel(bekend, niveau, regel)


def _toets(_logger: Any, niveau: str, regel: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    bekend = _CATALOGUS.get(regel["event"])
    if bekend is None:
        bekend = _CATALOGUS["onbekende_logregel"]
        regel = {"event": bekend.naam, "naam": str(regel["event"])}
    elif vreemd := regel.keys() - bekend.velden.keys() - {"event"}:
        regel = {naam: waarde for naam, waarde in regel.items() if naam not in vreemd}
    return _stempel(bekend, niveau, regel)


def _stempel(
    bekend: Logregel, niveau: str, regel: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    dienst, correlatie = plek.get()
    tijdstip = datetime.now(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
    kop = {"tijdstip": tijdstip, "niveau": niveau, "gebeurtenis": bekend.naam}
    if dienst is not None:
        kop["dienst"] = dienst
    if correlatie is not None:
        kop["correlatie"] = correlatie
    for naam, waarde in regel.items():
        if waarde is None or naam == "event":
            continue
        kop[naam] = waarde[:LANGSTE_WAARDE] if isinstance(waarde, str) else waarde
    return kop


_codeer = msgspec.json.Encoder(enc_hook=lambda waarde: str(waarde)[:LANGSTE_WAARDE]).encode


def _als_json(_logger: Any, _niveau: str, regel: MutableMapping[str, Any]) -> str:
    return _codeer(regel).decode()


def _als_tekst(_logger: Any, _niveau: str, regel: MutableMapping[str, Any]) -> str:
    vast = f"{regel.pop('tijdstip')} {regel.pop('niveau'):7} {regel.pop('gebeurtenis')}"
    # json.dumps keeps a newline in a value from starting a line of its own.
    return " ".join([vast, *(f"{n}={json.dumps(w, default=str)}" for n, w in regel.items())])


class _Regels:
    """Writes whole lines; looks stderr up each time, so that whoever redirects it is heard."""

    def __init__(self, uit: TextIO | None) -> None:
        self._uit = uit

    def msg(self, regel: str) -> None:
        (self._uit or sys.stderr).write(regel + "\n")

    debug = info = warning = error = msg


class _Doorgeven(logging.Handler):
    """Brings the logging module's records into this log, without the values in them."""

    def emit(self, record: logging.LogRecord) -> None:
        vast = record.name.startswith(VASTE_TEKSTEN) and isinstance(record.msg, str)
        structlog.get_logger().warning(
            "bibliotheek_bericht",
            bron=record.name,
            ernst=record.levelname.lower(),
            plaats=f"{record.module}:{record.lineno}",
            sjabloon=record.msg.strip() if vast else None,
            soort=record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None,
        )
