"""One run: its settings, its benchmarks, the models that are asked, the judge, and its files."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pytest_mmbench.config.settings import Settings
from pytest_mmbench.config.values import MEASURED
from pytest_mmbench.errors import MMBenchWarning, SettingsError, near
from pytest_mmbench.evaluation.evaluator import ModelEvaluator
from pytest_mmbench.evaluation.inference.request_queue import InferenceStats
from pytest_mmbench.evaluation.selection import BenchmarkSelection, Tasks
from pytest_mmbench.evaluation.store.folder import FileLocks, make_folder
from pytest_mmbench.evaluation.store.sqlite import SqliteStore
from pytest_mmbench.gates.judge import Judge, rotation_conditions
from pytest_mmbench.gates.regression import margin_note
from pytest_mmbench.protocols import Progress
from pytest_mmbench.records import Average, BadRows, Dimension, Gate, Role
from pytest_mmbench.results import run_file
from pytest_mmbench.results.rows import IMAGE, NO_IMAGE
from pytest_mmbench.results.run_file import DESCRIBED, SavedRun


class CaseKey(NamedTuple):
    """A case: its gate, and the path of its dimension."""

    gate: Gate
    path: str


class _RequiredTask(NamedTuple):
    """A task that a gate needs of a model."""

    role: Role
    condition: str
    few_shot: bool = False


class Run:
    """The composition root, and the one object of a run that changes.

    Args:
        settings: what was decided before the run.
        selected: the benchmarks, in the order of the settings.
        saved: models whose results an earlier run has kept.
        snapshot_benchmarks: benchmarks whose answers are compared with a snapshot.
        rootdir: the folder that pytest takes for the project's.
        started: seconds since the epoch; the same in all processes that share the run.
        workers: how many processes share the inference.
        progress: is called with how many requests have an answer.
    """

    def __init__(
        self,
        settings: Settings,
        selected: Sequence[BenchmarkSelection],
        *,
        saved: Mapping[Role, SavedRun],
        snapshot_benchmarks: Sequence[str] = (),
        rootdir: Path,
        started: float,
        workers: int,
        progress: Progress,
    ) -> None:
        self.settings = settings
        self.selected = {selection.name: selection for selection in selected}
        self.dimensions = {node.path: node for item in selected for node in item.dimensions}
        self.saved = saved
        self.snapshot_benchmarks = tuple(snapshot_benchmarks)
        self.rootdir = rootdir
        self.started = started
        self.shared = workers > 1
        self.tasks = Tasks(self.selected, seed=settings.seed)
        self.trees = {selection.name: selection.tree for selection in selected}
        self._progress = progress
        self._planned: dict[Gate, tuple[Dimension, ...]] = {}
        self._stores: dict[float, SqliteStore] = {}
        roles = [Role.CANDIDATE]
        roles += [Role.BASELINE] if settings.baseline else []
        roles += [Role.BASE_LLM] if settings.base_llm else []
        self.evaluators = {
            role: self._evaluator(fresh=settings.fresh and role is Role.CANDIDATE)
            for role in roles
            if role not in saved
        }
        self.judge = Judge(
            settings, self.trees, {**self.evaluators, **saved}, rotations=self.rotations
        )

    def _evaluator(self, *, fresh: bool) -> ModelEvaluator:
        # Workers have to see what the others have asked, and to ignore what is older than the run.
        folder = self.settings.store
        return ModelEvaluator(
            tasks=self.tasks,
            store=lambda since: self._stores.setdefault(since, SqliteStore(folder, since=since)),
            since=self.started if fresh and self.shared else 0.0,
            batch_size=self.settings.batch_size,
            fresh=fresh and not self.shared,
            calibrate=self.settings.calibrate,
            skip_unreadable_pictures=self.settings.bad_rows is BadRows.SKIP,
            locks=FileLocks(folder),
            shared=self.shared,
            progress=self._progress,
        )

    @cached_property
    def rotations(self) -> dict[str, int]:
        """By benchmark, under how many rotations of its options it is asked without pictures."""
        selected = self.selected.items() if self.settings.vision.rotations else ()
        return {name: selection.max_options for name, selection in selected}

    @property
    def candidate(self) -> ModelEvaluator:
        """The model that is judged."""
        return self.evaluators[Role.CANDIDATE]

    def dimension(self, path: str, *, asked_for_by: str) -> Dimension:
        """The node of that path; an error if no benchmark of this run has it."""
        if path not in self.dimensions:
            close = near(path, self.dimensions, label="")
            raise SettingsError(
                f"dimension {path!r} is not in this run.",
                asked_for_by=asked_for_by,
                did_you_mean=close.get("did_you_mean", ""),
                benchmarks=", ".join(self.selected),
                what_to_do="`mmbench dimensions` lists all of them",
            )
        return self.dimensions[path]

    def benchmark_of(self, dimension: Dimension) -> BenchmarkSelection:
        """The benchmark that a dimension belongs to."""
        return self.selected[dimension.benchmark]

    def samples(self, path: str) -> set[tuple[str, str]]:
        """The samples of a dimension, each with its benchmark: ids are unique in one only."""
        node = self.dimensions[path]
        return {(node.benchmark, id) for id in self.benchmark_of(node).sample_ids(node)}

    def cases(self, gate: Gate) -> list[Dimension]:
        """The dimensions that have a case of a gate: snapshots are compared leaf by leaf."""
        if gate is not Gate.SNAPSHOT:
            return list(self.dimensions.values())
        selected = [self.selected[name] for name in self.snapshot_benchmarks or self.selected]
        return [self.dimensions[leaf] for selection in selected for leaf in selection.leaves]

    def plan(self, cases: Iterable[CaseKey]) -> None:
        """Sets the cases of this run, before any model is asked."""
        known = [case for case in dict.fromkeys(cases) if case.path in self.dimensions]
        for gate in Gate:
            nodes = [self.dimensions[case.path] for case in known if case.gate is gate]
            self._planned[gate] = tuple(
                node for node in nodes if not self.benchmark_of(node).skip_reason(node)
            )
            for node in self._planned[gate]:
                for role, condition, few_shot in self._required_tasks(gate, node):
                    evaluator = self.evaluators[role]
                    evaluator.plan(node.benchmark, condition, node.leaves, few_shot=few_shot)

    def _required_tasks(self, gate: Gate, node: Dimension) -> Iterator[_RequiredTask]:
        """The tasks that a verdict rests on; the results of saved models are there."""
        yield _RequiredTask(Role.CANDIDATE, IMAGE)
        if gate is Gate.REGRESSION and Role.BASELINE in self.evaluators:
            yield _RequiredTask(Role.BASELINE, IMAGE)
        if gate is Gate.VISION:
            rotated = rotation_conditions(self.rotations.get(node.benchmark, 0))
            for condition in (NO_IMAGE, *self.settings.vision.conditions, *rotated):
                yield _RequiredTask(Role.CANDIDATE, condition)
            if Role.BASE_LLM in self.evaluators:
                yield _RequiredTask(Role.BASE_LLM, NO_IMAGE, few_shot=True)

    @property
    def gates_nothing(self) -> bool:
        """Whether none of the selected cases can fail."""
        thresholds = self.settings.thresholds
        gated = any(node.path in thresholds for node in self._planned[Gate.CAPABILITY])
        others = (Gate.REGRESSION, Gate.SNAPSHOT, Gate.VISION)
        return not gated and not any(self._planned[gate] for gate in others)

    @property
    def margin_notes(self) -> list[str]:
        """By benchmark, what margin of a comparison its samples can decide."""
        rules = self.settings.regression
        totals = {
            name: len(selection.sample_ids(selection.dimensions[0]))
            for name, selection in self.selected.items()
        }
        return [
            margin_note(name, total, margin=rules.margin, alpha=rules.alpha)
            for name, total in totals.items()
            if total
        ]

    @property
    def needs_baseline(self) -> bool:
        """Whether a case compares with the baseline."""
        return bool(self._planned.get(Gate.REGRESSION))

    def reason_not_askable(self, dimension: Dimension, *roles: Role) -> str | None:
        """Why these models cannot be asked about a dimension, as far as that is known by now.

        Saved ones need not be asked.
        """
        selection = self.benchmark_of(dimension)
        if reason := selection.skip_reason(dimension):
            return reason
        ids = selection.sample_ids(dimension)
        missing = [leaf for leaf in dimension.leaves if not selection.ids[leaf]]
        if not ids or (missing and dimension.average is Average.MACRO):
            path = missing[0] if ids else dimension.path
            if self.dimensions[path].size:
                return f"a limit of {self.settings.limit} leaves no sample of {path}"
            # Cases that are empty for one reason give the same, which pytest folds into one line.
            empty = [node.path for node in selection.dimensions if not node.size]
            widest = next(other for other in empty if f"{path}.".startswith(f"{other}."))
            return f"no samples for {widest}"
        evaluators = [self.evaluators[role] for role in roles if role in self.evaluators]
        reasons = (model.reason_not_askable(dimension) for model in evaluators)
        return next(filter(None, reasons), None)

    def family(self, gate: Gate) -> list[Dimension]:
        """The dimensions that a gate judges in this run, as far as they can be asked.

        That is known once there are models to ask; a process that only gathers what others have
        judged has none.
        """
        roles = (Role.CANDIDATE, Role.BASELINE) if gate is Gate.REGRESSION else (Role.CANDIDATE,)
        if not all(self.evaluators[role].loaded for role in roles if role in self.evaluators):
            return []
        planned = self._planned.get(gate, ())
        return [node for node in planned if not self.reason_not_askable(node, *roles)]

    def evaluate(self, gate: Gate, dimension: Dimension) -> list[Dimension]:
        """Asks for everything that a verdict on a dimension rests on; what is there is not asked.

        Gives the dimensions that are judged together, for `Judge`. A picture that cannot be read
        is a `DataError`, a model that breaks its contract an `AnswerError`.
        """
        family = self.judge.family(gate, dimension, self.family(gate))
        for node in family:
            for role, condition, few_shot in self._required_tasks(gate, node):
                evaluator = self.evaluators[role]
                evaluator.evaluate(node.benchmark, condition, node.leaves, few_shot=few_shot)
        if gate in (Gate.REGRESSION, Gate.SNAPSHOT):
            compared = gate is Gate.REGRESSION and self._measures_noise
            for role in {task.role for task in self._required_tasks(gate, dimension)}:
                self.evaluators[role].measure_noise(dimension.benchmark, compared=compared)
        return family

    @property
    def _measures_noise(self) -> bool:
        return self.settings.regression.tolerance == MEASURED

    def load_cached(self, role: Role) -> None:
        """Looks up what a model is known to have answered, before another asks the same afresh.

        Its noise too: it is measured against what was answered then, in batches of another size.
        """
        for node in self._planned[Gate.REGRESSION]:
            if not self.reason_not_askable(node, role):
                self.evaluators[role].evaluate(node.benchmark, IMAGE, node.leaves)
        for node in self._planned[Gate.REGRESSION]:
            self.evaluators[role].measure_noise(node.benchmark, compared=self._measures_noise)

    def close(self) -> None:
        """Closes the store, if it was opened."""
        for store in self._stores.values():
            store.close()

    @property
    def inference_stats(self) -> InferenceStats:
        """What inference has cost so far, for all models together."""
        parts = [evaluator.stats for evaluator in self.evaluators.values()]
        return InferenceStats(
            new=sum(part.new for part in parts),
            cached=sum(part.cached for part in parts),
            failed=sum(part.failed for part in parts),
            seconds=sum(part.seconds for part in parts),
        )

    def current_results(self, versions: Mapping[str, str]) -> dict[Role, SavedRun]:
        """The results of each model that this process has loaded, as far as the run has come."""
        saved = {}
        for role, evaluator in self.evaluators.items():
            if not evaluator.loaded:
                continue
            for benchmark in evaluator.tolerances:
                evaluator.measure_noise(benchmark)
            tolerances = evaluator.tolerances
            own = {name: getattr(evaluator.features, name) for name in DESCRIBED}
            saved[role] = SavedRun(
                model=evaluator.name,
                fingerprint=evaluator.model.fingerprint,
                tolerance=max(tolerances.values(), default=0.0),
                tolerances=tolerances,
                measured=tuple(name for name in tolerances if evaluator.is_measured(name)),
                created=datetime.fromtimestamp(self.started, UTC).isoformat(timespec="seconds"),
                facts={**versions, **{name: fact for name, fact in own.items() if fact}},
                trees=self.trees,
                tasks=tuple(evaluator.task_results()),
                notes=evaluator.notes,
            )
        return saved

    def write_worker_part(self, versions: Mapping[str, str], worker: str) -> None:
        """Writes this process' part of a shared run, in place of what it wrote before."""
        for role, part in self.current_results(versions).items():
            run_file.write(part, self._parts_folder / f"{role}.{worker}.json")

    def merge_worker_parts(self) -> dict[Role, SavedRun]:
        """Merges the parts that were written, and removes them."""
        merged: dict[Role, SavedRun] = {}
        for role in self.evaluators:
            paths = sorted(self._parts_folder.glob(f"{role}.*.json"))
            if paths:
                merged[role] = run_file.merged([run_file.read(path) for path in paths])
        # A worker that died may have left the half of a part, too.
        shutil.rmtree(self._parts_folder, ignore_errors=True)
        return merged

    def save_last_run(self, saved: SavedRun) -> None:
        """Keeps the latest run in the store's folder; one that only reads its store goes on."""
        path = self.settings.store / run_file.LAST
        make_folder(path.parent)
        try:
            run_file.write(saved, path)
        except OSError as error:
            message = f"this run is not kept in {path}: {error.strerror or error}"
            warnings.warn(MMBenchWarning(message), stacklevel=2)

    @property
    def _parts_folder(self) -> Path:
        # The moment at which a run began is the same in all its processes, and no other run's.
        store, name = self.settings.store, f"{self.started:.6f}"
        if store.is_dir() and not os.access(store, os.W_OK):
            # A store that is only read, such as a cache of CI, keeps no parts either.
            return Path(tempfile.gettempdir()) / f"mmbench-{run_file.PARTS}-{name}"
        return store / run_file.PARTS / name
