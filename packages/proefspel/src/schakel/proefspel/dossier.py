"""Which melding of the written set is this? Found out over the same API that everyone has.

Nothing is remembered between runs: after a crash the same questions give the same answers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from schakel.contracts.werkstromen import Proces
from schakel.klant import Geweigerd, Klant

from .beslissing import Spelmelding


@dataclass(frozen=True, eq=False)
class Huis:
    """An organisation that takes part: a customer of each of its services, by name."""

    klanten: Mapping[str, Klant]
    oin: str = ""
    naam: str = ""

    @property
    def processen(self) -> tuple[Proces, ...]:
        """Those that it runs itself."""
        return tuple(proces for proces in Proces if proces in self.klanten)


class Dossier:
    """The trees of the set, as far as they are known."""

    def __init__(self, huizen: Iterable[Huis]) -> None:
        """Asks the services of ``huizen``."""
        self._klanten = {huis.oin: huis.klanten for huis in huizen}
        self._knopen: dict[str, Spelmelding] = {}
        self.wortels: dict[str, Spelmelding] = {}
        """The first melding of each key."""
        self.elders: dict[str, dict[str, Spelmelding]] = {}
        """Of each key what another organisation does, by its place."""
        self.vreemd: set[str] = set()
        """Meldingen of trees that are not of the set."""

    def voeg_toe(self, wortel: Spelmelding) -> None:
        """A first melding of the set."""
        self._knopen[wortel.id] = wortel
        self.wortels[wortel.plan.id] = wortel

    async def lees(self, knoop: Spelmelding) -> Any:
        """A melding as it is now; what hangs below it is remembered."""
        weergave = await self._klanten[knoop.oin][knoop.proces].haal(f"/meldingen/{knoop.id}")
        for kind in map(knoop.kind, weergave["kinderen"]):
            self._knopen.setdefault(kind.id, kind)
            if kind.oin != knoop.oin:
                self.elders.setdefault(kind.plan.id, {})[kind.plek] = kind
        return weergave

    async def zoek(
        self, melding_id: str, wortel_id: str, proces: Proces, oin: str = ""
    ) -> Spelmelding | None:
        """Where a melding stands in the set, or None when it is none of ours, or not yet."""
        if melding_id in self._knopen or melding_id in self.vreemd:
            return self._knopen.get(melding_id)
        if wortel_id != melding_id:
            wortel = self._knopen.get(wortel_id)
            if wortel is not None:
                await self._loop_af(wortel)
        elif await self._is_deel(melding_id, proces, oin):
            return None  # whose part it is shows when its giver is read
        else:
            await self._zoek_herkomst(melding_id, proces, oin)
        if melding_id not in self._knopen and (wortel_id == melding_id or wortel_id in self.vreemd):
            self.vreemd.add(melding_id)
        return self._knopen.get(melding_id)

    async def _loop_af(self, knoop: Spelmelding) -> None:
        weergave = await self.lees(knoop)
        for kind in map(knoop.kind, weergave["kinderen"]):
            if kind.oin not in self._klanten:
                continue
            try:
                await self._loop_af(self._knopen[kind.id])
            except Geweigerd as fout:
                # Over a border it may not be there yet, or never.
                if fout.status != HTTPStatus.NOT_FOUND or kind.oin == knoop.oin:
                    raise

    async def herinner(self) -> None:
        """After a restart: find what the set opened before, also what is closed by now."""
        for wortel in list(self.wortels.values()):
            await self._herinner_boom(wortel)

    async def _herinner_boom(self, wortel: Spelmelding) -> None:
        if not wortel.plan.daaruit and not wortel.plan.elders:
            return
        await self._loop_af(wortel)
        for knoop in [k for k in self._knopen.values() if k.wortel_id == wortel.id]:
            for nieuw in self._geopend_door(knoop, await self.lees(knoop)):
                await self._herinner_boom(nieuw)

    def _geopend_door(self, knoop: Spelmelding, weergave: Mapping[str, Any]) -> list[Spelmelding]:
        """The first meldingen that are voortgekomen uit this one, in the order of the plan."""
        sleutels = [sleutel for _, een in knoop.ingrepen() for sleutel in een.opent]
        nieuw = []
        for id_, sleutel in zip(weergave["voortgekomen"], sleutels, strict=False):
            plan = knoop.plan.uit(sleutel)
            eerste = Spelmelding(id_, id_, plan, plan.proces, plan.proces.letter, oin=knoop.oin)
            nieuw.append(eerste)
            self.voeg_toe(nieuw[-1])
        return nieuw

    async def _is_deel(self, melding_id: str, proces: Proces, oin: str) -> bool:
        """Whether it is part of what another organisation does."""
        if len(self._klanten) == 1:
            return False
        weergave = await self._klanten[oin][proces].haal(f"/meldingen/{melding_id}")
        return weergave["deelVan"] is not None

    async def _zoek_herkomst(self, melding_id: str, proces: Proces, oin: str) -> None:
        """A first melding that nobody reported is voortgekomen uit another one."""
        geschiedenis = await self._klanten[oin][proces].haal(
            f"/meldingen/{melding_id}/geschiedenis"
        )
        herkomst = geschiedenis["gebeurtenissen"][0]["feit"].get("voortgekomen_uit")
        if herkomst is None:
            return
        van, bij = str(herkomst["melding_id"]), Proces(herkomst["proces"])
        weergave = await self._klanten[oin][bij].haal(f"/meldingen/{van}")
        if (oorsprong := await self.zoek(van, weergave["wortelId"], bij, oin)) is not None:
            self._geopend_door(oorsprong, weergave)
