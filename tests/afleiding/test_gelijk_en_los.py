"""Domain, section 6: messages that are one and the same, and messages without a versie."""

import json
import random
from typing import Any

from tests.afleiding.boombouw import (
    A,
    Boom,
    H,
    Melding,
    U,
    V,
    W,
    als_json,
    codes,
    hernoem,
    letters,
    verander,
    zonder_versie,
)

NIET = "overdracht-niet-toegestaan"
TERUG = "terugkeer-zonder-overdracht"
TEGEN = "tegenstrijdig"


def los(bericht: bytes, id_: str = "vreemd", **data: Any) -> bytes:
    """As a log without versies says it, under an id of its own."""
    return hernoem(zonder_versie(verander(bericht, **data)), id=id_)


def herspeld(bericht: bytes, **attributen: str) -> bytes:
    """The same message as another program writes it."""
    inhoud = json.loads(bericht) | attributen
    inhoud["data"] = {
        k: float(v) if type(v) is int else v for k, v in reversed(inhoud["data"].items())
    }
    return json.dumps(inhoud, indent=1).encode()


def overdracht(kind: Melding, naar: str, n: int = 1, ronde: int = 1) -> dict[str, Any]:
    return {"kindId": kind.naam, "naar": naar, "n": n, "ronde": ronde}


# One and the same


def test_wat_hetzelfde_zegt_is_een_bericht_hoe_het_ook_gespeld_is() -> None:
    boom = Boom(H)
    boom.wortel.loop().heen_en_weer(U)
    anders = [herspeld(b, sequence="9", uitbreiding="x", traceparent="y") for b in boom.berichten]
    verwacht = als_json(boom.af())
    assert als_json(boom.af(*boom.berichten, *anders)) == verwacht
    assert als_json(boom.af(*anders)) == verwacht


def test_waar_en_een_zijn_niet_hetzelfde() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan()
    een, waar = verander(boom.wortel.laatst, x=1), verander(boom.wortel.laatst, x=True)
    assert [a.code for a in boom.af(een, waar).afwijkingen] == [TEGEN]
    assert boom.af(een, verander(boom.wortel.laatst, x=1.0)).afwijkingen == ()


def test_van_gelijken_staan_de_laagste_bytes_voor_alle() -> None:
    """Two programs say when it was logged; which of them came first may not show."""
    boom = Boom(W)
    boom.wortel.neem_aan()
    eerste, tweede = (los(boom.wortel.laatst, id_) for id_ in ("a", "b"))
    vroeg = hernoem(tweede, time="2025-01-01T00:00:00Z")
    later = [hernoem(tweede, time=f"2027-01-0{i}T00:00:00Z") for i in range(1, 9)]
    for volgorde in ([eerste, vroeg, *later], [*later, vroeg, eerste]):
        bepaald = boom.af(*volgorde).bepaald_door
        assert bepaald is not None
        assert bepaald.gebeurtenis_id == "b"


# What has no versie


def test_wat_alleen_op_een_woord_zonder_versie_rust_is_vermoedelijk() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(W)
    verboden = los(boom.wortel.laatst, overdracht=overdracht(kind, "afspreken"))
    af = boom.af(*boom.berichten, verboden)
    assert (NIET, boom.wortel.naam, False) in codes(af)
    assert (af.werkstroom, letters(af)) == (3, "HW")
    alleen = boom.af(*boom.berichten[:-1], verboden)
    assert (codes(alleen), alleen.werkstroom) == ([(NIET, boom.wortel.naam, False)], None)


def test_wat_een_gever_alleen_zonder_versie_van_zichzelf_zegt_maakt_niets_vast() -> None:
    """What it says with a versie may still come, and be another thing."""
    boom = Boom(V)
    boom.wortel.neem_aan()
    kind = boom.wortel.kind(A).neem_aan()
    gelogen = los(boom.berichten[0], proces="herstellen")
    assert codes(boom.af(gelogen, kind.laatst)) == [(NIET, boom.wortel.naam, False)]
    assert boom.af(gelogen, *boom.berichten).afwijkingen == ()


