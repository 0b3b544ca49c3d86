"""The bus is disposable (D1): deleted, made again and filled from the stores; nothing twice."""

import asyncio
from pathlib import Path
from uuid import UUID

from deploy.lokaal.toegang import Toegang
from tests.bus.bedrijf import Bedrijf, aan_het_werk
from tests.bus.meelezen import Log
from tests.keten.werkstroom import controleer_logs

from schakel.contracts.werkstromen import WERKSTROMEN

KEREN = 5


def nummers(bedrijf: Bedrijf) -> dict[UUID, int | None]:
    """The werkstroom of every tree, as the orchestrator derives it."""
    rijen = bedrijf.waarneming.vraag("SELECT wortel, werkstroom FROM bomen")
    return {UUID(wortel): nummer for wortel, nummer in rijen}


async def test_vijf_keer_gewist_waarvan_een_keer_terwijl_meldingen_lopen(
    elke_kafka: Toegang, oin: str, tmp_path: Path, log: Log
) -> None:
    async with aan_het_werk(Bedrijf(elke_kafka, oin, tmp_path)) as bedrijf:
        eerste = await asyncio.gather(*map(bedrijf.loop, WERKSTROMEN))
        await bedrijf.is_rustig()
        stand = bedrijf.stand()
        assert all(len(deel) > 1 for per_dienst in stand.values() for deel in per_dienst[:2])
        assert nummers(bedrijf) == {
            m.id: w.nummer for m, w in zip(eerste, WERKSTROMEN, strict=True)
        }

        for _ in range(KEREN - 1):
            await bedrijf.verwijder_topics()
            await bedrijf.maak_topics()
            await bedrijf.is_rustig()
            assert bedrijf.stand() == stand

        lopend = [asyncio.create_task(bedrijf.loop(w)) for w in WERKSTROMEN for _ in "123"]
        await asyncio.wait(lopend, return_when=asyncio.FIRST_COMPLETED)
        assert any(not taak.done() for taak in lopend)
        await bedrijf.verwijder_topics()
        await asyncio.sleep(0.5)  # steps go on while there is nothing to send to
        await bedrijf.maak_topics()
        later = await asyncio.gather(*lopend)
        await bedrijf.is_rustig()
        controleer_logs(bedrijf)
        verwacht = [w.nummer for w in WERKSTROMEN for _ in "123"]
        gevonden = nummers(bedrijf)
        assert [gevonden[melding.id] for melding in later] == verwacht
        assert len(gevonden) == len(eerste) + len(later)
    assert list(log.regels("onverwachte_fout", "bibliotheek_bericht", "bericht_geparkeerd")) == []
