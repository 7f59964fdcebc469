"""What the figures were measured on."""

import datetime
import os
import platform
import re
import shutil
import subprocess
import tempfile
from pathlib import Path


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def commit(folder):
    """Of the sources, with "+" when they were changed since; "unknown" outside a repository."""
    if not shutil.which("git"):
        return "unknown"

    def git(*words):
        return subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True,
                              check=False).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no")
    return (git("rev-parse", "--short=12", "HEAD") or "unknown") + ("+" if changed else "")


def describe():
    cpu = re.search(r"^model name\s*:\s*(.*)$", read("/proc/cpuinfo"), re.M)
    memory = re.search(r"^MemTotal:\s*(\d+)", read("/proc/meminfo"), re.M)
    return {
        "cpu": cpu.group(1) if cpu else platform.machine(),
        "cores": os.cpu_count(),
        "memory_bytes": int(memory.group(1)) * 1024 if memory else None,
        "kernel": platform.release(),
        "filesystem": filesystem(tempfile.gettempdir()),
    }


def filesystem(folder):
    """Type of the file system that the stores lie on."""
    folder = os.path.realpath(folder)
    best = ("", "unknown")
    for line in read("/proc/mounts").splitlines():
        _, place, kind, *_ = line.split()
        inside = folder == place or folder.startswith(place.rstrip("/") + "/")
        if inside and len(place) >= len(best[0]):
            best = (place, kind)
    return best[1]


def versions():
    """Of what the programs cannot know themselves."""
    servers = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not servers:
        return {}
    said = subprocess.run([servers[-1], "--version"], capture_output=True, text=True, check=False)
    return {"postgresql": said.stdout.split()[-1] if "Debian" not in said.stdout
            else said.stdout.split()[2]}


def read(file):
    try:
        return Path(file).read_text(encoding="utf-8")
    except OSError:
        return ""
