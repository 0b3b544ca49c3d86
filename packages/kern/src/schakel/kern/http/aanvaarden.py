"""Whether an ``Accept`` header leaves room for what this API answers with (RFC 9110, 12.5.1)."""

from functools import lru_cache


@lru_cache(maxsize=256)
def aanvaardt(kop: bytes, aanbod: tuple[str, ...]) -> bool:
    """Whether one of the offered media types is acceptable."""
    gevraagd = [_lees(deel) for deel in kop.decode("latin-1").lower().split(",") if deel.strip()]
    return not gevraagd or any(_gewicht(soort, gevraagd) > 0 for soort in aanbod)


def _lees(deel: str) -> tuple[str, float]:
    naam, *parameters = (stuk.strip() for stuk in deel.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return naam, float(parameter[2:])
            except ValueError:
                return naam, 0.0
    return naam, 1.0


def _gewicht(soort: str, gevraagd: list[tuple[str, float]]) -> float:
    """The weight of the most specific range that names it."""
    for bereik in (soort, soort.partition("/")[0] + "/*", "*/*"):
        gewichten = [gewicht for naam, gewicht in gevraagd if naam == bereik]
        if gewichten:
            return max(gewichten)
    return 0.0
