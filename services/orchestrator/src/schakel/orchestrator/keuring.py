"""Whether a message may be kept: said by who may say it, and all of it as the contract has it.

What is kept is kept for ever, and is what everything else is derived from. So here is read as
strictly as a sender has to write.
"""

import re
from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from schakel.afleiding import Waarneming
from schakel.contracts import historie
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.contracts.deelproces import INGEKOMEN
from schakel.contracts.envelop import feit_van
from schakel.contracts.feit import Feit
from schakel.contracts.topics import is_ingevoerd, is_van_grens, mag_zeggen
from schakel.contracts.werkstromen import Proces
from schakel.kern.bus.bericht import Bericht

_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-"
    r"(?:(?P<invoer>5[0-9a-f]{3}-[89ab])|[0-9a-f]{4}-[0-9a-f])[0-9a-f]{3}-[0-9a-f]{12}"
)
"""Ids are compared as text, so each has one spelling. Those of what is imported follow from a name
(version 5); no service draws such."""


def keur(bericht: Bericht, gelezen: Waarneming, processen: Mapping[str, Proces]) -> Feit | None:
    """Raise OnleesbaarBericht unless this may be kept; ``gelezen`` is what is derived from.

    Gives all of it, if a service of the house said so and not an import.
    """
    feit = None
    plaats = gelezen.data
    ingevoerd = {_is_van_invoer(plaats.melding_id), _is_van_invoer(plaats.wortel_id)}
    if is_ingevoerd(bericht.source):
        _keur_invoer(bericht, ingevoerd)
    elif not mag_zeggen(bericht.source, bericht.type, plaats.proces, processen):
        raise _geen_eigenaar(f"dit is geen woord van {plaats.proces} zelf")
    elif is_van_grens(bericht.source) and plaats.ouder_id is None and not _komt_in(bericht.type):
        raise _geen_eigenaar("de grens spreekt alleen voor wat een ander van een gever kreeg")
    elif any(ingevoerd):
        raise _geen_eigenaar("dit gaat over wat is ingevoerd")
    else:
        feit = feit_van(bericht.type, bytes(bericht.data))
        for andere in _andere_ids(gelezen):
            _is_van_invoer(andere)
    if (bericht.subject, bericht.partitionkey) != (plaats.melding_id, plaats.wortel_id):
        raise _ongeldig("subject of partitionkey is niet die van de data")
    return feit


def _komt_in(type_: str) -> bool:
    """Whether this is what the grens says to who is to do the work, and not what a child says."""
    return CATALOGUS.get(type_) in INGEKOMEN


def _keur_invoer(bericht: Bericht, ingevoerd: set[bool]) -> None:
    """An import tells of all processes, and of nothing but what it brought in itself."""
    if not all(ingevoerd):
        raise _geen_eigenaar("dit gaat niet over wat is ingevoerd")
    if bericht.type not in historie.TYPEN:
        raise _ongeldig(f"{bericht.type}: zo spreekt een invoer niet")
    try:
        historie.Ingevoerd.model_validate_json(bytes(bericht.data), strict=True)
    except ValidationError as fout:
        eerste = fout.errors(include_input=False, include_url=False)[0]
        waar = ".".join(map(str, eerste["loc"]))
        raise _ongeldig(f"{bericht.type}: het veld {waar} klopt niet") from None


def _andere_ids(gelezen: Waarneming) -> Iterator[str]:
    """Those of the meldingen that it names beside its own."""
    inhoud = gelezen.data
    if inhoud.ouder_id is not None:
        yield inhoud.ouder_id
    if inhoud.kind_id is not None:
        yield inhoud.kind_id
    if inhoud.deel_van is not None:
        yield inhoud.deel_van.schakel_id
    if inhoud.overdracht is not None:
        yield inhoud.overdracht.kind_id
    for termijn in inhoud.termijnen:
        if termijn.kind_id is not None:
            yield termijn.kind_id


def _is_van_invoer(tekst: str) -> bool:
    """Whether an import gave this id; raises OnleesbaarBericht for what is none."""
    gevonden = _ID.fullmatch(tekst)
    if gevonden is None:
        raise _ongeldig("een id is geen UUID in kleine letters, met streepjes")
    return gevonden["invoer"] is not None


def _ongeldig(uitleg: str) -> OnleesbaarBericht:
    return OnleesbaarBericht(Leesfout.ONGELDIGE_INHOUD, uitleg)


def _geen_eigenaar(uitleg: str) -> OnleesbaarBericht:
    return OnleesbaarBericht(Leesfout.GEEN_EIGENAAR, uitleg)
