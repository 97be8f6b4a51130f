"""Asks a model what a run needs: in full batches, once, and shared with other processes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Final

from pytest_mmbench.errors import AbsentError, DataError, MMBenchError
from pytest_mmbench.evaluation.inference.plan import (
    NoLocks,
    Plan,
    PlannedRequest,
    TaskPlan,
    WorkLocks,
    WorkUnit,
    WorkUnits,
    hash_identity,
    lock_name,
    request_key,
)
from pytest_mmbench.evaluation.inference.prefetch import LoadedRequest, Prefetcher
from pytest_mmbench.evaluation.inference.validate import check_answers
from pytest_mmbench.models.batch_order import cost, cut_batches, spread_by_cost
from pytest_mmbench.protocols import Model, Progress, Store, check_unchanged
from pytest_mmbench.records import Answer, Request, RequestType

CHUNK: Final = 256
"""Requests that are looked up in the store together."""
NAMED: Final = 5
"""Samples that an error names."""
CHECKED: Final = 12
"""Requests of each kind from which a model may choose those of its self-check."""
AHEAD: Final = 2
"""Work units whose pictures are read while the model works on another."""
AHEAD_SHARED: Final = AHEAD - 1
"""The same where several processes share the work: what one has locked, no other can do."""


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


class RequestQueue:
    """The one mutable piece of a run: what is planned, what is in, and what is being asked.

    1. Everything planned is cut once into work units, the costly ones first, across all dimensions
       and benchmarks. The order takes the texts of the requests and reads no picture.
    2. Units are worked off in that order until the answers of the call are in. What the store knows
       of a unit is not asked; what is left of several is put together, so that batches are full.
    3. Each batch is in the store before the next is asked. Requests are made when they are needed
       and dropped afterwards.
    4. While the model works, a thread reads the pictures of the units that come next. What the
       store is known to hold is not read at all. Batches are the same as without it.

    Several processes with the same plan, store and locks share the work: each takes the next unit
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
        ahead: int = AHEAD,
        poll_seconds: float = 0.2,
    ) -> None:
        """`batch_size` 0 is the model's own; without `locks` there is one process.

        `model` is called for its fingerprint when the first answer is needed, and not before.
        """
        self._model = model
        self._batch_size = batch_size
        self._progress = progress
        self._poll_seconds = poll_seconds
        self._seconds = 0.0
        self._plan = Plan()
        self._uncut: list[PlannedRequest] = []
        self._to_check: list[PlannedRequest] = []
        self._is_checked = False
        self._status = RequestStatus(model, store, fresh=fresh)
        self._units = WorkUnits(NoLocks() if locks is None else locks)
        self._ahead = ahead
        self._reading: deque[WorkUnit] = deque()
        self._pending: deque[PlannedRequest] = deque()
        self._pending_type = RequestType.LOGLIKELIHOOD
        for task in plan:
            self.plan(task)

    def plan(self, planned: TaskPlan) -> None:
        """Adds samples; those that are planned already are not planned twice."""
        self._uncut += self._plan.add(planned)

    def answers(
        self, task: str, ids: Iterable[str], *, skip_unreadable_pictures: bool = False
    ) -> dict[str, Answer]:
        """The answers to planned samples of one task, in the order of `ids`.

        A picture that cannot be used is a `DataError` once all other answers are in; with
        `skip_unreadable_pictures` its sample is left out, and `failures` tells why.
        """
        requests = self._plan.find(task, ids)
        if not requests:
            return {}
        # A rerun over unchanged files finds everything here, and reads no picture.
        answers = self._status.look_up_until_missing(requests)
        missing = [request for request in requests if request.is_open]
        if missing:
            self._cut_units()
        try:
            while missing:
                if missing[-1].is_open:
                    # Where another process holds its unit, the answers may be in the store by now.
                    self._status.look_up_until_missing(self._units.held_by_others(missing[-1]))
                if not missing[-1].is_open:
                    missing.pop()
                    continue
                batch = self._fill_batch()
                if not batch:
                    # Others hold all that is left: they may have finished, given it up, or died.
                    self._units.retry_others(missing)
                    batch = self._fill_batch()
                if batch:
                    self._run_batch(batch)
                else:
                    time.sleep(self._poll_seconds)
                self._show_progress()
        finally:
            # This process may never come back to what is unfinished, so others may have it.
            self._units.release_all()
            self._reading.clear()
            self._pending.clear()
            self._prefetcher.shutdown()
        answers |= self._status.look_up([request for request in requests if request not in answers])
        self._show_progress()
        if skip_unreadable_pictures:
            requests = [request for request in requests if request.error is None]
        check_failures(requests)
        check_stored(requests, answers)
        return {request.sample: answers[request] for request in requests}

    def failures(self, task: str) -> dict[str, DataError]:
        """What kept samples of a task from being asked, so far."""
        return self._plan.failures(task)

    @property
    def stats(self) -> InferenceStats:
        """What it has cost so far."""
        return InferenceStats(
            new=self._status.new,
            cached=self._status.cached,
            failed=self._status.failed,
            seconds=self._seconds,
        )

    @cached_property
    def _size(self) -> int:
        return self._batch_size or self._model().batch_size

    @cached_property
    def _prefetcher(self) -> Prefetcher:
        prepare = getattr(self._model(), "prepare", lambda request: request)
        return Prefetcher(prepare, by_sample=self._status.by_sample)

    def _show_progress(self) -> None:
        stats = self.stats
        settled = stats.new + stats.cached + stats.failed
        self._progress(done=settled, total=self._plan.size, seconds=self._seconds)

    def _cut_units(self) -> None:
        """Cuts what was planned since the last time into units, also what is answered already.

        Processes can share units only if they cut the same ones, whatever each of them knows.
        """
        priced = []
        for request in self._uncut:
            with self._status.recording_errors(request):
                priced.append((cost(request.make()), request))
        if not self._is_checked:
            self._to_check = self._to_check or spread_by_cost(priced, most=CHECKED)
        for batch in cut_batches(priced, self._size):
            lock = lock_name(self._status.fingerprint, batch)
            self._units.add([WorkUnit(type=batch[0].make().type, requests=batch, lock=lock)])
        self._uncut = []

    def _fill_batch(self) -> list[PlannedRequest]:
        """The next requests to ask: a full batch, or what is left of one type, or none."""
        while True:
            # Lock the next units and have their pictures read: the thread goes on with them while
            # the model works. Of what the store is known to hold, no picture is read.
            for unit in islice(self._units.acquire_next(), self._ahead - len(self._reading)):
                self._reading.append(unit)
                requests = self._status.make_requests(unit.requests)
                self._status.match_known_pictures(requests)
                self._status.look_up(unit.requests)
                self._prefetcher.submit({each: requests[each] for each in unit.open_requests})

            if len(self._pending) >= self._size or not self._reading:
                break
            # A model ranks or generates: a batch ends where the type changes.
            if self._pending and self._reading[0].type is not self._pending_type:
                break

            unit = self._reading.popleft()
            loaded = {}
            for request in unit.open_requests:
                with self._status.recording_errors(request):
                    loaded[request] = self._prefetcher.wait(request)
            self._status.record_loaded(loaded)
            # Pictures that have no identity are known to the store only now that they are read.
            self._status.look_up(unit.requests)
            self._prefetcher.forget(each for each in unit.requests if not each.is_open)
            self._pending.extend(unit.open_requests)
            self._pending_type = unit.type
            self._units.release_finished()
        return [self._pending.popleft() for _ in range(min(self._size, len(self._pending)))]

    def _check_model(self, model: Model) -> None:
        """Lets the model check itself before its first answer; one that is not asked does not."""
        if not self._is_checked:
            self._is_checked = True
            requests = [request.make() for request in self._to_check if request.error is None]
            getattr(model, "self_check", lambda _requests: None)(requests)
            self._to_check = []

    def _run_batch(self, batch: list[PlannedRequest]) -> None:
        """Asks the model, and stores its answers before anything else is asked."""
        requests = {planned: self._prefetcher.wait(planned).request for planned in batch}
        self._prefetcher.forget(batch)
        model = self._model()
        self._check_model(model)
        is_ranked = requests[batch[0]].type is RequestType.LOGLIKELIHOOD
        ask = model.rank if is_ranked else model.generate
        parts = [batch]
        while parts:
            part = parts.pop()
            shown = [requests[planned] for planned in part]
            start = time.perf_counter()
            try:
                answers = ask(shown)
            except DataError as error:
                # One of them has a picture that cannot be used: it is found by halving.
                if middle := len(part) // 2:
                    parts += [part[middle:], part[:middle]]
                else:
                    self._status.fail(part[0], error)
                continue
            finally:
                self._seconds += time.perf_counter() - start
            check_answers(model.name, shown, answers)
            # Answers of weights that changed meanwhile would get the fingerprint of the old ones.
            check_unchanged(model)
            self._status.store_answers(dict(zip(part, answers, strict=True)))
        self._units.release_finished()


