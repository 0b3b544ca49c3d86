"""What lists and answers show of a melding: nothing personal."""

from datetime import UTC, datetime

from schakel.contracts.snelschrift import als_tekst
from schakel.contracts.werkstromen import SOORT_VAN

from .antwoorden import Deelweergave, Overzicht
from .melding import Melding


def kenmerken(melding: Melding) -> Overzicht:
    """A melding in one row."""
    ouder = melding.plaats.ouder
    return Overzicht(
        meldingId=als_tekst(melding.id),
        wortelId=als_tekst(melding.plaats.boom),
        ouderId=als_tekst(ouder.id) if ouder else None,
        volgnummer=melding.volgnummer,
        meldingsoort=SOORT_VAN[melding.PROCES].value,
        soortVolgensMelder=melding.soort_volgens_melder,
        dienst=melding.dienst,
        kanaal=melding.kanaal.value,
        melder=melding.melder.value,
        status=melding.status.value,
        uitkomst=melding.uitkomst,
        versie=melding.versie,
        prioriteit=melding.prioriteit,
        ronde=max(1, melding.ronde),
        tijdstipUiterlijk=tijdstip(uiterlijk) if (uiterlijk := melding.uiterlijk) else None,
        verstreken=sorted(melding.verstreken),
        mogelijkeStappen=melding.mogelijke_stappen(),
    )


def deel_van(melding: Melding) -> Deelweergave | None:
    """The schakel that a melding carries out, if it does."""
    deel = melding.plaats.deel
    if deel is None:
        return None
    return Deelweergave(
        schakelId=str(deel.schakel),
        organisatie=deel.organisatie,
        proces=deel.soort,
        n=deel.n,
        ronde=deel.ronde,
    )


def tijdstip(moment: datetime) -> str:
    """A moment as the API shows it: UTC with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
