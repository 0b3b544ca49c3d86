"""Whether a message may be kept: said by who may say it, and all of it as the contract has it.

What is kept is kept for ever, and is what everything else is derived from. So here is read as
strictly as a sender has to write.
"""

from collections.abc import Mapping
from uuid import UUID

from pydantic import ValidationError

from schakel.afleiding import Waarneming
from schakel.contracts import historie
from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.contracts.envelop import feit_van
from schakel.contracts.topics import is_ingevoerd
from schakel.contracts.werkstromen import Proces
from schakel.kern.bus.bericht import Bericht

_VAN_EEN_INVOER = 5
"""The version of the ids of what is imported (they follow from a name); no service draws such."""


def keur(bericht: Bericht, gelezen: Waarneming, processen: Mapping[str, Proces]) -> None:
    """Raise OnleesbaarBericht unless this may be kept; ``gelezen`` is what is derived from."""
    plaats = gelezen.data
    if is_ingevoerd(bericht.source):
        _keur_invoer(bericht, gelezen)
    else:
        if processen.get(bericht.source) is not plaats.proces:
            raise _geen_eigenaar(f"dit is geen woord van {plaats.proces} zelf")
        if _VAN_EEN_INVOER in _versies(gelezen):
            raise _geen_eigenaar("dit gaat over wat is ingevoerd")
        feit_van(bericht.type, bytes(bericht.data))
        _keur_ids(
            plaats.overdracht and plaats.overdracht.kind_id,
            plaats.kind_id,
            *(termijn.kind_id for termijn in plaats.termijnen),
        )
    _keur_ids(plaats.melding_id, plaats.wortel_id, plaats.ouder_id)
    if (bericht.subject, bericht.partitionkey) != (plaats.melding_id, plaats.wortel_id):
        raise _ongeldig("subject of partitionkey is niet die van de data")


def _keur_invoer(bericht: Bericht, gelezen: Waarneming) -> None:
    """An import tells of all processes, and of nothing but what it brought in itself."""
    if _versies(gelezen) != {_VAN_EEN_INVOER}:
        raise _geen_eigenaar("dit gaat niet over wat is ingevoerd")
    if bericht.type not in historie.TYPEN:
        raise _ongeldig(f"{bericht.type}: zo spreekt een invoer niet")
    try:
        historie.Ingevoerd.model_validate_json(bytes(bericht.data), strict=True)
    except ValidationError as fout:
        eerste = fout.errors(include_input=False, include_url=False)[0]
        waar = ".".join(map(str, eerste["loc"]))
        raise _ongeldig(f"{bericht.type}: het veld {waar} klopt niet") from None


def _versies(gelezen: Waarneming) -> set[int | None]:
    """Of the ids of melding and tree; raises OnleesbaarBericht for what is no id."""
    return {_id(tekst).version for tekst in (gelezen.data.melding_id, gelezen.data.wortel_id)}


def _keur_ids(*ids: str | None) -> None:
    """They are compared as text, so each has one spelling."""
    for tekst in ids:
        if tekst is not None and str(_id(tekst)) != tekst:
            raise _ongeldig("een id staat niet in kleine letters, met streepjes")


def _id(tekst: str) -> UUID:
    try:
        return UUID(tekst)
    except ValueError:
        raise _ongeldig("een id is geen UUID") from None


def _ongeldig(uitleg: str) -> OnleesbaarBericht:
    return OnleesbaarBericht(Leesfout.ONGELDIGE_INHOUD, uitleg)


def _geen_eigenaar(uitleg: str) -> OnleesbaarBericht:
    return OnleesbaarBericht(Leesfout.GEEN_EIGENAAR, uitleg)
