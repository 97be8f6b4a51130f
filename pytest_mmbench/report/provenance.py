"""What a run was, and what it takes to do it again."""

from __future__ import annotations

import platform
import shlex
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from pytest_mmbench import __version__
from pytest_mmbench.models.checkpoint import COMPUTE_PACKAGES

PACKAGES: Final = ("pytest", *COMPUTE_PACKAGES, "datasets")
"""Packages that may change an answer, or how it is judged."""


def versions() -> dict[str, str]:
    """Versions of Python, of this package, and of those that may change an answer."""
    installed = {"python": platform.python_version(), "pytest-mmbench": __version__}
    for package in PACKAGES:
        try:
            installed[package] = version(package)
        except PackageNotFoundError:
            continue
    return installed


def machine() -> str:
    """Processor and operating system."""
    return f"{platform.machine()} {platform.system()} {platform.release()}"


def command(arguments: Sequence[str]) -> str:
    """The command line, quoted for a shell."""
    program = Path(sys.argv[0]).name
    return shlex.join(["pytest" if program == "__main__.py" else program, *arguments])


def commit(folder: Path) -> str:
    """The commit that a folder stands at; empty if it is in no repository, or has no git."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git the user has
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
