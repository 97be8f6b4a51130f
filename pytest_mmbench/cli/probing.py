"""Heavy libraries, looked at from a process of their own: what breaks there breaks nothing here."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

PATIENCE: Final = 300
"""Seconds that a library may take to load."""
_LOADED: Final = """
import importlib, json, time
started = time.perf_counter()
found = importlib.import_module({name!r})
print(json.dumps([found.__version__, time.perf_counter() - started]))
"""
_ACCELERATORS: Final = """
import json, torch
found = []
if torch.cuda.is_available():
    for at in range(torch.cuda.device_count()):
        about = torch.cuda.get_device_properties(at)
        found.append(f"cuda:{at} {about.name} ({about.total_memory / 1e9:.0f} GB)")
if torch.backends.mps.is_available():
    found.append("mps")
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What came of loading a library."""

    version: str = ""
    seconds: float = 0.0
    error: str = ""
    """Why it could not be loaded; empty if it could."""


def installed(name: str) -> bool:
    """Whether there is a package of that name; it is not loaded."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def loaded(name: str) -> Loaded:
    """Loads a library in another process, and says how long that took."""
    done = _run(_LOADED.format(name=name))
    if done.returncode:
        return Loaded(error=_last(done.stderr) or f"exit code {done.returncode}")
    version, seconds = json.loads(done.stdout.splitlines()[-1])
    return Loaded(version=version, seconds=seconds)


def accelerators() -> list[str]:
    """What torch can compute with beside the CPU; nothing if it cannot be loaded."""
    done = _run(_ACCELERATORS)
    return [] if done.returncode else list(json.loads(done.stdout.splitlines()[-1]))


def _run(code: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - the code is ours
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )
    except subprocess.TimeoutExpired:
        told = f"it took more than {PATIENCE} s"
        return subprocess.CompletedProcess(args=[], returncode=1, stdout="", stderr=told)


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
