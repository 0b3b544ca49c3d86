"""``schakel token``: access tokens with the organisation's own key."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.weigering import Ongeldig

from .nederlands import Opdrachten, voeg_toe
from .uitvoer import Formaat, Uitvoer, als_json, console, zijlijn

SLEUTEL = Path("token-sleutel.json")


def registreer(app: typer.Typer) -> None:
    """Add the command, and the one that makes its key."""
    groep = typer.Typer(
        cls=Opdrachten,
        invoke_without_command=True,
        epilog="Voorbeeld: schakel token --wie m-4711 --rol behandelaar --rol lezer",
    )
    groep.callback()(munt_token)
    voorbeeld = "sleutel --bestand token-sleutel.json --jwks jwks.json"
    voeg_toe(groep, "schakel token", [(maak_sleutel, voorbeeld)])
    app.add_typer(groep, name="token")


def munt_token(
    ctx: typer.Context,
    wie: Annotated[str | None, typer.Option(help="Pseudoniem van de medewerker (sub).")] = None,
    rol: Annotated[list[Rol] | None, typer.Option(help="Rol; mag vaker.")] = None,
    uren: Annotated[float, typer.Option(help="Hoe lang het geldt, hoogstens 12.")] = 8.0,
    sleutel: Annotated[Path, typer.Option(help="De eigen sleutel.")] = SLEUTEL,
    uitgever: Annotated[
        str | None, typer.Option(help="Uitgever (iss); anders SCHAKEL_UITGEVER.")
    ] = None,
    publiek: Annotated[
        str | None, typer.Option(help="Voor wie (aud); anders SCHAKEL_PUBLIEK.")
    ] = None,
    uitvoer: Uitvoer = Formaat.TEKST,
) -> None:
    """Munt een token waarmee iemand hier in deze rollen mag werken."""
    if ctx.invoked_subcommand is not None:
        return
    from schakel.kern.geheim.token import lees_sleutel, munt  # noqa: PLC0415 - help needs none of this

    from .instellingen import Instellingen  # noqa: PLC0415

    instellingen = Instellingen()
    uitgever, publiek = uitgever or instellingen.uitgever, publiek or instellingen.publiek
    if not (wie and rol and uitgever and publiek):
        raise Ongeldig(
            "token-onvolledig",
            "geef --wie, --rol, en --uitgever en --publiek (of SCHAKEL_UITGEVER en"
            " SCHAKEL_PUBLIEK); een sleutel maakt: schakel token sleutel",
        )
    token = munt(
        lees_sleutel(sleutel),
        uitgever=uitgever,
        publiek=publiek,
        sub=wie,
        rollen=rol,
        geldig=timedelta(hours=uren),
    )
    if uitvoer is Formaat.JSON:
        als_json({"token": token, "wie": wie, "rollen": sorted(rol)})
    else:
        console().print(token, soft_wrap=True)


def maak_sleutel(
    bestand: Annotated[Path, typer.Option(help="De geheime sleutel; bestaat nog niet.")] = SLEUTEL,
    jwks: Annotated[
        Path, typer.Option(help="De openbare helft, voor SCHAKEL_JWKS van elke dienst.")
    ] = Path("jwks.json"),
    uitvoer: Uitvoer = Formaat.TEKST,
) -> None:
    """Maak de sleutel waarmee deze organisatie tokens munt, en het bestand om ze te toetsen."""
    from schakel.kern.geheim.token import maak_sleutel as maak  # noqa: PLC0415
    from schakel.kern.geheim.token import schrijf_jwks  # noqa: PLC0415

    schrijf_jwks(maak(bestand), jwks)
    if uitvoer is Formaat.JSON:
        als_json({"sleutel": str(bestand), "jwks": str(jwks)})
    else:
        zijlijn().print(f"geheim: {bestand} (alleen voor u leesbaar); openbaar: {jwks}")
