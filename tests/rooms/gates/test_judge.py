from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from gated_project import Project

from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.judge import Judge, rotation_conditions
from pytest_mmbench.gates.shortcuts import ShortcutRule
from pytest_mmbench.gates.vision.judge import MISMATCHED
from pytest_mmbench.records import Dimension, Gate, Mark, Outcome, Role
from pytest_mmbench.results.rows import IMAGE, NO_IMAGE, DimensionTree, SampleResult

LEAVES = ("shapes.x.one", "shapes.x.two", "shapes.y.one")
TREE = DimensionTree(
    nodes=(
        Dimension(path="shapes", leaves=LEAVES, size=120),
        Dimension(path="shapes.x", leaves=LEAVES[:2], size=80),
        Dimension(path="shapes.y", leaves=LEAVES[2:], size=40),
        *(Dimension(path=leaf, leaves=(leaf,), size=40) for leaf in LEAVES),
        Dimension(path="shapes.view", leaves=("shapes.view",), size=2),
    ),
    views={"shapes.view": ("shapes.x.one/0", "shapes.y.one/0")},
)
OTHER = Dimension(path="other.x", leaves=("other.x",), size=40)
ROOT, X, Y, ONE, TWO, THREE, VIEW = TREE.nodes
SETTINGS = """
[thresholds]
"shapes.x" = { at_least = 0.6, rule = "three-way" }
"shapes.y" = { at_least = 0.6, rule = "three-way" }
"shapes.x.one" = { at_least = 0.6, rule = "three-way" }
"shapes.x.two" = 0.6
[vision]
conditions = ["mismatched"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A model's results, all of them there: nothing else could be asked of it."""

    by_task: Mapping[tuple[str, str, bool], Mapping[str, tuple[SampleResult, ...]]]
    name: str = "fake"
    fingerprint: str = ""
    tolerance: float = 0.0
    dtype: str = "float32"
    used: Mapping[str, str] = field(default_factory=dict)

    def tolerance_of(self, benchmark: str) -> float:
        return self.tolerance

    def is_measured(self, benchmark: str) -> bool:
        return True

    def results(
        self, benchmark: str, condition: str, *, few_shot: bool = False
    ) -> Mapping[str, tuple[SampleResult, ...]]:
        return self.by_task.get((benchmark, condition, few_shot), {})

    def condition_used(self, benchmark: str, condition: str) -> str:
        return self.used.get(condition, condition)


def rows(
    leaf: str, *, correct: int, total: int = 40, margin: float = 8
) -> tuple[SampleResult, ...]:
    """The first so many answers to a leaf are correct."""
    marks = [Mark.CORRECT] * correct + [Mark.INCORRECT] * (total - correct)
    return tuple(
        SampleResult(
            sample=f"{leaf}/{at}",
            mark=mark,
            answer="A" if mark is Mark.CORRECT else "B",
            target="A",
            options=4,
            option_logprobs=(margin, 0.0) if mark is Mark.CORRECT else (0.0, margin),
        )
        for at, mark in enumerate(marks)
    )


def every(correct: int) -> dict[str, tuple[SampleResult, ...]]:
    """All leaves with so many correct answers each."""
    return {leaf: rows(leaf, correct=correct) for leaf in LEAVES}


def looks(**changes: Mapping[str, tuple[SampleResult, ...]]) -> Results:
    """A model that is correct with its pictures, and not without."""
    conditions: dict[str, Mapping[str, tuple[SampleResult, ...]]] = {
        IMAGE: every(40),
        NO_IMAGE: every(0),
        MISMATCHED: every(0),
    }
    conditions |= {name.replace("_", "-"): by_leaf for name, by_leaf in changes.items()}
    return Results(
        by_task={("shapes", name, False): by_leaf for name, by_leaf in conditions.items()}
    )


def judge(tmp_path: Path, models: Mapping[Role, Results]) -> Judge:
    project = Project(rootdir=tmp_path)
    project.write(SETTINGS)
    return Judge(project.settings(), {"shapes": TREE}, models, rotations={})


