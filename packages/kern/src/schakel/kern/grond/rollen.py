"""The roles that give access; which step or route asks which stands there."""

from enum import StrEnum


class Rol(StrEnum):
    """What someone may do here. People get the first four, other systems ``systeem``."""

    INTAKER = "intaker"
    BEHANDELAAR = "behandelaar"
    LEZER = "lezer"
    BEHEERDER = "beheerder"
    SYSTEEM = "systeem"
