"""A certificate that is not good, on either side: nobody comes in, both know why, nothing is lost.

It goes on by itself as soon as there is a good one.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest
from tests.bus.meelezen import Log

from .contract import overeenkomst
from .organisaties import Organisatie, Uitgever, organisatie, server_tls
from .papieren import Papieren, schrijf_certificaat
from .test_over_https import tot, vrije_poorten
from .zijden import A, B

DERDE = "00000099000000003000"


class Fout(NamedTuple):
    """A certificate of A, and what is wrong with it: at the listener and at the caller of B."""

    naam: str
    nummers: list[str]
    dagen: tuple[int, int]
    is_van_ander: bool
    reden: str


FOUTEN = [
    Fout("verlopen", [A], (-30, -1), False, "certificaat-verlopen"),
    Fout("nog niet geldig", [A], (1, 30), False, "certificaat-nog-niet-geldig"),
    Fout("andere uitgever", [A], (-30, 1), True, "certificaat-van-onbekende-uitgever"),
    Fout("ander oin", [DERDE], (-30, 1), False, "certificaat-van-ander-oin"),
]


class Paar:
    """A contract under which each calls the other; A gets other papers."""

    def __init__(self, map_: Path) -> None:
        self.map, self.uitgever = map_, Uitgever(map_)
        self.poorten = dict(zip((A, B), vrije_poorten(), strict=True))
        (map_ / "ander").mkdir()
        self.ander = Uitgever(map_ / "ander")

        adressen = {oin: {"adres": f"https://localhost:{p}"} for oin, p in self.poorten.items()}
        self.getekend = overeenkomst(adressen, beller="zender")

    def papieren(self, fout: Fout) -> Papieren:
        uitgever = self.ander if fout.is_van_ander else self.uitgever
        pad = schrijf_certificaat(uitgever, self.map / "fout.pem", fout.nummers, fout.dagen)
        return Papieren(self.uitgever.ca, pad)

    @asynccontextmanager
    async def draai(self, wie: str, papieren: Papieren | None = None) -> AsyncIterator[Organisatie]:
        oin = {"A": A, "B": B}[wie]
        async with organisatie(
            self.map, wie, self.getekend, papieren or self.uitgever, self.poorten[oin]
        ) as een:
            yield een


@pytest.fixture
def paar(tmp_path: Path) -> Paar:
    return Paar(tmp_path)


@pytest.mark.parametrize("fout", FOUTEN, ids=lambda fout: fout.naam)
async def test_een_fout_certificaat_houdt_beide_kanten_op_tot_er_een_goed_is(
    paar: Paar, log: Log, fout: Fout
) -> None:
    """Each calls the other: A is refused where it calls, and is not called."""
    if fout.nummers == [A]:
        bij_ons = [("certificaat_geweigerd", "", fout.reden)]
        bij_hen = [("partner_onbereikbaar", B, "verbroken-zonder-antwoord")]
    else:  # it is somebody, whom nobody knows here: TLS has nothing against it
        bij_ons = [("partner_geweigerd", DERDE, "andere-organisatie")]
        bij_hen = [("partner_weigert", B, "andere-organisatie")]
    verwacht = {*bij_ons, *bij_hen, ("partner_onbereikbaar", A, fout.reden)}
    async with paar.draai("B") as b:
        async with paar.draai("A", paar.papieren(fout)) as a:
            await tot(lambda: gezegd(log) >= verwacht, 10)
            assert gezegd(log) == verwacht
            assert not list(log.regels("onverwachte_fout"))
            for een in (a, b):
                assert een.kanaal.verkeer.verbinding().sessie_uit is None
                assert een.bladen("in") == ()
        async with paar.draai("A") as a:
            await b.zeg(b"van b")
            await a.zeg(b"van a")
            await tot(lambda: (b.bladen("in"), a.bladen("in")) == ((b"van a",), (b"van b",)))


def gezegd(log: Log) -> set[tuple[str, str, str]]:
    """What both say of who is not let in or not called: of whom, and why."""
    soorten = (
        "certificaat_geweigerd",
        "partner_onbereikbaar",
        "partner_geweigerd",
        "partner_weigert",
    )
    return {
        (r["gebeurtenis"], r.get("partner", ""), r.get("reden") or r["code"])
        for r in log.regels(*soorten)
    }


@contextmanager
def weigert(tls: ssl.SSLContext, poort: int) -> Iterator[None]:
    """Listens with blocking sockets, with which OpenSSL itself says what is wrong."""
    with socket.create_server(("127.0.0.1", poort)) as luistert:

        def neem() -> None:
            while True:
                try:
                    contact, _ = luistert.accept()
                except OSError:
                    return
                with suppress(OSError), tls.wrap_socket(contact, server_side=True) as beveiligd:
                    beveiligd.recv(1)

        draad = Thread(target=neem, daemon=True)
        draad.start()
        yield
        luistert.shutdown(socket.SHUT_RDWR)
        draad.join(10)


@pytest.mark.parametrize("versie", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_wie_ons_certificaat_weigert_en_dat_ook_zegt_is_geen_storing(
    paar: Paar, log: Log, versie: ssl.TLSVersion
) -> None:
    """In TLS 1.3 it is said where an answer would be read."""
    verlopen = paar.papieren(FOUTEN[0]._replace(nummers=[B]))
    tls = server_tls(paar.uitgever, A)
    tls.minimum_version = tls.maximum_version = versie
    with weigert(tls, paar.poorten[A]):
        async with paar.draai("B", verlopen) as b:
            reden = ("partner_onbereikbaar", A, "ons-certificaat-geweigerd")
            await tot(lambda: reden in gezegd(log), 10)
            await asyncio.sleep(0.5)  # some more tries
            assert not b.kanaal.verkeer.verbinding().is_hervat
            redenen = [r["reden"] for r in log.regels("partner_onbereikbaar")]
            assert sorted(redenen) == sorted(set(redenen))  # a reset may come before the word
            assert not b.beltaak.done()
