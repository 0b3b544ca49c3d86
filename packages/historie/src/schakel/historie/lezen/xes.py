"""XES, the standard for logs of process mining: one row for every event."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from schakel.historie import sql

from .bron import Bestandsdeel, Invoerbestand
from .fout import Bestandsfout
from .kolommen import kolomnamen
from .leesgang import Leesgang
from .regels import Waarde

VAN_DE_ZAAK = "case:"
# No attribute can have such a name: XML does not know the character.
_RIJ, _SPOOR = "\1rij", "\1spoor"
_VEILIG: Mapping[str, bool] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def lees_xes(gang: Leesgang, invoer: Invoerbestand) -> Bestandsdeel:
    """Events and traces go to disk as they come by; DuckDB joins them afterwards."""
    omzetting = _Omzetting(gang, invoer)
    try:
        omzetting.lees()
    except etree.XMLSyntaxError as fout:
        raise Bestandsfout(
            "xes-onleesbaar",
            invoer.naam,
            f"dit is geen gave XML ({fout}); maak de export opnieuw",
        ) from fout
    finally:
        omzetting.sluit()
    if not omzetting.stappen.aantal:
        raise Bestandsfout("geen-rijen", invoer.naam, "er staat geen gebeurtenis in dit logboek")
    return _voeg_samen(gang, invoer, omzetting)


class _Omzetting:
    """A log on its way to two files: one of events, one of traces."""

    def __init__(self, gang: Leesgang, invoer: Invoerbestand) -> None:
        """Nothing is read yet."""
        self._gang = gang
        self._invoer = invoer
        self._nummer = 0
        self.stappen = gang.regels("stappen", invoer.naam, {_RIJ: "BIGINT", _SPOOR: "BIGINT"})
        self.sporen = gang.regels("sporen", invoer.naam, {_SPOOR: "BIGINT"})

    def sluit(self) -> None:
        """All is on disk after this."""
        self.stappen.sluit()
        self.sporen.sluit()

    def lees(self) -> None:
        """One pass; an event is forgotten as soon as it is on disk."""
        with self._invoer.pad.open("rb") as bestand:
            _, wortel = next(etree.iterparse(bestand, events=("start",), **_VEILIG))
            _keur(self._invoer, wortel)
            bestand.seek(0)
            for _, element in etree.iterparse(bestand, tag=("{*}event", "{*}trace"), **_VEILIG):
                if _woord(element) == "event":
                    self._stap(element)
                else:
                    self._spoor(element)
                _vergeet(element)

    def _stap(self, element: Any) -> None:
        """An event; the events of a trace come by before the trace is complete."""
        self._nummer += 1
        in_spoor = _woord(element.getparent()) == "trace"
        kenmerken = _kenmerken(element)
        try:
            self.stappen.schrijf(
                {_RIJ: self._nummer, _SPOOR: self.sporen.aantal + 1 if in_spoor else None}
                | kenmerken
            )
        except Bestandsfout as fout:
            inhoud = ", ".join(f"{sleutel}={waarde}" for sleutel, waarde in kenmerken.items())
            self._gang.weiger(self._invoer.naam, self._nummer, fout.reden, inhoud)

    def _spoor(self, element: Any) -> None:
        """A trace, now that all its events were there."""
        kenmerken = {VAN_DE_ZAAK + k: w for k, w in _kenmerken(element).items()}
        self.sporen.schrijf({_SPOOR: self.sporen.aantal + 1} | kenmerken)


def _keur(invoer: Invoerbestand, wortel: Any) -> None:
    """XES needs no document type, and one that is there can only do harm."""
    if wortel.getroottree().docinfo.internalDTD is not None:
        raise Bestandsfout(
            "xes-onveilig",
            invoer.naam,
            "er staat een DOCTYPE in, en dat hoort niet in XES; haal dat weg als u de maker kent",
        )
    if _woord(wortel) != "log":
        raise Bestandsfout(
            "geen-xes",
            invoer.naam,
            f"dit is geen XES: het eerste element heet {_woord(wortel)!r} en niet 'log'",
        )


def _vergeet(element: Any) -> None:
    """The element itself is still in use, the one before it no longer."""
    element.clear()
    vorige = element.getprevious()
    if vorige is not None and _woord(vorige) == _woord(element):
        element.getparent().remove(vorige)


def _kenmerken(element: Any) -> dict[str, Waarde]:
    """The attributes of an event or trace itself; what hangs below them is left out."""
    return {
        kind.get("key"): kind.get("value")
        for kind in element
        if kind.get("key") and kind.get("value") is not None
    }


def _woord(element: Any) -> str:
    """A tag without its namespace, which many a log forgets."""
    return str(element.tag).rpartition("}")[2]


def _voeg_samen(gang: Leesgang, invoer: Invoerbestand, omzetting: _Omzetting) -> Bestandsdeel:
    """Every event with what its trace says; the trace knows better what the case is."""
    stappen, sporen = omzetting.stappen, omzetting.sporen
    kolommen = kolomnamen(invoer.naam, dict.fromkeys([*sporen.erbij, *stappen.erbij]))
    if not kolommen:
        raise Bestandsfout(
            "geen-xes",
            invoer.naam,
            "de gebeurtenissen hebben geen kenmerken; is dit OCEL, exporteer het dan als JSON"
            " of SQLite",
        )
    waarden = ", ".join(_waarde(k, stappen.erbij, sporen.erbij) for k in kolommen)
    spoor = sql.naam(_SPOOR)
    pad = gang.bewaar(
        invoer.naam,
        f"SELECT {waarden}, stap.{sql.naam(_RIJ)} AS _rij FROM {stappen.sql()} AS stap"
        f" LEFT JOIN {sporen.sql()} AS spoor ON spoor.{spoor} = stap.{spoor}",
    )
    for regels in (stappen, sporen):
        regels.pad.unlink()
    selectie = f"SELECT {sql.namen(kolommen)}, _rij FROM read_parquet({sql.tekst(pad)})"
    return Bestandsdeel(invoer.naam, kolommen, selectie, vast=False)


def _waarde(kolom: str, van_stap: list[str], van_spoor: list[str]) -> str:
    """A column of the trace, of the event, or of both."""
    naam = sql.naam(kolom)
    delen = [
        f"{tabel}.{naam}"
        for tabel, eigen in (("spoor", van_spoor), ("stap", van_stap))
        if kolom in eigen
    ]
    return f"coalesce({', '.join(delen)}) AS {naam}"
