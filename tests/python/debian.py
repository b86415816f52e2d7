"""Programs of the system that tests need."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable


def install(packages: Iterable[str]) -> None:
    """Installs packages where that needs no password: as root on Debian. What is missing afterwards fails the test."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ([apt, "-qq", "update"], [apt, "-qq", "-y", "install", *packages]):
        subprocess.run(command, env=environment, capture_output=True, check=False)
