"""The one door between private events and public messages: what all processes share."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from schakel.contracts import schakel as s
from schakel.contracts.envelop import verpak
from schakel.contracts.feit import Door, Feit
from schakel.contracts.werkstromen import SOORT_VAN, Proces
from schakel.kern.bus import Verzending
from schakel.kern.opslag import Notification
from schakel.kern.vastlegging.gebeurtenis import Register, Vastgelegd

from . import gebeurtenissen as g

Stam = Mapping[str, Any]
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
VertaalEigen = Callable[[Vastgelegd, Stam], Feit]


class Uitgaand:
    """Turns a stored event into the bytes of its one message; the same event, the same bytes."""

    def __init__(
        self, proces: Proces, bron: str, register: Register, vertaal_eigen: VertaalEigen
    ) -> None:
        """``bron`` is the CloudEvents source; ``vertaal_eigen`` is the process's own half."""
        self._proces = proces
        self._bron = bron
        self._register = register
        self._vertaal_eigen = vertaal_eigen

    def __call__(self, notificatie: Notification) -> Verzending:
        """Translate one row of the notification log."""
        vastgelegd = self._register.lees(notificatie)
        spoor = _spoor(vastgelegd.spoor)
        waarde = verpak(
            self.feit(vastgelegd),
            bron=self._bron,
            volgnummer=notificatie.id,
            tijdstip=vastgelegd.op,
            traceparent=spoor,
        )
        return Verzending(notificatie.id, str(vastgelegd.plaats.boom).encode(), waarde, spoor)

    def feit(self, vastgelegd: Vastgelegd) -> Feit:
        """The public message of one event."""
        stam = stam_van(self._proces, vastgelegd)
        gemeen = vertaal_gemeen(self._proces, vastgelegd.feit, stam)
        return self._vertaal_eigen(vastgelegd, stam) if gemeen is None else gemeen


def _spoor(gegeven: str | None) -> str | None:
    """What another service wrote there is only passed on when it is well formed."""
    return gegeven if gegeven is not None and _TRACEPARENT.fullmatch(gegeven) else None


def stam_van(proces: Proces, vastgelegd: Vastgelegd) -> Stam:
    """What every message carries: which melding, its place in the tree, who acted."""
    ouder = vastgelegd.plaats.ouder
    door = vastgelegd.door
    return {
        "melding_id": vastgelegd.originator_id,
        "wortel_id": vastgelegd.plaats.boom,
        "proces": proces,
        "versie": vastgelegd.originator_version,
        "ouder_id": ouder and ouder.id,
        "ouder_proces": ouder and Proces(ouder.soort),
        "n": ouder and ouder.n,
        "ronde": ouder and ouder.ronde,
        "door": Door(wie=door.wie, rol=door.rol, regel=door.regel),
    }


def nieuwe_melding(nieuw: g.NieuweMelding) -> s.NieuweMelding:
    """The public shape of a melding that another process is asked to open."""
    return s.NieuweMelding(
        melding_id=nieuw.id,
        naar=nieuw.naar,
        meldingsoort=SOORT_VAN[nieuw.naar],
        dienst=nieuw.dienst,
        kanaal=nieuw.kanaal,
        melder=nieuw.melder,
        soort_volgens_melder=nieuw.soort_volgens_melder,
        dataref=nieuw.dataref,
    )


