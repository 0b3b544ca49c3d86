"""The report as a test reads it: parsed, and its numbers taken back out of their Dutch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from lxml import html

from schakel.historie.uitvoer.rapport import schrijf_rapport


class Bladzijde:
    """One report."""

    def __init__(
        self, db: duckdb.DuckDBPyConnection, samenvatting: Mapping[str, Any], pad: Path
    ) -> None:
        self.bron = schrijf_rapport(db, samenvatting, pad).read_text(encoding="utf-8")
        self.boom = html.document_fromstring(self.bron)

    def sectie(self, sleutel: str) -> Any:
        (gevonden,) = self.boom.xpath(f"//section[@id='{sleutel}']")
        return gevonden

    def rijen(self, sleutel: str, welke: int = 0) -> list[list[str]]:
        """The cells of a table of a section, without its head."""
        tabel = self.sectie(sleutel).xpath(".//table")[welke]
        return [[cel.text_content() for cel in rij] for rij in tabel.xpath("./tbody/tr")]

    def koppen(self, sleutel: str, welke: int = 0) -> list[str]:
        return [k.text_content() for k in self.sectie(sleutel).xpath(".//table")[welke][1][0]]

    def woorden(self, sleutel: str, klasse: str) -> list[str]:
        """The texts with a class in the figure of a section."""
        return [
            t.text_content()
            for t in self.sectie(sleutel).xpath(".//svg//text")
            if klasse in (t.get("class") or "").split()
        ]


def getal(tekst: str) -> int:
    return int(tekst.split(maxsplit=1)[0].replace(".", ""))
