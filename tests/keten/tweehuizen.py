"""Two organisations, each with its five services, and between them the shortest grens there is.

It carries what the messages of the house say and keeps nothing of its own: no log, no proof, no
session. So it shows what the houses themselves do with work that crosses.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from tests.keten.proefketen import BEGIN, Proefketen, Ref

from schakel.afleiding import Afleiding, lees, leid_boom_af, stel_samen
from schakel.contracts import deelproces as d
from schakel.contracts import melding as m
from schakel.contracts.envelop import bron_van, feit_uit, verpak
from schakel.contracts.envelop import lees as lees_envelop
from schakel.contracts.feit import DeelVan, Door, Feit
from schakel.contracts.melding import Uitkomst
from schakel.contracts.organisatie import GRENS
from schakel.contracts.topics import topic_van
from schakel.contracts.werkstromen import Proces
from schakel.kern.bus.bericht import KOPPEN, Levering, Record

A_OIN, B_OIN = "00000099000000001000", "00000099000000002000"
DOOR = Door(wie="schakel-grens", rol="systeem", regel="partner")
PLAATSVERVANGEND = (m.Aangenomen, m.Opgeschort, m.Afgewezen, m.Gereedgemeld, m.Voltooid)
"""What a child says, and the grens after it; of ``gesloten`` only what is no repeat of those."""


class Uitstaand(NamedTuple):
    """A hand-over that went out: who gave it, and which melding it became there."""

    gever: Feit
    overdracht: m.Overdracht
    melding_id: UUID


class Huis:
    """One organisation."""

    def __init__(self, map_: Path, oin: str, routering: dict[str, Any]) -> None:
        map_.mkdir()
        (map_ / "routering.json").write_text(json.dumps({"processen": routering}))
        self.oin = oin
        self.keten = Proefketen(map_, oin=oin, routering=map_ / "routering.json")
        self.grens: list[Record] = []
        self.uitstaand: dict[UUID, Uitstaand] = {}
        self._versies: dict[UUID, int] = {}
        self._gelezen: dict[Proces, int] = {}

    def nieuw(self) -> list[Feit]:
        """What its services said since this was asked."""
        feiten = []
        for proces in Proces:
            log = self.keten.diensten[proces].log
            for record in log.lees(self._gelezen.get(proces, 0)).records:
                feiten.append(feit_uit(lees_envelop(KOPPEN, record.waarde)))
                self._gelezen[proces] = record.nummer
        return feiten

    async def zeg(self, zegt: type[Feit], melding_id: UUID, /, **velden: Any) -> None:
        """Say this as the grens, with a versie of its own for each melding."""
        self._versies[melding_id] = versie = self._versies.get(melding_id, 0) + 1
        feit = zegt(melding_id=melding_id, versie=versie, door=DOOR, **velden)
        bron = bron_van(self.oin, f"schakel-{GRENS}")
        waarde = verpak(feit, bron=bron, volgnummer=len(self.grens) + 1, tijdstip=BEGIN)
        sleutel = str(feit.wortel_id).encode()
        record = Record(len(self.grens) + 1, sleutel, KOPPEN, waarde)
        self.grens.append(record)
        for dienst in self.keten.diensten.values():
            levering = Levering(f"{topic_van(self.oin, GRENS)}/0", bron, [record])
            await dienst.ontvanger.ontvang(levering)
        await self.keten.bezorg()

    def afleiding(self, wortel_id: UUID) -> Afleiding:
        """Of one tree, from all that was said in this house."""
        ruw = [r.waarde for proces in Proces for r in self.keten.records(proces)]
        ruw += [record.waarde for record in self.grens]
        alle = [w for w in map(lees, ruw) if w.data.wortel_id == str(wortel_id)]
        return leid_boom_af(str(wortel_id), alle)


class TweeHuizen:
    """A asks and B does, or the other way round."""

    def __init__(
        self, map_: Path, routering_a: dict[str, Any], routering_b: dict[str, Any]
    ) -> None:
        self.a = Huis(map_ / "a", A_OIN, routering_a)
        self.b = Huis(map_ / "b", B_OIN, routering_b)

    async def sluit(self) -> None:
        await self.a.keten.sluit()
        await self.b.keten.sluit()

    async def volg(self) -> None:
        """Carry over until neither says anything new."""
        bezig = True
        while bezig:
            bezig = False
            for hier, daar in ((self.a, self.b), (self.b, self.a)):
                await hier.keten.bezorg()
                for feit in hier.nieuw():
                    bezig = True
                    await self._breng(feit, hier, daar)

    async def _breng(self, feit: Feit, hier: Huis, daar: Huis) -> None:
        if isinstance(feit, d.OverdrachtAangeboden):
            await self._bied_aan(feit, hier, daar)
        elif isinstance(feit, d.OverdrachtTeruggenomen) and feit.kind_id in hier.uitstaand:
            await self._trek_in(feit.kind_id, feit.aanleiding, hier, daar)
        elif isinstance(feit, m.Gesloten) and feit.uitkomst is not Uitkomst.VOLTOOID:
            for schakel_id, uit in hier.uitstaand.items():
                if uit.gever.melding_id == feit.melding_id:
                    await self._trek_in(schakel_id, "gever-beeindigd", hier, daar)
        if feit.deel_van is not None:
            await self._zeg_voor(feit, feit.deel_van, daar)

    async def _bied_aan(self, feit: d.OverdrachtAangeboden, hier: Huis, daar: Huis) -> None:
        kind = feit.overdracht
        melding_id = d.melding_voor(kind.kind_id, daar.oin, hier.oin)
        hier.uitstaand[kind.kind_id] = Uitstaand(feit, kind, melding_id)
        await daar.zeg(
            d.SchakelIngekomen,
            melding_id,
            soort=feit.soort,
            keten_id=feit.wortel_id,
            diepte=1,
            dienst=kind.dienst,
            kanaal=kind.kanaal,
            melder=kind.melder,
            vervangt=feit.vervangt,
            **self._stam(hier, kind.kind_id),
        )

    async def _trek_in(self, schakel_id: UUID, aanleiding: str, hier: Huis, daar: Huis) -> None:
        await daar.zeg(
            d.SchakelIngetrokken,
            hier.uitstaand[schakel_id].melding_id,
            aanleiding=aanleiding,
            **self._stam(hier, schakel_id),
        )

    def _stam(self, vrager: Huis, schakel_id: UUID) -> dict[str, Any]:
        gever, kind, melding_id = vrager.uitstaand[schakel_id]
        van = {"proces": gever.proces, "n": kind.n, "ronde": kind.ronde}
        deel = DeelVan(schakel_id=schakel_id, organisatie=vrager.oin, **van)
        return {"wortel_id": melding_id, "proces": kind.naar, "deel_van": deel}

    async def _zeg_voor(self, feit: Feit, deel: DeelVan, vrager: Huis) -> None:
        """Stand in, at whoever asked, for the melding that says this."""
        velden: dict[str, Any] = feit.model_dump(exclude={*Feit.model_fields})
        if isinstance(feit, m.Gesloten):
            if feit.uitkomst in {Uitkomst.VOLTOOID, Uitkomst.AFGEWEZEN}:
                return
        elif not isinstance(feit, PLAATSVERVANGEND):
            return
        if isinstance(feit, m.Aangenomen):
            velden["elders"] = m.Elders(
                organisatie=self._ander(vrager).oin, volgnummer=feit.volgnummer
            )
        gever = vrager.uitstaand[deel.schakel_id].gever
        await vrager.zeg(
            type(feit),
            deel.schakel_id,
            wortel_id=gever.wortel_id,
            proces=feit.proces,
            ouder_id=gever.melding_id,
            ouder_proces=gever.proces,
            n=deel.n,
            ronde=deel.ronde,
            nummer=feit.versie,
            **velden,
        )

    def _ander(self, huis: Huis) -> Huis:
        return self.b if huis is self.a else self.a

    def daar(self, melding: Ref, nummer: int = -1) -> Ref:
        """The melding at B that does what ``melding`` of A handed over."""
        ids = [kind.id for kind in self.a.keten.kinderen(melding)]
        uit = self.a.uitstaand[ids[nummer]]
        return Ref(uit.overdracht.naar, uit.melding_id)

    def pad(self, wortel: Ref, *anderen: Ref) -> str:
        """The path of a tree of A, composed with trees of B."""
        eerste = self.a.afleiding(wortel.id)
        bomen = [eerste, *(self.b.afleiding(een.id) for een in anderen)]
        pad = stel_samen(bomen)[eerste.organisatie, eerste.wortel_id]
        return "".join(proces.letter for proces in pad)
