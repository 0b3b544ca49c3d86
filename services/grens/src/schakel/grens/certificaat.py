"""Who somebody is by the certificate that TLS checked: the OIN as its subject serialNumber."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.types import Scope

from schakel.contracts.organisatie import OIN


def oin_van_certificaat(scope: Scope) -> str | None:
    """Of the client certificate, whose chain the server checked."""
    return oin_in(scope.get("state", {}).get("peercert"))


def oin_in(certificaat: Mapping[str, Any] | None) -> str | None:
    """The subject serialNumber, as ``getpeercert`` gives it."""
    delen = [deel for reeks in (certificaat or {}).get("subject", ()) for deel in reeks]
    nummers = [waarde for naam, waarde in delen if naam == "serialNumber"]
    return nummers[0] if len(nummers) == 1 and re.fullmatch(OIN, nummers[0]) else None
