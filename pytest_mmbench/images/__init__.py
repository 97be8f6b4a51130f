"""Pictures: decoding, pixels, PNG, thumbnails. This file loads no library of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pytest_mmbench import __version__
from pytest_mmbench.records import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A picture from which a condition makes another."""

    picture: Picture
    sample: str
    """The id, for messages."""
    seed_text: str
    """Seeds what is random. No two seeds, conditions, samples or places in a sample share one."""


@cache
def software_identity(*libraries: str) -> str:
    """Versions of this package and of libraries, and the machine; empty if one is not installed."""
    # Importing this module must stay cheap.
    import platform  # noqa: PLC0415
    from importlib import metadata  # noqa: PLC0415

    try:
        versions = [f"{library} {metadata.version(library)}" for library in libraries]
    except metadata.PackageNotFoundError:
        return ""
    machine = f"{platform.system()} {platform.machine()}"
    return ", ".join((f"pytest-mmbench {__version__}", *versions, machine))
