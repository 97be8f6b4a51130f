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


_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPE = 25
"""Where a PNG file's header says what its pixels hold."""
_WITH_ALPHA = (b"\x04", b"\x06")


def is_shown_anew(content: bytes) -> bool:
    """`decode.is_shown_anew`, without loading a library for most files that are plainly opaque."""
    if content.startswith(_JPEG):
        return False
    if content.startswith(_PNG):
        head = content.partition(b"IDAT")[0]
        has_alpha = content[_COLOUR_TYPE : _COLOUR_TYPE + 1] in _WITH_ALPHA
        if not has_alpha and b"tRNS" not in head:
            return False
    from pytest_mmbench.images import decode  # noqa: PLC0415

    return decode.is_shown_anew(content)
