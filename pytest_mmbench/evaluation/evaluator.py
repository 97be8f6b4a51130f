"""One model of a run: what it is asked, and how its answers were scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, Protocol

from pytest_mmbench.conditions import shows_pictures, substitute_for
from pytest_mmbench.errors import AbsentError, CheckpointError, DataError
from pytest_mmbench.evaluation import noise
from pytest_mmbench.evaluation.inference.request_queue import InferenceStats, RequestQueue
from pytest_mmbench.evaluation.inference.work import WorkLocks
from pytest_mmbench.evaluation.selection import Task
from pytest_mmbench.protocols import MANY, Model, ModelFeatures, Progress, Store
from pytest_mmbench.records import Answer, Average, Dimension, Method
from pytest_mmbench.results import left_out
from pytest_mmbench.results.rows import SampleResult, TaskResults

REQUIRED: Final = ("name", "fingerprint", "batch_size", "generate", "rank")
"""What a model has to have."""


NO_INFERENCE: Final = InferenceStats(new=0, cached=0, failed=0, seconds=0.0)


class TaskOf(Protocol):
    """Finds the series of a benchmark."""

    def __call__(self, benchmark: str, condition: str, *, few_shot: bool = False) -> Task:
        """The benchmark under that condition."""


class Asked(Mapping[str, tuple[SampleResult, ...]]):
    """The rows of a series by leaf; looking one up asks for it."""

    def __init__(self, examinee: ModelEvaluator, series: Task) -> None:
        self._examinee = examinee
        self._series = series

    def __getitem__(self, leaf: str) -> tuple[SampleResult, ...]:
        return self._examinee.scored(self._series, leaf)

    def __iter__(self) -> Iterator[str]:
        return iter(self._series.selection.ids)

    def __len__(self) -> int:
        return len(self._series.selection.ids)


class ModelEvaluator:
    """Asks one model, and remembers what its answers were worth.

    Args:
        series: makes what is asked.
        store: opens the store; what was kept before the given time counts as absent.
        since: that time, in seconds since the epoch.
        batch_size: prompts at once; 0: as many as the model prefers.
        fresh: whether the store counts for nothing.
        calibrate: whether the model's noise is measured.
        lenient: whether samples whose picture cannot be read are left out.
        claims: of a run that several processes share.
        progress: is told how far the asking has come.
    """

    def __init__(
        self,
        *,
        series: TaskOf,
        store: Callable[[float], Store],
        since: float,
        batch_size: int,
        fresh: bool,
        calibrate: bool,
        skip_unreadable_pictures: bool,
        locks: WorkLocks | None,
        progress: Progress,
    ) -> None:
        self._series = series
        self._open_store = store
        self._since = since
        self._batch_size = batch_size
        self._fresh = fresh
        self._calibrate = calibrate
        self._skip_unreadable_pictures = skip_unreadable_pictures
        self._claims = locks
        self._progress = progress
        self._models: list[Model] = []
        self._planned: dict[tuple[str, str, bool], dict[str, None]] = {}
        self._rows: dict[tuple[str, str], tuple[SampleResult, ...]] = {}
        self._shown: dict[tuple[str, str], int] = {}
        self._tolerances: dict[str, float] = {}

    @property
    def loaded(self) -> bool:
        """Whether there is a model to ask."""
        return bool(self._models)

    @property
    def model(self) -> Model:
        """The model that is asked."""
        return self._models[0]

    @cached_property
    def features(self) -> ModelFeatures:
        """The optional parts of the model."""
        return ModelFeatures.of(self.model)

    @property
    def name(self) -> str:
        """What people call the model."""
        return self.model.name

    def tolerance_of(self, benchmark: str) -> float:
        """Widest margin (nats) that its noise may turn there: measured if that was asked for.

        Each benchmark is measured by itself, as it is asked by a method and in words of its own.
        Where only texts were generated there is nothing to measure, and none of them nearly ties.
        """
        if benchmark not in self._tolerances:
            wanted = [each for each in self._planned if each[0] == benchmark]
            measured = self._measured(wanted[0]) if self._calibrate and wanted else []
            assumed = noise.default_tolerance(self.features.dtype or "float32")
            self._tolerances[benchmark] = measured[0] if measured else assumed
        return self._tolerances[benchmark]

    @property
    def tolerances(self) -> dict[str, float]:
        """Those of the benchmarks of which anything was scored."""
        scored = {self.task(*key[:2], few_shot=key[2]).name: key[0] for key in self._planned}
        names = dict.fromkeys(scored[name] for name, _ in self._rows if name in scored)
        return {name: self.tolerance_of(name) for name in names}

    def _measured(self, key: tuple[str, str, bool]) -> list[float]:
        benchmark, condition, solved = key
        series = self.task(benchmark, condition, few_shot=solved)
        ids = [id for leaf in self._planned[key] for id in series.selection.ids[leaf]]
        requests = noise.calibration_requests([series.request(id) for id in ids], series.seed)
        if not requests:
            return []
        known = self.answers(series, [each.sample for each in requests])
        mean = series.selection.method is Method.RANK_MEAN
        return [noise.measured_tolerance(self.model, requests, list(known.values()), mean=mean)]

    def use(self, model: Model, *, given_by: str) -> None:
        """The model that is asked; the first one stays for the whole run.

        Raises:
            CheckpointError: it has not the shape of a model.
        """
        if self._models:
            return
        missing = [part for part in REQUIRED if not hasattr(model, part)]
        if missing:
            raise CheckpointError(
                f"{given_by} gave {type(model).__name__!r}, which has no {', '.join(missing)}.",
                what_to_do="give it the shape of pytest_mmbench.protocols.Model",
            )
        self._models.append(model)

    def plan(
        self, benchmark: str, condition: str, leaves: Iterable[str], *, few_shot: bool = False
    ) -> None:
        """Says what will be asked, before anything is."""
        self._planned.setdefault((benchmark, condition, few_shot), {}).update(dict.fromkeys(leaves))

    def task(self, benchmark: str, condition: str, *, few_shot: bool = False) -> Task:
        """The series as this model is asked it: one that needs a picture gets a grey one."""
        blind = self.features.needs_picture and not shows_pictures(condition)
        shown = substitute_for(condition).name if blind else condition
        return self._series(benchmark, shown, few_shot=few_shot)

    def condition_used(self, benchmark: str, condition: str) -> str:
        """The condition that stands for another one with this model."""
        return self.task(benchmark, condition).condition

    @cached_property
    def _queue(self) -> RequestQueue:
        return RequestQueue(
            model=lambda: self._models[0],
            store=self._open_store(self._since),
            plan=[
                self.task(benchmark, condition, few_shot=solved).plan(tuple(leaves))
                for (benchmark, condition, solved), leaves in self._planned.items()
            ],
            batch_size=self._batch_size,
            fresh=self._fresh,
            progress=self._progress,
            locks=self._claims,
        )

    @property
    def stats(self) -> InferenceStats:
        """What it has cost so far; opens no store only to say that it was nothing."""
        return self._queue.stats if "_asking" in vars(self) else NO_INFERENCE

    def too_many_pictures(self, series: Task, dimension: Dimension) -> str:
        """Why the model cannot be shown what a dimension shows; empty if it can."""
        most = self.features.most_pictures
        if most == MANY:
            return ""
        shown = max((self._most_shown(series, leaf) for leaf in dimension.leaves), default=0)
        if shown <= most:
            return ""
        takes = {0: "no picture", 1: "one picture"}.get(most, f"{most} pictures")
        return f"{dimension.path} shows {shown} at once, and {self.model.name} takes {takes}"

    def _most_shown(self, series: Task, leaf: str) -> int:
        key = (series.name, leaf)
        if key not in self._shown:
            requests = (series.request(id) for id in series.selection.ids[leaf])
            shown = (len(request.prompt.pictures) for request in requests)
            self._shown[key] = max(shown, default=0)
        return self._shown[key]

    def all_left_out(self, series: Task, dimension: Dimension) -> str:
        """Why nothing is left of a dimension, as far as it was asked; empty if something is."""
        if not self._skip_unreadable_pictures or not self.stats.failed:
            return ""
        left_out = self._left_out(series, dimension.leaves)
        empty = [
            leaf
            for leaf in dimension.leaves
            if series.selection.ids[leaf] and left_out.keys() >= set(series.selection.ids[leaf])
        ]
        every = left_out.keys() >= set(series.selection.sample_ids(dimension))
        if not every and not (empty and dimension.average is Average.MACRO):
            return ""
        what = dimension.path if every else empty[0]
        id, why = next(iter(left_out.items()))
        return f"no picture of {what} can be read ({id}: {why})"

    def results(
        self, benchmark: str, condition: str, *, few_shot: bool = False
    ) -> Mapping[str, tuple[SampleResult, ...]]:
        """The rows of each leaf; looking one up asks for what is missing."""
        return Asked(self, self.task(benchmark, condition, few_shot=few_shot))

    def scored(self, series: Task, leaf: str) -> tuple[SampleResult, ...]:
        """The scored answers of a leaf, in the order of its samples.

        Raises:
            DataError: a picture cannot be read.
            AnswerError: the model broke its contract.
        """
        key = (series.name, leaf)
        if key not in self._rows:
            answers = self.answers(series, series.selection.ids[leaf])
            self._rows[key] = tuple(series.result(answer) for answer in answers.values())
        return self._rows[key]

    def answers(self, series: Task, ids: Iterable[str]) -> dict[str, Answer]:
        """What the model said, by sample."""
        return self._queue.answers(
            series.name, ids, skip_unreadable_pictures=self._skip_unreadable_pictures
        )

    def failures(self, series: Task) -> dict[str, DataError]:
        """Samples that could not be asked, and why."""
        return self._queue.failures(series.name) if "_asking" in vars(self) else {}

    def task_results(self) -> list[TaskResults]:
        """What was scored so far."""
        found = []
        for benchmark, condition, solved in self._planned if self.loaded else ():
            series = self.task(benchmark, condition, few_shot=solved)
            rows = self._known(series)
            left_out = self._left_out(series, rows)
            found.append(series.results(rows, wanted=condition, left_out=left_out))
        return found

    def _known(self, series: Task) -> dict[str, tuple[SampleResult, ...]]:
        return {leaf: rows for (name, leaf), rows in self._rows.items() if name == series.name}

    def _left_out(self, series: Task, leaves: Iterable[str]) -> dict[str, str]:
        """Samples of leaves that broken pictures kept from being asked, and why."""
        failures = self.failures(series)
        ids = dict.fromkeys(id for leaf in leaves for id in series.selection.ids[leaf])
        return {
            id: left_out.reason(failures[id])
            for id in ids
            if id in failures and not isinstance(failures[id], AbsentError)
        }
