"""Saved runs: files with everything that a model answered and scored, to be judged again.

A run file is a baseline, either side of `mmbench diff`, and what a report is made of. It needs
neither the data nor the model that it came from.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import structs

from pytest_mmbench import files
from pytest_mmbench.errors import CheckpointError, DataError, SettingsError
from pytest_mmbench.records import (
    MOST_LOGPROB,
    Average,
    Dimension,
    Mark,
    Method,
    Unit,
    read_credit,
)
from pytest_mmbench.results import baselines
from pytest_mmbench.results.repeats import RepeatedAnswer, joined
from pytest_mmbench.results.rows import (
    IMAGE,
    SCHEMA_1_MARKS,
    SNAPSHOT_NAMES,
    DimensionTree,
    SampleResult,
    TaskResults,
    TaskSpec,
)
from pytest_mmbench.results.tolerance import BY_DTYPE, default_tolerance
from pytest_mmbench.scorers.likelihood import most_likely

DESCRIBED: Final = ("dtype", "device")
"""What a model may say of itself, for the facts of its run."""
SCHEMA: Final = 2
"""Of a run file; grows when a field is renamed, removed, or means something else."""
LAST: Final = "last-run.json"
"""File of the store's folder that holds the latest run."""
WIDEST_TOLERANCE: Final = 10.0
"""Nats: twenty times what is assumed for bfloat16. A wider one would excuse any change."""
EXACT: Final = ("", "strict", "official")
"""Rules of the scorers of this package, to which an answer is correct if it is the target. A scorer
of somebody else may accept others, and its rule has another name."""
PARTS: Final = "run-parts"
"""Folder of the store in which processes that share a run leave what each has scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRun:
    """What one model answered and scored in one run."""

    model: str
    fingerprint: str
    tolerance: float
    """Widest margin (nats) that the model's noise may turn in any benchmark."""
    created: str
    """When, as ISO 8601 in UTC."""
    facts: Mapping[str, str]
    """What else is known of the run: versions, device, dtype ..."""
    trees: Mapping[str, DimensionTree]
    """By benchmark."""
    tasks: tuple[TaskResults, ...]
    schema: int = SCHEMA
    tolerances: Mapping[str, float] = field(default_factory=dict)
    """The same by benchmark, as margins per token are narrower; of one that is not among them, and
    in files of earlier versions, the widest holds."""
    notes: tuple[str, ...] = ()
    """What the model's self-check found, where it was asked in this run."""
    decision: str = ""
    """What was decided of the run, such as `do not ship`; empty in files of earlier versions: it
    is not known then."""
    measured: tuple[str, ...] | None = None
    """The benchmarks whose tolerance was measured; absent in files of earlier versions."""

    @property
    def name(self) -> str:
        """What people call the model."""
        return self.model

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """The benchmarks that it was asked as they were published."""
        return tuple(task.benchmark for task in self.tasks if task.condition == IMAGE)

    @property
    def dtype(self) -> str:
        """The dtype in which it computed; empty if that is not known."""
        return self.facts.get("dtype", "")

    def tolerance_of(self, benchmark: str) -> float:
        """Widest margin (nats) that the model's noise may turn in a benchmark.

        What was only assumed is assumed anew, for the method by which the benchmark was asked.
        """
        if self.is_measured(benchmark) or not self.dtype:
            return self.tolerances.get(benchmark, self.tolerance)
        methods = [task.spec.method for task in self.tasks if task.benchmark == benchmark]
        return default_tolerance(self.dtype, *methods[:1])

    def is_measured(self, benchmark: str) -> bool:
        """Whether that was measured; of earlier versions, whether it is none that is assumed."""
        if self.measured is not None:
            return benchmark in self.measured
        return self.tolerances.get(benchmark, self.tolerance) not in BY_DTYPE.values()

    def results(
        self, benchmark: str, condition: str, *, few_shot: bool = False
    ) -> Mapping[str, tuple[SampleResult, ...]]:
        """The results of each leaf."""
        return self.task(benchmark, condition, few_shot=few_shot).rows

    def condition_used(self, benchmark: str, condition: str) -> str:
        """The condition that was used in place of another one; as a rule that one itself."""
        return self.task(benchmark, condition).spec.condition_used

    def task(self, benchmark: str, condition: str, *, few_shot: bool = False) -> TaskResults:
        """The results of a benchmark under a condition; a `DataError` if the run has none."""
        # A benchmark without solved examples was asked without them, whoever asks for them.
        for key in ((benchmark, condition, few_shot), (benchmark, condition, False)):
            for task in self.tasks:
                if (task.benchmark, task.condition, task.spec.few_shot) == key:
                    return task
        has = ", ".join(f"{task.benchmark} ({task.condition})" for task in self.tasks)
        raise DataError(
            f"the saved run of {self.model} has no answers to {benchmark} ({condition}).",
            it_has=has or "none at all",
        )


def write(run: SavedRun, path: Path) -> None:
    """Writes a run file, whole or not at all."""
    files.replace_file(path, msgspec.json.encode(run, enc_hook=str))


