"""Verdicts from sheets: what one model scored, how it compares, and whether it looks.

Live runs and saved ones are judged here alike. Nothing is asked but through an `Exam`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pytest_mmbench.config.settings import Settings
from pytest_mmbench.errors import AbsentError
from pytest_mmbench.gates import capability, regression
from pytest_mmbench.gates.comparison import Comparison
from pytest_mmbench.gates.paired import compare_results
from pytest_mmbench.gates.regression import RegressionVerdict
from pytest_mmbench.gates.shortcuts import (
    BlindOutcome,
    ShortcutList,
    surely_known,
    under_every_condition,
    under_every_rotation,
)
from pytest_mmbench.gates.vision.judge import (
    NO_IMAGE,
    VisionInput,
    VisionResult,
    blind_outcome,
    judge_vision,
)
from pytest_mmbench.records import CapabilityVerdict, Dimension, Mark, Role, Rule, Tally
from pytest_mmbench.results.rows import (
    IMAGE,
    DimensionTree,
    ModelResults,
    SampleResult,
    aggregate,
    results_in,
)

EXAMPLES = 3
"""Unreadable answers that are shown of a dimension."""


class Judge:
    """Judges dimensions, and remembers the verdicts of families that were judged together.

    Args:
        settings: the rules.
        trees: by benchmark.
        exams: whose answers there are.
        rotations: by benchmark, how many rotations of options it was asked under without pictures.
    """

    def __init__(
        self,
        settings: Settings,
        trees: Mapping[str, DimensionTree],
        exams: Mapping[Role, ModelResults],
        *,
        rotations: Mapping[str, int],
    ) -> None:
        self._settings = settings
        self._rotations = rotations
        self._trees = trees
        self._exams = exams
        self._verdicts: dict[str, CapabilityVerdict] = {}
        self._comparisons: dict[str, Comparison] = {}
        self._regressions: dict[str, RegressionVerdict] = {}
        self._looked: dict[str, VisionResult] = {}

    def results_of(self, role: Role) -> ModelResults:
        """The answers of that model."""
        return self._exams[role]

    def _tree(self, dimension: Dimension) -> DimensionTree:
        return self._trees[_benchmark(dimension)]

    def _rows(
        self, role: Role, dimension: Dimension, condition: str = IMAGE
    ) -> Mapping[str, tuple[SampleResult, ...]]:
        return self._exams[role].results(_benchmark(dimension), condition)

    # One model against its thresholds.

    def tally(self, dimension: Dimension, role: Role = Role.CANDIDATE) -> Tally:
        """The scores of a dimension, counted by the benchmark's own aggregate."""
        return aggregate(dimension, self._tree(dimension), self._rows(role, dimension))

    def not_gated(self, dimension: Dimension, role: Role) -> CapabilityVerdict:
        """What a model scored, with no threshold to reach."""
        (found,) = capability.judge_capability(
            [self.tally(dimension, role)],
            {},
            alpha=self._settings.alpha,
            unparseable_limit=self._settings.unparseable_limit,
        )
        return found

    def unparseable(self, dimension: Dimension) -> list[SampleResult]:
        """A few answers of a dimension that no scorer could read."""
        rows = results_in(dimension, self._tree(dimension), self._rows(Role.CANDIDATE, dimension))
        return [row for row in rows if row.mark is Mark.UNPARSEABLE][:EXAMPLES]

    def verdict(self, dimension: Dimension, among: Iterable[Dimension]) -> CapabilityVerdict:
        """What the gate says of a dimension.

        Three-way gates are judged together with those of the same benchmark and depth `among` the
        dimensions that are judged: they are the family of Holm's procedure.
        """
        if dimension.path not in self._verdicts:
            family = [dimension]
            if self._three_way(dimension):
                family = [node for node in _with(among, dimension) if self._three_way(node)]
                family = [node for node in family if _same_level(node, dimension)]
            verdicts = capability.judge_capability(
                [self.tally(node) for node in family],
                self._settings.thresholds,
                alpha=self._settings.alpha,
                unparseable_limit=self._settings.unparseable_limit,
            )
            self._verdicts |= {each.tally.dimension: each for each in verdicts}
        return self._verdicts[dimension.path]

    def _three_way(self, dimension: Dimension) -> bool:
        threshold = self._settings.thresholds.get(dimension.path)
        return threshold is not None and threshold.rule is Rule.THREE_WAY

    # Two models on the same samples.

    def regression(self, dimension: Dimension, among: Iterable[Dimension]) -> RegressionVerdict:
        """What the gate says of a dimension beside the baseline's.

        All dimensions of the benchmark `among` those that are judged are judged together.
        """
        if dimension.path not in self._regressions:
            nodes = [
                node
                for node in _with(among, dimension)
                if _benchmark(node) == _benchmark(dimension)
            ]
            rules = self._settings.regression
            verdicts = regression.judge_regression(
                [self.comparison(node) for node in nodes],
                margin=rules.margin,
                alpha=rules.alpha,
                min_items=rules.min_items,
                unparseable_limit=self._settings.unparseable_limit,
            )
            self._regressions |= {each.comparison.dimension: each for each in verdicts}
        return self._regressions[dimension.path]

    def comparison(self, dimension: Dimension) -> Comparison:
        """The changed answers of a dimension."""
        if dimension.path not in self._comparisons:
            self._comparisons[dimension.path] = self._compared(dimension)
        return self._comparisons[dimension.path]

    def _compared(self, dimension: Dimension) -> Comparison:
        old, new = (
            results_in(dimension, self._tree(dimension), self._rows(role, dimension))
            for role in (Role.BASELINE, Role.CANDIDATE)
        )
        exams = (self._exams[Role.BASELINE], self._exams[Role.CANDIDATE])
        tolerance = max(exam.tolerance_of(_benchmark(dimension)) for exam in exams)
        return compare_results(dimension, old, new, tolerance=tolerance)

    # One model with its pictures, and without.

    def vision(self, dimension: Dimension, among: Iterable[Dimension]) -> VisionResult:
        """What a look at a dimension shows.

        Questions of all dimensions of the benchmark `among` those that are judged are one family.
        """
        if dimension.path not in self._looked:
            nodes = [
                node
                for node in _with(among, dimension)
                if _benchmark(node) == _benchmark(dimension)
            ]
            self._looked |= judge_vision(
                [self._vision_input(node) for node in nodes],
                self._settings.vision,
                alpha=self._settings.alpha,
                unparseable_limit=self._settings.unparseable_limit,
                seed=self._settings.seed,
            )
        return self._looked[dimension.path]

    def _vision_input(self, dimension: Dimension) -> VisionInput:
        name, candidate = _benchmark(dimension), self._exams[Role.CANDIDATE]
        names = dict.fromkeys((IMAGE, NO_IMAGE, *self._settings.vision.conditions))
        seen = {each: self._below(Role.CANDIDATE, dimension, each) for each in names}
        for turned in rotation_conditions(self._rotations.get(name, 0)):
            # For the shortcuts, which are listed once everything else is known.
            self._below(Role.CANDIDATE, dimension, turned)
        shown = candidate.condition_used(name, NO_IMAGE)
        known = Role.BASE_LLM in self._exams
        return VisionInput(
            dimension=dimension,
            unit=dimension.unit,
            results={each: rows for each, rows in seen.items() if rows},
            text_model=self._below(Role.BASE_LLM, dimension, NO_IMAGE) if known else (),
            substitute="" if shown == NO_IMAGE else shown,
        )

    def shortcuts(self, benchmark: str, among: Iterable[Dimension]) -> list[ShortcutList]:
        """Samples of these dimensions that the candidate answers without looking, by each rule."""
        leaves = {leaf: None for node in among for leaf in node.leaves}
        nodes = [node for node in self._trees[benchmark].nodes if node.path in leaves]
        found = {
            each.sample: each for node in nodes for each in self._blind_outcomes(benchmark, node)
        }
        rules = (surely_known, under_every_rotation, under_every_condition)
        listed = (rule(found.values()) for rule in rules)
        return [each for each in listed if each.total]

    def _blind_outcomes(self, benchmark: str, leaf: Dimension) -> list[BlindOutcome]:
        turned = self._under(leaf, rotation_conditions(self._rotations.get(benchmark, 0)))
        names = dict.fromkeys((NO_IMAGE, *self._settings.vision.conditions))
        # One ablation says no more than the score without the picture does.
        changed = self._under(leaf, names) if len(names) > 1 else {}
        return [
            blind_outcome(row, turned.get(row.sample, []), changed.get(row.sample, []))
            for row in self._below(Role.CANDIDATE, leaf, NO_IMAGE)
        ]

    def _under(self, leaf: Dimension, conditions: Iterable[str]) -> dict[str, list[SampleResult]]:
        """The rows of each sample of a leaf under each of these conditions."""
        found: dict[str, list[SampleResult]] = {}
        for condition in conditions:
            for row in self._below(Role.CANDIDATE, leaf, condition):
                found.setdefault(row.sample, []).append(row)
        return found

    def _below(self, role: Role, dimension: Dimension, condition: str) -> Sequence[SampleResult]:
        """The rows of a dimension under a condition; none if that cannot be made for it.

        Raises:
            DataError: a picture cannot be read. Without its rows a sample could be listed as known
                under every condition, and a report would not say what it leaves out.
        """
        solved = role is Role.BASE_LLM
        rows = self._exams[role].results(_benchmark(dimension), condition, few_shot=solved)
        try:
            return results_in(dimension, self._tree(dimension), rows)
        except (AbsentError, KeyError):
            # A leaf of one picture has no other one to show, and a saved run holds nothing of it.
            # Everything else has to be there.
            if condition in (IMAGE, NO_IMAGE):
                raise
            return ()


def rotation_conditions(rotations: int) -> list[str]:
    """The conditions of so many rotations without pictures, the published order first."""
    turned = [f"{NO_IMAGE}+rotated-{by}" for by in range(1, rotations)]
    return [NO_IMAGE, *turned] if turned else []


def _benchmark(dimension: Dimension) -> str:
    return dimension.path.partition(".")[0]


def _with(among: Iterable[Dimension], dimension: Dimension) -> list[Dimension]:
    found = {node.path: node for node in among} | {dimension.path: dimension}
    return list(found.values())


def _same_level(one: Dimension, other: Dimension) -> bool:
    same = _benchmark(one) == _benchmark(other)
    return same and one.path.count(".") == other.path.count(".")
