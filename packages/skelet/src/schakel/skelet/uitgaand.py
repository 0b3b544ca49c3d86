"""The one door between private events and public messages: what all processes share."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from schakel.contracts import deelproces as d
from schakel.contracts import melding as m
from schakel.contracts.envelop import verpak
from schakel.contracts.feit import DeelVan, Door, Feit
from schakel.contracts.organisatie import Schakelsoort
from schakel.contracts.snelschrift import als_tekst, vlug
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
        feit = self.feit(vastgelegd)
        waarde = verpak(
            feit,
            bron=self._bron,
            volgnummer=notificatie.id,
            tijdstip=vastgelegd.op,
            traceparent=spoor,
        )
        sleutel = als_tekst(vastgelegd.plaats.boom).encode()
        return Verzending(notificatie.id, sleutel, waarde, feit.type, spoor)

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
    ouder, deel = vastgelegd.plaats.ouder, vastgelegd.plaats.deel
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
        "door": vlug(Door)(wie=door.wie, rol=door.rol, regel=door.regel),
        "deel_van": deel
        and vlug(DeelVan)(
            schakel_id=deel.schakel,
            organisatie=deel.organisatie,
            proces=Proces(deel.soort),
            n=deel.n,
            ronde=deel.ronde,
        ),
    }


def _overdracht(g: overdracht.Overgedragen | overdracht.OverdrachtAangeboden) -> m.Overdracht:
    return vlug(m.Overdracht)(
        kind_id=g.kind_id,
        naar=g.naar,
        n=g.n,
        ronde=g.ronde,
        meldingsoort=SOORT_VAN[g.naar],
        dienst=g.dienst,
        kanaal=g.kanaal,
        melder=g.melder,
        uiterlijk=g.uiterlijk,
        dataref=g.dataref,
    )


def nieuwe_melding(nieuw: NieuweMelding) -> m.NieuweMelding:
    """The public shape of a melding that another process is asked to open."""
    return vlug(m.NieuweMelding)(
        melding_id=nieuw.id,
        naar=nieuw.naar,
        meldingsoort=SOORT_VAN[nieuw.naar],
        dienst=nieuw.dienst,
        kanaal=nieuw.kanaal,
        melder=nieuw.melder,
        soort_volgens_melder=nieuw.soort_volgens_melder,
        dataref=nieuw.dataref,
    )


def vertaal_gemeen(proces: Proces, g: Any, stam: Stam) -> Feit | None:  # noqa: C901, PLR0912
    """The message of an event that all processes share; None for one of the process itself."""
    match g:
        case begin.Aangenomen():
            uit = g.voortgekomen_uit
            return vlug(m.Aangenomen)(
                **stam,
                meldingsoort=SOORT_VAN[proces],
                volgnummer=g.volgnummer,
                kanaal=g.kanaal,
                dienst=g.dienst,
                melder=g.melder,
                namens_ander=g.namens_ander,
                soort_volgens_melder=g.soort_volgens_melder,
                voortgekomen_uit=uit
                and vlug(m.Herkomst)(
                    melding_id=uit.melding_id, proces=uit.proces, aanleiding=uit.aanleiding
                ),
                uiterlijk=g.uiterlijk,
                dataref=g.dataref,
            )
        case begin.Verhelderd():
            return vlug(m.Verhelderd)(**stam)
        case begin.Beoordeeld():
            return vlug(m.Beoordeeld)(
                **stam,
                feiten=vlug(VierFeiten)(
                    proactief=g.proactief,
                    afwijking=g.afwijking,
                    binnen_afspraken=g.binnen_afspraken,
                    raakt_beheerde_infrastructuur=g.raakt_beheerde_infrastructuur,
                ),
                impact=g.impact,
                urgentie=g.urgentie,
                prioriteit=g.prioriteit,
                maatwerk=g.maatwerk,
            )
        case voortijdig.Omgezet():
            return vlug(m.Omgezet)(
                **stam,
                reden=g.reden,
                nieuwe_meldingen=tuple(map(nieuwe_melding, g.nieuwe_meldingen)),
            )
        case Voortgekomen():
            return vlug(m.Voortgekomen)(
                **stam, aanleiding=g.aanleiding, nieuwe_melding=nieuwe_melding(g.nieuwe_melding)
            )
        case overdracht.Overgedragen():
            return vlug(m.Overgedragen)(**stam, overdracht=_overdracht(g))
        case overdracht.OverdrachtAangeboden():
            return vlug(d.OverdrachtAangeboden)(
                **stam,
                soort=Schakelsoort.DEELPROCES,
                organisatie=g.organisatie,
                overdracht=_overdracht(g),
                gereed_voor=g.gereed_voor,
                vervangt=g.vervangt,
                heeft_inhoud=g.dataref is not None,
            )
        case overdracht.OverdrachtTeruggenomen():
            return vlug(d.OverdrachtTeruggenomen)(
                **stam, kind_id=g.kind_id, aanleiding=g.aanleiding
            )
        case overdracht.OverdrachtGeweigerd():
            return vlug(m.OverdrachtGeweigerd)(**stam, kind_id=g.kind_id, reden=g.reden)
        case overdracht.Teruggekeerd():
            return vlug(m.Teruggekeerd)(**stam, kind_id=g.kind_id, resultaat=g.resultaat)
        case overdracht.Gecontroleerd():
            return vlug(m.Gecontroleerd)(**stam, gecontroleerde_ronde=g.ronde, goed=g.goed)
        case einde.Gereedgemeld():
            return vlug(m.Gereedgemeld)(**stam, resultaat=g.resultaat)
        case einde.TevredenheidGevraagd():
            return vlug(m.TevredenheidGevraagd)(**stam, uiterlijk=g.uiterlijk)
        case einde.TevredenheidGecontroleerd():
            return vlug(m.TevredenheidGecontroleerd)(**stam, oordeel=g.oordeel)
        case einde.Voltooid():
            return vlug(m.Voltooid)(**stam, zonder_reactie=g.zonder_reactie, gekoppeld=g.gekoppeld)
        case einde.Geevalueerd():
            return vlug(m.Geevalueerd)(**stam)
        case einde.Gesloten():
            return vlug(m.Gesloten)(**stam, uitkomst=g.uitkomst)
        case voortijdig.Ingetrokken():
            return vlug(m.Ingetrokken)(**stam, aanleiding=g.aanleiding)
        case begin.Afgewezen():
            return vlug(m.Afgewezen)(**stam, reden=g.reden)
        case voortijdig.Afgebroken():
            return vlug(m.Afgebroken)(**stam, reden=g.reden)
        case rand.Gekoppeld():
            return vlug(m.Gekoppeld)(
                **stam, andere_id=g.andere_id, andere_proces=g.andere_proces, soort=g.soort
            )
        case rand.KoppelingVoltooid():
            return vlug(m.KoppelingVoltooid)(**stam, andere_id=g.andere_id)
        case rand.Opgeschort():
            return vlug(m.Opgeschort)(**stam, reden=g.reden)
        case rand.Hervat():
            termijnen = None if g.termijnen is None else tuple(map(_lopend, g.termijnen.items()))
            return vlug(m.Hervat)(**stam, uiterlijk=g.uiterlijk, termijnen=termijnen)
        case rand.TermijnVerstreken():
            return vlug(m.TermijnVerstreken)(**stam, termijn=g.termijn, kind_id=g.kind_id)
        case rand.PersoonsgegevensGewist():
            return vlug(m.PersoonsgegevensGewist)(
                **stam,
                grond=g.grond,
                herkomst_id=g.herkomst_id,
                herkomst_proces=g.herkomst_proces,
            )
        case _:
            return None


def _lopend(termijn: tuple[str, datetime]) -> m.Lopend:
    naam, kind_id = rand.ontleed_termijn(termijn[0])
    return vlug(m.Lopend)(termijn=naam, uiterlijk=termijn[1], kind_id=kind_id)
