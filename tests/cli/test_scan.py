"""Nobody crosses: every byte between two organisations, their topics, logs and stores are searched.

The channel for texts is the one exception, by its name; each fetch over it stands in the books of
both. That a search finds something is shown with a name where one can be: a service of a contract.
"""

import asyncio
import json
import ssl
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.cli.test_organisaties import bladen, boeken
from tests.grens.opname import Opname, kaal
from tests.grens.scan import in_map, vind
from tests.grens.test_over_https import vrije_poorten

from schakel.cli import opstelling, organisaties
from schakel.cli.alles import bouw_geheel
from schakel.cli.opstelling import Organisatie
from schakel.proefspel.dossier import Huis
from schakel.proefspel.plan import TUSSEN_ORGANISATIES, Plan, lees_plannen

PLANNEN = lees_plannen(TUSSEN_ORGANISATIES)
GEPLANT = "straat-van-proef"
"""A name where one can be: the code of a service that both agreed."""


def opdrachten(plan: Plan) -> list[str]:
    return [een.inhoud["opdracht"] for een in plan.verloop if "opdracht" in een.inhoud]


PERSONEN = {
    "testpersoon",
    *(plan.tekst for plan in PLANNEN),
    *(tekst for plan in PLANNEN for tekst in opdrachten(plan)),
}
"""All names and addresses of the set have the first in them; texts are personal as a whole."""


@dataclass
class Gespeeld:
    """What there is to search."""

    map: Path
    wie: tuple[Organisatie, Organisatie]
    opname: Opname = field(default_factory=Opname)
    topics: Mapping[str, list[bytes]] = field(default_factory=dict)


