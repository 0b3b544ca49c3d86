"""Where to find schakels: one row for each, written in the transaction of its events."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

import msgspec

from schakel.contracts.schakels.berichten import (
    SchakelAangeboden,
    SchakelWissingBeantwoord,
    SchakelWissingGevraagd,
)
from schakel.contracts.schakels.woorden import Kant
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.transactie import Transactie
from schakel.kern.vastlegging.werk import Werk

from .schakel import Schakel

_ZET: Final = (
    "INSERT INTO schakels VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
    " gever = excluded.gever, dicht = excluded.dicht, wacht = excluded.wacht,"
    " wacht_altijd = excluded.wacht_altijd, overzicht = excluded.overzicht"
)
_VOLGENDE_OPEN: Final = (
    "SELECT partner FROM schakels WHERE dicht = 0 AND partner > ? ORDER BY partner LIMIT 1"
)
_WACHT: Final = [
    f"SELECT id FROM schakels WHERE partner = ? AND {wacht} IS NOT NULL ORDER BY {wacht} LIMIT ?"  # noqa: S608 - of two names
    for wacht in ("wacht", "wacht_altijd")
]
_ZET_EINDE: Final = "INSERT INTO einden VALUES (?, ?) ON CONFLICT (logboek) DO NOTHING"
ALTIJD: Final = frozenset({SchakelWissingGevraagd.FEIT, SchakelWissingBeantwoord.FEIT})
"""What is said in a blokkade too."""
NOTEN: Final = 20
"""So many are shown, the last ones: a partner may make as many as it likes."""
_SCHRIJF = msgspec.json.Encoder().encode


def projecteer(werk: Werk[Any], schakel: Schakel) -> None:
    """Write the row of a changed schakel."""
    gever = schakel.plaats.ouder
    nu = schakel.te_zeggen_nu
    werk.rij(
        _ZET,
        (
            schakel.id.hex,
            schakel.partner,
            schakel.wij.value,
            schakel.schakel.hex,
            gever and gever.id.hex,
            int(not schakel.is_open),
            min((een.volgorde for een in nu), default=None),
            min((een.volgorde for een in nu if een.feit in ALTIJD), default=None),
            _SCHRIJF(kenmerken(schakel)),
        ),
    )


def kenmerken(schakel: Schakel) -> Mapping[str, Any]:
    """What a schakel shows: codes and numbers, never what somebody wrote."""
    vouw = schakel.vouw
    beurten = vouw.beurten_met(SchakelAangeboden.FEIT)
    aanbod = next((b.bericht for b in beurten if isinstance(b.bericht, SchakelAangeboden)), None)
    ouder, deel = schakel.plaats.ouder, schakel.plaats.deel
    vrager, uitvoerder = vouw.stand.paar
    return {
        "schakelId": str(schakel.schakel),
        "partner": schakel.partner,
        "wij": "vrager" if schakel.wij is Kant.VRAGER else "uitvoerder",
        "soort": vouw.stand.soort,
        "ketenId": aanbod and aanbod.keten_id,
        "diepte": aanbod and aanbod.diepte,
        "naar": aanbod and aanbod.naar,
        "dienst": aanbod and aanbod.dienst,
        "vrager": vrager,
        "uitvoerder": uitvoerder,
        "isDicht": vouw.stand.is_dicht,
        "meldingId": str(ouder.id if ouder else schakel.plaats.boom) if ouder or deel else None,
        "gezegd": len(schakel.rij(schakel.wij)),
        "gehoord": len(schakel.rij(schakel.wij.overkant)),
        "teZeggen": len(schakel.voornemens),
        "wissingOpen": schakel.wissing_open,
        "wissingen": [
            {
                "kant": kant.value,
                "nummer": een.nummer,
                "antwoord": getattr(een, "antwoord", None),
                "grond": een.grond,
            }
            for kant, een in schakel.wissingen(NOTEN)
        ],
        "aantalNoten": vouw.aantal_noten,
        "noten": [
            {"kant": noot.kant.value, "nummer": noot.nummer, "feit": noot.feit}
            for noot in vouw.laatste_noten(NOTEN)
        ],
    }


def gevraagd_door(werk: Werk[Schakel], gever: UUID) -> list[Schakel]:
    """What a melding of this house asked of others."""
    rijen = werk.vraag("SELECT id FROM schakels WHERE gever = ?", (gever.hex,))
    ids = {UUID(hex=id_) for (id_,) in rijen}
    ids |= {
        een.id
        for een in werk.geladen()
        if een.plaats.ouder is not None and een.plaats.ouder.id == gever
    }
    return [werk.haal(id_) for id_ in sorted(ids)]


def wachtend(werk: Werk[Schakel], partner: str, hoogstens: int, *, altijd: bool) -> list[Schakel]:
    """Those of which something may be said to this partner now, who waited longest first.

    ``altijd``: something that may be said in a blokkade too.
    """
    ids = {UUID(hex=id_): None for (id_,) in werk.vraag(_WACHT[altijd], (partner, hoogstens))}
    ids |= {
        een.id: None
        for een in werk.geladen()
        if een.partner == partner and any(not altijd or v.feit in ALTIJD for v in een.te_zeggen_nu)
    }
    return [werk.haal(id_) for id_ in ids]


def einde_van(werk: Transactie, logboek: str) -> bool:
    """Whether in this log its writer said to offer nothing new any more."""
    naam = f"einde/{logboek}"
    return bool(werk.standen.get(naam)) or werk.eenmaal(naam, partial(is_geeindigd, werk, logboek))


def is_geeindigd(opslag: Opslag | Transactie, logboek: str) -> bool:
    """The same, as stored."""
    return bool(opslag.vraag("SELECT op FROM einden WHERE logboek = ?", (logboek,)))


def zet_einde(werk: Transactie, logboek: str) -> None:
    """It was said."""
    werk.standen[f"einde/{logboek}"] = True
    werk.rij(_ZET_EINDE, (logboek, werk.nu.isoformat()))


def lijst(opslag: Opslag, na: UUID | None, limiet: int) -> tuple[list[bytes], str | None]:
    """A page of schakels in order of their stored id, and the cursor of the next page."""
    rijen: Sequence[Any] = opslag.vraag(
        "SELECT id, overzicht FROM schakels WHERE id > ? ORDER BY id LIMIT ?",
        (na.hex if na else "", limiet + 1),
    )
    volgende = str(UUID(hex=rijen[limiet - 1][0])) if len(rijen) > limiet else None
    return [bytes(overzicht) for _, overzicht in rijen[:limiet]], volgende


def met_open_schakels(opslag: Opslag) -> list[str]:
    """The partners with whom something is open: a step in the index for each, however much is."""
    partners, laatste = list[str](), ""
    while rijen := opslag.vraag(_VOLGENDE_OPEN, (laatste,)):
        laatste = str(rijen[0][0])
        partners.append(laatste)
    return partners


def ids_met_schakelid(werk: Transactie, schakel: UUID) -> list[tuple[UUID, str]]:
    """Under what those with this schakelId are stored, with the partner of each."""
    vraag = "SELECT id, partner FROM schakels WHERE schakel = ? ORDER BY id"
    return [(UUID(hex=id_), partner) for id_, partner in werk.vraag(vraag, (schakel.hex,))]


def met_schakelid(opslag: Opslag, schakel: UUID) -> list[bytes]:
    """Those with this schakelId: nearly always one."""
    vraag = "SELECT overzicht FROM schakels WHERE schakel = ? ORDER BY id"
    return [bytes(overzicht) for (overzicht,) in opslag.vraag(vraag, (schakel.hex,))]
