"""The requests that a run needs of one model, their keys in the store, and the units of work."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, Protocol

from pytest_mmbench.errors import DataError, MMBenchError
from pytest_mmbench.images import is_shown_anew
from pytest_mmbench.records import Picture, Request, RequestType


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPlan:
    """Samples that are asked in one way, and whose answers some case needs."""

    task: str
    """A benchmark, and the condition under which it is asked."""
    ids: Sequence[str]
    request: Callable[[str], Request]
    """Makes the request for a sample; the same at every call."""
    identity: str
    """Everything that the requests depend on beside the sample's id."""


@dataclass(slots=True, kw_only=True, eq=False)
class PlannedRequest:
    """A sample of a task, and what has become of its request: open, answered or failed.

    The request itself is made when it is needed and dropped afterwards; the answer lies in the
    store. `RequestStatus` alone changes the fields.
    """

    plan: TaskPlan
    sample: str
    key: str | None = None
    """Its `request_key`, as soon as the hashes of its pictures are known."""
    is_answered: bool = False
    error: DataError | None = None
    """What keeps it from being asked."""

    @property
    def is_open(self) -> bool:
        """Whether its answer is still to come, as far as this process knows."""
        return not self.is_answered and self.error is None

    def make(self) -> Request:
        """The request to the model, made anew; a `DataError` if the sample cannot be read."""
        return self.plan.request(self.sample)


class Plan:
    """Everything planned so far; a sample is planned once."""

    def __init__(self) -> None:
        self._requests: dict[str, dict[str, PlannedRequest]] = {}
        self._tasks: dict[str, TaskPlan] = {}
        self.size = 0
        """How many requests are planned."""

    def add(self, plan: TaskPlan) -> list[PlannedRequest]:
        """Plans the samples of a task, and gives those that were not planned before."""
        first = self._tasks.setdefault(plan.task, plan)
        if first.identity != plan.identity:
            raise MMBenchError(
                f"task {plan.task!r} cannot be asked in two ways in one run.",
                planned=first.identity,
                and_now=plan.identity,
            )
        planned = self._requests.setdefault(plan.task, {})
        new = {id: PlannedRequest(plan=first, sample=id) for id in plan.ids if id not in planned}
        planned |= new
        self.size += len(new)
        return list(new.values())

    def find(self, task: str, ids: Iterable[str]) -> list[PlannedRequest]:
        """Requests for planned samples, in the order of `ids`, each once."""
        planned = self._requests.get(task, {})
        requests = []
        for id in dict.fromkeys(ids):
            if id not in planned:
                raise MMBenchError(
                    f"sample {id!r} of task {task!r} was not planned.",
                    planned_tasks=", ".join(sorted(self._tasks)) or "none",
                    what_to_do="plan it before its answer is asked for",
                )
            requests.append(planned[id])
        return requests

    def failures(self, task: str) -> dict[str, DataError]:
        """What kept samples of a task from being asked, so far."""
        planned = self._requests.get(task, {}).items()
        return {id: request.error for id, request in planned if request.error is not None}


FORMAT: Final = "mmbench request 2"
"""Changes with the framing below, so that keys of two framings never meet."""


_SHOWN_ANEW: Final = b"laid on white\0"


def hashed(content: bytes) -> bytes:
    """SHA-256 of a picture's encoded bytes, and of how it is shown if that has changed."""
    # Stored answers to transparent pictures were given by models that could not see them.
    return hashlib.sha256(_SHOWN_ANEW * is_shown_anew(content) + content).digest()


def hash_identity(picture: Picture) -> str:
    """Under which the store keeps a picture's hash; empty if the picture has no identity."""
    identity = picture.identity()
    return f"{identity}, shown as of 0.2" if identity else ""


def request_key(
    request: Request, picture_hashes: Sequence[bytes], *, by_sample: bool = False
) -> str:
    """SHA-256 of everything that can change a request's answer, as 64 hexadecimal digits.

    What counts: what is asked, the roles, the texts and the pictures' encoded bytes (as `hashed`,
    in the order in which they are shown; none is read here), the options and their order, the
    number of new tokens, and where they are set `thinking`, `stop`, `thoughts` and `sampling`. What
    does not: the pictures' names, and the sample's id unless the model answers by it (`by_sample`).
    """
    digest = hashlib.sha256()
    sample = ("sample", request.sample) if by_sample else ()
    for field in chain(_fields(request, iter(picture_hashes)), sample):
        # Data can hold half a surrogate pair, which strict UTF-8 refuses.
        content = field if isinstance(field, bytes) else str(field).encode("utf-8", "surrogatepass")
        # Each field carries its length, so that no two sequences of fields give the same bytes.
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.hexdigest()


