"""Pages that are not as a page may be, leaves that may be anything, and either side of a limit."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.grens.leugens.golf import MAX_BLAD, b64, punttekst
from tests.grens.leugens.partner import als_json
from tests.grens.leugens.toneel import ZIJ, Toneel
from tests.grens.leugens.verhaal import Gezegd, onleesbaar

Pagina = dict[str, Any]
Buig = Callable[[Toneel, Pagina], object]
"""Bend an honest page with 3 to 6 new leaves, none like another; or give the bytes of a body."""


def tweede_regel(spel: Toneel, pagina: Pagina) -> Pagina:
    anders = spel.nieuwe_sleutel().teken(
        punttekst(spel.partner.zender.oorsprong, spel.partner.zender.bladen)
    )
    return pagina | {"controlepunt": pagina["controlepunt"] + anders.rpartition("\n\n")[2]}


def vierde_regel(spel: Toneel, _: Pagina) -> Pagina:
    zender = spel.partner.zender
    tekst = punttekst(zender.oorsprong, zender.bladen) + "meer\n"
    eerlijk = spel.partner.pagina()
    return eerlijk | {"controlepunt": zender.sleutel.teken(tekst)}


def lange_note(spel: Toneel, pagina: Pagina) -> Pagina:
    zender = spel.partner.zender
    vol = punttekst(zender.oorsprong, zender.bladen)
    tekst = vol + "x" * (8_193 - len(pagina["controlepunt"]) - 1) + "\n"
    return pagina | {"controlepunt": zender.sleutel.teken(tekst)}


def met_bladen(*bladen: bytes) -> Buig:
    """As if this were what is new, rightly signed."""

    def buig(spel: Toneel, pagina: Pagina) -> Pagina:
        zender = spel.partner.zender
        alle = [*zender.bladen[: spel.hier], *bladen]
        nieuw = [b64(blad) for blad in bladen]
        punt = zender.sleutel.teken(punttekst(zender.oorsprong, alle))
        return pagina | {"bladen": nieuw, "controlepunt": punt}

    return buig


def met(**anders: Any) -> Buig:
    return lambda _, pagina: pagina | anders


def eerste_blad(maak: Callable[[str], object]) -> Buig:
    return lambda _, pagina: pagina | {"bladen": [maak(pagina["bladen"][0]), *pagina["bladen"][1:]]}


def als_bytes(maak: Callable[[bytes], bytes]) -> Buig:
    return lambda _, pagina: maak(als_json(pagina))


VOL = 524_288 // MAX_BLAD
VORMEN: Mapping[str, Buig] = {
    "501 bladen": met_bladen(*(b"%d" % n for n in range(501))),
    "geen bladen": met_bladen(),
    "512 KiB en een byte": met_bladen(*([b"x" * MAX_BLAD] * VOL), b"x"),
    "een blad van 64 KiB en een byte": met_bladen(b"x" * (MAX_BLAD + 1)),
    "een leeg blad": met_bladen(b"een", b""),
    "een blad zonder opvulling": eerste_blad(lambda _: "eA"),
    "een blad met een regeleinde": eerste_blad(lambda blad: f"{blad}\n"),
    "een blad in base64url": eerste_blad(lambda _: "_-8="),
    "een blad met losse bits": eerste_blad(lambda _: "eB=="),
    "een blad dat geen tekst is": eerste_blad(lambda _: 7),
    "bladen die geen lijst zijn": met(bladen="eA=="),
    "geen controlepunt": met(controlepunt=None),
    "een controlepunt dat geen note is": met(controlepunt="geen note"),
    "een note van meer dan 8192 tekens": lange_note,
    "een note met een regel meer": vierde_regel,
    "een note met twee handtekeningen": tweede_regel,
}
ONLEESBAAR: Mapping[str, Buig] = {
    "geen JSON": als_bytes(lambda ruw: ruw[:-1]),
    "een lijst": als_bytes(lambda ruw: b"[" + ruw + b"]"),
    "een BOM": als_bytes(lambda ruw: b"\xef\xbb\xbf" + ruw),
    "niet UTF-8": als_bytes(lambda ruw: ruw[:-1] + b',"x":"\xff"}'),
    "een dubbel lid": als_bytes(lambda ruw: ruw[:-1] + b',"vanaf":0}'),
    "NaN": als_bytes(lambda ruw: ruw[:-1] + b',"x":NaN}'),
    "te diep": als_bytes(lambda ruw: ruw[:-1] + b',"x":' + b"[" * 33 + b"]" * 33 + b"}"),
    "een te groot getal": als_bytes(lambda ruw: ruw[:-1] + b',"x":9007199254740992}'),
}


def vol_getal(spel: Toneel) -> tuple[bytes, ...]:
    """One in ten means something."""
    return tuple(b"%d" % n if n % 10 else spel.blad() for n in range(500))


def vol_bytes(_: Toneel) -> tuple[bytes, ...]:
    return tuple(b"%d" % n + b"x" * (MAX_BLAD - 1) for n in range(VOL))


_SCHAKEL = "0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d10"
_ZONDER_VERSIE = b'{"id":"%s.v.1","source":"urn:nld:oin:00000099000000003000:systeem:x"}'
"""It has a place, and is refused there."""


def gif(spel: Toneel) -> tuple[bytes, ...]:
    """Whatever a leaf may be."""
    blad = _ZONDER_VERSIE % _SCHAKEL.encode()
    wat = Gezegd(_SCHAKEL, "v", onleesbaar(1), "geen-cloudevent")
    spel.verhalen[ZIJ].geschreven[blad] = wat
    return (*GIF, blad)


GIF = (
    b"\xff geen json",
    b"\0",
    b"\xed\xa0\x80",
    b'{"a":NaN}',
    b'{"a":1,"a":2}',
    b"[" * 40_000,
    b"\xef\xbb\xbf{}",
    b'{"type":"nl.schakels.verbinding.sleutels.v1","type":"x"',
    b'{"specversion":"1.0","type":"nl.schakels.onbekend.v1"}',
    b"x" * MAX_BLAD,
)
