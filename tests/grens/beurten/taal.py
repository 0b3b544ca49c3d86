"""The language between organisations, written down once more from its annex: what may cross."""

import re
from collections.abc import Mapping
from typing import Any, Final

LAATSTE: Final = frozenset({"geweigerd", "afgesloten"})
_STAM: Final = frozenset({"schakelId", "nummer", "bij", "door"})
_SLOT: Final = frozenset(
    {"voltooid", "omgezet", "geen_overeenstemming", "afgewezen", "ingetrokken", "afgebroken"}
)

_VELDEN: Final[Mapping[str, tuple[str, str]]] = {
    "aangeboden": (
        "v",
        "soort ketenId diepte vanuit? model naar? soortVolgensVrager? dienst kanaal melder ronde n"
        " uiterlijk gereedVoor? wacht vervangt? heeftInhoud",
    ),
    "ingetrokken": ("v", "aanleiding"),
    "aangenomen": ("u", "volgnummer meldingsoort uiterlijk"),
    "geweigerd": ("u", "reden"),
    "voortgang": ("u", "stand uiterlijk?"),
    "gereedgemeld": ("u", "resultaat ronde uiterlijk heeftInhoud"),
    "afgesloten": ("u", "uitkomst vervangen?"),
    "onbegrepen": ("vu", "over code"),
}
"""What a deelproces says: of which side, with which members (? where it may be absent)."""
_VERBINDING: Final[Mapping[str, str]] = {
    "sleutels": "verklaring",
    "eindigt": "per",
    "controlepunten": "controlepunten",
    "herstel": "gevallen omvang",
}
_LEESCODES: Final = (
    "te-groot geen-json geen-cloudevent verkeerde-bron verkeerde-kant onbekend-type"
    " nieuwere-versie ongeldige-inhoud gat"
)
_CODES: Final[Mapping[str, str]] = {
    "reden": f"niet-afgesproken te-diep uitloop te-laat ingetrokken {_LEESCODES}",
    "code": _LEESCODES,
    "aanleiding": "niet-meer-nodig melder vrager teruggenomen termijn-verstreken ouder-beeindigd"
    " overig",
    "resultaat": "afgesproken gewijzigd hersteld uitgevoerd verbeterd geleverd gedaan voltooid"
    " overig",
    "dienst": "verlichting wegen",
    "kanaal": "balie telefoon web e-mail post keten",
    "melder": "burger bedrijf volksvertegenwoordiging ketenpartner ambtenaar",
    "grond": "avg verzoek bewaartermijn toestemming-ingetrokken onrechtmatig wettelijke-plicht"
    " lopende-procedure overig",
}
_ROLLEN: Final = "medewerker intaker behandelaar beheer beheerder systeem loket melder overig"
_ENVELOP: Final = "specversion id source type subject time datacontenttype data"


def wat_mis_is(blad: Mapping[str, Any], oin: str) -> str | None:
    """Why ``oin`` may not say this; None when it may."""
    if set(blad) != {*_ENVELOP.split()} or not blad["source"].startswith(
        f"urn:nld:oin:{oin}:systeem:"
    ):
        return "the envelope"
    gevonden = re.fullmatch(r"nl\.schakels\.(verbinding\.)?([a-z-]+)\.v1", blad["type"])
    if gevonden is None:
        return "no type of the list"
    data, feit = blad["data"], gevonden[2]
    if data["door"].keys() != {"organisatie", "rol"} or data["door"]["organisatie"] != oin:
        return "who says it"
    if data["door"]["rol"] not in _ROLLEN.split():
        return "in what role it is said"
    if gevonden[1]:
        eigen = {"nummer", "door", *_VERBINDING.get(feit, "").split()}
        return None if feit in _VERBINDING and data.keys() == eigen else "about the link"
    return _wat_mis_is_in(blad["id"], feit, data)


def _wat_mis_is_in(id_: str, feit: str, data: Mapping[str, Any]) -> str | None:
    if feit not in _VELDEN:
        return "nothing that a deelproces says"
    kanten, namen = _VELDEN[feit]
    kant = id_.split(".")[1]
    if kant not in kanten or id_ != f"{data['schakelId']}.{kant}.{data['nummer']}":
        return "its id"
    moet = {naam for naam in namen.split() if naam[-1] != "?"}
    mag = {naam.rstrip("?") for naam in namen.split()}
    velden = data.keys() - _STAM
    if not (moet <= velden <= mag):
        return f"members {velden}"
    if feit == "afgesloten":
        is_omgezet = data["uitkomst"] == "omgezet"
        if data["uitkomst"] not in _SLOT or is_omgezet is not ("vervangen" in data):
            return "end"
        genoemd = [een["dienst"] for een in data.get("vervangen", ())]
        return None if all(een in _CODES["dienst"].split() for een in genoemd) else "vervangen"
    mis = [n for n, lijst in _CODES.items() if n in data and data[n] not in lijst.split()]
    return f"its {mis}" if mis else None


def verteld_als(bericht: Any) -> str | None:
    """What the giver's house is told of an applied message, as a child would have said it."""
    match bericht.FEIT:
        case "aangenomen" | "gereedgemeld":
            return str(bericht.FEIT)
        case "voortgang":
            return "opgeschort" if bericht.stand == "opgeschort" else None
        case "geweigerd":
            return "afgewezen"
        case "afgesloten" if bericht.uitkomst in ("voltooid", "afgewezen"):
            return str(bericht.uitkomst)
        case "afgesloten":
            return "gesloten"
        case _:
            return None
