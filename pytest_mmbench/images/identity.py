"""What a picture that a program makes depends on, for its identity."""

from __future__ import annotations

from functools import cache

from pytest_mmbench import __version__


@cache
def software_identity(*libraries: str) -> str:
    """The programs that make a picture, as a part of its identity; empty if one is not known.

    The same scene drawn by another version of a library may be a picture of other bytes.
    """
    # Whoever wants to know our version need not load these.
    import platform  # noqa: PLC0415
    from importlib import metadata  # noqa: PLC0415

    try:
        others = [f"{each} {metadata.version(each)}" for each in libraries]
    except metadata.PackageNotFoundError:
        return ""
    machine = f"{platform.system()} {platform.machine()}"
    return ", ".join((f"pytest-mmbench {__version__}", *others, machine))
