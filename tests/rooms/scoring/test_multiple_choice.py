import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.records import Answer, Mark, Sample
from pytest_mmbench.scoring.multiple_choice import StrictChoice, read_choice

OPTIONS = ("two", "three", "four", "a dog")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        ("b", "B"),
        (" (B). ", "B"),
        ("**B**", "B"),
        ("three", "B"),
        ("Three.", "B"),
        ("B: three", "B"),
        ("B. three", "B"),
        ("\uff22", "B"),
        ("a dog", "D"),
        ("The answer is C.", "C"),
        ("The answer is C which I can see.", "C"),
        ("Answer: (C)", "C"),
        ("The answer is D because A is too small.", "D"),
        ("A dog is on the left, so the correct answer is C.", "C"),
        ("It could be two. Or four. Final answer: three", "B"),
        ("The answer is A. No, wait. The answer is B.", "B"),
        ("I choose option C", "C"),
        ("B. Because there are not enough corners.", "B"),
        ("I would say (C) here.", "C"),
        ("There are three of them.", "B"),
        ("It is not two but three.", "B"),
        ("**Answer:** B", "B"),
        ("**Answer**: B", "B"),
        ("First two, then four.\n\n### Final Answer\n\n(B) three", "B"),
        ("The final answer is $\\boxed{B}$.", "B"),
        ("\\boxed{\\text{three}}", "B"),
        ("<think>A? Or C?</think>\n\nB", "B"),
        ("<answer>\nB\n</answer>", "B"),
        ("The answer to the question is B.", "B"),
        ("Therefore the correct option is B.", "B"),
        ("Option A is wrong. Option B is correct.", "B"),
        ("B is the correct answer.", "B"),
        ("The answer is A, not B.", "A"),
        ("The answer is D, a dog.", "D"),
    ],
)
def test_it_reads_what_the_text_settles_on(text: str, letter: str) -> None:
    """Letters, option texts and stated answers are read, articles are not."""
    assert read_choice(text, OPTIONS) == letter


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "I cannot see the picture.",
        "a photo of something",
        "because",
        "It is two or three.",
        "A. 12\nB. 13\nHard to say.",
        "(A) or (B)",
        "B: four",
        "E",
        "nan",
        "It is not two.",
        "The answer isn't two.",
        "The answer is B or C.",
        "The answer is A or B.",
        "The answer is A/B.",
        "Answer: (A), (B)",
        "Answer: B. No, the answer is B and C.",
        "Option A is wrong.",
        "A is correct. B is correct.",
        "<think>The answer is B.</think>",
    ],
)
def test_it_guesses_nothing(text: str) -> None:
    """A text that settles on no option is unreadable."""
    assert read_choice(text, OPTIONS) == ""


@pytest.mark.parametrize(
    ("text", "letter", "either"),
    [
        ("A", "A", "D"),
        ("(A)", "A", "D"),
        ("A. D", "A", "A"),
        ("The answer is A.", "A", "A"),
        ("B", "B", "C"),
        ("E", "", ""),
    ],
)
def test_options_that_are_letters_themselves(text: str, letter: str, either: str) -> None:
    """Where a letter was asked for, A is the first option, and not the one whose text is A."""
    options = ("D", "C", "B", "A")

    assert read_choice(text, options, lettered=True) == letter
    assert read_choice(text, options) == either


@given(st.sampled_from("ABCD"), st.permutations("ABCD"), st.sampled_from(["{}", "({})", "{}."]))
def test_a_letter_that_was_asked_for_is_that(letter: str, options: list[str], form: str) -> None:
    """Whatever letters the options are, and in whatever order."""
    assert read_choice(form.format(letter), options, lettered=True) == letter


@given(st.text(max_size=200), st.lists(st.text(max_size=12), min_size=1, max_size=9))
def test_it_never_raises_and_answers_with_a_letter_or_nothing(
    text: str, options: list[str]
) -> None:
    """Whatever a model says, the reading is one of the letters, or empty."""
    assert read_choice(text, options) in ("", *"ABCDEFGHI"[: len(options)])


@given(st.sampled_from(OPTIONS), st.permutations(OPTIONS), st.sampled_from(["{}", "{}.", " {} "]))
def test_permuted_options_permute_the_reading(text: str, options: list[str], form: str) -> None:
    """A text that names an option by its words follows that option to its new place."""
    letter = read_choice(form.format(text), options)

    assert options["ABCD".index(letter)] == text


@given(
    st.text(alphabet="ABCD the answer is.,():\n three four dog", max_size=60),
    st.sampled_from([str.upper, str.lower, lambda text: f"\n {text}\t"]),
)
def test_case_and_white_space_change_nothing(text: str, change: object) -> None:
    """The reading is the same in capitals, in small letters and with white space around it."""
    assert callable(change)

    assert read_choice(change(text), OPTIONS) == read_choice(text, OPTIONS)


@pytest.mark.parametrize(
    ("text", "mark"),
    [("three", Mark.RIGHT), ("two", Mark.WRONG), ("no idea", Mark.UNREADABLE)],
)
def test_unreadable_is_not_wrong(text: str, mark: Mark) -> None:
    """Right, wrong and unreadable are told apart."""
    sample = Sample(id="s", dimension="d.e", question="q", options=OPTIONS, target="B")

    assert StrictChoice()(sample, Answer(sample="s", text=text)).mark is mark
