"""Asks a model what a run needs: in full batches, once, and shared with other processes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final, TypeAlias

from pytest_mmbench.errors import DataError
from pytest_mmbench.evaluation.inference.plan import Plan, RequestKey, TaskPlan
from pytest_mmbench.evaluation.inference.prefetch import Prefetcher
from pytest_mmbench.evaluation.inference.status import RequestStatus
from pytest_mmbench.evaluation.inference.validate import check_answers
from pytest_mmbench.evaluation.inference.work import NoLocks, WorkLocks, WorkUnit, WorkUnits
from pytest_mmbench.models.batching import Cost, cost, cut_batches
from pytest_mmbench.protocols import Model, Progress, Store
from pytest_mmbench.records import Answer, Request, RequestType

AHEAD: Final = 2
"""Blocks whose pictures are read while the model works on another. Where several processes share
the work it is one less: what one of them has claimed, no other can do."""


Requests: TypeAlias = dict[RequestKey, Request]


def silent(*, done: int, total: int, seconds: float) -> None:
    """A `Progress` that shows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceStats:
    """What a run has cost so far."""

    new: int
    """Requests that the model answered now."""
    cached: int
    """Requests whose answer lay in the store: from earlier, or from another process."""
    failed: int
    """Requests that could not be asked."""
    seconds: float
    """Spent in the model."""


def unchanged(request: Request) -> Request:
    """What is done beforehand for a model that wants nothing to be done: nothing."""
    return request


