"""The composition root: what one run judges, and the only object of it that changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pytest_mmbench.conditions import condition as ablation
from pytest_mmbench.config.settings import Settings
from pytest_mmbench.errors import SettingsError, near
from pytest_mmbench.evaluation.evaluator import ModelEvaluator
from pytest_mmbench.evaluation.inference.request_queue import InferenceStats
from pytest_mmbench.evaluation.selection import BenchmarkSelection, Task
from pytest_mmbench.evaluation.store.locks import FileLocks
from pytest_mmbench.evaluation.store.sqlite import SqliteStore
from pytest_mmbench.gates.judge import Judge, rotation_conditions
from pytest_mmbench.gates.regression import RegressionVerdict
from pytest_mmbench.gates.vision.judge import NO_IMAGE, VisionResult
from pytest_mmbench.protocols import Progress
from pytest_mmbench.records import Average, BadRows, CapabilityVerdict, Dimension, Gate, Role
from pytest_mmbench.results.rows import IMAGE
from pytest_mmbench.results.run_file import SavedRun


class CaseKey(NamedTuple):
    """A case: what it claims, and of which dimension."""

    gate: Gate
    path: str


class Run:
    """One run: its settings, its benchmarks, the models that are asked, and what was found.

    Args:
        settings: what was decided before the run.
        selected: the benchmarks, in the order of the settings.
        saved: models whose answers an earlier run has kept.
        accepting: benchmarks whose answers are compared with those that were accepted.
        rootdir: the folder that pytest takes for the project's.
        started: seconds since the epoch; the same in all processes that share the run.
        workers: how many processes share the asking.
        progress: is told how far the asking has come.
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
        self._progress = progress
        self._tasks: dict[tuple[str, str, bool], Task] = {}
        self._planned: dict[Gate, tuple[Dimension, ...]] = {}
        self.evaluators = {
            role: self._evaluator(fresh=settings.fresh and role is Role.CANDIDATE)
            for role in self._roles()
            if role not in saved
        }
        trees = {each.name: each.tree for each in selected}
        self.judge = Judge(settings, trees, {**self.evaluators, **saved}, rotations=self.rotations)

    def _roles(self) -> list[Role]:
        named = {Role.BASELINE: self.settings.baseline, Role.BASE_LLM: self.settings.base_llm}
        return [Role.CANDIDATE, *(role for role, spec in named.items() if spec)]

    def _evaluator(self, *, fresh: bool) -> ModelEvaluator:
        # Workers have to see what the others have asked, and to forget what is older than the run.
        return ModelEvaluator(
            series=self.task,
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
        asked = self.selected.items() if self.settings.vision.rotations else ()
        return {name: each.max_options for name, each in asked}

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
        return self.selected[dimension.path.partition(".")[0]]

    def samples(self, path: str) -> set[tuple[str, str]]:
        """The samples of a dimension, each with its benchmark: ids are unique in one only."""
        node = self.dimensions[path]
        home = self.benchmark_of(node)
        return {(home.name, id) for id in home.sample_ids(node)}

    def task(self, benchmark: str, condition: str, *, few_shot: bool = False) -> Task:
        """A benchmark under a condition, as a model is asked it.

        Solved questions come first if they are asked for and the benchmark has published some.
        """
        home = self.selected[benchmark]
        key = (benchmark, condition, few_shot and bool(home.benchmark.examples(home.method)))
        if key not in self._tasks:
            self._tasks[key] = Task(
                selection=home,
                applied=ablation(condition),
                seed=self.settings.seed,
                few_shot=key[2],
            )
        return self._tasks[key]

    def cases(self, gate: Gate) -> list[Dimension]:
        """The dimensions that a claim can be about: answers are accepted leaf by leaf."""
        if gate is not Gate.ANSWERS:
            return list(self.dimensions.values())
        homes = [self.selected[name] for name in self.snapshot_benchmarks or self.selected]
        return [self.dimensions[leaf] for home in homes for leaf in home.leaves]

    # What the selected cases need.

    def plan(self, needs: Iterable[CaseKey]) -> None:
        """Says what the selected cases are about, before any of them is asked."""
        known = [need for need in dict.fromkeys(needs) if need.path in self.dimensions]
        for claim in Gate:
            nodes = [self.dimensions[path] for which, path in known if which is claim]
            self._planned[claim] = tuple(
                n for n in nodes if not self.benchmark_of(n).skip_reason(n)
            )
        for node in (*self._planned[Gate.CAPABILITY], *self._planned[Gate.ANSWERS]):
            self._plan(Role.CANDIDATE, node, IMAGE)
        for node in self._planned[Gate.REGRESSION]:
            self._plan(Role.CANDIDATE, node, IMAGE)
            self._plan(Role.BASELINE, node, IMAGE)
        for node in self._planned[Gate.VISION]:
            turned = rotation_conditions(self.rotations.get(self.benchmark_of(node).name, 0))
            for condition in (IMAGE, NO_IMAGE, *self.settings.vision.conditions, *turned):
                self._plan(Role.CANDIDATE, node, condition)
            self._plan(Role.BASE_LLM, node, NO_IMAGE, solved=True)

    def _plan(self, role: Role, node: Dimension, condition: str, *, solved: bool = False) -> None:
        if role in self.evaluators:
            self.evaluators[role].plan(
                self.benchmark_of(node).name, condition, node.leaves, few_shot=solved
            )

    @property
    def gates_nothing(self) -> bool:
        """Whether none of the selected cases can fail."""
        wanted = self._planned[Gate.CAPABILITY]
        gated = any(node.path in self.settings.thresholds for node in wanted)
        judged = (Gate.REGRESSION, Gate.ANSWERS, Gate.VISION)
        return not (gated or any(self._planned[claim] for claim in judged))

    @property
    def needs_baseline(self) -> bool:
        """Whether a case looks at the baseline."""
        return bool(self._planned.get(Gate.REGRESSION))

    def reason_empty(self, dimension: Dimension) -> str:
        """Why nothing of a dimension is asked; empty if something is."""
        home = self.benchmark_of(dimension)
        if home.skip_reason(dimension):
            return home.skip_reason(dimension)
        missing = [leaf for leaf in dimension.leaves if not home.ids[leaf]]
        if home.sample_ids(dimension) and not (missing and dimension.average is Average.MACRO):
            return ""
        what = missing[0] if home.sample_ids(dimension) else dimension.path
        if not self.dimensions[what].size:
            return f"the data hold none of {what}"
        return f"a limit of {self.settings.limit} leaves no sample of {what}"

    def reason_refused(self, dimension: Dimension, role: Role = Role.CANDIDATE) -> str:
        """Why a model cannot be asked about a dimension; empty if it can."""
        if role not in self.evaluators:
            return ""
        series = self.task(self.benchmark_of(dimension).name, IMAGE)
        examinee = self.evaluators[role]
        return examinee.too_many_pictures(series, dimension) or examinee.all_left_out(
            series, dimension
        )

    @cached_property
    def _stores(self) -> dict[float, SqliteStore]:
        return {}

    def _store(self, since: float) -> SqliteStore:
        if since not in self._stores:
            self._stores[since] = SqliteStore(self.settings.store, since=since)
        return self._stores[since]

    def close(self) -> None:
        """Lets go of the store, if it was opened."""
        for store in self._stores.values():
            store.close()

    def load_cached(self, role: Role) -> None:
        """Looks up what a model is known to have said, before another asks the same afresh."""
        for node in self._planned[Gate.REGRESSION]:
            if not self.reason_empty(node) and not self.reason_refused(node, role):
                self.judge.tally(node, role)
        # Its noise too: it is measured against what was said then, in batches of another size.
        for name in dict.fromkeys(
            self.benchmark_of(node).name for node in self._planned[Gate.REGRESSION]
        ):
            self.judge.results_of(role).tolerance_of(name)  # remembered from now on

    @property
    def inference_stats(self) -> InferenceStats:
        """What it has cost so far, for all models together."""
        parts = [each.stats for each in self.evaluators.values()]
        return InferenceStats(
            new=sum(part.new for part in parts),
            cached=sum(part.cached for part in parts),
            failed=sum(part.failed for part in parts),
            seconds=sum(part.seconds for part in parts),
        )

    # What is found.

    def verdict(self, dimension: Dimension) -> CapabilityVerdict:
        """What the gate says of a dimension; asks the model for answers that are missing.

        Raises:
            DataError: a picture cannot be read.
            AnswerError: the model broke its contract.
        """
        return self.judge.verdict(dimension, self.family(Gate.CAPABILITY))

    def regression(self, dimension: Dimension) -> RegressionVerdict:
        """What the gate says of a dimension beside the baseline's.

        Raises:
            DataError: a picture cannot be read, or the baseline was asked something else.
            AnswerError: a model broke its contract.
        """
        return self.judge.regression(dimension, self.family(Gate.REGRESSION))

    def vision(self, dimension: Dimension) -> VisionResult:
        """What a look at a dimension shows.

        Raises:
            DataError: a picture cannot be read.
            AnswerError: a model broke its contract.
        """
        return self.judge.vision(dimension, self.family(Gate.VISION))

    def family(self, gate: Gate) -> list[Dimension]:
        """The dimensions that are judged together, as far as they can be asked.

        That is known once there are models to ask; a process that only gathers what others have
        judged has none.
        """
        roles = (Role.CANDIDATE, Role.BASELINE) if gate is Gate.REGRESSION else (Role.CANDIDATE,)
        ready = all(self.evaluators[role].loaded for role in roles if role in self.evaluators)
        return [
            node
            for node in self._planned.get(gate, ())
            if ready
            and not self.reason_empty(node)
            and not any(self.reason_refused(node, role) for role in roles)
        ]
