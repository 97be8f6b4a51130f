"""The version, where neither the plugin nor the build has to load anything to read it."""

from functools import cache

VERSION = "0.1.0"


@cache
def made_by(*libraries: str) -> str:
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
    return ", ".join((f"pytest-mmbench {VERSION}", *others, machine))
