"""What the trees of two sides of a border have in common in the tests."""

from tests.afleiding.boombouw import (
    Boom,
    Melding,
)

from schakel.afleiding import (
    stel_samen,
)

C = "00000099000000003000"


def spreek(plaatsvervanger: Melding, *, tot: str = "voltooid") -> None:
    """What the grens says for a partner: registered, done, and its last word."""
    for woord in ("aangenomen", "gereed", "voltooid"):
        {
            "aangenomen": plaatsvervanger.neem_aan,
            "gereed": plaatsvervanger.meld_gereed,
            "voltooid": plaatsvervanger.voltooi,
        }[woord]()
        if woord == tot:
            return


def samen(*bomen: Boom) -> str:
    """The path of the first tree, composed with the others."""
    afleidingen = [boom.af() for boom in bomen]
    pad = stel_samen(afleidingen)[afleidingen[0].organisatie, afleidingen[0].wortel_id]
    assert stel_samen(reversed(afleidingen)) == stel_samen(afleidingen)
    return "".join(proces.letter for proces in pad)
