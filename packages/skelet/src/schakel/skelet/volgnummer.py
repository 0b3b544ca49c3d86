"""The volgnummer of a melding: the process's letter, the year and a number, e.g. H-2026-000001."""

from schakel.contracts.werkstromen import Proces
from schakel.kern.vastlegging.transactie import Transactie


def volgend_volgnummer(werk: Transactie, proces: Proces) -> str:
    """Draw the next one, in the transaction of this batch; one that is undone may leave a gap."""
    jaar = werk.nu.year
    return f"{proces.letter}-{jaar}-{werk.tel(f'volgnummer-{jaar}'):06}"
