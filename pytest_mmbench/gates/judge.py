"""Verdicts from results, of runs and of saved runs: arithmetic that never asks a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pytest_mmbench.config.settings import Settings
from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.capability import judge_capability
from pytest_mmbench.gates.comparison import Comparison, compare_results
from pytest_mmbench.gates.regression import judge_regression
from pytest_mmbench.gates.shortcuts import (
    BlindOutcome,
    ShortcutList,
    surely_known,
    under_every_condition,
    under_every_rotation,
)
from pytest_mmbench.gates.verdicts import CapabilityVerdict, RegressionVerdict, VisionVerdict
from pytest_mmbench.gates.vision.judge import VisionInput, blind_outcome, judge_vision
from pytest_mmbench.records import Average, Dimension, Gate, Mark, Role, Rule, Tally
from pytest_mmbench.results.rows import (
    IMAGE,
    NO_IMAGE,
    DimensionTree,
    ModelResults,
    SampleResult,
    aggregate,
    is_same_checkpoint,
    results_in,
    results_of_leaf,
)
from pytest_mmbench.results.tolerance import tolerance_between

EXAMPLES = 3
"""Unparseable answers that are shown of a dimension."""


class Judge:
    """Judges dimensions, and remembers the verdicts of those that were judged together.

    `trees` and `rotations` are by benchmark; the latter say under how many rotations of its options
    it was asked without pictures.
    """

    def __init__(
        self,
        settings: Settings,
        trees: Mapping[str, DimensionTree],
        models: Mapping[Role, ModelResults],
        *,
        rotations: Mapping[str, int],
    ) -> None:
        self._settings = settings
        self._trees = trees
        self._models = models
        self._rotations = rotations
        self._capability: dict[str, CapabilityVerdict] = {}
        self._comparisons: dict[str, Comparison] = {}
        self._regression: dict[str, RegressionVerdict] = {}
        self._vision: dict[str, VisionVerdict] = {}

    def family(
        self, gate: Gate, dimension: Dimension, among: Iterable[Dimension]
    ) -> list[Dimension]:
        """The dimensions that have to be judged together with one, itself included.

        Regression and vision correct over all dimensions of a benchmark that the gate judges in the
        run (`among`), three-way thresholds over those of the same depth; the rest is judged alone.
        """
        every = {node.path: node for node in among} | {dimension.path: dimension}
        same = [node for node in every.values() if node.benchmark == dimension.benchmark]
        if gate in (Gate.REGRESSION, Gate.VISION):
            return same
        if gate is Gate.CAPABILITY and self._is_three_way(dimension):
            depth = dimension.path.count(".")
            return [
                node for node in same if self._is_three_way(node) and node.path.count(".") == depth
            ]
        return [dimension]

    def _is_three_way(self, dimension: Dimension) -> bool:
        threshold = self._settings.thresholds.get(dimension.path)
        return threshold is not None and threshold.rule is Rule.THREE_WAY

    def tally(self, dimension: Dimension, role: Role = Role.CANDIDATE) -> Tally:
        """The scores of a dimension, counted by the benchmark's own aggregate."""
        results = self._models[role].results(dimension.benchmark, IMAGE)
        return aggregate(dimension, self._trees[dimension.benchmark], results)

    def capability(
        self, dimension: Dimension, among: Iterable[Dimension] = ()
    ) -> CapabilityVerdict:
        """Whether a dimension reaches its threshold."""
        if dimension.path not in self._capability:
            verdicts = judge_capability(
                [self.tally(node) for node in self.family(Gate.CAPABILITY, dimension, among)],
                self._settings.thresholds,
                alpha=self._settings.alpha,
                unparseable_limit=self._settings.unparseable_limit,
                cut_short_limit=self._settings.cut_short_limit,
            )
            self._capability |= {verdict.dimension: verdict for verdict in verdicts}
        return self._capability[dimension.path]

    def score(self, dimension: Dimension, role: Role) -> CapabilityVerdict:
        """What a model scored, with no threshold to reach."""
        (verdict,) = judge_capability(
            [self.tally(dimension, role)],
            {},
            alpha=self._settings.alpha,
            unparseable_limit=self._settings.unparseable_limit,
            cut_short_limit=self._settings.cut_short_limit,
        )
        return verdict

    def unparseable(self, dimension: Dimension) -> list[SampleResult]:
        """A few answers of a dimension that no scorer could read; if all were read, cut ones."""
        results = self._results(Role.CANDIDATE, dimension, IMAGE)
        unread = [result for result in results if result.mark is Mark.UNPARSEABLE]
        unread += [
            replace(result, text=answer.text)
            for result in results
            for answer in result.repeats
            if answer.mark is Mark.UNPARSEABLE is not result.mark
        ]
        return (unread or [result for result in results if result.cut_short])[:EXAMPLES]

    def regression(
        self, dimension: Dimension, among: Iterable[Dimension] = ()
    ) -> RegressionVerdict:
        """Whether a dimension is as good as the baseline's; a baseline asked less is an error."""
        if dimension.path not in self._regression:
            rules = self._settings.regression
            family = self.family(Gate.REGRESSION, dimension, among)
            models = [self._models[role] for role in (Role.BASELINE, Role.CANDIDATE)]
            verdicts = judge_regression(
                [self.comparison(node) for node in family],
                margin=rules.margin,
                alpha=rules.alpha,
                min_items=rules.min_items,
                unparseable_limit=self._settings.unparseable_limit,
                same_checkpoint=is_same_checkpoint(*models),
            )
            self._regression |= {verdict.dimension: verdict for verdict in verdicts}
        return self._regression[dimension.path]

    def comparison(self, dimension: Dimension) -> Comparison:
        """The changed answers of a dimension."""
        if dimension.path not in self._comparisons:
            roles = (Role.BASELINE, Role.CANDIDATE)
            baseline, candidate = (self._results(role, dimension, IMAGE) for role in roles)
            tolerance = tolerance_between(
                [self._models[role] for role in roles],
                dimension.benchmark,
                given=self._settings.regression.given_tolerance,
            )
            self._comparisons[dimension.path] = compare_results(
                dimension,
                baseline,
                candidate,
                tolerance=tolerance.nats,
                leaves=self._leaves(dimension) if dimension.average is Average.MACRO else {},
            )
        return self._comparisons[dimension.path]

    def _leaves(self, dimension: Dimension) -> dict[str, str]:
        """The leaf of each sample of a dimension."""
        by_leaf = self._models[Role.CANDIDATE].results(dimension.benchmark, IMAGE)
        tree = self._trees[dimension.benchmark]
        return {
            result.sample: leaf
            for leaf in dimension.leaves
            for result in results_of_leaf(leaf, tree, by_leaf)
        }

    def vision(self, dimension: Dimension, among: Iterable[Dimension] = ()) -> VisionVerdict:
        """Whether a dimension is answered from the picture."""
        if dimension.path not in self._vision:
            family = self.family(Gate.VISION, dimension, among)
            self._vision |= judge_vision(
                [self._vision_input(node) for node in family],
                self._settings.vision,
                alpha=self._settings.alpha,
                unparseable_limit=self._settings.unparseable_limit,
                seed=self._settings.seed,
            )
        return self._vision[dimension.path]

    def _vision_input(self, dimension: Dimension) -> VisionInput:
        names = dict.fromkeys((IMAGE, NO_IMAGE, *self._settings.vision.conditions))
        results = {name: self._results(Role.CANDIDATE, dimension, name) for name in names}
        used = self._models[Role.CANDIDATE].condition_used(dimension.benchmark, NO_IMAGE)
        base_llm = Role.BASE_LLM in self._models
        return VisionInput(
            dimension=dimension,
            unit=dimension.unit,
            results={name: present for name, present in results.items() if present},
            text_model=self._results(Role.BASE_LLM, dimension, NO_IMAGE) if base_llm else (),
            substitute=None if used == NO_IMAGE else used,
        )

    def shortcuts(self, benchmark: str, among: Iterable[Dimension]) -> list[ShortcutList]:
        """Samples of these dimensions that the candidate answers without the picture, by rule."""
        leaves = {leaf for node in among for leaf in node.leaves}
        nodes = [node for node in self._trees[benchmark].nodes if node.path in leaves]
        outcomes = {one.sample: one for node in nodes for one in self._blind_outcomes(node)}
        rules = (surely_known, under_every_rotation, under_every_condition)
        lists = (rule(outcomes.values()) for rule in rules)
        return [shortcuts for shortcuts in lists if shortcuts.total]

    def _blind_outcomes(self, leaf: Dimension) -> list[BlindOutcome]:
        rotated = self._by_sample(leaf, rotation_conditions(self._rotations.get(leaf.benchmark, 0)))
        names = dict.fromkeys((NO_IMAGE, *self._settings.vision.conditions))
        # One condition says no more than the score without the picture does.
        changed = self._by_sample(leaf, names) if len(names) > 1 else {}
        return [
            blind_outcome(result, rotated.get(result.sample, []), changed.get(result.sample, []))
            for result in self._results(Role.CANDIDATE, leaf, NO_IMAGE)
        ]

    def _by_sample(
        self, leaf: Dimension, conditions: Iterable[str]
    ) -> dict[str, list[SampleResult]]:
        by_sample: dict[str, list[SampleResult]] = {}
        for condition in conditions:
            for result in self._results(Role.CANDIDATE, leaf, condition):
                by_sample.setdefault(result.sample, []).append(result)
        return by_sample

    def _results(self, role: Role, dimension: Dimension, condition: str) -> Sequence[SampleResult]:
        """The results of a dimension under a condition; none if that cannot be made for it.

        With and without their pictures all samples have to be there; a leaf of a single picture has
        no other one to show, so that `mismatched` may be missing.
        """
        few_shot = role is Role.BASE_LLM
        by_leaf = self._models[role].results(dimension.benchmark, condition, few_shot=few_shot)
        try:
            return results_in(dimension, self._trees[dimension.benchmark], by_leaf)
        except KeyError as error:
            if condition not in (IMAGE, NO_IMAGE):
                return ()
            raise DataError(
                f"the {role} has no answers to {error.args[0]}.",
                dimension=dimension.path,
                what_to_do="name a run of all of it, or leave out here (-k) what that run left out",
            ) from None


def rotation_conditions(rotations: int) -> list[str]:
    """The conditions of so many rotations without pictures, the published order first."""
    rotated = [f"{NO_IMAGE}+rotated-{by}" for by in range(1, rotations)]
    return [NO_IMAGE, *rotated] if rotated else []
