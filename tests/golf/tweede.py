"""The fold once more, written apart from the table: plain steps over plain values.

Held against the product's over all small rows and many large ones. It knows a message by its
attributes only.
"""

from collections.abc import Sequence
from typing import Any

PASSEERT = ("geweigerd", "afgesloten", "ingetrokken")


def tweede(
    v: Sequence[Any], u: Sequence[Any], ruimte: int = 100
) -> tuple[tuple[str, str], set[tuple[str, int, str]]]:
    """The pair, and the notes, of two rows in the order of their logs."""
    soort = next((getattr(een, "soort", None) for een in v if nummer(een) == 1), None)
    noten: set[tuple[str, int, str]] = set()
    rijen = {"v": rij("v", v, u, noten, ruimte), "u": rij("u", u, v, noten, ruimte)}
    t: dict[str, Any] = {
        "estafette": soort == "estafette",
        "v": "-",
        "u": "-",
        "ronde": 1,
        "vraag": 0,
        "gevraagd": [],
    }
    gedaan = {"v": 0, "u": 0}
    while any(gedaan[k] < len(rijen[k]) for k in "vu"):
        kan = []
        for kant, ander in (("u", "v"), ("v", "u")):
            if gedaan[kant] < len(rijen[kant]):
                bij = rijen[kant][gedaan[kant]]["bij"]
                if bij <= gedaan[ander] or gedaan[ander] == len(rijen[ander]):
                    kan.append(kant)
        kant = kan[0] if kan else "u"
        bericht = rijen[kant][gedaan[kant]]
        gedaan[kant] += 1
        if not stap(t, bericht):
            noten.add((kant, bericht["nummer"], bericht["feit"]))
    return (t["v"], t["u"]), noten


def nummer(deel: Any) -> int:
    return deel.nummer if hasattr(deel, "nummer") else deel.plek.nummer


def rij(
    kant: str,
    delen: Sequence[Any],
    ander: Sequence[Any],
    noten: set[tuple[str, int, str]],
    ruimte: int,
) -> list[dict[str, Any]]:
    """What is folded of a row: its dense part, and what passes a break."""
    klaagt = klachten(kant, ander)
    uit: list[dict[str, Any]] = []
    bekend: set[int] = set()
    heel, houdt = True, 0
    for deel in delen:
        n = nummer(deel)
        leesbaar = hasattr(deel, "nummer")
        feit = deel.FEIT if leesbaar else (deel.feit or "onleesbaar")
        if n in bekend:
            noten.add((kant, n, feit))
            continue
        bekend.add(n)
        waarde = {"nummer": n, "feit": feit, "bij": getattr(deel, "bij", 0), "deel": deel}
        stuk = feit != "onbegrepen" if not leesbaar else n in klaagt
        if heel and not stuk and n == len(uit) + 1:
            uit.append(waarde)
        elif heel and kant == "v" and n == 1:
            heel = False
            uit.append(waarde if leesbaar else {**waarde, "feit": "aangeboden", "bij": 0})
        else:
            brak, heel = heel, False
            if leesbaar and feit in PASSEERT and klaagt.get(n, "gat") == "gat":
                uit.append(waarde)
            elif not brak and houdt == ruimte:
                bekend.discard(n)
            elif not brak:
                houdt += 1
    return uit


def klachten(kant: str, ander: Sequence[Any]) -> dict[int, str]:
    """What the other side says that it could not read, and never said that it had."""
    uit: dict[int, str] = {}
    leesbaar = [deel for deel in ander if hasattr(deel, "nummer")]
    for i, deel in enumerate(leesbaar):
        had = max(een.bij for een in leesbaar[: i + 1])
        if deel.FEIT == "onbegrepen" and deel.over > had and not (kant == "v" and deel.over == 1):
            uit.setdefault(deel.over, deel.code)
        if deel.FEIT == "geweigerd" and kant == "v" and had == 0:
            leescodes = (
                "te-groot geen-json geen-cloudevent verkeerde-bron verkeerde-kant onbekend-type "
                "nieuwere-versie ongeldige-inhoud gat"
            )
            if deel.reden in leescodes.split():
                uit.setdefault(1, deel.reden)
    return uit


def stap(t: dict[str, Any], b: dict[str, Any]) -> bool:  # noqa: C901, PLR0912 - all in one place
    """Apply, or not."""
    deel, dicht = (
        b["deel"],
        t["u"].startswith("einde") or (t["estafette"] and t["u"] == "aangenomen"),
    )
    match b["feit"]:
        case "aangeboden" if t["v"] == "-" and b["nummer"] == 1:
            t["v"] = "aangeboden"
        case "aanvaard" if t["estafette"] and t["u"] == "-":
            t["u"] = "aanvaard"
        case "overgegaan" if t["v"] == "aangeboden" and t["u"] == "aanvaard":
            t["v"] = "overgegaan"
        case "te-laat" | "ingetrokken" if t["v"] == "aangeboden":
            t["v"] = b["feit"]
        case "aangenomen" if (
            t["v"] == "overgegaan" and t["u"] == "aanvaard" if t["estafette"] else t["u"] == "-"
        ):
            t["u"] = "aangenomen"
        case "vraag-gesteld" | "voortgang" if t["u"] in (
            ("-", "aanvaard") if t["estafette"] else ("aangenomen",)
        ):
            if b["feit"] == "vraag-gesteld":
                if deel.vraag in t["gevraagd"]:
                    return False
                t["vraag"] = deel.vraag
                t["gevraagd"].append(deel.vraag)
        case "antwoord-gegeven" if t["vraag"] == deel.vraag and not dicht:
            t["vraag"] = 0
        case "gereedgemeld" if (
            not t["estafette"] and t["u"] == "aangenomen" and deel.ronde == t["ronde"]
        ):
            t["u"] = "gereed"
        case "beoordeeld" if t["u"] == "gereed" and deel.ronde == t["ronde"]:
            if deel.oordeel == "niet_tevreden":
                t["u"] = "aangenomen"
                t["ronde"] += 1
        case "geweigerd" if not dicht and (t["v"], t["u"]) != ("aangeboden", "aanvaard"):
            t["u"] = "einde:geweigerd"
        case "afgesloten" if not dicht:
            t["u"] = f"einde:{deel.uitkomst}"
        case "wissing-gevraagd" | "wissing-beantwoord" | "onbegrepen":
            pass
        case _:
            return False
    return True
