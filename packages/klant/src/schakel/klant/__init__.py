"""The HTTP client of the services: the only way in for whoever is not a service itself."""

from .klant import Geweigerd, Klant, Onbereikbaar, klanten

__all__ = ["Geweigerd", "Klant", "Onbereikbaar", "klanten"]