def test_een_intrekking_zonder_versie_maakt_elke_terugkeer_een_notitie() -> None:
    boom = Boom(H)
    boom.wortel.loop().keer_terug(boom.wortel.kind(U))
    assert [a.code for a in boom.af().afwijkingen] == [TERUG]
    boom.wortel.trek_in()
    assert boom.af(*boom.berichten[:-1], los(boom.wortel.laatst)).afwijkingen == ()


def test_een_herhaling_zonder_versie_verplaatst_niets() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.kind(U)
    boom.wortel.keer_terug(kind).geef(kind)
    woord = boom.wortel.laatst
    boom.wortel.trek_in()
    verwacht = als_json(boom.af())
    assert [a.code for a in boom.af().afwijkingen] == [TERUG]
    herhalingen = [los(b, f"vreemd-{i}") for i, b in enumerate(boom.berichten)]
    assert als_json(boom.af(*boom.berichten, *herhalingen)) == verwacht
    zonder_plaats = los(woord, overdracht={"kindId": kind.naam, "naar": "uitvoeren"})
    assert als_json(boom.af(*boom.berichten, zonder_plaats)) == verwacht


def test_een_terugkeer_die_zonder_versie_herhaald_wordt_is_geen_tweede() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    boom.wortel.keer_terug(boom.wortel.draag_over(U))
    assert boom.af(*boom.berichten, los(boom.wortel.laatst)).afwijkingen == ()


def test_zonder_versie_beslist_de_tijd_dan_het_id_dan_de_bron() -> None:
    boom = Boom(W)
    boom.wortel.beoordeel()
    bericht = zonder_versie(boom.wortel.laatst)
    elders = {"source": "urn:nld:oin:00000099000000002000:systeem:x"}
    tijdloos = {k: v for k, v in json.loads(hernoem(bericht, id="0")).items() if k != "time"}
    rij = [
        hernoem(bericht, id="z", time="2026-01-01T02:00:00+02:00"),  # the first of all, in UTC
        hernoem(bericht, id="y", time="2026-01-01T00:30:00Z"),
        hernoem(bericht, id="x", time="2026-01-01T01:00:00Z", **elders),
        hernoem(bericht, id="y", time="2026-01-01T01:00:00.000Z"),
        json.dumps(tijdloos).encode(),
        json.dumps(tijdloos | {"id": "1"}).encode(),
        json.dumps(tijdloos | {"id": "1"} | elders).encode(),
    ]
    for i in range(len(rij)):
        over = random.Random(i).sample(rij[i:], len(rij) - i)
        verwacht = json.loads(rij[i])
        bepaald = boom.af(*over).bepaald_door
        assert bepaald is not None
        assert (bepaald.gebeurtenis_id, bepaald.bron) == (verwacht["id"], verwacht["source"])


def test_zonder_versie_gaat_het_aangenomen_voor_en_dan_de_overdracht() -> None:
    boom = Boom(W)
    boom.wortel.beoordeel().draag_over(U)
    boom.wortel.neem_aan()
    beoordeeld, overgedragen, aangenomen = (los(b, str(i)) for i, b in enumerate(boom.berichten))

    def bepaald(*berichten: bytes) -> str:
        door = boom.af(*berichten).bepaald_door
        assert door is not None
        return door.gebeurtenis_id

    assert bepaald(beoordeeld, overgedragen, aangenomen) == "2"
    assert bepaald(beoordeeld, overgedragen) == "1"


def test_een_nummer_op_een_woord_zonder_versie_is_vermoedelijk_ook_naast_een_ander_bewijs() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(W)
    woord = los(boom.wortel.laatst)
    kind.neem_aan()
    zelfde, ander = kind.laatst, verander(kind.laatst, proces="uitvoeren")
    rest = boom.berichten[:3]
    for bewijs, vermoedelijk in ((zelfde, False), (ander, True)):
        door = boom.af(*rest, woord, bewijs).bepaald_door
        assert door is not None
        assert (door.werkstroom, door.eigen_woord, door.vermoedelijk) == (3, True, vermoedelijk)
