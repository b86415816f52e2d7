"""The machine a figure was measured on, in one line, and the memory of a process."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def machine() -> str:
    """Processor, cores, system, Python, and how busy it is."""
    cpus = Path("/proc/cpuinfo")
    models = [line for line in cpus.read_text().splitlines() if line.startswith("model name")] if cpus.exists() else []
    model = models[0].split(":")[1].strip() if models else platform.processor() or "unknown processor"
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{model} ({platform.machine()}), {os.cpu_count()} cores, {platform.system()}, {python}{load}"


def peak() -> float:
    """Most memory this process ever held, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # The figure of `getrusage` begins with what the parent held when it forked.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