def read(path: Path) -> SavedRun:
    """A run file.

    Raises:
        DataError: there is none, it is none, a later pytest-mmbench wrote it, or it is pinned and
            has changed since.
    """
    try:
        content = files.read_regular(path)
        baselines.check_pinned(path, content)
        json.loads(content, object_pairs_hook=files.unique_object)
        schema = msgspec.json.decode(content, type=_Schema).schema
        files.check_schema(path, schema, known=SCHEMA)
        if schema == SCHEMA:
            return checked(msgspec.json.decode(content, type=SavedRun, dec_hook=read_credit))
        return checked(_from_schema_1(msgspec.json.decode(content, type=_Run1)))
    except (OSError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise DataError(
            f"{path} is not a saved run.",
            reason=getattr(error, "strerror", None) or str(error),
            what_to_do="name one that `mmbench baseline save` or --mm-store has written; a report "
            "of --mm-json holds no answers",
        ) from error


def checked(run: SavedRun) -> SavedRun:
    """The run, unless it says what cannot be true; a `ValueError` then.

    What follows from something else is calculated again and compared: the letter of ranked options
    from their log-probabilities, and whether a letter is correct from the target.
    """
    if without := {task.benchmark for task in run.tasks} - {*run.trees}:
        raise ValueError(f"it has answers to {', '.join(sorted(without))} and no such tree")
    for tolerance in (run.tolerance, *run.tolerances.values()):
        if not 0 <= tolerance <= WIDEST_TOLERANCE:
            raise ValueError(f"a tolerance of {tolerance:g} nats is not one that noise has")
    tasks = Counter((each.benchmark, each.condition, each.spec.few_shot) for each in run.tasks)
    for (benchmark, condition, _), times in tasks.items():
        if times > 1:
            raise ValueError(f"it was asked {benchmark} ({condition}) {times} times")
    for task in run.tasks:
        exact = task.spec.scoring in EXACT
        decoding = task.spec.decoding
        times = decoding.repeats if decoding.repeats > 1 else 0
        for leaf, rows in task.rows.items():
            samples: set[str] = set()
            for row in rows:
                problem = _repeats_problem(row, times, exact=exact) or _problem(row, exact=exact)
                problem = "stands there twice" if row.sample in samples else problem
                if problem:
                    raise ValueError(f"sample {row.sample!r} of {leaf} {problem}")
                samples.add(row.sample)
    return run


def _problem(row: SampleResult, *, exact: bool) -> str:
    """What cannot be true of a result; empty if it can."""
    logprobs = row.option_logprobs
    if logprobs:
        if len(logprobs) != row.options:
            return f"has {len(logprobs)} log-probabilities for {row.options} options"
        if not all(math.isfinite(each) and each <= MOST_LOGPROB for each in logprobs):
            return f"has a log-probability of {max(logprobs):g} nats"
        if (letter := most_likely(logprobs)) != row.answer:
            return f"finds {letter} most likely and answers {row.answer!r}"
    if row.mark is Mark.UNPARSEABLE and row.answer:
        return f"is unparseable and answers {row.answer!r}"
    # An open question may accept other answers than its target; of repeats each is looked at.
    exact = exact and not row.repeats
    if exact and row.options and (row.mark is Mark.CORRECT) != (row.answer == row.target):
        return f"is {row.mark}, its answer is {row.answer!r} and its target {row.target!r}"
    return ""


def _repeats_problem(row: SampleResult, times: int, *, exact: bool) -> str:
    """What cannot be true of the single answers to a question; empty if it can."""
    if len(row.repeats) != times:
        return f"has {len(row.repeats)} repeats where each question was asked {times or 1} times"
    for repeat in row.repeats:
        alone = replace(
            row, mark=repeat.mark, answer=repeat.answer, partial=repeat.partial, repeats=()
        )
        if problem := _problem(alone, exact=exact):
            return f"{problem}, once"
    if times and joined(row.repeats) != RepeatedAnswer(
        mark=row.mark, answer=row.answer, partial=row.partial, cut_short=row.cut_short
    ):
        return f"is {row.mark}, answers {row.answer!r}, and its repeats say otherwise"
    return ""


class _Schema(msgspec.Struct):
    schema: int = 0


# Files of schema 1: the same records in other words.


class _Result1(msgspec.Struct, rename={"answer": "chosen", "option_logprobs": "worths"}):
    sample: str
    mark: Literal["right", "wrong", "unreadable"]
    answer: str
    target: str
    options: int
    option_logprobs: tuple[float, ...] = ()
    text: str = ""
    cluster: str = ""
    unit: str = ""


_TASK_NAMES_1: Final = {**SNAPSHOT_NAMES, "condition_used": "shown", "few_shot": "solved"}


class _Task1(msgspec.Struct, rename=_TASK_NAMES_1):
    benchmark: str
    condition: str
    condition_used: str
    few_shot: bool
    identity: str
    """`TaskSpec.identity`."""
    method_and_scoring: str
    """`TaskSpec.method_and_scoring`."""
    rows: dict[str, tuple[_Result1, ...]]
    left_out: dict[str, str] = msgspec.field(default_factory=dict)


class _Dimension1(msgspec.Struct, rename={"skip_reason": "skip"}):
    path: str
    leaves: tuple[str, ...]
    size: int
    unit: Unit = Unit.SAMPLE
    average: Average = Average.MICRO
    scale: int = 1
    skip_reason: str = ""


class _Tree1(msgspec.Struct):
    nodes: tuple[_Dimension1, ...]
    views: dict[str, tuple[str, ...]]


class _Run1(msgspec.Struct, rename={"created": "made", "tasks": "sheets"}):
    model: str
    fingerprint: str
    tolerance: float
    created: str
    facts: dict[str, str]
    trees: dict[str, _Tree1]
    tasks: tuple[_Task1, ...]
    tolerances: dict[str, float] = msgspec.field(default_factory=dict)


def _from_schema_1(run: _Run1) -> SavedRun:
    tasks = []
    for task in run.tasks:
        rows = {
            leaf: tuple(
                SampleResult(**structs.asdict(row) | {"mark": SCHEMA_1_MARKS[row.mark]})
                for row in results
            )
            for leaf, results in task.rows.items()
        }
        spec = _spec_from_schema_1(task)
        tasks.append(TaskResults(spec=spec, rows=rows, left_out=task.left_out))
    trees = {
        name: DimensionTree(
            nodes=tuple(Dimension(**structs.asdict(node)) for node in tree.nodes), views=tree.views
        )
        for name, tree in run.trees.items()
    }
    return SavedRun(**structs.asdict(run) | {"trees": trees, "tasks": tuple(tasks)})


def _spec_from_schema_1(task: _Task1) -> TaskSpec:
    """What was asked, from the two texts of schema 1; the first ends with what else is known."""
    method, _, scoring = task.method_and_scoring.partition(", ")
    few_shot = " few-shot" if task.few_shot else ""
    known = re.escape(f" {method} {task.benchmark} {task.condition_used}{few_shot}")
    seed = "()" if task.condition_used == IMAGE else r" seed=(-?\d+)"
    parts = re.fullmatch(f"(.*){known}{seed}", task.identity, re.DOTALL)
    if parts is None:
        raise ValueError(f"its wording {task.identity!r} is not that of {task.benchmark}")
    return TaskSpec(
        benchmark=task.benchmark,
        revision=parts[1],
        method=Method(method),
        scoring=scoring.removesuffix(" scoring"),
        condition=task.condition,
        condition_used=task.condition_used,
        few_shot=task.few_shot,
        seed=int(parts[2] or 0),
    )


def check_same(saved: SavedRun, tasks: Iterable[TaskResults], *, asked_for_by: str) -> None:
    """Refuses a saved run that was not asked the `tasks` of now, by the same method and scoring.

    Only the specs of the tasks are compared; `asked_for_by` is where the saved run was named.
    """
    for now in (task.spec for task in tasks):
        has = [task.benchmark for task in saved.tasks]
        if now.benchmark not in has:
            raise SettingsError(
                f"the baseline {saved.model} was not asked {now.benchmark}.",
                asked_for_by=asked_for_by,
                it_was_asked=", ".join(dict.fromkeys(has)) or "nothing",
            )
        then = saved.task(now.benchmark, now.condition).spec
        if then != now:
            raise SettingsError(
                f"the baseline {saved.model} was not asked the same {now.benchmark}.",
                asked_for_by=asked_for_by,
                then=then.describe(),
                now=now.describe(),
                what_to_do="compare with a run of the same data, wording, decoding and scoring",
            )


def merged(parts: Iterable[SavedRun]) -> SavedRun:
    """One run of what several processes have scored of the same one.

    Raises:
        CheckpointError: they have asked different models, such as weights that were replaced
            after the first process had loaded them.
    """
    first, *others = parts
    if other := next((part for part in others if part.fingerprint != first.fingerprint), None):
        raise CheckpointError(
            "the processes of this run have not asked the same model.",
            fingerprints=f"{first.fingerprint[:16]}..., {other.fingerprint[:16]}...",
            what_to_do="run again once nothing writes to the checkpoint, or gate a copy",
        )
    tolerances: dict[str, float] = {}
    measured: dict[str, None] = {}
    tasks: dict[tuple[str, str, bool], TaskResults] = {}
    for part in (first, *others):
        # One process may have measured what another has only assumed.
        for name, nats in part.tolerances.items():
            if name not in tolerances or (part.is_measured(name) and name not in measured):
                tolerances[name] = nats
        measured |= dict.fromkeys(part.measured or ())
        for task in part.tasks:
            key = (task.benchmark, task.condition, task.spec.few_shot)
            known = tasks.get(key, task)
            left_out = {**known.left_out, **task.left_out}
            tasks[key] = replace(task, rows={**known.rows, **task.rows}, left_out=left_out)
    widest = max((first.tolerance, *tolerances.values()))
    return replace(
        first,
        tasks=tuple(tasks.values()),
        tolerance=widest,
        tolerances=tolerances,
        notes=tuple(dict.fromkeys(note for part in (first, *others) for note in part.notes)),
        measured=None if first.measured is None else tuple(measured),
    )