def vertaal_gemeen(proces: Proces, feit: Any, stam: Stam) -> Feit | None:  # noqa: C901, PLR0912
    """The message of an event that all processes share; None for one of the process itself."""
    match feit:
        case g.Aangenomen():
            herkomst = feit.voortgekomen_uit
            return s.Aangenomen(
                **stam,
                meldingsoort=SOORT_VAN[proces],
                volgnummer=feit.volgnummer,
                kanaal=feit.kanaal,
                dienst=feit.dienst,
                melder=feit.melder,
                namens_ander=feit.namens_ander,
                soort_volgens_melder=feit.soort_volgens_melder,
                voortgekomen_uit=herkomst
                and s.Herkomst(
                    melding_id=herkomst.melding_id,
                    proces=herkomst.proces,
                    aanleiding=herkomst.aanleiding,
                ),
                uiterlijk=feit.uiterlijk,
                dataref=feit.dataref,
            )
        case g.Verhelderd():
            return s.Verhelderd(**stam)
        case g.Beoordeeld():
            return s.Beoordeeld(
                **stam,
                feiten=s.Beoordeling(
                    proactief=feit.proactief,
                    afwijking=feit.afwijking,
                    binnen_afspraken=feit.binnen_afspraken,
                    raakt_beheerde_infrastructuur=feit.raakt_beheerde_infrastructuur,
                ),
                impact=feit.impact,
                urgentie=feit.urgentie,
                prioriteit=feit.prioriteit,
                maatwerk=feit.maatwerk,
            )
        case g.Omgezet():
            return s.Omgezet(
                **stam,
                reden=feit.reden,
                nieuwe_meldingen=tuple(map(nieuwe_melding, feit.nieuwe_meldingen)),
            )
        case g.Voortgekomen():
            return s.Voortgekomen(
                **stam,
                aanleiding=feit.aanleiding,
                nieuwe_melding=nieuwe_melding(feit.nieuwe_melding),
            )
        case g.Overgedragen():
            return s.Overgedragen(
                **stam,
                overdracht=s.Overdracht(
                    kind_id=feit.kind_id,
                    naar=feit.naar,
                    n=feit.n,
                    ronde=feit.ronde,
                    meldingsoort=SOORT_VAN[feit.naar],
                    dienst=feit.dienst,
                    kanaal=feit.kanaal,
                    melder=feit.melder,
                    uiterlijk=feit.uiterlijk,
                    dataref=feit.dataref,
                ),
            )
        case g.OverdrachtGeweigerd():
            return s.OverdrachtGeweigerd(**stam, kind_id=feit.kind_id, reden=feit.reden)
        case g.Teruggekeerd():
            return s.Teruggekeerd(**stam, kind_id=feit.kind_id, resultaat=feit.resultaat)
        case g.Gecontroleerd():
            return s.Gecontroleerd(**stam, gecontroleerde_ronde=feit.ronde, goed=feit.goed)
        case g.Gereedgemeld():
            return s.Gereedgemeld(**stam, resultaat=feit.resultaat)
        case g.TevredenheidGevraagd():
            return s.TevredenheidGevraagd(**stam, uiterlijk=feit.uiterlijk)
        case g.TevredenheidGecontroleerd():
            return s.TevredenheidGecontroleerd(**stam, oordeel=feit.oordeel)
        case g.Voltooid():
            return s.Voltooid(**stam, zonder_reactie=feit.zonder_reactie, gekoppeld=feit.gekoppeld)
        case g.Geevalueerd():
            return s.Geevalueerd(**stam)
        case g.Gesloten():
            return s.Gesloten(**stam, uitkomst=feit.uitkomst)
        case g.Ingetrokken():
            return s.Ingetrokken(**stam, aanleiding=feit.aanleiding)
        case g.Afgewezen():
            return s.Afgewezen(**stam, reden=feit.reden)
        case g.Afgebroken():
            return s.Afgebroken(**stam, reden=feit.reden)
        case g.Gekoppeld():
            return s.Gekoppeld(
                **stam,
                andere_id=feit.andere_id,
                andere_proces=feit.andere_proces,
                soort=feit.soort,
            )
        case g.KoppelingVoltooid():
            return s.KoppelingVoltooid(**stam, andere_id=feit.andere_id)
        case g.Opgeschort():
            return s.Opgeschort(**stam, reden=feit.reden)
        case g.Hervat():
            return s.Hervat(**stam, uiterlijk=feit.uiterlijk)
        case g.TermijnVerstreken():
            return s.TermijnVerstreken(**stam, termijn=feit.termijn, kind_id=feit.kind_id)
        case g.PersoonsgegevensGewist():
            return s.PersoonsgegevensGewist(**stam, grond=feit.grond)
        case _:
            return None
