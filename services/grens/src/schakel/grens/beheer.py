"""What an operator does to a link with another organisation: each a command with an audit event."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, Path
from pydantic import Field, StringConstraints
from starlette.responses import Response

from schakel.contracts.organisatie import OIN
from schakel.contracts.schakels.jws import Jws, JwsHandtekening
from schakel.kern.grond.kop import Kop
from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.http import Router, opdracht
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Schrijver, Taak

from .gesprek import Gesprek
from .partners import Partners
from .wissing import Schakelnaam, Wissingswoord, behoud, vraag_wissing

Partneroin = Annotated[str, StringConstraints(pattern=f"^{OIN}$"), Path(alias="oin")]
Schakelid = Annotated[UUID, Path(alias="schakelId")]
Beheerder = Annotated[Kop, Depends(opdracht(Rol.BEHEERDER))]
_CODEER = msgspec.json.Encoder().encode


class Zonder(Verzoek):
    """Nothing needs to be said: an empty object, like every command without words."""


def _keur(gevraagd: Zonder, kop: Beheerder) -> None:
    """Who may, and that nothing else is said; the audit event says who did."""


ZONDER = [Depends(_keur)]

Deel = Annotated[str, StringConstraints(min_length=1, max_length=65_536)]


class Sleutelhandtekening(Verzoek):
    """That of the contract key."""

    protected: Deel
    signature: Deel


class Verklaring(Verzoek):
    """What ``schakel partner sleutels`` made: a JWS with one signature."""

    payload: Deel
    signatures: Annotated[list[Sleutelhandtekening], Field(min_length=1, max_length=1)]

    def als_jws(self) -> Jws:
        """As it stands in the log."""
        delen = tuple(JwsHandtekening(een.protected, een.signature) for een in self.signatures)
        return Jws(self.payload, delen)


def maak_beheerrouter(partners: Partners) -> Router:
    """The routes that change something."""
    router = Router(tags=["partners"])

    @router.post("/partners/{oin}/hervattingen", status_code=201, dependencies=ZONDER)
    async def hervat_partner(oin: Partneroin) -> Response:
        """Laat een gestopte verbinding weer lopen, nadat u zag waarom zij stopte."""
        reden = await partners.start_weer(oin)
        return _json({"oin": oin, "wasGestopt": reden})

    @router.post("/partners/{oin}/blokkades", status_code=201, dependencies=ZONDER)
    async def blokkeer_partner(oin: Partneroin) -> Response:
        """Laat niets van deze organisatie meer gevolg hebben, en zeg haar niets meer."""
        return _json({"oin": oin, "isAnders": await partners.blokkeer(oin, geldt=True)})

    @router.post("/partners/{oin}/blokkade-opheffingen", status_code=201, dependencies=ZONDER)
    async def deblokkeer_partner(oin: Partneroin) -> Response:
        """Hef de blokkade op: wat intussen gezegd is heeft nu gevolg, in volgorde."""
        return _json({"oin": oin, "isAnders": await partners.blokkeer(oin, geldt=False)})

    @router.post("/partners/{oin}/beeindigingen", status_code=201, dependencies=ZONDER)
    async def beeindig_partner(oin: Partneroin) -> Response:
        """Vraag deze organisatie niets nieuws meer; wat loopt wordt afgemaakt."""
        return _json({"oin": oin, "isAnders": await partners.beeindig(oin)})

    @router.post("/partners/{oin}/sleutelverklaringen", status_code=201)
    async def zeg_sleutels(
        oin: Partneroin,
        gevraagd: Verklaring,
        kop: Beheerder,  # noqa: ARG001
    ) -> Response:
        """Zeg welke sleutels van het eigen logboek erbij komen of eraf gaan."""
        return _json({"oin": oin, "blad": await partners.zeg_sleutels(oin, gevraagd.als_jws())})

    return router


class Wissingsvraag(Verzoek):
    """On what ground; ``partner`` where more than one of them names a schakel so."""

    grond: Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9_-]{0,63}$")]
    partner: Annotated[str, StringConstraints(pattern=f"^{OIN}$")] | None = None


def maak_wissingsrouter(schrijver: Schrijver[Any], gesprek: Gesprek) -> Router:
    """The routes about erasure at the other side of a schakel."""
    router = Router(tags=["schakels"])

    async def zeg(wat: Wissingswoord, schakel: UUID, gevraagd: Wissingsvraag, kop: Kop) -> Response:
        rol, grond = kop.rol.value, gevraagd.grond
        naam = Schakelnaam(schakel, gevraagd.partner)

        def doe(werk: Any) -> str:
            return gesprek.over_wissing(werk, wat, naam, rol, grond)

        partner = await schrijver.voer_uit(Taak(doe, str, Door(kop.door.wie, rol)))
        return _json({"schakelId": str(schakel), "partner": partner})

    @router.post("/schakels/{schakelId}/wissingsverzoeken", status_code=201)
    async def vraag_om_wissing(
        schakel_id: Schakelid, gevraagd: Wissingsvraag, kop: Beheerder
    ) -> Response:
        """Vraag de ander te wissen wat zij over deze schakel heeft."""
        return await zeg(vraag_wissing, schakel_id, gevraagd, kop)

    @router.post("/schakels/{schakelId}/behoudingen", status_code=201)
    async def zeg_behouden(
        schakel_id: Schakelid, gevraagd: Wissingsvraag, kop: Beheerder
    ) -> Response:
        """Antwoord op een vraag om wissing dat de gegevens hier blijven, en waarom."""
        return await zeg(behoud, schakel_id, gevraagd, kop)

    return router


def _json(waarde: Any) -> Response:
    return Response(_CODEER(waarde), 201, media_type="application/json")
