"""From the file to rows: of which case, when, and what rule holds on it. The log is read once."""

from collections.abc import Sequence

from .mapping.voorwaarden import Rijplaats, Vergelijking, bladeren
from .namen import Namen, is_kenmerk, samen, zaakfeit
from .sql import naam, tekst
from .vraagtaal import tijdstip, toets, vertaal, wending

PER_BESTAND = 2**40
"""A row is known by one number: the file times this, plus its place in the file."""
_GEEN_ZAAK, _GEEN_TIJD = 1, 2


def kenmerken(namen: Namen, tabel: str | None) -> str:
    """The table ``kenmerken``: one row per case, with what its attributes say."""
    m = namen.mapping
    if m.kenmerken is None or tabel is None:
        return "CREATE TABLE kenmerken (zaak VARCHAR)"
    uit = ["zaak"]
    uit += [
        f"{samen(blad)}({toets(blad, namen.kenmerk[blad.kenmerk])}) AS {f}"
        for blad, f in namen.feiten.items()
        if blad.kenmerk is not None
    ]
    uit += [
        f"min({tijdstip(namen.kenmerk[tijd.kenmerk], tijd)}) AS {t}"
        for t, tijd in namen.tijden()
        if tijd.kenmerk is not None
    ]
    if m.kanaal is not None and m.kanaal.kenmerk is not None:
        uit.append(f"min({namen.kenmerk[m.kanaal.kenmerk]}) AS kanaal")
    sleutel = f"{namen.sleutel(m.kenmerken.sleutel)} AS zaak"
    return f"""
        CREATE TABLE kenmerken AS SELECT {", ".join(uit)}
        FROM (SELECT {", ".join([sleutel, *namen.kenmerken()])} FROM {naam(tabel)})
        WHERE zaak IS NOT NULL GROUP BY zaak
    """


def rijen(namen: Namen, tabel: str, kolommen: Sequence[str]) -> str:
    """The table ``alle_rijen``; what has a ``mis`` cannot be used."""
    m = namen.mapping
    tijd = namen.rij[m.tijd.kolom]
    bron = f"""
        SELECT {namen.sleutel(m.zaak.sleutel)} AS zaak, {", ".join(namen.kolommen())},
               hash({", ".join(map(naam, kolommen))}) AS h,
               _bestand * {PER_BESTAND} + _rij AS rij
        FROM {naam(tabel)}
    """
    bron = f"SELECT *, {tijdstip(tijd, m.tijd)} AS t FROM ({bron})"
    mis = (
        f"CASE WHEN zaak IS NULL THEN {_GEEN_ZAAK}"
        f" WHEN t IS NULL AND {tijd} IS NOT NULL THEN {_GEEN_TIJD} END"
    )
    bron = f"SELECT *, {mis} AS mis FROM ({bron})"
    if velden := _terugblik(namen):
        bron = f"SELECT *, {', '.join(velden)} FROM ({bron})"
    if any(is_kenmerk(blad) for regel in m.regels for blad in bladeren(regel.als)):
        bron = f"SELECT * FROM ({bron}) LEFT JOIN kenmerken USING (zaak)"
    return f"CREATE TABLE alle_rijen AS SELECT {', '.join(_uit(namen))} FROM ({bron})"


def goede() -> str:
    """The view ``rijen``: those that can be used."""
    return "CREATE VIEW rijen AS SELECT * FROM alle_rijen WHERE mis IS NULL"


def geweigerde(namen: Namen) -> str:
    """Those that cannot, and why: ``_bestand``, ``_rij``, ``reden``, ``inhoud``."""
    m = namen.mapping
    zaak = tekst(f"de zaak is leeg ({', '.join(m.zaak.sleutel)})")
    tijd = tekst(f"de tijd is niet te lezen ({m.tijd.kolom})")
    return f"""
        SELECT rij // {PER_BESTAND}, rij % {PER_BESTAND},
               CASE mis WHEN {_GEEN_ZAAK} THEN {zaak} ELSE {tijd} END,
               CASE mis WHEN {_GEEN_ZAAK} THEN '' ELSE onleesbaar END
        FROM alle_rijen WHERE mis IS NOT NULL
    """


def _uit(namen: Namen) -> list[str]:
    m = namen.mapping
    uit = ["zaak", "t", "rij", "h", "mis"]
    uit += [
        f"{toets(blad, namen.rij[blad.kolom])} AS {f}"
        for blad, f in namen.feiten.items()
        if blad.kolom is not None
    ]
    uit += [f"{uitdrukking} AS o{i}" for i, uitdrukking in enumerate(namen.volgorde)]
    uit += [
        f"{tijdstip(namen.rij[tijd.kolom], tijd)} AS {t}"
        for t, tijd in namen.tijden()
        if tijd.kolom is not None
    ]
    if m.kanaal is not None and m.kanaal.kolom is not None:
        uit.append(f"{namen.rij[m.kanaal.kolom]} AS kanaal")
    uit.append(f"{_regel(namen)} AS regel")
    uit.append(f"CASE WHEN regel IS NULL THEN {namen.sprekend()} END AS onaangeraakt")
    uit.append(f"CASE mis WHEN {_GEEN_TIJD} THEN {namen.rij[m.tijd.kolom]} END AS onleesbaar")
    return uit


def _regel(namen: Namen) -> str:
    """The first rule that holds on a row."""
    gevallen = " ".join(
        f"WHEN {vertaal(regel.als, lambda blad: _blad(namen, blad))} THEN {i}"
        for i, regel in enumerate(namen.mapping.regels)
    )
    return f"CASE WHEN mis IS NOT NULL THEN NULL {gevallen} END::INTEGER"


def _blad(namen: Namen, blad: Vergelijking | Rijplaats) -> str:
    if isinstance(blad, Rijplaats):
        return "is_eerste" if blad.rij == "eerste" else "is_laatste"
    if blad.kolom is None:
        return zaakfeit(namen, blad)
    kolom = namen.rij[blad.kolom]
    return wending(blad, kolom, f"v_{kolom}", "is_eerste") if blad.wordt else toets(blad, kolom)


def _terugblik(namen: Namen) -> list[str]:
    """What rules want to know of the rows around it; every one of these costs a pass."""
    volgorde = ", ".join(["t NULLS FIRST", *namen.volgorde, "h"])
    venster = f"(PARTITION BY zaak, mis ORDER BY {volgorde})"
    eerste = f"row_number() OVER {venster} = 1 AS is_eerste"
    velden: list[str] = []
    for blad in (b for regel in namen.mapping.regels for b in bladeren(regel.als)):
        if isinstance(blad, Rijplaats):
            laatste = f"lead(1) OVER {venster} IS NULL AS is_laatste"
            velden.append(eerste if blad.rij == "eerste" else laatste)
        elif blad.wordt is not None and blad.kolom is not None:
            kolom = namen.rij[blad.kolom]
            velden.append(f"lag({kolom}) OVER {venster} AS v_{kolom}")
            if blad.wordt == "anders":
                velden.append(eerste)
    return list(dict.fromkeys(velden))
