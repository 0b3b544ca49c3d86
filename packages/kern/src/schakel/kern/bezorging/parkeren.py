"""Parked messages over HTTP: list, inspect, release, reject. For the beheerder only.

One by its number, or all that fit a filter; what a filter would do can be asked first.
"""

import base64
from typing import Annotated, Any, Self

import msgspec
from fastapi import Depends, Query
from pydantic import Field, StringConstraints, model_validator
from starlette.responses import Response
from typing_extensions import TypedDict

from schakel.kern.grond.kop import Kop
from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.http.beveiliging import vereist
from schakel.kern.http.koppen import opdracht
from schakel.kern.http.routes import Router
from schakel.kern.http.strikt import Zoekvraag
from schakel.kern.vastlegging.audit import BEZIG
from schakel.kern.vastlegging.gebeurtenis import Door

from .lezer import Lezer
from .parkeerbeheer import Parkeerbeheer, Zeefuitslag
from .parkeerzeef import Zeef

_CODEER = msgspec.json.Encoder().encode
BEHEER = Depends(vereist(Rol.BEHEERDER))
INZAGE = Depends(vereist(Rol.BEHEERDER, boekt=True))
"""Of bytes that anyone may have put on the bus: a name can stand in them."""
_CODE = r"^([0-9]{1,5}|[a-z][0-9]{0,5})([a-z-][0-9]{0,5})*$"
"""As a command of a process wants it too: in no code stand six digits in a row."""
Nummer = Annotated[int, Field(ge=1, le=2**53 - 1)]


class GeparkeerdBericht(TypedDict):
    """A parked message: where it came from and why it waits."""

    nummer: int
    bron: str
    positie: int
    boom: str | None
    bericht: str | None
    reden: str
    uitleg: str
    op: str
    klaar: str | None
    afloop: str | None


class GeparkeerdeBerichten(TypedDict):
    """A page of parked messages, in the order in which they came."""

    geparkeerd: list[GeparkeerdBericht]


class GeparkeerdBerichtMetInhoud(GeparkeerdBericht):
    """The same with its bytes in base64: ``omvang`` says how many there were, ``digest`` which."""

    waarde: str
    omvang: int
    digest: str


class Vrijgaveresultaat(TypedDict):
    """How many messages were handled: the released one and those behind it."""

    verwerkt: int


class Zeefresultaat(TypedDict):
    """How many messages fit, with how many something was done, and after which to go on."""

    gevonden: int
    verwerkt: int
    volgende: int | None


Code = Annotated[str, StringConstraints(max_length=64, pattern=_CODE)]
Naam = Annotated[str, StringConstraints(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f]+$")]
Moment = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?Z)?$"
    ),
]
"""A day, or a moment in UTC as the list shows it."""
Volgnummer = Annotated[int, Field(ge=0, le=2**53 - 1)]


class Verwerping(Verzoek):
    """Why a message is given up."""

    reden: Code


class Vrijgeven(Verzoek):
    """Nothing needs to be said."""


class Bladeren(Zoekvraag):
    """Which page; ``alles`` also shows what is done with."""

    alles: bool = False
    na: Volgnummer = 0
    limiet: Annotated[int, Field(ge=1, le=200)] = 50
    reden: Code | None = None
    bron: Naam | None = None
    boom: Naam | None = None
    van: Moment | None = None
    tot: Moment | None = None

    @property
    def zeef(self) -> Zeef:
        """Which of them."""
        return Zeef(self.reden, self.bron, self.boom, self.van, self.tot)


class Filter(Verzoek):
    """Which parked messages: what is left out does not matter. ``bron`` is a topic or partition."""

    reden: Code | None = None
    bron: Naam | None = None
    boom: Naam | None = None
    van: Moment | None = None
    tot: Moment | None = None
    na: Volgnummer = 0

    @model_validator(mode="after")
    def _noemt_iets(self) -> Self:
        """Whoever forgets what is meant does not mean everything."""
        if not self.model_fields_set - {"na"}:
            raise ValueError("noem minstens een van reden, bron, boom, van en tot")
        return self


class Zeefopdracht(Verzoek):
    """Something to be done with all that fit; with ``proef`` they are only counted."""

    filter: Filter
    proef: bool = False

    @property
    def zeef(self) -> Zeef:
        """Which of them."""
        f = self.filter
        return Zeef(f.reden, f.bron, f.boom, f.van, f.tot, f.na)

    def noem(self) -> None:
        """In the books stands what it was done on: of many the filter, and whether it was a try."""
        if (handeling := BEZIG.get()) is not None:
            filter_ = self.filter.model_dump(mode="json", exclude_unset=True)
            woorden = [f"{naam}={waarde}" for naam, waarde in sorted(filter_.items())]
            handeling.waarop = ",".join([*woorden, *(["proef"] if self.proef else [])])


