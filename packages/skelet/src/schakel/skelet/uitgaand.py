"""The one door between private events and public messages: what all processes share."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from schakel.contracts import melding as m
from schakel.contracts.envelop import verpak
from schakel.contracts.feit import Door, Feit
from schakel.contracts.werkstromen import SOORT_VAN, Proces, VierFeiten
from schakel.kern.bus import Verzending
from schakel.kern.opslag import Notification
from schakel.kern.vastlegging.gebeurtenis import Register, Vastgelegd

from .stappen import begin, einde, overdracht, rand, voortijdig
from .stappen.voortgekomen import NieuweMelding, Voortgekomen

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
        gemeen = vertaal_gemeen(self._proces, vastgelegd.gebeurtenis, stam)
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


def nieuwe_melding(nieuw: NieuweMelding) -> m.NieuweMelding:
    """The public shape of a melding that another process is asked to open."""
    return m.NieuweMelding(
        melding_id=nieuw.id,
        naar=nieuw.naar,
        meldingsoort=SOORT_VAN[nieuw.naar],
        dienst=nieuw.dienst,
        kanaal=nieuw.kanaal,
        melder=nieuw.melder,
        soort_volgens_melder=nieuw.soort_volgens_melder,
        dataref=nieuw.dataref,
    )


def vertaal_gemeen(proces: Proces, gebeurtenis: Any, stam: Stam) -> Feit | None:  # noqa: C901, PLR0912
    """The message of an event that all processes share; None for one of the process itself."""
    match gebeurtenis:
        case begin.Aangenomen():
            herkomst = gebeurtenis.voortgekomen_uit
            return m.Aangenomen(
                **stam,
                meldingsoort=SOORT_VAN[proces],
                volgnummer=gebeurtenis.volgnummer,
                kanaal=gebeurtenis.kanaal,
                dienst=gebeurtenis.dienst,
                melder=gebeurtenis.melder,
                namens_ander=gebeurtenis.namens_ander,
                soort_volgens_melder=gebeurtenis.soort_volgens_melder,
                voortgekomen_uit=herkomst
                and m.Herkomst(
                    melding_id=herkomst.melding_id,
                    proces=herkomst.proces,
                    aanleiding=herkomst.aanleiding,
                ),
                uiterlijk=gebeurtenis.uiterlijk,
                dataref=gebeurtenis.dataref,
            )
        case begin.Verhelderd():
            return m.Verhelderd(**stam)
        case begin.Beoordeeld():
            return m.Beoordeeld(
                **stam,
                feiten=VierFeiten(
                    proactief=gebeurtenis.proactief,
                    afwijking=gebeurtenis.afwijking,
                    binnen_afspraken=gebeurtenis.binnen_afspraken,
                    raakt_beheerde_infrastructuur=gebeurtenis.raakt_beheerde_infrastructuur,
                ),
                impact=gebeurtenis.impact,
                urgentie=gebeurtenis.urgentie,
                prioriteit=gebeurtenis.prioriteit,
                maatwerk=gebeurtenis.maatwerk,
            )
        case voortijdig.Omgezet():
            return m.Omgezet(
                **stam,
                reden=gebeurtenis.reden,
                nieuwe_meldingen=tuple(map(nieuwe_melding, gebeurtenis.nieuwe_meldingen)),
            )
        case Voortgekomen():
            return m.Voortgekomen(
                **stam,
                aanleiding=gebeurtenis.aanleiding,
                nieuwe_melding=nieuwe_melding(gebeurtenis.nieuwe_melding),
            )
        case overdracht.Overgedragen():
            return m.Overgedragen(
                **stam,
                overdracht=m.Overdracht(
                    kind_id=gebeurtenis.kind_id,
                    naar=gebeurtenis.naar,
                    n=gebeurtenis.n,
                    ronde=gebeurtenis.ronde,
                    meldingsoort=SOORT_VAN[gebeurtenis.naar],
                    dienst=gebeurtenis.dienst,
                    kanaal=gebeurtenis.kanaal,
                    melder=gebeurtenis.melder,
                    uiterlijk=gebeurtenis.uiterlijk,
                    dataref=gebeurtenis.dataref,
                ),
            )
        case overdracht.OverdrachtGeweigerd():
            return m.OverdrachtGeweigerd(
                **stam, kind_id=gebeurtenis.kind_id, reden=gebeurtenis.reden
            )
        case overdracht.Teruggekeerd():
            return m.Teruggekeerd(
                **stam, kind_id=gebeurtenis.kind_id, resultaat=gebeurtenis.resultaat
            )
        case overdracht.Gecontroleerd():
            return m.Gecontroleerd(
                **stam, gecontroleerde_ronde=gebeurtenis.ronde, goed=gebeurtenis.goed
            )
        case einde.Gereedgemeld():
            return m.Gereedgemeld(**stam, resultaat=gebeurtenis.resultaat)
        case einde.TevredenheidGevraagd():
            return m.TevredenheidGevraagd(**stam, uiterlijk=gebeurtenis.uiterlijk)
        case einde.TevredenheidGecontroleerd():
            return m.TevredenheidGecontroleerd(**stam, oordeel=gebeurtenis.oordeel)
        case einde.Voltooid():
            return m.Voltooid(
                **stam, zonder_reactie=gebeurtenis.zonder_reactie, gekoppeld=gebeurtenis.gekoppeld
            )
        case einde.Geevalueerd():
            return m.Geevalueerd(**stam)
        case einde.Gesloten():
            return m.Gesloten(**stam, uitkomst=gebeurtenis.uitkomst)
        case voortijdig.Ingetrokken():
            return m.Ingetrokken(**stam, aanleiding=gebeurtenis.aanleiding)
        case begin.Afgewezen():
            return m.Afgewezen(**stam, reden=gebeurtenis.reden)
        case voortijdig.Afgebroken():
            return m.Afgebroken(**stam, reden=gebeurtenis.reden)
        case rand.Gekoppeld():
            return m.Gekoppeld(
                **stam,
                andere_id=gebeurtenis.andere_id,
                andere_proces=gebeurtenis.andere_proces,
                soort=gebeurtenis.soort,
            )
        case rand.KoppelingVoltooid():
            return m.KoppelingVoltooid(**stam, andere_id=gebeurtenis.andere_id)
        case rand.Opgeschort():
            return m.Opgeschort(**stam, reden=gebeurtenis.reden)
        case rand.Hervat():
            return m.Hervat(**stam, uiterlijk=gebeurtenis.uiterlijk)
        case rand.TermijnVerstreken():
            return m.TermijnVerstreken(
                **stam, termijn=gebeurtenis.termijn, kind_id=gebeurtenis.kind_id
            )
        case rand.PersoonsgegevensGewist():
            return m.PersoonsgegevensGewist(**stam, grond=gebeurtenis.grond)
        case _:
            return None