class RequestQueue:
    """The one mutable piece of a run: what is planned, what is in, and what is being asked.

    1. Everything planned is cut once into blocks, the costly ones first, across all dimensions and
       benchmarks. The order takes the texts of the requests and reads no picture.
    2. Blocks are worked off in that order until the wanted answers are in. What the store knows of
       a block is not asked; what is left of several is put together, so that batches are full.
    3. Each batch is in the store before the next is asked. Requests are made when they are needed
       and dropped afterwards.
    4. While the model works, a thread reads the pictures of the blocks that come next. What the
       store is known to hold is not read at all. Batches are the same as without it.

    Several processes with the same plan, store and claims share the work: each takes the next block
    that nobody holds, and waits only if all that it still needs is held by others. A process that
    is not inside `answers` holds none, and reads nothing.

    `fresh` ignores whatever this process has not asked itself. Processes that share the work need
    a store that forgets what is older than their run instead: `SqliteStore(since=...)`.
    """

    def __init__(
        self,
        *,
        model: Callable[[], Model],
        store: Store,
        plan: Iterable[TaskPlan] = (),
        batch_size: int = 0,
        fresh: bool = False,
        progress: Progress = silent,
        locks: WorkLocks | None = None,
        poll_seconds: float = 0.2,
    ) -> None:
        """`batch_size` 0 is the model's own; without `claims` there is one process.

        `model` is called for its fingerprint when the first answer is wanted, and not before.
        """
        self._model = model
        self._batch_size = batch_size
        self._progress = progress
        self._blocks = WorkUnits(NoLocks() if locks is None else locks)
        self._ahead_by = AHEAD if locks is None else AHEAD - 1
        self._poll_seconds = poll_seconds
        self._seconds = 0.0
        self._plan = Plan()
        self._ledger = RequestStatus(self._plan, store, lambda: self._fingerprint, fresh=fresh)
        self._uncut: list[RequestKey] = []
        self._next: deque[WorkUnit] = deque()
        self._pending: deque[RequestKey] = deque()
        self._pending_ask = RequestType.LOGLIKELIHOOD
        for planned in plan:
            self.plan(planned)

    def plan(self, planned: TaskPlan) -> None:
        """Adds samples; those that are planned already are not planned twice.

        Raises:
            MMBenchError: if the series is planned with another identity.
        """
        self._uncut += self._plan.add(planned)

    def answers(
        self, task: str, ids: Iterable[str], *, skip_unreadable_pictures: bool = False
    ) -> dict[str, Answer]:
        """The answers to planned samples of one series, in the order of `ids`.

        With `lenient`, samples whose picture cannot be used are left out; `failures` tells why.

        Raises:
            DataError: if a picture cannot be used; all other wanted answers are in by then.
            AnswerError: if the model broke its contract.
            MMBenchError: if a sample was not planned, or the store cannot be used.
        """
        keys = [RequestKey(task, id) for id in ids]
        if not keys:
            return {}
        self._plan.check_planned(keys)
        found = self._ledger.cached_until_missing(keys)
        wanted = self._ledger.open(keys)
        if wanted:
            self._drive(wanted)
            found |= self._ledger.cached([key for key in keys if key not in found])
        self._tell()
        if skip_unreadable_pictures:
            keys = [key for key in keys if key not in self._ledger.failures]
        self._ledger.refuse_failed(keys)
        self._ledger.check_kept(keys, found)
        return {key.sample: found[key] for key in keys}

    def failures(self, task: str) -> dict[str, DataError]:
        """What kept samples of a series from being asked, so far."""
        failed = self._ledger.failures.items()
        return {key.sample: error for key, error in failed if key.task == task}

    @property
    def stats(self) -> InferenceStats:
        """What it has cost so far."""
        return InferenceStats(
            new=self._ledger.asked,
            cached=self._ledger.kept,
            failed=self._ledger.failed,
            seconds=self._seconds,
        )

    @cached_property
    def _fingerprint(self) -> str:
        return self._model().fingerprint

    @cached_property
    def _size(self) -> int:
        return self._batch_size or self._model().batch_size

    @cached_property
    def _ahead(self) -> Prefetcher:
        return Prefetcher(getattr(self._model(), "prepare", unchanged))

    def _drive(self, wanted: list[RequestKey]) -> None:
        """Works off blocks until all that is wanted is in or has failed."""
        self._cut()
        try:
            while self._outstanding(wanted):
                if not self._advance():
                    self._blocks.retry_others(wanted)
                    if not self._advance():
                        time.sleep(self._poll_seconds)
        finally:
            self._let_go()
            self._ahead.shutdown()

    def _outstanding(self, wanted: list[RequestKey]) -> bool:
        """Takes from the end of the list what is in, and says whether anything is left."""
        while True:
            while wanted and self._ledger.is_settled(wanted[-1]):
                wanted.pop()
            away = self._blocks.held_by_others(wanted[-1]) if wanted else ()
            # Another process may have asked them by now.
            self._ledger.cached_until_missing(away)
            if not wanted or not self._ledger.is_settled(wanted[-1]):
                return bool(wanted)

    def _advance(self) -> bool:
        """Asks one batch; false if there is none to be had."""
        self._gather()
        keys = [self._pending.popleft() for _ in range(min(self._size, len(self._pending)))]
        if keys:
            reads = self._ahead.take(keys)
            self._ask({key: each.request for key, each in zip(keys, reads, strict=True)})
            self._give_done()
        self._tell()
        return bool(keys)

    def _tell(self) -> None:
        self._progress(done=self._ledger.settled, total=len(self._plan), seconds=self._seconds)

    def _gather(self) -> None:
        """Takes on blocks until a batch is full, or until the next is asked in another way."""
        self._scout()
        while self._next and len(self._pending) < self._size and self._fits(self._next[0]):
            self._take_on(self._next.popleft())
            self._give_done()
            self._scout()

    def _fits(self, block: WorkUnit) -> bool:
        return not self._pending or self._pending_ask is block.type

    def _scout(self) -> None:
        """Claims what comes next, and has it read."""
        free = self._blocks.acquire_next(lambda block: bool(self._ledger.open(block.keys)))
        for block in islice(free, self._ahead_by - len(self._next)):
            self._next.append(block)
            self._send(block)

    def _send(self, block: WorkUnit) -> None:
        """Has the pictures of a block read, unless the answers are known."""
        requests = self._ledger.requests(self._ledger.open(block.keys))
        self._ledger.match_known_pictures(requests)
        self._ledger.cached(block.keys)
        self._ahead.submit({key: requests[key] for key in self._ledger.open(requests)})

    def _take_on(self, block: WorkUnit) -> None:
        """Lets those be asked that the store still does not know, now that they are read."""
        reads = {}
        for key in self._ledger.open(block.keys):
            with self._ledger.failing(key):
                reads[key] = self._ahead.wait(key)
        self._ledger.note(reads)
        self._ledger.cached(block.keys)
        unknown = self._ledger.open(block.keys)
        self._ahead.forget(set(block.keys).difference(unknown))
        self._pending.extend(unknown)
        self._pending_ask = block.type

    def _give_done(self) -> None:
        self._blocks.release(lambda block: not self._ledger.open(block.keys))

    def _let_go(self) -> None:
        """Gives up what is unfinished: this process may never come back to it."""
        self._blocks.release_all()
        self._next.clear()
        self._pending.clear()

    def _cut(self) -> None:
        self._blocks.add(map(self._block, cut_batches(self._priced(), self._size)))
        self._uncut = []

    def _priced(self) -> Iterator[tuple[Cost, RequestKey]]:
        for key in self._uncut:
            with self._ledger.failing(key):
                yield cost(self._plan.request(key)), key

    def _block(self, keys: tuple[RequestKey, ...]) -> WorkUnit:
        return WorkUnit(
            type=self._plan.request(keys[0]).type,
            keys=keys,
            lock=self._plan.identity(self._fingerprint, keys),
        )

    def _ask(self, requests: Requests) -> None:
        """Asks and keeps. A request whose picture cannot be used is found by halving."""
        keys = list(requests)
        try:
            answers = self._timed(list(requests.values()))
        except DataError as error:
            if len(keys) == 1:
                self._ledger.fail(keys[0], error)
                return
            middle = len(keys) // 2
            for half in (keys[:middle], keys[middle:]):
                self._ask({key: requests[key] for key in half})
        else:
            self._ledger.keep(keys, answers)

    def _timed(self, requests: list[Request]) -> list[Answer]:
        model = self._model()
        ask = model.rank if requests[0].type is RequestType.LOGLIKELIHOOD else model.generate
        start = time.perf_counter()
        try:
            answers = ask(requests)
        finally:
            self._seconds += time.perf_counter() - start
        check_answers(model.name, requests, answers)
        return answers
