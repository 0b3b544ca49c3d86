"""The HTTP side of every service. See ``maak_app``."""

from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.staat import Staat

from .app import Dienst, OnbeschermdeRoute, maak_app, rollen_per_route
from .beveiliging import LOKAAL, openbaar, vereist
from .koppen import Kop, etag, opdracht
from .omloop import Identiteit
from .problemen import Probleem
from .routes import Router
from .server import Server, draai, serveer
from .strikt import Tijdstip, Verzoek, Zoekvraag

__all__ = [
    "LOKAAL",
    "Dienst",
    "Identiteit",
    "Kop",
    "OnbeschermdeRoute",
    "Probleem",
    "Rol",
    "Router",
    "Server",
    "Staat",
    "Tijdstip",
    "Verzoek",
    "Zoekvraag",
    "draai",
    "etag",
    "maak_app",
    "opdracht",
    "openbaar",
    "rollen_per_route",
    "serveer",
    "vereist",
]