def candidate(tmp_path: Path, results: Results) -> Judge:
    return judge(tmp_path, {Role.CANDIDATE: results})


def test_every_verdict_follows_from_results_alone(tmp_path: Path) -> None:
    """Dictionaries are judged: there is no model that could be called."""
    models = {
        Role.CANDIDATE: looks(image=every(20)),
        Role.BASELINE: looks(),
        Role.BASE_LLM: Results(by_task={("shapes", NO_IMAGE, True): every(0)}),
    }
    judged = judge(tmp_path, models)

    assert judged.tally(ROOT).correct == 60
    assert judged.capability(X, [X, Y]).outcome is Outcome.INCONCLUSIVE
    assert judged.score(ROOT, Role.BASELINE).accuracy == 1
    assert judged.regression(ROOT, [ROOT, X]).regressed == 60
    vision = judged.vision(ROOT, [ROOT])
    assert vision.outcome is Outcome.PASS
    assert [each.name for each in vision.conditions] == [
        IMAGE, NO_IMAGE, MISMATCHED, "text model",
    ]  # fmt: skip
    assert "leakage" in [each.name for each in vision.measures]


def test_results_are_judged_once(tmp_path: Path) -> None:
    """What was judged together is remembered, whichever dimension is asked for first."""
    judged = judge(tmp_path, {Role.CANDIDATE: looks(), Role.BASELINE: looks()})

    first = judged.regression(X, [X, Y])

    assert judged.regression(X, []) is first
    assert judged.regression(Y, []).test.family == 2
    assert judged.capability(ONE) is judged.capability(ONE)
    assert judged.vision(ONE) is judged.vision(ONE)


def test_a_view_is_judged_by_the_samples_that_it_shows(tmp_path: Path) -> None:
    """They were asked as part of their own leaves."""
    judged = candidate(tmp_path, looks(image=every(0) | {LEAVES[0]: rows(LEAVES[0], correct=1)}))

    assert (judged.tally(VIEW).correct, judged.tally(VIEW).total) == (1, 2)


@pytest.mark.parametrize(
    ("gate", "dimension", "family"),
    [
        (Gate.REGRESSION, X, [ROOT, X, Y, ONE, TWO]),
        (Gate.VISION, X, [ROOT, X, Y, ONE, TWO]),
        (Gate.CAPABILITY, X, [X, Y]),
        (Gate.CAPABILITY, ONE, [ONE]),
        (Gate.CAPABILITY, TWO, [TWO]),
        (Gate.CAPABILITY, ROOT, [ROOT]),
        (Gate.SNAPSHOT, ONE, [ONE]),
    ],
)
def test_a_family_is_what_a_correction_goes_over(
    tmp_path: Path, gate: Gate, dimension: Dimension, family: list[Dimension]
) -> None:
    """A benchmark's dimensions; three-way thresholds of one depth; else the dimension alone."""
    judged = candidate(tmp_path, looks())

    assert judged.family(gate, dimension, [ROOT, X, Y, ONE, TWO, OTHER]) == family


def test_a_dimension_is_in_its_own_family(tmp_path: Path) -> None:
    """Once, whether or not it is among the others."""
    judged = candidate(tmp_path, looks())

    assert judged.family(Gate.REGRESSION, THREE, []) == [THREE]
    assert judged.family(Gate.REGRESSION, THREE, [X]) == [X, THREE]
    assert judged.family(Gate.CAPABILITY, X, [Y]) == [Y, X]


def test_the_wider_tolerance_decides_what_is_a_near_tie(tmp_path: Path) -> None:
    """Whichever model has it."""
    worse = {LEAVES[0]: rows(LEAVES[0], correct=20, margin=0.1)}
    better = {LEAVES[0]: rows(LEAVES[0], correct=40, margin=0.1)}
    models = {
        Role.CANDIDATE: Results(by_task={("shapes", IMAGE, False): worse}, tolerance=0.01),
        Role.BASELINE: Results(by_task={("shapes", IMAGE, False): better}, tolerance=0.5),
    }

    found = judge(tmp_path, models).comparison(ONE)

    assert (found.regressed, found.near_regressed) == (0, 20)


