"""The composition root: what one run judges, and the only object of it that changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pytest

from pytest_mmbench import gates
from pytest_mmbench.config import Settings
from pytest_mmbench.errors import CheckpointError, SettingsError, near
from pytest_mmbench.protocols import Benchmark, Model, Progress
from pytest_mmbench.records import Answer, Dimension, Mark, Method, Rule, Score, Tally, Verdict
from pytest_mmbench.runner import Asking, Effort, Planned
from pytest_mmbench.store import FileClaims, SqliteStore
from pytest_mmbench.tally import micro, tally

PARTS: Final = ("name", "fingerprint", "batch_size", "generate", "rank")
"""What a model has to have."""
EXAMPLES: Final = 3
"""Unreadable answers that are remembered for each leaf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A benchmark of this run, and the samples of it that are asked."""

    benchmark: Benchmark
    method: Method
    dimensions: tuple[Dimension, ...]
    ids: Mapping[str, Sequence[str]]
    """By leaf; fewer than the benchmark has if there is a limit."""

    @property
    def how(self) -> str:
        """How it is asked, and where it matters by which rule answers are read."""
        rule = self.benchmark.scorer(self.method).rule
        return f"{self.method}, {rule} scoring" if rule else self.method.value

    @property
    def size(self) -> int:
        """How many samples are asked if every dimension is judged."""
        return sum(len(ids) for ids in self.ids.values())

    def asked(self, dimension: Dimension) -> tuple[str, ...]:
        """The samples of a dimension that are asked."""
        return tuple(id for leaf in dimension.leaves for id in self.ids[leaf])


class Run:
    """One run: its settings, its benchmarks, the questions that are open, and what was found.

    Args:
        settings: what was decided before the run.
        selected: the benchmarks, in the order of the settings.
        started: seconds since the epoch; the same in all processes that share the run.
        workers: how many processes share the asking.
        progress: is told how far the asking has come.
    """

    def __init__(
        self,
        settings: Settings,
        selected: Sequence[Selected],
        *,
        started: float,
        workers: int,
        progress: Progress,
    ) -> None:
        self.settings = settings
        self.selected = {each.benchmark.name: each for each in selected}
        self.dimensions = {node.path: node for each in selected for node in each.dimensions}
        self.started = started
        self._shared = workers > 1
        self._progress = progress
        self._wanted: tuple[Dimension, ...] = ()
        self._models: list[Model] = []
        self._tallies: dict[str, Tally] = {}
        self._unreadable: dict[str, tuple[Answer, ...]] = {}
        self._verdicts: dict[str, Verdict] = {}

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

    def asked(self, dimension: Dimension) -> tuple[str, ...]:
        """The samples of a dimension that are asked; none if a limit leaves none of them."""
        return self._home(dimension).asked(dimension)

    def samples(self, path: str) -> set[tuple[str, str]]:
        """The samples of a dimension, each with its benchmark: ids are unique in one only."""
        node = self.dimensions[path]
        return {(self._home(node).benchmark.name, id) for id in self.asked(node)}

    def _home(self, dimension: Dimension) -> Selected:
        return self.selected[dimension.path.partition(".")[0]]

    # What the selected cases need.

    def want(self, paths: Iterable[str]) -> None:
        """Says which dimensions the selected cases are about, before any of them is asked."""
        known = (path for path in dict.fromkeys(paths) if path in self.dimensions)
        self._wanted = tuple(self.dimensions[path] for path in known)

    @property
    def gates_nothing(self) -> bool:
        """Whether none of the selected cases has a threshold to reach."""
        return all(node.path not in self.settings.thresholds for node in self._wanted)

    @property
    def loaded(self) -> bool:
        """Whether there is a model to ask."""
        return bool(self._models)

    def use(self, model: Model) -> None:
        """The model that is asked; the first one stays for the whole run.

        Raises:
            CheckpointError: it has not the shape of a model.
        """
        if self._models:
            return
        missing = [part for part in PARTS if not hasattr(model, part)]
        if missing:
            raise CheckpointError(
                f"mm_model gave {type(model).__name__!r}, which has no {', '.join(missing)}.",
                what_to_do="give it the shape of pytest_mmbench.protocols.Model",
            )
        self._models.append(model)

    @cached_property
    def _store(self) -> SqliteStore:
        # Workers have to see what the others have asked, and to forget what is older than the run.
        since = self.started if self.settings.fresh and self._shared else 0.0
        return SqliteStore(self.settings.store, since=since)

    def close(self) -> None:
        """Lets go of the store, if it was opened."""
        if "_store" in vars(self):
            self._store.close()

    @cached_property
    def _asking(self) -> Asking:
        fresh, folder = self.settings.fresh, self.settings.store
        return Asking(
            model=lambda: self._models[0],
            store=self._store,
            plan=[self._planned(each) for each in self.selected.values()],
            batch_size=self.settings.batch_size,
            fresh=fresh and not self._shared,
            progress=self._progress,
            claims=FileClaims(folder) if self._shared else None,
        )

    @property
    def effort(self) -> Effort:
        """What it has cost so far; opens no store only to say that it was nothing."""
        nothing = Effort(asked=0, kept=0, failed=0, seconds=0.0)
        return self._asking.effort if "_asking" in vars(self) else nothing

    def _planned(self, selected: Selected) -> Planned:
        nodes = [node for node in self._wanted if self._home(node) is selected]
        leaves = dict.fromkeys(leaf for node in nodes for leaf in node.leaves)
        ids = tuple(id for leaf in leaves for id in selected.ids[leaf])
        return Planned(benchmark=selected.benchmark, ids=ids, method=selected.method)

    # Counting and judging.

    def tally(self, dimension: Dimension) -> Tally:
        """The scores of a dimension, counted; asks the model for answers that are missing.

        Raises:
            DataError: a picture cannot be read.
            AnswerError: the model broke its contract.
        """
        for leaf in dimension.leaves:
            if leaf not in self._tallies:
                self._count(self.dimensions[leaf])
        return micro(dimension, self._tallies)

    def _count(self, leaf: Dimension) -> None:
        home = self._home(leaf)
        ids = home.asked(leaf)
        answers = self._asking.answers(home.benchmark.name, ids)
        scorer = home.benchmark.scorer(home.method)
        scores = [scorer(home.benchmark.sample(id), answers[id]) for id in ids]
        self._tallies[leaf.path] = tally(leaf.path, scores)
        self._unreadable[leaf.path] = _examples(scores, answers)

    def unreadable(self, dimension: Dimension) -> list[Answer]:
        """A few answers of a dimension that no scorer could read, once it was counted."""
        found = [answer for leaf in dimension.leaves for answer in self._unreadable.get(leaf, ())]
        return found[:EXAMPLES]

    def verdict(self, dimension: Dimension) -> Verdict:
        """What the gate says of a dimension.

        Three-way gates are judged together with those of the selected dimensions of the same
        benchmark and depth: they are the family of Holm's procedure.

        Raises:
            DataError: a picture cannot be read.
            AnswerError: the model broke its contract.
        """
        if dimension.path not in self._verdicts:
            tallies = [self.tally(node) for node in self._family(dimension)]
            verdicts = gates.judge(
                tallies,
                self.settings.thresholds,
                alpha=self.settings.alpha,
                unreadable_limit=self.settings.unreadable_limit,
            )
            self._verdicts |= {each.tally.dimension: each for each in verdicts}
        return self._verdicts[dimension.path]

    def _family(self, dimension: Dimension) -> list[Dimension]:
        if not self._three_way(dimension):
            return [dimension]
        return [
            node
            for node in dict.fromkeys((*self._wanted, dimension))
            if self._three_way(node)
            and self._home(node) is self._home(dimension)
            and node.path.count(".") == dimension.path.count(".")
            and self.asked(node)
        ]

    def _three_way(self, dimension: Dimension) -> bool:
        threshold = self.settings.thresholds.get(dimension.path)
        return threshold is not None and threshold.rule is Rule.THREE_WAY


def _examples(scores: Iterable[Score], answers: Mapping[str, Answer]) -> tuple[Answer, ...]:
    lost = [score.sample for score in scores if score.mark is Mark.UNREADABLE]
    return tuple(answers[sample] for sample in lost[:EXAMPLES])


RUN: Final = pytest.StashKey[Run]()
"""Where a configuration keeps its run."""
