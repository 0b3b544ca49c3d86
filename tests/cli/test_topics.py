"""``schakel topics`` on a real broker."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import TopicCollection
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource
from deploy.lokaal.toegang import Toegang
from tests.cli.conftest import Gezegd, wacht_tot

BESTANDEN = Path(__file__).parents[2] / "deploy" / "kafka"
TOPICS = BESTANDEN / "topics.yaml"


@pytest.fixture
def omgeving(
    kafka: Toegang, oin: str, monkeypatch: pytest.MonkeyPatch, _schone_omgeving: None
) -> AdminClient:
    """The settings of an organisation that has nothing yet."""
    for naam, waarde in kafka.omgeving().items():
        monkeypatch.setenv(naam, waarde)
    monkeypatch.setenv("SCHAKEL_OIN", oin)
    return AdminClient({"bootstrap.servers": kafka.bootstrap})


def standen(gezegd: Gezegd) -> list[str]:
    return [een["stand"] for een in json.loads(gezegd.uit)]


def test_eerst_maakt_het_de_topics_en_daarna_zijn_ze_goed(
    omgeving: AdminClient, oin: str, schakel: Callable[..., Gezegd]
) -> None:
    vraag = ("topics", "--bestand", TOPICS, "--replicatiefactor", 1, "-o", "json")
    assert standen(schakel(*vraag, "--controleer")) == ["ontbreekt"] * 7
    gemaakt = schakel(*vraag)
    assert (gemaakt.code, standen(gemaakt)) == (0, ["gemaakt"] * 7)
    nog_eens = schakel(*vraag, "--controleer")
    assert (nog_eens.code, standen(nog_eens)) == (0, ["goed"] * 7)
    naam = f"schakel.{oin}.herstellen.v1"
    (belofte,) = omgeving.describe_topics(TopicCollection([naam])).values()
    assert len(belofte.result(10).partitions) == 4


@pytest.mark.parametrize(("wat", "stand"), [("retention.ms", "1000"), ("compression.type", "zstd")])
def test_wat_een_ander_verstelde_ziet_het_en_zet_het_terug(
    omgeving: AdminClient, oin: str, schakel: Callable[..., Gezegd], wat: str, stand: str
) -> None:
    vraag = ("topics", "--bestand", TOPICS, "--replicatiefactor", 1, "-o", "json")
    schakel(*vraag)
    bron = ConfigResource(
        ConfigResource.Type.TOPIC,
        f"schakel.{oin}.wijzigen.v1",
        incremental_configs=[ConfigEntry(wat, stand, incremental_operation=AlterConfigOpType.SET)],
    )
    omgeving.incremental_alter_configs([bron])[bron].result(10)
    # What a broker takes it tells a moment later.
    wacht_tot(lambda: schakel(*vraag, "--controleer").code == 1, 10)
    assert standen(schakel(*vraag, "--controleer"))[1] == f"wijkt af: {wat}"
    assert standen(schakel(*vraag))[1] == f"bijgewerkt: {wat}"
    wacht_tot(lambda: schakel(*vraag, "--controleer").code == 0, 10)


def test_een_ander_aantal_partities_wordt_gemeld_en_niet_gewijzigd(
    omgeving: AdminClient, tmp_path: Path, schakel: Callable[..., Gezegd]
) -> None:
    """Another number would send a tree elsewhere, past what is still under way."""
    schakel("topics", "--bestand", TOPICS, "--replicatiefactor", 1)
    anders = tmp_path / "topics.yaml"
    anders.write_text(TOPICS.read_text().replace("partities: 4", "partities: 8"))
    gezegd = schakel("topics", "--bestand", anders, "--replicatiefactor", 1, "-o", "json")
    assert gezegd.code == 1
    assert "4 partities in plaats van 8" in standen(gezegd)[0]


@pytest.mark.parametrize(
    ("inhoud", "uitleg"),
    [
        ("naam: [", "is geen YAML"),
        ("naam: x", "diensten: Field required"),
        (None, "kan"),
    ],
)
def test_een_bestand_dat_niet_deugt_is_een_regel_en_eindigt_met_2(
    omgeving: AdminClient,
    tmp_path: Path,
    schakel: Callable[..., Gezegd],
    inhoud: str | None,
    uitleg: str,
) -> None:
    bestand = tmp_path / "topics.yaml"
    if inhoud is not None:
        bestand.write_text(inhoud)
    gezegd = schakel("topics", "--bestand", bestand)
    assert (gezegd.code, gezegd.uit) == (2, "")
    assert uitleg in gezegd.fout
    assert gezegd.fout.count("\n") == 1


def test_zonder_brokers_of_met_te_weinig_staat_er_wat_te_doen(
    omgeving: AdminClient, monkeypatch: pytest.MonkeyPatch, schakel: Callable[..., Gezegd]
) -> None:
    te_weinig = schakel("topics", "--bestand", TOPICS)
    assert (te_weinig.code, "--replicatiefactor" in te_weinig.fout) == (1, True)
    monkeypatch.delenv("SCHAKEL_KAFKA")
    zonder = schakel("topics", "--bestand", TOPICS)
    assert (zonder.code, "SCHAKEL_KAFKA" in zonder.fout) == (2, True)


def test_een_broker_zonder_rechten_zegt_dat(
    omgeving: AdminClient, schakel: Callable[..., Gezegd]
) -> None:
    acls = ("--acls", BESTANDEN / "acls.yaml")
    gezegd = schakel("topics", "--bestand", TOPICS, "--replicatiefactor", 1, *acls)
    assert gezegd.code == 1
    assert "authorizer.class.name" in gezegd.fout
