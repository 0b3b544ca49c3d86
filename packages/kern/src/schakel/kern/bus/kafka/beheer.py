"""Topics and rights on Kafka as two files describe them: made, brought up to date, or only checked.

This is the only part that changes a broker; services use what is there.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)
from pydantic import BaseModel, ConfigDict, PositiveInt, ValidationError

from schakel.kern.grond.instellingen import Businstellingen, Instellingen
from schakel.kern.grond.weigering import BusFout, StartFout

GEDULD = 30.0
"""Seconds for one question to the broker."""

B = TypeVar("B", bound=BaseModel)
_STIL = logging.Logger("kafka", logging.CRITICAL + 1)  # noqa: LOG001 - belongs to no tree
"""It repeats every second that a broker is away; the command says it once."""


class _Bestand(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Topicbestand(_Bestand):
    """``topics.yaml``: ``{oin}`` and ``{dienst}`` are filled in."""

    naam: str
    diensten: tuple[str, ...]
    partities: PositiveInt
    replicatiefactor: PositiveInt
    instellingen: Mapping[str, str] = {}

    def topics(self, oin: str) -> Mapping[str, str]:
        """The name of the topic of each service."""
        return {dienst: self.naam.format(oin=oin, dienst=dienst) for dienst in self.diensten}

    def met_replicatiefactor(self, aantal: int) -> "Topicbestand":
        """For another number of brokers: one of them may fail, when there are more than one."""
        anders = {"min.insync.replicas": str(max(1, aantal - 1))}
        return self.model_copy(
            update={
                "replicatiefactor": aantal,
                "instellingen": {**self.instellingen, **anders},
            }
        )


class _Rechten(_Bestand):
    schrijft: tuple[str, ...]
    leest: tuple[str, ...]


class Rechtenbestand(_Bestand):
    """``acls.yaml``: who may write and read which topic; all else is denied."""

    principal: str
    groep: str
    diensten: Mapping[str, _Rechten]

    def regels(self, oin: str, topics: Mapping[str, str]) -> Iterator[AclBinding]:
        """The rights as the broker keeps them; raises StartFout for an unknown topic."""
        for dienst, rechten in self.diensten.items():
            wie = self.principal.format(oin=oin, dienst=dienst)
            groep = self.groep.format(oin=oin, dienst=dienst)
            yield _regel(ResourceType.GROUP, groep, wie, AclOperation.READ)
            for operatie, namen in (
                (AclOperation.WRITE, rechten.schrijft),
                (AclOperation.READ, rechten.leest),
            ):
                for naam in namen:
                    if naam not in topics:
                        raise StartFout("recht-zonder-topic", f"er is geen topic van {naam}")
                    yield _regel(ResourceType.TOPIC, topics[naam], wie, operatie)


@dataclass(frozen=True)
class Bevinding:
    """What was found of one thing, and whether it is now as the file says."""

    wat: str
    stand: str
    is_goed: bool = True


def lees(bestand: Path, soort: type[B]) -> B:
    """Read one of the two files; raises StartFout with the place of the fault."""
    try:
        return soort.model_validate(yaml.safe_load(bestand.read_bytes()))
    except OSError as fout:
        raise StartFout(
            "bestand-onleesbaar", f"kan {bestand} niet lezen: {fout.strerror}"
        ) from None
    except yaml.YAMLError:
        raise StartFout("bestand-ongeldig", f"{bestand} is geen YAML") from None
    except ValidationError as fout:
        een = fout.errors(include_input=False, include_url=False)[0]
        plaats = ".".join(map(str, een["loc"])) or "het geheel"
        raise StartFout("bestand-ongeldig", f"{bestand}: {plaats}: {een['msg']}") from None


class Busbeheer:
    """One broker and what should be on it."""

    def __init__(self, instellingen: Instellingen, *, wijzig: bool) -> None:
        """Without ``wijzig`` nothing is changed: what is missing is told."""
        self._oin = instellingen.oin
        self._admin = AdminClient(_verbinding(instellingen), logger=_STIL)
        self._wijzig = wijzig

    def topics(self, bestand: Topicbestand) -> Iterator[Bevinding]:
        """Make what is missing and set what differs; raises BusFout."""
        namen = list(bestand.topics(self._oin).values())
        aanwezig = self._aanwezig(namen)
        for naam in namen:
            if naam in aanwezig:
                yield from self._vergelijk(naam, aanwezig[naam], bestand)
            elif self._wijzig:
                self._maak(naam, bestand)
                yield Bevinding(naam, "gemaakt")
            else:
                yield Bevinding(naam, "ontbreekt", is_goed=False)

    def _aanwezig(self, namen: Sequence[str]) -> Mapping[str, Any]:
        gevonden = {}
        for naam, belofte in self._admin.describe_topics(TopicCollection(list(namen))).items():
            try:
                gevonden[naam] = belofte.result(GEDULD)
            except KafkaException as fout:
                if fout.args[0].name() != "UNKNOWN_TOPIC_OR_PART":
                    raise _busfout(fout) from fout
            except TimeoutError as fout:
                raise BusFout("bus-traag", "Kafka antwoordt niet") from fout
        return gevonden

    def _maak(self, naam: str, bestand: Topicbestand) -> None:
        nieuw = NewTopic(
            naam, bestand.partities, bestand.replicatiefactor, config=dict(bestand.instellingen)
        )
        _wacht(self._admin.create_topics([nieuw])[naam], mag_bestaan=True)
        self._zie(lambda: naam in self._aanwezig([naam]))

    def _vergelijk(self, naam: str, topic: Any, bestand: Topicbestand) -> Iterator[Bevinding]:
        if len(topic.partitions) != bestand.partities:
            yield Bevinding(
                naam,
                f"heeft {len(topic.partitions)} partities in plaats van {bestand.partities}: een"
                " ander aantal breekt de volgorde; maak het topic opnieuw, het vult zich vanzelf",
                is_goed=False,
            )
        if (n := len(topic.partitions[0].replicas)) != bestand.replicatiefactor:
            yield Bevinding(
                naam,
                f"staat op {n} brokers in plaats van {bestand.replicatiefactor}: verdeel het met"
                " kafka-reassign-partitions",
                is_goed=False,
            )
        anders = self._anders(naam, bestand.instellingen)
        if not anders:
            yield Bevinding(naam, "goed")
            return
        if self._wijzig:
            self._zet(naam, anders)
        yield Bevinding(
            naam,
            ("bijgewerkt: " if self._wijzig else "wijkt af: ") + ", ".join(sorted(anders)),
            is_goed=self._wijzig,
        )

    def _anders(self, naam: str, gevraagd: Mapping[str, str]) -> Mapping[str, str]:
        bron = ConfigResource(ConfigResource.Type.TOPIC, naam)
        nu = _wacht(self._admin.describe_configs([bron])[bron])
        return {k: v for k, v in gevraagd.items() if nu[k].value != v}

    def _zet(self, naam: str, anders: Mapping[str, str]) -> None:
        zetten = AlterConfigOpType.SET
        bron = ConfigResource(
            ConfigResource.Type.TOPIC,
            naam,
            incremental_configs=[
                ConfigEntry(k, v, incremental_operation=zetten) for k, v in anders.items()
            ],
        )
        _wacht(self._admin.incremental_alter_configs([bron])[bron])
        self._zie(lambda: not self._anders(naam, anders))

    @staticmethod
    def _zie(klopt: Callable[[], bool]) -> None:
        """A cluster tells of a change a moment after it made it."""
        tot = time.monotonic() + GEDULD
        while not klopt():
            if time.monotonic() > tot:
                raise BusFout("bus-traag", "Kafka toont een wijziging niet")
            time.sleep(0.05)

    def rechten(self, bestand: Rechtenbestand, topics: Topicbestand) -> Iterator[Bevinding]:
        """Give what is missing; what nobody asked for is told, and stays. Raises BusFout."""
        gevraagd = set(bestand.regels(self._oin, topics.topics(self._oin)))
        aanwezig = self._rechten_op({(ResourceType(r.restype), r.name) for r in gevraagd})
        ontbreekt = sorted(gevraagd - aanwezig, key=_leesbaar)
        if self._wijzig and ontbreekt:
            for regel, belofte in self._admin.create_acls(ontbreekt).items():
                _wacht(belofte)
                yield Bevinding(_leesbaar(regel), "gegeven")
        else:
            yield from (Bevinding(_leesbaar(r), "ontbreekt", is_goed=False) for r in ontbreekt)
        for regel in sorted(aanwezig - gevraagd, key=_leesbaar):
            yield Bevinding(
                _leesbaar(regel), "niet in het bestand: trek het in met kafka-acls", is_goed=False
            )
        if gevraagd <= aanwezig:
            yield Bevinding("rechten", f"goed: {len(gevraagd)}")

    def _rechten_op(self, bronnen: set[tuple[ResourceType, str]]) -> set[AclBinding]:
        gevonden: set[AclBinding] = set()
        for soort, naam in bronnen:
            vraag = AclBindingFilter(  # None is any, whatever the type hints say
                soort,
                naam,
                ResourcePatternType.MATCH,
                None,  # type: ignore[arg-type]
                None,  # type: ignore[arg-type]
                AclOperation.ANY,
                AclPermissionType.ANY,
            )
            gevonden |= set(_wacht(self._admin.describe_acls(vraag)))
        return gevonden


def _regel(soort: ResourceType, naam: str, wie: str, operatie: AclOperation) -> AclBinding:
    return AclBinding(
        soort, naam, ResourcePatternType.LITERAL, wie, "*", operatie, AclPermissionType.ALLOW
    )


def _leesbaar(regel: AclBinding) -> str:
    operatie, soort = AclOperation(regel.operation), ResourceType(regel.restype)
    return f"{regel.principal} {operatie.name} {soort.name} {regel.name}"


def _wacht(belofte: Any, *, mag_bestaan: bool = False) -> Any:
    try:
        return belofte.result(GEDULD)
    except KafkaException as fout:
        if mag_bestaan and fout.args[0].name() == "TOPIC_ALREADY_EXISTS":
            return None  # another one made it at the same moment
        raise _busfout(fout) from fout
    except TimeoutError as fout:
        raise BusFout("bus-traag", "Kafka antwoordt niet") from fout


def _busfout(fout: KafkaException) -> BusFout:
    naam = fout.args[0].name()
    uitleg = {
        "INVALID_REPLICATION_FACTOR": "er zijn minder brokers dan kopieen: geef --replicatiefactor",
        "SECURITY_DISABLED": "deze broker kent geen rechten: stel authorizer.class.name in",
        "TOPIC_AUTHORIZATION_FAILED": "deze gebruiker mag dat niet: gebruik een beheerder",
        "CLUSTER_AUTHORIZATION_FAILED": "deze gebruiker mag dat niet: gebruik een beheerder",
        "_TRANSPORT": "Kafka is niet bereikbaar",
        "_TIMED_OUT": "Kafka is niet bereikbaar",
    }
    return BusFout("bus-fout", uitleg.get(naam, f"Kafka: {naam}"))


def _verbinding(instellingen: Businstellingen) -> dict[str, Any]:
    """Our settings in the words of librdkafka."""
    bestanden = {
        "ssl.ca.location": instellingen.kafka_ca,
        "ssl.certificate.location": instellingen.kafka_certificaat,
        "ssl.key.location": instellingen.kafka_sleutel,
    }
    verbinding: dict[str, Any] = {
        "bootstrap.servers": instellingen.kafka,
        "security.protocol": instellingen.kafka_beveiliging,
        "socket.timeout.ms": int(GEDULD * 1000),
        **{naam: str(bestand) for naam, bestand in bestanden.items() if bestand is not None},
    }
    if instellingen.kafka_beveiliging == "sasl_ssl":
        verbinding |= {
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": instellingen.kafka_gebruiker,
            "sasl.password": instellingen.lees_kafka_wachtwoord(),
        }
    return verbinding
