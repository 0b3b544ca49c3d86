"""The ``schakel`` command: the entrance, and what all commands have in common.

Exit 0 is good, 1 means that something wrong was found, 2 that the command was used wrongly or
cannot start like this, 130 that it was broken off.
"""

import sys
from importlib.metadata import version
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from schakel.kern.grond.stromen import spreek_utf8
from schakel.kern.grond.weigering import Fout, Ongeldig, StartFout

from . import (
    demo,
    doctor,
    geparkeerd,
    herbouw,
    hoofdsleutel,
    importeer,
    leid_af,
    mapping,
    meld,
    migreer,
    partner,
    start,
    token,
    topics,
    volg,
    werkstromen,
)
from .nederlands import Opdrachten, Voorbeelden, in_het_nederlands, stel_taal_in, voeg_toe

ERGENS_MIS, VERKEERD_GEBRUIK, AFGEBROKEN = 1, 2, 130

OPDRACHTEN: Voorbeelden = (
    (demo.demo, "demo -o json"),
    (start.start, "start alles"),
    (meld.meld, 'meld foutmelding --dienst straatverlichting --tekst "de lantaarn is uit"'),
    (volg.volg, "volg 0197f3b0-5b1c-7c1e-8f5e-2f2b6f1f7a10"),
    (werkstromen.werkstromen, "werkstromen -o json"),
    (leid_af.leid_af, "leid-af export.csv.gz --mapping mapping.toml --uit resultaat"),
    (importeer.importeer, "importeer export.csv --mapping m.toml --naam desk"),
    (herbouw.herbouw, "herbouw"),
    (hoofdsleutel.vernieuw, "vernieuw-hoofdsleutel deploy/geheim/hoofdsleutel-herstellen"),
    (topics.topics, "topics --replicatiefactor 1"),
    (migreer.migreer, "migreer herstellen"),
    (doctor.doctor, "doctor -o json"),
)


def _toon_versie(gevraagd: bool) -> None:  # noqa: FBT001 - how typer asks
    if gevraagd:
        typer.echo(f"schakel {version('schakel-cli')}")
        raise typer.Exit


def maak_app() -> typer.Typer:
    """The command with all that it can do."""
    stel_taal_in()
    app = typer.Typer(
        cls=Opdrachten,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        epilog="Voorbeeld: schakel demo",
    )

    @app.callback()
    def schakel(
        *,
        _versie: Annotated[
            bool,
            typer.Option(
                "--version", callback=_toon_versie, is_eager=True, help="Toon de versie en stop."
            ),
        ] = False,
    ) -> None:
        """Vijf processen, acht werkstromen, een schakel: aannemen, volgen en beheren."""

    voeg_toe(app, "schakel", OPDRACHTEN)
    for groep in (mapping, geparkeerd, partner, token):
        groep.registreer(app)
    return app


def main() -> None:
    """The entry point; what goes wrong is one line in Dutch and an exit code."""
    spreek_utf8()
    sys.exit(voer_uit())


def voer_uit(argumenten: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        code = maak_app()(argumenten, prog_name="schakel", standalone_mode=False)
    except TyperException as fout:
        # Without a message it was the help page, which has been shown.
        if uitleg := in_het_nederlands(fout.format_message()):
            sys.stderr.write(f"verkeerd gebruik: {uitleg}\n")
        return fout.exit_code
    except (Abort, KeyboardInterrupt):  # typer makes the one of the other once a command runs
        return AFGEBROKEN
    except SystemExit as einde:  # a service started here ends as it does alone
        return einde.code if isinstance(einde.code, int) else ERGENS_MIS
    except (Ongeldig, StartFout) as fout:
        sys.stderr.write(f"{fout.uitleg}\n")
        return VERKEERD_GEBRUIK
    except Fout as fout:
        sys.stderr.write(f"{fout.uitleg}\n")
        toegestaan = getattr(fout, "toegestaan", ())
        if toegestaan:
            sys.stderr.write(f"nu kan wel: {', '.join(toegestaan)}\n")
        return VERKEERD_GEBRUIK if getattr(fout, "is_verkeerd_gebruik", False) else ERGENS_MIS
    return code if isinstance(code, int) else 0
