"""What operators do and are refused is in the store, in the transaction of what they did."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.kern.http.conftest import Log
from tests.kern.http.organisatie import Organisatie, drager
from tests.kern.http.proefdienst import ZAAK, proefapp, proefrouter
from tests.kern.proef import DOOR, NU, TABELLEN, Dienst, vultaak

from schakel.kern import onderhoud
from schakel.kern.bezorging.parkeren import maak_parkeerrouter
from schakel.kern.bus.bericht import Levering, Record
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.http import Rol
from schakel.kern.opslag import AUDIT, Opslag, PersistenceError
from schakel.kern.opslag.postgres import PostgresOpslag, migreer
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.kern.vastlegging.audit import BEZIG, Handeling

SPOOR = "0af7651916cd43dd8448eb211c80319c"
MET_AUDIT = TABELLEN.met(AUDIT)


@pytest.fixture(params=["sqlite", "postgres"])
def opslag(request: pytest.FixtureRequest, tmp_path: Path) -> Opslag:
    if request.param == "sqlite":
        return SqliteOpslag(tmp_path / "proef.db", MET_AUDIT)
    url = request.getfixturevalue("postgres").maak_database()
    migreer(url, MET_AUDIT)
    return PostgresOpslag(url, MET_AUDIT)


class Proef:
    """A service with parked messages, and whoever may or may not do something about them."""

    def __init__(self, dienst: Dienst, organisatie: Organisatie, klant: httpx.AsyncClient) -> None:
        self.dienst = dienst
        self._organisatie = organisatie
        self._klant = klant

    async def parkeer(self) -> int:
        record = Record(len(self.dienst.geparkeerd()) + 1, None, (), b"onzin" + uuid4().bytes)
        await self.dienst.ontvanger.ontvang(Levering("elders", "elders", [record]))
        return int(self.dienst.parkeerplaats.lijst()[-1].nummer)

    async def vraag(
        self, methode: str, pad: str, *rollen: Rol, sleutel: str | None = "a", **anders: Any
    ) -> httpx.Response:
        koppen = {"traceparent": f"00-{SPOOR}-b7ad6b7169203331-01"}
        koppen |= drager(self._organisatie.token(*rollen)) if rollen else {}
        koppen |= {"idempotency-key": sleutel} if sleutel else {}
        return await self._klant.request(methode, pad, headers=koppen, **anders)

    def boek(self) -> list[dict[str, Any]]:
        rijen = self.dienst.opslag.vraag("SELECT inhoud FROM audit ORDER BY nummer")
        return [json.loads(bytes(inhoud)) for (inhoud,) in rijen]

    def kort(self) -> list[tuple[Any, ...]]:
        return [(f["rol"], f["wat"], f["waarop"], f["resultaat"]) for f in self.boek()]


@pytest.fixture
async def proef(opslag: Opslag, organisatie: Organisatie) -> AsyncIterator[Proef]:
    dienst = Dienst(opslag)
    app = proefapp(
        organisatie.instellingen(),
        routers=[proefrouter(), maak_parkeerrouter(dienst.ontvanger)],
        boek=dienst.schrijver.boek,
    )
    vervoer = httpx.ASGITransport(app, client=("192.0.2.77", 1))
    async with httpx.AsyncClient(transport=vervoer, base_url="http://localhost/v1") as klant:
        yield Proef(dienst, organisatie, klant)
    await dienst.sluit()


GEEF_VRIJ, VERWERP = "POST /geparkeerd/{nummer}/vrijgaven", "POST /geparkeerd/{nummer}/verwerpingen"


async def test_wat_een_beheerder_doet_staat_er_met_wie_waarmee_en_vanwaar(proef: Proef) -> None:
    nummer = await proef.parkeer()
    gedaan = await proef.vraag(
        "POST", f"/geparkeerd/{nummer}/verwerpingen", Rol.BEHEERDER, json={"reden": "dubbel"}
    )
    assert gedaan.status_code == 201
    (feit,) = proef.boek()
    wie = feit.pop("wie")
    assert wie.startswith("mw-")
    assert feit == {
        "op": NU.isoformat(),
        "rol": "beheerder",
        "wat": VERWERP,
        "waarop": str(nummer),
        "resultaat": "gedaan",
        "vanwaar": "192.0.2.0/24",
        "spoor": SPOOR,
    }


async def test_het_staat_in_de_transactie_van_de_handeling_zelf(proef: Proef) -> None:
    nummer = await proef.parkeer()
    voor = proef.dienst.schrijver.aantal_transacties
    await proef.vraag("POST", f"/geparkeerd/{nummer}/vrijgaven", Rol.BEHEERDER, json={})
    assert proef.dienst.schrijver.aantal_transacties == voor + 1
    assert proef.kort() == [("beheerder", GEEF_VRIJ, str(nummer), "gedaan")]


@pytest.mark.parametrize("wat", ["vrijgaven", "verwerpingen", "wissingen"])
@pytest.mark.parametrize("is_proef", [False, True])
async def test_ook_wat_met_een_filter_gedaan_of_alleen_geteld_wordt_staat_er(
    proef: Proef, wat: str, is_proef: bool
) -> None:
    for _ in "12":
        await proef.parkeer()
    if wat == "wissingen":
        for nummer in (1, 2):
            await proef.dienst.ontvanger.verwerp(nummer, "rommel", DOOR)
    body = {"filter": {"van": "2026-01-01"}, "proef": is_proef}
    body |= {"reden": "rommel"} if wat == "verwerpingen" else {}
    antwoord = await proef.vraag("POST", f"/geparkeerd/{wat}", Rol.BEHEERDER, json=body)
    gedaan = 0 if is_proef or wat == "vrijgaven" else 2
    assert antwoord.json() == {"gevonden": 2, "verwerkt": gedaan, "volgende": None}
    waarop = "van=2026-01-01,proef" if is_proef else "van=2026-01-01"
    assert proef.kort() == [("beheerder", f"POST /geparkeerd/{wat}", waarop, "gedaan")]


@pytest.mark.parametrize(
    "filter_",
    [
        {},
        {"na": 3},
        {"reden": "Geen JSON"},
        {"bron": ""},
        {"van": "gisteren"},
        {"tot": "2026-01-02T03:04:05+01:00"},
        {"vreemd": "x"},
    ],
    ids=str,
)
async def test_een_filter_dat_niets_of_iets_vreemds_noemt_doet_niets(
    proef: Proef, filter_: dict[str, Any]
) -> None:
    nummer = await proef.parkeer()
    body = {"filter": filter_, "reden": "rommel"}
    antwoord = await proef.vraag("POST", "/geparkeerd/verwerpingen", Rol.BEHEERDER, json=body)
    assert antwoord.status_code == 400
    assert [g.nummer for g in proef.dienst.parkeerplaats.lijst()] == [nummer]


async def test_mislukt_de_transactie_dan_is_er_niets_gedaan_en_zegt_het_log_wat_er_gevraagd_werd(
    proef: Proef, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    nummer = await proef.parkeer()

    def stuk(*_: Any) -> None:
        raise PersistenceError("weg")

    with monkeypatch.context() as kapot:
        kapot.setattr(proef.dienst.opslag, "schrijf", stuk)
        pad = f"/geparkeerd/{nummer}/verwerpingen"
        antwoord = await proef.vraag("POST", pad, Rol.BEHEERDER, json={"reden": "x"})
        assert antwoord.status_code == 503
    assert proef.boek() == []
    assert [g.nummer for g in proef.dienst.parkeerplaats.lijst()] == [nummer]
    (regel,) = log.regels("handeling_niet_geboekt")
    assert (regel["resultaat"], regel["soort"]) == ("opslag-fout", "OpslagFout")


async def test_ook_wat_werd_geweigerd_staat_er_en_wie_niemand_is_schrijft_niets(
    proef: Proef,
) -> None:
    nummer = await proef.parkeer()
    pad, geef_vrij = f"/geparkeerd/{nummer}/verwerpingen", f"/geparkeerd/{nummer}/vrijgaven"
    ja = {"reden": "dubbel"}
    for verwacht, rollen, adres, anders in (
        (401, (), pad, {"json": ja}),
        (403, (Rol.LEZER,), pad, {"json": ja}),
        (403, (Rol.LEZER, Rol.BEHANDELAAR), geef_vrij, {"json": {}}),
        (400, (Rol.BEHEERDER,), pad, {"json": {"reden": "Willemijn van Buren"}}),
        (400, (Rol.BEHEERDER,), pad, {"json": ja, "sleutel": None}),
        (400, (Rol.BEHEERDER,), "/geparkeerd/5_0/vrijgaven", {"json": {}}),
        (400, (Rol.BEHEERDER,), "/geparkeerd/Willemijn/vrijgaven", {"json": {}}),
        (415, (Rol.BEHEERDER,), geef_vrij, {"content": b"x"}),
        (404, (Rol.BEHEERDER,), "/geparkeerd/999/vrijgaven", {"json": {}}),
        (201, (Rol.BEHEERDER,), pad, {"json": ja}),
        (404, (Rol.BEHEERDER,), pad, {"json": ja}),
    ):
        assert (await proef.vraag("POST", adres, *rollen, **anders)).status_code == verwacht
    n = str(nummer)
    assert proef.kort() == [
        ("lezer", VERWERP, n, "geen-toegang"),
        ("behandelaar,lezer", GEEF_VRIJ, n, "geen-toegang"),
        ("beheerder", VERWERP, n, "invoer-ongeldig"),
        ("beheerder", VERWERP, n, "idempotency-key-ontbreekt"),
        ("beheerder", GEEF_VRIJ, None, "invoer-ongeldig"),
        ("beheerder", GEEF_VRIJ, None, "invoer-ongeldig"),
        ("beheerder", GEEF_VRIJ, n, "mediatype-onbekend"),
        ("beheerder", GEEF_VRIJ, "999", "niet-geparkeerd"),
        ("beheerder", VERWERP, n, "gedaan"),
        ("beheerder", VERWERP, n, "al-afgehandeld"),
    ]
    assert "Willemijn" not in json.dumps(proef.boek())


async def test_wat_geen_transactie_heeft_krijgt_er_een(proef: Proef) -> None:
    assert (await proef.vraag("DELETE", f"/dozen/{ZAAK}", Rol.BEHEERDER)).status_code == 200
    assert proef.kort() == [("beheerder", "DELETE /dozen/{doosId}", ZAAK, "gedaan")]


async def test_lezen_en_wat_anderen_doen_staat_er_niet(proef: Proef) -> None:
    await proef.parkeer()
    for pad in ("/geparkeerd", f"/dozen/{ZAAK}"):
        assert (await proef.vraag("GET", pad, Rol.BEHEERDER)).status_code == 200
    assert (await proef.vraag("GET", "/geparkeerd", Rol.LEZER)).status_code == 403
    assert (await proef.vraag("POST", "/dozen", Rol.INTAKER, json={"tekst": "a"})).is_success
    assert proef.boek() == []


async def test_een_geweigerde_handeling_neemt_niets_mee_van_wie_met_haar_in_een_partij_zit(
    proef: Proef,
) -> None:
    handeling = Handeling("mw-x", "beheerder", "iets", None, "loopback", None)
    kist = uuid4()
    merk = BEZIG.set(handeling)
    try:
        with pytest.raises(Exception, match="negatief"):
            await proef.dienst.schrijver.voer_uit(vultaak(kist, -1))
    finally:
        BEZIG.reset(merk)
    assert not handeling.is_open
    assert await proef.dienst.schrijver.voer_uit(vultaak(kist, 1)) == 1
    assert [(f["wie"], f["resultaat"]) for f in proef.boek()] == [("mw-x", "negatief")]


async def test_een_fout_van_ons_laat_zien_dat_het_een_fout_was(proef: Proef) -> None:
    merk = BEZIG.set(Handeling("mw-x", "beheerder", "iets", None, "loopback", None))
    try:
        with pytest.raises(RuntimeError, match="dertien"):
            await proef.dienst.schrijver.voer_uit(vultaak(uuid4(), 13))
    finally:
        BEZIG.reset(merk)
    assert [f["resultaat"] for f in proef.boek()] == ["interne-fout"]


async def test_wie_de_bytes_van_een_ander_leest_staat_er_ook(proef: Proef) -> None:
    nummer = await proef.parkeer()
    for rol in (Rol.BEHEERDER, Rol.LEZER):
        await proef.vraag("GET", f"/geparkeerd/{nummer}", rol)
    lezen = "GET /geparkeerd/{nummer}"
    assert proef.kort() == [
        ("beheerder", lezen, str(nummer), "gedaan"),
        ("lezer", lezen, str(nummer), "geen-toegang"),
    ]


@pytest.mark.parametrize("rond_af", [False, True])
def test_wat_iemand_op_de_machine_met_een_opslag_doet_staat_er_ook(
    request: pytest.FixtureRequest, *, rond_af: bool
) -> None:
    url = request.getfixturevalue("postgres").maak_database()
    versie = onderhoud.migreer(Instellingen(opslag=url), "proef", MET_AUDIT, rond_af=rond_af)
    opslag = PostgresOpslag(url, MET_AUDIT, "proef")
    ((inhoud,),) = opslag.vraag("SELECT inhoud FROM audit")
    opslag.sluit()
    feit = json.loads(bytes(inhoud))
    assert feit.pop("op")
    assert feit == {
        "wie": "machine",
        "rol": "beheerder",
        "wat": "migreer --rond-af" if rond_af else "migreer",
        "waarop": f"versie {versie}",
        "resultaat": "gedaan",
        "vanwaar": "machine",
        "spoor": None,
    }
