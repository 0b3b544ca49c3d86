"""The columns of the derivation as SQL expressions: how each reads where it cannot be nested."""


def tijd(kolom: str) -> str:
    """A moment in UTC as ISO 8601 with no more digits than it has; infinity is no moment."""
    return (
        f"CASE WHEN isfinite({kolom}) THEN replace(CAST({kolom} AS VARCHAR), ' ', 'T') || 'Z' END"
    )


def vaste_tijd(kolom: str) -> str:
    """The same with always six digits: there are readers that take the first for all others."""
    return f"CASE WHEN isfinite({kolom}) THEN strftime({kolom}, '%Y-%m-%dT%H:%M:%S.%fZ') END"


def onschuldig(kolom: str) -> str:
    """A text that a spreadsheet does not take for a formula (OWASP, CSV injection)."""
    is_formule = f"regexp_matches({kolom}, '^[=+@\\t\\r-]')"
    return f"CASE WHEN {is_formule} THEN chr(39) || {kolom} ELSE {kolom} END"


DUUR = "CASE WHEN isfinite(duur_s) THEN duur_s END"
KANDIDATEN = "nullif(array_to_string(kandidaten, '; '), '')"
GESCHIEDENIS = (
    "nullif(array_to_string([concat(g.werkstroom, ' (',"
    f" concat_ws(', ', concat_ws(':', g.bestand, g.rij), {tijd('g.tijdstip')}), ')')"
    " FOR g IN geschiedenis], '; '), '')"
)
AFWIJKINGEN = (
    "nullif(array_to_string([concat(a.code, ' (', a.zekerheid, '): ', a.uitleg,"
    " ' [', concat_ws(':', a.bestand, a.rij), ']') FOR a IN afwijkingen], '; '), '')"
)
