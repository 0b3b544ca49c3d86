"""The roles that give access; which route asks which stands with the route."""

from enum import StrEnum


class Rol(StrEnum):
    """What someone may do here. People get the first four, other systems ``systeem``."""

    INTAKER = "intaker"
    BEHANDELAAR = "behandelaar"
    LEZER = "lezer"
    BEHEERDER = "beheerder"
    SYSTEEM = "systeem"
