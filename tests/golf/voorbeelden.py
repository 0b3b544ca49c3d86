"""A message of each type with every member it can have, and the vectors that others pass too."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schakel.contracts.schakels import berichten as b
from schakel.contracts.schakels import verbinding as w
from schakel.contracts.schakels.jws import Jws, JwsHandtekening
from schakel.contracts.schakels.lezen import Bericht
from schakel.contracts.schakels.schrijven import schrijf
from schakel.contracts.schakels.woorden import Kant

VECTOREN: Mapping[str, Any] = json.loads(
    (Path(__file__).parent / "vectoren.json").read_text(encoding="utf-8")
)
A, B = (VECTOREN["sleutels"][naam]["oin"] for naam in "AB")
SCHAKEL = "0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d10"
KETEN = "0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d11"
ANDER = "0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d13"
OP = datetime(2026, 11, 30, 12, tzinfo=UTC)
UITERLIJK = "2026-12-02T12:00:00.000000Z"


def bladen_van(oin: str) -> list[bytes]:
    """The leaves of a log of the vectors, in order."""
    paginas = [een["pagina"] for een in VECTOREN["paginas"] if een["van"] == oin]
    return [base64.b64decode(blad) for pagina in paginas for blad in pagina["bladen"]]


def _stam(oin: str, **anders: Any) -> dict[str, Any]:
    door = b.Zender(organisatie=oin, rol="medewerker")
    return {"schakel_id": SCHAKEL, "nummer": 1, "bij": 0, "door": door, **anders}


V, U = _stam(A), _stam(B, bij=1)

AANBOD: dict[str, Any] = {
    **V,
    "keten_id": KETEN,
    "diepte": 2,
    "vanuit": ANDER,
    "model": "hoofdaannemer",
    "dienst": "wegen",
    "kanaal": "keten",
    "melder": "ketenpartner",
    "ronde": 1,
    "n": 1,
    "uiterlijk": UITERLIJK,
    "gereed_voor": UITERLIJK,
    "wacht": True,
    "vervangt": ANDER,
    "heeft_inhoud": True,
}
VRAGER: tuple[b.Schakelbericht, ...] = (
    b.SchakelAangeboden(**AANBOD, soort=b.Schakelsoort.DEELPROCES, naar=b.Proces.WIJZIGEN),
    b.SchakelAntwoordGegeven(**V, vraag=1, heeft_inhoud=False),
    b.SchakelBeoordeeld(**V, oordeel="tevreden", ronde=1),
    b.SchakelIngetrokken(**V, aanleiding="niet-meer-nodig"),
    b.SchakelOvergegaan(**V),
    b.SchakelTeLaat(**V),
)
UITVOERDER: tuple[b.Schakelbericht, ...] = (
    b.SchakelAangenomen(
        **U, volgnummer="B/2026/1", meldingsoort=b.Meldingsoort.AANVRAAG, uiterlijk=UITERLIJK
    ),
    b.SchakelGeweigerd(**U, reden="niet-afgesproken"),
    b.SchakelVraagGesteld(**U, vraag=1, uiterlijk=UITERLIJK, heeft_inhoud=True),
    b.SchakelVoortgang(**U, stand=b.Werkstand.ELDERS, uiterlijk=UITERLIJK),
    b.SchakelAanvaard(**U),
    b.SchakelGereedgemeld(
        **U, resultaat="hersteld", ronde=1, uiterlijk=UITERLIJK, heeft_inhoud=False
    ),
    b.SchakelAfgesloten(
        **U,
        uitkomst=b.Slotuitkomst.OMGEZET,
        vervangen=(b.Vervanging(meldingsoort=b.Meldingsoort.WENS, dienst="wegen"),),
    ),
)
BEIDE: tuple[b.Schakelbericht, ...] = (
    b.SchakelWissingGevraagd(**U, grond="bewaartermijn"),
    b.SchakelWissingBeantwoord(**U, antwoord="behouden", grond="archiefplicht"),
    b.SchakelOnbegrepen(**U, over=2, code=b.Leescode.GEEN_JSON),
)
_LINK: dict[str, Any] = {"nummer": 1, "door": b.Zender(organisatie=A, rol="beheer")}
VERBINDING: tuple[w.Verbindingsbericht, ...] = (
    w.VerbindingSleutels(**_LINK, verklaring=Jws("e30", (JwsHandtekening("e30", "AA"),))),
    w.VerbindingEindigt(**_LINK, per=UITERLIJK),
    w.VerbindingControlepunten(**_LINK, controlepunten=("een note",)),
    w.VerbindingHerstel(**_LINK, gevallen=0, omvang=7),
)
ALLE: tuple[Bericht, ...] = (*VRAGER, *UITVOERDER, *BEIDE, *VERBINDING)


def zender_van(bericht: Bericht) -> str:
    """Who says this example."""
    return bericht.door.organisatie


def blad_van(bericht: Bericht, **anders: Any) -> bytes:
    """The bytes of an example; what both sides say, the uitvoerder says."""
    kant = Kant.UITVOERDER if bericht in BEIDE else None
    return schrijf(bericht, oin=zender_van(bericht), tijdstip=OP, kant=kant, **anders)


def gewijzigd(blad: bytes, **anders: Any) -> bytes:
    """The same leaf with other members; a dotted name goes down, ``...`` takes one away."""
    waarde = json.loads(blad)
    for naam, nieuw in anders.items():
        *weg, laatste = naam.split("__")
        plek = waarde
        for deel in weg:
            plek = plek[deel]
        if nieuw is ...:
            plek.pop(laatste, None)
        else:
            plek[laatste] = nieuw
    return json.dumps(waarde, separators=(",", ":"), ensure_ascii=False).encode()
