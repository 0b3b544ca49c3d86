"""A small disk that can be full: a tmpfs, of which the size can be set while it is in use."""

import os
import shutil
import subprocess
from pathlib import Path

RUIM = "3g"


class Schijf:
    """Mounted on a folder; raises OSError where that is not allowed."""

    def __init__(self, map_: Path) -> None:
        map_.mkdir(parents=True, exist_ok=True)
        self._map = map_
        self._mount("-t", "tmpfs", "-o", f"size={RUIM},mode=0755", "tmpfs")

    def vol(self) -> None:
        """Not a byte more."""
        staat = os.statvfs(self._map)
        gebruikt = (staat.f_blocks - staat.f_bfree) * staat.f_frsize
        self._mount("-o", f"remount,size={gebruikt}")

    def ruim(self) -> None:
        """As large as it was."""
        self._mount("-o", f"remount,size={RUIM}")

    def weg(self) -> None:
        """The disk, not what is on it."""
        shutil.copytree(self._map, f"{self._map}-inhoud", ignore=shutil.ignore_patterns(".s.*"))
        subprocess.run(["umount", "--lazy", self._map], check=True)

    def _mount(self, *opties: str) -> None:
        gelopen = subprocess.run(
            ["mount", *opties, self._map], check=False, capture_output=True, text=True
        )
        if gelopen.returncode:
            raise OSError(gelopen.stderr.strip() or "mount lukt niet")