def _fields(request: Request, picture_hashes: Iterator[bytes]) -> Iterator[str | int | bytes]:
    yield from (FORMAT, request.type, str(request.new_tokens), str(len(request.options)))
    yield from request.options
    for turn in request.prompt.turns:
        yield turn.role
        yield len(turn.parts)
        for part in turn.parts:
            if isinstance(part, str):
                yield from ("text", part)
            else:
                yield "picture"
                yield next(picture_hashes)
    # What is not set adds nothing: keys of before there were these settings stay what they were.
    if request.thinking is not None:
        yield from ("thinking", str(request.thinking))
    if request.stop:
        yield from ("stop", str(len(request.stop)), *request.stop)
    if request.thoughts:
        yield from ("thoughts", str(len(request.thoughts)), *chain(*request.thoughts))
    if drawn := request.sampling:
        yield from ("sampling", repr(drawn.temperature), repr(drawn.top_p))
        yield from (str(drawn.top_k), str(drawn.seed))


class WorkLocks(Protocol):
    """Says which of several processes works on what; `store.folder.FileLocks` is the real one."""

    def acquire(self, name: str) -> bool:
        """Whether this process holds the lock now; never waits."""

    def release(self, name: str) -> None:
        """Lets another process have the lock."""


class NoLocks:
    """There is one process, and it may have everything."""

    def acquire(self, name: str) -> bool:
        """Whether this process holds the lock now: always."""
        return bool(name)

    def release(self, name: str) -> None:
        """Lets another process have the lock; there is none."""


def lock_name(fingerprint: str, requests: Sequence[PlannedRequest]) -> str:
    """A name for these requests to a model: the same in every process, read from no picture."""
    content = hashlib.sha256(fingerprint.encode())
    for request in requests:
        for part in (request.plan.task, request.sample, request.plan.identity):
            content.update(b"\0" + part.encode())
    return content.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkUnit:
    """Requests that one process takes on together: a batch, if none of them is answered."""

    type: RequestType
    requests: tuple[PlannedRequest, ...]
    lock: str
    """The same in every process with the same plan."""

    @property
    def open_requests(self) -> list[PlannedRequest]:
        """Those that are still to be asked."""
        return [request for request in self.requests if request.is_open]


class WorkUnits:
    """Units that are free to be taken on, those of this process, and those of others."""

    def __init__(self, locks: WorkLocks) -> None:
        self._locks = locks
        self._free: deque[WorkUnit] = deque()
        self._own: list[WorkUnit] = []
        self._others: list[WorkUnit] = []

    def add(self, units: Iterable[WorkUnit]) -> None:
        """More units, behind those that are there."""
        self._free.extend(units)

    def acquire_next(self) -> Iterator[WorkUnit]:
        """One after the other, the units with open requests that no other process holds."""
        while self._free:
            unit = self._free.popleft()
            if not unit.open_requests:
                continue
            if self._locks.acquire(unit.lock):
                self._own.append(unit)
                yield unit
            else:
                self._others.append(unit)

    def release_finished(self) -> None:
        """Gives up the locks of units without open requests."""
        for unit in [unit for unit in self._own if not unit.open_requests]:
            self._own.remove(unit)
            self._locks.release(unit.lock)

    def release_all(self) -> None:
        """Gives up all locks; what is unfinished is the next to be taken on again."""
        for unit in self._own:
            self._locks.release(unit.lock)
        self._free.extendleft(reversed(self._own))
        self._own.clear()

    def held_by_others(self, request: PlannedRequest) -> Sequence[PlannedRequest]:
        """The requests of the unit of this one, if another process holds it; otherwise none."""
        return next((unit.requests for unit in self._others if request in unit.requests), ())

    def retry_others(self, needed: Iterable[PlannedRequest]) -> None:
        """Frees units of others: they may have finished them, given them up, or died."""
        requests = set(needed)
        self._free.extend(u for u in self._others if not requests.isdisjoint(u.requests))
        self._others = [u for u in self._others if requests.isdisjoint(u.requests)]
