"""``schakel partner``: the contract with another organisation, from proposal to withdrawal.

It works on files. What is signed goes to the other by whatever way; what both signed stands in a
folder that the grens reads anew by itself. What is asked of a running grens is ``partnerbeheer``.
"""

import json
import os
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import uuid4

import typer
from rich.markup import escape

from schakel.kern.grond.weigering import StartFout

from .nederlands import Opdrachten, voeg_toe
from .partnerbeheer import BIJ_DE_GRENS, keur_oin
from .uitvoer import Formaat, Uitvoer, als_json, tabel

ONBRUIKBAAR: Final = "onbruikbaar"

if TYPE_CHECKING:
    from schakel.bewijs import Contractondertekenaar
    from schakel.contracts.schakels.overeenkomst import Overeenkomst

    from .instellingen import Instellingen
    from .partnermap import Partnermap, Partnerregel


class Waarvoor(StrEnum):
    """What a key signs."""

    OVEREENKOMST = "contract"
    LOG = "log"


Geheim = Annotated[Path, typer.Option("--sleutel", help="Uw contractsleutel (PEM).")]
Wachtwoord = Annotated[
    Path | None,
    typer.Option("--wachtwoord", help="Bestand met het wachtwoord van de sleutel, als dat er is."),
]
Map = Annotated[
    Path | None,
    typer.Option(
        "--map", help="De overeenkomsten; anders SCHAKEL_PARTNERS of <gegevensmap>/partners."
    ),
]
Bestand = Annotated[Path, typer.Argument(metavar="BESTAND", help="De overeenkomst.")]


def registreer(app: typer.Typer) -> None:
    """Add the group of commands."""
    groep = typer.Typer(
        cls=Opdrachten,
        no_args_is_help=True,
        help="Spreek met een andere organisatie af wat u van elkaar vraagt.",
        epilog="Voorbeeld: schakel partner lijst",
    )
    opdrachten = (
        (sleutel, "sleutel contract.pem --soort contract"),
        (
            partij,
            "partij --partner 00000099000000002000 --naam Dorp --adres https://grens.dorp.nl"
            " --sleutel contract.pem --logsleutel log.pem",
        ),
        (voorstel, "voorstel inhoud.json --sleutel contract.pem --uit voorstel.json"),
        (onderteken, "onderteken voorstel.json --sleutel contract.pem"),
        (aanvaard, "aanvaard voorstel.json"),
        (lijst, "lijst -o json"),
        (intrek, "intrek 00000099000000002000"),
        (
            sleutels,
            "sleutels --partner 00000099000000002000 --volgnummer 1 --erbij nieuw.pem"
            " --sleutel contract.pem --uit verklaring.json",
        ),
    )
    voeg_toe(groep, "schakel partner", (*opdrachten, *BIJ_DE_GRENS))
    app.add_typer(groep, name="partner")


