import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.scorers.mmie import read_score, read_score_strictly


@pytest.mark.parametrize(
    ("text", "official", "strict"),
    [
        ("### Feedback\nGood.\n### Score\n5", "5", "5"),
        ("### Feedback\nGood.\n### Score: 5", "5", "5"),
        ("Good.\n### Score\n\n**6**\n", "6", "6"),
        ("### Score\n0", "0", "0"),
        ("### Score\n5.", "5", "5"),
        ("### Score (out of 6): 5", "6", ""),
        ("### Score\n5/6", "5", ""),
        ("### Score\n4.5", "4", ""),
        ("### Score\n5.5", "6", ""),
        ("### Score\n6.5", "6", ""),
        ("### Score\n6.6", "", ""),
        ("### Score\n7", "", ""),
        ("### Score\n-1", "", ""),
        ("### Score\n-0.5", "0", ""),
        ("### Score\n3-4", "3", ""),
        ("### Score\nfive", "", ""),
        ("### Scores\n5", "5", ""),
        ("The ### Score is 5", "5", ""),
        ("### Score\n5\nBecause it is good.", "5", ""),
        ("### Score\n5\n### Score\n4", "5", ""),
        ("### Score\nnone\n### Feedback\n1 thing", "1", ""),
        ("Score: 5", "", ""),
        ("### Score\n" + "1" * 1000, "", ""),
        ("", "", ""),
    ],
)
def test_the_published_rule_and_the_strict_one(text: str, official: str, strict: str) -> None:
    """The first number after the marker, rounded, or one whole number and nothing else."""
    assert (read_score(text), read_score_strictly(text)) == (official, strict)


@given(st.floats(-3, 9).map(lambda score: f"{score:.3f}"))
def test_halves_go_to_the_even_side(score: str) -> None:
    """A score is rounded as Python rounds, and left out if it is not on the scale then."""
    rounded = round(float(score))

    assert read_score(f"### Score\n{score}") == (str(rounded) if 0 <= rounded <= 6 else "")


@given(st.text() | st.text("### Score\n0156.-"))
def test_what_is_read_strictly_is_read_by_the_published_rule(text: str) -> None:
    """The strict rule refuses more, and never reads anything else."""
    assert read_score_strictly(text) in ("", read_score(text))
    assert read_score(text) in ("", *"0123456")
