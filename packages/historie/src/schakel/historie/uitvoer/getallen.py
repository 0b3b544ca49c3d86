"""Numbers as they are written in Dutch."""

_DUIZENDSTE = 0.001
# From which length in seconds a unit is used, its own length, and its name for one and for more.
_MINUUT, _UUR, _DAG, _JAAR = 60.0, 3600.0, 86400.0, 365.25 * 86400.0
_EENHEDEN = (
    (2 * _JAAR, _JAAR, "jaar", "jaar"),
    (2 * _DAG, _DAG, "dag", "dagen"),
    (_UUR, _UUR, "uur", "uur"),
    (_MINUUT, _MINUUT, "minuut", "minuten"),
    (0.0, 1.0, "seconde", "seconden"),
)
_TIENTALLEN_VANAF = 10
HARDE_SPATIE = "\N{NO-BREAK SPACE}"


def aantal(getal: int) -> str:
    """A count: 1434 is 1.434."""
    return f"{getal:,}".replace(",", ".")


def procent(deel: int, geheel: int) -> str:
    """A share: 12,3 %. Few is not nothing and nearly all is not all; of nothing there is none."""
    if not geheel:
        return "\N{EN DASH}"
    if 0 < deel < geheel * _DUIZENDSTE:
        return f"<{HARDE_SPATIE}0,1{HARDE_SPATIE}%"
    if geheel * (1 - _DUIZENDSTE) < deel < geheel:
        return f">{HARDE_SPATIE}99,9{HARDE_SPATIE}%"
    return f"{100 * deel / geheel:.1f}".replace(".", ",") + f"{HARDE_SPATIE}%"


def duur(seconden: float) -> str:
    """A length of time in the unit that fits it: 3,2 dagen."""
    lengte, een, meer = next(e[1:] for e in _EENHEDEN if seconden >= e[0])
    getal = kort(seconden / lengte)
    return f"{getal}{HARDE_SPATIE}{een if getal == '1' else meer}"


def kort(getal: float) -> str:
    """A number with one decimal where it is small: 3,2 and 1.434."""
    if round(getal, 1) >= _TIENTALLEN_VANAF:
        return aantal(round(getal))
    return f"{getal:.1f}".removesuffix(".0").replace(".", ",")
