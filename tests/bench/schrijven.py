"""G4: how close single durable events on SQLite come to the limit of the store."""

from .opslag import Duur, bibliotheek, ons, ruw, staat_van, verhouding
from .verslag import Cel, Toets, Uitkomst, mediaan, percentiel, schone_map

IN_VLUCHT = 256


def meet_schrijven(aantal: int, rondes: int) -> Uitkomst:
    """Every round measures each way once, one after the other, each in a fresh store."""
    gemeten: dict[str, list[Duur]] = {}
    with schone_map() as map_:
        staat = staat_van(map_)
    for _ in range(rondes):
        with schone_map() as map_:
            ronde = {
                "ruw, 1.000 per commit (de grens)": ruw(map_, aantal, 1_000, staat),
                "ons, 256 tegelijk, elk een gebeurtenis": ons(map_, aantal, IN_VLUCHT),
                "bibliotheek, save per gebeurtenis": bibliotheek(map_, max(1, aantal // 20)),
            }
        for naam, duur in ronde.items():
            gemeten.setdefault(naam, []).append(duur)
    grens, eigen, gelijke = gemeten.values()
    rijen: list[dict[str, Cel]] = [
        {
            "wat": naam,
            "per s": mediaan([duur.per_seconde for duur in duren]),
            "t.o.v. de grens": verhouding(duren, grens),
            "rekentijd in us": mediaan([duur.rekentijd for duur in duren]),
            "p99 in ms": mediaan([percentiel(duur.wachttijden, 0.99) * 1e3 for duur in duren])
            if duren[0].wachttijden
            else "",
        }
        for naam, duren in gemeten.items()
    ]
    return Uitkomst(
        "G4",
        f"losse duurzame gebeurtenissen van {len(staat)} bytes in SQLite",
        rijen,
        [
            Toets("ons / ruw", verhouding(eigen, grens), ">=", 0.5),
            Toets("ons / bibliotheek", verhouding(eigen, gelijke), ">=", 1.0),
        ],
    )
