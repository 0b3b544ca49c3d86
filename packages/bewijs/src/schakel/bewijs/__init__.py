"""What is proven about a log: RFC 6962 trees and the notes of C2SP. Pure; it knows no log."""

from .bewijzen import controleer_consistentie, controleer_inclusie
from .boom import LEGE_WORTEL, OMVANG_MAX, Deelboom, Rand, bladhash, knoophash
from .controlepunt import (
    Controlepunt,
    Ontvangstbewijs,
    lees_controlepunt,
    lees_ontvangstbewijs,
    lees_tekst,
)
from .deelbomen import Hashboom, Lezer
from .fout import BewijsFout, Code
from .note import NOTE_MAX, Note, lees_note
from .schrift import BLAD_MAX, als_base64, lees_blad, uit_base64
from .sleutel import COSIGNATURE, ED25519, Handtekening, Ondertekenaar, Sleutel, lees_vkey

__all__ = [
    "BLAD_MAX",
    "COSIGNATURE",
    "ED25519",
    "LEGE_WORTEL",
    "NOTE_MAX",
    "OMVANG_MAX",
    "BewijsFout",
    "Code",
    "Controlepunt",
    "Deelboom",
    "Handtekening",
    "Hashboom",
    "Lezer",
    "Note",
    "Ondertekenaar",
    "Ontvangstbewijs",
    "Rand",
    "Sleutel",
    "als_base64",
    "bladhash",
    "controleer_consistentie",
    "controleer_inclusie",
    "knoophash",
    "lees_blad",
    "lees_controlepunt",
    "lees_note",
    "lees_ontvangstbewijs",
    "lees_tekst",
    "lees_vkey",
    "uit_base64",
]
