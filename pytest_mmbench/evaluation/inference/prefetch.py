"""Pictures that are read before their turn, so that the model waits for no disk.

One thread reads, in the order in which requests will be asked; it lives no longer than the call
that waits for answers. What it has read waits for its turn, also over several such calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from pytest_mmbench.evaluation.inference.plan import (
    PlannedRequest,
    hash_identity,
    hashed,
    request_key,
)
from pytest_mmbench.records import Request

Prepare: TypeAlias = Callable[[Request], Request]
"""What a model does to a request beforehand, such as decoding its pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedRequest:
    """A request whose pictures lie in memory."""

    request: Request
    key: str
    """Its `request_key`."""
    hashes: Mapping[str, bytes]
    """Of its pictures, by identity; without those that have none, or changed while they were read.
    """


def load_request(request: Request, prepare: Prepare, *, by_sample: bool = False) -> LoadedRequest:
    """Reads each picture of a request once; whatever its `read` raises comes through."""
    contents: list[bytes] = []
    picture_hashes: list[bytes] = []
    hash_by_identity: dict[str, bytes] = {}
    for picture in request.prompt.pictures:
        identity = hash_identity(picture)
        contents.append(picture.read())
        picture_hashes.append(hashed(contents[-1]))
        # A file may have been written to meanwhile: then nobody knows which bytes these were.
        if identity and hash_identity(picture) == identity:
            hash_by_identity[identity] = picture_hashes[-1]
    next_bytes = iter(contents)
    turns = []
    for turn in request.prompt.turns:
        parts = (
            part if isinstance(part, str) else replace(part, read=partial(bytes, next(next_bytes)))
            for part in turn.parts
        )
        turns.append(replace(turn, parts=tuple(parts)))
    key = request_key(request, picture_hashes, by_sample=by_sample)
    in_memory = replace(
        request,
        prompt=replace(request.prompt, turns=tuple(turns)),
        sampling=replace(request.sampling, key=key) if request.sampling else None,
    )
    return LoadedRequest(
        request=prepare(in_memory),
        key=key,
        hashes=hash_by_identity,
    )


class Prefetcher:
    """Reads requests in a thread of its own, in the order in which they were submitted."""

    def __init__(self, prepare: Prepare, *, by_sample: bool = False) -> None:
        self._load = partial(load_request, prepare=prepare, by_sample=by_sample)
        self._thread = _start_lazily()
        self._futures: dict[PlannedRequest, Future[LoadedRequest]] = {}

    def submit(self, requests: Mapping[PlannedRequest, Request]) -> None:
        """Has requests read, unless they have been or are on their way."""
        for planned, request in requests.items():
            if planned not in self._futures:
                future = self._thread.submit(self._load, request)
                self._futures[planned] = future

    def wait(self, planned: PlannedRequest) -> LoadedRequest:
        """A submitted request, once it is read, or the error of reading; held until forgotten."""
        return self._futures[planned].result()

    def forget(self, planned: Iterable[PlannedRequest]) -> None:
        """Lets go of requests that will not be waited for again; of any other, does nothing."""
        for request in planned:
            self._futures.pop(request, Future()).cancel()

    def shutdown(self) -> None:
        """Ends the thread, once it has finished the request that it is reading."""
        thread, self._thread = self._thread, _start_lazily()
        thread.shutdown(wait=True, cancel_futures=True)
        self._futures = {
            planned: future
            for planned, future in self._futures.items()
            if not future.cancelled() and future.exception() is None
        }


def _start_lazily() -> ThreadPoolExecutor:
    """One thread, which is not started before there is something to read."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="mmbench-reader")
