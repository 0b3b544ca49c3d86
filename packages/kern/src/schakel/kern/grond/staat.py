"""How a part of a service is doing."""

from enum import StrEnum


class Staat(StrEnum):
    """Only ``weg`` makes a service not ready: a bus that is away does not."""

    GOED = "goed"
    GESTOORD = "gestoord"
    WEG = "weg"
