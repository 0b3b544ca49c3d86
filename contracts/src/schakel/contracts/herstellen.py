"""What only herstellen says."""

from typing import ClassVar

from .feit import Code, Feit


class WorkaroundGeboden(Feit):
    """The melder can go on for now; the structural part is a verbetervoorstel of its own."""

    type: ClassVar[str] = "nl.meldingen.herstellen.workaround-geboden.v1"
    workaround: Code


EIGEN: tuple[type[Feit], ...] = (WorkaroundGeboden,)
