"""The requests that a run needs, by benchmark and sample."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pytest_mmbench.errors import MMBenchError
from pytest_mmbench.protocols import Benchmark
from pytest_mmbench.records import Method, Request


class Key(NamedTuple):
    """What a planned request is known by: a sample's id is unique in its benchmark only."""

    benchmark: str
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """Samples of one benchmark whose answers some case will want."""

    benchmark: Benchmark
    ids: Sequence[str]
    method: Method


class Plan:
    """Everything planned so far, by name: a request is made whenever it is asked for."""

    def __init__(self) -> None:
        self._planned: dict[str, Planned] = {}
        self._keys: set[Key] = set()

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, planned: Planned) -> list[Key]:
        """Plans samples, and names those that were not planned before.

        Raises:
            MMBenchError: if the benchmark is planned with another method.
        """
        name = planned.benchmark.name
        method = self._planned.setdefault(name, planned).method
        if method is not planned.method:
            raise MMBenchError(
                f"benchmark {name!r} cannot be asked in two ways in one run.",
                planned=method,
                and_now=planned.method,
            )
        keys = dict.fromkeys(Key(name, id) for id in planned.ids)
        news = [key for key in keys if key not in self._keys]
        self._keys.update(news)
        return news

    def request(self, key: Key) -> Request:
        """The benchmark's request for a sample, made anew."""
        planned = self._planned[key.benchmark]
        return planned.benchmark.request(planned.benchmark.sample(key.sample), planned.method)

    def identity(self, fingerprint: str, keys: Sequence[Key]) -> str:
        """A name for these requests to a model: the same in every process, read from no picture."""
        content = hashlib.sha256(fingerprint.encode())
        for key in keys:
            planned = self._planned[key.benchmark]
            for part in (*key, planned.benchmark.revision, planned.method):
                content.update(b"\0" + part.encode())
        return content.hexdigest()

    def refuse_strangers(self, keys: Sequence[Key]) -> None:
        """Refuses samples that were not planned.

        Raises:
            MMBenchError: for the first of them.
        """
        for key in keys:
            if key not in self._keys:
                raise MMBenchError(
                    f"sample {key.sample!r} of benchmark {key.benchmark!r} was not planned.",
                    planned_benchmarks=", ".join(sorted(self._planned)) or "none",
                    what_to_do="plan it before its answer is asked for",
                )
