"""What a request is known by: a digest of everything that can change its answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from pytest_mmbench.records import Request, Turn

FORMAT = "mmbench request 2"
"""Changes with the framing below, so that digests of two framings never meet."""


def hashed(content: bytes) -> bytes:
    """SHA-256 of a picture's encoded bytes."""
    return hashlib.sha256(content).digest()


def request_key(request: Request, hashes: Sequence[bytes]) -> str:
    """SHA-256 of a request's content, as 64 hexadecimal digits.

    What counts: what is asked, the roles, the texts and the pictures' encoded bytes at their
    places, the options and their order, and the number of new tokens. What does not: the sample's
    id and the pictures' names.

    Args:
        request: no picture of it is read.
        hashes: `hashed` of each of its pictures, in the order in which they are shown.
    """
    content = hashlib.sha256()
    for field in _fields(request, iter(hashes)):
        # Each field carries its length, so that no two sequences of fields give the same bytes.
        content.update(len(field).to_bytes(8, "big"))
        content.update(field)
    return content.hexdigest()


def _fields(request: Request, hashes: Iterator[bytes]) -> Iterator[bytes]:
    yield _text(FORMAT)
    yield _text(request.type)
    yield _number(request.new_tokens)
    yield _number(len(request.options))
    yield from map(_text, request.options)
    for turn in request.prompt.turns:
        yield from _turn(turn, hashes)


def _turn(turn: Turn, hashes: Iterator[bytes]) -> Iterator[bytes]:
    yield _text(turn.role)
    yield _number(len(turn.parts))
    for part in turn.parts:
        if isinstance(part, str):
            yield b"text"
            yield _text(part)
        else:
            yield b"picture"
            yield next(hashes)


def _text(text: str) -> bytes:
    # Data can hold half a surrogate pair, which strict UTF-8 refuses.
    return text.encode("utf-8", "surrogatepass")


def _number(number: int) -> bytes:
    return str(number).encode("ascii")
