"""A process that migrates, or that works on a database while others migrate it."""

from tests.kern.proef import TABELLEN

from schakel.kern.opslag import Tabellen
from schakel.kern.opslag.migratie import migreer

KOLOM = ("ALTER TABLE kisten ADD COLUMN kleur TEXT NOT NULL DEFAULT 'bruin'",)
INDEX = ("CREATE INDEX kisten_inhoud ON kisten (inhoud)",)
TABEL = ("CREATE TABLE deksels (kist TEXT PRIMARY KEY)",)
UITGEBREID = TABELLEN.met(KOLOM, INDEX, TABEL)
INGEKROMPEN = Tabellen((*UITGEBREID.stappen, ("DROP TABLE deksels",)), oudste=UITGEBREID.versie)


def begin(url: str, tabellen: Tabellen) -> None:
    migreer(url, tabellen, "proef")