def tls(map_: Path, wie: Organisatie, doel: ssl.Purpose) -> ssl.SSLContext:
    """With the papers of this organisation."""
    context = ssl.create_default_context(doel, cafile=str(map_ / "ca.pem"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(map_ / wie.naam / "tls.pem")
    return context


@asynccontextmanager
async def met_opname(gespeeld: Gespeeld) -> AsyncIterator[list[Huis]]:
    """Both at work, and a door before each, where the contract says that it is."""
    map_, paar = gespeeld.map, gespeeld.wie
    poorten = vrije_poorten()
    achter = [
        replace(een, instellingen={"PARTNERPOORT": str(poort), "LOGNIVEAU": "debug"})
        for een, poort in zip(paar, poorten, strict=True)
    ]
    async with AsyncExitStack() as opruimen:
        for wij, zij, poort in ((paar[0], paar[1], poorten[1]), (paar[1], paar[0], poorten[0])):
            hier = zij.partnerpoort, tls(map_, zij, ssl.Purpose.CLIENT_AUTH)
            daar = poort, tls(map_, wij, ssl.Purpose.SERVER_AUTH)
            await opruimen.enter_async_context(gespeeld.opname.deur(wij.oin, zij.oin, hier, daar))
        lopend = await opruimen.enter_async_context(opstelling.draaiend(map_, achter))
        yield [Huis(bij, wie.oin, wie.naam) for wie, bij in zip(paar, lopend.klanten, strict=True)]


async def speel(gespeeld: Gespeeld) -> None:
    async with met_opname(gespeeld) as huizen:
        eerste = next(plan for plan in PLANNEN if plan.id == "S-04")
        geplant = eerste.model_copy(update={"id": "S-99", "dienst": GEPLANT})
        uitslag = await organisaties.laat_werken(huizen, [*PLANNEN, geplant])
    assert uitslag.fouten == []


def topics(map_: Path, wie: Organisatie) -> list[bytes]:
    """All that was ever said on the bus of this organisation: keys, headers and values."""
    ons = {"OIN": wie.oin, "BASISPOORT": wie.basispoort, "ROUTERING": map_ / "routering.json"}
    with pytest.MonkeyPatch.context() as m:
        for naam, waarde in ons.items():
            m.setenv(f"SCHAKEL_{naam}", str(waarde))
        geheel = bouw_geheel(map_, wie.diensten)
    gezegd: list[bytes] = []
    try:
        for spreker in geheel.sprekers:
            nummer = 0
            while records := spreker.log.lees(nummer).records:
                nummer = records[-1].nummer
                for een in records:
                    gezegd += [een.sleutel or b"", een.waarde, *(w for _, w in een.koppen)]
    finally:
        geheel.sluit()
    return gezegd


@pytest.fixture(scope="module")
def gespeeld(tmp_path_factory: pytest.TempPathFactory) -> Gespeeld:
    """The whole set, and one more with a name in it."""
    map_ = tmp_path_factory.mktemp("scan")
    een = Gespeeld(map_, opstelling.gemeente_en_uitvoerder(map_))
    with pytest.MonkeyPatch.context() as m:
        m.setattr(opstelling, "DIENSTEN", (*opstelling.DIENSTEN, GEPLANT))
        opstelling.richt_in(map_, *een.wie)
    asyncio.run(speel(een))
    een.topics = {wie.naam: topics(map_ / wie.naam, wie) for wie in een.wie}
    return een


@pytest.mark.traag
def test_zonder_de_koppen_die_een_tussenstation_weglaat_komt_er_hetzelfde_van(
    gespeeld: Gespeeld,
) -> None:
    """S-12: the set came out as written (or the fixture fails), and less came in than went out."""
    gestuurd = {
        regel.split(b":")[0].lower()
        for een in gespeeld.opname.alles
        for stuk in (een.vraag, een.antwoord)
        for regel in stuk.kop.split(b"\r\n")[1:]
        if regel
    }
    assert {b"api-version", b"cache-control", b"accept", b"host"} < gestuurd
    over = kaal(gespeeld.opname.alles[0].vraag.kop).lower().split(b"\r\n")[1:-2]
    assert {een.split(b":")[0] for een in over} <= {b"host", b"content-length", b"content-type"}
    hier, daar = (bladen(gespeeld.map / wie.naam) for wie in gespeeld.wie)
    assert hier == daar


@pytest.mark.traag
def test_elke_byte_die_overging_is_gezien(gespeeld: Gespeeld) -> None:
    """All leaves of both logs stand in the pages that were recorded."""
    overgegaan = {wie.oin: set[bytes]() for wie in gespeeld.wie}
    for een in gespeeld.opname.alles:
        if b"/paginas" in een.vraag.regel and een.antwoord.regel.split()[1] == b"200":
            pagina = json.loads(een.vraag.inhoud)
            overgegaan[een.van] |= {b64decode(blad) for blad in pagina["bladen"]}
    gezegd = bladen(gespeeld.map / "uitvoerder")
    wij, zij = (wie.oin for wie in gespeeld.wie)
    for van, naar in ((wij, zij), (zij, wij)):
        assert len(gezegd[f"schakel/{van}/{naar}"]) > len(PLANNEN)
        assert set(gezegd[f"schakel/{van}/{naar}"]) == overgegaan[van]


@pytest.mark.traag
def test_er_gaat_geen_persoon_over_buiten_de_teksten(gespeeld: Gespeeld) -> None:
    for een in gespeeld.opname.alles:
        assert vind(een.bytes_, PERSONEN) == set(), een.vraag.regel


@pytest.mark.traag
def test_van_elke_tekst_staat_in_de_boeken_van_beide_dat_zij_overging(gespeeld: Gespeeld) -> None:
    teksten = [een for een in gespeeld.opname.alles if een.tekst is not None]
    gehaald = [een for een in teksten if een.antwoord.regel.split()[1] == b"200"]
    over = sorted(str(een.tekst) for een in gehaald)
    assert len(over) == sum(len(opdrachten(plan)) for plan in PLANNEN) > 0
    for een in gehaald:
        assert "testpersoon" in vind(een.antwoord.inhoud, PERSONEN)  # there it does stand
    for wie, wat in zip(gespeeld.wie, ("inhoud geven", "inhoud halen"), strict=True):
        geboekt = [waarop for daad, waarop in boeken(gespeeld.map / wie.naam) if daad == wat]
        assert sorted("/".join(waarop.split("/")[-4:]) for waarop in geboekt) == over


@pytest.mark.traag
def test_op_geen_topic_van_beide_staat_een_persoon(gespeeld: Gespeeld) -> None:
    for naam, gezegd in gespeeld.topics.items():
        assert len(gezegd) > 100, naam
        assert set[str]().union(*(vind(een, PERSONEN) for een in gezegd)) == set(), naam


@pytest.mark.traag
def test_in_geen_log_of_opslag_van_beide_staat_een_persoon(gespeeld: Gespeeld) -> None:
    """Texts are there, sealed; logs say all that there is to say."""
    assert in_map(gespeeld.map, PERSONEN) == {}
    for wie in gespeeld.wie:
        map_ = gespeeld.map / wie.naam
        assert (map_ / "grens.db").exists()
        assert "dienst_luistert" in (map_ / "schakel.log").read_text()


@pytest.mark.traag
def test_een_naam_die_er_wel_staat_wordt_overal_gevonden(gespeeld: Gespeeld) -> None:
    geplant = {GEPLANT}
    (over,) = (een for een in gespeeld.opname.alles if vind(een.bytes_, geplant))
    assert GEPLANT.encode() not in over.bytes_  # only packed
    for naam, gezegd in gespeeld.topics.items():
        assert any(vind(een, geplant) for een in gezegd), naam
    in_bestanden = in_map(gespeeld.map, geplant)
    for naam in ("gemeente/grens.db", "gemeente/verbeteren.db", "uitvoerder/wijzigen.db"):
        assert in_bestanden[naam] == geplant
    assert any(naam.endswith(".overeenkomst.json") for naam in in_bestanden)  # base64url


@pytest.mark.parametrize(
    "ruw",
    [
        b"... Testpersoon van Proef ...",
        b"x=testpersoon%20van%20proef",
        b'{"naam": "Testpersoon van \\u0050roef"}',
        b'{"bladen": ["' + b64encode(b'{"naam":"TESTPERSOON VAN PROEF"}') + b'"]}',
        b"voor" + urlsafe_b64encode(b"\xff\xfe\xfd" + b64encode(b"ergens testpersoon van proef")),
        quote(b64encode(b"xx testpersoon van proef")).encode(),
    ],
)
def test_hoe_een_naam_ook_verpakt_is(ruw: bytes) -> None:
    assert vind(ruw, {"testpersoon van proef"}) == {"testpersoon van proef"}
    assert vind(ruw, {"iemand anders"}) == set()
