"""One example per message type, with fixed input: what the golden files were made from.

The examples never change: a new type gets a new example at the end, and ``python -m
tests.contracts.voorbeelden`` writes the golden files that are missing. It overwrites none.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from schakel.contracts import (
    afspreken,
    deelproces,
    herstellen,
    melding,
    uitvoeren,
    verbeteren,
    wijzigen,
)
from schakel.contracts.envelop import bron_van, verpak
from schakel.contracts.feit import DeelVan, Door, Feit
from schakel.contracts.organisatie import GRENS, Schakelsoort
from schakel.contracts.werkstromen import Meldingsoort, Proces, VierFeiten

GOUD = Path(__file__).parent / "goud"
OIN = "00000099000000001000"
PARTNER = "00000099000000002000"
TIJDSTIP = datetime(2026, 11, 21, 10, 15, 30, 123456, tzinfo=UTC)
SPOOR = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

WORTEL = UUID("0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d10")
KIND = UUID("0198c1de-7b1b-7c3e-9a52-3f0f6a1f5d11")
ANDERE = UUID("0198c1de-7b1c-7c3e-9a52-3f0f6a1f5d12")
INHOUD = f"http://127.0.0.1:8102/v1/meldingen/{ANDERE}/inhoud"

_DOOR = Door(wie="medewerker-7f3a", rol="behandelaar")
_REGEL = Door(wie="schakel-herstellen", rol="systeem", regel="overdracht-aannemen")
_GRENS = Door(wie="schakel-grens", rol="systeem", regel="partner")
_UITERLIJK = datetime(2026, 12, 5, 17, 0, tzinfo=UTC)


def _eerste(**velden: Any) -> dict[str, Any]:
    """What the first melding of a tree says about itself, in herstellen unless told otherwise."""
    eigen = {
        "melding_id": WORTEL,
        "wortel_id": WORTEL,
        "proces": Proces.HERSTELLEN,
        "versie": 3,
        "door": _DOOR,
    }
    return {**eigen, **velden}


def _genest(proces: Proces, **velden: Any) -> dict[str, Any]:
    """What a nested melding says about itself: also whose child it is."""
    plaats = {"ouder_id": WORTEL, "ouder_proces": Proces.HERSTELLEN, "n": 1, "ronde": 1}
    return _eerste(melding_id=KIND, proces=proces, **plaats, **velden)


def _deel(**velden: Any) -> dict[str, Any]:
    """What the grens says about a melding that a partner handed over."""
    van = DeelVan(schakel_id=KIND, organisatie=PARTNER, proces=Proces.HERSTELLEN, n=2, ronde=2)
    eigen = {"proces": Proces.WIJZIGEN, "versie": 1, "deel_van": van, "nummer": 1, "door": _GRENS}
    return _eerste(**{**eigen, **velden})


_NIEUW = melding.NieuweMelding(
    melding_id=ANDERE,
    naar=Proces.AFSPREKEN,
    meldingsoort=Meldingsoort.WENS,
    dienst="openbare-verlichting",
    kanaal=melding.Kanaal.WEB,
    melder=melding.Meldersoort.BURGER,
    soort_volgens_melder=Meldingsoort.FOUTMELDING,
    dataref=INHOUD,
)

_ALLE: tuple[Feit, ...] = (
    melding.Aangenomen(
        **_eerste(versie=1, tijdstip_gebeurtenis=datetime(2026, 11, 21, 10, 2, tzinfo=UTC)),
        meldingsoort=Meldingsoort.FOUTMELDING,
        volgnummer="H-2026-000001",
        kanaal=melding.Kanaal.TELEFOON,
        dienst="openbare-verlichting",
        melder=melding.Meldersoort.BURGER,
        namens_ander=True,
        soort_volgens_melder=Meldingsoort.AANVRAAG,
        voortgekomen_uit=melding.Herkomst(
            melding_id=ANDERE, proces=Proces.UITVOEREN, aanleiding="monitoring"
        ),
        uiterlijk=_UITERLIJK,
        dataref=INHOUD,
    ),
    melding.Verhelderd(**_eerste(versie=2)),
    melding.Beoordeeld(
        **_eerste(),
        feiten=VierFeiten(
            proactief=False,
            afwijking=True,
            binnen_afspraken=True,
            raakt_beheerde_infrastructuur=False,
        ),
        impact=2,
        urgentie=1,
        prioriteit=2,
    ),
    melding.Omgezet(**_eerste(), reden="verkeerde-soort", nieuwe_meldingen=(_NIEUW,)),
    melding.Voortgekomen(**_eerste(), aanleiding="evaluatie", nieuwe_melding=_NIEUW),
    melding.StapGezet(**_genest(Proces.WIJZIGEN), stap="getest"),
    melding.Overgedragen(
        **_eerste(),
        overdracht=melding.Overdracht(
            kind_id=KIND,
            naar=Proces.UITVOEREN,
            n=1,
            ronde=1,
            meldingsoort=Meldingsoort.AANVRAAG,
            dienst="openbare-verlichting",
            kanaal=melding.Kanaal.TELEFOON,
            melder=melding.Meldersoort.BURGER,
            uiterlijk=_UITERLIJK,
            dataref=INHOUD,
        ),
    ),
    melding.OverdrachtGeweigerd(**_eerste(), kind_id=KIND, reden="niet-van-ons"),
    melding.Teruggekeerd(**_eerste(), kind_id=KIND, resultaat=melding.Resultaat.VOLTOOID),
    melding.Gecontroleerd(**_eerste(), gecontroleerde_ronde=1, goed=True),
    melding.Gereedgemeld(**_genest(Proces.UITVOEREN), resultaat="lamp-gericht"),
    melding.TevredenheidGevraagd(**_eerste(), uiterlijk=_UITERLIJK),
    melding.TevredenheidGecontroleerd(**_eerste(), oordeel=melding.Oordeel.MEER_GEWENST),
    melding.Voltooid(**_eerste(), zonder_reactie=True, gekoppeld=(ANDERE,)),
    melding.Geevalueerd(**_eerste()),
    melding.Gesloten(**_genest(Proces.UITVOEREN), uitkomst=melding.Uitkomst.VOLTOOID),
    melding.Ingetrokken(**_eerste(), aanleiding="melder"),
    melding.Afgewezen(**_eerste(), reden="niet-bevoegd"),
    melding.Afgebroken(**_eerste(), reden="geen-resultaat"),
    melding.Gekoppeld(
        **_eerste(), andere_id=ANDERE, andere_proces=Proces.VERBETEREN, soort="workaround"
    ),
    melding.KoppelingVoltooid(**_eerste(), andere_id=ANDERE),
    melding.Opgeschort(**_eerste(), reden="wacht-op-melder"),
    melding.Hervat(**_eerste(), uiterlijk=_UITERLIJK),
    melding.TermijnVerstreken(**_eerste(door=_REGEL), termijn="overdracht", kind_id=KIND),
    melding.PersoonsgegevensGewist(**_eerste(), grond="bewaartermijn"),
    afspreken.OvereenstemmingBereikt(**_genest(Proces.AFSPREKEN)),
    afspreken.GeenOvereenstemming(**_genest(Proces.AFSPREKEN), reden="te-duur"),
    afspreken.Vastgesteld(**_genest(Proces.AFSPREKEN), afspraak="verordening-2026-12"),
    wijzigen.Vrijgegeven(**_genest(Proces.WIJZIGEN)),
    wijzigen.RegisterBijgewerkt(**_genest(Proces.WIJZIGEN), onderdeel="lichtmast-0412"),
    herstellen.WorkaroundGeboden(**_eerste(), workaround="noodverlichting"),
    uitvoeren.Uitgevoerd(**_genest(Proces.UITVOEREN), besluit=uitvoeren.Besluit.GEWEIGERD),
    verbeteren.OorzaakVastgesteld(**_eerste(proces=Proces.VERBETEREN), oorzaak="vocht-in-kabel"),
    verbeteren.RestrisicoBepaald(**_eerste(proces=Proces.VERBETEREN), restrisico="laag"),
    deelproces.OverdrachtAangeboden(
        **_eerste(),
        soort=Schakelsoort.DEELPROCES,
        organisatie=PARTNER,
        overdracht=melding.Overdracht(
            kind_id=KIND,
            naar=Proces.WIJZIGEN,
            n=2,
            ronde=2,
            meldingsoort=Meldingsoort.WIJZIGINGSVERZOEK,
            dienst="openbare-verlichting",
            kanaal=melding.Kanaal.TELEFOON,
            melder=melding.Meldersoort.BURGER,
            uiterlijk=_UITERLIJK,
            dataref=INHOUD,
        ),
        gereed_voor=_UITERLIJK,
        vervangt=ANDERE,
        heeft_inhoud=True,
    ),
    deelproces.OverdrachtTeruggenomen(**_eerste(), kind_id=KIND, aanleiding="duurt-te-lang"),
    deelproces.SchakelIngekomen(
        **_deel(),
        soort=Schakelsoort.DEELPROCES,
        keten_id=ANDERE,
        diepte=2,
        vanuit=ANDERE,
        dienst="openbare-verlichting",
        kanaal=melding.Kanaal.TELEFOON,
        melder=melding.Meldersoort.BURGER,
        gereed_voor=_UITERLIJK,
        vervangt=ANDERE,
        dataref=INHOUD,
    ),
    deelproces.SchakelIngetrokken(**_deel(versie=2), aanleiding="duurt-te-lang"),
)

VOORBEELDEN: Mapping[str, Feit] = {feit.type: feit for feit in _ALLE}
"""Per type its example."""


def verpakt(feit: Feit) -> bytes:
    """The example as the one byte string that its process would publish."""
    zegt = GRENS if isinstance(feit, deelproces.INGEKOMEN) else feit.proces
    return verpak(
        feit,
        bron=bron_van(OIN, f"schakel-{zegt}"),
        volgnummer=[*VOORBEELDEN].index(feit.type) + 1,
        tijdstip=TIJDSTIP,
        traceparent=SPOOR,
    )


if __name__ == "__main__":
    for voorbeeld in VOORBEELDEN.values():
        pad = GOUD / f"{voorbeeld.type}.json"
        if not pad.exists():
            pad.write_bytes(verpakt(voorbeeld))