class Verwerpingen(Zeefopdracht):
    """Why all that fit are given up."""

    reden: Code


def maak_parkeerrouter(lezer: Lezer[Any, Any]) -> Router:
    """The routes over the parked messages of one service."""
    router = Router(tags=["geparkeerd"])
    plaats = lezer.parkeerplaats
    beheer = Parkeerbeheer(lezer)
    commando = Annotated[Kop, Depends(opdracht(Rol.BEHEERDER))]

    @router.get("/geparkeerd", response_model=GeparkeerdeBerichten, dependencies=[BEHEER])
    def toon_geparkeerd(filters: Annotated[Bladeren, Query()]) -> Response:
        """Berichten die niet konden worden verwerkt, en wat daarop wacht."""
        lijst = plaats.lijst(
            alles=filters.alles, na=filters.na, limiet=filters.limiet, zeef=filters.zeef
        )
        return _json({"geparkeerd": lijst})

    @router.get(
        "/geparkeerd/{nummer}", response_model=GeparkeerdBerichtMetInhoud, dependencies=[INZAGE]
    )
    def toon_geparkeerd_bericht(nummer: Nummer) -> Response:
        """Een geparkeerd bericht met zijn inhoud."""
        bericht, waarde = plaats.toon(nummer)
        digest, omvang = plaats.kenmerken(nummer)
        inhoud = {"waarde": base64.b64encode(waarde).decode(), "omvang": omvang}
        return _json(msgspec.to_builtins(bericht) | inhoud | {"digest": digest.hex()})

    @router.post(
        "/geparkeerd/{nummer}/vrijgaven", status_code=201, response_model=Vrijgaveresultaat
    )
    async def geef_geparkeerd_bericht_vrij(
        nummer: Nummer,
        gevraagd: Vrijgeven,  # noqa: ARG001 - an empty object, like every command without words
        kop: commando,
    ) -> Response:
        """Verwerk een geparkeerd bericht en wat erachter wacht alsnog, in volgorde."""
        return _json({"verwerkt": await lezer.geef_vrij(nummer, _door(kop))}, 201)

    @router.post(
        "/geparkeerd/{nummer}/verwerpingen", status_code=201, response_model=Vrijgaveresultaat
    )
    async def verwerp_geparkeerd_bericht(
        nummer: Nummer, gevraagd: Verwerping, kop: commando
    ) -> Response:
        """Geef een bericht op, met de reden; wat erachter wacht blijft staan."""
        await lezer.verwerp(nummer, gevraagd.reden, _door(kop))
        return _json({"verwerkt": 0}, 201)

    @router.post("/geparkeerd/vrijgaven", status_code=201, response_model=Zeefresultaat)
    async def geef_geparkeerde_berichten_vrij(gevraagd: Zeefopdracht, kop: commando) -> Response:
        """Verwerk wat past alsnog, met wat er van dezelfde bomen wacht, of tel het alleen."""
        gevraagd.noem()
        return _uitslag(await beheer.geef_vrij(gevraagd.zeef, _door(kop), proef=gevraagd.proef))

    @router.post("/geparkeerd/verwerpingen", status_code=201, response_model=Zeefresultaat)
    async def verwerp_geparkeerde_berichten(gevraagd: Verwerpingen, kop: commando) -> Response:
        """Geef op wat past, met de reden, of tel het alleen."""
        gevraagd.noem()
        zeef, reden, proef = gevraagd.zeef, gevraagd.reden, gevraagd.proef
        return _uitslag(await beheer.verwerp(zeef, reden, _door(kop), proef=proef))

    @router.post("/geparkeerd/wissingen", status_code=201, response_model=Zeefresultaat)
    async def wis_geparkeerde_berichten(gevraagd: Zeefopdracht, kop: commando) -> Response:
        """Wis de bytes van wat is vrijgegeven of verworpen en past, of tel het alleen."""
        gevraagd.noem()
        return _uitslag(await beheer.wis(gevraagd.zeef, _door(kop), proef=gevraagd.proef))

    return router


def _uitslag(uitslag: Zeefuitslag) -> Response:
    return _json(uitslag._asdict(), 201)


def _door(kop: Kop) -> Door:
    return Door(kop.door.wie, kop.rol.value)


def _json(waarde: Any, status: int = 200) -> Response:
    return Response(_CODEER(waarde), status, media_type="application/json")
