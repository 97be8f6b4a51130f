"""One model of a run: it is loaded and asked here, and its answers are scored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from pytest_mmbench import registry
from pytest_mmbench.conditions import shows_pictures, substitute_for
from pytest_mmbench.config.settings import Settings
from pytest_mmbench.errors import AbsentError, CheckpointError, DataError, MMBenchError
from pytest_mmbench.evaluation import noise
from pytest_mmbench.evaluation.inference.plan import WorkLocks
from pytest_mmbench.evaluation.inference.request_queue import (
    AHEAD,
    AHEAD_SHARED,
    InferenceStats,
    RequestQueue,
)
from pytest_mmbench.evaluation.selection import Task, Tasks
from pytest_mmbench.evaluation.store.folder import make_folder
from pytest_mmbench.files import expand
from pytest_mmbench.models.checkpoint import inspect_checkpoint
from pytest_mmbench.models.hub import parse_hub_id
from pytest_mmbench.protocols import (
    MANY,
    Model,
    ModelFeatures,
    Progress,
    Store,
    check_unchanged,
)
from pytest_mmbench.records import Answer, Average, Dimension, Method
from pytest_mmbench.results.rows import (
    IMAGE,
    NO_IMAGE,
    SampleResult,
    TaskResults,
    unreadable_reason,
    with_repeats,
)
from pytest_mmbench.results.tolerance import SMALLEST, default_tolerance

REQUIRED: Final = ("name", "fingerprint", "batch_size", "generate", "rank")
"""What a model has to have."""
NO_INFERENCE: Final = InferenceStats(new=0, cached=0, failed=0, seconds=0.0)
HASHES: Final = "checkpoints.json"
"""File of the store's folder in which a local model keeps the hashes of its weights."""
_PREFIXED: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]+:")


def check_model(spec: str) -> None:
    """Looks at a local checkpoint's folder, cheaply, so that a typing error costs no time.

    What is behind a prefix or on the hub is looked at when it is loaded.

    Raises:
        CheckpointError: the folder is missing, or holds no checkpoint that could be loaded.
        SettingsError: no model is named so: it is a URL, or has a prefix that nobody registered.
    """
    registry.check_model_name(spec)
    if parse_hub_id(spec) is None and not _PREFIXED.match(spec):
        inspect_checkpoint(expand(spec))


def load_model(spec: str, settings: Settings) -> Model:
    """The model that a spec names, on the device and in the dtype of the settings.

    Raises:
        CheckpointError: it cannot be loaded; whatever the reason, no case can be judged.
    """
    try:
        make_folder(settings.store)
        return registry.model(
            spec,
            device=settings.device,
            dtype=settings.dtype,
            batch_size=settings.batch_size,
            trust_remote_code=settings.trust_remote_code,
            hash_cache_file=settings.store / HASHES,
        )
    except MMBenchError as error:
        raise CheckpointError(error.problem, **error.facts) from None


def _check_same(first: Model, model: Model, given_by: str) -> None:
    """Refuses a second model: its cases would be judged by the answers of the first."""
    if model is first or model.fingerprint == first.fingerprint:
        return
    raise CheckpointError(
        f"{given_by} gave two models in one run.",
        first=first.name,
        second=model.name,
        what_to_do=f"override {given_by} for all cases, in a conftest file of the rootdir, or give "
        "a fake for tests of your own another name",
    )


class TaskKey(NamedTuple):
    """A benchmark under the condition that is wanted of a model."""

    benchmark: str
    condition: str
    few_shot: bool = False


