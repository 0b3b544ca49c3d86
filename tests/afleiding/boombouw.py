"""Write trees of messages tersely: every method says one thing and makes one message.

    boom = Boom(H)
    kind = boom.wortel.loop().draag_over(W)
    kind.loop().rond_af()
    boom.wortel.keer_terug(kind)
    boom.af().werkstroom

``sla_over`` uses up a versie without a message: a gap. All goes through the models of the contract.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

import msgspec

from schakel.afleiding import (
    Afleiding,
    Afwijking,
    lees,
    leid_boom_af,
    leid_ruwe_boom_af,
)
from schakel.contracts import deelproces as d
from schakel.contracts import melding as m
from schakel.contracts.envelop import verpak
from schakel.contracts.feit import DeelVan, Door, Feit
from schakel.contracts.organisatie import Schakelsoort
from schakel.contracts.werkstromen import SOORT_VAN, Proces, VierFeiten

A, W, H, U, V = (
    Proces.AFSPREKEN,
    Proces.WIJZIGEN,
    Proces.HERSTELLEN,
    Proces.UITVOEREN,
    Proces.VERBETEREN,
)
BRON = "urn:nld:oin:00000099000000001000:systeem:schakel-"
OIN = "00000099000000001000"
PARTNER = "00000099000000002000"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DOOR = Door(wie="mw-1", rol="behandelaar")


class Boom:
    """A tree under construction, with all its messages in ``berichten``."""

    def __init__(
        self,
        eerste: Proces,
        nummer: int = 1,
        oin: str = OIN,
        deel_van: "DeelVan | Melding | None" = None,
    ) -> None:
        """``deel_van``: the stand-in, in the tree of another, of which this tree is the work."""
        self._nummer = nummer * 1000
        self._volgnummer = 0
        self.oin = oin
        self.berichten: list[bytes] = []
        self.wortel_id = self.nieuw_id()
        self.wortel = Melding(self, eerste, self.wortel_id)
        if isinstance(deel_van, Melding):
            ouder = deel_van.ouder
            assert ouder is not None
            assert deel_van.n is not None
            assert deel_van.ronde is not None
            deel_van = DeelVan(
                schakel_id=deel_van.id,
                organisatie=deel_van.boom.oin,
                proces=ouder.proces,
                n=deel_van.n,
                ronde=deel_van.ronde,
            )
        self.wortel.deel_van = deel_van

    def nieuw_id(self) -> UUID:
        self._nummer += 1
        return UUID(int=self._nummer)

    def tijdstip(self) -> tuple[int, datetime]:
        self._volgnummer += 1
        return self._volgnummer, BEGIN + timedelta(minutes=self._volgnummer)

    def zonder(self, *weg: bytes) -> list[bytes]:
        return [bericht for bericht in self.berichten if bericht not in weg]

    def af(self, *berichten: bytes) -> Afleiding:
        """Derive these messages, or all there are."""
        return leid(str(self.wortel_id), berichten or self.berichten)


class Melding:
    """One melding of a tree, that speaks with its own versie."""

    def __init__(
        self,
        boom: Boom,
        proces: Proces,
        melding_id: UUID,
        ouder: "Melding | None" = None,
        n: int | None = None,
        ronde: int | None = None,
    ) -> None:
        self.boom, self.proces, self.id, self.ouder = boom, proces, melding_id, ouder
        self.n, self.ronde = n, ronde
        self.versie = 0
        self.spreker = proces.value
        self.deel_van: DeelVan | None = None
        self.overgedragen = 0
        self.rondes = 0
        self.laatst = b""

    @property
    def naam(self) -> str:
        return str(self.id)

    def zeg(self, zegt: type[Feit], /, **velden: Any) -> Self:
        self.versie += 1
        ouder = {}
        if self.ouder is not None:
            ouder = {
                "ouder_id": self.ouder.id,
                "ouder_proces": self.ouder.proces,
                "n": self.n,
                "ronde": self.ronde,
            }
        feit = zegt(
            melding_id=self.id,
            wortel_id=self.boom.wortel_id,
            proces=self.proces,
            versie=self.versie,
            door=DOOR,
            **({"deel_van": self.deel_van} | ouder | velden),
        )
        volgnummer, tijdstip = self.boom.tijdstip()
        bron = f"urn:nld:oin:{self.boom.oin}:systeem:schakel-{self.spreker}"
        self.laatst = verpak(feit, bron=bron, volgnummer=volgnummer, tijdstip=tijdstip)
        self.boom.berichten.append(self.laatst)
        return self

    def sla_over(self, aantal: int = 1) -> Self:
        self.versie += aantal
        return self

    # What it says of itself

    def neem_aan(self, uiterlijk: datetime | None = None) -> Self:
        return self.zeg(
            m.Aangenomen,
            meldingsoort=SOORT_VAN[self.proces],
            volgnummer=f"{self.proces.letter}-2026-000001",
            kanaal=m.Kanaal.WEB,
            dienst="lantaarns",
            melder=m.Meldersoort.BURGER,
            uiterlijk=uiterlijk,
        )

    def beoordeel(self) -> Self:
        feiten = VierFeiten(
            proactief=False,
            afwijking=False,
            binnen_afspraken=True,
            raakt_beheerde_infrastructuur=False,
        )
        return self.zeg(m.Beoordeeld, feiten=feiten, impact=2, urgentie=2, prioriteit=3)

    def stap(self) -> Self:
        return self.zeg(m.StapGezet, stap="plannen")

    def loop(self) -> Self:
        """Everything up to the first hand-over."""
        return self.neem_aan().beoordeel().stap()

    def controleer(self, *, goed: bool = True, ronde: int = 1) -> Self:
        return self.zeg(m.Gecontroleerd, gecontroleerde_ronde=ronde, goed=goed)

    def meld_gereed(self) -> Self:
        return self.zeg(m.Gereedgemeld, resultaat="gedaan")

    def vraag(self) -> Self:
        return self.zeg(m.TevredenheidGevraagd, uiterlijk=BEGIN + timedelta(days=14))

    def hoor(self, oordeel: m.Oordeel) -> Self:
        return self.zeg(m.TevredenheidGecontroleerd, oordeel=oordeel)

    def voltooi(self) -> Self:
        return self.zeg(m.Voltooid)

    def sluit(self, uitkomst: m.Uitkomst = m.Uitkomst.VOLTOOID) -> Self:
        return self.zeg(m.Gesloten, uitkomst=uitkomst)

    def rond_af(self) -> Self:
        """Everything after the last return."""
        self.meld_gereed()
        if self.ouder is None:
            self.vraag().hoor(m.Oordeel.TEVREDEN)
        return self.voltooi().sluit()

    def trek_in(self) -> Self:
        return self.zeg(m.Ingetrokken, aanleiding="melder")

    def wijs_af(self) -> Self:
        return self.zeg(m.Afgewezen, reden="niet-bevoegd")

    def breek_af(self) -> Self:
        return self.zeg(m.Afgebroken, reden="onmogelijk")

    def zet_om(self) -> Self:
        nieuw = m.NieuweMelding(
            melding_id=UUID(int=self.id.int + 10**6),
            naar=A,
            meldingsoort=SOORT_VAN[A],
            dienst="lantaarns",
            kanaal=m.Kanaal.WEB,
            melder=m.Meldersoort.BURGER,
        )
        return self.zeg(m.Omgezet, reden="buiten-scope", nieuwe_meldingen=(nieuw,))

    # What it says of its children

    def kind(
        self,
        naar: Proces,
        *,
        n: int | None = None,
        ronde: int | None = None,
        id_: UUID | None = None,
    ) -> "Melding":
        """A child that nobody spoke of yet."""
        self.overgedragen += 1
        n = self.overgedragen if n is None else n
        self.rondes = self.rondes or 1
        ronde = self.rondes if ronde is None else ronde
        return Melding(self.boom, naar, id_ or self.boom.nieuw_id(), self, n, ronde)

    def geef(self, kind: "Melding", naar: Proces | None = None, **velden: Any) -> Self:
        """The giver's own word of a hand-over."""
        overdracht = m.Overdracht(
            kind_id=kind.id, naar=naar or kind.proces, n=kind.n, ronde=kind.ronde, **velden
        )
        return self.zeg(m.Overgedragen, overdracht=overdracht)

    def draag_over(self, naar: Proces, **plaats: Any) -> "Melding":
        """Hand over and return the child, that did not say anything yet."""
        kind = self.kind(naar, **plaats)
        self.geef(kind)
        return kind

    def bied_aan(self, naar: Proces, organisatie: str = PARTNER, **plaats: Any) -> "Melding":
        """Hand over to another organisation; who stands in for it here did not speak yet."""
        kind = self.kind(naar, **plaats)
        kind.spreker = "grens"
        return self.geef_elders(kind, organisatie)

    def geef_elders(
        self, kind: "Melding", organisatie: str = PARTNER, naar: Proces | None = None
    ) -> "Melding":
        """The giver's own word of a hand-over to another organisation."""
        self.zeg(
            d.OverdrachtAangeboden,
            soort=Schakelsoort.DEELPROCES,
            organisatie=organisatie,
            overdracht=m.Overdracht(
                kind_id=kind.id, naar=naar or kind.proces, n=kind.n, ronde=kind.ronde
            ),
        )
        return kind

    def neem_terug(self, kind: "Melding") -> Self:
        return self.zeg(d.OverdrachtTeruggenomen, kind_id=kind.id, aanleiding="te-lang")

    def kom_in(self, **velden: Any) -> Self:
        """What the grens says of this melding: it is no word of its own."""
        versie, spreker = self.versie, self.spreker
        self.versie, self.spreker = velden.pop("versie", 1) - 1, "grens"
        vast: dict[str, Any] = {
            "soort": Schakelsoort.DEELPROCES,
            "keten_id": UUID(int=7),
            "diepte": 1,
            "dienst": "lantaarns",
            "kanaal": m.Kanaal.WEB,
            "melder": m.Meldersoort.BURGER,
        }
        self.zeg(d.SchakelIngekomen, **(vast | velden))
        self.versie, self.spreker = versie, spreker
        return self

    def weiger(self, kind: "Melding") -> Self:
        return self.zeg(m.OverdrachtGeweigerd, kind_id=kind.id, reden="niet-van-ons")

    def keer_terug(self, kind: "Melding", resultaat: m.Resultaat = m.Resultaat.VOLTOOID) -> Self:
        return self.zeg(m.Teruggekeerd, kind_id=kind.id, resultaat=resultaat)

    def heen_en_weer(self, naar: Proces, **plaats: Any) -> "Melding":
        """One whole excursion into a child, straight down to the leaf and back."""
        kind = self.draag_over(naar, **plaats)
        kind.loop()
        if naar is not U:
            kind.heen_en_weer(U if naar is W else W)
            kind.controleer()
        kind.rond_af()
        self.keer_terug(kind)
        return kind


