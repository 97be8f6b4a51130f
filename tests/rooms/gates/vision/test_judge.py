from collections.abc import Mapping, Sequence
from typing import Any

from pytest_mmbench.config.tables import VisionSettings
from pytest_mmbench.gates.shortcuts import under_every_rotation
from pytest_mmbench.gates.verdicts import LEAKAGE, ConditionScore, VisionVerdict
from pytest_mmbench.gates.vision.judge import (
    TEXT_MODEL,
    VisionInput,
    blind_outcome,
    judge_vision,
)
from pytest_mmbench.records import Dimension, Mark, Outcome, Unit
from pytest_mmbench.results.rows import SampleResult

RULES = VisionSettings(
    conditions=(), rotations=False, min_gain="0.05", min_share="0", max_leakage="0.05"
)


def row(unit: str, rotation: int, *, right: bool) -> SampleResult:
    return SampleResult(
        sample=f"{unit}@{rotation}",
        mark=Mark.CORRECT if right else Mark.INCORRECT,
        answer="A" if right else "B",
        target="A",
        options=2,
        unit=unit,
    )


def rotations(targets: str) -> Sequence[SampleResult]:
    """Answers that are correct wherever the correct option stands."""
    return [
        SampleResult(
            sample="17", mark=Mark.CORRECT, answer=target, target=target, options=len(targets)
        )
        for target in targets
    ]


def verdict(
    node: Dimension, results: Mapping[str, Sequence[SampleResult]], **more: Any
) -> VisionVerdict:
    """The verdict on one dimension, whose results are given by condition."""
    given = {"text_model": (), "substitute": None, **more}
    data = VisionInput(dimension=node, unit=node.unit, results=results, **given)
    return judge_vision([data], RULES, alpha=0.05, unparseable_limit=0.05, seed=0)["b"]


def test_conditions_count_what_the_verdict_counts() -> None:
    """Of two questions one is correct in both passes: half, and not three passes of four."""
    correct = [row(unit, by, right=True) for unit, by in (("1", 0), ("1", 1), ("2", 0))]
    rows = [*correct, row("2", 1, right=False)]
    node = Dimension(path="b", leaves=("b",), size=2, unit=Unit.ALL_CORRECT)

    found = verdict(node, {"image": rows, "no-image": rows})

    assert found.conditions == (
        ConditionScore(name="image", accuracy=0.5, total=2),
        ConditionScore(name="no-image", accuracy=0.5, total=2),
    )
    assert (found.measures[0].name, found.measures[0].value) == ("gain", 0.0)


NODE = Dimension(path="b", leaves=("b",), size=90)


def known(correct: int) -> list[SampleResult]:
    """Ninety samples, of which the first so many are correct."""
    return [row(str(at), 0, right=at < correct) for at in range(90)]


def test_what_is_known_unseen_is_said_once() -> None:
    """Both claims rest on the same answers without the picture; a case counts them once."""
    found = verdict(NODE, {"image": known(90), "no-image": known(90)}, text_model=known(20))

    assert found.outcome is Outcome.FAIL
    assert "answers do not need the picture" in found.explanation
    assert "answers leaked" in found.explanation
    assert found.explanation.endswith("allowed); 90 of 90 correct without the picture, chance 0.5")
    assert found.explanation.count("correct without the picture") == 1


def test_a_verdict_holds_every_measure() -> None:
    """What a report shows of vision, it has from the verdict alone, limits beside the numbers."""
    results = {"image": known(90), "no-image": known(45), "mismatched": known(9)}

    found = verdict(NODE, results, text_model=known(45))

    assert (found.dimension, found.outcome, found.chance) == ("b", Outcome.PASS, 0.5)
    assert [each.name for each in found.conditions] == [*results, TEXT_MODEL]
    assert [each.accuracy for each in found.conditions] == [1, 0.5, 0.1, 0.5]
    limits = {each.name: (each.value, each.limit) for each in found.measures}
    assert limits["gain"] == (0.5, "0.05")
    assert limits["vision share"] == (1.0, "")
    assert limits[LEAKAGE] == (0.0, "0.05")
    assert all(name in limits for name in ("insensitivity", "still correct with another picture"))
    assert [each.name for each in found.measures if each.interval] == ["gain", LEAKAGE]


def test_the_gravest_claim_decides() -> None:
    """The picture helps, and answers leaked: the sentence is that of what failed."""
    results = {"image": known(90), "no-image": known(75)}

    found = verdict(NODE, results, text_model=known(30))

    assert found.outcome is Outcome.FAIL
    assert "answers leaked" in found.explanation
    assert "the picture helps" not in found.explanation


def test_a_question_under_every_rotation_is_known() -> None:
    """The first option moves behind the others: what stood at B stands at A, D and C then."""
    passes = rotations("BADC")

    assert under_every_rotation([blind_outcome(passes[0], passes, ())]).samples == ("17",)


def test_options_that_did_not_move_are_no_rotations() -> None:
    """Correct once is correct four times where the same is asked again: chance, once in four."""
    passes = rotations("BBBB")

    found = under_every_rotation([blind_outcome(passes[0], passes, ())])

    assert (found.samples, found.total) == ((), 0)
