"""One run: its settings, its benchmarks, the models that are asked, and the judge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pytest_mmbench.config.settings import Settings
from pytest_mmbench.errors import SettingsError, near
from pytest_mmbench.evaluation.evaluator import ModelEvaluator
from pytest_mmbench.evaluation.inference.request_queue import InferenceStats
from pytest_mmbench.evaluation.selection import BenchmarkSelection, Tasks
from pytest_mmbench.evaluation.store.locks import FileLocks
from pytest_mmbench.evaluation.store.sqlite import SqliteStore
from pytest_mmbench.gates.judge import Judge, rotation_conditions
from pytest_mmbench.protocols import Progress
from pytest_mmbench.records import Average, BadRows, Dimension, Gate, Role
from pytest_mmbench.results.rows import IMAGE, NO_IMAGE
from pytest_mmbench.results.run_file import SavedRun


class CaseKey(NamedTuple):
    """A case: its gate, and the path of its dimension."""

    gate: Gate
    path: str


class _Need(NamedTuple):
    """What a gate needs of a model."""

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
        self.selected = {each.name: each for each in selected}
        self.dimensions = {node.path: node for each in selected for node in each.dimensions}
        self.saved = saved
        self.snapshot_benchmarks = tuple(snapshot_benchmarks)
        self.rootdir = rootdir
        self.started = started
        self.shared = workers > 1
        self.tasks = Tasks(self.selected, seed=settings.seed)
        self.trees = {each.name: each.tree for each in selected}
        self._progress = progress
        self._planned: dict[Gate, tuple[Dimension, ...]] = {}
        named = {
            Role.CANDIDATE: settings.model,
            Role.BASELINE: settings.baseline,
            Role.BASE_LLM: settings.base_llm,
        }
        self.evaluators = {
            role: self._evaluator(fresh=settings.fresh and role is Role.CANDIDATE)
            for role, spec in named.items()
            if (spec or role is Role.CANDIDATE) and role not in saved
        }
        self.judge = Judge(
            settings, self.trees, {**self.evaluators, **saved}, rotations=self.rotations
        )

    def _evaluator(self, *, fresh: bool) -> ModelEvaluator:
        # Workers have to see what the others have asked, and to ignore what is older than the run.
        return ModelEvaluator(
            tasks=self.tasks,
            store=self._store,
            since=self.started if fresh and self.shared else 0.0,
            batch_size=self.settings.batch_size,
            fresh=fresh and not self.shared,
            calibrate=self.settings.calibrate,
            skip_unreadable_pictures=self.settings.bad_rows is BadRows.SKIP,
            locks=FileLocks(self.settings.store) if self.shared else None,
            progress=self._progress,
        )

    @cached_property
    def rotations(self) -> dict[str, int]:
        """By benchmark, under how many rotations of its options it is asked without pictures."""
        selected = self.selected.items() if self.settings.vision.rotations else ()
        return {name: each.max_options for name, each in selected}

    @property
    def candidate(self) -> ModelEvaluator:
        """The model that is judged."""
        return self.evaluators[Role.CANDIDATE]

    def dimension(self, path: str, *, asked_for_by: str) -> Dimension:
        """The node of that path.

        Raises:
            SettingsError: no benchmark of this run has it.
        """
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
        return [self.dimensions[leaf] for each in selected for leaf in each.leaves]

    # What the selected cases need.

    def plan(self, cases: Iterable[CaseKey]) -> None:
        """Sets the cases of this run, before any model is asked."""
        known = [case for case in dict.fromkeys(cases) if case.path in self.dimensions]
        for gate in Gate:
            nodes = [self.dimensions[case.path] for case in known if case.gate is gate]
            self._planned[gate] = tuple(
                node for node in nodes if not self.benchmark_of(node).skip_reason(node)
            )
            for node in self._planned[gate]:
                for role, condition, few_shot in self._needs(gate, node):
                    self.evaluators[role].plan(
                        node.benchmark, condition, node.leaves, few_shot=few_shot
                    )

    def _needs(self, gate: Gate, node: Dimension) -> Iterator[_Need]:
        """The tasks that a verdict rests on; the results of saved models are there."""
        yield _Need(Role.CANDIDATE, IMAGE)
        if gate is Gate.REGRESSION and Role.BASELINE in self.evaluators:
            yield _Need(Role.BASELINE, IMAGE)
        if gate is Gate.VISION:
            rotated = rotation_conditions(self.rotations.get(node.benchmark, 0))
            for condition in (NO_IMAGE, *self.settings.vision.conditions, *rotated):
                yield _Need(Role.CANDIDATE, condition)
            if Role.BASE_LLM in self.evaluators:
                yield _Need(Role.BASE_LLM, NO_IMAGE, few_shot=True)

    @property
    def gates_nothing(self) -> bool:
        """Whether none of the selected cases can fail."""
        planned = self._planned[Gate.CAPABILITY]
        gated = any(node.path in self.settings.thresholds for node in planned)
        always = (Gate.REGRESSION, Gate.SNAPSHOT, Gate.VISION)
        return not (gated or any(self._planned[gate] for gate in always))

    @property
    def needs_baseline(self) -> bool:
        """Whether a case compares with the baseline."""
        return bool(self._planned.get(Gate.REGRESSION))

    def reason_not_askable(self, dimension: Dimension, *roles: Role) -> str | None:
        """Why a dimension cannot be asked, as far as that is known by now; None if it can.

        Args:
            dimension: what would be asked.
            roles: the models that would be; saved ones need not be asked.
        """
        selection = self.benchmark_of(dimension)
        if reason := selection.skip_reason(dimension):
            return reason
        ids = selection.sample_ids(dimension)
        missing = [leaf for leaf in dimension.leaves if not selection.ids[leaf]]
        if not ids or (missing and dimension.average is Average.MACRO):
            path = missing[0] if ids else dimension.path
            if not self.dimensions[path].size:
                return f"the data hold none of {path}"
            return f"a limit of {self.settings.limit} leaves no sample of {path}"
        evaluators = [self.evaluators[role] for role in roles if role in self.evaluators]
        reasons = (each.reason_not_askable(dimension) for each in evaluators)
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

    # Asking.

    def evaluate(self, gate: Gate, dimension: Dimension) -> list[Dimension]:
        """Asks for everything that a verdict on a dimension rests on; what is there is not asked.

        Gives the dimensions that are judged together, for `Judge`.

        Raises:
            DataError: a picture cannot be read.
            AnswerError: a model broke its contract.
        """
        family = self.judge.family(gate, dimension, self.family(gate))
        for node in family:
            for role, condition, few_shot in self._needs(gate, node):
                self.evaluators[role].evaluate(
                    node.benchmark, condition, node.leaves, few_shot=few_shot
                )
        if gate in (Gate.REGRESSION, Gate.SNAPSHOT):
            for role in {need.role for need in self._needs(gate, dimension)}:
                self.evaluators[role].measure_noise(dimension.benchmark)
        return family

    def load_cached(self, role: Role) -> None:
        """Looks up what a model is known to have answered, before another asks the same afresh.

        Its noise too: it is measured against what was answered then, in batches of another size.
        """
        for node in self._planned[Gate.REGRESSION]:
            if not self.reason_not_askable(node, role):
                self.evaluators[role].evaluate(node.benchmark, IMAGE, node.leaves)
        for node in self._planned[Gate.REGRESSION]:
            self.evaluators[role].measure_noise(node.benchmark)

    @cached_property
    def _stores(self) -> dict[float, SqliteStore]:
        return {}

    def _store(self, since: float) -> SqliteStore:
        if since not in self._stores:
            self._stores[since] = SqliteStore(self.settings.store, since=since)
        return self._stores[since]

    def close(self) -> None:
        """Closes the store, if it was opened."""
        for store in self._stores.values():
            store.close()

    @property
    def inference_stats(self) -> InferenceStats:
        """What inference has cost so far, for all models together."""
        parts = [each.stats for each in self.evaluators.values()]
        return InferenceStats(
            new=sum(part.new for part in parts),
            cached=sum(part.cached for part in parts),
            failed=sum(part.failed for part in parts),
            seconds=sum(part.seconds for part in parts),
        )
