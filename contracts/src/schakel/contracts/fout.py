"""What whoever asks can act on; every layer and every program here has its own kinds of it."""


class Fout(Exception):
    """Something the asker can act on: a kebab-case ``code`` and a Dutch ``uitleg``."""

    def __init__(self, code: str, uitleg: str) -> None:
        """``code`` is stable and for programs, ``uitleg`` is for people."""
        super().__init__(f"{code}: {uitleg}")
        self.code = code
        self.uitleg = uitleg
