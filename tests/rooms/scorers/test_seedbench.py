from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.choice_scorer import FIRST_CHARACTER


@given(st.text() | st.text("ABCD abcd(\n", max_size=6), st.sampled_from("ABCD"))
def test_the_first_character_decides(text: str, target: str) -> None:
    """An answer is right if it begins with the capital, after white space or not."""
    sample = Sample(id="s", dimension="d", question="", options=("1", "2", "3", "4"), target=target)

    mark = FIRST_CHARACTER(sample, Answer(sample="s", text=text)).mark

    assert (mark is Mark.CORRECT) == text.strip().startswith(target)
