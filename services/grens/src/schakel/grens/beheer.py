"""What an operator does to a link with another organisation: each a command with an audit event."""

from typing import Annotated, Any

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

from .partners import Partners

Partneroin = Annotated[str, StringConstraints(pattern=f"^{OIN}$"), Path(alias="oin")]
Beheerder = Annotated[Kop, Depends(opdracht(Rol.BEHEERDER))]
_CODEER = msgspec.json.Encoder().encode


class Zonder(Verzoek):
    """Nothing needs to be said: an empty object, like every command without words."""


Deel = Annotated[str, StringConstraints(min_length=1, max_length=65_536)]


class Handtekening(Verzoek):
    """That of the contract key."""

    protected: Deel
    signature: Deel


class Verklaring(Verzoek):
    """What ``schakel partner sleutels`` made: a JWS with one signature."""

    payload: Deel
    signatures: Annotated[list[Handtekening], Field(min_length=1, max_length=1)]

    def als_jws(self) -> Jws:
        """As it stands in the log."""
        delen = tuple(JwsHandtekening(een.protected, een.signature) for een in self.signatures)
        return Jws(self.payload, delen)


def maak_beheerrouter(partners: Partners) -> Router:
    """The routes that change something."""
    router = Router(tags=["partners"])

    @router.post("/partners/{oin}/hervattingen", status_code=201)
    async def hervat_partner(
        oin: Partneroin,
        gevraagd: Zonder,  # noqa: ARG001 - strict: nothing else may stand in it
        kop: Beheerder,  # noqa: ARG001 - who may; the audit event says who did
    ) -> Response:
        """Laat een gestopte verbinding weer lopen, nadat u zag waarom zij stopte."""
        reden = await partners.start_weer(oin)
        return _json({"oin": oin, "wasGestopt": reden})

    @router.post("/partners/{oin}/blokkades", status_code=201)
    async def blokkeer_partner(
        oin: Partneroin,
        gevraagd: Zonder,  # noqa: ARG001
        kop: Beheerder,  # noqa: ARG001
    ) -> Response:
        """Laat niets van deze organisatie meer gevolg hebben, en zeg haar niets meer."""
        return _json({"oin": oin, "isAnders": await partners.blokkeer(oin, geldt=True)})

    @router.post("/partners/{oin}/blokkade-opheffingen", status_code=201)
    async def deblokkeer_partner(
        oin: Partneroin,
        gevraagd: Zonder,  # noqa: ARG001
        kop: Beheerder,  # noqa: ARG001
    ) -> Response:
        """Hef de blokkade op: wat intussen gezegd is heeft nu gevolg, in volgorde."""
        return _json({"oin": oin, "isAnders": await partners.blokkeer(oin, geldt=False)})

    @router.post("/partners/{oin}/beeindigingen", status_code=201)
    async def beeindig_partner(
        oin: Partneroin,
        gevraagd: Zonder,  # noqa: ARG001
        kop: Beheerder,  # noqa: ARG001
    ) -> Response:
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


def _json(waarde: Any) -> Response:
    return Response(_CODEER(waarde), 201, media_type="application/json")
