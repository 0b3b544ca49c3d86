"""The command, as the tests of the cli run it."""

from tests.cli.conftest import schakel

__all__ = ["schakel"]
