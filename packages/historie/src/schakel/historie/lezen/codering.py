"""Every text as UTF-8: in place where it is, in the scratch folder where it is not."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .bron import Invoerbestand
from .fout import Bestandsfout
from .leesgang import Leesgang

UTF8 = "utf-8"
_RESERVE = "cp1252"
_BROK = 2**16
_BEGIN = 2**16
_BOMS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MEESTAL = 0.3
"""Part of the bytes that is zero on one side in UTF-16 of a western text, at the least."""


@dataclass(frozen=True)
class Tekst:
    """A file in UTF-8; ``vuil`` when some bytes of it are not text in its encoding."""

    pad: Path
    codering: str
    vuil: bool


@dataclass
class _Telling:
    """What a file looks like when it is read as UTF-8."""

    geldig: int = 0
    ongeldig: int = 0
    nul: bool = False


def als_utf8(gang: Leesgang, invoer: Invoerbestand) -> Tekst:
    """The asker's word goes first, then the mark in the file, then what its bytes look like."""
    with invoer.pad.open("rb") as bestand:
        begin = bestand.read(_BEGIN)
    gezegd = _gezegde(gang, invoer)
    naam = gezegd or _uit_begin(invoer, begin)
    if naam not in {None, UTF8}:
        return _zet_om(gang, invoer, str(naam))
    if _is_gaaf(invoer.pad):
        return Tekst(gang.veilig(invoer.pad), UTF8, vuil=False)
    telling = _tel(invoer.pad)
    if naam is None and telling.ongeldig > telling.geldig:
        return _zet_om(gang, invoer, _RESERVE)
    return Tekst(gang.veilig(invoer.pad), UTF8, vuil=telling.nul or telling.ongeldig > 0)


def _gezegde(gang: Leesgang, invoer: Invoerbestand) -> str | None:
    """The encoding that the asker names, by the name that Python gives it."""
    if gang.opties.codering is None:
        return None
    try:
        "x".encode(gang.opties.codering)
        naam = codecs.lookup(gang.opties.codering).name
    except (LookupError, UnicodeError) as fout:
        raise Bestandsfout(
            "onbekende-codering",
            invoer.naam,
            f"de codering {gang.opties.codering!r} bestaat niet; kies bijvoorbeeld utf-8 of cp1252",
        ) from fout
    return UTF8 if naam in {"utf-8-sig", "ascii"} else naam


def _uit_begin(invoer: Invoerbestand, begin: bytes) -> str | None:
    """What the first bytes give away."""
    for merk, naam in _BOMS:
        if begin.startswith(merk):
            return naam
    if b"\0" not in begin:
        return None
    even, oneven = begin[::2].count(0), begin[1::2].count(0)
    helft = len(begin) // 2
    if oneven > _MEESTAL * helft and even < oneven / 10:
        return "utf-16-le"
    if even > _MEESTAL * helft and oneven < even / 10:
        return "utf-16-be"
    raise Bestandsfout(
        "geen-tekst",
        invoer.naam,
        "dit is geen tekst maar een binair bestand; geef een export als CSV, Parquet, XES of OCEL",
    )


def _is_gaaf(pad: Path) -> bool:
    """Whether all of a file is UTF-8, without a zero byte; at the speed of memory where it is."""
    ontcijfer = codecs.getincrementaldecoder(UTF8)()
    try:
        with pad.open("rb") as bestand:
            while brok := bestand.read(_BROK):
                if b"\0" in brok:
                    return False
                if not brok.isascii() or ontcijfer.getstate()[0]:
                    ontcijfer.decode(brok)
        ontcijfer.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _brokken(pad: Path, codering: str, fouten: str) -> Iterator[str]:
    """The text of a file, without ever holding more than a piece of it."""
    ontcijfer = codecs.getincrementaldecoder(codering)(fouten)
    with pad.open("rb") as bestand:
        while brok := bestand.read(_BROK):
            yield ontcijfer.decode(brok)
    yield ontcijfer.decode(b"", final=True)


def _tel(pad: Path) -> _Telling:
    """How many characters beyond ASCII are UTF-8, and how many bytes are not."""
    telling = _Telling()
    for brok in _brokken(pad, UTF8, "surrogateescape"):
        telling.nul = telling.nul or "\0" in brok
        if not brok.isascii():
            bijzonder = len(brok) - len(brok.encode("ascii", "ignore"))
            ongeldig = len(brok) - len(brok.encode(UTF8, "ignore").decode(UTF8))
            telling.ongeldig += ongeldig
            telling.geldig += bijzonder - ongeldig
    return telling


def _zet_om(gang: Leesgang, invoer: Invoerbestand, codering: str) -> Tekst:
    """What has no character stays as bytes that are not UTF-8, so its row is refused later."""
    fouten = "surrogatepass" if codering.startswith(("utf-16", "utf-32")) else "surrogateescape"
    pad = gang.nieuw("utf8")
    vuil = False
    try:
        with pad.open("wb") as doel:
            for brok in _brokken(invoer.pad, codering, fouten):
                vuil = vuil or "\0" in brok
                try:
                    doel.write(brok.encode(UTF8))
                except UnicodeEncodeError:
                    vuil = True
                    doel.write(brok.encode(UTF8, fouten))
    except UnicodeError as fout:
        raise Bestandsfout(
            "verkeerde-codering",
            invoer.naam,
            f"de inhoud is geen {codering}, of het bestand is afgebroken;"
            " geef de goede codering op met --codering of haal de export opnieuw op",
        ) from fout
    return Tekst(pad, codering, vuil)
