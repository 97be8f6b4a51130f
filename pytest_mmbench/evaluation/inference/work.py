"""What the processes of a run share out among themselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from pytest_mmbench.evaluation.inference.plan import PlannedRequest
from pytest_mmbench.records import RequestType


class WorkLocks(Protocol):
    """Says which of several processes works on what; `store.locks.FileLocks` is the real one."""

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
        held = (unit.requests for unit in self._others if request in unit.requests)
        return next(held, ())

    def retry_others(self, needed: Iterable[PlannedRequest]) -> None:
        """Frees units of others: they may have finished them, given them up, or died."""
        requests = set(needed)
        self._free.extend(u for u in self._others if not requests.isdisjoint(u.requests))
        self._others = [u for u in self._others if requests.isdisjoint(u.requests)]
