"""Which of the parked messages are meant: by reason, source, tree and time."""

from typing import Any, NamedTuple


class Zeef(NamedTuple):
    """What is not given does not matter; nothing given is all."""

    reden: str | None = None
    bron: str | None = None
    """A topic, or one partition of it."""
    boom: str | None = None
    van: str | None = None
    tot: str | None = None
    """When it was parked, in UTC: from ``van`` on, before ``tot``; a moment, or how it begins."""
    na: int = 0
    """Only with a higher number."""

    def waar(self) -> tuple[str, list[Any]]:
        """As a condition on rows of ``geparkeerd``, and its values."""
        delen: list[tuple[str, list[Any]]] = [("nummer > ?", [self.na])]
        if self.reden is not None:
            delen.append(("reden = ?", [self.reden]))
        if self.bron is not None:
            deel = f"{self.bron}/"
            delen.append(("(bron = ? OR substr(bron, 1, ?) = ?)", [self.bron, len(deel), deel]))
        if self.boom is not None:
            delen.append(("boom = ?", [self.boom]))
        for teken, moment in ((">=", self.van), ("<", self.tot)):
            if moment is not None:
                delen.append((f"op {teken} ?", [moment.removesuffix("Z")]))
        zinnen = [zin for zin, _ in delen]
        return " AND ".join(zinnen), [w for _, waarden in delen for w in waarden]


ALLES = Zeef()
