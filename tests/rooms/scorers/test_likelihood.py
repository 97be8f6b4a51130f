import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Mark, OptionLogprob, Sample
from pytest_mmbench.scorers.likelihood import MostLikely

LOGS = st.lists(st.floats(-50, 0), min_size=2, max_size=6)


def chosen(logs: list[float], tokens: list[int], *, mean: bool = False) -> str:
    answer = Answer(
        sample="s",
        option_logprobs=tuple(
            OptionLogprob(logprob=log, tokens=count)
            for log, count in zip(logs, tokens, strict=True)
        ),
    )
    sample = Sample(id="s", dimension="d", question="", options=("",) * len(logs), target="A")
    return MostLikely(mean=mean)(sample, answer).answer


def test_summing_and_averaging_can_disagree() -> None:
    """A long option loses by the sum and wins by the mean."""
    assert chosen([-2.0, -3.0], [1, 3]) == "A"
    assert chosen([-2.0, -3.0], [1, 3], mean=True) == "B"


@pytest.mark.parametrize("gap", [0.0, 1e-12])
def test_the_first_of_tied_options_is_taken(gap: float) -> None:
    """A difference below a billionth of a nat is a tie, and ties go to the lowest letter."""
    assert chosen([-5.0, -1.0 - gap, -1.0], [1, 1, 1]) == "B"


@given(LOGS, st.floats(-20, 20))
def test_a_shift_of_all_options_changes_nothing(logs: list[float], shift: float) -> None:
    """What counts is the difference between options, not their level."""
    rounded = [round(log, 3) for log in logs]
    even = [1] * len(logs)

    assert chosen([log + shift for log in rounded], even) == chosen(rounded, even)


@pytest.mark.parametrize(("target", "mark"), [("B", Mark.CORRECT), ("A", Mark.INCORRECT)])
def test_right_is_the_target(target: str, mark: Mark) -> None:
    """The score compares the most likely option's letter with the target."""
    sample = Sample(id="s", dimension="d", question="", options=("x", "y"), target=target)
    ranked = (OptionLogprob(logprob=-2, tokens=1), OptionLogprob(logprob=-1, tokens=1))

    score = MostLikely()(sample, Answer(sample="s", option_logprobs=ranked))

    assert (score.mark, score.answer) == (mark, "B")
