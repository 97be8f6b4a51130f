from pytest_mmbench.scorers.phrases import LAST, SENTENCE, plain, plain_lines, sentence, stated


def test_only_what_is_said_aloud_counts() -> None:
    """Thinking is left out, also if it was cut short: nothing was settled on yet."""
    assert plain("<think>A or B?</think>\n C") == "c"
    assert plain_lines("<think>A\nB?</THINK>\n\n C \n  d ") == "c\nd"
    assert plain("C\n<think>A or  B?") == "c"
    assert plain("<think>A? <answer>B</answer> or <answer>C</answer>") == "<answer>c</answer>"


def test_statements_come_last_first() -> None:
    """What follows each statement reaches to the end of the text."""
    text = plain("Answer: B. No, the correct answer is C")

    assert list(stated(text)) == ["c", "b. no, the correct answer is c"]


def test_a_text_that_announces_without_end_is_looked_at_from_its_end() -> None:
    """Only so many statements are looked at, the last ones."""
    text = " ".join(f"answer {number}." for number in range(20))

    assert [rest.split(".")[0] for rest in stated(text)] == [str(19 - at) for at in range(LAST)]


def test_a_sentence_ends_at_its_stop_or_line() -> None:
    """A full stop inside a number ends nothing, and a sentence without end states nothing."""
    assert sentence("3.5 cm. More follows") == "3.5 cm"
    assert sentence("two\nthree") == "two"
    assert sentence("x" * SENTENCE) == "x" * SENTENCE
    assert sentence("x" * (SENTENCE + 1)) == ""
