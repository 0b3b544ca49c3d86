"""All lies, by name, each with what it should come to."""

from collections.abc import Mapping

from tests.grens.leugens import over_bewijzen, over_controlepunten, over_hervattingen, over_paginas
from tests.grens.leugens.verwacht import Leugen, Verwacht

LEUGENS: Mapping[str, tuple[Leugen, Verwacht]] = {
    **over_paginas.LEUGENS,
    **over_controlepunten.LEUGENS,
    **over_bewijzen.LEUGENS,
    **over_hervattingen.LEUGENS,
}
