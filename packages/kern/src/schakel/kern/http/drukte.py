"""How much goes on at once, and for whom: nobody takes it all.

At work is who keeps this service busy: not who is still sending, and not who is slow to read.
Those are seen to below the application (``verbindingen``).
"""

from collections import Counter

from schakel.kern.grond.weigering import Overbelast

from .klantadres import netwerk_van


class Drukte:
    """Counts requests at work and followers of a stream, in all and of one client."""

    def __init__(self, max_verzoeken: int, max_volgers: int, max_per_adres: int) -> None:
        """One client follows at most half of the streams."""
        self._max_verzoeken = max_verzoeken
        self._max_volgers = max_volgers
        self._max_per_adres = max_per_adres
        self._verzoeken: Counter[str] = Counter()
        self._volgers: Counter[str] = Counter()
        self._bezig = 0

    def keur(self, adres: str) -> None:
        """Raises Overbelast when there is no room; asked before anything else is done."""
        if (
            self._bezig >= self._max_verzoeken
            or self._verzoeken[netwerk_van(adres)] >= self._max_per_adres
        ):
            raise Overbelast("te-druk", "er zijn nu te veel verzoeken; probeer het zo weer")

    def begin(self, adres: str) -> None:
        """One more at work, until ``eind``; raises Overbelast."""
        self.keur(adres)
        self._bezig += 1
        self._verzoeken[netwerk_van(adres)] += 1

    def eind(self, adres: str) -> None:
        """It is done, whatever came of it."""
        self._bezig -= 1
        _neem_af(self._verzoeken, netwerk_van(adres))

    def volg(self, adres: str) -> None:
        """One more that follows a stream, until ``volg_niet_meer``; raises Overbelast."""
        netwerk = netwerk_van(adres)
        if self._volgers.total() >= self._max_volgers or self._volgers[netwerk] >= max(
            1, self._max_volgers // 2
        ):
            raise Overbelast("te-veel-volgers", "er kijken er nu te veel mee; probeer het zo weer")
        self._volgers[netwerk] += 1

    def volg_niet_meer(self, adres: str) -> None:
        """It ended, however it did."""
        _neem_af(self._volgers, netwerk_van(adres))


def _neem_af(tellers: Counter[str], naam: str) -> None:
    """A name that is not counted any more takes no room."""
    tellers[naam] -= 1
    if not tellers[naam]:
        del tellers[naam]
