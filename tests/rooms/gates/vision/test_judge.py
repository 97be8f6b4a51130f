from collections.abc import Sequence

from pytest_mmbench.config.tables import VisionSettings
from pytest_mmbench.gates.shortcuts import under_every_rotation
from pytest_mmbench.gates.vision.judge import VisionInput, blind_outcome, judge_vision
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
    """Answers that are right wherever the right option stands."""
    return [
        SampleResult(
            sample="17", mark=Mark.CORRECT, answer=target, target=target, options=len(targets)
        )
        for target in targets
    ]


def test_conditions_count_what_the_verdict_counts() -> None:
    """Of two questions one is right in both passes: half, and not three passes of four."""
    right = [row(unit, by, right=True) for unit, by in (("1", 0), ("1", 1), ("2", 0))]
    rows = [*right, row("2", 1, right=False)]
    node = Dimension(path="b", leaves=("b",), size=2, unit=Unit.ALL_CORRECT)
    seen = {"image": rows, "no-image": rows}
    glance = VisionInput(dimension=node, unit=node.unit, results=seen, text_model=(), substitute="")

    found = judge_vision([glance], RULES, alpha=0.05, unparseable_limit=0.05, seed=0)["b"]

    assert found.conditions == {"image": 0.5, "no-image": 0.5}
    assert found.vision.with_image == 0.5


def test_what_is_known_unseen_is_said_once() -> None:
    """Both claims rest on the same answers without the picture; a case counts them once."""
    rows = [row(str(at), 0, right=True) for at in range(60)]
    guessed = [row(str(at), 0, right=at < 15) for at in range(60)]
    node = Dimension(path="b", leaves=("b",), size=60)
    seen = {"image": rows, "no-image": rows}
    glance = VisionInput(
        dimension=node, unit=node.unit, results=seen, text_model=guessed, substitute=""
    )

    found = judge_vision([glance], RULES, alpha=0.05, unparseable_limit=0.05, seed=0)["b"]

    assert [each.outcome for each in found.verdicts] == [Outcome.FAIL, Outcome.FAIL]
    assert "answers do not need the picture" in found.explanation
    assert "answers leaked" in found.explanation
    assert found.explanation.endswith("allowed); 60 of 60 correct without the picture, chance 0.5")
    assert found.explanation.count("correct without the picture") == 1


def test_a_question_under_every_rotation_is_known() -> None:
    """The first option moves behind the others: what stood at B stands at A, D and C then."""
    passes = rotations("BADC")

    assert under_every_rotation([blind_outcome(passes[0], passes, ())]).samples == ("17",)


def test_options_that_did_not_move_are_no_rotations() -> None:
    """Right once is right four times where the same is asked again: luck, once in four times."""
    passes = rotations("BBBB")

    found = under_every_rotation([blind_outcome(passes[0], passes, ())])

    assert (found.samples, found.total) == ((), 0)
