"""How much may be kept of what cannot be handled."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, Field

_MEG = 1024 * 1024


class Parkeerinstellingen(BaseModel):
    """The part of the settings that parking asks for: bounds per topic and in all."""

    parkeer_rijen: Annotated[int, Field(ge=1)] = 50_000
    parkeer_rijen_per_bron: Annotated[int, Field(ge=1)] = 10_000
    parkeer_bytes: Annotated[int, Field(ge=1)] = 256 * _MEG
    parkeer_bytes_per_bron: Annotated[int, Field(ge=1)] = 64 * _MEG
    parkeer_bewaren: Annotated[timedelta, Field(ge=timedelta(0))] = timedelta(days=30)
    """How long what was released or rejected keeps its bytes."""
