"""Section 9, mode mtls: who somebody is, is what its certificate says, and nothing else."""

import ssl
from pathlib import Path

import pytest
from tests.grens.organisaties import Uitgever
from tests.grens.papieren import schrijf_certificaat

from schakel.grens.instellingen import Instellingen

from .conftest import Proef
from .vreemde import SESSIE, A, B

PAD = f"GET /v1/logboeken/{A}/ontvangstbewijzen"


def papieren(uitgever: Uitgever, pad: Path, *nummers: str, geldig: int = 1) -> ssl.SSLContext:
    """Of this authority, with these serial numbers in the subject; ``geldig`` is in days."""
    schrijf_certificaat(uitgever, pad, nummers, (-30, geldig))
    tls = ssl.create_default_context(cafile=str(uitgever.ca))
    tls.load_cert_chain(pad)
    return tls


@pytest.mark.parametrize(
    ("nummers", "verwacht"),
    [
        ((A,), (200, "")),
        ((), (401, "niet-herkend")),
        ((A, A), (401, "niet-herkend")),
        ((A, B), (401, "niet-herkend")),
        ((A[1:],), (401, "niet-herkend")),
        ((f"{A}0",), (401, "niet-herkend")),
        ((f"OIN:{A}",), (401, "niet-herkend")),
        (("00000099000000003000",), (403, "andere-organisatie")),
    ],
    ids=repr,
)
async def test_het_oin_is_het_ene_serienummer_van_het_onderwerp(
    proef: Proef,
    uitgever: Uitgever,
    tmp_path: Path,
    nummers: tuple[str, ...],
    verwacht: tuple[int, str],
) -> None:
    proef.a.tls = papieren(uitgever, tmp_path / "wie.pem", *nummers)
    assert (await proef.a.stuur(PAD)).wat == verwacht


async def test_wie_geen_partij_is_heeft_geen_overeenkomst(
    proef: Proef, uitgever: Uitgever, tmp_path: Path
) -> None:
    derde = "00000099000000003000"
    proef.a.tls = papieren(uitgever, tmp_path / "wie.pem", derde)
    for wat in ("ontvangstbewijzen", f"paginas?vanaf=0&sessie={SESSIE}", "bladen?vanaf=0"):
        antwoord = await proef.a.vraag("GET", wat, oin=derde)
        assert antwoord.wat == (403, "geen-overeenkomst")


async def test_een_verlopen_certificaat_en_dat_van_een_ander_komen_niet_binnen(
    proef: Proef, uitgever: Uitgever, tmp_path: Path
) -> None:
    (tmp_path / "ander").mkdir()
    ander = papieren(Uitgever(tmp_path / "ander"), tmp_path / "ander.pem", A)
    ander.load_verify_locations(uitgever.ca)
    verlopen = papieren(uitgever, tmp_path / "verlopen.pem", A, geldig=-1)
    for tls in (ander, verlopen):
        proef.a.tls = tls
        with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
            await proef.a.stuur(PAD)


async def test_geen_kop_maakt_iemand_een_ander(
    proef: Proef, uitgever: Uitgever, tmp_path: Path
) -> None:
    """Depend on no forwarded header."""
    proef.a.tls = papieren(uitgever, tmp_path / "wie.pem")
    koppen = (f"X-Forwarded-Client-Cert: Subject=serialNumber={A}", f"X-OIN: {A}")
    assert (await proef.a.stuur(PAD, *koppen)).wat == (401, "niet-herkend")


def test_over_minder_dan_tls_1_2_wordt_niet_gesproken(uitgever: Uitgever, tmp_path: Path) -> None:
    instellingen = Instellingen(
        oin=B,
        gegevensmap=tmp_path,
        partnercertificaat=uitgever.certificaat(B),
        partner_ca=uitgever.ca,
    )
    paar = instellingen.tls_voor_partners()
    assert paar is not None
    for tls in paar:
        assert tls.minimum_version >= ssl.TLSVersion.TLSv1_2
        assert tls.verify_mode is ssl.CERT_REQUIRED
    assert paar[1].check_hostname
