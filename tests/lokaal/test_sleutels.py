"""Certificates that the strictest reader takes: the default of Python from 3.13 on."""

import ssl
from pathlib import Path

from deploy.lokaal.sleutels import Sleutels


def test_een_certificaat_wordt_ook_streng_gelezen_vertrouwd(tmp_path: Path) -> None:
    sleutels = Sleutels(tmp_path / "sleutels")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*sleutels.certificaat("broker"))
    server.load_verify_locations(sleutels.ca)
    server.verify_mode = ssl.CERT_REQUIRED
    klant = ssl.create_default_context(cafile=str(sleutels.ca))
    klant.load_cert_chain(*sleutels.certificaat("dienst"))
    for een in (server, klant):
        een.verify_flags |= ssl.VERIFY_X509_STRICT

    heen, terug = ssl.MemoryBIO(), ssl.MemoryBIO()
    zijden = [
        klant.wrap_bio(terug, heen, server_hostname="localhost"),
        server.wrap_bio(heen, terug, server_side=True),
    ]
    for _ in range(3):
        for zijde in zijden:
            try:
                zijde.do_handshake()
            except ssl.SSLWantReadError:
                continue

    assert [zijde.getpeercert()["subject"][0][0][1] for zijde in zijden] == ["broker", "dienst"]  # type: ignore[index]
