import pytest

from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scorers.mmmu import MMMUOpen, matches, read_open


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [""]),
        ("Four.", ["four"]),
        ("The answer is 4.5", [4.5]),
        ("so it is 12 cm", ["12 cm", 12.0]),
        ("x", [" x", "x "]),
        ("1,234 m", ["1,234 m", 1234.0, 234.0]),
        ("2.5e3 m", ["2.5e3 m", 2500.0, 2.0, 3.0]),
        ("12.5e3e", ["12.5e3e", 12500.0, 12.0]),
        ("3.14159", [3.14]),
        ("it is red\nand this blue", ["red", "blue"]),
        ("it is :\nred", ["it is :\nred"]),
        ("x = 2\ny = 3", [3.0]),
        ("the result is", ["is"]),
        ("the final answer ", ["answer"]),
    ],
)
def test_everything_that_it_may_stand_for(text: str, found: list[str | float]) -> None:
    """The end after an announcement, or the whole text, and every number in that."""
    assert read_open(text) == found


def test_a_number_is_no_text() -> None:
    """Gold numbers are compared by value, gold texts are looked for in texts."""
    assert matches([1.5], ["1.50"])
    assert matches(["15 dogs"], ["dog"])
    assert not matches([15.0], ["5"])
    assert not matches(["15 dogs"], ["5"])
    assert not matches([float("nan")], ["nan"])


def test_any_accepted_answer_is_right() -> None:
    """A gold list means that each of its texts will do."""
    sample = Sample(
        id="s", dimension="d", question="", options=(), target="five", accepted=("5", "V")
    )

    marks = [MMMUOpen()(sample, Answer(sample="s", text=text)).mark for text in ("5.00", "six")]

    assert marks == [Mark.CORRECT, Mark.INCORRECT]