def leid(wortel_id: str, berichten: Iterable[bytes]) -> Afleiding:
    """Derive in both ways: they may never differ."""
    berichten = list(berichten)
    afleiding = leid_boom_af(wortel_id, map(lees, berichten))
    assert leid_ruwe_boom_af(wortel_id, berichten) == afleiding
    return afleiding


def als_json(afleiding: Afleiding) -> bytes:
    return msgspec.json.encode(afleiding)


def letters(afleiding: Afleiding) -> str:
    return "".join(proces.letter for proces in afleiding.pad)


def codes(afleiding: Afleiding) -> list[tuple[str, str, bool]]:
    return [(a.code, a.melding_id, a.vast) for a in afleiding.afwijkingen]


def enige_afwijking(afleiding: Afleiding) -> Afwijking:
    (afwijking,) = afleiding.afwijkingen
    return afwijking


def verander(bericht: bytes, **data: Any) -> bytes:
    """The same message with other data; None leaves a field out."""
    inhoud = json.loads(bericht)
    inhoud["data"] = {k: v for k, v in (inhoud["data"] | data).items() if v is not None}
    return json.dumps(inhoud, separators=(",", ":")).encode()


def hernoem(bericht: bytes, **attributen: str) -> bytes:
    """The same message in another envelope."""
    return json.dumps(json.loads(bericht) | attributen, separators=(",", ":")).encode()


def zonder_versie(bericht: bytes) -> bytes:
    """As a foreign log would tell it: no place in the order, no id that follows from one."""
    inhoud = json.loads(bericht)
    return hernoem(verander(bericht, versie=None), id=f"vreemd-{inhoud['id']}")