class RequestStatus:
    """Keeps the status of planned requests, and goes to the store for them; holds no answer.

    With `fresh`, what lay in the store before this process put it there does not count.
    """

    def __init__(self, model: Callable[[], Model], store: Store, *, fresh: bool) -> None:
        self._model = model
        self._store = store
        self._fresh = fresh
        self.new = self.cached = self.failed = 0  # see InferenceStats

    @cached_property
    def fingerprint(self) -> str:
        """The model's, under which the store keeps its answers."""
        return self._model().fingerprint

    @cached_property
    def by_sample(self) -> bool:
        """Whether the model answers samples, so that equal requests share no answer."""
        return bool(getattr(self._model(), "answers_by_sample", False))

    def make_requests(self, planned: Iterable[PlannedRequest]) -> dict[PlannedRequest, Request]:
        """The requests of those that are open; one that cannot be made fails here."""
        requests: dict[PlannedRequest, Request] = {}
        for request in planned:
            if request.is_open:
                with self.recording_errors(request):
                    requests[request] = request.make()
        return requests

    @contextmanager
    def recording_errors(self, request: PlannedRequest) -> Iterator[None]:
        """Lets a request fail, where data or files that it needs raise an error inside."""
        try:
            yield
        except DataError as error:
            self.fail(request, error)
        except OSError as error:
            problem = f"a picture of sample {request.sample!r} cannot be read."
            self.fail(request, DataError(problem, reason=str(error)))

    def fail(self, request: PlannedRequest, error: DataError) -> None:
        """Notes that a request cannot be asked; `check_failures` tells whoever needs its answer."""
        if request.is_open:
            request.error = error
            self.failed += 1

    def match_known_pictures(self, requests: Mapping[PlannedRequest, Request]) -> None:
        """Sets the keys of those whose pictures all have a stored hash; reads no picture."""
        if self._fresh:
            return
        shown = {
            planned: [hash_identity(picture) for picture in request.prompt.pictures]
            for planned, request in requests.items()
        }
        hashes = self._store.get_picture_hashes([id for ids in shown.values() for id in ids if id])
        for planned, ids in shown.items():
            if all(id in hashes for id in ids):
                planned.key = request_key(
                    requests[planned], [hashes[id] for id in ids], by_sample=self.by_sample
                )

    def record_loaded(self, loaded: Mapping[PlannedRequest, LoadedRequest]) -> None:
        """Sets the keys of requests that were read, and stores the hashes of their pictures."""
        hashes: dict[str, bytes] = {}
        for planned, request in loaded.items():
            planned.key = request.key
            hashes |= request.hashes
        self._store.put_picture_hashes(hashes)

    def look_up(self, planned: Sequence[PlannedRequest]) -> dict[PlannedRequest, Answer]:
        """Answers that the store has for those whose key is known."""
        answers: dict[PlannedRequest, Answer] = {}
        for chunk in _chunks(planned):
            known = [each for each in chunk if each.is_answered or not self._fresh]
            keys = {request: request.key for request in known if request.key is not None}
            stored = self._store.get(self.fingerprint, list(keys.values()))
            for request, key in keys.items():
                if key in stored:
                    answers[request] = replace(stored[key], sample=request.sample)
                    self.cached += request.is_open
                    request.is_answered = True
        return answers

    def look_up_until_missing(
        self, planned: Sequence[PlannedRequest]
    ) -> dict[PlannedRequest, Answer]:
        """The same, also for pictures that are known by their identity; reads no picture.

        It goes no further than to the first chunk of which one is still open: most of what follows
        will have to be asked.
        """
        answers: dict[PlannedRequest, Answer] = {}
        for chunk in _chunks(planned):
            unmatched = [request for request in chunk if request.key is None]
            self.match_known_pictures(self.make_requests(unmatched))
            answers |= self.look_up(chunk)
            if any(request.is_open for request in chunk):
                break
        return answers

    def store_answers(self, answers: Mapping[PlannedRequest, Answer]) -> None:
        """Puts what the model answered into the store."""
        keyed = {request.key: answer for request, answer in answers.items() if request.key}
        self._store.put(self.fingerprint, keyed)
        for request in answers:
            request.is_answered = True
        self.new += len(answers)


