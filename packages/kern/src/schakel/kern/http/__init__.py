"""The HTTP side of every service. See ``maak_app``."""

from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.staat import Staat

from .app import OnbeschermdeRoute, Webdienst, maak_app, rollen_per_route
from .beveiliging import LOKAAL, openbaar, vereist
from .koppen import etag, opdracht
from .problemen import Probleem
from .protocol import Weigervorm
from .routes import Router
from .server import Server, draai, serveer, stopsein, tot_stop
from .strikt import Zoekvraag

__all__ = [
    "LOKAAL",
    "OnbeschermdeRoute",
    "Probleem",
    "Rol",
    "Router",
    "Server",
    "Staat",
    "Webdienst",
    "Weigervorm",
    "Zoekvraag",
    "draai",
    "etag",
    "maak_app",
    "opdracht",
    "openbaar",
    "rollen_per_route",
    "serveer",
    "stopsein",
    "tot_stop",
    "vereist",
]