@dataclass(kw_only=True, eq=False, repr=False)
class ModelEvaluator:
    """Asks one model, scores its answers, and keeps the results.

    `plan` says what will be asked, `evaluate` asks for it, `results` gives what is there.
    """

    tasks: Tasks
    """The benchmarks of the run under each condition."""
    store: Callable[[float], Store]
    """Opens the store; answers older than the given time count as absent."""
    since: float
    """That time, in seconds since the epoch."""
    batch_size: int
    """Prompts at once; 0: as many as the model prefers."""
    fresh: bool
    """Whether cached answers count for nothing."""
    calibrate: bool
    """Whether the model's noise is measured on many samples, also where nothing is compared."""
    skip_unreadable_pictures: bool
    """Whether samples whose picture cannot be read are left out."""
    locks: WorkLocks
    """Say what other processes work on, of this run or of another one."""
    shared: bool
    """Whether several processes share this run."""
    progress: Progress
    """Is called with how many requests have an answer."""
    _model: Model | None = field(default=None, init=False)
    _planned: dict[TaskKey, dict[str, None]] = field(default_factory=dict, init=False)
    _results: dict[str, dict[str, tuple[SampleResult, ...]]] = field(
        default_factory=dict, init=False
    )
    _most_shown: dict[tuple[str, str], int] = field(default_factory=dict, init=False)
    _tolerances: dict[str, float] = field(default_factory=dict, init=False)

    @property
    def loaded(self) -> bool:
        """Whether there is a model to ask."""
        return self._model is not None

    @property
    def model(self) -> Model:
        """The model that is asked; an error if no fixture has given one yet."""
        if self._model is None:
            raise CheckpointError("no model was loaded.", what_to_do="ask for mm_model first")
        return self._model

    @cached_property
    def features(self) -> ModelFeatures:
        """What the model says of itself beside its protocol."""
        return ModelFeatures.of(self.model)

    @property
    def name(self) -> str:
        """What people call the model."""
        return self.model.name

    @property
    def notes(self) -> tuple[str, ...]:
        """What the model has to say of its own answers, such as the result of its self-check."""
        return tuple(getattr(self.model, "notes", ()))

    def use(self, model: Model, *, given_by: str) -> None:
        """Sets the model that is asked; the first one stays for the whole run.

        Raises:
            CheckpointError: it has not the shape of a model, or is another one than the first.
        """
        if self._model is not None:
            _check_same(self._model, model, given_by)
            return
        missing = [part for part in REQUIRED if not hasattr(model, part)]
        if missing:
            raise CheckpointError(
                f"{given_by} gave {type(model).__name__!r}, which has no {', '.join(missing)}.",
                what_to_do="give it the shape of pytest_mmbench.protocols.Model",
            )
        self._model = model

    def plan(
        self, benchmark: str, condition: str, leaves: Iterable[str], *, few_shot: bool = False
    ) -> None:
        """Adds leaves to what will be asked, before anything is."""
        key = TaskKey(benchmark, condition, few_shot)
        self._planned.setdefault(key, {}).update(dict.fromkeys(leaves))

    def task(self, benchmark: str, condition: str, *, few_shot: bool = False) -> Task:
        """A task as this model is asked it: one that requires a picture gets a grey one."""
        if self.features.needs_picture and not shows_pictures(condition):
            condition = substitute_for(condition).name
        return self.tasks.task(benchmark, condition, few_shot=few_shot)

    def _planned_tasks(self) -> dict[TaskKey, Task]:
        return {
            key: self.task(key.benchmark, key.condition, few_shot=key.few_shot)
            for key in self._planned
        }

    def condition_used(self, benchmark: str, condition: str) -> str:
        """The condition that is used in place of another one with this model."""
        return self.task(benchmark, condition).condition

    @cached_property
    def _queue(self) -> RequestQueue:
        return RequestQueue(
            model=lambda: self.model,
            store=self.store(self.since),
            plan=[
                repeat.plan(tuple(self._planned[key]))
                for key, task in self._planned_tasks().items()
                for repeat in task.repeats
            ],
            batch_size=self.batch_size,
            fresh=self.fresh,
            progress=self.progress,
            locks=self.locks,
            ahead=AHEAD_SHARED if self.shared else AHEAD,
        )

    @property
    def stats(self) -> InferenceStats:
        """What inference has cost so far; opens no store only to say that it was nothing."""
        return self._queue.stats if "_queue" in vars(self) else NO_INFERENCE

    def evaluate(
        self, benchmark: str, condition: str, leaves: Iterable[str], *, few_shot: bool = False
    ) -> None:
        """Asks for the samples of these leaves and scores the answers, once.

        A condition other than the published one may be impossible for a leaf, such as another
        picture where there is only one: that leaf then has no results.
        """
        task = self.task(benchmark, condition, few_shot=few_shot)
        results = self._results.setdefault(task.name, {})
        for leaf in leaves:
            if leaf in results:
                continue
            try:
                ids = task.selection.ids[leaf]
                repeats = [self._answers(repeat, ids) for repeat in task.repeats]
            except AbsentError:
                if condition in (IMAGE, NO_IMAGE):
                    raise
                continue
            results[leaf] = tuple(
                with_repeats([task.result(answers[id]) for answers in repeats])
                for id in repeats[0]
                if all(id in answers for answers in repeats)
            )
        check_unchanged(self.model)

    def _answers(self, task: Task, ids: Iterable[str]) -> dict[str, Answer]:
        return self._queue.answers(
            task.name, ids, skip_unreadable_pictures=self.skip_unreadable_pictures
        )

    def measure_noise(self, benchmark: str, *, compared: bool = False) -> None:
        """Asks some samples again, in batches of other sizes, and keeps the answers.

        If calibration was asked for it takes 64 samples, and if answers are `compared` a few. Each
        benchmark is measured by itself, as it is asked by a method and in words of its own. Where
        only text was generated there is nothing to measure, and no answer nearly ties.
        """
        key = next((key for key in self._planned if key.benchmark == benchmark), None)
        if not (self.calibrate or compared) or benchmark in self._tolerances or key is None:
            return
        task = self.task(key.benchmark, key.condition, few_shot=key.few_shot)
        ids = [id for leaf in self._planned[key] for id in task.selection.ids[leaf]]
        most = noise.SAMPLES if self.calibrate else noise.few_samples(len(ids))
        requests = noise.calibration_requests([task.request(id) for id in ids], task.seed, most)
        answers = self._answers(task, [request.sample for request in requests])
        requests = [request for request in requests if request.sample in answers]
        if requests:
            ranker = noise.StoredRanker(
                model=self.model,
                store=self.store(self.since),
                task=task.spec.identity,
                fresh=self.fresh,
            )
            measured = noise.measured_tolerance(
                ranker,
                requests,
                list(answers.values()),
                mean=task.selection.method is Method.RANK_MEAN,
            )
            self._tolerances[benchmark] = max(SMALLEST, measured)

    def results(
        self, benchmark: str, condition: str, *, few_shot: bool = False
    ) -> Mapping[str, tuple[SampleResult, ...]]:
        """The results of each leaf that was evaluated, in the order of its samples."""
        return self._results.get(self.task(benchmark, condition, few_shot=few_shot).name, {})

    def tolerance_of(self, benchmark: str) -> float:
        """Widest margin (nats) that the noise may turn: as measured, or assumed for its dtype."""
        method = self.task(benchmark, IMAGE).selection.method
        return self._tolerances.get(benchmark, default_tolerance(self.dtype, method))

    def is_measured(self, benchmark: str) -> bool:
        """Whether it was measured; where only text is generated there is nothing to measure."""
        method = self.task(benchmark, IMAGE).selection.method
        return benchmark in self._tolerances or method is Method.GENERATE

    @property
    def fingerprint(self) -> str:
        """That of the model; empty if there is none yet."""
        return self._model.fingerprint if self._model else ""

    @property
    def dtype(self) -> str:
        """The dtype in which it computes; that of most fakes if it does not say."""
        return self.features.dtype or "float32"

    @property
    def tolerances(self) -> dict[str, float]:
        """Those of the benchmarks of which anything was evaluated."""
        names = {task.name: key.benchmark for key, task in self._planned_tasks().items()}
        evaluated = [names[task] for task, results in self._results.items() if results]
        return {name: self.tolerance_of(name) for name in dict.fromkeys(evaluated)}

    def task_results(self) -> list[TaskResults]:
        """The results of every task of which anything was evaluated or left out."""
        records = []
        for key, task in self._planned_tasks().items() if self.loaded else ():
            results = self._results.get(task.name, {})
            missing = self._left_out(task, results)
            records.append(task.results(results, condition=key.condition, left_out=missing))
        return records

    def reason_not_askable(self, dimension: Dimension) -> str | None:
        """Why this model cannot be asked about a dimension, as far as that is known by now.

        Either it shows more pictures at once than the model takes, or no picture can be read.
        """
        task = self.task(dimension.benchmark, IMAGE)
        most = self.features.most_pictures
        if most != MANY:
            shown = max((self._pictures(task, leaf) for leaf in dimension.leaves), default=0)
            if shown > most:
                takes = {0: "no picture", 1: "one picture"}.get(most, f"{most} pictures")
                return f"{dimension.path} shows {shown} at once, and {self.name} takes {takes}"
        if not self.skip_unreadable_pictures or not self.stats.failed:
            return None
        missing, ids = self._left_out(task, dimension.leaves), task.selection.ids
        empty = [leaf for leaf in dimension.leaves if ids[leaf] and missing.keys() >= {*ids[leaf]}]
        if missing.keys() >= set(task.selection.sample_ids(dimension)):
            path = dimension.path
        elif empty and dimension.average is Average.MACRO:
            path = empty[0]
        else:
            return None
        id, why = next(iter(missing.items()))
        return f"no picture of {path} can be read ({id}: {why})"

    def _pictures(self, task: Task, leaf: str) -> int:
        """The most pictures that one prompt of a leaf shows."""
        key = (task.name, leaf)
        if key not in self._most_shown:
            shown = (len(task.request(id).prompt.pictures) for id in task.selection.ids[leaf])
            self._most_shown[key] = max(shown, default=0)
        return self._most_shown[key]

    def _left_out(self, task: Task, leaves: Iterable[str]) -> dict[str, str]:
        """Samples of leaves that unreadable pictures kept from being asked, and why."""
        failures: dict[str, DataError] = {}
        for repeat in task.repeats if "_queue" in vars(self) else ():
            failures |= self._queue.failures(repeat.name)
        ids = dict.fromkeys(id for leaf in leaves for id in task.selection.ids[leaf])
        return {
            id: unreadable_reason(failures[id])
            for id in ids
            if id in failures and not isinstance(failures[id], AbsentError)
        }
