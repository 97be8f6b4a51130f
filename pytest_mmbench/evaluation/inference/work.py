"""What the processes of a run share out among themselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from pytest_mmbench.evaluation.inference.plan import RequestKey
from pytest_mmbench.records import RequestType


class WorkLocks(Protocol):
    """Says which of several processes works on what; `store.FileClaims` is the real one."""

    def acquire(self, name: str) -> bool:
        """Whether this process has the claim now; never waits."""

    def release(self, name: str) -> None:
        """Lets another process have the claim."""


class NoLocks:
    """There is one process, and it may have everything."""

    def acquire(self, name: str) -> bool:
        """Whether this process has the claim now: always."""
        return bool(name)

    def release(self, name: str) -> None:
        """Lets another process have the claim; there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkUnit:
    """Requests that one process takes on together: a batch, if none of them is known."""

    type: RequestType
    keys: tuple[RequestKey, ...]
    lock: str
    """The same in every process with the same plan."""


class WorkUnits:
    """Which blocks nobody has taken on yet, which this process has, and which another."""

    def __init__(self, claims: WorkLocks) -> None:
        self._claims = claims
        self._open: deque[WorkUnit] = deque()
        self._held: list[WorkUnit] = []
        self._elsewhere: list[WorkUnit] = []

    def add(self, blocks: Iterable[WorkUnit]) -> None:
        """More blocks, behind those that are there."""
        self._open.extend(blocks)

    def acquire_next(self, needed: Callable[[WorkUnit], bool]) -> Iterator[WorkUnit]:
        """One after the other, the blocks that are needed and that no other process has."""
        while self._open:
            block = self._open.popleft()
            if not needed(block):
                continue
            if self._claims.acquire(block.lock):
                self._held.append(block)
                yield block
            else:
                self._elsewhere.append(block)

    def release(self, done: Callable[[WorkUnit], bool]) -> None:
        """Gives up the claims to what is done."""
        for block in filter(done, list(self._held)):
            self._held.remove(block)
            self._claims.release(block.lock)

    def release_all(self) -> None:
        """Gives up what is unfinished: this process may never come back to it."""
        for block in self._held:
            self._claims.release(block.lock)
        self._open.extendleft(reversed(self._held))
        self._held.clear()

    def held_by_others(self, key: RequestKey) -> Sequence[RequestKey]:
        """The requests of the block of this one, if another process has it; otherwise none."""
        found = (block.keys for block in self._elsewhere if key in block.keys)
        return next(found, ())

    def retry_others(self, wanted: Iterable[RequestKey]) -> None:
        """Looks again at what others had: they may have finished it, given it up, or died."""
        needed = set(wanted)
        self._open.extend(b for b in self._elsewhere if not needed.isdisjoint(b.keys))
        self._elsewhere = [b for b in self._elsewhere if needed.isdisjoint(b.keys)]
