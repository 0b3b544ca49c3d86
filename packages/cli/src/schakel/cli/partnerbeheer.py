"""``schakel partner`` at a grens that runs: what an operator asks of it, over its API."""

import asyncio
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final
from uuid import uuid4

import typer

from schakel.kern.grond.weigering import Ongeldig

from .uitvoer import Formaat, Uitvoer, als_json

NIETS: Final[Mapping[str, Any]] = MappingProxyType({})
Partner = Annotated[str, typer.Argument(metavar="OIN", help="De andere organisatie.")]


def hervat(partner: Partner, uitvoer: Uitvoer = Formaat.TEKST) -> None:
    """Laat een gestopte verbinding weer lopen, nadat u zag waarom zij stopte."""
    gedaan = _vraag(partner, "hervattingen")
    reden = gedaan["wasGestopt"]
    zin = f"loopt weer; stond stil om: {reden}" if reden else "stond niet stil; er verandert niets"
    _zeg(uitvoer, gedaan, zin)


def blokkeer(partner: Partner, uitvoer: Uitvoer = Formaat.TEKST) -> None:
    """Laat niets van een organisatie meer gevolg hebben en zeg haar niets meer, tot deblokkeer."""
    _verander(partner, "blokkades", uitvoer, "is geblokkeerd", "was al geblokkeerd")


def deblokkeer(partner: Partner, uitvoer: Uitvoer = Formaat.TEKST) -> None:
    """Hef een blokkade op: wat intussen gezegd is heeft nu gevolg, in volgorde."""
    _verander(
        partner, "blokkade-opheffingen", uitvoer, "is niet meer geblokkeerd", "was niet geblokkeerd"
    )


def beeindig(partner: Partner, uitvoer: Uitvoer = Formaat.TEKST) -> None:
    """Vraag een organisatie niets nieuws meer; wat loopt wordt afgemaakt (uitloop)."""
    _verander(
        partner, "beeindigingen", uitvoer, "wordt niets nieuws meer gevraagd", "was al in uitloop"
    )


def zeg_sleutels(
    partner: Partner,
    bestand: Annotated[
        Path, typer.Argument(metavar="BESTAND", help="Wat partner sleutels maakte.")
    ],
    uitvoer: Uitvoer = Formaat.TEKST,
) -> None:
    """Laat uw grens zeggen welke sleutels van uw logboek erbij komen of eraf gaan."""
    from schakel.contracts.schakels.jws import lees_jws  # noqa: PLC0415

    from .partnermap import in_het_kort, lees_bestand  # noqa: PLC0415

    with in_het_kort():
        jws = lees_jws(lees_bestand(bestand))
    paren = [{"protected": kop, "signature": waarde} for kop, waarde in jws.paren]
    inhoud = {"payload": jws.payload, "signatures": paren}
    gedaan = _vraag(partner, "sleutelverklaringen", inhoud)
    _zeg(uitvoer, gedaan, f"hoort dit in blad {gedaan['blad']} van uw logboek")


def _verander(partner: str, wat: str, uitvoer: Formaat, anders: str, eender: str) -> None:
    gedaan = _vraag(partner, wat)
    _zeg(uitvoer, gedaan, anders if gedaan["isAnders"] else f"{eender}; er verandert niets")


BIJ_DE_GRENS: Final[tuple[tuple[Callable[..., None], str], ...]] = (
    (hervat, "hervat 00000099000000002000"),
    (blokkeer, "blokkeer 00000099000000002000"),
    (deblokkeer, "deblokkeer 00000099000000002000"),
    (zeg_sleutels, "zeg-sleutels 00000099000000002000 verklaring.json"),
    (beeindig, "beeindig 00000099000000002000"),
)
"""The commands, each with its example."""


def keur_oin(gegeven: str) -> str:
    """An OIN as it was typed; raises Ongeldig."""
    from schakel.contracts.organisatie import OIN  # noqa: PLC0415 - help needs none of this

    if not re.fullmatch(OIN, gegeven):
        raise Ongeldig("oin-ongeldig", "een OIN heeft 20 cijfers")
    return gegeven


def _vraag(partner: str, wat: str, inhoud: Mapping[str, Any] = NIETS) -> dict[str, Any]:
    return asyncio.run(_stuur(f"/partners/{keur_oin(partner)}/{wat}", dict(inhoud)))


async def _stuur(pad: str, inhoud: dict[str, Any]) -> dict[str, Any]:
    from schakel.contracts.organisatie import GRENS  # noqa: PLC0415

    from .verbinding import mijn_klanten  # noqa: PLC0415

    async with mijn_klanten() as bij:
        antwoord: dict[str, Any] = await bij[GRENS].stuur(pad, inhoud, uuid4().hex)
        return antwoord


def _zeg(uitvoer: Formaat, antwoord: Mapping[str, Any], zin: str) -> None:
    if uitvoer is Formaat.JSON:
        als_json(antwoord)
    else:
        typer.echo(f"{antwoord['oin']} {zin}", err=True)
