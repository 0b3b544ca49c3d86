"""The roles that give access; which step or route asks which stands there."""

from enum import StrEnum


class Rol(StrEnum):
    """What someone may do here.

    People are the first five, other systems ``systeem`` and ``loket``. Nothing is asked of auditor
    and loket yet: their routes come later.
    """

    INTAKER = "intaker"
    BEHANDELAAR = "behandelaar"
    LEZER = "lezer"
    BEHEERDER = "beheerder"
    AUDITOR = "auditor"
    SYSTEEM = "systeem"
    LOKET = "loket"
