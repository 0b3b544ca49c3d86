"""What is proven about a log, and about the contract behind it. Pure; it knows no log.

RFC 6962 trees, the notes of C2SP, the keys of logs, and JSON Web Signatures with contract keys.
"""

from .bewijzen import controleer_consistentie, controleer_inclusie
from .boom import LEGE_WORTEL, OMVANG_MAX, Deelboom, Rand, bladhash, knoophash
from .contractsleutel import Contractondertekenaar, Contractsleutel, keur_certificaat, lees_jwk
from .controlepunt import (
    Controlepunt,
    Ontvangstbewijs,
    lees_controlepunt,
    lees_ontvangstbewijs,
    lees_tekst,
)
from .deelbomen import Hashboom, Lezer
from .fout import BewijsFout, Code
from .jws import (
    OVEREENKOMST,
    VERKLARING,
    Contractant,
    controleer_jws,
    controleer_overeenkomst,
    onderteken_jws,
)
from .logsleutels import Logsleutels, keur_logsleutel
from .note import NOTE_MAX, Note, lees_note
from .pem import (
    lees_certificaten,
    lees_contractsleutel,
    lees_logsleutel,
    nieuwe_contractsleutel,
    nieuwe_logsleutel,
)
from .schrift import (
    BLAD_MAX,
    als_base64,
    als_base64url,
    lees_blad,
    uit_base64,
    uit_base64url,
)
from .sleutel import COSIGNATURE, ED25519, Handtekening, Ondertekenaar, Sleutel, lees_vkey

__all__ = [
    "BLAD_MAX",
    "COSIGNATURE",
    "ED25519",
    "LEGE_WORTEL",
    "NOTE_MAX",
    "OMVANG_MAX",
    "OVEREENKOMST",
    "VERKLARING",
    "BewijsFout",
    "Code",
    "Contractant",
    "Contractondertekenaar",
    "Contractsleutel",
    "Controlepunt",
    "Deelboom",
    "Handtekening",
    "Hashboom",
    "Lezer",
    "Logsleutels",
    "Note",
    "Ondertekenaar",
    "Ontvangstbewijs",
    "Rand",
    "Sleutel",
    "als_base64",
    "als_base64url",
    "bladhash",
    "controleer_consistentie",
    "controleer_inclusie",
    "controleer_jws",
    "controleer_overeenkomst",
    "keur_certificaat",
    "keur_logsleutel",
    "knoophash",
    "lees_blad",
    "lees_certificaten",
    "lees_contractsleutel",
    "lees_controlepunt",
    "lees_jwk",
    "lees_logsleutel",
    "lees_note",
    "lees_ontvangstbewijs",
    "lees_tekst",
    "lees_vkey",
    "nieuwe_contractsleutel",
    "nieuwe_logsleutel",
    "onderteken_jws",
    "uit_base64",
    "uit_base64url",
]
