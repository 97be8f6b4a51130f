"""The requests that a run needs of one model, by series and sample."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.records import Request


class RequestKey(NamedTuple):
    """What a planned request is known by: a sample's id is unique in its series only."""

    task: str
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPlan:
    """Samples that are asked in one way, whose answers some case will want."""

    task: str
    """What is asked: a benchmark, and the condition under which it is."""
    ids: Sequence[str]
    request: Callable[[str], Request]
    """Makes the request for a sample; the same at every call."""
    identity: str
    """Everything that the requests depend on beside the sample's id."""


class Plan:
    """Everything planned so far, by name: a request is made whenever it is asked for."""

    def __init__(self) -> None:
        self._planned: dict[str, TaskPlan] = {}
        self._keys: set[RequestKey] = set()

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, planned: TaskPlan) -> list[RequestKey]:
        """Plans samples, and names those that were not planned before.

        Raises:
            MMBenchError: if the series is planned with another identity.
        """
        identity = self._planned.setdefault(planned.task, planned).identity
        if identity != planned.identity:
            raise MMBenchError(
                f"series {planned.task!r} cannot be asked in two ways in one run.",
                planned=identity,
                and_now=planned.identity,
            )
        keys = dict.fromkeys(RequestKey(planned.task, id) for id in planned.ids)
        news = [key for key in keys if key not in self._keys]
        self._keys.update(news)
        return news

    def request(self, key: RequestKey) -> Request:
        """The request for a sample, made anew."""
        return self._planned[key.task].request(key.sample)

    def identity(self, fingerprint: str, keys: Sequence[RequestKey]) -> str:
        """A name for these requests to a model: the same in every process, read from no picture."""
        content = hashlib.sha256(fingerprint.encode())
        for key in keys:
            for part in (*key, self._planned[key.task].identity):
                content.update(b"\0" + part.encode())
        return content.hexdigest()

    def check_planned(self, keys: Sequence[RequestKey]) -> None:
        """Refuses samples that were not planned.

        Raises:
            MMBenchError: for the first of them.
        """
        for key in keys:
            if key not in self._keys:
                raise MMBenchError(
                    f"sample {key.sample!r} of series {key.task!r} was not planned.",
                    planned_series=", ".join(sorted(self._planned)) or "none",
                    what_to_do="plan it before its answer is asked for",
                )
