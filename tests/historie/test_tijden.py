"""Times as logs write them, in UTC: a zone that stands there counts, else that of the mapping."""

import duckdb
import pytest

from schakel.historie.mapping import Tijd
from schakel.historie.vraagtaal import tijdstip

UTC, AMSTERDAM = "UTC", "Europe/Amsterdam"


def gelezen(tekst: str, zone: str, formaat: str | None = None) -> str | None:
    tijd = tijdstip("x", Tijd(kolom="a", zone=zone, formaat=formaat))
    with duckdb.connect() as db:
        ((uit,),) = db.execute(
            f"SELECT CAST({tijd} AS VARCHAR) FROM (SELECT ? AS x)", [tekst]
        ).fetchall()
    return uit


@pytest.mark.parametrize("zone", [UTC, AMSTERDAM])
@pytest.mark.parametrize(
    ("tekst", "uit"),
    [
        ("2020-07-01T10:00:00Z", "2020-07-01 10:00:00"),
        ("2020-07-01T10:00Z", "2020-07-01 10:00:00"),
        ("2020-07-01 10:00:00.25+02:00", "2020-07-01 08:00:00.25"),
        ("2020-07-01T10:00:00-0130", "2020-07-01 11:30:00"),
        ("2020-07-01 10:00:00+02", "2020-07-01 08:00:00"),
        ("2020-07-01 10:00:00 Europe/Amsterdam", "2020-07-01 08:00:00"),
        ("2020-07-01 10:00:00 UTC", "2020-07-01 10:00:00"),
        ("2020-07-01 10:00:00 PM", None),
        ("2020-07-01 25:00:00Z", None),
        ("gisteren", None),
        ("10:00:00", None),
    ],
)
def test_een_tijd_die_zelf_een_zone_noemt(tekst: str, zone: str, uit: str | None) -> None:
    assert gelezen(tekst, zone) == uit


@pytest.mark.parametrize(
    ("tekst", "in_utc", "in_amsterdam"),
    [
        ("2020-07-01 10:00:00", "2020-07-01 10:00:00", "2020-07-01 08:00:00"),
        ("2020-01-01T10:00", "2020-01-01 10:00:00", "2020-01-01 09:00:00"),
        ("2020-07-01", "2020-07-01 00:00:00", "2020-06-30 22:00:00"),
        # In the hour that does not exist, and in the one that comes twice.
        ("2020-03-29 02:30:00", "2020-03-29 02:30:00", "2020-03-29 01:30:00"),
        ("2020-10-25 02:30:00", "2020-10-25 02:30:00", "2020-10-25 01:30:00"),
        # What cannot be put in another zone is no time, and stops nothing.
        ("infinity", "infinity", None),
        ("294247-01-10 04:00:54", "294247-01-10 04:00:54", "294247-01-10 03:00:54"),
    ],
)
def test_een_tijd_zonder_zone_is_die_van_de_mapping(
    tekst: str, in_utc: str, in_amsterdam: str | None
) -> None:
    assert (gelezen(tekst, UTC), gelezen(tekst, AMSTERDAM)) == (in_utc, in_amsterdam)


@pytest.mark.parametrize(
    ("formaat", "tekst", "zone", "uit"),
    [
        ("%d-%m-%Y %H:%M", "01-07-2020 10:00", UTC, "2020-07-01 10:00:00"),
        ("%d-%m-%Y %H:%M", "01-07-2020 10:00", AMSTERDAM, "2020-07-01 08:00:00"),
        ("%d-%m-%Y %H:%M", "2020-07-01 10:00", AMSTERDAM, None),
        ("%d-%m-%Y %H:%M%z", "01-07-2020 10:00+0500", AMSTERDAM, "2020-07-01 05:00:00"),
    ],
)
def test_een_eigen_formaat(formaat: str, tekst: str, zone: str, uit: str | None) -> None:
    assert gelezen(tekst, zone, formaat) == uit