def test_a_condition_that_cannot_be_made_is_left_out(tmp_path: Path) -> None:
    """A leaf of one picture has no other one to show: nothing is wrong with it."""
    judged = candidate(tmp_path, looks(mismatched={LEAVES[0]: rows(LEAVES[0], correct=0)}))

    alone, together = judged.vision(THREE, [THREE, ONE]), judged.vision(ONE)

    assert [each.name for each in alone.conditions] == [IMAGE, NO_IMAGE]
    assert [each.name for each in together.conditions] == [IMAGE, NO_IMAGE, MISMATCHED]


@pytest.mark.parametrize("condition", ["image", "no_image"])
def test_what_every_verdict_rests_on_has_to_be_there(tmp_path: Path, condition: str) -> None:
    """Without its results a sample could be listed as known, or a gain be one of nothing."""
    judged = candidate(tmp_path, looks(**{condition: {}}))

    with pytest.raises(DataError, match=f"the candidate has no answers to {LEAVES[0]}"):
        judged.vision(ONE, [ONE])


def test_a_baseline_that_was_asked_less_is_refused(tmp_path: Path) -> None:
    """What is left could pass by leaving out."""
    less = looks(image={leaf: rows(leaf, correct=30, total=30) for leaf in LEAVES})
    judged = judge(tmp_path, {Role.CANDIDATE: looks(), Role.BASELINE: less})

    with pytest.raises(DataError, match="the baseline has no answer to 10 of 40 samples"):
        judged.regression(ONE)


def test_a_baseline_of_some_leaves_is_refused(tmp_path: Path) -> None:
    """It was asked a part of the benchmark, such as by `-k`."""
    part = looks(image={LEAVES[2]: rows(LEAVES[2], correct=30)})
    judged = judge(tmp_path, {Role.CANDIDATE: looks(), Role.BASELINE: part})

    with pytest.raises(DataError, match=f"the baseline has no answers to {LEAVES[0]}") as caught:
        judged.regression(ROOT, [ROOT, X])

    assert caught.value.facts["dimension"] == "shapes"


def test_a_substitute_is_named(tmp_path: Path) -> None:
    """Of a model that requires a picture, and was shown a grey one."""
    grey = Results(by_task=looks().by_task, used={NO_IMAGE: "grey"})

    plain = candidate(tmp_path, looks()).vision(ONE)
    verdict = candidate(tmp_path, grey).vision(ONE)

    assert verdict.explanation == (
        f"{plain.explanation}; grey used instead of no-image, as the model requires a picture"
    )


def test_a_few_unparseable_answers_are_shown(tmp_path: Path) -> None:
    """Three at most, in the order of the samples."""
    silent = tuple(
        SampleResult(
            sample=str(at), mark=Mark.UNPARSEABLE, answer="", target="A", options=4, text="hm"
        )
        for at in range(5)
    )
    judged = candidate(tmp_path, looks(image={**every(40), LEAVES[0]: silent}))

    assert judged.unparseable(X) == list(silent[:3])
    assert judged.unparseable(Y) == []


def test_shortcuts_are_listed_from_what_was_asked_without_pictures(tmp_path: Path) -> None:
    """By every rule for which there are results: under each condition, and each rotation."""
    assert rotation_conditions(4) == [
        NO_IMAGE,
        "no-image+rotated-1",
        "no-image+rotated-2",
        "no-image+rotated-3",
    ]
    assert rotation_conditions(1) == rotation_conditions(0) == []
    known = looks(no_image=every(2), mismatched=every(1))

    (listed,) = candidate(tmp_path, known).shortcuts("shapes", [ONE])

    assert (listed.rule, listed.samples) == (ShortcutRule.CONDITIONS, (f"{LEAVES[0]}/0",))
