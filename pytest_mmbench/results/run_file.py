"""Runs that were kept: files with everything that a model said and scored, to be judged again.

A run file is a baseline, the old or the new side of `mmbench diff`, and what a report is made of.
It needs neither the data nor the model that it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import msgspec

from pytest_mmbench import files
from pytest_mmbench.errors import DataError, SettingsError
from pytest_mmbench.results import baselines
from pytest_mmbench.results.rows import IMAGE, DimensionTree, SampleResult, TaskResults

DESCRIBED: Final = ("dtype", "device")
"""What a model may say of itself."""


SCHEMA: Final = 2
"""Of a run file; grows when a field is renamed, removed, or means something else."""


LAST: Final = "last-run.json"
"""File of the store's folder that holds the latest run."""


PARTS: Final = "run-parts"
"""Folder of the store in which processes that share a run leave what each has scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRun:
    """What one model said and scored in one run."""

    model: str
    fingerprint: str
    tolerance: float
    """Widest margin (nats) that the model's noise may turn in any benchmark."""
    created: str
    """When, as ISO 8601 in UTC."""
    facts: Mapping[str, str]
    """What else is known of the run: versions, device, number format ..."""
    trees: Mapping[str, DimensionTree]
    """By benchmark."""
    tasks: tuple[TaskResults, ...]
    schema: int = SCHEMA
    tolerances: Mapping[str, float] = field(default_factory=dict)
    """The same by benchmark, as margins per token are narrower; of one that is not among them, and
    in files of earlier versions, the widest holds."""

    @property
    def name(self) -> str:
        """What people call the model."""
        return self.model

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """The benchmarks that it was asked as they were published."""
        return tuple(each.benchmark for each in self.tasks if each.condition == IMAGE)

    def tolerance_of(self, benchmark: str) -> float:
        """Widest margin (nats) that the model's noise may turn in a benchmark."""
        return self.tolerances.get(benchmark, self.tolerance)

    def results(
        self, benchmark: str, condition: str, *, few_shot: bool = False
    ) -> Mapping[str, tuple[SampleResult, ...]]:
        """The rows of each leaf.

        Raises:
            DataError: the run has none of this benchmark under this condition.
        """
        return self.task(benchmark, condition, few_shot=few_shot).rows

    def condition_used(self, benchmark: str, condition: str) -> str:
        """The condition that stood for another one with this model."""
        return self.task(benchmark, condition).condition_used

    def task(self, benchmark: str, condition: str, *, few_shot: bool = False) -> TaskResults:
        """The sheet of a benchmark under a condition.

        Raises:
            DataError: the run has none.
        """
        # A benchmark without solved questions was asked without them, whoever asks for them.
        for wanted in ((benchmark, condition, few_shot), (benchmark, condition, False)):
            for each in self.tasks:
                if (each.benchmark, each.condition, each.few_shot) == wanted:
                    return each
        has = ", ".join(f"{each.benchmark} ({each.condition})" for each in self.tasks)
        raise DataError(
            f"the saved run of {self.model} has no answers to {benchmark} ({condition}).",
            it_has=has or "none at all",
        )


def write(run: SavedRun, path: Path) -> None:
    """Writes a run file, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    files.replace_file(path, msgspec.json.encode(run))


def read(path: Path) -> SavedRun:
    """A run file.

    Raises:
        DataError: there is none, it is none, a later pytest-mmbench wrote it, or it is pinned and
            has changed since.
    """
    try:
        content = path.read_bytes()
        baselines.check_pinned(path, content)
        found = msgspec.json.decode(content, type=dict[str, Any])
        schema = int(found.get("schema", 0))
        if schema > SCHEMA:
            raise DataError(
                f"{path} was written by a later pytest-mmbench.",
                its_schema=str(schema),
                known=str(SCHEMA),
                what_to_do="upgrade pytest-mmbench",
            )
        return _check_trees(
            msgspec.convert(found if schema == SCHEMA else _from_1(found), SavedRun)
        )
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise DataError(
            f"{path} is not a saved run.",
            reason=getattr(error, "strerror", None) or str(error),
            what_to_do="name one that `mmbench baseline save` or --mm-store has written",
        ) from error


def _from_1(run: dict[str, Any]) -> dict[str, Any]:
    """A run of schema 1 in the words of schema 2."""
    tasks = [
        _renamed(task, {"shown": "condition_used", "solved": "few_shot"})
        | {"rows": {leaf: _results_from_1(rows) for leaf, rows in task["rows"].items()}}
        for task in run.get("sheets", ())
    ]
    trees = {
        name: tree | {"nodes": [_renamed(node, {"skip": "skip_reason"}) for node in tree["nodes"]]}
        for name, tree in run["trees"].items()
    }
    changed = {"schema": SCHEMA, "trees": trees, "tasks": tasks}
    return _renamed(run, {"made": "created"}) | changed


def _results_from_1(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_renamed(row, {"chosen": "answer", "worths": "option_logprobs"}) for row in rows]


def _renamed(record: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in record.items()}


def _check_trees(run: SavedRun) -> SavedRun:
    if without := {each.benchmark for each in run.tasks} - {*run.trees}:
        raise ValueError(f"it has answers to {', '.join(sorted(without))} and no such tree")
    return run


def check_same(saved: SavedRun, asked: Iterable[TaskResults], *, asked_for_by: str) -> None:
    """Accepts a saved run that was asked the same questions in the same way.

    Args:
        saved: the run.
        asked: empty sheets of what is asked now.
        asked_for_by: where the saved run was named, for messages.

    Raises:
        SettingsError: a benchmark is missing, or its data, wording, method or scoring differ.
    """
    for sheet in asked:
        has = [each.benchmark for each in saved.tasks]
        if sheet.benchmark not in has:
            raise SettingsError(
                f"the baseline {saved.model} was not asked {sheet.benchmark}.",
                asked_for_by=asked_for_by,
                it_was_asked=", ".join(dict.fromkeys(has)) or "nothing",
            )
        then = saved.task(sheet.benchmark, sheet.condition)
        if (then.wording, then.how) != (sheet.wording, sheet.how):
            raise SettingsError(
                f"the baseline {saved.model} was not asked the same {sheet.benchmark}.",
                asked_for_by=asked_for_by,
                then=f"{then.wording} ({then.how})",
                now=f"{sheet.wording} ({sheet.how})",
                what_to_do="compare with a run of the same data, wording, method and scoring",
            )


def merged(parts: Iterable[SavedRun]) -> SavedRun:
    """One run of what several processes have scored of the same one."""
    first, *others = parts
    tolerances: dict[str, float] = {}
    sheets: dict[tuple[str, str, bool], TaskResults] = {}
    for part in (first, *others):
        tolerances = {**part.tolerances, **tolerances}
        for sheet in part.tasks:
            key = (sheet.benchmark, sheet.condition, sheet.few_shot)
            known = sheets.get(key, sheet)
            sheets[key] = replace(
                sheet,
                rows={**known.rows, **sheet.rows},
                left_out={**known.left_out, **sheet.left_out},
            )
    widest = max((first.tolerance, *tolerances.values()))
    return replace(first, tasks=tuple(sheets.values()), tolerance=widest, tolerances=tolerances)
