"""What the store knows a request by: a digest of everything that can change its answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_mmbench.records import Request

FORMAT: Final = "mmbench request 2"
"""Changes with the framing below, so that keys of two framings never meet."""


def hashed(content: bytes) -> bytes:
    """SHA-256 of a picture's encoded bytes."""
    return hashlib.sha256(content).digest()


def request_key(request: Request, picture_hashes: Sequence[bytes]) -> str:
    """SHA-256 of a request's content, as 64 hexadecimal digits.

    What counts: what is asked, the roles, the texts and the pictures' encoded bytes at their
    places, the options and their order, and the number of new tokens. What does not: the sample's
    id and the pictures' names.

    Args:
        request: no picture of it is read.
        picture_hashes: `hashed` of each of its pictures, in the order in which they are shown.
    """
    digest = hashlib.sha256()
    for field in _fields(request, iter(picture_hashes)):
        # Data can hold half a surrogate pair, which strict UTF-8 refuses.
        content = field if isinstance(field, bytes) else str(field).encode("utf-8", "surrogatepass")
        # Each field carries its length, so that no two sequences of fields give the same bytes.
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.hexdigest()


def _fields(request: Request, picture_hashes: Iterator[bytes]) -> Iterator[str | int | bytes]:
    yield FORMAT
    yield request.type
    yield request.new_tokens
    yield len(request.options)
    yield from request.options
    for turn in request.prompt.turns:
        yield turn.role
        yield len(turn.parts)
        for part in turn.parts:
            if isinstance(part, str):
                yield "text"
                yield part
            else:
                yield "picture"
                yield next(picture_hashes)
