"""PNG files whose bytes follow from their pixels alone.

Encoded bytes are part of a request's key, by which answers are kept. A compressor's output
changes with its version, and requests would be new ones after an upgrade of Pillow. These
files are not compressed: the same bytes on every machine, and less work than compressing.
Format: W3C, *Portable Network Graphics (PNG) Specification*; RFC 1950 and 1951 for stored blocks.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PALETTE, _TRUECOLOUR = 3, 2
_ZLIB: Final = b"\x78\x01"
_BLOCK_BYTES: Final = 0xFFFF
"""The most that one stored block holds."""


def one_colour(size: tuple[int, int], colour: tuple[int, int, int]) -> bytes:
    """A picture whose pixels, one bit each, all point to the one colour of its palette."""
    width, height = size
    row = bytes(1 + (width + 7) // 8)
    palette = _chunk(b"PLTE", bytes(colour))
    return _file(size, 1, _PALETTE, palette + _chunk(b"IDAT", stored(row * height)))


def rgb(size: tuple[int, int], pixels: bytes) -> bytes:
    """A picture of red, green and blue bytes, row by row from the top."""
    stride = 3 * size[0]
    rows = (pixels[start : start + stride] for start in range(0, len(pixels), stride))
    # Each row begins with the number of its filter: none.
    lines = b"\0" + b"\0".join(rows)
    return _file(size, 8, _TRUECOLOUR, _chunk(b"IDAT", stored(lines)))


def stored(content: bytes) -> bytes:
    """A zlib stream that holds the content as it is."""
    stream = [_ZLIB]
    for start in range(0, len(content), _BLOCK_BYTES):
        block = content[start : start + _BLOCK_BYTES]
        is_last = start + _BLOCK_BYTES >= len(content)
        stream += (struct.pack("<BHH", is_last, len(block), len(block) ^ 0xFFFF), block)
    return b"".join((*stream, zlib.adler32(content).to_bytes(4, "big")))


def _file(size: tuple[int, int], depth: int, kind: int, body: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, 0)
    return b"".join((_SIGNATURE, _chunk(b"IHDR", header), body, _chunk(b"IEND", b"")))


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(kind))
    return b"".join((struct.pack(">I", len(content)), kind, content, struct.pack(">I", check)))
