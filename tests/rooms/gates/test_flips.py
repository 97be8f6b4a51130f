import math

import pytest

from pytest_mmbench.gates.flips import Flip, FlipKind
from pytest_mmbench.records import Answer, Mark, OptionLogprob, Sample, Score
from pytest_mmbench.results.rows import ScoredAnswer, judged


def sample(*, cluster: str = "", unit: str = "") -> Sample:
    return Sample(
        id="s1",
        dimension="b.d",
        question="?",
        options=("one", "two"),
        target="A",
        cluster=cluster,
        unit=unit,
    )


def ranked(*likelihoods: tuple[float, int]) -> Answer:
    both = tuple(OptionLogprob(logprob=log, tokens=tokens) for log, tokens in likelihoods)
    return Answer(sample="s1", option_logprobs=both)


RIGHT = Score(sample="s1", mark=Mark.CORRECT, answer="A")


def test_a_ranked_answer_has_a_margin() -> None:
    """What is compared is the mark, the letter, and how clear the choice was."""
    found = judged(sample(cluster="p1"), RIGHT, ranked((-1.0, 1), (-1.5, 5)))

    assert found == ScoredAnswer(
        sample="s1", mark=Mark.CORRECT, answer="A", margin=0.5, cluster="p1"
    )


def test_a_mean_over_tokens_has_another_margin() -> None:
    """Answers that were ranked by likelihood per token are as close as that says."""
    found = judged(sample(), RIGHT, ranked((-1.0, 1), (-1.5, 5)), mean=True)

    assert found.margin == pytest.approx(0.7)


def test_a_generated_answer_has_no_margin() -> None:
    """Its change is always a real one."""
    assert judged(sample(), RIGHT, Answer(sample="s1", text="A")).margin == math.inf


def test_samples_that_count_together_are_a_cluster() -> None:
    """Rotations of one question succeed and fail together; a shared picture goes before that."""
    answer = Answer(sample="s1", text="A")

    assert judged(sample(unit="u1"), RIGHT, answer).cluster == "u1"
    assert judged(sample(unit="u1", cluster="p1"), RIGHT, answer).cluster == "p1"


@pytest.mark.parametrize(
    ("old", "new", "kind", "lost", "gained"),
    [
        (Mark.CORRECT, Mark.INCORRECT, FlipKind.REGRESSED, True, False),
        (Mark.CORRECT, Mark.UNPARSEABLE, FlipKind.CORRECT_TO_UNPARSEABLE, True, False),
        (Mark.CORRECT, Mark.CORRECT, FlipKind.STILL_CORRECT, False, False),
        (Mark.INCORRECT, Mark.CORRECT, FlipKind.FIXED, False, True),
        (Mark.INCORRECT, Mark.UNPARSEABLE, FlipKind.BECAME_UNPARSEABLE, False, False),
        (Mark.INCORRECT, Mark.INCORRECT, FlipKind.STILL_WRONG, False, False),
        (Mark.UNPARSEABLE, Mark.CORRECT, FlipKind.FIXED, False, True),
        (Mark.UNPARSEABLE, Mark.INCORRECT, FlipKind.BECAME_PARSEABLE, False, False),
    ],
)
def test_every_change_has_a_name(
    old: Mark, new: Mark, kind: FlipKind, *, lost: bool, gained: bool
) -> None:
    """A right answer that became unreadable is lost as well as one that became wrong."""
    flip = Flip(
        baseline=ScoredAnswer(sample="s1", mark=old, answer="A"),
        candidate=ScoredAnswer(sample="s1", mark=new, answer="B"),
        near_tie=False,
    )

    assert (flip.sample, flip.kind, flip.is_regressed, flip.is_fixed) == ("s1", kind, lost, gained)
