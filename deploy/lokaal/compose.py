"""What compose.yaml says, as processes of this machine: the same commands with the same settings.

Only places differ: the names of hosts, the published ports, and where a mounted file really is.
What this does not know it refuses, so that nobody believes it was started in the same way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from deploy.lokaal.fouten import InfraFout

from schakel.contracts.organisatie import BASISPOORT

COMPOSE = Path(__file__).parents[2] / "compose.yaml"

VERTAALD = {
    "build",
    "command",
    "environment",
    "depends_on",
    "secrets",
    "configs",
    "ports",
    "volumes",
}
ALLEEN_IN_EEN_CONTAINER = {
    "image",
    "read_only",
    "tmpfs",
    "cap_drop",
    "security_opt",
    "pids_limit",
    "mem_limit",
    "networks",
    "restart",
    "healthcheck",
    "stop_grace_period",
    "profiles",
}
KLAAR = "service_completed_successfully"
GEZOND = "service_healthy"


@dataclass(frozen=True)
class Onderdeel:
    """One process."""

    naam: str
    opdracht: tuple[str, ...]
    omgeving: Mapping[str, str]
    wacht_op: Mapping[str, str]
    """What must have happened to which other part before this one starts."""
    eenmalig: bool
    """A job that ends, and on which others wait."""

    @property
    def adres(self) -> str:
        """Where it is reached; empty for a job."""
        return self.omgeving.get("SCHAKEL_PUBLIEKE_URL", "")


class Compose:
    """The file, and its translation."""

    def __init__(self, bestand: Path = COMPOSE) -> None:
        """Read it; raises InfraFout when it says what is not known here."""
        self._map = bestand.parent
        self._inhoud: dict[str, Any] = yaml.safe_load(bestand.read_text())
        self._diensten: dict[str, dict[str, Any]] = self._inhoud["services"]
        wachten = (_wacht_op(dienst) for dienst in self._diensten.values())
        self._eenmalig = {naam for w in wachten for naam, eis in w.items() if eis == KLAAR}
        for naam, dienst in self._gebouwd():
            if vreemd := dienst.keys() - VERTAALD - ALLEEN_IN_EEN_CONTAINER:
                raise InfraFout(f"compose.yaml: {naam}: {', '.join(sorted(vreemd))} is onbekend")

    @property
    def geheimen(self) -> Mapping[str, Path]:
        """Every secret, and the file that it is in."""
        return {n: self._map / een["file"] for n, een in self._inhoud["secrets"].items()}

    @property
    def oin(self) -> str:
        """Of the organisation; that all have the same is for a test to see."""
        gezet = (dienst.get("environment", {}) for dienst in self._diensten.values())
        return next(str(omgeving["SCHAKEL_OIN"]) for omgeving in gezet if "SCHAKEL_OIN" in omgeving)

    def kafka(self, plaatsen: Mapping[str, str], geheimen: Path) -> tuple[str, str]:
        """The id of its cluster, and the settings that its image makes of the environment."""
        dienst = self._diensten["kafka"]
        hier = {**plaatsen, **self._bestanden(dienst, geheimen)}
        regels = [
            f"{naam.removeprefix('KAFKA_').lower().replace('_', '.')}={_vertaal(waarde, hier)}\n"
            for naam, waarde in dienst["environment"].items()
            if naam.startswith("KAFKA_") and naam != "KAFKA_HEAP_OPTS"
        ]
        return dienst["environment"]["CLUSTER_ID"], "".join(regels)

    def onderdelen(
        self, hosts: Mapping[str, str], geheimen: Path, basispoort: int = BASISPOORT
    ) -> Sequence[Onderdeel]:
        """Everything that is built here: ``hosts`` says where ``kafka:9092`` is on this machine."""
        return [
            self._onderdeel(naam, dienst, hosts, geheimen, basispoort)
            for naam, dienst in self._gebouwd()
        ]

    def _gebouwd(self) -> Iterator[tuple[str, dict[str, Any]]]:
        return ((naam, dienst) for naam, dienst in self._diensten.items() if "build" in dienst)

    def _onderdeel(
        self,
        naam: str,
        dienst: Mapping[str, Any],
        hosts: Mapping[str, str],
        geheimen: Path,
        basispoort: int,
    ) -> Onderdeel:
        plaatsen = {**hosts, **self._bestanden(dienst, geheimen)}

        def hier(tekst: object) -> str:
            return _vertaal(str(tekst), plaatsen)

        omgeving = {n: hier(waarde) for n, waarde in dienst.get("environment", {}).items()}
        # Here all are on this machine, where the messages say that they are.
        omgeving.pop("SCHAKEL_ADRESSEN", None)
        for regel in dienst.get("ports", ()):
            host, was, poort = _gepubliceerd(regel, basispoort)
            if was == omgeving.get("SCHAKEL_PARTNERPOORT"):
                omgeving["SCHAKEL_PARTNERPOORT"] = str(poort)
                continue
            omgeving |= {
                "SCHAKEL_HOST": host,
                "SCHAKEL_POORT": str(poort),
                "SCHAKEL_PUBLIEKE_URL": omgeving["SCHAKEL_PUBLIEKE_URL"].replace(
                    f":{was}", f":{poort}"
                ),
            }
        return Onderdeel(
            naam,
            (_programma(dienst), *map(hier, dienst.get("command", ()))),
            omgeving,
            _wacht_op(dienst),
            naam in self._eenmalig,
        )

    def _bestanden(self, dienst: Mapping[str, Any], geheimen: Path) -> Mapping[str, str]:
        """Where the files are that this service, and no other, has mounted."""
        gemount = {
            een["target"]: str(self._map / self._inhoud["configs"][een["source"]]["file"])
            for een in dienst.get("configs", ())
        }
        for regel in dienst.get("volumes", ()):
            bron, _, doel = regel.removesuffix(":ro").partition(":")
            if bron.startswith("./"):  # else it is a volume of an image
                gemount[doel] = str(self._map / bron)
        return gemount | {
            f"/run/secrets/{naam}": str(geheimen / naam) for naam in dienst.get("secrets", ())
        }


def _wacht_op(dienst: Mapping[str, Any]) -> Mapping[str, str]:
    return {naam: eis["condition"] for naam, eis in dienst.get("depends_on", {}).items()}


def _gepubliceerd(regel: str, basis: int) -> tuple[str, str, int]:
    """Of ``host:outside:inside``: host, port there, and here, in a row that begins at ``basis``."""
    host, buiten, binnen = regel.split(":")
    if buiten != binnen:
        raise InfraFout(f"{regel}: buiten en binnen moet de poort hier dezelfde zijn")
    return host, binnen, int(buiten) + basis - BASISPOORT


def _programma(dienst: Mapping[str, Any]) -> str:
    """What the Dockerfile makes the entrypoint."""
    naam = dienst["build"]["args"]["DIENST"]
    return "schakel" if naam == "cli" else f"schakel-{naam}"


def _vertaal(tekst: str, plaatsen: Mapping[str, str]) -> str:
    heel = tekst.replace("$$", "\0")
    if "$" in heel:
        raise InfraFout(f"compose.yaml: {tekst}: variabelen zijn hier onbekend")
    # A longer name first: postgres-a is not the beginning of postgres-ab.
    for plaats in sorted(plaatsen, key=len, reverse=True):
        heel = heel.replace(plaats, plaatsen[plaats])
    return heel.replace("\0", "$")
