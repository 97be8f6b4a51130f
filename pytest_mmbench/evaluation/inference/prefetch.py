"""Pictures that are read before their turn, so that the model waits for no disk.

One thread reads, in the order in which requests will be asked; it lives no longer than the call
that waits for answers. What it has read waits for its turn, also over several such calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from pytest_mmbench.evaluation.inference.plan import RequestKey
from pytest_mmbench.evaluation.inference.request_key import hashed, request_key
from pytest_mmbench.records import Picture, Request, Turn

Prepare = Callable[[Request], Request]
"""What a model does to a request beforehand, such as decoding its pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPicture:
    """The bytes of a picture, in memory."""

    content: bytes
    hash: bytes
    identity: str
    """Empty if it has none, or had another one before it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedRequest:
    """A request whose pictures lie in memory."""

    request: Request
    key: str
    hashes: Mapping[str, bytes]
    """Of its pictures, by identity."""


def load_request(request: Request, prepare: Prepare) -> LoadedRequest:
    """Reads each picture of a request once.

    Raises:
        DataError: a picture cannot be used; whatever else its own `read` raises comes through too.
    """
    held = [_held(picture) for picture in request.prompt.pictures]
    return LoadedRequest(
        request=prepare(_in_memory(request, iter(held))),
        key=request_key(request, [each.hash for each in held]),
        hashes={each.identity: each.hash for each in held if each.identity},
    )


def _held(picture: Picture) -> LoadedPicture:
    before = picture.identity()
    content = picture.read()
    # A file may have been written to meanwhile: then nobody knows which bytes these were.
    same = picture.identity() == before
    return LoadedPicture(content=content, hash=hashed(content), identity=before if same else "")


def _in_memory(request: Request, held: Iterator[LoadedPicture]) -> Request:
    turns = tuple(_turn(turn, held) for turn in request.prompt.turns)
    return replace(request, prompt=replace(request.prompt, turns=turns))


def _turn(turn: Turn, held: Iterator[LoadedPicture]) -> Turn:
    parts = (
        part if isinstance(part, str) else replace(part, read=partial(bytes, next(held).content))
        for part in turn.parts
    )
    return replace(turn, parts=tuple(parts))


class Prefetcher:
    """Reads requests in a thread of its own, in the order in which they were sent."""

    def __init__(self, prepare: Prepare) -> None:
        self._prepare = prepare
        self._reader = _reader()
        self._sent: dict[RequestKey, Future[LoadedRequest]] = {}

    def submit(self, requests: Mapping[RequestKey, Request]) -> None:
        """Has these read, unless they have been or are on their way."""
        for key, request in requests.items():
            if key not in self._sent:
                self._sent[key] = self._reader.submit(load_request, request, self._prepare)

    def wait(self, key: RequestKey) -> LoadedRequest:
        """What was sent, once it is read; it stays here.

        Raises:
            BaseException: whatever reading raised.
        """
        return self._sent[key].result()

    def take(self, keys: Iterable[RequestKey]) -> list[LoadedRequest]:
        """The same for several, which do not stay."""
        return [self._sent.pop(key).result() for key in keys]

    def forget(self, keys: Iterable[RequestKey]) -> None:
        """Lets go of what nobody will ask for."""
        for key in keys:
            self._sent.pop(key, Future()).cancel()

    def shutdown(self) -> None:
        """Ends the thread, once it has finished the request that it is reading."""
        reader, self._reader = self._reader, _reader()
        reader.shutdown(wait=True, cancel_futures=True)
        self._sent = {key: each for key, each in self._sent.items() if _succeeded(each)}


def _succeeded(sent: Future[LoadedRequest]) -> bool:
    return not sent.cancelled() and sent.exception() is None


def _reader() -> ThreadPoolExecutor:
    """One thread, which is not started before there is something to read."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="mmbench-reader")
