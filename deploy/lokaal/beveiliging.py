"""What a broker is told about who may come in, and what a client needs to be let in."""

from pathlib import Path

from deploy.lokaal.sleutels import Sleutels
from deploy.lokaal.toegang import PLAINTEXT, SASL_SSL, SSL, Toegang

BEVEILIGD = Path(__file__).parents[1] / "kafka" / "beveiligd.properties"
BROKER = "broker"
BEHEER = "beheer"
SUPERGEBRUIKERS = (BROKER, BEHEER)

_JAAS = "org.apache.kafka.common.security.scram.ScramLoginModule required"


def regels(soort: str, sleutels: Sleutels) -> list[str]:
    """Lines for server.properties."""
    if soort == PLAINTEXT:
        return ["listener.security.protocol.map=BUS:PLAINTEXT,CONTROLLER:PLAINTEXT"]
    return [
        BEVEILIGD.read_text(),
        f"listener.security.protocol.map=BUS:{soort.upper()},CONTROLLER:SSL",
        f"ssl.keystore.location={sleutels.bundel(BROKER)}",
        f"ssl.truststore.location={sleutels.ca}",
        *(_scram(sleutels) if soort == SASL_SSL else ()),
    ]


def bij_het_formatteren(soort: str, sleutels: Sleutels) -> tuple[str, ...]:
    """With SCRAM the first users stand in the first snapshot: without them nobody could add one."""
    if soort != SASL_SSL:
        return ()
    return tuple(
        deel
        for naam in SUPERGEBRUIKERS
        for deel in (
            "--add-scram",
            f"SCRAM-SHA-512=[name={naam},password={sleutels.wachtwoord(naam).read_text()}]",
        )
    )


def toegang(bootstrap: str, soort: str, sleutels: Sleutels, wie: str) -> Toegang:
    """How this principal comes in; its certificate or password is made when it has none."""
    if soort == PLAINTEXT:
        return Toegang(bootstrap)
    if soort == SSL:
        certificaat, sleutel = sleutels.certificaat(wie)
        return Toegang(bootstrap, soort, sleutels.ca, certificaat, sleutel)
    wachtwoord = sleutels.wachtwoord(wie)
    return Toegang(bootstrap, soort, sleutels.ca, gebruiker=wie, wachtwoordbestand=wachtwoord)


def _scram(sleutels: Sleutels) -> list[str]:
    wachtwoord = sleutels.wachtwoord(BROKER).read_text()
    return [
        # Who has a password need not show a certificate; controllers have no passwords.
        "listener.name.bus.ssl.client.auth=none",
        "sasl.enabled.mechanisms=SCRAM-SHA-512",
        "sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512",
        "listener.name.bus.scram-sha-512.sasl.jaas.config="
        f'{_JAAS} username="{BROKER}" password="{wachtwoord}";',
    ]
