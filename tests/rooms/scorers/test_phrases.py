import pytest

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


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("12\n\nQuestion: How many are red?\nAnswer: 7", "12"),
        ("The answer is 12. Question: How many are red? The answer is 7.", "the answer is 12."),
        ("We add.\nAnswer: B\n\n### Question 2:\nAnswer: A", "we add.\nanswer: b"),
        ("Answer: 12\nUser: And now?\nAssistant: 7", "answer: 12"),
        ("B\nQ: What of the other? A: C", "b"),
        (
            "\u7b54\u6848\u662fB\u3002\n\u95ee\u9898\uff1aX\n\u7b54\u6848\u662fA",
            "\u7b54\u6848\u662fb\u3002",
        ),
        (
            "So it is 5.\nThe answer is 5.\n\nNext problem: 6? The answer is 6.",
            "so it is 5.\nthe answer is 5.",
        ),
    ],
)
def test_an_answer_ends_where_the_next_question_begins(text: str, answer: str) -> None:
    """A model that goes on asking itself has answered before."""
    assert plain_lines(text) == answer


@pytest.mark.parametrize(
    "text",
    [
        "Question: how many?\nAnswer: 5",
        "Let us see.\n\nQuestion: how many?\nAnswer: 5",
        "Solution:\nQuestion: how many?\nAnswer: 5",
        "I do not know what the answer is.\nProblem: two trains meet.\nAnswer: 5",
        "The answer is a question of taste: B",
    ],
)
def test_a_question_before_any_answer_ends_nothing(text: str) -> None:
    """It is the one that was asked, told again."""
    assert plain_lines(text) == "\n".join(line for line in text.lower().split("\n") if line)
