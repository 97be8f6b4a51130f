"""Asks a model what a run needs: in full batches, once, and shared with other processes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from pytest_mmbench.batching import Cost, cost, cut
from pytest_mmbench.errors import DataError
from pytest_mmbench.protocols import Model, Progress, Store
from pytest_mmbench.records import Answer, Ask, Request
from pytest_mmbench.runner.contract import check
from pytest_mmbench.runner.ledger import LOOK, Ledger
from pytest_mmbench.runner.plan import Key, Plan, Planned


class Claims(Protocol):
    """Says which of several processes works on what; `store.FileClaims` is the real one."""

    def take(self, name: str) -> bool:
        """Whether this process has the claim now; never waits."""

    def give(self, name: str) -> None:
        """Lets another process have the claim."""


class Alone:
    """There is one process, and it may have everything."""

    def take(self, name: str) -> bool:
        """Whether this process has the claim now: always."""
        return bool(name)

    def give(self, name: str) -> None:
        """Lets another process have the claim; there is none."""


def silent(*, done: int, total: int, seconds: float) -> None:
    """A `Progress` that shows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What a run has cost so far."""

    asked: int
    """Requests that the model answered now."""
    kept: int
    """Requests whose answer lay in the store: from earlier, or from another process."""
    failed: int
    """Requests that could not be asked."""
    seconds: float
    """Spent in the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Requests that one process takes on together: a batch, if none of them is known."""

    ask: Ask
    keys: tuple[Key, ...]
    claim: str
    """The same in every process with the same plan."""


class Asking:
    """The one mutable piece of a run: what is planned, what is in, and what is being asked.

    1. Everything planned is cut once into blocks, the costly ones first, across all dimensions and
       benchmarks. The order takes the texts of the requests and reads no picture.
    2. Blocks are worked off in that order until the wanted answers are in. What the store knows of
       a block is not asked; what is left of several is put together, so that batches are full.
    3. Each batch is in the store before the next is asked. Requests are made when they are needed
       and dropped afterwards.

    Several processes with the same plan, store and claims share the work: each takes the next block
    that nobody holds, and waits only if all that it still needs is held by others. A process that
    is not inside `answers` holds none.

    `fresh` ignores whatever this process has not asked itself. Processes that share the work need
    a store that forgets what is older than their run instead: `SqliteStore(since=...)`.
    """

    def __init__(
        self,
        *,
        model: Callable[[], Model],
        store: Store,
        plan: Iterable[Planned] = (),
        batch_size: int = 0,
        fresh: bool = False,
        progress: Progress = silent,
        claims: Claims | None = None,
        poll_seconds: float = 0.2,
    ) -> None:
        """`batch_size` 0 is the model's own; without `claims` there is one process.

        `model` is called for its fingerprint when the first answer is wanted, and not before.
        """
        self._model = model
        self._batch_size = batch_size
        self._progress = progress
        self._claims: Claims = Alone() if claims is None else claims
        self._poll_seconds = poll_seconds
        self._seconds = 0.0
        self._plan = Plan()
        self._ledger = Ledger(self._plan, store, lambda: self._fingerprint, fresh=fresh)
        self._uncut: list[Key] = []
        self._open: deque[Block] = deque()
        self._elsewhere: list[Block] = []
        self._held: list[Block] = []
        self._pending: deque[Key] = deque()
        for planned in plan:
            self.plan(planned)

    def plan(self, planned: Planned) -> None:
        """Adds samples; those that are planned already are not planned twice.

        Raises:
            MMBenchError: if the series is planned with another identity.
        """
        self._uncut += self._plan.add(planned)

    def answers(
        self, series: str, ids: Iterable[str], *, lenient: bool = False
    ) -> dict[str, Answer]:
        """The answers to planned samples of one series, in the order of `ids`.

        With `lenient`, samples whose picture cannot be used are left out; `failures` tells why.

        Raises:
            DataError: if a picture cannot be used; all other wanted answers are in by then.
            AnswerError: if the model broke its contract.
            MMBenchError: if a sample was not planned, or the store cannot be used.
        """
        keys = [Key(series, id) for id in ids]
        if not keys:
            return {}
        self._plan.refuse_strangers(keys)
        found = self._ledger.look_until_missing(keys)
        wanted = self._ledger.open(keys)
        if wanted:
            self._drive(wanted)
            found |= self._ledger.look([key for key in keys if key not in found])
        self._tell()
        if lenient:
            keys = [key for key in keys if key not in self._ledger.failures]
        self._ledger.refuse_failed(keys)
        self._ledger.refuse_lost(keys, found)
        return {key.sample: found[key] for key in keys}

    def failures(self, series: str) -> dict[str, DataError]:
        """What kept samples of a series from being asked, so far."""
        failed = self._ledger.failures.items()
        return {key.sample: error for key, error in failed if key.series == series}

    @property
    def effort(self) -> Effort:
        """What it has cost so far."""
        return Effort(
            asked=self._ledger.asked,
            kept=self._ledger.kept,
            failed=self._ledger.failed,
            seconds=self._seconds,
        )

    @cached_property
    def _fingerprint(self) -> str:
        return self._model().fingerprint

    @cached_property
    def _size(self) -> int:
        return self._batch_size or self._model().batch_size

    def _drive(self, wanted: list[Key]) -> None:
        """Works off blocks until all that is wanted is in or has failed."""
        self._cut()
        try:
            while self._outstanding(wanted):
                if not self._advance():
                    self._reopen(wanted)
                    if not self._advance():
                        time.sleep(self._poll_seconds)
        finally:
            self._let_go()

    def _outstanding(self, wanted: list[Key]) -> bool:
        """Takes from the end of the list what is in, and says whether anything is left."""
        while True:
            while wanted and self._ledger.is_settled(wanted[-1]):
                wanted.pop()
            if not wanted or not self._elsewhere:
                return bool(wanted)
            # Another process may have asked them by now.
            self._ledger.look(wanted[-LOOK:])
            if not self._ledger.is_settled(wanted[-1]):
                return True

    def _advance(self) -> bool:
        """Asks one batch; false if there is none to be had."""
        self._gather()
        batch = [self._pending.popleft() for _ in range(min(self._size, len(self._pending)))]
        if batch:
            self._ask(batch)
            self._give_done()
        self._tell()
        return bool(batch)

    def _tell(self) -> None:
        self._progress(done=self._ledger.settled, total=len(self._plan), seconds=self._seconds)

    def _gather(self) -> None:
        """Takes on blocks until a batch is full, or until the next is asked in another way."""
        while self._open and len(self._pending) < self._size and self._fits(self._open[0]):
            self._take_on(self._open.popleft())
            self._give_done()

    def _fits(self, block: Block) -> bool:
        return not self._held or self._held[-1].ask is block.ask

    def _take_on(self, block: Block) -> None:
        if not self._ledger.open(block.keys):
            return
        if not self._claims.take(block.claim):
            self._elsewhere.append(block)
            return
        self._held.append(block)
        self._ledger.look(block.keys)
        self._pending.extend(self._ledger.open(block.keys))

    def _give_done(self) -> None:
        for block in [block for block in self._held if not self._ledger.open(block.keys)]:
            self._held.remove(block)
            self._claims.give(block.claim)

    def _let_go(self) -> None:
        """Gives up what is unfinished: this process may never come back to it."""
        for block in self._held:
            self._claims.give(block.claim)
        self._open.extendleft(reversed(self._held))
        self._held.clear()
        self._pending.clear()

    def _reopen(self, wanted: Iterable[Key]) -> None:
        """Looks again at what others held: they may have finished it, given it up, or died."""
        needed = set(wanted)
        self._open.extend(b for b in self._elsewhere if not needed.isdisjoint(b.keys))
        self._elsewhere = [b for b in self._elsewhere if needed.isdisjoint(b.keys)]

    def _cut(self) -> None:
        self._open.extend(map(self._block, cut(self._priced(), self._size)))
        self._uncut = []

    def _priced(self) -> Iterator[tuple[Cost, Key]]:
        for key in self._uncut:
            try:
                yield cost(self._plan.request(key)), key
            except DataError as error:
                self._ledger.fail(key, error)

    def _block(self, keys: tuple[Key, ...]) -> Block:
        return Block(
            ask=self._plan.request(keys[0]).ask,
            keys=keys,
            claim=self._plan.identity(self._fingerprint, keys),
        )

    def _ask(self, keys: Sequence[Key]) -> None:
        """Asks and keeps. A request whose picture cannot be used is found by halving."""
        requests = [self._plan.request(key) for key in keys]
        try:
            answers = self._timed(requests)
        except DataError as error:
            if len(keys) == 1:
                self._ledger.fail(keys[0], error)
                return
            self._ask(keys[: len(keys) // 2])
            self._ask(keys[len(keys) // 2 :])
        else:
            self._ledger.keep(keys, answers)

    def _timed(self, requests: list[Request]) -> list[Answer]:
        model = self._model()
        ask = model.rank if requests[0].ask is Ask.RANK else model.generate
        start = time.perf_counter()
        try:
            answers = ask(requests)
        finally:
            self._seconds += time.perf_counter() - start
        check(model.name, requests, answers)
        return answers
