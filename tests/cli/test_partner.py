"""``schakel partner``: two organisations agree; what cannot be agreed is refused in one line."""

import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from tests.cli.conftest import Gezegd

from schakel.bewijs import (
    VERKLARING,
    Logsleutels,
    controleer_jws,
    lees_jwk,
    nieuwe_contractsleutel,
)
from schakel.contracts.schakels.jws import lees_jws
from schakel.contracts.schakels.sleutels import lees_sleutelverklaring

Schakel = Callable[..., Gezegd]
Zet = Callable[[str, str], None]
A, B, C = "00000099000000001000", "00000099000000002000", "00000099000000003000"
PAAR = f"{A}-{B}"
AFSPRAAK = {
    "soort": "deelproces",
    "vrager": A,
    "uitvoerder": B,
    "processen": ["wijzigen"],
    "meldingsoorten": [],
    "diensten": ["wegen"],
    "modellen": ["hoofdaannemer"],
    "termijnen": {"eersteWoord": "P2D"},
}


class Kant:
    """One of the two: its keys, its folder, its number."""

    def __init__(
        self, schakel: Schakel, map_: Path, oin: str, zet: Callable[[str, str], None]
    ) -> None:
        self.map, self.oin, self._schakel, self._zet = map_, oin, schakel, zet
        map_.mkdir()
        for soort in ("contract", "log"):
            assert self("sleutel", map_ / f"{soort}.pem", "--soort", soort).code == 0

    def __call__(self, *argumenten: object) -> Gezegd:
        self._zet("SCHAKEL_OIN", self.oin)
        self._zet("SCHAKEL_GEGEVENSMAP", str(self.map))
        return self._schakel("partner", *argumenten)

    @property
    def sleutel(self) -> tuple[str, Path]:
        return "--sleutel", self.map / "contract.pem"

    @property
    def partners(self) -> set[str]:
        return {pad.name for pad in (self.map / "partners").glob("*")}

    def partij(self, ander: str) -> dict[str, Any]:
        log = ("--logsleutel", self.map / "log.pem")
        wie = ("--partner", ander, "--naam", "Dorp", "--adres", "https://grens.example.nl")
        gezegd = self("partij", *wie, *self.sleutel, *log)
        assert gezegd.code == 0
        waarde: dict[str, Any] = json.loads(gezegd.uit)
        return waarde

    def lijst(self) -> list[dict[str, Any]]:
        regels: list[dict[str, Any]] = json.loads(self("lijst", "-o", "json").uit)
        return regels


Twee = tuple[Kant, Kant]


