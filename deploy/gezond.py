"""Whether the service in this container answers at ``/gezond``: the HEALTHCHECK of its image."""

import http.client
import os
import sys
from urllib.parse import urlsplit


def vraag(poort: int, naam: str) -> int:
    """The status of the answer; ``naam`` because a service answers to its own name only."""
    verbinding = http.client.HTTPConnection("127.0.0.1", poort, timeout=2)
    verbinding.request("GET", "/gezond", headers={"Host": naam})
    return verbinding.getresponse().status


if __name__ == "__main__":
    adres = os.environ.get("SCHAKEL_PUBLIEKE_URL") or f"//{os.environ['SCHAKEL_HOST']}"
    try:
        status = vraag(int(os.environ["SCHAKEL_POORT"]), urlsplit(adres).netloc)
    except OSError as fout:
        sys.exit(f"geen antwoord: {fout}")
    sys.exit(0 if status == http.HTTPStatus.OK else f"antwoordt met {status}")