def check_failures(planned: Sequence[PlannedRequest]) -> None:
    """Raises the error of the first request that could not be asked, with all such samples.

    One that is broken comes before one that its condition cannot be made of.
    """
    failed = {request.sample: request.error for request in planned if request.error is not None}
    broken = {id: error for id, error in failed.items() if not isinstance(error, AbsentError)}
    if failed:
        kind = DataError if broken else AbsentError
        first, *_ = (broken or failed).values()
        samples = _list_samples(list(broken or failed))
        raise kind(first.problem, **first.facts, wanted_by=samples) from first


def check_stored(
    planned: Sequence[PlannedRequest], answers: Mapping[PlannedRequest, Answer]
) -> None:
    """Refuses requests whose answer has disappeared from the store since it was put there."""
    missing = [request.sample for request in planned if request not in answers]
    if missing:
        raise MMBenchError(
            "answers that were put into the store are not in it any more.",
            samples=_list_samples(missing),
            what_to_do="leave the store alone while a run is writing to it",
        )


def _chunks(planned: Sequence[PlannedRequest]) -> Iterator[Sequence[PlannedRequest]]:
    return (planned[start : start + CHUNK] for start in range(0, len(planned), CHUNK))


def _list_samples(samples: Sequence[str]) -> str:
    named = ", ".join(samples[:NAMED])
    more = len(samples) - NAMED
    return f"{named} and {more} more" if more > 0 else named
