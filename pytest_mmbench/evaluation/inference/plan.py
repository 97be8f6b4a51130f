"""The requests that a run needs of one model, by task and sample."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pytest_mmbench.errors import DataError, MMBenchError
from pytest_mmbench.records import Request


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
        """The request to the model, made anew.

        Raises:
            DataError: the sample cannot be read.
        """
        return self.plan.request(self.sample)


class Plan:
    """Everything planned so far; a sample is planned once."""

    def __init__(self) -> None:
        self._requests: dict[str, dict[str, PlannedRequest]] = {}
        self._tasks: dict[str, TaskPlan] = {}
        self.size = 0
        """How many requests are planned."""

    def add(self, plan: TaskPlan) -> list[PlannedRequest]:
        """Plans the samples of a task; those that were not planned before.

        Raises:
            MMBenchError: the task is planned with another identity.
        """
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
        """Requests for samples, in the order of `ids`, each once.

        Raises:
            MMBenchError: one of them was not planned.
        """
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


def lock_name(fingerprint: str, requests: Sequence[PlannedRequest]) -> str:
    """A name for these requests to a model: the same in every process, read from no picture."""
    content = hashlib.sha256(fingerprint.encode())
    for request in requests:
        for part in (request.plan.task, request.sample, request.plan.identity):
            content.update(b"\0" + part.encode())
    return content.hexdigest()