@pytest.fixture
def twee(schakel: Schakel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Twee:
    een, ander = (
        Kant(schakel, tmp_path / naam, oin, monkeypatch.setenv)
        for naam, oin in (("a", A), ("b", B))
    )
    return een, ander


def inhoud(twee: Twee, **anders: Any) -> Path:
    """What is agreed, in a file."""
    een, ander = twee
    geheel = {
        "geldigTot": "2099-01-01T00:00:00Z",
        "beller": "zender",
        "partijen": [een.partij(B), ander.partij(A)],
        "afspraken": [AFSPRAAK],
        **anders,
    }
    pad = een.map / "inhoud.json"
    pad.write_text(json.dumps(geheel))
    return pad


def getekend(twee: Twee, **anders: Any) -> Path:
    """A contract that both signed."""
    een, ander = twee
    pad = een.map.parent / "voorstel.json"
    gemaakt = een("voorstel", inhoud(twee, **anders), *een.sleutel, "--uit", pad)
    assert (gemaakt.code, gemaakt.uit) == (0, ""), gemaakt.fout
    assert "laat de ander dit tekenen" in gemaakt.fout
    tweede = ander("onderteken", pad, *ander.sleutel, "-o", "json")
    assert tweede.code == 0, tweede.fout
    assert json.loads(tweede.uit)["bestand"] == str(pad)
    return pad


# --- how it goes ---------------------------------------------------------------------------------


def test_een_sleutel_is_alleen_voor_de_eigenaar_en_wordt_niet_overschreven(twee: Twee) -> None:
    een, _ = twee
    pem = een.map / "contract.pem"
    assert stat.S_IMODE(pem.stat().st_mode) == 0o600
    was = pem.read_bytes()
    gezegd = een("sleutel", pem)
    assert (gezegd.code, pem.read_bytes()) == (2, was)
    assert gezegd.fout.count("\n") == 1


def test_twee_organisaties_spreken_af_en_beide_zien_dat_het_geldt(twee: Twee) -> None:
    pad = getekend(twee)
    for kant, ander in (twee, twee[::-1]):
        assert kant("aanvaard", pad).code == 0
        (regel,) = kant.lijst()
        assert (regel["partner"], regel["stand"], regel["volgnummer"]) == (ander.oin, "geldt", 1)
        assert kant.partners == {f"{PAAR}.1.overeenkomst.json"}
        assert (
            kant.map / "partners" / f"{PAAR}.1.overeenkomst.json"
        ).read_bytes() == pad.read_bytes()
    tekst = twee[0]("lijst")
    assert B in tekst.uit
    assert "geldt" in tekst.uit
    assert twee[0]("aanvaard", pad).code == 0, "nog eens is goed"


def test_wat_in_een_voorstel_staat_is_te_zien_voor_men_tekent(twee: Twee) -> None:
    een, ander = twee
    pad = een.map / "voorstel.json"
    een("voorstel", inhoud(twee), *een.sleutel, "--uit", pad)
    gezegd = ander("lijst", "--bestand", pad)
    assert gezegd.code == 0
    getoond = json.loads(gezegd.uit)
    assert getoond["afspraken"] == [AFSPRAAK]
    assert (getoond["versie"], getoond["volgnummer"]) == (1, 1)


def test_hoe_een_partner_heet_verandert_niets_aan_de_lijst(twee: Twee) -> None:
    een, ander = twee
    partijen = [een.partij(B), {**ander.partij(A), "naam": "[/rood] Dorp [bold]"}]
    een("aanvaard", getekend(twee, partijen=partijen))
    gezegd = een("lijst")
    assert gezegd.code == 0
    assert "[/rood] Dorp [bold]" in gezegd.uit


def test_zonder_overeenkomsten_zegt_de_lijst_dat(twee: Twee) -> None:
    assert twee[0]("lijst").uit == "er is met niemand een overeenkomst\n"
    assert twee[0].lijst() == []


def test_een_hoger_volgnummer_vervangt_en_het_vorige_blijft_bewaard(twee: Twee) -> None:
    een, _ = twee
    een("aanvaard", getekend(twee))
    (oud,) = een.lijst()
    id_ = oud["overeenkomstId"]
    assert een("aanvaard", getekend(twee, overeenkomstId=id_, volgnummer=2)).code == 0
    (nieuw,) = een.lijst()
    assert (nieuw["volgnummer"], nieuw["kenmerk"] == oud["kenmerk"]) == (2, False)
    assert een.partners == {f"{PAAR}.{n}.overeenkomst.json" for n in (1, 2)}


def test_wat_pas_later_geldt_vervangt_nog_niets(twee: Twee) -> None:
    een, _ = twee
    een("aanvaard", getekend(twee))
    id_ = een.lijst()[0]["overeenkomstId"]
    straks = getekend(twee, overeenkomstId=id_, volgnummer=2, geldigVanaf="2098-01-01T00:00:00Z")
    assert een("aanvaard", straks).code == 0
    assert [(regel["volgnummer"], regel["stand"]) for regel in een.lijst()] == [
        (1, "geldt"),
        (2, "geldt nog niet"),
    ]


def test_intrekken_trekt_ook_in_wat_vervangen_was(twee: Twee) -> None:
    een, _ = twee
    eerste = getekend(twee).read_bytes()
    pad = een.map / "eerste.json"
    pad.write_bytes(eerste)
    een("aanvaard", pad)
    id_ = een.lijst()[0]["overeenkomstId"]
    een("aanvaard", getekend(twee, overeenkomstId=id_, volgnummer=2))
    assert len(json.loads(een("intrek", B, "-o", "json").uit)["bestanden"]) == 2
    assert een.lijst() == []
    geweigerd(een("aanvaard", pad), 1, "is ingetrokken")
    geweigerd(een("aanvaard", getekend(twee, overeenkomstId=id_, volgnummer=2)), 1, "is er geweest")
    assert een("aanvaard", getekend(twee, overeenkomstId=id_, volgnummer=3)).code == 0


def test_hoe_een_bestand_heet_maakt_niet_uit(twee: Twee) -> None:
    """As two organisations exchange it: ``<a>-<b>.overeenkomst.json``, put there by hand."""
    een, _ = twee
    (een.map / "partners").mkdir()
    met_de_hand = een.map / "partners" / f"{PAAR}.overeenkomst.json"
    met_de_hand.write_bytes(getekend(twee).read_bytes())
    assert een.lijst()[0]["stand"] == "geldt"
    assert een("aanvaard", met_de_hand).code == 0
    assert een.partners == {met_de_hand.name}


def test_wat_is_ingetrokken_geldt_niet_meer_en_komt_niet_terug(twee: Twee) -> None:
    een, _ = twee
    pad = getekend(twee)
    een("aanvaard", pad)
    (regel,) = een.lijst()
    gezegd = een("intrek", B, "-o", "json")
    assert (gezegd.code, een.lijst()) == (0, [])
    assert een.partners == {f"{PAAR}.1.{regel['kenmerk'][:8]}.ingetrokken.json"}
    geweigerd(een("aanvaard", pad), 1, "is ingetrokken")
    assert een("intrek", B).code == 1
    assert een("aanvaard", getekend(twee)).code == 0, "een andere overeenkomst mag wel"


def test_wie_geen_adres_heeft_belt_zelf(twee: Twee) -> None:
    een, ander = twee
    zonder = {**ander.partij(A), "adres": None}
    pad = getekend(twee, beller=B, partijen=[een.partij(B), zonder])
    assert een("aanvaard", pad).code == 0
    assert een.lijst()[0]["beller"] == B


@pytest.mark.parametrize(
    ("vanaf", "tot", "stand"),
    [
        ("2098-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "geldt nog niet"),
        ("2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "geldt"),
    ],
)
def test_de_lijst_zegt_of_zij_geldt(twee: Twee, vanaf: str, tot: str, stand: str) -> None:
    een, _ = twee
    assert een("aanvaard", getekend(twee, geldigVanaf=vanaf, geldigTot=tot)).code == 0
    assert een.lijst()[0]["stand"] == stand


# --- what is refused -----------------------------------------------------------------------------


def geweigerd(gezegd: Gezegd, code: int, uitleg: str) -> None:
    assert (gezegd.code, gezegd.uit) == (code, "")
    assert uitleg in gezegd.fout
    assert gezegd.fout.count("\n") == 1


def test_wat_er_maar_een_tekende_geldt_niet(twee: Twee) -> None:
    een, ander = twee
    pad = een.map / "voorstel.json"
    een("voorstel", inhoud(twee), *een.sleutel, "--uit", pad)
    geweigerd(een("aanvaard", pad), 2, "niet iedereen die moet tekenen heeft getekend")
    geweigerd(een("onderteken", pad, *een.sleutel), 1, "al getekend")
    ander("onderteken", pad, *ander.sleutel)
    geweigerd(ander("onderteken", pad, *ander.sleutel), 1, "al getekend")


def test_alleen_een_partij_stelt_voor_tekent_en_aanvaardt(twee: Twee, tmp_path: Path) -> None:
    een, ander = twee
    vreemd = tmp_path / "vreemd.pem"
    vreemd.write_bytes(nieuwe_contractsleutel())
    pad = tmp_path / "v.json"
    wat = inhoud(twee)
    geweigerd(een("voorstel", wat, "--sleutel", vreemd, "--uit", pad), 1, "geen van beide")
    assert not pad.exists()
    een("voorstel", wat, *een.sleutel, "--uit", pad)
    geweigerd(ander("onderteken", pad, "--sleutel", vreemd), 1, "geen van beide")
    af = getekend(twee)
    een.oin = C
    geweigerd(een("aanvaard", af), 1, "geen partij")


def test_een_veranderd_bestand_geldt_niet(twee: Twee) -> None:
    een, ander = twee
    pad = getekend(twee)
    jws = json.loads(pad.read_text())
    for anders in (
        {"payload": jws["payload"][:-4] + "AAAA"},
        {"signatures": jws["signatures"][:1]},
        {"signatures": [jws["signatures"][0]] * 2},
        {"signatures": [{**een_, "header": {}} for een_ in jws["signatures"]]},
    ):
        pad.write_text(json.dumps({**jws, **anders}))
        assert een("aanvaard", pad).code == 2
    pad.write_text("{}")
    geweigerd(ander("aanvaard", pad), 2, "payload ontbreekt")
    assert een.lijst() == []


def test_een_opvolger_is_nieuwer_en_van_dezelfde_overeenkomst(twee: Twee) -> None:
    een, _ = twee
    een("aanvaard", getekend(twee))
    id_ = een.lijst()[0]["overeenkomstId"]
    geweigerd(een("aanvaard", getekend(twee)), 1, "trek eerst de overeenkomst in")
    zelfde = getekend(twee, overeenkomstId=id_)
    geweigerd(een("aanvaard", zelfde), 1, "volgnummer 1 is er geweest")
    assert een.lijst()[0]["volgnummer"] == 1


def test_wat_verlopen_is_wordt_niet_aanvaard(twee: Twee) -> None:
    pad = getekend(twee, geldigVanaf="2020-01-01T00:00:00Z", geldigTot="2021-01-01T00:00:00Z")
    geweigerd(twee[0]("aanvaard", pad), 1, "gold tot 2021")


def test_de_eerste_logsleutels_blijven_zoals_ze_waren(twee: Twee) -> None:
    een, _ = twee
    een("aanvaard", getekend(twee))
    id_ = een.lijst()[0]["overeenkomstId"]
    (een.map / "log.pem").unlink()
    een("sleutel", een.map / "log.pem", "--soort", "log")
    ander = getekend(twee, overeenkomstId=id_, volgnummer=2)
    geweigerd(een("aanvaard", ander), 1, "logsleutels van deze twee blijven")
    een("intrek", B)
    geweigerd(een("aanvaard", getekend(twee)), 1, "logsleutels van deze twee blijven")


def test_een_bestand_in_de_map_dat_niet_deugt_wordt_genoemd_en_houdt_niets_op(twee: Twee) -> None:
    een, _ = twee
    een("aanvaard", getekend(twee))
    map_ = een.map / "partners"
    (map_ / "zomaar.overeenkomst.json").write_bytes(b"{}")
    gezegd = een("lijst", "-o", "json")
    assert gezegd.code == 1
    assert [regel["stand"] for regel in json.loads(gezegd.uit)] == ["geldt", "onbruikbaar"]
    tekst = een("lijst")
    assert (tekst.code, "zomaar.overeenkomst.json: payload" in tekst.fout) == (1, True)
    een.oin = C
    assert "is hier geen partij bij" in een("lijst").fout


@pytest.mark.parametrize(
    ("anders", "uitleg"),
    [
        ({"beller": "ik"}, "beller is zender"),
        ({"afspraken": []}, "afspraken is ongeldig"),
        ({"geldigTot": "ooit"}, "geldigTot is ongeldig"),
        ({"versie": 2}, "versie is ongeldig"),
    ],
)
def test_wat_geen_overeenkomst_is_wordt_geen_voorstel(
    twee: Twee, anders: dict[str, Any], uitleg: str
) -> None:
    een, _ = twee
    pad = een.map / "v.json"
    geweigerd(een("voorstel", inhoud(twee, **anders), *een.sleutel, "--uit", pad), 2, uitleg)
    assert not pad.exists()


def test_een_bestand_of_sleutel_die_er_niet_is_of_niet_past_is_een_regel(twee: Twee) -> None:
    een, _ = twee
    weg = een.map / "weg"
    wat = inhoud(twee)
    uit = ("--uit", een.map / "v.json")
    geweigerd(een("voorstel", weg, *een.sleutel, *uit), 2, "niet lezen")
    geweigerd(een("voorstel", wat, "--sleutel", weg, *uit), 2, "niet lezen")
    geweigerd(een("voorstel", wat, "--sleutel", wat, *uit), 2, "geen PEM")
    geweigerd(een("voorstel", wat, "--sleutel", een.map / "log.pem", *uit), 2, "EC (P-256) of RSA")
    geweigerd(een("voorstel", wat, *een.sleutel, "--uit", wat / "x"), 2, "niet schrijven")
    geweigerd(een("aanvaard", weg), 2, "niet lezen")
    geweigerd(een("intrek", "123"), 2, "20 cijfers")
    geweigerd(een("intrek", C), 1, "geen overeenkomst met")
    wat.write_text("[]")
    geweigerd(een("voorstel", wat, *een.sleutel, *uit), 2, "geen JSON-object")
    wat.write_text('{"a":1,"a":2}')
    geweigerd(een("voorstel", wat, *een.sleutel, *uit), 2, "meer dan eens")


def test_een_certificaat_gaat_mee_als_het_van_de_sleutel_en_van_dit_oin_is(twee: Twee) -> None:
    een, _ = twee
    privaat = serialization.load_pem_private_key((een.map / "contract.pem").read_bytes(), None)
    wie = ("--partner", B, "--naam", "Dorp", *een.sleutel, "--logsleutel", een.map / "log.pem")
    keten = een.map / "keten.pem"
    keten.write_bytes(certificaat(privaat, A))
    gezegd = een("partij", *wie, "--certificaat", keten)
    assert (gezegd.code, len(json.loads(gezegd.uit)["contractsleutel"]["x5c"])) == (0, 1)
    keten.write_bytes(certificaat(privaat, B))
    geweigerd(een("partij", *wie, "--certificaat", keten), 2, "noemt een ander OIN")
    keten.write_bytes(b"geen pem")
    geweigerd(een("partij", *wie, "--certificaat", keten), 2, "geen PEM met certificaten")


def certificaat(privaat: Any, oin: str) -> bytes:
    naam = x509.Name([x509.NameAttribute(NameOID.SERIAL_NUMBER, oin)])
    nu = datetime(2026, 1, 1, tzinfo=UTC)
    bouwer = x509.CertificateBuilder(naam, naam, privaat.public_key(), 1, nu, nu + timedelta(1))
    return bouwer.sign(privaat, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def test_een_verklaring_over_sleutels_is_er_een_die_een_logboek_volgt(twee: Twee) -> None:
    een, _ = twee
    eerste = een.partij(B)
    nieuw, uit = een.map / "nieuw.pem", een.map / "verklaring.json"
    een("sleutel", nieuw, "--soort", "log")
    wie = ("--partner", B, *een.sleutel, "--uit", uit, "--volgnummer")
    assert een("sleutels", *wie, 1, "--erbij", nieuw, "--eraf", eerste["logsleutel"]).code == 0
    jws = lees_jws(uit.read_bytes())
    contractsleutel = lees_jwk(eerste["contractsleutel"])
    gezegd = lees_sleutelverklaring(
        controleer_jws(jws.payload, jws.paren, VERKLARING, [contractsleutel])
    )
    begin = Logsleutels.begin(f"schakel/{A}/{B}", eerste["logsleutel"])
    (na,) = begin.met(5, **msgspec.structs.asdict(gezegd)).geldig(6)
    assert na.vkey == gezegd.erbij[0]
    geweigerd(een("sleutels", *wie, 2), 2, "noem een sleutel")
    geweigerd(een("sleutels", *wie, 2, "--eraf", "x"), 2, "naam+id+base64")
    geweigerd(een("sleutels", *wie, 2, "--erbij", een.map / "contract.pem"), 2, "Ed25519")
    geweigerd(een("sleutels", *wie, 0, "--erbij", nieuw), 2, "ongeldig")


def test_een_sleutel_mag_een_wachtwoord_hebben(twee: Twee) -> None:
    een, _ = twee
    pem = een.map / "contract.pem"
    privaat = serialization.load_pem_private_key(pem.read_bytes(), None)
    wat = inhoud(twee)
    pem.write_bytes(
        privaat.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"geheim"),
        )
    )
    woord = een.map / "woord"
    woord.write_text("geheim\n")
    uit = ("--uit", een.map / "v.json")
    assert een("voorstel", wat, *een.sleutel, *uit, "--wachtwoord", woord).code == 0
    geweigerd(een("voorstel", wat, *een.sleutel, *uit), 2, "wachtwoord past niet")