def sleutel(
    bestand: Annotated[Path, typer.Argument(metavar="BESTAND", help="Bestaat nog niet.")],
    soort: Annotated[
        Waarvoor, typer.Option(help="Voor overeenkomsten (P-256) of het logboek (Ed25519).")
    ] = Waarvoor.OVEREENKOMST,
    uitvoer: Uitvoer = Formaat.TEKST,
) -> None:
    """Maak een sleutel om overeenkomsten (contract) of het grenslogboek (log) mee te tekenen."""
    from schakel.bewijs import nieuwe_contractsleutel, nieuwe_logsleutel  # noqa: PLC0415

    maak = nieuwe_logsleutel if soort is Waarvoor.LOG else nieuwe_contractsleutel
    try:
        nummer = os.open(bestand, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fout:
        raise StartFout(
            "sleutel-niet-gemaakt", f"kan {bestand} niet maken: {fout.strerror}"
        ) from None
    with os.fdopen(nummer, "wb") as nieuw:
        nieuw.write(maak())
        nieuw.flush()
        os.fsync(nieuw.fileno())
    if uitvoer is Formaat.JSON:
        als_json({"sleutel": str(bestand), "soort": soort})
    else:
        typer.echo(f"geheim: {bestand} (alleen voor u leesbaar); bewaar er een kopie van", err=True)


def partij(
    partner: Annotated[str, typer.Option(help="Het OIN van de andere organisatie.")],
    naam: Annotated[str, typer.Option(help="Hoe uw organisatie heet.")],
    sleutel: Geheim,
    logsleutel: Annotated[Path, typer.Option(help="Uw logsleutel (PEM).")],
    adres: Annotated[
        str | None, typer.Option(help="Waar uw grens luistert (https); zonder belt u altijd zelf.")
    ] = None,
    certificaat: Annotated[
        Path | None,
        typer.Option(help="Het certificaat van uw contractsleutel en de keten erboven (PEM)."),
    ] = None,
    oin: Annotated[str | None, typer.Option(help="Uw OIN; anders SCHAKEL_OIN.")] = None,
    wachtwoord: Wachtwoord = None,
) -> None:
    """Toon uw kant van een overeenkomst, als JSON: stuur die aan wie haar voorstelt."""
    from .partnermap import lees_bestand  # noqa: PLC0415
    from .voorstel import eigen_partij  # noqa: PLC0415

    kant = eigen_partij(
        keur_oin(oin or _instellingen().oin),
        keur_oin(partner),
        _ondertekenaar(sleutel, wachtwoord),
        lees_bestand(logsleutel),
        naam=naam,
        adres=adres,
        certificaten=lees_bestand(certificaat) if certificaat is not None else None,
    )
    als_json(kant)


def voorstel(
    inhoud: Annotated[Path, typer.Argument(metavar="INHOUD", help="Wat u afspreekt (JSON).")],
    sleutel: Geheim,
    uit: Annotated[Path, typer.Option(help="Waar het voorstel komt.")],
    wachtwoord: Wachtwoord = None,
    uitvoer: Uitvoer = Formaat.TEKST,
) -> None:
    """Maak van afspraken een voorstel, en teken het als eerste.

    Wat in INHOUD ontbreekt wordt ingevuld: versie, overeenkomstId, volgnummer 1, geldigVanaf nu.
    """
    from .partnermap import lees_bestand, schrijf_bestand  # noqa: PLC0415
    from .voorstel import maak_voorstel  # noqa: PLC0415

    ondertekenaar = _ondertekenaar(sleutel, wachtwoord)
    nu = datetime.now(UTC)
    gemaakt = maak_voorstel(lees_bestand(inhoud), ondertekenaar, id_=uuid4(), nu=nu)
    schrijf_bestand(uit, gemaakt)
    _zeg(uitvoer, uit, "voorgesteld; laat de ander dit tekenen")


def onderteken(
    bestand: Bestand,
    sleutel: Geheim,
    uit: Annotated[Path | None, typer.Option(help="Waar het komt; anders BESTAND zelf.")] = None,
    wachtwoord: Wachtwoord = None,
    uitvoer: Uitvoer = Formaat.TEKST,
) -> None:
    """Teken een voorstel van de ander; wat erin staat toont partner lijst --bestand."""
    from .partnermap import lees_bestand, schrijf_bestand  # noqa: PLC0415
    from .voorstel import teken_mee  # noqa: PLC0415

    getekend = teken_mee(lees_bestand(bestand), _ondertekenaar(sleutel, wachtwoord))
    schrijf_bestand(uit or bestand, getekend)
    _zeg(uitvoer, uit or bestand, "getekend; nu kan elk van beide dit aanvaarden")


def aanvaard(bestand: Bestand, map_: Map = None, uitvoer: Uitvoer = Formaat.TEKST) -> None:
    """Laat een overeenkomst gelden die beide hebben getekend; een hoger volgnummer vervangt."""
    from .partnermap import lees_bestand  # noqa: PLC0415

    _partnermap(map_).aanvaard(lees_bestand(bestand), datetime.now(UTC))
    _zeg(uitvoer, bestand, "aanvaard; een grens die draait ziet dit zonder herstart")


def lijst(
    map_: Map = None,
    bestand: Annotated[
        Path | None,
        typer.Option(help="Toon wat in dit bestand wordt afgesproken."),
    ] = None,
    uitvoer: Uitvoer = Formaat.TEKST,
) -> None:
    """Toon met wie er een overeenkomst is, en of zij geldt; eindigt met 1 als er een niet deugt."""
    if bestand is not None:
        from .partnermap import lees_bestand, lees_voorstel  # noqa: PLC0415

        _, payload, _ = lees_voorstel(lees_bestand(bestand))
        als_json(json.loads(payload))
        return
    eigen, nu = _instellingen().oin, datetime.now(UTC)
    regels = [_regel(een, eigen, nu) for een in _partnermap(map_).geldend(nu)]
    if uitvoer is Formaat.JSON:
        als_json(regels)
    elif regels:
        kolommen = ("partner", "naam", "stand", "geldigTot", "beller", "afspraken", "kenmerk")
        tabel(kolommen, [[escape(str(regel.get(k) or "")) for k in kolommen] for regel in regels])
    else:
        typer.echo("er is met niemand een overeenkomst")
    for regel in regels:
        if regel["stand"] == ONBRUIKBAAR:
            typer.echo(regel["uitleg"], err=True)
    if any(regel["stand"] == ONBRUIKBAAR for regel in regels):
        raise typer.Exit(1)


def intrek(
    partner: Annotated[str, typer.Argument(metavar="OIN", help="De andere organisatie.")],
    map_: Map = None,
    uitvoer: Uitvoer = Formaat.TEKST,
) -> None:
    """Laat de overeenkomst met een organisatie niet meer gelden; zij kan niet terugkomen."""
    namen = _partnermap(map_).trek_in(keur_oin(partner))
    if uitvoer is Formaat.JSON:
        als_json({"partner": partner, "bestanden": [str(pad) for pad in namen]})
    else:
        typer.echo(f"ingetrokken; bewaard als {', '.join(pad.name for pad in namen)}", err=True)


def sleutels(
    partner: Annotated[str, typer.Option(help="Het OIN van de andere organisatie.")],
    volgnummer: Annotated[int, typer.Option(min=1, help="Hoger dan elk eerder voor dit logboek.")],
    sleutel: Geheim,
    uit: Annotated[Path, typer.Option(help="Waar de verklaring komt.")],
    erbij: Annotated[
        list[Path] | None, typer.Option(help="Een logsleutel die erbij komt (PEM); mag vaker.")
    ] = None,
    eraf: Annotated[
        list[str] | None, typer.Option(help="Een logsleutel die eraf gaat (vkey); mag vaker.")
    ] = None,
    wachtwoord: Wachtwoord = None,
) -> None:
    """Teken welke sleutels van uw logboek erbij komen of eraf gaan; uw grens zegt het de ander."""
    from schakel.contracts.schakels.overeenkomst import oorsprong_van  # noqa: PLC0415

    from .partnermap import lees_bestand, schrijf_bestand  # noqa: PLC0415
    from .verklaring import maak_verklaring  # noqa: PLC0415

    gemaakt = maak_verklaring(
        oorsprong_van(_instellingen().oin, keur_oin(partner)),
        volgnummer,
        _ondertekenaar(sleutel, wachtwoord),
        erbij=[lees_bestand(pad) for pad in erbij or ()],
        eraf=eraf or (),
    )
    schrijf_bestand(uit, gemaakt)
    typer.echo(f"{uit}: getekend; zeg het met schakel partner zeg-sleutels", err=True)


def _regel(gevonden: "Partnerregel", eigen: str, nu: datetime) -> dict[str, Any]:
    gesloten = gevonden.overeenkomst
    if gesloten is None:
        return {"stand": ONBRUIKBAAR, "bestand": str(gevonden.pad), "uitleg": gevonden.uitleg}
    inhoud = gesloten.inhoud
    partner = inhoud.partner(eigen)
    return {
        "partner": partner.oin,
        "naam": partner.naam,
        "stand": _stand(inhoud, nu),
        "geldigVanaf": inhoud.geldig_vanaf,
        "geldigTot": inhoud.geldig_tot,
        "beller": inhoud.beller,
        "afspraken": len(inhoud.afspraken),
        "overeenkomstId": inhoud.overeenkomst_id,
        "volgnummer": inhoud.volgnummer,
        "kenmerk": gesloten.kenmerk,
        "bestand": str(gevonden.pad),
    }


def _stand(inhoud: "Overeenkomst", nu: datetime) -> str:
    if inhoud.is_voorbij_op(nu):
        return "verlopen"
    if not inhoud.geldt_op(nu):
        return "geldt nog niet"
    from schakel.grens.overeenkomsten import TIJDIG  # noqa: PLC0415 - help needs none of this

    return "verloopt bijna" if inhoud.is_voorbij_op(nu + TIJDIG) else "geldt"


def _zeg(uitvoer: Formaat, bestand: Path, gedaan: str) -> None:
    """What was done, to which contract."""
    from schakel.contracts.schakels.overeenkomst import kenmerk_van  # noqa: PLC0415

    from .partnermap import lees_bestand, lees_voorstel  # noqa: PLC0415

    _, payload, inhoud = lees_voorstel(lees_bestand(bestand))
    kenmerk = kenmerk_van(payload)
    if uitvoer is Formaat.JSON:
        als_json({"bestand": str(bestand), "kenmerk": kenmerk, "volgnummer": inhoud.volgnummer})
    else:
        typer.echo(f"{bestand} ({kenmerk}): {gedaan}", err=True)


def _partnermap(map_: Path | None) -> "Partnermap":
    from .instellingen import partnermap_van  # noqa: PLC0415
    from .partnermap import Partnermap  # noqa: PLC0415

    instellingen = _instellingen()
    return Partnermap(map_ or partnermap_van(instellingen.gegevensmap), instellingen.oin)


def _instellingen() -> "Instellingen":
    from .instellingen import Instellingen  # noqa: PLC0415 - help needs none of this

    return Instellingen()


def _ondertekenaar(sleutel: Path, wachtwoord: Path | None) -> "Contractondertekenaar":
    from schakel.bewijs import lees_contractsleutel  # noqa: PLC0415

    from .partnermap import in_het_kort, lees_bestand  # noqa: PLC0415

    geheim = lees_bestand(wachtwoord).rstrip(b"\r\n") if wachtwoord else None
    with in_het_kort():
        return lees_contractsleutel(lees_bestand(sleutel), geheim)
