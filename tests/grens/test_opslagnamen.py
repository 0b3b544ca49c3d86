"""What is stored is stored for ever: the names of events are frozen (D11)."""

from schakel.grens.gebeurtenissen import GEBEURTENISSEN, VERTELD
from schakel.grens.uitgaand import NAMEN
from schakel.kern.vastlegging.gebeurtenis import Register

NAMEN_VOOR_ALTIJD = """
schakel/begonnen
schakel/elders-aangenomen
schakel/elders-afgewezen
schakel/elders-gereedgemeld
schakel/elders-gesloten
schakel/elders-opgeschort
schakel/elders-voltooid
schakel/gehoord
schakel/gevraagd
schakel/gewist
schakel/gezegd
schakel/ingekomen
schakel/intrekking-ingekomen
schakel/ongelezen
schakel/vervallen
schakel/vol
schakel/voorgenomen
"""


def test_opslagnamen_zijn_die_van_de_bevroren_lijst() -> None:
    assert Register(GEBEURTENISSEN).namen == tuple(NAMEN_VOOR_ALTIJD.split())
    assert set(NAMEN) == {soort.NAAM for soort in VERTELD}
