"""An OCEL log on disk: events, objects and their relations, whichever form it came in."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from . import taal
from .bron import Invoerbestand
from .fout import Bestandsfout
from .leesgang import Leesgang
from .regels import Regels

ID, SOORT, TIJD = "ocel:id", "ocel:type", "ocel:time"
OBJECT, KWALIFICATIE = "ocel:object", "ocel:qualifier"
VAN_OBJECT = "object:"
NUMMER, OBJECTSOORT = "\1nummer", "\1objectsoort"
"""Names beside the attributes of the log, which cannot be called like this."""


class Logboek:
    """The files; ``objectsoort`` is the type of object that is the case."""

    def __init__(self, gang: Leesgang, invoer: Invoerbestand) -> None:
        """All four are empty."""
        naam = invoer.naam
        self.gebeurtenissen = gang.regels("gebeurtenissen", naam, taal.teksten([ID, SOORT, TIJD]))
        self.objecten = gang.regels("objecten", naam, taal.teksten([OBJECT, OBJECTSOORT]))
        self.kenmerken = gang.regels("kenmerken", naam, taal.teksten([OBJECT]))
        self.relaties = gang.regels(
            "relaties", naam, {NUMMER: "BIGINT"} | taal.teksten([ID, OBJECT, KWALIFICATIE])
        )
        self.objectsoort = ""

    @property
    def delen(self) -> Sequence[Regels]:
        """The four files."""
        return self.gebeurtenissen, self.objecten, self.kenmerken, self.relaties

    def sluit(self) -> None:
        """All is on disk after this."""
        for deel in self.delen:
            deel.sluit()

    def kies(self, gang: Leesgang, invoer: Invoerbestand, soorten: Sequence[str]) -> None:
        """Settle which type of object is the case: the one that is named, or the only one."""
        gevraagd = gang.opties.objecttype
        if gevraagd is None and len(soorten) == 1:
            self.objectsoort = soorten[0]
        elif gevraagd in soorten:
            self.objectsoort = str(gevraagd)
        else:
            waarom = (
                f"het objecttype {gevraagd!r} komt niet voor"
                if gevraagd
                else "er zijn meer objecttypes, of er is er geen"
            )
            raise Bestandsfout(
                "objecttype-kiezen",
                invoer.naam,
                f"{waarom}; kies met --objecttype wat de zaak is:"
                f" {', '.join(soorten) or '(er zijn geen objecten)'}",
            )

    def gebeurtenis(self, nummer: Any, soort: Any, tijd: Any, kenmerken: Mapping[str, Any]) -> None:
        """An event with its attributes."""
        self.gebeurtenissen.schrijf(
            {k: als_tekst(w) for k, w in kenmerken.items()}
            | {ID: als_tekst(nummer), SOORT: als_tekst(soort), TIJD: als_tekst(tijd)}
        )

    def object(self, nummer: Any, soort: Any) -> None:
        """An object of any type."""
        self.objecten.schrijf({OBJECT: als_tekst(nummer), OBJECTSOORT: als_tekst(soort)})

    def kenmerk(self, nummer: Any, waarden: Mapping[str, Any]) -> None:
        """What was said last of an object of the chosen type."""
        self.kenmerken.schrijf(
            {OBJECT: als_tekst(nummer)}
            | {VAN_OBJECT + k: als_tekst(w) for k, w in waarden.items() if k}
        )

    def relatie(self, gebeurtenis: Any, object_: Any, kwalificatie: Any) -> None:
        """An event that belongs to an object."""
        self.relaties.schrijf(
            {
                NUMMER: self.relaties.aantal + 1,
                ID: als_tekst(gebeurtenis),
                OBJECT: als_tekst(object_),
                KWALIFICATIE: als_tekst(kwalificatie),
            }
        )


def als_tekst(waarde: Any) -> str | None:
    """A value as text: as JSON writes it where it is none."""
    if waarde is None or isinstance(waarde, str):
        return waarde
    if isinstance(waarde, bytes):
        return waarde.hex()
    return msgspec.json.encode(waarde).decode()
